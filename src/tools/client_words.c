#include "tools/client_words.h"

#include "config/value.h"
#include "report/log.h"

#include <stdlib.h>
#include <string.h>

static const char *
take_number(const char *text, unsigned long most, uint16_t *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (*text == '\0' || *end != '\0' || n > most)
		return "is not a number in its range";
	*out = (uint16_t)n;
	return NULL;
}

static const char *
take_mac(const char *text, struct client_words *out)
{
	struct match_mac mac;
	const char *fault = value_mac(text, &mac);

	if (fault != NULL)
		return fault;
	memcpy(out->mac, mac.value, sizeof(out->mac));
	out->has_mac = true;
	return NULL;
}

/* One sub-option more in option 82. */
static const char *
append_agent(struct client_words *out, uint8_t code, struct span value)
{
	struct span_writer w = { out->agent, sizeof(out->agent),
	    out->agent_octets, false };

	option_append(&w, code, value);
	out->agent_octets = w.n;
	return w.full ? "does not fit into option 82" : NULL;
}

/* Octets as a condition names them, but all of them. */
static const char *
read_octets(enum match_key key, const char *text, struct value_room *room,
    struct match_value *out)
{
	const char *fault = value_match(key, text, room, out);

	if (fault == NULL && out->is.text_or_hex.open)
		fault = "ends with *, which stands for octets that are not "
		    "known";
	return fault;
}

static const char *
take_agent(const char *text, uint8_t code, struct client_words *out)
{
	uint8_t octets[CLIENT_WORDS_TEXT];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct match_value value;
	const char *fault = read_octets(MATCH_CIRCUIT_ID, text, &room,
	    &value);

	return fault != NULL ? fault :
	    append_agent(out, code, value.is.text_or_hex.octets);
}

static const char *
take_client_id(const char *text, struct client_words *out)
{
	uint8_t octets[CLIENT_WORDS_TEXT];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct match_value value;
	const char *fault = read_octets(MATCH_CLIENT_ID, text, &room, &value);
	struct span_writer w = { out->client_id, sizeof(out->client_id), 0,
	    false };

	if (fault != NULL)
		return fault;
	write_octets(&w, value.is.text_or_hex.octets);
	out->client_id_octets = w.n;
	return w.full ? "is too long" : NULL;
}

/* Other words say these, or the kind of message does. */
static bool
has_word(uint8_t code)
{
	static const uint8_t codes[] = { DHCP_OPT_HOST_NAME,
	    DHCP_OPT_MESSAGE_TYPE, DHCP_OPT_SERVER_ID, DHCP_OPT_PARAMETERS,
	    DHCP_OPT_MAX_SIZE, DHCP_OPT_VENDOR_CLASS, DHCP_OPT_CLIENT_ID,
	    DHCP_OPT_USER_CLASS, DHCP_OPT_RELAY, DHCP_OPT_ARCH,
	    DHCP_OPT_UUID, DHCP_OPT_IPXE };

	return memchr(codes, code, sizeof(codes)) != NULL;
}

static const char *
take_option(const char *text, struct client_words *out)
{
	uint8_t octets[CLIENT_WORDS_TEXT];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct match_value value;
	const char *fault = read_octets(MATCH_OPTION, text, &room, &value);
	struct span_writer w = { out->further, sizeof(out->further),
	    out->further_octets, false };

	if (fault != NULL)
		return fault;
	if (has_word(value.is.text_or_hex.code))
		return "is an option that the client has by itself or that "
		    "another word says";
	option_append(&w, value.is.text_or_hex.code,
	    value.is.text_or_hex.octets);
	out->further_octets = w.n;
	return w.full ? "is one option too many" : NULL;
}

/* The network that a relay names for the client (RFC 3527). */
static const char *
take_link(const char *text, struct client_words *out)
{
	struct in_addr address;
	uint8_t octets[sizeof(address.s_addr)];
	const char *fault = value_address(text, &address);

	if (fault != NULL)
		return fault;
	memcpy(octets, &address.s_addr, sizeof(octets));
	return append_agent(out, PXE_LINK_SELECTION,
	    (struct span){ octets, sizeof(octets) });
}

static const char *
take_feature(const char *text, struct client_words *out)
{
	struct match_value value;
	const char *fault = value_match(MATCH_IPXE_FEATURE, text, NULL,
	    &value);

	out->has_features = true;
	if (fault == NULL && out->features < sizeof(out->feature))
		out->feature[out->features++] = (uint8_t)value.is.number;
	return fault;
}

static const char *
take_client(const char *text, struct client_words *out)
{
	enum match_client client = match_client_by_name(text);

	if (client == MATCH_CLIENTS || client == MATCH_CLIENT_OTHER)
		return "is none of pxe, http, ipxe";
	out->is_http = client == MATCH_CLIENT_HTTP;
	if (client == MATCH_CLIENT_IPXE)
		(void)strcpy(out->user_class, "iPXE");
	return NULL;
}

/* NULL, or what is wrong with the value of a word. */
static const char *
take_word(const char *name, const char *text, struct client_words *out)
{
	if (strcmp(name, "mac") == 0)
		return take_mac(text, out);
	if (strcmp(name, "arch") == 0) {
		out->has_arch = true;
		return value_arch(text, &out->arch);
	}
	if (strcmp(name, "uuid") == 0) {
		out->has_uuid = true;
		return value_uuid(text, out->uuid);
	}
	if (strcmp(name, "client") == 0)
		return take_client(text, out);
	if (strcmp(name, "vendor-class") == 0) {
		(void)strcpy(out->vendor_class, text);
		return NULL;
	}
	if (strcmp(name, "user-class") == 0) {
		(void)strcpy(out->user_class, text);
		return NULL;
	}
	if (strcmp(name, "ipxe-feature") == 0)
		return take_feature(text, out);
	if (strcmp(name, "secs") == 0)
		return take_number(text, UINT16_MAX, &out->secs);
	if (strcmp(name, "vlan") == 0)
		return take_number(text, 4094, &out->vlan);
	if (strcmp(name, "relay") == 0)
		return value_address(text, &out->relay);
	if (strcmp(name, "link-selection") == 0)
		return take_link(text, out);
	if (strcmp(name, "client-id") == 0)
		return take_client_id(text, out);
	if (strcmp(name, "request-option") == 0)
		return take_option(text, out);
	if (strcmp(name, "hostname") == 0) {
		(void)strcpy(out->host_name, text);
		return NULL;
	}
	if (strcmp(name, "ip") == 0)
		return value_address(text, &out->ip);
	if (strcmp(name, "circuit-id") == 0)
		return take_agent(text, PXE_CIRCUIT_ID, out);
	if (strcmp(name, "remote-id") == 0)
		return take_agent(text, PXE_REMOTE_ID, out);
	if (strcmp(name, "interface") == 0) {
		(void)strcpy(out->interface, text);
		return NULL;
	}
	return "is not one of mac, arch, uuid, client, vendor-class, "
	    "user-class, client-id, hostname, ipxe-feature, secs, vlan, "
	    "relay, link-selection, ip, circuit-id, remote-id, interface, "
	    "request-option";
}

static bool
ends_word(char c)
{
	return c == '\0' || strchr(" \t\n,", c) != NULL;
}

enum word_step {
	WORD_ITEM,
	WORD_DONE,
	WORD_LONG,		/* as are the others: the fault of a word */
	WORD_OPEN
};

/* The next word of *text, cut at its "=", without quotes. */
static enum word_step
next_word(const char **text, char word[CLIENT_WORDS_TEXT], char **value)
{
	const char *at = *text + strspn(*text, " \t\n,");
	char quote = '\0';
	size_t n = 0;

	*value = NULL;
	if (*at == '\0')
		return WORD_DONE;
	for (; *at != '\0' && (quote != '\0' || !ends_word(*at)); at++) {
		if (quote == '\0' && (*at == '"' || *at == '\'')) {
			quote = *at;
		} else if (*at == quote) {
			quote = '\0';
		} else if (n == CLIENT_WORDS_TEXT - 1) {
			return WORD_LONG;
		} else if (*at == '=' && *value == NULL) {
			word[n++] = '\0';
			*value = word + n;
		} else {
			word[n++] = *at;
		}
	}
	word[n] = '\0';
	if (*value == NULL)
		*value = word + n;
	*text = at;
	return quote == '\0' ? WORD_ITEM : WORD_OPEN;
}

bool
client_words_read(const char *place, const char *text, struct client_words *out)
{
	char word[CLIENT_WORDS_TEXT], *value;
	const char *fault = NULL;
	enum word_step step;

	*out = (struct client_words){ .mac = { 0x52, 0x54, 0, 0x12, 0x34,
	    0x56 } };
	while ((step = next_word(&text, word, &value)) == WORD_ITEM) {
		if ((fault = take_word(word, value, out)) == NULL)
			continue;
		log_error("%s: %s%s%s %s", place, word,
		    *value != '\0' ? "=" : "", value, fault);
		return false;
	}
	if (step == WORD_LONG)
		log_error("%s: a word has more than %d octets: %.40s...",
		    place, CLIENT_WORDS_TEXT - 1, text);
	else if (step == WORD_OPEN)
		log_error("%s: %s%s%s has no closing quote", place, word,
		    *value != '\0' ? "=" : "", value);
	return step == WORD_DONE;
}
