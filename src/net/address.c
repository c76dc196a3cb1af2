#include "net/address.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

static bool
is_local_to_host_or_link(const struct link_address *entry)
{
	return entry->scope != RT_SCOPE_UNIVERSE;
}

static bool
is_link_local(const struct link_address *entry)
{
	enum { NETWORK = 0xa9fe, BITS_BEHIND = 16 };	/* 169.254/16 */

	return ntohl(entry->address.s_addr) >> BITS_BEHIND == NETWORK;
}

static bool
is_tentative(const struct link_address *entry)
{
	return (entry->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0;
}

static bool
is_deprecated(const struct link_address *entry)
{
	return (entry->flags & IFA_F_DEPRECATED) != 0;
}

/* 169.254.0.0/16 first: that is what whoever gave it away knows it by. */
static const struct {
	enum address_use use;
	bool (*is)(const struct link_address *entry);
	const char *fault;
} faults[] = {
	{ ADDRESS_LINK_LOCAL, is_link_local,
	    "it is one of 169.254.0.0/16, for this link alone" },
	{ ADDRESS_SCOPE, is_local_to_host_or_link,
	    "its scope is not global" },
	{ ADDRESS_TENTATIVE, is_tentative,
	    "it is tentative: another host may have it" },
	{ ADDRESS_DEPRECATED, is_deprecated, "it is deprecated" },
};

enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

enum address_use
address_use(const struct link_address *entry)
{
	for (unsigned i = 0; i < FAULTS; i++)
		if (faults[i].is(entry))
			return faults[i].use;
	return ADDRESS_FIT;
}

const char *
address_fault(enum address_use use)
{
	for (unsigned i = 0; i < FAULTS; i++)
		if (faults[i].use == use)
			return faults[i].fault;
	return "nothing is wrong with it";
}

static bool
is_of_link(const struct link *link, struct in_addr address)
{
	for (unsigned i = 0; i < link->addresses; i++)
		if (link->address[i].address.s_addr == address.s_addr)
			return true;
	return false;
}

bool
address_choose(const struct link *link, const struct in_addr *configured,
    struct address_choice *out)
{
	struct address_choice choice = { 0 };

	for (unsigned i = link->addresses; i-- > 0; ) {
		if (address_use(&link->address[i]) != ADDRESS_FIT)
			continue;
		choice.address = link->address[i].address;
		choice.fit++;
	}
	if (configured != NULL) {
		choice.address = *configured;
		choice.foreign = !is_of_link(link, *configured);
	}
	if (configured == NULL && choice.fit == 0)
		return false;
	*out = choice;
	return true;
}
