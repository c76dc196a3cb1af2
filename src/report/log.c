#include "report/log.h"

#include "report/devlog.h"
#include "report/json.h"
#include "report/text.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_MAX_OCTETS = 1024,
	PREFIX_OCTETS = 64,
	FIELDS_MAX_OCTETS = 8 * LINE_MAX_OCTETS + 64,
	JSON_MAX_OCTETS = FIELDS_MAX_OCTETS + 128,
	PIECE_MAX_OCTETS = 4096,	/* fits where there is room at all */
	PATIENCE_MS = 1000,		/* with a reader, at the end */
};

/* Who reads standard error decides what stands before a line. */
enum log_reader {
	READER_UNKNOWN,
	READER_JOURNAL,		/* has the time and our name: a priority */
	READER_TERMINAL,	/* the time, and our name */
	READER_OTHER,		/* our name */
};

static enum log_level wanted = LOG_LEVEL_INFO;
static enum log_reader reader;
static bool use_syslog;
static unsigned long errors;
static bool use_json;
static bool holding;
static bool has_reader;		/* who may be late: it is no plain file */
static char held[32768];
static size_t n_held;
static unsigned long lost;	/* lines that there was no room for */
static void (*redirected)(enum log_level level, const char *text);

/* systemd names the socket that it made of standard error (systemd.exec(5)). */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat stat;
	char *end;

	if (stream == NULL)
		return false;
	device = strtoumax(stream, &end, 10);
	if (*end != ':')
		return false;
	inode = strtoumax(end + 1, &end, 10);
	return *end == '\0' && fstat(STDERR_FILENO, &stat) == 0 &&
	    stat.st_dev == device && stat.st_ino == inode;
}

/* Asked once: later the system calls for it may not be allowed. */
static enum log_reader
find_reader(void)
{
	if (reader != READER_UNKNOWN)
		return reader;
	if (is_journal())
		reader = READER_JOURNAL;
	else
		reader = isatty(STDERR_FILENO) ? READER_TERMINAL :
		    READER_OTHER;
	return reader;
}

void
log_open(enum log_level level, bool to_syslog, bool json)
{
	(void)find_reader();
	wanted = level;
	use_syslog = to_syslog;
	use_json = json;
	if (to_syslog && !devlog_open())
		(void)fprintf(stderr, "pxeproxyd: --syslog: %s: %s\n",
		    _PATH_LOG, strerror(errno));
}

bool
log_is_json(void)
{
	return use_json;
}

bool
log_wants(enum log_level level)
{
	return level <= wanted;
}

void
log_redirect(void (*line)(enum log_level level, const char *text))
{
	redirected = line;
}

/* As syslog(3) has it, without a facility. */
static int
priority_of(enum log_level level)
{
	static const int priorities[] = {
		[LOG_LEVEL_ERROR] = LOG_ERR,
		[LOG_LEVEL_WARNING] = LOG_WARNING,
		[LOG_LEVEL_INFO] = LOG_INFO,
		[LOG_LEVEL_DEBUG] = LOG_DEBUG,
		[LOG_LEVEL_TRACE] = LOG_DEBUG,
	};

	return priorities[level];
}

const char *
log_priority(enum log_level level)
{
	static const char *const prefixes[] = {
		[LOG_ERR] = "<3>",
		[LOG_WARNING] = "<4>",
		[LOG_INFO] = "<6>",
		[LOG_DEBUG] = "<7>",
	};

	return find_reader() == READER_JOURNAL ?
	    prefixes[priority_of(level)] : "";
}

/* Control characters would forge lines, or drive the reader's terminal. */
static void
escape(const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (; *text != '\0' && n + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= ' ' && c != 0x7f)
			out[n++] = *text;
		else
			n += (size_t)snprintf(out + n, size - n, "\\x%02x", c);
	}
	out[n] = '\0';
}

void
log_hold(void)
{
	struct stat stat;

	holding = true;
	has_reader = fstat(STDERR_FILENO, &stat) < 0 ||
	    !S_ISREG(stat.st_mode);
}

/* Who serves waits for no reader. */
static bool
has_room(int patience)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };

	return !has_reader || poll(&out, 1, patience) != 0;
}

/* Of so many octets that are left: whole lines, if they are not too long. */
static size_t
piece_of(const char *lines, size_t left)
{
	const char *end;

	if (!has_reader || left <= PIECE_MAX_OCTETS)
		return left;
	end = memrchr(lines, '\n', PIECE_MAX_OCTETS);
	return end != NULL ? (size_t)(end - lines) + 1 : PIECE_MAX_OCTETS;
}

static void
write_held(int patience)
{
	size_t at = 0;

	while (at < n_held && has_room(patience)) {
		ssize_t n = write(STDERR_FILENO, held + at,
		    piece_of(held + at, n_held - at));

		if (n > 0)
			at += (size_t)n;
		else if (errno != EINTR)
			at = n_held;	/* nowhere to go: nothing to be done */
	}
	memmove(held, held + at, n_held - at);
	n_held -= at;
}

/* Once there is room again. */
static void
tell_lost(void)
{
	unsigned long n = lost;

	lost = 0;
	if (n > 0)
		log_warning("%lu lines of the log were lost: they were not "
		    "read in time", n);
	if (lost > 0)
		lost = n;		/* this line is lost as well */
}

void
log_flush(void)
{
	write_held(0);
	if (n_held == 0)
		tell_lost();
}

void
log_end(void)
{
	write_held(PATIENCE_MS);
	log_flush();
}

/* What stands before a line.  JSON has the time and more in itself. */
static const char *
form_prefix(enum log_level level, char out[PREFIX_OCTETS])
{
	struct timespec now;
	char time[TEXT_TIME];

	out[0] = '\0';
	if (find_reader() == READER_JOURNAL) {
		(void)snprintf(out, PREFIX_OCTETS, "%s", log_priority(level));
	} else if (!use_json && reader == READER_TERMINAL) {
		(void)clock_gettime(CLOCK_REALTIME, &now);
		(void)snprintf(out, PREFIX_OCTETS, "%s pxeproxyd: ",
		    text_time_micro(now.tv_sec, (unsigned)(now.tv_nsec / 1000),
		    time));
	} else if (!use_json) {
		(void)snprintf(out, PREFIX_OCTETS, "pxeproxyd: ");
	}
	return out;
}

/* One line for stderr. */
static void
keep_line(enum log_level level, const char *line)
{
	char prefix[PREFIX_OCTETS];
	size_t before = strlen(form_prefix(level, prefix)), n = strlen(line);

	if (before + n + 1 > sizeof(held) - n_held)
		write_held(0);
	if (before + n + 1 > sizeof(held) - n_held) {
		lost++;
		return;
	}
	memcpy(held + n_held, prefix, before);
	memcpy(held + n_held + before, line, n);
	n_held += before + n;
	held[n_held++] = '\n';
	if (!holding || level <= LOG_LEVEL_WARNING)
		log_flush();
}

/* One line for syslog.  A replay may open nothing any more. */
static void
pass_line(enum log_level level, const char *line)
{
	if (!devlog_write(LOG_DAEMON | priority_of(level), line,
	    holding))
		lost++;
	else
		tell_lost();
}

unsigned long
log_errors(void)
{
	return errors;
}

/* A line as it goes out: without control characters. */
static void
put(enum log_level level, const char *line)
{
	if (level == LOG_LEVEL_ERROR)
		errors++;
	if (redirected != NULL)
		redirected(level, line);
	else if (use_syslog)
		pass_line(level, line);
	else
		keep_line(level, line);
}

static void
put_json(enum log_level level, const char *fields)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
		[LOG_LEVEL_TRACE] = "trace",
	};
	char line[JSON_MAX_OCTETS], time[TEXT_TIME];
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(line, sizeof(line),
	    "{\"time\":\"%s\",\"level\":\"%s\",%s}",
	    text_time_micro(now.tv_sec, (unsigned)(now.tv_nsec / 1000), time),
	    names[level], fields);
	put(level, line);
}

static void
emit(enum log_level level, const char *text)
{
	char line[LINE_MAX_OCTETS], fields[FIELDS_MAX_OCTETS] =
	    "\"event\":\"message\",\"text\":";
	size_t n = strlen(fields);

	if (use_json) {
		(void)json_text(text, fields + n, sizeof(fields) - n);
		put_json(level, fields);
	} else {
		escape(text, line, sizeof(line));
		put(level, line);
	}
}

void
log_event(enum log_level level, const char *line, const char *fields)
{
	if (!log_wants(level))
		return;
	if (use_json)
		put_json(level, fields);
	else
		emit(level, line);
}

static void __attribute__((format(printf, 2, 0)))
format_line(enum log_level level, const char *format, va_list ap)
{
	char text[LINE_MAX_OCTETS];

	if (!log_wants(level))
		return;
	(void)vsnprintf(text, sizeof(text), format, ap);
	emit(level, text);
}

void
log_line(enum log_level level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	format_line(level, format, ap);
	va_end(ap);
}

void
log_errno(const char *format, ...)
{
	int error = errno;
	char text[LINE_MAX_OCTETS];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	log_line(LOG_LEVEL_ERROR, "%s: %s", text, strerror(error));
}

void
log_error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	format_line(LOG_LEVEL_ERROR, format, ap);
	va_end(ap);
}

void
log_warning(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	format_line(LOG_LEVEL_WARNING, format, ap);
	va_end(ap);
}

void
log_info(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	format_line(LOG_LEVEL_INFO, format, ap);
	va_end(ap);
}
