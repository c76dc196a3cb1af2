#include "core/option.h"

enum { OPTION_HEADER = 2 };		/* octets: code and length */

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

bool
option_find_relay(struct span block, uint8_t code, struct span *out)
{
	struct span value;
	uint8_t found, length;

	while (span_u8(&block, &found) && span_u8(&block, &length) &&
	    span_take(&block, length, &value)) {
		if (found == code) {
			*out = value;
			return true;
		}
	}
	return false;
}

/* Append one option; value.n is at most OPTION_VALUE_MAX. */
static void
append_one(struct span_writer *w, uint8_t code, struct span value)
{
	uint8_t *at = write_claim(w, OPTION_HEADER + value.n);

	if (at == NULL)
		return;
	at[0] = code;
	at[1] = (uint8_t)value.n;
	if (value.n > 0)
		memcpy(at + OPTION_HEADER, value.p, value.n);
}

void
option_append(struct span_writer *w, uint8_t code, struct span value)
{
	struct span part;

	while (value.n > OPTION_VALUE_MAX &&
	    span_take(&value, OPTION_VALUE_MAX, &part))
		append_one(w, code, part);
	append_one(w, code, value);
}
