#include "net/link_kind.h"

static const struct {
	const char *name;
	bool has_ports, has_parent;
} kinds[] = {
	[LINK_OTHER] = { "link", false, false },
	[LINK_BRIDGE] = { "bridge", true, false },
	[LINK_BOND] = { "bond", true, false },
	[LINK_TEAM] = { "team", true, false },
	[LINK_VLAN] = { "vlan", false, true },
	[LINK_MACVLAN] = { "macvlan", false, true },
	[LINK_MACVTAP] = { "macvtap", false, true },
	[LINK_IPVLAN] = { "ipvlan", false, true },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

enum link_kind
link_kind_of(struct span name)
{
	for (unsigned kind = LINK_OTHER + 1; kind < KINDS; kind++)
		if (span_is_text(name, kinds[kind].name))
			return (enum link_kind)kind;
	return LINK_OTHER;
}

const char *
link_kind_name(enum link_kind kind)
{
	return kinds[kind].name;
}

bool
link_kind_has_ports(enum link_kind kind)
{
	return kinds[kind].has_ports;
}

bool
link_kind_has_parent(enum link_kind kind)
{
	return kinds[kind].has_parent;
}
