#ifndef NOTIFY_H
#define NOTIFY_H

/*
 * notify.h - tell the service manager the state of the daemon, by the
 * datagrams of sd_notify(3).
 *
 * They go to the socket that $NOTIFY_SOCKET names: a path, or an abstract name
 * if it begins with a @.  Without that variable nothing is done.  No state is
 * kept between calls, and a message that the manager does not take is lost.
 */

/* The daemon serves: a unit with Type=notify counts as started. */
void notify_ready(void);

/* The configuration is read again, until notify_ready(). */
void notify_reloading(void);

/* The daemon is about to end. */
void notify_stopping(void);

/* A line that "systemctl status" shows. */
void notify_status(const char *text);

/* The daemon is alive (WatchdogSec=). */
void notify_watchdog(void);

/*
 * The time between two calls of notify_watchdog(), in milliseconds: half of
 * what the manager waits for ($WATCHDOG_USEC).  0 where it does not wait for
 * them, or for those of another process ($WATCHDOG_PID).
 */
unsigned notify_watchdog_interval(void);

#endif
