#ifndef PRIVS_H
#define PRIVS_H

#include "config/options.h"

#include <stdbool.h>

/*
 * privs.h - give up the privileges that are not needed any more.
 *
 * Call it when all is open: interfaces, ports, savefiles.  When serving,
 * CAP_NET_RAW is kept, to open an interface again that went away and came
 * back; a replay or a probe keeps no capability.  The order is: the bounding set, the
 * supplementary groups, group and user, the capabilities, the right to gain
 * new ones (no_new_privs), and the system calls that confine.h does not list.
 *
 * Where this system lacks one of these protections a line of the log names it,
 * and the others are applied.
 */

/*
 * Give up all of them.  The new user is that of --user; without that option it
 * is pxeproxyd, or nobody where there is no such user.  A process that is not
 * root keeps its user, and so does one with an empty --user.
 *
 * false where it could not become the user that was asked for, or where a
 * capability stays that should not.  The log says so, and the program must end.
 */
bool privs_drop(const struct options *options);

/* The same without the last step: system calls are not restricted. */
bool privs_shed(const struct options *options);

/*
 * Give a file to the user that privs_drop() will become, and to the user's
 * group.  nobody gets none, and what fails is a warning in the log.
 */
void privs_give(const struct options *options, const char *path);

#endif
