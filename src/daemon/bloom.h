#ifndef BLOOM_H
#define BLOOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * bloom.h - was this key marked a short while ago?
 *
 * A filter of bits (Bloom, 1970): a key that was marked is always known, and
 * one in some 10,000 of those that were not seems to be.  It takes no memory
 * for each key, and so no number of keys can fill it up: marks are kept in two
 * generations, and after so many marks, or so much time, the older one is
 * forgotten and begins anew.  A key is thus known for one generation at least.
 *
 * Pages of it that nothing was marked in take no memory.  Keys are hashes that
 * no sender can foretell.
 */

enum {
	BLOOM_SECONDS = 16,		/* of a generation, at most */
	BLOOM_BITS_A_MARK = 32,		/* of memory, in each generation */
};

struct bloom;

/* For so many marks in a generation, a power of two.  NULL: no memory. */
struct bloom *bloom_open(size_t marks);
void bloom_close(struct bloom *bloom);

/* Forget what is too old at this time, in nanoseconds. */
void bloom_forget(struct bloom *bloom, int64_t now);

void bloom_mark(struct bloom *bloom, uint64_t key);
bool bloom_has(const struct bloom *bloom, uint64_t key);

#endif
