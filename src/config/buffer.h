#ifndef BUFFER_H
#define BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * buffer.h - octets that are put together, with as much room as they need.
 *
 * One that is all zeros is empty.
 */

struct buffer {
	char *octets;
	size_t n, room;
};

/* Make the room twice as large, or the first that large; false: no memory. */
bool buffer_grow(struct buffer *buffer, size_t first);

/* Put octets behind the others; false: no memory. */
bool buffer_put(struct buffer *buffer, const char *octets, size_t n);

/* Give the room back. */
void buffer_free(struct buffer *buffer);

#endif
