#include "core/reply.h"

#include "core/form.h"
#include "core/template.h"

/* iPXE: prefer this block of settings (signed, default 0) to the lease's. */
#define IPXE_PRIORITY "\x01\x01\x01"

static bool
is_ours(const struct reply_identity *identity, struct in_addr address)
{
	if (same_address(address, identity->address))
		return true;
	for (size_t i = 0; i < identity->n_also; i++)
		if (same_address(address, identity->also[i]))
			return true;
	return false;
}

/* Could a host have this address?  Not 0/8, 127/8, 224/4 and above. */
static bool
is_host(struct in_addr address)
{
	uint32_t host = ntohl(address.s_addr);

	return host >> 24 != 0 && host >> 24 != IN_LOOPBACKNET &&
	    !IN_MULTICAST(host) && !IN_BADCLASS(host);
}

/*
 * Was the request sent to us, or to everybody?
 *
 * A port that mirrors traffic, or promiscuous mode, shows us what relays and
 * clients send to other servers.  A broadcast to the subnet's own address
 * cannot be told from the IPv4 header; the Ethernet header tells it.
 */
static bool
find_ours(const struct frame *frame, const struct reply_identity *identity,
    struct in_addr *out)
{
	*out = identity->address;
	if (is_ours(identity, frame->destination)) {
		*out = frame->destination;
		return true;
	}
	return frame->destination.s_addr == htonl(INADDR_BROADCAST) ||
	    frame_is_group(frame->to);
}

static void
route_broadcast(struct reply_route *out)
{
	memset(out->to, 0xff, FRAME_MAC);
	out->destination.s_addr = htonl(INADDR_BROADCAST);
	out->broadcast = true;
}

static bool
route_discover(const struct pxe_request *request,
    const struct reply_identity *identity, struct reply_route *out,
    enum verdict *why)
{
	struct in_addr giaddr = request->dhcp->giaddr;
	struct span port;

	out->source_port = DHCP_PORT_SERVER;
	if (giaddr.s_addr == htonl(INADDR_ANY)) {
		/*
		 * No firmware sends a DISCOVER from an address to one server
		 * alone; from another network it would make us broadcast on
		 * this one.
		 */
		*why = VERDICT_BAD_SOURCE;
		if (!request->to_group &&
		    request->frame->source.s_addr != htonl(INADDR_ANY))
			return false;
		/* No unicast: the client has no address, we give it none. */
		out->destination_port = DHCP_PORT_CLIENT;
		route_broadcast(out);
		return true;
	}
	*why = VERDICT_BAD_GIADDR;
	if (!is_host(giaddr) || is_ours(identity, giaddr))
		return false;
	memcpy(out->to, request->frame->from, FRAME_MAC);
	out->destination = giaddr;
	/* A relay that has another port than 67 says so (RFC 8357). */
	out->destination_port =
	    pxe_relay_item(request, PXE_RELAY_PORT, &port) ?
	    request->frame->source_port : DHCP_PORT_SERVER;
	/*
	 * The relay would unicast to yiaddr, which is 0 (ISC dhcrelay sends
	 * to 0.0.0.0): the flag makes it broadcast.
	 */
	out->broadcast = true;
	return true;
}

static bool
route_4011(const struct pxe_request *request, struct reply_route *out,
    enum verdict *why)
{
	const struct frame *frame = request->frame;

	*why = VERDICT_SOURCE_PORT;
	if (frame->source_port != DHCP_PORT_CLIENT &&
	    frame->source_port != DHCP_PORT_PXE)
		return false;
	*why = VERDICT_SOURCE_NOT_CIADDR;
	if (!same_address(request->dhcp->ciaddr, frame->source))
		return false;
	out->source_port = DHCP_PORT_PXE;
	out->destination_port = frame->source_port;
	if (frame->source.s_addr == htonl(INADDR_ANY)) {
		route_broadcast(out);
		return true;
	}
	*why = VERDICT_BAD_SOURCE;
	if (!is_host(frame->source))
		return false;
	memcpy(out->to, frame->from, FRAME_MAC);
	out->destination = frame->source;
	out->broadcast = false;
	return true;
}

/*
 * A boot server request by broadcast: the client has its address, and iPXE
 * sets the broadcast flag but does not hear a broadcast answer.
 */
static bool
route_item_request(const struct pxe_request *request,
    struct reply_route *out, enum verdict *why)
{
	struct in_addr ciaddr = request->dhcp->ciaddr;

	out->source_port = DHCP_PORT_SERVER;
	out->destination_port = DHCP_PORT_CLIENT;
	*why = VERDICT_SOURCE_NOT_CIADDR;
	if (!same_address(ciaddr, request->frame->source))
		return false;
	*why = VERDICT_BAD_SOURCE;
	if (!is_host(ciaddr))
		return false;
	memcpy(out->to, request->frame->from, FRAME_MAC);
	out->destination = ciaddr;
	out->broadcast = false;
	return true;
}

bool
reply_route(const struct pxe_request *request,
    const struct reply_identity *identity, struct reply_route *out,
    enum verdict *why)
{
	*why = VERDICT_BAD_SOURCE;
	if (frame_is_group(request->frame->from))
		return false;
	*why = VERDICT_NOT_FOR_US;
	if (!find_ours(request->frame, identity, &out->ours))
		return false;
	if (request->on_4011)
		return route_4011(request, out, why);
	if (request->question == PXE_ASKS_BOOT_SERVER)
		return route_item_request(request, out, why);
	return route_discover(request, identity, out, why);
}

/* How many octets of DHCP message the client accepts. */
static size_t
room_for(const struct pxe_request *request)
{
	size_t size = request->max_size;

	if (size > REPLY_SIZE_MAX)
		size = REPLY_SIZE_MAX;
	return size - REPLY_HEADERS;	/* max_size is 576 at least */
}

static bool
is_ack(const struct pxe_request *request)
{
	return request->question == PXE_ASKS_BOOT_SERVER;
}

/* Has the configuration an option of this code for the client? */
static bool
has_option(const struct policy_decision *decision, uint8_t code)
{
	return policy_has_option(decision, POLICY_LISTS, code);
}

/*
 * Option 43.  The configuration's own goes before that of an OFFER; an ACK has
 * none but the chosen item's (see write_extra()).
 */
static void
write_vendor(struct span_writer *w, const struct pxe_request *request,
    const struct reply_route *route, const struct policy_decision *decision,
    const struct form_row *form)
{
	uint8_t octets[OPTION_VALUE_MAX];
	struct span_writer inside = { octets, sizeof(octets), 0, false };
	struct form_vendor from = { decision->menu, decision->next_server,
	    route->ours, request->has_item, decision->item,
	    request->item_layer };
	void (*write)(struct span_writer *, const struct form_vendor *) =
	    is_ack(request) ? form->write_ack : form->write_offer;

	if (write == NULL)
		return;
	write(&inside, &from);
	if (inside.full)
		w->full = true;		/* so that no half menu goes out */
	else if (inside.n > 0 && (is_ack(request) ||
	    !has_option(decision, DHCP_OPT_VENDOR_SPECIFIC)))
		option_append(w, DHCP_OPT_VENDOR_SPECIFIC,
		    writer_span(&inside));
}

/*
 * All values of one code, from the first at that place, as one option: a list
 * of addresses may be given one by one, and few ROMs join options of the same
 * code (RFC 3396).
 */
static void
write_joined(struct span_writer *w, const struct policy_option *option,
    size_t n)
{
	uint8_t octets[OPTION_VALUE_MAX], code = option[0].code;
	struct span_writer joined = { octets, sizeof(octets), 0, false };

	for (size_t i = 0; i < n; i++)
		if (option[i].code == code)
			write_octets(&joined, option[i].value);
	if (!joined.full) {
		option_append(w, code, writer_span(&joined));
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (option[i].code == code)
			option_append(w, code, option[i].value);
}

/* Is an option of this code among the first n? */
static bool
has_among(const struct policy_option *option, size_t n, uint8_t code)
{
	for (size_t i = 0; i < n; i++)
		if (option[i].code == code)
			return true;
	return false;
}

/*
 * The further options of the rule, the site and the top.  Not option 43 in an
 * ACK: EDK2 of before 2012 takes it for a menu, and stops where there is none
 * in it.
 */
static void
write_extra(struct span_writer *w, const struct policy_decision *decision,
    bool ack)
{
	const struct policy_option *option;
	size_t n;

	for (unsigned list = 0; list < POLICY_LISTS; list++) {
		option = policy_options(decision, list, &n);
		for (size_t i = 0; i < n; i++) {
			uint8_t code = option[i].code;

			if (!has_among(option, i, code) &&
			    !policy_has_option(decision, list, code) &&
			    (!ack || code != DHCP_OPT_VENDOR_SPECIFIC))
				write_joined(w, option + i, n - i);
		}
	}
}

static void
write_options(struct span_writer *w, const struct pxe_request *request,
    const struct reply_route *route, const struct policy_decision *decision,
    const struct form_row *form)
{
	uint8_t type = is_ack(request) ? DHCP_ACK : DHCP_OFFER;
	uint8_t octets[sizeof(route->ours.s_addr)];

	/*
	 * What is not here, though RFC 2131 table 3 and others ask for it:
	 * option 51, a lease time, since there is no lease: PXE 2.1 section
	 * 2.2.2 knows a proxy's OFFER by yiaddr 0.  Option 61, which RFC 6842
	 * has servers echo: no PXE client looks for it, and the address
	 * server, to whom it belongs, echoes its own.
	 */
	option_append(w, DHCP_OPT_MESSAGE_TYPE, (struct span){ &type, 1 });
	memcpy(octets, &route->ours.s_addr, sizeof(octets));
	option_append(w, DHCP_OPT_SERVER_ID,
	    (struct span){ octets, sizeof(octets) });
	if (request->echo.n > 0)
		option_append(w, DHCP_OPT_VENDOR_CLASS, request->echo);
	if (request->has_uuid)
		option_append(w, DHCP_OPT_UUID, request->uuid);
	write_vendor(w, request, route, decision, form);
	if (form->priority &&
	    !has_option(decision, DHCP_OPT_IPXE))
		option_append(w, DHCP_OPT_IPXE, SPAN_OF(IPXE_PRIORITY));
	write_extra(w, decision, is_ack(request));
	/*
	 * With its NUL, which EDK2 would otherwise write over the option
	 * that follows.
	 */
	if (decision->n >= DHCP_FILE)
		option_append(w, DHCP_OPT_BOOTFILE, (struct span){
		    (const uint8_t *)decision->file, decision->n + 1 });
	/* Last, as RFC 3046 section 2.1 has it in requests. */
	if (request->has_relay)
		option_append(w, DHCP_OPT_RELAY, request->relay);
}

static void
write_header(struct span_writer *w, const struct pxe_request *request,
    const struct reply_route *route, const struct policy_decision *decision,
    const struct form_row *form)
{
	const struct dhcp *dhcp = request->dhcp;
	uint8_t dotted[INET_ADDRSTRLEN];
	struct span_writer sname = { dotted, sizeof(dotted), 0, false };
	struct span file = { (const uint8_t *)decision->file, decision->n };
	struct dhcp_header header = {
		.op = DHCP_BOOTREPLY,
		.htype = dhcp->htype,
		.hlen = dhcp->hlen,
		.xid = dhcp->xid,
		.flags = dhcp->flags,
		.giaddr = dhcp->giaddr,
		.chaddr = dhcp->chaddr,
		.siaddr = decision->next_server,
	};

	if (route->broadcast)
		header.flags |= DHCP_FLAG_BROADCAST;
	/* Some clients leave octets in the ciaddr of a DISCOVER. */
	if (is_ack(request))
		header.ciaddr = dhcp->ciaddr;
	else if (form->siaddr == FORM_SIADDR_OURS)
		header.siaddr = route->ours;
	/* A name too long for the field is in option 67 alone. */
	if (decision->n < DHCP_FILE)
		header.file = file;
	template_write_dotted(&sname, decision->next_server);
	header.sname = writer_span(&sname);
	dhcp_write_header(w, &header);
}

/*
 * Broadcasts and relays get what BOOTP has always had.  Port 4011 can be asked
 * from afar under a false address: who asks briefly gets no padding that would
 * make more of it.
 */
static size_t
shortest(const struct pxe_request *request, const struct reply_route *route)
{
	size_t asked = request->frame->payload.n;

	return route->source_port == DHCP_PORT_PXE && asked < DHCP_LENGTH_MIN ?
	    asked : DHCP_LENGTH_MIN;
}

static bool
write_reply(const struct pxe_request *request,
    const struct reply_identity *identity, const struct reply_route *route,
    const struct policy_decision *decision, const struct form_row *form,
    struct reply *out)
{
	struct span_writer w = { out->octets, room_for(request), 0, false };

	write_header(&w, request, route, decision, form);
	write_options(&w, request, route, decision, form);
	dhcp_write_end(&w, shortest(request, route));
	if (w.full)
		return false;
	out->n = w.n;

	out->tags = request->frame->tags;
	memcpy(out->tag, request->frame->tag, sizeof(out->tag));
	memcpy(out->to, route->to, FRAME_MAC);
	memcpy(out->from, identity->mac, FRAME_MAC);
	out->source = route->ours;
	out->destination = route->destination;
	out->source_port = route->source_port;
	out->destination_port = route->destination_port;
	out->ip_id = (uint16_t)request->dhcp->xid;
	return true;
}

unsigned
reply_write(const struct pxe_request *request,
    const struct reply_identity *identity, const struct reply_route *route,
    const struct policy_decision *decision, struct reply out[2])
{
	const struct form_row *form = form_row(decision->form);

	if (!write_reply(request, identity, route, decision, form, &out[0]))
		return 0;
	if (form->second == FORM_DEFAULT || is_ack(request))
		return 1;
	if (!write_reply(request, identity, route, decision,
	    form_row(form->second), &out[1]))
		return 0;
	/* Two datagrams that a fragment could be of need two numbers. */
	out[1].ip_id++;
	return 2;
}
