#include "dhcp.h"

enum {
	CODES = 256,
	/* Values of option 52 (RFC 2132 section 9.3) are sums of these. */
	OVERLOAD_FILE = 1,
	OVERLOAD_SNAME = 2,
	MAGIC_COOKIE = 0x63825363,	/* RFC 2131 section 3 */
};

/*
 * Where dhcp->slot keeps each option, plus one; 0 for those not kept.
 */
static const uint8_t slot_of[CODES] = {
	[DHCP_OPT_VENDOR_SPECIFIC] = 1,
	[DHCP_OPT_OVERLOAD] = 2,
	[DHCP_OPT_MESSAGE_TYPE] = 3,
	[DHCP_OPT_SERVER_ID] = 4,
	[DHCP_OPT_MAX_SIZE] = 5,
	[DHCP_OPT_VENDOR_CLASS] = 6,
	[DHCP_OPT_USER_CLASS] = 7,
	[DHCP_OPT_RELAY] = 8,
	[DHCP_OPT_ARCH] = 9,
	[DHCP_OPT_UNDI] = 10,
	[DHCP_OPT_UUID] = 11,
	[DHCP_OPT_IPXE] = 12,
	[DHCP_OPT_REQUESTED] = 13,
};

_Static_assert(DHCP_SLOTS == 13, "as many slots as slot_of names");

static bool
find(const struct dhcp *dhcp, enum dhcp_code code, struct span *out)
{
	unsigned slot = slot_of[code];

	if (slot == 0 || !dhcp->filled[slot - 1])
		return false;
	*out = dhcp->slot[slot - 1];
	return true;
}

bool
dhcp_option(const struct dhcp *dhcp, enum dhcp_code code, struct span *out)
{
	/* Those are for dhcp_read() itself. */
	return code != DHCP_OPT_OVERLOAD && code != DHCP_OPT_MESSAGE_TYPE &&
	    find(dhcp, code, out);
}

/*
 * Join a further part to an option that has been seen (RFC 3396 section 7).
 *
 * The joined value is built at the end of dhcp->joined.  An option whose
 * last part stands there already grows in place; one that other options
 * have come behind is copied to the end first.
 */
static bool
join(struct dhcp *dhcp, struct span *value, struct span part)
{
	struct writer w = { dhcp->joined, sizeof(dhcp->joined),
	    dhcp->n_joined, false };
	size_t start = dhcp->n_joined;

	if (value->n > 0 && start >= value->n &&
	    value->p == dhcp->joined + (start - value->n))
		start -= value->n;
	else
		write_octets(&w, *value);
	write_octets(&w, part);
	if (w.full)
		return false;
	dhcp->n_joined = w.n;
	*value = (struct span){ dhcp->joined + start, w.n - start };
	return true;
}

static bool
read_block(struct dhcp *dhcp, struct span block, enum verdict *why)
{
	struct option option;
	enum option_step step;

	while ((step = option_next(&block, &option)) == OPTION_ITEM) {
		unsigned slot = slot_of[option.code];

		if (slot == 0)
			continue;
		if (!dhcp->filled[slot - 1]) {
			dhcp->slot[slot - 1] = option.value;
			dhcp->filled[slot - 1] = true;
		} else if (!join(dhcp, &dhcp->slot[slot - 1], option.value)) {
			*why = VERDICT_OPTIONS_LONG;
			return false;
		}
	}
	*why = VERDICT_OPTION_TRUNCATED;
	return step == OPTION_DONE;
}

/* The value of an option that is one octet; false where it is not. */
static bool
octet_option(const struct dhcp *dhcp, enum dhcp_code code, uint8_t *out)
{
	struct span value;

	return find(dhcp, code, &value) && value.n == 1 &&
	    span_u8(&value, out);
}

static bool
read_options(struct dhcp *dhcp, struct span options, struct span file,
    struct span sname, enum verdict *why)
{
	uint8_t overload, type;

	memset(dhcp->filled, 0, sizeof(dhcp->filled));
	dhcp->n_joined = 0;
	if (!read_block(dhcp, options, why))
		return false;
	/* Asked once: an option 52 inside file or sname means nothing. */
	if (!octet_option(dhcp, DHCP_OPT_OVERLOAD, &overload))
		overload = 0;
	if ((overload & OVERLOAD_FILE) != 0 && !read_block(dhcp, file, why))
		return false;
	if ((overload & OVERLOAD_SNAME) != 0 && !read_block(dhcp, sname, why))
		return false;

	*why = VERDICT_NO_TYPE;
	if (!octet_option(dhcp, DHCP_OPT_MESSAGE_TYPE, &type) ||
	    type < DHCP_DISCOVER || type > DHCP_INFORM)
		return false;
	dhcp->type = (enum dhcp_type)type;
	return true;
}

bool
dhcp_read(struct span payload, struct dhcp *out, enum verdict *why)
{
	struct span file, sname;
	uint32_t cookie;

	*why = VERDICT_DHCP_SHORT;
	if (!span_u8(&payload, &out->op) || !span_u8(&payload, &out->htype) ||
	    !span_u8(&payload, &out->hlen) || !span_u8(&payload, &out->hops) ||
	    !span_be32(&payload, &out->xid) ||
	    !span_be16(&payload, &out->secs) ||
	    !span_be16(&payload, &out->flags) ||
	    !span_address(&payload, &out->ciaddr) ||
	    !span_address(&payload, &out->yiaddr) ||
	    !span_address(&payload, &out->siaddr) ||
	    !span_address(&payload, &out->giaddr) ||
	    !span_copy(&payload, DHCP_CHADDR, out->chaddr) ||
	    !span_take(&payload, DHCP_SNAME, &sname) ||
	    !span_take(&payload, DHCP_FILE, &file) ||
	    !span_be32(&payload, &cookie))
		return false;

	*why = VERDICT_BAD_OP;
	if (out->op != DHCP_BOOTREQUEST && out->op != DHCP_BOOTREPLY)
		return false;
	*why = VERDICT_BAD_HLEN;
	if (out->hlen > DHCP_CHADDR)
		return false;
	*why = VERDICT_NO_COOKIE;
	if (cookie != MAGIC_COOKIE)
		return false;
	return read_options(out, payload, file, sname, why);
}

/* A field of fixed size: the text, cut so that a NUL follows, then zeros. */
static void
write_field(struct writer *w, struct span text, size_t size)
{
	struct span cut;

	if (!span_take(&text, size - 1, &cut))
		cut = text;
	write_octets(w, cut);
	write_zeros(w, size - cut.n);
}

void
dhcp_write_header(struct writer *w, const struct dhcp_header *header)
{
	static const struct in_addr nobody = { INADDR_ANY };

	write_u8(w, header->op);
	write_u8(w, header->htype);
	write_u8(w, header->hlen);
	write_u8(w, 0);				/* hops */
	write_be32(w, header->xid);
	write_be16(w, 0);			/* secs */
	write_be16(w, header->flags);
	write_address(w, header->ciaddr);
	write_address(w, nobody);		/* yiaddr */
	write_address(w, header->siaddr);
	write_address(w, header->giaddr);
	write_octets(w, (struct span){ header->chaddr, DHCP_CHADDR });
	write_field(w, header->sname, DHCP_SNAME);
	write_field(w, header->file, DHCP_FILE);
	write_be32(w, MAGIC_COOKIE);
}

void
dhcp_write_end(struct writer *w)
{
	write_u8(w, OPTION_END);
	if (w->n < DHCP_LENGTH_MIN)
		write_zeros(w, DHCP_LENGTH_MIN - w->n);
}
