#include "core/match.h"

#include "core/hosts.h"

enum {
	UUID_SWAPPED = 8,		/* octets that SMBIOS swaps, */
	UUID_END = MATCH_UUID_OCTETS - UUID_SWAPPED,	/* and not */
};

static bool
holds_client(const struct match_value *value,
    const struct pxe_request *request)
{
	switch (value->is.client) {
	case MATCH_CLIENT_PXE:
		return request->client == PXE_CLIENT_PXE;
	case MATCH_CLIENT_HTTP:
		return request->client == PXE_CLIENT_HTTP;
	case MATCH_CLIENT_IPXE:
		return request->is_ipxe;
	case MATCH_CLIENT_OTHER:
		return request->client == PXE_CLIENT_OTHER;
	case MATCH_CLIENTS:
		break;
	}
	return false;
}

static bool
holds_arch(const struct match_value *value, const struct pxe_request *request)
{
	const struct arch *arch;

	if (!request->has_arch)
		return false;
	if (!value->is.arch.is_family)
		return value->is.arch.number == request->arch;
	arch = arch_by_number(request->arch);
	return arch != NULL && arch->family == value->is.arch.family;
}

bool
match_is_mac(const struct match_mac *mac, const struct dhcp *dhcp)
{
	/* All octets at once: a policy may have a rule for each machine. */
	return dhcp->hlen == FRAME_MAC &&
	    (frame_mac_word(dhcp->chaddr) &
	    frame_mac_word(mac->mask)) == frame_mac_word(mac->value);
}

static bool
holds_mac(const struct match_value *value, const struct pxe_request *request)
{
	return match_is_mac(&value->is.mac, request->dhcp);
}

/* The octets that are the same in either order, and differ in most UUIDs. */
static bool
same_end(struct span a, const uint8_t b[MATCH_UUID_OCTETS])
{
	struct span end = { b + UUID_SWAPPED, UUID_END };

	return span_skip(&a, UUID_SWAPPED) && span_equal(a, end);
}

/* In the order of the wire, or in that of SMBIOS: tools show either. */
static bool
same_uuid(struct span a, const uint8_t b[MATCH_UUID_OCTETS])
{
	struct span other = { b, MATCH_UUID_OCTETS };
	uint8_t swapped[MATCH_UUID_OCTETS];

	if (!same_end(a, b))
		return false;
	if (span_equal(a, other))
		return true;
	pxe_uuid_swapped(other, swapped);
	return span_equal(a, (struct span){ swapped, sizeof(swapped) });
}

/* Is it that UUID, or does it begin so? */
static bool
fits_uuid(const struct match_value *value, struct span uuid)
{
	const uint8_t *octets = value->is.uuid.octets;

	return value->is.uuid.n < MATCH_UUID_OCTETS ?
	    span_begins(uuid, (struct span){ octets, value->is.uuid.n }) :
	    same_uuid(uuid, octets);
}

static bool
holds_uuid(const struct match_value *value, const struct pxe_request *request)
{
	struct span uuid;

	return pxe_uuid(request, &uuid) && fits_uuid(value, uuid);
}

static bool
fits_text(const struct match_value *value, struct span octets)
{
	return value->is.text_or_hex.open ?
	    span_begins(octets, value->is.text_or_hex.octets) :
	    span_equal(octets, value->is.text_or_hex.octets);
}

static bool
holds_vendor_class(const struct match_value *value,
    const struct pxe_request *request)
{
	return span_begins(request->vendor_class,
	    value->is.text_or_hex.octets);
}

static bool
holds_user_class(const struct match_value *value,
    const struct pxe_request *request)
{
	return pxe_has_user_class(request, value->is.text_or_hex.octets,
	    value->is.text_or_hex.open);
}

/* Features are numbers of sub-options; a value of 0 says "not this one". */
static bool
holds_feature(const struct match_value *value,
    const struct pxe_request *request)
{
	struct span feature;
	uint8_t present = 1;

	if (!option_find(request->ipxe, (uint8_t)value->is.number, &feature))
		return false;
	return !span_u8(&feature, &present) || present != 0;
}

bool
match_in_network(const struct match_network *network, struct in_addr address)
{
	return (address.s_addr & network->mask.s_addr) ==
	    network->address.s_addr;
}

static bool
holds_network(const struct match_value *value, struct in_addr address)
{
	return address.s_addr != htonl(INADDR_ANY) &&
	    match_in_network(&value->is.network, address);
}

static bool
holds_relay(const struct match_value *value,
    const struct pxe_request *request)
{
	return holds_network(value, pxe_network(request));
}

static bool
holds_relay_address(const struct match_value *value,
    const struct pxe_request *request)
{
	return !request->on_4011 &&
	    holds_network(value, request->dhcp->giaddr);
}

static bool
holds_option(const struct match_value *value,
    const struct pxe_request *request)
{
	struct span option;

	return dhcp_option(request->dhcp, value->is.text_or_hex.code,
	    &option) && fits_text(value, option);
}

/*
 * Option 61, or what stands in it behind a type of 0, which says that it is no
 * hardware address (RFC 2132 section 9.14).
 */
static bool
holds_client_id(const struct match_value *value,
    const struct pxe_request *request)
{
	struct span id;
	uint8_t type;

	if (!dhcp_option(request->dhcp, DHCP_OPT_CLIENT_ID, &id))
		return false;
	return fits_text(value, id) ||
	    (span_u8(&id, &type) && type == 0 && fits_text(value, id));
}

static bool
holds_relay_item(const struct match_value *value,
    const struct pxe_request *request, uint8_t code)
{
	struct span item;

	return pxe_relay_item(request, code, &item) && fits_text(value, item);
}

static bool
holds_circuit_id(const struct match_value *value,
    const struct pxe_request *request)
{
	return holds_relay_item(value, request, PXE_CIRCUIT_ID);
}

static bool
holds_remote_id(const struct match_value *value,
    const struct pxe_request *request)
{
	return holds_relay_item(value, request, PXE_REMOTE_ID);
}

static bool
is_in_range(const struct match_value *value, uint16_t number)
{
	return value->is.range.low <= number &&
	    number <= value->is.range.high;
}

static bool
holds_vlan(const struct match_value *value, const struct pxe_request *request)
{
	const struct frame *frame = request->frame;

	for (unsigned i = 0; i < frame->tags; i++)
		if (is_in_range(value, frame_vlan(frame->tag[i])))
			return true;
	return frame->tags == 0 && is_in_range(value, 0);
}

static bool
holds_interface(const struct match_value *value,
    const struct pxe_request *request)
{
	return request->interface != NULL &&
	    strcmp(request->interface, value->is.interface) == 0;
}

static bool
holds_client_network(const struct match_value *value,
    const struct pxe_request *request)
{
	/* The way back was checked: ciaddr is where the question came from. */
	return request->question == PXE_ASKS_BOOT_SERVER &&
	    match_in_network(&value->is.network, request->dhcp->ciaddr);
}

static bool
holds_hosts(const struct match_value *value,
    const struct pxe_request *request)
{
	return hosts_find(value->is.hosts, request) != NULL;
}

/*
 * Of two values of the same key: does the first take all that the second
 * does?
 */

static bool
covers_client(const struct match_value *a, const struct match_value *b)
{
	/* iPXE may ask as an HTTP client too: pxe does not cover it. */
	return a->is.client == b->is.client;
}

static bool
covers_arch(const struct match_value *a, const struct match_value *b)
{
	const struct arch *arch;

	if (b->is.arch.is_family)
		return a->is.arch.is_family &&
		    a->is.arch.family == b->is.arch.family;
	if (!a->is.arch.is_family)
		return a->is.arch.number == b->is.arch.number;
	arch = arch_by_number(b->is.arch.number);
	return arch != NULL && arch->family == a->is.arch.family;
}

static bool
covers_mac(const struct match_value *a, const struct match_value *b)
{
	const struct match_mac *x = &a->is.mac, *y = &b->is.mac;

	for (size_t i = 0; i < FRAME_MAC; i++)
		if ((x->mask[i] & ~y->mask[i]) != 0 ||
		    (y->value[i] & x->mask[i]) != x->value[i])
			return false;
	return true;
}

static bool
covers_uuid(const struct match_value *a, const struct match_value *b)
{
	struct span uuid = { b->is.uuid.octets, MATCH_UUID_OCTETS };
	uint8_t swapped[MATCH_UUID_OCTETS];

	if (b->is.uuid.n < MATCH_UUID_OCTETS)
		return a->is.uuid.n <= b->is.uuid.n &&
		    memcmp(a->is.uuid.octets, b->is.uuid.octets,
		    a->is.uuid.n) == 0;
	/* A whole one stands for two requests: in either order. */
	pxe_uuid_swapped(uuid, swapped);
	return fits_uuid(a, uuid) && fits_uuid(a,
	    (struct span){ swapped, sizeof(swapped) });
}

static bool
covers_prefix(const struct match_value *a, const struct match_value *b)
{
	return span_begins(b->is.text_or_hex.octets,
	    a->is.text_or_hex.octets);
}

static bool
covers_text(const struct match_value *a, const struct match_value *b)
{
	return a->is.text_or_hex.open ? covers_prefix(a, b) :
	    !b->is.text_or_hex.open &&
	    span_equal(a->is.text_or_hex.octets, b->is.text_or_hex.octets);
}

static bool
covers_number(const struct match_value *a, const struct match_value *b)
{
	return a->is.number == b->is.number;
}

static bool
covers_range(const struct match_value *a, const struct match_value *b)
{
	return a->is.range.low <= b->is.range.low &&
	    b->is.range.high <= a->is.range.high;
}

static bool
covers_option(const struct match_value *a, const struct match_value *b)
{
	return a->is.text_or_hex.code == b->is.text_or_hex.code &&
	    covers_text(a, b);
}

static bool
covers_network(const struct match_value *a, const struct match_value *b)
{
	return (a->is.network.mask.s_addr & ~b->is.network.mask.s_addr) ==
	    0 && match_in_network(&a->is.network, b->is.network.address);
}

static bool
covers_interface(const struct match_value *a, const struct match_value *b)
{
	return strcmp(a->is.interface, b->is.interface) == 0;
}

static bool
covers_hosts(const struct match_value *a, const struct match_value *b)
{
	return a->is.hosts == b->is.hosts;
}

static const struct {
	const char *name;
	bool (*holds)(const struct match_value *value,
	    const struct pxe_request *request);
	bool (*covers)(const struct match_value *a,
	    const struct match_value *b);
} keys[MATCH_KEYS] = {
	[MATCH_CLIENT] = { "client", holds_client, covers_client },
	[MATCH_ARCH] = { "arch", holds_arch, covers_arch },
	[MATCH_MAC] = { "mac", holds_mac, covers_mac },
	[MATCH_UUID] = { "uuid", holds_uuid, covers_uuid },
	[MATCH_VENDOR_CLASS] = { "vendor-class", holds_vendor_class,
	    covers_prefix },
	[MATCH_USER_CLASS] = { "user-class", holds_user_class, covers_text },
	[MATCH_CLIENT_ID] = { "client-id", holds_client_id, covers_text },
	[MATCH_IPXE_FEATURE] = { "ipxe-feature", holds_feature,
	    covers_number },
	[MATCH_RELAY] = { "relay", holds_relay, covers_network },
	[MATCH_RELAY_ADDRESS] = { "relay-address", holds_relay_address,
	    covers_network },
	[MATCH_CIRCUIT_ID] = { "circuit-id", holds_circuit_id, covers_text },
	[MATCH_REMOTE_ID] = { "remote-id", holds_remote_id, covers_text },
	[MATCH_VLAN] = { "vlan", holds_vlan, covers_range },
	[MATCH_INTERFACE] = { "interface", holds_interface,
	    covers_interface },
	[MATCH_CLIENT_NETWORK] = { "client-network", holds_client_network,
	    covers_network },
	[MATCH_HOSTS] = { "hosts-file", holds_hosts, covers_hosts },
	[MATCH_OPTION] = { "request-option", holds_option, covers_option },
};

bool
match_holds(const struct match *match, const struct pxe_request *request)
{
	for (size_t i = 0; i < match->n; i++)
		if (keys[match->key].holds(&match->value[i], request))
			return !match->negated;
	return match->negated;
}

/* Does one of a's values take all that this value does? */
static bool
is_covered(const struct match *a, const struct match_value *value)
{
	for (size_t i = 0; i < a->n; i++)
		if (keys[a->key].covers(&a->value[i], value))
			return true;
	return false;
}

bool
match_covers(const struct match *a, const struct match *b)
{
	const struct match *outer = a, *inner = b;

	if (a->key != b->key || a->negated != b->negated)
		return false;
	/* To exclude less is to take more. */
	if (a->negated) {
		outer = b;
		inner = a;
	}
	for (size_t i = 0; i < inner->n; i++)
		if (!is_covered(outer, &inner->value[i]))
			return false;
	return true;
}

/*
 * At a glance.
 */

unsigned
match_request_traits(const struct pxe_request *request)
{
	static const unsigned kinds[] = {
		[PXE_CLIENT_PXE] = TRAIT_PXE,
		[PXE_CLIENT_HTTP] = TRAIT_HTTP,
		[PXE_CLIENT_OTHER] = TRAIT_OTHER,
	};

	return kinds[request->client] |
	    (request->is_ipxe ? TRAIT_IPXE : 0U) |
	    (request->uuid.n > 0 ? TRAIT_UUID : 0U) |
	    (request->user_class.n > 0 ? TRAIT_USER_CLASS : 0U) |
	    (request->ipxe.n > 0 ? TRAIT_IPXE_OPTIONS : 0U) |
	    (request->has_relay ? TRAIT_RELAY_OPTION : 0U) |
	    (pxe_network(request).s_addr != 0 ? TRAIT_RELAY : 0U) |
	    (request->frame->tags > 0 ? TRAIT_TAGGED : 0U) |
	    (request->question == PXE_ASKS_BOOT_SERVER ? TRAIT_ASKS_FILE :
	    0U);
}

/* The traits that this value of a condition cannot do without. */
static unsigned
value_traits(enum match_key key, const struct match_value *value)
{
	static const unsigned clients[MATCH_CLIENTS] = {
		[MATCH_CLIENT_PXE] = TRAIT_PXE,
		[MATCH_CLIENT_HTTP] = TRAIT_HTTP,
		[MATCH_CLIENT_IPXE] = TRAIT_IPXE,
		[MATCH_CLIENT_OTHER] = TRAIT_OTHER,
	};
	static const unsigned keyed[MATCH_KEYS] = {
		[MATCH_UUID] = TRAIT_UUID,
		[MATCH_USER_CLASS] = TRAIT_USER_CLASS,
		[MATCH_IPXE_FEATURE] = TRAIT_IPXE_OPTIONS,
		[MATCH_RELAY] = TRAIT_RELAY,
		[MATCH_CIRCUIT_ID] = TRAIT_RELAY_OPTION,
		[MATCH_REMOTE_ID] = TRAIT_RELAY_OPTION,
		[MATCH_VLAN] = TRAIT_TAGGED,
		[MATCH_CLIENT_NETWORK] = TRAIT_ASKS_FILE,
	};

	if (key == MATCH_CLIENT)
		return clients[value->is.client];
	if (key == MATCH_VLAN && value->is.range.low == 0)
		return 0;		/* untagged */
	return keyed[key];
}

unsigned
match_traits(const struct match *match)
{
	unsigned common = match->negated || match->n == 0 ? 0 :
	    value_traits(match->key, match->value);

	for (size_t i = 1; i < match->n; i++)
		common &= value_traits(match->key, &match->value[i]);
	return common;
}

static uint64_t
arch_bit(bool known, uint16_t number)
{
	return UINT64_C(1) << (known && number < 63 ? number : 63);
}

uint64_t
match_arch_bit(const struct pxe_request *request)
{
	return arch_bit(request->has_arch, request->arch);
}

static uint64_t
family_bits(enum arch_family family)
{
	uint64_t bits = 0;
	size_t n;
	const struct arch *table = arch_table(&n);

	for (size_t i = 0; i < n; i++)
		if (table[i].family == family)
			bits |= arch_bit(true, table[i].number);
	return bits;
}

uint64_t
match_archs(const struct match *match)
{
	uint64_t bits = 0;

	if (match->key != MATCH_ARCH || match->negated)
		return UINT64_MAX;
	for (size_t i = 0; i < match->n; i++)
		bits |= match->value[i].is.arch.is_family ?
		    family_bits(match->value[i].is.arch.family) :
		    arch_bit(true, match->value[i].is.arch.number);
	return bits;
}

const char *
match_key_name(enum match_key key)
{
	return keys[key].name;
}

static const char *const client_names[MATCH_CLIENTS] = {
	[MATCH_CLIENT_PXE] = "pxe",
	[MATCH_CLIENT_HTTP] = "http",
	[MATCH_CLIENT_IPXE] = "ipxe",
	[MATCH_CLIENT_OTHER] = "other",
};

const char *
match_client_name(enum match_client client)
{
	return client_names[client];
}

enum match_client
match_client_by_name(const char *name)
{
	for (unsigned i = 0; i < MATCH_CLIENTS; i++)
		if (strcmp(client_names[i], name) == 0)
			return (enum match_client)i;
	return MATCH_CLIENTS;
}

uint8_t
match_feature_by_name(const char *name)
{
	/* The numbers that iPXE gives its features in option 175. */
	static const struct {
		const char *name;
		uint8_t code;
	} features[] = {
		{ "iscsi", 0x11 }, { "aoe", 0x12 }, { "http", 0x13 },
		{ "https", 0x14 }, { "tftp", 0x15 }, { "ftp", 0x16 },
		{ "dns", 0x17 }, { "bzimage", 0x18 }, { "multiboot", 0x19 },
		{ "slam", 0x1a }, { "srp", 0x1b }, { "nbi", 0x20 },
		{ "pxe", 0x21 }, { "elf", 0x22 }, { "comboot", 0x23 },
		{ "efi", 0x24 }, { "fcoe", 0x25 }, { "vlan", 0x26 },
		{ "menu", 0x27 }, { "sdi", 0x28 }, { "nfs", 0x29 },
	};

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (strcmp(features[i].name, name) == 0)
			return features[i].code;
	return 0;
}
