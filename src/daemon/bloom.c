#include "daemon/bloom.h"

#include <stdlib.h>
#include <string.h>

static const int64_t SECOND = 1000000000;

enum {
	GENERATIONS = 2,
	WORDS = 8,			/* of 64 bits: a block, a cache line */
	BLOCK_BITS = WORDS * 64,
	BITS = 4,			/* of a key, all in one block */
	KEY_BITS = 36,			/* of it, that choose these */
};

_Static_assert(1LL << KEY_BITS == (long long)BLOCK_BITS * BLOCK_BITS *
    BLOCK_BITS * BLOCK_BITS, "as many as choose BITS bits of a block");

struct block {
	uint64_t word[WORDS];
};

struct bloom {
	struct block *generation[GENERATIONS];
	size_t marks[GENERATIONS], marks_max, blocks;
	unsigned current;
	int64_t since;
};

struct bloom *
bloom_open(size_t marks)
{
	struct bloom *bloom = calloc(1, sizeof(*bloom));

	if (bloom == NULL)
		return NULL;
	bloom->marks_max = marks;
	bloom->blocks = marks * BLOOM_BITS_A_MARK / BLOCK_BITS;
	for (unsigned i = 0; i < GENERATIONS; i++)
		if ((bloom->generation[i] = calloc(bloom->blocks,
		    sizeof(struct block))) == NULL) {
			bloom_close(bloom);
			return NULL;
		}
	return bloom;
}

void
bloom_close(struct bloom *bloom)
{
	if (bloom == NULL)
		return;
	for (unsigned i = 0; i < GENERATIONS; i++)
		free(bloom->generation[i]);
	free(bloom);
}

void
bloom_forget(struct bloom *bloom, int64_t now)
{
	if (bloom->marks[bloom->current] < bloom->marks_max &&
	    now - bloom->since < BLOOM_SECONDS * SECOND)
		return;
	bloom->current = (bloom->current + 1) % GENERATIONS;
	if (bloom->marks[bloom->current] > 0)
		memset(bloom->generation[bloom->current], 0,
		    bloom->blocks * sizeof(struct block));
	bloom->marks[bloom->current] = 0;
	bloom->since = now;
}

static struct block *
block_of(const struct bloom *bloom, unsigned generation, uint64_t key)
{
	return &bloom->generation[generation][(key >> KEY_BITS) %
	    bloom->blocks];
}

static bool
generation_has(const struct bloom *bloom, unsigned generation, uint64_t key)
{
	const struct block *block = block_of(bloom, generation, key);

	if (bloom->marks[generation] == 0)
		return false;
	for (unsigned i = 0; i < BITS; i++, key /= BLOCK_BITS)
		if ((block->word[key / 64 % WORDS] >> key % 64 & 1) == 0)
			return false;
	return true;
}

bool
bloom_has(const struct bloom *bloom, uint64_t key)
{
	return generation_has(bloom, 0, key) || generation_has(bloom, 1, key);
}

void
bloom_mark(struct bloom *bloom, uint64_t key)
{
	struct block *block = block_of(bloom, bloom->current, key);

	if (generation_has(bloom, bloom->current, key))
		return;
	for (unsigned i = 0; i < BITS; i++, key /= BLOCK_BITS)
		block->word[key / 64 % WORDS] |= UINT64_C(1) << key % 64;
	bloom->marks[bloom->current]++;
}
