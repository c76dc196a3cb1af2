#include "report/status_json.h"

#include "report/json.h"
#include "report/machines.h"
#include "report/policy_text.h"

static const double NS_PER_S = 1e9;

enum { NAME_TEXT = 6 * POLICY_TEXT_LINE };

/* The members of an object, in its braces or in those of another. */
static void
put_fields(FILE *to, const struct field fields[], size_t n, const void *of)
{
	char text[FIELD_JSON];
	struct text_line line = text_begin(text, sizeof(text));

	field_add_json(&line, fields, n, of);
	(void)fputs(text, to);
}

static void
put_faults(FILE *to, const struct status *status)
{
	const char *comma = "";

	(void)fprintf(to, ",\"wrong\":[");
	for (unsigned i = 0; i < STATUS_FAULTS; i++)
		if (status_has_fault(status, (enum status_fault)i)) {
			(void)fprintf(to, "%s\"%s\"", comma,
			    status_fault_name((enum status_fault)i));
			comma = ",";
		}
	(void)fprintf(to, "]");
}

static void
put_links(FILE *to, const struct status *status)
{
	size_t n;
	const struct field *fields = status_link_fields(&n);

	(void)fprintf(to, ",\"interfaces\":[");
	for (unsigned i = 0; i < status->links; i++) {
		(void)fputs(i > 0 ? ",{" : "{", to);
		put_fields(to, fields, n, &status->link[i]);
		(void)fputs("}", to);
	}
	(void)fprintf(to, "]");
}

/* The sum, and what is not 0 of it. */
static void
put_list(FILE *to, const struct status *status,
    const struct status_list *list)
{
	unsigned long long sum = 0;
	size_t n = list->items(status);

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (list->name(status, i) != NULL)
			sum += list->count(status, i);
	(void)fprintf(to, ",\"%s\":{\"all\":%llu", list->json, sum);
	for (size_t i = 0; i < n; i++)
		if (list->name(status, i) != NULL &&
		    list->count(status, i) > 0)
			(void)fprintf(to, ",\"%s\":%llu",
			    list->name(status, i), list->count(status, i));
	(void)fprintf(to, "}");
}

static void
put_counters(FILE *to, const struct status *status)
{
	const struct counters *counters = status->counters;
	const char *comma = "";
	size_t n;
	const struct status_list *lists = status_lists(&n);

	for (size_t i = 0; i < n; i++)
		put_list(to, status, &lists[i]);
	(void)fprintf(to, ",\"latency\":[");
	for (unsigned i = 0; i <= COUNTERS_BUCKETS; i++) {
		if (counters->latency[i] == 0)
			continue;
		(void)fprintf(to, "%s{\"answers\":%llu,\"up_to\":", comma,
		    counters->latency[i]);
		if (i < COUNTERS_BUCKETS)
			(void)fprintf(to, "%g}",
			    (double)counters_bound(i) / NS_PER_S);
		else
			(void)fprintf(to, "null}");
		comma = ",";
	}
	(void)fprintf(to, "]");
}

/*
 * The policy.
 */

static void
put_matches(FILE *to, const struct policy_rule *rule)
{
	char match[POLICY_TEXT_LINE], text[NAME_TEXT];

	(void)fprintf(to, ",\"matches\":[");
	for (size_t i = 0; i < rule->n_match; i++)
		(void)fprintf(to, "%s%s", i > 0 ? "," : "",
		    json_text(policy_text_match(&rule->match[i], match), text,
		    sizeof(text)));
	(void)fprintf(to, "]");
}

static void
put_text_or_null(FILE *to, const char *name, const char *value)
{
	char text[NAME_TEXT];

	(void)fprintf(to, ",\"%s\":%s", name, value == NULL ? "null" :
	    json_text(value, text, sizeof(text)));
}

/* What the rule and the policy say; null is what is usual for the client. */
static void
put_gift(FILE *to, const struct policy *policy, const struct policy_rule *rule)
{
	char address[TEXT_ADDRESS];
	const char *next_server = rule->next_server_text;

	if (next_server == NULL && rule->has_next_server)
		next_server = text_address(rule->next_server, address);
	else if (next_server == NULL && policy->has_next_server)
		next_server = text_address(policy->next_server, address);
	(void)fprintf(to, ",\"form\":\"%s\"", form_name(rule->form));
	put_text_or_null(to, "bootfile_name", rule->file != NULL ||
	    rule->hosts != NULL || rule->menu != NULL ? rule->file :
	    policy->file);
	put_text_or_null(to, "next_server", next_server);
	(void)fprintf(to, ",\"min_secs\":%u,\"delay\":%u", rule->min_secs,
	    rule->delay);
}

static void
put_networks(FILE *to, const char *name,
    const struct policy_networks *networks)
{
	char address[TEXT_ADDRESS];

	(void)fprintf(to, ",\"%s\":[", name);
	for (size_t i = 0; i < networks->n; i++)
		(void)fprintf(to, "%s\"%s/%d\"", i > 0 ? "," : "",
		    text_address(networks->network[i].address, address),
		    __builtin_popcount(networks->network[i].mask.s_addr));
	(void)fprintf(to, "]");
}

static void
put_rules(FILE *to, const struct status *status)
{
	char name[NAME_TEXT], origin[NAME_TEXT];

	(void)fprintf(to, ",\"rules\":[");
	for (size_t i = 0; i < status->policy->n; i++) {
		const struct policy_rule *rule = &status->policy->rule[i];

		(void)fprintf(to, "%s{\"name\":%s,\"origin\":%s,"
		    "\"requests\":%llu,\"ignore\":%s", i > 0 ? "," : "",
		    json_text(rule->name, name, sizeof(name)),
		    json_text(rule->origin, origin, sizeof(origin)),
		    status->counters->rule[i],
		    rule->ignore ? "true" : "false");
		put_matches(to, rule);
		if (!rule->ignore)
			put_gift(to, status->policy, rule);
		(void)fprintf(to, "}");
	}
	(void)fprintf(to, "]");
	put_networks(to, "allow_relay", &status->policy->allow_relay);
	put_networks(to, "allow_client", &status->policy->allow_client);
}

/*
 * The machines.
 */

static void
put_machines(FILE *to, const struct machines *machines)
{
	(void)fprintf(to, ",\"machines\":[");
	for (size_t i = 0; i < machines->n; i++) {
		(void)fputs(i > 0 ? ",{" : "{", to);
		machines_json(to, &machines->row[i]);
		(void)fputs("}", to);
	}
	(void)fprintf(to, "]");
}

void
status_json(FILE *to, const struct status *status)
{
	struct machines machines;
	struct machines_hour hour;
	size_t n;
	const struct field *fields = status_fields(&n);

	(void)machines_collect(status, &machines);
	hour = machines_hour(&machines, status);
	(void)fprintf(to, "{\"schema\":%d,", STATUS_JSON_SCHEMA);
	put_fields(to, fields, n, status);
	put_faults(to, status);
	(void)fprintf(to, ",\"last_hour\":{\"machines\":%u,\"more\":%s,"
	    "\"problems\":%u}", hour.asked, hour.more ? "true" : "false",
	    hour.problems);
	put_links(to, status);
	put_counters(to, status);
	put_rules(to, status);
	put_machines(to, &machines);
	(void)fprintf(to, "}\n");
	machines_free(&machines);
}
