#include "daemon/observer.h"

#include "daemon/events.h"
#include "daemon/listeners.h"
#include "report/log.h"
#include "report/micros.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	AT_ONCE = 8,			/* frames: then a request may come first */
	BATCH = 128,			/* so many in all, of all listeners */
	PAUSE = 5,			/* ms, and then no more for so long */
	JUDGE_EVERY = 250,		/* ms */
	JUDGE_ROWS = 64,		/* at a time, of machines that count */
	LOOK_ROWS = 512,		/* at a time, of all */
	STILL = 90,			/* s of silence; what is to be found of
					 * a machine is found by then */
	LOSSES_EVERY = 1000,		/* ms */
	RETRY = 30000,			/* ms, after a capture was not opened */
	NEWS = 8,			/* findings on one machine at a time */
	CLOCK_STEP = 10 * MICROS,	/* more is no delay of a frame */
};

struct observer {
	int events;			/* of the captures, of events.h */
	struct diagnosis *diagnosis;	/* NULL: nothing is observed */
	struct findings findings;	/* told */
	bool is_watched;		/* the loop waits for our events */
	unsigned in_batch;		/* frames that were read since then */
	unsigned turn;			/* who is read first: each in turn */
	long long resume;		/* ms: when it is to do so again */
	long long judge;		/* ms: the next time, or LISTENER_NEVER */
	long long losses;		/* ms: when to look for them */
	uint16_t row;			/* that was judged last */
	bool is_losing;			/* the log says so */
	bool is_refused;		/* a capture was not opened: likewise */
};

/*
 * The clock of the diagnosis is the steady one: a system's clock may jump.
 */

/* Now, by the two clocks. */
struct moment {
	int64_t steady, system;
};

static struct moment
moment_now(void)
{
	struct timespec steady, system;

	(void)clock_gettime(CLOCK_MONOTONIC, &steady);
	(void)clock_gettime(CLOCK_REALTIME, &system);
	return (struct moment){ micros_of(steady), micros_of(system) };
}

/* When a frame came that has its time by the system's clock. */
static int64_t
steady_time(const struct moment *now, struct timespec when)
{
	int64_t ago = now->system - micros_of(when);

	return ago < 0 || ago > CLOCK_STEP ? now->steady : now->steady - ago;
}

/*
 * Frames.
 */

/* What bypasses the host's queue is not heard, so it is told. */
static void
take_replies(struct server *server, const struct responder_exchange *exchange,
    int64_t when)
{
	struct span frame;

	for (unsigned i = 0; i < exchange->replies; i++)
		if (envelope_wrap(server->handler.envelope,
		    &exchange->reply[i], &frame))
			(void)diagnosis_frame(server->observer->diagnosis,
			    frame, when, 0);
}

/* The limits are no part of the policy: was it they that kept us silent? */
static void
take_limits(const struct clients *clients, struct responder_exchange *exchange)
{
	const struct clients_entry *entry = clients_find(clients,
	    exchange->dhcp.chaddr, FRAME_MAC);

	if (!verdict_answered(exchange->verdict) || entry == NULL ||
	    (entry->verdict != VERDICT_CLIENT_RATE &&
	    entry->verdict != VERDICT_TOTAL_RATE))
		return;
	exchange->verdict = entry->verdict;
	exchange->replies = 0;
}

/* What we make of a request; it was answered before, from the other capture. */
static void
take_verdict(struct server *server, const struct listener *listener,
    struct span octets, int64_t when)
{
	struct responder_exchange exchange;

	(void)responder_answer(server->handler.policy, &listener->identity,
	    octets, &exchange);
	if (exchange.step >= RESPONDER_REQUEST)
		take_limits(&server->handler.clients, &exchange);
	diagnosis_verdict(server->observer->diagnosis, &exchange);
	if (server->options->bypass_queue &&
	    verdict_answered(exchange.verdict))
		take_replies(server, &exchange, when);
}

static void
take_frame(struct server *server, const struct listener *listener,
    const struct capture_frame *frame, const struct moment *now)
{
	struct diagnosis *diagnosis = server->observer->diagnosis;
	int64_t when = steady_time(now, frame->when);

	if (diagnosis_frame(diagnosis, frame->octets, when, 0) != NULL &&
	    diagnosis->kind == EVENT_REQUEST &&
	    !server->options->listen_only)
		take_verdict(server, listener, frame->octets, when);
}

/* Up to n of them; how many. */
static unsigned
read_some(struct server *server, struct listener *listener, unsigned n,
    const struct moment *now)
{
	enum capture_step step = CAPTURE_FRAME;
	struct capture_frame frame;
	unsigned taken = 0;

	if (listener->observed == NULL)
		return 0;
	while (taken < n && (step = capture_next(listener->observed,
	    &frame)) == CAPTURE_FRAME) {
		take_frame(server, listener, &frame, now);
		taken++;
	}
	if (step == CAPTURE_ERROR) {
		listener_observe_no_more(listener);
		listener->observe_at = server_ms(server) + RETRY;
	}
	return taken;
}

/* A few, of those that have some. */
static unsigned
read_few(struct server *server)
{
	struct observer *observer = server->observer;
	uint32_t place[EVENTS_AT_ONCE];
	int n = events_wait(observer->events, 0, place);
	struct moment now = moment_now();
	unsigned taken = 0;

	for (int i = 0; i < n && taken < AT_ONCE; i++) {
		uint32_t its = place[observer->turn++ % (unsigned)n];

		if (its < server->n)
			taken += read_some(server, &server->listener[its],
			    AT_ONCE - taken, &now);
	}
	return taken;
}

/* Leave the frames alone for a while, however many there are. */
static void
pause_reading(struct server *server)
{
	struct observer *observer = server->observer;

	events_ignore(server->events, observer->events);
	observer->is_watched = false;
	observer->resume = server_ms(server) + PAUSE;
	if (observer->judge == LISTENER_NEVER)
		observer->judge = server_ms(server) + JUDGE_EVERY;
}

/*
 * A few frames at a time, so that a request that comes meanwhile need not wait
 * for all of them.
 */
static void
read_frames(struct server *server)
{
	struct observer *observer = server->observer;
	unsigned taken = read_few(server);

	observer->in_batch += taken;
	if (taken < AT_ONCE || observer->in_batch >= BATCH)
		pause_reading(server);
}

static void
watch(struct server *server)
{
	struct observer *observer = server->observer;

	if (!events_watch(server->events, observer->events, EVENT_OBSERVER))
		log_errno("observer");
	observer->is_watched = true;
	observer->in_batch = 0;
}

/*
 * Findings.
 */

static void
log_finding(struct server *server, const struct machine *machine,
    const struct machine_finding *finding)
{
	char line[REPORT_LINE] = "", fields[REPORT_JSON] = "";
	struct loglimit_about about = { .verdict = LOGLIMIT_FINDING };

	memcpy(about.mac, machine->mac, FRAME_MAC);
	findings_add(&server->observer->findings, finding);
	if (!log_wants(LOG_LEVEL_WARNING) ||
	    !handler_may_log(&server->handler, &about))
		return;
	if (log_is_json())
		(void)findings_json(machine, finding, fields);
	else
		(void)findings_text(machine, finding, line);
	log_event(LOG_LEVEL_WARNING, line, fields);
}

static void
judge_machine(struct server *server, struct machine *machine)
{
	struct machine_finding finding[NEWS];
	size_t n = diagnosis_news(server->observer->diagnosis, machine,
	    finding, NEWS);

	for (size_t i = 0; i < n; i++)
		log_finding(server, machine, &finding[i]);
}

static bool
is_still(const struct diagnosis *diagnosis, const struct machine *machine)
{
	return diagnosis->now - machine->seen > (int64_t)STILL * MICROS;
}

/* The next ones in the table, of those that were heard of lately. */
static void
judge_rows(struct server *server)
{
	struct observer *observer = server->observer;
	struct machine_table *table = &observer->diagnosis->table;
	unsigned judged = 0;

	for (unsigned i = 0; i < table->n && i < LOOK_ROWS &&
	    judged < JUDGE_ROWS; i++) {
		observer->row = observer->row + 1u < table->n ?
		    (uint16_t)(observer->row + 1) : 0;
		if (is_still(observer->diagnosis, &table->row[observer->row]))
			continue;
		judge_machine(server, &table->row[observer->row]);
		judged++;
	}
}

/* How many frames did the kernel drop since the last time? */
static unsigned long long
new_losses(const struct server *server)
{
	unsigned long long lost = 0;

	for (unsigned i = 0; i < server->n; i++) {
		struct listener *listener = &server->listener[i];
		unsigned long long dropped;

		if (listener->observed == NULL)
			continue;
		dropped = capture_dropped(listener->observed);
		lost += dropped - listener->observed_dropped;
		listener->observed_dropped = dropped;
	}
	return lost;
}

static void
look_for_losses(struct server *server)
{
	struct observer *observer = server->observer;
	unsigned long long lost;

	if (observer->losses > server_ms(server))
		return;
	observer->losses = server_ms(server) + LOSSES_EVERY;
	lost = new_losses(server);
	if (lost > 0)
		diagnosis_lost(observer->diagnosis);
	if (lost > 0 && !observer->is_losing)
		log_info("%llu frames came too fast to be observed: the boots "
		    "of these seconds are not judged", lost);
	observer->is_losing = lost > 0;
}

/* What is ours on a link, if it has an address at all. */
static void
add_link(struct diagnosis *diagnosis, const struct link *link)
{
	if (link->addresses == 0 || link->loopback)
		return;
	for (unsigned i = 0; i < link->addresses; i++)
		diagnosis_add_ours(diagnosis, link->address[i].address);
	if (link->has_mac)
		diagnosis_add_mac(diagnosis, link->mac);
}

/* On the interfaces that are served, and then on the others of this host. */
static void
refresh_addresses(struct server *server)
{
	struct diagnosis *diagnosis = server->observer->diagnosis;
	const struct links *links = listeners_links(server);

	server->ours_changed = false;
	/* Who only listens is not there: others' answers are judged. */
	if (server->options->listen_only)
		return;
	diagnosis_forget_ours(diagnosis);
	for (unsigned i = 0; i < server->n; i++) {
		const struct listener *listener = &server->listener[i];

		if (listener->capture == NULL)
			continue;
		diagnosis_add_ours(diagnosis, listener->identity.address);
		diagnosis_add_mac(diagnosis, listener->identity.mac);
	}
	for (unsigned i = 0; i < links_count(links); i++)
		add_link(diagnosis, links_at(links, i));
}

static void
judge(struct server *server)
{
	struct observer *observer = server->observer;
	struct diagnosis *diagnosis = observer->diagnosis;
	const struct machine_table *table = &diagnosis->table;

	diagnosis_now(diagnosis, moment_now().steady);
	look_for_losses(server);
	judge_rows(server);
	observer->judge = table->n > 0 &&
	    !is_still(diagnosis, &table->row[table->newest]) ?
	    server_ms(server) + JUDGE_EVERY : LISTENER_NEVER;
}

/*
 * Captures.
 */

void
observer_watch(struct server *server, unsigned i)
{
	struct capture *capture = server->listener[i].observed;

	if (capture != NULL && !events_watch(server->observer->events,
	    capture_descriptor(capture), i))
		log_errno("%s", server->listener[i].name);
}

static bool
lacks_capture(const struct listener *listener)
{
	return listener->capture != NULL && listener->wish.observe &&
	    listener->observed == NULL;
}

/* It takes milliseconds: no more than one at a time. */
static void
open_one(struct server *server)
{
	struct observer *observer = server->observer;
	char error[CAPTURE_ERROR_SIZE];
	struct listener *listener;
	unsigned i = 0;

	while (i < server->n && !(lacks_capture(&server->listener[i]) &&
	    server->listener[i].observe_at <= server_ms(server)))
		i++;
	if (i == server->n)
		return;
	listener = &server->listener[i];
	if (listener_observe(listener, listeners_ring(server), error)) {
		observer_watch(server, i);
		return;
	}
	listener->observe_at = server_ms(server) + RETRY;
	if (!observer->is_refused)
		log_warning("%s: the boots of its clients cannot be "
		    "observed: %s; trying again", listener->name, error);
	observer->is_refused = true;
}

/*
 * The turns.
 */

void
observer_run(struct server *server)
{
	struct observer *observer = server->observer;
	long long now = server_ms(server);

	if (observer->diagnosis == NULL)
		return;
	if (server->ours_changed)
		refresh_addresses(server);
	if (server->happened[EVENT_OBSERVER])
		read_frames(server);
	else if (!observer->is_watched && observer->resume <= now)
		watch(server);
	if (observer->judge != LISTENER_NEVER && observer->judge <= now)
		judge(server);
	open_one(server);
}

long long
observer_due(const struct server *server)
{
	const struct observer *observer = server->observer;
	long long due = -1;

	if (observer->diagnosis == NULL)
		return due;
	if (!observer->is_watched)
		due = server_until(server, observer->resume);
	if (observer->judge != LISTENER_NEVER)
		due = server_earlier(due,
		    server_until(server, observer->judge));
	for (unsigned i = 0; i < server->n; i++)
		if (lacks_capture(&server->listener[i]))
			due = server_earlier(due, server_until(server,
			    server->listener[i].observe_at));
	return due;
}

struct diagnosis *
observer_diagnosis(const struct server *server)
{
	struct diagnosis *diagnosis = server->observer->diagnosis;

	if (diagnosis != NULL)
		diagnosis_now(diagnosis, moment_now().steady);
	return diagnosis;
}

const struct findings *
observer_findings(const struct observer *observer)
{
	return observer->diagnosis == NULL ? NULL : &observer->findings;
}

/*
 * The beginning and the end.
 */

struct observer *
observer_open(void)
{
	struct observer *observer = calloc(1, sizeof(*observer));

	if (observer == NULL)
		return NULL;
	observer->events = events_open();
	observer->judge = LISTENER_NEVER;
	if (observer->events >= 0)
		return observer;
	observer_close(observer);
	return NULL;
}

void
observer_close(struct observer *observer)
{
	if (observer == NULL)
		return;
	if (observer->events >= 0)
		(void)close(observer->events);
	free(observer->diagnosis);
	free(observer);
}

/* Most of the table costs nothing until machines are in it. */
static void
begin(struct server *server)
{
	struct observer *observer = server->observer;

	observer->diagnosis = malloc(sizeof(*observer->diagnosis));
	if (observer->diagnosis == NULL) {
		log_errno("observing boots");
		return;
	}
	diagnosis_init(observer->diagnosis, NULL, 0, NULL);
	diagnosis_live(observer->diagnosis);
	observer->row = 0;
}

static void
end(struct server *server)
{
	struct observer *observer = server->observer;

	for (unsigned i = 0; i < server->n; i++)
		listener_observe_no_more(&server->listener[i]);
	events_ignore(server->events, observer->events);
	free(observer->diagnosis);
	observer->diagnosis = NULL;
	observer->is_watched = false;
	observer->judge = LISTENER_NEVER;
}

void
observer_configure(struct server *server)
{
	struct observer *observer = server->observer;
	bool wished = wishes_observe(*server->config);

	if (!wished && observer->diagnosis != NULL)
		end(server);
	if (wished && observer->diagnosis == NULL)
		begin(server);
	if (observer->diagnosis == NULL)
		return;
	refresh_addresses(server);
	for (unsigned i = 0; i < server->n; i++)
		observer_watch(server, i);
	if (!observer->is_watched)
		watch(server);
}
