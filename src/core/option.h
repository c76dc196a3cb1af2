#ifndef OPTION_H
#define OPTION_H

#include "core/span.h"

/*
 * option.h - walk a block of DHCP options (RFC 2132 section 2), append one.
 *
 * Pure: no I/O, no allocation, no state outside the arguments.  One walk
 * serves the options field, an overloaded file or sname field (RFC 2131
 * section 4.1) and the inside of options 43 and 175, because all of them use
 * the same code-length-value grammar (RFC 2132 section 8.4).
 */

enum {
	OPTION_PAD = 0,			/* RFC 2132 section 3.1 */
	OPTION_END = 255,		/* RFC 2132 section 3.2 */
	OPTION_VALUE_MAX = 255,		/* octets in one option */
};

enum option_step {
	OPTION_ITEM,		/* *out holds an option; call again */
	OPTION_DONE,		/* END, or the block ran out between options */
	OPTION_TRUNCATED,	/* an option claims octets the block lacks */
};

struct option {
	uint8_t code;		/* never PAD or END */
	struct span value;	/* 0..255 octets, borrowed from the block */
};

/*
 * Step to the next option in *rest, and advance *rest past it.
 *
 * PADs are skipped.  After OPTION_DONE or OPTION_TRUNCATED *rest is empty,
 * so a caller that keeps calling gets OPTION_DONE, and the walk ends after
 * at most rest->n + 1 calls whatever the octets are.
 *
 * *out is written only with OPTION_ITEM.  Here, and not in option.c, because
 * no other function is called so often.
 */
static inline enum option_step
option_next(struct span *rest, struct option *out)
{
	enum option_step step = OPTION_DONE;
	struct span value;
	uint8_t code, length;

	do {
		/*
		 * RFC 2131 section 4.1 requires END.  A block without it is
		 * accepted: its length ends the walk, and inside option 43
		 * END is optional.
		 */
		if (!span_u8(rest, &code))
			goto stop;
	} while (code == OPTION_PAD);

	if (code == OPTION_END)
		goto stop;
	step = OPTION_TRUNCATED;
	if (!span_u8(rest, &length) || !span_take(rest, length, &value))
		goto stop;

	*out = (struct option){ .code = code, .value = value };
	return OPTION_ITEM;
stop:
	*rest = (struct span){ 0 };
	return step;
}

/*
 * Find the first option with this code in a block, such as sub-option 71 in
 * the value of option 43.  false where there is none before the end, or
 * before the first option that is cut short.
 */
bool option_find(struct span block, uint8_t code, struct span *out);

/*
 * As option_find(), in the value of option 82, which has neither PAD nor END:
 * 0 and 255 are codes of sub-options like all others (RFC 3046 section 2.0).
 */
bool option_find_relay(struct span block, uint8_t code, struct span *out);

/*
 * Append an option.  A value of more than 255 octets is split over several
 * options of the same code (RFC 3396 section 5).  A part that does not fit is
 * not written at all, and sets w->full.
 */
void option_append(struct span_writer *w, uint8_t code, struct span value);

#endif
