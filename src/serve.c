#include "serve.h"

#include "answering.h"
#include "control.h"
#include "guard.h"
#include "log.h"
#include "metrics.h"
#include "notify.h"
#include "privs.h"
#include "report.h"
#include "station.h"
#include "status.h"
#include "tally.h"
#include "watch.h"
#include "workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 256,		/* frames of one interface before the next */
	RETRY_SECONDS = 1,	/* to look for an interface that went away */
	TICK_SECONDS = 10,	/* between two writings of the metrics */
	START_SECONDS = 10,	/* for the other workers to be ready */
	NO_DESCRIPTOR = -1,
};

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
	struct status_link *link;	/* what status_of() says of each */
	struct pollfd *poll;		/* POLL_STATIONS + n + others */
	unsigned n;
	struct workers *workers;	/* NULL: we are alone */
	unsigned others;		/* the first: so many beside it */
	struct tally *tally;		/* the first: of all; or NULL */
	unsigned last_order;		/* another one: with it we end */
	bool crippled;			/* the first: one of them is gone */
	unsigned away;			/* stations without a capture */
	int guard_67, guard_4011;
	bool ending;
	bool no_metrics;		/* they could not be written */
	struct control *control;	/* or NULL */
	struct timespec started;	/* of the steady clock */
	time_t started_at, read_at;
	bool reload_failed;
	unsigned watchdog;		/* ms between signs of life, or 0 */
	struct timespec alive;		/* the last of them */
};

/*
 * Signals are read from a descriptor like frames: a handler would be held off
 * for as long as ppoll(2) finds frames whenever it looks.
 */
static sigset_t
our_signals(void)
{
	sigset_t ours;

	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGINT);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGHUP);
	(void)sigaddset(&ours, SIGUSR1);
	return ours;
}

static void
hold_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t ours = our_signals();

	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigprocmask(SIG_BLOCK, &ours, NULL);
}

static int
open_signals(void)
{
	sigset_t ours = our_signals();

	return signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Of several workers the first takes signals, and orders the others. */
static bool
is_first(const struct server *server)
{
	return server->workers == NULL ||
	    workers_number(server->workers) == 0;
}

/*
 * Interfaces.
 */

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

	if (is_first(server))
		log_warning("%s: %s; waiting for it to come back",
		    station->name, why);
	answering_forget(&server->answering, station);
	station_close(station);
	set_poll(server, i);
	if (!is_first(server)) {
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
	if (step == CAPTURE_ERROR || step == CAPTURE_END)
		lose_station(server, i, capture_error(station->capture));
	else if (broken)
		lose_station(server, i, "the interface went down or away");
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
static void
look_for_stations(struct server *server)
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
		if (is_first(server))
			station_announce(station,
			    server->options);
		break;
	case STATION_GONE:
		lose_station(server, i, error);
		break;
	}
}

static void
renew_stations(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		if (server->station[i].capture != NULL)
			renew_station(server, i);
	if (!is_first(server))
		return;
	if (server->workers != NULL)
		workers_order(server->workers, WORKERS_RENEW, 0, 0);
	look_for_stations(server);
}

static bool
use_config(struct server *server, const struct config *config)
{
	if (!answering_use(&server->answering, config))
		return false;
	server->read_at = time(NULL);
	return true;
}

/*
 * Read the configuration again, whole, and only then put it in the place of
 * the old one.  Frames that come meanwhile wait in the kernel's ring.
 */
static void
reload(struct server *server)
{
	const char *path = server->options->config;
	struct config *config = config_load(server->options);

	server->reload_failed = config == NULL ||
	    !use_config(server, config);
	if (server->reload_failed) {
		config_free(config);
		log_error("the configuration stays as it was");
		return;
	}
	config_free(*server->config);
	*server->config = config;
	if (!is_first(server))
		return;
	config_warn(config);
	if (server->workers != NULL)
		workers_order(server->workers, WORKERS_RELOAD, 0, 0);
	if (path != NULL)
		log_info("%s is read again and in force", path);
	renew_stations(server);
}

/*
 * How we are.
 */

static struct status_link
link_status(const struct station *station)
{
	struct status_link link = {
		.name = station->name,
		.away = station->capture == NULL,
		.address = station->identity.address,
		.frames = station->frames,
		.answers = station->answers,
		.dropped = station_dropped(station),
		.send_errors = station_send_errors(station),
	};

	memcpy(link.mac, station->identity.mac, FRAME_MAC);
	return link;
}

/* Our own numbers. */
static struct status
own_status(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		server->link[i] = link_status(&server->station[i]);
	return (struct status){
		.config = server->options->config,
		.listen_only = server->options->listen_only,
		.policy = server->answering.policy,
		.counters = &server->answering.counters,
		.clients = &server->answering.clients,
		.link = server->link,
		.links = server->n,
		.unwrapped = server->answering.unwrapped,
		.started = server->started_at,
		.read = server->read_at,
		.reload_failed = server->reload_failed,
		.uptime = (unsigned long)(server->answering.now.tv_sec -
		    server->started.tv_sec),
	};
}

/* And those of all workers; false where one of them did not tell its own. */
static bool
add_up(struct server *server, enum workers_word word, struct status *out)
{
	*out = own_status(server);
	return server->tally == NULL ||
	    tally_add_up(server->tally, word, out);
}

static struct status
status_of(struct server *server)
{
	struct status status;

	(void)add_up(server, WORKERS_REPORT, &status);
	return status;
}

static void
write_metrics(struct server *server, const struct status *status)
{
	const char *path = server->options->metrics;
	bool written = metrics_write(path, status);

	if (!written && !server->no_metrics)
		log_errno("%s cannot be written", path);
	else if (written && server->no_metrics)
		log_info("%s is written again", path);
	server->no_metrics = !written;
}

static void
renew_metrics(struct server *server)
{
	struct status status;

	if (server->options->metrics == NULL)
		return;
	status = status_of(server);
	write_metrics(server, &status);
}

static void
log_counters(struct server *server)
{
	struct status status = status_of(server);

	status_log(&status);
}

static void
take_signals(struct server *server)
{
	struct signalfd_siginfo signal;

	while (read(server->poll[POLL_SIGNALS].fd, &signal,
	    sizeof(signal)) == (ssize_t)sizeof(signal)) {
		if (signal.ssi_signo == SIGHUP)
			reload(server);
		else if (signal.ssi_signo == SIGUSR1)
			log_counters(server);
		else
			server->ending = true;
	}
}

static void
tell_status(void *context, FILE *to, bool json)
{
	struct status status = status_of(context);

	if (json)
		status_json(to, &status);
	else
		status_text(to, &status);
}

/*
 * Workers.
 */

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

static struct pollfd *
poll_of_worker(struct server *server, unsigned number)
{
	return &server->poll[POLL_STATIONS + server->n + number - 1];
}

/* The first does not go on without one of them: its clients would wait. */
static void
hear_worker(struct server *server, unsigned number)
{
	if (!workers_hear(server->workers, number))
		server->ending = server->crippled = true;
	poll_of_worker(server, number)->fd =
	    workers_descriptor(server->workers, number);
}

static void
hear_workers(struct server *server)
{
	for (unsigned i = 1; i <= server->others; i++)
		if (poll_of_worker(server, i)->revents != 0)
			hear_worker(server, i);
	for (unsigned i = 0; i < server->n; i++)
		settle_station(server, i);
}

/* Now and then: who could not serve an interface tries again. */
static void
care_for_workers(struct server *server)
{
	for (unsigned i = 1; i <= server->others; i++)
		hear_worker(server, i);
	for (unsigned i = 0; i < server->n; i++) {
		struct station *station = &server->station[i];

		if (station->capture != NULL)
			workers_order_again(server->workers, i,
			    station->group);
	}
}

static void
open_by_order(struct server *server, unsigned i, unsigned group)
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

static void
report(struct server *server, unsigned order)
{
	struct status status = own_status(server);

	tally_tell(server->workers, order, &status);
}

static void
obey(struct server *server, const struct workers_message *order)
{
	switch (order->word) {
	case WORKERS_OPEN:
		open_by_order(server, order->station, order->group);
		break;
	case WORKERS_CLOSE:
		lose_station(server, order->station, "");
		break;
	case WORKERS_RENEW:
		renew_stations(server);
		break;
	case WORKERS_RELOAD:
		reload(server);
		break;
	case WORKERS_REPORT:
		report(server, order->number);
		break;
	default:
		server->last_order = order->number;
		server->ending = true;
		break;
	}
}

static void
take_orders(struct server *server)
{
	struct workers_message order;

	while (!server->ending && workers_next(server->workers, &order))
		obey(server, &order);
}

static void
take_tick(struct server *server)
{
	uint64_t times;

	if (read(server->poll[POLL_TICK].fd, &times, sizeof(times)) < 0)
		return;
	answering_tell_left_out(&server->answering,
	    server->answering.now.tv_sec);
	if (!is_first(server))
		return;
	if (server->workers != NULL)
		care_for_workers(server);
	renew_metrics(server);
}

/* How long to wait for frames; NULL: until one comes. */
static const struct timespec *
patience(const struct server *server, struct timespec *out)
{
	int due = answering_due(&server->answering);

	*out = (struct timespec){ .tv_sec = RETRY_SECONDS };
	if (due < 0)
		return server->away > 0 ? out : NULL;
	if (server->away == 0 || due < RETRY_SECONDS * 1000)
		*out = (struct timespec){ .tv_sec = due / 1000,
		    .tv_nsec = due % 1000 * 1000000L };
	return out;
}

/*
 * The service manager.
 */

static const struct client *
last_answered(const struct clients *clients)
{
	const struct client *client = NULL;

	do {
		client = clients_older(clients, client);
	} while (client != NULL && !verdict_answered(client->verdict));
	return client;
}

static void
tell_manager(const struct status *status)
{
	const struct client *last = last_answered(status->clients);
	const unsigned long *count = status->counters->verdict;
	unsigned long answers = count[VERDICT_OFFER] + count[VERDICT_ACK];
	char text[REPORT_LINE];

	if (last == NULL)
		(void)snprintf(text, sizeof(text), "no client answered yet");
	else
		(void)snprintf(text, sizeof(text), "%lu requests answered, "
		    "the last of %02x:%02x:%02x:%02x:%02x:%02x on %s",
		    answers, last->mac[0], last->mac[1], last->mac[2],
		    last->mac[3], last->mac[4], last->mac[5],
		    last->interface);
	notify_status(text);
}

/* A sign of life, when it is due again: of all workers, or of none. */
static void
show_life(struct server *server)
{
	struct timespec now = server->answering.now;
	struct status status;

	if (server->watchdog == 0 ||
	    (now.tv_sec - server->alive.tv_sec) * 1000 +
	    (now.tv_nsec - server->alive.tv_nsec) / 1000000 <
	    server->watchdog)
		return;
	server->alive = now;
	if (add_up(server, WORKERS_REPORT, &status))
		notify_watchdog();
	tell_manager(&status);
}

/* No longer than until half the time to the next sign of life is over. */
static const struct timespec *
bound(const struct server *server, const struct timespec *patience,
    struct timespec *out)
{
	struct timespec most = {
		.tv_sec = server->watchdog / 2000,
		.tv_nsec = server->watchdog / 2 % 1000 * 1000000L,
	};

	if (server->watchdog == 0 || (patience != NULL &&
	    (patience->tv_sec < most.tv_sec ||
	    (patience->tv_sec == most.tv_sec &&
	    patience->tv_nsec <= most.tv_nsec))))
		return patience;
	*out = most;
	return out;
}

static void
loop(struct server *server)
{
	struct timespec wait;

	while (!server->ending) {
		int ready = ppoll(server->poll,
		    POLL_STATIONS + server->n + server->others,
		    bound(server, patience(server, &wait), &wait), NULL);

		if (ready < 0 && errno != EINTR) {
			log_errno("poll");
			break;
		}
		(void)clock_gettime(CLOCK_MONOTONIC, &server->answering.now);
		for (unsigned i = 0; i < server->n && ready > 0; i++)
			if (server->station[i].capture != NULL &&
			    poll_of(server, i)->revents != 0)
				drain(server, i);
		answering_send_delayed(&server->answering);
		if (ready > 0 && server->poll[POLL_ORDERS].revents != 0)
			take_orders(server);
		if (ready > 0 && server->others > 0)
			hear_workers(server);
		if (ready > 0 && server->poll[POLL_SIGNALS].revents != 0)
			take_signals(server);
		if (ready > 0 && server->poll[POLL_TICK].revents != 0)
			take_tick(server);
		if (ready > 0 && server->poll[POLL_CONTROL].revents != 0)
			control_serve(server->control, tell_status, server);
		if (ready > 0 && server->poll[POLL_WATCH].revents != 0 &&
		    watch_changed(server->poll[POLL_WATCH].fd))
			renew_stations(server);
		else if (server->away > 0)
			look_for_stations(server);
		answering_flush(&server->answering, server->station,
		    server->n);
		show_life(server);
	}
}

/*
 * The beginning and the end.
 */

static int
hold_port(uint16_t port, const char *what_follows)
{
	int descriptor = guard_open(port);

	if (descriptor < 0 && errno == EADDRINUSE)
		log_info("port %u is held by another program: %s", port,
		    what_follows);
	else if (descriptor < 0)
		log_warning("port %u cannot be held (%s): clients and relays "
		    "may be told that it is unreachable", port,
		    strerror(errno));
	return descriptor;
}

static void
hold_ports(struct server *server)
{
	server->guard_67 = server->guard_4011 = NO_DESCRIPTOR;
	if (server->options->listen_only)
		return;
	if (!server->options->leave_port_67)
		server->guard_67 = hold_port(DHCP_PORT_SERVER,
		    "we answer beside it");
	if (server->guard_67 >= 0)
		log_info("holding port 67: an address server of this host "
		    "that does not share it (Kea) must start before us, or "
		    "see --leave-port-67");
	server->guard_4011 = hold_port(DHCP_PORT_PXE,
	    "if it answers PXE clients too, they get two answers");
}

/* Where it is asked for; or where its usual directory is there for us. */
static bool
open_control(struct server *server)
{
	const char *path = server->options->control;
	char error[CONTROL_ERROR_SIZE];
	bool wanted = path != NULL;

	if (!wanted && access(CONTROL_DIRECTORY, W_OK) < 0)
		return true;
	server->control = control_open(wanted ? path : CONTROL_SOCKET, error);
	if (server->control != NULL)
		server->poll[POLL_CONTROL].fd =
		    control_descriptor(server->control);
	else if (wanted)
		log_error("%s", error);
	else
		log_warning("%s; no status can be asked for", error);
	return server->control != NULL || !wanted;
}

static int
open_tick(void)
{
	struct itimerspec every = {
		.it_interval = { .tv_sec = TICK_SECONDS },
		.it_value = { .tv_sec = TICK_SECONDS },
	};
	int descriptor = timerfd_create(CLOCK_MONOTONIC,
	    TFD_CLOEXEC | TFD_NONBLOCK);

	if (descriptor >= 0)
		(void)timerfd_settime(descriptor, 0, &every, NULL);
	return descriptor;
}

/* The first: what befalls the daemon as a whole. */
static bool
open_outside(struct server *server)
{
	server->poll[POLL_SIGNALS].fd = open_signals();
	if (server->poll[POLL_SIGNALS].fd < 0) {
		log_errno("starting");
		return false;
	}
	server->poll[POLL_WATCH].fd = watch_open();
	if (server->poll[POLL_WATCH].fd < 0)
		log_warning("changes of addresses will not be noticed before "
		    "SIGHUP: %s", strerror(errno));
	return open_control(server);
}

/* What is polled beside the stations. */
static bool
open_events(struct server *server)
{
	unsigned n = POLL_STATIONS + server->n + server->others;

	server->poll = calloc(n, sizeof(*server->poll));
	if (server->poll == NULL)
		return false;
	for (unsigned i = 0; i < n; i++)
		server->poll[i] = (struct pollfd){ .fd = NO_DESCRIPTOR,
		    .events = POLLIN };
	server->poll[POLL_TICK].fd = open_tick();
	for (unsigned i = 1; i <= server->others; i++)
		poll_of_worker(server, i)->fd =
		    workers_descriptor(server->workers, i);
	if (!is_first(server))
		server->poll[POLL_ORDERS].fd =
		    workers_orders(server->workers);
	return server->poll[POLL_TICK].fd >= 0;
}

static void
close_events(struct server *server)
{
	if (server->poll == NULL)
		return;
	control_close(server->control);
	server->poll[POLL_CONTROL].fd = NO_DESCRIPTOR;
	server->poll[POLL_ORDERS].fd = NO_DESCRIPTOR;
	for (unsigned i = 0; i < POLL_STATIONS; i++)
		if (server->poll[i].fd >= 0)
			(void)close(server->poll[i].fd);
	free(server->poll);
}

static bool
open_stations(struct server *server)
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

/* What each worker has for itself; interfaces come later. */
static bool
open_server(struct server *server)
{
	const struct options *options = server->options;

	server->n = options->interfaces;
	server->station = calloc(server->n, sizeof(*server->station));
	server->link = calloc(server->n, sizeof(*server->link));
	if (server->station == NULL || server->link == NULL ||
	    !open_events(server)) {
		log_errno("starting");
		return false;
	}
	for (unsigned i = 0; i < server->n; i++)
		server->station[i].name = options->interface[i];
	server->read_at = time(NULL);
	return true;
}

static void
close_server(struct server *server)
{
	for (unsigned i = 0; server->station != NULL && i < server->n; i++)
		station_close(&server->station[i]);
	answering_close(&server->answering);
	if (server->guard_67 >= 0)
		(void)close(server->guard_67);
	if (server->guard_4011 >= 0)
		(void)close(server->guard_4011);
	tally_close(server->tally);
	free(server->link);
	free(server->station);
	close_events(server);
	workers_close(server->workers);
}

static void
start_counting(struct server *server)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &server->started);
	server->answering.now = server->started;
	server->started_at = time(NULL);
}

/* Fork the other workers, while nothing is open yet. */
static bool
start_workers(struct server *server)
{
	const struct options *options = server->options;

	if (options->workers == 1)
		return true;
	server->workers = workers_start(options->workers,
	    options->interfaces);
	if (server->workers == NULL) {
		log_errno("workers");
		return false;
	}
	if (is_first(server))
		server->others = workers_others(server->workers);
	return true;
}

/* false: one of them cannot serve an interface, or is gone. */
static bool
are_starting(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++) {
		if (workers_telling(server->workers, WORKERS_AWAY, i) == 0)
			continue;
		log_error("%s cannot be served by all workers",
		    server->station[i].name);
		return false;
	}
	return !server->crippled;
}

static bool
all_serve(const struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		if (!server->station[i].spread)
			return false;
	return true;
}

static bool
await_workers(struct server *server)
{
	struct timespec now, since;

	(void)clock_gettime(CLOCK_MONOTONIC, &since);
	do {
		(void)poll(poll_of_worker(server, 1), server->others,
		    START_SECONDS * 1000);
		hear_workers(server);
		if (all_serve(server) || !are_starting(server))
			return all_serve(server);
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - since.tv_sec < START_SECONDS);
	log_error("not all workers are ready after %d s", START_SECONDS);
	return false;
}

/* The others wait for this before they open anything. */
static bool
share_work(struct server *server)
{
	char error[CAPTURE_ERROR_SIZE];

	if (server->workers == NULL)
		return true;
	for (unsigned i = 0; i < server->n; i++) {
		if (!share_station(server, i, error)) {
			log_error("%s: %s", server->station[i].name, error);
			return false;
		}
	}
	if (!await_workers(server))
		return false;
	server->tally = tally_open(server->workers, server->n);
	if (server->tally == NULL)
		log_errno("workers");
	return server->tally != NULL;
}

static bool
start_first(struct server *server)
{
	struct status status;

	if (!open_server(server) || !open_outside(server) ||
	    !answering_open(&server->answering, server->options,
	    *server->config, 0) || !open_stations(server))
		return false;
	hold_ports(server);
	/* While we may write where we perhaps may not later. */
	status = own_status(server);
	if (server->options->metrics != NULL)
		write_metrics(server, &status);
	return privs_drop(server->options) && share_work(server);
}

static void
say_goodbye(struct server *server)
{
	struct status status;

	answering_tell_left_out(&server->answering, INT64_MAX);
	log_flush();
	(void)add_up(server, WORKERS_END, &status);
	status_log(&status);
	status_log_end(&status);
	if (server->options->metrics != NULL)
		write_metrics(server, &status);
	log_flush();
}

static bool
run_first(struct server *server)
{
	struct status status;

	if (!start_first(server))
		return false;
	for (unsigned i = 0; i < server->n; i++)
		station_announce(&server->station[i], server->options);
	server->watchdog = notify_watchdog_interval();
	notify_ready();
	status = own_status(server);
	tell_manager(&status);
	log_hold(server->workers != NULL);
	loop(server);
	notify_stopping();
	say_goodbye(server);
	return !server->crippled && !server->answering.gone_bad;
}

/* Another worker begins when the first has all that it needs. */
static bool
start_other(struct server *server)
{
	bool dropped;

	if (!workers_wait(server->workers) || !open_server(server) ||
	    !answering_open(&server->answering, server->options,
	    *server->config, workers_number(server->workers)))
		return false;
	/* What cannot be had the first has said already. */
	log_hush(true);
	dropped = privs_drop(server->options);
	log_hush(false);
	return dropped;
}

static bool
run_other(struct server *server)
{
	if (!start_other(server))
		return false;
	log_hold(true);
	loop(server);
	answering_tell_left_out(&server->answering, INT64_MAX);
	log_flush();
	if (server->last_order != 0)
		report(server, server->last_order);
	return true;
}

int
serve_run(const struct options *options, struct config **config)
{
	struct server server = {
		.options = options,
		.config = config,
		.guard_67 = NO_DESCRIPTOR,
		.guard_4011 = NO_DESCRIPTOR,
	};
	bool well;

	start_counting(&server);
	hold_signals();
	if (!start_workers(&server))
		return EXIT_FAILURE;
	well = is_first(&server) ? run_first(&server) : run_other(&server);
	close_server(&server);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
