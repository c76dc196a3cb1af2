#include "tools/next_files.h"

#include "core/template.h"

#include <string.h>
#include <strings.h>

enum {
	NAME_MAX_OCTETS = 64,
	HEX_DIGITS = 8,		/* of an IPv4 address */
};

/* A boot file, taken apart, and who asked for it. */
struct next_files_boot {
	const struct responder_exchange *x;
	struct in_addr address;		/* the client's; 0.0.0.0: not known */
	const char *file;
	int directory;			/* octets of it, with its separator */
	const char *name;		/* behind the directory */
	size_t n;			/* octets of it, without ?query */
};

static struct next_files_boot
take_apart(const struct responder_exchange *x, struct in_addr address)
{
	struct next_files_boot boot = { .x = x, .address = address,
		.file = x->decision.file, .name = x->decision.file };

	/* Windows' names have backslashes. */
	for (const char *at = boot.file; *at != '\0' && *at != '?'; at++)
		if (*at == '/' || *at == '\\')
			boot.name = at + 1;
	boot.directory = (int)(boot.name - boot.file);
	boot.n = strcspn(boot.name, "?");
	return boot;
}

static bool
begins(const struct next_files_boot *boot, const char *with)
{
	size_t n = strlen(with);

	return n <= boot->n && strncasecmp(boot->name, with, n) == 0;
}

static bool
ends(const struct next_files_boot *boot, const char *with)
{
	size_t n = strlen(with);

	return n <= boot->n &&
	    strncasecmp(boot->name + boot->n - n, with, n) == 0;
}

/* One file in the directory of the boot file. */
static void
print_beside(FILE *to, const struct next_files_boot *boot, const char *name)
{
	(void)fprintf(to, "    %.*s%s\n", boot->directory, boot->file, name);
}

/* The MAC address as both loaders write it: type, hyphen, address. */
static void
mac_text(const struct responder_exchange *x, char out[NAME_MAX_OCTETS])
{
	struct span_writer w = { (uint8_t *)out, NAME_MAX_OCTETS - 1, 0,
	    false };
	uint8_t htype = x->dhcp.htype;

	template_write_hex(&w, (struct span){ &htype, 1 }, '\0');
	write_u8(&w, '-');
	template_write_hex(&w, (struct span){ x->dhcp.chaddr, x->dhcp.hlen },
	    '-');
	out[w.n] = '\0';
}

static bool
uuid_text(const struct responder_exchange *x, char out[NAME_MAX_OCTETS])
{
	struct span_writer w = { (uint8_t *)out, NAME_MAX_OCTETS - 1, 0,
	    false };
	struct span uuid;

	if (!pxe_uuid(&x->request, &uuid))
		return false;
	template_write_uuid(&w, uuid);
	out[w.n] = '\0';
	return true;
}

/* The names that both loaders make of the address: C0A8025B, ... C. */
static void
print_addresses(FILE *to, const char *before, struct in_addr address)
{
	char hex[HEX_DIGITS + 1];

	if (address.s_addr == 0) {
		(void)fprintf(to, "    %sHEX-ADDRESS, then one digit less "
		    "each time (its address is not known)\n", before);
		return;
	}
	(void)snprintf(hex, sizeof(hex), "%08X", ntohl(address.s_addr));
	for (int digits = HEX_DIGITS; digits > 0; digits--)
		(void)fprintf(to, "    %s%.*s\n", before, digits, hex);
}

static void
print_pxelinux(FILE *to, const struct next_files_boot *boot)
{
	char name[NAME_MAX_OCTETS], before[POLICY_FILE_MAX + 16];

	(void)snprintf(before, sizeof(before), "%.*spxelinux.cfg/",
	    boot->directory, boot->file);
	(void)fprintf(to, "  PXELINUX then asks for:\n");
	if (uuid_text(boot->x, name))
		(void)fprintf(to, "    %s%s\n", before, name);
	mac_text(boot->x, name);
	(void)fprintf(to, "    %s%s\n", before, name);
	print_addresses(to, before, boot->address);
	(void)fprintf(to, "    %sdefault\n", before);
}

static void
print_grub(FILE *to, const struct next_files_boot *boot)
{
	char name[NAME_MAX_OCTETS];

	(void)fprintf(to, "  GRUB then asks, below the prefix in its image, "
	    "for:\n");
	mac_text(boot->x, name);
	(void)fprintf(to, "    grub.cfg-%s\n", name);
	print_addresses(to, "grub.cfg-", boot->address);
	(void)fprintf(to, "    grub.cfg\n");
}

/* The second stage that shim asks for, such as grubx64.efi. */
static const char *
grub_of(const struct responder_exchange *x)
{
	static const struct {
		uint16_t arch;
		const char *name;
	} names[] = {
		{ 6, "grubia32.efi" }, { 7, "grubx64.efi" },
		{ 9, "grubx64.efi" }, { 10, "grubarm.efi" },
		{ 11, "grubaa64.efi" }, { 15, "grubia32.efi" },
		{ 16, "grubx64.efi" }, { 19, "grubaa64.efi" },
		{ 27, "grubriscv64.efi" }, { 39, "grubloongarch64.efi" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (x->request.has_arch && names[i].arch == x->request.arch)
			return names[i].name;
	return "grub*.efi";
}

/* Shim since 15.8; whoever sees the misses takes them for the fault. */
static void
print_revocations(FILE *to, const struct next_files_boot *boot)
{
	(void)fprintf(to, "  shim first asks for these; that they are not "
	    "there is normal and harmless:\n");
	print_beside(to, boot, "revocations_sku.efi");
	print_beside(to, boot, "revocations_sbat.efi");
	print_beside(to, boot, "shim_certificate_0.efi");
}

static void
print_shim(FILE *to, const struct next_files_boot *boot)
{
	print_revocations(to, boot);
	(void)fprintf(to, "  shim then asks for:\n");
	print_beside(to, boot, grub_of(boot->x));
	print_grub(to, boot);
}

static void
print_shim_or_grub(FILE *to, const struct next_files_boot *boot)
{
	(void)fprintf(to, "  the name may be shim's or GRUB's; if it is "
	    "shim:\n");
	print_shim(to, boot);
}

static void
print_ipxe(FILE *to, const struct next_files_boot *boot)
{
	(void)boot;
	(void)fprintf(to, "  iPXE then asks by DHCP again, with the user "
	    "class iPXE\n");
}

/* iPXE's shim: snponly-shimx64.efi starts snponly.efi. */
static void
print_ipxe_shim(FILE *to, const struct next_files_boot *boot)
{
	const char *mark = strcasestr(boot->name, "-shim");

	print_revocations(to, boot);
	(void)fprintf(to, "  iPXE's shim then asks for:\n    %.*s%.*s.efi\n",
	    boot->directory, boot->file,
	    mark != NULL ? (int)(mark - boot->name) : 0, boot->name);
	print_ipxe(to, boot);
}

static void
print_script(FILE *to, const struct next_files_boot *boot)
{
	(void)boot;
	(void)fprintf(to, "  a script of iPXE says itself what comes next\n");
}

static void
print_uboot(FILE *to, const struct next_files_boot *boot)
{
	(void)boot;
	(void)fprintf(to, "  a script of U-Boot says itself what comes "
	    "next\n");
}

static void
print_windows(FILE *to, const struct next_files_boot *boot)
{
	(void)boot;
	(void)fprintf(to, "  Windows' boot manager then asks for:\n"
	    "    \\Boot\\BCD\n    \\Boot\\boot.sdi, and what the BCD names\n");
}

static void
print_wds(FILE *to, const struct next_files_boot *boot)
{
	(void)boot;
	(void)fprintf(to, "  WDS' loader then asks its server on port 4011 "
	    "for what comes next\n");
}

static void
print_rpi(FILE *to, const struct next_files_boot *boot)
{
	(void)boot;
	(void)fprintf(to, "  the Raspberry Pi's ROM does not read this name: "
	    "it asks for its own files,\n  first below its serial number, "
	    "then at the top:\n    start4.elf, config.txt and so on\n");
}

static void
print_unknown(FILE *to, const struct next_files_boot *boot)
{
	(void)boot;
	(void)fprintf(to, "  the name does not tell what comes next\n");
}

/*
 * Which program a boot file is, as far as its name tells; the first row that
 * fits.  What a name ends with says more than how it begins: boot.ipxe and
 * bootmgfw.efi are no BOOTX64.EFI.  An empty string fits all.
 */
static const struct {
	const char *begins, *ends;
	void (*print)(FILE *to, const struct next_files_boot *boot);
} programs[] = {
	{ "", ".ipxe", print_script },
	{ "", ".php", print_script },
	{ "", ".uimg", print_uboot },
	{ "", ".scr", print_uboot },
	{ "", "pxelinux.0", print_pxelinux },
	{ "", "bootmgfw.efi", print_windows },
	{ "", "bootmgr.exe", print_windows },
	{ "", "wdsmgfw.efi", print_wds },
	{ "wdsnbp", ".com", print_wds },
	{ "", "bootcode.bin", print_rpi },
	{ "start", ".elf", print_rpi },
	{ "ipxe-", "-shim.efi", print_ipxe_shim },
	{ "ipxe-shim", ".efi", print_ipxe_shim },
	{ "", "-shim.efi", print_ipxe_shim },
	{ "", "-shimx64.efi", print_ipxe_shim },
	{ "", "-shimaa64.efi", print_ipxe_shim },
	{ "syslinux", "", print_pxelinux },
	{ "shim", ".efi", print_shim },
	{ "grub", "", print_grub },
	{ "core.", "", print_grub },
	{ "ipxe", "", print_ipxe },
	{ "snponly", "", print_ipxe },
	{ "undionly", "", print_ipxe },
	{ "BOOT", ".EFI", print_shim_or_grub },
	{ "", "", print_unknown },
};

void
next_files_print(FILE *to, const struct responder_exchange *x,
    struct in_addr address)
{
	const struct next_files_boot boot = take_apart(x, address);
	size_t i = 0;

	while (!begins(&boot, programs[i].begins) ||
	    !ends(&boot, programs[i].ends))
		i++;
	programs[i].print(to, &boot);
}
