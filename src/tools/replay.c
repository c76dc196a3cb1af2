#include "tools/replay.h"

#include "net/capture.h"
#include "net/envelope.h"
#include "tools/explain.h"
#include "net/inject.h"
#include "report/log.h"
#include "daemon/privs.h"
#include "report/report.h"
#include "core/responder.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Our addresses if the command line names none: TEST-NET-1, RFC 5737. */
static const uint32_t default_address = 0xc0000201;
static const uint8_t default_mac[FRAME_MAC] = { 0x02, 0, 0, 0, 0, 0x01 };

enum {
	TEXT_OCTETS = 64 * 1024,	/* of lines, written in one piece */
	DIGITS_MAX = 24,		/* of a number */
	NUMBER_WIDTH = 6,		/* of a frame's, at least */
	SECOND_MAX = 32,		/* of a time, without what is below
					 * the second */
	LINE_MAX_OCTETS = 2 * DIGITS_MAX + SECOND_MAX + REPORT_LINE + 8,
};

enum {
	DAY_SECONDS = 86400,
	DAYS_TO_1970 = 719468,		/* since the first of March, 0000 */
	FOUR_YEARS = 4 * 365 + 1,
	FOUR_CENTURIES = 100 * FOUR_YEARS - 3,	/* in days, too */
};
static const int64_t LAST_SECOND = INT64_C(253402300799);  /* of 9999 */

struct replay {
	const struct policy *policy;
	struct identity identity;
	bool quiet;
	const char *explain;			/* or NULL */
	struct capture *capture;
	struct envelope *envelope;
	struct sink *sink;			/* or NULL */
	bool second_known;
	time_t second;				/* that second_text is for */
	char second_text[SECOND_MAX];
	size_t n_second_text;
	struct report_cache lines;
	FILE *to;				/* text goes there */
	char text[TEXT_OCTETS];			/* lines not yet printed */
	size_t n_text;
	unsigned long long frames;
	char number[2 * DIGITS_MAX];		/* the same: digits up to
						 * DIGITS_MAX, then blanks */
	size_t width;				/* of it, at least */
	unsigned long long listed;
	unsigned long long answered;
	unsigned long long count[VERDICT_COUNT];
};

static void
set_identity(struct replay *replay, const struct options *options)
{
	replay->identity = (struct identity){
		.interface = options->link,
		.address = { htonl(default_address) },
	};
	memcpy(replay->identity.mac, options->has_mac ? options->mac :
	    default_mac, FRAME_MAC);
	if (options->has_address)
		replay->identity.address = options->address;
}

/*
 * Seconds since 1970.  A savefile has them in 32 bits without a sign, but
 * libpcap, and a time_t of 32 bits, see times before 1970 from 2038 on.
 */
static int64_t
seconds_of(time_t second)
{
	return second < 0 ? second + (INT64_C(1) << 32) : second;
}

/*
 * As gmtime(3), but of a number that a time_t of 32 bits does not hold.  Years
 * begin with March here, so that the day to leap is the last one of a year,
 * and the months, from 0 on, have 153 days in every five.
 */
static bool
break_down(int64_t seconds, struct tm *out)
{
	unsigned second, day, century, year, month;

	if (seconds < 0 || seconds > LAST_SECOND)
		return false;
	second = (unsigned)(seconds % DAY_SECONDS);
	day = (unsigned)(seconds / DAY_SECONDS) + DAYS_TO_1970;
	/* Of four, the last century and the last year are a day longer. */
	century = (4 * day + 3) / FOUR_CENTURIES;
	day -= century * FOUR_CENTURIES / 4;
	year = (4 * day + 3) / FOUR_YEARS;
	day -= year * FOUR_YEARS / 4;
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	year += 100 * century + (month >= 10);
	*out = (struct tm){
		.tm_year = (int)year - 1900,
		.tm_mon = (int)(month + 2) % 12,
		.tm_mday = (int)day + 1,
		.tm_hour = (int)(second / 3600),
		.tm_min = (int)(second / 60 % 60),
		.tm_sec = (int)(second % 60),
	};
	return true;
}

/* The second that a frame came in, as text: made once for all of it. */
static void
form_second(struct replay *replay, time_t second)
{
	struct tm tm;

	replay->second = second;
	replay->second_known = true;
	if (!break_down(seconds_of(second), &tm) ||
	    strftime(replay->second_text, sizeof(replay->second_text),
	    "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		(void)snprintf(replay->second_text,
		    sizeof(replay->second_text), "?");
	replay->n_second_text = strlen(replay->second_text);
}

static void
flush_text(struct replay *replay)
{
	(void)fwrite(replay->text, 1, replay->n_text, replay->to);
	replay->n_text = 0;
}

/* Write the six digits of a number below a million; their end. */
static char *
put_six(char *out, unsigned number)
{
	static const char pairs[] =
	    "00010203040506070809" "10111213141516171819"
	    "20212223242526272829" "30313233343536373839"
	    "40414243444546474849" "50515253545556575859"
	    "60616263646566676869" "70717273747576777879"
	    "80818283848586878889" "90919293949596979899";
	size_t high = number / 10000, middle = number / 100 % 100,
	    low = number % 100;

	memcpy(out, pairs + high * 2, 2);
	memcpy(out + 2, pairs + middle * 2, 2);
	memcpy(out + 4, pairs + low * 2, 2);
	return out + 6;
}

/*
 * One more frame.  Its number is counted as text too, right-aligned: to form
 * it for each line takes longer.
 */
static void
count_frame(struct replay *replay)
{
	char *digit = replay->number + DIGITS_MAX;

	replay->frames++;
	while (*--digit == '9')
		*digit = '0';
	if (*digit == ' ')
		*digit = '0';
	++*digit;
	if (digit < replay->number + DIGITS_MAX - replay->width)
		replay->width++;
}

/* Write the number of the frame, six characters wide or more; its end. */
static char *
put_number(const struct replay *replay, char *out)
{
	/* There is room for more than the digits, and for the time so too. */
	memcpy(out, replay->number + DIGITS_MAX - replay->width, DIGITS_MAX);
	return out + replay->width;
}

static char *
put_time(struct replay *replay, char *out, struct timespec when)
{
	if (!replay->second_known || replay->second != when.tv_sec)
		form_second(replay, when.tv_sec);
	memcpy(out, replay->second_text, SECOND_MAX);
	out += replay->n_second_text;
	*out++ = '.';
	out = put_six(out, (unsigned)when.tv_nsec / 1000);
	*out++ = 'Z';
	return out;
}

static void
print_line(struct replay *replay, struct timespec when,
    const struct exchange *exchange)
{
	char *at;

	if (LINE_MAX_OCTETS > sizeof(replay->text) - replay->n_text)
		flush_text(replay);
	at = replay->text + replay->n_text;
	at = put_number(replay, at);
	*at++ = ' ';
	at = put_time(replay, at, when);
	*at++ = ' ';
	at += report_quickly(&replay->lines, exchange, at);
	*at++ = '\n';
	replay->n_text = (size_t)(at - replay->text);
}

/* false if the text of --explain is wrong; this has been logged then. */
static bool
explain(struct replay *replay, const struct exchange *exchange)
{
	struct in_addr address = { INADDR_ANY };
	bool wanted;
	const char *fault;

	if (replay->explain == NULL)
		return true;
	fault = explain_wants(replay->explain, exchange, &wanted);
	if (fault != NULL) {
		log_error("--explain: %s: %s", replay->explain, fault);
		return false;
	}
	if (exchange->step >= RESPONDER_HEADER)
		address = exchange->dhcp.ciaddr;
	flush_text(replay);
	if (wanted)
		explain_exchange(replay->to, replay->policy, exchange, address);
	return true;
}

static bool
write_answers(struct replay *replay, struct timespec when,
    const struct exchange *exchange)
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
	struct exchange exchange;

	count_frame(replay);
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
	log_error("frame %llu: the filter would keep this request from us",
	    replay->frames);
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
print_summary(const struct replay *replay)
{
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
		log_error("%s", error);
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
	    .explain = options->explain, .width = NUMBER_WIDTH };
	bool whole = false;

	memset(replay.number, ' ', sizeof(replay.number));
	/* If the answers go to standard output, the text goes elsewhere. */
	replay.to = options->write != NULL &&
	    strcmp(options->write, "-") == 0 ? stderr : stdout;
	set_identity(&replay, options);
	if (open_all(&replay, options) && privs_drop(options)) {
		whole = replay_all(&replay, options->read);
		whole = flush_answers(&replay) && whole;
		flush_text(&replay);
		print_summary(&replay);
		if (fflush(replay.to) != 0) {
			log_errno("standard output");
			whole = false;
		}
	}
	close_all(&replay);
	return whole ? EXIT_SUCCESS : EXIT_FAILURE;
}
