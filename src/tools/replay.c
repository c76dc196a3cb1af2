#include "tools/replay.h"

#include "net/capture.h"
#include "net/envelope.h"
#include "tools/explain.h"
#include "net/inject.h"
#include "report/log.h"
#include "daemon/privs.h"
#include "report/report.h"
#include "report/text.h"
#include "core/responder.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Our addresses if the command line names none: TEST-NET-1, RFC 5737. */
static const uint32_t default_address = 0xc0000201;
static const uint8_t default_mac[FRAME_MAC] = { 0x02, 0, 0, 0, 0, 0x01 };

struct replay {
	const struct policy *policy;
	struct reply_identity identity;
	bool quiet;
	bool json;			/* an object a line, as the live log */
	const char *path;
	const char *explain;			/* or NULL */
	struct capture *capture;
	struct envelope *envelope;
	struct inject_sink *sink;			/* or NULL */
	FILE *to;				/* text goes there */
	unsigned long long frames;
	unsigned long long listed;
	unsigned long long answered;
	unsigned long long count[VERDICT_COUNT];
};

static void
set_identity(struct replay *replay, const struct options *options)
{
	replay->identity = (struct reply_identity){
		.interface = options->link,
		.address = { htonl(default_address) },
	};
	memcpy(replay->identity.mac, options->has_mac ? options->mac :
	    default_mac, FRAME_MAC);
	if (options->has_address)
		replay->identity.address = options->address;
}

static void
print_line(const struct replay *replay, struct timespec when,
    const struct responder_exchange *exchange)
{
	const struct report_request request = { .exchange = exchange };
	char time[TEXT_TIME], line[REPORT_JSON];

	(void)text_time_micro(when.tv_sec, (unsigned)(when.tv_nsec / 1000),
	    time);
	if (replay->json)
		(void)fprintf(replay->to,
		    "{\"frame\":%llu,\"time\":\"%s\",%s}\n",
		    replay->frames, time, report_json(&request, line));
	else
		(void)fprintf(replay->to, "%6llu %s %s\n", replay->frames,
		    time, report_text(&request, line));
}

/* false if the text of --explain is wrong; this has been logged then. */
static bool
explain(struct replay *replay, const struct responder_exchange *exchange)
{
	struct in_addr address = { INADDR_ANY };
	bool wanted;
	const char *fault;

	if (replay->explain == NULL)
		return true;
	fault = explain_wants(replay->explain, exchange, &wanted);
	if (fault != NULL) {
		log_error("%s: --explain: %s: %s", replay->path,
		    replay->explain, fault);
		return false;
	}
	if (exchange->step >= RESPONDER_HEADER)
		address = exchange->dhcp.ciaddr;
	if (wanted)
		explain_exchange(replay->to, replay->policy, exchange, address);
	return true;
}

static bool
write_answers(struct replay *replay, struct timespec when,
    const struct responder_exchange *exchange)
{
	struct span frame;

	if (replay->sink == NULL)
		return true;
	for (unsigned i = 0; i < exchange->replies; i++) {
		if (!envelope_wrap(replay->envelope, &exchange->reply[i],
		    &frame)) {
			log_error("libnet: %s",
			    envelope_error(replay->envelope));
			return false;
		}
		if (!replay->sink->send(replay->sink, frame, when)) {
			log_error("%s", replay->sink->error);
			return false;
		}
	}
	return true;
}

static bool
replay_frame(void *context, const struct capture_frame *frame)
{
	struct replay *replay = context;
	struct responder_exchange exchange;

	replay->frames++;
	(void)responder_answer(replay->policy, &replay->identity,
	    frame->octets, &exchange);
	if (!report_is_dhcp(&exchange))
		return true;
	replay->listed++;
	replay->count[exchange.verdict]++;
	if (!replay->quiet)
		print_line(replay, frame->when, &exchange);
	if (!explain(replay, &exchange))
		return false;
	if (!verdict_answered(exchange.verdict))
		return true;
	replay->answered++;
	/* Live, the kernel's filter drops frames that do not pass it. */
	if (capture_wants(replay->capture, frame->octets))
		return write_answers(replay, frame->when, &exchange);
	log_error("%s: frame %llu: the filter would keep this request from "
	    "us", replay->path, replay->frames);
	return false;
}

static bool
flush_answers(struct replay *replay)
{
	if (replay->sink == NULL || replay->sink->flush(replay->sink))
		return true;
	log_error("%s", replay->sink->error);
	return false;
}

static bool
replay_all(struct replay *replay, const char *path)
{
	enum capture_step step = capture_all(replay->capture, replay_frame,
	    replay);

	if (step != CAPTURE_ERROR)
		return step == CAPTURE_END;
	log_error("%s: after frame %llu: %s", path, replay->frames,
	    capture_error(replay->capture));
	return false;
}

static void
print_summary_json(const struct replay *replay)
{
	const char *between = "";

	(void)fprintf(replay->to, "{\"event\":\"summary\",\"frames\":%llu,"
	    "\"listed\":%llu,\"answered\":%llu,\"verdicts\":{",
	    replay->frames, replay->listed, replay->answered);
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		if (replay->count[v] == 0)
			continue;
		(void)fprintf(replay->to, "%s\"%s\":%llu", between,
		    verdict_name((enum verdict)v), replay->count[v]);
		between = ",";
	}
	(void)fprintf(replay->to, "}}\n");
}

static void
print_summary(const struct replay *replay)
{
	if (replay->json) {
		print_summary_json(replay);
		return;
	}
	(void)fprintf(replay->to, "%llu frames, %llu listed, %llu answered\n",
	    replay->frames, replay->listed, replay->answered);
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (replay->count[v] > 0)
			(void)fprintf(replay->to, "%6llu %-17s %s\n",
			    replay->count[v], verdict_name((enum verdict)v),
			    verdict_sentence((enum verdict)v));
}

/* Writing into the file that is being read would cut it short. */
static bool
is_same_file(const char *read, const char *written)
{
	struct stat in, out;

	return stat(read, &in) == 0 && stat(written, &out) == 0 &&
	    S_ISREG(in.st_mode) && in.st_dev == out.st_dev &&
	    in.st_ino == out.st_ino;
}

static bool
open_all(struct replay *replay, const struct options *options)
{
	char error[CAPTURE_ERROR_SIZE];

	replay->capture = capture_open_file(options->read,
	    replay->identity.mac, error);
	if (replay->capture == NULL) {
		/* Some of libpcap's errors name the file, and some do not. */
		if (strncmp(error, options->read, strlen(options->read)) == 0)
			log_error("%s", error);
		else
			log_error("%s: %s", options->read, error);
		return false;
	}
	if ((replay->envelope = envelope_open(error)) == NULL) {
		log_error("libnet: %s", error);
		return false;
	}
	if (options->write == NULL)
		return true;
	if (is_same_file(options->read, options->write)) {
		log_error("%s: the answers cannot go into the savefile that "
		    "is being read", options->write);
		return false;
	}
	if ((replay->sink = inject_open_file(options->write, error)) == NULL)
		log_error("%s", error);
	return replay->sink != NULL;
}

static void
close_all(struct replay *replay)
{
	if (replay->sink != NULL)
		replay->sink->close(replay->sink);
	envelope_close(replay->envelope);
	capture_close(replay->capture);
}

int
replay_run(const struct options *options, const struct policy *policy)
{
	struct replay replay = { .policy = policy, .quiet = options->quiet,
	    .json = options->log_json, .path = options->read,
	    .explain = options->explain };
	bool whole = false;

	/* If the answers go to standard output, the text goes elsewhere. */
	replay.to = options->write != NULL &&
	    strcmp(options->write, "-") == 0 ? stderr : stdout;
	set_identity(&replay, options);
	if (open_all(&replay, options) && privs_drop(options)) {
		whole = replay_all(&replay, options->read);
		whole = flush_answers(&replay) && whole;
		print_summary(&replay);
		if (fflush(replay.to) != 0) {
			log_errno("standard output");
			whole = false;
		}
	}
	close_all(&replay);
	return whole ? EXIT_SUCCESS : EXIT_FAILURE;
}
