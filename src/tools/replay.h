#ifndef REPLAY_H
#define REPLAY_H

#include "config/options.h"
#include "core/policy.h"

/*
 * replay.h - answer the requests of a savefile, as if they came just now.
 *
 * Prints a line for each DHCP frame and a summary; with -w the answers go
 * into a savefile.  Answers the exit status: 0, or 1 where the savefile could
 * not be read to its end, or the answers not be written.
 *
 * Hot: what main() calls once gcc would make small, with all that is inlined
 * into it.
 */
int replay_run(const struct options *options, const struct policy *policy)
    __attribute__((hot));

#endif
