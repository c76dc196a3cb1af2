#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/*
 * signals.h - the signals that the daemon takes, read from a descriptor.
 *
 * A signal handler would not run for as long as the loop finds frames whenever
 * it looks; a descriptor takes its turn like the others.
 */

/* Hold them back from now on, before anything is open.  SIGPIPE is ignored. */
void signals_block(void);

/*
 * Does SIGHUP mean that our terminal has gone?  It does where the process has
 * a controlling terminal and was not started by nohup(1).  If not, it asks to
 * read the configuration again.
 */
bool signals_has_terminal(void);

/* A descriptor to wait for; or -1 and errno. */
int signals_open(void);

/* The next signal that came; false where there is none. */
bool signals_next(int descriptor, int *out);

#endif
