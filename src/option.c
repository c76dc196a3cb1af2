#include "option.h"

static enum option_step
stop(struct span *rest, enum option_step why)
{
	*rest = (struct span){ 0 };
	return why;
}

enum option_step
option_next(struct span *rest, struct option *out)
{
	struct span value;
	uint8_t code, length;

	do {
		/*
		 * RFC 2131 wants END last.  A block without one harms
		 * nothing, since its own length bounds the walk, and inside
		 * option 43 END is optional anyway.
		 */
		if (!span_u8(rest, &code))
			return stop(rest, OPTION_DONE);
	} while (code == OPTION_PAD);

	if (code == OPTION_END)
		return stop(rest, OPTION_DONE);
	if (!span_u8(rest, &length) || !span_take(rest, length, &value))
		return stop(rest, OPTION_TRUNCATED);

	*out = (struct option){ .code = code, .value = value };
	return OPTION_ITEM;
}

bool
option_find(struct span block, uint8_t code, struct span *out)
{
	struct option option;

	while (option_next(&block, &option) == OPTION_ITEM) {
		if (option.code == code) {
			*out = option.value;
			return true;
		}
	}
	return false;
}

void
option_append(struct writer *w, uint8_t code, struct span value)
{
	struct span part;

	do {
		size_t n = value.n < OPTION_VALUE_MAX ? value.n :
		    OPTION_VALUE_MAX;

		(void)span_take(&value, n, &part);	/* n <= value.n */
		write_u8(w, code);
		write_u8(w, (uint8_t)n);
		write_octets(w, part);
	} while (value.n > 0);
}
