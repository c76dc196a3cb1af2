#include <check.h>

#include "unit/octets.h"
#include "unit/suite.h"

/*
 * Every reader: what it takes, and that it takes and writes nothing where the
 * octets do not suffice.
 */
enum reader { U8, BE16, BE32, ADDRESS, COPY3, SKIP3, TAKE3 };

static const struct {
	const char *what;
	enum reader reader;
	struct octets octets;
	bool taken;
	uint32_t value;
	size_t left;
} reads[] = {
	{ "u8", U8, OCTETS("\xab\xcd"), true, 0xab, 1 },
	{ "u8, the last octet", U8, OCTETS("\xff"), true, 0xff, 0 },
	{ "u8 of nothing", U8, OCTETS(""), false, 0, 0 },
	{ "be16", BE16, OCTETS("\x0f\xab\x01"), true, 4011, 1 },
	{ "be16, all ones", BE16, OCTETS("\xff\xff"), true, 0xffff, 0 },
	{ "be16, one octet short", BE16, OCTETS("\x0f"), false, 0, 1 },
	{ "be16 of nothing", BE16, OCTETS(""), false, 0, 0 },
	{ "be32", BE32, OCTETS("\x63\x82\x53\x63\x35"), true, 0x63825363, 1 },
	{ "be32, all ones", BE32, OCTETS("\xff\xff\xff\xff"), true,
	    0xffffffff, 0 },
	{ "be32, one octet short", BE32, OCTETS("\x63\x82\x53"), false, 0, 3 },
	{ "be32 of nothing", BE32, OCTETS(""), false, 0, 0 },
	{ "address", ADDRESS, OCTETS("\xc0\x00\x02\x0a"), true, 0xc000020a, 0 },
	{ "address, one octet short", ADDRESS, OCTETS("\xc0\x00\x02"), false,
	    0, 3 },
	{ "copy", COPY3, OCTETS("\x01\x02\x03\x04"), true, 0x010203, 1 },
	{ "copy, one octet short", COPY3, OCTETS("\x01\x02"), false, 0, 2 },
	{ "skip", SKIP3, OCTETS("\x01\x02\x03"), true, 0, 0 },
	{ "skip, one octet short", SKIP3, OCTETS("\x01\x02"), false, 0, 2 },
	{ "take", TAKE3, OCTETS("\x01\x02\x03\x04"), true, 0x010203, 1 },
	{ "take, one octet short", TAKE3, OCTETS("\x01\x02"), false, 0, 2 },
};

enum { UNTOUCHED = 0x5a };

static uint32_t
be24(const uint8_t p[3])
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

/* Run one reader; *value keeps UNTOUCHED where it writes nothing. */
static bool
run(enum reader reader, struct span *s, uint32_t *value)
{
	uint8_t u8 = UNTOUCHED, copy[3] = { 0, 0, UNTOUCHED };
	uint16_t be16 = UNTOUCHED;
	struct in_addr address = { htonl(UNTOUCHED) };
	struct span cut = { copy, sizeof(copy) };
	bool taken = false;

	switch (reader) {
	case U8:
		taken = span_u8(s, &u8);
		*value = u8;
		break;
	case BE16:
		taken = span_be16(s, &be16);
		*value = be16;
		break;
	case BE32:
		taken = span_be32(s, value);
		break;
	case ADDRESS:
		taken = span_address(s, &address);
		*value = ntohl(address.s_addr);
		break;
	case COPY3:
		taken = span_copy(s, 3, copy);
		*value = be24(copy);
		break;
	case SKIP3:
		taken = span_skip(s, 3);
		*value = taken ? 0 : UNTOUCHED;
		break;
	case TAKE3:
		taken = span_take(s, 3, &cut);
		*value = cut.n == 3 ? be24(cut.p) : 0;
		break;
	}
	return taken;
}

START_TEST(test_read)
{
	const char *what = reads[_i].what;
	struct heap heap = heap_of(reads[_i].octets.p, reads[_i].octets.n);
	struct span s = heap_span(heap);
	uint32_t value = UNTOUCHED;
	bool taken = run(reads[_i].reader, &s, &value);

	ck_assert_msg(taken == reads[_i].taken, "%s: answered %d", what,
	    taken);
	ck_assert_msg(s.n == reads[_i].left, "%s: %zu octets left", what, s.n);
	ck_assert_msg(value == (taken ? reads[_i].value : UNTOUCHED),
	    "%s: value 0x%x", what, (unsigned)value);
	heap_free(heap);
}
END_TEST

static const struct {
	const char *what;
	size_t have, take;
	bool taken;
} takes[] = {
	{ "nothing of nothing", 0, 0, true },
	{ "nothing of some", 4, 0, true },
	{ "all", 4, 4, true },
	{ "one too many", 4, 5, false },
	{ "a length that wraps a pointer", 4, SIZE_MAX, false },
	{ "a length that wraps to before the start", 4, SIZE_MAX - 3, false },
};

START_TEST(test_take)
{
	struct heap heap = heap_of("\x01\x02\x03\x04", takes[_i].have);
	struct span s = heap_span(heap), cut = { NULL, 77 };
	bool taken = span_take(&s, takes[_i].take, &cut);

	ck_assert_msg(taken == takes[_i].taken, "%s: answered %d",
	    takes[_i].what, taken);
	ck_assert_msg(cut.n == (taken ? takes[_i].take : 77),
	    "%s: the cut has %zu octets", takes[_i].what, cut.n);
	ck_assert_msg(s.n == takes[_i].have - (taken ? takes[_i].take : 0),
	    "%s: %zu octets left", takes[_i].what, s.n);
	heap_free(heap);
}
END_TEST

static const struct {
	const char *what;
	struct octets a, b;
	bool equal, begins;		/* a equals b, a begins with b */
} compares[] = {
	{ "nothing and nothing", OCTETS(""), OCTETS(""), true, true },
	{ "the same", OCTETS("PXE"), OCTETS("PXE"), true, true },
	{ "a prefix", OCTETS("PXEClient"), OCTETS("PXE"), false, true },
	{ "nothing is a prefix", OCTETS("PXE"), OCTETS(""), false, true },
	{ "shorter than the prefix", OCTETS("PX"), OCTETS("PXE"), false,
	    false },
	{ "nothing has no prefix", OCTETS(""), OCTETS("PXE"), false, false },
	{ "other case", OCTETS("pxe"), OCTETS("PXE"), false, false },
	{ "a NUL inside is an octet", OCTETS("a\0b"), OCTETS("a\0c"), false,
	    false },
};

START_TEST(test_compare)
{
	struct heap left = heap_of(compares[_i].a.p, compares[_i].a.n);
	struct heap right = heap_of(compares[_i].b.p, compares[_i].b.n);
	struct span a = heap_span(left), b = heap_span(right);

	ck_assert_msg(span_equal(a, b) == compares[_i].equal, "%s: equal",
	    compares[_i].what);
	ck_assert_msg(span_equal(b, a) == compares[_i].equal,
	    "%s: equal the other way round", compares[_i].what);
	ck_assert_msg(span_begins(a, b) == compares[_i].begins, "%s: begins",
	    compares[_i].what);
	heap_free(left);
	heap_free(right);
}
END_TEST

/* Every writer, into exactly enough room and into one octet less. */
enum write { W_U8, W_BE16, W_BE32, W_ADDRESS, W_OCTETS, W_ZEROS, W_NOTHING };

static const struct {
	const char *what;
	enum write write;
	struct octets written;
} writes[] = {
	{ "u8", W_U8, OCTETS("\xfe") },
	{ "be16", W_BE16, OCTETS("\x0f\xab") },
	{ "be32", W_BE32, OCTETS("\x63\x82\x53\x63") },
	{ "address", W_ADDRESS, OCTETS("\xc0\x00\x02\x0a") },
	{ "octets", W_OCTETS, OCTETS("PXE") },
	{ "zeros", W_ZEROS, OCTETS("\0\0\0\0\0") },
	{ "no octets", W_NOTHING, OCTETS("") },
};

static void
write_one(struct span_writer *w, enum write write)
{
	switch (write) {
	case W_U8:
		write_u8(w, 0xfe);
		break;
	case W_BE16:
		write_be16(w, 4011);
		break;
	case W_BE32:
		write_be32(w, 0x63825363);
		break;
	case W_ADDRESS:
		write_address(w, octets_address("192.0.2.10"));
		break;
	case W_OCTETS:
		write_octets(w, SPAN_OF("PXE"));
		break;
	case W_ZEROS:
		write_zeros(w, 5);
		break;
	case W_NOTHING:
		write_octets(w, (struct span){ 0 });
		write_zeros(w, 0);
		break;
	}
}

START_TEST(test_write)
{
	const char *what = writes[_i].what;
	size_t n = writes[_i].written.n;
	uint8_t *p = malloc(n + 1);
	struct span_writer w = { p, n + 1, 0, false };

	p[0] = UNTOUCHED;
	write_u8(&w, 1);
	write_one(&w, writes[_i].write);
	ck_assert_msg(!w.full && w.n == n + 1, "%s: wrote %zu octets", what,
	    w.n - 1);
	ck_assert_msg(p[0] == 1 && (n == 0 ||
	    memcmp(p + 1, writes[_i].written.p, n) == 0), "%s: wrote %s",
	    what, octets_hex(writer_span(&w)));
	free(p);
}
END_TEST

/* What does not fit is not written, and nothing is from then on. */
START_TEST(test_write_full)
{
	const char *what = writes[_i].what;
	size_t n = writes[_i].written.n;
	uint8_t *p;
	struct span_writer w;

	if (n == 0)
		return;			/* nothing always fits */
	p = malloc(n);
	memset(p, UNTOUCHED, n);
	w = (struct span_writer){ p, n, 0, false };
	write_u8(&w, UNTOUCHED);
	write_one(&w, writes[_i].write);
	ck_assert_msg(w.full, "%s: one octet too many was taken", what);
	ck_assert_msg(w.n == 1, "%s: %zu octets count as written", what, w.n);
	write_zeros(&w, 0);
	write_u8(&w, 0);
	ck_assert_msg(w.full && w.n == 1, "%s: writing went on", what);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(p[i] == UNTOUCHED, "%s: octet %zu was written",
		    what, i);
	free(p);
}
END_TEST

START_TEST(test_claim_wraps)
{
	uint8_t p[4];
	struct span_writer w = { p, sizeof(p), 2, false };

	ck_assert_ptr_null(write_claim(&w, SIZE_MAX));
	ck_assert(w.full && w.n == 2);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("span");
	TCase *tc = tcase_create("span");

	tcase_add_loop_test(tc, test_read, 0, ROWS(reads));
	tcase_add_loop_test(tc, test_take, 0, ROWS(takes));
	tcase_add_loop_test(tc, test_compare, 0, ROWS(compares));
	tcase_add_loop_test(tc, test_write, 0, ROWS(writes));
	tcase_add_loop_test(tc, test_write_full, 0, ROWS(writes));
	tcase_add_test(tc, test_claim_wraps);
	suite_add_tcase(s, tc);
	return s;
}
