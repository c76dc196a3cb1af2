#ifndef LINK_H
#define LINK_H

#include "core/reply.h"

/*
 * link.h - which addresses do we have on an interface?
 */

enum link_outcome {
	LINK_FOUND,
	LINK_ERROR,		/* errno says why */
	LINK_NO_INTERFACE,
	LINK_NO_MAC,		/* no Ethernet address */
	LINK_NO_ADDRESS,	/* no IPv4 address */
};

/*
 * Fill *out with the MAC address and the first IPv4 address of the
 * interface, and with all the other IPv4 addresses of this host (but for
 * loopback ones), which a request may be sent to just as well.
 *
 * With LINK_FOUND and LINK_NO_ADDRESS all that was found is there, and the
 * caller frees out->also with link_free().
 */
enum link_outcome link_identity(const char *interface,
    struct reply_identity *out);

void link_free(struct reply_identity *identity);

#endif
