#ifndef LISTENER_H
#define LISTENER_H

#include "daemon/limiter.h"
#include "net/capture.h"
#include "net/inject.h"
#include "config/options.h"
#include "core/reply.h"

/*
 * listener.h - one interface that the daemon serves: our addresses on it, the
 * frames that come in, and the way out.
 *
 * The interface may go away and come back.  Then the counters stay, and the
 * rest is opened again.
 */

struct listener {
	const char *name;		/* borrowed */
	struct reply_identity identity;
	struct limiter_link limits;
	struct capture *capture;	/* NULL while the interface is away */
	struct inject_sink *sink;		/* NULL: listen only, or away */
	unsigned long long frames, answers;

	/* Of captures and sinks that are closed by now. */
	unsigned long long lost;	/* frames that the kernel dropped */
	unsigned long long failed;	/* answers that could not be sent */

	/* At the last listener_check(). */
	unsigned long long sent_before, failed_before, dropped_before;
	bool dropping;			/* the log says so already */
};

enum listener_change {
	LISTENER_SAME,
	LISTENER_CHANGED,		/* the interface has other addresses */
	LISTENER_GONE,			/* it cannot be served as it is now */
};

/* false: the reason is in error, and the listener is closed as before. */
bool listener_open(struct listener *listener, const struct options *options,
    char error[CAPTURE_ERROR_SIZE]);

/* A listener that is closed already stays as it is. */
void listener_close(struct listener *listener);

/*
 * Look up the addresses of an open listener again.  With LISTENER_GONE the
 * reason is in error, and the caller closes the listener.
 */
enum listener_change listener_renew(struct listener *listener,
    const struct options *options, char error[CAPTURE_ERROR_SIZE]);

/* Log that the interface is served, and with which addresses. */
void listener_announce(const struct listener *listener,
    const struct options *options);

/*
 * To be called every few seconds: log that frames were dropped, or that
 * answers can be sent again; once for each run of such periods.
 */
void listener_check(struct listener *listener);

/* Since the start: frames that the kernel dropped; answers not sent. */
unsigned long long listener_dropped(const struct listener *listener);
unsigned long long listener_send_errors(const struct listener *listener);

#endif
