#include "tools/story.h"

#include "diagnosis/finding.h"
#include "report/json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	ENTRIES_FIRST = 32,		/* of a ladder, to begin with */
	WIDTH_MIN = 40,
	MICROS = 1000000,
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
	entry = &story->entry[story->n++];
	entry->when = when;
	entry->step = *step;
	(void)snprintf(entry->name, sizeof(entry->name), "%s",
	    machine_name(machine, step->name));
	return true;
}

void
story_print(const struct story *story, const struct story_style *style)
{
	timeline_print(stdout, story->entry, story->n, style->width,
	    style->colour);
}

void
story_print_wrapped(const char *text, unsigned width, unsigned indent)
{
	size_t room = width == 0 ? SIZE_MAX : width < indent + WIDTH_MIN / 2 ?
	    WIDTH_MIN / 2 : width - indent, at;

	while (strlen(text) > room) {
		for (at = room; at > 0 && text[at] != ' '; at--)
			;
		if (at == 0)
			at = room;
		(void)printf("%*s%.*s\n", (int)indent, "", (int)at, text);
		text += at + (text[at] == ' ');
	}
	(void)printf("%*s%s\n", (int)indent, "", text);
}

static void
print_evidence(const struct machine_finding *finding)
{
	const char *before = "    frames ";

	for (size_t i = 0; i < MACHINE_EVIDENCE; i++) {
		if (finding->evidence[i] == 0)
			continue;
		(void)printf("%s%lu", before,
		    (unsigned long)finding->evidence[i]);
		before = ", ";
	}
	(void)printf("%s see %s in pxeproxyd-troubleshooting(7)\n",
	    before[0] == ',' ? ";" : "   ", finding_name(finding->id));
}

void
story_print_finding(const struct machine *machine,
    const struct machine_finding *finding, const struct story_style *style)
{
	char text[STORY_SENTENCE], line[STORY_SENTENCE + 64];
	const char *on = "", *off = "";

	if (style->colour) {
		on = finding->sureness == FINDING_NOTE ? "\033[33m" :
		    "\033[1;31m";
		off = "\033[0m";
	}
	(void)printf("%s  %s (%s)%s\n", on, finding_name(finding->id),
	    finding_sureness_name((enum finding_sureness)finding->sureness),
	    off);
	story_print_wrapped(finding_sentence(machine, finding, line, sizeof(line)),
	    style->width, 4);
	story_print_wrapped(finding_remedy(machine, finding, text, sizeof(text)),
	    style->width, 4);
	print_evidence(finding);
}

bool
story_is_finding(const struct machine_finding *finding)
{
	return finding->sureness > FINDING_NOTE;
}

void
story_json_field(const char *name, const char *text, const char *after)
{
	char quoted[2 * STORY_SENTENCE];

	(void)printf("\"%s\":%s%s", name,
	    json_text(text, quoted, sizeof(quoted)), after);
}

void
story_json_finding(const struct machine *machine,
    const struct machine_finding *finding)
{
	char text[STORY_SENTENCE];
	const char *before = "";

	(void)putchar('{');
	story_json_field("finding", finding_name(finding->id), ",");
	story_json_field("sureness", finding_sureness_name(
	    (enum finding_sureness)finding->sureness), ",");
	story_json_field("sentence", finding_sentence(machine, finding, text,
	    sizeof(text)), ",");
	story_json_field("remedy", finding_remedy(machine, finding, text,
	    sizeof(text)), ",");
	story_json_field("page", "pxeproxyd-troubleshooting(7)", ",");
	(void)printf("\"frames\":[");
	for (size_t i = 0; i < MACHINE_EVIDENCE; i++) {
		if (finding->evidence[i] == 0)
			continue;
		(void)printf("%s%lu", before,
		    (unsigned long)finding->evidence[i]);
		before = ",";
	}
	(void)printf("]}");
}

void
story_json(const struct story *story)
{
	char text[TIMELINE_TEXT];

	(void)printf("\"ladder\":[");
	for (size_t i = 0; i < story->n; i++) {
		const struct timeline_entry *entry = &story->entry[i];

		(void)printf("%s{\"time\":%lld.%06lld,\"frame\":%lu,",
		    i == 0 ? "" : ",", (long long)(entry->when / MICROS),
		    (long long)(entry->when % MICROS),
		    (unsigned long)entry->step.number);
		story_json_field("event", timeline_kind(entry), ",");
		story_json_field("from", timeline_lane(entry->step.from), ",");
		story_json_field("to", timeline_lane(entry->step.to), ",");
		(void)printf("\"times\":%u,", entry->step.times);
		story_json_field("text", timeline_text(entry, text, sizeof(text)),
		    "}");
	}
	(void)printf("]");
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
