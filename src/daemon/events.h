#ifndef EVENTS_H
#define EVENTS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * events.h - what the loop waits for: one descriptor for each thing that can
 * happen, each with a number by which the loop knows it.
 *
 * epoll(7): what it costs to wait depends on what happens, not on how many
 * interfaces are served.
 */

enum { EVENTS_AT_ONCE = 64 };

/* A descriptor for the calls below; less than 0 and errno. */
int events_open(void);

/*
 * Wait for a descriptor to become readable, or have another number for it
 * from now on.  It is no longer waited for once it is closed.  false and errno.
 */
bool events_watch(int events, int descriptor, uint32_t number);

/* Wait for it no longer, though it stays open. */
void events_ignore(int events, int descriptor);

/*
 * Wait for up to so many milliseconds, less than 0: for as long as it takes.
 * The numbers of what happened, up to EVENTS_AT_ONCE; how many, or less than
 * 0 and errno.  What is not told this time is told the next time.
 */
int events_wait(int events, int ms, uint32_t number[EVENTS_AT_ONCE]);

#endif
