#include "daemon/ports.h"

#include "core/dhcp.h"
#include "net/guard.h"
#include "report/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int
hold(uint16_t port, const char *if_taken)
{
	int descriptor = guard_open(port);

	if (descriptor < 0 && errno == EADDRINUSE)
		log_info("port %u is held by another program: %s", port,
		    if_taken);
	else if (descriptor < 0)
		log_warning("port %u cannot be held (%s): clients and relays "
		    "may be told that it is unreachable", port,
		    strerror(errno));
	return descriptor;
}

void
ports_hold(struct server *server)
{
	if (server->options->listen_only)
		return;
	if (!server->options->leave_port_67)
		server->guard_67 = hold(DHCP_PORT_SERVER,
		    "we answer beside it");
	if (server->guard_67 >= 0)
		log_info("holding port 67: an address server of this host "
		    "that does not share it (Kea) must start before us, or "
		    "see --leave-port-67");
	server->guard_4011 = hold(DHCP_PORT_PXE,
	    "if it answers PXE clients too, they get two answers");
}

static void
release(int *descriptor)
{
	if (*descriptor >= 0)
		(void)close(*descriptor);
	*descriptor = NO_DESCRIPTOR;
}

void
ports_release(struct server *server)
{
	release(&server->guard_67);
	release(&server->guard_4011);
}
