#include "unit/net/rtnetlink_craft.h"

#include "net/netlink.h"

#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

enum { ROOM = 1024 };

static void
align(struct span_writer *w)
{
	while (w->n % 4 != 0)
		write_u8(w, 0);
}

static void
attribute(struct span_writer *w, uint16_t type, struct span value)
{
	write_host16(w, (uint16_t)(4 + value.n));
	write_host16(w, type);
	write_octets(w, value);
	align(w);
}

static void
text(struct span_writer *w, uint16_t type, const char *value)
{
	if (value != NULL)
		attribute(w, type, (struct span){ (const void *)value,
		    strlen(value) + 1 });
}

static void
number(struct span_writer *w, uint16_t type, uint32_t value)
{
	if (value != 0)
		attribute(w, type, (struct span){ (const void *)&value,
		    sizeof(value) });
}

static void
dotted(struct span_writer *w, uint16_t type, const char *value)
{
	struct in_addr address;

	if (value != NULL && inet_pton(AF_INET, value, &address) == 1)
		attribute(w, type, (struct span){ (const void *)&address,
		    sizeof(address) });
}

void
craft_message(struct span_writer *w, uint16_t type, uint16_t flags,
    uint32_t sequence, struct span body)
{
	write_host32(w, (uint32_t)(16 + body.n));
	write_host16(w, type);
	write_host16(w, flags);
	write_host32(w, sequence);
	write_host32(w, 0);
	write_octets(w, body);
	align(w);
}

static void
nested(struct span_writer *w, const struct craft_link *link)
{
	uint8_t octets[ROOM];
	struct span_writer inside = { octets, sizeof(octets), 0, false };

	text(&inside, IFLA_INFO_KIND, link->kind);
	if (inside.n > 0)
		attribute(w, IFLA_LINKINFO, writer_span(&inside));
	inside.n = 0;
	for (unsigned i = 0; i < 3; i++)
		text(&inside, IFLA_ALT_IFNAME, link->altname[i]);
	if (inside.n > 0)
		attribute(w, IFLA_PROP_LIST | NLA_F_NESTED,
		    writer_span(&inside));
}

void
craft_link(struct span_writer *w, uint16_t type, uint16_t flags,
    uint32_t sequence, const struct craft_link *link)
{
	uint8_t octets[ROOM];
	struct span_writer body = { octets, sizeof(octets), 0, false };

	write_u8(&body, link->family);
	write_u8(&body, 0);
	write_host16(&body, ARPHRD_ETHER);
	write_host32(&body, link->index);
	write_host32(&body, (link->up ? (uint32_t)IFF_UP : 0) |
	    (link->loopback ? (uint32_t)IFF_LOOPBACK : 0));
	write_host32(&body, 0);
	text(&body, IFLA_IFNAME, link->name);
	if (link->mac != NULL)
		attribute(&body, IFLA_ADDRESS, (struct span){
		    (const void *)link->mac, FRAME_MAC });
	number(&body, IFLA_LINK, link->parent);
	if (link->parent_elsewhere)
		attribute(&body, IFLA_LINK_NETNSID,
		    SPAN_OF("\0\0\0\0"));
	number(&body, IFLA_MASTER, link->master);
	nested(&body, link);
	craft_message(w, type, flags, sequence, writer_span(&body));
}

void
craft_address(struct span_writer *w, uint16_t type, uint16_t flags,
    uint32_t sequence, const struct craft_address *address)
{
	uint8_t octets[ROOM];
	struct span_writer body = { octets, sizeof(octets), 0, false };

	write_u8(&body, address->family != 0 ? address->family : AF_INET);
	write_u8(&body, address->prefix);
	write_u8(&body, (uint8_t)address->flags);
	write_u8(&body, address->scope);
	write_host32(&body, address->index);
	dotted(&body, IFA_ADDRESS, address->peer);
	dotted(&body, IFA_LOCAL, address->local);
	text(&body, IFA_LABEL, address->label);
	number(&body, IFA_FLAGS, address->flags);
	craft_message(w, type, flags, sequence, writer_span(&body));
}

static void
print_address(FILE *to, const struct link_address *entry)
{
	char ours[INET_ADDRSTRLEN], peer[INET_ADDRSTRLEN];

	(void)inet_ntop(AF_INET, &entry->address, ours, sizeof(ours));
	(void)inet_ntop(AF_INET, &entry->peer, peer, sizeof(peer));
	fprintf(to, " %s/%u", ours, entry->prefix);
	if (strcmp(ours, peer) != 0)
		fprintf(to, " peer %s", peer);
	if (entry->label[0] != '\0')
		fprintf(to, " (%s)", entry->label);
	if (entry->scope != RT_SCOPE_UNIVERSE)
		fprintf(to, " scope %u", entry->scope);
	/* Permanent or not is of no interest. */
	if ((entry->flags & ~(uint32_t)IFA_F_PERMANENT) != 0)
		fprintf(to, " [%x]",
		    (unsigned)(entry->flags & ~(uint32_t)IFA_F_PERMANENT));
}

static void
print_link(FILE *to, const struct link *link)
{
	const uint8_t *mac = link->mac;
	struct span rest = link->altnames, altname;

	fprintf(to, "%u %s", link->index, link->name);
	while (netlink_text(rest, &altname)) {
		fprintf(to, "=%.*s", (int)altname.n,
		    (const char *)altname.p);
		(void)span_skip(&rest, altname.n + 1);
	}
	fprintf(to, " %s", link_kind_name(link->kind));
	if (link->up)
		fprintf(to, " up");
	if (link->has_mac)
		fprintf(to, " %02x:%02x", mac[0], mac[5]);
	if (link->parent != 0)
		fprintf(to, " on %u", link->parent);
	if (link->master != 0)
		fprintf(to, " in %u", link->master);
	for (unsigned i = 0; i < link->addresses; i++)
		print_address(to, &link->address[i]);
	fprintf(to, "\n");
}

void
craft_print(FILE *to, const struct links *links)
{
	for (unsigned i = 0; i < links_count(links); i++)
		print_link(to, links_at(links, i));
}
