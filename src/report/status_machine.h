#ifndef STATUS_MACHINE_H
#define STATUS_MACHINE_H

#include "report/status.h"
#include "report/story.h"

#include <stdio.h>

/*
 * status_machine.h - all that is known of one machine: what it asked us for,
 * how far its last boot came, what is wrong with it and what to do about it,
 * and the ladder of that boot.
 */

enum status_machine {
	STATUS_MACHINE_FINE,
	STATUS_MACHINE_PROBLEM,
	STATUS_MACHINE_UNKNOWN,		/* nobody has seen it */
};

/* For people, as this terminal has it. */
enum status_machine status_machine_text(FILE *to, const struct status *status,
    const uint8_t mac[FRAME_MAC], const struct story_style *style);

/* For programs: one JSON object on one line. */
enum status_machine status_machine_json(FILE *to, const struct status *status,
    const uint8_t mac[FRAME_MAC]);

#endif
