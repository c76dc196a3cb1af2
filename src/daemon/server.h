#ifndef SERVER_H
#define SERVER_H

#include "daemon/answering.h"
#include "config/config.h"
#include "daemon/control.h"
#include "config/options.h"
#include "daemon/station.h"
#include "report/status.h"
#include "daemon/tally.h"
#include "daemon/workers.h"

#include <poll.h>

/*
 * server.h - what the parts of the daemon share: one for each worker.
 */

enum { NO_DESCRIPTOR = -1 };

/* What is polled before the stations, and the other workers after them. */
enum {
	POLL_SIGNALS,
	POLL_WATCH,
	POLL_TICK,
	POLL_CONTROL,
	POLL_ORDERS,
	POLL_STATIONS
};

struct server {
	const struct options *options;
	struct config **config;		/* the caller's; a reload changes it */
	struct answering answering;
	struct station *station;
	struct status_link *link;	/* what a status says of each */
	struct pollfd *poll;		/* POLL_STATIONS + n + others */
	unsigned n;
	unsigned away;			/* the first: without a capture */
	bool ending;

	/* Several workers. */
	struct workers *workers;	/* NULL: we are alone */
	unsigned others;		/* the first: so many beside it */
	struct tally *tally;		/* the first: of all; or NULL */
	unsigned last_order;		/* another one: with it we end */
	bool crippled;			/* the first: one of them is gone */

	/* How we are, and who is told of it. */
	struct timespec started;	/* of the steady clock */
	time_t started_at, read_at;
	bool reload_failed;
	bool no_metrics;		/* they could not be written */
	unsigned watchdog;		/* ms between signs of life, or 0 */
	struct timespec alive;		/* the last of them */

	/* The first. */
	struct control *control;	/* or NULL */
	int guard_67, guard_4011;
};

/* Of several workers the first takes signals, and orders the others. */
static inline bool
server_is_first(const struct server *server)
{
	return server->workers == NULL ||
	    workers_number(server->workers) == 0;
}

#endif
