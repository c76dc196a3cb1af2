#include "daemon/serve.h"

#include "daemon/events.h"
#include "daemon/listeners.h"
#include "daemon/monitoring.h"
#include "daemon/observer.h"
#include "daemon/ports.h"
#include "daemon/privs.h"
#include "daemon/reload.h"
#include "daemon/server.h"
#include "daemon/signals.h"
#include "report/log.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	TICK_SECONDS = 10,	/* between two writings of the metrics */
	EXIT_BAD_CONFIG = 2,	/* of "pxeproxyd reload" */
};

/*
 * What the loop does.
 */

static void
take_signals(struct server *server)
{
	int signal;

	while (signals_next(server->signals, &signal)) {
		if (signal == SIGHUP && !server->has_terminal)
			(void)reload_run(server, NULL);
		else if (signal == SIGUSR1)
			monitoring_log(server);
		else
			server->ending = true;
	}
}

/* Answer a question on the control socket; the exit status of who asked. */
static int
answer(void *context, const struct control_question *question, FILE *to)
{
	static const int status_of[] = {
		[RELOAD_DONE] = EXIT_SUCCESS,
		[RELOAD_NO_MEMORY] = EXIT_FAILURE,
		[RELOAD_REFUSED] = EXIT_BAD_CONFIG,
	};

	if (strcmp(question->text, CONTROL_RELOAD) != 0)
		return monitoring_answer(context, question->text, to);
	if (question->is_trusted)
		return status_of[reload_run(context, to)];
	(void)fputs("only root and the user of the daemon may ask for a "
	    "reload\n", to);
	return CONTROL_UNKNOWN;
}

static void
take_tick(struct server *server)
{
	uint64_t times;

	if (read(server->tick, &times, sizeof(times)) < 0)
		return;
	handler_log_left_out(&server->handler, server->handler.now.tv_sec);
	for (unsigned i = 0; i < server->n; i++)
		listener_check(&server->listener[i]);
	monitoring_update(server);
}

/* Events other than frames. */
static void
take_events(struct server *server)
{
	if (server->happened[EVENT_SIGNALS])
		take_signals(server);
	if (server->happened[EVENT_TICK])
		take_tick(server);
	if (server->happened[EVENT_CONTROL])
		control_serve(server->control, answer, server);
	if (server->happened[EVENT_LINKS] || listeners_due(server) == 0)
		listeners_update(server);
	observer_run(server);
}

/* How many milliseconds the loop may sleep; less than 0: until an event. */
static int
time_to_sleep(const struct server *server)
{
	long long ms = handler_due(&server->handler), alive;

	ms = server_earlier(ms, listeners_due(server));
	ms = server_earlier(ms, observer_due(server));
	if (server->watchdog > 0) {
		alive = monitoring_keep_alive_due(server);
		ms = server_earlier(ms, alive > 0 ? alive : 0);
	}
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

/* Note what has happened, for those whose turn comes. */
static void
note_events(struct server *server, const uint32_t number[], int n)
{
	memset(server->happened, 0, sizeof(server->happened));
	for (int i = 0; i < n; i++) {
		uint32_t place = number[i] - EVENT_LISTENERS;

		if (number[i] < EVENT_LISTENERS)
			server->happened[number[i]] = true;
		else if (place < server->n)
			server->listener[place].readable = true;
	}
}

static bool
wait_for_events(struct server *server)
{
	uint32_t number[EVENTS_AT_ONCE];
	int n = events_wait(server->events, time_to_sleep(server), number);

	if (n < 0 && errno != EINTR) {
		log_errno("waiting for events");
		return false;
	}
	note_events(server, number, n);
	(void)clock_gettime(CLOCK_MONOTONIC, &server->handler.now);
	return true;
}

static void
loop(struct server *server)
{
	while (!server->ending && wait_for_events(server)) {
		listeners_receive(server);
		handler_send_delayed(&server->handler);
		/* Nobody waits for an answer while anything else is done. */
		handler_flush(&server->handler, server->listener, server->n);
		take_events(server);
		log_flush();
		monitoring_keep_alive(server);
	}
}

/*
 * The beginning and the end.
 */

/* At the path that is asked for, or else where its directory is ours. */
static bool
open_control(struct server *server)
{
	const char *path = server->options->control;
	char error[CONTROL_ERROR_SIZE];
	bool wanted = path != NULL;

	if (!wanted && access(CONTROL_DIRECTORY, W_OK) < 0)
		return true;
	server->control = control_open(wanted ? path : CONTROL_SOCKET, error);
	if (server->control != NULL) {
		privs_give(server->options, wanted ? path : CONTROL_SOCKET);
		if (!events_watch(server->events,
		    control_descriptor(server->control), EVENT_CONTROL))
			log_errno("control socket");
	} else if (wanted) {
		log_error("%s", error);
	} else {
		log_warning("%s; the status cannot be asked for", error);
	}
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

/* All that is waited for but interfaces. */
static bool
open_events(struct server *server)
{
	server->events = events_open();
	server->signals = signals_open();
	server->tick = open_tick();
	server->observer = observer_open();
	if (server->events < 0 || server->observer == NULL ||
	    !events_watch(server->events, server->signals, EVENT_SIGNALS) ||
	    !events_watch(server->events, server->tick, EVENT_TICK)) {
		log_errno("starting");
		return false;
	}
	return open_control(server);
}

static void
start_clocks(struct server *server)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &server->started);
	server->handler.now = server->started;
	server->started_at = server->read_at = time(NULL);
}

static bool
start(struct server *server)
{
	start_clocks(server);
	if (!listeners_configure(server) || !open_events(server) ||
	    !handler_open(&server->handler, server->options,
	    *server->config) || !listeners_open(server))
		return false;
	observer_configure(server);
	ports_hold(server);
	return privs_drop(server->options);
}

/* Answers that are still delayed are not sent any more. */
static void
finish(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		handler_forget(&server->handler, &server->listener[i]);
	handler_log_left_out(&server->handler, INT64_MAX);
	monitoring_end(server);
	log_end();
}

static bool
run(struct server *server)
{
	if (!start(server))
		return false;
	listeners_announce(server);
	monitoring_write_metrics(server);
	monitoring_begin(server);
	log_hold();
	reload_trim_heap();
	loop(server);
	finish(server);
	return !server->handler.savefile_failed;
}

static void
close_all(struct server *server)
{
	const int descriptor[] = { server->events, server->signals,
	    server->tick };

	for (size_t i = 0; i < sizeof(descriptor) / sizeof(descriptor[0]); i++)
		if (descriptor[i] >= 0)
			(void)close(descriptor[i]);
	listeners_close(server);
	observer_close(server->observer);
	handler_close(&server->handler);
	ports_release(server);
	control_close(server->control);
}

/*
 * The server is not on the stack: a stack that has to grow for it when no
 * memory is left would end the program.
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
	server->events = server->signals = server->tick = NO_DESCRIPTOR;
	server->has_terminal = signals_has_terminal();
	signals_block();
	well = run(server);
	close_all(server);
	free(server);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
