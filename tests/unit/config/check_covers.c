#include <check.h>
#include <stdio.h>
#include <string.h>

#include "config/earlier.h"
#include "config/value.h"
#include "core/policy.h"
#include "unit/dice.h"
#include "unit/suite.h"

/*
 * check_covers.c - random rules, and random requests: where one rule covers
 * another, there is no request that only the other one takes; and what covers
 * a rule is found among those before it.
 */

enum { RULES = 400, REQUESTS = 600, CONDITIONS = 3, VALUES = 2, ROOM = 64 };

/* Values of each condition, and of what a client says. */
static const struct {
	enum match_key key;
	const char *value[8];
} values[] = {
	{ MATCH_CLIENT, { "pxe", "http", "ipxe", "other" } },
	{ MATCH_ARCH, { "0", "7", "9", "16", "22", "bios", "uefi", "uboot" } },
	{ MATCH_MAC, { "52:54:00:*", "52:54:00:12:*", "52:54:00:12:34:56",
	    "52:54:00:12:34:57", "*:*:*:*:*:57", "*" } },
	{ MATCH_UUID, { "00112233-4455-6677-8899-aabbccddeeff",
	    "33221100-5544-7766-8899-aabbccddeeff", "0011*", "00112233-*",
	    "00112233-4455-6677-8899-aabbccddeefe" } },
	{ MATCH_VENDOR_CLASS, { "PXE", "PXEClient", "PXEClient:Arch:00007",
	    "HTTPClient", "U-Boot" } },
	{ MATCH_USER_CLASS, { "iPXE", "rack", "rack7", "rack*" } },
	{ MATCH_RELAY, { "10.7.0.0/16", "10.7.1.0/24", "10.7.1.1",
	    "0.0.0.0/0", "10.8.0.0/16" } },
	{ MATCH_CIRCUIT_ID, { "eth0", "eth*", "eth1", "*" } },
	{ MATCH_REMOTE_ID, { "hex:00:04", "hex:00:04:01", "hex:00*", "a*" } },
	{ MATCH_VLAN, { "0", "7", "8", "7-8", "5-10" } },
	{ MATCH_RELAY_ADDRESS, { "10.7.0.0/16", "10.7.1.1" } },
	{ MATCH_OPTION, { "93 hex 0007", "93 hex 00*", "12 text rack*",
	    "12 text rack7" } },
	{ MATCH_CLIENT_ID, { "hex:01*", "hex:0152", "abc" } },
	{ MATCH_INTERFACE, { "eth0", "eth1" } },
	{ MATCH_CLIENT_NETWORK, { "10.7.0.0/16", "10.0.0.0/8" } },
	{ MATCH_IPXE_FEATURE, { "http", "efi" } },
};

enum { KEYS = sizeof(values) / sizeof(values[0]) };

/* A rule and all that it borrows. */
struct drawn_rule {
	struct policy_rule rule;
	struct match match[CONDITIONS];
	struct match_value value[CONDITIONS][VALUES];
	uint8_t octets[CONDITIONS][VALUES][ROOM];
};

struct drawn_request {
	struct pxe_request request;
	struct dhcp dhcp;
	struct frame frame;
	uint8_t uuid[17];
	uint8_t relay[16];
};

static struct drawn_rule rule[RULES];
static struct policy_rule plain_rule[RULES];
static struct drawn_request request[REQUESTS];

static void
draw_match(struct dice *dice, struct drawn_rule *out, unsigned i)
{
	unsigned row = dice_roll(dice, KEYS), choices = 0;
	struct match *match = &out->match[i];

	while (choices < 8 && values[row].value[choices] != NULL)
		choices++;
	match->key = values[row].key;
	match->negated = dice_roll(dice, 4) == 0;
	match->value = out->value[i];
	match->n = 1 + dice_roll(dice, VALUES);
	for (size_t j = 0; j < match->n; j++) {
		struct value_room room = { out->octets[i][j], ROOM, 0 };
		const char *text = values[row].value[dice_roll(dice,
		    choices)];
		const char *fault = value_match(match->key, text, &room,
		    &out->value[i][j]);

		ck_assert_msg(fault == NULL, "%s %s", text, fault);
	}
}

static void
draw_rule(struct dice *dice, struct drawn_rule *out)
{
	out->rule.match = out->match;
	out->rule.n_match = 1 + dice_roll(dice, CONDITIONS);
	out->rule.form = dice_roll(dice, 4) == 0 ? FORM_PLAIN : FORM_DEFAULT;
	for (unsigned i = 0; i < out->rule.n_match; i++)
		draw_match(dice, out, i);
}

static void
draw_relay(struct dice *dice, struct drawn_request *out)
{
	static const char *const relays[] = { "\x01\x04" "eth0",
	    "\x01\x04" "eth1\x02\x01" "a", "\x01\x01" "x\x02\x02\x00\x04" };
	static const size_t sizes[] = { 6, 9, 7 };
	unsigned which = dice_roll(dice, 4);

	if (which == 3)
		return;
	memcpy(out->relay, relays[which], sizes[which]);
	out->request.relay = (struct span){ out->relay, sizes[which] };
	out->request.has_relay = true;
}

static void
draw_request(struct dice *dice, struct drawn_request *out)
{
	static const uint16_t archs[] = { 0, 7, 9, 16, 22 };
	static const char *const classes[] = { "PXEClient",
	    "PXEClient:Arch:00007", "HTTPClient:Arch", "U-Boot.armv8" };
	static const char *const users[] = { "iPXE", "\x04iPXE", "rack",
	    "\x05rack7", "" };
	static const uint32_t addresses[] = { 0, 0x0a070101, 0x0a070102,
	    0x0a080101 };
	static const uint8_t mac[] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	static const uint8_t uuid[] = { 0, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
	    0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	struct pxe_request *r = &out->request;
	unsigned kind = dice_roll(dice, 4);

	r->dhcp = &out->dhcp;
	r->frame = &out->frame;
	memcpy(out->dhcp.chaddr, mac, sizeof(mac));
	out->dhcp.hlen = FRAME_MAC;
	out->dhcp.chaddr[dice_roll(dice, 6)] ^= (uint8_t)dice_roll(dice, 2);
	r->client = kind < 2 ? PXE_CLIENT_PXE :
	    kind == 2 ? PXE_CLIENT_HTTP : PXE_CLIENT_OTHER;
	r->vendor_class = span_text(classes[kind]);
	r->has_arch = dice_roll(dice, 5) > 0;
	r->arch = archs[dice_roll(dice, 5)];
	r->is_ipxe = dice_roll(dice, 3) == 0;
	r->user_class = span_text(users[dice_roll(dice, 5)]);
	if (dice_roll(dice, 2) == 0) {
		memcpy(out->uuid, uuid, sizeof(uuid));
		out->uuid[16] ^= (uint8_t)dice_roll(dice, 2);
		r->uuid = (struct span){ out->uuid, sizeof(out->uuid) };
	}
	draw_relay(dice, out);
	if (dice_roll(dice, 2) == 0)
		r->ipxe = SPAN_OF("\x13\x01\x01");
	r->on_4011 = dice_roll(dice, 3) == 0;
	out->dhcp.giaddr.s_addr = htonl(addresses[dice_roll(dice, 4)]);
	out->dhcp.ciaddr.s_addr = htonl(addresses[dice_roll(dice, 4)]);
	r->interface = dice_roll(dice, 2) == 0 ? "eth0" : "eth1";
	out->frame.tags = dice_roll(dice, 3);
	out->frame.tag[0].tci = (uint16_t)(7 + dice_roll(dice, 2));
	out->frame.tag[1].tci = 7;
}

static void
draw_all(unsigned seed)
{
	struct dice dice = dice_of(seed);

	memset(rule, 0, sizeof(rule));
	memset(request, 0, sizeof(request));
	for (unsigned i = 0; i < RULES; i++) {
		draw_rule(&dice, &rule[i]);
		plain_rule[i] = rule[i].rule;
	}
	for (unsigned i = 0; i < REQUESTS; i++)
		draw_request(&dice, &request[i]);
}

START_TEST(test_covers)
{
	unsigned long covered = 0, taken = 0;

	draw_all((unsigned)_i);
	for (unsigned i = 0; i < RULES; i++) {
		for (unsigned j = 0; j < RULES; j++) {
			if (i == j || !policy_covers(&plain_rule[i],
			    &plain_rule[j]))
				continue;
			covered++;
			for (unsigned k = 0; k < REQUESTS; k++) {
				const struct pxe_request *r =
				    &request[k].request;

				if (!policy_matches(&plain_rule[j], r))
					continue;
				taken++;
				ck_assert_msg(policy_matches(&plain_rule[i],
				    r), "seed %d: %u covers %u, and %u is the "
				    "latter's alone", _i, i, j, k);
			}
		}
	}
	ck_assert_msg(covered > 200 && taken > 200, "%lu, %lu", covered,
	    taken);
}
END_TEST

/* A rule before another one, and whether it covers that. */
struct search {
	size_t of;
};

static bool
is_covering(void *with, size_t earlier)
{
	const struct search *search = with;

	return policy_covers(&plain_rule[earlier], &plain_rule[search->of]);
}

START_TEST(test_earlier)
{
	struct memory memory = { 0 };
	struct earlier *earlier;
	unsigned found = 0;

	draw_all((unsigned)_i);
	earlier = earlier_make(&memory, plain_rule, RULES);
	ck_assert_ptr_nonnull(earlier);
	for (size_t i = 0; i < RULES; i++) {
		struct search search = { i };
		bool wanted = false;

		for (size_t j = 0; j < i && !wanted; j++)
			wanted = policy_covers(&plain_rule[j], &plain_rule[i]);
		ck_assert_msg(earlier_find(earlier, i, is_covering,
		    &search) == wanted, "seed %d: rule %zu", _i, i);
		found += wanted;
	}
	memory_release(&memory);
	ck_assert_uint_gt(found, 20);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("covers");
	TCase *tc = tcase_create("covers");

	tcase_add_loop_test(tc, test_covers, 0, 4);
	tcase_add_loop_test(tc, test_earlier, 0, 4);
	suite_add_tcase(s, tc);
	return s;
}
