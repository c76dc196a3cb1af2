#include "report/status_metrics.h"

#include "report/json.h"
#include "report/micros.h"

static const double NS_PER_S = 1e9;

static const int64_t HOUR = (int64_t)3600 * MICROS;

enum { NAME = 80 };

static void
head(FILE *to, const char *name, const char *type, const char *help)
{
	(void)fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
	    type);
}

/* A label's value: UTF-8, with three characters escaped. */
static void
put_label(FILE *to, const char *text)
{
	while (*text != '\0') {
		size_t n = json_utf8(text);

		if (*text == '\n')
			(void)fputs("\\n", to);
		else if (*text == '"' || *text == '\\')
			(void)fprintf(to, "\\%c", *text);
		else if (n == 0)
			(void)fputc('?', to);
		else
			(void)fwrite(text, 1, n, to);
		text += n > 0 ? n : 1;
	}
}

static void
sample(FILE *to, const char *name, const char *label, const char *value,
    unsigned long long count)
{
	(void)fprintf(to, "%s{%s=\"", name, label);
	put_label(to, value);
	(void)fprintf(to, "\"} %llu\n", count);
}

static void
put_rules(FILE *to, const struct status *status)
{
	static const char name[] = "pxeproxyd_rule_requests_total";

	head(to, name, "counter",
	    "Requests that each rule decided, since the policy was read.");
	for (size_t i = 0; i < status->counters->rules; i++) {
		(void)fprintf(to, "%s{number=\"%zu\",rule=\"", name, i + 1);
		put_label(to, status->policy->rule[i].name);
		(void)fprintf(to, "\"} %llu\n", status->counters->rule[i]);
	}
}

/* A counter for each number of an interface, a gauge for each yes or no. */
static void
put_link_field(FILE *to, const struct status *status,
    const struct field *field)
{
	bool is_number = field->kind == FIELD_NUMBER;
	char name[NAME];

	(void)snprintf(name, sizeof(name), "pxeproxyd_interface_%s%s",
	    field->json, is_number ? "_total" : "");
	head(to, name, is_number ? "counter" : "gauge", field->help);
	for (unsigned i = 0; i < status->links; i++) {
		struct field_value value;

		if (field_get(field, &status->link[i], &value))
			sample(to, name, "interface", status->link[i].name,
			    is_number ? value.number : value.flag);
	}
}

static void
put_links(FILE *to, const struct status *status)
{
	size_t n;
	const struct field *fields = status_link_fields(&n);

	for (size_t i = 0; i < n; i++)
		if (fields[i].kind == FIELD_NUMBER ||
		    fields[i].kind == FIELD_FLAG)
			put_link_field(to, status, &fields[i]);
}

static void
put_list(FILE *to, const struct status *status,
    const struct status_list *list)
{
	if (list->items(status) > 0)
		head(to, list->metric, "counter", list->help);
	for (size_t i = 0; i < list->items(status); i++)
		if (list->name(status, i) != NULL)
			sample(to, list->metric, list->label,
			    list->name(status, i), list->count(status, i));
}

static void
put_stages(FILE *to, const struct machine_table *table, int64_t now)
{
	static const char metric[] = "pxeproxyd_machines";
	unsigned long long count[STAGES] = { 0 };
	uint16_t at = table->newest;

	for (; at != MACHINE_NONE && table->row[at].seen > now - HOUR;
	    at = table->row[at].older)
		count[finding_stage(&table->row[at])]++;
	head(to, metric, "gauge",
	    "Machines heard in the last hour, by how far their boot came.");
	for (unsigned i = 0; i < STAGES; i++)
		sample(to, metric, "progress",
		    finding_stage_name((enum finding_stage)i), count[i]);
}

static void
put_latency(FILE *to, const struct counters *counters)
{
	static const char name[] = "pxeproxyd_answer_latency_seconds";
	unsigned long long n = 0;

	head(to, name, "histogram",
	    "From the capture of a request to the sending of its answer.");
	for (unsigned i = 0; i < COUNTERS_BUCKETS; i++) {
		n += counters->latency[i];
		(void)fprintf(to, "%s_bucket{le=\"%g\"} %llu\n", name,
		    (double)counters_bound(i) / NS_PER_S, n);
	}
	n += counters->latency[COUNTERS_BUCKETS];
	(void)fprintf(to, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9f\n"
	    "%s_count %llu\n", name, n, name,
	    (double)counters->latency_ns / NS_PER_S, name, n);
}

static void
put_gauge(FILE *to, const char *name, const char *help, long long value)
{
	head(to, name, "gauge", help);
	(void)fprintf(to, "%s %lld\n", name, value);
}

void
status_metrics(FILE *to, const struct status *status)
{
	size_t n;
	const struct status_list *lists = status_lists(&n);
	bool reloaded = !status_has_fault(status, STATUS_RELOAD_FAILED);

	head(to, "pxeproxyd_build_info", "gauge",
	    "The version, as a label.");
	sample(to, "pxeproxyd_build_info", "version", PACKAGE_VERSION, 1);
	put_gauge(to, "pxeproxyd_start_time_seconds",
	    "When it was started.", status->started);
	put_gauge(to, "pxeproxyd_config_last_reload_successful",
	    "Whether the configuration was sound when last read.", reloaded);
	put_gauge(to, "pxeproxyd_config_last_reload_success_timestamp_seconds",
	    "When the policy in force was read.", status->read);
	for (size_t i = 0; i < n; i++)
		put_list(to, status, &lists[i]);
	put_rules(to, status);
	put_links(to, status);
	put_latency(to, status->counters);
	if (status->diagnosis != NULL)
		put_stages(to, &status->diagnosis->table,
		    status->diagnosis->now);
}
