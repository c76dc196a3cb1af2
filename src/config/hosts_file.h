#ifndef HOSTS_FILE_H
#define HOSTS_FILE_H

#include "config/problem.h"
#include "core/hosts.h"

/*
 * hosts_file.h - read a table of hosts: on each line a MAC address or UUID,
 * and, where they are not the rule's, a boot file name and a next-server,
 * separated by blanks; or "ignore" in the place of both.  Empty lines and what
 * follows a # at a word's beginning are comments.
 */

/*
 * Read the file that is named at this place.  NULL after an error, which was
 * told; the caller frees the table with hosts_file_free().
 */
const struct hosts_table *hosts_file_read(const char *path,
    const struct place *named, struct problems *problems);

void hosts_file_free(const struct hosts_table *hosts);

#endif
