#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"
#include "unit/suite.h"

static const struct {
	const char *what;
	uint8_t mac[16];
	size_t n;
	const char *text;
} macs[] = {
	{ "none, as of InfiniBand", { 0 }, 0, "-" },
	{ "of Ethernet", { 0x52, 0x54, 0, 0x12, 0x34, 0xff }, 6,
	    "52:54:00:12:34:ff" },
	{ "as long as chaddr", { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	    14, 15, 16 }, 16,
	    "01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10" },
};

START_TEST(test_mac)
{
	char text[TEXT_MAC];

	ck_assert_msg(strcmp(text_mac(macs[_i].mac, macs[_i].n, text),
	    macs[_i].text) == 0, "%s: %s", macs[_i].what, text);
}
END_TEST

static const struct {
	const char *what;
	int64_t seconds;
	const char *text;
} times[] = {
	{ "the epoch", 0, "1970-01-01T00:00:00.000007Z" },
	{ "the last of 31 bits", INT32_MAX, "2038-01-19T03:14:07.000007Z" },
	{ "beyond 31 bits", INT64_C(2147483648),
	    "2038-01-19T03:14:08.000007Z" },
	{ "a leap day", INT64_C(951782400), "2000-02-29T00:00:00.000007Z" },
	{ "a century without one", INT64_C(4107542400),
	    "2100-03-01T00:00:00.000007Z" },
	{ "the end of year 9999", INT64_C(253402300799),
	    "9999-12-31T23:59:59.000007Z" },
	{ "year 10000", INT64_C(253402300800), "@253402300800.000007" },
	{ "the last second there is", INT64_MAX,
	    "@9223372036854775807.000007" },
};

START_TEST(test_time)
{
	char text[TEXT_TIME];
	const char *wanted = times[_i].text;

	/* A time_t of 32 bits has no date for it. */
	if ((time_t)times[_i].seconds != times[_i].seconds)
		ck_assert_int_eq(text_time_micro(times[_i].seconds, 7,
		    text)[0], '@');
	else
		ck_assert_msg(strcmp(text_time_micro(times[_i].seconds, 7,
		    text), wanted) == 0, "%s: %s", times[_i].what, text);
}
END_TEST

START_TEST(test_words)
{
	static const uint8_t uuid[16] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
		0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	char text[TEXT_TIME];

	ck_assert_str_eq(text_uuid(uuid, text),
	    "00112233-4455-6677-8899-aabbccddeeff");
	ck_assert_str_eq(text_arch(7, text), "x64-uefi");
	ck_assert_str_eq(text_arch(65535, text), "arch-65535");
	ck_assert_str_eq(text_time(1, text), "1970-01-01T00:00:01Z");
	ck_assert_str_eq(text_address((struct in_addr){ htonl(0x0a010002) },
	    text), "10.1.0.2");
}
END_TEST

/* Lines in a heap buffer of that size, for AddressSanitizer to watch. */
static const struct {
	const char *what, *octets;
	size_t n, most, size;
	const char *text;
} quoted[] = {
	{ "nothing", "", 0, 8, 16, "\"\"" },
	{ "plain", "PXEClient", 9, 9, 16, "\"PXEClient\"" },
	{ "cut", "PXEClient", 9, 3, 16, "\"PXE...\"" },
	{ "quotes, backslash, NUL", "a\"\\\0b", 5, 8, 32,
	    "\"a\\x22\\x5c\\x00b\"" },
	{ "a backslash as it was typed", "boot\\x86\\a.com", 14, 20, 32,
	    "'boot\\x86\\a.com'" },
	{ "an octet that looks like that", "boot\x86", 5, 20, 32,
	    "\"boot\\x86\"" },
	{ "a backslash and a single quote", "a\\'b", 4, 8, 32,
	    "\"a\\x5c'b\"" },
	{ "a backslash, cut", "a\\bcd", 5, 3, 16, "'a\\b...'" },
	{ "a backslash behind the cut", "abc\\d", 5, 3, 16, "\"abc...\"" },
	{ "a terminal's escape and Latin-1", "\x1b[m\xe9", 4, 8, 32,
	    "\"\\x1b[m\\xe9\"" },
	{ "no room for it", "PXEClient", 9, 9, 6, "\"PXEC" },
	{ "room for a NUL", "PXEClient", 9, 9, 1, "" },
};

START_TEST(test_quoted)
{
	char *out = malloc(quoted[_i].size);
	struct text_line line = text_begin(out, quoted[_i].size);

	text_add_quoted(&line, (struct span){
	    (const uint8_t *)quoted[_i].octets, quoted[_i].n },
	    quoted[_i].most);
	ck_assert_msg(strcmp(out, quoted[_i].text) == 0, "%s: %s",
	    quoted[_i].what, out);
	ck_assert_uint_eq(line.n, strlen(out));
	text_add(&line, "%s", "more than there is room for, for sure");
	ck_assert_uint_eq(line.n, quoted[_i].size - 1);
	free(out);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, test_mac, 0, sizeof(macs) / sizeof(macs[0]));
	tcase_add_loop_test(tc, test_time, 0,
	    sizeof(times) / sizeof(times[0]));
	tcase_add_test(tc, test_words);
	tcase_add_loop_test(tc, test_quoted, 0,
	    sizeof(quoted) / sizeof(quoted[0]));
	suite_add_tcase(s, tc);
	return s;
}
