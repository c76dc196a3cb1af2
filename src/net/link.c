#include "net/link.h"

#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

static bool
is_on(const struct ifaddrs *entry, const char *interface)
{
	return strcmp(entry->ifa_name, interface) == 0;
}

static bool
is_family(const struct ifaddrs *entry, int family)
{
	return entry->ifa_addr != NULL &&
	    entry->ifa_addr->sa_family == family;
}

static struct in_addr
address_of(const struct ifaddrs *entry)
{
	struct sockaddr_in in;

	memcpy(&in, entry->ifa_addr, sizeof(in));
	return in.sin_addr;
}

static bool
find_mac(const struct ifaddrs *all, const char *interface,
    struct reply_identity *out)
{
	struct sockaddr_ll ll;

	for (const struct ifaddrs *e = all; e != NULL; e = e->ifa_next) {
		if (!is_on(e, interface) || !is_family(e, AF_PACKET))
			continue;
		memcpy(&ll, e->ifa_addr, sizeof(ll));
		if (ll.sll_halen != FRAME_MAC)
			continue;
		memcpy(out->mac, ll.sll_addr, FRAME_MAC);
		return true;
	}
	return false;
}

static bool
find_address(const struct ifaddrs *all, const char *interface,
    struct reply_identity *out)
{
	for (const struct ifaddrs *e = all; e != NULL; e = e->ifa_next) {
		if (is_on(e, interface) && is_family(e, AF_INET)) {
			out->address = address_of(e);
			return true;
		}
	}
	return false;
}

static bool
find_others(const struct ifaddrs *all, struct reply_identity *out)
{
	struct in_addr *also;
	size_t n = 0;

	for (const struct ifaddrs *e = all; e != NULL; e = e->ifa_next)
		n += is_family(e, AF_INET);
	if ((also = calloc(n + 1, sizeof(*also))) == NULL)
		return false;
	n = 0;
	for (const struct ifaddrs *e = all; e != NULL; e = e->ifa_next)
		if (is_family(e, AF_INET) &&
		    (e->ifa_flags & IFF_LOOPBACK) == 0)
			also[n++] = address_of(e);
	out->also = also;
	out->n_also = n;
	return true;
}

enum link_outcome
link_identity(const char *interface, struct reply_identity *out)
{
	struct ifaddrs *all;
	enum link_outcome outcome = LINK_FOUND;

	*out = (struct reply_identity){ .interface = interface };
	if (if_nametoindex(interface) == 0)
		return LINK_NO_INTERFACE;
	if (getifaddrs(&all) < 0)
		return LINK_ERROR;
	/* It may have gone since it was looked up: that is no fault of it. */
	if (!find_mac(all, interface, out))
		outcome = if_nametoindex(interface) == 0 ?
		    LINK_NO_INTERFACE : LINK_NO_MAC;
	else if (!find_others(all, out))
		outcome = LINK_ERROR;
	else if (!find_address(all, interface, out))
		outcome = LINK_NO_ADDRESS;
	freeifaddrs(all);
	return outcome;
}

void
link_free(struct reply_identity *identity)
{
	union {
		const struct in_addr *borrowed;
		void *owned;
	} also = { identity->also };

	free(also.owned);
	identity->also = NULL;
	identity->n_also = 0;
}
