#ifndef INJECT_H
#define INJECT_H

#include "core/span.h"

#include <time.h>

/*
 * inject.h - send finished frames to an interface, or into a savefile.
 */

/* A way out. */
struct inject_interface {
	unsigned index;			/* which one */
	const char *name;		/* for messages; borrowed */
	/*
	 * Past its queueing discipline.  Then tcpdump on this host does not
	 * see the frames.
	 */
	bool bypass;
};

enum { INJECT_ERROR_SIZE = 256 };

/* Where frames go.  The one who opened it closes it. */
struct inject_sink {
	/*
	 * Send one whole Ethernet frame; it may be kept until flush().
	 * when is the time of the request that it answers.  On failure
	 * false, and the reason in sink->error.
	 */
	bool (*send)(struct inject_sink *sink, struct span frame,
	    struct timespec when);
	/* Send what was kept; on failure false, and the reason likewise. */
	bool (*flush)(struct inject_sink *sink);
	void (*close)(struct inject_sink *sink);
	unsigned long long sent;	/* frames that were sent */
	unsigned long long failed;	/* frames that were not */
	bool reported;			/* the failure has been logged */
	char error[INJECT_ERROR_SIZE];
};

/*
 * Open an interface.  Frames are kept until flush(), or until there are many,
 * and then sent with one system call.  If the queue of the interface is full,
 * flush() waits some milliseconds for room.  The name is borrowed.  NULL, and
 * the reason in error, on failure.
 */
struct inject_sink *inject_open_link(const struct inject_interface *interface,
    char error[INJECT_ERROR_SIZE]);

/*
 * Open a pcap savefile with nanoseconds; "-" is standard output.  NULL, and the
 * reason in error, on failure.
 */
struct inject_sink *inject_open_file(const char *path,
    char error[INJECT_ERROR_SIZE]);

#endif
