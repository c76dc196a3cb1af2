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
static void
append_agent(struct client_words *out, uint8_t code, struct span value)
{
	struct span_writer w = { out->agent, sizeof(out->agent),
	    out->agent_octets, false };

	option_append(&w, code, value);
	out->agent_octets = w.n;
}

static const char *
take_agent(const char *text, uint8_t code, struct client_words *out)
{
	uint8_t octets[CLIENT_WORDS_TEXT];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct match_value value;
	const char *fault = value_match(MATCH_CIRCUIT_ID, text, &room,
	    &value);

	if (fault == NULL)
		append_agent(out, code, value.is.text_or_hex.octets);
	return fault;
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
	append_agent(out, PXE_LINK_SELECTION,
	    (struct span){ octets, sizeof(octets) });
	return NULL;
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
	if (strcmp(name, "client-id") == 0) {
		(void)strcpy(out->client_id, text);
		return NULL;
	}
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
	    "relay, link-selection, ip, circuit-id, remote-id, interface";
}

/* The next word of *text, cut at its "="; false at the end. */
static bool
next_word(const char **text, char word[CLIENT_WORDS_TEXT], char **value)
{
	size_t n;

	*text += strspn(*text, " \t\n,");
	n = strcspn(*text, " \t\n,");
	if (n == 0)
		return false;
	if (n >= CLIENT_WORDS_TEXT)
		n = CLIENT_WORDS_TEXT - 1;
	memcpy(word, *text, n);
	word[n] = '\0';
	*text += n;
	*value = strchr(word, '=');
	if (*value == NULL)
		*value = word + n;
	else
		*(*value)++ = '\0';
	return true;
}

bool
client_words_read(const char *place, const char *text, struct client_words *out)
{
	char word[CLIENT_WORDS_TEXT], *value;
	const char *fault;

	*out = (struct client_words){ .mac = { 0x52, 0x54, 0, 0x12, 0x34,
	    0x56 } };
	while (next_word(&text, word, &value)) {
		if ((fault = take_word(word, value, out)) == NULL)
			continue;
		log_error("%s: %s%s%s %s", place, word,
		    *value != '\0' ? "=" : "", value, fault);
		return false;
	}
	return true;
}
