#include "daemon/stations.h"

#include "report/log.h"

enum { BATCH = 256 };		/* frames of one interface before the next */

static struct pollfd *
poll_of(struct server *server, unsigned i)
{
	return &server->poll[POLL_STATIONS + i];
}

static void
set_poll(struct server *server, unsigned i)
{
	struct capture *capture = server->station[i].capture;

	*poll_of(server, i) = (struct pollfd){
		.fd = capture != NULL ? capture_descriptor(capture) :
		    NO_DESCRIPTOR,
		.events = POLLIN,
	};
}

static void
lose_station(struct server *server, unsigned i, const char *why)
{
	struct station *station = &server->station[i];

	if (server_is_first(server))
		log_warning("%s: %s; waiting for it to come back",
		    station->name, why);
	answering_forget(&server->answering, station);
	station_close(station);
	set_poll(server, i);
	if (!server_is_first(server)) {
		workers_tell(server->workers, i, WORKERS_AWAY);
		return;
	}
	server->away++;
	if (server->workers != NULL)
		workers_order(server->workers, WORKERS_CLOSE, i, 0);
}

/*
 * What has come in on one interface.
 *
 * libpcap takes the error off the socket and tells of it a call later, for
 * which no event would wake us: so the event itself counts too.
 */
static void
drain(struct server *server, unsigned i)
{
	struct station *station = &server->station[i];
	bool broken = (poll_of(server, i)->revents & ~POLLIN) != 0;
	struct capture_frame frame;
	enum capture_step step = CAPTURE_NONE;

	for (unsigned n = 0; n < BATCH; n++) {
		step = capture_next(station->capture, &frame);
		if (step != CAPTURE_FRAME)
			break;
		answering_take(&server->answering, station, &frame);
	}
	if (step == CAPTURE_ERROR)
		lose_station(server, i, capture_error(station->capture));
	else if (broken)
		lose_station(server, i, "the interface went down or away");
}

void
stations_take(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		if (server->station[i].capture != NULL &&
		    poll_of(server, i)->revents != 0)
			drain(server, i);
}

/* Have the other workers open it too; false: the reason is in error. */
static bool
share_station(struct server *server, unsigned i,
    char error[CAPTURE_ERROR_SIZE])
{
	struct station *station = &server->station[i];

	if (server->workers == NULL)
		return true;
	if (!station_found(station, error))
		return false;
	workers_order(server->workers, WORKERS_OPEN, i, station->group);
	return true;
}

/*
 * Once more.  Another worker that still has it open would answer beside us,
 * so all must have told that they have not.
 */
static bool
reopen_station(struct server *server, unsigned i)
{
	struct station *station = &server->station[i];
	char error[CAPTURE_ERROR_SIZE];

	if ((server->workers != NULL && workers_telling(server->workers,
	    WORKERS_AWAY, i) < server->others) ||
	    !station_open(station, server->options, error))
		return false;
	if (share_station(server, i, error))
		return true;
	station_close(station);
	return false;
}

/* Look for the interfaces that went away. */
void
stations_look(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++) {
		struct station *station = &server->station[i];

		if (station->capture != NULL || !reopen_station(server, i))
			continue;
		server->away--;
		set_poll(server, i);
		station_announce(station, server->options);
	}
}

/* The station's addresses may be others by now. */
static void
renew_station(struct server *server, unsigned i)
{
	struct station *station = &server->station[i];
	char error[CAPTURE_ERROR_SIZE];

	switch (station_renew(station, server->options, error)) {
	case STATION_SAME:
		break;
	case STATION_CHANGED:
		if (server_is_first(server))
			station_announce(station, server->options);
		break;
	case STATION_GONE:
		lose_station(server, i, error);
		break;
	}
}

void
stations_renew(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		if (server->station[i].capture != NULL)
			renew_station(server, i);
	if (!server_is_first(server))
		return;
	if (server->workers != NULL)
		workers_order(server->workers, WORKERS_RENEW, 0, 0);
	stations_look(server);
}

bool
stations_open(struct server *server)
{
	const struct options *options = server->options;
	char error[CAPTURE_ERROR_SIZE];

	for (unsigned i = 0; i < server->n; i++) {
		struct station *station = &server->station[i];

		if (!station_open(station, options, error)) {
			log_error("%s: %s", station->name, error);
			return false;
		}
		set_poll(server, i);
	}
	return true;
}

/*
 * Several workers.
 */

bool
stations_share(struct server *server)
{
	char error[CAPTURE_ERROR_SIZE];

	for (unsigned i = 0; i < server->n; i++) {
		if (share_station(server, i, error))
			continue;
		log_error("%s: %s", server->station[i].name, error);
		return false;
	}
	return true;
}

/* Spread its frames over all of them, or keep them while one is not ready. */
static void
settle_station(struct server *server, unsigned i)
{
	struct station *station = &server->station[i];
	bool ready = workers_telling(server->workers, WORKERS_SERVES, i) ==
	    server->others;

	if (station->capture != NULL && station->spread != ready)
		station_spread(station, ready);
}

void
stations_settle(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		settle_station(server, i);
}

void
stations_try_again(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++) {
		struct station *station = &server->station[i];

		if (station->capture != NULL)
			workers_order_again(server->workers, i,
			    station->group);
	}
}

void
stations_open_by_order(struct server *server, unsigned i, unsigned group)
{
	struct station *station = &server->station[i];
	char error[CAPTURE_ERROR_SIZE];
	bool open;

	answering_forget(&server->answering, station);
	station_close(station);
	open = station_open(station, server->options, error) &&
	    station_join(station, group, error);
	if (!open) {
		log_warning("worker %u: %s: %s", server->answering.worker,
		    station->name, error);
		station_close(station);
	}
	set_poll(server, i);
	workers_tell(server->workers, i, open ? WORKERS_SERVES :
	    WORKERS_AWAY);
}

void
stations_close_by_order(struct server *server, unsigned i)
{
	lose_station(server, i, "");
}
