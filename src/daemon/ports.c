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

static void
release(int *descriptor)
{
	if (*descriptor >= 0)
		(void)close(*descriptor);
	*descriptor = NO_DESCRIPTOR;
}

static bool
names_relays(const struct match *match, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (match[i].key == MATCH_RELAY ||
		    match[i].key == MATCH_CIRCUIT_ID ||
		    match[i].key == MATCH_REMOTE_ID)
			return true;
	return false;
}

/* Does the configuration speak of relays? */
static bool
has_relays(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n; i++)
		if (names_relays(policy->rule[i].match,
		    policy->rule[i].n_match))
			return true;
	for (size_t i = 0; i < policy->n_site; i++)
		if (names_relays(policy->site[i].match,
		    policy->site[i].n_match))
			return true;
	return policy->allow_relay.n > 0;
}

static bool
needs_port_67(const struct server *server)
{
	switch (server->options->port_67) {
	case OPTIONS_PORT_67_HOLD:
		return true;
	case OPTIONS_PORT_67_LEAVE:
		return false;
	default:
		return has_relays(server->handler.policy);
	}
}

void
ports_hold(struct server *server)
{
	if (server->options->listen_only)
		return;
	if (needs_port_67(server))
		server->guard_67 = hold(DHCP_PORT_SERVER,
		    "we answer beside it");
	if (server->guard_67 >= 0)
		log_info("holding port 67 for relays: an address server of "
		    "this host that does not share it (Kea) must start before "
		    "us, or see --leave-port-67");
	server->guard_4011 = hold(DHCP_PORT_PXE,
	    "if it answers PXE clients too, they get two answers");
	server->needs_port_67 = needs_port_67(server);
}

void
ports_renew(struct server *server)
{
	bool needed = needs_port_67(server);

	if (server->options->listen_only || needed == server->needs_port_67)
		return;
	server->needs_port_67 = needed;
	if (needed && server->guard_67 < 0) {
		log_info("port 67 will be held for relays from the next start "
		    "on");
	} else if (!needed && server->guard_67 >= 0) {
		release(&server->guard_67);
		log_info("port 67 is not held any more: the configuration "
		    "names no relay");
	}
}

void
ports_release(struct server *server)
{
	release(&server->guard_67);
	release(&server->guard_4011);
}
