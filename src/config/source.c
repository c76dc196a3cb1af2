#include "config/source.h"

#include "config/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_ROOM = 16 * 1024 };

/* All of a file, or what stands before a NUL; false, and errno. */
static bool
read_all(FILE *in, struct buffer *out, bool *has_nul)
{
	size_t got;

	*has_nul = false;
	do {
		const char *nul;

		if (out->n == out->room && !buffer_grow(out, FIRST_ROOM))
			return false;
		errno = 0;
		got = fread(out->octets + out->n, 1, out->room - out->n, in);
		if (got > 0 && (nul = memchr(out->octets + out->n, '\0',
		    got)) != NULL) {
			out->n = (size_t)(nul - out->octets);
			*has_nul = true;
			return true;
		}
		out->n += got;
		if (out->n >= SOURCE_MAX) {
			errno = EFBIG;
			return false;
		}
	} while (got > 0);
	return ferror(in) == 0;
}

static struct source *
keep(struct memory *memory, const char *path, const struct source *from,
    const struct buffer *text, const struct stat *stat)
{
	struct source *source = memory_take(memory, 1, sizeof(*source));

	errno = ENOMEM;
	if (source == NULL)
		return NULL;
	source->path = memory_copy(memory, path, strlen(path));
	source->text = memory_copy(memory, text->octets, text->n);
	source->n = text->n;
	source->device = stat->st_dev;
	source->inode = stat->st_ino;
	source->from = from;
	return source->path != NULL && source->text != NULL ? source : NULL;
}

struct source *
source_read(struct memory *memory, const char *path,
    const struct source *from, bool *has_nul)
{
	struct buffer text = { NULL, 0, 0 };
	struct source *source = NULL;
	struct stat stat;
	FILE *in = fopen(path, "re");
	int error;

	if (in == NULL)
		return NULL;
	if (fstat(fileno(in), &stat) == 0 && read_all(in, &text, has_nul))
		source = keep(memory, path, from, &text, &stat);
	error = errno;
	(void)fclose(in);
	buffer_free(&text);
	errno = error;
	return source;
}

const char *
source_path(struct memory *memory, const struct source *from,
    const char *name)
{
	const char *slash = strrchr(from->path, '/');
	size_t n = slash != NULL ? (size_t)(slash - from->path) + 1 : 0;
	size_t length = strlen(name);
	char *path;

	if (name[0] == '/' || n == 0)
		return name;
	path = memory_take(memory, n + length + 1, 1);
	if (path != NULL) {
		memcpy(path, from->path, n);
		memcpy(path + n, name, length);
	}
	return path;
}

struct source_cursor
source_begin(const struct source *source)
{
	struct source_cursor cursor = { { source, 1, 1, 0 }, 0 };

	if (source->n >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0)
		cursor.offset = 3;
	return cursor;
}

char
source_peek(const struct source_cursor *cursor, size_t ahead)
{
	const struct source *source = cursor->at.source;

	if (ahead >= source->n - cursor->offset)
		return '\0';
	return source->text[cursor->offset + ahead];
}

void
source_step(struct source_cursor *cursor)
{
	unsigned char c = (unsigned char)source_peek(cursor, 0);

	if (cursor->offset == cursor->at.source->n)
		return;
	cursor->offset++;
	if (c == '\n') {
		cursor->at.line++;
		cursor->at.column = 1;
		cursor->at.start = (uint32_t)cursor->offset;
	} else if ((source_peek(cursor, 0) & 0xc0) != 0x80) {
		cursor->at.column++;	/* not inside of a character */
	}
}

bool
source_steps_over(struct source_cursor *cursor, const char *text)
{
	for (size_t i = 0; text[i] != '\0'; i++)
		if (source_peek(cursor, i) != text[i])
			return false;
	for (size_t i = 0; text[i] != '\0'; i++)
		source_step(cursor);
	return true;
}

struct place
source_end(const struct source *source)
{
	struct source_cursor cursor = source_begin(source);

	while (cursor.offset < source->n)
		source_step(&cursor);
	return cursor.at;
}
