#include "report/status_view.h"

#include "config/value.h"
#include "report/status_json.h"
#include "report/status_machine.h"
#include "report/status_text.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	void (*print)(FILE *to, const struct status *status);
} views[] = {
	{ "machines", status_text_machines },
	{ "rules", status_text_rules },
	{ "interfaces", status_text_interfaces },
	{ "counters", status_text_counters },
	{ "json", status_json },
};

enum { VIEWS = sizeof(views) / sizeof(views[0]) };

bool
status_view_exists(const char *name)
{
	for (size_t i = 0; i < VIEWS; i++)
		if (strcmp(views[i].name, name) == 0)
			return true;
	return false;
}

/*
 * A machine.
 */

static const char machine[] = "machine ", colour[] = "colour", json[] = "json",
    columns[] = "columns=";

const char *
status_view_of_machine(const uint8_t mac[FRAME_MAC], bool is_json,
    const struct story_style *style, char out[STATUS_VIEW_QUESTION])
{
	struct text_line line = text_begin(out, STATUS_VIEW_QUESTION);
	char text[TEXT_MAC];

	text_add(&line, "%s%s", machine, text_mac(mac, FRAME_MAC, text));
	if (is_json)
		text_add(&line, " %s", json);
	if (style->colour)
		text_add(&line, " %s", colour);
	if (style->width > 0)
		text_add(&line, " %s%u", columns, style->width);
	return out;
}

/* What is asked for of a machine. */
struct asked {
	uint8_t mac[FRAME_MAC];
	bool is_json;
	struct story_style style;
};

/* false: the word says nothing. */
static bool
read_word(const char *word, struct asked *out)
{
	char *end;

	if (strcmp(word, json) == 0) {
		out->is_json = true;
	} else if (strcmp(word, colour) == 0) {
		out->style.colour = true;
	} else if (strncmp(word, columns, strlen(columns)) == 0) {
		word += strlen(columns);
		out->style.width = (unsigned)strtoul(word, &end, 10);
		return *word >= '0' && *word <= '9' && *end == '\0';
	} else {
		return false;
	}
	return true;
}

/* false: it is no question for a machine. */
static bool
read_question(const char *question, struct asked *out)
{
	char text[STATUS_VIEW_QUESTION], *word, *rest = NULL;
	struct match_mac mac;

	*out = (struct asked){ .style.is_live = true };
	if (strncmp(question, machine, strlen(machine)) != 0 ||
	    strlen(question) >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%s", question + strlen(machine));
	if ((word = strtok_r(text, " ", &rest)) == NULL ||
	    value_mac(word, &mac) != NULL)
		return false;
	memcpy(out->mac, mac.value, sizeof(out->mac));
	while ((word = strtok_r(NULL, " ", &rest)) != NULL)
		if (!read_word(word, out))
			return false;
	return true;
}

static int
print_machine(FILE *to, const struct status *status, const struct asked *asked)
{
	static const int answers[] = {
		[STATUS_MACHINE_FINE] = STATUS_VIEW_FINE,
		[STATUS_MACHINE_PROBLEM] = STATUS_VIEW_WRONG,
		[STATUS_MACHINE_UNKNOWN] = STATUS_VIEW_UNKNOWN,
	};

	return answers[asked->is_json ?
	    status_machine_json(to, status, asked->mac) :
	    status_machine_text(to, status, asked->mac, &asked->style)];
}

int
status_view_print(FILE *to, const struct status *status, const char *question)
{
	struct asked asked;

	for (size_t i = 0; i < VIEWS; i++) {
		if (strcmp(views[i].name, question) != 0)
			continue;
		views[i].print(to, status);
		return status_is_fine(status) ? STATUS_VIEW_FINE :
		    STATUS_VIEW_WRONG;
	}
	return read_question(question, &asked) ?
	    print_machine(to, status, &asked) : STATUS_VIEW_NO_QUESTION;
}
