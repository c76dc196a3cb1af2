#ifndef PARSER_H
#define PARSER_H

#include "config/problem.h"

/*
 * parser.h - the grammar of a configuration: a tree of keys and sections.
 *
 *	KEY = VALUE    KEY = { VALUE, VALUE }    KEY += VALUE
 *	NAME "TITLE" { ... }
 *	include "FILE"
 *
 * Which keys there are is no matter of the grammar.
 */

struct parser_value {
	struct parser_value *next;
	struct place place;
	const char *text;
	bool is_faulty;		/* the problem was told */
};

struct parser_node {
	struct parser_node *next;
	struct place place;		/* of its name */
	const char *name;
	bool is_section, is_list, appends, is_faulty;
	bool is_include;		/* of the file that is its name */

	/* a key's */
	struct parser_value *value, *last;
	size_t n;

	/* a section's */
	const char *title;		/* NULL: it has none */
	struct place title_place;	/* that of its name where it has none */
	struct parser_node *child, *youngest;
	size_t children;
	bool is_read;			/* for the reader's use */
};

/*
 * Parse a text into the children of *root, which is empty at first.  What is
 * wrong is told, several problems in one run, and what could be read is in
 * the tree all the same.
 *
 * The tree lives as long as the memory.  Where that is too small, it says so
 * (starved), and the tree is of no use.
 */
void parser_read(const struct source *source, struct memory *memory,
    struct problems *problems, struct parser_node *root);

/* Make the node the last child of the parent. */
void parser_append(struct parser_node *parent, struct parser_node *node);

#endif
