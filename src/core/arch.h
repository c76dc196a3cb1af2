#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * arch.h - the client architectures (option 93) as one table.
 *
 * The IANA registry "Processor Architecture Types", which replaces the list of
 * RFC 4578 section 2.1: 7 is x64 and 9 is EBC (RFC errata 4624).
 */

/* What kind of firmware asks: it decides the usual form of the answer. */
enum arch_family {
	ARCH_BIOS,		/* a BIOS, with a PXE 2.1 ROM */
	ARCH_UEFI,		/* EFI and UEFI */
	ARCH_UBOOT,
	ARCH_OTHER,
};

enum { ARCH_X86_BIOS = 0 };	/* the number of the oldest one */

enum arch_transport {
	ARCH_PXE,		/* fetches by TFTP */
	ARCH_HTTP,		/* "boot from HTTP" in the registry */
};

struct arch {
	uint16_t number;
	enum arch_family family;
	enum arch_transport transport;
	const char *name;	/* ours, for configuration and logs */
	const char *title;	/* the registry's */
	const char *file;	/* the usual boot file, or NULL */
};

/* The table, in the order of numbers; *n is its length. */
const struct arch *arch_table(size_t *n);

/* The row of a number, or NULL where the registry has none. */
const struct arch *arch_by_number(uint16_t number);

/* The row of a name such as "x64-uefi", or NULL. */
const struct arch *arch_by_name(const char *name);

/* The name of a family, such as "bios". */
const char *arch_family_name(enum arch_family family);

#endif
