#include "daemon/handler.h"

#include "report/log.h"
#include "report/report.h"
#include "report/text.h"
#include "daemon/wishes.h"
#include "core/responder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/*
 * The log.
 */

static const char *
line_name(enum verdict verdict)
{
	return verdict == LOGLIMIT_FINDING ? "finding" : verdict_name(verdict);
}

static void
log_left_out(const struct loglimit_left *left)
{
	char who[TEXT_MAC] = "all", line[128], fields[160];

	if (!left->of_all)
		(void)text_mac(left->about.mac, FRAME_MAC, who);
	(void)snprintf(line, sizeof(line), "%s: %lu more lines%s%s were left "
	    "out", who, left->lines, left->of_all ? "" : " of ",
	    left->of_all ? "" : line_name(left->about.verdict));
	(void)snprintf(fields, sizeof(fields), "\"event\":\"left-out\","
	    "\"client\":\"%s\",\"verdict\":\"%s\",\"lines\":%lu", who,
	    left->of_all ? "all" : line_name(left->about.verdict),
	    left->lines);
	log_event(LOG_LEVEL_INFO, line, fields);
}

bool
handler_may_log(struct handler *handler, const struct loglimit_about *about)
{
	return handler->options->debug > 0 ||
	    loglimit_allows(&handler->loglimit, about, handler->now.tv_sec);
}

static bool
may_log(struct handler *handler, const struct responder_exchange *exchange)
{
	struct loglimit_about about = { .verdict = exchange->verdict };

	if (exchange->step >= RESPONDER_HEADER)
		memcpy(about.mac, exchange->dhcp.chaddr, FRAME_MAC);
	else if (exchange->step >= RESPONDER_FRAME)
		memcpy(about.mac, exchange->frame.from, FRAME_MAC);
	return handler_may_log(handler, &about);
}

void
handler_log_left_out(struct handler *handler, int64_t now)
{
	struct loglimit_left left;

	while (loglimit_over(&handler->loglimit, now, &left))
		log_left_out(&left);
}

static void
log_exchange(struct handler *handler, const struct listener *listener,
    const struct responder_exchange *exchange)
{
	enum log_level level = report_level(exchange->verdict);
	const struct report_request request = { exchange, listener->name,
	    !handler->options->listen_only };
	char line[REPORT_LINE] = "", fields[REPORT_JSON] = "";

	if (!log_wants(level) ||
	    (handler->options->quiet && level >= LOG_LEVEL_INFO) ||
	    !may_log(handler, exchange))
		return;
	if (log_is_json())
		(void)report_json(&request, fields);
	else
		(void)report_text(&request, line);
	log_event(level, line, fields);
}

/*
 * Answers.
 */

/* Log a run of failures once, not each of them. */
static void
log_failure(struct inject_sink *sink)
{
	if (!sink->reported)
		log_error("cannot send %s", sink->error);
	sink->reported = true;
}

static void
give_up_savefile(struct handler *handler)
{
	log_error("%s: %s; going on without it", handler->options->write,
	    handler->savefile->error);
	handler->savefile->close(handler->savefile);
	handler->savefile = NULL;
	handler->savefile_failed = true;
}

static void
put_on_link(struct inject_sink *sink, struct span frame, struct timespec when)
{
	if (!sink->send(sink, frame, when))
		log_failure(sink);
}

static void
send_reply(struct handler *handler, struct listener *listener,
    const struct reply *reply, struct timespec when, unsigned delay)
{
	struct span frame;

	if (!envelope_wrap(handler->envelope, reply, &frame)) {
		listener->failed++;
		if (!handler->envelope_failed)
			log_error("cannot send: %s",
			    envelope_error(handler->envelope));
		handler->envelope_failed = true;
		return;
	}
	handler->envelope_failed = false;
	if (listener->sink != NULL) {
		listener->answers++;
		if (delay == 0 || !delay_add(handler->delay, listener->sink,
		    frame, when, delay)) {
			put_on_link(listener->sink, frame, when);
			counters_answered(&handler->counters, when);
		}
	}
	if (handler->savefile != NULL &&
	    !handler->savefile->send(handler->savefile, frame, when))
		give_up_savefile(handler);
}

void
handler_receive(struct handler *handler, struct listener *listener,
    const struct capture_frame *frame)
{
	struct responder_exchange exchange;
	unsigned delay = 0;

	(void)responder_answer(handler->policy, &listener->identity,
	    frame->octets, &exchange);
	if (verdict_answered(exchange.verdict) &&
	    !limiter_allows(handler->limiter, &listener->limits, &exchange,
	    handler->now, &exchange.verdict))
		exchange.replies = 0;
	listener->frames++;
	counters_add(&handler->counters, handler->policy, &exchange);
	clients_add(&handler->clients, listener->name, frame->when, &exchange);
	if (exchange.verdict == VERDICT_OFFER &&
	    exchange.decision.rule != NULL)
		delay = exchange.decision.rule->delay;
	for (unsigned i = 0; i < exchange.replies; i++)
		send_reply(handler, listener, &exchange.reply[i], frame->when,
		    delay);
	log_exchange(handler, listener, &exchange);
}

int
handler_due(const struct handler *handler)
{
	return delay_due(handler->delay);
}

void
handler_send_delayed(struct handler *handler)
{
	struct inject_sink *sink;
	struct span frame;
	struct timespec when;

	while (delay_take(handler->delay, &sink, &frame, &when))
		put_on_link(sink, frame, when);
}

void
handler_forget(struct handler *handler, struct listener *listener)
{
	if (listener->sink != NULL)
		listener->failed += delay_forget(handler->delay,
		    listener->sink);
}

void
handler_flush(struct handler *handler, const struct listener listener[],
    unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct inject_sink *sink = listener[i].sink;

		if (sink != NULL && !sink->flush(sink))
			log_failure(sink);
	}
	counters_settle(&handler->counters);
	if (handler->savefile != NULL &&
	    !handler->savefile->flush(handler->savefile))
		give_up_savefile(handler);
	log_flush();
}

/*
 * The beginning and the end.
 */

bool
handler_use(struct handler *handler, const struct config *config)
{
	const struct policy *policy = config_policy(config);

	if (!counters_use(&handler->counters, policy)) {
		log_errno("counters");
		return false;
	}
	handler->policy = policy;
	limiter_use(handler->limiter, config_rates(config),
	    wishes_count(handler->options, config));
	return true;
}

static struct limiter *
open_limiter(void)
{
	struct siphash_secret secret;

	if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret))
		return NULL;
	return limiter_open(&secret);
}

bool
handler_open(struct handler *handler, const struct options *options,
    const struct config *config)
{
	char error[CAPTURE_ERROR_SIZE];

	handler->options = options;
	clients_open(&handler->clients);
	handler->delay = delay_open();
	handler->limiter = open_limiter();
	if (handler->delay == NULL || handler->limiter == NULL ||
	    !counters_open(&handler->counters)) {
		log_errno("starting");
		return false;
	}
	if (!handler_use(handler, config))
		return false;
	if ((handler->envelope = envelope_open(error)) == NULL) {
		log_error("libnet: %s", error);
		return false;
	}
	if (options->write != NULL && (handler->savefile =
	    inject_open_file(options->write, error)) == NULL) {
		log_error("%s", error);
		return false;
	}
	return true;
}

void
handler_close(struct handler *handler)
{
	if (handler->savefile != NULL)
		handler->savefile->close(handler->savefile);
	delay_close(handler->delay);
	limiter_close(handler->limiter);
	envelope_close(handler->envelope);
	counters_close(&handler->counters);
	clients_close(&handler->clients);
}
