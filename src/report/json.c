#include "report/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	ESCAPE_MAX = 6,		/* octets of \u00XX */
};

static bool
is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* RFC 3629 section 4: no overlong forms, no surrogates, up to U+10FFFF. */
size_t
json_utf8(const char *text)
{
	unsigned char a = (unsigned char)text[0];
	unsigned char b = a != 0 ? (unsigned char)text[1] : 0;

	if (a < 0x80)
		return a != 0;
	if (!is_tail(text[1]))
		return 0;
	if (a >= 0xc2 && a <= 0xdf)
		return 2;
	if (!is_tail(text[2]) || (a == 0xe0 && b < 0xa0) ||
	    (a == 0xed && b > 0x9f))
		return 0;
	if (a >= 0xe0 && a <= 0xef)
		return 3;
	if (!is_tail(text[3]) || a < 0xf0 || a > 0xf4 ||
	    (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f))
		return 0;
	return 4;
}

const char *
json_text(const char *text, char *out, size_t size)
{
	size_t n = 0;

	out[n++] = '"';
	/* Room for the longest character, the quote and the NUL. */
	while (*text != '\0' && n + ESCAPE_MAX + 2 <= size) {
		unsigned char c = (unsigned char)*text;
		size_t whole = json_utf8(text);

		if (c == '"' || c == '\\') {
			out[n++] = '\\';
			out[n++] = *text++;
		} else if (c < ' ' || c == 0x7f || whole == 0) {
			n += (size_t)snprintf(out + n, size - n, "\\u%04x",
			    c);
			text++;
		} else {
			memcpy(out + n, text, whole);
			n += whole;
			text += whole;
		}
	}
	out[n++] = '"';
	out[n] = '\0';
	return out;
}

const char *
json_wire(struct span octets, size_t most, char *out, size_t size)
{
	size_t n = 0;
	uint8_t c;

	out[n++] = '"';
	while (most-- > 0 && n + ESCAPE_MAX + 2 <= size &&
	    span_u8(&octets, &c)) {
		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\')
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, size - n, "\\u%04x",
			    c);
	}
	out[n++] = '"';
	out[n] = '\0';
	return out;
}
