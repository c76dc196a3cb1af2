#include "report/status.h"

/*
 * What is wrong.
 */

static bool
is_unserved(const struct status *status)
{
	for (unsigned i = 0; i < status->links; i++)
		if (status->link[i].away)
			return true;
	return false;
}

static bool
has_failed_reload(const struct status *status)
{
	return status->reload_failed;
}

static bool
has_failed_write(const struct status *status)
{
	return status->write_failed;
}

static const struct {
	const char *name, *sentence;
	bool (*is_there)(const struct status *status);
} faults[STATUS_FAULTS] = {
	[STATUS_NOT_SERVED] = { "not-served",
	    "an interface is not served", is_unserved },
	[STATUS_RELOAD_FAILED] = { "reload-failed",
	    "the configuration file has an error; what was read before is "
	    "in force", has_failed_reload },
	[STATUS_WRITE_FAILED] = { "write-failed",
	    "the metrics or the savefile cannot be written",
	    has_failed_write },
};

bool
status_has_fault(const struct status *status, enum status_fault fault)
{
	return faults[fault].is_there(status);
}

const char *
status_fault_sentence(enum status_fault fault)
{
	return faults[fault].sentence;
}

const char *
status_fault_name(enum status_fault fault)
{
	return faults[fault].name;
}

bool
status_is_fine(const struct status *status)
{
	for (unsigned i = 0; i < STATUS_FAULTS; i++)
		if (status_has_fault(status, (enum status_fault)i))
			return false;
	return true;
}

/*
 * The daemon.
 */

static void
version_of(const void *of, struct field_value *out)
{
	(void)of;
	out->word = PACKAGE_VERSION;
}

static void
started_of(const void *of, struct field_value *out)
{
	const struct status *status = of;

	out->word = text_time(status->started, out->room);
}

static void
uptime_of(const void *of, struct field_value *out)
{
	const struct status *status = of;

	out->number = status->uptime;
}

static void
listen_only_of(const void *of, struct field_value *out)
{
	const struct status *status = of;

	out->flag = status->listen_only;
}

static void
config_of(const void *of, struct field_value *out)
{
	const struct status *status = of;

	out->word = status->config;
	out->most = SIZE_MAX;
}

static bool
has_config(const void *of)
{
	const struct status *status = of;

	return status->config != NULL;
}

static void
read_of(const void *of, struct field_value *out)
{
	const struct status *status = of;

	out->word = text_time(status->read, out->room);
}

static const struct field fields[] = {
	{ "version", "version: ", FIELD_WORD, NULL, version_of,
	    "the version of the program" },
	{ "started", ", started: ", FIELD_WORD, NULL, started_of,
	    "when the daemon was started" },
	{ "uptime", ", seconds since then: ", FIELD_NUMBER, NULL, uptime_of,
	    "seconds since then, by a clock that nobody sets" },
	{ "listen_only", ", listen only: ", FIELD_FLAG, NULL, listen_only_of,
	    "whether nothing is sent (-n)" },
	{ "configuration", ", configuration: ", FIELD_TEXT, has_config,
	    config_of, "the name of the configuration file, if there is one" },
	{ "read", ", read: ", FIELD_WORD, NULL, read_of,
	    "when the configuration in force was read" },
};

const struct field *
status_fields(size_t *n)
{
	*n = sizeof(fields) / sizeof(fields[0]);
	return fields;
}

/*
 * An interface.
 */

static void
link_name_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->word = link->name;
}

static bool
link_exists(const void *of)
{
	const struct status_link *link = of;

	return link->index != 0;
}

static void
link_index_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->number = link->index;
}

static bool
link_is_away(const void *of)
{
	const struct status_link *link = of;

	return link->away;
}

static void
link_why_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->word = link->why;
}

static void
link_served_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->flag = !link->away;
}

static void
link_address_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->address = link->address;
}

static void
link_mac_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->word = text_mac(link->mac, FRAME_MAC, out->room);
}

static void
link_frames_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->number = link->frames;
}

static void
link_answers_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->number = link->answers;
}

static void
link_dropped_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->number = link->dropped;
}

static void
link_errors_of(const void *of, struct field_value *out)
{
	const struct status_link *link = of;

	out->number = link->send_errors;
}

static const struct field link_fields[] = {
	{ "name", "INTERFACE", FIELD_WORD, NULL, link_name_of,
	    "its name" },
	{ "index", "INDEX", FIELD_IDENTIFIER, link_exists, link_index_of,
	    "the kernel's number for it" },
	{ "served", "SERVED", FIELD_FLAG, NULL, link_served_of,
	    "whether it is there and served" },
	{ "address", "ADDRESS", FIELD_ADDRESS, NULL, link_address_of,
	    "our IPv4 address on it, or the last one" },
	{ "mac", "MAC", FIELD_WORD, NULL, link_mac_of,
	    "its MAC address" },
	{ "frames", "FRAMES", FIELD_NUMBER, NULL, link_frames_of,
	    "frames that passed the filter" },
	{ "answers", "ANSWERS", FIELD_NUMBER, NULL, link_answers_of,
	    "answers handed to the interface" },
	{ "dropped", "DROPPED", FIELD_NUMBER, NULL, link_dropped_of,
	    "frames that the kernel dropped for want of room" },
	{ "send_errors", "SEND-ERRORS", FIELD_NUMBER, NULL, link_errors_of,
	    "answers that could not be sent" },
	{ "why", "WHY-NOT", FIELD_WORD, link_is_away, link_why_of,
	    "why it is not served" },
};

const struct field *
status_link_fields(size_t *n)
{
	*n = sizeof(link_fields) / sizeof(link_fields[0]);
	return link_fields;
}

/*
 * Requests, and findings.
 */

static size_t
verdict_items(const struct status *status)
{
	(void)status;
	return VERDICT_COUNT;
}

static const char *
verdict_item(const struct status *status, size_t item)
{
	(void)status;
	return verdict_name((enum verdict)item);
}

static unsigned long long
verdict_count(const struct status *status, size_t item)
{
	return status->counters->verdict[item];
}

static const char *
verdict_item_sentence(size_t item)
{
	return verdict_sentence((enum verdict)item);
}

static size_t
arch_items(const struct status *status)
{
	return status->counters->archs;
}

static const char *
arch_item(const struct status *status, size_t item)
{
	return counters_arch_name(status->counters, item);
}

static unsigned long long
arch_count(const struct status *status, size_t item)
{
	return status->counters->arch[item];
}

/* No answer has the default form: it stands for another one. */
static size_t
form_items(const struct status *status)
{
	(void)status;
	return FORM_COUNT - 1;
}

static const char *
form_item(const struct status *status, size_t item)
{
	(void)status;
	return form_name((enum form)(item + 1));
}

static unsigned long long
form_count(const struct status *status, size_t item)
{
	return status->counters->form[item + 1];
}

static size_t
finding_items(const struct status *status)
{
	return status->findings == NULL ? 0 : finding_count();
}

static const char *
finding_item(const struct status *status, size_t item)
{
	(void)status;
	return findings_name(item);
}

static unsigned long long
finding_told(const struct status *status, size_t item)
{
	return findings_told(status->findings, item);
}

static const struct status_list lists[] = {
	{ "requests", "verdicts", "verdict", "pxeproxyd_requests_total",
	    "Frames by what came of them.",
	    verdict_items, verdict_item, verdict_count,
	    verdict_item_sentence },
	{ "architectures", "architectures", "architecture",
	    "pxeproxyd_architecture_requests_total",
	    "Requests of boot clients by architecture.",
	    arch_items, arch_item, arch_count, NULL },
	{ "forms", "forms", "form", "pxeproxyd_answered_requests_total",
	    "Answered requests by form of answer.",
	    form_items, form_item, form_count, NULL },
	{ "findings", "findings", "finding", "pxeproxyd_findings_total",
	    "Findings that were told, each once a machine and boot.",
	    finding_items, finding_item, finding_told, NULL },
};

const struct status_list *
status_lists(size_t *n)
{
	*n = sizeof(lists) / sizeof(lists[0]);
	return lists;
}
