#ifndef PORTS_H
#define PORTS_H

#include "daemon/server.h"

/*
 * ports.h - hold ports 67 and 4011, so that the kernel does not tell clients
 * and relays that they are unreachable.  See guard.h.
 */

/* A port that cannot be held is named in the log, and the daemon goes on. */
void ports_hold(struct server *server);
void ports_release(struct server *server);

#endif
