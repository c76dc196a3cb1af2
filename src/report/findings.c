#include "report/findings.h"

#include "report/field.h"

#include <string.h>

void
findings_add(struct findings *findings, const struct machine_finding *finding)
{
	if (finding->id < FINDINGS_MAX)
		findings->told[finding->id]++;
}

const char *
findings_name(size_t id)
{
	for (size_t i = 0; i < id; i++)
		if (strcmp(finding_name(i), finding_name(id)) == 0)
			return NULL;
	return finding_name(id);
}

unsigned long long
findings_told(const struct findings *findings, size_t id)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < finding_count(); i++)
		if (strcmp(finding_name(i), finding_name(id)) == 0)
			sum += findings->told[i];
	return sum;
}

/*
 * The event.
 */

struct finding_event {
	const struct machine *machine;
	const struct machine_finding *finding;
	char sentence[FINDINGS_TEXT], remedy[FINDINGS_TEXT];
};

static void
client_of(const void *of, struct field_value *out)
{
	const struct finding_event *event = of;

	out->word = text_mac(event->machine->mac, FRAME_MAC, out->room);
}

static void
name_of(const void *of, struct field_value *out)
{
	const struct finding_event *event = of;

	out->word = finding_name(event->finding->id);
}

static void
sureness_of(const void *of, struct field_value *out)
{
	const struct finding_event *event = of;

	out->word = finding_sureness_name(
	    (enum finding_sureness)event->finding->sureness);
}

static void
sentence_of(const void *of, struct field_value *out)
{
	const struct finding_event *event = of;

	out->word = event->sentence;
}

static void
remedy_of(const void *of, struct field_value *out)
{
	const struct finding_event *event = of;

	out->word = event->remedy;
}

/* In the order of the text. */
static const struct field fields[] = {
	{ "client", "", FIELD_LABEL, NULL, client_of,
	    "the machine's hardware address" },
	{ "finding", "", FIELD_WORD, NULL, name_of,
	    "the name of the cause" },
	{ "sureness", " (", FIELD_WORD, NULL, sureness_of,
	    "how sure it is" },
	{ "sentence", "): ", FIELD_WORD, NULL, sentence_of,
	    "what is wrong" },
	{ "remedy", NULL, FIELD_WORD, NULL, remedy_of,
	    "what to do about it" },
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static void
form_event(const struct machine *machine,
    const struct machine_finding *finding, struct finding_event *out)
{
	out->machine = machine;
	out->finding = finding;
	(void)finding_sentence(machine, finding, out->sentence,
	    sizeof(out->sentence));
	(void)finding_remedy(machine, finding, out->remedy,
	    sizeof(out->remedy));
}

const char *
findings_text(const struct machine *machine,
    const struct machine_finding *finding, char out[REPORT_LINE])
{
	struct text_line line = text_begin(out, REPORT_LINE);
	struct finding_event event;

	form_event(machine, finding, &event);
	field_add_line(&line, fields, FIELDS, &event);
	return out;
}

const char *
findings_json(const struct machine *machine,
    const struct machine_finding *finding, char out[REPORT_JSON])
{
	struct text_line line = text_begin(out, REPORT_JSON);
	struct finding_event event;

	form_event(machine, finding, &event);
	text_add_word(&line, "\"event\":\"finding\",");
	field_add_json(&line, fields, FIELDS, &event);
	return out;
}
