#include "config/lexer.h"

#include "config/variable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
lexer_begin(struct lexer *lexer, const struct source *source,
    struct memory *memory, struct problems *problems)
{
	*lexer = (struct lexer){ .memory = memory, .problems = problems,
	    .at = { source, 1, 1, 0 } };
	/* Some editors begin a text with the mark of its byte order. */
	if (source->n >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0)
		lexer->offset = 3;
}

void
lexer_end(struct lexer *lexer)
{
	free(lexer->buffer.octets);
	lexer->buffer = (struct lexer_buffer){ NULL, 0, 0 };
}

/*
 * Octets of the text.
 */

/* The octet so far ahead; NUL behind the end, since none is in the text. */
static char
peek(const struct lexer *lexer, size_t ahead)
{
	const struct source *source = lexer->at.source;

	if (ahead >= source->n - lexer->offset)
		return '\0';
	return source->text[lexer->offset + ahead];
}

static void
step(struct lexer *lexer)
{
	unsigned char c = (unsigned char)peek(lexer, 0);

	if (c == '\0')
		return;
	lexer->offset++;
	if (c == '\n') {
		lexer->at.line++;
		lexer->at.column = 1;
		lexer->at.start = (uint32_t)lexer->offset;
	} else if ((peek(lexer, 0) & 0xc0) != 0x80) {
		lexer->at.column++;
	}
}

static bool
steps_over(struct lexer *lexer, const char *text)
{
	for (size_t i = 0; text[i] != '\0'; i++)
		if (peek(lexer, i) != text[i])
			return false;
	for (size_t i = 0; text[i] != '\0'; i++)
		step(lexer);
	return true;
}

/* Put octets into the buffer; too little memory ends the reading. */
static void
put(struct lexer *lexer, const char *octets, size_t n)
{
	struct lexer_buffer *buffer = &lexer->buffer;

	while (n > buffer->room - buffer->n) {
		size_t room = buffer->room == 0 ? 256 : 2 * buffer->room;
		char *more = realloc(buffer->octets, room);

		if (more == NULL) {
			lexer->memory->starved = true;
			return;
		}
		buffer->octets = more;
		buffer->room = room;
	}
	if (n > 0)
		memcpy(buffer->octets + buffer->n, octets, n);
	buffer->n += n;
}

static void
put_char(struct lexer *lexer, char c)
{
	put(lexer, &c, 1);
}

/*
 * Blanks and comments.
 */

/* false: its end is missing. */
static bool
skip_comment(struct lexer *lexer)
{
	struct place begin = lexer->at;

	if (!steps_over(lexer, "/*")) {
		while (peek(lexer, 0) != '\n' && peek(lexer, 0) != '\0')
			step(lexer);
		return true;
	}
	while (!steps_over(lexer, "*/")) {
		if (peek(lexer, 0) == '\0') {
			problem_error(lexer->problems, &begin,
			    "this comment does not end: */ is missing");
			return false;
		}
		step(lexer);
	}
	return true;
}

static bool
begins_comment(const struct lexer *lexer)
{
	char c = peek(lexer, 0), next = peek(lexer, 1);

	return c == '#' || (c == '/' && (next == '/' || next == '*'));
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t' && c != '\0') ||
	    c == 0x7f;
}

static void
skip_blanks(struct lexer *lexer)
{
	for (;;) {
		if (is_blank(peek(lexer, 0)))
			step(lexer);
		else if (!begins_comment(lexer) || !skip_comment(lexer))
			break;
	}
}

/*
 * Words.
 */

/* Tell what is wrong with a word; of each only the first fault. */
static void
fault(struct lexer *lexer, struct token *token, const struct place *place,
    const char *text)
{
	if (!token->is_faulty)
		problem_error(lexer->problems, place, "%s", text);
	token->is_faulty = true;
}

/* ${NAME}, which is what the lexer stands at. */
static void
take_variable(struct lexer *lexer, struct token *token)
{
	struct place begin = lexer->at;
	char name[VARIABLE_NAME], text[VARIABLE_FAULT];
	const char *value = NULL;
	size_t n = 0;

	(void)steps_over(lexer, "${");
	while (peek(lexer, 0) != '}' && n < sizeof(name) - 1) {
		if (is_blank(peek(lexer, 0)) || peek(lexer, 0) == '\0' ||
		    strchr("\"'{", peek(lexer, 0)) != NULL)
			break;
		name[n++] = peek(lexer, 0);
		step(lexer);
	}
	name[n] = '\0';
	if (!steps_over(lexer, "}")) {
		fault(lexer, token, &begin,
		    "this variable does not end: } is missing");
		return;
	}
	if (!variable_find(name, &value, text))
		fault(lexer, token, &begin, text);
	if (value != NULL) {
		put(lexer, value, strlen(value));
	} else {
		put(lexer, "${", 2);
		put(lexer, name, n);
		put(lexer, "}", 1);
	}
}

/* What stands behind a backslash in double quotes. */
static void
take_escape(struct lexer *lexer, struct token *token)
{
	struct place begin = lexer->at;
	char c = peek(lexer, 1), text[160];

	step(lexer);
	if (c == '\\' || c == '"') {
		put_char(lexer, c);
		step(lexer);
		return;
	}
	put_char(lexer, '\\');
	if (c > ' ' && c < 0x7f)
		(void)snprintf(text, sizeof(text), "\\%c is no escape: write "
		    "\\\\ for a backslash, or put the text into single "
		    "quotes, in which a backslash is one", c);
	else
		(void)snprintf(text, sizeof(text), "a backslash alone is no "
		    "escape: write \\\\, or put the text into single quotes");
	fault(lexer, token, &begin, text);
}

static void
take_quoted(struct lexer *lexer, struct token *token, char quote)
{
	step(lexer);
	while (peek(lexer, 0) != quote) {
		char c = peek(lexer, 0);

		if (c == '\n' || c == '\0' ||
		    (c == '\r' && peek(lexer, 1) == '\n')) {
			fault(lexer, token, &token->place, quote == '"' ?
			    "this text has no closing \" on its line" :
			    "this text has no closing ' on its line");
			return;
		}
		if (c == '$' && peek(lexer, 1) == '{') {
			take_variable(lexer, token);
		} else if (c == '\\' && quote == '"') {
			take_escape(lexer, token);
		} else {
			if (is_control(c))
				fault(lexer, token, &lexer->at,
				    "a control character");
			put_char(lexer, c);
			step(lexer);
		}
	}
	step(lexer);
}

static bool
ends_word(const struct lexer *lexer)
{
	char c = peek(lexer, 0), next = peek(lexer, 1);

	return c == '\0' || is_blank(c) || strchr("#\"'={}(),", c) != NULL ||
	    (c == '+' && next == '=') || (c == '/' && next == '*');
}

/* Words of many other languages end a line with a semicolon. */
static void
take_bare(struct lexer *lexer, struct token *token)
{
	while (!ends_word(lexer)) {
		char c = peek(lexer, 0);

		if (c == '$' && peek(lexer, 1) == '{') {
			take_variable(lexer, token);
			continue;
		}
		if (is_control(c))
			fault(lexer, token, &lexer->at, "a control character");
		put_char(lexer, c);
		step(lexer);
		if (c == ';' && ends_word(lexer))
			fault(lexer, token, &token->place, "a line does not "
			    "end with a semicolon: leave it out");
	}
}

static void
take_word(struct lexer *lexer, struct token *token)
{
	char c = peek(lexer, 0);

	token->kind = TOKEN_WORD;
	lexer->buffer.n = 0;
	if (c == '"' || c == '\'')
		take_quoted(lexer, token, c);
	else
		take_bare(lexer, token);
	token->word = memory_copy(lexer->memory, lexer->buffer.octets,
	    lexer->buffer.n);
}

static bool
take_sign(struct lexer *lexer, struct token *token)
{
	static const struct {
		const char *sign;
		enum token_kind kind;
	} signs[] = {
		{ "=", TOKEN_EQUALS }, { "+=", TOKEN_APPENDS },
		{ "{", TOKEN_OPEN }, { "}", TOKEN_CLOSE },
		{ ",", TOKEN_COMMA }, { "(", TOKEN_LEFT },
		{ ")", TOKEN_RIGHT },
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (!steps_over(lexer, signs[i].sign))
			continue;
		token->kind = signs[i].kind;
		token->word = "";
		return true;
	}
	return false;
}

struct token
lexer_next(struct lexer *lexer)
{
	struct token token = { .kind = TOKEN_END, .word = "" };

	skip_blanks(lexer);
	token.place = lexer->at;
	token.is_first = lexer->last_line != lexer->at.line;
	lexer->last_line = lexer->at.line;
	if (peek(lexer, 0) != '\0' && !take_sign(lexer, &token))
		take_word(lexer, &token);
	if (lexer->memory->starved)
		return (struct token){ .kind = TOKEN_END, .word = "",
		    .place = lexer->at };
	return token;
}
