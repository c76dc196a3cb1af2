#include "net/cooked.h"
#include "core/dhcp.h"
#include "unit/craft.h"
#include "fuzz/mutate.h"
#include "unit/suite.h"

/*
 * What mutate.h promises: a changed message is in headers that are right, the
 * same seed makes the same, and much of it is read to its end.
 */

enum { TRIES = 20000 };

/* Is there such a frame in these octets? */
static bool
read_it(struct span octets, struct frame *out, enum verdict *why)
{
	static const uint8_t ours[FRAME_MAC] = { 2, 0, 0, 0, 0, 2 };
	static uint8_t made[MUTATE_ROOM + FRAME_HEADER];

	if (frame_read(octets, out, why))
		return true;
	if (octets.p[0] == 0xff)	/* an Ethernet broadcast, not cooked */
		return false;
	for (int version = COOKED_V1; version <= COOKED_V2; version++) {
		struct span_writer w = { made, sizeof(made), 0, false };

		if (cooked_frame((enum cooked_version)version, octets, ours,
		    &w) && frame_read(writer_span(&w), out, why))
			return true;
	}
	return false;
}

START_TEST(test_headers_are_right)
{
	static struct dhcp dhcp;
	unsigned read = 0, deep = 0;

	for (uint32_t seed = 0; seed < TRIES; seed++) {
		uint8_t octets[MUTATE_ROOM];
		struct dice dice = dice_of(seed);
		size_t n = mutate_request(&dice, octets, sizeof(octets));
		struct frame frame;
		enum verdict why = VERDICT_COUNT;
		bool is_read;

		for (int i = 0; i < 3; i++) {
			n = mutate_message(&dice, octets, n, sizeof(octets));
			ck_assert_msg(n > 0, "seed %u: not understood", seed);
		}
		is_read = read_it((struct span){ octets, n }, &frame, &why);
		ck_assert_msg(is_read || why == VERDICT_VLAN_DEPTH ||
		    (octets[0] != 0xff && why == VERDICT_NOT_IPV4),
		    "seed %u: %s", seed, is_read ? "" : verdict_name(why));
		read += is_read;
		deep += is_read && dhcp_read(frame.payload, &dhcp, &why);
	}
	ck_assert_uint_gt(read, TRIES * 9 / 10);
	ck_assert_uint_gt(deep, TRIES / 2);
}
END_TEST

START_TEST(test_same_seed)
{
	for (uint32_t seed = 0; seed < TRIES / 100; seed++) {
		uint8_t octets[2][MUTATE_ROOM];
		size_t n[2];

		for (int i = 0; i < 2; i++) {
			struct dice dice = dice_of(seed);

			n[i] = mutate_request(&dice, octets[i], MUTATE_ROOM);
			n[i] = mutate_message(&dice, octets[i], n[i],
			    MUTATE_ROOM);
			n[i] = mutate_damage(&dice, octets[i], n[i],
			    MUTATE_ROOM);
		}
		ck_assert_uint_eq(n[0], n[1]);
		ck_assert_mem_eq(octets[0], octets[1], n[0]);
	}
}
END_TEST

/* In the octets that there is room for, and no more; of anything at all. */
START_TEST(test_room)
{
	for (uint32_t seed = 0; seed < TRIES; seed++) {
		struct dice dice = dice_of(seed);
		size_t room = dice_roll(&dice, MUTATE_ROOM);
		uint8_t *octets = malloc(room + 1);
		size_t n = mutate_request(&dice, octets, room), changed;

		ck_assert_uint_le(n, room);
		if (dice_roll(&dice, 4) == 0)
			n = mutate_damage(&dice, octets, n, room);
		ck_assert_uint_le(n, room);
		changed = mutate_message(&dice, octets, n, room);
		ck_assert_uint_le(changed, room);
		n = mutate_damage(&dice, octets, changed > 0 ? changed : n,
		    room);
		ck_assert_uint_le(n, room);
		free(octets);
	}
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("mutate");
	TCase *tc = tcase_create("mutate");

	tcase_add_test(tc, test_headers_are_right);
	tcase_add_test(tc, test_same_seed);
	tcase_add_test(tc, test_room);
	suite_add_tcase(s, tc);
	return s;
}
