#ifndef NOTIFY_H
#define NOTIFY_H

/*
 * notify.h - tell the service manager how we are: sd_notify(3)'s datagrams.
 *
 * To the socket that $NOTIFY_SOCKET names, a path or with a @ first an
 * abstract name; where there is none, nothing is done.  Nothing is kept from
 * one call to the next, and a message that does not get through is lost.
 */

/* All is open: Type=notify units are started from here on. */
void notify_ready(void);

/* From here on the configuration is read again, until notify_ready(). */
void notify_reloading(void);

/* We are ending. */
void notify_stopping(void);

/* A line for "systemctl status". */
void notify_status(const char *text);

/* We are alive. */
void notify_watchdog(void);

/*
 * How often to say so, in milliseconds: half of what the manager waits for
 * ($WATCHDOG_USEC); 0 where it does not wait, or not for us ($WATCHDOG_PID).
 */
unsigned notify_watchdog_interval(void);

#endif
