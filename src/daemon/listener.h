#ifndef LISTENER_H
#define LISTENER_H

#include "config/options.h"
#include "core/reply.h"
#include "daemon/limiter.h"
#include "daemon/wishes.h"
#include "net/address.h"
#include "net/capture.h"
#include "net/inject.h"
#include "net/links.h"

/*
 * listener.h - one interface that the daemon serves: our addresses on it, the
 * frames that come in, and the way out.
 *
 * The interface may go away and come back.  Then the counters stay, and the
 * rest is opened again.
 */

/* What keeps an interface from being served. */
enum listener_obstacle {
	LISTENER_READY,
	LISTENER_ABSENT,		/* no link of this host has its name */
	LISTENER_TWICE,			/* another listener has its link */
	LISTENER_DOWN,
	LISTENER_NO_ETHERNET,
	LISTENER_NO_ADDRESS,		/* none at all */
	LISTENER_UNFIT_ADDRESS,		/* none that clients can use */
};

struct listener {
	const char *name;		/* as the user calls it; borrowed from
					 * the server's names */
	struct wish wish;		/* how it is served, but for the name */
	unsigned index;			/* of its link, or 0 */
	bool named;			/* a link has its name */
	bool twice;			/* another listener has the link */
	bool vlan_told;			/* that its card may filter tags */
	unsigned master, parent;	/* of its link, the last time that the
					 * log was told of pairs */
	enum listener_obstacle obstacle;	/* the last time it was looked */
	bool changed;			/* it is to be looked at again */
	bool broken;			/* its capture has ended */
	long long retry;		/* when to open it: ms of the steady
					 * clock, or LISTENER_NEVER */
	unsigned pause;			/* ms before the retry after that */

	struct reply_identity identity;	/* while it is open, and the last */
	struct limiter_link limits;
	struct capture *capture;	/* NULL while it is not open */
	bool readable;			/* its capture has frames, or failed */
	bool promiscuous;		/* so its capture is */
	struct capture *observed;	/* the observer's, or NULL */
	unsigned long long observed_dropped;	/* by the kernel, as the
					 * observer knows it */
	long long observe_at;		/* when to open that: ms of the steady
					 * clock */
	bool announced;			/* the log says that it is served */
	struct inject_sink *sink;	/* NULL: listen only, or not open */
	unsigned long long frames, answers;

	/* Of captures and sinks that are closed by now. */
	unsigned long long lost;	/* frames that the kernel dropped */
	unsigned long long failed;	/* answers that could not be sent */

	/* At the last listener_check(). */
	unsigned long long sent_before, failed_before, dropped_before;
	bool dropping;			/* the log says so already */
};

enum { LISTENER_NEVER = -1, LISTENER_TEXT = 192 };

/*
 * What keeps the interface from being served, as far as the table of links
 * says?  With LISTENER_READY *out is who we are on it, but for its name and
 * the addresses of the host.
 */
enum listener_obstacle listener_look(const struct listener *listener,
    const struct options *options, const struct link *link,
    struct reply_identity *out);

/* Say it: "it is down" and so on.  link is NULL where there is none. */
const char *listener_obstacle_text(enum listener_obstacle obstacle,
    const struct link *link, char out[LISTENER_TEXT]);

/*
 * Open it: listener->identity is right already.  ring is in octets.  false:
 * the reason is in error, and the listener is closed as before.
 */
bool listener_open(struct listener *listener, const struct options *options,
    size_t ring, char error[CAPTURE_ERROR_SIZE]);

/*
 * Open the observer's capture, which gets a part of the ring.  false: the
 * reason is in error.
 */
bool listener_observe(struct listener *listener, size_t ring,
    char error[CAPTURE_ERROR_SIZE]);

/* Close that one alone. */
void listener_observe_no_more(struct listener *listener);

/* A listener that is closed already stays as it is. */
void listener_close(struct listener *listener);

/* Log that the interface is served, and with which addresses. */
void listener_announce(const struct listener *listener,
    const struct options *options, const struct link *link);

/*
 * To be called every few seconds: log that frames were dropped, or that
 * answers can be sent again; once for each run of such periods.
 */
void listener_check(struct listener *listener);

/* Since the start: frames that the kernel dropped; answers not sent. */
unsigned long long listener_dropped(const struct listener *listener);
unsigned long long listener_send_errors(const struct listener *listener);

#endif
