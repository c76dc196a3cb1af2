#ifndef PROBE_H
#define PROBE_H

#include "config/options.h"

/*
 * probe.h - what would a machine on this port get?
 *
 * Asks on the interface as that machine's firmware does, and tells what came,
 * what the firmware makes of it, and whether it boots.  Answers the exit
 * status: 0 it boots (with --all: each client does), 1 it does not, or that
 * is not known, 2 it could not be asked.
 */
int probe_run_all(const struct options *options);

#endif
