#include "config/lexer.h"

#include "config/word.h"

#include <string.h>

void
lexer_begin(struct lexer *lexer, const struct source *source,
    struct memory *memory, struct problems *problems)
{
	*lexer = (struct lexer){ .memory = memory, .problems = problems,
	    .cursor = source_begin(source) };
}

void
lexer_end(struct lexer *lexer)
{
	buffer_free(&lexer->buffer);
}

static char
peek(const struct lexer *lexer, size_t ahead)
{
	return source_peek(&lexer->cursor, ahead);
}

/*
 * Blanks and comments.
 */

/* false: its end is missing. */
static bool
skip_comment(struct lexer *lexer)
{
	struct place begin = lexer->cursor.at;

	if (!source_steps_over(&lexer->cursor, "/*")) {
		while (strchr("\n", peek(lexer, 0)) == NULL)
			source_step(&lexer->cursor);
		return true;
	}
	while (!source_steps_over(&lexer->cursor, "*/")) {
		if (peek(lexer, 0) == '\0') {
			problem_error(lexer->problems, &begin,
			    "this comment does not end: */ is missing");
			return false;
		}
		source_step(&lexer->cursor);
	}
	return true;
}

static bool
begins_comment(const struct lexer *lexer)
{
	char c = peek(lexer, 0), next = peek(lexer, 1);

	return c == '#' || (c == '/' && (next == '/' || next == '*'));
}

static void
skip_blanks(struct lexer *lexer)
{
	for (;;) {
		if (word_is_blank(peek(lexer, 0)))
			source_step(&lexer->cursor);
		else if (!begins_comment(lexer) || !skip_comment(lexer))
			break;
	}
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
		if (!source_steps_over(&lexer->cursor, signs[i].sign))
			continue;
		token->kind = signs[i].kind;
		token->word = "";
		return true;
	}
	return false;
}

static void
take_word(struct lexer *lexer, struct token *token)
{
	token->kind = TOKEN_WORD;
	if (!word_read(&lexer->cursor, &lexer->buffer, lexer->problems,
	    &token->is_faulty))
		lexer->memory->starved = true;
	token->word = memory_copy(lexer->memory, lexer->buffer.octets,
	    lexer->buffer.n);
}

struct token
lexer_next(struct lexer *lexer)
{
	struct token token = { .kind = TOKEN_END, .word = "" };

	skip_blanks(lexer);
	token.place = lexer->cursor.at;
	token.is_first = lexer->last_line != lexer->cursor.at.line;
	lexer->last_line = lexer->cursor.at.line;
	if (peek(lexer, 0) != '\0' && !take_sign(lexer, &token))
		take_word(lexer, &token);
	if (lexer->memory->starved)
		return (struct token){ .kind = TOKEN_END, .word = "",
		    .place = lexer->cursor.at };
	return token;
}
