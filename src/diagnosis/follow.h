#ifndef DIAGNOSIS_FOLLOW_H
#define DIAGNOSIS_FOLLOW_H

#include "diagnosis/diagnosis.h"

/*
 * follow.h - what does an event change of what is known of a machine?
 *
 * For diagnosis.c.  Each function takes an event of its kind, and answers the
 * machine that it belongs to, or NULL.
 */

struct machine *follow_request(struct diagnosis *d, const struct event *e);
struct machine *follow_reply(struct diagnosis *d, const struct event *e);
struct machine *follow_arp(struct diagnosis *d, const struct event *e);
struct machine *follow_unreachable(struct diagnosis *d,
    const struct event *e);
struct machine *follow_dhcpv6(struct diagnosis *d, const struct event *e);

/* follow_file.c */
struct machine *follow_tftp(struct diagnosis *d, const struct event *e);
struct machine *follow_tcp(struct diagnosis *d, const struct event *e);
struct machine *follow_dns(struct diagnosis *d, const struct event *e);

/* For those: milliseconds since the machine's boot began. */
uint32_t follow_at(const struct diagnosis *d, const struct machine *m);

/* How a finding will name this frame as its evidence. */
uint32_t follow_number(const struct diagnosis *d, const struct machine *m);

/*
 * A mirror port may show a frame twice, coming in and going out: so soon after
 * it, the same is no second one.
 */
enum { FOLLOW_COPY = 50 };	/* milliseconds */

/*
 * It goes on by IPv4: some firmware asks by IPv6 at the same time, and had not
 * given up.
 */
void follow_reopen(struct machine_boot *b);

/* Note a step of the ladder. */
void follow_step(struct diagnosis *d, struct machine *m,
    const struct machine_step *step);

/* Count up, but not around. */
void follow_count(uint8_t *counter);

/* The column of a server of this machine. */
enum machine_lane follow_lane(const struct diagnosis *d,
    const struct machine *m, struct in_addr address);

#endif
