#include <check.h>

#include "daemon/siphash.h"
#include "unit/suite.h"

/* The vectors of the algorithm's authors: the secret is 00 01 ... 0f. */
static const struct {
	const char *what;
	size_t n;			/* octets 00 01 ... */
	uint64_t want;
} rows[] = {
	{ "nothing", 0, 0x726fdb47dd0e0e31 },
	{ "one octet", 1, 0x74f839c593dc67fd },
	{ "seven octets", 7, 0xab0200f58b01d137 },
	{ "a word", 8, 0x93f5f5799a932462 },
	{ "a word and seven octets", 15, 0xa129ca6149be45e5 },
};

START_TEST(test_vectors)
{
	struct siphash_secret secret;
	uint8_t octets[16];

	for (unsigned i = 0; i < SIPHASH_SECRET; i++)
		secret.octets[i] = octets[i] = (uint8_t)i;
	ck_assert_msg(siphash(&secret, (struct span){ octets, rows[_i].n }) ==
	    rows[_i].want, "%s", rows[_i].what);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("siphash");
	TCase *tc = tcase_create("siphash");

	tcase_add_loop_test(tc, test_vectors, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(s, tc);
	return s;
}
