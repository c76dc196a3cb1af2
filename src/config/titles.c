#include "config/titles.h"

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

/* FNV-1a, 64 bits. */
static uint64_t
hash(const char *text, uint64_t from)
{
	for (; *text != '\0'; text++)
		from = (from ^ (unsigned char)*text) *
		    UINT64_C(0x100000001b3);
	return from;
}

/* The slot that has it, or the free one that it belongs into. */
static size_t
place_of(const struct titles *titles, const char *name, const char *title)
{
	uint64_t sum = hash(title, hash(name, UINT64_C(0xcbf29ce484222325)));
	size_t at = (size_t)(sum ^ sum >> 32) & (titles->slots - 1);

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
