#include "report/text.h"

#include "core/arch.h"
#include "core/template.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	MAC_OCTETS = 16,
	UUID_OCTETS = 16,
	YEAR_LAST = 9999 - 1900,	/* of struct tm: four digits */
};

const char *
text_mac(const uint8_t *mac, size_t n, char out[TEXT_MAC])
{
	static const char digits[] = "0123456789abcdef";
	char *at = out;

	for (size_t i = 0; i < n && i < MAC_OCTETS; i++) {
		if (i > 0)
			*at++ = ':';
		*at++ = digits[mac[i] >> 4];
		*at++ = digits[mac[i] & 0xf];
	}
	if (n == 0)
		*at++ = '-';
	*at = '\0';
	return out;
}

/* As ${next-server} is written in the name of a file. */
const char *
text_address(struct in_addr address, char out[TEXT_ADDRESS])
{
	struct span_writer w = { (uint8_t *)out, TEXT_ADDRESS - 1, 0, false };

	template_write_dotted(&w, address);
	out[w.n] = '\0';
	return out;
}

/* The time as a date; false where it cannot be written as one. */
static bool
break_down(int64_t seconds, struct tm *out)
{
	time_t when = (time_t)seconds;

	return when == seconds && gmtime_r(&when, out) != NULL &&
	    out->tm_year <= YEAR_LAST;
}

const char *
text_time(time_t when, char out[TEXT_TIME])
{
	struct tm tm;

	if (!break_down(when, &tm) ||
	    strftime(out, TEXT_TIME, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(out, TEXT_TIME, "@%" PRId64, (int64_t)when);
	return out;
}

const char *
text_time_micro(int64_t seconds, unsigned microseconds, char out[TEXT_TIME])
{
	struct text_line line = text_begin(out, TEXT_TIME);
	struct tm tm;

	if (break_down(seconds, &tm)) {
		line.n = strftime(out, TEXT_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
		text_add(&line, ".%06uZ", microseconds);
	} else {
		text_add(&line, "@%" PRId64 ".%06u", seconds, microseconds);
	}
	return out;
}

const char *
text_uuid(const uint8_t uuid[16], char out[TEXT_UUID])
{
	struct span_writer w = { (uint8_t *)out, TEXT_UUID - 1, 0, false };

	template_write_uuid(&w, (struct span){ uuid, UUID_OCTETS });
	out[w.n] = '\0';
	return out;
}

const char *
text_arch(uint16_t arch, char out[TEXT_ARCH])
{
	const struct arch *row = arch_by_number(arch);

	if (row != NULL)
		return row->name;
	(void)snprintf(out, TEXT_ARCH, "arch-%u", arch);
	return out;
}

struct text_line
text_begin(char *p, size_t size)
{
	*p = '\0';
	return (struct text_line){ p, size, 0 };
}

void
text_add(struct text_line *line, const char *format, ...)
{
	size_t room = line->size - line->n;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line->p + line->n, room, format, ap);
	va_end(ap);
	if (n > 0)
		line->n += (size_t)n < room ? (size_t)n : room - 1;
}

static void
add_octets(struct text_line *line, const char *octets, size_t n)
{
	size_t room = line->size - line->n - 1;

	if (n > room)
		n = room;
	memcpy(line->p + line->n, octets, n);
	line->n += n;
	line->p[line->n] = '\0';
}

void
text_add_word(struct text_line *line, const char *word)
{
	add_octets(line, word, strlen(word));
}

static bool
is_plain(uint8_t c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static void
add_escaped(struct text_line *line, struct span octets)
{
	struct span plain;
	size_t n;
	uint8_t c;

	while (octets.n > 0) {
		for (n = 0; n < octets.n && is_plain(octets.p[n]); n++)
			continue;
		if (span_take(&octets, n, &plain))
			add_octets(line, (const char *)plain.p, plain.n);
		if (octets.n > 0 && span_u8(&octets, &c))
			text_add(line, "\\x%02x", c);
	}
}

/* Has it a backslash, and nothing that single quotes cannot hold? */
static bool
suits_single_quotes(struct span octets)
{
	bool has_backslash = false;
	uint8_t c;

	while (span_u8(&octets, &c)) {
		if (c == '\'' || (!is_plain(c) && c != '\\'))
			return false;
		has_backslash |= c == '\\';
	}
	return has_backslash;
}

void
text_add_quoted(struct text_line *line, struct span octets, size_t most)
{
	struct span shown;
	bool is_verbatim;

	if (!span_take(&octets, most, &shown)) {
		shown = octets;
		octets.n = 0;
	}
	is_verbatim = suits_single_quotes(shown);
	text_add_word(line, is_verbatim ? "'" : "\"");
	if (is_verbatim)
		add_octets(line, (const char *)shown.p, shown.n);
	else
		add_escaped(line, shown);
	text_add_word(line, octets.n > 0 ? "..." : "");
	text_add_word(line, is_verbatim ? "'" : "\"");
}

void
text_add_cell(struct text_line *line, struct span octets)
{
	if (suits_single_quotes(octets))
		text_add_quoted(line, octets, octets.n);
	else
		add_escaped(line, octets);
}
