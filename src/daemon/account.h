#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "daemon/server.h"

/*
 * account.h - how the daemon is, told to whoever wants to know: the control
 * socket, the metrics, the log, the service manager.
 *
 * All is the first worker's business, and of all workers; but for
 * account_report().
 */

/* All is open; and: we are ending, and so are the other workers. */
void account_begin(struct server *server);
void account_end(struct server *server);

/* Write the metrics, if anyone wants them. */
void account_write(struct server *server);

/* Now and then: that, and a line for the service manager. */
void account_tick(struct server *server);

/* The configuration is going to be read again; and it has been. */
void account_reloading(void);
void account_reloaded(struct server *server);

/* Log the counters. */
void account_log(struct server *server);

/* Tell a peer of the control socket; context is the server. */
void account_tell(void *context, FILE *to, bool json);

/*
 * Give the service manager a sign of life, when it is due again: of all
 * workers, or of none.
 */
void account_show_life(struct server *server);

/* Milliseconds until then, by the clock when we woke up. */
long long account_life_due(const struct server *server);

/* Another worker: give the report that the first has ordered. */
void account_report(struct server *server, unsigned order);

#endif
