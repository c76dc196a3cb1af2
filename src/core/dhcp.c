#include "core/dhcp.h"

enum {
	/* Values of option 52 (RFC 2132 section 9.3) are sums of these. */
	OVERLOAD_FILE = 1,
	OVERLOAD_SNAME = 2,
	MAGIC_COOKIE = 0x63825363,	/* RFC 2131 section 3 */
	FIXED = 240,			/* octets before the options, with
					 * the cookie */
};

/*
 * Join a further part to an option that has been seen (RFC 3396 section 7).
 *
 * The joined value is at the end of dhcp->joined.  If the earlier parts are
 * there already, the part is appended to them; otherwise they are copied to
 * the end first.
 */
static bool
join(struct dhcp *dhcp, struct span *value, struct span part)
{
	struct span_writer w = { dhcp->joined, sizeof(dhcp->joined),
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

/* Read one block of options: the options field, file or sname. */
static bool
read_block(struct dhcp *dhcp, struct span block, enum verdict *why)
{
	struct option option;
	enum option_step step;

	while ((step = option_next(&block, &option)) == OPTION_ITEM) {
		if (!dhcp->has[option.code]) {
			dhcp->option[option.code] = option.value;
			dhcp->has[option.code] = true;
		} else if (!join(dhcp, &dhcp->option[option.code],
		    option.value)) {
			*why = VERDICT_OPTIONS_LONG;
			return false;
		}
	}
	*why = VERDICT_OPTION_TRUNCATED;
	return step == OPTION_DONE;
}

/* The value of an option of one octet; false if it has another length. */
static bool
octet_option(const struct dhcp *dhcp, enum dhcp_code code, uint8_t *out)
{
	struct span value;

	return dhcp_option(dhcp, code, &value) && value.n == 1 &&
	    span_u8(&value, out);
}

/* Read all options, and the message type, which every message must have. */
static bool
read_options(struct dhcp *dhcp, struct span options, struct span file,
    struct span sname, enum verdict *why)
{
	uint8_t overload, type;

	memset(dhcp->has, 0, sizeof(dhcp->has));
	dhcp->n_joined = 0;
	if (!read_block(dhcp, options, why))
		return false;
	/* Before file and sname are read: in these, option 52 has no meaning. */
	if (!octet_option(dhcp, DHCP_OPT_OVERLOAD, &overload))
		overload = 0;
	if ((overload & OVERLOAD_FILE) != 0 && !read_block(dhcp, file, why))
		return false;
	if ((overload & OVERLOAD_SNAME) != 0 && !read_block(dhcp, sname, why))
		return false;

	*why = VERDICT_NO_TYPE;
	if (!octet_option(dhcp, DHCP_OPT_MESSAGE_TYPE, &type) ||
	    type < DHCP_DISCOVER)
		return false;
	dhcp->type = (enum dhcp_type)type;
	return true;
}

bool
dhcp_read(struct span payload, struct dhcp *out, enum verdict *why)
{
	struct span fixed, file, sname;
	uint32_t cookie;

	/* All fixed fields are cut off at once: then none can be missing. */
	*why = VERDICT_DHCP_SHORT;
	if (!span_take(&payload, FIXED, &fixed) ||
	    !span_u8(&fixed, &out->op) || !span_u8(&fixed, &out->htype) ||
	    !span_u8(&fixed, &out->hlen) || !span_u8(&fixed, &out->hops) ||
	    !span_be32(&fixed, &out->xid) ||
	    !span_be16(&fixed, &out->secs) ||
	    !span_be16(&fixed, &out->flags) ||
	    !span_address(&fixed, &out->ciaddr) ||
	    !span_address(&fixed, &out->yiaddr) ||
	    !span_address(&fixed, &out->siaddr) ||
	    !span_address(&fixed, &out->giaddr) ||
	    !span_copy(&fixed, DHCP_CHADDR, out->chaddr) ||
	    !span_take(&fixed, DHCP_SNAME, &sname) ||
	    !span_take(&fixed, DHCP_FILE, &file) ||
	    !span_be32(&fixed, &cookie))
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

const char *
dhcp_type_name(enum dhcp_type type)
{
	/* IANA registry "DHCP Message Type 53 Values". */
	static const char *const names[] = {
		[DHCP_DISCOVER] = "DISCOVER",
		[DHCP_OFFER] = "OFFER",
		[DHCP_REQUEST] = "REQUEST",
		[DHCP_DECLINE] = "DECLINE",
		[DHCP_ACK] = "ACK",
		[DHCP_NAK] = "NAK",
		[DHCP_RELEASE] = "RELEASE",
		[DHCP_INFORM] = "INFORM",
		[9] = "FORCERENEW", "LEASEQUERY", "LEASEUNASSIGNED",
		"LEASEUNKNOWN", "LEASEACTIVE", "BULKLEASEQUERY",
		"LEASEQUERYDONE", "ACTIVELEASEQUERY", "LEASEQUERYSTATUS",
		"TLS",
	};
	const size_t n = sizeof(names) / sizeof(names[0]);

	return type >= DHCP_DISCOVER && type < n ? names[type] : "OTHER";
}

/* A field of fixed size: the text, cut so that a NUL fits, then zeros. */
static void
write_field(struct span_writer *w, struct span text, size_t size)
{
	struct span_writer field = { write_claim(w, size), size, 0, false };
	struct span cut;

	if (field.p == NULL)
		return;
	memset(field.p, 0, size);
	if (!span_take(&text, size - 1, &cut))
		cut = text;
	write_octets(&field, cut);
}

void
dhcp_write_header(struct span_writer *w, const struct dhcp_header *header)
{
	static const struct in_addr nobody = { INADDR_ANY };
	/* Reserved at once: then there is room for every field. */
	struct span_writer fixed = { write_claim(w, FIXED), FIXED, 0, false };

	if (fixed.p == NULL)
		return;
	write_u8(&fixed, header->op);
	write_u8(&fixed, header->htype);
	write_u8(&fixed, header->hlen);
	write_u8(&fixed, 0);			/* hops */
	write_be32(&fixed, header->xid);
	write_be16(&fixed, header->secs);
	write_be16(&fixed, header->flags);
	write_address(&fixed, header->ciaddr);
	write_address(&fixed, nobody);		/* yiaddr: no lease */
	write_address(&fixed, header->siaddr);
	write_address(&fixed, header->giaddr);
	write_octets(&fixed, (struct span){ header->chaddr, DHCP_CHADDR });
	write_field(&fixed, header->sname, DHCP_SNAME);
	write_field(&fixed, header->file, DHCP_FILE);
	write_be32(&fixed, MAGIC_COOKIE);
}

void
dhcp_write_end(struct span_writer *w, size_t shortest)
{
	write_u8(w, OPTION_END);
	if (w->n < shortest)
		write_zeros(w, shortest - w->n);
}
