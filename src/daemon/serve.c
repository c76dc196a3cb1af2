#include "daemon/serve.h"

#include "daemon/account.h"
#include "net/guard.h"
#include "report/log.h"
#include "daemon/privs.h"
#include "daemon/resident.h"
#include "daemon/server.h"
#include "daemon/stations.h"
#include "net/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
	RETRY_SECONDS = 1,	/* to look for an interface that went away */
	TICK_SECONDS = 10,	/* between two writings of the metrics */
	START_SECONDS = 10,	/* for the other workers to be ready */
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
	resident_trim();
	if (!server_is_first(server))
		return;
	config_warn(config);
	if (server->workers != NULL)
		workers_order(server->workers, WORKERS_RELOAD, 0, 0);
	if (path != NULL)
		log_info("%s is read again and in force", path);
	stations_renew(server);
}

static void
take_reload(struct server *server)
{
	account_reloading();
	reload(server);
	account_reloaded(server);
}

static void
take_signals(struct server *server)
{
	struct signalfd_siginfo signal;

	while (read(server->poll[POLL_SIGNALS].fd, &signal,
	    sizeof(signal)) == (ssize_t)sizeof(signal)) {
		if (signal.ssi_signo == SIGHUP)
			take_reload(server);
		else if (signal.ssi_signo == SIGUSR1)
			account_log(server);
		else
			server->ending = true;
	}
}

/*
 * Workers.
 */

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
	stations_settle(server);
}

/* Now and then: who could not serve an interface tries again. */
static void
care_for_workers(struct server *server)
{
	for (unsigned i = 1; i <= server->others; i++)
		hear_worker(server, i);
	stations_try_again(server);
}

static void
obey(struct server *server, const struct workers_message *order)
{
	switch (order->word) {
	case WORKERS_OPEN:
		stations_open_by_order(server, order->station, order->group);
		break;
	case WORKERS_CLOSE:
		stations_close_by_order(server, order->station);
		break;
	case WORKERS_RENEW:
		stations_renew(server);
		break;
	case WORKERS_RELOAD:
		reload(server);
		break;
	case WORKERS_REPORT:
		account_report(server, order->number);
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
	for (unsigned i = 0; i < server->n; i++)
		station_look_back(&server->station[i]);
	if (!server_is_first(server))
		return;
	if (server->workers != NULL)
		care_for_workers(server);
	account_tick(server);
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

/* No longer than until the next sign of life is due. */
static const struct timespec *
bound(const struct server *server, const struct timespec *patience,
    struct timespec *out)
{
	long long due = account_life_due(server);
	struct timespec most = {
		.tv_sec = due > 0 ? (time_t)(due / 1000) : 0,
		.tv_nsec = due > 0 ? (long)(due % 1000) * 1000000 : 0,
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
		if (ready > 0)
			stations_take(server);
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
			control_serve(server->control, account_tell, server);
		if (ready > 0 && server->poll[POLL_WATCH].revents != 0 &&
		    watch_changed(server->poll[POLL_WATCH].fd))
			stations_renew(server);
		else if (server->away > 0)
			stations_look(server);
		answering_flush(&server->answering, server->station,
		    server->n);
		account_show_life(server);
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
	if (!server_is_first(server))
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
	if (server_is_first(server))
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
	if (server->workers == NULL)
		return true;
	if (!stations_share(server) || !await_workers(server))
		return false;
	server->tally = tally_open(server->workers, server->n);
	if (server->tally == NULL)
		log_errno("workers");
	return server->tally != NULL;
}

static bool
start_first(struct server *server)
{
	if (!open_server(server) || !open_outside(server) ||
	    !answering_open(&server->answering, server->options,
	    *server->config, 0) || !stations_open(server))
		return false;
	hold_ports(server);
	/* While we may write where we perhaps may not later. */
	account_write(server);
	return privs_drop(server->options) && share_work(server);
}

/* Nobody waits for what is still to be sent later. */
static void
forget_delayed(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		answering_forget(&server->answering, &server->station[i]);
}

/* From when all is open until the end. */
static void
answer_all(struct server *server)
{
	log_hold();
	resident_trim();
	loop(server);
	forget_delayed(server);
	answering_tell_left_out(&server->answering, INT64_MAX);
}

static bool
run_first(struct server *server)
{
	if (!start_first(server))
		return false;
	for (unsigned i = 0; i < server->n; i++)
		station_announce(&server->station[i], server->options);
	account_begin(server);
	answer_all(server);
	account_end(server);
	log_end();
	return !server->crippled && !server->answering.gone_bad;
}

/*
 * Another worker begins when the first has all that it needs.  Interfaces it
 * opens when it is told to, as if they had come back.
 */
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
	answer_all(server);
	log_flush();
	if (server->last_order != 0)
		account_report(server, server->last_order);
	log_end();
	return true;
}

/*
 * The server is no local variable: a stack that has to grow for it would have
 * to do so when there is no memory left, too, and that ends a program.
 */
int
serve_run(const struct options *options, struct config **config)
{
	struct server *server = calloc(1, sizeof(*server));
	bool well;

	if (server == NULL) {
		log_errno("starting");
		return EXIT_FAILURE;
	}
	server->options = options;
	server->config = config;
	server->guard_67 = server->guard_4011 = NO_DESCRIPTOR;
	start_counting(server);
	hold_signals();
	well = start_workers(server) && (server_is_first(server) ?
	    run_first(server) : run_other(server));
	close_server(server);
	free(server);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
