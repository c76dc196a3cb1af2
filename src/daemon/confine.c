#include "daemon/confine.h"

#include <asm/termbits.h>		/* TCGETS2; not together with termios.h */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

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

	/* Files by name: the time zone, what is included, hosts files.
	 * open() and openat() have rules of their own. */
	"stat", "stat64", "lstat", "lstat64", "newfstatat",
	"fstatat64", "statx", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat",

	/* Signals, and the end; tgkill() has rules of its own. */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn",
	"restart_syscall", "getpid", "gettid", "exit",
	"exit_group",

	NULL
};

static const char *const for_probing[] = {
	"send", "sendto", "sendmsg", "sendmmsg",
	"recv", "recvfrom", "recvmsg", "recvmmsg",
	"getsockname", "getsockopt", "setsockopt",
	"poll", "ppoll", "ppoll_time64",

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
 * What somebody wants who runs code of his own in here, and the program never:
 * this kills.  All else is refused.
 */
static const char *const kills[] = {
	/* Programs and processes. */
	"execve", "execveat", "fork", "vfork", "clone", "clone3", "uselib",

	/* Other processes. */
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
	"pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kcmp", "kill",
	"tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",

	/* Another user, and more privileges. */
	"setuid", "setuid32", "setgid", "setgid32", "setreuid", "setreuid32",
	"setregid", "setregid32", "setresuid", "setresuid32", "setresgid",
	"setresgid32", "setfsuid", "setfsuid32", "setfsgid", "setfsgid32",
	"setgroups", "setgroups32", "capset", "unshare", "setns",
	"personality",

	/* The kernel, and what it keeps for others. */
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup",
	"io_uring_enter", "io_uring_register", "keyctl", "add_key",
	"request_key", "init_module", "finit_module", "delete_module",
	"kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
	"acct", "quotactl", "quotactl_fd", "iopl", "ioperm", "modify_ldt",
	"open_by_handle_at", "vhangup", "syslog", "sethostname",
	"setdomainname", "settimeofday", "stime", "clock_settime",
	"clock_settime64", "adjtimex", "clock_adjtime", "clock_adjtime64",

	/* File systems, and files that are not its own. */
	"mount", "umount", "umount2", "move_mount", "open_tree",
	"mount_setattr", "fsopen", "fsconfig", "fsmount", "fspick",
	"pivot_root", "chroot", "mknod", "mknodat", "link", "linkat",
	"symlink", "symlinkat", "chmod", "fchmodat", "fchmodat2", "chown",
	"chown32", "fchown", "fchown32", "lchown", "lchown32", "fchownat",
	"setxattr", "lsetxattr", "fsetxattr", "truncate", "truncate64",

	/* Memory that can be run, on byways. */
	"memfd_create", "memfd_secret", "shmat", "remap_file_pages",
	"pkey_mprotect",

	NULL
};

/* And in a replay or probe, what only serving needs. */
static const char *const kills_unserving[] = {
	"socket", "socketpair", "bind", "connect", "listen", "accept",
	"accept4", "rename", "renameat", "renameat2", "unlink", "unlinkat",
	"fchmod", "ftruncate", "ftruncate64",

	NULL
};

/* And in a replay, what a probe needs. */
static const char *const kills_replay[] = {
	"sendto", "sendmsg", "sendmmsg",

	NULL
};

enum {
	IOCTL_GROUP = 0xff00,	/* include/uapi/asm-generic/ioctl.h */
	IOCTL_SOCKETS = 0x8900,	/* SIOC...: include/uapi/linux/sockios.h */
	SOCKET_TYPE = 0xf,	/* without SOCK_CLOEXEC and the like */
	WAYS = O_ACCMODE | O_CREAT,
};

#define EXACTLY UINT32_MAX		/* no mask; arguments are ints */

enum task {
	ANY,
	REPLAY,				/* and a probe */
	SERVE,
};

/*
 * Calls of which it depends on an argument: each row is of those where the
 * argument, masked, has the value.  No two of a call overlap.
 */
static const struct confine_row {
	enum task task;
	uint32_t action;
	const char *name;
	unsigned argument;
	uint64_t mask, value;
} rows[] = {
	/* Memory that can be run is what was loaded at the start. */
	{ ANY, SCMP_ACT_ALLOW, "mmap", 2, PROT_EXEC, 0 },
	{ ANY, SCMP_ACT_ALLOW, "mmap2", 2, PROT_EXEC, 0 },
	{ ANY, SCMP_ACT_ALLOW, "mprotect", 2, PROT_EXEC, 0 },
	{ ANY, SCMP_ACT_KILL_PROCESS, "mmap", 2, PROT_EXEC, PROT_EXEC },
	{ ANY, SCMP_ACT_KILL_PROCESS, "mmap2", 2, PROT_EXEC, PROT_EXEC },
	{ ANY, SCMP_ACT_KILL_PROCESS, "mprotect", 2, PROT_EXEC, PROT_EXEC },

	/* stdio asks whether it writes to a terminal. */
	{ ANY, SCMP_ACT_ALLOW, "ioctl", 1, EXACTLY, TCGETS },
#ifdef TCGETS2
	{ ANY, SCMP_ACT_ALLOW, "ioctl", 1, EXACTLY, TCGETS2 },
#endif
	{ ANY, SCMP_ACT_KILL_PROCESS, "ioctl", 1, EXACTLY, TIOCSTI },
	{ ANY, SCMP_ACT_KILL_PROCESS, "ioctl", 1, EXACTLY, TIOCLINUX },
	{ SERVE, SCMP_ACT_ALLOW, "ioctl", 1, IOCTL_GROUP, IOCTL_SOCKETS },

	/* Files are read.  Serving writes a new one, and none that is there. */
	{ ANY, SCMP_ACT_ALLOW, "open", 1, WAYS, O_RDONLY },
	{ ANY, SCMP_ACT_ALLOW, "openat", 2, WAYS, O_RDONLY },
	{ ANY, SCMP_ACT_KILL_PROCESS, "open", 1, WAYS, O_WRONLY },
	{ ANY, SCMP_ACT_KILL_PROCESS, "open", 1, WAYS, O_RDWR },
	{ ANY, SCMP_ACT_KILL_PROCESS, "openat", 2, WAYS, O_WRONLY },
	{ ANY, SCMP_ACT_KILL_PROCESS, "openat", 2, WAYS, O_RDWR },
	{ SERVE, SCMP_ACT_ALLOW, "open", 1, WAYS, O_WRONLY | O_CREAT },
	{ SERVE, SCMP_ACT_ALLOW, "openat", 2, WAYS, O_WRONLY | O_CREAT },
	{ REPLAY, SCMP_ACT_KILL_PROCESS, "open", 1, WAYS, O_WRONLY | O_CREAT },
	{ REPLAY, SCMP_ACT_KILL_PROCESS, "openat", 2, WAYS,
	    O_WRONLY | O_CREAT },
	{ ANY, SCMP_ACT_KILL_PROCESS, "open", 1, WAYS, O_RDWR | O_CREAT },
	{ ANY, SCMP_ACT_KILL_PROCESS, "openat", 2, WAYS, O_RDWR | O_CREAT },
};

/*
 * Sockets: raw frames, guards and ioctls, address lists, syslog and systemd.
 * On 32-bit x86 a C library may go through socketcall(2), whose arguments are
 * in memory, where no filter looks.
 */
static const struct {
	int family, type;
} sockets[] = {
	{ AF_PACKET, SOCK_RAW },
	{ AF_PACKET, SOCK_DGRAM },
	{ AF_INET, SOCK_DGRAM },
	{ AF_NETLINK, SOCK_RAW },
	{ AF_NETLINK, SOCK_DGRAM },
	{ AF_UNIX, SOCK_STREAM },
	{ AF_UNIX, SOCK_DGRAM },
};

static bool
is_used(int family)
{
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++)
		if (sockets[i].family == family)
			return true;
	return false;
}

/* A name that is not known on this machine is no mistake. */
static int
add(scmp_filter_ctx filter, uint32_t action, const char *name,
    unsigned conditions, const struct scmp_arg_cmp condition[])
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add_array(filter, action, number, conditions,
	    condition);
}

static int
add_names(scmp_filter_ctx filter, uint32_t action, const char *const name[])
{
	int status = 0;

	for (size_t i = 0; name[i] != NULL && status == 0; i++)
		status = add(filter, action, name[i], 0, NULL);
	return status;
}

static int
add_rows(scmp_filter_ctx filter, enum task task)
{
	int status = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) &&
	    status == 0; i++)
		if (rows[i].task == ANY || rows[i].task == task)
			status = add(filter, rows[i].action, rows[i].name, 1,
			    &SCMP_CMP(rows[i].argument, SCMP_CMP_MASKED_EQ,
			    rows[i].mask, rows[i].value));
	return status;
}

/* abort() sends itself a signal; nobody else gets one. */
static int
add_signals(scmp_filter_ctx filter)
{
	uint64_t own = (uint64_t)getpid();
	int status = add(filter, SCMP_ACT_ALLOW, "tgkill", 1,
	    &SCMP_CMP(0, SCMP_CMP_EQ, own));

	return status != 0 ? status : add(filter, SCMP_ACT_KILL_PROCESS,
	    "tgkill", 1, &SCMP_CMP(0, SCMP_CMP_NE, own));
}

/* A TCP connection is what somebody else would want. */
static int
add_sockets(scmp_filter_ctx filter)
{
	int status = 0;

	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]) &&
	    status == 0; i++)
		status = add(filter, SCMP_ACT_ALLOW, "socket", 2,
		    (const struct scmp_arg_cmp[]){
		    SCMP_CMP(0, SCMP_CMP_MASKED_EQ, EXACTLY,
		    (uint64_t)sockets[i].family),
		    SCMP_CMP(1, SCMP_CMP_MASKED_EQ, SOCKET_TYPE,
		    (uint64_t)sockets[i].type) });
	if (status == 0)
		status = add(filter, SCMP_ACT_KILL_PROCESS, "socket", 2,
		    (const struct scmp_arg_cmp[]){
		    SCMP_CMP(0, SCMP_CMP_MASKED_EQ, EXACTLY, AF_INET),
		    SCMP_CMP(1, SCMP_CMP_MASKED_EQ, SOCKET_TYPE,
		    SOCK_STREAM) });
	for (int family = 0; family < AF_MAX && status == 0; family++)
		if (!is_used(family))
			status = add(filter, SCMP_ACT_KILL_PROCESS, "socket",
			    1, &SCMP_CMP(0, SCMP_CMP_MASKED_EQ, EXACTLY,
			    (uint64_t)family));
	return status;
}

static int
fill(scmp_filter_ctx filter, enum confine_task task)
{
	bool serves = task == CONFINE_SERVE;
	int status = add_names(filter, SCMP_ACT_ALLOW, for_any_task);

	if (status == 0)
		status = add_names(filter, SCMP_ACT_KILL_PROCESS, kills);
	if (status == 0)
		status = add_rows(filter, serves ? SERVE : REPLAY);
	if (status == 0)
		status = add_signals(filter);
	if (status == 0)
		status = serves ?
		    add_names(filter, SCMP_ACT_ALLOW, for_serving) :
		    add_names(filter, SCMP_ACT_KILL_PROCESS, kills_unserving);
	if (status == 0 && task == CONFINE_PROBE)
		status = add_names(filter, SCMP_ACT_ALLOW, for_probing);
	if (status == 0 && task == CONFINE_REPLAY)
		status = add_names(filter, SCMP_ACT_KILL_PROCESS, kills_replay);
	if (status == 0 && serves)
		status = add_sockets(filter);
	return status;
}

int
confine(enum confine_task task)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int status;

	/* Of no use without seccomp(2), which a filter may forbid too. */
	if (filter == NULL)
		return ENOTSUP;
	/* Calls of another architecture (x32, i386) are nobody's but his. */
	status = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	if (status == 0)
		status = fill(filter, task);
	if (status == 0)
		status = seccomp_load(filter);
	seccomp_release(filter);
	return -status;
}
