#ifndef PRIVS_H
#define PRIVS_H

#include "config/options.h"

#include <stdbool.h>

/*
 * privs.h - give up what is not needed any more.
 *
 * To be called when all is open: interfaces, ports, savefiles.  What is kept
 * when serving is CAP_NET_RAW, by which an interface that went away and came
 * back is opened again; a replay keeps nothing.  In this order go the
 * bounding set, the supplementary groups, group and user, the capabilities,
 * the right to gain any (no_new_privs), and the system calls that are not on
 * confine.h's list.
 *
 * A protection that cannot be had here is told of in a line, and the rest is
 * done all the same.
 */

/*
 * All of it, for the way that we run.  The user is that of --user; without it
 * pxeproxyd, or nobody if there is no such user.  Who is not root keeps his
 * user, and so does everyone with an empty --user.
 *
 * false: the user that was asked for cannot be had, or a privilege stays that
 * should not; that was said, and the program must not go on.
 */
bool privs_drop(const struct options *options);

/* All but the last step: the system calls stay what they were. */
bool privs_shed(const struct options *options);

#endif
