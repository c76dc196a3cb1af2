#ifndef DEVLOG_H
#define DEVLOG_H

#include <stdbool.h>

/*
 * devlog.h - lines for the system's log, by /dev/log (RFC 3164, as syslog(3)
 * writes them).
 *
 * syslog(3) waits for as long as nobody reads there, and who serves must not.
 */

/* false where there is nobody; errno tells why. */
bool devlog_open(void);

/*
 * A line, with a priority as syslog(3) has it (facility and level).
 *
 * false: it is lost.  Who is slow is waited for a moment, but not again until
 * he has taken a line.  With again, one who went away is looked for again.
 */
bool devlog_write(int priority, const char *line, bool again);

#endif
