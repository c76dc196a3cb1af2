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
#include "watch.h"

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
	NO_DESCRIPTOR = -1,
};

/* What is polled before the stations. */
enum {
	POLL_SIGNALS,
	POLL_WATCH,
	POLL_TICK,
	POLL_CONTROL,
	POLL_STATIONS
};

struct server {
	const struct options *options;
	struct config **config;		/* the caller's; a reload changes it */
	struct answering answering;
	struct station *station;
	struct status_link *link;	/* what status_of() says of each */
	struct pollfd *poll;		/* POLL_STATIONS + n */
	unsigned n;
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
static int
open_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t ours;

	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGINT);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGHUP);
	(void)sigaddset(&ours, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &ours, NULL);
	return signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
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

	log_warning("%s: %s; waiting for it to come back", station->name,
	    why);
	answering_forget(&server->answering, station);
	station_close(station);
	server->away++;
	set_poll(server, i);
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

/* Look for the interfaces that went away. */
static void
look_for_stations(struct server *server)
{
	char error[CAPTURE_ERROR_SIZE];

	for (unsigned i = 0; i < server->n; i++) {
		struct station *station = &server->station[i];

		if (station->capture != NULL ||
		    !station_open(station, server->options, error))
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
		station_announce(station, server->options);
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
	config_warn(config);
	config_free(*server->config);
	*server->config = config;
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

static struct status
status_of(struct server *server)
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

static void
write_metrics(struct server *server)
{
	const char *path = server->options->metrics;
	struct status status = status_of(server);
	bool written;

	if (path == NULL)
		return;
	written = metrics_write(path, &status);
	if (!written && !server->no_metrics)
		log_errno("%s cannot be written", path);
	else if (written && server->no_metrics)
		log_info("%s is written again", path);
	server->no_metrics = !written;
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

static void
take_tick(struct server *server)
{
	uint64_t times;

	if (read(server->poll[POLL_TICK].fd, &times, sizeof(times)) < 0)
		return;
	answering_tell_left_out(&server->answering,
	    server->answering.now.tv_sec);
	write_metrics(server);
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

static void
tell_manager(const struct server *server)
{
	const uint8_t *mac = server->answering.last_mac;
	const unsigned long *count = server->answering.counters.verdict;
	unsigned long answers = count[VERDICT_OFFER] + count[VERDICT_ACK];
	char text[REPORT_LINE];

	if (server->answering.last_station == NULL)
		(void)snprintf(text, sizeof(text), "no client answered yet");
	else
		(void)snprintf(text, sizeof(text), "%lu requests answered, "
		    "the last of %02x:%02x:%02x:%02x:%02x:%02x on %s",
		    answers, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
		    server->answering.last_station);
	notify_status(text);
}

/* A sign of life, when it is due again. */
static void
show_life(struct server *server)
{
	struct timespec now = server->answering.now;

	if (server->watchdog == 0 ||
	    (now.tv_sec - server->alive.tv_sec) * 1000 +
	    (now.tv_nsec - server->alive.tv_nsec) / 1000000 <
	    server->watchdog)
		return;
	server->alive = now;
	notify_watchdog();
	tell_manager(server);
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
		int ready = ppoll(server->poll, POLL_STATIONS + server->n,
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

/* What is polled beside the stations. */
static bool
open_events(struct server *server)
{
	server->poll = calloc(POLL_STATIONS + server->n,
	    sizeof(*server->poll));
	if (server->poll == NULL)
		return false;
	for (unsigned i = 0; i < POLL_STATIONS; i++)
		server->poll[i] = (struct pollfd){ .fd = NO_DESCRIPTOR,
		    .events = POLLIN };
	server->poll[POLL_SIGNALS].fd = open_signals();
	server->poll[POLL_TICK].fd = open_tick();
	if (server->poll[POLL_SIGNALS].fd < 0 ||
	    server->poll[POLL_TICK].fd < 0)
		return false;
	server->poll[POLL_WATCH].fd = watch_open();
	if (server->poll[POLL_WATCH].fd < 0)
		log_warning("changes of addresses will not be noticed before "
		    "SIGHUP: %s", strerror(errno));
	return true;
}

static void
close_events(struct server *server)
{
	if (server->poll == NULL)
		return;
	control_close(server->control);
	server->poll[POLL_CONTROL].fd = NO_DESCRIPTOR;
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

		station->name = options->interface[i];
		if (!station_open(station, options, error)) {
			log_error("%s: %s", station->name, error);
			return false;
		}
		set_poll(server, i);
	}
	return true;
}

static bool
open_server(struct server *server)
{
	server->n = server->options->interfaces;
	server->station = calloc(server->n, sizeof(*server->station));
	server->link = calloc(server->n, sizeof(*server->link));
	if (server->station == NULL || server->link == NULL ||
	    !open_events(server)) {
		log_errno("starting");
		return false;
	}
	server->read_at = time(NULL);
	return open_control(server) &&
	    answering_open(&server->answering, server->options,
	    *server->config) && open_stations(server);
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
	free(server->link);
	free(server->station);
	close_events(server);
}

static void
start_counting(struct server *server)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &server->started);
	server->answering.now = server->started;
	server->started_at = time(NULL);
}

static void
say_goodbye(struct server *server)
{
	struct status status = status_of(server);

	answering_tell_left_out(&server->answering, INT64_MAX);
	status_log(&status);
	status_log_end(&status);
	write_metrics(server);
	log_flush();
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
	bool started;

	start_counting(&server);
	if ((started = open_server(&server))) {
		hold_ports(&server);
		/* While we may write where we perhaps may not later. */
		write_metrics(&server);
		started = privs_drop(options);
	}
	if (started) {
		for (unsigned i = 0; i < server.n; i++)
			station_announce(&server.station[i], options);
		server.watchdog = notify_watchdog_interval();
		notify_ready();
		tell_manager(&server);
		log_hold();
		loop(&server);
		notify_stopping();
		say_goodbye(&server);
	}
	close_server(&server);
	return started && !server.answering.gone_bad ? EXIT_SUCCESS :
	    EXIT_FAILURE;
}
