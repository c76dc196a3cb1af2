#include "report/story.h"

#include "diagnosis/finding.h"
#include "report/json.h"
#include "report/micros.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	ENTRIES_FIRST = 32,		/* of a ladder, to begin with */
	WIDTH_MIN = 40,
	INDENT = 4,
	MILLIS = 1000,
};

static bool
grow(struct story *story)
{
	size_t size = story->size == 0 ? ENTRIES_FIRST : 2 * story->size;
	struct timeline_entry *more = realloc(story->entry,
	    size * sizeof(*more));

	if (more == NULL)
		return false;
	story->entry = more;
	story->size = size;
	return true;
}

bool
story_take(struct story *story, int64_t when, const struct machine *machine,
    const struct machine_step *step, bool was_last)
{
	struct timeline_entry *entry;

	if (was_last && story->n > 0) {
		story->entry[story->n - 1].step = *step;
		return true;
	}
	if (story->n == story->size && !grow(story))
		return false;
	if (story->n == 0)
		story->began = when;
	entry = &story->entry[story->n++];
	entry->when = when;
	entry->step = *step;
	(void)snprintf(entry->name, sizeof(entry->name), "%s",
	    machine_name(machine, step->name));
	return true;
}

void
story_print(FILE *to, const struct story *story,
    const struct story_style *style)
{
	timeline_print(to, story->entry, story->n, story->began, style->width,
	    style->colour);
}

void
story_print_wrapped(FILE *to, const char *text, unsigned width,
    unsigned indent)
{
	size_t room = width == 0 ? SIZE_MAX : width < indent + WIDTH_MIN / 2 ?
	    WIDTH_MIN / 2 : width - indent, at;

	while (strlen(text) > room) {
		for (at = room; at > 0 && text[at] != ' '; at--)
			;
		if (at == 0)
			at = room;
		(void)fprintf(to, "%*s%.*s\n", (int)indent, "", (int)at, text);
		text += at + (text[at] == ' ');
	}
	(void)fprintf(to, "%*s%s\n", (int)indent, "", text);
}

/* A frame's number; live a time, of which 0 is not: it is one more. */
static void
put_evidence(FILE *to, uint32_t evidence, bool is_live)
{
	if (is_live)
		(void)fprintf(to, "%lu.%03lu",
		    (unsigned long)(evidence - 1) / MILLIS,
		    (unsigned long)(evidence - 1) % MILLIS);
	else
		(void)fprintf(to, "%lu", (unsigned long)evidence);
}

/* The frames that show it, or live the times; nothing where none is known. */
static void
print_evidence(FILE *to, const struct machine_finding *finding,
    const struct story_style *style)
{
	bool is_live = style->is_live;
	const char *before = is_live ? "at " : "frames ", *end = "";

	(void)fprintf(to, "%*s%s", INDENT, "",
	    style->is_earlier ? "in a boot before this one; " : "");
	for (size_t i = 0; i < MACHINE_EVIDENCE; i++) {
		if (finding->evidence[i] == 0)
			continue;
		(void)fputs(before, to);
		put_evidence(to, finding->evidence[i], is_live);
		before = ", ";
		end = is_live ? " s; " : "; ";
	}
	(void)fprintf(to, "%ssee %s in pxeproxyd-troubleshooting(7)\n", end,
	    finding_name(finding->id));
}

void
story_print_finding(FILE *to, const struct machine *machine,
    const struct machine_finding *finding, const struct story_style *style)
{
	char text[STORY_SENTENCE];
	const char *on = "", *off = "";

	if (style->colour) {
		on = finding->sureness == FINDING_NOTE ? "\033[33m" :
		    "\033[1;31m";
		off = "\033[0m";
	}
	(void)fprintf(to, "%s  %s (%s)%s\n", on, finding_name(finding->id),
	    finding_sureness_name((enum finding_sureness)finding->sureness),
	    off);
	story_print_wrapped(to, finding_sentence(machine, finding, text,
	    sizeof(text)), style->width, INDENT);
	story_print_wrapped(to, finding_remedy(machine, finding, text,
	    sizeof(text)), style->width, INDENT);
	print_evidence(to, finding, style);
}

bool
story_is_finding(const struct machine_finding *finding)
{
	return finding->sureness > FINDING_NOTE;
}

void
story_json_field(FILE *to, const char *name, const char *text,
    const char *after)
{
	char quoted[2 * STORY_SENTENCE];

	(void)fprintf(to, "\"%s\":%s%s", name,
	    json_text(text, quoted, sizeof(quoted)), after);
}

void
story_json_finding(FILE *to, const struct machine *machine,
    const struct machine_finding *finding, bool is_live)
{
	char text[STORY_SENTENCE];
	const char *before = "";

	(void)fputc('{', to);
	story_json_field(to, "finding", finding_name(finding->id), ",");
	story_json_field(to, "sureness", finding_sureness_name(
	    (enum finding_sureness)finding->sureness), ",");
	story_json_field(to, "sentence", finding_sentence(machine, finding,
	    text, sizeof(text)), ",");
	story_json_field(to, "remedy", finding_remedy(machine, finding, text,
	    sizeof(text)), ",");
	story_json_field(to, "page", "pxeproxyd-troubleshooting(7)", ",");
	(void)fprintf(to, "\"%s\":[", is_live ? "times" : "frames");
	for (size_t i = 0; i < MACHINE_EVIDENCE; i++) {
		if (finding->evidence[i] == 0)
			continue;
		(void)fputs(before, to);
		put_evidence(to, finding->evidence[i], is_live);
		before = ",";
	}
	(void)fprintf(to, "]}");
}

void
story_json_findings(FILE *to, const struct machine *machine,
    const struct machine_finding *finding, size_t n)
{
	static const char *const members[] = { "notes", "findings" };

	for (size_t of = sizeof(members) / sizeof(members[0]); of-- > 0;) {
		const char *before = "";

		(void)fprintf(to, "\"%s\":[", members[of]);
		for (size_t i = 0; i < n; i++) {
			if (story_is_finding(&finding[i]) != (of > 0))
				continue;
			(void)fputs(before, to);
			story_json_finding(to, machine, &finding[i], false);
			before = ",";
		}
		(void)fputs(of > 0 ? "]," : "]", to);
	}
}

void
story_json(FILE *to, const struct story *story, bool is_live)
{
	char text[TIMELINE_TEXT];

	(void)fprintf(to, "\"ladder\":[");
	for (size_t i = 0; i < story->n; i++) {
		const struct timeline_entry *entry = &story->entry[i];

		(void)fprintf(to, "%s{\"time\":%lld.%06lld,", i == 0 ? "" : ",",
		    (long long)(entry->when / MICROS),
		    (long long)(entry->when % MICROS));
		if (!is_live)
			(void)fprintf(to, "\"frame\":%lu,",
			    (unsigned long)entry->step.number);
		story_json_field(to, "event", timeline_kind(entry), ",");
		story_json_field(to, "from", timeline_lane(entry->step.from),
		    ",");
		story_json_field(to, "to", timeline_lane(entry->step.to), ",");
		(void)fprintf(to, "\"times\":%u,", entry->step.times);
		story_json_field(to, "text", timeline_text(entry, text,
		    sizeof(text)), "}");
	}
	(void)fprintf(to, "]");
}

void
story_sort(struct machine_finding *finding, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && story_is_finding(&finding[k]) &&
		    !story_is_finding(&finding[k - 1]); k--) {
			struct machine_finding swap = finding[k];

			finding[k] = finding[k - 1];
			finding[k - 1] = swap;
		}
}

void
story_style_of_terminal(struct story_style *style)
{
	struct winsize size;

	*style = (struct story_style){ 0 };
	if (isatty(STDOUT_FILENO) == 0)
		return;
	style->colour = true;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_col >= WIDTH_MIN)
		style->width = size.ws_col;
}

void
story_free(struct story *story)
{
	free(story->entry);
	*story = (struct story){ 0 };
}
