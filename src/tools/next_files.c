#include "tools/next_files.h"

#include "core/template.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum {
	NAME_MAX_OCTETS = 64,
	HEX_DIGITS = 8,		/* of an IPv4 address */
};

/* Which program the boot file is, as far as its name tells. */
enum loader {
	LOADER_UNKNOWN,
	LOADER_PXELINUX,
	LOADER_SHIM_GRUB,	/* BOOTX64.EFI may be either */
	LOADER_GRUB,
	LOADER_IPXE,
	LOADER_SCRIPT,
};

/* The name without its directory, whose length is stored in *directory. */
static const char *
base_of(const char *file, int *directory)
{
	const char *slash = strrchr(file, '/');

	*directory = slash != NULL ? (int)(slash + 1 - file) : 0;
	return slash != NULL ? slash + 1 : file;
}

static bool
begins(const char *name, const char *with)
{
	return strncasecmp(name, with, strlen(with)) == 0;
}

static bool
ends(const char *name, const char *with)
{
	size_t n = strlen(name), m = strlen(with);

	return n >= m && strcasecmp(name + n - m, with) == 0;
}

static enum loader
loader_of(const char *name)
{
	if (ends(name, "pxelinux.0") || begins(name, "syslinux"))
		return LOADER_PXELINUX;
	if (begins(name, "BOOT") || begins(name, "shim"))
		return LOADER_SHIM_GRUB;
	if (begins(name, "grub") || begins(name, "core."))
		return LOADER_GRUB;
	if (ends(name, ".ipxe") || ends(name, ".php"))
		return LOADER_SCRIPT;
	if (begins(name, "ipxe") || begins(name, "snponly") ||
	    begins(name, "undionly"))
		return LOADER_IPXE;
	return LOADER_UNKNOWN;
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
print_addresses(FILE *to, int n, const char *before, struct in_addr address)
{
	char hex[HEX_DIGITS + 1];

	if (address.s_addr == 0) {
		(void)fprintf(to, "    %.*sHEX-ADDRESS, then one digit less "
		    "each time (its address is not known)\n", n, before);
		return;
	}
	(void)snprintf(hex, sizeof(hex), "%08X", ntohl(address.s_addr));
	for (int digits = HEX_DIGITS; digits > 0; digits--)
		(void)fprintf(to, "    %.*s%.*s\n", n, before, digits, hex);
}

static void
print_pxelinux(FILE *to, const struct responder_exchange *x, const char *file,
    int directory, struct in_addr address)
{
	char name[NAME_MAX_OCTETS], before[POLICY_FILE_MAX + 16];

	(void)snprintf(before, sizeof(before), "%.*spxelinux.cfg/",
	    directory, file);
	(void)fprintf(to, "  PXELINUX then asks for:\n");
	if (uuid_text(x, name))
		(void)fprintf(to, "    %s%s\n", before, name);
	mac_text(x, name);
	(void)fprintf(to, "    %s%s\n", before, name);
	print_addresses(to, (int)strlen(before), before, address);
	(void)fprintf(to, "    %sdefault\n", before);
}

static void
print_grub(FILE *to, const struct responder_exchange *x, struct in_addr address)
{
	char name[NAME_MAX_OCTETS];

	(void)fprintf(to, "  GRUB then asks, below the prefix in its image, "
	    "for:\n");
	mac_text(x, name);
	(void)fprintf(to, "    grub.cfg-%s\n", name);
	print_addresses(to, (int)strlen("grub.cfg-"), "grub.cfg-", address);
	(void)fprintf(to, "    grub.cfg\n");
}

void
next_files_print(FILE *to, const struct responder_exchange *x,
    struct in_addr address)
{
	const char *file = x->decision.file;
	int directory;
	const char *name = base_of(file, &directory);

	switch (loader_of(name)) {
	case LOADER_PXELINUX:
		print_pxelinux(to, x, file, directory, address);
		break;
	case LOADER_SHIM_GRUB:
		(void)fprintf(to, "  if it is shim, it then asks for:\n"
		    "    %.*s%s\n", directory, file, grub_of(x));
		print_grub(to, x, address);
		break;
	case LOADER_GRUB:
		print_grub(to, x, address);
		break;
	case LOADER_IPXE:
		(void)fprintf(to, "  iPXE then asks by DHCP again, with the "
		    "user class iPXE\n");
		break;
	case LOADER_SCRIPT:
		(void)fprintf(to, "  a script of iPXE says itself what comes "
		    "next\n");
		break;
	case LOADER_UNKNOWN:
		(void)fprintf(to, "  the name does not tell what comes "
		    "next\n");
		break;
	}
}
