#include <check.h>

#include "core/hosts.h"
#include "core/match.h"
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
static const struct hosts_table hosts = { slot, 2, false };

#define IS_UUID(octets_) { .text = "uuid", .is.uuid = octets_ }
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

	{ "vlan 10, inside or alone", MATCH_(VLAN, IS_NUMBER(10)),
	    "uefi uefi-4011 relayed" },
	{ "vlan 100, outside", MATCH_(VLAN, IS_NUMBER(100)), "relayed" },
	{ "vlan 0: untagged", MATCH_(VLAN, IS_NUMBER(0)),
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

START_TEST(test_names)
{
	static const char *const keys[] = { "client", "arch", "mac", "uuid",
		"vendor-class", "user-class", "ipxe-feature", "relay",
		"circuit-id", "remote-id", "vlan", "interface",
		"client-network", "hosts-file" };

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

	tcase_add_loop_test(tc, test_holds, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_covers, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_pair, 0, ROWS(pairs));
	tcase_add_loop_test(tc, test_glance, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_glances, 0, ROWS(glances));
	tcase_add_test(tc, test_large_arch);
	tcase_add_test(tc, test_names);
	suite_add_tcase(s, tc);
	return s;
}
