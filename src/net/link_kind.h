#ifndef LINK_KIND_H
#define LINK_KIND_H

#include "core/span.h"

/*
 * link_kind.h - what a link is made of (IFLA_INFO_KIND), as far as it matters
 * to who hears its frames.  Pure.
 */

enum link_kind {
	LINK_OTHER,
	LINK_BRIDGE,
	LINK_BOND,
	LINK_TEAM,
	LINK_VLAN,
	LINK_MACVLAN,
	LINK_MACVTAP,
	LINK_IPVLAN,
};

/* The kind of this name; LINK_OTHER where it does not matter. */
enum link_kind link_kind_of(struct span name);

/* "bridge" and so on; "link" for LINK_OTHER. */
const char *link_kind_name(enum link_kind kind);

/* Does it hear what comes in on the links that have it for their master? */
bool link_kind_has_ports(enum link_kind kind);

/* Is it made on another link (IFLA_LINK), and hears what comes in on that? */
bool link_kind_has_parent(enum link_kind kind);

#endif
