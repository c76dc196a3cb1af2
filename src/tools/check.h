#ifndef CHECK_H
#define CHECK_H

#include "config/options.h"
#include "core/policy.h"

/*
 * check.h - does a configuration give its clients what it must give them?
 *
 * "pxeproxyd check -c FILE CLIENTS": on each line of CLIENTS stand a client,
 * in the words of --explain, "=>", and what it must get:
 *
 *	arch=x64-uefi          => bootfile-name=shimx64.efi form=binl
 *	mac=52:54:00:07:00:01  => ignored
 */

/*
 * Check each line, and print what differs.  Answers the exit status: 0, 1
 * where something differs, 2 where the file or a line is not understood, which
 * is logged.
 */
int check_run(const struct options *options, const struct policy *policy);

#endif
