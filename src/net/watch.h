#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

/*
 * watch.h - has anything about this host's interfaces or addresses changed?
 *
 * The kernel says so by netlink (rtnetlink(7)); what it is now, link.h tells.
 */

/* A descriptor to poll(2); or -1 and errno. */
int watch_open(void);

/*
 * Take what the kernel said: true where it said anything since the last call,
 * or more than it could keep for us.
 */
bool watch_changed(int descriptor);

#endif
