#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "report/json.h"
#include "unit/suite.h"

static const struct {
	const char *what;
	const char *text;
	size_t size;
	const char *json;
} texts[] = {
	{ "nothing", "", 64, "\"\"" },
	{ "plain", "BOOTX64.EFI", 64, "\"BOOTX64.EFI\"" },
	{ "quotes and backslashes", "a\"b\\c", 64, "\"a\\\"b\\\\c\"" },
	{ "control characters", "a\nb\x01\x7f", 64,
	    "\"a\\u000ab\\u0001\\u007f\"" },
	{ "UTF-8 of two, three and four octets",
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 64,
	    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "Latin-1", "caf\xe9!", 64, "\"caf\\u00e9!\"" },
	{ "overlong form", "\xc0\xaf", 64, "\"\\u00c0\\u00af\"" },
	{ "overlong form of three", "\xe0\x80\xaf", 64,
	    "\"\\u00e0\\u0080\\u00af\"" },
	{ "half of a surrogate pair", "\xed\xa0\x80", 64,
	    "\"\\u00ed\\u00a0\\u0080\"" },
	{ "beyond U+10FFFF", "\xf4\x90\x80\x80", 64,
	    "\"\\u00f4\\u0090\\u0080\\u0080\"" },
	{ "ends inside a character", "x\xe2\x82", 64,
	    "\"x\\u00e2\\u0082\"" },
	{ "cut", "abcdefgh", 10, "\"ab\"" },
	{ "cut before an escape", "a\n\n", 15, "\"a\\u000a\"" },
	{ "room for nothing", "abc", 3, "\"\"" },
};

START_TEST(test_text)
{
	/* Of exactly that size, for AddressSanitizer to watch. */
	char *out = malloc(texts[_i].size);

	(void)json_text(texts[_i].text, out, texts[_i].size);
	ck_assert_msg(strcmp(out, texts[_i].json) == 0, "%s: %s",
	    texts[_i].what, out);
	free(out);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("json");
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, test_text, 0,
	    sizeof(texts) / sizeof(texts[0]));
	suite_add_tcase(s, tc);
	return s;
}
