#include "report/machines.h"

#include "report/micros.h"
#include "report/report.h"
#include "report/story.h"

#include <stdlib.h>
#include <string.h>

enum { HOUR_SECONDS = 3600 };

/*
 * Collecting.
 */

/* Those that are problems, or the notes, behind those that are there. */
static void
add_findings(struct machines_row *row, const struct machine_finding told[],
    size_t n, size_t of_this_boot, bool notes)
{
	for (size_t i = 0; i < n; i++) {
		struct machine_finding *finding = &row->finding[row->n];

		if (story_is_finding(&told[i]) == notes)
			continue;
		*finding = told[i];
		row->is_earlier[row->n++] = i >= of_this_boot;
		if (i >= of_this_boot)
			memset(finding->evidence, 0,
			    sizeof(finding->evidence));
	}
}

/* What is wrong with its boot; nothing, where we are silent on purpose. */
static void
judge(const struct status *status, struct machines_row *row)
{
	struct machine_finding told[MACHINES_FINDINGS];
	size_t of_this_boot, n = diagnosis_told(status->diagnosis,
	    row->observed, told, MACHINES_FINDINGS, &of_this_boot);

	add_findings(row, told, n, of_this_boot, false);
	if (row->asked == NULL || !report_is_wished(row->asked->verdict))
		row->problems = row->n;
	add_findings(row, told, n, of_this_boot, true);
}

static void
take(const struct status *status, const struct clients_entry *asked,
    const struct machine *observed, struct machines_row *out)
{
	*out = (struct machines_row){ .asked = asked, .observed = observed };
	if (observed != NULL) {
		out->when = observed->seen + status->ahead;
		out->began = observed->began + status->ahead;
		judge(status, out);
	}
	if (asked != NULL)
		out->when = micros_of(asked->when);
}

static const struct machine *
observed_of(const struct status *status, const uint8_t *mac, size_t n)
{
	return status->diagnosis == NULL || n != FRAME_MAC ? NULL :
	    machine_by_mac(&status->diagnosis->table, mac);
}

bool
machines_find(const struct status *status, const uint8_t mac[FRAME_MAC],
    struct machines_row *out)
{
	take(status, clients_find(status->clients, mac, FRAME_MAC),
	    observed_of(status, mac, FRAME_MAC), out);
	return out->asked != NULL || out->observed != NULL;
}

/* The next older one that did not ask us; NULL of NULL: the newest. */
static const struct machine *
next_stranger(const struct status *status, const struct machine *last)
{
	const struct machine_table *table;
	uint16_t at;

	if (status->diagnosis == NULL)
		return NULL;
	table = &status->diagnosis->table;
	at = last == NULL ? table->newest : last->older;
	while (at != MACHINE_NONE && clients_find(status->clients,
	    table->row[at].mac, FRAME_MAC) != NULL)
		at = table->row[at].older;
	return at == MACHINE_NONE ? NULL : &table->row[at];
}

/* Two lists, each from the newest to the oldest, become one. */
static void
merge(const struct status *status, struct machines *out)
{
	const struct clients_entry *asked = clients_older(status->clients,
	    NULL);
	const struct machine *stranger = next_stranger(status, NULL);

	while (out->n < CLIENTS_MAX && (asked != NULL || stranger != NULL)) {
		struct machines_row *row = &out->row[out->n];

		if (stranger == NULL || (asked != NULL &&
		    micros_of(asked->when) >= stranger->seen + status->ahead)) {
			take(status, asked, observed_of(status, asked->mac,
			    asked->n), row);
			asked = clients_older(status->clients, asked);
			out->n++;
		} else {
			take(status, NULL, stranger, row);
			stranger = next_stranger(status, stranger);
			out->n += row->problems > 0;
		}
	}
}

bool
machines_collect(const struct status *status, struct machines *out)
{
	size_t room = status->clients->n + (status->diagnosis == NULL ? 0 :
	    status->diagnosis->table.n);

	*out = (struct machines){ 0 };
	if (room == 0)
		return true;
	if (room > CLIENTS_MAX)
		room = CLIENTS_MAX;
	if ((out->row = malloc(room * sizeof(*out->row))) == NULL)
		return false;
	merge(status, out);
	return true;
}

void
machines_free(struct machines *machines)
{
	free(machines->row);
	*machines = (struct machines){ 0 };
}

bool
machines_has_problem(const struct machines_row *row)
{
	return row->problems > 0 || (row->asked != NULL &&
	    report_is_problem(row->asked->verdict));
}

struct machines_hour
machines_hour(const struct machines *machines, const struct status *status)
{
	struct machines_hour found = { 0 };

	while (found.asked < machines->n &&
	    machines->row[found.asked].when / MICROS >
	    status->now - HOUR_SECONDS)
		found.problems +=
		    machines_has_problem(&machines->row[found.asked++]);
	found.more = found.asked == CLIENTS_MAX;
	return found;
}

/*
 * Fields: of all machines.
 */

static void
when_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = text_time((time_t)(row->when / MICROS), out->room);
}

static void
mac_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = row->asked != NULL ?
	    text_mac(row->asked->mac, row->asked->n, out->room) :
	    text_mac(row->observed->mac, FRAME_MAC, out->room);
}

static void
arch_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;
	bool has_arch = row->asked != NULL ? row->asked->has_arch :
	    row->observed->boot.has_arch;

	out->word = !has_arch ? "none" : text_arch(row->asked != NULL ?
	    row->asked->arch : row->observed->boot.arch, out->room);
}

static bool
has_uuid(const void *of)
{
	const struct machines_row *row = of;

	return row->asked != NULL ? row->asked->has_uuid :
	    row->observed->has_uuid;
}

static void
uuid_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = text_uuid(row->asked != NULL ? row->asked->uuid :
	    row->observed->uuid, out->room);
}

/*
 * Fields: what it asked us for.
 */

static bool
has_asked(const void *of)
{
	const struct machines_row *row = of;

	return row->asked != NULL;
}

static void
interface_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = row->asked->interface;
}

static void
requests_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->number = row->asked->requests;
}

static void
progress_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = clients_progress_name(row->asked->progress);
	out->sentence = clients_progress_sentence(row->asked->progress);
}

static void
verdict_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = verdict_name(row->asked->verdict);
}

static bool
was_answered(const void *of)
{
	const struct machines_row *row = of;

	return has_asked(of) && row->asked->progress != CLIENTS_REFUSED;
}

static void
form_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = form_name(row->asked->form);
}

static bool
has_file(const void *of)
{
	const struct machines_row *row = of;

	return was_answered(of) && row->asked->file != NULL;
}

static void
file_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = row->asked->file;
	out->most = SIZE_MAX;
}

static void
next_server_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->address = row->asked->next_server;
}

static bool
was_refused(const void *of)
{
	const struct machines_row *row = of;

	return has_asked(of) && report_is_problem(row->asked->verdict);
}

static void
problem_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = verdict_name(row->asked->verdict);
	out->sentence = verdict_sentence(row->asked->verdict);
}

/*
 * Fields: what was observed.
 */

static bool
is_observed(const void *of)
{
	const struct machines_row *row = of;

	return row->observed != NULL;
}

static void
boot_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;

	out->word = finding_progress_name(row->observed);
	out->sentence = finding_progress(row->observed);
}

/* Does what was observed go further than what we know of our own answers? */
static bool
is_further(const struct machines_row *row)
{
	static const enum finding_stage as_far[] = {
		[CLIENTS_REFUSED] = STAGE_ASKING,
		[CLIENTS_OFFERED] = STAGE_OFFERED,
		[CLIENTS_ASKED_4011] = STAGE_TOLD,
	};

	return row->asked == NULL || (row->observed != NULL &&
	    finding_stage(row->observed) > as_far[row->asked->progress]);
}

static void
how_far_of(const void *of, struct field_value *out)
{
	if (is_further(of))
		boot_of(of, out);
	else
		progress_of(of, out);
}

static bool
has_problem(const void *of)
{
	return machines_has_problem(of);
}

/* A finding by its name: it says more than a verdict, and has a remedy. */
static void
any_problem_of(const void *of, struct field_value *out)
{
	const struct machines_row *row = of;
	struct text_line line = text_begin(out->room, sizeof(out->room));

	if (row->problems == 0) {
		out->word = verdict_sentence(row->asked->verdict);
		return;
	}
	text_add(&line, "%s (%s)", finding_name(row->finding[0].id),
	    finding_sureness_name(
	    (enum finding_sureness)row->finding[0].sureness));
	out->word = out->room;
}

static const struct field fields[] = {
	{ "when", "WHEN", FIELD_WORD, NULL, when_of,
	    "when it asked last" },
	{ "mac", "MAC", FIELD_WORD, NULL, mac_of,
	    "its hardware address" },
	{ "architecture", "ARCHITECTURE", FIELD_WORD, NULL, arch_of,
	    "its architecture" },
	{ "interface", NULL, FIELD_WORD, has_asked, interface_of,
	    "the interface that it asked on" },
	{ "uuid", NULL, FIELD_WORD, has_uuid, uuid_of,
	    "its UUID, if it sent one" },
	{ "requests", NULL, FIELD_NUMBER, has_asked, requests_of,
	    "how often it asked" },
	{ NULL, "HOW FAR", FIELD_SENTENCE, NULL, how_far_of,
	    "how far it got, in words" },
	{ "progress", NULL, FIELD_SENTENCE, has_asked, progress_of,
	    "how far it got with us" },
	{ "boot", NULL, FIELD_SENTENCE, is_observed, boot_of,
	    "how far its boot was seen to come" },
	{ "verdict", NULL, FIELD_WORD, has_asked, verdict_of,
	    "what came of its last request" },
	{ "form", NULL, FIELD_WORD, was_answered, form_of,
	    "the form of the last answer" },
	{ "bootfile_name", "FILE", FIELD_TEXT, has_file, file_of,
	    "the file that it was given" },
	{ "next_server", NULL, FIELD_ADDRESS, was_answered, next_server_of,
	    "the server that has the file" },
	{ "problem", NULL, FIELD_SENTENCE, was_refused, problem_of,
	    "why its last request was refused" },
	{ NULL, "PROBLEM", FIELD_WORD, has_problem, any_problem_of,
	    "the finding on its boot, or why its last request was refused" },
};

const struct field *
machines_fields(size_t *n)
{
	*n = sizeof(fields) / sizeof(fields[0]);
	return fields;
}

void
machines_json(FILE *to, const struct machines_row *row)
{
	char text[FIELD_JSON];
	struct text_line line = text_begin(text, sizeof(text));

	field_add_json(&line, fields, sizeof(fields) / sizeof(fields[0]),
	    row);
	(void)fputs(text, to);
	for (size_t i = 0; i < row->n; i++) {
		(void)fputs(i == 0 ? ",\"findings\":[" : ",", to);
		story_json_finding(to, row->observed, &row->finding[i], true);
	}
	if (row->n > 0)
		(void)fputs("]", to);
}
