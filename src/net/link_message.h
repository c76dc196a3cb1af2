#ifndef LINK_MESSAGE_H
#define LINK_MESSAGE_H

#include "net/links.h"

/*
 * link_message.h - what one rtnetlink message says of a link or an address.
 *
 * Pure.  A message is believed whole or not at all: *out is written only with
 * LINK_MESSAGE_READ.
 */

enum link_message_outcome {
	LINK_MESSAGE_READ,
	/*
	 * Of another family.  One of AF_BRIDGE tells of a link as a port, and
	 * not all of it; and where it says that it is gone, it has only left
	 * its bridge.
	 */
	LINK_MESSAGE_OF_OTHERS,
	LINK_MESSAGE_DAMAGED,
};

struct link_message {
	/* But for altnames, addresses, user and round. */
	struct link link;
	/* IFLA_PROP_LIST, in which each IFLA_ALT_IFNAME is a sound text. */
	struct span properties;
	bool parent_elsewhere;		/* in another network namespace */
};

/* The body of RTM_NEWLINK; and of RTM_DELLINK the index alone. */
enum link_message_outcome link_message_read(struct span body,
    struct link_message *out);
enum link_message_outcome link_message_read_index(struct span body,
    unsigned *out);

struct address_message {
	unsigned index;			/* of the link */
	struct link_address entry;	/* but for round */
	bool has_local, has_peer;
};

/*
 * The body of RTM_NEWADDR or RTM_DELADDR.  Our address is IFA_LOCAL, and
 * IFA_ADDRESS that of the other end; one of them alone is both.
 */
enum link_message_outcome address_message_read(struct span body,
    struct address_message *out);

#endif
