#ifndef WISHES_H
#define WISHES_H

#include "config/config.h"
#include "config/options.h"

/*
 * wishes.h - which interfaces does the user want to be served, and how?
 *
 * Those of the command line; where it names none, those of the configuration.
 * What the configuration says of an interface holds in both cases, unless the
 * command line says otherwise for all.
 */

struct wish {
	const char *name;		/* borrowed from one of the two */
	bool has_address;
	struct in_addr address;		/* to answer from */
	bool promiscuous;
	bool observe;			/* the boots of its clients, too:
					 * wishes_observe() */
};

/* How many there are. */
unsigned wishes_count(const struct options *options,
    const struct config *config);

/* The one at this place, less than wishes_count(). */
void wishes_get(const struct options *options, const struct config *config,
    unsigned place, struct wish *out);

/* Are the boots of clients to be observed? */
bool wishes_observe(const struct config *config);

/* Octets of the rings of all of them together. */
size_t wishes_ring(const struct config *config);

#endif
