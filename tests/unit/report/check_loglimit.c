#include <check.h>
#include <string.h>

#include "report/loglimit.h"
#include "unit/suite.h"

enum { NOW = 100, ADDRESSES = 4096, BURST = 3 * LOGLIMIT_LINES };

static const struct loglimit_about one = {
	{ 0x52, 0x54, 0, 0, 0, 1 }, VERDICT_OFFER
};

static struct loglimit limit;

static void
setup(void)
{
	memset(&limit, 0, sizeof(limit));
}

/* How many of so many lines at this time are written. */
static unsigned long
written(const struct loglimit_about *about, int64_t now, unsigned long lines)
{
	unsigned long n = 0;

	while (lines-- > 0)
		n += loglimit_allows(&limit, about, now);
	return n;
}

/* How many lines tell what was left out, and how much that is. */
static unsigned long
tell(int64_t now, unsigned long *left_out)
{
	struct loglimit_left left;
	unsigned long n = 0;

	while (loglimit_over(&limit, now, &left)) {
		ck_assert_uint_gt(left.lines, 0);
		*left_out += left.lines;
		n++;
	}
	return n;
}

static struct loglimit_about
about_of(unsigned number)
{
	struct loglimit_about about = one;

	about.mac[2] = (uint8_t)(number >> 24);
	about.mac[3] = (uint8_t)(number >> 16);
	about.mac[4] = (uint8_t)(number >> 8);
	about.mac[5] = (uint8_t)number;
	return about;
}

START_TEST(test_client)
{
	struct loglimit_left left;
	struct loglimit_about other = one;

	ck_assert_uint_eq(written(&one, NOW, 30), LOGLIMIT_LINES);
	/* Another verdict of the client has its own count. */
	other.verdict = VERDICT_ACK;
	ck_assert_uint_eq(written(&other, NOW, 2), 2);
	ck_assert_uint_eq(written(&one, NOW + LOGLIMIT_SECONDS - 1, 10), 0);
	ck_assert(!loglimit_over(&limit, NOW + LOGLIMIT_SECONDS - 1, &left));
	ck_assert(loglimit_over(&limit, NOW + LOGLIMIT_SECONDS, &left));
	ck_assert_uint_eq(left.lines, 35);
	ck_assert(!left.of_all && left.about.verdict == VERDICT_OFFER);
	ck_assert(memcmp(left.about.mac, one.mac, FRAME_MAC) == 0);
	/* Told once. */
	ck_assert(!loglimit_over(&limit, NOW + LOGLIMIT_SECONDS, &left));
	ck_assert_uint_eq(written(&one, NOW + LOGLIMIT_SECONDS, 7),
	    LOGLIMIT_LINES);
}
END_TEST

/* Clients by the thousand, each with a line: all of them are bounded. */
START_TEST(test_all)
{
	unsigned long n = 0, left_out = 0;

	for (unsigned i = 0; i < 4 * LOGLIMIT_ALL; i++) {
		struct loglimit_about about = about_of(i);

		n += written(&about, NOW, 1);
	}
	ck_assert_uint_ge(n, LOGLIMIT_ALL * 99 / 100);
	ck_assert_uint_le(n, LOGLIMIT_ALL);
	/* There is no line left to tell it in this period. */
	ck_assert_uint_eq(tell(NOW, &left_out), 0);
	(void)tell(NOW + LOGLIMIT_SECONDS, &left_out);
	ck_assert_uint_eq(n + left_out, 4 * LOGLIMIT_ALL);
}
END_TEST

/*
 * Whoever asks, however often and in whatever order: in a period there are no
 * more lines than are promised, those that tell what was left out included.
 * Among so many addresses there are many that share what a hash picks.
 */
START_TEST(test_budget)
{
	unsigned long left_out = 0;

	for (int64_t period = 0; period < 3; period++) {
		int64_t now = NOW + period * LOGLIMIT_SECONDS;
		unsigned long lines = tell(now, &left_out);

		for (unsigned i = 0; i < 4 * ADDRESSES; i++) {
			struct loglimit_about about = about_of(i % ADDRESSES);

			lines += written(&about, now, BURST);
			lines += tell(now, &left_out);
		}
		ck_assert_uint_le(lines, LOGLIMIT_ALL);
	}
}
END_TEST

/* Two by two, in turn: none has more lines than it may. */
START_TEST(test_pairs)
{
	for (unsigned i = 0; i + 1 < ADDRESSES; i++) {
		struct loglimit_about a = about_of(i), b = about_of(i + 1);
		unsigned long n_a = 0, n_b = 0;

		memset(&limit, 0, sizeof(limit));
		for (unsigned turn = 0; turn < BURST; turn++) {
			n_a += written(&a, NOW, LOGLIMIT_LINES + 1);
			n_b += written(&b, NOW, LOGLIMIT_LINES + 1);
		}
		ck_assert_uint_eq(n_a, LOGLIMIT_LINES);
		ck_assert_uint_le(n_b, LOGLIMIT_LINES);
	}
}
END_TEST

/* Whatever comes, each line is written or counted as left out. */
START_TEST(test_none_is_lost)
{
	struct loglimit_about about = one;
	unsigned long n = 0, left_out = 0, seed = 1;

	for (unsigned i = 0; i < 100000; i++) {
		seed = (seed * 1103515245 + 12345) & 0xffffffff;
		about.mac[4] = (uint8_t)(seed >> 16 & 0x0f);
		about.mac[5] = (uint8_t)(seed >> 8);
		about.verdict = seed >> 30 & 1 ? VERDICT_OFFER :
		    VERDICT_ACK;
		n += written(&about, i / 3000, 1);
	}
	(void)tell(INT64_MAX, &left_out);
	ck_assert_uint_eq(n + left_out, 100000);
	ck_assert_uint_gt(left_out, 0);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("loglimit");
	TCase *tc = tcase_create("loglimit");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_client);
	tcase_add_test(tc, test_all);
	tcase_add_test(tc, test_budget);
	tcase_add_test(tc, test_pairs);
	tcase_add_test(tc, test_none_is_lost);
	suite_add_tcase(s, tc);
	return s;
}
