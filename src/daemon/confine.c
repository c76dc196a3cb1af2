#include "daemon/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

/*
 * By name, since not every machine has all of them: arm64 has no open() but
 * only openat(), 32-bit machines have calls of their own for wide times,
 * files and users, and for send() and recv(), which elsewhere are sendto(2)
 * and recvfrom(2).  A name that is not known here is left out.
 */
static const char *const for_any_task[] = {
	/* Memory; mmap() and mprotect() have rules of their own. */
	"brk", "mremap", "munmap", "madvise", "futex", "futex_time64",
	"getrandom",

	/* The time. */
	"clock_gettime", "clock_gettime64", "gettimeofday", "time",

	/* What is open. */
	"read", "readv", "write", "writev", "lseek", "_llseek", "close",
	"fcntl", "fcntl64", "fstat", "fstat64",

	/* Files by name: the time zone, what is included, hosts files. */
	"open", "openat", "stat", "stat64", "lstat", "lstat64", "newfstatat",
	"fstatat64", "statx", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat",

	/* Signals, and the end; abort() sends itself one. */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn",
	"restart_syscall", "getpid", "gettid", "tgkill", "exit",
	"exit_group",

	NULL
};

static const char *const for_serving[] = {
	/* Interfaces, once more when they come back; syslog; systemd. */
	"bind", "connect", "getsockname", "getsockopt", "setsockopt",
	"send", "sendto", "sendmsg", "sendmmsg",
	"recv", "recvfrom", "recvmsg", "recvmmsg",
	"eventfd2", "getdents64", "getuid", "getuid32", "geteuid",
	"geteuid32", "uname",

	/* Waiting; libpcap asks with poll(). */
	"poll", "ppoll", "ppoll_time64", "signalfd4", "timerfd_create",
	"timerfd_settime", "timerfd_settime64",

	/* The control socket. */
	"accept", "accept4", "shutdown", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "epoll_pwait2",

	/* A file that is written whole and then renamed, or taken away. */
	"fsync", "fdatasync", "ftruncate", "ftruncate64", "fchmod", "umask",
	"rename", "renameat", "renameat2", "unlink", "unlinkat",

	NULL
};

/*
 * Raw frames, guards and ioctls, address lists, syslog.  socket() of anything
 * else is as forbidden as any other call; but on 32-bit x86 the C library goes
 * through socketcall(2), whose arguments are in memory, where no filter looks.
 */
static const int families[] = { AF_PACKET, AF_INET, AF_NETLINK, AF_UNIX };

enum {
	IOCTL_GROUP = 0xff00,	/* include/uapi/asm-generic/ioctl.h */
	IOCTL_SOCKETS = 0x8900,	/* SIOC...: include/uapi/linux/sockios.h */
};

static int
allow(scmp_filter_ctx filter, const char *const name[])
{
	int status = 0;

	for (size_t i = 0; name[i] != NULL && status == 0; i++) {
		int number = seccomp_syscall_resolve_name(name[i]);

		if (number != __NR_SCMP_ERROR)
			status = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
			    number, 0);
	}
	return status;
}

/* This call, where this argument, masked, has this value. */
static int
allow_masked(scmp_filter_ctx filter, const char *name, unsigned argument,
    uint64_t mask, uint64_t value)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
	    SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, value));
}

/* Memory that can be run is what was loaded at the start. */
static int
allow_memory(scmp_filter_ctx filter)
{
	static const char *const name[] = { "mmap", "mmap2", "mprotect" };
	int status = 0;

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]) &&
	    status == 0; i++)
		status = allow_masked(filter, name[i], 2, PROT_EXEC, 0);
	return status;
}

static int
allow_network(scmp_filter_ctx filter)
{
	int status = allow_masked(filter, "ioctl", 1, IOCTL_GROUP,
	    IOCTL_SOCKETS);

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]) &&
	    status == 0; i++)
		status = allow_masked(filter, "socket", 0, UINT32_MAX,
		    (uint64_t)families[i]);
	return status;
}

static int
fill(scmp_filter_ctx filter, enum confine_task task)
{
	int status = allow(filter, for_any_task);

	if (status == 0)
		status = allow_memory(filter);
	/* stdio asks whether it writes to a terminal. */
	if (status == 0)
		status = allow_masked(filter, "ioctl", 1, UINT32_MAX, TCGETS);
	if (task == CONFINE_REPLAY)
		return status;
	if (status == 0)
		status = allow(filter, for_serving);
	if (status == 0)
		status = allow_network(filter);
	return status;
}

int
confine(enum confine_task task)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int status;

	/* Of no use without seccomp(2), which a filter may forbid too. */
	if (filter == NULL)
		return ENOTSUP;
	/* Calls of another architecture (x32, i386) are calls not listed. */
	status = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	if (status == 0)
		status = fill(filter, task);
	if (status == 0)
		status = seccomp_load(filter);
	seccomp_release(filter);
	return -status;
}
