#include "config/word.h"

#include "config/variable.h"

#include <stdio.h>
#include <string.h>

/* A word while it is read. */
struct reading {
	struct source_cursor *cursor;
	struct buffer *buffer;
	struct problems *problems;
	struct place begin;
	bool is_faulty;
	bool starved;
};

static char
peek(const struct reading *word, size_t ahead)
{
	return source_peek(word->cursor, ahead);
}

static void
put(struct reading *word, const char *octets, size_t n)
{
	if (!buffer_put(word->buffer, octets, n))
		word->starved = true;
}

static void
put_char(struct reading *word, char c)
{
	put(word, &c, 1);
}

bool
word_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t' && c != '\0') ||
	    c == 0x7f;
}

/* Tell what is wrong with a word; of each only the first fault. */
static void
fault(struct reading *word, const struct place *place, const char *text)
{
	if (!word->is_faulty)
		problem_error(word->problems, place, "%s", text);
	word->is_faulty = true;
}

/* ${NAME}, which is where the cursor stands. */
static void
take_variable(struct reading *word)
{
	struct place begin = word->cursor->at;
	char name[VARIABLE_NAME], text[VARIABLE_FAULT];
	const char *value = NULL;
	size_t n = 0;

	(void)source_steps_over(word->cursor, "${");
	while (peek(word, 0) != '}' && n < sizeof(name) - 1) {
		char c = peek(word, 0);

		if (c == '\0' || word_is_blank(c) || strchr("\"'{", c) != NULL)
			break;
		name[n++] = c;
		source_step(word->cursor);
	}
	name[n] = '\0';
	if (!source_steps_over(word->cursor, "}")) {
		fault(word, &begin,
		    "this variable does not end: } is missing");
		return;
	}
	if (!variable_find(name, &value, text))
		fault(word, &begin, text);
	if (value != NULL) {
		put(word, value, strlen(value));
	} else {
		put(word, "${", 2);
		put(word, name, n);
		put(word, "}", 1);
	}
}

/* What stands behind a backslash in double quotes. */
static void
take_escape(struct reading *word)
{
	struct place begin = word->cursor->at;
	char c = peek(word, 1), text[160];

	source_step(word->cursor);
	if (c == '\\' || c == '"') {
		put_char(word, c);
		source_step(word->cursor);
		return;
	}
	put_char(word, '\\');
	if (c > ' ' && c < 0x7f)
		(void)snprintf(text, sizeof(text), "\\%c is no escape: write "
		    "\\\\ for a backslash, or put the text into single "
		    "quotes, in which a backslash is one", c);
	else
		(void)snprintf(text, sizeof(text), "a backslash alone is no "
		    "escape: write \\\\, or put the text into single quotes");
	fault(word, &begin, text);
}

static void
take_quoted(struct reading *word, char quote)
{
	source_step(word->cursor);
	while (peek(word, 0) != quote) {
		char c = peek(word, 0);

		if (c == '\n' || c == '\0' ||
		    (c == '\r' && peek(word, 1) == '\n')) {
			fault(word, &word->begin, quote == '"' ?
			    "this text has no closing \" on its line" :
			    "this text has no closing ' on its line");
			return;
		}
		if (c == '$' && peek(word, 1) == '{') {
			take_variable(word);
		} else if (c == '\\' && quote == '"') {
			take_escape(word);
		} else {
			if (is_control(c))
				fault(word, &word->cursor->at,
				    "a control character");
			put_char(word, c);
			source_step(word->cursor);
		}
	}
	source_step(word->cursor);
}

static bool
ends_word(const struct reading *word)
{
	char c = peek(word, 0), next = peek(word, 1);

	return c == '\0' || word_is_blank(c) ||
	    strchr("#\"'={}(),", c) != NULL ||
	    (c == '+' && next == '=') || (c == '/' && next == '*');
}

/* Words of many other languages end a line with a semicolon. */
static void
take_bare(struct reading *word)
{
	while (!ends_word(word)) {
		char c = peek(word, 0);

		if (c == '$' && peek(word, 1) == '{') {
			take_variable(word);
			continue;
		}
		if (is_control(c))
			fault(word, &word->cursor->at, "a control character");
		put_char(word, c);
		source_step(word->cursor);
		if (c == ';' && ends_word(word))
			fault(word, &word->begin, "a line does not "
			    "end with a semicolon: leave it out");
	}
}

bool
word_read(struct source_cursor *cursor, struct buffer *buffer,
    struct problems *problems, bool *is_faulty)
{
	struct reading word = { cursor, buffer, problems, cursor->at, false,
	    false };
	char c = source_peek(cursor, 0);

	buffer->n = 0;
	if (c == '"' || c == '\'')
		take_quoted(&word, c);
	else
		take_bare(&word);
	*is_faulty = word.is_faulty;
	return !word.starved;
}
