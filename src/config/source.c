#include "config/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_ROOM = 16 * 1024 };

/* A text while it is read. */
struct growing {
	char *text;
	size_t n, room;
};

/* Twice the room, up to one octet more than any file may have. */
static bool
grow(struct growing *text)
{
	size_t room = text->room == 0 ? FIRST_ROOM : 2 * text->room;
	char *more = realloc(text->text, room);

	if (more == NULL)
		return false;
	text->text = more;
	text->room = room;
	return true;
}

/* All of a file, or what stands before a NUL; false, and errno. */
static bool
read_all(FILE *in, struct growing *out, bool *has_nul)
{
	size_t got;

	*has_nul = false;
	do {
		const char *nul;

		if (out->n == out->room && !grow(out))
			return false;
		errno = 0;
		got = fread(out->text + out->n, 1, out->room - out->n, in);
		if (got > 0 && (nul = memchr(out->text + out->n, '\0',
		    got)) != NULL) {
			out->n = (size_t)(nul - out->text);
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
    const struct growing *text, const struct stat *stat)
{
	struct source *source = memory_take(memory, 1, sizeof(*source));

	errno = ENOMEM;
	if (source == NULL)
		return NULL;
	source->path = memory_copy(memory, path, strlen(path));
	source->text = memory_copy(memory, text->text, text->n);
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
	struct growing text = { NULL, 0, 0 };
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
	free(text.text);
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

struct place
source_end(const struct source *source)
{
	struct place place = { source, 1, 1, 0 };

	for (size_t i = 0; i < source->n; i++) {
		unsigned char c = (unsigned char)source->text[i];

		if (c == '\n') {
			place.line++;
			place.column = 1;
			place.start = (uint32_t)i + 1;
		} else if ((c & 0xc0) != 0x80) {	/* not in a character */
			place.column++;
		}
	}
	return place;
}
