#ifndef CHECKS_H
#define CHECKS_H

#include "config/memory.h"
#include "config/problem.h"
#include "core/policy.h"

/*
 * checks.h - rules that say what hardly anybody means.  One table has a row
 * for each check.
 */

/* Who is told: of the rule of that number, this sentence about it. */
struct checks_teller {
	void (*tell)(void *with, enum problem_severity severity, size_t rule,
	    const char *sentence);
	void *with;
};

/*
 * Check the first n rules of the policy; the others are built in, and only
 * what they do with the file outside of all rules is looked at.  Of one rule
 * each check tells at most once.  The memory is for the time of the check.
 *
 * false: there are so many rules that not each was compared with all before
 * it, or there is no memory (memory->starved).
 */
bool checks_run(const struct policy *policy, size_t n, struct memory *memory,
    const struct checks_teller *teller);

#endif
