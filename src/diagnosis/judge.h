#ifndef DIAGNOSIS_JUDGE_H
#define DIAGNOSIS_JUDGE_H

#include "diagnosis/finding.h"

/*
 * judge.h - the functions that judge, one for each row of finding.c.
 *
 * Each answers how sure it is, FINDING_NOT for "it is not so", and fills
 * addresses, names, value and evidence of *out otherwise.
 */

struct judgement {
	const struct diagnosis *d;
	const struct machine *m;
	const struct machine_boot *b;
	uint32_t now;		/* milliseconds since the boot began */
	uint32_t silent;	/* milliseconds since the machine was heard;
				 * 0 where that is not known */
	bool is_timed;		/* how long the boot took is known */
	const struct machine_lease *lease;	/* that it took, or will; or
						 * NULL: none was seen */
	const struct machine_proxy *ours;	/* our OFFERs or ACKs; or NULL */
	const struct machine_proxy *rival;	/* another one's; or NULL */
	const struct machine_proxy *told;	/* by whom it knows its file; or
						 * NULL: the lease, or nobody */
	const struct machine_file *file;	/* the last asked for; or NULL */
	const enum verdict *verdicts;	/* of the row; ends with 0 */
	size_t found;		/* findings of rows before this one, and of
				 * the way of booting that failed before */
};

typedef enum finding_sureness judge_function(const struct judgement *j,
    struct machine_finding *out);

enum {
	JUDGE_SECOND = 1000,		/* milliseconds */
	JUDGE_FOLLOWS = 4 * JUDGE_SECOND,	/* what comes next comes
						 * sooner */
	JUDGE_ROUNDS = 3,		/* DISCOVERs before it is no accident */
};

/* The firmware gave this way of booting up, and went on to another. */
static inline bool
judge_gave_up(const struct judgement *j)
{
	return j->b->end == END_GAVE_UP;
}

/* Nothing more will come: it gave up, began anew, or is silent for so long. */
static inline bool
judge_is_over(const struct judgement *j, uint32_t silence)
{
	return j->b->end != END_OPEN || j->silent >= silence;
}

/* From one time of the boot to another it took so long, or longer. */
static inline bool
judge_lasts(const struct judgement *j, uint32_t from, uint32_t to,
    uint32_t least)
{
	return j->is_timed && to - from >= least;
}

/* Octets of a file have come, or will. */
static inline bool
judge_is_fetching(const struct machine_file *file)
{
	return file != NULL && (file->state == FILE_OPEN ||
	    file->state == FILE_WHOLE || file->state == FILE_SIZED);
}

/* The server says no to the last question, or nothing at all. */
static inline bool
judge_is_failing(const struct machine_file *file)
{
	return file != NULL && (file->state == FILE_ERROR ||
	    file->state == FILE_REFUSED || file->state == FILE_UNREACHABLE ||
	    (file->state == FILE_ASKED && file->asks >= JUDGE_ROUNDS));
}

/* A server gave it a file, or the size of one, whatever came of it. */
static inline bool
judge_has_fetched(const struct judgement *j)
{
	return j->b->fetched;
}

static inline const char *
judge_name(const struct judgement *j, uint16_t name)
{
	return machine_name(j->m, name);
}

/* Is the address in the network of the lease?  Unknown counts as yes. */
bool judge_is_near(const struct machine_lease *lease, struct in_addr address);

/* The machine's ARP requests for an address; NULL: none. */
const struct machine_look *judge_look(const struct judgement *j,
    struct in_addr address);

/* In one network with the machine, as far as addresses tell without a mask. */
bool judge_is_neighbour(const struct judgement *j, struct in_addr address);

/* It is looked for again and again, and not found, by what boots. */
bool judge_is_missed(const struct judgement *j,
    const struct machine_look *look);

/* The name has a scheme, such as http:// */
bool judge_is_url(const char *name);

/* The address that is the host of a URL; 0.0.0.0: it has none. */
struct in_addr judge_url_host(const char *url);

/* The server that the boot server names for its file, in a URL or beside. */
struct in_addr judge_server_of(const struct judgement *j,
    const struct machine_proxy *proxy);

/* Where the file of that name would come from: who names it. */
struct in_addr judge_next(const struct judgement *j);

/* Its URL has a name, and the lease no name server. */
bool judge_lacks_name_server(const struct judgement *j);

/* judge_lease.c */
judge_function judge_sibling_rule, judge_nearby_rule, judge_verdict,
    judge_strips_class, judge_option_67,
    judge_option_67_unseen,
    judge_refused, judge_no_ack, judge_declined, judge_in_use,
    judge_two_servers, judge_pool_silent, judge_no_server, judge_relay_lost,
    judge_relay_passes_over, judge_late_rounds, judge_other_card,
    judge_ipv6_only;

/* judge_boot.c */
judge_function judge_says_pxe, judge_pool_options, judge_pool_url,
    judge_no_offer, judge_no_offer_relayed, judge_form, judge_offers_lost,
    judge_late, judge_ours_taken, judge_no_route, judge_no_way,
    judge_acks_lost, judge_4011_silent, judge_4011_lost, judge_rival,
    judge_copy, judge_not_asked, judge_not_asked_relayed, judge_pool_file,
    judge_pool_file_unseen, judge_loop, judge_url, judge_uboot;

/* judge_file.c */
judge_function judge_shim_server, judge_gateway, judge_next_absent,
    judge_host_absent, judge_next_route, judge_no_way_to_file,
    judge_tftp_refused,
    judge_tftp_address, judge_answers_lost, judge_blocks_lost,
    judge_tftp_silent, judge_stopped, judge_case, judge_missing,
    judge_tftp_error, judge_no_ldlinux, judge_no_pxelinux_config,
    judge_no_grub_config, judge_no_second_stage, judge_http_refused,
    judge_http_silent, judge_http_unanswered, judge_http_error,
    judge_no_name_server, judge_unresolved, judge_name_server_absent,
    judge_bios_file, judge_efi_file, judge_architecture,
    judge_unsigned, judge_not_started, judge_not_taken,
    judge_not_taken_relayed, judge_file_silent,
    judge_grub_server, judge_asks_nothing;

#endif
