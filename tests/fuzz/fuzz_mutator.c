#include "fuzz/mutate.h"

/*
 * fuzz_mutator.c - libFuzzer's mutations for frames.
 *
 * Most change what the DHCP message says and keep all around it sound, since
 * random octets seldom get that far.  The rest are libFuzzer's own, on the
 * raw frame.
 */

size_t LLVMFuzzerMutate(uint8_t *octets, size_t n, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *octets, size_t n, size_t room,
    unsigned seed);

enum {
	RAW = 5,		/* one in so many is libFuzzer's own */
	ANEW = 64,		/* and one begins with another request */
};

size_t
LLVMFuzzerCustomMutator(uint8_t *octets, size_t n, size_t room,
    unsigned seed)
{
	struct dice dice = dice_of(seed);
	size_t changed = 0;

	dice.bend = LLVMFuzzerMutate;
	if (dice_roll(&dice, ANEW) == 0)
		n = mutate_request(&dice, octets, room);
	if (dice_roll(&dice, RAW) != 0)
		changed = mutate_message(&dice, octets, n, room);
	return changed > 0 ? changed : LLVMFuzzerMutate(octets, n, room);
}
