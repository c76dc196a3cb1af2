#ifndef ADDRESS_H
#define ADDRESS_H

#include "net/links.h"

/*
 * address.h - which of a link's IPv4 addresses do we answer from?
 *
 * Pure.  The one that is configured; else the first, in the kernel's order,
 * that clients can use in the long run: of global scope, not of 169.254.0.0/16
 * (RFC 3927), and neither deprecated nor tentative (RFC 4862 section 2, by
 * which the kernel treats IPv4 addresses too).
 */

enum address_use {
	ADDRESS_FIT,
	ADDRESS_SCOPE,		/* it is for this host or this link alone */
	ADDRESS_LINK_LOCAL,	/* of 169.254.0.0/16 */
	ADDRESS_TENTATIVE,	/* nobody knows yet whether it is ours */
	ADDRESS_DEPRECATED,	/* it is on its way out */
};

enum address_use address_use(const struct link_address *entry);

/* What keeps it from being ours: "it is deprecated" and so on. */
const char *address_fault(enum address_use use);

struct address_choice {
	struct in_addr address;
	bool foreign;		/* configured, and none of the link's */
	unsigned fit;		/* so many of the link's would do */
};

/*
 * Choose one.  configured is what the user wrote, or NULL.  false, and *out
 * is not written, where none is configured and none is fit.
 */
bool address_choose(const struct link *link,
    const struct in_addr *configured, struct address_choice *out);

#endif
