#ifndef REPORT_H
#define REPORT_H

#include "report/log.h"
#include "core/policy.h"
#include "core/responder.h"

#include <stdio.h>

/*
 * report.h - texts for people: what came of a frame, and the policy.
 *
 * Octets from the wire are escaped and cut, so that nobody who can send a
 * frame can forge a line.
 */

enum { REPORT_LINE = 1024 };	/* octets that a line always fits in */

/*
 * One line on what came of a frame, without a newline:
 *
 *   52:54:00:12:34:56 DISCOVER x64-uefi offer rule="x64-uefi" form=binl
 *   bootfile-name="BOOTX64.EFI" next-server=10.1.0.2 to=255.255.255.255:68
 *
 * What is not known of the client is a hyphen.  The words in front of the
 * "=" and the verdicts are stable.  Answers out.
 */
const char *report_exchange(const struct exchange *exchange,
    char out[REPORT_LINE]);

/*
 * For line after line: most of the text is that of an earlier line, so some
 * are kept, and copied where nothing that they are made of differs.
 */
enum {
	REPORT_MEMORIES = 64,
	REPORT_PLACES = 4,		/* that an outcome can be in */
};

struct report_outcome {
	enum verdict verdict;
	const char *message;
	int arch;			/* -1: none */
	const struct rule *rule;
	enum policy_form form;
	size_t n_file;
	uint32_t next_server;
	uint16_t broadcast;		/* the port it goes to, untagged; or 0 */
};

struct report_cache {
	struct report_memory {
		struct report_outcome of;
		char file[POLICY_FILE_MAX + 1];
		char text[REPORT_LINE];
		size_t n;		/* 0: none yet */
	} memory[REPORT_MEMORIES];	/* of zeros at first */
};

/* As report_exchange(): the same text, and its length. */
size_t report_quickly(struct report_cache *cache,
    const struct exchange *exchange, char out[REPORT_LINE]);

enum { REPORT_FIELDS = 6 * REPORT_LINE };

/*
 * The same as fields of a JSON object, without its braces:
 *
 *   "event":"request","interface":"eth0","client":"52:54:00:12:34:56",...
 */
const char *report_fields(const struct exchange *exchange,
    const char *interface, bool sent, char out[REPORT_FIELDS]);

/* At which level is this verdict worth a line of a live log? */
enum log_level report_level(enum verdict verdict);

/*
 * Does the frame belong into a list of the DHCP frames of a capture?  Not
 * where it is known to be something else.
 */
bool report_is_dhcp(const struct exchange *exchange);

/* One condition, such as: arch x64-uefi or 9; or: not mac 52:54:00:*. */
const char *report_match(const struct match *match, char out[REPORT_LINE]);

/* The table of -t: the rules in the order of evaluation. */
void report_policy(FILE *to, const struct policy *policy);

#endif
