#ifndef STATIONS_H
#define STATIONS_H

#include "daemon/server.h"

/*
 * stations.h - all the interfaces that the daemon serves, as they come and go.
 *
 * Of several workers the first decides: it founds the group that shares a
 * station's frames, and orders the others to open and to close it.
 */

/*
 * The first, at the start: open all of them; and then, where there are other
 * workers, have them open theirs.  false: said what is wrong.
 */
bool stations_open(struct server *server);
bool stations_share(struct server *server);

/* Take what has come in, where poll(2) has found something. */
void stations_take(struct server *server);

/* The first: look for those that went away. */
void stations_look(struct server *server);

/* Addresses may be others by now, and interfaces may be back. */
void stations_renew(struct server *server);

/*
 * The first of several workers: let all have frames of a station if all are
 * ready for it, and of the others none if one is not.
 */
void stations_settle(struct server *server);

/* The first: have those try again that could not open a station. */
void stations_try_again(struct server *server);

/* The others: as the first has said; it is answered. */
void stations_open_by_order(struct server *server, unsigned i,
    unsigned group);
void stations_close_by_order(struct server *server, unsigned i);

#endif
