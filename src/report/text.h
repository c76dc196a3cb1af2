#ifndef TEXT_H
#define TEXT_H

#include "core/span.h"

#include <netinet/in.h>
#include <time.h>

/*
 * text.h - how an address, a time, a UUID and an architecture are written:
 * the same way in each line, table and object that this program prints.
 */

enum {
	TEXT_MAC = 3 * 16,		/* octets of text with its NUL, each */
	TEXT_ADDRESS = INET_ADDRSTRLEN,
	TEXT_TIME = 40,
	TEXT_UUID = 37,
	TEXT_ARCH = 40,
};

/*
 * A hardware address of n octets, at most 16 (the size of chaddr), such as
 * 52:54:00:12:34:56; a hyphen where it has none.  Answers out, as all do.
 */
const char *text_mac(const uint8_t *mac, size_t n, char out[TEXT_MAC]);

/* An IPv4 address, such as 10.1.0.2. */
const char *text_address(struct in_addr address, char out[TEXT_ADDRESS]);

/*
 * A time in UTC, such as 2026-01-31T12:00:00Z, with microseconds
 * 2026-01-31T12:00:00.250000Z.  A time that time_t cannot hold, or the year
 * 10000 and later, is written as seconds since 1970: @4294967296.250000.
 */
const char *text_time(time_t when, char out[TEXT_TIME]);
const char *text_time_micro(int64_t seconds, unsigned microseconds,
    char out[TEXT_TIME]);

/* The 16 octets of a UUID, such as 00112233-4455-6677-8899-aabbccddeeff. */
const char *text_uuid(const uint8_t uuid[16], char out[TEXT_UUID]);

/* An architecture by its name, or by its number, such as arch-99. */
const char *text_arch(uint16_t arch, char out[TEXT_ARCH]);

/*
 * A line that is put together in size octets at p, of which n are used; it
 * always ends with a NUL, and what does not fit is cut.
 */
struct text_line {
	char *p;
	size_t size;
	size_t n;
};

/* Begin a line there. */
struct text_line text_begin(char *p, size_t size);

void text_add(struct text_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void text_add_word(struct text_line *line, const char *word);

/*
 * Octets in double quotes, of which what is not printable ASCII, a quote or a
 * backslash is written as \xNN, so that nobody who can send a frame can forge
 * a line.  A text with a backslash and nothing else of that kind stands in
 * single quotes instead, as it is: so a file name is shown as it was typed, and
 * \xNN is an octet in double quotes alone.
 *
 * At most so many octets are shown; three dots follow if there were more.
 */
void text_add_quoted(struct text_line *line, struct span octets, size_t most);

/*
 * The same for a column of a table: all of them, and without the double
 * quotes.
 */
void text_add_cell(struct text_line *line, struct span octets);

#endif
