#include "net/netlink.h"

#include <linux/netlink.h>

/* Messages and attributes begin at multiples of four octets. */
static void
skip_alignment(struct span *rest, size_t n)
{
	static const size_t missing[] = { 0, 3, 2, 1 };

	/* The last one may come without. */
	if (!span_skip(rest, missing[n % 4]))
		*rest = (struct span){ 0 };
}

static enum netlink_step
stop(struct span *rest)
{
	enum netlink_step why = rest->n == 0 ? NETLINK_END : NETLINK_DAMAGED;

	*rest = (struct span){ 0 };
	return why;
}

enum netlink_step
netlink_next(struct span *rest, struct netlink_message *out)
{
	struct span look = *rest, cut;
	struct netlink_message message;
	uint32_t n, port;

	if (!span_host32(&look, &n) || !span_take(rest, n, &cut))
		return stop(rest);
	if (!span_host32(&cut, &n) || !span_host16(&cut, &message.type) ||
	    !span_host16(&cut, &message.flags) ||
	    !span_host32(&cut, &message.sequence) ||
	    !span_host32(&cut, &port)) {
		*rest = (struct span){ 0 };
		return NETLINK_DAMAGED;
	}
	skip_alignment(rest, n);
	message.body = cut;
	*out = message;
	return NETLINK_ITEM;
}

enum netlink_step
netlink_attribute_next(struct span *rest, struct netlink_attribute *out)
{
	struct span look = *rest, cut;
	uint16_t n, type;

	if (!span_host16(&look, &n) || !span_take(rest, n, &cut))
		return stop(rest);
	if (!span_host16(&cut, &n) || !span_host16(&cut, &type)) {
		*rest = (struct span){ 0 };
		return NETLINK_DAMAGED;
	}
	skip_alignment(rest, n);
	*out = (struct netlink_attribute){
		.type = (uint16_t)(type & NLA_TYPE_MASK),
		.value = cut,
	};
	return NETLINK_ITEM;
}

bool
netlink_u32(struct span value, uint32_t *out)
{
	return value.n == sizeof(*out) && span_host32(&value, out);
}

bool
netlink_text(struct span value, struct span *out)
{
	struct span look = value;
	uint8_t octet;

	for (size_t n = 0; span_u8(&look, &octet); n++)
		if (octet == '\0')
			return n > 0 && span_take(&value, n, out);
	return false;
}

void
netlink_write_dump(struct span_writer *w, uint16_t type, uint32_t sequence,
    struct span body)
{
	enum { KERNEL = 0, HEADER = 16 };

	write_host32(w, (uint32_t)(HEADER + body.n));
	write_host16(w, type);
	write_host16(w, NLM_F_REQUEST | NLM_F_DUMP);
	write_host32(w, sequence);
	write_host32(w, KERNEL);
	write_octets(w, body);
}
