#include "fuzz/invariants.h"

/*
 * Places in a DHCP message (RFC 2131 figure 1), for a second reading of it
 * that has nothing in common with the first.
 */
enum {
	OP = 0,
	HLEN = 2,
	HOPS = 3,
	XID = 4,
	SECS = 8,
	FLAGS = 10,
	YIADDR = 16,
	GIADDR = 24,
	CHADDR = 28,
	FILE_FIELD = 108,
	COOKIE = 236,
	OPTIONS = 240,
	SHORTEST = 300,
	LONGEST = 1444,
};

static bool
all_zero(const uint8_t *p, size_t from, size_t to)
{
	for (; from < to; from++)
		if (p[from] != 0)
			return false;
	return true;
}

/* The options of an answer: sound, in order, ended, and padded with zeros. */
static const char *
options_broken(const struct reply *reply, bool ack)
{
	const uint8_t *p = reply->octets;
	size_t at = OPTIONS;
	bool relay_seen = false;

	if (memcmp(p + COOKIE, "\x63\x82\x53\x63", 4) != 0)
		return "no cookie";
	if (memcmp(p + at, ack ? "\x35\x01\x05" : "\x35\x01\x02", 3) != 0)
		return "option 53 is not the first, or of another type";
	if (p[at + 3] != 54 || p[at + 4] != 4 ||
	    memcmp(p + at + 5, &reply->source, 4) != 0)
		return "option 54 is not the second, or not the source";
	for (; at < reply->n && p[at] != 255; at += 2 + p[at + 1]) {
		if (at + 1 >= reply->n || at + 2 + p[at + 1] > reply->n)
			return "an option runs out of the message";
		if (p[at] == 0)
			return "a PAD among the options";
		if (relay_seen && p[at] != 82)
			return "an option behind option 82";
		relay_seen = p[at] == 82;
		if (p[at] == 13 || p[at] == 50 || p[at] == 51 || p[at] == 52)
			return "an option that no boot server sends";
		if (p[at] == 67 && p[at + 1 + p[at + 1]] != 0)
			return "option 67 without its NUL";
	}
	if (at >= reply->n)
		return "no end option";
	if (!all_zero(p, at + 1, reply->n))
		return "octets behind the end option";
	return NULL;
}

static const char *
header_broken(const struct responder_exchange *x, const struct reply *reply)
{
	const uint8_t *p = reply->octets;

	if (p[OP] != 2)
		return "op is not BOOTREPLY";
	if (p[HLEN] != x->dhcp.hlen)
		return "another hlen";
	if (!all_zero(p, HOPS, HOPS + 1) || !all_zero(p, SECS, SECS + 2))
		return "hops or secs is not 0";
	if (!all_zero(p, YIADDR, YIADDR + 4))
		return "yiaddr is not 0";
	if (((uint32_t)p[XID] << 24 | (uint32_t)p[XID + 1] << 16 |
	    (uint32_t)p[XID + 2] << 8 | p[XID + 3]) != x->dhcp.xid)
		return "another xid";
	if (memcmp(p + CHADDR, x->dhcp.chaddr, 16) != 0)
		return "another chaddr";
	if (memcmp(p + GIADDR, &x->dhcp.giaddr, 4) != 0)
		return "another giaddr";
	if (p[FILE_FIELD - 1] != 0 || p[COOKIE - 1] != 0)
		return "sname or file without its NUL";
	return NULL;
}

static const char *
way_broken(const struct responder_exchange *x, const struct reply *reply,
    const struct reply_identity *identity)
{
	static const uint8_t all[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	bool ack = x->verdict == VERDICT_ACK;
	unsigned to = reply->destination_port;

	if (reply->source_port != (x->request.on_4011 ? 4011 : 67))
		return "from another port";
	if (ack && to != 68 && to != 4011)
		return "to another port";
	/* A relay that sends option 82 may have a port of its own (RFC 8357). */
	if (!ack && to != (x->dhcp.giaddr.s_addr == 0 ? 68 : 67) &&
	    (x->dhcp.giaddr.s_addr == 0 || !x->request.has_relay ||
	    to != x->frame.source_port))
		return "to a port that nobody asked from";
	if (memcmp(reply->from, identity->mac, 6) != 0)
		return "not from our MAC address";
	if (reply->tags > FRAME_TAGS)
		return "too many tags";
	if (reply->destination.s_addr == 0xffffffff) {
		if (memcmp(reply->to, all, 6) != 0)
			return "a broadcast to one MAC address";
		if ((reply->octets[FLAGS] & 0x80) == 0)
			return "a broadcast without the broadcast flag";
	} else if (memcmp(reply->to, x->frame.from, 6) != 0) {
		return "not back through where it came from";
	} else if ((reply->to[0] & 1) != 0) {
		return "to a group's MAC address";
	}
	return reply->destination.s_addr == 0 ? "to 0.0.0.0" : NULL;
}

static const char *
reply_broken(const struct responder_exchange *x, const struct reply *reply,
    const struct reply_identity *identity)
{
	const char *broken;

	if (reply->n > LONGEST)
		return "longer than 1444 octets";
	/* A brief request on port 4011 gets no padding beyond its length. */
	if (reply->n < SHORTEST && (reply->source_port != 4011 ||
	    reply->n < x->frame.payload.n))
		return "shorter than 300 octets and than the request";
	if (reply->n + 28 > x->request.max_size)
		return "longer than the client accepts";
	if ((broken = header_broken(x, reply)) != NULL ||
	    (broken = options_broken(reply, x->verdict == VERDICT_ACK)) !=
	    NULL)
		return broken;
	return way_broken(x, reply, identity);
}

const char *
invariant_broken(const struct responder_exchange *x,
    const struct reply_identity *identity)
{
	const char *broken;

	if ((unsigned)x->verdict >= VERDICT_COUNT)
		return "no verdict";
	if (verdict_answered(x->verdict) != (x->replies > 0))
		return "verdict and number of answers disagree";
	if (x->replies > RESPONDER_REPLIES)
		return "more than two answers";
	if (x->replies == 0)
		return NULL;
	if (x->step != RESPONDER_DECISION)
		return "an answer without a decision";
	if ((x->replies == 2) != (x->decision.form == FORM_PAIRED &&
	    x->verdict == VERDICT_OFFER))
		return "two answers without the form paired, or one with it";
	if (x->dhcp.op != 1)
		return "a reply was answered";
	for (unsigned i = 0; i < x->replies; i++)
		if ((broken = reply_broken(x, &x->reply[i], identity)) !=
		    NULL)
			return broken;
	return NULL;
}

static bool
same_reply(const struct reply *a, const struct reply *b)
{
	return a->n == b->n && memcmp(a->octets, b->octets, a->n) == 0 &&
	    a->tags == b->tags &&
	    memcmp(a->tag, b->tag, a->tags * sizeof(a->tag[0])) == 0 &&
	    memcmp(a->to, b->to, FRAME_MAC) == 0 &&
	    memcmp(a->from, b->from, FRAME_MAC) == 0 &&
	    a->source.s_addr == b->source.s_addr &&
	    a->destination.s_addr == b->destination.s_addr &&
	    a->source_port == b->source_port &&
	    a->destination_port == b->destination_port &&
	    a->ip_id == b->ip_id;
}

const char *
invariant_differs(const struct responder_exchange *a,
    const struct responder_exchange *b)
{
	if (a->verdict != b->verdict)
		return "the verdict";
	if (a->step != b->step)
		return "how far it was understood";
	if (a->replies != b->replies)
		return "the number of answers";
	for (unsigned i = 0; i < a->replies; i++)
		if (!same_reply(&a->reply[i], &b->reply[i]))
			return "an answer";
	return NULL;
}

/* The Internet checksum's sum (RFC 1071), going on from one before. */
static uint32_t
sum_up(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static size_t
be16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

static const char *
udp_broken(const struct reply *reply, const uint8_t *ip, const uint8_t *udp)
{
	static const uint8_t protocol[] = { 0, 17 };
	uint32_t sum;

	if (be16(udp) != reply->source_port ||
	    be16(udp + 2) != reply->destination_port)
		return "another UDP port";
	if (be16(udp + 4) != reply->n + 8)
		return "another UDP length";
	if (be16(udp + 6) == 0)
		return "no UDP checksum";
	if (memcmp(udp + 8, reply->octets, reply->n) != 0)
		return "another message";
	sum = sum_up(0, ip + 12, 8);		/* the pseudo-header */
	sum = sum_up(sum, protocol, 2);
	sum = sum_up(sum, udp + 4, 2);
	sum = sum_up(sum, udp, 8 + reply->n);
	return sum == 0xffff ? NULL : "a wrong UDP checksum";
}

static const char *
ip_broken(const struct reply *reply, const uint8_t *ip)
{
	if (ip[0] != 0x45 || ip[1] != 0)
		return "IPv4 options, or a type of service";
	if (be16(ip + 2) != reply->n + 28)
		return "another IPv4 length";
	if (be16(ip + 4) != reply->ip_id)
		return "another IPv4 identification";
	if (be16(ip + 6) != 0)
		return "a fragment, or don't-fragment set";
	if (ip[8] != 64 || ip[9] != 17)
		return "another TTL or protocol";
	if (memcmp(ip + 12, &reply->source, 4) != 0 ||
	    memcmp(ip + 16, &reply->destination, 4) != 0)
		return "another IPv4 address";
	if (sum_up(0, ip, 20) != 0xffff)
		return "a wrong IPv4 checksum";
	return udp_broken(reply, ip, ip + 20);
}

const char *
invariant_envelope(const struct reply *reply, struct span frame)
{
	const uint8_t *p = frame.p;
	size_t at = 12;

	if (frame.n != 14 + reply->tags * 4 + 28 + reply->n)
		return "another length of frame";
	if (memcmp(p, reply->to, 6) != 0 || memcmp(p + 6, reply->from, 6) != 0)
		return "another MAC address";
	for (unsigned i = 0; i < reply->tags; i++, at += 4)
		if (be16(p + at) != reply->tag[i].tpid ||
		    be16(p + at + 2) != reply->tag[i].tci)
			return "another VLAN tag";
	if (be16(p + at) != 0x0800)
		return "another EtherType";
	return ip_broken(reply, p + at + 2);
}
