#include <check.h>

#include "core/option.h"
#include "unit/octets.h"
#include "unit/suite.h"

/* Each row is one block: how many options, and how does the walk end? */
static const struct {
	const char *what;
	struct octets block;
	unsigned items;
	enum option_step last;
} walk[] = {
	{ "empty block", OCTETS(""), 0, OPTION_DONE },
	{ "PAD only", OCTETS("\0\0\0"), 0, OPTION_DONE },
	{ "END only", OCTETS("\xff"), 0, OPTION_DONE },
	{ "nothing past END", OCTETS("\xff\x35\x01\x01"), 0, OPTION_DONE },
	{ "a lie past END", OCTETS("\x35\x01\x01\xff\x3c\xff"), 1,
	    OPTION_DONE },
	{ "END is optional", OCTETS("\x35\x01\x01"), 1, OPTION_DONE },
	{ "PADs between options", OCTETS("\0\x35\x01\x01\0\0\x3c\x01P\xff"),
	    2, OPTION_DONE },
	{ "zero-length value", OCTETS("\x50\x00\xff"), 1, OPTION_DONE },
	{ "zero-length value at the end", OCTETS("\x50\x00"), 1,
	    OPTION_DONE },
	{ "END inside a value", OCTETS("\x2b\x03\xff\xff\xff\x35\x01\x01"),
	    2, OPTION_DONE },
	{ "length missing", OCTETS("\x3c"), 0, OPTION_TRUNCATED },
	{ "length missing after PAD", OCTETS("\0\0\x3c"), 0,
	    OPTION_TRUNCATED },
	{ "value missing", OCTETS("\x3c\x01"), 0, OPTION_TRUNCATED },
	{ "value 1 octet short", OCTETS("\x3c\x09PXEClien"), 0,
	    OPTION_TRUNCATED },
	{ "length 255 and nothing", OCTETS("\x3c\xff"), 0,
	    OPTION_TRUNCATED },
	{ "good, then short", OCTETS("\x35\x01\x01\x3c\x09P"), 1,
	    OPTION_TRUNCATED },
	{ "code 254", OCTETS("\xfe\x01x\xff"), 1, OPTION_DONE },
};

START_TEST(test_walk)
{
	struct heap heap = heap_of(walk[_i].block.p, walk[_i].block.n);
	struct span rest = heap_span(heap);
	struct option option;
	enum option_step step;
	unsigned items = 0;

	while ((step = option_next(&rest, &option)) == OPTION_ITEM) {
		items++;
		ck_assert_msg(option.code != OPTION_PAD &&
		    option.code != OPTION_END, "%s: code %u", walk[_i].what,
		    option.code);
	}
	ck_assert_msg(items == walk[_i].items && step == walk[_i].last,
	    "%s: %u items, ended with %d", walk[_i].what, items, (int)step);
	ck_assert_msg(rest.n == 0, "%s: %zu octets left at the end",
	    walk[_i].what, rest.n);
	ck_assert_msg(option_next(&rest, &option) == OPTION_DONE,
	    "%s: the walk did not stay ended", walk[_i].what);
	heap_free(heap);
}
END_TEST

START_TEST(test_values)
{
	struct heap heap = heap_of("\0\x35\x01\x03\x3c\x02PX\x50\x00\xff", 11);
	struct span rest = heap_span(heap);
	struct option option;

	ck_assert_int_eq(option_next(&rest, &option), OPTION_ITEM);
	ck_assert_uint_eq(option.code, 53);
	ck_assert_str_eq(octets_hex(option.value), "03");
	ck_assert_ptr_eq(option.value.p, heap.p + 3);
	ck_assert_int_eq(option_next(&rest, &option), OPTION_ITEM);
	ck_assert_uint_eq(option.code, 60);
	ck_assert_str_eq(octets_hex(option.value), "5058");
	ck_assert_int_eq(option_next(&rest, &option), OPTION_ITEM);
	ck_assert_uint_eq(option.code, 80);
	ck_assert_uint_eq(option.value.n, 0);

	/* *out is written only with OPTION_ITEM. */
	option.code = 77;
	ck_assert_int_eq(option_next(&rest, &option), OPTION_DONE);
	ck_assert_uint_eq(option.code, 77);
	heap_free(heap);
}
END_TEST

static const struct {
	const char *what;
	struct octets block;
	bool found;
	const char *value;	/* hexadecimal */
} finds[] = {
	{ "empty block", OCTETS(""), false, NULL },
	{ "alone", OCTETS("\x47\x04\x80\x00\x00\x00"), true, "80000000" },
	{ "behind others", OCTETS("\x06\x01\x08\x47\x02\x12\x34\xff"), true,
	    "1234" },
	{ "the first of two", OCTETS("\x47\x01\x01\x47\x01\x02"), true,
	    "01" },
	{ "empty value", OCTETS("\x47\x00"), true, "" },
	{ "behind END", OCTETS("\xff\x47\x01\x01"), false, NULL },
	{ "inside another value", OCTETS("\x06\x03\x47\x01\x01\xff"), false,
	    NULL },
	{ "cut short itself", OCTETS("\x47\x04\x80\x00\x00"), false, NULL },
	{ "behind one that is cut short", OCTETS("\x06\x05\x08\x47\x01\x01"),
	    false, NULL },
};

START_TEST(test_find)
{
	const char *what = finds[_i].what;
	struct heap heap = heap_of(finds[_i].block.p, finds[_i].block.n);
	struct span value = { NULL, 77 };
	bool found = option_find(heap_span(heap), 0x47, &value);

	ck_assert_msg(found == finds[_i].found, "%s: found %d", what, found);
	if (found)
		ck_assert_msg(strcmp(octets_hex(value), finds[_i].value) == 0,
		    "%s: %s", what, octets_hex(value));
	else
		ck_assert_msg(value.n == 77, "%s: *out was written", what);
	heap_free(heap);
}
END_TEST

/* Lengths around those where a value is split (RFC 3396 section 5). */
static const struct {
	const char *what;
	size_t value, room;
	const size_t lengths[4];	/* of the parts, 0 ends */
	size_t written;
	bool full;
} appends[] = {
	{ "empty", 0, 600, { 0 }, 2, false },
	{ "one octet", 1, 600, { 1 }, 3, false },
	{ "255 octets fit into one", 255, 600, { 255 }, 257, false },
	{ "256 octets need two", 256, 600, { 255, 1 }, 260, false },
	{ "510 octets need two", 510, 600, { 255, 255 }, 514, false },
	{ "511 octets need three", 511, 600, { 255, 255, 1 }, 517, false },
	{ "exactly the room", 4, 6, { 4 }, 6, false },
	{ "one octet too many", 5, 6, { 0 }, 0, true },
	{ "no room for the code", 0, 0, { 0 }, 0, true },
	{ "no room for the length", 0, 1, { 0 }, 0, true },
	{ "no room for the second part", 256, 258, { 0 }, 257, true },
};

START_TEST(test_append)
{
	const char *what = appends[_i].what;
	uint8_t value[511];
	uint8_t *p = malloc(appends[_i].room + 1);
	struct span_writer w = { p, appends[_i].room, 0, false };
	size_t at = 0, taken = 0;

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(i + i / 256);
	option_append(&w, 97, (struct span){ value, appends[_i].value });
	ck_assert_msg(w.full == appends[_i].full, "%s: full %d", what,
	    w.full);
	ck_assert_msg(w.n == appends[_i].written, "%s: %zu octets", what,
	    w.n);
	for (size_t i = 0; !w.full && i < 4; i++) {
		size_t n = appends[_i].lengths[i];

		if (n == 0 && i > 0)
			break;
		ck_assert_msg(p[at] == 97 && p[at + 1] == n,
		    "%s: part %zu begins with %u %u", what, i, p[at],
		    p[at + 1]);
		ck_assert_msg(memcmp(p + at + 2, value + taken, n) == 0,
		    "%s: part %zu", what, i);
		at += 2 + n;
		taken += n;
	}
	free(p);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("option");
	TCase *tc = tcase_create("option");

	tcase_add_loop_test(tc, test_walk, 0, ROWS(walk));
	tcase_add_loop_test(tc, test_find, 0, ROWS(finds));
	tcase_add_loop_test(tc, test_append, 0, ROWS(appends));
	tcase_add_test(tc, test_values);
	suite_add_tcase(s, tc);
	return s;
}
