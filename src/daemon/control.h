#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stdio.h>

/*
 * control.h - a unix socket on which the daemon answers questions: its status,
 * or to reload its configuration.
 *
 * Whoever connects sends a line, and is sent a line with an exit status (a
 * number) and then text, up to the end of the connection.  No peer is waited
 * for, few are served at a time, and the one that was there first gives way to
 * a new one.
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

struct control_question {
	const char *text;		/* one line, without its newline */
	bool is_trusted;		/* from root, or from our own user */
};

/* The question that asks for a reload. */
#define CONTROL_RELOAD "reload"

/* Answers one question, and returns the exit status, 0 to 9. */
typedef int control_answer(void *context,
    const struct control_question *question, FILE *to);

/* Do what can be done without waiting. */
void control_serve(struct control *control, control_answer *answer,
    void *context);

void control_close(struct control *control);

/*
 * The other end: ask the daemon at this path, and write its text.
 *
 * Answers the exit status that the daemon sent; CONTROL_NOBODY where no daemon
 * answers there, and CONTROL_UNKNOWN where that cannot be found out: these two
 * were logged.  The numbers are those that the Linux Standard Base gives the
 * status of a service.
 */
enum { CONTROL_NOBODY = 3, CONTROL_UNKNOWN = 4 };

int control_ask(const char *path, const char *question, FILE *to);

#endif
