#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/next_files.h"
#include "unit/octets.h"
#include "unit/suite.h"

/*
 * What comes next, for each boot file that the pages, the samples and
 * captures name: words that must be said, in this order, and one that must
 * not.
 */
#define REVOCATIONS "revocations_sku.efi", "revocations_sbat.efi", \
	"shim_certificate_0.efi"
#define SAYS_NOTHING { "the name does not tell" }, NULL
#define SAYS_SHIM { "may be shim's or GRUB's", REVOCATIONS }, NULL

static const struct {
	const char *file;
	uint16_t arch;
	const char *says[6];
	const char *not;
} rows[] = {
	{ "BOOTX64.EFI", 7, { "may be shim's or GRUB's", REVOCATIONS,
	    "grubx64.efi", "grub.cfg\n" }, "iPXE" },
	{ "bootx64.efi", 7, SAYS_SHIM },
	{ "BOOTIA32.EFI", 6, { "grubia32.efi" }, NULL },
	{ "BOOTAA64.EFI", 11, { "grubaa64.efi" }, NULL },
	{ "BOOTARM.EFI", 10, SAYS_SHIM },
	{ "BOOTRISCV64.EFI", 27, { "grubriscv64.efi" }, NULL },
	{ "BOOTLOONGARCH64.EFI", 39, { "grubloongarch64.efi" }, NULL },
	{ "BOOTLOONGARCH32.EFI", 37, { "grub*.efi" }, NULL },
	{ "BOOTSW64.EFI", 36, SAYS_SHIM },
	{ "rescue/BOOTX64.EFI", 7, { "rescue/revocations_sku.efi",
	    "rescue/grubx64.efi" }, NULL },
	{ "shimx64.efi", 7, { "normal and harmless", REVOCATIONS,
	    "shim then asks for:\n    grubx64.efi" }, "may be" },
	{ "efi/shimaa64.efi", 11, { "efi/revocations_sku.efi",
	    "efi/grubaa64.efi" }, NULL },
	{ "grubx64.efi", 7, { "GRUB then", "grub.cfg-01-52-54-00-12-34-56",
	    "grub.cfg-0A010032", "grub.cfg-0\n", "grub.cfg\n" }, "shim" },
	{ "core.elf", 12, { "GRUB then" }, NULL },
	{ "pxelinux.0", 0, { "PXELINUX then",
	    "pxelinux.cfg/01-52-54-00-12-34-56", "pxelinux.cfg/0A010032",
	    "pxelinux.cfg/default" }, NULL },
	{ "rescue/lpxelinux.0", 0, { "rescue/pxelinux.cfg/default" }, NULL },
	{ "syslinux.efi", 7, { "PXELINUX then" }, NULL },
	{ "undionly.kpxe", 0, { "iPXE then asks by DHCP again" }, NULL },
	{ "snponly.efi", 7, { "iPXE then" }, "shim" },
	{ "lab/ipxe.efi", 7, { "iPXE then" }, NULL },
	{ "ipxe-arm64.efi", 11, { "iPXE then" }, "shim" },
	{ "Boot\\IPXE\\snponly-shim.efi", 7, { "Boot\\IPXE\\revocations_sku",
	    "Boot\\IPXE\\snponly.efi", "iPXE then" }, "grub" },
	{ "ipxe-shimx64.efi", 7, { REVOCATIONS, "    ipxe.efi",
	    "iPXE then" }, "grub" },
	{ "http://10.1.0.2/boot.ipxe", 7, { "a script of iPXE" }, "shim" },
	{ "http://10.1.0.2/boot.ipxe?mac=52:54:00:12:34:56", 7,
	    { "a script of iPXE" }, "shim" },
	{ "http://10.1.0.2/boot.php?file=a/b.efi", 7,
	    { "a script of iPXE" }, NULL },
	{ "http://10.1.0.2:8080/shimx64.efi", 16,
	    { "http://10.1.0.2:8080/grubx64.efi" }, NULL },
	{ "boot.scr.uimg", 22, { "a script of U-Boot" }, "shim" },
	{ "bootmgfw.efi", 7, { "Windows' boot manager", "BCD" }, "shim" },
	{ "SMSBoot\\x64\\wdsnbp.com", 0, { "WDS' loader" }, NULL },
	{ "SMSBoot\\x86\\wdsmgfw.efi", 6, { "WDS' loader" }, NULL },
	{ "bootcode.bin", 0, { "Raspberry Pi's ROM" }, "shim" },
	{ "start4.elf", 0, { "Raspberry Pi's ROM" }, NULL },
	{ "elilo.efi", 2, SAYS_NOTHING },
	{ "pvsnbpx64.efi", 7, SAYS_NOTHING },
	{ "ARDBP32.BIN", 0, SAYS_NOTHING },
	{ "board.efi", 7, SAYS_NOTHING },
	{ "every/client.efi", 7, SAYS_NOTHING },
	{ "boot/loader", 7, SAYS_NOTHING },
	{ "ipxe/boot.efi", 7, SAYS_SHIM },
	{ "dir/", 7, SAYS_NOTHING },
};

START_TEST(test_next)
{
	static struct responder_exchange x;
	const uint8_t mac[] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	char *text = NULL;
	const char *at;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	ck_assert_ptr_nonnull(to);
	x.dhcp.htype = 1;
	x.dhcp.hlen = sizeof(mac);
	memcpy(x.dhcp.chaddr, mac, sizeof(mac));
	x.request = (struct pxe_request){ .dhcp = &x.dhcp, .has_arch = true,
		.arch = rows[_i].arch };
	x.decision.n = strlen(rows[_i].file);
	memcpy(x.decision.file, rows[_i].file, x.decision.n + 1);
	next_files_print(to, &x, octets_address("10.1.0.50"));
	ck_assert_int_eq(fclose(to), 0);
	at = text;
	for (size_t i = 0; i < ROWS(rows[_i].says) &&
	    rows[_i].says[i] != NULL; i++) {
		at = strstr(at, rows[_i].says[i]);
		ck_assert_msg(at != NULL, "%s: no \"%s\" in its place:\n%s",
		    rows[_i].file, rows[_i].says[i], text);
	}
	ck_assert_msg(rows[_i].not == NULL ||
	    strstr(text, rows[_i].not) == NULL, "%s: \"%s\" in\n%s",
	    rows[_i].file, rows[_i].not, text);
	free(text);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("next_files");
	TCase *tc = tcase_create("next_files");

	tcase_add_loop_test(tc, test_next, 0, ROWS(rows));
	suite_add_tcase(s, tc);
	return s;
}
