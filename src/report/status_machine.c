#include "report/status_machine.h"

#include "report/machines.h"
#include "report/micros.h"
#include "report/status_json.h"

enum { MILLIS = 1000 };

static enum status_machine
state_of(const struct machines_row *row)
{
	return machines_has_problem(row) ? STATUS_MACHINE_PROBLEM :
	    STATUS_MACHINE_FINE;
}

static const char *
began_at(const struct machines_row *row, char out[TEXT_TIME])
{
	return text_time_micro(row->began / MICROS,
	    (unsigned)(row->began % MICROS), out);
}

/* The steps that are kept; false: no memory for them. */
static bool
read_story(const struct machines_row *row, struct story *out)
{
	const struct machine_step *step;

	*out = (struct story){ 0 };
	for (size_t i = 0; i < row->observed->n_steps; i++) {
		step = machine_step_at(row->observed, i);
		if (!story_take(out, row->began + (int64_t)step->at * MILLIS,
		    row->observed, step, false))
			return false;
	}
	out->began = row->began;
	return true;
}

/*
 * Text.
 */

/* The first line, behind the address. */
static const char *
summary_of(const struct machines_row *row)
{
	if (row->problems > 0)
		return "does not boot";
	if (machines_has_problem(row))
		return "is not answered";
	return row->observed != NULL ? "boots as far as is seen from here" :
	    "no problem is known";
}

static void
print_findings(FILE *to, const struct machines_row *row,
    const struct story_style *style)
{
	for (size_t i = 0; i < row->n; i++) {
		struct story_style own = *style;

		own.is_earlier = row->is_earlier[i];
		story_print_finding(to, row->observed, &row->finding[i], &own);
	}
}

static void
print_boot(FILE *to, const struct machines_row *row,
    const struct story_style *style)
{
	struct story story;
	char time[TEXT_TIME];

	(void)fprintf(to, "\nits last boot, since %s%s:\n\n",
	    began_at(row, time),
	    row->observed->n_steps < MACHINE_STEPS ? "" :
	    " (the last events of it)");
	if (read_story(row, &story))
		story_print(to, &story, style);
	else
		(void)fprintf(to, "no memory for its events\n");
	story_free(&story);
	(void)fprintf(to, "\n  so far: %s\n", finding_progress(row->observed));
	print_findings(to, row, style);
}

/* Why there is nothing to say of its boot. */
static void
print_unobserved(FILE *to, const struct status *status,
    const struct story_style *style)
{
	(void)fputc('\n', to);
	story_print_wrapped(to, status->diagnosis == NULL ?
	    "what becomes of its boot is not observed (observe = false)" :
	    "nothing was seen of its boot since the daemon was started, or it "
	    "is forgotten", style->width, 0);
}

static void
print_unknown(FILE *to, const struct status *status, const char *mac,
    const struct story_style *style)
{
	char text[256], time[TEXT_TIME];

	(void)snprintf(text, sizeof(text), "%s: nothing is known of this "
	    "machine: no request of it came since the daemon was started "
	    "(%s), or many other machines came after it", mac,
	    text_time(status->started, time));
	story_print_wrapped(to, text, style->width, 0);
}

enum status_machine
status_machine_text(FILE *to, const struct status *status,
    const uint8_t mac[FRAME_MAC], const struct story_style *style)
{
	struct machines_row row;
	char text[TEXT_MAC];
	size_t n;
	const struct field *fields = machines_fields(&n);

	(void)text_mac(mac, FRAME_MAC, text);
	if (!machines_find(status, mac, &row)) {
		print_unknown(to, status, text, style);
		return STATUS_MACHINE_UNKNOWN;
	}
	(void)fprintf(to, "%s: %s\n\n", text, summary_of(&row));
	field_print_pairs(to, fields, n, &row);
	if (row.observed != NULL)
		print_boot(to, &row, style);
	else
		print_unobserved(to, status, style);
	return state_of(&row);
}

/*
 * JSON.
 */

static void
put_boot(FILE *to, const struct machines_row *row)
{
	struct story story;
	char time[TEXT_TIME];

	(void)fprintf(to, ",\"began\":\"%s\",",
	    began_at(row, time));
	(void)read_story(row, &story);
	story_json(to, &story, true);
	story_free(&story);
}

enum status_machine
status_machine_json(FILE *to, const struct status *status,
    const uint8_t mac[FRAME_MAC])
{
	struct machines_row row;
	char text[TEXT_MAC];
	bool is_known = machines_find(status, mac, &row);

	(void)fprintf(to, "{\"schema\":%d,\"known\":%s,", STATUS_JSON_SCHEMA,
	    is_known ? "true" : "false");
	if (is_known)
		machines_json(to, &row);
	else
		story_json_field(to, "mac", text_mac(mac, FRAME_MAC, text), "");
	if (is_known && row.observed != NULL)
		put_boot(to, &row);
	(void)fputs("}\n", to);
	return is_known ? state_of(&row) : STATUS_MACHINE_UNKNOWN;
}
