#include "tools/probe_client.h"

#include "core/arch.h"
#include "report/log.h"

#include <stdio.h>
#include <string.h>

enum {
	SECOND = 1000,			/* milliseconds */
	HARDWARE_ETHERNET = 1,
	IPXE_HAS_BOTH = 3,		/* flags in secs: an address, a boot
					 * server's OFFER */
	PXE_BOOT_ITEM = 71,		/* sub-option of option 43 */
	VENDOR_CLASS_OCTETS = 64,
};

/* The rows. */
enum {
	X64_UEFI,
	X86_BIOS,
	ARM64_UEFI,
	X64_HTTP,
	IPXE_BIOS,
	IPXE_UEFI,
	CLIENTS
};

/* As SPAN_OF(), where a constant is needed. */
#define OCTETS_OF(literal) \
	{ (const uint8_t *)(literal), sizeof(literal) - 1 }

/* EDK2's PXE, of any architecture. */
#define EDK2_PXE \
	.kind = MACHINE_UEFI, .undi = "\x01\x03\x00", .max_size = 1472, \
	.max_size_request = 0xff00, .flags = DHCP_FLAG_BROADCAST, \
	.source_4011 = DHCP_PORT_PXE, \
	.order = { "\x35\x39\x37\x61\x5e\x5d\x3c", \
	    "\x35\x36\x32\x39\x37\x61\x5e\x5d\x3c", \
	    "\x35\x37\x39\x3c\x5d\x5e\x61", "\x35\x36" }, \
	.parameters = OCTETS_OF("\x01\x02\x03\x04\x05\x06\x0c\x0d\x0f\x11\x12" \
	    "\x16\x17\x1c\x28\x29\x2a\x2b\x32\x33\x36\x3a\x3b\x3c\x42\x43" \
	    "\x61\x80\x81\x82\x83\x84\x85\x86\x87"), \
	.wait = { 4 * SECOND, 8 * SECOND, 16 * SECOND, 32 * SECOND }, \
	.wait_4011 = { 1 * SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND }

#define IPXE \
	.kind = MACHINE_IPXE, .max_size = 1472, .max_size_request = 1472, \
	.secs = PROBE_SECS_IPXE, .source_4011 = DHCP_PORT_CLIENT, \
	.user_class = "iPXE", \
	.order = { "\x35\x39\x5d\x5e\x3c\x4d\x37\xaf\x3d\x61", \
	    "\x35\x39\x5d\x5e\x3c\x4d\x37\xaf\x3d\x61\x36\x32", \
	    "\x35\x39\x5d\x5e\x3c\x4d\x37\xaf\x3d\x61\x36", \
	    "\x35\x36\x3d" }, \
	.parameters = OCTETS_OF("\x01\x03\x06\x07\x0c\x0f\x11\x1a\x2b\x3c" \
	    "\x42\x43\x77\x80\x81\x82\x83\x84\x85\x86\x87\xaf\xcb"), \
	.wait = { 1 * SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND }, \
	.wait_4011 = { SECOND / 4, SECOND / 2, 1 * SECOND, 2 * SECOND }, \
	.patience = 2 * SECOND, .leaves_early = true

static const struct probe_client table[] = {
	[X64_UEFI] = { .name = "x64-uefi", .title = "an x64 UEFI machine", .arch = 7,
	  EDK2_PXE },
	[X86_BIOS] = { .name = "x86-bios", .title = "an x86 machine with a BIOS",
	  .kind = MACHINE_BIOS, .arch = 0, .undi = "\x01\x02\x01",
	  .max_size = 1260, .max_size_request = 1260,
	  .flags = DHCP_FLAG_BROADCAST, .source_4011 = DHCP_PORT_PXE,
	  .shortest = 548,
	  .order = { "\x35\x37\x39\x61\x5d\x5e\x3c",
	      "\x35\x32\x37\x39\x36\x61\x5d\x5e\x3c",
	      "\x35\x37\x39\x61\x5d\x5e\x3c", "\x35\x36" },
	  .parameters = OCTETS_OF("\x01\x02\x03\x04\x05\x06\x0b\x0c\x0d\x0f\x10"
	      "\x11\x12\x16\x17\x1c\x28\x29\x2a\x2b\x32\x33\x36\x3a\x3b\x3c"
	      "\x42\x43\x80\x81\x82\x83\x84\x85\x86\x87"),
	  .wait = { 4 * SECOND, 8 * SECOND, 16 * SECOND, 32 * SECOND },
	  .wait_4011 = { 1 * SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND },
	  .patience = 12 * SECOND },
	[ARM64_UEFI] = { .name = "arm64-uefi", .title = "an arm64 UEFI machine", .arch = 11,
	  EDK2_PXE },
	[X64_HTTP] = { .name = "x64-uefi-http",
	  .title = "an x64 UEFI machine with HTTP Boot",
	  .kind = MACHINE_HTTP, .arch = 16, .is_http = true,
	  .undi = "\x01\x03\x00", .max_size = 1472, .max_size_request = 1472,
	  .flags = DHCP_FLAG_BROADCAST,
	  .order = { "\x35\x39\x37\x61\x5e\x5d\x3c",
	      "\x35\x36\x32\x39\x37\x61\x5e\x5d\x3c", NULL, "\x35\x36" },
	  .parameters = OCTETS_OF("\x01\x02\x03\x04\x05\x06\x0c\x0d\x0f\x11\x12"
	      "\x16\x17\x1c\x28\x29\x2a\x2b\x32\x33\x36\x3a\x3b\x3c\xeb\x43"
	      "\x61"),
	  .wait = { 4 * SECOND, 8 * SECOND, 16 * SECOND, 32 * SECOND } },
	[IPXE_BIOS] = { .name = "ipxe", .title = "iPXE on an x86 machine with a BIOS",
	  .arch = 0, .undi = "\x01\x02\x01", IPXE,
	  /* Its card is virtio; then what it can do, each with a version. */
	  .ipxe = OCTETS_OF("\xb1\x05\x01\x1a\xf4\x10\x00\xeb\x03\x01\x00\x00"
	      "\x17\x01\x01\x22\x01\x01\x13\x01\x01\x11\x01\x01\x27\x01\x01"
	      "\x19\x01\x01\x29\x01\x01\x10\x01\x02\x21\x01\x01\x15\x01\x01"
	      "\x18\x01\x01\x12\x01\x01") },
	[IPXE_UEFI] = { .name = "ipxe-uefi", .title = "iPXE on an x64 UEFI machine",
	  .arch = 7, .undi = "\x01\x03\x0a", IPXE,
	  .ipxe = OCTETS_OF("\xb1\x05\x01\x1a\xf4\x10\x00\xeb\x03\x01\x00\x00"
	      "\x17\x01\x01\x24\x01\x01\x13\x01\x01\x11\x01\x01\x27\x01\x01"
	      "\x29\x01\x01\x15\x01\x01\x12\x01\x01") },
};

const struct probe_client *
probe_client_table(size_t *n)
{
	*n = CLIENTS;
	return table;
}

const struct probe_client *
probe_client_by_name(const char *name)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

void
probe_machine_of(const struct probe_client *client, struct probe_machine *out)
{
	memset(out, 0, sizeof(*out));
	out->client = *client;
}

/* Whose firmware is most like that of the words. */
static const struct probe_client *
client_of(const struct client_words *words)
{
	const struct arch *arch = words->has_arch ?
	    arch_by_number(words->arch) : NULL;

	if (strcmp(words->user_class, "iPXE") == 0 || words->has_features)
		return &table[arch != NULL && arch->family == ARCH_UEFI ?
		    IPXE_UEFI : IPXE_BIOS];
	if (words->is_http || strncmp(words->vendor_class, "HTTPClient",
	    sizeof("HTTPClient") - 1) == 0)
		return &table[X64_HTTP];
	if (words->has_arch && arch != NULL && arch->family == ARCH_BIOS)
		return &table[X86_BIOS];
	return &table[X64_UEFI];
}

bool
probe_machine_read(const char *text, struct probe_machine *out)
{
	const struct probe_client *client = probe_client_by_name(text);
	struct client_words words;
	const struct arch *arch;

	if (client != NULL) {
		probe_machine_of(client, out);
		return true;
	}
	if (strchr(text, '=') == NULL) {
		log_error("--client: %s is none of x64-uefi, x86-bios, "
		    "arm64-uefi, x64-uefi-http, ipxe, ipxe-uefi, and no words such as "
		    "arch=x64-uefi", text);
		return false;
	}
	if (!client_words_read("--client", text, &words))
		return false;
	if (is_set(words.ip) || words.secs > 0 ||
	    words.relay.s_addr != htonl(INADDR_ANY) ||
	    words.interface[0] != '\0') {
		log_error("--client: ip, relay, secs and interface are no words "
		    "of a probe, which has its own");
		return false;
	}
	probe_machine_of(client_of(&words), out);
	out->has_words = true;
	out->words = words;
	if (!words.has_arch || words.arch == out->client.arch)
		return true;
	out->client.arch = words.arch;
	arch = arch_by_number(words.arch);
	(void)snprintf(out->title, sizeof(out->title), "%s of architecture %s",
	    out->client.kind == MACHINE_IPXE ? "iPXE on a machine" :
	    "a machine", arch != NULL ? arch->name : "unknown");
	return true;
}

/* Option 60, and of iPXE's features, option 175. */
static void
write_class(struct span_writer *w, const struct probe_machine *machine)
{
	const struct probe_client *client = &machine->client;
	char class[VENDOR_CLASS_OCTETS];

	if (machine->has_words && machine->words.vendor_class[0] != '\0') {
		option_append(w, DHCP_OPT_VENDOR_CLASS,
		    span_text(machine->words.vendor_class));
		return;
	}
	(void)snprintf(class, sizeof(class), "%s:Arch:%05u:UNDI:%03u%03u",
	    client->is_http ? "HTTPClient" : "PXEClient", client->arch,
	    (unsigned)client->undi[1], (unsigned)client->undi[2]);
	option_append(w, DHCP_OPT_VENDOR_CLASS, span_text(class));
}

static void
write_ipxe(struct span_writer *w, const struct probe_machine *machine)
{
	uint8_t octets[OPTION_VALUE_MAX];
	struct span_writer inside = { octets, sizeof(octets), 0, false };

	if (!machine->has_words || !machine->words.has_features) {
		option_append(w, DHCP_OPT_IPXE, machine->client.ipxe);
		return;
	}
	for (size_t i = 0; i < machine->words.features; i++)
		option_append(&inside, machine->words.feature[i],
		    SPAN_OF("\x01"));
	option_append(w, DHCP_OPT_IPXE, writer_span(&inside));
}

/* Option 97 of a machine that was never given one, unless words say it. */
static void
write_uuid(struct span_writer *w, const struct probe_machine *machine)
{
	uint8_t uuid[1 + PXE_UUID_OCTETS] = { 0 };

	if (machine->has_words && machine->words.has_uuid)
		memcpy(uuid + 1, machine->words.uuid, PXE_UUID_OCTETS);
	option_append(w, DHCP_OPT_UUID, (struct span){ uuid, sizeof(uuid) });
}

static void
write_16(struct span_writer *w, uint8_t code, uint16_t value)
{
	uint8_t octets[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	option_append(w, code, (struct span){ octets, sizeof(octets) });
}

static void
write_32(struct span_writer *w, uint8_t code, struct in_addr value)
{
	uint8_t octets[sizeof(value.s_addr)];

	memcpy(octets, &value.s_addr, sizeof(octets));
	option_append(w, code, (struct span){ octets, sizeof(octets) });
}

static void
write_client_id(struct span_writer *w, const struct probe_machine *machine)
{
	uint8_t octets[1 + FRAME_MAC] = { HARDWARE_ETHERNET };

	if (machine->has_words && machine->words.client_id_octets > 0) {
		option_append(w, DHCP_OPT_CLIENT_ID,
		    (struct span){ machine->words.client_id,
		    machine->words.client_id_octets });
		return;
	}
	memcpy(octets + 1, machine->mac, FRAME_MAC);
	option_append(w, DHCP_OPT_CLIENT_ID,
	    (struct span){ octets, sizeof(octets) });
}

static void
write_user_class(struct span_writer *w, const struct probe_machine *machine)
{
	if (machine->has_words && machine->words.user_class[0] != '\0')
		option_append(w, DHCP_OPT_USER_CLASS,
		    span_text(machine->words.user_class));
	else if (machine->client.user_class != NULL)
		option_append(w, DHCP_OPT_USER_CLASS,
		    span_text(machine->client.user_class));
}

static void
write_option(struct span_writer *w, uint8_t code,
    const struct probe_machine *machine, const struct probe_message *message)
{
	static const uint8_t types[] = { [PROBE_DISCOVER] = DHCP_DISCOVER,
	    [PROBE_REQUEST] = DHCP_REQUEST, [PROBE_QUESTION] = DHCP_REQUEST,
	    [PROBE_RELEASE] = DHCP_RELEASE };
	const struct probe_client *client = &machine->client;

	switch (code) {
	case DHCP_OPT_MESSAGE_TYPE:
		option_append(w, code, (struct span){ &types[message->kind],
		    1 });
		break;
	case DHCP_OPT_MAX_SIZE:
		write_16(w, code, message->kind == PROBE_REQUEST ?
		    client->max_size_request : client->max_size);
		break;
	case DHCP_OPT_PARAMETERS:
		option_append(w, code, client->parameters);
		break;
	case DHCP_OPT_UUID:
		write_uuid(w, machine);
		break;
	case DHCP_OPT_UNDI:
		option_append(w, code, (struct span){
		    (const uint8_t *)client->undi, 3 });
		break;
	case DHCP_OPT_ARCH:
		write_16(w, code, client->arch);
		break;
	case DHCP_OPT_VENDOR_CLASS:
		write_class(w, machine);
		break;
	case DHCP_OPT_USER_CLASS:
		write_user_class(w, machine);
		break;
	case DHCP_OPT_IPXE:
		write_ipxe(w, machine);
		break;
	case DHCP_OPT_CLIENT_ID:
		write_client_id(w, machine);
		break;
	case DHCP_OPT_SERVER_ID:
		write_32(w, code, message->server);
		break;
	case DHCP_OPT_REQUESTED:
		write_32(w, code, message->own);
		break;
	default:
		break;
	}
}

/* What words say beyond the options that the firmware sends. */
static void
write_further(struct span_writer *w, const struct probe_machine *machine,
    const struct probe_message *message)
{
	const struct client_words *words = &machine->words;
	const char *order = machine->client.order[message->kind];
	struct option option;
	struct span further;

	if (!machine->has_words)
		return;
	if (words->user_class[0] != '\0' &&
	    strchr(order, DHCP_OPT_USER_CLASS) == NULL)
		write_user_class(w, machine);
	if (words->client_id_octets > 0 &&
	    strchr(order, DHCP_OPT_CLIENT_ID) == NULL)
		write_client_id(w, machine);
	if (words->host_name[0] != '\0')
		option_append(w, DHCP_OPT_HOST_NAME,
		    span_text(words->host_name));
	further = (struct span){ words->further, words->further_octets };
	while (option_next(&further, &option) == OPTION_ITEM)
		if (strchr(order, option.code) == NULL)
			option_append(w, option.code, option.value);
	if (words->agent_octets > 0 && message->relay.s_addr !=
	    htonl(INADDR_ANY))
		option_append(w, DHCP_OPT_RELAY, (struct span){ words->agent,
		    words->agent_octets });
}

static uint16_t
secs_of(const struct probe_machine *machine,
    const struct probe_message *message)
{
	uint16_t seconds = (uint16_t)message->seconds;

	if (machine->client.secs == PROBE_SECS_IPXE)
		return (uint16_t)((message->sent + 1) << 2 |
		    (message->kind == PROBE_DISCOVER ? 0 : IPXE_HAS_BOTH));
	/* EDK2 swaps the octets here, and here alone. */
	if (message->kind == PROBE_QUESTION &&
	    machine->client.kind == MACHINE_UEFI)
		return (uint16_t)(seconds << 8 | seconds >> 8);
	return seconds;
}

static void
write_header(struct span_writer *w, const struct probe_machine *machine,
    const struct probe_message *message)
{
	bool has_address = message->kind == PROBE_QUESTION ||
	    message->kind == PROBE_RELEASE;
	uint8_t chaddr[DHCP_CHADDR] = { 0 };
	struct dhcp_header header = {
		.op = DHCP_BOOTREQUEST, .htype = HARDWARE_ETHERNET,
		.hlen = FRAME_MAC, .chaddr = chaddr,
		.xid = message->kind == PROBE_QUESTION &&
		    machine->client.kind == MACHINE_UEFI ?
		    machine->xid_4011 : machine->xid,
		.secs = secs_of(machine, message),
		.flags = has_address ? 0 : machine->client.flags,
		.giaddr = message->relay,
	};

	memcpy(chaddr, machine->mac, FRAME_MAC);
	if (has_address)
		header.ciaddr = message->own;
	dhcp_write_header(w, &header);
}

void
probe_message_write(const struct probe_machine *machine,
    const struct probe_message *message, struct span_writer *w)
{
	const char *code = machine->client.order[message->kind];
	uint8_t item[] = { PXE_BOOT_ITEM, 4, (uint8_t)(message->item >> 8),
	    (uint8_t)message->item, 0, 0, OPTION_END };

	write_header(w, machine, message);
	for (; code != NULL && *code != '\0'; code++)
		write_option(w, (uint8_t)*code, machine, message);
	if (message->has_item)
		option_append(w, DHCP_OPT_VENDOR_SPECIFIC,
		    (struct span){ item, sizeof(item) });
	write_further(w, machine, message);
	dhcp_write_end(w, machine->client.shortest);
}
