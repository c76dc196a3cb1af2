#ifndef FINDINGS_H
#define FINDINGS_H

#include "diagnosis/finding.h"
#include "report/report.h"

/*
 * findings.h - a finding of the running daemon: how often it was told, and
 * the line of the log that tells it.
 */

enum {
	FINDINGS_MAX = 8 * MACHINE_TOLD,	/* rows of the table, or more */
	FINDINGS_TEXT = 512,		/* octets that a sentence, or a remedy,
					 * fits in */
};

/* Since the start; zeros to begin with. */
struct findings {
	unsigned long long told[FINDINGS_MAX];	/* by the finding's id */
};

/* It was told once more. */
void findings_add(struct findings *findings,
    const struct machine_finding *finding);

/*
 * How often those of a name were told, by the first row that has it: the name
 * of any other row with it is NULL here.
 */
const char *findings_name(size_t id);
unsigned long long findings_told(const struct findings *findings, size_t id);

/*
 * The event of a finding, as one line without a newline:
 *
 *   52:54:00:12:34:56: pool-says-pxeclient (certain): the address server ...
 *
 * Answers out.
 */
const char *findings_text(const struct machine *machine,
    const struct machine_finding *finding, char out[REPORT_LINE]);

/*
 * The same as members of a JSON object, without its braces, with the remedy:
 *
 *   "event":"finding","client":"52:54:00:12:34:56","finding":...,
 *   "sureness":...,"sentence":...,"remedy":...
 */
const char *findings_json(const struct machine *machine,
    const struct machine_finding *finding, char out[REPORT_JSON]);

#endif
