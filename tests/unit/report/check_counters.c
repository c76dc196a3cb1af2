#include <check.h>
#include <string.h>

#include "report/counters.h"
#include "unit/suite.h"

/* Which bucket takes a latency: the bounds belong to the bucket below. */
static const struct {
	int64_t ns;
	unsigned bucket;
} latencies[] = {
	{ 0, 0 }, { 1, 0 }, { 100000, 0 }, { 100001, 1 }, { 250000, 1 },
	{ 250001, 2 }, { 1000000, 3 }, { 1000001, 4 }, { 100000000, 8 },
	{ 1000000000, 9 }, { 1000000001, 10 }, { INT64_MAX, 10 },
	/* The clock was set back meanwhile. */
	{ -1, 0 }, { INT64_MIN, 0 },
};

START_TEST(test_latency)
{
	struct counters counters;

	ck_assert(counters_open(&counters));
	counters_latency(&counters, latencies[_i].ns);
	for (unsigned i = 0; i <= COUNTERS_BUCKETS; i++)
		ck_assert_msg(counters.latency[i] ==
		    (i == latencies[_i].bucket), "%lld ns: bucket %u has %llu",
		    (long long)latencies[_i].ns, i, counters.latency[i]);
	ck_assert(counters.latency_ns == (latencies[_i].ns < 0 ? 0 :
	    (uint64_t)latencies[_i].ns));
	counters_close(&counters);
}
END_TEST

/* Seconds and nanoseconds, so that steps of hours are easy to read. */
static const struct {
	const char *what;
	struct timespec captured, now;
	int64_t step, ns;
} elapsed[] = {
	{ "no step", { 100, 500 }, { 100, 700 }, 0, 200 },
	{ "over a second's end", { 100, 999999999 }, { 101, 1 }, 0, 2 },
	{ "trimmed a little", { 100, 500 }, { 100, 700 }, 9000000, 200 },
	{ "set ahead 2 h, captured before", { 100, 500 }, { 7300, 700 },
	    INT64_C(7200000000000), 200 },
	{ "set ahead 2 h, captured after", { 7300, 500 }, { 7300, 700 },
	    INT64_C(7200000000000), 200 },
	{ "set back 2 h, captured before", { 7300, 500 }, { 100, 700 },
	    INT64_C(-7200000000000), 200 },
	{ "set back 2 h, captured after", { 100, 500 }, { 100, 700 },
	    INT64_C(-7200000000000), 200 },
	{ "from 1970 to 2026", { 5, 0 }, { 1795000005, 1000 },
	    INT64_C(1795000000000000000), 1000 },
	{ "half a second ahead, captured 0.1 s before", { 100, 0 },
	    { 100, 600000000 }, 500000000, 100000000 },
	{ "half a second ahead, captured 0.1 s after", { 100, 0 },
	    { 100, 100000000 }, 500000000, 100000000 },
};

START_TEST(test_elapsed)
{
	int64_t ns = counters_elapsed(elapsed[_i].captured, elapsed[_i].now,
	    elapsed[_i].step);

	ck_assert_msg(ns == elapsed[_i].ns, "%s: %lld ns", elapsed[_i].what,
	    (long long)ns);
}
END_TEST

START_TEST(test_bounds_rise)
{
	for (unsigned i = 1; i < COUNTERS_BUCKETS; i++)
		ck_assert(counters_bound(i - 1) < counters_bound(i));
}
END_TEST

/* More answers than wait at a time are all counted, once. */
START_TEST(test_pending)
{
	const struct timespec now = { 0 };
	struct counters counters;
	unsigned long long n = 0;

	ck_assert(counters_open(&counters));
	for (unsigned i = 0; i < 3 * COUNTERS_PENDING + 7; i++)
		counters_answered(&counters, now);
	counters_settle(&counters);
	counters_settle(&counters);
	for (unsigned i = 0; i <= COUNTERS_BUCKETS; i++)
		n += counters.latency[i];
	ck_assert_uint_eq(n, 3 * COUNTERS_PENDING + 7);
	counters_close(&counters);
}
END_TEST

/* Requests are counted by all that is known of them, and by no more. */
START_TEST(test_add)
{
	const struct policy_rule rules[] = { { .name = "a" }, { .name = "b" } };
	const struct policy policy = { .rule = rules, .n = 2 };
	struct counters counters;
	struct responder_exchange x;

	ck_assert(counters_open(&counters));
	ck_assert(counters_use(&counters, &policy));
	memset(&x, 0xff, sizeof(x));
	x.verdict = VERDICT_FRAME_SHORT;
	x.step = RESPONDER_NOTHING;
	counters_add(&counters, &policy, &x);

	x.verdict = VERDICT_OFFER;
	x.step = RESPONDER_DECISION;
	x.request.has_arch = true;
	x.request.arch = 7;
	x.decision.rule = &rules[1];
	x.decision.form = FORM_BINL;
	counters_add(&counters, &policy, &x);

	x.verdict = VERDICT_IGNORED;
	x.step = RESPONDER_RULE;
	x.request.has_arch = false;
	counters_add(&counters, &policy, &x);

	x.verdict = VERDICT_ARCH_UNKNOWN;
	x.request.has_arch = true;
	x.request.arch = 0xfffe;
	x.decision.rule = NULL;
	counters_add(&counters, &policy, &x);

	ck_assert_uint_eq(counters_requests(&counters), 4);
	ck_assert_uint_eq(counters.verdict[VERDICT_OFFER], 1);
	ck_assert_uint_eq(counters.rule[0], 0);
	ck_assert_uint_eq(counters.rule[1], 2);
	ck_assert_uint_eq(counters.form[FORM_BINL], 1);
	for (size_t i = 0; i < counters.archs; i++) {
		const char *name = counters_arch_name(&counters, i);
		bool wanted = strcmp(name, "x64-uefi") == 0 ||
		    strcmp(name, "none") == 0 || strcmp(name, "unknown") == 0;

		ck_assert_msg(counters.arch[i] == wanted, "%s: %llu", name,
		    counters.arch[i]);
	}
	/* A new policy's rules start from nothing. */
	ck_assert(counters_use(&counters, &policy));
	ck_assert_uint_eq(counters.rule[1], 0);
	ck_assert_uint_eq(counters_requests(&counters), 4);
	counters_close(&counters);
}
END_TEST

/* A flood passes the end of 32 bits in a day. */
START_TEST(test_wide)
{
	static struct responder_exchange x;
	const struct policy_rule rules[] = { { .name = "a" } };
	const struct policy policy = { .rule = rules, .n = 1 };
	const uint64_t most = UINT32_MAX;
	struct counters counters;

	ck_assert(counters_open(&counters));
	ck_assert(counters_use(&counters, &policy));
	x.verdict = VERDICT_OFFER;
	x.step = RESPONDER_DECISION;
	x.decision.rule = &rules[0];
	x.decision.form = FORM_BINL;
	counters.verdict[VERDICT_OFFER] = most;
	counters.form[FORM_BINL] = most;
	counters.arch[counters.archs - 2] = most;
	counters.rule[0] = most;
	counters.latency[0] = most;
	counters_add(&counters, &policy, &x);
	counters_latency(&counters, 0);
	ck_assert_uint_eq(counters_requests(&counters), most + 1);
	ck_assert_uint_eq(counters.form[FORM_BINL], most + 1);
	ck_assert_uint_eq(counters.arch[counters.archs - 2], most + 1);
	ck_assert_uint_eq(counters.rule[0], most + 1);
	ck_assert_uint_eq(counters.latency[0], most + 1);
	counters_close(&counters);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("counters");
	TCase *tc = tcase_create("counters");

	tcase_add_loop_test(tc, test_latency, 0,
	    sizeof(latencies) / sizeof(latencies[0]));
	tcase_add_loop_test(tc, test_elapsed, 0,
	    sizeof(elapsed) / sizeof(elapsed[0]));
	tcase_add_test(tc, test_bounds_rise);
	tcase_add_test(tc, test_pending);
	tcase_add_test(tc, test_add);
	tcase_add_test(tc, test_wide);
	suite_add_tcase(s, tc);
	return s;
}
