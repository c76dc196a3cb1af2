#include <check.h>

#include "net/envelope.h"
#include "unit/craft.h"
#include "fuzz/invariants.h"
#include "unit/suite.h"

/*
 * The frame that libnet builds, against frames written by hand: Ethernet,
 * tags, IPv4, UDP, and a "message" of four octets, so that they can be read
 * by eye.
 *
 * The IPv4 checksum (RFC 1071) of 4500 0020 beef 0000 4011 ---- c000 0201
 * c000 0232: the words sum up to 2c853, with the carry c855, of which the
 * complement is 37aa.
 *
 * The UDP checksum: pseudo-header c000 0201 c000 0232 0011 000c, header 0fab
 * 0044 000c ----, message 0201 0600: 19c4c, with the carry 9c4d, of which the
 * complement is 63b2.
 */
#define MACS "525400123456 020000000001 "
#define IPV4 "4500 0020 beef 0000 4011 37aa c0000201 c0000232 "
#define UDP "0fab 0044 000c 63b2 02010600"

static const struct {
	const char *what;
	unsigned tags;
	struct frame_tag tag[2];
	uint8_t message[4];
	const char *frame;
} goldens[] = {
	{ "untagged", 0, { { 0, 0 } }, { 2, 1, 6, 0 },
	    MACS "0800 " IPV4 UDP },
	{ "VLAN 10", 1, { { 0x8100, 0x000a } }, { 2, 1, 6, 0 },
	    MACS "8100 000a 0800 " IPV4 UDP },
	{ "VLAN 10, priority 7, drop eligible", 1, { { 0x8100, 0xf00a } },
	    { 2, 1, 6, 0 }, MACS "8100 f00a 0800 " IPV4 UDP },
	{ "VLAN 4095", 1, { { 0x8100, 0x0fff } }, { 2, 1, 6, 0 },
	    MACS "8100 0fff 0800 " IPV4 UDP },
	{ "802.1ad alone", 1, { { 0x88a8, 0x0064 } }, { 2, 1, 6, 0 },
	    MACS "88a8 0064 0800 " IPV4 UDP },
	{ "802.1ad and 802.1Q", 2, { { 0x88a8, 0x6064 }, { 0x8100, 0xb00a } },
	    { 2, 1, 6, 0 }, MACS "88a8 6064 8100 b00a 0800 " IPV4 UDP },
	{ "802.1Q in 802.1Q", 2, { { 0x8100, 0x0001 }, { 0x8100, 0x0002 } },
	    { 2, 1, 6, 0 }, MACS "8100 0001 8100 0002 0800 " IPV4 UDP },
	/*
	 * 69b2 in place of 0600 makes the sum ffff and its complement 0,
	 * which would say that there is none: RFC 768 has ffff sent.
	 */
	{ "a UDP checksum of 0 is sent as ffff", 0, { { 0, 0 } },
	    { 0x02, 0x01, 0x69, 0xb2 },
	    MACS "0800 " IPV4 "0fab 0044 000c ffff 020169b2" },
};

static struct envelope *
open_envelope(void)
{
	char error[ENVELOPE_ERROR_SIZE] = "";
	struct envelope *envelope = envelope_open(error);

	ck_assert_msg(envelope != NULL, "libnet: %s", error);
	return envelope;
}

static struct reply
make_reply(void)
{
	return (struct reply){
		.to = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 },
		.from = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 },
		.source = octets_address("192.0.2.1"),
		.destination = octets_address("192.0.2.50"),
		.source_port = 4011,
		.destination_port = 68,
		.ip_id = 0xbeef,
	};
}

START_TEST(test_golden)
{
	struct envelope *envelope = open_envelope();
	struct reply reply = make_reply();
	struct span frame;

	reply.tags = goldens[_i].tags;
	memcpy(reply.tag, goldens[_i].tag, sizeof(reply.tag));
	reply.n = sizeof(goldens[_i].message);
	memcpy(reply.octets, goldens[_i].message, reply.n);
	ck_assert_msg(envelope_wrap(envelope, &reply, &frame), "%s: %s",
	    goldens[_i].what, envelope_error(envelope));
	ck_assert_msg(strcmp(octets_hex(frame),
	    octets_unblank(goldens[_i].frame)) == 0, "%s:\n     %s\nnot  %s",
	    goldens[_i].what, octets_hex(frame),
	    octets_unblank(goldens[_i].frame));
	envelope_close(envelope);
}
END_TEST

/*
 * One envelope for many replies: of all lengths, odd and even, one after the
 * other, tagged and not.
 */
START_TEST(test_many)
{
	struct envelope *envelope = open_envelope();
	struct reply reply = make_reply();
	const char *fault;
	struct span frame;

	for (size_t n = 0; n <= REPLY_OCTETS; n++) {
		reply.n = n;
		reply.tags = (unsigned)(n % 3);
		reply.tag[0] = (struct frame_tag){ 0x8100, (uint16_t)n };
		reply.tag[1] = (struct frame_tag){ 0x8100, (uint16_t)~n };
		reply.ip_id = (uint16_t)(n * 40503);
		if (n > 0)
			reply.octets[n - 1] = (uint8_t)(n * 7);
		ck_assert_msg(envelope_wrap(envelope, &reply, &frame),
		    "%zu octets: %s", n, envelope_error(envelope));
		fault = invariant_envelope(&reply, frame);
		ck_assert_msg(fault == NULL, "%zu octets: %s", n, fault);
	}
	envelope_close(envelope);
}
END_TEST

/* Each value of the UDP checksum, that of 0 among them. */
START_TEST(test_every_checksum)
{
	struct envelope *envelope = open_envelope();
	struct reply reply = make_reply();
	const char *fault;
	struct span frame;

	reply.n = 3;
	for (unsigned word = 0; word <= UINT16_MAX; word++) {
		reply.octets[0] = (uint8_t)(word >> 8);
		reply.octets[1] = (uint8_t)word;
		ck_assert(envelope_wrap(envelope, &reply, &frame));
		fault = invariant_envelope(&reply, frame);
		ck_assert_msg(fault == NULL, "%04x: %s", word, fault);
	}
	envelope_close(envelope);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("envelope");
	TCase *tc = tcase_create("envelope");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_golden, 0, ROWS(goldens));
	tcase_add_test(tc, test_many);
	tcase_add_test(tc, test_every_checksum);
	suite_add_tcase(s, tc);
	return s;
}
