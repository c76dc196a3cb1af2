#include "config/buffer.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256 };

bool
buffer_grow(struct buffer *buffer, size_t first)
{
	size_t room = buffer->room == 0 ? first : 2 * buffer->room;
	char *more = realloc(buffer->octets, room);

	if (more == NULL)
		return false;
	buffer->octets = more;
	buffer->room = room;
	return true;
}

bool
buffer_put(struct buffer *buffer, const char *octets, size_t n)
{
	while (n > buffer->room - buffer->n)
		if (!buffer_grow(buffer, FIRST_ROOM))
			return false;
	if (n > 0)
		memcpy(buffer->octets + buffer->n, octets, n);
	buffer->n += n;
	return true;
}

void
buffer_free(struct buffer *buffer)
{
	free(buffer->octets);
	*buffer = (struct buffer){ NULL, 0, 0 };
}
