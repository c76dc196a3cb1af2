#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/problem.h"

/*
 * fuzz_file.h - octets as a file, for the fuzz targets whose input is one.
 */

/*
 * Have try read a file with these octets.  It stands in a directory of its
 * own, beside a sound file "part.conf".  Problems are for this teller, which
 * looks at each; errors is how many there were.
 */
void fuzz_file(const uint8_t *octets, size_t n,
    void (*try)(const char *path, const struct problem_teller *teller,
    const unsigned *errors));

/* Abort with this text where it does not hold. */
void fuzz_insist(bool holds, const char *fault);

#endif
