#ifndef CAPTURE_H
#define CAPTURE_H

#include "core/frame.h"
#include "core/span.h"

#include <time.h>

/*
 * capture.h - frames from an interface or from a savefile, by libpcap.
 *
 * The same filter serves both: in the kernel for an interface, by
 * capture_wants() for a savefile.
 */

struct capture;

/*
 * The filters, in tcpdump's words: requests to us; and all that shows how a
 * boot goes, of which files' blocks are the first ones, the last one and one
 * in 256 between.
 */
extern const char capture_filter[], capture_filter_of_boots[];

struct capture_frame {
	struct span octets;	/* an Ethernet frame, until the next call */
	struct timespec when;	/* since 1970 */
};

enum capture_step {
	CAPTURE_FRAME,		/* *out holds a frame; call again */
	CAPTURE_NONE,		/* capture_next(): no more for now */
	CAPTURE_END,		/* capture_all(): the savefile's end */
	CAPTURE_ERROR,		/* and capture_error() says which */
};

enum { CAPTURE_ERROR_SIZE = 512 };

/* How an interface is captured from. */
struct capture_link {
	unsigned index;			/* which one */
	bool promiscuous;
	size_t ring;			/* octets for frames that wait */
	const char *filter;		/* NULL: capture_filter */
	/*
	 * What this host sends comes, too; a frame that is longer than any of
	 * Ethernet without jumbo frames comes cut; and where the ring is large,
	 * frames come some milliseconds late, many at once.
	 */
	bool observes;
};

/*
 * Open an interface.  Frames come at once, without waiting for more (unless
 * link->observes), and capture_next() does not block.  Several threads may do
 * so at once.  NULL, and the reason in error, on failure.
 */
struct capture *capture_open_live(const struct capture_link *link,
    char error[CAPTURE_ERROR_SIZE]);

/*
 * Open a savefile: pcap or pcapng; Ethernet or Linux cooked v1 or v2; "-" is
 * standard input.  ours is the address that cooked packets to this host get.
 */
struct capture *capture_open_file(const char *path,
    const uint8_t ours[FRAME_MAC], char error[CAPTURE_ERROR_SIZE]);

/* Live: CAPTURE_FRAME and the frame in *out, CAPTURE_NONE or CAPTURE_ERROR. */
enum capture_step capture_next(struct capture *capture,
    struct capture_frame *out);

/* Called for each frame; answers false to stop. */
typedef bool capture_take(void *context, const struct capture_frame *frame);

/*
 * Call take() with context for each frame of a savefile.  Answers CAPTURE_END,
 * CAPTURE_ERROR, or CAPTURE_FRAME if take() stopped.
 */
enum capture_step capture_all(struct capture *capture, capture_take *take,
    void *context);

/*
 * Does a frame of a savefile pass the filter?  (Live, the kernel has done
 * this.)
 */
bool capture_wants(const struct capture *capture, struct span octets);

/* What went wrong with capture_next() or capture_all(). */
const char *capture_error(struct capture *capture);

/* A descriptor to poll(2); -1 for a savefile. */
int capture_descriptor(struct capture *capture);

/* Live: the packet socket, for its options. */
int capture_socket(struct capture *capture);

/* Live: frames that the kernel dropped since the start: the ring was full. */
unsigned capture_dropped(struct capture *capture);

void capture_close(struct capture *capture);

#endif
