#ifndef SPAN_H
#define SPAN_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * span.h - read and write octets without leaving their bounds.
 *
 * All pointer arithmetic on packets is in this file, and so is every change of
 * byte order: readers answer host order, except IPv4 addresses, which are
 * struct in_addr (network order) everywhere.
 */

/*
 * Always inlined: then the compiler drops the checks that cannot fail.  By
 * itself it does not inline those that are used most.
 */
#define SPAN_INLINE static inline __attribute__((always_inline))

/*
 * A borrowed run of octets, and the only way the core reads them.
 *
 * Every reader either consumes exactly what it returns and says true, or
 * consumes nothing, writes nothing and says false.  p may be NULL only when
 * n is 0.
 */
struct span {
	const uint8_t *p;
	size_t n;		/* octets left */
};

/* The octets of a string literal, without its terminating NUL. */
#define SPAN_OF(literal) \
	((struct span){ (const uint8_t *)(literal), sizeof(literal) - 1 })

/* The octets of a text, without its terminating NUL. */
SPAN_INLINE struct span
span_text(const char *text)
{
	return (struct span){ (const uint8_t *)text, strlen(text) };
}

/* Cut the first n octets off *s. */
SPAN_INLINE bool
span_take(struct span *s, size_t n, struct span *out)
{
	if (n > s->n)		/* compare sizes; p + n could wrap */
		return false;
	*out = (struct span){ s->p, n };
	if (n > 0)
		s->p += n;
	s->n -= n;
	return true;
}

SPAN_INLINE bool
span_skip(struct span *s, size_t n)
{
	struct span skipped;

	return span_take(s, n, &skipped);
}

SPAN_INLINE bool
span_u8(struct span *s, uint8_t *out)
{
	struct span cut;

	if (!span_take(s, 1, &cut))
		return false;
	*out = cut.p[0];
	return true;
}

SPAN_INLINE bool
span_be16(struct span *s, uint16_t *out)
{
	struct span cut;

	if (!span_take(s, 2, &cut))
		return false;
	*out = (uint16_t)(cut.p[0] << 8 | cut.p[1]);
	return true;
}

SPAN_INLINE bool
span_be32(struct span *s, uint32_t *out)
{
	struct span cut;

	if (!span_take(s, 4, &cut))
		return false;
	*out = (uint32_t)cut.p[0] << 24 | (uint32_t)cut.p[1] << 16 |
	    (uint32_t)cut.p[2] << 8 | cut.p[3];
	return true;
}

/* What never leaves this machine (netlink) comes in its own byte order. */
SPAN_INLINE bool
span_host16(struct span *s, uint16_t *out)
{
	struct span cut;

	if (!span_take(s, sizeof(*out), &cut))
		return false;
	memcpy(out, cut.p, sizeof(*out));
	return true;
}

SPAN_INLINE bool
span_host32(struct span *s, uint32_t *out)
{
	struct span cut;

	if (!span_take(s, sizeof(*out), &cut))
		return false;
	memcpy(out, cut.p, sizeof(*out));
	return true;
}

SPAN_INLINE bool
span_address(struct span *s, struct in_addr *out)
{
	struct span cut;

	if (!span_take(s, sizeof(out->s_addr), &cut))
		return false;
	memcpy(&out->s_addr, cut.p, sizeof(out->s_addr));
	return true;
}

/* Copy the first n octets of *s to out, which has room for them. */
SPAN_INLINE bool
span_copy(struct span *s, size_t n, uint8_t *out)
{
	struct span cut;

	if (!span_take(s, n, &cut))
		return false;
	if (n > 0)
		memcpy(out, cut.p, n);
	return true;
}

SPAN_INLINE bool
span_equal(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

SPAN_INLINE bool
span_begins(struct span s, struct span prefix)
{
	struct span head;

	return span_take(&s, prefix.n, &head) && span_equal(head, prefix);
}

/* Are the octets those of a text, without its NUL? */
SPAN_INLINE bool
span_is_text(struct span s, const char *text)
{
	return s.n == strlen(text) && (s.n == 0 ||
	    memcmp(s.p, text, s.n) == 0);
}

/* Are these octets somewhere in s?  needle has one at least. */
static inline bool
span_find(struct span s, struct span needle)
{
	const uint8_t *at;

	while (s.n >= needle.n) {
		at = (const uint8_t *)memchr(s.p, needle.p[0],
		    s.n - needle.n + 1);
		if (at == NULL)
			return false;
		if (memcmp(at, needle.p, needle.n) == 0)
			return true;
		(void)span_skip(&s, (size_t)(at - s.p) + 1);
	}
	return false;
}

/*
 * A hash of the octets, for tables: FNV-1a of 64 bits, and its halves mixed,
 * so that its low bits, which choose a slot, depend on all octets.  No secret
 * is in it: who may choose the octets can make them meet.
 */
static inline uint64_t
span_hash(struct span s)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	uint8_t octet;

	while (span_u8(&s, &octet))
		hash = (hash ^ octet) * UINT64_C(0x100000001b3);
	hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return hash ^ hash >> 32;
}

/* Is it an address at all, that is, not 0.0.0.0? */
SPAN_INLINE bool
is_set(struct in_addr address)
{
	return address.s_addr != htonl(INADDR_ANY);
}

SPAN_INLINE bool
same_address(struct in_addr a, struct in_addr b)
{
	return a.s_addr == b.s_addr;
}

/*
 * The writer: size octets at p, of which the first n are written.
 *
 * A write that does not fit writes nothing and sets full.  Once full is set,
 * later writes do nothing, so a caller can append everything and check full
 * once at the end.
 */
struct span_writer {
	uint8_t *p;
	size_t size;
	size_t n;
	bool full;
};

/* Reserve the next n octets; NULL, and full is set, if they do not fit. */
SPAN_INLINE uint8_t *
write_claim(struct span_writer *w, size_t n)
{
	uint8_t *at;

	if (w->full || n > w->size - w->n) {
		w->full = true;
		return NULL;
	}
	at = w->p + w->n;
	w->n += n;
	return at;
}

SPAN_INLINE void
write_u8(struct span_writer *w, uint8_t value)
{
	uint8_t *at = write_claim(w, 1);

	if (at != NULL)
		at[0] = value;
}

SPAN_INLINE void
write_be16(struct span_writer *w, uint16_t value)
{
	uint8_t *at = write_claim(w, 2);

	if (at != NULL) {
		at[0] = (uint8_t)(value >> 8);
		at[1] = (uint8_t)value;
	}
}

SPAN_INLINE void
write_be32(struct span_writer *w, uint32_t value)
{
	uint8_t *at = write_claim(w, 4);

	if (at != NULL) {
		at[0] = (uint8_t)(value >> 24);
		at[1] = (uint8_t)(value >> 16);
		at[2] = (uint8_t)(value >> 8);
		at[3] = (uint8_t)value;
	}
}

SPAN_INLINE void
write_host16(struct span_writer *w, uint16_t value)
{
	uint8_t *at = write_claim(w, sizeof(value));

	if (at != NULL)
		memcpy(at, &value, sizeof(value));
}

SPAN_INLINE void
write_host32(struct span_writer *w, uint32_t value)
{
	uint8_t *at = write_claim(w, sizeof(value));

	if (at != NULL)
		memcpy(at, &value, sizeof(value));
}

SPAN_INLINE void
write_address(struct span_writer *w, struct in_addr value)
{
	uint8_t *at = write_claim(w, sizeof(value.s_addr));

	if (at != NULL)
		memcpy(at, &value.s_addr, sizeof(value.s_addr));
}

SPAN_INLINE void
write_octets(struct span_writer *w, struct span octets)
{
	uint8_t *at = write_claim(w, octets.n);

	if (at != NULL && octets.n > 0)
		memcpy(at, octets.p, octets.n);
}

SPAN_INLINE void
write_zeros(struct span_writer *w, size_t n)
{
	uint8_t *at = write_claim(w, n);

	if (at != NULL && n > 0)
		memset(at, 0, n);
}

/* What has been written so far. */
SPAN_INLINE struct span
writer_span(const struct span_writer *w)
{
	return (struct span){ w->p, w->n };
}

#endif
