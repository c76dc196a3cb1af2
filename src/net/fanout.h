#ifndef FANOUT_H
#define FANOUT_H

#include <stdbool.h>

/*
 * fanout.h - several packet sockets share the frames of an interface: each
 * frame goes to one of them (packet(7), PACKET_FANOUT).
 *
 * A group has the socket that founded it for its first member, which gets all
 * frames until they are spread.  They are spread by the client's hardware
 * address in the BOOTP header (chaddr), so that a client meets the same
 * member each time: all of its addresses are the same as everyone's in a
 * DISCOVER.  What is too short to have one goes to the first member.
 */

/* Found a group with this socket: its number; or -1 and errno. */
int fanout_found(int descriptor);

/* Join a group; false and errno. */
bool fanout_join(int descriptor, unsigned group);

/*
 * Spread the group's frames over all of its members, or gather them at the
 * first one again.  The group is that of this socket.  false and errno.
 */
bool fanout_spread(int descriptor);
bool fanout_gather(int descriptor);

#endif
