#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * memory.h - memory that lives as long as the configuration: taken in small
 * pieces, given back at once.
 */

struct memory_block;

struct memory {
	struct memory_block *block;	/* the newest one first */
	size_t used, size;		/* octets of the newest one */
	bool starved;			/* there was too little once */
};

/*
 * Room for n objects of this size, zeroed, aligned for any type.  NULL, and
 * starved is set, where there is no memory.
 */
void *memory_take(struct memory *memory, size_t n, size_t size);

/* A copy of n octets with a NUL behind; NULL as above. */
char *memory_copy(struct memory *memory, const char *octets, size_t n);

/* Everything that was taken. */
void memory_release(struct memory *memory);

#endif
