#include <check.h>

#include "daemon/delay.h"

#include "unit/suite.h"

/*
 * An answer waits for as long as was said at the least, whenever the loop is
 * woken meanwhile, and wherever in a millisecond it began.
 */

enum {
	TIMES = 50,
	NS_PER_S = 1000000000,
	NS_PER_MS = 1000000,
};

static int64_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* How long it waits, in nanoseconds, if it is looked for all the time. */
static int64_t
waited(struct delay *delay, unsigned milliseconds)
{
	static const uint8_t octets[] = { 1, 2, 3 };
	struct inject_sink sink = { .sent = 0 }, *to;
	const int64_t began = now();
	struct timespec when;
	struct span frame;

	ck_assert(delay_add(delay, &sink, (struct span){ octets,
	    sizeof(octets) }, (struct timespec){ 7, 0 }, milliseconds));
	while (!delay_take(delay, &to, &frame, &when))
		;
	ck_assert(to == &sink && when.tv_sec == 7);
	ck_assert(span_equal(frame, (struct span){ octets, sizeof(octets) }));
	return now() - began;
}

START_TEST(test_at_least)
{
	struct delay *delay = delay_open();

	ck_assert_ptr_nonnull(delay);
	for (int i = 0; i < TIMES; i++) {
		int64_t ns = waited(delay, 2);

		ck_assert_msg(ns >= 2 * NS_PER_MS, "%lld ns, not 2 ms",
		    (long long)ns);
	}
	ck_assert_int_eq(delay_due(delay), -1);
	delay_close(delay);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("delay");
	TCase *tc = tcase_create("delay");

	tcase_add_test(tc, test_at_least);
	suite_add_tcase(s, tc);
	return s;
}
