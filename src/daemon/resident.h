#ifndef RESIDENT_H
#define RESIDENT_H

/*
 * resident.h - keep resident what is in use.
 *
 * The start touches much that serving does not: the libraries that are linked
 * because others need them, the compiler of the capture filter, the readers of
 * the configuration.
 */

/*
 * Give back what is free in the heap, and unmap the pages of the program and
 * its libraries that nobody has written to.  They are the files' own: what is
 * used again is mapped again, without being read for as long as the kernel has
 * it.  Nothing changes but that; where it cannot be had, or the process is
 * traced, it stays as it was.
 */
void resident_trim(void);

#endif
