#include <check.h>

#include "core/frame.h"
#include "unit/craft.h"
#include "unit/suite.h"

/*
 * A DISCOVER, bent in one place each: is it a whole UDP datagram, and if not,
 * what is missing?
 */
static const struct {
	const char *what;
	struct craft craft;
	bool whole;
	enum verdict why;
} frames[] = {
	{ "sound", { .options = OCTETS(OPTIONS_UEFI) }, true, 0 },
	{ "to any port", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_UDP, OCTETS("\x00\x35\xff\xff") } } }, true, 0 },
	{ "Ethernet padding behind the packet",
	    { .options = OCTETS(OPTIONS_UEFI), .padding = 18 }, true, 0 },
	{ "UDP datagram without payload", { .edit = {
	    { AT_IP_LENGTH, OCTETS("\x00\x1c") },
	    { AT_UDP_LENGTH, OCTETS("\x00\x08") } } }, true, 0 },
	{ "UDP shorter than its IPv4 packet", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_UDP_LENGTH, OCTETS("\x00\x10") } } }, true, 0 },
	{ "wrong checksums, as offloading leaves them", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_UDP + 6, OCTETS("\x12\x34") },
	    { AT_IP + 10, OCTETS("\x56\x78") } } }, true, 0 },
	{ "IPv4 options, 4 octets", { .options = OCTETS(OPTIONS_UEFI),
	    .ip_options = OCTETS("\x94\x04\x00\x00") }, true, 0 },
	{ "IPv4 options, 40 octets", { .options = OCTETS(OPTIONS_UEFI),
	    .ip_options = OCTETS("\x01\x01\x01\x01\x01\x01\x01\x01"
	    "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
	    "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
	    "\x01\x00") }, true, 0 },
	{ "don't fragment", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_FRAGMENT, OCTETS("\x40\x00") } } }, true, 0 },
	{ "type of service and TTL are not looked at", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP + 1, OCTETS("\xff") },
	    { AT_IP + 8, OCTETS("\x00") } } }, true, 0 },

	{ "nothing", { .cut = AT_OPTIONS }, false, VERDICT_FRAME_SHORT },
	{ "one octet", { .cut = AT_OPTIONS - 1 }, false,
	    VERDICT_FRAME_SHORT },
	{ "cut in the EtherType", { .cut = AT_OPTIONS - 13 }, false,
	    VERDICT_FRAME_SHORT },
	{ "Ethernet header alone", { .cut = AT_OPTIONS - 14 }, false,
	    VERDICT_IP_HEADER },
	{ "cut in a VLAN tag", { .tags = OCTETS("\x81\x00\x00\x0a"),
	    .cut = AT_OPTIONS - 13 }, false, VERDICT_FRAME_SHORT },
	{ "cut behind a VLAN tag, before its EtherType",
	    { .tags = OCTETS("\x81\x00\x00\x0a"),
	    .cut = AT_OPTIONS - 12 }, false, VERDICT_FRAME_SHORT },
	{ "three VLAN tags", { .options = OCTETS(OPTIONS_UEFI), .tags =
	    OCTETS("\x88\xa8\x00\x01\x81\x00\x00\x02\x81\x00\x00\x03") },
	    false, VERDICT_VLAN_DEPTH },
	{ "three tags of VLAN 0", { .options = OCTETS(OPTIONS_UEFI), .tags =
	    OCTETS("\x81\x00\x00\x00\x81\x00\x00\x00\x81\x00\x00\x00") },
	    false, VERDICT_VLAN_DEPTH },

	{ "IPv6", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_ETHERTYPE, OCTETS("\x86\xdd") } } }, false,
	    VERDICT_NOT_IPV4 },
	{ "ARP", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_ETHERTYPE, OCTETS("\x08\x06") } } }, false,
	    VERDICT_NOT_IPV4 },
	{ "an 802.3 length", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_ETHERTYPE, OCTETS("\x01\x2c") } } }, false,
	    VERDICT_NOT_IPV4 },
	{ "ARP in a VLAN", { .options = OCTETS(OPTIONS_UEFI),
	    .tags = OCTETS("\x81\x00\x00\x0a"), .edit = {
	    { AT_ETHERTYPE, OCTETS("\x08\x06") } } }, false,
	    VERDICT_NOT_IPV4 },

	{ "version 6 in an IPv4 frame", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_IP, OCTETS("\x65") } } }, false,
	    VERDICT_IP_HEADER },
	{ "version 0", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_IP, OCTETS("\x05") } } }, false,
	    VERDICT_IP_HEADER },
	{ "IHL 0", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_IP, OCTETS("\x40") } } }, false,
	    VERDICT_IP_HEADER },
	{ "IHL 4, below the header", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_IP, OCTETS("\x44") } } }, false,
	    VERDICT_IP_HEADER },
	{ "IHL 15 in a packet of 20 octets", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = { { AT_IP, OCTETS("\x4f") },
	    { AT_IP_LENGTH, OCTETS("\x00\x14") } } }, false,
	    VERDICT_IP_HEADER },
	{ "total length 0", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_IP_LENGTH, OCTETS("\x00\x00") } } }, false,
	    VERDICT_IP_HEADER },
	{ "total length 19, below the header", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_LENGTH, OCTETS("\x00\x13") } } }, false,
	    VERDICT_IP_HEADER },
	{ "cut in the IPv4 header", { .cut = AT_OPTIONS - AT_IP - 3 }, false,
	    VERDICT_IP_HEADER },
	{ "total length 65535", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_IP_LENGTH, OCTETS("\xff\xff") } } }, false,
	    VERDICT_IP_LENGTH },
	{ "the last octet of the packet is cut", { .options =
	    OCTETS(OPTIONS_UEFI), .cut = 1 }, false, VERDICT_IP_LENGTH },

	{ "first fragment", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_FRAGMENT, OCTETS("\x20\x00") } } }, false,
	    VERDICT_IP_FRAGMENT },
	{ "last fragment", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_FRAGMENT, OCTETS("\x00\x01") } } }, false,
	    VERDICT_IP_FRAGMENT },
	{ "fragment at the highest offset", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_FRAGMENT, OCTETS("\x1f\xff") } } }, false,
	    VERDICT_IP_FRAGMENT },
	{ "TCP", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_PROTOCOL, OCTETS("\x06") } } }, false, VERDICT_NOT_UDP },
	{ "TCP that the capture cut", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_IP_PROTOCOL, OCTETS("\x06") } }, .cut = 200 },
	    false, VERDICT_NOT_UDP },
	{ "a fragment of TCP", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_PROTOCOL, OCTETS("\x06") },
	    { AT_IP_FRAGMENT, OCTETS("\x20\x00") } } }, false,
	    VERDICT_NOT_UDP },
	{ "ICMP", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_PROTOCOL, OCTETS("\x01") } } }, false, VERDICT_NOT_UDP },

	{ "no room for a UDP header", { .edit = {
	    { AT_IP_LENGTH, OCTETS("\x00\x1b") } } }, false,
	    VERDICT_UDP_LENGTH },
	{ "no UDP octet at all", { .edit = {
	    { AT_IP_LENGTH, OCTETS("\x00\x14") } } }, false,
	    VERDICT_UDP_LENGTH },
	{ "UDP length 0", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_UDP_LENGTH, OCTETS("\x00\x00") } } }, false,
	    VERDICT_UDP_LENGTH },
	{ "UDP length 7, below its header", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_UDP_LENGTH, OCTETS("\x00\x07") } } }, false,
	    VERDICT_UDP_LENGTH },
	{ "UDP length 65535", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_UDP_LENGTH, OCTETS("\xff\xff") } } }, false,
	    VERDICT_UDP_LENGTH },
	{ "UDP reaches into the Ethernet padding", { .edit = {
	    { AT_IP_LENGTH, OCTETS("\x01\x0c") },
	    { AT_UDP_LENGTH, OCTETS("\x00\xf9") } }, .padding = 40 },
	    false, VERDICT_UDP_LENGTH },
	{ "IPv4 options leave no room for UDP", { .ip_options =
	    OCTETS("\x01\x01\x01\x01"), .edit = {
	    { AT_IP_LENGTH, OCTETS("\x00\x1c") } } }, false,
	    VERDICT_UDP_LENGTH },
};

START_TEST(test_frame)
{
	struct heap heap = craft_frame(&frames[_i].craft);
	enum verdict why = VERDICT_COUNT;
	struct frame frame;
	bool whole = frame_read(heap_span(heap), &frame, &why);

	ck_assert_msg(whole == frames[_i].whole, "%s: %s", frames[_i].what,
	    whole ? "read" : verdict_name(why));
	if (!whole)
		ck_assert_msg(why == frames[_i].why, "%s: %s, not %s",
		    frames[_i].what, verdict_name(why),
		    verdict_name(frames[_i].why));
	heap_free(heap);
}
END_TEST

/* What is read from a sound frame, field by field. */
START_TEST(test_fields)
{
	static const struct craft craft = { .base = CRAFT_4011,
		.options = OCTETS(OPTIONS_4011), .padding = 7,
		.edit = { { AT_UDP, OCTETS("\x00\x44\x0f\xab") } } };
	struct heap heap = craft_frame(&craft);
	enum verdict why;
	struct frame frame;

	ck_assert(frame_read(heap_span(heap), &frame, &why));
	ck_assert_mem_eq(frame.to, "\x02\x00\x00\x00\x00\x02", 6);
	ck_assert_mem_eq(frame.from, "\x52\x54\x00\x12\x34\x56", 6);
	ck_assert_uint_eq(frame.tags, 0);
	ck_assert_uint_eq(frame.source.s_addr,
	    octets_address("10.0.0.50").s_addr);
	ck_assert_uint_eq(frame.destination.s_addr,
	    octets_address("10.0.0.2").s_addr);
	ck_assert_uint_eq(frame.source_port, 68);
	ck_assert_uint_eq(frame.destination_port, 4011);
	ck_assert_ptr_eq(frame.payload.p, heap.p + AT_DHCP);
	ck_assert_uint_eq(frame.payload.n, heap.n - AT_DHCP - 7);
	heap_free(heap);
}
END_TEST

/* The tags that are kept, outermost first. */
static const struct {
	const char *what;
	struct octets in;
	unsigned tags;
	struct frame_tag tag[2];
} tags[] = {
	{ "no tag", OCTETS(""), 0, { { 0, 0 } } },
	{ "802.1Q", OCTETS("\x81\x00\x00\x0a"), 1, { { 0x8100, 10 } } },
	{ "802.1ad alone", OCTETS("\x88\xa8\x00\x0a"), 1, { { 0x88a8, 10 } } },
	{ "priority and DEI are kept", OCTETS("\x81\x00\xf0\x0a"), 1,
	    { { 0x8100, 0xf00a } } },
	{ "VLAN 4095", OCTETS("\x81\x00\x0f\xff"), 1, { { 0x8100, 4095 } } },
	{ "0x9100 and 802.1Q, of switches before 802.1ad",
	    OCTETS("\x91\x00\x00\x64\x81\x00\x00\x0a"), 2,
	    { { 0x9100, 100 }, { 0x8100, 10 } } },
	{ "802.1ad and 802.1Q", OCTETS("\x88\xa8\x00\x64\x81\x00\x20\x0a"), 2,
	    { { 0x88a8, 100 }, { 0x8100, 0x200a } } },
	{ "802.1Q in 802.1Q", OCTETS("\x81\x00\x00\x01\x81\x00\x00\x02"), 2,
	    { { 0x8100, 1 }, { 0x8100, 2 } } },
	{ "VLAN 0 counts as no tag", OCTETS("\x81\x00\x00\x00"), 0,
	    { { 0, 0 } } },
	{ "VLAN 0 with a priority", OCTETS("\x81\x00\xe0\x00"), 0,
	    { { 0, 0 } } },
	{ "VLAN 0 outside", OCTETS("\x81\x00\xe0\x00\x81\x00\x00\x0a"), 1,
	    { { 0x8100, 10 } } },
	{ "VLAN 0 inside", OCTETS("\x88\xa8\x00\x64\x81\x00\x60\x00"), 1,
	    { { 0x88a8, 100 } } },
};

START_TEST(test_tags)
{
	const char *what = tags[_i].what;
	struct craft craft = { .options = OCTETS(OPTIONS_UEFI),
		.tags = tags[_i].in };
	struct heap heap = craft_frame(&craft);
	enum verdict why;
	struct frame frame;

	ck_assert_msg(frame_read(heap_span(heap), &frame, &why),
	    "%s: not read", what);
	ck_assert_msg(frame.tags == tags[_i].tags, "%s: %u tags", what,
	    frame.tags);
	for (unsigned i = 0; i < frame.tags; i++) {
		ck_assert_msg(frame.tag[i].tpid == tags[_i].tag[i].tpid,
		    "%s: tag %u: TPID %04x", what, i, frame.tag[i].tpid);
		ck_assert_msg(frame.tag[i].tci == tags[_i].tag[i].tci,
		    "%s: tag %u: TCI %04x", what, i, frame.tag[i].tci);
		ck_assert_msg(frame_vlan(frame.tag[i]) ==
		    (tags[_i].tag[i].tci & 0xfff), "%s: tag %u: VLAN %u",
		    what, i, frame_vlan(frame.tag[i]));
	}
	ck_assert_msg(frame.payload.p == heap.p + AT_DHCP + tags[_i].in.n,
	    "%s: the payload is elsewhere", what);
	heap_free(heap);
}
END_TEST

/* Each UDP length against the octets that are there. */
START_TEST(test_every_udp_length)
{
	static const struct craft craft = { .options = OCTETS(OPTIONS_UEFI) };
	struct heap heap = craft_frame(&craft);
	size_t there = heap.n - AT_UDP;
	enum verdict why;
	struct frame frame;

	for (size_t length = 0; length <= UINT16_MAX; length++) {
		bool whole;

		heap.p[AT_UDP_LENGTH] = (uint8_t)(length >> 8);
		heap.p[AT_UDP_LENGTH + 1] = (uint8_t)length;
		whole = frame_read(heap_span(heap), &frame, &why);
		ck_assert_msg(whole == (length >= 8 && length <= there),
		    "UDP length %zu: %d", length, whole);
		ck_assert_msg(!whole || frame.payload.n == length - 8,
		    "UDP length %zu: %zu octets of payload", length,
		    frame.payload.n);
	}
	heap_free(heap);
}
END_TEST

/* The same for the IPv4 total length. */
START_TEST(test_every_ip_length)
{
	static const struct craft craft = { .options = OCTETS(OPTIONS_UEFI),
		.padding = 11 };
	struct heap heap = craft_frame(&craft);
	size_t packet = heap.n - 11 - AT_IP;
	enum verdict why;
	struct frame frame;

	for (size_t length = 0; length <= UINT16_MAX; length++) {
		bool whole;

		heap.p[AT_IP_LENGTH] = (uint8_t)(length >> 8);
		heap.p[AT_IP_LENGTH + 1] = (uint8_t)length;
		whole = frame_read(heap_span(heap), &frame, &why);
		ck_assert_msg(whole == (length >= packet &&
		    length <= packet + 11), "total length %zu: %d", length,
		    whole);
	}
	heap_free(heap);
}
END_TEST

static const struct {
	const char *what;
	uint8_t mac[FRAME_MAC];
	bool group;
} groups[] = {
	{ "broadcast", { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, true },
	{ "IPv4 multicast", { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 }, true },
	{ "a host", { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 }, false },
	{ "locally administered", { 0x02, 0, 0, 0, 0, 0x01 }, false },
	{ "zero", { 0, 0, 0, 0, 0, 0 }, false },
};

START_TEST(test_group)
{
	ck_assert_msg(frame_is_group(groups[_i].mac) == groups[_i].group,
	    "%s", groups[_i].what);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("frame");
	TCase *tc = tcase_create("frame");

	tcase_add_loop_test(tc, test_frame, 0, ROWS(frames));
	tcase_add_loop_test(tc, test_tags, 0, ROWS(tags));
	tcase_add_loop_test(tc, test_group, 0, ROWS(groups));
	tcase_add_test(tc, test_fields);
	tcase_add_test(tc, test_every_udp_length);
	tcase_add_test(tc, test_every_ip_length);
	suite_add_tcase(s, tc);
	return s;
}
