#ifndef INCLUDE_H
#define INCLUDE_H

#include "config/parser.h"

/*
 * include.h - a configuration with all files that it includes, as one tree.
 */

/*
 * Read a file into the children of *root, which is empty at first; what an
 * included file has stands where its include stood.  Problems, memory and the
 * tree are as for parser_read().
 */
void include_read(const char *path, struct memory *memory,
    struct problems *problems, struct parser_node *root);

#endif
