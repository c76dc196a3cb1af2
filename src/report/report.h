#ifndef REPORT_H
#define REPORT_H

#include "core/responder.h"
#include "report/log.h"

/*
 * report.h - what came of a frame, as a line of text and as JSON.
 *
 * Both are formed from one table of fields, so that neither says what the
 * other does not.  Octets from the wire are escaped and cut, so that nobody
 * who can send a frame can forge a line.
 */

enum {
	REPORT_LINE = 1024,		/* octets that a line always fits in */
	REPORT_JSON = 8 * REPORT_LINE,	/* and the same as JSON */
};

/* A frame and how it reached us. */
struct report_request {
	const struct responder_exchange *exchange;
	const char *interface;		/* NULL: it is from a savefile */
	bool sent;			/* live: were the answers sent? */
};

/*
 * One line, without a newline:
 *
 *   eth0: 52:54:00:12:34:56 DISCOVER x64-uefi offer rule="x64-uefi"
 *   form=binl bootfile-name="BOOTX64.EFI" next-server=10.1.0.2
 *   to=255.255.255.255:68
 *
 * What is not known of the client is a hyphen.  Live, a refusal ends with the
 * sentence of its verdict.  The words before each "=" and the verdicts are
 * stable.  Answers out.
 */
const char *report_text(const struct report_request *request,
    char out[REPORT_LINE]);

/*
 * The same as members of a JSON object, without its braces:
 *
 *   "event":"request","interface":"eth0","client":"52:54:00:12:34:56",...
 */
const char *report_json(const struct report_request *request,
    char out[REPORT_JSON]);

/* At which level is this verdict worth a line of a live log? */
enum log_level report_level(enum verdict verdict);

/* Are we silent because a rule says so: to ignore it, or its local disk? */
bool report_is_wished(enum verdict verdict);

/*
 * Is it a problem that a request got this verdict?  Not where it was answered,
 * nor where the configuration, or another server, has it so.
 */
bool report_is_problem(enum verdict verdict);

/*
 * Does the frame belong into a list of the DHCP frames of a capture?  Not
 * where it is known to be something else.
 */
bool report_is_dhcp(const struct responder_exchange *exchange);

#endif
