#ifndef LOG_PROBLEM_H
#define LOG_PROBLEM_H

#include "config/problem.h"

/*
 * log_problem.h - problems of a configuration, told to the log: the text,
 * and below it the line with a caret.  Lines that are JSON have the text
 * alone.
 */

struct problem_teller log_problem_teller(void);

#endif
