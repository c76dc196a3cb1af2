#ifndef CONFINE_H
#define CONFINE_H

/*
 * confine.h - the system calls that may still be made.
 *
 * A seccomp filter of names, which libseccomp turns into the numbers of the
 * machine that it runs on.  A call is one of three kinds:
 *
 *	allowed		what the program needs;
 *	killing		what only somebody else's code would want in here: it
 *			ends the process (SIGSYS);
 *	refused		all else, also calls that are not invented yet: ENOSYS,
 *			as of a kernel without them, so that a newer C library
 *			does it in an older way.
 */

enum confine_task {
	CONFINE_REPLAY,		/* files that are open, and no network */
	CONFINE_PROBE,		/* sockets too that are open */
	CONFINE_SERVE,		/* interfaces too, and opening them again */
};

/*
 * Put the filter in force, for good.  no_new_privs must be set.
 *
 * 0, or the errno that tells why it is not in force.
 */
int confine(enum confine_task task);

#endif
