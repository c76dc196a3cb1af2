#include <check.h>

#include "core/pxe.h"
#include "unit/craft.h"
#include "unit/suite.h"

/* No vendor class is accepted beside PXEClient. */
/* Somebody may answer machines that do not say what they are. */
static const struct pxe_classes classes = { .others = true };

/* A message that was read, from a crafted frame. */
struct asked {
	struct heap heap;
	struct frame frame;
	struct dhcp dhcp;
	struct pxe_request request;
	enum verdict why;
	bool ours;
};

static void
ask(struct asked *asked, const struct craft *craft, const char *what)
{
	enum verdict why = VERDICT_COUNT;

	asked->heap = craft_frame(craft);
	ck_assert_msg(frame_read(heap_span(asked->heap), &asked->frame,
	    &why), "%s: %s", what, verdict_name(why));
	ck_assert_msg(dhcp_read(asked->frame.payload, &asked->dhcp, &why),
	    "%s: %s", what, verdict_name(why));
	asked->why = VERDICT_COUNT;
	asked->ours = pxe_read(&asked->frame, &asked->dhcp, &classes,
	    &asked->request,
	    &asked->why);
}

/* Is it for a boot server? */
static const struct {
	const char *what;
	struct craft craft;
	bool ours;
	enum verdict why;
} requests[] = {
	{ "UEFI DISCOVER", { .options = OCTETS(OPTIONS_UEFI) }, true, 0 },
	{ "BIOS DISCOVER", { .options = OCTETS(OPTIONS_BIOS) }, true, 0 },
	{ "HTTP Boot DISCOVER", { .options = OCTETS(OPTIONS_HTTP) }, true,
	    0 },
	{ "REQUEST on 4011", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011) }, true, 0 },
	{ "INFORM on 4011", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_INFORM OPT_PXE OPT_END) }, true, 0 },
	{ "a vendor class of nine octets", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE OPT_END) }, true, 0 },
	{ "a vendor class that goes on", { .options =
	    OCTETS(OPT_DISCOVER "\x3c\x0aPXEClientX" OPT_END) }, true, 0 },

	{ "an OFFER", { .options = OCTETS("\x35\x01\x02" OPT_PXE OPT_END),
	    .edit = { { AT_DHCP, OCTETS("\x02") } } }, false,
	    VERDICT_A_REPLY },
	{ "a reply of type DISCOVER", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_DHCP, OCTETS("\x02") } } }, false,
	    VERDICT_A_REPLY },
	{ "to port 68", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_UDP_DESTINATION, OCTETS("\x00\x44") } } }, false,
	    VERDICT_OTHER_PORT },
	{ "to port 69", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_UDP_DESTINATION, OCTETS("\x00\x45") } } }, false,
	    VERDICT_OTHER_PORT },

	/* Some rule may be meant for these. */
	{ "no vendor class", { .options = OCTETS(OPT_DISCOVER OPT_END) },
	    true, 0 },
	{ "an empty vendor class", { .options =
	    OCTETS(OPT_DISCOVER "\x3c\x00" OPT_END) }, true, 0 },
	{ "one octet short of PXEClient", { .options =
	    OCTETS(OPT_DISCOVER "\x3c\x08PXEClien" OPT_END) }, true, 0 },
	{ "pxeclient in lower case", { .options =
	    OCTETS(OPT_DISCOVER "\x3c\x09pxeclient" OPT_END) }, true, 0 },
	{ "PXEClient not at the beginning", { .options =
	    OCTETS(OPT_DISCOVER "\x3c\x0a PXEClient" OPT_END) }, true, 0 },
	{ "MSFT 5.0", { .options =
	    OCTETS(OPT_DISCOVER "\x3c\x08MSFT 5.0" OPT_END) }, true, 0 },
	{ "U-Boot's own vendor class", { .options = OCTETS(OPT_DISCOVER
	    "\x3c\x0cU-Boot.armv8" "\x5d\x02\x00\x16" OPT_END) }, true, 0 },
	{ "a REQUEST that is not of PXE is not-pxe first", { .options =
	    OCTETS(OPT_REQUEST OPT_END) }, false, VERDICT_NOT_PXE },

	{ "REQUEST on 67", { .options = OCTETS(OPT_REQUEST OPT_PXE OPT_END) },
	    false, VERDICT_LEASE_REQUEST },
	{ "REQUEST on 67 for a boot item: menus are not ours", { .options =
	    OCTETS(OPT_REQUEST OPT_PXE "\x2b\x06\x47\x04\x80\x00\x00\x00"
	    OPT_END) }, false, VERDICT_LEASE_REQUEST },
	{ "INFORM on 67", { .options = OCTETS(OPT_INFORM OPT_PXE OPT_END) },
	    false, VERDICT_OTHER_MESSAGE },
	{ "DECLINE on 67", { .options =
	    OCTETS("\x35\x01\x04" OPT_PXE OPT_END) }, false,
	    VERDICT_OTHER_MESSAGE },
	{ "RELEASE on 67", { .options =
	    OCTETS("\x35\x01\x07" OPT_PXE OPT_END) }, false,
	    VERDICT_OTHER_MESSAGE },
	{ "a BOOTREQUEST of type OFFER", { .options =
	    OCTETS("\x35\x01\x02" OPT_PXE OPT_END) }, false,
	    VERDICT_OTHER_MESSAGE },
	{ "DISCOVER on 4011", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_UEFI) }, false,
	    VERDICT_OTHER_MESSAGE },
	{ "RELEASE on 4011", { .base = CRAFT_4011, .options =
	    OCTETS("\x35\x01\x07" OPT_PXE OPT_END) }, false,
	    VERDICT_OTHER_MESSAGE },
	{ "a BOOTREQUEST of type ACK on 4011", { .base = CRAFT_4011,
	    .options = OCTETS("\x35\x01\x05" OPT_PXE OPT_END) }, false,
	    VERDICT_OTHER_MESSAGE },
};

START_TEST(test_request)
{
	const char *what = requests[_i].what;
	struct asked asked;

	ask(&asked, &requests[_i].craft, what);
	ck_assert_msg(asked.ours == requests[_i].ours, "%s: %s", what,
	    asked.ours ? "ours" : verdict_name(asked.why));
	if (!asked.ours)
		ck_assert_msg(asked.why == requests[_i].why, "%s: %s, not %s",
		    what, verdict_name(asked.why),
		    verdict_name(requests[_i].why));
	if ((asked.ours && asked.request.client != PXE_CLIENT_OTHER) ||
	    asked.why == VERDICT_LEASE_REQUEST)
		ck_assert_msg(asked.request.vendor_class.n >= 9,
		    "%s: the request is not filled", what);
	heap_free(asked.heap);
}
END_TEST

enum { NO_ARCH = -1 };

static const struct {
	const char *what;
	struct octets options;
	int arch;
} archs[] = {
	{ "option 93 alone", OCTETS(OPT_DISCOVER OPT_PXE OPT_ARCH_7), 7 },
	{ "option 93 before option 60", OCTETS(OPT_DISCOVER OPT_PXE_00000
	    OPT_ARCH_7), 7 },
	{ "arch 0", OCTETS(OPT_DISCOVER OPT_PXE OPT_ARCH_0), 0 },
	{ "octet order", OCTETS(OPT_DISCOVER OPT_PXE "\x5d\x02\x07\x00"),
	    1792 },
	{ "two of the registry: the first", OCTETS(OPT_DISCOVER OPT_PXE
	    "\x5d\x04\x00\x09\x00\x07"), 9 },
	{ "two of the registry: the one that fetches as option 60 says",
	    OCTETS(OPT_DISCOVER OPT_PXE "\x5d\x04\x00\x10\x00\x07"), 7 },
	{ "the same for HTTP Boot", OCTETS(OPT_DISCOVER OPT_HTTP_00016
	    "\x5d\x04\x00\x07\x00\x10"), 16 },
	{ "two of the registry that do not fetch so: the first",
	    OCTETS(OPT_DISCOVER OPT_PXE "\x5d\x04\x00\x10\x00\x13"), 16 },
	{ "a stranger first", OCTETS(OPT_DISCOVER OPT_PXE
	    "\x5d\x04\x80\x00\x00\x07"), 7 },
	{ "strangers only: the first", OCTETS(OPT_DISCOVER OPT_PXE
	    "\x5d\x04\x80\x00\x80\x01"), 0x8000 },
	{ "a list in two parts", OCTETS(OPT_DISCOVER OPT_PXE
	    "\x5d\x01\x00\x5d\x01\x0b"), 11 },
	{ "option 93 of one octet, digits in 60", OCTETS(OPT_DISCOVER
	    OPT_PXE_00007 "\x5d\x01\x00"), 7 },
	{ "option 93 of three octets, digits in 60", OCTETS(OPT_DISCOVER
	    OPT_PXE_00007 "\x5d\x03\x00\x00\x00"), 7 },
	{ "empty option 93, digits in 60", OCTETS(OPT_DISCOVER OPT_PXE_00007
	    "\x5d\x00"), 7 },
	{ "digits alone", OCTETS(OPT_DISCOVER OPT_PXE_00007), 7 },
	{ "digits of an HTTP Boot client", OCTETS(OPT_DISCOVER
	    OPT_HTTP_00016), 16 },
	{ "digits 65535", OCTETS(OPT_DISCOVER "\x3c\x14PXEClient:Arch:65535"),
	    65535 },
	{ "digits 65536", OCTETS(OPT_DISCOVER "\x3c\x14PXEClient:Arch:65536"),
	    NO_ARCH },
	{ "digits 99999", OCTETS(OPT_DISCOVER "\x3c\x14PXEClient:Arch:99999"),
	    NO_ARCH },
	{ "four digits", OCTETS(OPT_DISCOVER "\x3c\x13PXEClient:Arch:0007"),
	    NO_ARCH },
	{ "a letter among the digits", OCTETS(OPT_DISCOVER
	    "\x3c\x14PXEClient:Arch:0000x"), NO_ARCH },
	{ "a sign among the digits", OCTETS(OPT_DISCOVER
	    "\x3c\x14PXEClient:Arch:+0007"), NO_ARCH },
	{ "no digits behind the mark", OCTETS(OPT_DISCOVER
	    "\x3c\x0fPXEClient:Arch:"), NO_ARCH },
	{ "half the mark", OCTETS(OPT_DISCOVER "\x3c\x0dPXEClient:Arc"),
	    NO_ARCH },
	{ "PXEClient alone", OCTETS(OPT_DISCOVER OPT_PXE), NO_ARCH },
};

START_TEST(test_arch)
{
	const char *what = archs[_i].what;
	struct craft craft = { .options = archs[_i].options };
	struct asked asked;

	ask(&asked, &craft, what);
	ck_assert_msg(asked.ours, "%s: %s", what, verdict_name(asked.why));
	ck_assert_msg(asked.request.has_arch == (archs[_i].arch != NO_ARCH),
	    "%s: has_arch %d", what, asked.request.has_arch);
	if (asked.request.has_arch)
		ck_assert_msg(asked.request.arch == archs[_i].arch,
		    "%s: arch %u", what, asked.request.arch);
	heap_free(asked.heap);
}
END_TEST

/* Option 77, and whether it says iPXE. */
static const struct {
	const char *what;
	struct octets value;
	bool ipxe;
} user_classes[] = {
	{ "bare, as iPXE sends it", OCTETS("iPXE"), true },
	{ "counted (RFC 3004)", OCTETS("\x04iPXE"), true },
	{ "counted, the second of two", OCTETS("\x03" "abc\x04iPXE"), true },
	{ "counted, the first of two", OCTETS("\x04iPXE\x03" "abc"), true },
	{ "counted, with an empty item", OCTETS("\x04iPXE\x00"), true },
	{ "empty", OCTETS(""), false },
	{ "bare, another", OCTETS("gPXE"), false },
	{ "bare, longer", OCTETS("iPXE2"), false },
	{ "bare, lower case", OCTETS("ipxe"), false },
	{ "counted, longer", OCTETS("\x05iPXE2"), false },
	{ "bare with a NUL behind", OCTETS("iPXE\0"), false },
	{ "counted, the next item one octet short",
	    OCTETS("\x04iPXE\x04" "abc"), false },
	{ "counted, the next item without its octets",
	    OCTETS("\x04iPXE\x01"), false },
	{ "counted, the next item claims 255 octets",
	    OCTETS("\x04iPXE\xff"), false },
	{ "counted, one octet short", OCTETS("\x05iPXE"), false },
	{ "LABROM", OCTETS("LABROM"), false },
};

START_TEST(test_user_class)
{
	const char *what = user_classes[_i].what;
	struct octets value = user_classes[_i].value;
	char options[64] = OPT_DISCOVER OPT_PXE "\x4d";
	size_t n = sizeof(OPT_DISCOVER OPT_PXE "\x4d") - 1;
	struct craft craft;
	struct asked asked;

	options[n++] = (char)value.n;
	memcpy(options + n, value.p, value.n);
	craft = (struct craft){ .options = { options, n + value.n } };
	ask(&asked, &craft, what);
	ck_assert_msg(asked.ours, "%s: %s", what, verdict_name(asked.why));
	ck_assert_msg(pxe_has_user_class(&asked.request, SPAN_OF("iPXE"),
	    false) ==
	    user_classes[_i].ipxe, "%s: user class", what);
	ck_assert_msg(asked.request.is_ipxe == user_classes[_i].ipxe,
	    "%s: is_ipxe", what);
	ck_assert_msg(span_equal(asked.request.user_class,
	    octets_span(value)), "%s: kept as %s", what,
	    octets_hex(asked.request.user_class));
	heap_free(asked.heap);
}
END_TEST

static const struct {
	const char *what;
	struct octets options;
	bool ipxe;
} ipxes[] = {
	{ "option 175, no user class", OCTETS("\xaf\x03\xb1\x01\x01"), true },
	{ "an empty option 175", OCTETS("\xaf\x00"), true },
	{ "neither", OCTETS(""), false },
	{ "another user class and option 175",
	    OCTETS("\x4d\x06LABROM\xaf\x03\xb1\x01\x01"), true },
};

START_TEST(test_ipxe)
{
	char options[64] = OPT_DISCOVER OPT_PXE;
	size_t n = sizeof(OPT_DISCOVER OPT_PXE) - 1;
	struct craft craft;
	struct asked asked;

	memcpy(options + n, ipxes[_i].options.p, ipxes[_i].options.n);
	craft = (struct craft){ .options = { options,
	    n + ipxes[_i].options.n } };
	ask(&asked, &craft, ipxes[_i].what);
	ck_assert_msg(asked.request.is_ipxe == ipxes[_i].ipxe, "%s",
	    ipxes[_i].what);
	heap_free(asked.heap);
}
END_TEST

/* The largest packet that the client takes, option 57. */
static const struct {
	const char *what;
	struct octets option;
	unsigned max_size;
} sizes[] = {
	{ "absent", OCTETS(""), 576 },
	{ "1472", OCTETS("\x39\x02\x05\xc0"), 1472 },
	{ "1260, as BIOS ROMs", OCTETS("\x39\x02\x04\xec"), 1260 },
	{ "576", OCTETS("\x39\x02\x02\x40"), 576 },
	{ "575, below the minimum", OCTETS("\x39\x02\x02\x3f"), 576 },
	{ "0", OCTETS("\x39\x02\x00\x00"), 576 },
	{ "65280, octets swapped", OCTETS("\x39\x02\xff\x00"), 65280 },
	{ "one octet", OCTETS("\x39\x01\xff"), 576 },
	{ "three octets", OCTETS("\x39\x03\x05\xc0\x00"), 576 },
	{ "given twice", OCTETS("\x39\x02\x05\xc0\x39\x02\x05\xc0"), 576 },
};

START_TEST(test_max_size)
{
	char options[64] = OPT_DISCOVER OPT_PXE;
	size_t n = sizeof(OPT_DISCOVER OPT_PXE) - 1;
	struct craft craft;
	struct asked asked;

	memcpy(options + n, sizes[_i].option.p, sizes[_i].option.n);
	craft = (struct craft){ .options = { options,
	    n + sizes[_i].option.n } };
	ask(&asked, &craft, sizes[_i].what);
	ck_assert_msg(asked.request.max_size == sizes[_i].max_size, "%s: %u",
	    sizes[_i].what, asked.request.max_size);
	heap_free(asked.heap);
}
END_TEST

/* Option 43 sub-option 71: which item of a menu? */
static const struct {
	const char *what;
	struct octets option;
	bool has_item;
	unsigned type, layer;
} items[] = {
	{ "absent", OCTETS(""), false, 0, 0 },
	{ "a boot item", OCTETS("\x2b\x07\x47\x04\x80\x01\x00\x02\xff"), true,
	    0x8001, 2 },
	{ "without END", OCTETS("\x2b\x06\x47\x04\x80\x01\x00\x00"), true,
	    0x8001, 0 },
	{ "behind another sub-option",
	    OCTETS("\x2b\x09\x06\x01\x08\x47\x04\x80\x01\x00\x00"), true,
	    0x8001, 0 },
	{ "option 43 in two parts",
	    OCTETS("\x2b\x03\x47\x04\x80\x2b\x03\x01\x00\x02"), true, 0x8001,
	    2 },
	{ "three octets", OCTETS("\x2b\x05\x47\x03\x80\x01\x00"), false, 0,
	    0 },
	{ "five octets", OCTETS("\x2b\x07\x47\x05\x80\x01\x00\x00\x00"),
	    false, 0, 0 },
	{ "one octet short", OCTETS("\x2b\x05\x47\x04\x80\x01\x00"), false,
	    0, 0 },
	{ "behind END", OCTETS("\x2b\x07\xff\x47\x04\x80\x01\x00\x00"), false,
	    0, 0 },
	{ "another vendor's text", OCTETS("\x2b\x05hello"), false, 0, 0 },
	{ "a boot item, then garbage that does not hold together",
	    OCTETS("\x2b\x08\x47\x04\x80\x01\x00\x00\x09\xff"), false, 0, 0 },
};

START_TEST(test_item)
{
	const char *what = items[_i].what;
	char options[64] = OPT_DISCOVER OPT_PXE;
	size_t n = sizeof(OPT_DISCOVER OPT_PXE) - 1;
	struct craft craft;
	struct asked asked;

	memcpy(options + n, items[_i].option.p, items[_i].option.n);
	craft = (struct craft){ .options = { options,
	    n + items[_i].option.n } };
	ask(&asked, &craft, what);
	ck_assert_msg(asked.request.has_item == items[_i].has_item,
	    "%s: has_item %d", what, asked.request.has_item);
	if (asked.request.has_item)
		ck_assert_msg(asked.request.item_type == items[_i].type &&
		    asked.request.item_layer == items[_i].layer,
		    "%s: type %x layer %x", what, asked.request.item_type,
		    asked.request.item_layer);
	heap_free(asked.heap);
}
END_TEST

/* Everything of one request, field by field. */
START_TEST(test_fields)
{
	static const struct craft craft = { .base = CRAFT_4011, .options =
		OCTETS(OPTIONS_4011 "\xff") };
	static const struct craft relayed = { .base = CRAFT_RELAYED,
		.options = OCTETS(OPT_DISCOVER OPT_HTTP_00016 "\x61\x00"
		    "\x52\x06\x01\x04" "eth0" OPT_END) };
	struct asked asked;

	ask(&asked, &craft, "REQUEST on 4011");
	ck_assert(asked.ours && asked.request.on_4011);
	ck_assert_ptr_eq(asked.request.frame, &asked.frame);
	ck_assert_ptr_eq(asked.request.dhcp, &asked.dhcp);
	ck_assert_int_eq(asked.request.client, PXE_CLIENT_PXE);
	ck_assert(span_equal(asked.request.vendor_class,
	    SPAN_OF("PXEClient:Arch:00007:UNDI:003016")));
	ck_assert(asked.request.has_uuid);
	ck_assert_str_eq(octets_hex(asked.request.uuid),
	    "00101112131415161718191a1b1c1d1e1f");
	ck_assert(!asked.request.has_relay && !asked.request.is_ipxe);
	ck_assert_uint_eq(asked.request.user_class.n, 0);
	heap_free(asked.heap);

	ask(&asked, &relayed, "relayed DISCOVER");
	ck_assert(asked.ours && !asked.request.on_4011);
	ck_assert_int_eq(asked.request.client, PXE_CLIENT_HTTP);
	ck_assert(asked.request.has_uuid && asked.request.uuid.n == 0);
	ck_assert(asked.request.has_relay);
	ck_assert_str_eq(octets_hex(asked.request.relay), "010465746830");
	heap_free(asked.heap);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("pxe");
	TCase *tc = tcase_create("pxe");

	tcase_add_loop_test(tc, test_request, 0, ROWS(requests));
	tcase_add_loop_test(tc, test_arch, 0, ROWS(archs));
	tcase_add_loop_test(tc, test_user_class, 0, ROWS(user_classes));
	tcase_add_loop_test(tc, test_ipxe, 0, ROWS(ipxes));
	tcase_add_loop_test(tc, test_max_size, 0, ROWS(sizes));
	tcase_add_loop_test(tc, test_item, 0, ROWS(items));
	tcase_add_test(tc, test_fields);
	suite_add_tcase(s, tc);
	return s;
}
