#include "serve.h"

#include "capture.h"
#include "clients.h"
#include "control.h"
#include "counters.h"
#include "delay.h"
#include "envelope.h"
#include "guard.h"
#include "inject.h"
#include "limiter.h"
#include "link.h"
#include "log.h"
#include "loglimit.h"
#include "metrics.h"
#include "notify.h"
#include "privs.h"
#include "report.h"
#include "responder.h"
#include "status.h"
#include "watch.h"

#include <arpa/inet.h>
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
	CLOCK_STEP = 5,		/* seconds; less is how clocks are read */
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

/* One interface that we serve. */
struct station {
	const char *name;
	struct identity identity;
	struct capture *capture;	/* NULL while it is away */
	struct sink *sink;		/* NULL: listen only, or away */
	unsigned long frames, answers;
	unsigned long lost, failed;	/* frames, before it was reopened */
	unsigned long sent_then, failed_then;	/* its sink's, a tick ago */
	unsigned long dropped_then;	/* its capture's */
	bool dropping;			/* which was said */
};

struct server {
	const struct options *options;
	struct config **config;		/* the caller's; a reload changes it */
	const struct policy *policy;	/* of *config */
	struct station *station;
	struct status_link *link;	/* what status_of() says of each */
	struct pollfd *poll;		/* POLL_STATIONS + n */
	unsigned n;
	unsigned away;			/* stations without a capture */
	struct envelope *envelope;
	struct delay *delay;
	struct sink *savefile;		/* -w, or NULL */
	int guard_67, guard_4011;
	bool gone_bad;			/* a savefile that cannot be written */
	bool failing;			/* libnet did not make the last one */
	bool ending;
	bool no_metrics;		/* they could not be written */
	unsigned long unwrapped;	/* answers that libnet did not make */
	struct counters counters;
	struct clients clients;
	struct limiter limiter;
	struct loglimit loglimit;
	struct timespec now;		/* steady clock, when we woke up */
	struct control *control;	/* or NULL */
	struct timespec started;	/* of the steady clock */
	time_t started_at, read_at;
	bool reload_failed;
	unsigned watchdog;		/* ms between signs of life, or 0 */
	struct timespec alive;		/* the last of them */
	const char *last_station;	/* of the last answer, or NULL */
	uint8_t last_mac[FRAME_MAC];
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
 * An interface.
 */

static bool
find_identity(const struct options *options, const char *name,
    struct identity *out, char *error)
{
	static const char no_address[] = "it has no IPv4 address to answer "
	    "from; give it one, or name one with --address";
	static const char *const faults[] = {
		[LINK_NO_INTERFACE] = "no such interface",
		[LINK_NO_MAC] = "it has no Ethernet address",
		[LINK_NO_ADDRESS] = no_address,
	};
	enum link_outcome outcome = link_identity(name, out);

	if (outcome == LINK_NO_ADDRESS && options->has_address)
		outcome = LINK_FOUND;
	if (outcome == LINK_ERROR)
		(void)snprintf(error, CAPTURE_ERROR_SIZE, "%s",
		    strerror(errno));
	else if (outcome != LINK_FOUND)
		(void)snprintf(error, CAPTURE_ERROR_SIZE, "%s",
		    faults[outcome]);
	if (options->has_address)
		out->address = options->address;
	if (options->has_mac)
		memcpy(out->mac, options->mac, FRAME_MAC);
	return outcome == LINK_FOUND;
}

static void
close_station(struct server *server, struct station *station)
{
	if (station->sink != NULL)
		delay_forget(server->delay, station->sink);
	if (station->sink != NULL)
		station->failed += station->sink->failed;
	if (station->capture != NULL)
		station->lost += capture_dropped(station->capture);
	capture_close(station->capture);
	station->capture = NULL;
	station->dropped_then = 0;
	if (station->sink != NULL)
		station->sink->close(station->sink);
	station->sink = NULL;
	link_free(&station->identity);
}

/* false, the reason in error, and the station is as before. */
static bool
open_station(struct server *server, struct station *station,
    char error[CAPTURE_ERROR_SIZE])
{
	const struct options *options = server->options;

	if (!find_identity(options, station->name, &station->identity,
	    error))
		goto fail;
	station->capture = capture_open_live(station->name,
	    options->promiscuous, error);
	if (station->capture == NULL)
		goto fail;
	if (options->listen_only)
		return true;
	station->sink = inject_open_link(station->name, error);
	if (station->sink != NULL)
		return true;
fail:
	close_station(server, station);
	return false;
}

static void
announce(const struct options *options, const struct station *station)
{
	const uint8_t *mac = station->identity.mac;
	char dotted[INET_ADDRSTRLEN];

	log_info("%s %s as %s (%02x:%02x:%02x:%02x:%02x:%02x)",
	    options->listen_only ? "listening only on" : "serving",
	    station->name,
	    inet_ntop(AF_INET, &station->identity.address, dotted,
	    sizeof(dotted)), mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

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

/*
 * Answers.
 */

static void
log_left_out(const struct loglimit_left *left)
{
	const uint8_t *mac = left->about.mac;
	char who[32] = "all", line[128], fields[160];

	if (left->lines == 0)
		return;
	if (!left->of_all)
		(void)snprintf(who, sizeof(who),
		    "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		    mac[3], mac[4], mac[5]);
	(void)snprintf(line, sizeof(line), "%s: %lu more lines%s%s were left "
	    "out", who, left->lines, left->of_all ? "" : " of ",
	    left->of_all ? "" : verdict_name(left->about.verdict));
	(void)snprintf(fields, sizeof(fields), "\"event\":\"left-out\","
	    "\"client\":\"%s\",\"verdict\":\"%s\",\"lines\":%lu", who,
	    left->of_all ? "all" : verdict_name(left->about.verdict),
	    left->lines);
	log_event(LOG_LEVEL_INFO, line, fields);
}

/* With -d all lines are wanted. */
static bool
may_log(struct server *server, const struct exchange *exchange)
{
	struct loglimit_about about = { .verdict = exchange->verdict };
	struct loglimit_left left;
	bool may;

	if (server->options->debug > 0)
		return true;
	if (exchange->step >= RESPONDER_HEADER)
		memcpy(about.mac, exchange->dhcp.chaddr, FRAME_MAC);
	else if (exchange->step >= RESPONDER_FRAME)
		memcpy(about.mac, exchange->frame.from, FRAME_MAC);
	may = loglimit_allows(&server->loglimit, &about, server->now.tv_sec,
	    &left);
	log_left_out(&left);
	return may;
}

/* Of the periods that are over at so many seconds. */
static void
log_all_left_out(struct server *server, int64_t now)
{
	struct loglimit_left left;

	while (loglimit_over(&server->loglimit, now, &left))
		log_left_out(&left);
}

static void
log_exchange(struct server *server, const struct station *station,
    const struct exchange *exchange)
{
	enum log_level level = report_level(exchange->verdict);
	bool answered = verdict_answered(exchange->verdict);
	bool sent = !server->options->listen_only;
	char line[REPORT_LINE], fields[REPORT_FIELDS];

	if (!log_wants(level) ||
	    (server->options->quiet && level >= LOG_LEVEL_INFO) ||
	    !may_log(server, exchange))
		return;
	if (log_is_json())
		log_event(level, "", report_fields(exchange, station->name,
		    sent, fields));
	else
		log_pieces(level, (const char *[]){
		    station->name, ": ", report_exchange(exchange, line),
		    answered ? "" : ": ",
		    answered ? "" : verdict_sentence(exchange->verdict),
		    answered && !sent ? " (not sent)" : "",
		    }, 6);
}

/* Complain once for a run of failures, not once a packet. */
static void
tell_failure(struct sink *sink)
{
	if (!sink->told)
		log_error("cannot send %s", sink->error);
	sink->told = true;
}

/* The run is over when none came since the last tick, but answers went. */
static void
tell_recovery(struct station *station)
{
	struct sink *sink = station->sink;

	if (sink == NULL || !sink->told)
		return;
	if (sink->failed == station->failed_then &&
	    sink->sent > station->sent_then) {
		log_info("%s: answers are sent again", station->name);
		sink->told = false;
	}
	station->failed_then = sink->failed;
	station->sent_then = sink->sent;
}

static void
give_up_savefile(struct server *server)
{
	log_error("%s: %s; going on without it", server->options->write,
	    server->savefile->error);
	server->savefile->close(server->savefile);
	server->savefile = NULL;
	server->gone_bad = true;
}

static void
put_on_link(struct sink *sink, struct span frame, struct timespec when)
{
	if (!sink->send(sink, frame, when))
		tell_failure(sink);
}

/* Frames that the kernel had no room for: likewise. */
static void
tell_dropped(struct station *station)
{
	unsigned long dropped, more;

	if (station->capture == NULL)
		return;
	dropped = capture_dropped(station->capture);
	more = dropped - station->dropped_then;
	if (more > 0 && !station->dropping)
		log_warning("%s: %lu frames came faster than they were read, "
		    "and were dropped", station->name, more);
	station->dropping = more > 0;
	station->dropped_then = dropped;
}

/* Before we sleep, all that is kept goes out: answers, then log lines. */
static void
flush(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++) {
		struct sink *sink = server->station[i].sink;

		if (sink != NULL && !sink->flush(sink))
			tell_failure(sink);
	}
	counters_settle(&server->counters);
	if (server->savefile != NULL &&
	    !server->savefile->flush(server->savefile))
		give_up_savefile(server);
	log_flush();
}

static void
send_reply(struct server *server, struct station *station,
    const struct reply *reply, struct timespec when, unsigned delay)
{
	struct span frame;

	if (!envelope_wrap(server->envelope, reply, &frame)) {
		server->unwrapped++;
		if (!server->failing)
			log_error("cannot send: %s",
			    envelope_error(server->envelope));
		server->failing = true;
		return;
	}
	server->failing = false;
	if (station->sink != NULL) {
		station->answers++;
		if (delay == 0 || !delay_add(server->delay, station->sink,
		    frame, when, delay)) {
			put_on_link(station->sink, frame, when);
			counters_answered(&server->counters, when);
		}
	}
	if (server->savefile != NULL &&
	    !server->savefile->send(server->savefile, frame, when))
		give_up_savefile(server);
}

static void
answer(struct server *server, struct station *station,
    const struct capture_frame *frame)
{
	struct exchange exchange;
	unsigned delay = 0;

	(void)responder_answer(server->policy, &station->identity,
	    frame->octets, &exchange);
	if (verdict_answered(exchange.verdict) &&
	    !limiter_allows(&server->limiter, config_rates(*server->config),
	    exchange.dhcp.chaddr, server->now, &exchange.verdict))
		exchange.replies = 0;
	station->frames++;
	counters_add(&server->counters, server->policy, &exchange);
	clients_add(&server->clients, station->name, frame->when, &exchange);
	if (exchange.verdict == VERDICT_OFFER &&
	    exchange.decision.rule != NULL)
		delay = exchange.decision.rule->delay;
	for (unsigned i = 0; i < exchange.replies; i++)
		send_reply(server, station, &exchange.reply[i], frame->when,
		    delay);
	if (exchange.replies > 0) {
		server->last_station = station->name;
		memcpy(server->last_mac, exchange.dhcp.chaddr, FRAME_MAC);
	}
	log_exchange(server, station, &exchange);
}

static void
lose_station(struct server *server, unsigned i, const char *why)
{
	struct station *station = &server->station[i];

	log_warning("%s: %s; waiting for it to come back", station->name,
	    why);
	close_station(server, station);
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
		answer(server, station, &frame);
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
		    !open_station(server, station, error))
			continue;
		server->away--;
		set_poll(server, i);
		announce(server->options, station);
	}
}

static bool
same_addresses(const struct identity *a, const struct identity *b)
{
	return a->address.s_addr == b->address.s_addr &&
	    memcmp(a->mac, b->mac, FRAME_MAC) == 0;
}

/* The station's addresses may be others by now. */
static void
renew_station(struct server *server, unsigned i)
{
	struct station *station = &server->station[i];
	struct identity now;
	char error[CAPTURE_ERROR_SIZE];
	bool same;

	if (!find_identity(server->options, station->name, &now, error)) {
		link_free(&now);
		lose_station(server, i, error);
		return;
	}
	same = same_addresses(&now, &station->identity);
	link_free(&station->identity);
	station->identity = now;
	if (!same)
		announce(server->options, station);
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
use_config(struct server *server, struct config *config)
{
	const struct policy *policy = config_policy(config);

	if (!counters_use(&server->counters, policy)) {
		log_errno("counters");
		return false;
	}
	server->policy = policy;
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
		.dropped = station->lost,
		.send_errors = station->failed,
	};

	memcpy(link.mac, station->identity.mac, FRAME_MAC);
	if (station->capture != NULL)
		link.dropped += capture_dropped(station->capture);
	if (station->sink != NULL)
		link.send_errors += station->sink->failed;
	return link;
}

/*
 * When we started, by the system's clock as it is now: a machine may start
 * with a wrong one, and set it later.
 */
static time_t
start_time(struct server *server)
{
	time_t then = time(NULL) - (server->now.tv_sec -
	    server->started.tv_sec);

	if (then < server->started_at - CLOCK_STEP ||
	    then > server->started_at + CLOCK_STEP)
		server->started_at = then;
	return server->started_at;
}

static struct status
status_of(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		server->link[i] = link_status(&server->station[i]);
	return (struct status){
		.config = server->options->config,
		.listen_only = server->options->listen_only,
		.policy = server->policy,
		.counters = &server->counters,
		.clients = &server->clients,
		.link = server->link,
		.links = server->n,
		.unwrapped = server->unwrapped,
		.started = start_time(server),
		.read = server->read_at,
		.reload_failed = server->reload_failed,
		.uptime = (unsigned long)(server->now.tv_sec -
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

/* What the service manager shows of us. */
static void
tell_manager(const struct server *server)
{
	const uint8_t *mac = server->last_mac;
	const unsigned long *count = server->counters.verdict;
	unsigned long answers = count[VERDICT_OFFER] + count[VERDICT_ACK];
	const char *fault = !server->reload_failed ? "" :
	    "; the configuration in the file is wrong, and not in force";
	char text[REPORT_LINE];

	if (server->last_station == NULL)
		(void)snprintf(text, sizeof(text), "no client answered yet%s",
		    fault);
	else
		(void)snprintf(text, sizeof(text), "%lu requests answered, "
		    "the last of %02x:%02x:%02x:%02x:%02x:%02x on %s%s",
		    answers, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
		    server->last_station, fault);
	notify_status(text);
}

static void
take_reload(struct server *server)
{
	notify_reloading();
	reload(server);
	notify_ready();
	tell_manager(server);
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

/* What went wrong since the last tick, or does no more. */
static void
look_back(struct station *station)
{
	tell_recovery(station);
	tell_dropped(station);
}

static void
take_tick(struct server *server)
{
	uint64_t times;

	if (read(server->poll[POLL_TICK].fd, &times, sizeof(times)) < 0)
		return;
	log_all_left_out(server, server->now.tv_sec);
	for (unsigned i = 0; i < server->n; i++)
		look_back(&server->station[i]);
	tell_manager(server);
	write_metrics(server);
}

static void
send_delayed(struct server *server)
{
	struct sink *sink;
	struct span frame;
	struct timespec when;

	while (delay_take(server->delay, &sink, &frame, &when))
		put_on_link(sink, frame, when);
}

/* How long to wait for frames; NULL: until one comes. */
static const struct timespec *
patience(const struct server *server, struct timespec *out)
{
	int due = delay_due(server->delay);

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

/* Milliseconds until a sign of life is due, by the clock when we woke up. */
static long long
life_due(const struct server *server)
{
	const struct timespec *now = &server->now, *alive = &server->alive;

	return server->watchdog - (now->tv_sec - alive->tv_sec) * 1000LL -
	    (now->tv_nsec - alive->tv_nsec) / 1000000;
}

static void
show_life(struct server *server)
{
	if (server->watchdog == 0 || life_due(server) > 0)
		return;
	server->alive = server->now;
	notify_watchdog();
}

/* No longer than until the next sign of life is due. */
static const struct timespec *
bound(const struct server *server, const struct timespec *patience,
    struct timespec *out)
{
	long long due = life_due(server);
	struct timespec most = {
		.tv_sec = due > 0 ? due / 1000 : 0,
		.tv_nsec = due > 0 ? due % 1000 * 1000000 : 0,
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
		(void)clock_gettime(CLOCK_MONOTONIC, &server->now);
		for (unsigned i = 0; i < server->n && ready > 0; i++)
			if (server->station[i].capture != NULL &&
			    poll_of(server, i)->revents != 0)
				drain(server, i);
		send_delayed(server);
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
		flush(server);
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
open_server(struct server *server)
{
	const struct options *options = server->options;
	char error[CAPTURE_ERROR_SIZE];

	server->n = options->interfaces;
	server->station = calloc(server->n, sizeof(*server->station));
	server->link = calloc(server->n, sizeof(*server->link));
	server->delay = delay_open();
	if (server->station == NULL || server->link == NULL ||
	    server->delay == NULL || !counters_open(&server->counters) ||
	    !use_config(server, *server->config) || !open_events(server)) {
		log_errno("starting");
		return false;
	}
	if (!open_control(server))
		return false;
	if ((server->envelope = envelope_open(error)) == NULL) {
		log_error("libnet: %s", error);
		return false;
	}
	if (options->write != NULL && (server->savefile =
	    inject_open_file(options->write, error)) == NULL) {
		log_error("%s", error);
		return false;
	}
	for (unsigned i = 0; i < server->n; i++) {
		server->station[i].name = options->interface[i];
		if (!open_station(server, &server->station[i], error)) {
			log_error("%s: %s", options->interface[i], error);
			return false;
		}
		set_poll(server, i);
	}
	return true;
}

static void
close_server(struct server *server)
{
	for (unsigned i = 0; server->station != NULL && i < server->n; i++)
		close_station(server, &server->station[i]);
	if (server->savefile != NULL)
		server->savefile->close(server->savefile);
	if (server->guard_67 >= 0)
		(void)close(server->guard_67);
	if (server->guard_4011 >= 0)
		(void)close(server->guard_4011);
	delay_close(server->delay);
	envelope_close(server->envelope);
	counters_close(&server->counters);
	free(server->link);
	free(server->station);
	close_events(server);
}

static void
start_counting(struct server *server)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &server->started);
	server->now = server->started;
	server->started_at = time(NULL);
}

static void
say_goodbye(struct server *server)
{
	struct status status = status_of(server);

	log_all_left_out(server, INT64_MAX);
	status_log(&status);
	status_log_end(&status);
	write_metrics(server);
	log_end();
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
	clients_open(&server.clients);
	if ((started = open_server(&server))) {
		hold_ports(&server);
		/* While we may write where we perhaps may not later. */
		write_metrics(&server);
		started = privs_drop(options);
	}
	if (started) {
		for (unsigned i = 0; i < server.n; i++)
			announce(options, &server.station[i]);
		server.watchdog = notify_watchdog_interval();
		notify_ready();
		tell_manager(&server);
		log_hold();
		loop(&server);
		notify_stopping();
		say_goodbye(&server);
	}
	close_server(&server);
	return started && !server.gone_bad ? EXIT_SUCCESS : EXIT_FAILURE;
}
