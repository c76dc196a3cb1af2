#ifndef LISTENERS_H
#define LISTENERS_H

#include "daemon/server.h"

/*
 * listeners.h - all the interfaces that the daemon serves, as they come and
 * go.
 *
 * An interface is open while its link is up and has an address.  It is opened
 * by the change that makes it so; where that fails it is tried again, later
 * each time, and by nothing else.
 */

/*
 * Have those that the command line or the configuration names, each as that
 * wants it.  Those that are there already keep what they have; others are
 * closed.  false: why is in the log, and all is as before.
 *
 * What follows is done by listeners_open() or by listeners_update().
 */
bool listeners_configure(struct server *server);

/*
 * At the start: find the interfaces, and open those that are ready.  The
 * others wait, with a warning each.  false, and why is in the log: none of
 * them exists, two are the same one, or none could be opened that was ready;
 * with --require-all too where none is ready.
 */
bool listeners_open(struct server *server);

/* Say which are served, once nothing else can keep us from it. */
void listeners_announce(struct server *server);

/* Hand on the frames that have come in, where the loop has found some. */
void listeners_receive(struct server *server);

/*
 * Take what the kernel says of links, and open and close what follows from
 * it; and open what is to be tried again by now.  At most one is opened at a
 * time, for it takes milliseconds.
 */
void listeners_update(struct server *server);

/* Octets of the ring of each listener. */
size_t listeners_ring(const struct server *server);

/* All links of this host. */
struct links *listeners_links(const struct server *server);

/* The link that a listener is of now; NULL: there is none. */
const struct link *listeners_link(const struct server *server,
    const struct listener *listener);

/* Milliseconds until listeners_update() has to do something; -1: nothing. */
long long listeners_due(const struct server *server);

/* Close them, and free what is in server. */
void listeners_close(struct server *server);

#endif
