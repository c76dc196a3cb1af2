#include "daemon/monitoring.h"

#include "daemon/listeners.h"
#include "daemon/observer.h"
#include "report/log.h"
#include "report/metrics.h"
#include "report/micros.h"
#include "daemon/notify.h"
#include "report/report.h"
#include "report/status_log.h"
#include "report/status_view.h"
#include "report/text.h"

#include <stdio.h>
#include <string.h>

/* Ready but not open: it could not be opened, which the log says. */
static const char *
why_not_served(const struct server *server, const struct listener *listener,
    char out[LISTENER_TEXT])
{
	if (listener->obstacle == LISTENER_READY)
		return "it cannot be opened; the log says why";
	return listener_obstacle_text(listener->obstacle,
	    listeners_link(server, listener), out);
}

static struct status_link
link_status(const struct server *server, const struct listener *listener)
{
	char text[LISTENER_TEXT];
	struct status_link link = {
		.name = listener->name,
		.index = listener->index,
		.away = listener->capture == NULL,
		.address = listener->identity.address,
		.frames = listener->frames,
		.answers = listener->answers,
		.dropped = listener_dropped(listener),
		.send_errors = listener_send_errors(listener),
	};

	memcpy(link.mac, listener->identity.mac, FRAME_MAC);
	if (link.away)
		(void)snprintf(link.why, sizeof(link.why), "%s",
		    why_not_served(server, listener, text));
	return link;
}

enum {
	CLOCK_STEP = 5,			/* seconds; less is how clocks are read */
	MILLIS = 1000,
};

/*
 * When we started, by the system's clock as it is now: a machine may start
 * with a wrong one, and set it later.
 */
static time_t
start_time(struct server *server)
{
	time_t then = time(NULL) - (server->handler.now.tv_sec -
	    server->started.tv_sec);

	if (then < server->started_at - CLOCK_STEP ||
	    then > server->started_at + CLOCK_STEP)
		server->started_at = then;
	return server->started_at;
}

/* By milliseconds, so that it is the same each time. */
static int64_t
clock_ahead(const struct diagnosis *diagnosis)
{
	struct timespec now;
	int64_t ahead;

	if (diagnosis == NULL)
		return 0;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	ahead = micros_of(now) - diagnosis->now;
	return (ahead + MILLIS / 2) / MILLIS * MILLIS;
}

static struct status
status_of(struct server *server)
{
	struct diagnosis *diagnosis = observer_diagnosis(server);

	for (unsigned i = 0; i < server->n; i++)
		server->status[i] = link_status(server, &server->listener[i]);
	return (struct status){
		.config = server->options->config,
		.listen_only = server->options->listen_only,
		.policy = server->handler.policy,
		.counters = &server->handler.counters,
		.clients = &server->handler.clients,
		.diagnosis = diagnosis,
		.ahead = clock_ahead(diagnosis),
		.findings = observer_findings(server->observer),
		.link = server->status,
		.links = server->n,
		.now = time(NULL),
		.started = start_time(server),
		.read = server->read_at,
		.reload_failed = server->reload_failed,
		.write_failed = server->metrics_failed ||
		    server->handler.savefile_failed,
		.uptime = (unsigned long)(server->handler.now.tv_sec -
		    server->started.tv_sec),
	};
}

static void
write_metrics(struct server *server, const struct status *status)
{
	const char *path = server->options->metrics;
	bool written = metrics_write(path, status);

	if (!written && !server->metrics_failed)
		log_errno("%s cannot be written", path);
	else if (written && server->metrics_failed)
		log_info("%s is written again", path);
	server->metrics_failed = !written;
}

void
monitoring_write_metrics(struct server *server)
{
	struct status status;

	if (server->options->metrics == NULL)
		return;
	status = status_of(server);
	write_metrics(server, &status);
}

void
monitoring_log(struct server *server)
{
	struct status status = status_of(server);

	status_log(&status);
}

int
monitoring_answer(void *context, const char *question, FILE *to)
{
	struct status status = status_of(context);
	int answer = status_view_print(to, &status, question);

	if (answer == STATUS_VIEW_NO_QUESTION)
		(void)fprintf(to, "%s: this daemon knows no such question\n",
		    question);
	return answer;
}

/*
 * The service manager.
 */

static const struct clients_entry *
last_answered(const struct clients *clients)
{
	const struct clients_entry *entry = NULL;

	do {
		entry = clients_older(clients, entry);
	} while (entry != NULL && !verdict_answered(entry->verdict));
	return entry;
}

static void
tell_manager(const struct status *status)
{
	const struct clients_entry *last = last_answered(status->clients);
	const unsigned long long *count = status->counters->verdict;
	unsigned long long answers = count[VERDICT_OFFER] + count[VERDICT_ACK];
	const char *fault = !status->reload_failed ? "" :
	    "; the configuration in the file is wrong, and not in force";
	char text[REPORT_LINE], mac[TEXT_MAC];

	if (last == NULL)
		(void)snprintf(text, sizeof(text), "no client answered yet%s",
		    fault);
	else
		(void)snprintf(text, sizeof(text), "%llu requests answered, "
		    "the last of %s on %s%s", answers,
		    text_mac(last->mac, last->n, mac), last->interface,
		    fault);
	notify_status(text);
}

long long
monitoring_keep_alive_due(const struct server *server)
{
	const struct timespec *now = &server->handler.now,
	    *alive = &server->alive;

	return server->watchdog - (now->tv_sec - alive->tv_sec) * 1000LL -
	    (now->tv_nsec - alive->tv_nsec) / 1000000;
}

void
monitoring_keep_alive(struct server *server)
{
	if (server->watchdog == 0 || monitoring_keep_alive_due(server) > 0)
		return;
	server->alive = server->handler.now;
	notify_watchdog();
}

void
monitoring_update(struct server *server)
{
	struct status status = status_of(server);

	tell_manager(&status);
	if (server->options->metrics != NULL)
		write_metrics(server, &status);
}

void
monitoring_reloading(void)
{
	notify_reloading();
}

void
monitoring_reloaded(struct server *server)
{
	struct status status = status_of(server);

	notify_ready();
	tell_manager(&status);
}

/*
 * The beginning and the end.
 */

void
monitoring_begin(struct server *server)
{
	struct status status = status_of(server);

	server->watchdog = notify_watchdog_interval();
	notify_ready();
	tell_manager(&status);
}

void
monitoring_end(struct server *server)
{
	struct status status;

	notify_stopping();
	log_flush();
	status = status_of(server);
	status_log(&status);
	status_log_end(&status);
	if (server->options->metrics != NULL)
		write_metrics(server, &status);
}
