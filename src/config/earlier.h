#ifndef EARLIER_H
#define EARLIER_H

#include "config/memory.h"
#include "core/policy.h"

/*
 * earlier.h - which rules before a rule might take all that it would?
 *
 * Of rules for single machines, networks and the like there may be thousands,
 * and one can stand in the way of another only if a value of the other one's
 * leads to it.
 */

struct earlier;

/*
 * Put so many rules in order; NULL: no memory.  It lives in that memory, and
 * borrows the rules.
 */
struct earlier *earlier_make(struct memory *memory,
    const struct policy_rule *rule, size_t n);

/*
 * Call found for rules before the i-th, in no order, until it says true.  A
 * rule that is not called takes not all that the i-th does.  The answer is
 * whether it said true.
 */
bool earlier_find(struct earlier *earlier, size_t i,
    bool (*found)(void *with, size_t earlier), void *with);

/* Were there so many rules that not all were asked for? */
bool earlier_gave_up(const struct earlier *earlier);

#endif
