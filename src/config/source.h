#ifndef SOURCE_H
#define SOURCE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/memory.h"

/*
 * source.h - the text of a file, and places in it.
 */

/* A text that was read.  It lives as long as the configuration. */
struct source {
	const char *path;
	char *text;		/* with a NUL behind */
	size_t n;
	dev_t device;		/* the file itself, however it is named */
	ino_t inode;
	const struct source *from;	/* the file that includes it, or NULL */
	unsigned number;	/* in the order of reading, from 1; 0: of no
				 * configuration */
};

/* A place in a text: both count from 1, columns in characters. */
struct place {
	const struct source *source;
	uint32_t line, column;
	uint32_t start;		/* where the line begins, in octets */
};

enum { SOURCE_MAX = 16 * 1024 * 1024 };	/* octets: some have no end */

/*
 * Read a file of less than SOURCE_MAX octets, up to the first NUL in it if it
 * has one, and then *has_nul.  NULL, and errno: it cannot be read, is too
 * large (EFBIG), or there is no memory.
 */
struct source *source_read(struct memory *memory, const char *path,
    const struct source *from, bool *has_nul);

/*
 * The path of a file that is named in another one: what does not begin with a
 * slash is relative to the folder of that one.  NULL: no memory.
 */
const char *source_path(struct memory *memory, const struct source *from,
    const char *name);

/* The place behind the last octet. */
struct place source_end(const struct source *source);

/* A reader of a text, octet by octet, that knows where it is. */
struct source_cursor {
	struct place at;
	size_t offset;
};

/* At the beginning; a mark of the byte order, as some editors write, is
 * passed over. */
struct source_cursor source_begin(const struct source *source);

/* The octet so far ahead; NUL behind the end, since none is in the text. */
char source_peek(const struct source_cursor *cursor, size_t ahead);

/* One octet on; at the end it stays. */
void source_step(struct source_cursor *cursor);

/* Does the cursor stand at these octets?  Then it steps over them. */
bool source_steps_over(struct source_cursor *cursor, const char *text);

#endif
