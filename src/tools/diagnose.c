#include "tools/diagnose.h"

#include "core/responder.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/finding.h"
#include "net/capture.h"
#include "report/log.h"
#include "report/micros.h"
#include "report/story.h"
#include "report/text.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum {
	EXIT_FINDING = 1,
	EXIT_BAD_CAPTURE = 2,
	FINDINGS_SHOWN = 6,
	NANOS = 1000000000,
};

/* Who we are where the command line does not say: as in a replay. */
static const uint8_t default_mac[FRAME_MAC] = { 0x02, 0, 0, 0, 0, 0x01 };

struct diagnose {
	const struct policy *policy;	/* or NULL: we are not in there */
	struct reply_identity identity;
	struct capture *capture;
	struct diagnosis *diagnosis;
	struct story story[MACHINE_ROWS];
	struct story_style style;
	bool quiet, json, has_failed, is_first;
	uint32_t frames;
	unsigned long machines, findings;
};

static struct story *
story_of(struct diagnose *diagnose, const struct machine *machine)
{
	return &diagnose->story[machine - diagnose->diagnosis->table.row];
}

static void
take_step(void *context, const struct machine *machine,
    const struct machine_step *step, bool was_last)
{
	struct diagnose *diagnose = context;

	if (!story_take(story_of(diagnose, machine), diagnose->diagnosis->now,
	    machine, step, was_last))
		diagnose->has_failed = true;
}

static const char *
arch_of(const struct machine *machine)
{
	const struct arch *arch = machine->boot.has_arch ?
	    arch_by_number(machine->boot.arch) : NULL;

	return arch == NULL ? "unknown" : arch->name;
}

static void
print_machine(struct diagnose *diagnose, const struct machine *machine,
    const struct machine_finding *finding, size_t n)
{
	const struct story *story = story_of(diagnose, machine);
	char mac[TEXT_MAC];
	bool is_bad = n > 0 && story_is_finding(&finding[0]);

	(void)text_mac(machine->mac, FRAME_MAC, mac);
	(void)printf("%s%s, %s: %s\n\n", diagnose->is_first ? "" : "\n", mac,
	    arch_of(machine), is_bad ? "does not boot" :
	    "boots as far as the capture shows");
	story_print(stdout, story, &diagnose->style);
	(void)printf("\n  so far: %s\n", finding_progress(machine));
	for (size_t i = 0; i < n; i++)
		story_print_finding(stdout, machine, &finding[i],
		    &diagnose->style);
}

static void
print_quietly(const struct machine *machine,
    const struct machine_finding *finding, size_t n)
{
	char mac[TEXT_MAC], text[STORY_SENTENCE];

	(void)text_mac(machine->mac, FRAME_MAC, mac);
	if (n == 0 || !story_is_finding(&finding[0])) {
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
print_json(struct diagnose *diagnose, const struct machine *machine,
    const struct machine_finding *finding, size_t n)
{
	char text[3 * PXE_UUID_OCTETS];
	size_t at = 0;

	(void)printf("%s\n{", diagnose->is_first ? "" : ",");
	(void)text_mac(machine->mac, FRAME_MAC, text);
	story_json_field(stdout, "mac", text, ",");
	for (size_t i = 0; i < PXE_UUID_OCTETS && machine->has_uuid; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%02x",
		    machine->uuid[i]);
	if (machine->has_uuid)
		story_json_field(stdout, "uuid", text, ",");
	story_json_field(stdout, "arch", arch_of(machine), ",");
	story_json_field(stdout, "progress", finding_progress_name(machine),
	    ",");
	(void)printf("\"boots\":%s,",
	    n > 0 && story_is_finding(&finding[0]) ? "false" : "true");
	story_json_findings(stdout, machine, finding, n);
	(void)putchar(',');
	story_json(stdout, story_of(diagnose, machine), false);
	(void)putchar('}');
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

	story_sort(finding, n);
	diagnose->machines++;
	if (n > 0 && story_is_finding(&finding[0]))
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

/* A second in the year 10000, or a fraction of a second or more, is none. */
static int64_t
time_of(struct timespec when)
{
	static const int64_t year_10000 = 253402300800;

	if (when.tv_sec < 0 || when.tv_sec >= year_10000 ||
	    when.tv_nsec < 0 || when.tv_nsec >= NANOS)
		return DIAGNOSIS_NO_TIME;
	return micros_of(when);
}

static bool
take_frame(void *context, const struct capture_frame *frame)
{
	struct diagnose *diagnose = context;
	const struct machine *machine = diagnosis_frame(diagnose->diagnosis,
	    frame->octets, time_of(frame->when), ++diagnose->frames);

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
	if (options->has_mac)
		diagnosis_add_mac(diagnosis, options->mac);
	if (diagnose->json)
		(void)printf("{\"machines\":[");
	is_whole = read_all(diagnose, options->diagnose);
	for (size_t i = 0; i < diagnosis->table.n; i++)
		take_gone(diagnose, diagnosis, &diagnosis->table.row[i]);
	if (diagnose->json)
		(void)printf("\n],\"frames\":%lu,\"whole\":%s}\n",
		    (unsigned long)diagnose->frames,
		    is_whole ? "true" : "false");
	else if (!diagnose->quiet)
		(void)printf("\n%lu frames, %lu machines, %lu with a finding\n",
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
		story_free(&diagnose->story[i]);
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
	story_style_of_terminal(&diagnose->style);
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
