#ifndef MONITORING_H
#define MONITORING_H

#include "daemon/server.h"

/*
 * monitoring.h - pass on how the daemon is: to who asks on the control socket,
 * to the metrics file, the log and the service manager.
 */

/* All is open; and: the daemon is ending. */
void monitoring_begin(struct server *server);
void monitoring_end(struct server *server);

/* Write the metrics file, if there is to be one. */
void monitoring_write_metrics(struct server *server);

/* Every few seconds: write the metrics, tell the service manager a status. */
void monitoring_update(struct server *server);

/* The configuration is about to be read again; and: it has been read. */
void monitoring_reloading(void);
void monitoring_reloaded(struct server *server);

/* Log the counters. */
void monitoring_log(struct server *server);

/*
 * Answer a question of the control socket, as status_view.h has them; context
 * is the server.  Answers an exit status, which is one of those there.
 */
int monitoring_answer(void *context, const char *question, FILE *to);

/* Tell the service manager that we are alive, when that is due. */
void monitoring_keep_alive(struct server *server);

/* Milliseconds until then, seen from the last wake-up; less than 0: late. */
long long monitoring_keep_alive_due(const struct server *server);

#endif
