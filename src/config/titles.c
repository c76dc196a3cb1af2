#include "config/titles.h"

#include "core/span.h"

#include <stdint.h>
#include <string.h>

bool
titles_make(struct memory *memory, size_t sections, struct titles *out)
{
	size_t slots = 16;
	struct parser_node **slot;

	while (slots / 2 < sections)
		slots *= 2;
	slot = memory_take(memory, slots, sizeof(struct parser_node *));
	*out = (struct titles){ slot, slot != NULL ? slots : 0 };
	return slot != NULL;
}

/* The slot that has it, or the free one that it belongs into. */
static size_t
place_of(const struct titles *titles, const char *name, const char *title)
{
	uint64_t hash = span_hash(span_text(title)) +
	    3 * span_hash(span_text(name));
	size_t at = (size_t)(hash & (titles->slots - 1));

	while (titles->slot[at] != NULL &&
	    (strcmp(titles->slot[at]->title, title) != 0 ||
	    strcmp(titles->slot[at]->name, name) != 0))
		at = (at + 1) & (titles->slots - 1);
	return at;
}

struct parser_node *
titles_add(struct titles *titles, struct parser_node *section)
{
	size_t at = place_of(titles, section->name, section->title);

	if (titles->slot[at] != NULL)
		return titles->slot[at];
	titles->slot[at] = section;
	return NULL;
}

struct parser_node *
titles_find(const struct titles *titles, const char *name,
    const char *title)
{
	return titles->slots == 0 ? NULL :
	    titles->slot[place_of(titles, name, title)];
}
