#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * fuzz_file.h - octets as a file, for the fuzz targets whose input is one.
 */

/*
 * Have try read a file with these octets; complaints is how many errors it
 * has logged so far.
 */
void fuzz_file(const uint8_t *octets, size_t n,
    void (*try)(const char *path, const unsigned long *complaints));

/* Abort with this text where it does not hold. */
void fuzz_insist(bool holds, const char *fault);

#endif
