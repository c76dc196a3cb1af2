#include "unit/diagnosis/scene.h"

enum {
	FRAME_MAX = 2048,
	WORDS_MAX = 16,
	EVENT_MAX = 256,
	VLAN = 7,
};

struct scene {
	enum scene_place place;
	scene_take *take;
	void *context;
	int64_t when;
	char text[EVENT_MAX];
	char *word[WORDS_MAX];
	size_t n_words;
	bool is_broadcast;	/* the client wants its replies so */
	/* Of the last TFTP request, and the last connection. */
	const char *file_server;
	unsigned port, server_port;
	const char *name;
	char keep_name[EVENT_MAX], keep_server[EVENT_MAX];
	uint8_t frame[FRAME_MAX];
	size_t n;
};

static const struct {
	const char *name;
	const char *address;
} hosts[] = {
	{ "pool", "10.0.0.1" }, { "us", SCENE_OUR_ADDRESS },
	{ "files", "10.0.0.3" }, { "rival", "10.0.0.4" },
	{ "pool2", "10.0.0.5" }, { "gone", "10.0.0.99" },
	{ "client", "10.0.0.100" }, { "gateway", "10.0.0.254" },
	{ "relay", "10.9.0.1" }, { "far", "172.16.0.9" },
	{ "nobody", "0.0.0.0" }, { "all", "255.255.255.255" },
};

static void
put8(struct scene *s, unsigned value)
{
	if (s->n == FRAME_MAX) {
		fprintf(stderr, "scene: a frame is too long\n");
		exit(2);
	}
	s->frame[s->n++] = (uint8_t)value;
}

static void
put16(struct scene *s, unsigned value)
{
	put8(s, value >> 8 & 0xff);
	put8(s, value & 0xff);
}

static void
put32(struct scene *s, unsigned long value)
{
	put16(s, (unsigned)(value >> 16 & 0xffff));
	put16(s, (unsigned)(value & 0xffff));
}

static void
put_text(struct scene *s, const char *text)
{
	for (; *text != '\0'; text++)
		put8(s, (uint8_t)*text);
}

static void
put_zeros(struct scene *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put8(s, 0);
}

static struct in_addr
address_of(const char *name)
{
	for (size_t i = 0; i < ROWS(hosts); i++)
		if (strcmp(hosts[i].name, name) == 0)
			return octets_address(hosts[i].address);
	return octets_address(name);
}

static bool has(const struct scene *s, const char *word);

/* The machine is behind a relay. */
static bool
is_relayed(const struct scene *s)
{
	return s->place == SCENE_RELAY || s->place == SCENE_RELAY_PORT ||
	    s->place == SCENE_FAR;
}

/* What is here is our link, which the machine is not on. */
static bool
is_elsewhere(const struct scene *s)
{
	return s->place == SCENE_RELAY || s->place == SCENE_RELAY_PORT;
}

static void
put_address(struct scene *s, const char *name)
{
	bool relayed = is_relayed(s);

	if (strcmp(name, "client") == 0 && has(s, "other"))
		name = relayed ? "10.9.0.101" : "10.0.0.101";
	else if (strcmp(name, "client") == 0 && relayed)
		name = "10.9.0.100";
	else if (strcmp(name, "gateway") == 0 && relayed)
		name = "relay";
	put32(s, ntohl(address_of(name).s_addr));
}

/* Is this one of the event's words?  Those after the verb. */
static bool
has(const struct scene *s, const char *word)
{
	for (size_t i = 2; i < s->n_words; i++)
		if (strcmp(s->word[i], word) == 0)
			return true;
	return false;
}

/* The value of key=value, or what is meant otherwise. */
static const char *
value(const struct scene *s, const char *key, const char *otherwise)
{
	size_t n = strlen(key);

	for (size_t i = 2; i < s->n_words; i++)
		if (strncmp(s->word[i], key, n) == 0 && s->word[i][n] == '=')
			return s->word[i] + n + 1;
	return otherwise;
}

static unsigned
number(const struct scene *s, const char *key, unsigned otherwise)
{
	const char *text = value(s, key, NULL);

	return text == NULL ? otherwise : (unsigned)strtoul(text, NULL, 0);
}

/* The argument of that place behind the verb. */
static const char *
argument(const struct scene *s, size_t i)
{
	if (i + 2 >= s->n_words) {
		fprintf(stderr, "scene: %s lacks an argument\n", s->word[1]);
		exit(2);
	}
	return s->word[i + 2];
}

/* An address that ends in so much has a MAC address that does, too. */
static void
put_mac(struct scene *s, const char *name)
{
	unsigned last = ntohl(address_of(name).s_addr) & 0xff;

	if (strcmp(name, "client") == 0) {
		put_text(s, "\x52\x54");
		put8(s, 0);
		put8(s, 0);
		put8(s, 0);
		put8(s, has(s, "other") ? 8 : 7);
		return;
	}
	put8(s, 2);
	put_zeros(s, 4);
	put8(s, last);
}

/* Whose MAC address a frame has on this link: through a relay, the relay's. */
static const char *
on_link(const struct scene *s, const char *name)
{
	bool is_client = strcmp(name, "client") == 0;

	if (strcmp(name, "all") == 0 || strcmp(name, "nobody") == 0 ||
	    !is_relayed(s))
		return name;
	return is_client == is_elsewhere(s) ? "relay" : name;
}

static void
put_ethernet(struct scene *s, const char *to, const char *from, unsigned type)
{
	s->n = 0;
	to = on_link(s, to);
	from = on_link(s, from);
	if (strcmp(to, "all") == 0)
		for (size_t i = 0; i < 6; i++)
			put8(s, 0xff);
	else
		put_mac(s, to);
	put_mac(s, from);
	if (s->place == SCENE_TRUNK) {
		put16(s, 0x8100);
		put16(s, VLAN);
	}
	put16(s, type);
}

static void
set16(struct scene *s, size_t at, size_t value_)
{
	s->frame[at] = (uint8_t)(value_ >> 8);
	s->frame[at + 1] = (uint8_t)value_;
}

/* Begin a packet; its lengths come with send_packet(). */
static size_t
begin_ip(struct scene *s, const char *to, const char *from, unsigned protocol)
{
	size_t at;

	put_ethernet(s, to, from, 0x0800);
	at = s->n;
	put16(s, 0x4500);
	put_zeros(s, 6);
	put8(s, 64);
	put8(s, protocol);
	put16(s, 0);
	put_address(s, from);
	put_address(s, to);
	return at;
}

static size_t
begin_udp(struct scene *s, const char *to, unsigned to_port, const char *from,
    unsigned from_port)
{
	size_t at = begin_ip(s, to, from, 17);

	put16(s, from_port);
	put16(s, to_port);
	put32(s, 0);
	return at;
}

/* Does a switch that learns send the frame to our port? */
static bool
comes_to_us(const struct scene *s)
{
	static const uint8_t us[] = { 2, 0, 0, 0, 0, 2 };

	return (s->frame[0] & 1) != 0 || memcmp(s->frame, us, 6) == 0 ||
	    memcmp(s->frame + 6, us, 6) == 0;
}

static void
send_frame(struct scene *s)
{
	struct heap heap;

	if ((s->place == SCENE_PORT || s->place == SCENE_RELAY_PORT) &&
	    !comes_to_us(s))
		return;
	heap = heap_of(s->frame, s->n);
	s->take(s->context, heap_span(heap), s->when);
	heap_free(heap);
}

static void
send_packet(struct scene *s, size_t at)
{
	set16(s, at + 2, s->n - at);
	if (s->frame[at + 9] == 17)
		set16(s, at + 24, s->n - at - 20);
	send_frame(s);
}

static void
put_option(struct scene *s, unsigned code, const char *text)
{
	put8(s, code);
	put8(s, (unsigned)strlen(text));
	put_text(s, text);
}

static void
put_address_option(struct scene *s, unsigned code, const char *name)
{
	if (name == NULL)
		return;
	put8(s, code);
	put8(s, 4);
	put_address(s, name);
}

struct message {
	const char *to, *from;
	unsigned to_port, from_port;
	unsigned op, type;
	unsigned xid, secs, flags;
	const char *ciaddr, *yiaddr, *siaddr, *giaddr;
	const char *file;
};

static size_t
begin_dhcp(struct scene *s, const struct message *m)
{
	size_t at = begin_udp(s, m->to, m->to_port, m->from, m->from_port);
	size_t name;

	put32(s, (unsigned long)m->op << 24 | 0x010600);
	put32(s, m->xid);
	put16(s, m->secs);
	put16(s, m->flags);
	put_address(s, m->ciaddr);
	put_address(s, m->yiaddr);
	put_address(s, m->siaddr);
	put_address(s, m->giaddr);
	put_mac(s, "client");
	put_zeros(s, 10 + 64);
	name = s->n + 128;
	put_text(s, m->file);
	put_zeros(s, name - s->n);
	put32(s, 0x63825363);
	put8(s, 53);
	put8(s, 1);
	put8(s, m->type);
	return at;
}

static void
end_dhcp(struct scene *s, size_t at)
{
	put8(s, 255);
	send_packet(s, at);
}

static const struct {
	const char *word;
	const char *vendor_class;
	int arch;		/* -1: none */
	unsigned flags;
	unsigned secs;
} clients[] = {
	{ "uefi", "PXEClient:Arch:00007:UNDI:003000", 7, 0x8000, 0 },
	{ "bios", "PXEClient:Arch:00000:UNDI:002001", 0, 0x8000, 0 },
	{ "ipxe", "PXEClient:Arch:00000:UNDI:002001", 0, 0, 4 },
	{ "http", "HTTPClient:Arch:00016:UNDI:003000", 16, 0x8000, 0 },
	{ "uboot", "U-Boot.armv8", 22, 0, 0 },
	{ "arm", "PXEClient:Arch:00011:UNDI:003000", 11, 0x8000, 0 },
	{ "efi-ipxe", "PXEClient:Arch:00007:UNDI:003000", 7, 0, 4 },
};

/* Who asks: uefi, unless the event says otherwise. */
static size_t
client_row(const struct scene *s)
{
	for (size_t i = 0; i < ROWS(clients); i++)
		if (has(s, clients[i].word))
			return i;
	return 0;
}

static void
put_client(struct scene *s)
{
	size_t row = client_row(s);

	if (!has(s, "no60"))
		put_option(s, 60, clients[row].vendor_class);
	put8(s, 93);
	put8(s, 2);
	put16(s, (unsigned)clients[row].arch);
	if (strstr(clients[row].word, "ipxe") != NULL)
		put_option(s, 77, "iPXE");
	if (value(s, "uuid", NULL) != NULL) {
		put8(s, 97);
		put8(s, 17);
		put8(s, 0);
		for (size_t i = 0; i < 16; i++)
			put8(s, number(s, "uuid", 0));
	}
}

/* Of the client's broadcasts only what the relay passes on is here. */
static struct message
from_client(const struct scene *s)
{
	bool relayed = is_elsewhere(s) || has(s, "relayed");
	const char *server = value(s, "at", "us");

	return (struct message){ .op = 1, .to_port = 67,
	    .from_port = relayed ? 67 : 68, .to = relayed ? server : "all",
	    .from = relayed ? "relay" : "nobody", .xid = number(s, "xid", 1),
	    .secs = number(s, "secs", clients[client_row(s)].secs),
	    .flags = clients[client_row(s)].flags, .ciaddr = "nobody",
	    .yiaddr = "nobody", .siaddr = "nobody",
	    .giaddr = relayed ? "relay" : "nobody", .file = "" };
}

/* The client's own MAC address is behind its broadcasts. */
static void
set_sender(struct scene *s, const struct message *m)
{
	size_t at = 6;

	if (strcmp(m->from, "nobody") == 0)
		memcpy(s->frame + at, has(s, "other") ?
		    "\x52\x54\0\0\0\x08" : "\x52\x54\0\0\0\x07", 6);
}

static void
play_discover(struct scene *s)
{
	struct message m = from_client(s);
	size_t at;

	m.type = 1;
	s->is_broadcast = m.flags != 0;
	at = begin_dhcp(s, &m);
	set_sender(s, &m);
	put_client(s);
	end_dhcp(s, at);
}

static void
play_request(struct scene *s)
{
	struct message m = from_client(s);
	size_t at;

	m.type = 3;
	at = begin_dhcp(s, &m);
	set_sender(s, &m);
	if (!has(s, "no54"))
		put_address_option(s, 54, value(s, "to", "pool"));
	put_address_option(s, 50, value(s, "ip", "client"));
	put_client(s);
	end_dhcp(s, at);
}

static void
play_decline(struct scene *s)
{
	struct message m = from_client(s);
	size_t at;

	m.type = 4;
	at = begin_dhcp(s, &m);
	set_sender(s, &m);
	put_address_option(s, 50, "client");
	end_dhcp(s, at);
}

static void
play_system(struct scene *s)
{
	struct message m = from_client(s);
	size_t at;

	m.type = 1;
	m.xid = 77;
	at = begin_dhcp(s, &m);
	set_sender(s, &m);
	put_option(s, 12, "debian");
	end_dhcp(s, at);
}

static void
put_reply_options(struct scene *s, bool is_lease)
{
	bool routed = is_relayed(s) && is_lease;

	put_address_option(s, 1, value(s, "mask", routed ? "255.255.255.0" :
	    NULL));
	put_address_option(s, 3, value(s, "router", routed ? "gateway" :
	    NULL));
	put_address_option(s, 6, value(s, "dns", NULL));
	if (has(s, "pxe"))
		put_option(s, 60, "PXEClient");
	if (has(s, "http"))
		put_option(s, 60, "HTTPClient");
	if (has(s, "pxeopt"))
		put_option(s, 43, "\x06\x01\x03\x0a\x04\x01PXE");
	if (has(s, "skips"))
		put_option(s, 43, "\x06\x01\x08");
	if (has(s, "prio"))
		put_option(s, 175, "\x01\x01\x01");
	if (value(s, "67", NULL) != NULL)
		put_option(s, 67, value(s, "67", NULL));
}

static bool
gives_addresses(const char *server)
{
	return strncmp(server, "pool", 4) == 0;
}

static void
play_reply(struct scene *s, unsigned type)
{
	const char *server = s->n_words > 2 && (has(s, "us") ||
	    has(s, "rival") || has(s, "pool2")) ? argument(s, 0) : "pool";
	bool is_lease = gives_addresses(server);
	bool relayed = is_elsewhere(s);
	struct message m = { .op = 2, .to = relayed ? "relay" : s->is_broadcast ?
	    "all" : "client", .from = s->place == SCENE_FAR ? "relay" : server, .to_port = relayed ? 67 : 68, .from_port = 67,
	    .type = type, .xid = number(s, "xid", 1), .ciaddr = "nobody",
	    .flags = 0x8000, .yiaddr = is_lease && type != 6 ?
	    value(s, "ip", "client") : "nobody",
	    .siaddr = value(s, "next", is_lease ? "nobody" : server),
	    .giaddr = is_relayed(s) ? "relay" : "nobody",
	    .file = value(s, "file", is_lease ? "" : "BOOTX64.EFI") };
	size_t at;

	/* The address server's go to the relay. */
	if (relayed && is_lease)
		return;
	if (has(s, "unicast"))
		m.to = "client";
	/* RFC 2131 section 4.1: a NAK is always broadcast. */
	if (type == 6 && !relayed)
		m.to = "all";
	at = begin_dhcp(s, &m);
	put_address_option(s, 54, server);
	if (!is_lease && !has(s, "http"))
		put_option(s, 60, "PXEClient");
	put_reply_options(s, is_lease);
	end_dhcp(s, at);
}

static void
play_ask(struct scene *s)
{
	struct message m = from_client(s);
	size_t at;

	m.to = argument(s, 0);
	m.from = m.ciaddr = "client";
	m.giaddr = "nobody";
	m.to_port = m.from_port = 4011;
	m.type = 3;
	m.xid = number(s, "xid", 9);
	at = begin_dhcp(s, &m);
	put_client(s);
	end_dhcp(s, at);
}

static void
play_told(struct scene *s)
{
	const char *server = argument(s, 0);
	struct message m = { .op = 2, .to = "client", .from = server,
	    .to_port = 4011, .from_port = 4011, .type = 5, .xid = 9,
	    .ciaddr = "client", .yiaddr = "nobody",
	    .siaddr = value(s, "next", "files"), .giaddr = "nobody",
	    .file = value(s, "file", "BOOTX64.EFI") };
	size_t at = begin_dhcp(s, &m);

	put_address_option(s, 54, server);
	put_option(s, 60, "PXEClient");
	end_dhcp(s, at);
}

static void
arp(struct scene *s, const char *to, unsigned operation, const char *sender,
    const char *target)
{
	/* What is behind a relay is not heard; there it is the gateway that is
	 * looked for. */
	if (is_elsewhere(s))
		return;
	if (s->place == SCENE_FAR) {
		sender = on_link(s, sender);
		target = on_link(s, target);
	}
	put_ethernet(s, to, sender, 0x0806);
	put32(s, 0x00010800);
	put32(s, 0x06040000 | operation);
	if (strcmp(value(s, "mac", ""), "other") == 0) {
		put_mac(s, "far");
		put_address(s, sender);
	} else {
		put_mac(s, sender);
		put_address(s, sender);
	}
	put_zeros(s, 6);
	put_address(s, target);
	send_frame(s);
}

static void
play_claim(struct scene *s)
{
	if (is_elsewhere(s))
		return;
	put_ethernet(s, "all", "far", 0x0806);
	put32(s, 0x00010800);
	put32(s, 0x06040001);
	put_mac(s, "far");
	put_address(s, argument(s, 0));
	put_zeros(s, 6);
	put_address(s, argument(s, 0));
	send_frame(s);
}

static void
play_rrq(struct scene *s)
{
	size_t at;

	(void)snprintf(s->keep_server, sizeof(s->keep_server), "%s",
	    argument(s, 0));
	(void)snprintf(s->keep_name, sizeof(s->keep_name), "%s",
	    argument(s, 1));
	s->port = number(s, "port", 2000);
	s->server_port = 3000;
	at = begin_udp(s, s->keep_server, 69, "client", s->port);
	put16(s, 1);
	put_text(s, s->keep_name);
	put8(s, 0);
	put_text(s, "octet");
	put8(s, 0);
	put_text(s, "blksize");
	put8(s, 0);
	put_text(s, value(s, "blksize", "1468"));
	put8(s, 0);
	send_packet(s, at);
}

static size_t
begin_answer(struct scene *s, unsigned code)
{
	size_t at = begin_udp(s, "client", s->port,
	    value(s, "as", s->keep_server), s->server_port);

	put16(s, code);
	return at;
}

static void
play_oack(struct scene *s)
{
	size_t at = begin_answer(s, 6);

	put_text(s, "blksize");
	put8(s, 0);
	put_text(s, value(s, "blksize", "1468"));
	put8(s, 0);
	if (value(s, "size", NULL) != NULL) {
		put_text(s, "tsize");
		put8(s, 0);
		put_text(s, value(s, "size", NULL));
		put8(s, 0);
	}
	send_packet(s, at);
}

/* The head of an EFI program of that processor (PE and COFF). */
static void
put_program(struct scene *s, size_t begin)
{
	unsigned pe = number(s, "pe", 0);

	put_text(s, "MZ");
	put_zeros(s, 0x3c - 2);
	put8(s, 0x40);
	put_zeros(s, 3);
	put_text(s, "PE");
	put_zeros(s, 2);
	put8(s, pe & 0xff);
	put8(s, pe >> 8);
	put_zeros(s, 18);
	put8(s, 0x0b);
	put8(s, 0x02);
	put_zeros(s, 110 + 4 * 8);
	put32(s, has(s, "signed") ? 0x00100000 : 0);
	put32(s, has(s, "signed") ? 0x00200000 : 0);
	if (s->n - begin > FRAME_MAX)
		exit(2);
}

static void
play_data(struct scene *s)
{
	size_t at = begin_answer(s, 3), begin, n = number(s, "n", 100);

	put16(s, (unsigned)strtoul(argument(s, 0), NULL, 0));
	begin = s->n;
	if (value(s, "pe", NULL) != NULL)
		put_program(s, begin);
	if (has(s, "grub"))
		put_text(s, "...Welcome to GRUB!...");
	if (has(s, "script"))
		put_text(s, "#!ipxe\n");
	while (s->n - begin < n)
		put8(s, 'x');
	send_packet(s, at);
}

static void
play_tack(struct scene *s)
{
	size_t at = begin_udp(s, s->keep_server, s->server_port, "client",
	    s->port);

	put16(s, 4);
	put16(s, (unsigned)strtoul(argument(s, 0), NULL, 0));
	send_packet(s, at);
}

static void
play_terror(struct scene *s)
{
	size_t at = begin_answer(s, 5);

	put16(s, (unsigned)strtoul(argument(s, 0), NULL, 0));
	put_text(s, "File not found");
	put8(s, 0);
	send_packet(s, at);
}

static void
play_abort(struct scene *s)
{
	size_t at = begin_udp(s, s->keep_server, s->server_port, "client",
	    s->port);

	put16(s, 5);
	put16(s, 8);
	put_text(s, "User aborted the transfer");
	put8(s, 0);
	send_packet(s, at);
}

static void
play_unreachable(struct scene *s)
{
	const char *server = argument(s, 0);
	unsigned port = (unsigned)strtoul(argument(s, 1), NULL, 0);
	unsigned from = port == 4011 ? 4011 : s->port;
	size_t at = begin_ip(s, "client", value(s, "by", server), 1);

	put16(s, 0x0300 | number(s, "code", 3));
	put16(s, 0);
	put32(s, 0);
	put16(s, 0x4500);
	put16(s, 60);
	put32(s, 0);
	put8(s, 64);
	put8(s, 17);
	put16(s, 0);
	put_address(s, "client");
	put_address(s, server);
	put16(s, from);
	put16(s, port);
	put32(s, 0);
	send_packet(s, at);
}

/* The relay's host tells that nobody listens to our OFFERs there. */
static void
play_relay_refuses(struct scene *s)
{
	size_t at = begin_ip(s, "us", "relay", 1);

	put16(s, 0x0303);
	put16(s, 0);
	put32(s, 0);
	put16(s, 0x4500);
	put16(s, 328);
	put32(s, 0);
	put8(s, 64);
	put8(s, 17);
	put16(s, 0);
	put_address(s, "us");
	put_address(s, "relay");
	put16(s, 67);
	put16(s, 67);
	put32(s, 0);
	send_packet(s, at);
}

static void
tcp(struct scene *s, bool is_from_client, unsigned flags, const char *text)
{
	const char *to = is_from_client ? s->keep_server : "client";
	const char *from = is_from_client ? "client" : s->keep_server;
	size_t at = begin_ip(s, to, from, 6);

	put16(s, is_from_client ? s->port : s->server_port);
	put16(s, is_from_client ? s->server_port : s->port);
	put32(s, 1);
	put32(s, 1);
	put8(s, 0x50);
	put8(s, flags);
	put16(s, 1000);
	put32(s, 0);
	put_text(s, text);
	send_packet(s, at);
}

static void
play_syn(struct scene *s)
{
	(void)snprintf(s->keep_server, sizeof(s->keep_server), "%s",
	    argument(s, 0));
	s->server_port = (unsigned)strtoul(argument(s, 1), NULL, 0);
	s->port = number(s, "port", 4000);
	tcp(s, true, 0x02, "");
}

static void
play_get(struct scene *s, const char *method)
{
	char text[EVENT_MAX];

	(void)snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: x\r\n\r\n",
	    method, argument(s, 0));
	tcp(s, true, 0x18, text);
}

static void
play_status(struct scene *s)
{
	char text[EVENT_MAX];

	(void)snprintf(text, sizeof(text),
	    "HTTP/1.1 %s OK\r\nContent-Length: %s\r\n\r\nbody",
	    argument(s, 0), value(s, "size", "4"));
	tcp(s, false, 0x18, text);
}

static void
dns(struct scene *s, bool is_answer, unsigned flags, unsigned answers)
{
	size_t at = is_answer ? begin_udp(s, "client", 5353, "gateway", 53) :
	    begin_udp(s, "gateway", 53, "client", 5353);

	put16(s, 1);
	put16(s, flags);
	put16(s, 1);
	put16(s, answers);
	put32(s, 0);
	put8(s, 4);
	put_text(s, "boot");
	put8(s, 4);
	put_text(s, "test");
	put8(s, 0);
	put32(s, 0x00010001);
	send_packet(s, at);
}

static void
play_solicit(struct scene *s)
{
	const char *class = has(s, "http") ? "HTTPClient:Arch:00016" :
	    "PXEClient:Arch:00007:UNDI:003000";
	size_t at, udp;

	if (is_elsewhere(s))
		return;
	put_ethernet(s, "all", "client", 0x86dd);
	at = s->n;
	put32(s, 0x60000000);
	put16(s, 0);
	put8(s, 17);
	put8(s, 1);
	put_zeros(s, 32);
	udp = s->n;
	put16(s, 546);
	put16(s, 547);
	put32(s, 0);
	put32(s, 0x01000001);
	if (has(s, "class")) {
		put16(s, 15);
		put16(s, 6);
		put16(s, 4);
		put_text(s, "iPXE");
	}
	put16(s, 16);
	put16(s, (unsigned)strlen(class) + 6);
	put32(s, 343);
	put16(s, (unsigned)strlen(class));
	put_text(s, class);
	set16(s, at + 4, s->n - udp);
	set16(s, udp + 4, s->n - udp);
	send_frame(s);
}

static void play_offer(struct scene *s) { play_reply(s, 2); }
static void play_ack(struct scene *s) { play_reply(s, 5); }
static void play_nak(struct scene *s) { play_reply(s, 6); }
static void play_synack(struct scene *s) { tcp(s, false, 0x12, ""); }
static void play_rst(struct scene *s) { tcp(s, false, 0x14, ""); }
static void play_plain_get(struct scene *s) { play_get(s, "GET"); }
static void play_head(struct scene *s) { play_get(s, "HEAD"); }
static void play_dns(struct scene *s) { dns(s, false, 0x0100, 0); }
static void play_dnsok(struct scene *s) { dns(s, true, 0x8180, 1); }
static void play_dnsno(struct scene *s) { dns(s, true, 0x8183, 0); }

static void
play_arp(struct scene *s)
{
	arp(s, "all", 1, "client", argument(s, 0));
}

static void
play_here(struct scene *s)
{
	arp(s, "client", 2, argument(s, 0), "client");
}

static void
play_quiet(struct scene *s)
{
	s->take(s->context, (struct span){ NULL, 0 }, s->when);
}

static const struct {
	const char *verb;
	void (*play)(struct scene *s);
} verbs[] = {
	{ "discover", play_discover }, { "offer", play_offer },
	{ "request", play_request }, { "ack", play_ack },
	{ "nak", play_nak }, { "ask", play_ask }, { "told", play_told },
	{ "decline", play_decline }, { "system", play_system },
	{ "arp", play_arp }, { "here", play_here }, { "claim", play_claim },
	{ "rrq", play_rrq }, { "oack", play_oack }, { "data", play_data },
	{ "tack", play_tack }, { "terror", play_terror },
	{ "abort", play_abort }, { "unreachable", play_unreachable },
	{ "relay-refuses", play_relay_refuses },
	{ "syn", play_syn }, { "synack", play_synack }, { "rst", play_rst },
	{ "get", play_plain_get }, { "head", play_head },
	{ "status", play_status }, { "dns", play_dns },
	{ "dnsok", play_dnsok }, { "dnsno", play_dnsno },
	{ "solicit", play_solicit }, { "quiet", play_quiet },
};

static void
play_event(struct scene *s)
{
	char *rest = NULL;

	s->n_words = 0;
	for (char *word = strtok_r(s->text, " \t\n", &rest); word != NULL &&
	    s->n_words < WORDS_MAX; word = strtok_r(NULL, " \t\n", &rest))
		s->word[s->n_words++] = word;
	if (s->n_words < 2)
		return;
	s->when = (int64_t)(strtod(s->word[0], NULL) * 1e6 + 0.5) + 1000000;
	for (size_t i = 0; i < ROWS(verbs); i++) {
		if (strcmp(verbs[i].verb, s->word[1]) == 0) {
			verbs[i].play(s);
			return;
		}
	}
	fprintf(stderr, "scene: there is no verb %s\n", s->word[1]);
	exit(2);
}

void
scene_play(const char *scene, enum scene_place place, scene_take *take,
    void *context)
{
	struct scene s = { .place = place, .take = take,
	    .context = context };

	while (*scene != '\0') {
		size_t n = strcspn(scene, ";");

		if (n >= EVENT_MAX) {
			fprintf(stderr, "scene: %.40s: too long\n", scene);
			exit(2);
		}
		memcpy(s.text, scene, n);
		s.text[n] = '\0';
		play_event(&s);
		scene += n + (scene[n] == ';');
	}
}
