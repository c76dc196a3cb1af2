#include "tools/check.h"

#include "config/source.h"
#include "config/value.h"
#include "report/log.h"
#include "report/text.h"
#include "tools/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PLACE_OCTETS = 512,
	VALUE_OCTETS = 300,
	EXIT_DIFFERS = 1,
	EXIT_WRONG = 2,		/* as bad usage */
};

/* One thing that a client must get: its name and its value. */
struct check_wish {
	const char *name;
	const char *value;
};

/* A line of the file, and the rest of its wishes. */
struct check_line {
	char place[PLACE_OCTETS];
	char *client;
	char *rest;
};

/* What an outcome has under a name; NULL: nothing. */
typedef const char *(*check_value)(const struct explain_outcome *outcome,
    char out[VALUE_OCTETS]);

static const char *
verdict_value(const struct explain_outcome *outcome, char out[VALUE_OCTETS])
{
	(void)out;
	return verdict_name(outcome->verdict);
}

static const char *
file_value(const struct explain_outcome *outcome, char out[VALUE_OCTETS])
{
	if (!verdict_answered(outcome->verdict))
		return NULL;
	(void)snprintf(out, VALUE_OCTETS, "%s", outcome->decision.file);
	return out;
}

static const char *
next_server_value(const struct explain_outcome *outcome,
    char out[VALUE_OCTETS])
{
	return verdict_answered(outcome->verdict) ?
	    text_address(outcome->decision.next_server, out) : NULL;
}

static const char *
form_value(const struct explain_outcome *outcome, char out[VALUE_OCTETS])
{
	(void)out;
	return verdict_answered(outcome->verdict) ?
	    form_name(outcome->decision.form) : NULL;
}

static const char *
rule_value(const struct explain_outcome *outcome, char out[VALUE_OCTETS])
{
	(void)out;
	return outcome->is_decided && outcome->decision.rule != NULL ?
	    outcome->decision.rule->name : NULL;
}

static const char *
site_value(const struct explain_outcome *outcome, char out[VALUE_OCTETS])
{
	(void)out;
	return outcome->is_decided && outcome->decision.site != NULL ?
	    outcome->decision.site->name : NULL;
}

static bool
is_verdict(const char *text)
{
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (strcmp(verdict_name((enum verdict)v), text) == 0)
			return true;
	return false;
}

static bool
is_address(const char *text)
{
	struct in_addr address;

	return value_address(text, &address) == NULL;
}

static bool
is_form(const char *text)
{
	return form_by_name(text) != FORM_COUNT;
}

static bool
is_any(const char *text)
{
	(void)text;
	return true;
}

static const struct check_row {
	const char *name;
	check_value value;
	bool (*is_sound)(const char *text);	/* can it be got at all? */
} rows[] = {
	{ "verdict", verdict_value, is_verdict },
	{ "bootfile-name", file_value, is_any },
	{ "next-server", next_server_value, is_address },
	{ "form", form_value, is_form },
	{ "rule", rule_value, is_any },
	{ "site", site_value, is_any },
};

static const struct check_row *
row_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* Where a word ends; quotes keep blanks together. */
static char *
end_of(char *word)
{
	char quote = '\0';

	for (; *word != '\0'; word++) {
		if (quote != '\0') {
			if (*word == quote)
				quote = '\0';
		} else if (*word == '"' || *word == '\'')
			quote = *word;
		else if (strchr(" \t\r", *word) != NULL)
			break;
	}
	return word;
}

/* Take the quotes around a text away. */
static char *
bare(char *text)
{
	size_t n = strlen(text);

	if (n < 2 || (text[0] != '"' && text[0] != '\'') ||
	    text[n - 1] != text[0])
		return text;
	text[n - 1] = '\0';
	return text + 1;
}

/* The next wish: NAME=VALUE, or a verdict alone; false: there is none. */
static bool
next_wish(struct check_line *line, struct check_wish *out)
{
	char *word = line->rest + strspn(line->rest, " \t\r"), *equals;

	if (*word == '\0' || *word == '#')
		return false;
	line->rest = end_of(word);
	if (*line->rest != '\0')
		*line->rest++ = '\0';
	equals = strchr(word, '=');
	if (equals == NULL) {
		*out = (struct check_wish){ "verdict", word };
		return true;
	}
	*equals = '\0';
	*out = (struct check_wish){ word, bare(equals + 1) };
	return true;
}

/* Print the first difference's head: the line as it stands. */
static void
print_head(const struct check_line *line, bool *printed)
{
	if (!*printed)
		(void)printf("%s\n %s\n", line->place, line->client);
	*printed = true;
}

static bool
is_as_wished(const struct check_wish *wish, const char *got)
{
	return got != NULL && strcmp(got, wish->value) == 0;
}

/* Hold a client against its wishes: 0, or an exit status. */
static int
check_wishes(struct check_line *line, const struct explain_outcome *outcome)
{
	struct check_wish wish;
	bool printed = false, any = false;

	while (next_wish(line, &wish)) {
		const struct check_row *row = row_by_name(wish.name);
		char room[VALUE_OCTETS];
		const char *got;

		any = true;
		if (row == NULL || !row->is_sound(wish.value)) {
			log_error("%s: %s=%s is nothing that a client gets: "
			    "behind => stand a verdict, bootfile-name=, "
			    "next-server=, form=, rule= or site=",
			    line->place, wish.name, wish.value);
			return EXIT_WRONG;
		}
		got = row->value(outcome, room);
		if (is_as_wished(&wish, got))
			continue;
		print_head(line, &printed);
		(void)printf("-%s=%s\n", wish.name, wish.value);
		if (got != NULL)
			(void)printf("+%s=%s\n", wish.name, got);
		else
			(void)printf("+no %s: %s\n", wish.name,
			    verdict_sentence(outcome->verdict));
	}
	if (!any)
		log_error("%s: nothing stands behind =>", line->place);
	return !any ? EXIT_WRONG : printed ? EXIT_DIFFERS : EXIT_SUCCESS;
}

/* One line: 0, or an exit status.  Empty lines and comments are passed over. */
static int
check_line(const struct options *options, const struct policy *policy,
    struct check_line *line, unsigned long *clients)
{
	struct explain_outcome outcome;
	char *arrow;

	line->client += strspn(line->client, " \t\r");
	if (*line->client == '\0' || *line->client == '#')
		return EXIT_SUCCESS;
	arrow = strstr(line->client, "=>");
	if (arrow == NULL) {
		log_error("%s: there is no => between a client and what it "
		    "must get", line->place);
		return EXIT_WRONG;
	}
	line->rest = arrow + strlen("=>");
	while (arrow > line->client && strchr(" \t", arrow[-1]) != NULL)
		arrow--;
	*arrow = '\0';
	(*clients)++;
	if (!explain_decide(line->place, line->client, options, policy,
	    &outcome))
		return EXIT_WRONG;
	return check_wishes(line, &outcome);
}

static int
check_lines(const struct options *options, const struct policy *policy,
    char *text)
{
	unsigned long number = 0, clients = 0, differ = 0;
	bool wrong = false;
	char *next;

	while ((next = strsep(&text, "\n")) != NULL) {
		struct check_line line = { .client = next };
		int status;

		(void)snprintf(line.place, sizeof(line.place), "%.480s:%lu",
		    options->check, ++number);
		status = check_line(options, policy, &line, &clients);
		wrong |= status == EXIT_WRONG;
		differ += status == EXIT_DIFFERS;
	}
	(void)printf("%lu clients, %lu differ\n", clients, differ);
	if (wrong)
		return EXIT_WRONG;
	return differ > 0 ? EXIT_DIFFERS : EXIT_SUCCESS;
}

int
check_run(const struct options *options, const struct policy *policy)
{
	struct memory memory = { 0 };
	bool has_nul = false;
	struct source *source = source_read(&memory, options->check, NULL,
	    &has_nul);
	int status = EXIT_WRONG;

	if (source == NULL)
		log_errno("%s", options->check);
	else if (has_nul)
		log_error("%s: a NUL octet, which no text has",
		    options->check);
	else
		status = check_lines(options, policy, source->text);
	memory_release(&memory);
	return status;
}
