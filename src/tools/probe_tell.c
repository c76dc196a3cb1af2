#include "tools/probe_run.h"

#include "diagnosis/finding.h"
#include "report/json.h"
#include "report/text.h"

#include <stdio.h>
#include <string.h>

/*
 * What a probe has seen, on standard output.
 */

enum {
	LINE = 1024,
	SHOWN = 128,			/* octets of a name or text */
	FINDINGS_SHOWN = 6,
	LABEL = 13,			/* columns */
	GROUP = 1000,			/* digits of a number go in threes */
	SECOND = 1000,			/* milliseconds */

	/* Sub-options of option 43 (PXE 2.1, table 2-1). */
	PXE_CONTROL = 6,
	PXE_GROUP = 7,
	PXE_SERVERS = 8,
	PXE_MENU = 9,
	PXE_PROMPT = 10,
	PXE_ITEM = 71,
	CONTROL_SKIPS = 8,		/* bit 3 */
	PROMPT_WAITS = 255,
};

/* A boot server that made an OFFER answers on port 4011 as a rule. */
static bool
asks_who_offered(const struct probe_run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct event_reply *says = &run->offer[i].event.is.reply;

		if (run->offer[i].why == NULL && !is_set(says->address) &&
		    (says->server.s_addr == run->choice.asks.s_addr ||
		    run->offer[i].event.packet.frame.source.s_addr ==
		    run->choice.asks.s_addr))
			return true;
	}
	return false;
}

/* Only an answer on port 4011 can tell, and that was not asked for. */
static bool
is_open_question(const struct probe_run *run)
{
	return !run->options->lease && run->choice.name != NULL &&
	    is_set(run->choice.asks) && !asks_who_offered(run);
}

bool
probe_boots(const struct probe_run *run)
{
	return run->choice.name != NULL && run->fault[0] == '\0' &&
	    !run->is_stopped && !is_open_question(run) &&
	    (!run->options->lease || run->is_there || run->unasked != NULL);
}

static const char *
title_of(const struct probe_run *run)
{
	return run->machine.title[0] != '\0' ? run->machine.title :
	    run->machine.client.title;
}

/* Such as "0806 00 ff". */
static void
add_hex(struct text_line *line, struct span octets)
{
	uint8_t octet;

	while (span_u8(&octets, &octet))
		text_add(line, "%02x", octet);
}

static void
add_servers(struct text_line *line, struct span list)
{
	char address[TEXT_ADDRESS];
	struct in_addr server;
	uint16_t type;
	uint8_t count;
	struct span some;

	while (span_be16(&list, &type) && span_u8(&list, &count) &&
	    span_take(&list, (size_t)count * sizeof(server.s_addr), &some)) {
		text_add(line, " %04x:", type);
		while (span_address(&some, &server))
			text_add(line, " %s", text_address(server, address));
	}
}

static void
add_menu(struct text_line *line, struct span menu)
{
	uint16_t type;
	uint8_t n;
	struct span text;

	while (span_be16(&menu, &type) && span_u8(&menu, &n) &&
	    span_take(&menu, n, &text)) {
		text_add(line, " %04x ", type);
		text_add_quoted(line, text, SHOWN);
	}
}

/* One sub-option, in words where PXE knows it. */
static void
add_sub_option(struct text_line *line, struct option option)
{
	struct span value = option.value;
	uint8_t octet = 0;

	switch (option.code) {
	case PXE_CONTROL:
		(void)span_u8(&value, &octet);
		text_add(line, "6=%u%s", octet, (octet & CONTROL_SKIPS) != 0 ?
		    " (take the file of the OFFER)" : "");
		break;
	case PXE_SERVERS:
		text_add(line, "8 (boot servers)");
		add_servers(line, value);
		break;
	case PXE_MENU:
		text_add(line, "9 (menu)");
		add_menu(line, value);
		break;
	case PXE_PROMPT:
		(void)span_u8(&value, &octet);
		if (octet == PROMPT_WAITS)
			text_add(line, "10 (prompt, waits) ");
		else
			text_add(line, "10 (prompt, %u s) ", octet);
		text_add_quoted(line, value, SHOWN);
		break;
	default:
		text_add(line, "%u=", option.code);
		add_hex(line, value);
		break;
	}
}

/* Option 43: as PXE's where the server says PXEClient, else as octets. */
static void
add_vendor(struct text_line *line, struct span value, bool is_pxe)
{
	struct option option;
	const char *before = "";

	if (!is_pxe) {
		add_hex(line, value);
		return;
	}
	while (option_next(&value, &option) == OPTION_ITEM) {
		text_add(line, "%s", before);
		add_sub_option(line, option);
		before = ", ";
	}
}

/* The options that boots hang on. */
static const struct {
	uint8_t code;
	const char *name, *member;
} shown[] = {
	{ DHCP_OPT_VENDOR_SPECIFIC, "option 43", "option_43" },
	{ DHCP_OPT_VENDOR_CLASS, "option 60", "option_60" },
	{ 66, "option 66", "option_66" },
	{ DHCP_OPT_BOOTFILE, "option 67", "option_67" },
};

enum { OPTIONS_SHOWN = sizeof(shown) / sizeof(shown[0]) };

/* The value of one of these options; false where the OFFER lacks it. */
static bool
show_option(const struct probe_offer *offer, size_t i, char out[LINE])
{
	struct text_line line = text_begin(out, LINE);
	struct span value;

	if (!dhcp_option(&offer->event.dhcp, shown[i].code, &value))
		return false;
	if (shown[i].code == DHCP_OPT_VENDOR_SPECIFIC)
		add_vendor(&line, value, offer->event.is.reply.says_pxe);
	else
		text_add_quoted(&line, value, SHOWN);
	return true;
}

/* The name in the header's own field. */
static void
show_file(const struct probe_offer *offer, char out[LINE])
{
	struct text_line line = text_begin(out, LINE);
	struct span payload = offer->event.packet.frame.payload, file, name;
	const uint8_t *end;

	enum { FILE_AT = 108 };		/* RFC 2131 section 2 */

	if (!offer->event.is.reply.has_header_file ||
	    !span_skip(&payload, FILE_AT) ||
	    !span_take(&payload, DHCP_FILE, &file))
		return;
	end = memchr(file.p, '\0', file.n);
	if (span_take(&file, end == NULL ? file.n : (size_t)(end - file.p),
	    &name))
		text_add_quoted(&line, name, SHOWN);
}

static const char *
show_tag(const struct probe_offer *offer, char out[LINE])
{
	const struct frame *frame = &offer->event.packet.frame;
	struct text_line line = text_begin(out, LINE);

	for (unsigned i = 0; i < frame->tags; i++)
		text_add(&line, "%s%u", i == 0 ? "" : ".",
		    frame_vlan(frame->tag[i]));
	return out;
}

static void
print_row(const char *name, const char *text)
{
	if (text[0] != '\0')
		(void)printf("    %-*s%s\n", LABEL, name, text);
}

static void
print_offer(const struct probe_offer *offer)
{
	const struct event_reply *says = &offer->event.is.reply;
	const struct frame *frame = &offer->event.packet.frame;
	char address[TEXT_ADDRESS], mac[TEXT_MAC], text[LINE];

	(void)printf("  OFFER of %s (%s", text_address(says->server, address),
	    text_mac(frame->from, FRAME_MAC, mac));
	if (frame->source.s_addr != says->server.s_addr)
		(void)printf(", from %s", text_address(frame->source,
		    address));
	if (frame->tags > 0)
		(void)printf(", VLAN %s", show_tag(offer, text));
	(void)printf("), %u.%03u s", offer->at / SECOND, offer->at % SECOND);
	if (offer->times > 1)
		(void)printf(", %u times", offer->times);
	(void)putchar('\n');
	print_row("address", is_set(says->address) ?
	    text_address(says->address, address) : "none");
	print_row("next-server", is_set(says->next) ?
	    text_address(says->next, address) : "");
	show_file(offer, text);
	print_row("file", text);
	for (size_t i = 0; i < OPTIONS_SHOWN; i++)
		if (show_option(offer, i, text))
			print_row(shown[i].name, text);
	if (offer->why != NULL)
		(void)printf("    not looked at: %s\n", offer->why);
}

static const char *
server_of(const struct probe_run *run, int number, char out[TEXT_ADDRESS])
{
	return text_address(run->offer[number].event.is.reply.server, out);
}

static void
print_choice(const struct probe_run *run, const struct story_style *style)
{
	const struct choice *choice = &run->choice;
	char lease[TEXT_ADDRESS], boot[TEXT_ADDRESS], text[LINE];
	struct text_line line = text_begin(text, sizeof(text));

	if (choice->name == NULL)
		return;
	(void)printf("\n");
	if (choice->boot == choice->lease)
		text_add(&line, "takes the OFFER of %s alone: ",
		    server_of(run, choice->lease, lease));
	else
		text_add(&line, "takes the address of %s and the boot of %s: ",
		    server_of(run, choice->lease, lease),
		    server_of(run, choice->boot, boot));
	text_add(&line, "%s", choice->why);
	story_print_wrapped(stdout, text, style->width, 2);
	if (is_set(choice->asks))
		(void)printf("  asks next: %s on port 4011%s\n",
		    text_address(choice->asks, lease),
		    run->options->lease ? "" : " (with --lease)");
}

/* Such as "1,048,504". */
static void
add_number(struct text_line *line, uint32_t number)
{
	if (number >= GROUP) {
		add_number(line, number / GROUP);
		text_add(line, ",%03u", (unsigned)(number % GROUP));
	} else {
		text_add(line, "%u", (unsigned)number);
	}
}

/* What the file is, if that is known: asked, or as the OFFER says. */
static void
boot_of(const struct probe_run *run, struct text_line *line)
{
	bool is_asked = run->file[0] != '\0';
	struct span file = is_asked ? span_text(run->file) : run->choice.file;
	struct in_addr next = is_asked ? run->next : run->choice.next;
	char address[TEXT_ADDRESS];
	bool is_url = span_find(file, SPAN_OF("://"));

	if (file.n == 0) {
		text_add(line, "what %s names on port 4011",
		    text_address(run->choice.asks, address));
		return;
	}
	for (uint8_t octet; span_u8(&file, &octet); )
		text_add(line, octet > ' ' && octet <= '~' && octet != '\\' ?
		    "%c" : "\\x%02x", octet);
	if (run->has_size) {
		text_add(line, " (");
		add_number(line, run->size);
		text_add(line, " octets)");
	}
	/* On port 4011 another server may be named. */
	if (!is_url && (is_asked || !is_set(run->choice.asks)))
		text_add(line, " from %s", text_address(next, address));
	else if (!is_url)
		text_add(line, ", if %s says so on port 4011 too",
		    text_address(run->choice.asks, address));
	if (run->unasked != NULL)
		text_add(line, ", which was not asked for: %s", run->unasked);
}

/* The last line. */
static void
result_of(const struct probe_run *run, char out[LINE])
{
	struct text_line line = text_begin(out, LINE);
	char address[TEXT_ADDRESS];

	text_add(&line, "%s on this port would ", title_of(run));
	if (run->is_stopped) {
		text_add(&line, "do what is not known: the probe was stopped");
	} else if (is_open_question(run) && run->fault[0] == '\0') {
		text_add(&line, "not boot, unless %s answers on port 4011: "
		    "--lease asks", text_address(run->choice.asks, address));
	} else if (!probe_boots(run)) {
		text_add(&line, "not boot: %s", run->fault);
	} else {
		text_add(&line, "boot ");
		boot_of(run, &line);
	}
}

/* Of a machine that is not there nothing is known. */
static size_t
findings_of(const struct probe_run *run, struct machine_finding *finding,
    struct machine **machine)
{
	size_t n;

	*machine = machine_by_mac(&run->diagnosis->table, run->machine.mac);
	if (*machine == NULL)
		return 0;
	n = diagnosis_findings(run->diagnosis, *machine, finding,
	    FINDINGS_SHOWN);
	story_sort(finding, n);
	return n;
}

static void
print_text(const struct probe_run *run, bool is_first)
{
	struct machine_finding finding[FINDINGS_SHOWN];
	struct machine *machine;
	struct story_style style;
	char mac[TEXT_MAC], text[LINE];
	size_t n = findings_of(run, finding, &machine);

	story_style_of_terminal(&style);
	(void)printf("%sAs %s, %s, on %s\n\n", is_first ? "" : "\n",
	    title_of(run), text_mac(run->machine.mac, FRAME_MAC, mac),
	    run->options->probe);
	if (run->story.n > 0)
		story_print(stdout, &run->story, &style);
	for (size_t i = 0; i < run->n; i++) {
		(void)putchar('\n');
		print_offer(&run->offer[i]);
	}
	print_choice(run, &style);
	for (size_t i = 0; i < n; i++) {
		(void)putchar('\n');
		story_print_finding(stdout, machine, &finding[i], &style);
	}
	result_of(run, text);
	(void)putchar('\n');
	story_print_wrapped(stdout, text, style.width, 0);
}

/*
 * JSON.
 */

static void
put_field(const char *name, const char *text, const char *after)
{
	story_json_field(stdout, name, text, after);
}

static void
json_address(const char *name, struct in_addr address, const char *after)
{
	char text[TEXT_ADDRESS];

	if (is_set(address))
		put_field(name, text_address(address, text), after);
}

/* Octets as a text whose quotes and the like are taken for themselves. */
static void
json_octets(const char *name, struct span octets, const char *after)
{
	char text[PROBE_TEXT];
	size_t n = 0;
	uint8_t octet;

	while (n + 1 < sizeof(text) && span_u8(&octets, &octet)) {
		if (octet < ' ' || octet > '~')
			octet = '?';
		text[n++] = (char)octet;
	}
	text[n] = '\0';
	put_field(name, text, after);
}

static void
json_offer(const struct probe_offer *offer)
{
	const struct event_reply *says = &offer->event.is.reply;
	const struct frame *frame = &offer->event.packet.frame;
	char mac[TEXT_MAC], text[LINE];
	struct span value;

	(void)printf("{");
	json_address("server", says->server, ",");
	json_address("from", frame->source, ",");
	put_field("mac", text_mac(frame->from, FRAME_MAC, mac), ",");
	if (frame->tags > 0)
		put_field("vlan", show_tag(offer, text), ",");
	json_address("address", says->address, ",");
	json_address("next_server", says->next, ",");
	if (says->file.n > 0)
		json_octets("file", says->file, ",");
	for (size_t i = 0; i < OPTIONS_SHOWN; i++) {
		if (!show_option(offer, i, text))
			continue;
		if (shown[i].code == DHCP_OPT_VENDOR_SPECIFIC)
			put_field(shown[i].member, text, ",");
		else if (dhcp_option(&offer->event.dhcp, shown[i].code,
		    &value))
			json_octets(shown[i].member, value, ",");
	}
	if (offer->why != NULL)
		put_field("dropped", offer->why, ",");
	(void)printf("\"time\":%u.%03u,\"times\":%u}", offer->at / SECOND,
	    offer->at % SECOND, offer->times);
}

static void
json_choice(const struct probe_run *run)
{
	const struct choice *choice = &run->choice;
	char address[TEXT_ADDRESS];

	(void)printf("\"choice\":{");
	if (choice->name != NULL) {
		put_field("name", choice->name, ",");
		put_field("address", server_of(run, choice->lease, address),
		    ",");
		put_field("boot", server_of(run, choice->boot, address), ",");
		json_address("asks", choice->asks, ",");
	}
	put_field("why", choice->why != NULL ? choice->why : "", "},");
}

static void
json_boot(const struct probe_run *run)
{
	bool is_asked = run->file[0] != '\0';

	if (is_asked)
		put_field("file", run->file, ",");
	else if (run->choice.file.n > 0)
		json_octets("file", run->choice.file, ",");
	/* A URL has its host in itself, and what is asked may say another. */
	if (is_asked || (!is_set(run->choice.asks) &&
	    !span_find(run->choice.file, SPAN_OF("://"))))
		json_address("next_server", is_asked ? run->next :
		    run->choice.next, ",");
	if (run->has_size)
		(void)printf("\"size\":%lu,", (unsigned long)run->size);
	if (run->unasked != NULL)
		put_field("not_asked", run->unasked, ",");
}

static void
print_json(const struct probe_run *run, bool is_first)
{
	struct machine_finding finding[FINDINGS_SHOWN];
	char mac[TEXT_MAC], text[LINE];
	struct machine *machine;
	size_t n = findings_of(run, finding, &machine);

	result_of(run, text);
	(void)printf("%s\n{", is_first ? "" : ",");
	put_field("client", run->machine.client.name, ",");
	put_field("title", title_of(run), ",");
	put_field("mac", text_mac(run->machine.mac, FRAME_MAC, mac), ",");
	(void)printf("\"boots\":%s,", probe_boots(run) ? "true" : "false");
	put_field("result", text, ",");
	json_boot(run);
	json_choice(run);
	(void)printf("\"offers\":[");
	for (size_t i = 0; i < run->n; i++) {
		(void)printf("%s", i == 0 ? "" : ",");
		json_offer(&run->offer[i]);
	}
	(void)printf("],");
	story_json_findings(stdout, machine, finding, n);
	(void)printf(",");
	story_json(stdout, &run->story, false);
	(void)printf("}");
}

void
probe_tell(const struct probe_run *run, bool is_first)
{
	if (run->options->json)
		print_json(run, is_first);
	else
		print_text(run, is_first);
}
