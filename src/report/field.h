#ifndef FIELD_H
#define FIELD_H

#include "core/frame.h"
#include "report/text.h"

#include <stdio.h>

/*
 * field.h - what a report says of a request, a machine or an interface.
 *
 * A report is a table of fields.  A line, the columns of a table, JSON and
 * metrics are formed from the same rows, so that none of them says what
 * another does not.
 */

enum field_kind {
	FIELD_NOTHING,		/* what stands before it says all */
	FIELD_WORD,		/* a word of ours, or an address as text */
	FIELD_LABEL,		/* a word; in a line a colon follows it */
	FIELD_SENTENCE,		/* a word in JSON, a sentence in the text */
	FIELD_TEXT,		/* from the configuration */
	FIELD_WIRE,		/* from the wire */
	FIELD_ADDRESS,
	FIELD_PLACE,		/* an address and a port */
	FIELD_VLANS,
	FIELD_NUMBER,		/* a count */
	FIELD_IDENTIFIER,	/* a number that counts nothing */
	FIELD_FLAG,
};

enum { FIELD_ROOM = 64 };

/* The value of one; of the kind it depends which of these is filled. */
struct field_value {
	enum field_kind kind;
	const char *word;		/* WORD, LABEL, SENTENCE, TEXT; NULL
					 * for a TEXT that is null in JSON */
	const char *sentence;		/* SENTENCE */
	char room[FIELD_ROOM];		/* for a word that is formed */
	size_t most;			/* TEXT: octets of it in a line */
	struct span octets;		/* WIRE */
	struct in_addr address;		/* ADDRESS, PLACE */
	uint16_t port;			/* PLACE */
	const struct frame_tag *tag;	/* VLANS */
	unsigned tags;
	unsigned long long number;	/* NUMBER, IDENTIFIER */
	bool flag;
};

/* A field of something that get() and when() know the type of. */
struct field {
	const char *json;		/* its name in JSON; NULL: not there */
	const char *text;		/* what stands before it in a line, or
					 * the title of its column; or NULL */
	enum field_kind kind;
	bool (*when)(const void *of);	/* is it there?  NULL: always */
	void (*get)(const void *of, struct field_value *out);
	const char *help;		/* what it says, in a few words */
};

enum { FIELD_JSON = 6 * 1024 };		/* octets that an object fits in */

/* Its value; false where it is not there. */
bool field_get(const struct field *field, const void *of,
    struct field_value *out);

/* Add the fields that are there to a line. */
void field_add_line(struct text_line *line, const struct field fields[],
    size_t n, const void *of);

/* Add them as members of a JSON object, with commas between them. */
void field_add_json(struct text_line *line, const struct field fields[],
    size_t n, const void *of);

/*
 * Print the fields that are there and have a name in JSON, a line each: its
 * name, with hyphens, and its value, in a second column.
 */
void field_print_pairs(FILE *to, const struct field fields[], size_t n,
    const void *of);

/*
 * Print a table: a line of titles, then a line for each of a list, whose next
 * one next() answers (of NULL the first, and NULL after the last one).  The
 * columns are as wide as they need to be; a hyphen stands where a field is not
 * there.
 */
void field_print_table(FILE *to, const struct field fields[], size_t n,
    const void *(*next)(const void *list, const void *last),
    const void *list);

#endif
