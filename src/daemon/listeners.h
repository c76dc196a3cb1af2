#ifndef LISTENERS_H
#define LISTENERS_H

#include "daemon/server.h"

/*
 * listeners.h - all the interfaces that the daemon serves, as they come and
 * go.
 */

/* At the start: open all of them.  false: what is wrong is in the log. */
bool listeners_open(struct server *server);

/* Hand on the frames that have come in, where poll(2) has found some. */
void listeners_receive(struct server *server);

/* Open those whose interface is back. */
void listeners_reopen(struct server *server);

/* Addresses may have changed, and interfaces may be back. */
void listeners_renew(struct server *server);

#endif
