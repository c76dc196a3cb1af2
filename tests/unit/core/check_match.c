#include <check.h>

#include "core/hosts.h"
#include "core/match.h"
#include "unit/dice.h"
#include "unit/octets.h"
#include "unit/rules.h"
#include "unit/suite.h"

/*
 * Who asks.  Every condition below is tried on every one of them.
 */
struct client {
	const char *what;
	enum pxe_client client;
	bool on_4011;
	int arch;			/* -1: none */
	uint8_t hlen;
	uint8_t mac[6];
	struct octets uuid;
	const char *vendor_class;
	struct octets user_class, ipxe, relay;
	const char *giaddr, *ciaddr, *interface;
	unsigned tags;
	struct frame_tag tag[2];
	bool is_ipxe;
};

#define UUID_OCTETS \
	"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
#define UUID_SWAPPED \
	"\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
#define UUID_HALF_SWAPPED \
	"\x33\x22\x11\x00\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
#define NOWHERE "0.0.0.0", "0.0.0.0", NULL

static const struct client clients[] = {
	{ "bios", PXE_CLIENT_PXE, false, 0, 6, { 0x52, 0x54, 0, 7, 0, 1 },
	    OCTETS(""), "PXEClient:Arch:00000:UNDI:002001", OCTETS(""),
	    OCTETS(""), OCTETS(""), NOWHERE, 0, { { 0, 0 } }, false },
	{ "uefi", PXE_CLIENT_PXE, false, 7, 6, { 0x52, 0x54, 0, 8, 0, 1 },
	    OCTETS("\0" UUID_OCTETS), "PXEClient:Arch:00007:UNDI:003016",
	    OCTETS(""), OCTETS(""), OCTETS(""), "0.0.0.0", "0.0.0.0", "eth1",
	    1, { { 0x8100, 0xe00a } }, false },
	{ "uefi-4011", PXE_CLIENT_PXE, true, 7, 6, { 0x52, 0x54, 0, 8, 0, 1 },
	    OCTETS("\0" UUID_OCTETS), "PXEClient:Arch:00007:UNDI:003016",
	    OCTETS(""), OCTETS(""), OCTETS(""), "0.0.0.0", "10.1.0.50",
	    "eth1", 1, { { 0x8100, 10 } }, false },
	{ "relayed", PXE_CLIENT_PXE, false, 7, 6, { 0x52, 0x54, 0, 8, 0, 2 },
	    OCTETS(""), "PXEClient", OCTETS(""), OCTETS(""),
	    OCTETS("\x01\x04" "eth0\x02\x05rack7"), "10.1.0.1", "10.1.0.99",
	    "eth0", 2, { { 0x88a8, 100 }, { 0x8100, 10 } }, false },
	{ "ipxe", PXE_CLIENT_PXE, false, 0, 6, { 0x52, 0x54, 0, 7, 0, 2 },
	    OCTETS(""), "PXEClient:Arch:00000:UNDI:002001", OCTETS("iPXE"),
	    OCTETS("\x13\x01\x01\x18\x01\x00\x24\x00"), OCTETS(""), NOWHERE,
	    0, { { 0, 0 } }, true },
	{ "http", PXE_CLIENT_HTTP, false, 16, 6, { 0x52, 0x54, 0, 7, 1, 1 },
	    OCTETS(""), "HTTPClient:Arch:00016", OCTETS(""), OCTETS(""),
	    OCTETS(""), NOWHERE, 0, { { 0, 0 } }, false },
	{ "http-ipxe", PXE_CLIENT_HTTP, false, 16, 6,
	    { 0x52, 0x54, 0, 7, 1, 2 }, OCTETS(""), "HTTPClient:Arch:00016",
	    OCTETS("\x04iPXE"), OCTETS("\x13\x01\x01"), OCTETS(""), NOWHERE,
	    0, { { 0, 0 } }, true },
	{ "u-boot", PXE_CLIENT_OTHER, false, 22, 6,
	    { 0x52, 0x52, 0x52, 0x52, 0x52, 0x52 }, OCTETS(""),
	    "U-Boot.armv8", OCTETS(""), OCTETS(""), OCTETS(""), NOWHERE, 0,
	    { { 0, 0 } }, false },
	{ "stranger", PXE_CLIENT_PXE, false, -1, 16,
	    { 0x52, 0x54, 0, 7, 0, 1 }, OCTETS("\x01garbage"), "PXEClient",
	    OCTETS("\x05iPXE"), OCTETS(""), OCTETS("\x01\x09short"), NOWHERE,
	    0, { { 0, 0 } }, false },
};

static struct hosts_entry slot[2];
static const struct hosts_table hosts = { slot, 2, false, "hosts" };

#define IS_UUID(octets_) { .text = "uuid", .is.uuid = { octets_, 16 } }
#define IS_INTERFACE(name_) { .text = name_, .is.interface = name_ }
#define IS_NETWORK(n) { .text = #n, .is.network = networks_##n }
#define networks_10_1_16 { { NET(10, 1, 0, 0) }, { NET(255, 255, 0, 0) } }
#define networks_10_8 { { NET(10, 0, 0, 0) }, { NET(255, 0, 0, 0) } }
#define networks_all { { 0 }, { 0 } }
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NET(a, b, c, d) \
	((uint32_t)(d) << 24 | (uint32_t)(c) << 16 | (b) << 8 | (a))
#else
#define NET(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (c) << 8 | (d))
#endif

/* A condition, and the names of the clients for which it holds. */
static const struct {
	const char *what;
	struct match match;
	const char *holds;
} rows[] = {
	{ "client pxe", MATCH_(CLIENT, IS_CLIENT(PXE)),
	    "bios uefi uefi-4011 relayed ipxe stranger" },
	{ "client http", MATCH_(CLIENT, IS_CLIENT(HTTP)), "http http-ipxe" },
	{ "client ipxe", MATCH_(CLIENT, IS_CLIENT(IPXE)), "ipxe http-ipxe" },
	{ "client other", MATCH_(CLIENT, IS_CLIENT(OTHER)), "u-boot" },
	{ "client pxe or http", MATCH_(CLIENT, IS_CLIENT(PXE),
	    IS_CLIENT(HTTP)), "bios uefi uefi-4011 relayed ipxe http "
	    "http-ipxe stranger" },
	{ "not client ipxe", NOT_(CLIENT, IS_CLIENT(IPXE)),
	    "bios uefi uefi-4011 relayed http u-boot stranger" },
	{ "not client pxe", NOT_(CLIENT, IS_CLIENT(PXE)),
	    "http http-ipxe u-boot" },

	{ "arch 7", MATCH_(ARCH, IS_ARCH(7)), "uefi uefi-4011 relayed" },
	{ "arch 0 or 22", MATCH_(ARCH, IS_ARCH(0), IS_ARCH(22)),
	    "bios ipxe u-boot" },
	{ "arch uefi, the family", MATCH_(ARCH, IS_FAMILY(ARCH_UEFI)),
	    "uefi uefi-4011 relayed http http-ipxe" },
	{ "not arch uefi: who names none too", NOT_(ARCH,
	    IS_FAMILY(ARCH_UEFI)), "bios ipxe u-boot stranger" },

	{ "mac, whole", MATCH_(MAC, IS_MAC(0x52, 0x54, 0, 7, 0, 1)),
	    "bios" },
	{ "mac, beginning", MATCH_(MAC, IS_OUI4(0x52, 0x54, 0, 7)),
	    "bios ipxe http http-ipxe" },
	{ "not that mac: one of 16 octets too", NOT_(MAC,
	    IS_OUI4(0x52, 0x54, 0, 7)),
	    "uefi uefi-4011 relayed u-boot stranger" },

	{ "uuid", MATCH_(UUID, IS_UUID(UUID_OCTETS)), "uefi uefi-4011" },
	{ "uuid, its first three fields swapped", MATCH_(UUID,
	    IS_UUID(UUID_SWAPPED)), "uefi uefi-4011" },
	{ "uuid, one field swapped", MATCH_(UUID,
	    IS_UUID(UUID_HALF_SWAPPED)), "" },
	{ "not that uuid, in either order", NOT_(UUID,
	    IS_UUID(UUID_SWAPPED)),
	    "bios relayed ipxe http http-ipxe u-boot stranger" },
	{ "vendor class, beginning", MATCH_(VENDOR_CLASS,
	    IS_TEXT("PXEClient:Arch:0000")), "bios uefi uefi-4011 ipxe" },
	{ "vendor class, shorter", MATCH_(VENDOR_CLASS,
	    IS_TEXT("PXEClient")),
	    "bios uefi uefi-4011 relayed ipxe stranger" },
	{ "user class", MATCH_(USER_CLASS, IS_TEXT("iPXE")),
	    "ipxe http-ipxe" },
	{ "feature http", MATCH_(IPXE_FEATURE, IS_NUMBER(0x13)),
	    "ipxe http-ipxe" },
	{ "feature that is given as 0", MATCH_(IPXE_FEATURE,
	    IS_NUMBER(0x18)), "" },
	{ "feature without a value", MATCH_(IPXE_FEATURE, IS_NUMBER(0x24)),
	    "ipxe" },

	{ "relay", MATCH_(RELAY, IS_NETWORK(10_1_16)),
	    "uefi-4011 relayed" },
	{ "relay, a larger network", MATCH_(RELAY, IS_NETWORK(10_8)),
	    "uefi-4011 relayed" },
	{ "any relay", MATCH_(RELAY, IS_NETWORK(all)), "uefi-4011 relayed" },
	{ "no relay", NOT_(RELAY, IS_NETWORK(all)),
	    "bios uefi ipxe http http-ipxe u-boot stranger" },
	{ "client network: on 4011 only", MATCH_(CLIENT_NETWORK,
	    IS_NETWORK(10_1_16)), "uefi-4011" },
	{ "circuit id, whole", MATCH_(CIRCUIT_ID, IS_TEXT("eth0")),
	    "relayed" },
	{ "circuit id, too short", MATCH_(CIRCUIT_ID, IS_TEXT("eth")), "" },
	{ "circuit id, beginning", MATCH_(CIRCUIT_ID, IS_OPEN_TEXT("eth")),
	    "relayed" },
	{ "remote id", MATCH_(REMOTE_ID, IS_TEXT("rack7")), "relayed" },
	{ "remote id of another circuit", MATCH_(REMOTE_ID, IS_TEXT("eth0")),
	    "" },

	{ "vlan 10, inside or alone", MATCH_(VLAN, IS_VLAN(10)),
	    "uefi uefi-4011 relayed" },
	{ "vlan 100, outside", MATCH_(VLAN, IS_VLAN(100)), "relayed" },
	{ "vlan 0: untagged", MATCH_(VLAN, IS_VLAN(0)),
	    "bios ipxe http http-ipxe u-boot stranger" },
	{ "interface", MATCH_(INTERFACE, IS_INTERFACE("eth1")),
	    "uefi uefi-4011" },
	{ "not that interface: in replay too", NOT_(INTERFACE,
	    IS_INTERFACE("eth1")),
	    "bios relayed ipxe http http-ipxe u-boot stranger" },
	{ "hosts", MATCH_(HOSTS, { .text = "f", .is.hosts = &hosts }),
	    "relayed" },
};

static void
make_request(const struct client *client, struct frame *frame,
    struct dhcp *dhcp, struct pxe_request *out)
{
	const char *class = client->vendor_class;

	memset(frame, 0, sizeof(*frame));
	memset(dhcp, 0, sizeof(*dhcp));
	frame->tags = client->tags;
	memcpy(frame->tag, client->tag, sizeof(frame->tag));
	dhcp->hlen = client->hlen;
	memcpy(dhcp->chaddr, client->mac, sizeof(client->mac));
	dhcp->giaddr = octets_address(client->giaddr);
	dhcp->ciaddr = octets_address(client->ciaddr);
	*out = (struct pxe_request){ .frame = frame, .dhcp = dhcp,
		.interface = client->interface, .client = client->client,
		.on_4011 = client->on_4011,
		.question = client->on_4011 ? PXE_ASKS_BOOT_SERVER :
		    PXE_ASKS_OFFER,
		.vendor_class = { (const uint8_t *)class, strlen(class) },
		.user_class = octets_span(client->user_class),
		.uuid = octets_span(client->uuid),
		.has_uuid = client->uuid.n > 0,
		.relay = octets_span(client->relay),
		.has_relay = client->relay.n > 0,
		.is_ipxe = client->is_ipxe,
		.ipxe = octets_span(client->ipxe),
		.has_arch = client->arch >= 0,
		.arch = (uint16_t)client->arch };
	memset(slot, 0, sizeof(slot));
	slot[0] = (struct hosts_entry){ .n = 6, .key = { 0x52, 0x54, 0, 8, 0,
	    2 } };
	if (hosts_start(&hosts, (struct span){ slot[0].key, 6 }) == 1) {
		slot[1] = slot[0];
		slot[0].n = 0;
	}
}

static bool
holds(const struct match *match, const struct client *client)
{
	struct pxe_request request;
	struct frame frame;
	struct dhcp dhcp;

	make_request(client, &frame, &dhcp, &request);
	return match_holds(match, &request);
}

/* Is the word one of the words? */
static bool
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = words; (at = strstr(at, word)) != NULL; at += n)
		if ((at == words || at[-1] == ' ') &&
		    (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

START_TEST(test_holds)
{
	for (size_t i = 0; i < ROWS(clients); i++)
		ck_assert_msg(holds(&rows[_i].match, &clients[i]) ==
		    has_word(rows[_i].holds, clients[i].what), "%s: %s",
		    rows[_i].what, clients[i].what);
}
END_TEST

/*
 * What is said to cover another condition must hold wherever that does: or a
 * rule is reported as never reached that is.
 */
START_TEST(test_covers)
{
	const struct match *a = &rows[_i].match;

	ck_assert_msg(match_covers(a, a), "%s does not cover itself",
	    rows[_i].what);
	for (size_t other = 0; other < ROWS(rows); other++) {
		const struct match *b = &rows[other].match;

		if (!match_covers(a, b))
			continue;
		for (size_t i = 0; i < ROWS(clients); i++)
			ck_assert_msg(!holds(b, &clients[i]) ||
			    holds(a, &clients[i]), "\"%s\" is said to cover "
			    "\"%s\", but not %s", rows[_i].what,
			    rows[other].what, clients[i].what);
	}
}
END_TEST

/* And it must be seen where it matters. */
static const struct {
	const char *a, *b;
	bool covers;
} pairs[] = {
	{ "arch uefi, the family", "arch 7", true },
	{ "arch 7", "arch uefi, the family", false },
	{ "mac, beginning", "mac, whole", true },
	{ "mac, whole", "mac, beginning", false },
	{ "vendor class, shorter", "vendor class, beginning", true },
	{ "vendor class, beginning", "vendor class, shorter", false },
	{ "relay, a larger network", "relay", true },
	{ "relay", "relay, a larger network", false },
	{ "any relay", "relay", true },
	{ "circuit id, beginning", "circuit id, whole", true },
	{ "circuit id, whole", "circuit id, beginning", false },
	{ "client pxe or http", "client http", true },
	{ "client http", "client pxe or http", false },
	{ "arch 7", "vlan 10, inside or alone", false },
	{ "uuid", "uuid, its first three fields swapped", true },
	{ "uuid, its first three fields swapped", "uuid", true },
	{ "uuid", "uuid, one field swapped", false },
	{ "not client ipxe", "client ipxe", false },
};

static const struct match *
row(const char *what)
{
	for (size_t i = 0; i < ROWS(rows); i++)
		if (strcmp(rows[i].what, what) == 0)
			return &rows[i].match;
	ck_abort_msg("there is no row %s", what);
	return NULL;
}

START_TEST(test_pair)
{
	ck_assert_msg(match_covers(row(pairs[_i].a), row(pairs[_i].b)) ==
	    pairs[_i].covers, "%s, %s", pairs[_i].a, pairs[_i].b);
}
END_TEST

/* Does the request pass what is said of the condition at a glance? */
static bool
passes(const struct match *match, const struct client *client)
{
	struct pxe_request request;
	struct frame frame;
	struct dhcp dhcp;

	make_request(client, &frame, &dhcp, &request);
	return (match_arch_bit(&request) & match_archs(match)) != 0 &&
	    (~match_request_traits(&request) & match_traits(match)) == 0;
}

/* A request that a condition holds for never fails it at a glance. */
START_TEST(test_glance)
{
	for (size_t i = 0; i < ROWS(clients); i++)
		ck_assert_msg(passes(&rows[_i].match, &clients[i]) ||
		    !holds(&rows[_i].match, &clients[i]), "%s: %s fails it",
		    rows[_i].what, clients[i].what);
}
END_TEST

/* And most of those that it does not hold for do. */
static const struct {
	const char *what, *passes;
} glances[] = {
	{ "client ipxe", "ipxe http-ipxe" },
	{ "arch 7", "uefi uefi-4011 relayed" },
	{ "arch 0 or 22", "bios ipxe u-boot" },
	{ "uuid", "uefi uefi-4011 stranger" },
	{ "user class", "ipxe http-ipxe stranger" },
	{ "any relay", "uefi-4011 relayed" },
	{ "circuit id, too short", "relayed stranger" },
	{ "client network: on 4011 only", "uefi-4011" },
	{ "vlan 100, outside", "uefi uefi-4011 relayed" },
	{ "feature that is given as 0", "ipxe http-ipxe" },
};

START_TEST(test_glances)
{
	for (size_t i = 0; i < ROWS(clients); i++)
		ck_assert_msg(passes(row(glances[_i].what), &clients[i]) ==
		    has_word(glances[_i].passes, clients[i].what), "%s: %s",
		    glances[_i].what, clients[i].what);
}
END_TEST

/* Numbers that share the last bit with "none" must find one another. */
START_TEST(test_large_arch)
{
	struct match_value value = IS_ARCH(300);
	struct match match = { MATCH_ARCH, false, &value, 1 };
	struct client client = clients[0];

	client.arch = 300;
	ck_assert(holds(&match, &client) && passes(&match, &client));
	client.arch = 62;
	ck_assert(!passes(&match, &client));
}
END_TEST

/*
 * One condition and one request each: what the clients above do not send.
 */
#define UUID_PART(n_) { .text = "uuid*", .is.uuid = { UUID_OCTETS, (n_) } }

static const struct {
	const char *what;
	struct match match;
	const char *giaddr, *ciaddr;
	bool asks_file, on_4011;
	struct octets relay, uuid, user_class, client_id, host_name;
	bool holds;
} requests[] = {
#define BARE "0.0.0.0", "0.0.0.0", false, false
#define NONE OCTETS("")
	{ "relay: the network of link-selection", MATCH_(RELAY,
	    IS_NETWORK(10_1_16)), "192.0.2.1", "0.0.0.0", false, false,
	    OCTETS("\x05\x04\x0a\x01\x02\x00"), NONE, NONE, NONE, NONE,
	    true },
	{ "relay: not giaddr beside link-selection", MATCH_(RELAY,
	    IS_NETWORK(10_8)), "10.0.0.1", "0.0.0.0", false, false,
	    OCTETS("\x05\x04\xc0\x00\x02\x00"), NONE, NONE, NONE, NONE,
	    false },
	{ "relay: giaddr beside a link-selection of 3 octets", MATCH_(RELAY,
	    IS_NETWORK(10_8)), "10.0.0.1", "0.0.0.0", false, false,
	    OCTETS("\x05\x03\xc0\x00\x02"), NONE, NONE, NONE, NONE, true },
	{ "relay-address: giaddr beside link-selection",
	    MATCH_(RELAY_ADDRESS, IS_NETWORK(10_8)), "10.0.0.1", "0.0.0.0",
	    false, false, OCTETS("\x05\x04\xc0\x00\x02\x00"), NONE, NONE,
	    NONE, NONE, true },
	{ "relay-address: not link-selection", MATCH_(RELAY_ADDRESS,
	    IS_NETWORK(10_8)), "192.0.2.1", "0.0.0.0", false, false,
	    OCTETS("\x05\x04\x0a\x01\x02\x00"), NONE, NONE, NONE, NONE,
	    false },
	{ "relay-address: not a stray giaddr on port 4011",
	    MATCH_(RELAY_ADDRESS, IS_NETWORK(10_8)), "10.0.0.1", "10.1.0.5",
	    true, true, NONE, NONE, NONE, NONE, NONE, false },
	{ "circuit-id behind a sub-option 0", MATCH_(CIRCUIT_ID,
	    IS_TEXT("eth0")), BARE, OCTETS("\x00\x01x\x01\x04" "eth0"), NONE,
	    NONE, NONE, NONE, true },
	{ "circuit-id behind a sub-option 255", MATCH_(CIRCUIT_ID,
	    IS_TEXT("eth0")), BARE, OCTETS("\xff\x01x\x01\x04" "eth0"), NONE,
	    NONE, NONE, NONE, true },
	{ "circuit-id that is cut short", MATCH_(CIRCUIT_ID,
	    IS_TEXT("eth0")), BARE, OCTETS("\x01\x05" "eth0"), NONE, NONE,
	    NONE, NONE, false },
	{ "client-network of who chose from a menu on port 67",
	    MATCH_(CLIENT_NETWORK, IS_NETWORK(10_1_16)), "0.0.0.0",
	    "10.1.0.50", true, false, NONE, NONE, NONE, NONE, NONE, true },
	{ "client-network: not the ciaddr of a DISCOVER",
	    MATCH_(CLIENT_NETWORK, IS_NETWORK(10_1_16)), "0.0.0.0",
	    "10.1.0.50", false, false, NONE, NONE, NONE, NONE, NONE, false },
	{ "uuid, its beginning", MATCH_(UUID, UUID_PART(4)), BARE, NONE,
	    OCTETS("\0" UUID_OCTETS), NONE, NONE, NONE, true },
	{ "uuid, its beginning but for an octet", MATCH_(UUID, UUID_PART(5)),
	    BARE, NONE, OCTETS("\0" "\x00\x11\x22\x33\x45\x55\x66\x77\x88"
	    "\x99\xaa\xbb\xcc\xdd\xee\xff"), NONE, NONE, NONE, false },
	{ "uuid, its beginning in the order of the wire alone",
	    MATCH_(UUID, UUID_PART(4)), BARE, NONE, OCTETS("\0" UUID_SWAPPED),
	    NONE, NONE, NONE, false },
	{ "user-class, the beginning of a bare one", MATCH_(USER_CLASS,
	    IS_OPEN_TEXT("iP")), BARE, NONE, NONE, OCTETS("iPXE"), NONE,
	    NONE, true },
	{ "user-class, the beginning of a counted one", MATCH_(USER_CLASS,
	    IS_OPEN_TEXT("iP")), BARE, NONE, NONE, OCTETS("\x01x\x04iPXE"),
	    NONE, NONE, true },
	{ "user-class, a beginning that is the whole rule",
	    MATCH_(USER_CLASS, IS_TEXT("iP")), BARE, NONE, NONE,
	    OCTETS("iPXE"), NONE, NONE, false },
	{ "client-id", MATCH_(CLIENT_ID, IS_TEXT("rack7")), BARE, NONE, NONE,
	    NONE, OCTETS("rack7"), NONE, true },
	{ "client-id behind its type 0", MATCH_(CLIENT_ID, IS_TEXT("rack7")),
	    BARE, NONE, NONE, NONE, OCTETS("\0rack7"), NONE, true },
	{ "client-id behind a type of hardware", MATCH_(CLIENT_ID,
	    IS_TEXT("rack7")), BARE, NONE, NONE, NONE, OCTETS("\1rack7"),
	    NONE, false },
	{ "client-id of InfiniBand, its beginning", MATCH_(CLIENT_ID,
	    IS_OPEN_TEXT("\xff\0\0")), BARE, NONE, NONE, NONE,
	    OCTETS("\xff\0\0\0\0\0\2\0\0"), NONE, true },
	{ "no client-id", MATCH_(CLIENT_ID, IS_OPEN_TEXT("")), BARE, NONE,
	    NONE, NONE, NONE, NONE, false },
	{ "request-option", MATCH_(OPTION, IS_OPTION(12, "rack7", false)),
	    BARE, NONE, NONE, NONE, NONE, OCTETS("rack7"), true },
	{ "request-option, its beginning", MATCH_(OPTION,
	    IS_OPTION(12, "rack", true)), BARE, NONE, NONE, NONE, NONE,
	    OCTETS("rack7"), true },
	{ "request-option, longer", MATCH_(OPTION,
	    IS_OPTION(12, "rack", false)), BARE, NONE, NONE, NONE, NONE,
	    OCTETS("rack7"), false },
	{ "request-option of another code", MATCH_(OPTION,
	    IS_OPTION(13, "rack7", false)), BARE, NONE, NONE, NONE, NONE,
	    OCTETS("rack7"), false },
	{ "not that request-option: who sends none too", NOT_(OPTION,
	    IS_OPTION(12, "rack7", false)), BARE, NONE, NONE, NONE, NONE,
	    NONE, true },
#undef NONE
#undef BARE
};

/* An option of a request; none where the octets are none. */
static void
give_option(struct dhcp *dhcp, uint8_t code, struct octets octets)
{
	dhcp->has[code] = octets.n > 0;
	dhcp->option[code] = octets_span(octets);
}

START_TEST(test_request)
{
	struct frame frame = { .tags = 0 };
	struct dhcp dhcp;
	struct pxe_request request = { .frame = &frame, .dhcp = &dhcp,
		.on_4011 = requests[_i].on_4011,
		.question = requests[_i].asks_file ? PXE_ASKS_BOOT_SERVER :
		    PXE_ASKS_OFFER,
		.relay = octets_span(requests[_i].relay),
		.has_relay = requests[_i].relay.n > 0,
		.uuid = octets_span(requests[_i].uuid),
		.user_class = octets_span(requests[_i].user_class) };

	memset(&dhcp, 0, sizeof(dhcp));
	dhcp.giaddr = octets_address(requests[_i].giaddr);
	dhcp.ciaddr = octets_address(requests[_i].ciaddr);
	give_option(&dhcp, DHCP_OPT_CLIENT_ID, requests[_i].client_id);
	give_option(&dhcp, DHCP_OPT_HOST_NAME, requests[_i].host_name);
	ck_assert_msg(match_holds(&requests[_i].match, &request) ==
	    requests[_i].holds, "%s", requests[_i].what);
	ck_assert_msg(!requests[_i].holds ||
	    (~match_request_traits(&request) &
	    match_traits(&requests[_i].match)) == 0, "%s: at a glance",
	    requests[_i].what);
}
END_TEST

/* Ranges of VLANs. */
START_TEST(test_range)
{
	struct match_value value = IS_RANGE(10, 20);
	struct match match = { MATCH_VLAN, false, &value, 1 };
	struct client client = clients[0];

	client.tags = 1;
	for (uint16_t vlan = 1; vlan < 30; vlan++) {
		client.tag[0] = (struct frame_tag){ 0x8100, vlan };
		ck_assert_msg(holds(&match, &client) ==
		    (vlan >= 10 && vlan <= 20), "vlan %u", vlan);
	}
	client.tags = 0;
	ck_assert(!holds(&match, &client));
}
END_TEST

/*
 * Conditions and requests by chance, from so few values that they meet: what
 * one condition is said to cover, it must hold for, and what fails a condition
 * at a glance, it must not hold for.
 */
enum { RANDOM_VALUES = 2, RANDOM_ROUNDS = 6000, RANDOM_REQUESTS = 16 };

static const struct octets words[] = {
	OCTETS("a"), OCTETS("ab"), OCTETS("abc"), OCTETS("b"),
	OCTETS("\0" "a"), OCTETS("\0" "ab"), OCTETS("\2" "ab"),
	OCTETS("\1" "a\1" "b"),
};

static const uint8_t uuids[][MATCH_UUID_OCTETS + 1] = {
	UUID_OCTETS, UUID_SWAPPED, UUID_HALF_SWAPPED,
};

static struct in_addr
random_address(struct dice *dice)
{
	static const char *const addresses[] = { "0.0.0.0", "10.1.0.1",
		"10.1.2.3", "10.2.0.1", "192.0.2.1" };

	return octets_address(ONE_OF(dice, addresses));
}

static struct match_network
random_network(struct dice *dice)
{
	static const char *const masks[] = { "0.0.0.0", "255.0.0.0",
		"255.255.0.0", "255.255.255.255" };
	struct match_network network = { random_address(dice),
		octets_address(ONE_OF(dice, masks)) };

	network.address.s_addr &= network.mask.s_addr;
	return network;
}

static uint16_t
random_arch(struct dice *dice)
{
	static const uint16_t archs[] = { 0, 6, 7, 22, 62, 300 };

	return ONE_OF(dice, archs);
}

static struct match_value
random_value(struct dice *dice, enum match_key key)
{
	struct match_value value = { .text = "by chance" };
	uint16_t number = (uint16_t)dice_roll(dice, 4);

	switch (key) {
	case MATCH_CLIENT:
		value.is.client = (enum match_client)dice_roll(dice,
		    MATCH_CLIENTS);
		break;
	case MATCH_ARCH:
		value.is.arch.is_family = one_in(dice, 2);
		value.is.arch.family = (enum arch_family)dice_roll(dice, 4);
		value.is.arch.number = random_arch(dice);
		break;
	case MATCH_MAC:
		for (size_t i = 0; i < FRAME_MAC; i++) {
			value.is.mac.mask[i] = one_in(dice, 3) ? 0xff : 0;
			value.is.mac.value[i] = value.is.mac.mask[i] &
			    (uint8_t)dice_roll(dice, 2);
		}
		break;
	case MATCH_UUID:
		memcpy(value.is.uuid.octets, ONE_OF(dice, uuids),
		    MATCH_UUID_OCTETS);
		value.is.uuid.n = one_in(dice, 2) ? MATCH_UUID_OCTETS :
		    (uint8_t)(1 + dice_roll(dice, MATCH_UUID_OCTETS - 1));
		break;
	case MATCH_IPXE_FEATURE:
		value.is.number = number;
		break;
	case MATCH_VLAN:
		value.is.range.low = number;
		value.is.range.high = (uint16_t)(number +
		    (number > 0 ? dice_roll(dice, 3) : 0));
		break;
	case MATCH_RELAY:
	case MATCH_RELAY_ADDRESS:
	case MATCH_CLIENT_NETWORK:
		value.is.network = random_network(dice);
		break;
	case MATCH_INTERFACE:
		value.is.interface = one_in(dice, 2) ? "eth0" : "eth1";
		break;
	case MATCH_HOSTS:
		value.is.hosts = &hosts;
		break;
	case MATCH_VENDOR_CLASS:
	case MATCH_USER_CLASS:
	case MATCH_CLIENT_ID:
	case MATCH_CIRCUIT_ID:
	case MATCH_REMOTE_ID:
	case MATCH_OPTION:
	case MATCH_KEYS:
		value.is.text_or_hex.octets =
		    octets_span(ONE_OF(dice, words));
		value.is.text_or_hex.open = one_in(dice, 2);
		value.is.text_or_hex.code = (uint8_t)(12 +
		    dice_roll(dice, 2));
		break;
	}
	return value;
}

static struct match
random_match(struct dice *dice, enum match_key key,
    struct match_value value[RANDOM_VALUES])
{
	size_t n = 1 + dice_roll(dice, RANDOM_VALUES);

	for (size_t i = 0; i < n; i++)
		value[i] = random_value(dice, key);
	return (struct match){ key, one_in(dice, 3), value, n };
}

static void
random_request(struct dice *dice, struct frame *frame, struct dhcp *dhcp,
    struct pxe_request *out)
{
	static const struct octets relays[] = { OCTETS(""),
		OCTETS("\1\1" "a\2\2" "ab"), OCTETS("\0\0\1\2" "ab"),
		OCTETS("\5\4\x0a\2\0\1\2\1" "b") };
	static const struct octets features[] = { OCTETS(""),
		OCTETS("\1\1\1"), OCTETS("\2\1\0\3\0") };
	struct client client = ONE_OF(dice, clients);
	static uint8_t uuid[MATCH_UUID_OCTETS + 1];

	make_request(&client, frame, dhcp, out);
	if (one_in(dice, 2))
		for (size_t i = 0; i < FRAME_MAC; i++)
			dhcp->chaddr[i] = (uint8_t)dice_roll(dice, 2);
	dhcp->giaddr = random_address(dice);
	dhcp->ciaddr = random_address(dice);
	give_option(dhcp, DHCP_OPT_CLIENT_ID, ONE_OF(dice, words));
	give_option(dhcp, 12, ONE_OF(dice, words));
	give_option(dhcp, 13, one_in(dice, 2) ? (struct octets)OCTETS("") :
	    ONE_OF(dice, words));
	out->question = one_in(dice, 2) ? PXE_ASKS_BOOT_SERVER :
	    PXE_ASKS_OFFER;
	out->on_4011 = out->question == PXE_ASKS_BOOT_SERVER &&
	    one_in(dice, 2);
	out->has_arch = !one_in(dice, 6);
	out->arch = random_arch(dice);
	out->vendor_class = octets_span(ONE_OF(dice, words));
	out->user_class = octets_span(ONE_OF(dice, words));
	out->relay = octets_span(ONE_OF(dice, relays));
	out->has_relay = out->relay.n > 0;
	out->ipxe = octets_span(ONE_OF(dice, features));
	out->interface = one_in(dice, 2) ? "eth0" : "eth1";
	memcpy(uuid + 1, ONE_OF(dice, uuids), MATCH_UUID_OCTETS);
	out->uuid = (struct span){ uuid, sizeof(uuid) };
	frame->tags = dice_roll(dice, FRAME_TAGS + 1);
	for (unsigned i = 0; i < frame->tags; i++)
		frame->tag[i] = (struct frame_tag){ 0x8100,
		    (uint16_t)(1 + dice_roll(dice, 5)) };
}

/* Octets that a request does not fail for at a glance. */
static bool
passes_request(const struct match *match, const struct pxe_request *request)
{
	return (match_arch_bit(request) & match_archs(match)) != 0 &&
	    (~match_request_traits(request) & match_traits(match)) == 0;
}

START_TEST(test_random)
{
	enum match_key key = (enum match_key)_i;
	struct dice dice = dice_of((uint32_t)_i + 1);
	unsigned covered = 0;

	for (unsigned round = 0; round < RANDOM_ROUNDS / MATCH_KEYS;
	    round++) {
		struct match_value values[2][RANDOM_VALUES];
		struct match a = random_match(&dice, key, values[0]);
		struct match b = random_match(&dice, key, values[1]);
		bool covers = match_covers(&a, &b);

		covered += covers ? 1 : 0;
		for (unsigned i = 0; i < RANDOM_REQUESTS; i++) {
			struct pxe_request request;
			struct frame frame;
			struct dhcp dhcp;

			random_request(&dice, &frame, &dhcp, &request);
			ck_assert_msg(!covers || !match_holds(&b, &request) ||
			    match_holds(&a, &request),
			    "%s, round %u: covers what it does not hold for",
			    match_key_name(key), round);
			ck_assert_msg(!match_holds(&a, &request) ||
			    passes_request(&a, &request),
			    "%s, round %u: holds for what fails at a glance",
			    match_key_name(key), round);
		}
	}
	ck_assert_msg(covered > 0, "%s: nothing covers anything",
	    match_key_name(key));
}
END_TEST

START_TEST(test_names)
{
	static const char *const keys[] = { "client", "arch", "mac", "uuid",
		"vendor-class", "user-class", "client-id", "ipxe-feature",
		"relay", "relay-address", "circuit-id", "remote-id", "vlan",
		"interface", "client-network", "hosts-file",
		"request-option" };

	ck_assert_uint_eq(ROWS(keys), MATCH_KEYS);
	for (unsigned i = 0; i < MATCH_KEYS; i++)
		ck_assert_str_eq(match_key_name((enum match_key)i), keys[i]);
	for (unsigned i = 0; i < MATCH_CLIENTS; i++)
		ck_assert_uint_eq(match_client_by_name(
		    match_client_name((enum match_client)i)), i);
	ck_assert_uint_eq(match_client_by_name("PXE"), MATCH_CLIENTS);
	ck_assert_uint_eq(match_feature_by_name("http"), 0x13);
	ck_assert_uint_eq(match_feature_by_name("efi"), 0x24);
	ck_assert_uint_eq(match_feature_by_name("HTTP"), 0);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("match");
	TCase *tc = tcase_create("match");

	tcase_set_timeout(tc, 120);	/* a busy machine is no fault */

	tcase_add_loop_test(tc, test_holds, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_covers, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_pair, 0, ROWS(pairs));
	tcase_add_loop_test(tc, test_glance, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_glances, 0, ROWS(glances));
	tcase_add_loop_test(tc, test_request, 0, ROWS(requests));
	tcase_add_loop_test(tc, test_random, 0, MATCH_KEYS);
	tcase_add_test(tc, test_range);
	tcase_add_test(tc, test_large_arch);
	tcase_add_test(tc, test_names);
	suite_add_tcase(s, tc);
	return s;
}
