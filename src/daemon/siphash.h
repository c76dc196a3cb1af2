#ifndef SIPHASH_H
#define SIPHASH_H

#include "core/span.h"

#include <stdint.h>

/*
 * siphash.h - a number for octets, which nobody can foretell who does not know
 * the secret.
 *
 * SipHash-2-4 (Aumasson and Bernstein, 2012).  A table that is indexed with it
 * has no slot that a sender can aim at, however the octets are chosen.  Pure.
 */

enum { SIPHASH_SECRET = 16 };

struct siphash_secret {
	uint8_t octets[SIPHASH_SECRET];
};

uint64_t siphash(const struct siphash_secret *secret, struct span octets);

#endif
