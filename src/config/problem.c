#include "config/problem.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TEXT_OCTETS = 900,	/* a line of the log holds it */
	SHOWN = 120,		/* characters of a line of a file */
	BEFORE = 80,		/* of them before the column */
	LINE_OCTETS = 4 * SHOWN + 8,
};

/* A line of the file around the column, and the caret under it. */
struct excerpt {
	char line[LINE_OCTETS];
	char caret[LINE_OCTETS];
	size_t n, blanks;
};

static bool
begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static void
add_dots(struct excerpt *out)
{
	memcpy(out->line + out->n, "...", 3);
	out->n += 3;
}

/*
 * What a terminal would not show as one character is a blank; so is a NUL,
 * which the reader of a table of hosts writes behind a word.
 */
static void
add_octet(struct excerpt *out, char c)
{
	if ((unsigned char)c < ' ' || c == 0x7f)
		c = ' ';
	if (out->n < sizeof(out->line) - 4)
		out->line[out->n++] = c;
}

static void
make_excerpt(const struct place *place, struct excerpt *out)
{
	const struct source *source = place->source;
	uint32_t column = 0, first = 1;

	out->n = 0;
	if (place->column > BEFORE + 1) {
		first = place->column - BEFORE;
		add_dots(out);
	}
	out->blanks = out->n + (place->column - first);
	for (size_t i = place->start; i < source->n &&
	    source->text[i] != '\n'; i++) {
		column += begins_character(source->text[i]);
		if (column >= first + SHOWN) {
			add_dots(out);
			break;
		}
		if (column >= first)
			add_octet(out, source->text[i]);
	}
	while (out->n > 0 && out->line[out->n - 1] == ' ')
		out->n--;
	out->line[out->n] = '\0';
	memset(out->caret, ' ', out->blanks);
	memcpy(out->caret + out->blanks, "^", sizeof("^"));
}

/* One that is told later. */
struct problem_kept {
	struct problem_kept *older;
	struct problem problem;
	unsigned file;			/* of struct source */
	uint32_t line, column;
	size_t number;			/* in the order of coming */
};

/* A copy, or NULL for nothing. */
static const char *
copy(struct memory *memory, const char *text)
{
	return text == NULL ? NULL : memory_copy(memory, text, strlen(text));
}

static bool
keep(struct problems *problems, const struct problem *problem,
    const struct place *place)
{
	struct memory *memory = &problems->memory;
	struct problem_kept *kept = memory_take(memory, 1, sizeof(*kept));

	if (kept == NULL)
		return false;
	kept->problem = (struct problem){ problem->severity,
	    copy(memory, problem->text), copy(memory, problem->line),
	    copy(memory, problem->caret) };
	kept->file = UINT_MAX;
	kept->number = problems->n;
	if (place != NULL && place->source->number != 0) {
		kept->file = place->source->number;
		kept->line = place->line;
		kept->column = place->column;
	}
	if (memory->starved)
		return false;
	kept->older = problems->newest;
	problems->newest = kept;
	problems->n++;
	return true;
}

static void
tell(struct problems *problems, enum problem_severity severity,
    const char *text, const struct excerpt *excerpt,
    const struct place *place)
{
	struct problem problem = { severity, text, NULL, NULL };

	if (severity == PROBLEM_ERROR && ++problems->errors > PROBLEMS_TOLD) {
		if (problems->errors > PROBLEMS_TOLD + 1)
			return;
		problem.text = "there are more errors than these";
		excerpt = NULL;
		place = NULL;
	}
	if (excerpt != NULL) {
		problem.line = excerpt->line;
		problem.caret = excerpt->caret;
	}
	if (problems->teller.tell != NULL && (!problems->is_keeping ||
	    !keep(problems, &problem, place)))
		problems->teller.tell(problems->teller.with, &problem);
}

void
problem_keep(struct problems *problems)
{
	problems->is_keeping = true;
}

static int
compare(unsigned long long a, unsigned long long b)
{
	return a < b ? -1 : a > b;
}

static int
by_place(const void *one, const void *other)
{
	const struct problem_kept *a = one, *b = other;
	int order = compare(a->file, b->file);

	if (order == 0)
		order = compare(a->line, b->line);
	if (order == 0)
		order = compare(a->column, b->column);
	return order != 0 ? order : compare(a->number, b->number);
}

void
problem_tell_kept(struct problems *problems)
{
	size_t n = problems->n;
	struct problem_kept *all = memory_take(&problems->memory, n,
	    sizeof(*all)), *kept = problems->newest;

	for (size_t i = n; all != NULL && i > 0; kept = kept->older)
		all[--i] = *kept;
	if (all != NULL)
		qsort(all, n, sizeof(*all), by_place);
	for (size_t i = 0; all != NULL && i < n; i++)
		problems->teller.tell(problems->teller.with,
		    &all[i].problem);
	/* Without memory for an order, in any. */
	for (; all == NULL && kept != NULL; kept = kept->older)
		problems->teller.tell(problems->teller.with, &kept->problem);
	memory_release(&problems->memory);
	problems->newest = NULL;
	problems->n = 0;
	problems->is_keeping = false;
}

static void __attribute__((format(printf, 4, 0)))
tell_at(struct problems *problems, enum problem_severity severity,
    const struct place *place, const char *format, va_list ap)
{
	struct excerpt excerpt;
	char text[TEXT_OCTETS];
	int n = snprintf(text, sizeof(text), "%.300s:%u:%u: ",
	    place->source->path, place->line, place->column);

	if (n < 0)
		n = 0;
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n, format, ap);
	make_excerpt(place, &excerpt);
	tell(problems, severity, text, &excerpt, place);
}

void
problem_error(struct problems *problems, const struct place *place,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	tell_at(problems, PROBLEM_ERROR, place, format, ap);
	va_end(ap);
}

void
problem_at(struct problems *problems, enum problem_severity severity,
    const struct place *place, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	tell_at(problems, severity, place, format, ap);
	va_end(ap);
}

void
problem_plain(struct problems *problems, enum problem_severity severity,
    const char *format, ...)
{
	char text[TEXT_OCTETS];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	tell(problems, severity, text, NULL, NULL);
}
