#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stdio.h>

/*
 * control.h - a unix socket on which the daemon tells how it is.
 *
 * Whoever connects sends a line, "text" or "json", and is sent the whole
 * answer.  Nothing can be changed this way.  No peer is waited for, few are
 * served at a time, and the one that was there first gives way to a new one.
 */

#define CONTROL_DIRECTORY "/run/pxeproxyd"
#define CONTROL_SOCKET CONTROL_DIRECTORY "/control"

enum { CONTROL_ERROR_SIZE = 256 };

struct control;

/*
 * Listen at this path, for our user and group; a socket that a dead daemon
 * left is replaced.  NULL, and the reason in error, on failure.
 */
struct control *control_open(const char *path,
    char error[CONTROL_ERROR_SIZE]);

/* A descriptor to poll(2). */
int control_descriptor(const struct control *control);

/* Do what can be done without waiting; tell writes one answer. */
void control_serve(struct control *control,
    void (*tell)(void *context, FILE *to, bool json), void *context);

void control_close(struct control *control);

/* The other end: print what the daemon at this path says.  The exit status. */
int control_ask(const char *path, bool json);

#endif
