#ifndef STORY_H
#define STORY_H

#include "diagnosis/machine.h"
#include "report/timeline.h"

/*
 * story.h - a machine's ladder and the findings on it, as text or as JSON: of
 * a capture, of a probe, or of a running daemon.
 */

enum { STORY_SENTENCE = 512 };		/* octets of a text, with its NUL */

/* The events of one machine; zeros: none as yet. */
struct story {
	struct timeline_entry *entry;
	size_t n, size;
	int64_t began;			/* micros, told as 0: the first event,
					 * where nobody changes it */
};

struct story_style {
	bool colour;
	bool is_live;			/* no frame has a number: evidence are
					 * times of the boot */
	bool is_earlier;		/* a finding on a boot before the one
					 * that is shown */
	unsigned width;			/* columns; 0: no end */
};

/* Of standard output; without colour and end where that is no terminal. */
void story_style_of_terminal(struct story_style *style);

/*
 * One step more (micros), or with was_last the last one again, counted up.
 * false: no memory for it.
 */
bool story_take(struct story *story, int64_t when,
    const struct machine *machine, const struct machine_step *step,
    bool was_last);

void story_print(FILE *to, const struct story *story,
    const struct story_style *style);
void story_print_finding(FILE *to, const struct machine *machine,
    const struct machine_finding *finding, const struct story_style *style);

/* Words that fit between here and the terminal's edge. */
void story_print_wrapped(FILE *to, const char *text, unsigned width,
    unsigned indent);

/* Is it more than a note? */
bool story_is_finding(const struct machine_finding *finding);

/* Findings first, notes after them. */
void story_sort(struct machine_finding *finding, size_t n);

/*
 * The member "ladder"; an object of "findings"; a member of text.  is_live: as
 * in the style.
 */
void story_json(FILE *to, const struct story *story, bool is_live);
void story_json_finding(FILE *to, const struct machine *machine,
    const struct machine_finding *finding, bool is_live);

/* The members "findings" and "notes", with an object for each. */
void story_json_findings(FILE *to, const struct machine *machine,
    const struct machine_finding *finding, size_t n);
void story_json_field(FILE *to, const char *name, const char *text,
    const char *after);

void story_free(struct story *story);

#endif
