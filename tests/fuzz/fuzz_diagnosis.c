#include "diagnosis/choice.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/finding.h"
#include "report/timeline.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * fuzz_diagnosis.c - any octets as the frames of a capture, through the whole
 * diagnosis and into all that is said of it.
 *
 * An input is an octet, of which bit 0 says that we are told who we are, and
 * bit 1 that the frames come from an interface; and frames: before each the
 * time since the last one, an octet in quarters of a second, and its length in
 * two octets.  What is found must have a name, a sentence and a remedy, all
 * printable; a finding that is asked for twice is the same; what is news is so
 * once; the table counts its rows.
 *
 * The replies among them are also the OFFERs that each kind of firmware chooses
 * from: what it takes is one of them, has a reason, and leads somewhere.
 */

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

enum {
	QUARTER = 250000,		/* micros */
	MINUTE = 60000000,
	FOUND = 8,
	OFFERS = 4,
	LOSS = 0xff,			/* the time before a frame that is
					 * not the only one */
	TEXT = 512,
};

static void
insist(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_diagnosis: %s\n", what);
	abort();
}

static void
insist_printable(const char *text, const char *what)
{
	insist(text[0] != '\0', what);
	for (; *text != '\0'; text++)
		insist(*text >= ' ' && *text < 0x7f, what);
}

static void
take_step(void *context, const struct machine *machine,
    const struct machine_step *step, bool was_last)
{
	struct timeline_entry entry = { .step = *step };
	char text[TIMELINE_TEXT];

	insist(step->times == 1 || was_last, "a first step that is many");
	(void)snprintf(entry.name, sizeof(entry.name), "%s",
	    machine_name(machine, step->name));
	insist_printable(timeline_text(&entry, text, sizeof(text)),
	    "a step without words");
	++*(unsigned long *)context;
}

static void
look_at(struct diagnosis *diagnosis, struct machine *machine)
{
	struct machine_finding found[FOUND], again[FOUND];
	size_t n = diagnosis_findings(diagnosis, machine, found, FOUND);
	char text[TEXT];

	insist(n <= FOUND, "more findings than there is room for");
	insist(diagnosis_findings(diagnosis, machine, again, FOUND) == n,
	    "findings that change by being asked for");
	for (size_t i = 0; i < n; i++) {
		insist(found[i].id < finding_count() &&
		    found[i].id == again[i].id, "a finding without a row");
		insist_printable(finding_sentence(machine, &found[i], text,
		    sizeof(text)), "a sentence");
		insist_printable(finding_remedy(machine, &found[i], text,
		    sizeof(text)), "a remedy");
	}
	insist_printable(finding_progress(machine), "how far it came");
}

/* What is news is told, and then is news no more. */
static void
tell(struct diagnosis *diagnosis, struct machine *machine)
{
	struct machine_finding found[FOUND];
	size_t n = diagnosis_news(diagnosis, machine, found, FOUND);

	for (size_t i = 0; i < n; i++)
		insist(found[i].id < finding_count() && found[i].sureness >
		    FINDING_NOTE, "news that are none");
	insist(diagnosis_news(diagnosis, machine, found, FOUND) == 0,
	    "the same news twice");
}

/* The last replies; their spans point into the input, or into themselves. */
struct offers {
	struct event event[OFFERS];
	unsigned n;
};

static void
keep_offer(struct offers *offers, struct span frame)
{
	if (event_read(frame, &offers->event[offers->n % OFFERS]) ==
	    EVENT_REPLY)
		offers->n++;
}

static void
choose_as(enum machine_client client, const struct choice_offer *offer,
    size_t n)
{
	struct choice choice;
	const char *why;

	choice_make(client, offer, n, &choice);
	insist_printable(choice.why, "a choice without a reason");
	if (choice.name == NULL) {
		insist(choice.lease == CHOICE_NONE && choice.boot ==
		    CHOICE_NONE, "something of nothing");
		return;
	}
	insist(choice.lease >= 0 && (size_t)choice.lease < n &&
	    choice.boot >= 0 && (size_t)choice.boot < n, "none of them");
	insist(offer[choice.lease].says.address.s_addr != 0,
	    "a lease without an address");
	insist(choice_type(client, &offer[choice.boot], &why) !=
	    CHOICE_DROPPED, "what it does not look at");
	insist(choice.fault != NULL || choice.asks.s_addr != 0 ||
	    choice.file.n > 0 || client == MACHINE_IPXE || choice.next.s_addr
	    == 0, "a choice that leads nowhere");
}

static void
choose(const struct offers *offers)
{
	size_t n = offers->n < OFFERS ? offers->n : OFFERS;
	struct choice_offer offer[OFFERS];

	/* The last event may be half read: it is none of these. */
	if (n == OFFERS)
		n--;
	for (size_t i = 0; i < n; i++)
		choice_offer_of(&offers->event[(offers->n - 1 - i) % OFFERS],
		    &offer[i]);
	choose_as(MACHINE_UEFI, offer, n);
	choose_as(MACHINE_BIOS, offer, n);
	choose_as(MACHINE_HTTP, offer, n);
	choose_as(MACHINE_IPXE, offer, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static struct offers offers;
	static struct diagnosis diagnosis;
	struct span rest = { octets, n }, frame;
	unsigned long steps = 0;
	struct diagnosis_hooks hooks = { &steps, take_step, NULL };
	struct in_addr ours = { htonl(0x0a000002) };
	int64_t when = MINUTE;
	struct machine *m;
	uint32_t number = 0;
	uint16_t length;
	uint8_t gap;
	bool is_live;

	/* The first octet: whether we are told who we are; live or not. */
	if (!span_u8(&rest, &gap))
		return 0;
	diagnosis_init(&diagnosis, &ours, gap & 1, &hooks);
	if ((is_live = (gap & 2) != 0))
		diagnosis_live(&diagnosis);
	offers.n = 0;
	while (span_u8(&rest, &gap) && span_be16(&rest, &length)) {
		if (!span_take(&rest, length, &frame))
			frame = rest;
		when += (int64_t)gap * QUARTER;
		number++;
		m = diagnosis_frame(&diagnosis, frame, when,
		    is_live ? 0 : number);
		if (is_live && gap == LOSS)
			diagnosis_lost(&diagnosis);
		if (m != NULL)
			look_at(&diagnosis, m);
		if (m != NULL && is_live)
			tell(&diagnosis, m);
		keep_offer(&offers, frame);
		choose(&offers);
		if (frame.n < length)
			break;
	}
	for (size_t i = 0; i < diagnosis.table.n; i++)
		look_at(&diagnosis, &diagnosis.table.row[i]);
	diagnosis_now(&diagnosis, when + MINUTE);
	for (size_t i = 0; i < diagnosis.table.n; i++) {
		look_at(&diagnosis, &diagnosis.table.row[i]);
		tell(&diagnosis, &diagnosis.table.row[i]);
	}
	insist(diagnosis.table.n <= number, "a machine without a frame");
	return 0;
}
