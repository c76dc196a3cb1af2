#ifndef ASK_RELOAD_H
#define ASK_RELOAD_H

#include "config/options.h"

/*
 * ask_reload.h - have the running daemon read its configuration again, and
 * wait until it has ("pxeproxyd reload").
 *
 * What the daemon says of the file is printed: errors on standard error.
 *
 * Answers the exit status: 0 where the new configuration is in force, 2 where
 * the file has errors and the old one stays; 1 where memory was short, 3 where
 * no daemon runs, 4 where it cannot be asked or the user may not ask for it.
 */
int ask_reload_run(const struct options *options);

#endif
