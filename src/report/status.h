#ifndef STATUS_H
#define STATUS_H

#include "report/clients.h"
#include "report/counters.h"
#include "report/field.h"
#include "report/findings.h"

#include <time.h>

/*
 * status.h - how the running daemon is: what is collected, and the tables
 * that its text, its JSON, its metrics and its log are formed from.
 */

/* An interface and its numbers. */
enum { STATUS_WHY = 192 };		/* octets of a reason, with its NUL */

struct status_link {
	const char *name;
	unsigned index;			/* the kernel's number; 0: no such
					 * interface */
	bool away;
	char why[STATUS_WHY];		/* it is away */
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
	/* What was observed, as of now, and how often each finding was told;
	 * NULL: nothing is observed. */
	struct diagnosis *diagnosis;
	const struct findings *findings;
	int64_t ahead;			/* micros: so far is the system's clock
					 * ahead of that of the diagnosis */
	const struct status_link *link;
	unsigned links;
	time_t now;			/* by the system's clock */
	time_t started;
	time_t read;			/* when the policy was read */
	bool reload_failed;		/* the last time it was to be read */
	bool write_failed;		/* of the metrics or a savefile */
	unsigned long uptime;		/* seconds */
};

/* What is wrong with the daemon itself; what machines ask for is not. */
enum status_fault {
	STATUS_NOT_SERVED,		/* an interface */
	STATUS_RELOAD_FAILED,
	STATUS_WRITE_FAILED,
	STATUS_FAULTS
};

bool status_has_fault(const struct status *status, enum status_fault fault);

/* One sentence without a full stop; in JSON a word. */
const char *status_fault_sentence(enum status_fault fault);
const char *status_fault_name(enum status_fault fault);

/* Is nothing wrong? */
bool status_is_fine(const struct status *status);

/*
 * Fields: of a struct status and a struct status_link.  *n is how many there
 * are.  Those of a machine are in machines.h.
 */
const struct field *status_fields(size_t *n);
const struct field *status_link_fields(size_t *n);

/*
 * Requests, or findings, by something: a number for each item of a list.  One
 * without items is not there.
 */
struct status_list {
	const char *json;		/* its name in JSON, such as "forms" */
	const char *text;		/* in the text and in the log */
	const char *label, *metric;	/* for Prometheus */
	const char *help;
	size_t (*items)(const struct status *status);
	/* NULL: it is counted with another item. */
	const char *(*name)(const struct status *status, size_t item);
	unsigned long long (*count)(const struct status *status, size_t item);
	const char *(*sentence)(size_t item);	/* or NULL */
};

const struct status_list *status_lists(size_t *n);

#endif
