#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include "core/policy.h"

#include <stdio.h>

/*
 * policy_text.h - the policy in force as a table for people.
 */

enum { POLICY_TEXT_LINE = 1024 };	/* octets that a condition fits in */

/* One condition, such as: arch x64-uefi or 9; or: not mac 52:54:00:*. */
const char *policy_text_match(const struct match *match,
    char out[POLICY_TEXT_LINE]);

/*
 * The table of -t: the rules in the order of evaluation; and how many requests
 * each of them decided, or NULL.
 */
void policy_text_print(FILE *to, const struct policy *policy,
    const unsigned long long requests[]);

#endif
