#ifndef PORTS_H
#define PORTS_H

#include "daemon/server.h"

/*
 * ports.h - hold ports 67 and 4011, so that the kernel does not tell clients
 * and relays that they are unreachable.  See guard.h.
 *
 * Relays alone send to port 67 by unicast.  Kea shares that port with nobody
 * and cannot start after us while we hold it.  So it is held only where the
 * configuration speaks of relays, or with --hold-port-67.
 */

/*
 * Hold the ports that are needed.  A port that cannot be held is named in the
 * log, and the daemon goes on.
 */
void ports_hold(struct server *server);

/*
 * A new configuration is in force: port 67 is released where it is not needed
 * any more.  That it is needed now is logged, for without privileges it cannot
 * be held before the next start.
 */
void ports_renew(struct server *server);
void ports_release(struct server *server);

#endif
