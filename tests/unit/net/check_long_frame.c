#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/long_frame.h"
#include "unit/suite.h"

/*
 * check_long_frame.c - the rest of a frame of which the ring has the
 * beginning.  A pair of sockets plays the packet socket's queue.
 */

enum { FRAME = 1200, HEAD = 600, TAGGED_HEAD = HEAD + LONG_FRAME_TAG };

static int queue[2];
static struct long_frame room;
static uint8_t frame[FRAME], other[FRAME];

/* The frame as the ring has it, and with the tag that libpcap puts in. */
static uint8_t tagged[FRAME + LONG_FRAME_TAG];

static void
set_up(void)
{
	static const uint8_t tag[LONG_FRAME_TAG] = { 0x81, 0x00, 0x00, 0x07 };

	for (size_t i = 0; i < FRAME; i++)
		frame[i] = (uint8_t)(i * 7 + i / 256);
	memcpy(other, frame, sizeof(other));
	other[HEAD - 1] ^= 1;
	memcpy(tagged, frame, 12);
	memcpy(tagged + 12, tag, sizeof(tag));
	memcpy(tagged + 16, frame + 12, FRAME - 12);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, queue), 0);
}

static void
tear_down(void)
{
	(void)close(queue[0]);
	(void)close(queue[1]);
}

static void
put(const uint8_t *octets, size_t n)
{
	ck_assert_int_eq(send(queue[1], octets, n, 0), (ssize_t)n);
}

static bool
fetch(const uint8_t *head, size_t octets, size_t n, struct span *out)
{
	return long_frame_fetch(queue[0], (struct span){ head, octets }, n,
	    &room, out);
}

static bool
is_empty(void)
{
	uint8_t octet;

	return recv(queue[0], &octet, 1, MSG_DONTWAIT) < 0;
}

START_TEST(test_whole)
{
	struct span out;

	put(frame, FRAME);
	ck_assert(fetch(frame, HEAD, FRAME, &out));
	ck_assert(span_equal(out, (struct span){ frame, FRAME }));
	ck_assert(is_empty());
}
END_TEST

/* The kernel's own copy has no tag; what is put together has it. */
START_TEST(test_tagged)
{
	struct span out;

	ck_assert(long_frame_is_tagged((struct span){ tagged, TAGGED_HEAD }));
	ck_assert(!long_frame_is_tagged((struct span){ frame, HEAD }));
	put(frame, FRAME);
	ck_assert(fetch(tagged, TAGGED_HEAD, sizeof(tagged), &out));
	ck_assert(span_equal(out, (struct span){ tagged, sizeof(tagged) }));
}
END_TEST

/* Frames that nobody fetched stand before it. */
START_TEST(test_behind_others)
{
	struct span out;

	put(other, FRAME);
	put(frame, FRAME - 1);
	put(frame, 5);
	put(frame, FRAME);
	put(other, FRAME);
	ck_assert(fetch(frame, HEAD, FRAME, &out));
	ck_assert(span_equal(out, (struct span){ frame, FRAME }));
	/* What comes behind it is left for the next one. */
	ck_assert(fetch(other, HEAD, FRAME, &out));
	ck_assert(is_empty());
}
END_TEST

START_TEST(test_not_there)
{
	struct span out;

	ck_assert(!fetch(frame, HEAD, FRAME, &out));	/* nothing */
	put(frame, FRAME);
	ck_assert(!fetch(frame, HEAD, FRAME + 1, &out));	/* cut */
	put(frame, HEAD - 1);
	ck_assert(!fetch(frame, HEAD, HEAD - 1, &out));	/* short */
	put(frame, FRAME);
	ck_assert(!fetch(frame, 11, FRAME, &out));	/* no addresses */
	ck_assert(is_empty());
}
END_TEST

START_TEST(test_too_long)
{
	static uint8_t huge[LONG_FRAME_MAX + 1];
	struct span out;

	put(huge, sizeof(huge));
	ck_assert(!fetch(huge, HEAD, sizeof(huge), &out));
	put(huge, LONG_FRAME_MAX);
	ck_assert(fetch(huge, HEAD, LONG_FRAME_MAX, &out));
}
END_TEST

START_TEST(test_drop)
{
	put(frame, FRAME);
	put(other, FRAME);
	long_frame_drop(queue[0]);
	ck_assert(is_empty());
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("long_frame");
	TCase *tc = tcase_create("long_frame");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_whole);
	tcase_add_test(tc, test_tagged);
	tcase_add_test(tc, test_behind_others);
	tcase_add_test(tc, test_not_there);
	tcase_add_test(tc, test_too_long);
	tcase_add_test(tc, test_drop);
	suite_add_tcase(s, tc);
	return s;
}
