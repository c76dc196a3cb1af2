#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include "config/options.h"
#include "diagnosis/choice.h"
#include "diagnosis/diagnosis.h"
#include "report/story.h"
#include "tools/probe_client.h"
#include "tools/probe_wire.h"

/*
 * probe_run.h - one probe: what the parts of it share.
 */

enum {
	PROBE_OFFERS = 16,		/* as many as EDK2 keeps */
	PROBE_OFFER_OCTETS = 1600,	/* of a frame */
	PROBE_TEXT = 256,
};

/* An OFFER that came, once. */
struct probe_offer {
	uint8_t octets[PROBE_OFFER_OCTETS];
	size_t n;
	struct event event;		/* of these octets */
	unsigned at;			/* milliseconds after the first
					 * DISCOVER */
	unsigned times;
	const char *why;		/* it is not looked at; NULL: it is */
};

struct probe_run {
	const struct options *options;
	struct probe_wire *wire;
	struct probe_machine machine;
	struct diagnosis *diagnosis;
	struct story story;
	bool has_failed;		/* no memory for the ladder */

	/* probe_ask() */
	int64_t began;			/* when the first DISCOVER went */
	unsigned sent;			/* messages */
	uint8_t server_mac[FRAME_MAC];	/* as a relay: where requests go; with
					 * a lease: who gave it */
	struct probe_offer offer[PROBE_OFFERS];
	size_t n;
	struct choice choice;		/* its numbers are those of offer[] */

	/* probe_lease() */
	bool has_lease;			/* to be given back */
	struct in_addr address, server, mask, router;

	/* What it boots in the end, as far as it is known. */
	bool is_asked;			/* whom choice.asks names has answered */
	struct in_addr next;
	char file[PROBE_TEXT];
	bool has_dns;			/* the address server names one */
	bool is_there, has_size;	/* the file; its size is known */
	const char *unasked;		/* why it was not asked for the file,
					 * although it may boot; or NULL */
	uint32_t size;
	char fault[PROBE_TEXT];		/* why it does not boot; "": it does */
	bool is_stopped;		/* by a signal, or a failure: logged */
};

/* Why it does not boot, unless that is known. */
void probe_run_fault(struct probe_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Send DISCOVERs and collect OFFERs, as long as the firmware does, or --wait
 * says; then choose.
 */
void probe_ask(struct probe_run *run);

/*
 * Go on as the firmware does: take the address, ask on port 4011, ask for the
 * file; then give the address back.
 */
void probe_lease(struct probe_run *run);

/*
 * Ask for the size of the file: by TFTP of run->next, or by HTTP of the URL's
 * host.
 */
void probe_fetch(struct probe_run *run);

/*
 * The Ethernet address that a packet to this address goes to: its own, or the
 * router's.  false, and it is the fault, where nobody says so.
 */
bool probe_next_hop(struct probe_run *run, struct in_addr address,
    const char *whom, uint8_t out[FRAME_MAC]);

/* Tell what was seen, as text or as JSON. */
void probe_tell(const struct probe_run *run, bool is_first);
bool probe_boots(const struct probe_run *run);

#endif
