#include "daemon/siphash.h"

#include <stddef.h>

enum {
	WORD = 8,			/* octets */
	ROUNDS_A_WORD = 2,
	ROUNDS_AT_THE_END = 4,
};

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

/* So many octets, at most eight, as a little-endian number. */
static uint64_t
little_endian(const uint8_t *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)p[i] << 8 * i;
	return word;
}

static void
mix(struct state *s, unsigned rounds)
{
	for (; rounds > 0; rounds--) {
		s->v0 += s->v1;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v2 = rotate(s->v2, 32);
	}
}

static void
take(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	mix(s, ROUNDS_A_WORD);
	s->v0 ^= word;
}

/* The constants are the algorithm's: "somepseudorandomlygeneratedbytes". */
static struct state
start(const struct siphash_secret *secret)
{
	uint64_t k0 = little_endian(secret->octets, WORD);
	uint64_t k1 = little_endian(secret->octets + WORD, WORD);

	return (struct state){
		k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573,
	};
}

uint64_t
siphash(const struct siphash_secret *secret, struct span octets)
{
	struct state s = start(secret);
	size_t whole = octets.n - octets.n % WORD;

	for (size_t i = 0; i < whole; i += WORD)
		take(&s, little_endian(octets.p + i, WORD));
	take(&s, (uint64_t)octets.n << 56 |
	    little_endian(octets.p + whole, octets.n - whole));
	s.v2 ^= 0xff;
	mix(&s, ROUNDS_AT_THE_END);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
