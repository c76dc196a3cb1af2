#ifndef OPENING_H
#define OPENING_H

#include "daemon/listener.h"

/*
 * opening.h - open many listeners at once, as at the start.
 *
 * A packet socket with a ring waits in the kernel, twice, until all processors
 * have taken notice of it: some 10 ms each time, in which nothing is done.
 * Threads wait together.  They are gone when this returns.
 */

struct opening {
	struct listener *listener;
	bool opened;
	char error[CAPTURE_ERROR_SIZE];		/* why it is not */
};

/* Open each as listener_open() does; what came of it stands beside it. */
void opening_run(struct opening *opening, unsigned n,
    const struct options *options, size_t ring);

#endif
