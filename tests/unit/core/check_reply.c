#include <check.h>

#include "core/dhcp.h"
#include "core/reply.h"
#include "unit/craft.h"
#include "unit/rules.h"
#include "unit/suite.h"

/* No vendor class is accepted beside PXEClient. */
static const struct pxe_classes no_classes;

/* R is us, T the next-server; as documents write them (RFC 5737). */
#define R "192.0.2.10"
#define T "192.0.2.20"
#define R_OCTETS "\xc0\x00\x02\x0a"
#define TO_R { AT_IP_DESTINATION, OCTETS(R_OCTETS) }

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X127 X50 X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Hexadecimal, as it must leave: of "xxxx...", of zeros. */
#define HEX_X10 "78787878787878787878"
#define HEX_X50 HEX_X10 HEX_X10 HEX_X10 HEX_X10 HEX_X10

static struct in_addr also[2];

static struct reply_identity
us(void)
{
	static const uint8_t mac[] = { 0x02, 0, 0, 0, 0, 0x02 };
	struct reply_identity identity = { .address = octets_address(R),
		.also = also, .n_also = ROWS(also) };

	also[0] = octets_address("10.0.0.2");
	also[1] = octets_address("10.0.0.3");
	memcpy(identity.mac, mac, sizeof(mac));
	return identity;
}

struct asked {
	struct heap heap;
	struct frame frame;
	struct dhcp dhcp;
	struct pxe_request request;
};

static void
ask(struct asked *asked, const struct craft *craft, const char *what)
{
	enum verdict why = VERDICT_COUNT;

	asked->heap = craft_frame(craft);
	ck_assert_msg(frame_read(heap_span(asked->heap), &asked->frame,
	    &why) && dhcp_read(asked->frame.payload, &asked->dhcp, &why) &&
	    pxe_read(&asked->frame, &asked->dhcp, &no_classes,
	    &asked->request, &why),
	    "%s: %s", what, verdict_name(why));
}

static struct policy_decision
decide(enum form form, const char *file)
{
	static const struct policy_rule rule = { .name = "a rule" };
	struct policy_decision decision = { .rule = &rule, .form = form,
		.next_server = octets_address(T), .n = strlen(file) };

	memcpy(decision.file, file, decision.n + 1);
	return decision;
}

/* The parts of a header, in hexadecimal, as RFC 2131 figure 1 has them. */
#define OFFER_HEAD "02010600 deadbeef 0000 8000 00000000 00000000 "
#define ACK_HEAD "02010600 cafef00d 0000 0000 0a000032 00000000 "
#define SIADDR_R "c000020a "
#define SIADDR_T "c0000214 "
#define NO_GIADDR "00000000 "
#define CHADDR "525400123456 00000000000000000000"
/* And of options. */
#define COOKIE "63825363 "
#define HEX_OFFER "350102 "
#define HEX_ACK "350105 "
#define HEX_54_R "3604c000020a "
#define HEX_PXE "3c09505845436c69656e74 "
#define HEX_HTTP "3c0a48545450436c69656e74 "
#define HEX_UUID "611100101112131415161718191a1b1c1d1e1f "
#define HEX_43 "2b0a060108 0a0400505845ff "
#define HEX_175 "af03010101 "
#define HEX_END "ff"

/*
 * Whole answers: what must be in the message, octet for octet.  Written by
 * hand from RFC 2131, RFC 4578 and PXE 2.1; behind the end option there are
 * zeros up to 300 octets, or up to the length of a briefer request on port
 * 4011.
 */
static const struct {
	const char *what;
	struct craft craft;
	enum form form;
	const char *file;
	const char *header;		/* op to chaddr */
	const char *field;		/* the file field, as text */
	const char *options[2];		/* of one answer, or of two */
	const char *headers_second;	/* where there are two */
} goldens[] = {
	{ "binl OFFER", { .options = OCTETS(OPTIONS_UEFI) }, FORM_BINL,
	    "BOOTX64.EFI",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, "BOOTX64.EFI",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_UUID HEX_END }, NULL },
	{ "binl ACK", { .base = CRAFT_4011, .options = OCTETS(OPTIONS_4011),
	    .edit = { TO_R } }, FORM_BINL, "BOOTX64.EFI",
	    ACK_HEAD SIADDR_T NO_GIADDR CHADDR, "BOOTX64.EFI",
	    { COOKIE HEX_ACK HEX_54_R HEX_PXE HEX_UUID HEX_END }, NULL },
	{ "a brief request on port 4011: no padding", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_7 OPT_END),
	    .edit = { TO_R } }, FORM_BINL, "BOOTX64.EFI",
	    ACK_HEAD SIADDR_T NO_GIADDR CHADDR, "BOOTX64.EFI",
	    { COOKIE HEX_ACK HEX_54_R HEX_PXE HEX_END }, NULL },
	{ "a brief DISCOVER: padding", {
	    .options = OCTETS(OPT_DISCOVER OPT_PXE OPT_ARCH_7 OPT_END) },
	    FORM_BINL, "BOOTX64.EFI",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, "BOOTX64.EFI",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_END }, NULL },
	{ "direct OFFER", { .options = OCTETS(OPTIONS_BIOS) }, FORM_DIRECT,
	    "pxelinux.0",
	    OFFER_HEAD SIADDR_T NO_GIADDR CHADDR, "pxelinux.0",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_UUID HEX_43 HEX_END },
	    NULL },
	{ "direct ACK: no option 43", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = { TO_R } },
	    FORM_DIRECT, "pxelinux.0",
	    ACK_HEAD SIADDR_T NO_GIADDR CHADDR, "pxelinux.0",
	    { COOKIE HEX_ACK HEX_54_R HEX_PXE HEX_UUID HEX_END }, NULL },
	{ "ipxe OFFER", { .options = OCTETS(OPTIONS_IPXE) }, FORM_IPXE,
	    "http://192.0.2.10/boot.ipxe",
	    OFFER_HEAD SIADDR_T NO_GIADDR CHADDR,
	    "http://192.0.2.10/boot.ipxe",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_UUID HEX_175 HEX_END },
	    NULL },
	{ "ipxe ACK", { .base = CRAFT_4011, .options = OCTETS(OPTIONS_4011),
	    .edit = { TO_R } }, FORM_IPXE, "boot.ipxe",
	    ACK_HEAD SIADDR_T NO_GIADDR CHADDR, "boot.ipxe",
	    { COOKIE HEX_ACK HEX_54_R HEX_PXE HEX_UUID HEX_175 HEX_END },
	    NULL },
	{ "http OFFER", { .options = OCTETS(OPTIONS_HTTP) }, FORM_HTTP,
	    "http://192.0.2.10/BOOTX64.EFI",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR,
	    "http://192.0.2.10/BOOTX64.EFI",
	    { COOKIE HEX_OFFER HEX_54_R HEX_HTTP HEX_UUID HEX_END }, NULL },
	{ "plain OFFER", { .options = OCTETS(OPTIONS_BIOS) }, FORM_PLAIN,
	    "boot.scr.uimg",
	    OFFER_HEAD SIADDR_T NO_GIADDR CHADDR, "boot.scr.uimg",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_UUID HEX_END }, NULL },
	{ "paired: binl, then direct", { .options = OCTETS(OPTIONS_UEFI) },
	    FORM_PAIRED, "BOOTX64.EFI",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, "BOOTX64.EFI",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_UUID HEX_END,
	    COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_UUID HEX_43 HEX_END },
	    OFFER_HEAD SIADDR_T NO_GIADDR CHADDR },
	{ "paired ACK: one", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = { TO_R } },
	    FORM_PAIRED, "BOOTX64.EFI",
	    ACK_HEAD SIADDR_T NO_GIADDR CHADDR, "BOOTX64.EFI",
	    { COOKIE HEX_ACK HEX_54_R HEX_PXE HEX_UUID HEX_END }, NULL },
	{ "INFORM on 4011 is answered like a REQUEST", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_INFORM OPT_UUID OPT_ARCH_7 OPT_PXE_00007
	    OPT_END), .edit = { TO_R } }, FORM_BINL, "BOOTX64.EFI",
	    ACK_HEAD SIADDR_T NO_GIADDR CHADDR, "BOOTX64.EFI",
	    { COOKIE HEX_ACK HEX_54_R HEX_PXE HEX_UUID HEX_END }, NULL },

	{ "no option 97 where the client sends none", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE_00007 OPT_END) }, FORM_BINL, "f",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, "f",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_END }, NULL },
	{ "an empty option 97 is echoed as it is", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE_00007 "\x61\x00" OPT_END) },
	    FORM_BINL, "f",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, "f",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE "6100 " HEX_END }, NULL },
	{ "relayed: giaddr kept, option 82 last", { .base = CRAFT_RELAYED,
	    .options = OCTETS(OPT_DISCOVER OPT_PXE_00007
	    "\x52\x06\x01\x04" "eth0" OPT_UUID OPT_END),
	    .edit = { TO_R } }, FORM_DIRECT, "f",
	    OFFER_HEAD SIADDR_T "0a090001 " CHADDR, "f",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_UUID HEX_43
	    "5206010465746830 " HEX_END }, NULL },
	{ "option 82 without giaddr, as snooping switches send it",
	    { .options = OCTETS(OPT_DISCOVER OPT_PXE_00007
	    "\x52\x03\x01\x01\x07" OPT_END) }, FORM_BINL, "f",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, "f",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE "5203010107 " HEX_END },
	    NULL },
	{ "ciaddr, yiaddr, siaddr, secs and hops of a DISCOVER do not come "
	    "back", { .options = OCTETS(OPT_DISCOVER OPT_PXE OPT_END),
	    .edit = { { AT_CIADDR, OCTETS("\x0a\x00\x00\x63"
	    "\x0a\x00\x00\x64" "\x0a\x00\x00\x65") },
	    { AT_SECS, OCTETS("\xff\xff") },
	    { AT_DHCP + 3, OCTETS("\x07") } } }, FORM_BINL, "f",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, "f",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_END }, NULL },
	{ "all 16 octets of chaddr, htype and hlen come back", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE OPT_END), .edit = {
	    { AT_HTYPE, OCTETS("\x20\x10") },
	    { AT_CHADDR, OCTETS("\x01\x02\x03\x04\x05\x06\x07\x08"
	    "\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10") } } }, FORM_BINL, "f",
	    "02201000 deadbeef 0000 8000 00000000 00000000 " SIADDR_R
	    NO_GIADDR "0102030405060708090a0b0c0d0e0f10", "f",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_END }, NULL },
	{ "the client's own file and sname do not come back", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE OPT_END), .edit = {
	    { AT_FILE, OCTETS("theirs") }, { AT_SNAME, OCTETS("theirs") } } },
	    FORM_BINL, "f",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, "f",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_END }, NULL },

	{ "127 octets of file fit into the field", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE OPT_END) }, FORM_BINL, X127,
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, X127,
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_END }, NULL },
	{ "128 octets of file go into option 67, with their NUL",
	    { .options = OCTETS(OPT_DISCOVER OPT_PXE OPT_END) }, FORM_BINL,
	    X127 "y",
	    OFFER_HEAD SIADDR_R NO_GIADDR CHADDR, "",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE "4381" HEX_X50 HEX_X50
	    HEX_X10 HEX_X10 "78787878787878" "7900" HEX_END }, NULL },
	{ "254 octets of file fill option 67; 82 still comes last",
	    { .base = CRAFT_RELAYED, .options = OCTETS(OPT_DISCOVER OPT_PXE
	    "\x52\x03\x01\x01\x07" OPT_END), .edit = { TO_R } },
	    FORM_DIRECT, X127 X127,
	    OFFER_HEAD SIADDR_T "0a090001 " CHADDR, "",
	    { COOKIE HEX_OFFER HEX_54_R HEX_PXE HEX_43 "43ff"
	    HEX_X50 HEX_X50 HEX_X50 HEX_X50 HEX_X50 "78787878" "00"
	    "5203010107" HEX_END }, NULL },
};

/* Compare one message with what must be in it. */
static void
compare(const char *what, unsigned i, const struct reply *reply,
    size_t shortest, const char *header, const char *field,
    const char *options)
{
	struct span left = { reply->octets, reply->n }, part;
	const char *want = octets_unblank(options);
	size_t n = strlen(want) / 2;

	ck_assert_msg(span_take(&left, 44, &part), "%s: too short", what);
	ck_assert_msg(strcmp(octets_hex(part), octets_unblank(header)) == 0,
	    "%s: answer %u: header\n     %s\nnot  %s", what, i,
	    octets_hex(part), octets_unblank(header));
	ck_assert_msg(span_take(&left, 64, &part), "%s: too short", what);
	ck_assert_msg(strcmp((const char *)part.p, T) == 0,
	    "%s: answer %u: sname %s", what, i, (const char *)part.p);
	for (size_t at = strlen(T); at < 64; at++)
		ck_assert_msg(part.p[at] == 0, "%s: answer %u: sname, octet "
		    "%zu", what, i, at);
	ck_assert_msg(span_take(&left, 128, &part), "%s: too short", what);
	ck_assert_msg(strlen(field) < 128 && memcmp(part.p, field,
	    strlen(field)) == 0, "%s: answer %u: file %.127s", what, i,
	    (const char *)part.p);
	for (size_t at = strlen(field); at < 128; at++)
		ck_assert_msg(part.p[at] == 0, "%s: answer %u: file, octet "
		    "%zu", what, i, at);
	ck_assert_msg(span_take(&left, n, &part), "%s: too short", what);
	ck_assert_msg(strcmp(octets_hex(part), want) == 0,
	    "%s: answer %u: options\n     %s\nnot  %s", what, i,
	    octets_hex(part), want);
	ck_assert_msg(reply->n == (236 + n < shortest ? shortest : 236 + n),
	    "%s: answer %u: %zu octets", what, i, reply->n);
	while (left.n > 0) {
		uint8_t octet = 1;

		(void)span_u8(&left, &octet);
		ck_assert_msg(octet == 0, "%s: answer %u: %02x behind the "
		    "end", what, i, octet);
	}
}

START_TEST(test_golden)
{
	const char *what = goldens[_i].what;
	struct reply_identity identity = us();
	struct policy_decision decision = decide(goldens[_i].form,
	    goldens[_i].file);
	unsigned expected = goldens[_i].options[1] != NULL ? 2 : 1;
	enum verdict why = VERDICT_COUNT;
	struct reply_route route;
	static struct reply reply[2];
	struct asked asked;
	size_t shortest = 300;
	unsigned n;

	ask(&asked, &goldens[_i].craft, what);
	if (goldens[_i].craft.base == CRAFT_4011 &&
	    asked.frame.payload.n < shortest)
		shortest = asked.frame.payload.n;
	ck_assert_msg(reply_route(&asked.request, &identity, &route, &why),
	    "%s: %s", what, verdict_name(why));
	n = reply_write(&asked.request, &identity, &route, &decision, reply);
	ck_assert_msg(n == expected, "%s: %u answers", what, n);
	compare(what, 0, &reply[0], shortest, goldens[_i].header, goldens[_i].field,
	    goldens[_i].options[0]);
	if (n == 2)
		compare(what, 1, &reply[1], shortest, goldens[_i].headers_second,
		    goldens[_i].field, goldens[_i].options[1]);
	heap_free(asked.heap);
}
END_TEST

/*
 * Where the answer goes.  flags is the field of the message that leaves.
 */
static const struct {
	const char *what;
	struct craft craft;
	bool there;
	enum verdict why;
	const char *source;
	const char *to;			/* MAC address, hexadecimal */
	const char *destination;
	unsigned source_port, destination_port, flags;
} routes[] = {
#define FROM "525400123456"
#define RELAY "000fe2000001"
#define ALL "ffffffffffff"
#define EVERYBODY "255.255.255.255"
	{ "DISCOVER", { .options = OCTETS(OPTIONS_UEFI) }, true, 0,
	    R, ALL, EVERYBODY, 67, 68, 0x8000 },
	{ "DISCOVER with flags 0 is answered by broadcast all the same",
	    { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_FLAGS, OCTETS("\x00\x00") } } }, true, 0,
	    R, ALL, EVERYBODY, 67, 68, 0x8000 },
	{ "DISCOVER with a bogus ciaddr: no unicast to it", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_CIADDR, OCTETS("\x0a\x00\x00\x63") } } }, true, 0,
	    R, ALL, EVERYBODY, 67, 68, 0x8000 },
	{ "DISCOVER from another port", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_UDP, OCTETS("\xc0\x00") } } }, true, 0,
	    R, ALL, EVERYBODY, 67, 68, 0x8000 },
	{ "DISCOVER to the subnet's broadcast address", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_DESTINATION, OCTETS("\xc0\x00\x02\xff") } } }, true, 0,
	    R, ALL, EVERYBODY, 67, 68, 0x8000 },
	{ "DISCOVER by unicast to us", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_TO, OCTETS(CRAFT_OUR_MAC) }, TO_R } }, true, 0,
	    R, ALL, EVERYBODY, 67, 68, 0x8000 },
	{ "DISCOVER by unicast to us from an address: from afar", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = { { AT_TO, OCTETS(CRAFT_OUR_MAC) },
	    TO_R, { AT_IP_SOURCE, OCTETS("\x0a\x08\x00\x01") } } }, false,
	    VERDICT_BAD_SOURCE, NULL, NULL, NULL, 0, 0, 0 },
	{ "DISCOVER by broadcast from an address", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_SOURCE, OCTETS("\x0a\x08\x00\x01") } } }, true, 0,
	    R, ALL, EVERYBODY, 67, 68, 0x8000 },
	{ "other bits of flags come back", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_FLAGS, OCTETS("\x00\x01") } } }, true, 0,
	    R, ALL, EVERYBODY, 67, 68, 0x8001 },
	{ "DISCOVER through a relay", { .base = CRAFT_RELAYED,
	    .options = OCTETS(OPTIONS_UEFI), .edit = { TO_R } }, true, 0,
	    R, RELAY, "10.9.0.1", 67, 67, 0x8000 },
	{ "DISCOVER through a relay that sent it from another address",
	    { .base = CRAFT_RELAYED, .options = OCTETS(OPTIONS_UEFI),
	    .edit = { TO_R, { AT_IP_SOURCE, OCTETS("\x0a\x08\x00\x01") } } },
	    true, 0, R, RELAY, "10.9.0.1", 67, 67, 0x8000 },
	{ "DISCOVER through a relay to another address of ours: answered "
	    "from there", { .base = CRAFT_RELAYED,
	    .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_DESTINATION, OCTETS("\x0a\x00\x00\x03") } } }, true, 0,
	    "10.0.0.3", RELAY, "10.9.0.1", 67, 67, 0x8000 },
	{ "DISCOVER through a relay of another port, which says so", { .base =
	    CRAFT_RELAYED, .options = OCTETS(OPT_DISCOVER OPT_PXE OPT_ARCH_7
	    "\x52\x02\x13\x00" OPT_END), .edit = { TO_R,
	    { AT_UDP, OCTETS("\xc3\x50") } } }, true, 0,
	    R, RELAY, "10.9.0.1", 67, 50000, 0x8000 },
	{ "DISCOVER through a relay of another port, which says nothing",
	    { .base = CRAFT_RELAYED, .options = OCTETS(OPT_DISCOVER OPT_PXE
	    OPT_ARCH_7 OPT_END), .edit = { TO_R,
	    { AT_UDP, OCTETS("\xc3\x50") } } }, true, 0,
	    R, RELAY, "10.9.0.1", 67, 67, 0x8000 },
	{ "DISCOVER through a relay, broadcast", { .base = CRAFT_RELAYED,
	    .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_DESTINATION, OCTETS("\xff\xff\xff\xff") } } }, true, 0,
	    R, RELAY, "10.9.0.1", 67, 67, 0x8000 },

	{ "REQUEST on 4011 from 4011", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = { TO_R } }, true, 0,
	    R, FROM, "10.0.0.50", 4011, 4011, 0 },
	{ "REQUEST on 4011 from 68, as iPXE and ROMs", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = { TO_R,
	    { AT_UDP, OCTETS("\x00\x44") } } }, true, 0,
	    R, FROM, "10.0.0.50", 4011, 68, 0 },
	{ "REQUEST on 4011 to another address of ours: answered from there",
	    { .base = CRAFT_4011, .options = OCTETS(OPTIONS_4011) }, true, 0,
	    "10.0.0.2", FROM, "10.0.0.50", 4011, 4011, 0 },
	{ "REQUEST on 4011 with flags: copied", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = { TO_R,
	    { AT_FLAGS, OCTETS("\x80\x00") } } }, true, 0,
	    R, FROM, "10.0.0.50", 4011, 4011, 0x8000 },
	{ "REQUEST on 4011 with a giaddr: the source is answered",
	    { .base = CRAFT_4011, .options = OCTETS(OPTIONS_4011), .edit = {
	    TO_R, { AT_GIADDR, OCTETS("\x0a\x09\x00\x01") } } }, true, 0,
	    R, FROM, "10.0.0.50", 4011, 4011, 0 },
	{ "REQUEST on 4011 without an address: broadcast", { .base =
	    CRAFT_4011, .options = OCTETS(OPTIONS_4011), .edit = {
	    { AT_CIADDR, OCTETS("\0\0\0\0") },
	    { AT_IP_SOURCE, OCTETS("\0\0\0\0\xff\xff\xff\xff") },
	    { AT_UDP, OCTETS("\x00\x44") } } }, true, 0,
	    R, ALL, EVERYBODY, 4011, 68, 0x8000 },

	{ "DISCOVER by unicast to another server", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_TO, OCTETS("\x02\x00\x00\x00\x00\x63") },
	    { AT_IP_DESTINATION, OCTETS("\xc0\x00\x02\x63") } } }, false,
	    VERDICT_NOT_FOR_US, NULL, NULL, NULL, 0, 0, 0 },
	{ "a relay's DISCOVER to another server", { .base = CRAFT_RELAYED,
	    .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_DESTINATION, OCTETS("\xc0\x00\x02\x63") } } }, false,
	    VERDICT_NOT_FOR_US, NULL, NULL, NULL, 0, 0, 0 },
	{ "REQUEST on 4011 to another server", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = {
	    { AT_IP_DESTINATION, OCTETS("\xc0\x00\x02\x63") } } }, false,
	    VERDICT_NOT_FOR_US, NULL, NULL, NULL, 0, 0, 0 },

	{ "the frame comes from a group", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_FROM, OCTETS("\xff\xff\xff\xff\xff\xff") } } }, false,
	    VERDICT_BAD_SOURCE, NULL, NULL, NULL, 0, 0, 0 },
	{ "a relay's frame comes from a multicast address", { .base =
	    CRAFT_RELAYED, .options = OCTETS(OPTIONS_UEFI), .edit = { TO_R,
	    { AT_FROM, OCTETS("\x01\x00\x5e\x00\x00\x01") } } }, false,
	    VERDICT_BAD_SOURCE, NULL, NULL, NULL, 0, 0, 0 },

#define BAD_GIADDR(what, giaddr) \
	{ "giaddr is " what, { .base = CRAFT_RELAYED, .options = \
	    OCTETS(OPTIONS_UEFI), .edit = { TO_R, \
	    { AT_GIADDR, OCTETS(giaddr) } } }, false, VERDICT_BAD_GIADDR, \
	    NULL, NULL, NULL, 0, 0, 0 }
	BAD_GIADDR("our own address", R_OCTETS),
	BAD_GIADDR("another address of ours", "\x0a\x00\x00\x03"),
	BAD_GIADDR("broadcast: amplification", "\xff\xff\xff\xff"),
	BAD_GIADDR("multicast", "\xe0\x00\x00\x01"),
	BAD_GIADDR("reserved", "\xf0\x00\x00\x01"),
	BAD_GIADDR("loopback", "\x7f\x00\x00\x01"),
	BAD_GIADDR("in net 0", "\x00\x00\x00\x01"),

#define BAD_CIADDR(what, address) \
	{ "REQUEST on 4011 from " what, { .base = CRAFT_4011, .options = \
	    OCTETS(OPTIONS_4011), .edit = { TO_R, \
	    { AT_IP_SOURCE, OCTETS(address) }, \
	    { AT_CIADDR, OCTETS(address) } } }, false, VERDICT_BAD_SOURCE, \
	    NULL, NULL, NULL, 0, 0, 0 }
	BAD_CIADDR("the broadcast address", "\xff\xff\xff\xff"),
	BAD_CIADDR("a multicast address", "\xef\x01\x02\x03"),
	BAD_CIADDR("a loopback address", "\x7f\x00\x00\x01"),
	BAD_CIADDR("net 0", "\x00\x01\x02\x03"),

	{ "REQUEST on 4011 with another ciaddr: reflection", { .base =
	    CRAFT_4011, .options = OCTETS(OPTIONS_4011), .edit = { TO_R,
	    { AT_CIADDR, OCTETS("\x0a\x00\x00\x33") } } }, false,
	    VERDICT_SOURCE_NOT_CIADDR, NULL, NULL, NULL, 0, 0, 0 },
	{ "REQUEST on 4011 without ciaddr from an address", { .base =
	    CRAFT_4011, .options = OCTETS(OPTIONS_4011), .edit = { TO_R,
	    { AT_CIADDR, OCTETS("\0\0\0\0") } } }, false,
	    VERDICT_SOURCE_NOT_CIADDR, NULL, NULL, NULL, 0, 0, 0 },
	{ "REQUEST on 4011 with ciaddr from no address", { .base =
	    CRAFT_4011, .options = OCTETS(OPTIONS_4011), .edit = { TO_R,
	    { AT_IP_SOURCE, OCTETS("\0\0\0\0") } } }, false,
	    VERDICT_SOURCE_NOT_CIADDR, NULL, NULL, NULL, 0, 0, 0 },

#define BAD_PORT(what, port) \
	{ "REQUEST on 4011 from port " what, { .base = CRAFT_4011, \
	    .options = OCTETS(OPTIONS_4011), .edit = { TO_R, \
	    { AT_UDP, OCTETS(port) } } }, false, VERDICT_SOURCE_PORT, \
	    NULL, NULL, NULL, 0, 0, 0 }
	BAD_PORT("0", "\x00\x00"),
	BAD_PORT("53: reflection", "\x00\x35"),
	BAD_PORT("67", "\x00\x43"),
	BAD_PORT("49152", "\xc0\x00"),
#undef BAD_GIADDR
#undef BAD_CIADDR
#undef BAD_PORT
};

START_TEST(test_route)
{
	const char *what = routes[_i].what;
	struct reply_identity identity = us();
	struct policy_decision decision = decide(FORM_BINL, "f");
	enum verdict why = VERDICT_COUNT;
	struct reply_route route;
	static struct reply reply[2];
	struct asked asked;
	bool there;

	ask(&asked, &routes[_i].craft, what);
	there = reply_route(&asked.request, &identity, &route, &why);
	ck_assert_msg(there == routes[_i].there, "%s: %s", what,
	    there ? "there is a way" : verdict_name(why));
	if (!there) {
		ck_assert_msg(why == routes[_i].why, "%s: %s, not %s", what,
		    verdict_name(why), verdict_name(routes[_i].why));
		heap_free(asked.heap);
		return;
	}
	ck_assert_msg(reply_write(&asked.request, &identity, &route,
	    &decision, reply) == 1, "%s: no answer", what);
	ck_assert_msg(reply[0].source.s_addr ==
	    octets_address(routes[_i].source).s_addr, "%s: source", what);
	ck_assert_msg(memcmp(reply[0].octets + 245, &reply[0].source, 4) == 0,
	    "%s: option 54 is not the source", what);
	ck_assert_msg(memcmp(reply[0].from, identity.mac, 6) == 0,
	    "%s: Ethernet source", what);
	ck_assert_msg(strcmp(octets_hex((struct span){ reply[0].to, 6 }),
	    routes[_i].to) == 0, "%s: Ethernet destination %s", what,
	    octets_hex((struct span){ reply[0].to, 6 }));
	ck_assert_msg(reply[0].destination.s_addr ==
	    octets_address(routes[_i].destination).s_addr,
	    "%s: destination", what);
	ck_assert_msg(reply[0].source_port == routes[_i].source_port &&
	    reply[0].destination_port == routes[_i].destination_port,
	    "%s: from port %u to port %u", what, reply[0].source_port,
	    reply[0].destination_port);
	ck_assert_msg((unsigned)(reply[0].octets[10] << 8 |
	    reply[0].octets[11]) == routes[_i].flags, "%s: flags %02x%02x",
	    what, reply[0].octets[10], reply[0].octets[11]);
	heap_free(asked.heap);
}
END_TEST

/* The rule's options: values of one code are one option; 43 in OFFERs. */
static const struct {
	const char *what;
	struct craft craft;
	struct policy_option option[3];
	size_t n;
	enum form form;
	const char *options;	/* behind option 54 */
} extras[] = {
#define VALUE(code, literal) { code, TEXT_SPAN(literal) }
	{ "two addresses given one by one", { .options = OCTETS(OPT_DISCOVER
	    OPT_PXE OPT_END) }, { VALUE(11, "\x0a\x01\x00\x15"),
	    VALUE(17, "r"), VALUE(11, "\x0a\x01\x00\x16") }, 3, FORM_BINL,
	    HEX_PXE "0b08 0a010015 0a010016 1101 72 " HEX_END },
	{ "the rule's option 43 in an OFFER", { .options = OCTETS(
	    OPT_DISCOVER OPT_PXE OPT_END) }, { VALUE(43, "\x06\x01\x08") },
	    1, FORM_DIRECT, HEX_PXE "2b03 060108 " HEX_END },
	{ "but not in an ACK", { .base = CRAFT_4011, .options = OCTETS(
	    OPT_REQUEST OPT_PXE OPT_END), .edit = { TO_R } },
	    { VALUE(43, "\x06\x01\x08"), VALUE(17, "r") }, 2, FORM_DIRECT,
	    HEX_PXE "1101 72 " HEX_END },
	{ "the chosen item goes before the rule's option 43", { .base =
	    CRAFT_4011, .options = OCTETS(OPT_REQUEST OPT_PXE
	    "\x2b\x07\x47\x04\x80\x00\x00\x00\xff" OPT_END), .edit = {
	    TO_R } }, { VALUE(43, "\x06\x01\x08") }, 1, FORM_MENU,
	    HEX_PXE "2b07 4704 8000 0000 ff " HEX_END },
#undef VALUE
};

START_TEST(test_extra)
{
	enum { BEHIND_54 = 249 };
	const char *want = octets_unblank(extras[_i].options);
	struct policy_rule rule = { .name = "a rule",
		.option = extras[_i].option, .n_option = extras[_i].n };
	struct policy_decision decision = decide(extras[_i].form, "f");
	struct reply_identity identity = us();
	enum verdict why = VERDICT_COUNT;
	static struct reply reply[2];
	struct reply_route route;
	struct asked asked;
	struct span sent, cut;

	decision.rule = &rule;
	decision.item = FORM_FIRST_ITEM;
	ask(&asked, &extras[_i].craft, extras[_i].what);
	ck_assert(reply_route(&asked.request, &identity, &route, &why));
	ck_assert_uint_eq(reply_write(&asked.request, &identity, &route,
	    &decision, reply), 1);
	sent = (struct span){ reply[0].octets, reply[0].n };
	ck_assert(span_skip(&sent, BEHIND_54));
	ck_assert(span_take(&sent, strlen(want) / 2, &cut));
	ck_assert_msg(strcmp(octets_hex(cut), want) == 0, "%s: %s",
	    extras[_i].what, octets_hex(cut));
	heap_free(asked.heap);
}
END_TEST

/* Tags come back as they came; the IPv4 identification is the request's. */
START_TEST(test_envelope)
{
	static const struct craft craft = { .options = OCTETS(OPTIONS_UEFI),
		.tags = OCTETS("\x88\xa8\x60\x64\x81\x00\xb0\x0a") };
	struct reply_identity identity = us();
	struct policy_decision decision = decide(FORM_PAIRED, "f");
	static struct reply reply[2];
	struct reply_route route;
	struct asked asked;
	enum verdict why;

	ask(&asked, &craft, "two tags");
	ck_assert(reply_route(&asked.request, &identity, &route, &why));
	ck_assert_uint_eq(reply_write(&asked.request, &identity, &route,
	    &decision, reply), 2);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_uint_eq(reply[i].tags, 2);
		ck_assert_uint_eq(reply[i].tag[0].tpid, 0x88a8);
		ck_assert_uint_eq(reply[i].tag[0].tci, 0x6064);
		ck_assert_uint_eq(reply[i].tag[1].tpid, 0x8100);
		ck_assert_uint_eq(reply[i].tag[1].tci, 0xb00a);
	}
	ck_assert_uint_eq(reply[0].ip_id, 0xbeef);
	ck_assert_uint_eq(reply[1].ip_id, 0xbef0);
	heap_free(asked.heap);
}
END_TEST

/*
 * How long an answer may be: option 57 less 28 octets of headers, between
 * 548 and 1444.  An option 82 of n octets makes the answer the size wanted:
 * 261 octets without it, and 2 more for each 255 octets of it begun.
 */
static const struct {
	const char *what;
	unsigned max_size;		/* option 57 */
	size_t relay;			/* octets of option 82 */
	enum form form;
	unsigned answers;
	size_t n;			/* octets of the first */
} sizes[] = {
	{ "548 octets fit into 576", 576, 283, FORM_BINL, 1, 548 },
	{ "549 octets do not", 576, 284, FORM_BINL, 0, 0 },
	{ "0 counts as 576", 0, 283, FORM_BINL, 1, 548 },
	{ "0 counts as 576, 549 octets", 0, 284, FORM_BINL, 0, 0 },
	{ "1232 octets fit into 1260", 1260, 963, FORM_BINL, 1, 1232 },
	{ "1233 octets do not", 1260, 964, FORM_BINL, 0, 0 },
	{ "1444 octets fit into 1472", 1472, 1173, FORM_BINL, 1, 1444 },
	{ "1445 octets do not", 1472, 1174, FORM_BINL, 0, 0 },
	{ "65280 counts as 1472", 65280, 1173, FORM_BINL, 1, 1444 },
	{ "65280 counts as 1472, 1445 octets", 65280, 1174, FORM_BINL, 0,
	    0 },
	{ "both of a pair fit", 576, 271, FORM_PAIRED, 2, 536 },
	{ "the second of a pair does not fit, so none leaves", 576, 272,
	    FORM_PAIRED, 0, 0 },
};

START_TEST(test_size)
{
	static const char head[] = OPT_DISCOVER OPT_PXE "\x39\x02";
	const char *what = sizes[_i].what;
	char options[2048];
	size_t n = sizeof(head) - 1, left = sizes[_i].relay;
	struct reply_identity identity = us();
	struct policy_decision decision = decide(sizes[_i].form, "f");
	static struct reply reply[2];
	struct reply_route route;
	struct craft craft;
	struct asked asked;
	enum verdict why;
	unsigned answers;

	memcpy(options, head, n);
	options[n++] = (char)(sizes[_i].max_size >> 8);
	options[n++] = (char)sizes[_i].max_size;
	while (left > 0) {
		size_t part = left < 255 ? left : 255;

		options[n++] = 82;
		options[n++] = (char)part;
		memset(options + n, 'r', part);
		n += part;
		left -= part;
	}
	options[n++] = '\xff';
	craft = (struct craft){ .options = { options, n } };
	ask(&asked, &craft, what);
	ck_assert(reply_route(&asked.request, &identity, &route, &why));
	answers = reply_write(&asked.request, &identity, &route, &decision,
	    reply);
	ck_assert_msg(answers == sizes[_i].answers, "%s: %u answers", what,
	    answers);
	if (answers > 0) {
		ck_assert_msg(reply[0].n == sizes[_i].n, "%s: %zu octets",
		    what, reply[0].n);
		ck_assert_msg(reply[0].octets[reply[0].n - 1] == 255,
		    "%s: does not end with END", what);
	}
	heap_free(asked.heap);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("reply");
	TCase *tc = tcase_create("reply");

	tcase_add_loop_test(tc, test_golden, 0, ROWS(goldens));
	tcase_add_loop_test(tc, test_route, 0, ROWS(routes));
	tcase_add_loop_test(tc, test_size, 0, ROWS(sizes));
	tcase_add_loop_test(tc, test_extra, 0, ROWS(extras));
	tcase_add_test(tc, test_envelope);
	suite_add_tcase(s, tc);
	return s;
}
