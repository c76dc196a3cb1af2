#include "core/arch.h"

#include <string.h>

#define ROW(number, family, transport, name, title, file) \
	[number] = { number, ARCH_##family, ARCH_##transport, name, title, \
	    file }

/*
 * The usual files are the names of the removable media path (UEFI
 * specification section 3.5.1.1) if there is one.  NULL: there is no usual
 * name, or such a machine fetches no file by that name.
 */
static const struct arch table[] = {
	ROW(0, BIOS, PXE, "x86-bios", "x86 BIOS", "pxelinux.0"),
	ROW(1, BIOS, PXE, "nec-pc98", "NEC/PC98 (deprecated)", NULL),
	ROW(2, UEFI, PXE, "itanium", "Itanium", "elilo.efi"),
	ROW(3, OTHER, PXE, "dec-alpha", "DEC Alpha (deprecated)", NULL),
	ROW(4, BIOS, PXE, "arc-x86", "Arc x86 (deprecated)", NULL),
	ROW(5, BIOS, PXE, "intel-lean-client",
	    "Intel Lean Client (deprecated)", NULL),
	ROW(6, UEFI, PXE, "x86-uefi", "x86 UEFI", "BOOTIA32.EFI"),
	ROW(7, UEFI, PXE, "x64-uefi", "x64 UEFI", "BOOTX64.EFI"),
	ROW(8, UEFI, PXE, "xscale-efi", "EFI Xscale (deprecated)", NULL),
	/* Many x64 machines send 9: it has the same file as x64. */
	ROW(9, UEFI, PXE, "ebc", "EBC", "BOOTX64.EFI"),
	ROW(10, UEFI, PXE, "arm32-uefi", "ARM 32-bit UEFI", "BOOTARM.EFI"),
	ROW(11, UEFI, PXE, "arm64-uefi", "ARM 64-bit UEFI", "BOOTAA64.EFI"),
	ROW(12, OTHER, PXE, "ppc-open-firmware", "PowerPC Open Firmware",
	    "core.elf"),
	ROW(13, OTHER, PXE, "ppc-epapr", "PowerPC ePAPR", NULL),
	ROW(14, OTHER, PXE, "power-opal", "POWER OPAL v3", NULL),
	ROW(15, UEFI, HTTP, "x86-uefi-http", "x86 UEFI boot from HTTP",
	    "BOOTIA32.EFI"),
	ROW(16, UEFI, HTTP, "x64-uefi-http", "x64 UEFI boot from HTTP",
	    "BOOTX64.EFI"),
	ROW(17, UEFI, HTTP, "ebc-http", "EBC boot from HTTP", "BOOTX64.EFI"),
	ROW(18, UEFI, HTTP, "arm32-uefi-http",
	    "ARM UEFI 32 boot from HTTP", "BOOTARM.EFI"),
	ROW(19, UEFI, HTTP, "arm64-uefi-http",
	    "ARM UEFI 64 boot from HTTP", "BOOTAA64.EFI"),
	ROW(20, BIOS, HTTP, "x86-bios-http", "pc/at bios boot from HTTP",
	    "undionly.kpxe"),
	ROW(21, UBOOT, PXE, "arm32-uboot", "ARM 32 uboot", "boot.scr.uimg"),
	ROW(22, UBOOT, PXE, "arm64-uboot", "ARM 64 uboot", "boot.scr.uimg"),
	ROW(23, UBOOT, HTTP, "arm32-uboot-http",
	    "ARM uboot 32 boot from HTTP", NULL),
	ROW(24, UBOOT, HTTP, "arm64-uboot-http",
	    "ARM uboot 64 boot from HTTP", NULL),
	ROW(25, UEFI, PXE, "riscv32-uefi", "RISC-V 32-bit UEFI",
	    "BOOTRISCV32.EFI"),
	ROW(26, UEFI, HTTP, "riscv32-uefi-http",
	    "RISC-V 32-bit UEFI boot from HTTP", "BOOTRISCV32.EFI"),
	ROW(27, UEFI, PXE, "riscv64-uefi", "RISC-V 64-bit UEFI",
	    "BOOTRISCV64.EFI"),
	ROW(28, UEFI, HTTP, "riscv64-uefi-http",
	    "RISC-V 64-bit UEFI boot from HTTP", "BOOTRISCV64.EFI"),
	ROW(29, UEFI, PXE, "riscv128-uefi", "RISC-V 128-bit UEFI",
	    "BOOTRISCV128.EFI"),
	ROW(30, UEFI, HTTP, "riscv128-uefi-http",
	    "RISC-V 128-bit UEFI boot from HTTP", "BOOTRISCV128.EFI"),
	ROW(31, OTHER, PXE, "s390-basic", "s390 Basic", NULL),
	ROW(32, OTHER, PXE, "s390-extended", "s390 Extended", NULL),
	ROW(33, UEFI, PXE, "mips32-uefi", "MIPS 32-bit UEFI",
	    "BOOTMIPS32.EFI"),
	ROW(34, UEFI, PXE, "mips64-uefi", "MIPS 64-bit UEFI",
	    "BOOTMIPS64.EFI"),
	ROW(35, UEFI, PXE, "sunway32-uefi", "Sunway 32-bit UEFI",
	    "BOOTSW64.EFI"),
	ROW(36, UEFI, PXE, "sunway64-uefi", "Sunway 64-bit UEFI",
	    "BOOTSW64.EFI"),
	ROW(37, UEFI, PXE, "loongarch32-uefi", "LoongArch 32-bit UEFI",
	    "BOOTLOONGARCH32.EFI"),
	ROW(38, UEFI, HTTP, "loongarch32-uefi-http",
	    "LoongArch 32-bit UEFI boot from HTTP", "BOOTLOONGARCH32.EFI"),
	ROW(39, UEFI, PXE, "loongarch64-uefi", "LoongArch 64-bit UEFI",
	    "BOOTLOONGARCH64.EFI"),
	ROW(40, UEFI, HTTP, "loongarch64-uefi-http",
	    "LoongArch 64-bit UEFI boot from HTTP", "BOOTLOONGARCH64.EFI"),
	ROW(41, OTHER, PXE, "arm-rpiboot", "arm rpiboot", NULL),
};

#undef ROW

enum { ROWS = sizeof(table) / sizeof(table[0]) };

const struct arch *
arch_table(size_t *n)
{
	*n = ROWS;
	return table;
}

const struct arch *
arch_by_number(uint16_t number)
{
	return number < ROWS ? &table[number] : NULL;
}

const struct arch *
arch_by_name(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

const char *
arch_family_name(enum arch_family family)
{
	static const char *const names[] = {
		[ARCH_BIOS] = "bios",
		[ARCH_UEFI] = "uefi",
		[ARCH_UBOOT] = "uboot",
		[ARCH_OTHER] = "other",
	};

	return names[family];
}
