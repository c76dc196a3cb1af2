#ifndef DIAGNOSIS_H
#define DIAGNOSIS_H

#include "core/responder.h"
#include "core/span.h"
#include "diagnosis/event.h"
#include "diagnosis/machine.h"

/*
 * diagnosis.h - why did this machine not boot?
 *
 * The only door to the diagnosis: frames with their times in, findings out.
 * It is told the time, and has no clock; its only state is the bounded table
 * of machines.  Pure otherwise: no I/O, no allocation.
 */

enum { DIAGNOSIS_OURS = 64 };

/* A time that is not known, or cannot be right. */
#define DIAGNOSIS_NO_TIME INT64_MIN

struct diagnosis;

/* What becomes known as frames are read; each may be NULL. */
struct diagnosis_hooks {
	void *context;
	/*
	 * A step of a machine's boot; was_last: it is the last one again,
	 * with its times counted up.
	 */
	void (*step)(void *context, const struct machine *machine,
	    const struct machine_step *step, bool was_last);
	/* The machine's row will be used for another one, or is at its end. */
	void (*gone)(void *context, struct diagnosis *diagnosis,
	    struct machine *machine);
};

struct diagnosis {
	struct machine_table table;
	struct diagnosis_hooks hooks;
	/* Our addresses; where none is told, that of the first ProxyDHCP
	 * server that is seen. */
	struct in_addr ours[DIAGNOSIS_OURS];
	size_t n_ours;
	bool ours_is_told;
	/* And our Ethernet addresses. */
	uint8_t our_mac[DIAGNOSIS_OURS][FRAME_MAC];
	size_t n_our_macs;
	int64_t now;		/* micros: the first time that was told, and
				 * what has passed since */
	int64_t told;		/* the last time that was told */
	/*
	 * Frames come from an interface: not each block of a file is among
	 * them (see diagnosis_live()).
	 */
	bool is_live;
	uint32_t number;	/* of the frame; 0: live */
	bool saw_arp;
	int64_t ours_claimed;	/* micros: when another machine said that it
				 * has ours, or DIAGNOSIS_NO_TIME */
	enum event_kind kind;	/* of the last frame */
};

/* Begin with an empty table; addresses beyond DIAGNOSIS_OURS are left out. */
void diagnosis_init(struct diagnosis *diagnosis, const struct in_addr *ours,
    size_t n_ours, const struct diagnosis_hooks *hooks);

/*
 * From here on frames come from an interface, by a filter that leaves out most
 * blocks of files.
 */
void diagnosis_live(struct diagnosis *diagnosis);

/*
 * We have these addresses and Ethernet addresses by now, and no others; what
 * is beyond DIAGNOSIS_OURS is left out.
 */
void diagnosis_forget_ours(struct diagnosis *diagnosis);
void diagnosis_add_ours(struct diagnosis *diagnosis, struct in_addr address);
void diagnosis_add_mac(struct diagnosis *diagnosis,
    const uint8_t mac[FRAME_MAC]);

/*
 * Frames were lost since the last call.  What is missing of the boots that
 * are under way proves nothing: there are no findings on them any more.
 */
void diagnosis_lost(struct diagnosis *diagnosis);

/*
 * One Ethernet frame, heard at that time (microseconds of any epoch), with
 * that number in its capture or 0.  A time that cannot be right, since it lies
 * before the last one or many days after it, says that the clock was set: how
 * long that took is not known, and counts as no time.  Answers the machine
 * whose boot it belongs to, or NULL.
 */
struct machine *diagnosis_frame(struct diagnosis *diagnosis,
    struct span octets, int64_t when, uint32_t number);

/*
 * What we made of the same frame: told after diagnosis_frame(), where we are
 * in that network.  Only then are there findings on our own policy.
 */
void diagnosis_verdict(struct diagnosis *diagnosis,
    const struct responder_exchange *exchange);

/* Now it is that time, and nothing has come. */
void diagnosis_now(struct diagnosis *diagnosis, int64_t when);

/*
 * The findings on a machine as things stand now, in out[], the most important
 * first; how many.
 */
size_t diagnosis_findings(struct diagnosis *diagnosis,
    struct machine *machine, struct machine_finding *out, size_t size);

/*
 * Live: the findings on a machine that are sure enough to be told, and were
 * not told before: each once a boot.  In out[], as above; notes are left out.
 */
size_t diagnosis_news(struct diagnosis *diagnosis, struct machine *machine,
    struct machine_finding *out, size_t size);

/*
 * Live: the findings on a machine that were told and still hold, and the notes
 * on it.  In out[], as above; *of_this_boot of them are on the boot in the row,
 * and those behind them on boots before it.
 */
size_t diagnosis_told(const struct diagnosis *diagnosis,
    const struct machine *machine, struct machine_finding *out, size_t size,
    size_t *of_this_boot);

/* Is this one of our addresses? */
bool diagnosis_is_ours(const struct diagnosis *diagnosis,
    struct in_addr address);

/* Is it ours, and the Ethernet address known and none of ours? */
bool diagnosis_is_claimed(const struct diagnosis *diagnosis,
    struct in_addr address, const uint8_t mac[FRAME_MAC]);

#endif
