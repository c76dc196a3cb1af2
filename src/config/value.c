#include "config/value.h"

#include "core/template.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
	VLAN_MAX = 4094,
	PREFIX_MAX = 32,
};

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
hex_octet(const char **text, uint8_t *out)
{
	int high = hex_digit((*text)[0]);
	int low = high < 0 ? -1 : hex_digit((*text)[1]);

	if (low < 0)
		return false;
	*out = (uint8_t)(high << 4 | low);
	*text += 2;
	return true;
}

/* A whole number up to the given one: decimal, or hexadecimal after 0x. */
static bool
number(const char *text, unsigned long most, unsigned long *out)
{
	bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = is_hex ? text + 2 : text;
	char *end;

	if (is_hex ? hex_digit(*digits) < 0 :
	    !isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*out = strtoul(digits, &end, is_hex ? 16 : 10);
	return *end == '\0' && errno == 0 && *out <= most;
}

bool
value_number(const char *text, unsigned long least, unsigned long most,
    unsigned long *out)
{
	unsigned long n;

	if (!number(text, most, &n) || n < least)
		return false;
	*out = n;
	return true;
}

/* The digits of a number of octets, and by what it is multiplied. */
static bool
split_size(const char *text, char digits[16], unsigned *shift)
{
	static const struct {
		const char *unit;
		unsigned shift;
	} units[] = {
		{ "", 0 }, { "K", 10 }, { "KiB", 10 }, { "M", 20 },
		{ "MiB", 20 }, { "G", 30 }, { "GiB", 30 },
	};
	size_t n = strspn(text, "0123456789");
	const char *unit = text + n + strspn(text + n, " ");

	if (n == 0 || n >= 16)
		return false;
	memcpy(digits, text, n);
	digits[n] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].unit, unit) != 0)
			continue;
		*shift = units[i].shift;
		return true;
	}
	return false;
}

const char *
value_size(const char *text, unsigned long least, unsigned long most,
    unsigned long *out)
{
	char digits[16];
	unsigned shift;
	unsigned long n;

	if (!split_size(text, digits, &shift) ||
	    !number(digits, ULONG_MAX, &n))
		return "is not a number of octets, such as 32M";
	if (n > most >> shift || n << shift < least)
		return "is not from 1M to 1G";
	*out = n << shift;
	return NULL;
}

enum { OUI = 3 };	/* octets that are a manufacturer's */

/* 5254.0012.3456 and 5254-0012-3456; 525400123456; their beginnings */
static bool
mac_of_switch(const char *text, struct match_mac *out)
{
	bool is_apart = strcspn(text, ".-") == 4;

	for (size_t i = 0; i < FRAME_MAC; i++) {
		if (i == OUI && *text == '\0')
			return true;
		if (is_apart && i > 0 && i % 2 == 0) {
			if (*text != '.' && *text != '-')
				return false;
			text++;
		}
		if (i > 0 && *text == '*')	/* for all that are left */
			return text[1] == '\0';
		if (!hex_octet(&text, &out->value[i]))
			return false;
		out->mask[i] = 0xff;
	}
	return *text == '\0';
}

static bool
mac_in_octets(const char *text, struct match_mac *out)
{
	for (size_t i = 0; i < FRAME_MAC; i++) {
		if (i > 0) {
			if (*text == '\0' && i == OUI)
				return true;
			if (*text != ':' && *text != '-')
				return false;
			text++;
		}
		if (*text == '*') {
			text++;
			if (*text == '\0')	/* for all that are left */
				return true;
			continue;
		}
		if (!hex_octet(&text, &out->value[i]))
			return false;
		out->mask[i] = 0xff;
	}
	return *text == '\0';
}

const char *
value_mac(const char *text, struct match_mac *out)
{
	*out = (struct match_mac){ 0 };
	if (mac_in_octets(text, out))
		return NULL;
	*out = (struct match_mac){ 0 };
	if (mac_of_switch(text, out))
		return NULL;
	return "is not a MAC address, such as 52:54:00:12:34:56 or "
	    "52:54:00:*";
}

const char *
value_uuid(const char *text, uint8_t out[MATCH_UUID_OCTETS])
{
	for (size_t i = 0; i < MATCH_UUID_OCTETS; i++) {
		if (*text == '-' && (i == 4 || i == 6 || i == 8 || i == 10))
			text++;
		if (!hex_octet(&text, &out[i]))
			return "is not a UUID, such as "
			    "00112233-4455-6677-8899-aabbccddeeff";
	}
	return *text == '\0' ? NULL : "is longer than a UUID";
}

/* A UUID, or its first whole octets and an asterisk. */
static const char *
read_uuid(const char *text, struct match_value *out)
{
	const char *at = text;
	uint8_t n = 0;

	while (n < MATCH_UUID_OCTETS) {
		if (*at == '-' && (n == 4 || n == 6 || n == 8 || n == 10))
			at++;
		if (!hex_octet(&at, &out->is.uuid.octets[n]))
			break;
		n++;
	}
	if (n > 0 && n < MATCH_UUID_OCTETS && strcmp(at, "*") == 0) {
		out->is.uuid.n = n;
		return NULL;
	}
	out->is.uuid.n = MATCH_UUID_OCTETS;
	return value_uuid(text, out->is.uuid.octets);
}

const char *
value_address(const char *text, struct in_addr *out)
{
	return inet_pton(AF_INET, text, out) == 1 &&
	    is_set(*out) ? NULL :
	    "is not an IPv4 address";
}

static bool
is_next_server(struct span name)
{
	return span_equal(name, SPAN_OF("next-server")) ||
	    span_begins(name, SPAN_OF("next-server:"));
}

const char *
value_address_of(const char *text)
{
	static const char fault[] = "is not an IPv4 address, whatever its "
	    "variables stand for";
	char sample[INET_ADDRSTRLEN];	/* with a 1 for each variable */
	struct span_writer w = { (uint8_t *)sample, sizeof(sample), 0, false };
	struct span rest = span_text(text), before, name;
	struct in_addr address;

	while (template_next(&rest, &before, &name)) {
		if (is_next_server(name))
			return "cannot be made of ${next-server}, "
			    "which it says itself";
		write_octets(&w, before);
		write_u8(&w, '1');
		if (w.n == 1 && !w.full && rest.n == 0)
			return NULL;
	}
	write_octets(&w, before);
	write_u8(&w, '\0');
	return !w.full && inet_pton(AF_INET, sample, &address) == 1 ? NULL :
	    fault;
}

const char *
value_arch(const char *text, uint16_t *out)
{
	const struct arch *arch = arch_by_name(text);
	unsigned long n;

	if (arch == NULL && !number(text, UINT16_MAX, &n))
		return "is neither an architecture nor a number below 65536 "
		    "(pxeproxyd.conf(5) lists them)";
	*out = arch != NULL ? arch->number : (uint16_t)n;
	return NULL;
}

const char *
value_file(const char *text)
{
	if (*text == '\0')
		return "is empty";
	if (strlen(text) > POLICY_FILE_MAX)
		return "is longer than the 254 octets that option 67 holds";
	if (template_fault(text) != NULL)
		return "has a variable that does not exist";
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			return "has a control character";
	return NULL;
}

const char *
value_http_root(const char *text)
{
	const char *fault = value_file(text);

	if (fault != NULL)
		return fault;
	if (strncmp(text, "http://", 7) != 0 &&
	    strncmp(text, "https://", 8) != 0)
		return "begins neither with http:// nor with https://";
	if (text[strlen(text) - 1] == '/' && text[strlen(text) - 2] == '/')
		return "has no host";
	return strchr(text, ' ') == NULL ? NULL : "has a blank";
}

static const char *
read_client(const char *text, struct match_value *out)
{
	out->is.client = match_client_by_name(text);
	return out->is.client != MATCH_CLIENTS ? NULL :
	    "is none of pxe, http, ipxe, other";
}

static const char *
read_arch(const char *text, struct match_value *out)
{
	static const enum arch_family families[] = {
		ARCH_BIOS, ARCH_UEFI, ARCH_UBOOT
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (strcmp(arch_family_name(families[i]), text) == 0) {
			out->is.arch.is_family = true;
			out->is.arch.family = families[i];
			return NULL;
		}
	}
	out->is.arch.is_family = false;
	return value_arch(text, &out->is.arch.number);
}

static const char *
read_class(const char *text, struct match_value *out)
{
	size_t n = strlen(text);
	bool open = n > 1 && text[n - 1] == '*';

	out->is.text_or_hex.octets = (struct span){ (const uint8_t *)text,
	    open ? n - 1 : n };
	out->is.text_or_hex.open = open;
	return n > 0 && n <= OPTION_VALUE_MAX ? NULL :
	    "does not have 1 to 255 octets";
}

/*
 * Options by name: those that boot clients read and send (IANA registry
 * "BOOTP Vendor Extensions and DHCP Options").
 */
enum option_type { OPTION_TEXT, OPTION_HEX, OPTION_ADDRESSES };

static const struct {
	const char *name;
	uint8_t code;
	enum option_type type;
} options[] = {
	{ "domain-name-server", 6, OPTION_ADDRESSES },
	{ "log-server", 7, OPTION_ADDRESSES },
	{ "resource-location-server", 11, OPTION_ADDRESSES },
	{ "host-name", 12, OPTION_TEXT },
	{ "domain-name", 15, OPTION_TEXT },
	{ "root-path", 17, OPTION_TEXT },
	{ "extensions-path", 18, OPTION_TEXT },
	{ "ntp-server", 42, OPTION_ADDRESSES },
	{ "vendor-specific", 43, OPTION_HEX },
	{ "requested-address", 50, OPTION_ADDRESSES },
	{ "parameter-list", 55, OPTION_HEX },
	{ "max-size", 57, OPTION_HEX },
	{ "vendor-class", 60, OPTION_TEXT },
	{ "client-id", 61, OPTION_HEX },
	{ "tftp-server-name", 66, OPTION_TEXT },
	{ "user-class", 77, OPTION_TEXT },
	{ "arch", 93, OPTION_HEX },
	{ "undi", 94, OPTION_HEX },
	{ "uuid", 97, OPTION_HEX },
	{ "tftp-server-address", 150, OPTION_ADDRESSES },
	{ "ipxe", 175, OPTION_HEX },
	{ "config-file", 209, OPTION_TEXT },
	{ "path-prefix", 210, OPTION_TEXT },
	{ "reboot-time", 211, OPTION_HEX },
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

const char *
value_option_name(size_t n)
{
	return n < OPTIONS ? options[n].name : NULL;
}

/* The option's name or number, the first n octets of the text. */
static bool
read_code(const char *text, size_t n, uint8_t *code, enum option_type *type)
{
	char digits[4] = "";
	unsigned long value;

	for (size_t i = 0; i < OPTIONS; i++) {
		if (strlen(options[i].name) == n &&
		    memcmp(options[i].name, text, n) == 0) {
			*code = options[i].code;
			*type = options[i].type;
			return true;
		}
	}
	if (n == 0 || n >= sizeof(digits))
		return false;
	memcpy(digits, text, n);
	if (strspn(digits, "0123456789") != n ||
	    !number(digits, OPTION_END - 1, &value) || value == OPTION_PAD)
		return false;
	*code = (uint8_t)value;
	*type = OPTION_TEXT;
	return true;
}

/* Does the value name its type?  Then *text is left behind that word. */
static void
read_type(const char **text, enum option_type *type)
{
	static const struct {
		const char *word;
		enum option_type type;
	} types[] = {
		{ "text ", OPTION_TEXT }, { "hex ", OPTION_HEX },
		{ "address ", OPTION_ADDRESSES },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t n = strlen(types[i].word);

		if (strncmp(*text, types[i].word, n) != 0)
			continue;
		*text += n;
		*type = types[i].type;
		return;
	}
}

/* Addresses with commas between them. */
static bool
read_addresses(const char *text, struct value_room *room, struct span *out)
{
	size_t start = room->n;

	for (;;) {
		char dotted[INET_ADDRSTRLEN] = "";
		size_t n = strcspn(text, ", ");
		struct in_addr address;

		if (n >= sizeof(dotted))
			return false;
		memcpy(dotted, text, n);
		if (inet_pton(AF_INET, dotted, &address) != 1 ||
		    room->size - room->n < sizeof(address.s_addr))
			return false;
		memcpy(room->octets + room->n, &address.s_addr,
		    sizeof(address.s_addr));
		room->n += sizeof(address.s_addr);
		text += n;
		if (*text == '\0')
			break;
		if (*text++ != ',')
			return false;
		text += strspn(text, " ");
		if (*text == '\0')
			return false;		/* nothing behind it */
	}
	*out = (struct span){ room->octets + start, room->n - start };
	return room->n > start;
}

/* Hexadecimal, with an asterisk at its end for whatever follows. */
static bool
open_hex(const char *text, struct value_room *room, struct span *out,
    bool *open)
{
	size_t start = room->n;
	size_t n = strlen(text);

	*open = n > 0 && text[n - 1] == '*';
	if (*open)
		n--;
	if (*open && n > 0 && text[n - 1] == ':')
		n--;
	while (n > 0) {
		const char *before = text;

		if (*text == ':' && room->n > start)
			text++;
		if (room->n == room->size ||
		    !hex_octet(&text, &room->octets[room->n]) ||
		    (size_t)(text - before) > n)
			return false;
		room->n++;
		n -= (size_t)(text - before);
	}
	*out = (struct span){ room->octets + start, room->n - start };
	return room->n > start;
}

/*
 * An option and its value.  open: an asterisk may stand at the end of text and
 * hexadecimal; NULL: it means itself, or is wrong.
 */
static const char *
read_typed(const char *text, struct value_room *room, bool *open,
    struct policy_option *out)
{
	static const char fault[] = "does not begin with a number or a name, "
	    "and a blank, such as \"209 text pxelinux.cfg/default\"";
	const char *value = strchr(text, ' ');
	enum option_type type;
	bool is_open = false;

	out->value = (struct span){ 0 };
	if (value == NULL ||
	    !read_code(text, (size_t)(value - text), &out->code, &type))
		return fault;
	value++;
	read_type(&value, &type);
	switch (type) {
	case OPTION_ADDRESSES:
		if (!read_addresses(value, room, &out->value))
			return "is not an IPv4 address";
		break;
	case OPTION_HEX:
		if (!open_hex(value, room, &out->value, &is_open) ||
		    (is_open && open == NULL))
			return "is not hexadecimal of at most 255 octets";
		break;
	case OPTION_TEXT:
		out->value = span_text(value);
		is_open = open != NULL && out->value.n > 1 &&
		    value[out->value.n - 1] == '*';
		if (is_open)
			out->value.n--;
		break;
	}
	if (open != NULL)
		*open = is_open;
	return out->value.n > 0 && out->value.n <= OPTION_VALUE_MAX ? NULL :
	    "does not have 1 to 255 octets";
}

/* "93 hex 0007", "host-name rack7-*", "50 address 10.1.0.50" */
static const char *
read_request_option(const char *text, struct value_room *room,
    struct match_value *out)
{
	struct policy_option option;
	const char *fault = read_typed(text, room,
	    &out->is.text_or_hex.open, &option);

	if (fault != NULL)
		return fault;
	out->is.text_or_hex.code = option.code;
	out->is.text_or_hex.octets = option.value;
	return NULL;
}

/* Text or hex:..., with an asterisk at its end for whatever follows. */
static const char *
read_text_or_hex(const char *text, struct value_room *room,
    struct match_value *out)
{
	struct span octets = span_text(text);

	if (span_begins(octets, SPAN_OF("hex:")))
		return open_hex(text + strlen("hex:"), room,
		    &out->is.text_or_hex.octets,
		    &out->is.text_or_hex.open) ? NULL :
		    "is not hexadecimal, such as hex:00:04:00:0a or "
		    "hex:00:04:*";
	out->is.text_or_hex.open = octets.n > 0 &&
	    text[octets.n - 1] == '*';
	if (out->is.text_or_hex.open)
		octets.n--;
	out->is.text_or_hex.octets = octets;
	return *text != '\0' ? NULL : "is empty";
}

static const char *
read_network(const char *text, struct match_value *out)
{
	static const char fault[] = "is not an IPv4 address or prefix, such "
	    "as 10.2.0.0/16";
	const char *slash = strchr(text, '/');
	char address[INET_ADDRSTRLEN];
	unsigned long length = PREFIX_MAX;
	size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	uint32_t mask;

	if (n >= sizeof(address) ||
	    (slash != NULL && !number(slash + 1, PREFIX_MAX, &length)))
		return fault;
	memcpy(address, text, n);
	address[n] = '\0';
	if (inet_pton(AF_INET, address, &out->is.network.address) != 1)
		return fault;
	mask = length == 0 ? 0 : UINT32_MAX << (PREFIX_MAX - length);
	out->is.network.mask.s_addr = htonl(mask);
	if ((out->is.network.address.s_addr & htonl(~mask)) != 0)
		return "has bits set behind its prefix";
	return NULL;
}

/* One, or a range of them: 10-20. */
static const char *
read_vlan(const char *text, struct match_value *out)
{
	static const char fault[] = "is not a VLAN identifier, 1 to 4094, or "
	    "0 for untagged, or a range such as 10-20";
	const char *hyphen = strchr(text, '-');
	unsigned long low, high;
	char first[8] = "";

	if (hyphen == NULL) {
		if (!number(text, VLAN_MAX, &low))
			return fault;
		high = low;
	} else {
		if ((size_t)(hyphen - text) >= sizeof(first))
			return fault;
		memcpy(first, text, (size_t)(hyphen - text));
		if (!number(first, VLAN_MAX, &low) || low == 0 ||
		    !number(hyphen + 1, VLAN_MAX, &high) || high < low)
			return fault;
	}
	out->is.range.low = (uint16_t)low;
	out->is.range.high = (uint16_t)high;
	return NULL;
}

static const char *
read_feature(const char *text, struct match_value *out)
{
	unsigned long n;

	out->is.number = match_feature_by_name(text);
	if (out->is.number == 0) {
		if (!number(text, 254, &n) || n == 0)
			return "is no feature of iPXE, such as http or efi";
		out->is.number = (uint16_t)n;
	}
	return NULL;
}

const char *
value_interface(const char *text)
{
	return *text != '\0' && strlen(text) <= VALUE_INTERFACE_OCTETS &&
	    strpbrk(text, " \t/") == NULL ? NULL :
	    "is no name of an interface";
}

static const char *
read_interface(const char *text, struct match_value *out)
{
	out->is.interface = text;
	return value_interface(text);
}

const char *
value_match(enum match_key key, const char *text, struct value_room *room,
    struct match_value *out)
{
	out->text = text;
	switch (key) {
	case MATCH_CLIENT:
		return read_client(text, out);
	case MATCH_ARCH:
		return read_arch(text, out);
	case MATCH_MAC:
		return value_mac(text, &out->is.mac);
	case MATCH_UUID:
		return read_uuid(text, out);
	case MATCH_VENDOR_CLASS:
	case MATCH_USER_CLASS:
		return read_class(text, out);
	case MATCH_IPXE_FEATURE:
		return read_feature(text, out);
	case MATCH_RELAY:
	case MATCH_RELAY_ADDRESS:
	case MATCH_CLIENT_NETWORK:
		return read_network(text, out);
	case MATCH_CIRCUIT_ID:
	case MATCH_REMOTE_ID:
	case MATCH_CLIENT_ID:
		return read_text_or_hex(text, room, out);
	case MATCH_OPTION:
		return read_request_option(text, room, out);
	case MATCH_VLAN:
		return read_vlan(text, out);
	case MATCH_INTERFACE:
		return read_interface(text, out);
	case MATCH_HOSTS:
	case MATCH_KEYS:
		break;
	}
	return "cannot be matched";
}

/*
 * Options that answers have by themselves, or that would make us hand out
 * addresses; 13 makes EDK2 cut the boot file short.
 */
static bool
is_reserved(uint8_t code)
{
	static const uint8_t reserved[] = {
		1, 3, 13, 28, 50, 51, 52, 53, 54, 55, 57, 58, 59, 60, 61,
		67, 82, 93, 94, 97
	};

	return memchr(reserved, code, sizeof(reserved)) != NULL;
}

const char *
value_option(const char *text, struct value_room *room,
    struct policy_option *out)
{
	struct policy_option option;
	const char *fault = read_typed(text, room, NULL, &option);

	if (fault != NULL)
		return fault;
	if (is_reserved(option.code))
		return "is an option that answers have by themselves, or "
		    "that a boot server must not send";
	*out = option;
	return NULL;
}
