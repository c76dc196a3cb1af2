#ifndef SERVE_H
#define SERVE_H

#include "config/config.h"
#include "config/options.h"

/*
 * serve.h - answer requests on the interfaces until a signal ends it.
 *
 * SIGHUP has the configuration read again, unless the process has a controlling
 * terminal: then it says that the terminal has gone, and ends the daemon.  If
 * all of the configuration is right, *config is freed and becomes the new one;
 * else it stays.
 *
 * Answers the exit status: 0 after SIGINT, SIGTERM or such a SIGHUP, 1 where
 * it could not start.
 *
 * Hot, because gcc optimizes a function that main() alone calls for size, and
 * all that is inlined into it with it.
 */
int serve_run(const struct options *options, struct config **config)
    __attribute__((hot));

#endif
