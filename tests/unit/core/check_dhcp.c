#include <check.h>

#include "core/dhcp.h"
#include "unit/craft.h"
#include "unit/suite.h"

/* 50 octets of a value. */
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X250 X50 X50 X50 X50 X50
#define OPT_43_250 "\x2b\xfa" X250

/* Is it a sound DHCP message, and if not, what is wrong? */
static const struct {
	const char *what;
	struct craft craft;
	bool sound;
	enum verdict why;
} messages[] = {
	{ "DISCOVER", { .options = OCTETS(OPTIONS_UEFI) }, true, 0 },
	{ "an OFFER is a message too", { .options =
	    OCTETS("\x35\x01\x02\xff"), .edit = {
	    { AT_DHCP, OCTETS("\x02") } } }, true, 0 },
	{ "type 8, the highest", { .options = OCTETS(OPT_INFORM OPT_END) },
	    true, 0 },
	{ "no END", { .options = OCTETS(OPT_DISCOVER) }, true, 0 },
	{ "hlen 16", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_HLEN, OCTETS("\x10") } } }, true, 0 },
	{ "hlen 0", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_HLEN, OCTETS("\x00") } } }, true, 0 },

	{ "nothing", { .cut = AT_OPTIONS - AT_DHCP }, false,
	    VERDICT_DHCP_SHORT },
	{ "one octet", { .cut = AT_OPTIONS - AT_DHCP - 1 }, false,
	    VERDICT_DHCP_SHORT },
	{ "cut in the cookie", { .cut = 1 }, false, VERDICT_DHCP_SHORT },
	{ "no cookie at all", { .cut = 4 }, false, VERDICT_DHCP_SHORT },
	{ "op 0", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_DHCP, OCTETS("\x00") } } }, false, VERDICT_BAD_OP },
	{ "op 3", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_DHCP, OCTETS("\x03") } } }, false, VERDICT_BAD_OP },
	{ "hlen 17, beyond chaddr", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_HLEN, OCTETS("\x11") } } }, false,
	    VERDICT_BAD_HLEN },
	{ "hlen 255", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_HLEN, OCTETS("\xff") } } }, false,
	    VERDICT_BAD_HLEN },
	{ "another cookie", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_COOKIE, OCTETS("\x63\x82\x53\x64") } } }, false,
	    VERDICT_NO_COOKIE },
	{ "BOOTP, a zero cookie", { .edit = {
	    { AT_COOKIE, OCTETS("\0\0\0\0") } } }, false,
	    VERDICT_NO_COOKIE },

	{ "no options", { .base = CRAFT_DISCOVER }, false, VERDICT_NO_TYPE },
	{ "END alone", { .options = OCTETS("\xff") }, false,
	    VERDICT_NO_TYPE },
	{ "type behind END", { .options = OCTETS("\xff" OPT_DISCOVER) },
	    false, VERDICT_NO_TYPE },
	{ "type of no octet", { .options = OCTETS("\x35\x00\xff") }, false,
	    VERDICT_NO_TYPE },
	{ "type of two octets", { .options = OCTETS("\x35\x02\x01\x01\xff") },
	    false, VERDICT_NO_TYPE },
	{ "type given twice, so two octets long", { .options =
	    OCTETS(OPT_DISCOVER OPT_DISCOVER OPT_END) }, false,
	    VERDICT_NO_TYPE },
	{ "type 0", { .options = OCTETS("\x35\x01\x00\xff") }, false,
	    VERDICT_NO_TYPE },
	{ "type 9, of RFC 3203", { .options = OCTETS("\x35\x01\x09\xff") },
	    true, 0 },
	{ "type 255", { .options = OCTETS("\x35\x01\xff\xff") }, true, 0 },

	{ "option 60 without its length", { .options =
	    OCTETS(OPT_DISCOVER "\x3c") }, false, VERDICT_OPTION_TRUNCATED },
	{ "option 60 one octet short", { .options =
	    OCTETS(OPT_DISCOVER "\x3c\x09PXEClien") }, false,
	    VERDICT_OPTION_TRUNCATED },
	{ "an unknown option beyond the message", { .options =
	    OCTETS(OPT_DISCOVER "\xe0\xff" "abc") }, false,
	    VERDICT_OPTION_TRUNCATED },

	{ "overloaded file holds the type", { .options =
	    OCTETS("\x34\x01\x01\xff"), .edit = {
	    { AT_FILE, OCTETS(OPT_DISCOVER OPT_END) } } }, true, 0 },
	{ "overloaded sname holds the type", { .options =
	    OCTETS("\x34\x01\x02\xff"), .edit = {
	    { AT_SNAME, OCTETS(OPT_DISCOVER OPT_END) } } }, true, 0 },
	{ "both overloaded, sname holds the type", { .options =
	    OCTETS("\x34\x01\x03\xff"), .edit = {
	    { AT_SNAME, OCTETS(OPT_DISCOVER OPT_END) } } }, true, 0 },
	{ "file holds the type, but only sname is overloaded", { .options =
	    OCTETS("\x34\x01\x02\xff"), .edit = {
	    { AT_FILE, OCTETS(OPT_DISCOVER OPT_END) } } }, false,
	    VERDICT_NO_TYPE },
	{ "overload 4 overloads nothing", { .options =
	    OCTETS("\x34\x01\x04\xff"), .edit = {
	    { AT_FILE, OCTETS(OPT_DISCOVER OPT_END) },
	    { AT_SNAME, OCTETS(OPT_DISCOVER OPT_END) } } }, false,
	    VERDICT_NO_TYPE },
	{ "overload of two octets overloads nothing", { .options =
	    OCTETS("\x34\x02\x01\x01\xff"), .edit = {
	    { AT_FILE, OCTETS(OPT_DISCOVER OPT_END) } } }, false,
	    VERDICT_NO_TYPE },
	{ "overload inside the overloaded file means nothing", { .options =
	    OCTETS("\x34\x01\x01\xff"), .edit = {
	    { AT_FILE, OCTETS("\x34\x01\x02\xff") },
	    { AT_SNAME, OCTETS(OPT_DISCOVER OPT_END) } } }, false,
	    VERDICT_NO_TYPE },
	{ "an option reaches from file into the cookie", { .options =
	    OCTETS("\x34\x01\x01" OPT_DISCOVER OPT_END), .edit = {
	    { AT_FILE, OCTETS("\x3c\x7f") } } }, false,
	    VERDICT_OPTION_TRUNCATED },
	{ "an option reaches from sname into file", { .options =
	    OCTETS("\x34\x01\x02" OPT_DISCOVER OPT_END), .edit = {
	    { AT_SNAME, OCTETS("\x3c\x40") } } }, false,
	    VERDICT_OPTION_TRUNCATED },
	{ "garbage in file without overload", { .options =
	    OCTETS(OPT_DISCOVER OPT_END), .edit = {
	    { AT_FILE, OCTETS("\x3c\xff\xff") } } }, true, 0 },

	{ "eight parts of option 43, 2000 octets", { .options = OCTETS(
	    OPT_DISCOVER OPT_43_250 OPT_43_250 OPT_43_250 OPT_43_250
	    OPT_43_250 OPT_43_250 OPT_43_250 OPT_43_250 OPT_END) }, true, 0 },
	{ "nine parts of option 43, 2250 octets", { .options = OCTETS(
	    OPT_DISCOVER OPT_43_250 OPT_43_250 OPT_43_250 OPT_43_250
	    OPT_43_250 OPT_43_250 OPT_43_250 OPT_43_250 OPT_43_250 OPT_END) },
	    false, VERDICT_OPTIONS_LONG },
	{ "joining again and again until there is no room", { .options =
	    OCTETS(OPT_DISCOVER OPT_43_250 "\x3c\xfa" X250
	    "\x2b\xfa" X250 "\x3c\xfa" X250 "\x2b\xfa" X250 "\x3c\xfa" X250
	    OPT_END) }, false, VERDICT_OPTIONS_LONG },
	{ "a long option that has no name here counts too", { .options =
	    OCTETS(OPT_DISCOVER "\xe0\xfa" X250 "\xe0\xfa" X250
	    "\xe0\xfa" X250 "\xe0\xfa" X250 "\xe0\xfa" X250 "\xe0\xfa" X250
	    "\xe0\xfa" X250 "\xe0\xfa" X250 "\xe0\xfa" X250 "\xe0\xfa" X250
	    OPT_END) }, false, VERDICT_OPTIONS_LONG },
};

START_TEST(test_message)
{
	const char *what = messages[_i].what;
	struct heap heap = craft_message(&messages[_i].craft);
	enum verdict why = VERDICT_COUNT;
	struct dhcp dhcp;
	bool sound = dhcp_read(heap_span(heap), &dhcp, &why);

	ck_assert_msg(sound == messages[_i].sound, "%s: %s", what,
	    sound ? "read" : verdict_name(why));
	if (!sound)
		ck_assert_msg(why == messages[_i].why, "%s: %s, not %s", what,
		    verdict_name(why), verdict_name(messages[_i].why));
	if (why == VERDICT_NO_TYPE || why == VERDICT_OPTION_TRUNCATED ||
	    why == VERDICT_OPTIONS_LONG)
		ck_assert_msg(dhcp.xid == 0xdeadbeef, "%s: no header", what);
	heap_free(heap);
}
END_TEST

START_TEST(test_header)
{
	static const struct craft craft = { .options = OCTETS(OPTIONS_UEFI),
		.edit = { { AT_DHCP, OCTETS("\x01\x07\x08\x03"
		    "\x12\x34\x56\x78" "\xab\xcd\x80\x01"
		    "\x0a\x00\x00\x01" "\x0a\x00\x00\x02"
		    "\x0a\x00\x00\x03" "\x0a\x00\x00\x04"
		    "\x11\x12\x13\x14\x15\x16\x17\x18"
		    "\x21\x22\x23\x24\x25\x26\x27\x28") } } };
	struct heap heap = craft_message(&craft);
	enum verdict why;
	struct dhcp dhcp;

	ck_assert(dhcp_read(heap_span(heap), &dhcp, &why));
	ck_assert_uint_eq(dhcp.op, 1);
	ck_assert_uint_eq(dhcp.htype, 7);
	ck_assert_uint_eq(dhcp.hlen, 8);
	ck_assert_uint_eq(dhcp.hops, 3);
	ck_assert_uint_eq(dhcp.xid, 0x12345678);
	ck_assert_uint_eq(dhcp.secs, 0xabcd);
	ck_assert_uint_eq(dhcp.flags, 0x8001);
	ck_assert_uint_eq(dhcp.ciaddr.s_addr,
	    octets_address("10.0.0.1").s_addr);
	ck_assert_uint_eq(dhcp.yiaddr.s_addr,
	    octets_address("10.0.0.2").s_addr);
	ck_assert_uint_eq(dhcp.siaddr.s_addr,
	    octets_address("10.0.0.3").s_addr);
	ck_assert_uint_eq(dhcp.giaddr.s_addr,
	    octets_address("10.0.0.4").s_addr);
	ck_assert_mem_eq(dhcp.chaddr, "\x11\x12\x13\x14\x15\x16\x17\x18"
	    "\x21\x22\x23\x24\x25\x26\x27\x28", 16);
	ck_assert_int_eq(dhcp.type, DHCP_DISCOVER);
	heap_free(heap);
}
END_TEST

/* The value of an option; NULL where the message has none. */
static const struct {
	const char *what;
	struct craft craft;
	enum dhcp_code code;
	const char *value;	/* hexadecimal */
} values[] = {
	{ "in one part", { .options = OCTETS(OPT_DISCOVER OPT_PXE OPT_END) },
	    DHCP_OPT_VENDOR_CLASS, "505845436c69656e74" },
	{ "absent", { .options = OCTETS(OPT_DISCOVER OPT_END) },
	    DHCP_OPT_VENDOR_CLASS, NULL },
	{ "empty", { .options = OCTETS(OPT_DISCOVER "\x61\x00" OPT_END) },
	    DHCP_OPT_UUID, "" },
	{ "behind END", { .options = OCTETS(OPT_DISCOVER OPT_END OPT_PXE) },
	    DHCP_OPT_VENDOR_CLASS, NULL },
	{ "two parts joined", { .options = OCTETS(OPT_DISCOVER
	    "\x3c\x03PXE\x3c\x06" "Client" OPT_END) },
	    DHCP_OPT_VENDOR_CLASS, "505845436c69656e74" },
	{ "three parts joined, others between", { .options = OCTETS(
	    "\x3c\x01P" OPT_DISCOVER "\x3c\x01X" OPT_UNDI "\x3c\x01" "E"
	    OPT_END) }, DHCP_OPT_VENDOR_CLASS, "505845" },
	{ "an empty part first", { .options = OCTETS(OPT_DISCOVER
	    "\x3c\x00\x3c\x03PXE" OPT_END) }, DHCP_OPT_VENDOR_CLASS,
	    "505845" },
	{ "an empty part last", { .options = OCTETS(OPT_DISCOVER
	    "\x3c\x03PXE\x3c\x00" OPT_END) }, DHCP_OPT_VENDOR_CLASS,
	    "505845" },
	{ "empty parts only", { .options = OCTETS(OPT_DISCOVER
	    "\x3c\x00\x3c\x00\x3c\x00" OPT_END) }, DHCP_OPT_VENDOR_CLASS,
	    "" },
	{ "two options joined by turns, the first", { .options = OCTETS(
	    OPT_DISCOVER "\x3c\x01" "a\x4d\x01" "1\x3c\x01" "b\x4d\x01" "2"
	    "\x3c\x01" "c\x4d\x01" "3\xff") }, DHCP_OPT_VENDOR_CLASS,
	    "616263" },
	{ "two options joined by turns, the second", { .options = OCTETS(
	    OPT_DISCOVER "\x3c\x01" "a\x4d\x01" "1\x3c\x01" "b\x4d\x01" "2"
	    "\x3c\x01" "c\x4d\x01" "3\xff") }, DHCP_OPT_USER_CLASS,
	    "313233" },
	{ "an empty joined option beside another that grows", { .options =
	    OCTETS(OPT_DISCOVER "\x4d\x00\x3c\x01" "a\x4d\x00\x3c\x01" "b"
	    "\x4d\x01" "1\xff") }, DHCP_OPT_VENDOR_CLASS, "6162" },
	{ "parts in options, file and sname, in this order", { .options =
	    OCTETS("\x34\x01\x03" OPT_DISCOVER "\x3c\x01" "1\xff"), .edit = {
	    { AT_SNAME, OCTETS("\x3c\x01" "3\xff") },
	    { AT_FILE, OCTETS("\x3c\x01" "2\xff") } } },
	    DHCP_OPT_VENDOR_CLASS, "313233" },
	{ "file fills its field to the last octet", { .options =
	    OCTETS("\x34\x01\x01" OPT_DISCOVER OPT_END), .edit = {
	    { AT_FILE + 124, OCTETS("\x5d\x02\x00\x07") } } },
	    DHCP_OPT_ARCH, "0007" },
	{ "file that is not overloaded", { .options =
	    OCTETS(OPT_DISCOVER OPT_END), .edit = {
	    { AT_FILE, OCTETS(OPT_ARCH_7 OPT_END) } } }, DHCP_OPT_ARCH,
	    NULL },
	{ "43", { .options = OCTETS(OPT_DISCOVER "\x2b\x01\xaa\xff") },
	    DHCP_OPT_VENDOR_SPECIFIC, "aa" },
	{ "54", { .options = OCTETS(OPT_DISCOVER "\x36\x01\xaa\xff") },
	    DHCP_OPT_SERVER_ID, "aa" },
	{ "57", { .options = OCTETS(OPT_DISCOVER "\x39\x01\xaa\xff") },
	    DHCP_OPT_MAX_SIZE, "aa" },
	{ "60", { .options = OCTETS(OPT_DISCOVER "\x3c\x01\xaa\xff") },
	    DHCP_OPT_VENDOR_CLASS, "aa" },
	{ "77", { .options = OCTETS(OPT_DISCOVER "\x4d\x01\xaa\xff") },
	    DHCP_OPT_USER_CLASS, "aa" },
	{ "82", { .options = OCTETS(OPT_DISCOVER "\x52\x01\xaa\xff") },
	    DHCP_OPT_RELAY, "aa" },
	{ "93", { .options = OCTETS(OPT_DISCOVER "\x5d\x01\xaa\xff") },
	    DHCP_OPT_ARCH, "aa" },
	{ "94, which has no name here", { .options =
	    OCTETS(OPT_DISCOVER "\x5e\x01\xaa\xff") }, 94, "aa" },
	{ "254, the last one", { .options =
	    OCTETS(OPT_DISCOVER "\xfe\x01\xaa\xff") }, 254, "aa" },
	{ "1, the first one", { .options =
	    OCTETS(OPT_DISCOVER "\x01\x01\xaa\xff") }, 1, "aa" },
	{ "0 is PAD", { .options =
	    OCTETS(OPT_DISCOVER "\x00\x01\x01\xaa\xff") }, 0, NULL },
	{ "97", { .options = OCTETS(OPT_DISCOVER "\x61\x01\xaa\xff") },
	    DHCP_OPT_UUID, "aa" },
	{ "175", { .options = OCTETS(OPT_DISCOVER "\xaf\x01\xaa\xff") },
	    DHCP_OPT_IPXE, "aa" },
	{ "67", { .options = OCTETS(OPT_DISCOVER "\x43\x01\xaa\xff") },
	    DHCP_OPT_BOOTFILE, "aa" },
	{ "53", { .options = OCTETS(OPT_DISCOVER OPT_END) },
	    DHCP_OPT_MESSAGE_TYPE, "01" },
};

START_TEST(test_value)
{
	const char *what = values[_i].what;
	struct heap heap = craft_message(&values[_i].craft);
	struct span value = { NULL, 77 };
	enum verdict why = VERDICT_COUNT;
	struct dhcp dhcp;
	bool there;

	ck_assert_msg(dhcp_read(heap_span(heap), &dhcp, &why), "%s: %s",
	    what, verdict_name(why));
	there = dhcp_option(&dhcp, values[_i].code, &value);
	ck_assert_msg(there == (values[_i].value != NULL), "%s: there: %d",
	    what, there);
	if (there)
		ck_assert_msg(strcmp(octets_hex(value), values[_i].value) == 0,
		    "%s: %s", what, octets_hex(value));
	else
		ck_assert_msg(value.n == 77, "%s: *out was written", what);
	heap_free(heap);
}
END_TEST

/* A second message in the same struct dhcp sees nothing of the first. */
START_TEST(test_again)
{
	static const struct craft first = { .options = OCTETS(OPT_DISCOVER
	    "\x3c\x03PXE\x3c\x06" "Client" OPT_UUID OPT_END) };
	static const struct craft second = { .options =
		OCTETS(OPT_INFORM OPT_END) };
	struct heap a = craft_message(&first), b = craft_message(&second);
	enum verdict why;
	struct span value;
	struct dhcp dhcp;

	ck_assert(dhcp_read(heap_span(a), &dhcp, &why));
	ck_assert(dhcp_read(heap_span(b), &dhcp, &why));
	ck_assert_int_eq(dhcp.type, DHCP_INFORM);
	ck_assert(!dhcp_option(&dhcp, DHCP_OPT_VENDOR_CLASS, &value));
	ck_assert(!dhcp_option(&dhcp, DHCP_OPT_UUID, &value));
	heap_free(a);
	heap_free(b);
}
END_TEST

/* The header that is written, octet for octet. */
START_TEST(test_write)
{
	uint8_t octets[300];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	struct dhcp_header header = {
		.op = DHCP_BOOTREPLY, .htype = 1, .hlen = 6,
		.xid = 0x12345678, .flags = 0x8000,
		.ciaddr = octets_address("10.0.0.50"),
		.siaddr = octets_address("192.0.2.20"),
		.giaddr = octets_address("10.9.0.1"),
		.chaddr = (const uint8_t *)"\x52\x54\x00\x12\x34\x56"
		    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a",
		.sname = SPAN_OF("192.0.2.20"),
		.file = SPAN_OF("pxelinux.0"),
	};

	dhcp_write_header(&w, &header);
	ck_assert_uint_eq(w.n, 240);
	dhcp_write_end(&w, 300);
	ck_assert(!w.full && w.n == 300);
	ck_assert_str_eq(octets_hex((struct span){ octets, 44 }),
	    octets_unblank("02010600 12345678 0000 8000 0a000032 00000000 "
	    "c0000214 0a090001 525400123456 0102030405060708090a"));
	ck_assert_str_eq(octets_hex((struct span){ octets + 44, 64 }),
	    octets_unblank("3139322e302e322e3230 "
	    "0000000000000000000000000000000000000000000000000000 "
	    "00000000000000000000000000000000000000000000000000000000"));
	ck_assert_str_eq((const char *)octets + 108, "pxelinux.0");
	for (size_t i = 118; i < 236; i++)
		ck_assert_uint_eq(octets[i], 0);
	ck_assert_str_eq(octets_hex((struct span){ octets + 236, 5 }),
	    "63825363ff");
	for (size_t i = 241; i < 300; i++)
		ck_assert_uint_eq(octets[i], 0);
}
END_TEST

/* Texts around the sizes of sname and file: always a NUL behind. */
static const size_t sizes[] = { 0, 1, 62, 63, 64, 126, 127, 128, 200 };

START_TEST(test_write_cut)
{
	static const uint8_t nobody[DHCP_CHADDR];
	uint8_t text[200], octets[240];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	size_t n = sizes[_i];
	struct dhcp_header header = { .chaddr = nobody, .sname = { text, n },
		.file = { text, n } };

	memset(text, 'x', sizeof(text));
	dhcp_write_header(&w, &header);
	ck_assert_uint_eq(w.n, 240);
	ck_assert_uint_eq(strnlen((char *)octets + 44, 64), n < 63 ? n : 63);
	ck_assert_uint_eq(strnlen((char *)octets + 108, 128),
	    n < 127 ? n : 127);
}
END_TEST

/* A message that is longer than the minimum is not padded. */
static const struct {
	size_t before, room, shortest, after;
	bool full;
} ends[] = {
	{ 240, 548, 300, 300, false },
	{ 240, 548, 260, 260, false },
	{ 260, 548, 260, 261, false },
	{ 298, 548, 300, 300, false },
	{ 299, 548, 300, 300, false },
	{ 300, 548, 300, 301, false },
	{ 547, 548, 300, 548, false },
	{ 548, 548, 300, 548, true },
	{ 240, 299, 300, 241, true },	/* not without its padding */
};

START_TEST(test_write_end)
{
	uint8_t octets[548];
	struct span_writer w = { octets, ends[_i].room, ends[_i].before,
	    false };

	dhcp_write_end(&w, ends[_i].shortest);
	ck_assert_msg(w.full == ends[_i].full && w.n == ends[_i].after,
	    "%zu octets, room %zu: %zu octets, full %d", ends[_i].before,
	    ends[_i].room, w.n, w.full);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("dhcp");
	TCase *tc = tcase_create("dhcp");

	tcase_add_loop_test(tc, test_message, 0, ROWS(messages));
	tcase_add_loop_test(tc, test_value, 0, ROWS(values));
	tcase_add_loop_test(tc, test_write_cut, 0, ROWS(sizes));
	tcase_add_loop_test(tc, test_write_end, 0, ROWS(ends));
	tcase_add_test(tc, test_header);
	tcase_add_test(tc, test_again);
	tcase_add_test(tc, test_write);
	suite_add_tcase(s, tc);
	return s;
}
