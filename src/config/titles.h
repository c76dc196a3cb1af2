#ifndef TITLES_H
#define TITLES_H

#include "config/parser.h"

/*
 * titles.h - sections by their title, in constant time.
 */

struct titles {
	struct parser_node **slot;
	size_t slots;		/* a power of two, or 0 */
};

/* Room for so many sections; false, and memory->starved. */
bool titles_make(struct memory *memory, size_t sections, struct titles *out);

/*
 * Add a section.  NULL; or the one that has its name and title already, and
 * then it is not added.
 */
struct parser_node *titles_add(struct titles *titles,
    struct parser_node *section);

/* The section of that name and title, or NULL. */
struct parser_node *titles_find(const struct titles *titles,
    const char *name, const char *title);

#endif
