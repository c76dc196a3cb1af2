#ifndef DICE_H
#define DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * dice.h - numbers in a row, the same each time for the same seed.
 */

struct dice {
	uint64_t state;
	/* What else can change the octets of a value, or NULL: libFuzzer. */
	size_t (*bend)(uint8_t *octets, size_t n, size_t room);
};

static inline struct dice
dice_of(uint32_t seed)
{
	return (struct dice){ (uint64_t)seed * 0x9e3779b97f4a7c15u + 1,
	    NULL };
}

/* Marsaglia's xorshift64. */
static inline uint32_t
dice_number(struct dice *dice)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return (uint32_t)(dice->state >> 32);
}

/* From 0 to sides - 1. */
static inline unsigned
dice_roll(struct dice *dice, unsigned sides)
{
	return dice_number(dice) % sides;
}

static inline uint8_t
dice_octet(struct dice *dice)
{
	return (uint8_t)dice_number(dice);
}

static inline bool
one_in(struct dice *dice, unsigned sides)
{
	return dice_roll(dice, sides) == 0;
}

/* One of the rows of a table. */
#define ONE_OF(dice, table) \
	((table)[dice_roll((dice), sizeof(table) / sizeof((table)[0]))])

#endif
