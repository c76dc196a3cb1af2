#ifndef STATUS_VIEW_H
#define STATUS_VIEW_H

#include "report/status.h"
#include "report/story.h"

#include <stdio.h>

/*
 * status_view.h - what can be asked of "pxeproxyd status": a table of views,
 * and a machine.
 *
 * What is asked is a line: the name of a view; or
 *
 *	machine 52:54:00:12:34:56 [json] [colour] [columns=80]
 *
 * with what the asker's terminal can do.
 */

enum {
	STATUS_VIEW_QUESTION = 64,	/* octets of one, with its NUL */

	/* Answers, which are exit statuses. */
	STATUS_VIEW_FINE = 0,
	STATUS_VIEW_WRONG = 1,		/* with the daemon, or the machine */
	STATUS_VIEW_NO_QUESTION = 2,	/* it is none of ours */
	STATUS_VIEW_UNKNOWN = 4,	/* nobody has seen that machine */
};

/* Is there a view of this name, such as "rules"? */
bool status_view_exists(const char *name);

/* The question for a machine, to be shown in that style.  Answers out. */
const char *status_view_of_machine(const uint8_t mac[FRAME_MAC], bool is_json,
    const struct story_style *style, char out[STATUS_VIEW_QUESTION]);

/* Print what is asked for.  With STATUS_VIEW_NO_QUESTION nothing is printed. */
int status_view_print(FILE *to, const struct status *status,
    const char *question);

#endif
