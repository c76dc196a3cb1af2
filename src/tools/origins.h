#ifndef ORIGINS_H
#define ORIGINS_H

#include "core/responder.h"

#include <stdio.h>

/*
 * origins.h - where does each part of an answer come from?
 */

/*
 * Print a line for each value of an answer: the value, and the rule, the site,
 * the line of a table of hosts or the key outside of all sections that it was
 * taken from, with file and line; or that it is built in.
 */
void origins_print(FILE *to, const struct responder_exchange *exchange);

#endif
