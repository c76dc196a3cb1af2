#include <check.h>

#include "diagnosis/event.h"
#include "unit/diagnosis/scene.h"
#include "unit/octets.h"
#include "unit/suite.h"

/* TFTP's datagrams (RFC 1350, RFC 2347 to 2349), and what is none. */
static const struct {
	const char *what;
	struct octets payload;
	bool is_one;
	enum event_tftp_code code;
	uint16_t number, block_size;
	uint32_t size;
	const char *name;
} tftp[] = {
	{ "a plain request", OCTETS("\0\1pxelinux.0\0octet\0"), true,
	    TFTP_RRQ, 0, 0, 0, "pxelinux.0" },
	{ "options", OCTETS("\0\1x\0octet\0BLKSIZE\0" "1468\0tsize\0" "0\0"),
	    true, TFTP_RRQ, 0, 1468, 0, "x" },
	{ "an option without its value", OCTETS("\0\1x\0octet\0blksize\0"),
	    true, TFTP_RRQ, 0, 0, 0, "x" },
	{ "a block size that is none", OCTETS("\0\1x\0octet\0blksize\0"
	    "70000\0"), true, TFTP_RRQ, 0, 0, 0, "x" },
	{ "a number with a letter in it", OCTETS("\0\6blksize\0" "14z8\0"),
	    true, TFTP_OACK, 0, 0, 0, "" },
	{ "a size beyond 32 bits", OCTETS("\0\6tsize\0" "99999999999\0"),
	    true, TFTP_OACK, 0, 0, 0, "" },
	{ "an OACK", OCTETS("\0\6tsize\0" "1029134\0blksize\0" "512\0"),
	    true, TFTP_OACK, 0, 512, 1029134, "" },
	{ "an empty OACK", OCTETS("\0\6"), true, TFTP_OACK, 0, 0, 0, "" },
	{ "a block", OCTETS("\0\3\1\2abc"), true, TFTP_DATA, 258, 0, 0, "" },
	{ "an empty block", OCTETS("\0\3\0\1"), true, TFTP_DATA, 1, 0, 0,
	    "" },
	{ "an ACK", OCTETS("\0\4\0\7"), true, TFTP_ACK, 7, 0, 0, "" },
	{ "an error", OCTETS("\0\5\0\1File not found\0"), true, TFTP_ERROR,
	    1, 0, 0, "File not found" },
	{ "an error without its NUL", OCTETS("\0\5\0\10gone"), true,
	    TFTP_ERROR, 8, 0, 0, "gone" },
	{ "nothing", OCTETS(""), false, 0, 0, 0, 0, "" },
	{ "one octet", OCTETS("\0"), false, 0, 0, 0, 0, "" },
	{ "a write", OCTETS("\0\2x\0octet\0"), false, 0, 0, 0, 0, "" },
	{ "a name without its NUL", OCTETS("\0\1x"), false, 0, 0, 0, 0, "" },
	{ "no mode", OCTETS("\0\1x\0octet"), false, 0, 0, 0, 0, "" },
	{ "a block without its number", OCTETS("\0\3\1"), false, 0, 0, 0, 0,
	    "" },
	{ "an ACK with more behind", OCTETS("\0\4\0\7x"), false, 0, 0, 0, 0,
	    "" },
	{ "an error without its code", OCTETS("\0\5\0"), false, 0, 0, 0, 0,
	    "" },
	{ "seven", OCTETS("\0\7\0\0"), false, 0, 0, 0, 0, "" },
};

START_TEST(test_tftp)
{
	struct heap heap = heap_of(tftp[_i].payload.p, tftp[_i].payload.n);
	const char *what = tftp[_i].what;
	struct event_tftp out;

	ck_assert_msg(event_read_tftp(heap_span(heap), &out) ==
	    tftp[_i].is_one, "%s", what);
	if (tftp[_i].is_one) {
		ck_assert_msg(out.code == tftp[_i].code, "%s: code", what);
		ck_assert_msg(out.number == tftp[_i].number, "%s: number",
		    what);
		ck_assert_msg(out.block_size == tftp[_i].block_size,
		    "%s: block size %u", what, out.block_size);
		ck_assert_msg(out.size == tftp[_i].size, "%s: size", what);
		ck_assert_msg(span_equal(out.name, (struct span){
		    (const uint8_t *)tftp[_i].name, strlen(tftp[_i].name) }),
		    "%s: name", what);
	}
	heap_free(heap);
}
END_TEST

static const struct {
	const char *what;
	struct octets payload;
	uint8_t flags;
	bool is_one;
	enum event_tcp_step step;
	uint16_t status;
	uint32_t length;
	const char *path;
} tcp[] = {
	{ "SYN", OCTETS(""), 0x02, true, TCP_SYN, 0, 0, "" },
	{ "SYN and ACK", OCTETS(""), 0x12, true, TCP_SYN_ACK, 0, 0, "" },
	{ "RST", OCTETS(""), 0x14, true, TCP_RST, 0, 0, "" },
	{ "FIN", OCTETS(""), 0x11, true, TCP_FIN, 0, 0, "" },
	{ "an ACK alone", OCTETS(""), 0x10, false, 0, 0, 0, "" },
	{ "GET", OCTETS("GET /x.efi HTTP/1.1\r\n"), 0x18, true, HTTP_REQUEST,
	    0, 0, "/x.efi" },
	{ "HEAD", OCTETS("HEAD / HTTP/1.0\r\n"), 0x18, true, HTTP_REQUEST,
	    0, 0, "/" },
	{ "a GET that is cut", OCTETS("GET /abc"), 0x18, true, HTTP_REQUEST,
	    0, 0, "/abc" },
	{ "a GET of nothing", OCTETS("GET "), 0x18, true, TCP_DATA, 0, 0,
	    "" },
	{ "POST", OCTETS("POST /x HTTP/1.1\r\n"), 0x18, true, TCP_DATA, 0, 0,
	    "" },
	{ "200", OCTETS("HTTP/1.1 200 OK\r\nServer: x\r\n"
	    "content-LENGTH:  1234\r\n\r\n"), 0x18, true, HTTP_STATUS, 200,
	    1234, "" },
	{ "404 without a length", OCTETS("HTTP/1.0 404 Not Found\r\n\r\n"
	    "Content-Length: 9"), 0x18, true, HTTP_STATUS, 404, 0, "" },
	{ "a status of two digits", OCTETS("HTTP/1.1 20 x"), 0x18, true,
	    TCP_DATA, 0, 0, "" },
	{ "a status that is no number", OCTETS("HTTP/1.1 2x0 x"), 0x18, true,
	    TCP_DATA, 0, 0, "" },
	{ "TLS", OCTETS("\x16\3\1\0\5hello"), 0x18, true, TCP_DATA, 0, 0,
	    "" },
};

START_TEST(test_tcp)
{
	struct heap heap = heap_of(tcp[_i].payload.p, tcp[_i].payload.n);
	struct packet packet = { .tcp_flags = tcp[_i].flags,
	    .frame.payload = heap_span(heap) };
	const char *what = tcp[_i].what;
	struct event_tcp out;

	ck_assert_msg(event_read_tcp(&packet, &out) == tcp[_i].is_one, "%s",
	    what);
	if (tcp[_i].is_one) {
		ck_assert_msg(out.step == tcp[_i].step, "%s: step %d", what,
		    (int)out.step);
		ck_assert_msg(out.status == tcp[_i].status, "%s: status",
		    what);
		ck_assert_msg(out.length == tcp[_i].length, "%s: length",
		    what);
		ck_assert_msg(span_equal(out.path, (struct span){
		    (const uint8_t *)tcp[_i].path, strlen(tcp[_i].path) }),
		    "%s: path", what);
	}
	heap_free(heap);
}
END_TEST

#define DNS_HEAD(flags, questions, answers) \
	"\0\1" flags questions answers "\0\0\0\0"

static const struct {
	const char *what;
	struct octets payload;
	bool is_one, is_answer;
	uint8_t code;
	const char *name;
} dns[] = {
	{ "a question", OCTETS(DNS_HEAD("\1\0", "\0\1", "\0\0")
	    "\4boot\4test\0\0\1\0\1"), true, false, 0, "boot.test" },
	{ "no such name", OCTETS(DNS_HEAD("\x81\x83", "\0\1", "\0\0")
	    "\1a\0\0\1\0\1"), true, true, 3, "a" },
	{ "a long name is cut", OCTETS(DNS_HEAD("\1\0", "\0\1", "\0\0")
	    "\x3f" "0123456789012345678901234567890123456789"
	    "01234567890123456789012" "\4test\0"), true, false, 0,
	    "0123456789012345678901234567890123456789"
	    "01234567890123456789012." },
	{ "the root", OCTETS(DNS_HEAD("\1\0", "\0\1", "\0\0") "\0"), false,
	    false, 0, "" },
	{ "a label beyond the end", OCTETS(DNS_HEAD("\1\0", "\0\1", "\0\0")
	    "\4boo"), false, false, 0, "" },
	{ "no end", OCTETS(DNS_HEAD("\1\0", "\0\1", "\0\0") "\4boot"), false,
	    false, 0, "" },
	{ "a pointer", OCTETS(DNS_HEAD("\1\0", "\0\1", "\0\0") "\xc0\x0c"),
	    false, false, 0, "" },
	{ "no question", OCTETS(DNS_HEAD("\x81\0", "\0\0", "\0\1")), false,
	    false, 0, "" },
	{ "a header that is cut", OCTETS("\0\1\1\0\0\1\0\0\0"), false, false,
	    0, "" },
};

START_TEST(test_dns)
{
	struct heap heap = heap_of(dns[_i].payload.p, dns[_i].payload.n);
	const char *what = dns[_i].what;
	struct event_dns out;

	ck_assert_msg(event_read_dns(heap_span(heap), &out) ==
	    dns[_i].is_one, "%s", what);
	if (dns[_i].is_one) {
		ck_assert_msg(out.is_answer == dns[_i].is_answer &&
		    out.code == dns[_i].code, "%s: flags", what);
		ck_assert_msg(out.n_name == strlen(dns[_i].name) &&
		    memcmp(out.name, dns[_i].name, out.n_name) == 0,
		    "%s: name %.*s", what, (int)out.n_name, out.name);
	}
	heap_free(heap);
}
END_TEST

#define V6_CLASS(text, length) "\0\x10\0" length "\0\0\1\x57\0\x09" text

static const struct {
	const char *what;
	struct octets payload;
	bool is_one, is_pxe, is_http, has_user_class, has_boot_file;
} dhcpv6[] = {
	{ "a SOLICIT of UEFI", OCTETS("\1\0\0\1"
	    V6_CLASS("PXEClient", "\x0f")), true, true, false, false, false },
	{ "of HTTP Boot", OCTETS("\1\0\0\1\0\x10\0\x10\0\0\1\x57\0\x0a"
	    "HTTPClient"), true, false, true, false, false },
	{ "of iPXE", OCTETS("\1\0\0\1\0\x0f\0\6\0\4iPXE"
	    V6_CLASS("PXEClient", "\x0f")), true, true, false, true, false },
	{ "of an operating system", OCTETS("\1\0\0\1\0\1\0\2\0\1"), true,
	    false, false, false, false },
	{ "an ADVERTISE with a boot file", OCTETS("\2\0\0\1\0\x3b\0\1x"),
	    true, false, false, false, true },
	{ "an empty boot file", OCTETS("\2\0\0\1\0\x3b\0\0"), true, false,
	    false, false, false },
	{ "an option that is cut", OCTETS("\1\0\0\1\0\x10\0\x0f\0\0\1"),
	    true, false, false, false, false },
	{ "a class that is too short", OCTETS("\1\0\0\1\0\x10\0\5\0\0\1\x57"
	    "\0"), true, false, false, false, false },
	{ "an INFORMATION-REQUEST", OCTETS("\x0b\0\0\1"), false, false,
	    false, false, false },
	{ "no transaction", OCTETS("\1\0\0"), false, false, false, false,
	    false },
};

START_TEST(test_dhcpv6)
{
	struct heap heap = heap_of(dhcpv6[_i].payload.p, dhcpv6[_i].payload.n);
	const char *what = dhcpv6[_i].what;
	struct event_dhcpv6 out;

	ck_assert_msg(event_read_dhcpv6(heap_span(heap), &out) ==
	    dhcpv6[_i].is_one, "%s", what);
	if (dhcpv6[_i].is_one)
		ck_assert_msg(out.is_pxe == dhcpv6[_i].is_pxe &&
		    out.is_http == dhcpv6[_i].is_http &&
		    out.has_user_class == dhcpv6[_i].has_user_class &&
		    out.has_boot_file == dhcpv6[_i].has_boot_file, "%s",
		    what);
	heap_free(heap);
}
END_TEST

#define ARP_HEAD "\0\1\x08\0\6\4"
#define ARP_REST "\2\0\0\0\0\1\x0a\0\0\1\0\0\0\0\0\0\x0a\0\0\2"

static const struct {
	const char *what;
	struct octets payload;
	bool is_one, is_reply;
} arps[] = {
	{ "a request", OCTETS(ARP_HEAD "\0\1" ARP_REST), true, false },
	{ "a reply, and padding", OCTETS(ARP_HEAD "\0\2" ARP_REST "\0\0"),
	    true, true },
	{ "of another hardware", OCTETS("\0\6\x08\0\6\4\0\1" ARP_REST),
	    false, false },
	{ "for another protocol", OCTETS("\0\1\x86\xdd\6\4\0\1" ARP_REST),
	    false, false },
	{ "with long addresses", OCTETS("\0\1\x08\0\x08\4\0\1" ARP_REST),
	    false, false },
	{ "another operation", OCTETS(ARP_HEAD "\0\3" ARP_REST), false,
	    false },
	{ "cut", OCTETS(ARP_HEAD "\0\1\2\0\0\0\0\1"), false, false },
};

START_TEST(test_arp)
{
	struct heap heap = heap_of(arps[_i].payload.p, arps[_i].payload.n);
	struct event_arp out;

	ck_assert_msg(event_read_arp(heap_span(heap), &out) ==
	    arps[_i].is_one, "%s", arps[_i].what);
	if (arps[_i].is_one)
		ck_assert_msg(out.is_reply == arps[_i].is_reply &&
		    out.target_address.s_addr ==
		    octets_address("10.0.0.2").s_addr, "%s", arps[_i].what);
	heap_free(heap);
}
END_TEST

/* Which event a whole frame is. */
static const struct {
	const char *scene;
	enum event_kind kind;
} frames[] = {
	{ "0 discover uefi", EVENT_REQUEST },
	{ "0 discover uefi no60", EVENT_REQUEST },
	{ "0 offer pool mask=255.255.255.0 router=gateway 67=x pxe pxeopt",
	    EVENT_REPLY },
	{ "0 offer us prio", EVENT_REPLY },
	{ "0 told us", EVENT_REPLY },
	{ "0 arp us", EVENT_ARP },
	{ "0 here us", EVENT_ARP },
	{ "0 rrq files x", EVENT_TFTP },
	{ "0 unreachable files 69", EVENT_UNREACHABLE },
	{ "0 solicit", EVENT_DHCPV6 },
	{ "0 dns 1", EVENT_DNS },
	{ "0 dnsno", EVENT_DNS },
	{ "0 syn files 80", EVENT_TCP },
};

struct look {
	size_t row;
	bool is_cut;
};

static void
look_at(void *context, struct span octets, int64_t when)
{
	const struct look *look = context;
	struct event event;

	(void)when;
	if (!look->is_cut) {
		ck_assert_msg(event_read(octets, &event) ==
		    frames[look->row].kind, "%s", frames[look->row].scene);
		return;
	}
	/* Cut anywhere, no octet behind the end is read. */
	for (size_t n = 0; n < octets.n; n++) {
		struct heap heap = heap_of(octets.p, n);

		(void)event_read(heap_span(heap), &event);
		heap_free(heap);
	}
}

START_TEST(test_frames)
{
	struct look look = { (size_t)_i, false };

	scene_play(frames[_i].scene, SCENE_LINK, look_at, &look);
	scene_play(frames[_i].scene, SCENE_TRUNK, look_at, &look);
	look.is_cut = true;
	scene_play(frames[_i].scene, SCENE_LINK, look_at, &look);
	scene_play(frames[_i].scene, SCENE_TRUNK, look_at, &look);
}
END_TEST

/* What an OFFER says. */
static void
look_at_offer(void *context, struct span octets, int64_t when)
{
	struct event event;

	(void)when;
	ck_assert(event_read(octets, &event) == EVENT_REPLY);
	*(struct event_reply *)context = event.is.reply;
}

START_TEST(test_reply)
{
	struct event_reply r;

	scene_play("0 offer pool mask=255.255.255.0 router=gateway dns=far "
	    "next=files 67=x.efi pxe pxeopt", SCENE_LINK, look_at_offer, &r);
	ck_assert(r.server.s_addr == octets_address("10.0.0.1").s_addr);
	ck_assert(r.address.s_addr == octets_address("10.0.0.100").s_addr);
	ck_assert(r.next.s_addr == octets_address("10.0.0.3").s_addr);
	ck_assert(r.mask.s_addr == octets_address("255.255.255.0").s_addr);
	ck_assert(r.router.s_addr == octets_address("10.0.0.254").s_addr);
	ck_assert(r.dns.s_addr == octets_address("172.16.0.9").s_addr);
	ck_assert(r.says_pxe && r.has_pxe_options && !r.skips_discovery);
	ck_assert(r.has_option_67 && !r.has_header_file);
	ck_assert(r.option_67_spoils);
	scene_play("0 offer us prio skips", SCENE_LINK, look_at_offer, &r);
	ck_assert(r.address.s_addr == 0 && r.has_priority);
	ck_assert(r.says_pxe && r.has_pxe_options && r.skips_discovery);
	ck_assert(r.has_header_file && !r.option_67_spoils);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("event");
	TCase *tc = tcase_create("event");

	tcase_add_loop_test(tc, test_tftp, 0, ROWS(tftp));
	tcase_add_loop_test(tc, test_tcp, 0, ROWS(tcp));
	tcase_add_loop_test(tc, test_dns, 0, ROWS(dns));
	tcase_add_loop_test(tc, test_dhcpv6, 0, ROWS(dhcpv6));
	tcase_add_loop_test(tc, test_arp, 0, ROWS(arps));
	tcase_add_loop_test(tc, test_frames, 0, ROWS(frames));
	tcase_add_test(tc, test_reply);
	suite_add_tcase(s, tc);
	return s;
}
