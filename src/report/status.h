#ifndef STATUS_H
#define STATUS_H

#include "report/clients.h"
#include "report/counters.h"
#include "core/policy.h"

#include <stdio.h>
#include <time.h>

/*
 * status.h - how the running daemon is, told in several ways.
 */

/* An interface and its numbers. */
struct status_link {
	const char *name;
	bool away;
	struct in_addr address;		/* the last known ones */
	uint8_t mac[FRAME_MAC];
	unsigned long long frames;	/* that passed the kernel's filter */
	unsigned long long answers;
	unsigned long long dropped;	/* by the kernel, for want of room */
	unsigned long long send_errors;	/* answers that did not go out */
};

struct status {
	const char *config;		/* the file's name, or NULL */
	bool listen_only;
	const struct policy *policy;
	const struct counters *counters;
	const struct clients *clients;
	const struct status_link *link;
	unsigned links;
	time_t started;
	time_t read;			/* when the policy was read */
	bool reload_failed;		/* the last time it was to be read */
	unsigned long uptime;		/* seconds */
};

/* All of it: for people, and as one JSON object on one line. */
void status_text(FILE *to, const struct status *status);
void status_json(FILE *to, const struct status *status);

/* Log the counters: a line for each interface, rule and so on. */
void status_log(const struct status *status);

/* Log the last line: verdicts, frames dropped, answers not sent. */
void status_log_end(const struct status *status);

/* The numbers as Prometheus has them in its text format, version 0.0.4. */
void status_metrics(FILE *to, const struct status *status);

#endif
