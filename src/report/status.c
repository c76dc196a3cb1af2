#include "report/status.h"

#include "report/json.h"
#include "report/log.h"
#include "report/policy_text.h"
#include "report/text.h"

#include <string.h>

enum { LINE = 768 };

static const double NS_PER_S = 1e9;
static const double NS_PER_MS = 1e6;

/*
 * Lines of the log.
 */

/* Words such as " offer=3", as many as fit. */
struct words {
	char text[LINE];
	size_t n;
};

static void
add_count(struct words *words, const char *name, unsigned long long count)
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
add_archs(struct words *words, const struct counters *counters)
{
	for (size_t i = 0; i < counters->archs; i++)
		add_count(words, counters_arch_name(counters, i),
		    counters->arch[i]);
}

static void
add_forms(struct words *words, const struct counters *counters)
{
	for (unsigned i = 0; i < FORM_COUNT; i++)
		add_count(words, form_name((enum form)i),
		    counters->form[i]);
}

static void
add_latencies(struct words *words, const struct counters *counters)
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
log_words(const char *what, const struct words *words)
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

void
status_log(const struct status *status)
{
	const struct counters *counters = status->counters;
	struct words verdicts = { "", 0 }, archs = { "", 0 },
	    forms = { "", 0 }, latencies = { "", 0 };

	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		add_count(&verdicts, verdict_name((enum verdict)v),
		    counters->verdict[v]);
	add_archs(&archs, counters);
	add_forms(&forms, counters);
	add_latencies(&latencies, counters);
	log_words("verdicts", &verdicts);
	log_words("architectures", &archs);
	log_words("forms", &forms);
	log_rules(status);
	log_words("latency up to", &latencies);
	for (unsigned i = 0; i < status->links; i++) {
		const struct status_link *link = &status->link[i];

		log_info("counters: %s: frames=%llu answers=%llu dropped=%llu "
		    "send-errors=%llu", link->name, link->frames,
		    link->answers, link->dropped, link->send_errors);
	}
}

void
status_log_end(const struct status *status)
{
	struct words verdicts = { "", 0 };
	unsigned long long dropped = 0, failed = 0;

	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		add_count(&verdicts, verdict_name((enum verdict)v),
		    status->counters->verdict[v]);
	for (unsigned i = 0; i < status->links; i++) {
		dropped += status->link[i].dropped;
		failed += status->link[i].send_errors;
	}
	log_info("ending: requests=%llu%s dropped=%llu send-errors=%llu",
	    counters_requests(status->counters), verdicts.text, dropped,
	    failed);
}

/*
 * Prometheus.
 */

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

static void
put_links(FILE *to, const struct status *status)
{
	static const struct {
		const char *name, *type, *help;
	} rows[] = {
		{ "pxeproxyd_interface_frames_total", "counter",
		    "Frames that passed the filter." },
		{ "pxeproxyd_interface_answers_total", "counter",
		    "Answers handed to the interface." },
		{ "pxeproxyd_interface_dropped_total", "counter",
		    "Frames that the kernel dropped for want of room." },
		{ "pxeproxyd_interface_send_errors_total", "counter",
		    "Answers that could not be sent." },
		{ "pxeproxyd_interface_served", "gauge",
		    "Whether the interface is there and served." },
	};

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		head(to, rows[row].name, rows[row].type, rows[row].help);
		for (unsigned i = 0; i < status->links; i++) {
			const struct status_link *link = &status->link[i];
			unsigned long long values[] = { link->frames,
			    link->answers, link->dropped, link->send_errors,
			    !link->away };

			sample(to, rows[row].name, "interface", link->name,
			    values[row]);
		}
	}
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
	static const char requests[] = "pxeproxyd_requests_total",
	    archs[] = "pxeproxyd_architecture_requests_total",
	    forms[] = "pxeproxyd_answered_requests_total";
	const struct counters *counters = status->counters;

	head(to, "pxeproxyd_build_info", "gauge",
	    "The version, as a label.");
	sample(to, "pxeproxyd_build_info", "version", PACKAGE_VERSION, 1);
	put_gauge(to, "pxeproxyd_start_time_seconds",
	    "When it was started.", status->started);
	put_gauge(to, "pxeproxyd_config_last_reload_successful",
	    "Whether the configuration was sound when last read.",
	    !status->reload_failed);
	put_gauge(to, "pxeproxyd_config_last_reload_success_timestamp_seconds",
	    "When the policy in force was read.", status->read);
	head(to, requests, "counter", "Frames by what came of them.");
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		sample(to, requests, "verdict", verdict_name((enum verdict)v),
		    counters->verdict[v]);
	head(to, archs, "counter",
	    "Requests of boot clients by architecture.");
	for (size_t i = 0; i < counters->archs; i++)
		sample(to, archs, "architecture",
		    counters_arch_name(counters, i), counters->arch[i]);
	head(to, forms, "counter", "Answered requests by form of answer.");
	for (unsigned i = FORM_DEFAULT + 1; i < FORM_COUNT; i++)
		sample(to, forms, "form",
		    form_name((enum form)i), counters->form[i]);
	put_rules(to, status);
	put_links(to, status);
	put_latency(to, counters);
}

/*
 * Both texts.
 */

enum { NAME_TEXT = 6 * POLICY_TEXT_LINE };

static const char *
arch_text(const struct client *client, char out[TEXT_ARCH])
{
	return client->has_arch ? text_arch(client->arch, out) : "none";
}

/*
 * For people.
 */

static void
text_links(FILE *to, const struct status *status)
{
	char address[TEXT_ADDRESS], mac[TEXT_MAC];

	for (unsigned i = 0; i < status->links; i++) {
		const struct status_link *link = &status->link[i];

		(void)fprintf(to, "interface %s: ", link->name);
		if (link->away)
			(void)fprintf(to, "away");
		else
			(void)fprintf(to, "%s as %s (%s)",
			    status->listen_only ? "listening only" :
			    "serving", text_address(link->address, address),
			    text_mac(link->mac, FRAME_MAC, mac));
		(void)fprintf(to, ", frames %llu, answers %llu, dropped %llu, "
		    "send errors %llu\n", link->frames, link->answers,
		    link->dropped, link->send_errors);
	}
}

static void
text_counters(FILE *to, const struct status *status)
{
	const struct counters *counters = status->counters;

	(void)fprintf(to, "requests: %llu\n", counters_requests(counters));
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (counters->verdict[v] > 0)
			(void)fprintf(to, "  %llu %s: %s\n",
			    counters->verdict[v],
			    verdict_name((enum verdict)v),
			    verdict_sentence((enum verdict)v));
}

static void
text_words(FILE *to, const struct status *status)
{
	static const struct {
		const char *what;
		void (*add)(struct words *words,
		    const struct counters *counters);
	} rows[] = {
		{ "architectures", add_archs },
		{ "forms of answer", add_forms },
		{ "latency up to", add_latencies },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct words words = { "", 0 };

		rows[i].add(&words, status->counters);
		if (words.n > 0)
			(void)fprintf(to, "%s:%s\n", rows[i].what,
			    words.text);
	}
}

static void
text_rules(FILE *to, const struct status *status)
{
	char name[NAME_TEXT];

	(void)fprintf(to, "requests by rule:\n");
	for (size_t i = 0; i < status->counters->rules; i++)
		if (status->counters->rule[i] > 0)
			(void)fprintf(to, "  %llu %zu %s\n",
			    status->counters->rule[i], i + 1,
			    json_text(status->policy->rule[i].name, name,
			    sizeof(name)));
}

static void
text_client(FILE *to, const struct client *client)
{
	char when[TEXT_TIME], mac[TEXT_MAC], uuid[TEXT_UUID],
	    arch[TEXT_ARCH], file[NAME_TEXT], address[TEXT_ADDRESS];

	(void)fprintf(to, "  %s %s %s %s %s %s",
	    text_time(client->when.tv_sec, when),
	    client->interface, text_mac(client->mac, client->n, mac),
	    arch_text(client, arch), verdict_name(client->verdict),
	    clients_progress(client->progress));
	if (client->progress != CLIENT_REFUSED)
		(void)fprintf(to, " form=%s bootfile-name=%s next-server=%s",
		    form_name(client->form),
		    json_text(client->file, file, sizeof(file)),
		    text_address(client->next_server, address));
	if (client->has_uuid)
		(void)fprintf(to, " uuid=%s", text_uuid(client->uuid, uuid));
	(void)fprintf(to, "\n");
}

void
status_text(FILE *to, const struct status *status)
{
	char when[TEXT_TIME];

	(void)fprintf(to, "%s %s, up %lu s, since %s\n", PACKAGE_NAME,
	    PACKAGE_VERSION, status->uptime, text_time(status->started, when));
	(void)fprintf(to, "configuration: %s, read %s%s\n",
	    status->config != NULL ? status->config : "none",
	    text_time(status->read, when), status->reload_failed ?
	    "; what the file says now is wrong, and not in force" : "");
	text_links(to, status);
	text_counters(to, status);
	text_words(to, status);
	text_rules(to, status);
	(void)fprintf(to, "policy in force:\n");
	policy_text_print(to, status->policy);
	(void)fprintf(to, "last clients: %u\n", status->clients->n);
	for (const struct client *c = NULL;
	    (c = clients_older(status->clients, c)) != NULL;)
		text_client(to, c);
}

/*
 * For programs.
 */

static void
json_links(FILE *to, const struct status *status)
{
	char address[TEXT_ADDRESS], mac[TEXT_MAC], name[NAME_TEXT];

	(void)fprintf(to, ",\"interfaces\":[");
	for (unsigned i = 0; i < status->links; i++) {
		const struct status_link *link = &status->link[i];

		(void)fprintf(to, "%s{\"name\":%s,\"served\":%s,"
		    "\"address\":\"%s\",\"mac\":\"%s\",\"frames\":%llu,"
		    "\"answers\":%llu,\"dropped\":%llu,\"send_errors\":%llu}",
		    i > 0 ? "," : "", json_text(link->name, name,
		    sizeof(name)), link->away ? "false" : "true",
		    text_address(link->address, address),
		    text_mac(link->mac, FRAME_MAC, mac), link->frames,
		    link->answers, link->dropped, link->send_errors);
	}
	(void)fprintf(to, "]");
}

static void
json_counters(FILE *to, const struct counters *counters)
{
	(void)fprintf(to, ",\"requests\":{\"all\":%llu",
	    counters_requests(counters));
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		(void)fprintf(to, ",\"%s\":%llu",
		    verdict_name((enum verdict)v), counters->verdict[v]);
	(void)fprintf(to, "},\"architectures\":{");
	for (size_t i = 0; i < counters->archs; i++)
		(void)fprintf(to, "%s\"%s\":%llu", i > 0 ? "," : "",
		    counters_arch_name(counters, i), counters->arch[i]);
	(void)fprintf(to, "},\"forms\":{");
	for (unsigned i = FORM_DEFAULT + 1; i < FORM_COUNT; i++)
		(void)fprintf(to, "%s\"%s\":%llu",
		    i > FORM_DEFAULT + 1 ? "," : "",
		    form_name((enum form)i), counters->form[i]);
	(void)fprintf(to, "},\"latency\":[");
	for (unsigned i = 0; i < COUNTERS_BUCKETS; i++)
		(void)fprintf(to, "{\"up_to\":%g,\"answers\":%llu},",
		    (double)counters_bound(i) / NS_PER_S,
		    counters->latency[i]);
	(void)fprintf(to, "{\"up_to\":null,\"answers\":%llu}]",
	    counters->latency[COUNTERS_BUCKETS]);
}

static void
json_matches(FILE *to, const struct policy_rule *rule)
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
json_text_or_null(FILE *to, const char *name, const char *value)
{
	char text[NAME_TEXT];

	(void)fprintf(to, ",\"%s\":%s", name, value == NULL ? "null" :
	    json_text(value, text, sizeof(text)));
}

/* What the rule and the policy say; null is what is usual for the client. */
static void
json_gift(FILE *to, const struct policy *policy, const struct policy_rule *rule)
{
	char address[TEXT_ADDRESS];
	const char *next_server = rule->next_server_text;

	if (next_server == NULL && rule->has_next_server)
		next_server = text_address(rule->next_server, address);
	else if (next_server == NULL && policy->has_next_server)
		next_server = text_address(policy->next_server, address);
	(void)fprintf(to, ",\"form\":\"%s\"", form_name(rule->form));
	json_text_or_null(to, "bootfile_name", rule->file != NULL ||
	    rule->hosts != NULL || rule->menu != NULL ? rule->file :
	    policy->file);
	json_text_or_null(to, "next_server", next_server);
	(void)fprintf(to, ",\"min_secs\":%u,\"delay\":%u", rule->min_secs,
	    rule->delay);
}

static void
json_networks(FILE *to, const char *name,
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
json_rules(FILE *to, const struct status *status)
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
		json_matches(to, rule);
		if (!rule->ignore)
			json_gift(to, status->policy, rule);
		(void)fprintf(to, "}");
	}
	(void)fprintf(to, "]");
	json_networks(to, "allow_relay", &status->policy->allow_relay);
	json_networks(to, "allow_client", &status->policy->allow_client);
}

static void
json_client(FILE *to, const struct client *client)
{
	char when[TEXT_TIME], mac[TEXT_MAC], uuid[TEXT_UUID],
	    arch[TEXT_ARCH], text[NAME_TEXT], address[TEXT_ADDRESS];

	(void)fprintf(to, "{\"when\":\"%s\",\"mac\":\"%s\","
	    "\"architecture\":\"%s\",\"verdict\":\"%s\","
	    "\"progress\":\"%s\",\"requests\":%llu,",
	    text_time(client->when.tv_sec, when),
	    text_mac(client->mac, client->n, mac), arch_text(client, arch),
	    verdict_name(client->verdict), clients_progress(client->progress),
	    client->requests);
	if (client->has_uuid)
		(void)fprintf(to, "\"uuid\":\"%s\",",
		    text_uuid(client->uuid, uuid));
	if (client->progress != CLIENT_REFUSED)
		(void)fprintf(to, "\"form\":\"%s\","
		    "\"bootfile_name\":%s,\"next_server\":\"%s\",",
		    form_name(client->form),
		    json_text(client->file, text, sizeof(text)),
		    text_address(client->next_server, address));
	(void)fprintf(to, "\"interface\":%s}",
	    json_text(client->interface, text, sizeof(text)));
}

void
status_json(FILE *to, const struct status *status)
{
	char when[TEXT_TIME], text[NAME_TEXT];
	const struct client *client = NULL;

	(void)fprintf(to, "{\"version\":\"%s\",\"started\":\"%s\","
	    "\"uptime\":%lu,", PACKAGE_VERSION,
	    text_time(status->started, when), status->uptime);
	(void)fprintf(to, "\"listen_only\":%s,\"configuration\":%s,"
	    "\"read\":\"%s\",\"reload_failed\":%s",
	    status->listen_only ? "true" : "false", status->config != NULL ?
	    json_text(status->config, text, sizeof(text)) : "null",
	    text_time(status->read, when),
	    status->reload_failed ? "true" : "false");
	json_links(to, status);
	json_counters(to, status->counters);
	json_rules(to, status);
	(void)fprintf(to, ",\"clients\":[");
	while ((client = clients_older(status->clients, client)) != NULL) {
		json_client(to, client);
		if (client->older != CLIENTS_MAX)
			(void)fputc(',', to);
	}
	(void)fprintf(to, "]}\n");
}
