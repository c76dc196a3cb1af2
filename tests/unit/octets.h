#ifndef OCTETS_H
#define OCTETS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/span.h"

/*
 * octets.h - octets for tests: on the heap in their exact size, so that under
 * AddressSanitizer a read one past the end is a failure and not luck; and as
 * hexadecimal text, which a person can check against a specification.
 */

/* A run of octets in a table row: a string literal, NULs included. */
struct octets {
	const char *p;
	size_t n;
};

#define OCTETS(literal) { (literal), sizeof(literal) - 1 }

/* How many rows a table has. */
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Octets in a heap buffer of exactly their size; NULL for none at all. */
struct heap {
	uint8_t *p;
	size_t n;
};

static inline struct heap
heap_of(const void *octets, size_t n)
{
	struct heap heap = { NULL, n };

	if (n == 0)
		return heap;
	heap.p = malloc(n);
	if (heap.p == NULL) {
		perror("malloc");
		exit(2);
	}
	memcpy(heap.p, octets, n);
	return heap;
}

static inline struct span
heap_span(struct heap heap)
{
	return (struct span){ heap.p, heap.n };
}

static inline void
heap_free(struct heap heap)
{
	free(heap.p);
}

/* The octets of a row, as the core reads them. */
static inline struct span
octets_span(struct octets octets)
{
	return (struct span){ (const uint8_t *)octets.p, octets.n };
}

enum { OCTETS_HEX_MAX = 4096 };

/*
 * Octets as hexadecimal text, in one of four buffers that take turns: good
 * for the messages of one assertion.
 */
static inline const char *
octets_hex(struct span octets)
{
	static char text[4][OCTETS_HEX_MAX];
	static unsigned turn;
	char *out = text[turn++ % 4];
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < octets.n && at + 3 < OCTETS_HEX_MAX; i++)
		at += (size_t)snprintf(out + at, OCTETS_HEX_MAX - at, "%02x",
		    octets.p[i]);
	return out;
}

/*
 * Hexadecimal text without its blanks, in one of four buffers: what a test
 * has written by hand, to be compared with octets_hex().
 */
static inline const char *
octets_unblank(const char *hex)
{
	static char text[4][OCTETS_HEX_MAX];
	static unsigned turn;
	char *out = text[turn++ % 4];
	size_t at = 0;

	for (; *hex != '\0' && at + 1 < OCTETS_HEX_MAX; hex++)
		if (*hex != ' ')
			out[at++] = *hex;
	out[at] = '\0';
	return out;
}

/* An address from dotted decimal. */
static inline struct in_addr
octets_address(const char *dotted)
{
	unsigned a, b, c, d;

	if (sscanf(dotted, "%u.%u.%u.%u", &a, &b, &c, &d) != 4) {
		fprintf(stderr, "%s: not an address\n", dotted);
		exit(2);
	}
	return (struct in_addr){ htonl(a << 24 | b << 16 | c << 8 | d) };
}

#endif
