#ifndef CONFINE_H
#define CONFINE_H

/*
 * confine.h - the system calls that may still be made.
 *
 * A seccomp filter of names, which libseccomp turns into the numbers of the
 * machine that it runs on.  Whatever is not on the list kills the process
 * (SIGSYS): a bug, or somebody else's code.
 */

enum confine_task {
	CONFINE_REPLAY,		/* files that are open, and no network */
	CONFINE_SERVE,		/* interfaces too, and opening them again */
};

/*
 * Put the filter in force, for good.  no_new_privs must be set.
 *
 * 0, or the errno that tells why it is not in force.
 */
int confine(enum confine_task task);

#endif
