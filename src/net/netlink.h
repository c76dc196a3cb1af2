#ifndef NETLINK_H
#define NETLINK_H

#include "core/span.h"

/*
 * netlink.h - walk the messages of a netlink datagram, and the attributes of
 * a message (netlink(7)).
 *
 * Pure: no I/O, no allocation, no state outside the arguments.  Numbers are in
 * host byte order on both sides: netlink does not leave the machine.
 */

enum netlink_step {
	NETLINK_ITEM,		/* *out is filled; call again */
	NETLINK_END,		/* no octets are left */
	NETLINK_DAMAGED,	/* a length that is too small, or too large */
};

struct netlink_message {
	uint16_t type;			/* NLMSG_ or RTM_ */
	uint16_t flags;			/* NLM_F_ */
	uint32_t sequence;		/* of the request that it answers */
	struct span body;		/* behind the header */
};

struct netlink_attribute {
	uint16_t type;			/* without NLA_F_ flags */
	struct span value;
};

/*
 * Step to the next message in *rest, and advance *rest past it and past the
 * octets that align the one behind it.
 *
 * After NETLINK_END and NETLINK_DAMAGED *rest is empty, so the walk ends after
 * at most rest->n / 16 + 1 calls.  *out is written only with NETLINK_ITEM.
 */
enum netlink_step netlink_next(struct span *rest, struct netlink_message *out);

/* Likewise for the attributes of a message, and for those inside another. */
enum netlink_step netlink_attribute_next(struct span *rest,
    struct netlink_attribute *out);

/* A value of exactly four octets, as a number; false where it is not. */
bool netlink_u32(struct span value, uint32_t *out);

/*
 * A value that is a text: up to its NUL, which must be there.  *out is without
 * it, and at least one octet.
 */
bool netlink_text(struct span value, struct span *out);

/*
 * Write a request for all there is of this type, which is answered by several
 * messages: body is the header of the family (rtnetlink(7)).
 */
void netlink_write_dump(struct span_writer *w, uint16_t type, uint32_t sequence,
    struct span body);

#endif
