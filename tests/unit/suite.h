#ifndef SUITE_H
#define SUITE_H

#include <check.h>

/* The suite of one check_MODULE.c; suite.c has the main() that runs it. */
Suite *suite(void);

#endif
