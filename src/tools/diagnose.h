#ifndef DIAGNOSE_H
#define DIAGNOSE_H

#include "config/options.h"
#include "core/policy.h"

/*
 * diagnose.h - why did the machines of this savefile not boot?
 *
 * Prints for each machine a ladder of its boot and the findings; with -q a
 * line each, with --json all as JSON.  Answers the exit status: 0 where every
 * machine boots as far as the savefile shows, 1 where there is a finding, 2
 * where there is none but the savefile could not be read to its end; what
 * could be read is judged even then.
 *
 * Where the command line has a configuration or our address, what we would
 * have answered counts too.
 */
int diagnose_run(const struct options *options, const struct policy *policy);

#endif
