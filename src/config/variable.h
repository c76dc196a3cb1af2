#ifndef VARIABLE_H
#define VARIABLE_H

#include <stdbool.h>

/*
 * variable.h - what ${NAME} stands for in a configuration.
 */

enum { VARIABLE_NAME = 256, VARIABLE_FAULT = 900 };	/* octets */

/*
 * Is there a variable of this name?  One of template.h stays as it is, and
 * *value is NULL; of env:NAME *value is what the environment has, borrowed
 * from it.  false: *fault says what is wrong.
 */
bool variable_find(const char *name, const char **value,
    char fault[VARIABLE_FAULT]);

#endif
