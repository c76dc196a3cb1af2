#ifndef SERVER_H
#define SERVER_H

#include "config/config.h"
#include "config/options.h"
#include "daemon/control.h"
#include "daemon/handler.h"
#include "daemon/listener.h"
#include "net/rtnetlink.h"
#include "report/status.h"

/*
 * server.h - what the parts of the daemon share.
 */

enum { NO_DESCRIPTOR = -1 };

/* What the loop waits for: these, then one for each listener (events.h). */
enum server_event {
	EVENT_SIGNALS,
	EVENT_LINKS,			/* changes of links and addresses */
	EVENT_TICK,			/* a timer, every few seconds */
	EVENT_CONTROL,
	EVENT_OBSERVER,			/* what others send */
	EVENT_LISTENERS
};

struct observer;

struct server {
	const struct options *options;
	struct config **config;		/* the caller's; a reload changes it */
	struct handler handler;
	struct listener *listener;	/* n of them */
	char **name;			/* of all that there ever were */
	unsigned names;
	unsigned n;
	int events;			/* of events.h, or NO_DESCRIPTOR */
	bool happened[EVENT_LISTENERS];	/* the last time that it waited */
	int signals, tick;		/* or NO_DESCRIPTOR */
	struct rtnetlink *rtnetlink;
	bool names_changed;		/* of links that are served, or may be */
	bool addresses_changed;		/* of this host */
	bool ours_changed;		/* links, or who serves on them, since
					 * the observer took our addresses */
	size_t ring;			/* octets, of all listeners together */
	struct observer *observer;	/* or NULL */
	struct control *control;	/* or NULL */
	int guard_67, guard_4011;	/* or NO_DESCRIPTOR */
	bool needs_port_67;
	bool has_terminal;		/* SIGHUP ends us: it has gone */
	bool ending;

	/* For monitoring.h. */
	struct status_link *status;	/* of each listener */
	struct timespec started;	/* of the steady clock */
	time_t started_at, read_at;
	bool reload_failed;
	bool metrics_failed;		/* the last time they were written */
	unsigned watchdog;		/* ms between signs of life, or 0 */
	struct timespec alive;		/* when the last one was given */
};

/* Milliseconds of the steady clock, at the last wake-up. */
static inline long long
server_ms(const struct server *server)
{
	const struct timespec *now = &server->handler.now;

	return (long long)now->tv_sec * 1000 + now->tv_nsec / 1000000;
}

/* Milliseconds from then until that time; 0 where it has passed. */
static inline long long
server_until(const struct server *server, long long at)
{
	long long now = server_ms(server);

	return at > now ? at - now : 0;
}

/* The earlier of two times; less than 0 is never. */
static inline long long
server_earlier(long long a, long long b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

#endif
