#ifndef MICROS_H
#define MICROS_H

#include <stdint.h>
#include <time.h>

/*
 * micros.h - a time of a clock or of a frame in microseconds, as the diagnosis
 * counts them.
 */

enum { MICROS = 1000000 };		/* in a second */

static inline int64_t
micros_of(struct timespec time)
{
	return (int64_t)time.tv_sec * MICROS + time.tv_nsec / 1000;
}

#endif
