#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include "config/config.h"

#include <stdio.h>

/*
 * policy_text.h - the policy in force as a table for people.
 */

enum { POLICY_TEXT_LINE = 1024 };	/* octets that a condition fits in */

/* One condition, such as: arch x64-uefi or 9; or: not mac 52:54:00:*. */
const char *policy_text_match(const struct match *match,
    char out[POLICY_TEXT_LINE]);

/*
 * A text as it is typed: in double quotes, in single ones if there is a
 * backslash or a double quote in it, and with escapes if all are.
 */
void policy_text_typed(FILE *to, const char *text);

/* An option: its number, and a text in quotes, or hexadecimal. */
void policy_text_option(FILE *to, const struct policy_option *option);

/*
 * The rules in the order of evaluation, the sites, and what holds for all,
 * with its defaults.  Texts are as they are typed, and nothing is cut.  The
 * built-in rules are one line, or all; and how many requests each rule decided,
 * or NULL.
 */
void policy_text_print(FILE *to, const struct policy *policy, bool all,
    const unsigned long long requests[]);

/* The rest of what a configuration says: rates, ring, interfaces. */
void policy_text_config(FILE *to, const struct config *config);

#endif
