#ifndef PROBLEM_H
#define PROBLEM_H

#include "config/source.h"

/*
 * problem.h - what is wrong with a configuration, and where.
 */

enum problem_severity {
	PROBLEM_ERROR,		/* it is refused */
	PROBLEM_WARNING,	/* it is taken, and hardly meant so */
};

struct problem {
	enum problem_severity severity;
	const char *text;	/* FILE:LINE:COLUMN: what is wrong, what would
				 * be right */
	const char *line;	/* the line itself, or NULL */
	const char *caret;	/* a line with ^ under the column, or NULL */
};

/* Who is told of problems, one by one.  The texts are lost afterwards. */
struct problem_teller {
	void (*tell)(void *with, const struct problem *problem);
	void *with;
};

enum { PROBLEMS_TOLD = 20 };	/* errors: enough for one reading */

struct problem_kept;

struct problems {
	struct problem_teller teller;
	unsigned errors;
	/* Since problem_keep(). */
	bool is_keeping;
	struct memory memory;
	struct problem_kept *newest;
	size_t n;
};

/*
 * Tell of none until problem_tell_kept(), which tells of all in the order of
 * their places: files as they were read, lines, columns; those without a place
 * at the end.
 */
void problem_keep(struct problems *problems);
void problem_tell_kept(struct problems *problems);

/*
 * Tell of a problem, or of an error, at a place.  After PROBLEMS_TOLD errors
 * only that there are more.
 */
void problem_at(struct problems *problems, enum problem_severity severity,
    const struct place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void problem_error(struct problems *problems, const struct place *place,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One without a place in a text: of a file, of memory, of an option. */
void problem_plain(struct problems *problems, enum problem_severity severity,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
