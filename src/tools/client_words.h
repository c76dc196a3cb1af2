#ifndef CLIENT_WORDS_H
#define CLIENT_WORDS_H

#include "core/match.h"
#include "core/pxe.h"

/*
 * client_words.h - which client do these words describe?
 *
 * Such as "mac=52:54:00:12:34:56 arch=x64-uefi ip=10.0.0.5", as --explain,
 * check and probe take them.  In quotes a value may have blanks and commas.
 */

enum {
	CLIENT_WORDS_TEXT = 256,	/* octets of a word, with its NUL */
	CLIENT_WORDS_LIST = 255,	/* octets of an option */
	CLIENT_WORDS_FURTHER = 512,	/* octets of further options */
};

/* A client; what no word says is zero. */
struct client_words {
	bool has_mac;
	uint8_t mac[FRAME_MAC];		/* 52:54:00:12:34:56 by default */
	bool has_arch;
	uint16_t arch;
	bool has_uuid;
	uint8_t uuid[MATCH_UUID_OCTETS];
	bool is_http;
	char vendor_class[CLIENT_WORDS_TEXT];
	char user_class[CLIENT_WORDS_TEXT];
	bool has_features;
	uint8_t feature[CLIENT_WORDS_LIST];
	size_t features;
	uint16_t secs;
	uint16_t vlan;
	struct in_addr relay;
	uint8_t client_id[CLIENT_WORDS_LIST];
	size_t client_id_octets;
	char host_name[CLIENT_WORDS_TEXT];
	struct in_addr ip;
	uint8_t agent[CLIENT_WORDS_LIST];	/* the content of option 82 */
	size_t agent_octets;
	char interface[CLIENT_WORDS_TEXT];
	uint8_t further[CLIENT_WORDS_FURTHER];	/* options that no other word
						 * says, as in a message */
	size_t further_octets;
};

/*
 * Read the description of a client, which stands at this place; false, and it
 * is logged, on a mistake.
 */
bool client_words_read(const char *place, const char *text,
    struct client_words *out);

#endif
