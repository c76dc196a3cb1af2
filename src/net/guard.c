#include "net/guard.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

bool
guard_deafen(int descriptor)
{
	struct sock_filter drop_all[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_fprog program = { 1, drop_all };

	return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program,
	    sizeof(program)) == 0;
}

/* Bind without SO_REUSEADDR, so that a port in use is not shared. */
static bool
hold(int descriptor, uint16_t port)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};

	return bind(descriptor, (const struct sockaddr *)&any,
	    sizeof(any)) == 0;
}

/* Set SO_REUSEADDR now, so that a server that starts later can share. */
static bool
share(int descriptor)
{
	int on = 1;

	return setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on,
	    sizeof(on)) == 0;
}

int
guard_open(uint16_t port)
{
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	if (descriptor < 0)
		return -1;
	if (guard_deafen(descriptor) && hold(descriptor, port) &&
	    share(descriptor))
		return descriptor;
	error = errno;
	(void)close(descriptor);
	errno = error;
	return -1;
}
