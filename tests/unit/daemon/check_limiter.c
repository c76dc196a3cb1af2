#include <check.h>
#include <string.h>

#include "daemon/limiter.h"
#include "unit/dice.h"
#include "unit/octets.h"
#include "unit/suite.h"

/*
 * Time passes in steps of a millisecond.  The secret is the same in each run,
 * so that what is by chance is the same too.
 */

enum { MS = 1000, LEGITIMATE = 40, FLOOD = 60 /* a millisecond */ };

static const struct siphash_secret secret = { "a secret of ours" };
static const struct config_rates defaults = { CONFIG_CLIENT_RATE,
    CONFIG_TOTAL_RATE };

static struct limiter *limiter;
static struct limiter_link links[2];
static struct responder_exchange asked;
static enum verdict why;

static void
set_up(void)
{
	memset(links, 0, sizeof(links));
	links[1].number = 1;
	limiter = limiter_open(&secret);
	ck_assert_ptr_nonnull(limiter);
}

static void
tear_down(void)
{
	limiter_close(limiter);
}

/* A machine on the link, which sends as itself. */
static void
machine(uint32_t number)
{
	memset(&asked, 0, sizeof(asked));
	asked.dhcp.hlen = FRAME_MAC;
	memcpy(asked.frame.from, "\x52\x54", 2);
	memcpy(asked.frame.from + 2, &number, sizeof(number));
	memcpy(asked.dhcp.chaddr, asked.frame.from, FRAME_MAC);
}

/* A machine behind a relay, which is behind the one router. */
static void
machine_behind(const char *relay, uint32_t number)
{
	machine(number);
	asked.dhcp.giaddr = asked.frame.source = octets_address(relay);
	memcpy(asked.frame.from, "\x02\x00\x00\x00\x00\x01", FRAME_MAC);
}

static bool
allowed(unsigned link, int64_t ms)
{
	const struct timespec now = { ms / MS, ms % MS * 1000000 };

	return limiter_allows(limiter, &links[link], &asked, now, &why);
}

/* So many times at once. */
static unsigned
times(unsigned link, int64_t ms, unsigned requests)
{
	unsigned n = 0;

	while (requests-- > 0)
		n += allowed(link, ms);
	return n;
}

/*
 * Clients.
 */

START_TEST(test_client)
{
	const struct config_rates rates = { 10, 1000000 };

	limiter_use(limiter, &rates, 1);
	machine(1);
	/* Full at the start, then as fast as the rate, and no faster. */
	ck_assert_uint_eq(times(0, 100000, 80), 50);
	ck_assert(why == VERDICT_CLIENT_RATE);
	machine(2);
	ck_assert_uint_eq(times(0, 100000, 80), 50);
	machine(1);
	ck_assert_uint_eq(times(0, 101000, 80), 10);
	ck_assert_uint_eq(times(0, 101500, 80), 5);
	/* Time that was not used saves up so much and no more. */
	ck_assert_uint_eq(times(0, 9000000, 80), 50);
	ck_assert_uint_eq(times(0, 9000000, 80), 0);
}
END_TEST

static void as_it_is(void) { }
static void from_elsewhere(void) { asked.frame.from[0] ^= 2; }
static void
with_an_address(void)
{
	asked.frame.source = octets_address("10.9.0.9");
}

static void
through_a_relay(void)
{
	asked.dhcp.giaddr = octets_address("10.9.0.1");
}

static void
in_a_vlan(void)
{
	asked.frame.tags = 1;
	asked.frame.tag[0] = (struct frame_tag){ ETHERTYPE_IS_8021Q, 7 };
}

static void in_priority(void) { asked.dhcp.secs = 4; asked.dhcp.xid = 9; }

/* Who else asks with the same hardware address, and what that leaves it. */
static const struct {
	const char *what;
	void (*change)(void);
	unsigned link, left;
} others[] = {
	{ "itself", as_it_is, 0, 0 },
	{ "itself, a retransmission", in_priority, 0, 0 },
	{ "another Ethernet source", from_elsewhere, 0, 1 },
	{ "another IPv4 source", with_an_address, 0, 1 },
	{ "through a relay", through_a_relay, 0, 1 },
	{ "in a VLAN", in_a_vlan, 0, 1 },
	{ "on another link", as_it_is, 1, 1 },
};

START_TEST(test_who)
{
	const struct config_rates rates = { 1, 0 };

	limiter_use(limiter, &rates, 2);
	machine(1);
	others[_i].change();
	ck_assert_uint_eq(times(others[_i].link, 0, 100), 5);
	machine(1);
	ck_assert_msg(times(0, 0, 1) == others[_i].left, "%s",
	    others[_i].what);
}
END_TEST

/* InfiniBand (RFC 4390): no hardware address, a client identifier. */
static void
infiniband(uint32_t number, enum dhcp_code code)
{
	static uint8_t name[20];

	machine_behind("10.9.0.1", 0);
	asked.dhcp.hlen = 0;
	memset(asked.dhcp.chaddr, 0, DHCP_CHADDR);
	memcpy(name + 16, &number, sizeof(number));
	asked.dhcp.has[code] = true;
	asked.dhcp.option[code] = (struct span){ name, sizeof(name) };
}

START_TEST(test_infiniband)
{
	const struct config_rates rates = { 1, 0 };

	limiter_use(limiter, &rates, 1);
	for (uint32_t i = 0; i < 500; i++) {
		infiniband(i, DHCP_OPT_CLIENT_ID);
		ck_assert_uint_eq(times(0, 0, 10), 5);
		infiniband(1000 + i, DHCP_OPT_UUID);
		ck_assert_uint_eq(times(0, 0, 10), 5);
	}
}
END_TEST

/* More clients than there are slots: none is denied, and those who ask much
 * are not forgotten for those who ask little. */
START_TEST(test_many_clients)
{
	const struct config_rates rates = { 1, 0 };

	limiter_use(limiter, &rates, 1);
	for (uint32_t i = 0; i < 500; i++) {
		machine(i);
		ck_assert_uint_eq(times(0, 0, 9), 5);
	}
	for (uint32_t i = 1000; i < 50000; i++) {
		machine(i);
		ck_assert(allowed(0, 0));
	}
	for (uint32_t i = 0; i < 500; i++) {
		machine(i);
		ck_assert(!allowed(0, 0));
	}
}
END_TEST

START_TEST(test_none)
{
	const struct config_rates rates = { 0, 0 };

	limiter_use(limiter, &rates, 1);
	machine(1);
	ck_assert_uint_eq(times(0, 0, 100000), 100000);
}
END_TEST

/* A thousand machines at once, with retries, are within the defaults. */
START_TEST(test_defaults)
{
	limiter_use(limiter, &defaults, 1);
	for (uint32_t i = 0; i < 1000; i++) {
		machine(i);
		ck_assert_uint_eq(times(0, 100000, 10), 10);
	}
}
END_TEST

/*
 * All together.
 */

/* What floods.  Each frame of it is by a number of its own. */
static void flood_of_addresses(uint32_t i) { machine(1U << 31 | i); }
static void flood_in_turn(uint32_t i) { machine(1U << 31 | i % 60000); }

static void
flood_of_chaddrs(uint32_t i)
{
	machine(1U << 31 | i);
	memcpy(asked.frame.from, "\x02\x00\x00\x00\x00\x66", FRAME_MAC);
}

static void
flood_by_relay(uint32_t i)
{
	machine_behind("10.66.0.1", 1U << 31 | i);
}

static void
flood_of_relays(uint32_t i)
{
	machine_behind("10.66.0.1", 1U << 31 | i);
	asked.dhcp.giaddr.s_addr = 0x0a | i << 8;
	asked.frame.source = asked.dhcp.giaddr;
}

static void
flood_in_vlan(uint32_t i)
{
	machine(1U << 31 | i);
	in_a_vlan();
}

static void legitimate(uint32_t i) { machine(i); }
static void by_a_relay(uint32_t i) { machine_behind("10.7.0.1", i); }
static void by_that_relay(uint32_t i) { machine_behind("10.66.0.1", i); }

static void
in_another_vlan(uint32_t i)
{
	machine(i);
	in_a_vlan();
	asked.frame.tag[0].tci = 8;
}

/* The legitimate ones are on the first link. */
static const struct {
	const char *what;
	void (*flood)(uint32_t i);
	unsigned flooded;
	void (*legitimate)(uint32_t i);
	unsigned tries;			/* after which each was answered */
} floods[] = {
	{ "addresses, on another link", flood_of_addresses, 1, legitimate, 1 },
	{ "relays, on another link", flood_of_relays, 1, by_a_relay, 1 },
	{ "through another relay", flood_by_relay, 0, by_a_relay, 1 },
	{ "on the link, beside a relay", flood_of_addresses, 0, by_a_relay, 1 },
	{ "through a relay, beside a link", flood_by_relay, 0, legitimate, 1 },
	{ "of relays, beside a link", flood_of_relays, 0, legitimate, 1 },
	{ "in another VLAN", flood_in_vlan, 0, in_another_vlan, 1 },
	{ "chaddrs of one sender", flood_of_chaddrs, 0, legitimate, 2 },
	{ "addresses, on the same link", flood_of_addresses, 0, legitimate,
	    2 },
	{ "of relays, beside a relay", flood_of_relays, 0, by_a_relay, 2 },
	{ "through the same relay", flood_by_relay, 0, by_that_relay, 2 },
	{ "the same addresses again, on the same link", flood_in_turn, 0,
	    legitimate, 3 },
};

/* Four seconds of it between the tries, as with UEFI and BIOS. */
START_TEST(test_flood)
{
	enum { BETWEEN = 4 * MS };
	unsigned answered = 0, total = 0, tries = floods[_i].tries;
	bool done[LEGITIMATE] = { false };
	uint32_t n = 0;

	limiter_use(limiter, &defaults, 2);
	for (int64_t ms = 0; ms < BETWEEN * (tries + 1); ms++) {
		for (unsigned i = 0; i < FLOOD; i++) {
			floods[_i].flood(n++);
			total += allowed(floods[_i].flooded, ms);
		}
		if (ms < BETWEEN || ms % BETWEEN >= LEGITIMATE ||
		    done[ms % BETWEEN])
			continue;
		floods[_i].legitimate(1000 + (uint32_t)(ms % BETWEEN));
		if (allowed(0, ms)) {
			done[ms % BETWEEN] = true;
			answered++;
		}
	}
	ck_assert_msg(answered == LEGITIMATE, "%s: %u of %u", floods[_i].what,
	    answered, LEGITIMATE);
	/* Nobody got what is above the limit, and nothing went to waste. */
	ck_assert_uint_le(total, defaults.total * (4 * (tries + 1) +
	    LIMITER_TOTAL_SECONDS));
	ck_assert_uint_ge(total + answered, defaults.total * 4 * (tries + 1));
}
END_TEST

/* Nobody else asks: all of it is one link's, or one relay's. */
START_TEST(test_alone)
{
	const struct config_rates rates = { 0, 1000 };
	unsigned n = 0;

	limiter_use(limiter, &rates, 4);
	machine_behind("10.7.0.1", 1);
	for (int64_t ms = 0; ms < 100 * MS; ms++)
		n += times(0, ms, 10);
	ck_assert_uint_ge(n, 100 * rates.total);
	ck_assert_uint_le(n, (100 + LIMITER_TOTAL_SECONDS) * rates.total);
	ck_assert(why == VERDICT_TOTAL_RATE);
}
END_TEST

/* As small a limit as there is, and links more than that. */
START_TEST(test_small)
{
	const struct config_rates rates = { 0, 1 };
	unsigned n = 0;

	limiter_use(limiter, &rates, 600);
	for (int64_t ms = 0; ms < 100 * MS; ms += 100) {
		machine((uint32_t)ms);
		n += allowed(0, ms);
	}
	ck_assert_uint_ge(n, 100);
	ck_assert_uint_le(n, 100 + LIMITER_TOTAL_SECONDS);
}
END_TEST

/* What client-rate denies is not counted against the rest, and the reverse. */
START_TEST(test_denied)
{
	const struct config_rates few = { 1, 10 };
	const struct config_rates slow = { 100, 1 }, fast = { 100, 0 };
	unsigned n;

	limiter_use(limiter, &few, 1);
	machine(1);
	(void)times(0, 0, 1000);
	ck_assert(why == VERDICT_CLIENT_RATE);
	machine(2);
	ck_assert(allowed(0, 0));

	limiter_use(limiter, &slow, 1);
	machine(3);
	n = times(0, 10 * MS, 1000);
	ck_assert(why == VERDICT_TOTAL_RATE);
	limiter_use(limiter, &fast, 1);
	ck_assert_uint_eq(times(0, 10 * MS, 1000), 500 - n);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("limiter");
	TCase *tc = tcase_create("limiter");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_client);
	tcase_add_loop_test(tc, test_who, 0, (int)ROWS(others));
	tcase_add_test(tc, test_infiniband);
	tcase_add_test(tc, test_many_clients);
	tcase_add_test(tc, test_none);
	tcase_add_test(tc, test_defaults);
	tcase_add_loop_test(tc, test_flood, 0, (int)ROWS(floods));
	tcase_add_test(tc, test_alone);
	tcase_add_test(tc, test_small);
	tcase_add_test(tc, test_denied);
	suite_add_tcase(s, tc);
	return s;
}
