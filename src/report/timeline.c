#include "report/timeline.h"

#include "core/verdict.h"
#include "report/micros.h"
#include "report/text.h"

#include <string.h>

enum {
	LANE_WIDTH = 9,
	LANES_AT = 10,			/* after the time and a blank */
	LANES_WIDTH = LANES * LANE_WIDTH,
	TEXT_AT = LANES_AT + LANES_WIDTH,
	TEXT_MIN = 20,			/* columns, on however small a
					 * terminal */
};

static const char *const lanes[LANES] = {
	[LANE_MACHINE] = "machine",
	[LANE_POOL] = "address",
	[LANE_OURS] = "us",
	[LANE_OTHERS] = "others",
	[LANE_FILES] = "files",
};

/* Colours of ECMA-48; what goes wrong is red. */
static const char plain[] = "\033[0m", faint[] = "\033[2m",
    red[] = "\033[31m";

/*
 * How an event is told.  In the words %a is its address, %n its name, %v its
 * number, %s the server that speaks, %o what else it says.
 */
static const struct {
	const char *kind;
	const char *words;
	bool is_bad;
} kinds[STEP_KINDS] = {
	[STEP_DISCOVER] = { "discover", "DISCOVER %c%r, %v s", false },
	[STEP_REQUEST] = { "request", "REQUEST%g", false },
	[STEP_ASK_4011] = { "ask-4011", "asks %a:4011 for its file", false },
	[STEP_DECLINE] = { "decline", "DECLINE of %a", true },
	[STEP_RELEASE] = { "release", "RELEASE", false },
	[STEP_INFORM] = { "inform", "INFORM", false },
	[STEP_OFFER] = { "offer", "OFFER of %s: %a%f%o", false },
	[STEP_BOOT_OFFER] = { "boot-offer", "OFFER of %s: no address%f%t%o",
	    false },
	[STEP_ACK] = { "ack", "ACK of %s: %a%f%o", false },
	[STEP_BOOT_ACK] = { "boot-ack", "ACK of %s:4011%f%t", false },
	[STEP_NAK] = { "nak", "NAK of %a", true },
	[STEP_SILENT] = { "silent", "no answer: %w%q", true },
	[STEP_LOOK] = { "arp", "ARP: who has %a?", false },
	[STEP_LOOK_ANSWER] = { "arp-answer", "ARP: here is %a", false },
	[STEP_CONFLICT] = { "conflict", "another machine has %a too", true },
	[STEP_UNREACHABLE] = { "unreachable", "ICMP: %a port %v unreachable",
	    true },
	[STEP_READ] = { "tftp-read", "TFTP: reads %n from %a", false },
	[STEP_READ_SIZE] = { "http-head", "HTTP: HEAD %n of %a", false },
	[STEP_OPEN] = { "open", "%n is there%z", false },
	[STEP_WHOLE] = { "whole", "%n is whole%z", false },
	[STEP_TFTP_ERROR] = { "tftp-error", "TFTP error %v: %n", true },
	[STEP_ABORT] = { "abort", "ends it (TFTP error %v): %n", false },
	[STEP_CONNECT] = { "connect", "TCP: connects to %a port %v", false },
	[STEP_RESET] = { "reset", "TCP: %a port %v refuses", true },
	[STEP_GET] = { "http-get", "HTTP: GET %n of %a", false },
	[STEP_STATUS] = { "http-status", "HTTP %v: %n", false },
	[STEP_LOOKUP] = { "dns", "DNS: asks %a for %n", false },
	[STEP_RESOLVED] = { "dns-answer", "DNS: knows %n", false },
	[STEP_UNRESOLVED] = { "dns-error", "DNS: does not know %n (%v)",
	    true },
	[STEP_SOLICIT] = { "solicit", "SOLICIT of DHCPv6", false },
	[STEP_SYSTEM] = { "system", "DHCP of an operating system", false },
};

static const char *const clients[MACHINE_CLIENTS] = {
	[MACHINE_UEFI] = "UEFI",
	[MACHINE_BIOS] = "BIOS",
	[MACHINE_IPXE] = "iPXE",
	[MACHINE_HTTP] = "HTTP Boot",
	[MACHINE_UBOOT] = "U-Boot",
};

struct text {
	char *out;
	size_t size;
	size_t n;
};

static void
put(struct text *text, const char *piece)
{
	for (; *piece != '\0' && text->n + 1 < text->size; piece++)
		text->out[text->n++] = *piece;
	text->out[text->n] = '\0';
}

static void
put_number(struct text *text, uint32_t number)
{
	char digits[16];

	(void)snprintf(digits, sizeof(digits), "%lu", (unsigned long)number);
	put(text, digits);
}

static void
put_address(struct text *text, struct in_addr address)
{
	char dotted[TEXT_ADDRESS];

	put(text, text_address(address, dotted));
}

static void
put_pair(struct text *text, const char *before, const char *what)
{
	put(text, before);
	put(text, what);
}

static void
put_says(struct text *text, uint8_t says)
{
	if ((says & SAYS_PXE) != 0)
		put(text, ", PXEClient");
	if ((says & SAYS_HTTP) != 0)
		put(text, ", HTTPClient");
	if ((says & SAYS_PXE_OPTIONS) != 0)
		put(text, ", PXE options");
}

static void
put_part(struct text *text, char part, const struct timeline_entry *entry)
{
	const struct machine_step *step = &entry->step;
	bool has_address = is_set(step->address);
	struct in_addr server = { htonl(step->value) };

	switch (part) {
	case 'a':
		put_address(text, step->address);
		break;
	case 'c':
		put(text, step->more < MACHINE_CLIENTS ?
		    clients[step->more] : "");
		break;
	case 'g':
		put(text, has_address ? " for " : " without an address");
		if (has_address)
			put_address(text, step->address);
		break;
	case 'f':
		if (entry->name[0] != '\0')
			put_pair(text, ", file ", entry->name);
		break;
	case 'n':
		put(text, entry->name[0] == '\0' ? "it" : entry->name);
		break;
	case 'o':
		put_says(text, step->more);
		break;
	case 'q':
		if (entry->name[0] != '\0')
			put_pair(text, ", rule ", entry->name);
		break;
	case 'r':
		if (!has_address)
			break;
		put(text, " by relay ");
		put_address(text, step->address);
		break;
	case 's':
		put_address(text, server);
		break;
	case 't':
		if (!has_address)
			break;
		put(text, " from ");
		put_address(text, step->address);
		break;
	case 'v':
		put_number(text, step->value);
		break;
	case 'w':
		put(text, step->value < VERDICT_COUNT ?
		    verdict_name((enum verdict)step->value) : "");
		break;
	case 'z':
		if (step->value == 0)
			break;
		put(text, ", ");
		put_number(text, step->value);
		put(text, " octets");
		break;
	default:
		break;
	}
}

const char *
timeline_text(const struct timeline_entry *entry, char *out, size_t size)
{
	struct text text = { out, size, 0 };
	const char *words = kinds[entry->step.kind].words;
	char one[2] = { 0, 0 };

	out[0] = '\0';
	for (; *words != '\0'; words++) {
		one[0] = *words;
		if (*words != '%')
			put(&text, one);
		else
			put_part(&text, *++words, entry);
	}
	if (entry->step.times > 1) {
		put(&text, " (");
		put_number(&text, entry->step.times);
		put(&text, " times)");
	}
	return out;
}

const char *
timeline_kind(const struct timeline_entry *entry)
{
	return kinds[entry->step.kind].kind;
}

const char *
timeline_lane(unsigned lane)
{
	return lanes[lane];
}

static void
print_head(FILE *to, bool colour)
{
	(void)fprintf(to, "%s%*s", colour ? faint : "", LANES_AT, "");
	for (size_t i = 0; i < LANES; i++)
		(void)fprintf(to, "%-*s", LANE_WIDTH, lanes[i]);
	(void)fprintf(to, "%s\n", colour ? plain : "");
}

/* The columns as lines, the event as an arrow between two of them. */
static void
draw_lanes(const struct machine_step *step, char out[LANES_WIDTH + 1])
{
	size_t from = (size_t)step->from * LANE_WIDTH + 3,
	    to = (size_t)step->to * LANE_WIDTH + 3,
	    left = from < to ? from : to, right = from < to ? to : from;

	memset(out, ' ', LANES_WIDTH);
	out[LANES_WIDTH] = '\0';
	for (size_t i = 0; i < LANES; i++)
		out[i * LANE_WIDTH + 3] = '|';
	if (left == right) {
		out[left] = '*';
		return;
	}
	for (size_t i = left + 1; i < right; i++)
		out[i] = '-';
	out[from] = 'o';
	out[to] = from < to ? '>' : '<';
}

/* The words, broken between two of them where they are too long. */
static void
print_words(FILE *to, const char *words, unsigned width)
{
	size_t room = width == 0 ? TIMELINE_TEXT :
	    width < TEXT_AT + TEXT_MIN ? TEXT_MIN : width - TEXT_AT;

	while (strlen(words) > room) {
		const char *blank = memrchr(words, ' ', room + 1);
		size_t at = blank != NULL && blank > words ?
		    (size_t)(blank - words) : room;

		(void)fprintf(to, "%.*s\n%*s", (int)at, words, TEXT_AT, "");
		words += at;
		while (*words == ' ')
			words++;
	}
	(void)fprintf(to, "%s\n", words);
}

void
timeline_print(FILE *to, const struct timeline_entry *entry, size_t n,
    int64_t began, unsigned width, bool colour)
{
	char text[TIMELINE_TEXT], ladder[LANES_WIDTH + 1];

	print_head(to, colour);
	for (size_t i = 0; i < n; i++) {
		bool is_bad = colour && kinds[entry[i].step.kind].is_bad;

		draw_lanes(&entry[i].step, ladder);
		(void)fprintf(to, "%9.3f %s%s",
		    (double)(entry[i].when - began) / MICROS, ladder,
		    is_bad ? red : "");
		print_words(to, timeline_text(&entry[i], text, sizeof(text)),
		    width);
		if (is_bad)
			(void)fputs(plain, to);
	}
}
