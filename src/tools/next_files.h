#ifndef NEXT_FILES_H
#define NEXT_FILES_H

#include "core/responder.h"

#include <stdio.h>

/*
 * next_files.h - which files will the client ask the TFTP server for, after
 * the boot file that it is given?
 */

/*
 * Print the names that PXELINUX, or shim and GRUB, ask for, in their order,
 * as far as the boot file's name tells which of them it is.  address is the
 * client's: 0.0.0.0 where it is not known.
 */
void next_files_print(FILE *to, const struct responder_exchange *exchange,
    struct in_addr address);

#endif
