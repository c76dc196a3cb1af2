#include <check.h>
#include <string.h>

#include "report/loglimit.h"
#include "unit/suite.h"

static const struct loglimit_about one = {
	{ 0x52, 0x54, 0, 0, 0, 1 }, VERDICT_OFFER
};

/* How many of so many lines at this time are written. */
static unsigned long
written(struct loglimit *limit, const struct loglimit_about *about,
    int64_t now, unsigned long lines, unsigned long *told)
{
	struct loglimit_left left;
	unsigned long n = 0;

	while (lines-- > 0) {
		n += loglimit_allows(limit, about, now, &left);
		*told += left.lines;
	}
	return n;
}

START_TEST(test_client)
{
	static struct loglimit limit;
	struct loglimit_left left;
	struct loglimit_about other = one;
	unsigned long told = 0;

	memset(&limit, 0, sizeof(limit));
	ck_assert_uint_eq(written(&limit, &one, 100, 30, &told),
	    LOGLIMIT_LINES);
	/* Another verdict of the client has its own count. */
	other.verdict = VERDICT_ACK;
	ck_assert_uint_eq(written(&limit, &other, 100, 2, &told), 2);
	ck_assert_uint_eq(written(&limit, &one,
	    100 + LOGLIMIT_SECONDS - 1, 10, &told), 0);
	ck_assert_uint_eq(told, 0);
	ck_assert(!loglimit_over(&limit, 100 + LOGLIMIT_SECONDS - 1, &left));
	ck_assert(loglimit_over(&limit, 100 + LOGLIMIT_SECONDS, &left));
	ck_assert_uint_eq(left.lines, 35);
	ck_assert(!left.of_all && left.about.verdict == VERDICT_OFFER);
	ck_assert(memcmp(left.about.mac, one.mac, FRAME_MAC) == 0);
	/* Told once. */
	ck_assert(!loglimit_over(&limit, 100 + LOGLIMIT_SECONDS, &left));
	ck_assert_uint_eq(written(&limit, &one, 100 + LOGLIMIT_SECONDS, 7,
	    &told), LOGLIMIT_LINES);
	ck_assert_uint_eq(told, 0);
	/* The next line after the period tells it too. */
	ck_assert_uint_eq(written(&limit, &one, 100 + 2 * LOGLIMIT_SECONDS,
	    1, &told), 1);
	ck_assert_uint_eq(told, 2);
}
END_TEST

/* Clients by the thousand, each with a line: all of them are bounded. */
START_TEST(test_all)
{
	static struct loglimit limit;
	struct loglimit_about about = one;
	struct loglimit_left left;
	unsigned long n = 0, told = 0, lines = 0;

	memset(&limit, 0, sizeof(limit));
	for (unsigned i = 0; i < 4 * LOGLIMIT_ALL; i++) {
		about.mac[3] = (uint8_t)(i >> 16);
		about.mac[4] = (uint8_t)(i >> 8);
		about.mac[5] = (uint8_t)i;
		n += written(&limit, &about, 100, 1, &told);
	}
	ck_assert_uint_eq(n, LOGLIMIT_ALL);
	while (loglimit_over(&limit, INT64_MAX, &left))
		lines += left.lines;
	ck_assert_uint_eq(lines + told, 3 * LOGLIMIT_ALL);
}
END_TEST

/* Whatever comes, each line is written or counted as left out. */
START_TEST(test_none_is_lost)
{
	static struct loglimit limit;
	struct loglimit_about about = one;
	struct loglimit_left left;
	unsigned long n = 0, told = 0, seed = 1;

	memset(&limit, 0, sizeof(limit));
	for (unsigned i = 0; i < 100000; i++) {
		seed = (seed * 1103515245 + 12345) & 0xffffffff;
		about.mac[4] = (uint8_t)(seed >> 16 & 0x0f);
		about.mac[5] = (uint8_t)(seed >> 8);
		about.verdict = seed >> 30 & 1 ? VERDICT_OFFER :
		    VERDICT_ACK;
		n += written(&limit, &about, i / 3000, 1, &told);
	}
	while (loglimit_over(&limit, INT64_MAX, &left))
		told += left.lines;
	ck_assert_uint_eq(n + told, 100000);
	ck_assert_uint_gt(told, 0);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("loglimit");
	TCase *tc = tcase_create("loglimit");

	tcase_add_test(tc, test_client);
	tcase_add_test(tc, test_all);
	tcase_add_test(tc, test_none_is_lost);
	suite_add_tcase(s, tc);
	return s;
}
