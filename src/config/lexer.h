#ifndef LEXER_H
#define LEXER_H

#include "config/buffer.h"
#include "config/problem.h"

/*
 * lexer.h - the words and signs of a configuration.
 *
 * Words are as word.h has them.
 */

enum token_kind {
	TOKEN_END,		/* of the text */
	TOKEN_WORD,
	TOKEN_EQUALS,		/* = */
	TOKEN_APPENDS,		/* += */
	TOKEN_OPEN,		/* { */
	TOKEN_CLOSE,		/* } */
	TOKEN_COMMA,
	TOKEN_LEFT,		/* ( */
	TOKEN_RIGHT,		/* ) */
};

struct token {
	enum token_kind kind;
	struct place place;
	const char *word;	/* NUL-terminated; "" for signs */
	bool is_first;		/* on its line */
	bool is_faulty;		/* the problem was told: judge it no more */
};

struct lexer {
	struct memory *memory;
	struct problems *problems;
	struct source_cursor cursor;
	uint32_t last_line;	/* that a token was seen on */
	struct buffer buffer;	/* for words; its room is used again */
};

/* Begin with a text; words go into this memory. */
void lexer_begin(struct lexer *lexer, const struct source *source,
    struct memory *memory, struct problems *problems);

/*
 * The next token.  What is no token is told as a problem and passed over.
 * Where memory is short (memory->starved) it is TOKEN_END.
 */
struct token lexer_next(struct lexer *lexer);

/* Give the buffer back. */
void lexer_end(struct lexer *lexer);

#endif
