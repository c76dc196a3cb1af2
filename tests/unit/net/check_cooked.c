#include <check.h>

#include "net/cooked.h"
#include "unit/octets.h"
#include "unit/suite.h"

/*
 * Packets of "tcpdump -i any", written by hand from the descriptions of
 * LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2, and the Ethernet frame that
 * each is taken for.
 */
static const struct {
	const char *what;
	enum cooked_version version;
	struct octets packet;
	size_t room;
	const char *frame;		/* NULL: none */
} packets[] = {
#define OUI "\x52\x54\x00\x12\x34\x56\x00\x00"
#define HEX_OUI "525400123456"
#define NO_PROTOCOL "000000000000" "000000000000" "0000"
	{ "v1, broadcast", COOKED_V1, OCTETS("\x00\x01\x00\x01\x00\x06" OUI
	    "\x08\x00" "\x45\x00"), 64, "ffffffffffff" HEX_OUI "08004500" },
	{ "v1, multicast", COOKED_V1, OCTETS("\x00\x02\x00\x01\x00\x06" OUI
	    "\x08\x00" "\x45"), 64, "ffffffffffff" HEX_OUI "080045" },
	{ "v1, to this host", COOKED_V1, OCTETS("\x00\x00\x00\x01\x00\x06"
	    OUI "\x08\x00" "\x45"), 64, "020000000001" HEX_OUI "080045" },
	{ "v1, to another host", COOKED_V1, OCTETS("\x00\x03\x00\x01\x00\x06"
	    OUI "\x08\x00" "\x45"), 64, "000000000000" HEX_OUI "080045" },
	{ "v1, from this host", COOKED_V1, OCTETS("\x00\x04\x00\x01\x00\x06"
	    OUI "\x08\x00" "\x45"), 64, "000000000000" HEX_OUI "080045" },
	{ "v1, a VLAN tag that was left in", COOKED_V1,
	    OCTETS("\x00\x01\x00\x01\x00\x06" OUI "\x81\x00" "\x00\x0a"
	    "\x08\x00"), 64, "ffffffffffff" HEX_OUI "8100000a0800" },
	{ "v1, no packet behind the header", COOKED_V1,
	    OCTETS("\x00\x01\x00\x01\x00\x06" OUI "\x08\x00"), 64,
	    "ffffffffffff" HEX_OUI "0800" },
	{ "v1, an address of 20 octets (InfiniBand): no protocol", COOKED_V1,
	    OCTETS("\x00\x01\x00\x20\x00\x14" OUI "\x08\x00" "\x45"), 64,
	    NO_PROTOCOL },
	{ "v1, no address (tunnel): no protocol", COOKED_V1,
	    OCTETS("\x00\x01\x00\x01\x00\x00" OUI "\x08\x00" "\x45"), 64,
	    NO_PROTOCOL },
	{ "v1, one octet short", COOKED_V1,
	    OCTETS("\x00\x01\x00\x01\x00\x06" OUI "\x08"), 64, NULL },
	{ "v1, nothing", COOKED_V1, OCTETS(""), 64, NULL },
	{ "v1, exactly the room", COOKED_V1, OCTETS("\x00\x01\x00\x01"
	    "\x00\x06" OUI "\x08\x00" "\x45\x00"), 16,
	    "ffffffffffff" HEX_OUI "08004500" },
	{ "v1, one octet too long", COOKED_V1, OCTETS("\x00\x01\x00\x01"
	    "\x00\x06" OUI "\x08\x00" "\x45\x00"), 15, NULL },

	{ "v2, broadcast", COOKED_V2, OCTETS("\x08\x00\x00\x00"
	    "\x00\x00\x00\x02\x00\x01\x01\x06" OUI "\x45\x00"), 64,
	    "ffffffffffff" HEX_OUI "08004500" },
	{ "v2, to this host", COOKED_V2, OCTETS("\x08\x00\x00\x00"
	    "\x00\x00\x00\x02\x00\x01\x00\x06" OUI "\x45\x00"), 64,
	    "020000000001" HEX_OUI "08004500" },
	{ "v2, from this host", COOKED_V2, OCTETS("\x08\x00\x00\x00"
	    "\x00\x00\x00\x02\x00\x01\x04\x06" OUI "\x45\x00"), 64,
	    "000000000000" HEX_OUI "08004500" },
	{ "v2, no address: no protocol", COOKED_V2, OCTETS("\x08\x00\x00\x00"
	    "\x00\x00\x00\x02\x00\x01\x01\x00" OUI "\x45\x00"), 64,
	    NO_PROTOCOL },
	{ "v2, one octet short", COOKED_V2, OCTETS("\x08\x00\x00\x00"
	    "\x00\x00\x00\x02\x00\x01\x01\x06" "\x52\x54\x00\x12\x34\x56"
	    "\x00"), 64, NULL },
	{ "v2, nothing", COOKED_V2, OCTETS(""), 64, NULL },
};

START_TEST(test_packet)
{
	static const uint8_t ours[FRAME_MAC] = { 0x02, 0, 0, 0, 0, 0x01 };
	const char *what = packets[_i].what, *frame = packets[_i].frame;
	struct heap heap = heap_of(packets[_i].packet.p,
	    packets[_i].packet.n);
	uint8_t *room = malloc(packets[_i].room);
	struct span_writer w = { room, packets[_i].room, 0, false };
	bool made = cooked_frame(packets[_i].version, heap_span(heap), ours,
	    &w);

	ck_assert_msg(made == (frame != NULL), "%s: made: %d", what, made);
	if (made)
		ck_assert_msg(strcmp(octets_hex(writer_span(&w)), frame) == 0,
		    "%s: %s", what, octets_hex(writer_span(&w)));
	free(room);
	heap_free(heap);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("cooked");
	TCase *tc = tcase_create("cooked");

	tcase_add_loop_test(tc, test_packet, 0, ROWS(packets));
	suite_add_tcase(s, tc);
	return s;
}
