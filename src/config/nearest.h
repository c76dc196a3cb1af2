#ifndef NEAREST_H
#define NEAREST_H

/*
 * nearest.h - which word was meant?
 */

struct nearest {
	const char *word;	/* as it was written */
	const char *found;	/* the nearest one so far, or NULL */
	unsigned distance;
};

/*
 * Hold a word that there is against the one that was written.  It is found if
 * it differs in few places, and in fewer than the one found before: a letter
 * too many, too few, another one, or two that changed places.  Case does not
 * count.  The word itself is never found.
 */
void nearest_try(struct nearest *nearest, const char *candidate);

#endif
