#include "config/parser.h"

#include "config/lexer.h"

#include <string.h>

enum {
	SECTION_DEPTH = 8,		/* sections in one another */
	SHOWN_OCTETS = 100,		/* of a word, in a problem */
};

struct parser {
	struct memory *memory;
	struct problems *problems;
	struct lexer lexer;
	struct token token;		/* the next one */
	unsigned sections;		/* how deep we are in them */
	bool has_ended;			/* too early, and that was told */
};

static void
advance(struct parser *parser)
{
	parser->token = lexer_next(&parser->lexer);
}

static bool
is_at(const struct parser *parser, enum token_kind kind)
{
	return parser->token.kind == kind;
}

/*
 * After an error: go on with the next line that begins with a word, or with
 * the end of the section that we are in.
 */
static void
recover(struct parser *parser)
{
	unsigned depth = 0;

	for (;; advance(parser)) {
		if (is_at(parser, TOKEN_END))
			break;
		if (is_at(parser, TOKEN_OPEN))
			depth++;
		if (depth == 0 && (is_at(parser, TOKEN_CLOSE) ||
		    (is_at(parser, TOKEN_WORD) && parser->token.is_first)))
			break;
		if (is_at(parser, TOKEN_CLOSE))
			depth--;
	}
}

static void
fail(struct parser *parser, const struct place *place, const char *text)
{
	if (!parser->memory->starved)
		problem_error(parser->problems, place, "%s", text);
	recover(parser);
}

/* What began there has no end: of several in one another the innermost. */
static void
fail_end(struct parser *parser, const struct place *begin, const char *text)
{
	if (!parser->has_ended)
		fail(parser, begin, text);
	parser->has_ended = true;
}

void
parser_append(struct parser_node *parent, struct parser_node *node)
{
	if (parent->youngest != NULL)
		parent->youngest->next = node;
	else
		parent->child = node;
	parent->youngest = node;
	parent->children++;
}

static struct parser_node *
add_node(struct parser *parser, struct parser_node *parent,
    const struct token *name)
{
	struct parser_node *node = memory_take(parser->memory, 1,
	    sizeof(*node));

	if (node == NULL)
		return NULL;
	node->name = name->word;
	node->place = node->title_place = name->place;
	node->is_faulty = name->is_faulty;
	parser_append(parent, node);
	return node;
}

/*
 * KEY = VALUE
 */

static void
add_value(struct parser *parser, struct parser_node *node)
{
	struct parser_value *value = memory_take(parser->memory, 1,
	    sizeof(*value));

	if (value == NULL)
		return;
	*value = (struct parser_value){ NULL, parser->token.place,
	    parser->token.word, parser->token.is_faulty };
	if (node->last != NULL)
		node->last->next = value;
	else
		node->value = value;
	node->last = value;
	node->n++;
	advance(parser);
}

static void
parse_list(struct parser *parser, struct parser_node *node)
{
	struct place begin = parser->token.place;

	node->is_list = true;
	advance(parser);
	while (is_at(parser, TOKEN_WORD)) {
		add_value(parser, node);
		if (is_at(parser, TOKEN_COMMA))
			advance(parser);
		else
			break;
	}
	if (is_at(parser, TOKEN_CLOSE)) {
		advance(parser);
		return;
	}
	node->is_faulty = true;
	if (is_at(parser, TOKEN_END)) {
		fail_end(parser, &begin, "this list does not end: } is "
		    "missing");
		return;
	}
	fail(parser, &parser->token.place, "here the list goes on with a "
	    "comma and a value, or ends with }");
	/* On the same line it is more likely the list's own end. */
	if (is_at(parser, TOKEN_CLOSE) &&
	    parser->token.place.line == begin.line)
		advance(parser);
}

static void
parse_key(struct parser *parser, struct parser_node *parent,
    const struct token *name)
{
	struct parser_node *node = add_node(parser, parent, name);

	if (node == NULL)
		return;
	node->appends = is_at(parser, TOKEN_APPENDS);
	advance(parser);
	if (is_at(parser, TOKEN_WORD)) {
		add_value(parser, node);
	} else if (is_at(parser, TOKEN_OPEN)) {
		parse_list(parser, node);
	} else {
		node->is_faulty = true;
		fail(parser, &parser->token.place, "the value is missing: a "
		    "word, a text in quotes, or a list in { }");
	}
}

/*
 * include "FILE"
 */

static void
include(struct parser *parser, struct parser_node *parent,
    const struct token *name)
{
	struct parser_node *node;

	if (parser->sections > 0) {
		problem_error(parser->problems, &name->place,
		    "include stands outside of all sections");
		return;
	}
	if (name->is_faulty || (node = add_node(parser, parent, name)) == NULL)
		return;
	node->is_include = true;
}

/* include("FILE"): at the parenthesis. */
static void
parse_call(struct parser *parser, struct parser_node *parent,
    const struct token *name)
{
	struct token file;

	advance(parser);
	file = parser->token;
	if (strcmp(name->word, "include") == 0 && is_at(parser, TOKEN_WORD)) {
		advance(parser);
		if (is_at(parser, TOKEN_RIGHT)) {
			advance(parser);
			include(parser, parent, &file);
			return;
		}
	}
	fail(parser, &file.place, "parentheses are for the name of one file: "
	    "include(\"FILE\")");
}

/*
 * NAME "TITLE" { ... }
 */

static void parse_entries(struct parser *parser, struct parser_node *parent,
    const struct place *begin);

/* At the brace; the title is NULL where there is none. */
static void
parse_section(struct parser *parser, struct parser_node *parent,
    const struct token *name, const struct token *title)
{
	struct parser_node *node = add_node(parser, parent, name);
	struct place begin = parser->token.place;

	if (node == NULL)
		return;
	node->is_section = true;
	node->title_place = title != NULL ? title->place : name->place;
	node->title = title != NULL ? title->word : NULL;
	node->is_faulty |= title != NULL && title->is_faulty;
	advance(parser);
	if (parser->sections == SECTION_DEPTH) {
		fail(parser, &begin, "too many sections in one another");
		if (is_at(parser, TOKEN_CLOSE))
			advance(parser);
		return;
	}
	parser->sections++;
	parse_entries(parser, node, &begin);
	parser->sections--;
}

/* Neither a key nor a section begins with this word. */
static void
tell_between(struct parser *parser, const struct token *name,
    const struct place *place)
{
	if (!parser->memory->starved)
		problem_error(parser->problems, place, "between \"%.*s\" "
		    "and its value stands =, and behind a section's title {",
		    SHOWN_OCTETS, name->word);
}

/* Behind two words. */
static void
parse_titled(struct parser *parser, struct parser_node *parent,
    const struct token *name, const struct token *second)
{
	advance(parser);
	if (is_at(parser, TOKEN_OPEN)) {
		parse_section(parser, parent, name, second);
	} else if (strcmp(name->word, "include") == 0) {
		include(parser, parent, second);
	} else if (second->is_first && (is_at(parser, TOKEN_EQUALS) ||
	    is_at(parser, TOKEN_APPENDS))) {
		/* The second word begins the next entry. */
		tell_between(parser, name, &name->place);
		parse_key(parser, parent, second);
	} else {
		tell_between(parser, name, second->is_first ? &name->place :
		    &second->place);
		recover(parser);
	}
}

static void
parse_entry(struct parser *parser, struct parser_node *parent)
{
	struct token name = parser->token, second;

	advance(parser);
	second = parser->token;
	switch (second.kind) {
	case TOKEN_EQUALS:
	case TOKEN_APPENDS:
		parse_key(parser, parent, &name);
		break;
	case TOKEN_OPEN:
		parse_section(parser, parent, &name, NULL);
		break;
	case TOKEN_LEFT:
		parse_call(parser, parent, &name);
		break;
	case TOKEN_WORD:
		parse_titled(parser, parent, &name, &second);
		break;
	default:
		tell_between(parser, &name, &name.place);
		recover(parser);
		break;
	}
}

/* Up to the end of the section that begins there; NULL: of the file. */
static void
parse_entries(struct parser *parser, struct parser_node *parent,
    const struct place *begin)
{
	for (;;) {
		if (is_at(parser, TOKEN_WORD)) {
			parse_entry(parser, parent);
		} else if (is_at(parser, TOKEN_END)) {
			if (begin != NULL)
				fail_end(parser, begin, "this section does "
				    "not end: } is missing");
			return;
		} else if (!is_at(parser, TOKEN_CLOSE)) {
			fail(parser, &parser->token.place, "here stands the "
			    "name of a key or of a section");
		} else {
			if (begin == NULL)
				problem_error(parser->problems,
				    &parser->token.place,
				    "this } ends nothing");
			advance(parser);
			if (begin != NULL)
				return;
		}
	}
}

void
parser_read(const struct source *source, struct memory *memory,
    struct problems *problems, struct parser_node *root)
{
	struct parser parser = { .memory = memory, .problems = problems };

	lexer_begin(&parser.lexer, source, memory, problems);
	advance(&parser);
	parse_entries(&parser, root, NULL);
	lexer_end(&parser.lexer);
}
