#ifndef DIAGNOSIS_FINDING_H
#define DIAGNOSIS_FINDING_H

#include "diagnosis/diagnosis.h"

/*
 * finding.h - the causes that are told apart, one row of a table each.
 *
 * A row has a stable name, which is also where pxeproxyd-troubleshooting(7)
 * says more; a sentence with the addresses and names of the case; a remedy;
 * and the function that judges whether it is so.  Pure.
 */

/* How sure it is.  A note is no finding: it may be worth a look. */
enum finding_sureness {
	FINDING_NOT,
	FINDING_NOTE,
	FINDING_POSSIBLE,
	FINDING_LIKELY,
	FINDING_CERTAIN,
};

/* How many rows there are; enum machine_finding.id counts them. */
size_t finding_count(void);

/* Such as "pool-says-pxeclient". */
const char *finding_name(size_t id);

/* "note", "possible", "likely" or "certain". */
const char *finding_sureness_name(enum finding_sureness sureness);

/*
 * What is wrong, with the addresses and names of this case, in out, which is
 * cut to size octets with its NUL.  Answers out.
 */
const char *finding_sentence(const struct machine *machine,
    const struct machine_finding *finding, char *out, size_t size);

/* What to do about it, likewise. */
const char *finding_remedy(const struct machine *machine,
    const struct machine_finding *finding, char *out, size_t size);

/*
 * Judge the boot that is in the machine's row, as of d->now: the findings in
 * out[], the more important first; how many.
 */
size_t finding_judge(const struct diagnosis *d, const struct machine *machine,
    struct machine_finding *out, size_t size);

/*
 * Has the boot in the row come so far that nothing of the boots before it
 * counts any more?
 */
bool finding_has_come_far(const struct diagnosis *d,
    const struct machine *machine);

/* How far a boot came. */
enum finding_stage {
	STAGE_ASKING,
	STAGE_OFFERED,
	STAGE_LEASED,
	STAGE_TOLD,		/* it knows its file */
	STAGE_FETCHING,
	STAGE_FETCHED,
	STAGE_NEXT,		/* what it fetched runs */
	STAGE_SYSTEM,
	STAGES
};

enum finding_stage finding_stage(const struct machine *machine);

/* One word for a counter, such as "fetching". */
const char *finding_stage_name(enum finding_stage stage);

/* The machine's stage, in a few words, and by its name. */
const char *finding_progress(const struct machine *machine);
const char *finding_progress_name(const struct machine *machine);

#endif
