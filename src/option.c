#include "option.h"

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

/* value.n is at most OPTION_VALUE_MAX. */
static void
append_one(struct writer *w, uint8_t code, struct span value)
{
	write_be16(w, (uint16_t)((size_t)code << 8 | value.n));
	write_octets(w, value);
}

void
option_append(struct writer *w, uint8_t code, struct span value)
{
	struct span part;

	while (value.n > OPTION_VALUE_MAX &&
	    span_take(&value, OPTION_VALUE_MAX, &part))
		append_one(w, code, part);
	append_one(w, code, value);
}
