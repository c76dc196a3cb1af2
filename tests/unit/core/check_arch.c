#include <check.h>
#include <string.h>

#include "core/arch.h"
#include "unit/octets.h"
#include "unit/suite.h"

/*
 * The registry once more, written down from RFC 4578, the IANA list
 * "Processor Architecture Types" and the UEFI specification's file names, and
 * not from src/arch.c.  "-" is no usual file.
 */
static const struct {
	unsigned number;
	const char *name, *family, *transport, *file;
} registry[] = {
	{ 0, "x86-bios", "bios", "pxe", "pxelinux.0" },
	{ 1, "nec-pc98", "bios", "pxe", "-" },
	{ 2, "itanium", "uefi", "pxe", "elilo.efi" },
	{ 3, "dec-alpha", "other", "pxe", "-" },
	{ 4, "arc-x86", "bios", "pxe", "-" },
	{ 5, "intel-lean-client", "bios", "pxe", "-" },
	{ 6, "x86-uefi", "uefi", "pxe", "BOOTIA32.EFI" },
	{ 7, "x64-uefi", "uefi", "pxe", "BOOTX64.EFI" },
	{ 8, "xscale-efi", "uefi", "pxe", "-" },
	{ 9, "ebc", "uefi", "pxe", "BOOTX64.EFI" },
	{ 10, "arm32-uefi", "uefi", "pxe", "BOOTARM.EFI" },
	{ 11, "arm64-uefi", "uefi", "pxe", "BOOTAA64.EFI" },
	{ 12, "ppc-open-firmware", "other", "pxe", "core.elf" },
	{ 13, "ppc-epapr", "other", "pxe", "-" },
	{ 14, "power-opal", "other", "pxe", "-" },
	{ 15, "x86-uefi-http", "uefi", "http", "BOOTIA32.EFI" },
	{ 16, "x64-uefi-http", "uefi", "http", "BOOTX64.EFI" },
	{ 17, "ebc-http", "uefi", "http", "BOOTX64.EFI" },
	{ 18, "arm32-uefi-http", "uefi", "http", "BOOTARM.EFI" },
	{ 19, "arm64-uefi-http", "uefi", "http", "BOOTAA64.EFI" },
	{ 20, "x86-bios-http", "bios", "http", "undionly.kpxe" },
	{ 21, "arm32-uboot", "uboot", "pxe", "boot.scr.uimg" },
	{ 22, "arm64-uboot", "uboot", "pxe", "boot.scr.uimg" },
	{ 23, "arm32-uboot-http", "uboot", "http", "-" },
	{ 24, "arm64-uboot-http", "uboot", "http", "-" },
	{ 25, "riscv32-uefi", "uefi", "pxe", "BOOTRISCV32.EFI" },
	{ 26, "riscv32-uefi-http", "uefi", "http", "BOOTRISCV32.EFI" },
	{ 27, "riscv64-uefi", "uefi", "pxe", "BOOTRISCV64.EFI" },
	{ 28, "riscv64-uefi-http", "uefi", "http", "BOOTRISCV64.EFI" },
	{ 29, "riscv128-uefi", "uefi", "pxe", "BOOTRISCV128.EFI" },
	{ 30, "riscv128-uefi-http", "uefi", "http", "BOOTRISCV128.EFI" },
	{ 31, "s390-basic", "other", "pxe", "-" },
	{ 32, "s390-extended", "other", "pxe", "-" },
	{ 33, "mips32-uefi", "uefi", "pxe", "BOOTMIPS32.EFI" },
	{ 34, "mips64-uefi", "uefi", "pxe", "BOOTMIPS64.EFI" },
	{ 35, "sunway32-uefi", "uefi", "pxe", "BOOTSW64.EFI" },
	{ 36, "sunway64-uefi", "uefi", "pxe", "BOOTSW64.EFI" },
	{ 37, "loongarch32-uefi", "uefi", "pxe", "BOOTLOONGARCH32.EFI" },
	{ 38, "loongarch32-uefi-http", "uefi", "http",
	    "BOOTLOONGARCH32.EFI" },
	{ 39, "loongarch64-uefi", "uefi", "pxe", "BOOTLOONGARCH64.EFI" },
	{ 40, "loongarch64-uefi-http", "uefi", "http",
	    "BOOTLOONGARCH64.EFI" },
	{ 41, "arm-rpiboot", "other", "pxe", "-" },
};

START_TEST(test_row)
{
	const char *name = registry[_i].name;
	const struct arch *arch = arch_by_number((uint16_t)
	    registry[_i].number);

	ck_assert_msg(arch != NULL, "%s: no row", name);
	ck_assert_msg(arch->number == registry[_i].number, "%s: number %u",
	    name, arch->number);
	ck_assert_msg(strcmp(arch->name, name) == 0, "%s: is called %s",
	    name, arch->name);
	ck_assert_msg(strcmp(arch_family_name(arch->family),
	    registry[_i].family) == 0, "%s: family %s", name,
	    arch_family_name(arch->family));
	ck_assert_msg((arch->transport == ARCH_HTTP) ==
	    (strcmp(registry[_i].transport, "http") == 0), "%s: transport",
	    name);
	ck_assert_msg(strcmp(arch->file == NULL ? "-" : arch->file,
	    registry[_i].file) == 0, "%s: file %s", name, arch->file);
	ck_assert_msg(arch->title != NULL && arch->title[0] != '\0',
	    "%s: no title", name);
	ck_assert_msg(arch_by_name(name) == arch, "%s: not found by name",
	    name);
}
END_TEST

/* The registry's own words, where they are easily got wrong. */
static const struct {
	uint16_t number;
	const char *title;
} titles[] = {
	{ 0, "x86 BIOS" },
	{ 7, "x64 UEFI" },
	{ 9, "EBC" },
	{ 11, "ARM 64-bit UEFI" },
	{ 16, "x64 UEFI boot from HTTP" },
	{ 20, "pc/at bios boot from HTTP" },
	{ 22, "ARM 64 uboot" },
	{ 27, "RISC-V 64-bit UEFI" },
	{ 41, "arm rpiboot" },
};

START_TEST(test_title)
{
	ck_assert_str_eq(arch_by_number(titles[_i].number)->title,
	    titles[_i].title);
}
END_TEST

START_TEST(test_table)
{
	size_t n;
	const struct arch *table = arch_table(&n);

	ck_assert_uint_eq(n, ROWS(registry));
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(table[i].number, i);
}
END_TEST

static const uint16_t strangers[] = { 42, 43, 255, 256, 1792, 0x8000,
	0xffff };

START_TEST(test_stranger)
{
	ck_assert_msg(arch_by_number(strangers[_i]) == NULL, "%u has a row",
	    strangers[_i]);
}
END_TEST

static const char *const misnomers[] = { "", "x64", "X64-UEFI", "x64-uefi ",
	"7", "bios", "x86 BIOS" };

START_TEST(test_misnomer)
{
	ck_assert_msg(arch_by_name(misnomers[_i]) == NULL, "\"%s\" has a row",
	    misnomers[_i]);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("arch");
	TCase *tc = tcase_create("arch");

	tcase_add_loop_test(tc, test_row, 0, ROWS(registry));
	tcase_add_loop_test(tc, test_title, 0, ROWS(titles));
	tcase_add_loop_test(tc, test_stranger, 0, ROWS(strangers));
	tcase_add_loop_test(tc, test_misnomer, 0, ROWS(misnomers));
	tcase_add_test(tc, test_table);
	suite_add_tcase(s, tc);
	return s;
}
