#include <check.h>

#include "core/hosts.h"
#include "unit/octets.h"
#include "unit/suite.h"

enum { SLOTS = 1024 };

static struct hosts_entry slot[SLOTS];
static const struct hosts_table hosts = { slot, SLOTS, true, "hosts" };

/* Put a row in, as the header says: the first free slot from its own. */
static void
add(struct span key, const char *file)
{
	size_t at = hosts_start(&hosts, key);

	ck_assert_uint_lt(at, SLOTS);
	while (slot[at].n != 0)
		at = (at + 1) % SLOTS;
	slot[at].n = key.n & 0x1f;
	memcpy(slot[at].key, key.p, key.n);
	slot[at].file = file;
}

static struct span
mac_of(uint8_t mac[6], unsigned number)
{
	uint8_t made[6] = { 0x52, 0x54, 0x00, (uint8_t)(number >> 16),
		(uint8_t)(number >> 8), (uint8_t)number };

	memcpy(mac, made, sizeof(made));
	return (struct span){ mac, 6 };
}

/* All but one slot taken: each row is found, and no other. */
START_TEST(test_full)
{
	uint8_t mac[6];

	memset(slot, 0, sizeof(slot));
	for (unsigned i = 0; i < SLOTS - 1; i++)
		add(mac_of(mac, i), "f");
	for (unsigned i = 0; i < 2 * SLOTS; i++) {
		const struct hosts_entry *host = hosts_by_key(&hosts,
		    mac_of(mac, i));

		ck_assert_msg((host != NULL) == (i < SLOTS - 1), "host %u",
		    i);
		if (host != NULL)
			ck_assert_mem_eq(host->key, mac, 6);
	}
}
END_TEST

/* Vendors number their MAC addresses: the hash must spread those. */
START_TEST(test_spread)
{
	static unsigned char seen[SLOTS];
	uint8_t mac[6];
	unsigned most = 0;

	memset(seen, 0, sizeof(seen));
	for (unsigned i = 0; i < SLOTS; i++) {
		size_t at = hosts_start(&hosts, mac_of(mac, i * 4));

		if (++seen[at] > most)
			most = seen[at];
	}
	ck_assert_msg(most <= 12, "%u of %d hosts begin in one slot", most,
	    SLOTS);
}
END_TEST

static const uint8_t uuid[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15, 16 };

static const uint8_t swapped[] = { 0, 4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12,
	13, 14, 15, 16 };
static const uint8_t both[] = { 0, 8, 7, 6, 5, 4, 3, 2, 1, 9, 10, 11, 12,
	13, 14, 15, 16 };
static const uint8_t both_swapped[] = { 0, 5, 6, 7, 8, 3, 4, 1, 2, 9, 10, 11,
	12, 13, 14, 15, 16 };
static const uint8_t last_swapped[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 9, 12,
	11, 14, 13, 16, 15 };

static const struct {
	const char *what;
	uint8_t hlen;
	const char *mac;
	struct span uuid;
	const char *file;	/* NULL: no host */
} finds[] = {
	{ "by its MAC address", 6, "\x52\x54\x00\x00\x00\x01", { NULL, 0 },
	    "by-mac" },
	{ "by its UUID", 6, "\x52\x54\x00\x00\x00\x99",
	    { uuid, sizeof(uuid) }, "by-uuid" },
	{ "the MAC address goes before the UUID", 6,
	    "\x52\x54\x00\x00\x00\x01", { uuid, sizeof(uuid) }, "by-mac" },
	{ "neither", 6, "\x52\x54\x00\x00\x00\x99", { NULL, 0 }, NULL },
	{ "a hardware address of 5 octets", 5, "\x52\x54\x00\x00\x00\x01",
	    { NULL, 0 }, NULL },
	{ "a hardware address of 16 octets", 16, "\x52\x54\x00\x00\x00\x01",
	    { NULL, 0 }, NULL },
	{ "a UUID of another type", 6, "\x52\x54\x00\x00\x00\x99",
	    { uuid + 1, sizeof(uuid) - 1 }, NULL },
	{ "by its UUID with the first three fields swapped", 6,
	    "\x52\x54\x00\x00\x00\x99", { swapped, sizeof(swapped) },
	    "by-uuid" },
	{ "a UUID with other fields swapped", 6,
	    "\x52\x54\x00\x00\x00\x99",
	    { last_swapped, sizeof(last_swapped) }, NULL },
	{ "both orders in the table: that of the wire", 6,
	    "\x52\x54\x00\x00\x00\x99", { both, sizeof(both) }, "both" },
	{ "both orders in the table: the other one", 6,
	    "\x52\x54\x00\x00\x00\x99",
	    { both_swapped, sizeof(both_swapped) }, "both-swapped" },
	{ "the MAC address goes before a swapped UUID", 6,
	    "\x52\x54\x00\x00\x00\x01", { swapped, sizeof(swapped) },
	    "by-mac" },
};

START_TEST(test_find)
{
	struct dhcp dhcp = { .hlen = finds[_i].hlen };
	struct pxe_request request = { .dhcp = &dhcp,
		.uuid = finds[_i].uuid, .has_uuid = finds[_i].uuid.n > 0 };
	const struct hosts_entry *host;

	memset(slot, 0, sizeof(slot));
	add(SPAN_OF("\x52\x54\x00\x00\x00\x01"), "by-mac");
	add((struct span){ uuid + 1, 16 }, "by-uuid");
	add((struct span){ both + 1, 16 }, "both");
	add((struct span){ both_swapped + 1, 16 }, "both-swapped");
	memcpy(dhcp.chaddr, finds[_i].mac, 6);
	host = hosts_find(&hosts, &request);
	ck_assert_msg((host != NULL) == (finds[_i].file != NULL),
	    "%s: found %d", finds[_i].what, host != NULL);
	if (host != NULL)
		ck_assert_msg(strcmp(host->file, finds[_i].file) == 0,
		    "%s: %s", finds[_i].what, host->file);
}
END_TEST

/* Six octets of a UUID are not a MAC address. */
START_TEST(test_lengths)
{
	memset(slot, 0, sizeof(slot));
	add((struct span){ uuid + 1, 16 }, "by-uuid");
	ck_assert_ptr_null(hosts_by_key(&hosts, (struct span){ uuid + 1, 6 }));
	ck_assert_ptr_null(hosts_by_key(&hosts, (struct span){ NULL, 0 }));
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("hosts");
	TCase *tc = tcase_create("hosts");

	tcase_add_loop_test(tc, test_find, 0, ROWS(finds));
	tcase_add_test(tc, test_full);
	tcase_add_test(tc, test_spread);
	tcase_add_test(tc, test_lengths);
	suite_add_tcase(s, tc);
	return s;
}
