#include <check.h>

#include "daemon/bloom.h"
#include "unit/suite.h"

enum { MARKS = 1 << 14 };

static const int64_t second = 1000000000;

/* As good as a hash (splitmix64). */
static uint64_t
key_of(uint64_t i)
{
	i *= 0x9e3779b97f4a7c15;
	i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9;
	i = (i ^ i >> 27) * 0x94d049bb133111eb;
	return i ^ i >> 31;
}

static unsigned
known(const struct bloom *bloom, uint64_t from, uint64_t to)
{
	unsigned n = 0;

	for (; from < to; from++)
		n += bloom_has(bloom, key_of(from));
	return n;
}

static void
mark(struct bloom *bloom, uint64_t from, uint64_t to, int64_t now)
{
	for (; from < to; from++) {
		bloom_forget(bloom, now);
		bloom_mark(bloom, key_of(from));
	}
}

/* One generation of marks: all are known, and hardly one of the others. */
START_TEST(test_known)
{
	struct bloom *bloom = bloom_open(MARKS);

	ck_assert_ptr_nonnull(bloom);
	ck_assert_uint_eq(known(bloom, 0, MARKS), 0);
	mark(bloom, 0, MARKS, 0);
	ck_assert_uint_eq(known(bloom, 0, MARKS), MARKS);
	ck_assert_uint_lt(known(bloom, 1000000, 2000000), 300);
	bloom_close(bloom);
}
END_TEST

/* However many are marked, the last ones are known, and not all the others. */
START_TEST(test_full)
{
	struct bloom *bloom = bloom_open(MARKS);

	mark(bloom, 0, 10 * MARKS + 100, 0);
	ck_assert_uint_eq(known(bloom, 9 * MARKS + 100, 10 * MARKS + 100),
	    MARKS);
	ck_assert_uint_lt(known(bloom, 0, 8 * MARKS), 8 * MARKS / 1000);
	ck_assert_uint_lt(known(bloom, 1000000, 2000000), 600);
	bloom_close(bloom);
}
END_TEST

/* A mark is known for one generation at least, and for two at most. */
START_TEST(test_time)
{
	struct bloom *bloom = bloom_open(MARKS);

	mark(bloom, 0, 1, 100 * second);
	bloom_forget(bloom, (100 + BLOOM_SECONDS) * second);
	ck_assert(bloom_has(bloom, key_of(0)));
	mark(bloom, 1, 2, (101 + BLOOM_SECONDS) * second);
	bloom_forget(bloom, (100 + 2 * BLOOM_SECONDS) * second);
	ck_assert(!bloom_has(bloom, key_of(0)));
	ck_assert(bloom_has(bloom, key_of(1)));
	bloom_forget(bloom, 9000 * second);
	bloom_forget(bloom, (9000 + BLOOM_SECONDS) * second);
	ck_assert(!bloom_has(bloom, key_of(1)));
	bloom_close(bloom);
}
END_TEST

/* Who is marked again is known from then on, as one mark. */
START_TEST(test_again)
{
	struct bloom *bloom = bloom_open(MARKS);

	mark(bloom, 0, 1, 100 * second);
	for (unsigned i = 0; i < 4 * MARKS; i++)
		mark(bloom, 0, 1, (100 + BLOOM_SECONDS) * second);
	bloom_forget(bloom, (100 + 2 * BLOOM_SECONDS) * second - 1);
	ck_assert(bloom_has(bloom, key_of(0)));
	bloom_forget(bloom, (100 + 2 * BLOOM_SECONDS) * second);
	ck_assert(bloom_has(bloom, key_of(0)));
	bloom_close(bloom);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("bloom");
	TCase *tc = tcase_create("bloom");

	tcase_add_test(tc, test_known);
	tcase_add_test(tc, test_full);
	tcase_add_test(tc, test_time);
	tcase_add_test(tc, test_again);
	suite_add_tcase(s, tc);
	return s;
}
