#include "tools/probe_run.h"

#include "report/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Is the file there, and how large is it?  By TFTP (RFC 1350, RFC 2349), or by
 * HTTP, over as much of TCP as one question needs (RFC 9293): what comes is
 * taken in its order, and what is lost of it is not asked for again.
 */

enum {
	SECOND = 1000,			/* milliseconds */
	TRIES = 3,
	TRY_WAIT = 2 * SECOND,
	PORT_TFTP = 69,
	PORT_HTTP = 80,
	PORT_OWN = 49152,		/* the first of those for this */
	MESSAGE = 512,
	TFTP_ABORTED = 8,		/* error code: as EDK2, which asks for the
					 * size only */
	IPV4_HEADER = 20,
	TCP_HEADER = 20,
	IPV4_AND_TCP = IPV4_HEADER + TCP_HEADER,
	ETHERTYPE_HEADER = 2,
	TAG_OCTETS = 4,
	WINDOW = 8192,
	FLAG_SYN = 0x02, FLAG_RST = 0x04, FLAG_PSH = 0x08, FLAG_ACK = 0x10,
	HTTP_OK = 200,
};

/* One question, and what is known of its answer. */
struct probe_fetch {
	struct probe_run *run;
	uint8_t mac[FRAME_MAC];
	struct in_addr server;
	uint16_t port, own_port;
	const char *path;
	const char *host;		/* of a URL, n_host octets */
	size_t n_host;
	struct event answer;		/* of TFTP */
	uint16_t answer_port;
	bool is_done, is_open, is_refused;
	uint32_t sequence, acknowledged;	/* of TCP */
	uint16_t status;
};

/*
 * TFTP.
 */

static bool
take_tftp(void *context, struct span octets, const struct event *event)
{
	struct probe_fetch *fetch = context;
	const struct frame *frame = &event->packet.frame;
	const struct event_tftp *tftp = &event->is.tftp;
	struct probe_run *run = fetch->run;

	(void)octets;
	if (event->kind == EVENT_UNREACHABLE) {
		const struct frame *quoted = &event->is.unreachable.quoted;

		fetch->is_refused = quoted->source.s_addr ==
		    run->address.s_addr && quoted->source_port ==
		    fetch->own_port;
		return fetch->is_refused;
	}
	if (event->kind != EVENT_TFTP || frame->destination.s_addr !=
	    run->address.s_addr || frame->source.s_addr !=
	    fetch->server.s_addr || frame->destination_port !=
	    fetch->own_port)
		return false;
	fetch->answer_port = frame->source_port;
	if (tftp->code == TFTP_ERROR) {
		probe_run_fault(run, "the server of the file refuses it: TFTP "
		    "error %u", tftp->number);
		return true;
	}
	run->is_there = tftp->code == TFTP_OACK || tftp->code == TFTP_DATA;
	run->has_size = tftp->code == TFTP_OACK && tftp->asks_size;
	run->size = tftp->size;
	return run->is_there;
}

static bool
send_tftp(struct probe_fetch *fetch, uint16_t port, struct span payload)
{
	return probe_wire_send(fetch->run->wire, &(struct probe_datagram){
	    .to = fetch->mac, .source = fetch->run->address,
	    .destination = fetch->server, .source_port = fetch->own_port,
	    .destination_port = port, .payload = payload });
}

/* As EDK2: enough, no more of it. */
static void
abort_tftp(struct probe_fetch *fetch)
{
	(void)send_tftp(fetch, fetch->answer_port,
	    SPAN_OF("\0\5\0\10" "the size was asked for\0"));
}

static enum probe_wire_end
ask_tftp(struct probe_fetch *fetch)
{
	uint8_t octets[MESSAGE];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	enum probe_wire_end end = PROBE_WIRE_TIME;

	write_be16(&w, TFTP_RRQ);
	write_octets(&w, span_text(fetch->path));
	write_octets(&w, SPAN_OF("\0octet\0tsize\0" "0\0"));
	for (unsigned i = 0; i < TRIES && end == PROBE_WIRE_TIME; i++)
		end = send_tftp(fetch, PORT_TFTP, writer_span(&w)) ?
		    probe_wire_hear(fetch->run->wire, probe_wire_now() +
		    TRY_WAIT, take_tftp, fetch) : PROBE_WIRE_STOP;
	if (end == PROBE_WIRE_TAKEN && fetch->run->is_there)
		abort_tftp(fetch);
	return end;
}

/*
 * HTTP.
 */

static uint16_t
checksum(struct span octets, uint32_t sum)
{
	uint16_t word;
	uint8_t last;

	while (span_be16(&octets, &word))
		sum += word;
	if (span_u8(&octets, &last))
		sum += (uint32_t)last << 8;
	while (sum > UINT16_MAX)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The sum of an address, for the pseudo-header. */
static uint32_t
sum_of(struct in_addr address)
{
	uint32_t value = ntohl(address.s_addr);

	return (value >> 16) + (value & UINT16_MAX);
}

static void
write_tcp(struct span_writer *w, const struct probe_fetch *fetch,
    uint8_t flags, uint16_t sum)
{
	write_be16(w, fetch->own_port);
	write_be16(w, fetch->port);
	write_be32(w, fetch->sequence);
	write_be32(w, (flags & FLAG_ACK) != 0 ? fetch->acknowledged : 0);
	write_u8(w, TCP_HEADER / 4 << 4);
	write_u8(w, flags);
	write_be16(w, WINDOW);
	write_be16(w, sum);
	write_be16(w, 0);
}

static void
write_ipv4(struct span_writer *w, const struct probe_fetch *fetch, size_t n,
    uint16_t sum)
{
	write_be16(w, 0x4500);
	write_be16(w, (uint16_t)(IPV4_AND_TCP + n));
	write_be32(w, 0);
	write_u8(w, 64);		/* TTL */
	write_u8(w, IPPROTO_TCP);
	write_be16(w, sum);
	write_address(w, fetch->run->address);
	write_address(w, fetch->server);
}

static bool
send_tcp(struct probe_fetch *fetch, uint8_t flags, struct span data)
{
	uint8_t octets[IPV4_AND_TCP + 2 * MESSAGE];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	uint32_t pseudo = sum_of(fetch->run->address) +
	    sum_of(fetch->server) + IPPROTO_TCP + TCP_HEADER +
	    (uint32_t)data.n;
	uint16_t sum;

	write_tcp(&w, fetch, flags, 0);
	write_octets(&w, data);
	sum = checksum(writer_span(&w), pseudo);
	w.n = 0;
	write_ipv4(&w, fetch, data.n, 0);
	pseudo = checksum(writer_span(&w), 0);
	w.n = 0;
	write_ipv4(&w, fetch, data.n, (uint16_t)pseudo);
	write_tcp(&w, fetch, flags, sum);
	write_octets(&w, data);
	return !w.full && probe_wire_send_raw(fetch->run->wire, fetch->mac,
	    ETHERTYPE_IS_IPV4, writer_span(&w));
}

/* The numbers of a TCP segment, which the event has not. */
static bool
read_numbers(struct span octets, unsigned tags, uint32_t *sequence,
    uint32_t *acknowledged)
{
	struct span look;
	uint8_t version_ihl;

	if (!span_skip(&octets, FRAME_HEADER + (size_t)TAG_OCTETS * tags))
		return false;
	look = octets;
	return span_u8(&look, &version_ihl) &&
	    span_skip(&octets, (size_t)(version_ihl & 0xf) * 4) &&
	    span_skip(&octets, 4) && span_be32(&octets, sequence) &&
	    span_be32(&octets, acknowledged);
}

static bool
take_tcp(void *context, struct span octets, const struct event *event)
{
	struct probe_fetch *fetch = context;
	const struct frame *frame = &event->packet.frame;
	const struct event_tcp *tcp = &event->is.tcp;
	uint32_t sequence, acknowledged;

	if (event->kind != EVENT_TCP || frame->destination.s_addr !=
	    fetch->run->address.s_addr || frame->source.s_addr !=
	    fetch->server.s_addr || frame->destination_port !=
	    fetch->own_port || frame->source_port != fetch->port ||
	    !read_numbers(octets, frame->tags, &sequence, &acknowledged))
		return false;
	if (tcp->step == TCP_RST) {
		fetch->is_refused = true;
		return true;
	}
	if (tcp->step == TCP_SYN_ACK && !fetch->is_open &&
	    acknowledged == fetch->sequence + 1) {
		fetch->is_open = true;
		fetch->acknowledged = sequence + 1;
		fetch->sequence = acknowledged;
		return true;
	}
	if (tcp->step != HTTP_STATUS || !fetch->is_open ||
	    sequence != fetch->acknowledged)
		return false;
	fetch->status = tcp->status;
	fetch->run->has_size = tcp->has_length;
	fetch->run->size = tcp->length;
	return true;
}

static enum probe_wire_end
connect_http(struct probe_fetch *fetch)
{
	enum probe_wire_end end = PROBE_WIRE_TIME;

	for (unsigned i = 0; i < TRIES && end == PROBE_WIRE_TIME; i++)
		end = send_tcp(fetch, FLAG_SYN, (struct span){ 0 }) ?
		    probe_wire_hear(fetch->run->wire, probe_wire_now() +
		    TRY_WAIT, take_tcp, fetch) : PROBE_WIRE_STOP;
	return end;
}

static enum probe_wire_end
head(struct probe_fetch *fetch)
{
	char text[MESSAGE + PROBE_TEXT];
	int n = snprintf(text, sizeof(text), "HEAD %s HTTP/1.1\r\n"
	    "Host: %.*s\r\nUser-Agent: UefiHttpBoot/1.0\r\n"
	    "Connection: close\r\n\r\n", fetch->path, (int)fetch->n_host,
	    fetch->host);
	enum probe_wire_end end = PROBE_WIRE_TIME;

	if (n < 0 || (size_t)n >= sizeof(text))
		return PROBE_WIRE_TIME;
	for (unsigned i = 0; i < TRIES && end == PROBE_WIRE_TIME; i++)
		end = send_tcp(fetch, FLAG_PSH | FLAG_ACK, span_text(text)) ?
		    probe_wire_hear(fetch->run->wire, probe_wire_now() +
		    TRY_WAIT, take_tcp, fetch) : PROBE_WIRE_STOP;
	fetch->sequence += (uint32_t)n;
	return end;
}

static enum probe_wire_end
ask_http(struct probe_fetch *fetch)
{
	enum probe_wire_end end = connect_http(fetch);

	if (end != PROBE_WIRE_TAKEN || fetch->is_refused)
		return end;
	end = head(fetch);
	/* No state is left at the server. */
	if (!fetch->is_refused)
		(void)send_tcp(fetch, FLAG_RST | FLAG_ACK,
		    (struct span){ 0 });
	if (end != PROBE_WIRE_TAKEN || fetch->is_refused)
		return end;
	fetch->run->is_there = fetch->status == HTTP_OK;
	if (!fetch->run->is_there) {
		fetch->run->has_size = false;
		probe_run_fault(fetch->run, "the server of the file answers "
		    "with HTTP %u", fetch->status);
	}
	return end;
}

/*
 * Which of the two.
 */

/* "10.0.0.3:8080/boot/x.efi"; false, and what it is: not to be asked. */
static bool
read_host(struct probe_fetch *fetch, const char *host, uint16_t port)
{
	const char *end = host + strcspn(host, "/"), *colon;
	char address[TEXT_ADDRESS];
	unsigned long number;
	size_t n;

	fetch->host = host;
	fetch->n_host = (size_t)(end - host);
	fetch->path = *end == '/' ? end : "/";
	fetch->port = port;
	colon = memchr(host, ':', fetch->n_host);
	n = (size_t)((colon != NULL ? colon : end) - host);
	number = colon != NULL ? strtoul(colon + 1, NULL, 10) : port;
	if (n < sizeof(address) && number > 0 && number <= UINT16_MAX) {
		memcpy(address, host, n);
		address[n] = '\0';
		fetch->port = (uint16_t)number;
		if (inet_pton(AF_INET, address, &fetch->server) == 1)
			return true;
	}
	if (fetch->run->has_dns)
		fetch->run->unasked = "a probe looks up no names";
	else
		probe_run_fault(fetch->run, "the host of the URL is a name, "
		    "and the address server names no name server");
	return false;
}

static bool
has_odd_octets(const char *name)
{
	for (; *name != '\0'; name++)
		if (*name <= ' ' || *name > '~')
			return true;
	return false;
}

/* How is the file asked for?  NULL, and why is the fault, or unasked. */
typedef enum probe_wire_end probe_fetch_way(struct probe_fetch *fetch);

static probe_fetch_way *
way_of(struct probe_fetch *fetch)
{
	struct probe_run *run = fetch->run;
	enum machine_client client = run->machine.client.kind;
	const char *name = run->file;

	fetch->path = name;
	fetch->server = run->next;
	if (strstr(name, "://") == NULL)
		return ask_tftp;
	if (client != MACHINE_IPXE && client != MACHINE_HTTP) {
		probe_run_fault(run, "the file is a URL, and this firmware "
		    "knows TFTP alone");
		return NULL;
	}
	if (has_odd_octets(name)) {
		probe_run_fault(run, "the URL has octets that must be coded "
		    "there");
		return NULL;
	}
	if (strncmp(name, "http://", 7) == 0)
		return read_host(fetch, name + 7, PORT_HTTP) ? ask_http :
		    NULL;
	if (strncmp(name, "tftp://", 7) == 0 && client == MACHINE_IPXE) {
		if (!read_host(fetch, name + 7, PORT_TFTP))
			return NULL;
		fetch->path++;
		return ask_tftp;
	}
	if (client == MACHINE_HTTP && strncmp(name, "https://", 8) != 0)
		probe_run_fault(run, "HTTP Boot takes URLs of http and https "
		    "alone");
	else
		run->unasked = "a probe asks by TFTP and HTTP alone";
	return NULL;
}

void
probe_fetch(struct probe_run *run)
{
	struct probe_fetch fetch = { .run = run, .own_port =
	    (uint16_t)(PORT_OWN + (run->machine.xid & 0xfff)),
	    .sequence = run->machine.xid };
	probe_fetch_way *way = way_of(&fetch);
	char address[TEXT_ADDRESS];
	enum probe_wire_end end;

	if (way == NULL || !probe_next_hop(run, fetch.server,
	    "the server of the file", fetch.mac))
		return;
	run->next = fetch.server;
	end = way(&fetch);
	run->is_stopped = end == PROBE_WIRE_STOP;
	(void)text_address(fetch.server, address);
	if (fetch.is_refused)
		probe_run_fault(run, "nothing listens for %s on %s",
		    way == ask_tftp ? "TFTP" : "HTTP", address);
	else if (!run->is_there)
		probe_run_fault(run, "%s does not answer by %s", address,
		    way == ask_tftp ? "TFTP" : "HTTP");
}
