#include "report/status_log.h"

#include "report/log.h"

#include <stdio.h>
#include <string.h>

static const double NS_PER_MS = 1e6;

enum {
	LINE = 768,
	NAME = 32,		/* of a field */
};

/* Words such as " offer=3", as many as fit. */
struct status_log_words {
	char text[LINE];
	size_t n;
};

static void
add_count(struct status_log_words *words, const char *name,
    unsigned long long count)
{
	size_t room = sizeof(words->text) - words->n;
	int n;

	if (count == 0)
		return;
	n = snprintf(words->text + words->n, room, " %s=%llu", name, count);
	if (n > 0 && (size_t)n < room)
		words->n += (size_t)n;
	else
		words->text[words->n] = '\0';
}

static void
add_list(struct status_log_words *words, const struct status *status,
    const struct status_list *list)
{
	for (size_t i = 0; i < list->items(status); i++)
		if (list->name(status, i) != NULL)
			add_count(words, list->name(status, i),
			    list->count(status, i));
}

static void
add_latencies(struct status_log_words *words, const struct counters *counters)
{
	char name[32];

	for (unsigned i = 0; i < COUNTERS_BUCKETS; i++) {
		(void)snprintf(name, sizeof(name), "%gms",
		    (double)counters_bound(i) / NS_PER_MS);
		add_count(words, name, counters->latency[i]);
	}
	add_count(words, "more", counters->latency[COUNTERS_BUCKETS]);
}

static void
log_words(const char *what, const struct status_log_words *words)
{
	if (words->n > 0)
		log_info("counters: %s:%s", what, words->text);
}

static void
log_rules(const struct status *status)
{
	for (size_t i = 0; i < status->counters->rules; i++)
		if (status->counters->rule[i] > 0)
			log_info("counters: rule \"%s\" (%s): %llu",
			    status->policy->rule[i].name,
			    status->policy->rule[i].origin,
			    status->counters->rule[i]);
}

/* A number and its name, which has hyphens in the log, as in all its lines. */
static void
add_number(struct text_line *line, const struct field *field,
    const struct field_value *value)
{
	char name[NAME];
	size_t n = strlen(field->json);

	for (size_t i = 0; i <= n && i < sizeof(name); i++) {
		name[i] = field->json[i];
		if (name[i] == '_')
			name[i] = '-';
	}
	name[sizeof(name) - 1] = '\0';
	text_add(line, " %s=%llu", name, value->number);
}

/* All numbers of an interface. */
static void
log_link(const struct status_link *link)
{
	char text[LINE];
	struct text_line line = text_begin(text, sizeof(text));
	struct field_value value;
	size_t n;
	const struct field *fields = status_link_fields(&n);

	for (size_t i = 0; i < n; i++)
		if (fields[i].kind == FIELD_NUMBER &&
		    field_get(&fields[i], link, &value))
			add_number(&line, &fields[i], &value);
	log_info("counters: %s:%s", link->name, text);
}

void
status_log(const struct status *status)
{
	struct status_log_words latencies = { "", 0 };
	size_t n;
	const struct status_list *lists = status_lists(&n);

	for (size_t i = 0; i < n; i++) {
		struct status_log_words words = { "", 0 };

		add_list(&words, status, &lists[i]);
		log_words(lists[i].text, &words);
	}
	log_rules(status);
	add_latencies(&latencies, status->counters);
	log_words("latency up to", &latencies);
	for (unsigned i = 0; i < status->links; i++)
		log_link(&status->link[i]);
}

void
status_log_end(const struct status *status)
{
	struct status_log_words verdicts = { "", 0 };
	unsigned long long dropped = 0, failed = 0;
	size_t n;

	add_list(&verdicts, status, &status_lists(&n)[0]);
	for (unsigned i = 0; i < status->links; i++) {
		dropped += status->link[i].dropped;
		failed += status->link[i].send_errors;
	}
	log_info("ending: requests=%llu%s dropped=%llu send-errors=%llu",
	    counters_requests(status->counters), verdicts.text, dropped,
	    failed);
}
