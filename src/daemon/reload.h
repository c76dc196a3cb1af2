#ifndef RELOAD_H
#define RELOAD_H

#include "daemon/server.h"

#include <stdio.h>

/*
 * reload.h - read the configuration again while serving.
 *
 * The new configuration takes the place of the old one only if all of it is
 * right.  Frames that come meanwhile wait in the kernel's ring.
 */

enum reload_outcome {
	RELOAD_DONE,		/* the new one is in force */
	RELOAD_NO_MEMORY,	/* the old one is, as memory was short */
	RELOAD_REFUSED,		/* the old one is: the file has errors */
};

/*
 * Errors, warnings and the outcome are written to this stream; then the log has
 * the outcome and their number.  Where it is NULL the log has all of it.
 */
enum reload_outcome reload_run(struct server *server, FILE *to);

/* Reading a configuration leaves much of the heap free: give it back. */
void reload_trim_heap(void);

#endif
