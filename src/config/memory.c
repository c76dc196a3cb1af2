#include "config/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_OCTETS = 32 * 1024 };

struct memory_block {
	struct memory_block *next;
	max_align_t octets[];
};

static void *
starve(struct memory *memory)
{
	memory->starved = true;
	return NULL;
}

static size_t
aligned(size_t n)
{
	const size_t align = sizeof(max_align_t);

	return (n + align - 1) / align * align;
}

/* A block with at least so much room, and that in front of all others. */
static bool
add_block(struct memory *memory, size_t n)
{
	size_t size = n > BLOCK_OCTETS ? n : BLOCK_OCTETS;
	struct memory_block *block = calloc(1, sizeof(*block) + size);

	if (block == NULL)
		return false;
	block->next = memory->block;
	memory->block = block;
	memory->size = size;
	memory->used = 0;
	return true;
}

void *
memory_take(struct memory *memory, size_t n, size_t size)
{
	uint8_t *octets;

	if (size != 0 && n > (SIZE_MAX / 4) / size)
		return starve(memory);
	n = aligned(n * size);
	if ((memory->block == NULL || n > memory->size - memory->used) &&
	    !add_block(memory, n))
		return starve(memory);
	octets = (uint8_t *)memory->block->octets + memory->used;
	memory->used += n;
	return octets;
}

char *
memory_copy(struct memory *memory, const char *octets, size_t n)
{
	char *copy = memory_take(memory, n + 1, 1);

	if (copy != NULL && n > 0)
		memcpy(copy, octets, n);
	return copy;
}

void
memory_release(struct memory *memory)
{
	struct memory_block *block, *next;

	for (block = memory->block; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	*memory = (struct memory){ 0 };
}
