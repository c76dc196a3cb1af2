#include <check.h>
#include <string.h>

#include "daemon/limiter.h"
#include "unit/suite.h"

static unsigned long
allowed(struct limiter *limiter, struct config_rates rates, uint8_t client,
    double at, unsigned long requests, enum verdict *why)
{
	const uint8_t mac[FRAME_MAC] = { 0x52, 0x54, 0, 0, 0, client };
	struct timespec now = { (time_t)at,
	    (long)((at - (double)(time_t)at) * 1e9) };
	unsigned long n = 0;

	*why = VERDICT_OFFER;
	while (requests-- > 0)
		n += limiter_allows(limiter, &rates, mac, now, why);
	return n;
}

START_TEST(test_client)
{
	static struct limiter limiter;
	const struct config_rates rates = { 10, 1000000 };
	enum verdict why;

	memset(&limiter, 0, sizeof(limiter));
	/* Full at the start, then as fast as the rate, and no faster. */
	ck_assert_uint_eq(allowed(&limiter, rates, 1, 100, 80, &why), 50);
	ck_assert(why == VERDICT_CLIENT_RATE);
	ck_assert_uint_eq(allowed(&limiter, rates, 2, 100, 80, &why), 50);
	ck_assert_uint_eq(allowed(&limiter, rates, 1, 101, 80, &why), 10);
	ck_assert_uint_eq(allowed(&limiter, rates, 1, 101.5, 80, &why), 5);
	/* Time that was not used saves up so much and no more. */
	ck_assert_uint_eq(allowed(&limiter, rates, 1, 9000, 80, &why), 50);
	ck_assert_uint_eq(allowed(&limiter, rates, 1, 9000, 80, &why), 0);
}
END_TEST

START_TEST(test_total)
{
	static struct limiter limiter;
	const struct config_rates rates = { 1000000, 10 };
	enum verdict why;

	memset(&limiter, 0, sizeof(limiter));
	ck_assert_uint_eq(allowed(&limiter, rates, 1, 100, 15, &why), 15);
	ck_assert_uint_eq(allowed(&limiter, rates, 2, 100, 15, &why), 5);
	ck_assert(why == VERDICT_TOTAL_RATE);
	ck_assert_uint_eq(allowed(&limiter, rates, 3, 101, 15, &why), 10);
}
END_TEST

START_TEST(test_none)
{
	static struct limiter limiter;
	const struct config_rates rates = { 0, 0 };
	enum verdict why;

	memset(&limiter, 0, sizeof(limiter));
	ck_assert_uint_eq(allowed(&limiter, rates, 1, 100, 100000, &why),
	    100000);
}
END_TEST

/* A thousand machines at once, with retries, are within the defaults. */
START_TEST(test_defaults)
{
	static struct limiter limiter;
	const struct config_rates rates = { CONFIG_CLIENT_RATE,
	    CONFIG_TOTAL_RATE };
	const struct timespec now = { 100, 0 };
	enum verdict why;

	memset(&limiter, 0, sizeof(limiter));
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t mac[FRAME_MAC] = { 0x52, 0x54, 0, 0,
		    (uint8_t)(i >> 8), (uint8_t)i };

		for (unsigned request = 0; request < 10; request++)
			ck_assert(limiter_allows(&limiter, &rates, mac, now,
			    &why));
	}
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("limiter");
	TCase *tc = tcase_create("limiter");

	tcase_add_test(tc, test_client);
	tcase_add_test(tc, test_total);
	tcase_add_test(tc, test_none);
	tcase_add_test(tc, test_defaults);
	suite_add_tcase(s, tc);
	return s;
}
