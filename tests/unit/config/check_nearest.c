#include <check.h>
#include <string.h>

#include "config/nearest.h"
#include "unit/suite.h"

/*
 * check_nearest.c - words as they were written, and the word that was meant.
 */

static const char *const words[] = { "arch", "mac", "next-server",
    "bootfile-name", "not-arch", "x64-uefi", "x86-uefi", "ipxe", "a" };

static const struct {
	const char *written, *meant;
} rows[] = {
	{ "arhc", "arch" }, { "arc", "arch" }, { "archs", "arch" },
	{ "atch", "arch" }, { "ARCH", "arch" }, { "arch", NULL },
	{ "next_server", "next-server" }, { "nextserver", "next-server" },
	{ "Next-Sever", "next-server" }, { "not-arhc", "not-arch" },
	{ "x64-uef", "x64-uefi" }, { "x66-uefi", "x64-uefi" },
	{ "iPXE", "ipxe" }, { "mca", "mac" }, { "m", NULL }, { "", NULL },
	{ "toaster", NULL }, { "b", NULL }, { "bootfile", NULL },
	{ "0123456789012345678901234567890123456789x", NULL },
};

START_TEST(test_nearest)
{
	struct nearest nearest = { rows[_i].written, NULL, 0 };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		nearest_try(&nearest, words[i]);
	if (rows[_i].meant == NULL)
		ck_assert_msg(nearest.found == NULL, "%s: %s",
		    rows[_i].written, nearest.found);
	else
		ck_assert_msg(nearest.found != NULL && strcmp(nearest.found,
		    rows[_i].meant) == 0, "%s: %s", rows[_i].written,
		    nearest.found != NULL ? nearest.found : "none");
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("nearest");
	TCase *tc = tcase_create("nearest");

	tcase_add_loop_test(tc, test_nearest, 0,
	    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, tc);
	return s;
}
