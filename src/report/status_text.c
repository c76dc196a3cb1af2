#include "report/status_text.h"

#include "report/machines.h"
#include "report/policy_text.h"

#include <string.h>

static const double NS_PER_MS = 1e6;

enum { LINE = 1024 };

static void
print_faults(FILE *to, const struct status *status)
{
	for (unsigned i = 0; i < STATUS_FAULTS; i++)
		if (status_has_fault(status, (enum status_fault)i))
			(void)fprintf(to, "wrong: %s\n",
			    status_fault_sentence((enum status_fault)i));
}

/*
 * Machines.
 */

static void
add_served(struct text_line *line, const struct status *status)
{
	char address[TEXT_ADDRESS];
	unsigned served = 0;

	text_add_word(line, status->listen_only ? "listens on" : "serves");
	for (unsigned i = 0; i < status->links; i++) {
		const struct status_link *link = &status->link[i];

		if (!link->away)
			text_add(line, "%s %s (%s)", served++ > 0 ? "," : "",
			    link->name, text_address(link->address, address));
	}
	if (served == 0)
		text_add_word(line, " no interface");
}

static void
print_summary(FILE *to, const struct status *status,
    const struct machines *machines)
{
	struct machines_hour hour = machines_hour(machines, status);
	char text[LINE];
	struct text_line line = text_begin(text, sizeof(text));

	add_served(&line, status);
	(void)fprintf(to, "%s %s %s: %u%s machine%s in the last hour, "
	    "%u with a problem\n", PACKAGE_NAME, PACKAGE_VERSION, text,
	    hour.asked, hour.more ? " or more" : "",
	    hour.asked == 1 ? "" : "s", hour.problems);
}

static const void *
next_machine(const void *list, const void *last)
{
	const struct machines *machines = list;
	const struct machines_row *row = last;

	row = row == NULL ? machines->row : row + 1;
	return row < machines->row + machines->n ? row : NULL;
}

/* Is there a finding, with its remedy? */
static bool
has_finding(const struct machines *machines)
{
	for (size_t i = 0; i < machines->n; i++)
		if (machines->row[i].problems > 0)
			return true;
	return false;
}

void
status_text_machines(FILE *to, const struct status *status)
{
	struct machines machines;
	size_t n;
	const struct field *fields = machines_fields(&n);
	bool is_whole = machines_collect(status, &machines);

	print_summary(to, status, &machines);
	print_faults(to, status);
	if (!is_whole)
		(void)fprintf(to, "no memory for the machines\n");
	if (machines.n > 0)
		field_print_table(to, fields, n, next_machine, &machines);
	if (has_finding(&machines))
		(void)fprintf(to, "pxeproxyd status MAC tells what to do "
		    "about a problem\n");
	machines_free(&machines);
}

/*
 * Rules.
 */

void
status_text_rules(FILE *to, const struct status *status)
{
	char text[LINE];
	struct text_line line = text_begin(text, sizeof(text));
	size_t n;
	const struct field *fields = status_fields(&n);

	print_faults(to, status);
	field_add_line(&line, fields, n, status);
	(void)fprintf(to, "%s\n", text);
	policy_text_print(to, status->policy, true,
	    status->counters->rule);
}

/*
 * Interfaces.
 */

static const void *
next_link(const void *list, const void *last)
{
	const struct status *status = list;
	const struct status_link *link = last;

	link = link == NULL ? status->link : link + 1;
	return link < status->link + status->links ? link : NULL;
}

void
status_text_interfaces(FILE *to, const struct status *status)
{
	size_t n;
	const struct field *fields = status_link_fields(&n);

	print_faults(to, status);
	field_print_table(to, fields, n, next_link, status);
}

/*
 * Counters.
 */

static void
print_list(FILE *to, const struct status *status,
    const struct status_list *list)
{
	if (list->items(status) > 0)
		(void)fprintf(to, "%s:\n", list->text);
	for (size_t i = 0; i < list->items(status); i++) {
		const char *name = list->name(status, i);
		unsigned long long count = list->count(status, i);

		if (name == NULL || count == 0)
			continue;
		if (list->sentence != NULL)
			(void)fprintf(to, "  %10llu  %-18s %s\n", count, name,
			    list->sentence(i));
		else
			(void)fprintf(to, "  %10llu  %s\n", count, name);
	}
}

static void
print_latency(FILE *to, const struct counters *counters)
{
	(void)fprintf(to, "answers, by the time that they took:\n");
	for (unsigned i = 0; i < COUNTERS_BUCKETS; i++)
		if (counters->latency[i] > 0)
			(void)fprintf(to, "  %10llu  up to %g ms\n",
			    counters->latency[i],
			    (double)counters_bound(i) / NS_PER_MS);
	if (counters->latency[COUNTERS_BUCKETS] > 0)
		(void)fprintf(to, "  %10llu  more\n",
		    counters->latency[COUNTERS_BUCKETS]);
}

void
status_text_counters(FILE *to, const struct status *status)
{
	size_t n;
	const struct status_list *lists = status_lists(&n);

	print_faults(to, status);
	(void)fprintf(to, "requests: %llu\n",
	    counters_requests(status->counters));
	for (size_t i = 0; i < n; i++)
		print_list(to, status, &lists[i]);
	print_latency(to, status->counters);
}
