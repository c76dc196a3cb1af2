#ifndef INJECT_H
#define INJECT_H

#include "core/span.h"

#include <time.h>

/*
 * inject.h - where a finished frame goes: an interface, or a savefile.
 */

enum { INJECT_ERROR_SIZE = 256 };

/* A place for frames.  Whoever opened it closes it. */
struct sink {
	/*
	 * Take one whole Ethernet frame; it may stay here until flush().
	 * when is the time of the request that it answers.  false, and the
	 * reason in sink->error, where a frame could not be taken on.
	 */
	bool (*send)(struct sink *sink, struct span frame,
	    struct timespec when);
	/* Send on what was kept; false and the reason likewise. */
	bool (*flush)(struct sink *sink);
	void (*close)(struct sink *sink);
	unsigned long long sent;	/* frames that an interface took */
	unsigned long long failed;	/* and those that it did not */
	bool told;			/* whoever uses it said so */
	char error[INJECT_ERROR_SIZE];
};

/*
 * An interface.  Frames are kept until flush(), or until there are many, and
 * then leave in one system call.  Where its queue is full, some milliseconds
 * are waited for room.  The name is borrowed.  NULL, and the reason in error,
 * on failure.
 */
struct sink *inject_open_link(const char *interface,
    char error[INJECT_ERROR_SIZE]);

/*
 * A pcap savefile with nanoseconds; "-" is standard output.  NULL, and the reason in error, on failure.
 */
struct sink *inject_open_file(const char *path,
    char error[INJECT_ERROR_SIZE]);

#endif
