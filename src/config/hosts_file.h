#ifndef HOSTS_FILE_H
#define HOSTS_FILE_H

#include "core/hosts.h"

/*
 * hosts_file.h - read a table of hosts: on each line a MAC address or UUID,
 * a boot file name and, if it is not the rule's, a next-server, separated by
 * blanks.  Empty lines and what follows a # at a word's beginning are
 * comments.
 */

/*
 * Read the file.  NULL after an error, which was logged with file and line;
 * the caller frees the table with hosts_file_free().
 */
const struct hosts_table *hosts_file_read(const char *path);

void hosts_file_free(const struct hosts_table *hosts);

#endif
