#ifndef SERVER_H
#define SERVER_H

#include "config/config.h"
#include "config/options.h"
#include "daemon/control.h"
#include "daemon/handler.h"
#include "daemon/listener.h"
#include "net/rtnetlink.h"
#include "report/status.h"

#include <poll.h>

/*
 * server.h - what the parts of the daemon share.
 */

enum { NO_DESCRIPTOR = -1 };

/* The places in server.poll: these, then one for each listener. */
enum server_poll {
	POLL_SIGNALS,
	POLL_LINKS,			/* changes of links and addresses */
	POLL_TICK,			/* a timer, every few seconds */
	POLL_CONTROL,
	POLL_LISTENERS
};

struct server {
	const struct options *options;
	struct config **config;		/* the caller's; a reload changes it */
	struct handler handler;
	struct listener *listener;	/* n of them */
	char **name;			/* of all that there ever were */
	unsigned names;
	struct pollfd *poll;		/* POLL_LISTENERS + n of them */
	unsigned n;
	struct rtnetlink *rtnetlink;
	bool names_changed;		/* of links that are served, or may be */
	bool addresses_changed;		/* of this host */
	size_t ring;			/* octets, of all listeners together */
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

#endif
