#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "config/options.h"
#include "core/responder.h"

#include <stdio.h>

/*
 * explain.h - why does a client get what it gets?
 */

/*
 * Explain to standard output what the client of --explain gets, described in
 * words such as "mac=52:54:00:12:34:56 arch=x64-uefi ip=10.0.0.5".  Answers
 * the exit status: 0, or 2 where a word is not understood.
 */
int explain_run(const struct options *options, const struct policy *policy);

/* What a client gets. */
struct explain_outcome {
	enum verdict verdict;
	bool is_decided;		/* a rule was asked for */
	struct policy_decision decision;	/* only then */
};

/*
 * What does the client that these words describe get?  With ip= it is what its
 * request to port 4011 gets, else what its DISCOVER gets.  false: a word is not
 * understood, and that is logged with the place of the words.
 */
bool explain_decide(const char *place, const char *words,
    const struct options *options, const struct policy *policy,
    struct explain_outcome *out);

/*
 * Print each rule up to the one that decided, with the condition that did not
 * hold; then where each value of the answer comes from, and the files that the
 * client will ask for next.
 */
void explain_exchange(FILE *to, const struct policy *policy,
    const struct responder_exchange *exchange, struct in_addr address);

/*
 * For a replay: does --explain ask about this client?  Its text is "all", or
 * mac=MAC.  NULL and *wanted, or what is wrong with the text.
 */
const char *explain_wants(const char *text,
    const struct responder_exchange *exchange,
    bool *wanted);

#endif
