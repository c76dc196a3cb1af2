#ifndef MUTATE_H
#define MUTATE_H

#include "unit/dice.h"

/*
 * mutate.h - frames from frames: requests that no client would send, and
 * octets that no one would.
 *
 * The same seed makes the same frame of the same frame.  Nothing here uses
 * the code under test.
 */

enum { MUTATE_ROOM = 2048 };	/* octets that the frames here fit in */

/*
 * Change some of what a DHCP message in a frame says: options, sub-options,
 * fields, addresses, ports, VLAN tags.  The lengths and the checksum of all
 * headers are right afterwards, so that DHCP's own parser gets to see it.
 *
 * Answers the new length, at most room; 0, and the frame is as it was, where
 * no DHCP message is in it.
 */
size_t mutate_message(struct dice *dice, uint8_t *octets, size_t n,
    size_t room);

/*
 * Damage a frame as a bad cable or a bad mind does: octets flipped, cut,
 * repeated; lengths that lie, fragments, tags.  Answers the new length.
 */
size_t mutate_damage(struct dice *dice, uint8_t *octets, size_t n,
    size_t room);

/* A sound request of some kind; answers its length. */
size_t mutate_request(struct dice *dice, uint8_t *octets, size_t room);

#endif
