#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

/*
 * log.h - lines for the operator, on stderr or to syslog.
 *
 * What stands before a line is for its reader: a priority for systemd's
 * journal, which has the time and our name by itself; the time and our name on
 * a terminal; our name alone anywhere else.
 *
 * The only module with state of its own.  Callers escape octets that come
 * from the wire (report.h does); control characters that reach a line all
 * the same are written as \xNN.
 */

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,	/* -d */
	LOG_LEVEL_TRACE,	/* -dd: every frame */
};

/*
 * Where lines go, up to which level, and whether each is a JSON object.  Before
 * it is called: stderr, info, text.
 */
void log_open(enum log_level level, bool to_syslog, bool json);

/* Is a line of this level written at all?  So that nobody forms it in vain. */
bool log_wants(enum log_level level);

/*
 * What stands before a line of this level where standard error is systemd's
 * journal, for who writes there himself: "<3>", such as that.  Else "".
 */
const char *log_priority(enum log_level level);

/* A line of this level. */
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * An event: as text this line; as JSON these fields, of which the first is
 * "event".  Other lines have the event "message" and their text.
 */
void log_event(enum log_level level, const char *line, const char *fields);

/* Are lines JSON?  So that nobody forms the other text in vain. */
bool log_is_json(void);

/* An error: the text, and what errno says. */
void log_errno(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* An error: the text alone. */
void log_error(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

void log_warning(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* How many errors there have been: to know whether one was named. */
unsigned long log_errors(void);

void log_info(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * From now on lines for stderr are kept, and log_flush() writes them in one
 * piece: for a loop that flushes before it sleeps.  Errors and warnings do
 * not wait, and neither do lines that find no room.  Where nobody reads what
 * is written nobody is waited for: lines are lost, which a line tells later.
 * But at the end, with log_end(), a moment.
 */
void log_hold(void);
void log_flush(void);
void log_end(void);

/* Send lines elsewhere instead (tests); NULL for the way log_open() set. */
void log_redirect(void (*line)(enum log_level level, const char *text));

#endif
