#include "diagnosis/follow.h"

enum {
	TFTP_ABORTED = 8,		/* RFC 2347: what EDK2 ends its question
					 * for the size with */
	WINDOW = 64,			/* blocks in flight (RFC 7440) */
	SAMPLED = UINT16_MAX / 2,	/* live, where few of them are seen */
	DATA_HEADERS = 12,		/* of UDP, and of DATA */
	TFTP_BLOCK = 512,		/* without the option blksize */
	HTTP_BAD = 400,			/* RFC 9110 section 15: from here on */

	/* Of a PE image (Microsoft's PE and COFF specification). */
	PE_HEADER_AT = 0x3c,
	PE_SIGNATURE = 0x50450000,
	PE_AFTER_MACHINE = 18,		/* octets of the COFF header behind it */
	PE_DIRECTORIES_32 = 96,		/* where they are in the optional */
	PE_DIRECTORIES_64 = 112,	/* header, by its magic number */
	PE_MAGIC_32 = 0x0b01,		/* as span_be16 reads them */
	PE_MAGIC_64 = 0x0b02,
	PE_CERTIFICATES = 4,		/* that directory's place */
	PE_DIRECTORY = 8,		/* octets of one */
};

/* The machine that a datagram comes from, or goes to. */
static struct machine *
machine_of(struct diagnosis *d, const struct frame *frame, bool *is_from)
{
	struct machine *m = machine_by_address(&d->table, frame->source);

	*is_from = true;
	if (m == NULL) {
		*is_from = false;
		m = machine_by_address(&d->table, frame->destination);
	}
	if (m == NULL || m->boot.end == END_SYSTEM)
		return NULL;
	machine_touch(&d->table, m, d->now);
	if (!diagnosis_is_ours(d, frame->source) &&
	    !diagnosis_is_ours(d, frame->destination))
		m->boot.saw_unicast = true;
	return m;
}

/* The newest file that the client asks for from this port. */
static struct machine_file *
file_of(struct machine_boot *b, uint16_t port, bool is_http)
{
	for (size_t i = b->n_files; i > 0; i--)
		if (b->file[i - 1].port == port &&
		    b->file[i - 1].is_http == is_http)
			return &b->file[i - 1];
	return NULL;
}

/* Room for a new one: the oldest goes. */
static struct machine_file *
new_file(struct diagnosis *d, struct machine *m, struct in_addr server,
    uint16_t port)
{
	struct machine_boot *b = &m->boot;
	struct machine_file *f;

	if (b->n_files == MACHINE_FILES)
		memmove(&b->file[0], &b->file[1],
		    sizeof(b->file[0]) * (MACHINE_FILES - 1));
	else
		b->n_files++;
	f = &b->file[b->n_files - 1];
	*f = (struct machine_file){ .server = server, .port = port,
	    .at = follow_at(d, m), .number = follow_number(d, m) };
	return f;
}

static void
note(struct diagnosis *d, struct machine *m, struct machine_file *f,
    enum machine_step_kind kind, uint32_t value)
{
	bool is_client = kind == STEP_READ || kind == STEP_READ_SIZE ||
	    kind == STEP_ABORT || kind == STEP_CONNECT || kind == STEP_GET;

	f->last_at = follow_at(d, m);
	f->last_number = follow_number(d, m);
	follow_step(d, m, &(struct machine_step){ .kind = (uint8_t)kind,
	    .from = is_client ? LANE_MACHINE : LANE_FILES,
	    .to = is_client ? LANE_FILES : LANE_MACHINE,
	    .address = f->server, .name = f->name, .value = value });
}

static bool
is_configuration(const char *name)
{
	return strstr(name, "pxelinux.cfg/") != NULL ||
	    strstr(name, "grub.cfg") != NULL;
}

/* What a server of files says arrives, and is no error. */
static void
has_come(struct machine *m, const struct machine_file *f)
{
	if (is_set(f->other))
		return;
	m->boot.fetched = true;
	if (is_configuration(machine_name(m, f->name)))
		m->boot.is_configured = true;
}

static void
learn_search(struct machine_boot *b, const char *name)
{
	const char *grub = strstr(name, "grub");

	if (is_configuration(name))
		b->searched = true;
	if (grub != NULL && strstr(grub, ".cfg") != NULL)
		b->grub_asked = true;
}

static void
take_read(struct diagnosis *d, struct machine *m, const struct event *e)
{
	const struct frame *frame = &e->packet.frame;
	const struct event_tftp *tftp = &e->is.tftp;
	struct machine_boot *b = &m->boot;
	uint16_t name = machine_keep(m, tftp->name);
	struct machine_file *f = b->n_files == 0 ? NULL :
	    &b->file[b->n_files - 1];
	bool is_copy, is_again = f != NULL && !f->is_http && f->name == name &&
	    same_address(f->server, frame->destination) &&
	    (f->state == FILE_ASKED || f->state == FILE_SIZED ||
	    f->state == FILE_REFUSED);

	is_copy = is_again && f->state == FILE_ASKED &&
	    f->port == frame->source_port &&
	    follow_at(d, m) - f->last_at < FOLLOW_COPY;
	if (is_copy)
		return;
	follow_reopen(b);
	if (!is_again)
		f = new_file(d, m, frame->destination, frame->source_port);
	if (f->state == FILE_SIZED) {
		f->was_sized = true;
		f->asks = 0;
	}
	f->state = FILE_ASKED;
	f->name = name;
	f->port = frame->source_port;
	f->block_size = tftp->block_size;
	f->server_port = 0;
	f->block = 0;
	f->repeats = 0;
	follow_count(&f->asks);
	learn_search(b, machine_name(m, name));
	note(d, m, f, STEP_READ, 0);
}

static bool
take_le16(struct span *s, uint16_t *out)
{
	uint8_t low, high;

	if (!span_u8(s, &low) || !span_u8(s, &high))
		return false;
	*out = (uint16_t)(high << 8 | low);
	return true;
}

/* Is there a certificate table?  Its address and its size are then not 0. */
static bool
is_signed(struct span optional)
{
	uint16_t magic;
	uint32_t at, size;

	return span_be16(&optional, &magic) &&
	    (magic == PE_MAGIC_64 || magic == PE_MAGIC_32) &&
	    span_skip(&optional, (magic == PE_MAGIC_64 ? PE_DIRECTORIES_64 :
	    PE_DIRECTORIES_32) - sizeof(magic) +
	    (size_t)PE_CERTIFICATES * PE_DIRECTORY) &&
	    span_be32(&optional, &at) && span_be32(&optional, &size) &&
	    at != 0 && size != 0;
}

static void
read_program(struct span octets, struct machine_file *f)
{
	struct span look = octets;
	uint16_t low, high;
	uint32_t signature;

	f->content |= CONTENT_SEEN;
	if (span_begins(octets, SPAN_OF("#!ipxe"))) {
		f->content |= CONTENT_SCRIPT;
		return;
	}
	if (!span_begins(octets, SPAN_OF("MZ"))) {
		f->content |= CONTENT_BIOS;
		return;
	}
	if (!span_skip(&look, PE_HEADER_AT) || !take_le16(&look, &low) ||
	    !take_le16(&look, &high) || high != 0 ||
	    !span_skip(&octets, low) || !span_be32(&octets, &signature) ||
	    signature != PE_SIGNATURE || !take_le16(&octets, &f->pe))
		return;
	f->content |= CONTENT_PE;
	if (span_skip(&octets, PE_AFTER_MACHINE) && is_signed(octets))
		f->content |= CONTENT_SIGNED;
}

/* What GRUB says when it starts is in its image as it stands. */
static void
read_content(struct machine_file *f, struct span octets)
{
	if ((f->content & CONTENT_SEEN) == 0)
		read_program(octets, f);
	if ((f->content & (CONTENT_PE | CONTENT_GRUB)) == CONTENT_PE &&
	    span_find(octets, SPAN_OF("Welcome to GRUB")))
		f->content |= CONTENT_GRUB;
}

static void
take_data(struct diagnosis *d, struct machine *m, const struct event *e,
    struct machine_file *f)
{
	const struct event_tftp *tftp = &e->is.tftp;
	uint16_t ahead = (uint16_t)(tftp->number - f->block - 1);
	size_t block_size;
	bool is_short;

	if (f->state == FILE_WHOLE)
		return;
	/* The server answers without options: it took none. */
	if (f->state == FILE_ASKED &&
	    e->packet.udp_length <= TFTP_BLOCK + DATA_HEADERS)
		f->block_size = 0;
	block_size = f->block_size == 0 ? TFTP_BLOCK : f->block_size;
	is_short = e->packet.udp_length < block_size + DATA_HEADERS;
	if (f->state != FILE_OPEN) {
		f->state = FILE_OPEN;
		note(d, m, f, STEP_OPEN, 0);
	}
	has_come(m, f);
	f->last_at = follow_at(d, m);
	f->last_number = follow_number(d, m);
	/* One that has passed is sent again. */
	if (f->octets > 0 && ahead >= (d->is_live ? SAMPLED : WINDOW)) {
		follow_count(&f->repeats);
		return;
	}
	if ((tftp->number == 1 && f->octets == 0) ||
	    (f->content & CONTENT_PE) != 0)
		read_content(f, tftp->data);
	f->repeats = 0;
	f->block = tftp->number;
	if (d->is_live)
		f->octets += (uint32_t)(ahead * block_size);
	f->octets += (uint32_t)(is_short || !e->packet.is_cut ?
	    tftp->data.n : block_size);
	if (is_short) {
		f->state = FILE_WHOLE;
		f->size = f->octets;
		note(d, m, f, STEP_WHOLE, f->octets);
	}
}

static void
take_tftp_answer(struct diagnosis *d, struct machine *m,
    const struct event *e, struct machine_file *f)
{
	const struct event_tftp *tftp = &e->is.tftp;

	f->server_port = e->packet.frame.source_port;
	if (!same_address(e->packet.frame.source, f->server))
		f->other = e->packet.frame.source;
	switch (tftp->code) {
	case TFTP_OACK:
		if (f->state == FILE_OPEN) {
			follow_count(&f->repeats);
			break;
		}
		f->state = FILE_OPEN;
		/* What the server does not confirm is as without options. */
		f->block_size = tftp->block_size;
		f->size = tftp->asks_size ? tftp->size : 0;
		note(d, m, f, STEP_OPEN, f->size);
		break;
	case TFTP_DATA:
		take_data(d, m, e, f);
		break;
	case TFTP_ERROR:
		f->state = FILE_ERROR;
		f->code = tftp->number;
		note(d, m, f, STEP_TFTP_ERROR, tftp->number);
		break;
	default:
		break;
	}
}

/* A client that still lives asks for the next block again and again. */
static void
take_block_ack(struct machine_file *f, uint16_t block, uint32_t at)
{
	if (!f->acked || block != f->acked_block)
		f->repeated_acks = 0;
	else if (at - f->last_at >= FOLLOW_COPY)
		follow_count(&f->repeated_acks);
	f->acked = true;
	f->acked_block = block;
}

static void
take_tftp_client(struct diagnosis *d, struct machine *m,
    const struct event *e, struct machine_file *f)
{
	const struct event_tftp *tftp = &e->is.tftp;

	if (tftp->code == TFTP_ACK) {
		has_come(m, f);
		if (tftp->number > 0 || f->acked)
			take_block_ack(f, tftp->number, follow_at(d, m));
		else if (f->options_acked)
			follow_count(&f->repeats);
		else
			f->options_acked = true;
		f->last_at = follow_at(d, m);
		return;
	}
	if (tftp->code != TFTP_ERROR)
		return;
	if (tftp->number == TFTP_ABORTED && f->octets == 0) {
		f->state = FILE_SIZED;
		has_come(m, f);
		note(d, m, f, STEP_ABORT, TFTP_ABORTED);
		return;
	}
	f->code = tftp->number;
	note(d, m, f, STEP_ABORT, tftp->number);
}

struct machine *
follow_tftp(struct diagnosis *d, const struct event *e)
{
	const struct frame *frame = &e->packet.frame;
	struct machine_file *f;
	struct machine *m;
	bool is_from;

	m = machine_of(d, frame, &is_from);
	if (e->is.tftp.code == TFTP_RRQ) {
		if (m == NULL)
			m = machine_by_mac(&d->table, frame->from);
		if (m == NULL || m->boot.end == END_SYSTEM)
			return NULL;
		machine_set_address(&d->table, m, frame->source);
		take_read(d, m, e);
		return m;
	}
	if (m == NULL)
		return NULL;
	f = file_of(&m->boot, is_from ? frame->source_port :
	    frame->destination_port, false);
	if (f == NULL)
		return m;
	if (is_from)
		take_tftp_client(d, m, e, f);
	else
		take_tftp_answer(d, m, e, f);
	return m;
}

static void
take_connect(struct diagnosis *d, struct machine *m, const struct frame *frame)
{
	struct machine_file *f = file_of(&m->boot, frame->source_port, true);

	if (f != NULL && f->state == FILE_ASKED && !f->acked &&
	    follow_at(d, m) - f->last_at < FOLLOW_COPY)
		return;
	/* The same connection, asked for again. */
	if (f == NULL || f->state != FILE_ASKED || f->acked) {
		f = new_file(d, m, frame->destination, frame->source_port);
		f->is_http = true;
		f->server_port = frame->destination_port;
	}
	follow_count(&f->asks);
	note(d, m, f, STEP_CONNECT, frame->destination_port);
}

static void
take_get(struct diagnosis *d, struct machine *m, const struct event *e)
{
	const struct frame *frame = &e->packet.frame;
	struct machine_file *f = file_of(&m->boot, frame->source_port, true);
	bool was_sized = f != NULL && f->state == FILE_SIZED,
	    was_connected = f != NULL && f->was_connected;
	uint16_t name = machine_keep(m, e->is.tcp.path);

	/* The same segment once more. */
	if (f != NULL && f->state == FILE_ASKED && f->name == name)
		return;
	/* A connection may serve for several files. */
	if (f == NULL || f->name != 0) {
		f = new_file(d, m, frame->destination, frame->source_port);
		f->is_http = true;
		f->server_port = frame->destination_port;
	}
	f->was_sized = was_sized;
	f->was_connected = was_connected;
	f->acked = true;
	f->name = name;
	f->is_size_only = e->is.tcp.is_head;
	learn_search(&m->boot, machine_name(m, f->name));
	note(d, m, f, f->is_size_only ? STEP_READ_SIZE : STEP_GET, 0);
}

static void
take_status(struct diagnosis *d, struct machine *m, const struct event *e,
    struct machine_file *f)
{
	const struct event_tcp *tcp = &e->is.tcp;

	f->code = tcp->status;
	if (tcp->status >= HTTP_BAD) {
		f->state = FILE_ERROR;
	} else {
		f->state = f->is_size_only ? FILE_SIZED : FILE_OPEN;
		has_come(m, f);
	}
	f->size = tcp->has_length ? tcp->length : 0;
	note(d, m, f, STEP_STATUS, tcp->status);
}

/* Octets are counted with the head of the first segment among them. */
static void
take_body(struct diagnosis *d, struct machine *m, const struct event *e,
    struct machine_file *f)
{
	if (f->state != FILE_OPEN)
		return;
	/* How much there was in what the capture has cut is not known. */
	if (e->packet.is_cut)
		f->size = 0;
	f->octets += (uint32_t)e->packet.frame.payload.n;
	f->last_at = follow_at(d, m);
	f->last_number = follow_number(d, m);
	if (f->size > 0 && f->octets >= f->size) {
		f->state = FILE_WHOLE;
		note(d, m, f, STEP_WHOLE, f->size);
	}
}

/*
 * The connection ends.  Live the octets are not counted: who ends it has what
 * he wanted.
 */
static void
take_end(struct diagnosis *d, struct machine *m, struct machine_file *f)
{
	if (f->state != FILE_OPEN)
		return;
	if (f->size > 0 && !d->is_live) {
		f->is_broken_off = true;
		return;
	}
	f->state = FILE_WHOLE;
	note(d, m, f, STEP_WHOLE, f->size > 0 ? f->size : f->octets);
}

static void
take_tcp_answer(struct diagnosis *d, struct machine *m, const struct event *e,
    struct machine_file *f)
{
	switch (e->is.tcp.step) {
	case TCP_SYN_ACK:
		f->acked = f->was_connected = true;
		break;
	case TCP_RST:
		if (f->state == FILE_ASKED) {
			f->state = FILE_REFUSED;
			note(d, m, f, STEP_RESET, f->server_port);
		} else if (f->state == FILE_OPEN && f->size > 0) {
			f->is_broken_off = true;
		}
		break;
	case HTTP_STATUS:
		take_status(d, m, e, f);
		take_body(d, m, e, f);
		break;
	case TCP_DATA:
		/* An answer, whose head the capture lacks. */
		if (f->state == FILE_ASKED)
			f->was_connected = false;
		take_body(d, m, e, f);
		break;
	case TCP_FIN:
		if (f->state == FILE_ASKED)
			f->was_connected = false;
		take_end(d, m, f);
		break;
	default:
		break;
	}
}

struct machine *
follow_tcp(struct diagnosis *d, const struct event *e)
{
	const struct frame *frame = &e->packet.frame;
	struct machine_file *f;
	struct machine *m;
	bool is_from;

	if ((m = machine_of(d, frame, &is_from)) == NULL)
		return NULL;
	f = file_of(&m->boot, is_from ? frame->source_port :
	    frame->destination_port, true);
	if (!is_from && f != NULL)
		take_tcp_answer(d, m, e, f);
	else if (is_from && e->is.tcp.step == TCP_SYN)
		take_connect(d, m, frame);
	else if (is_from && e->is.tcp.step == HTTP_REQUEST)
		take_get(d, m, e);
	else if (is_from && f != NULL && e->is.tcp.step == TCP_FIN &&
	    d->is_live)
		take_end(d, m, f);
	return m;
}

struct machine *
follow_dns(struct diagnosis *d, const struct event *e)
{
	const struct event_dns *dns = &e->is.dns;
	struct machine_boot *b;
	struct machine *m;
	bool is_from, is_good;
	uint16_t name;

	if ((m = machine_of(d, &e->packet.frame, &is_from)) == NULL ||
	    is_from == dns->is_answer)
		return NULL;
	b = &m->boot;
	if (!is_from) {
		is_good = dns->code == 0 && dns->answers > 0;
		b->lookup_answered = b->lookup_answered || is_good;
		b->lookup_failed = !is_good;
		follow_step(d, m, &(struct machine_step){
		    .kind = is_good ? STEP_RESOLVED : STEP_UNRESOLVED,
		    .from = LANE_FILES, .to = LANE_MACHINE,
		    .address = e->packet.frame.source, .name = b->lookup,
		    .value = dns->code });
		return m;
	}
	name = machine_keep(m, (struct span){
	    (const uint8_t *)dns->name, dns->n_name });
	if (b->lookup != name) {
		b->lookup = name;
		b->lookups = 0;
		b->lookup_answered = b->lookup_failed = false;
		b->lookup_number = follow_number(d, m);
	}
	follow_count(&b->lookups);
	b->name_server = e->packet.frame.destination;
	follow_step(d, m, &(struct machine_step){ .kind = STEP_LOOKUP,
	    .from = LANE_MACHINE, .to = LANE_FILES,
	    .address = b->name_server, .name = b->lookup });
	return m;
}
