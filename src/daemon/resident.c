#include "daemon/resident.h"

#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STATUS_OCTETS = 1024 };	/* of /proc/self/status: the tracer is early */

/* A debugger's breakpoints are written into the text, and would be lost. */
static bool
is_traced(void)
{
	static const char key[] = "TracerPid:\t";
	char text[STATUS_OCTETS + 1] = "";
	int descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	const char *at = NULL;

	if (descriptor >= 0) {
		if (read(descriptor, text, STATUS_OCTETS) > 0)
			at = strstr(text, key);
		(void)close(descriptor);
	}
	return at != NULL && at[sizeof(key) - 1] != '0';
}

/* Has the dynamic linker put addresses into the text (text relocations)? */
static bool
is_relocated(const struct dl_phdr_info *object)
{
	for (unsigned i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &object->dlpi_phdr[i];
		const ElfW(Dyn) *entry;

		if (header->p_type != PT_DYNAMIC)
			continue;
		entry = (const void *)(object->dlpi_addr + header->p_vaddr);
		for (; entry->d_tag != DT_NULL; entry++)
			if (entry->d_tag == DT_TEXTREL ||
			    (entry->d_tag == DT_FLAGS &&
			    (entry->d_un.d_val & DF_TEXTREL) != 0))
				return true;
	}
	return false;
}

/* Whole pages of a segment; what shares one with another segment stays. */
static void
unmap_pages(uintptr_t start, uintptr_t end)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	start = (start + page - 1) & ~(page - 1);
	end &= ~(page - 1);
	if (start < end)
		(void)madvise((void *)start, end - start, MADV_DONTNEED);
}

/* Of one object, but the kernel's: its text and its constants. */
static int
trim_object(struct dl_phdr_info *object, size_t size, void *context)
{
	(void)size;
	(void)context;
	if (object->dlpi_addr == getauxval(AT_SYSINFO_EHDR) ||
	    is_relocated(object))
		return 0;
	for (unsigned i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &object->dlpi_phdr[i];
		uintptr_t start = object->dlpi_addr + header->p_vaddr;

		if (header->p_type == PT_LOAD &&
		    (header->p_flags & PF_W) == 0)
			unmap_pages(start, start + header->p_memsz);
	}
	return 0;
}

void
resident_trim(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
	if (!is_traced())
		(void)dl_iterate_phdr(trim_object, NULL);
}
