#include "tools/diagnose.h"

#include "core/responder.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/finding.h"
#include "net/capture.h"
#include "report/json.h"
#include "report/log.h"
#include "report/text.h"
#include "report/timeline.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	EXIT_FINDING = 1,
	EXIT_BAD_CAPTURE = 2,
	FINDINGS_SHOWN = 6,
	SENTENCE = 512,
	ENTRIES_FIRST = 32,		/* of a ladder, to begin with */
	WIDTH_MIN = 40,
	MICROS = 1000000,
	NANOS_IN_MICRO = 1000,
};

/* Who we are where the command line does not say: as in a replay. */
static const uint8_t default_mac[FRAME_MAC] = { 0x02, 0, 0, 0, 0, 0x01 };

/* The events of one machine. */
struct story {
	struct timeline_entry *entry;
	size_t n, size;
};

struct diagnose {
	const struct policy *policy;	/* or NULL: we are not in there */
	struct reply_identity identity;
	struct capture *capture;
	struct diagnosis *diagnosis;
	struct story story[MACHINE_ROWS];
	bool quiet, json, colour, has_failed, is_first;
	unsigned width;
	uint32_t frames;
	unsigned long machines, findings;
};

static struct story *
story_of(struct diagnose *diagnose, const struct machine *machine)
{
	return &diagnose->story[machine - diagnose->diagnosis->table.row];
}

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

static void
take_step(void *context, const struct machine *machine,
    const struct machine_step *step, bool was_last)
{
	struct diagnose *diagnose = context;
	struct story *story = story_of(diagnose, machine);
	struct timeline_entry *entry;

	if (was_last && story->n > 0) {
		story->entry[story->n - 1].step = *step;
		return;
	}
	if (story->n == story->size && !grow(story)) {
		diagnose->has_failed = true;
		return;
	}
	entry = &story->entry[story->n++];
	entry->when = diagnose->diagnosis->now;
	entry->step = *step;
	(void)snprintf(entry->name, sizeof(entry->name), "%s",
	    machine_name(machine, step->name));
}

static const char *
arch_of(const struct machine *machine)
{
	const struct arch *arch = machine->boot.has_arch ?
	    arch_by_number(machine->boot.arch) : NULL;

	return arch == NULL ? "unknown" : arch->name;
}

/* Words that fit between here and the terminal's edge. */
static void
print_wrapped(const char *text, unsigned width, unsigned indent)
{
	size_t room = width == 0 ? SENTENCE : width < indent + WIDTH_MIN / 2 ?
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

static void
print_finding(const struct diagnose *diagnose, const struct machine *machine,
    const struct machine_finding *finding)
{
	char text[SENTENCE], line[SENTENCE + 64];
	const char *on = "", *off = "";

	if (diagnose->colour) {
		on = finding->sureness == FINDING_NOTE ? "\033[33m" :
		    "\033[1;31m";
		off = "\033[0m";
	}
	(void)printf("%s  %s (%s)%s\n", on, finding_name(finding->id),
	    finding_sureness_name((enum finding_sureness)finding->sureness),
	    off);
	print_wrapped(finding_sentence(machine, finding, line, sizeof(line)),
	    diagnose->width, 4);
	print_wrapped(finding_remedy(machine, finding, text, sizeof(text)),
	    diagnose->width, 4);
	print_evidence(finding);
}

static bool
is_finding(const struct machine_finding *finding)
{
	return finding->sureness > FINDING_NOTE;
}

static void
print_machine(struct diagnose *diagnose, const struct machine *machine,
    const struct machine_finding *finding, size_t n)
{
	const struct story *story = story_of(diagnose, machine);
	char mac[TEXT_MAC];
	bool is_bad = n > 0 && is_finding(&finding[0]);

	(void)text_mac(machine->mac, FRAME_MAC, mac);
	(void)printf("%s%s, %s: %s\n\n", diagnose->is_first ? "" : "\n", mac,
	    arch_of(machine), is_bad ? "does not boot" :
	    "boots as far as the capture shows");
	timeline_print(stdout, story->entry, story->n, diagnose->width,
	    diagnose->colour);
	(void)printf("\n  so far: %s\n", finding_progress(machine));
	for (size_t i = 0; i < n; i++)
		print_finding(diagnose, machine, &finding[i]);
}

static void
print_quietly(const struct machine *machine,
    const struct machine_finding *finding, size_t n)
{
	char mac[TEXT_MAC], text[SENTENCE];

	(void)text_mac(machine->mac, FRAME_MAC, mac);
	if (n == 0 || !is_finding(&finding[0])) {
		(void)printf("%s boots: %s\n", mac,
		    finding_progress(machine));
		return;
	}
	(void)printf("%s %s %s: %s\n", mac, finding_name(finding[0].id),
	    finding_sureness_name(
	    (enum finding_sureness)finding[0].sureness),
	    finding_sentence(machine, &finding[0], text, sizeof(text)));
}

static void
print_field(const char *name, const char *text, const char *after)
{
	char quoted[2 * SENTENCE];

	(void)printf("\"%s\":%s%s", name,
	    json_text(text, quoted, sizeof(quoted)), after);
}

static void
print_json_finding(const struct machine *machine,
    const struct machine_finding *finding)
{
	char text[SENTENCE];
	const char *before = "";

	(void)putchar('{');
	print_field("finding", finding_name(finding->id), ",");
	print_field("sureness", finding_sureness_name(
	    (enum finding_sureness)finding->sureness), ",");
	print_field("sentence", finding_sentence(machine, finding, text,
	    sizeof(text)), ",");
	print_field("remedy", finding_remedy(machine, finding, text,
	    sizeof(text)), ",");
	print_field("page", "pxeproxyd-troubleshooting(7)", ",");
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

static void
print_json_ladder(const struct story *story)
{
	char text[TIMELINE_TEXT];

	(void)printf("\"ladder\":[");
	for (size_t i = 0; i < story->n; i++) {
		const struct timeline_entry *entry = &story->entry[i];

		(void)printf("%s{\"time\":%lld.%06lld,\"frame\":%lu,",
		    i == 0 ? "" : ",", (long long)(entry->when / MICROS),
		    (long long)(entry->when % MICROS),
		    (unsigned long)entry->step.number);
		print_field("event", timeline_kind(entry), ",");
		print_field("from", timeline_lane(entry->step.from), ",");
		print_field("to", timeline_lane(entry->step.to), ",");
		(void)printf("\"times\":%u,", entry->step.times);
		print_field("text", timeline_text(entry, text, sizeof(text)),
		    "}");
	}
	(void)printf("]");
}

static void
print_json(struct diagnose *diagnose, const struct machine *machine,
    const struct machine_finding *finding, size_t n)
{
	char text[3 * PXE_UUID_OCTETS];
	size_t at = 0;

	(void)printf("%s\n{", diagnose->is_first ? "" : ",");
	(void)text_mac(machine->mac, FRAME_MAC, text);
	print_field("mac", text, ",");
	for (size_t i = 0; i < PXE_UUID_OCTETS && machine->has_uuid; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%02x",
		    machine->uuid[i]);
	if (machine->has_uuid)
		print_field("uuid", text, ",");
	print_field("arch", arch_of(machine), ",");
	print_field("progress", finding_progress_name(machine), ",");
	(void)printf("\"boots\":%s,\"findings\":[",
	    n > 0 && is_finding(&finding[0]) ? "false" : "true");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			(void)putchar(',');
		print_json_finding(machine, &finding[i]);
	}
	(void)printf("],");
	print_json_ladder(story_of(diagnose, machine));
	(void)putchar('}');
}

/* Findings first, notes after them. */
static void
sort_notes(struct machine_finding *finding, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && is_finding(&finding[k]) &&
		    !is_finding(&finding[k - 1]); k--) {
			struct machine_finding swap = finding[k];

			finding[k] = finding[k - 1];
			finding[k - 1] = swap;
		}
}

/* A machine is at its end: of the capture, or of its row in the table. */
static void
take_gone(void *context, struct diagnosis *diagnosis, struct machine *machine)
{
	struct machine_finding finding[FINDINGS_SHOWN];
	struct diagnose *diagnose = context;
	struct story *story = story_of(diagnose, machine);
	size_t n = diagnosis_findings(diagnosis, machine, finding,
	    FINDINGS_SHOWN);

	sort_notes(finding, n);
	diagnose->machines++;
	if (n > 0 && is_finding(&finding[0]))
		diagnose->findings++;
	if (diagnose->json)
		print_json(diagnose, machine, finding, n);
	else if (diagnose->quiet)
		print_quietly(machine, finding, n);
	else
		print_machine(diagnose, machine, finding, n);
	diagnose->is_first = false;
	story->n = 0;
}

/* What we would have said to it. */
static void
tell_verdict(struct diagnose *diagnose, struct span octets)
{
	struct responder_exchange exchange;

	if (!diagnose->diagnosis->ours_is_told &&
	    diagnose->diagnosis->n_ours > 0)
		diagnose->identity.address = diagnose->diagnosis->ours[0];
	(void)responder_answer(diagnose->policy, &diagnose->identity, octets,
	    &exchange);
	diagnosis_verdict(diagnose->diagnosis, &exchange);
}

static bool
take_frame(void *context, const struct capture_frame *frame)
{
	struct diagnose *diagnose = context;
	int64_t when = (int64_t)frame->when.tv_sec * MICROS +
	    frame->when.tv_nsec / NANOS_IN_MICRO;
	const struct machine *machine = diagnosis_frame(diagnose->diagnosis,
	    frame->octets, when, ++diagnose->frames);

	if (machine != NULL && diagnose->policy != NULL &&
	    diagnose->diagnosis->kind == EVENT_REQUEST)
		tell_verdict(diagnose, frame->octets);
	return true;
}

/* false: not to its end, and that was said. */
static bool
read_all(struct diagnose *diagnose, const char *path)
{
	if (capture_all(diagnose->capture, take_frame, diagnose) ==
	    CAPTURE_END)
		return true;
	log_error("%s: after frame %lu: %s", path,
	    (unsigned long)diagnose->frames,
	    capture_error(diagnose->capture));
	return false;
}

static void
set_terminal(struct diagnose *diagnose)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) == 0)
		return;
	diagnose->colour = true;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_col >= WIDTH_MIN)
		diagnose->width = size.ws_col;
}

static void
set_identity(struct diagnose *diagnose, const struct options *options,
    const struct policy *policy)
{
	memcpy(diagnose->identity.mac, options->has_mac ? options->mac :
	    default_mac, FRAME_MAC);
	diagnose->identity.interface = options->link;
	if (options->has_address)
		diagnose->identity.address = options->address;
	if (options->has_address || options->config != NULL)
		diagnose->policy = policy;
}

static int
run(struct diagnose *diagnose, const struct options *options)
{
	const struct diagnosis_hooks hooks = { .context = diagnose,
	    .step = diagnose->quiet && !diagnose->json ? NULL : take_step,
	    .gone = take_gone };
	struct diagnosis *diagnosis = diagnose->diagnosis;
	bool is_whole;

	diagnosis_init(diagnosis, &options->address,
	    options->has_address ? 1 : 0, &hooks);
	if (options->has_mac) {
		memcpy(diagnosis->our_mac, options->mac, FRAME_MAC);
		diagnosis->has_our_mac = true;
	}
	if (diagnose->json)
		(void)printf("{\"machines\":[");
	is_whole = read_all(diagnose, options->diagnose);
	for (size_t i = 0; i < diagnosis->table.n; i++)
		take_gone(diagnose, diagnosis, &diagnosis->table.row[i]);
	if (diagnose->json)
		(void)printf("\n],\"frames\":%lu,\"whole\":%s}\n",
		    (unsigned long)diagnose->frames,
		    is_whole ? "true" : "false");
	else
		(void)printf("%s%lu frames, %lu machines, %lu with a finding\n",
		    diagnose->quiet ? "" : "\n",
		    (unsigned long)diagnose->frames, diagnose->machines,
		    diagnose->findings);
	if (fflush(stdout) != 0) {
		log_errno("standard output");
		is_whole = false;
	}
	if (diagnose->has_failed) {
		log_error("no memory for all events");
		is_whole = false;
	}
	if (diagnose->findings > 0)
		return EXIT_FINDING;
	return is_whole ? EXIT_SUCCESS : EXIT_BAD_CAPTURE;
}

static void
release(struct diagnose *diagnose)
{
	for (size_t i = 0; i < MACHINE_ROWS; i++)
		free(diagnose->story[i].entry);
	free(diagnose->diagnosis);
	free(diagnose);
}

int
diagnose_run(const struct options *options, const struct policy *policy)
{
	struct diagnose *diagnose = calloc(1, sizeof(*diagnose));
	char error[CAPTURE_ERROR_SIZE];
	int status = EXIT_BAD_CAPTURE;

	if (diagnose == NULL || (diagnose->diagnosis =
	    malloc(sizeof(*diagnose->diagnosis))) == NULL) {
		log_errno("memory");
		free(diagnose);
		return status;
	}
	diagnose->quiet = options->quiet;
	diagnose->json = options->json;
	diagnose->is_first = true;
	set_terminal(diagnose);
	set_identity(diagnose, options, policy);
	diagnose->capture = capture_open_file(options->diagnose,
	    diagnose->identity.mac, error);
	if (diagnose->capture == NULL) {
		log_error("%s", error);
	} else {
		status = run(diagnose, options);
		capture_close(diagnose->capture);
	}
	release(diagnose);
	return status;
}
