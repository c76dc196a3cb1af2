#ifndef RTNETLINK_CRAFT_H
#define RTNETLINK_CRAFT_H

#include "core/span.h"
#include "net/links.h"

#include <stdio.h>

/*
 * rtnetlink_craft.h - messages as the kernel would write them, for what the
 * kernel of the machine that tests cannot do; and a table as text.
 */

/* What is 0, NULL or "" is not said. */
struct craft_link {
	unsigned index;
	const char *name;
	bool up, loopback;
	const char *mac;		/* six octets */
	const char *kind;
	unsigned parent, master;
	bool parent_elsewhere;
	const char *altname[3];
	uint8_t family;
};

struct craft_address {
	unsigned index;
	const char *local, *peer;	/* dotted */
	uint8_t prefix, scope;
	uint32_t flags;
	const char *label;
	uint8_t family;			/* 0: AF_INET */
};

/* Append a message; type is RTM_. */
void craft_link(struct span_writer *w, uint16_t type, uint16_t flags,
    uint32_t sequence, const struct craft_link *link);
void craft_address(struct span_writer *w, uint16_t type, uint16_t flags,
    uint32_t sequence, const struct craft_address *address);

/* Append a message of another type, with this body. */
void craft_message(struct span_writer *w, uint16_t type, uint16_t flags,
    uint32_t sequence, struct span body);

/*
 * A line for each link: index, name, altnames, kind, "up", MAC, "on" parent,
 * "in" master, and each address as ADDRESS/PREFIX (LABEL) [FLAGS].
 */
void craft_print(FILE *to, const struct links *links);

#endif
