#ifndef PROBE_CLIENT_H
#define PROBE_CLIENT_H

#include "core/dhcp.h"
#include "core/frame.h"
#include "diagnosis/machine.h"
#include "tools/client_words.h"

/*
 * probe_client.h - what does a machine's firmware send, and how long does it
 * wait?
 *
 * One table has a row for each kind of firmware, as it was seen on the wire.
 */

enum {
	PROBE_ROUNDS = 4,		/* DISCOVERs, or questions on 4011 */
	PROBE_CLIENT_OPTIONS = 12,	/* of one message */
	PROBE_CLIENT_PARAMETERS = 40,
	PROBE_CLIENT_OCTETS = 1024,	/* of a message */
};

/* The messages of a boot, in their order. */
enum probe_message_kind {
	PROBE_DISCOVER,
	PROBE_REQUEST,
	PROBE_QUESTION,		/* to a boot server, on port 4011 */
	PROBE_RELEASE,		/* which no firmware sends */
	PROBE_MESSAGES
};

/* How a firmware counts in the field secs. */
enum probe_client_secs {
	PROBE_SECS_TIME,	/* seconds since the first DISCOVER */
	PROBE_SECS_IPXE,	/* messages so far, and flags */
};

struct probe_client {
	const char *name;	/* of --client */
	const char *title;	/* "an x64 UEFI machine" */
	enum machine_client kind;
	uint16_t arch;
	bool is_http;
	const char *undi;	/* three octets of option 94 */
	uint16_t max_size, max_size_request;	/* option 57 */
	uint16_t flags;		/* of DISCOVER and REQUEST */
	enum probe_client_secs secs;
	uint16_t source_4011;	/* the port that it asks 4011 from */
	size_t shortest;	/* octets of a message */
	const char *user_class;	/* option 77, or NULL */
	const char *order[PROBE_MESSAGES];	/* codes of options; NUL */
	struct span parameters;	/* option 55 */
	struct span ipxe;	/* option 175 */
	unsigned wait[PROBE_ROUNDS];	/* milliseconds after a DISCOVER */
	unsigned wait_4011[PROBE_ROUNDS];	/* and after a question */
	unsigned patience;	/* milliseconds that a boot server's OFFER is
				 * waited for when there is an address */
	bool leaves_early;	/* when both are there, and not when the round
				 * is over */
};

/* The table; *n is its length. */
const struct probe_client *probe_client_table(size_t *n);

/* The row of a name, or NULL. */
const struct probe_client *probe_client_by_name(const char *name);

/* Who is played: a row, and what words say otherwise. */
struct probe_machine {
	struct probe_client client;
	uint8_t mac[FRAME_MAC];
	bool has_words;
	struct client_words words;
	uint32_t xid, xid_4011;
	char title[64];		/* of words; client.title points here then */
};

/*
 * The machine that the text of --client means: a name of the table, or words.
 * false, and logged, where it is neither.  out->mac is written only where
 * words say it (has_words, words.has_mac).
 */
bool probe_machine_read(const char *text, struct probe_machine *out);

/* The machine of a row. */
void probe_machine_of(const struct probe_client *client,
    struct probe_machine *out);

/* What differs between messages of one kind. */
struct probe_message {
	enum probe_message_kind kind;
	unsigned sent;		/* messages before it */
	unsigned seconds;	/* since the first DISCOVER, or question */
	struct in_addr own;	/* its address: of the OFFER or the lease */
	struct in_addr server;	/* whom it chose: option 54 */
	struct in_addr relay;	/* giaddr; 0.0.0.0: none */
	bool has_item;		/* it asks for this item of a menu */
	uint16_t item;
};

/* Write the DHCP message; its octets in *w. */
void probe_message_write(const struct probe_machine *machine,
    const struct probe_message *message, struct span_writer *w);

#endif
