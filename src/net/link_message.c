#include "net/link_message.h"

#include "net/netlink.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <sys/socket.h>

enum { ALTNAME_SIZE = 128 };	/* ALTIFNAMSIZ: include/uapi/linux/if.h */

static bool
read_text(struct span value, char *out, size_t size)
{
	struct span text;

	if (!netlink_text(value, &text) || text.n >= size)
		return false;
	memcpy(out, text.p, text.n);
	out[text.n] = '\0';
	return true;
}

static bool
read_name(struct span value, struct link_message *out)
{
	return read_text(value, out->link.name, sizeof(out->link.name));
}

/* Of any length: InfiniBand's has 20 octets, a tunnel's may have none. */
static bool
read_mac(struct span value, struct link_message *out)
{
	out->link.has_mac = value.n == FRAME_MAC &&
	    span_copy(&value, FRAME_MAC, out->link.mac);
	return true;
}

static bool
read_master(struct span value, struct link_message *out)
{
	return netlink_u32(value, &out->link.master);
}

static bool
read_parent(struct span value, struct link_message *out)
{
	return netlink_u32(value, &out->link.parent);
}

static bool
read_parent_namespace(struct span value, struct link_message *out)
{
	(void)value;
	out->parent_elsewhere = true;
	return true;
}

static bool
read_info(struct span value, struct link_message *out)
{
	struct netlink_attribute attribute;
	struct span name;
	enum netlink_step step;

	while ((step = netlink_attribute_next(&value, &attribute)) ==
	    NETLINK_ITEM) {
		if (attribute.type != IFLA_INFO_KIND)
			continue;
		if (!netlink_text(attribute.value, &name))
			return false;
		out->link.kind = link_kind_of(name);
	}
	return step == NETLINK_END;
}

/* The names among them are copied later: here is room for none. */
static bool
read_properties(struct span value, struct link_message *out)
{
	struct netlink_attribute attribute;
	struct span look = value, name;
	enum netlink_step step;

	while ((step = netlink_attribute_next(&look, &attribute)) ==
	    NETLINK_ITEM)
		if (attribute.type == IFLA_ALT_IFNAME &&
		    (!netlink_text(attribute.value, &name) ||
		    name.n >= ALTNAME_SIZE))
			return false;
	out->properties = value;
	return step == NETLINK_END;
}

static const struct {
	uint16_t type;
	bool (*read)(struct span value, struct link_message *out);
} link_attributes[] = {
	{ IFLA_IFNAME, read_name },
	{ IFLA_ADDRESS, read_mac },
	{ IFLA_MASTER, read_master },
	{ IFLA_LINK, read_parent },
	{ IFLA_LINK_NETNSID, read_parent_namespace },
	{ IFLA_LINKINFO, read_info },
	{ IFLA_PROP_LIST, read_properties },
};

enum {
	LINK_ATTRIBUTES = sizeof(link_attributes) / sizeof(link_attributes[0])
};

static bool
read_link_attribute(const struct netlink_attribute *attribute,
    struct link_message *out)
{
	for (unsigned i = 0; i < LINK_ATTRIBUTES; i++)
		if (link_attributes[i].type == attribute->type)
			return link_attributes[i].read(attribute->value, out);
	return true;
}

/* struct ifinfomsg: family, padding, type, index, flags, change mask. */
static bool
read_link_header(struct span *body, uint8_t *family, struct link *out)
{
	uint32_t index, flags, change;
	uint16_t type;

	if (!span_u8(body, family) || !span_skip(body, 1) ||
	    !span_host16(body, &type) || !span_host32(body, &index) ||
	    !span_host32(body, &flags) || !span_host32(body, &change))
		return false;
	out->index = index;
	out->type = type;
	out->up = (flags & IFF_UP) != 0;
	out->loopback = (flags & IFF_LOOPBACK) != 0;
	return index > 0 && index <= INT32_MAX;
}

static bool
read_link_attributes(struct span body, struct link_message *out)
{
	struct netlink_attribute attribute;
	enum netlink_step step;

	while ((step = netlink_attribute_next(&body, &attribute)) ==
	    NETLINK_ITEM)
		if (!read_link_attribute(&attribute, out))
			return false;
	/* To a veth the other end is its "link": we mean what it hears. */
	if (out->parent_elsewhere || !link_kind_has_parent(out->link.kind))
		out->link.parent = 0;
	return step == NETLINK_END && out->link.name[0] != '\0';
}

static bool
read_local(struct span value, struct address_message *out)
{
	out->has_local = value.n == sizeof(struct in_addr) &&
	    span_address(&value, &out->entry.address);
	return out->has_local;
}

static bool
read_peer(struct span value, struct address_message *out)
{
	out->has_peer = value.n == sizeof(struct in_addr) &&
	    span_address(&value, &out->entry.peer);
	return out->has_peer;
}

static bool
read_label(struct span value, struct address_message *out)
{
	return read_text(value, out->entry.label, sizeof(out->entry.label));
}

static bool
read_flags(struct span value, struct address_message *out)
{
	return netlink_u32(value, &out->entry.flags);
}

static const struct {
	uint16_t type;
	bool (*read)(struct span value, struct address_message *out);
} address_attributes[] = {
	{ IFA_LOCAL, read_local },
	{ IFA_ADDRESS, read_peer },
	{ IFA_LABEL, read_label },
	{ IFA_FLAGS, read_flags },
};

enum {
	ADDRESS_ATTRIBUTES =
	    sizeof(address_attributes) / sizeof(address_attributes[0])
};

static bool
read_address_attribute(const struct netlink_attribute *attribute,
    struct address_message *out)
{
	for (unsigned i = 0; i < ADDRESS_ATTRIBUTES; i++)
		if (address_attributes[i].type == attribute->type)
			return address_attributes[i].read(attribute->value,
			    out);
	return true;
}

/* struct ifaddrmsg: family, prefix, flags, scope, index. */
static bool
read_address_header(struct span *body, uint8_t *family,
    struct address_message *out)
{
	uint32_t index;
	uint8_t flags;

	if (!span_u8(body, family) || !span_u8(body, &out->entry.prefix) ||
	    !span_u8(body, &flags) || !span_u8(body, &out->entry.scope) ||
	    !span_host32(body, &index))
		return false;
	out->entry.flags = flags;
	out->index = index;
	return true;
}

static bool
read_address_attributes(struct span body, struct address_message *out)
{
	struct netlink_attribute attribute;
	enum netlink_step step;

	while ((step = netlink_attribute_next(&body, &attribute)) ==
	    NETLINK_ITEM)
		if (!read_address_attribute(&attribute, out))
			return false;
	if (!out->has_local)
		out->entry.address = out->entry.peer;
	if (!out->has_peer)
		out->entry.peer = out->entry.address;
	return step == NETLINK_END && (out->has_local || out->has_peer) &&
	    out->entry.prefix <= 32;
}

enum link_message_outcome
link_message_read(struct span body, struct link_message *out)
{
	struct link_message said = { 0 };
	uint8_t family;

	if (!read_link_header(&body, &family, &said.link))
		return LINK_MESSAGE_DAMAGED;
	if (family != AF_UNSPEC)
		return LINK_MESSAGE_OF_OTHERS;
	if (!read_link_attributes(body, &said))
		return LINK_MESSAGE_DAMAGED;
	*out = said;
	return LINK_MESSAGE_READ;
}

enum link_message_outcome
link_message_read_index(struct span body, unsigned *out)
{
	struct link link = { 0 };
	uint8_t family;

	if (!read_link_header(&body, &family, &link))
		return LINK_MESSAGE_DAMAGED;
	if (family != AF_UNSPEC)
		return LINK_MESSAGE_OF_OTHERS;
	*out = link.index;
	return LINK_MESSAGE_READ;
}

enum link_message_outcome
address_message_read(struct span body, struct address_message *out)
{
	struct address_message said = { 0 };
	uint8_t family;

	if (!read_address_header(&body, &family, &said))
		return LINK_MESSAGE_DAMAGED;
	if (family != AF_INET)
		return LINK_MESSAGE_OF_OTHERS;
	if (!read_address_attributes(body, &said))
		return LINK_MESSAGE_DAMAGED;
	*out = said;
	return LINK_MESSAGE_READ;
}
