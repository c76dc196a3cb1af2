#include "daemon/answering.h"

#include "report/log.h"
#include "report/report.h"
#include "report/text.h"
#include "core/responder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * The log.
 */

static void
log_left_out(const struct loglimit_left *left)
{
	char who[TEXT_MAC] = "all", line[128], fields[160];

	if (left->lines == 0)
		return;
	if (!left->of_all)
		(void)text_mac(left->about.mac, FRAME_MAC, who);
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
may_log(struct answering *answering, const struct exchange *exchange)
{
	struct loglimit_about about = { .verdict = exchange->verdict };
	struct loglimit_left left;
	bool may;

	if (answering->options->debug > 0)
		return true;
	if (exchange->step >= RESPONDER_HEADER)
		memcpy(about.mac, exchange->dhcp.chaddr, FRAME_MAC);
	else if (exchange->step >= RESPONDER_FRAME)
		memcpy(about.mac, exchange->frame.from, FRAME_MAC);
	may = loglimit_allows(&answering->loglimit, &about,
	    answering->now.tv_sec, &left);
	log_left_out(&left);
	return may;
}

void
answering_tell_left_out(struct answering *answering, int64_t now)
{
	struct loglimit_left left;

	while (loglimit_over(&answering->loglimit, now, &left))
		log_left_out(&left);
}

static void
log_exchange(struct answering *answering, const struct station *station,
    const struct exchange *exchange)
{
	enum log_level level = report_level(exchange->verdict);
	const struct report_request request = { exchange, station->name,
	    !answering->options->listen_only };
	char line[REPORT_LINE] = "", fields[REPORT_JSON] = "";

	if (!log_wants(level) ||
	    (answering->options->quiet && level >= LOG_LEVEL_INFO) ||
	    !may_log(answering, exchange))
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

/* Complain once for a run of failures, not once a packet. */
static void
tell_failure(struct sink *sink)
{
	if (!sink->told)
		log_error("cannot send %s", sink->error);
	sink->told = true;
}

static void
give_up_savefile(struct answering *answering)
{
	log_error("%s: %s; going on without it", answering->options->write,
	    answering->savefile->error);
	answering->savefile->close(answering->savefile);
	answering->savefile = NULL;
	answering->gone_bad = true;
}

static void
put_on_link(struct sink *sink, struct span frame, struct timespec when)
{
	if (!sink->send(sink, frame, when))
		tell_failure(sink);
}

static void
send_reply(struct answering *answering, struct station *station,
    const struct reply *reply, struct timespec when, unsigned delay)
{
	struct span frame;

	if (!envelope_wrap(answering->envelope, reply, &frame)) {
		station->failed++;
		if (!answering->failing)
			log_error("cannot send: %s",
			    envelope_error(answering->envelope));
		answering->failing = true;
		return;
	}
	answering->failing = false;
	if (station->sink != NULL) {
		station->answers++;
		if (delay == 0 || !delay_add(answering->delay, station->sink,
		    frame, when, delay)) {
			put_on_link(station->sink, frame, when);
			counters_answered(&answering->counters, when);
		}
	}
	if (answering->savefile != NULL &&
	    !answering->savefile->send(answering->savefile, frame, when))
		give_up_savefile(answering);
}

void
answering_take(struct answering *answering, struct station *station,
    const struct capture_frame *frame)
{
	struct exchange exchange;
	unsigned delay = 0;

	(void)responder_answer(answering->policy, &station->identity,
	    frame->octets, &exchange);
	if (verdict_answered(exchange.verdict) &&
	    !limiter_allows(&answering->limiter, &answering->rates,
	    exchange.dhcp.chaddr, answering->now, &exchange.verdict))
		exchange.replies = 0;
	station->frames++;
	counters_add(&answering->counters, answering->policy, &exchange);
	clients_add(&answering->clients, station->name, frame->when, &exchange);
	if (exchange.verdict == VERDICT_OFFER &&
	    exchange.decision.rule != NULL)
		delay = exchange.decision.rule->delay;
	for (unsigned i = 0; i < exchange.replies; i++)
		send_reply(answering, station, &exchange.reply[i], frame->when,
		    delay);
	log_exchange(answering, station, &exchange);
}

int
answering_due(const struct answering *answering)
{
	return delay_due(answering->delay);
}

void
answering_send_delayed(struct answering *answering)
{
	struct sink *sink;
	struct span frame;
	struct timespec when;

	while (delay_take(answering->delay, &sink, &frame, &when))
		put_on_link(sink, frame, when);
}

void
answering_forget(struct answering *answering, struct station *station)
{
	if (station->sink != NULL)
		station->failed += delay_forget(answering->delay,
		    station->sink);
}

void
answering_flush(struct answering *answering, const struct station station[],
    unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct sink *sink = station[i].sink;

		if (sink != NULL && !sink->flush(sink))
			tell_failure(sink);
	}
	counters_settle(&answering->counters);
	if (answering->savefile != NULL &&
	    !answering->savefile->flush(answering->savefile))
		give_up_savefile(answering);
	log_flush();
}

/*
 * The beginning and the end.
 */

/* What one worker may do of what all may do together: 0 is no limit. */
static unsigned
share(unsigned all, unsigned worker, unsigned workers)
{
	if (all == 0 || all / workers == 0)
		return all == 0 ? 0 : 1;
	return all / workers + (worker < all % workers);
}

bool
answering_use(struct answering *answering, const struct config *config)
{
	const struct policy *policy = config_policy(config);

	if (!counters_use(&answering->counters, policy)) {
		log_errno("counters");
		return false;
	}
	answering->policy = policy;
	answering->rates = *config_rates(config);
	answering->rates.total = share(answering->rates.total,
	    answering->worker, answering->options->workers);
	return true;
}

bool
answering_open(struct answering *answering, const struct options *options,
    const struct config *config, unsigned worker)
{
	char error[CAPTURE_ERROR_SIZE];

	answering->options = options;
	answering->worker = worker;
	clients_open(&answering->clients);
	answering->delay = delay_open();
	if (answering->delay == NULL || !counters_open(&answering->counters)) {
		log_errno("starting");
		return false;
	}
	if (!answering_use(answering, config))
		return false;
	if ((answering->envelope = envelope_open(error)) == NULL) {
		log_error("libnet: %s", error);
		return false;
	}
	if (options->write != NULL && (answering->savefile =
	    inject_open_file(options->write, error)) == NULL) {
		log_error("%s", error);
		return false;
	}
	return true;
}

void
answering_close(struct answering *answering)
{
	if (answering->savefile != NULL)
		answering->savefile->close(answering->savefile);
	delay_close(answering->delay);
	envelope_close(answering->envelope);
	counters_close(&answering->counters);
}
