#include <check.h>

#include "net/links.h"
#include "net/netlink.h"
#include "unit/net/rtnetlink_craft.h"
#include "unit/suite.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

enum { ROOM = 64 * 1024, TEXT = 4096, LOG = 8192 };

/* What a table told while it took messages. */
struct heard {
	FILE *to;
	char text[LOG];
	unsigned skipped;
	unsigned last;			/* news of the last link */
};

static void
hear(void *context, const struct link *link, unsigned news)
{
	struct heard *heard = context;

	heard->last = news;
	if (heard->to != NULL)
		fprintf(heard->to, "%s:%s%s%s%s%s\n", link->name,
		    news & LINKS_APPEARED ? " appeared" : "",
		    news & LINKS_GONE ? " gone" : "",
		    news & LINKS_NAMES ? " names" : "",
		    news & LINKS_STATE ? " state" : "",
		    news & LINKS_ADDRESSES ? " addresses" : "");
}

static void
count_skipped(void *context, const char *why)
{
	struct heard *heard = context;

	ck_assert(why[0] != '\0');
	heard->skipped++;
}

static void
take(struct links *links, struct span octets, struct heard *heard)
{
	struct links_user user = { hear, count_skipped, heard };

	links_take(links, octets, &user);
}

/* Write the next request, to nobody; its number. */
static uint32_t
ask(struct links *links)
{
	uint8_t octets[LINKS_REQUEST];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	struct netlink_message message;
	struct span rest;

	ck_assert(links_wants(links));
	links_request(links, &w);
	ck_assert(!w.full);
	ck_assert(!links_wants(links));
	rest = writer_span(&w);
	ck_assert(netlink_next(&rest, &message) == NETLINK_ITEM);
	ck_assert_uint_eq(rest.n, 0);
	return message.sequence;
}

static void
print(const struct links *links, char out[TEXT])
{
	FILE *to = fmemopen(out, TEXT, "w");

	ck_assert(to != NULL);
	craft_print(to, links);
	fclose(to);
}

static void
expect(const struct links *links, const char *what, const char *table)
{
	char is[TEXT] = "";

	print(links, is);
	ck_assert_msg(strcmp(is, table) == 0, "%s: the table is\n%s\nnot\n%s",
	    what, is, table);
}

/*
 * Recordings (record_links.py) of a little-endian machine: what the kernel
 * said, and what is there then.
 */
static const struct {
	const char *what;
	const char *table;
} recordings[] = {
	{ "start",
	    "1 lo link 00:00\n"
	    "2 e1 link up 02:02 10.2.0.1/32 peer 10.2.0.9 (e1)\n"
	    "3 e0=enp1s0=to-the-rack link up 02:01"
	    " 169.254.7.7/16 (e0) scope 253 10.0.0.1/24 (e0:1)"
	    " 10.1.0.1/24 (e0) [20] 10.0.0.2/24 (e0) [1]\n" },
	{ "come-and-go",
	    "1 lo link 00:00\n"
	    "4 e1 link 02:04\n"
	    "5 e0 link up 02:03 10.0.0.7/24 (e0)\n" },
	{ "addresses",
	    "1 lo link 00:00\n"
	    "2 e1 link 02:02\n"
	    "3 e0 link up 02:01 10.9.0.1/16 (e0) 10.8.0.1/16 (e0)\n" },
	{ "swap",
	    "1 lo link 00:00\n"
	    "2 e0 link up 02:02 10.1.0.1/24 (e0)\n"
	    "3 e1=third link up 02:01 10.0.0.1/24 (e1)\n" },
	{ "bridge",
	    "1 lo link 00:00\n"
	    "2 e1 link 02:02\n"
	    "3 e0 link up 02:01 in 4\n"
	    "4 br0 bridge up 02:10\n"
	    "5 mv0 macvlan 02:11 on 2\n"
	    "6 mv1 macvlan 02:12 on 4\n" },
};

enum { RECORDINGS = sizeof(recordings) / sizeof(recordings[0]) };

static struct span
load(const char *name, uint8_t octets[ROOM])
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	FILE *in;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/fuzz/corpus-links/%s.netlink",
	    srcdir != NULL ? srcdir : ".", name);
	in = fopen(path, "rb");
	ck_assert_msg(in != NULL, "%s: it cannot be read", path);
	n = fread(octets, 1, ROOM, in);
	ck_assert_uint_gt(n, 0);
	fclose(in);
	return (struct span){ octets, n };
}

/* One message with its header; false at the end. */
static bool
cut_message(struct span *rest, struct span *out)
{
	struct span look = *rest;
	uint32_t n;

	if (!span_host32(&look, &n))
		return false;
	return span_take(rest, (n + 3) & ~(uint32_t)3, out);
}

/* As it was played: the requests are made when they are due. */
static struct links *
play(struct span recording, struct heard *heard)
{
	struct links *links = links_open();
	struct span message;

	ck_assert(links != NULL);
	while (cut_message(&recording, &message)) {
		if (links_wants(links))
			(void)ask(links);
		take(links, message, heard);
	}
	ck_assert_uint_eq(recording.n, 0);
	return links;
}

START_TEST(test_recording)
{
	static uint8_t octets[ROOM];
	struct heard heard = { 0 };
	struct links *links = play(load(recordings[_i].what, octets),
	    &heard);

	expect(links, recordings[_i].what, recordings[_i].table);
	ck_assert_uint_eq(heard.skipped, 0);
	ck_assert(links_whole(links));
	links_close(links);
}
END_TEST

/*
 * Each message of the recordings, damaged: it is skipped or taken, and what
 * the next dump says is the table again.
 */

static void
check_sound(const struct links *links)
{
	unsigned before = 0;

	for (unsigned i = 0; i < links_count(links); i++) {
		const struct link *link = links_at(links, i);

		ck_assert_uint_gt(link->index, before);
		before = link->index;
		ck_assert(links_by_index(links, before) == link);
		ck_assert(memchr(link->name, '\0', sizeof(link->name)) !=
		    NULL);
		ck_assert(link->name[0] != '\0');
		ck_assert(link_is_called(link, link->name));
	}
}

/*
 * Answer requests until there are none, by the dumps that the recording begins
 * with.
 */
static void
dump_again(struct links *links, struct span recording, struct heard *heard)
{
	uint8_t octets[ROOM];
	struct netlink_message message;
	uint32_t number = 0;

	while (links_wants(links) || !links_whole(links)) {
		struct span_writer w = { octets, sizeof(octets), 0, false };

		if (links_wants(links))
			number = ask(links);
		ck_assert(netlink_next(&recording, &message) == NETLINK_ITEM);
		craft_message(&w, message.type, message.flags, number,
		    message.body);
		ck_assert(!w.full);
		take(links, writer_span(&w), heard);
	}
}

/* A copy that ends where the octets end, for AddressSanitizer. */
static void
take_copy(struct links *links, struct span octets, struct heard *heard)
{
	uint8_t *heap = malloc(octets.n > 0 ? octets.n : 1);

	ck_assert(heap != NULL);
	if (octets.n > 0)
		memcpy(heap, octets.p, octets.n);
	take(links, (struct span){ heap, octets.n }, heard);
	free(heap);
}

/* Each octet another one, and the message cut before each. */
static void
damage(struct links *links, struct span message, struct heard *heard)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	uint8_t octets[ROOM];

	memcpy(octets, message.p, message.n);
	for (size_t at = 0; at < message.n; at++) {
		uint32_t claimed = (uint32_t)at;

		for (unsigned i = 0; i < sizeof(flips); i++) {
			octets[at] ^= flips[i];
			take_copy(links, (struct span){ octets, message.n },
			    heard);
			octets[at] ^= flips[i];
		}
		take_copy(links, (struct span){ octets, at }, heard);
		/* Cut, and its header does not deny it. */
		memcpy(octets, &claimed, sizeof(claimed));
		take_copy(links, (struct span){ octets, at }, heard);
		memcpy(octets, message.p, sizeof(claimed));
	}
}

START_TEST(test_damage)
{
	static uint8_t octets[ROOM];
	struct span recording = load(recordings[_i].what, octets);
	struct span rest = recording, message;
	struct heard heard = { 0 };
	struct links *links = play(recording, &heard), *fresh = links_open();
	char table[TEXT] = "";

	while (cut_message(&rest, &message)) {
		damage(links, message, &heard);
		check_sound(links);
	}
	ck_assert_uint_gt(heard.skipped, 0);
	links_lost(links);
	dump_again(links, recording, &heard);
	dump_again(fresh, recording, &heard);
	print(fresh, table);
	expect(links, recordings[_i].what, table);
	links_close(fresh);
	links_close(links);
}
END_TEST

/*
 * Messages of our own making.
 */

enum { LINK, NO_LINK, ADDRESS, NO_ADDRESS, OCTETS_AS_THEY_ARE };

struct said {
	int what;			/* 0 and no index: the end */
	struct craft_link link;
	struct craft_address address;
	struct span octets;
};

#define MAC_1 "\2\0\0\0\0\1"
#define MAC_2 "\2\0\0\0\0\2"
#define E0 .index = 3, .name = "e0", .mac = MAC_1
#define E1 .index = 4, .name = "e1", .mac = MAC_2
#define OCTETS_127 \
	"1234567890123456789012345678901234567890123456789012345678901234" \
	"123456789012345678901234567890123456789012345678901234567890123"
#define OCTETS_128 OCTETS_127 "4"
#define TEN .index = 3, .local = "10.0.0.1", .peer = "10.0.0.1", .prefix = 24

static const struct {
	const char *what;
	struct said said[6];
	const char *table;
	const char *news;
	unsigned skipped;
} crafted[] = {
	{ "a link, and the same again",
	    { { .link = { E0 } }, { .link = { E0 } } },
	    "3 e0 link 02:01\n", "e0: appeared\n", 0 },
	{ "up, and down again",
	    { { .link = { E0 } }, { .link = { E0, .up = true } },
	    { .link = { E0 } } },
	    "3 e0 link 02:01\n", "e0: appeared\ne0: state\ne0: state\n", 0 },
	{ "another MAC address",
	    { { .link = { E0 } }, { .link = { .index = 3, .name = "e0",
	    .mac = MAC_2 } } },
	    "3 e0 link 02:02\n", "e0: appeared\ne0: state\n", 0 },
	{ "without a MAC address", { { .link = { .index = 3,
	    .name = "tun0" } } },
	    "3 tun0 link\n", "tun0: appeared\n", 0 },
	{ "another name, altnames, and fewer of them",
	    { { .link = { E0 } }, { .link = { .index = 3, .name = "lan",
	    .mac = MAC_1, .altname = { "enp1s0", "eno1" } } },
	    { .link = { .index = 3, .name = "lan", .mac = MAC_1,
	    .altname = { "eno1" } } } },
	    "3 lan=eno1 link 02:01\n", "e0: appeared\nlan: names\n"
	    "lan: names\n", 0 },
	{ "links are in order of their index",
	    { { .link = { E1 } }, { .link = { E0 } } },
	    "3 e0 link 02:01\n4 e1 link 02:02\n",
	    "e1: appeared\ne0: appeared\n", 0 },
	{ "gone, with its addresses",
	    { { .link = { E0 } }, { ADDRESS, .address = { TEN } },
	    { NO_LINK, .link = { E0 } }, { .link = { E0 } } },
	    "3 e0 link 02:01\n",
	    "e0: appeared\ne0: addresses\ne0: gone\ne0: appeared\n", 0 },
	{ "what is not there is not gone",
	    { { .link = { E0 } }, { NO_LINK, .link = { E1 } } },
	    "3 e0 link 02:01\n", "e0: appeared\n", 0 },
	{ "a port that leaves its bridge is not gone",
	    { { .link = { E0, .master = 7 } },
	    { NO_LINK, .link = { E0, .family = AF_BRIDGE } } },
	    "3 e0 link 02:01 in 7\n", "e0: appeared\n", 0 },
	{ "what a bridge says of its port is not all of it",
	    { { .link = { E0, .up = true, .altname = { "eno1" } } },
	    { .link = { .index = 3, .name = "e0", .family = AF_BRIDGE } } },
	    "3 e0=eno1 link up 02:01\n", "e0: appeared\n", 0 },
	{ "kinds",
	    { { .link = { E0 } },
	    { .link = { .index = 5, .name = "v", .kind = "vlan",
	    .parent = 3 } },
	    { .link = { .index = 6, .name = "b", .kind = "bond" } },
	    { .link = { .index = 7, .name = "t", .kind = "team" } },
	    { .link = { .index = 8, .name = "x", .kind = "vxlan",
	    .parent = 3 } } },
	    "3 e0 link 02:01\n5 v vlan on 3\n6 b bond\n7 t team\n8 x link\n",
	    "e0: appeared\nv: appeared\nb: appeared\nt: appeared\n"
	    "x: appeared\n", 0 },
	{ "the other end of a veth is not its parent",
	    { { .link = { E0, .kind = "veth", .parent = 9 } } },
	    "3 e0 link 02:01\n", "e0: appeared\n", 0 },
	{ "a parent of another network namespace is none of ours",
	    { { .link = { E0, .kind = "macvlan", .parent = 9,
	    .parent_elsewhere = true } } },
	    "3 e0 macvlan 02:01\n", "e0: appeared\n", 0 },

	{ "an address, and the same again",
	    { { .link = { E0 } }, { ADDRESS, .address = { TEN } },
	    { ADDRESS, .address = { TEN } } },
	    "3 e0 link 02:01 10.0.0.1/24\n",
	    "e0: appeared\ne0: addresses\n", 0 },
	{ "an address without a peer, or with no other one",
	    { { .link = { E0 } },
	    { ADDRESS, .address = { .index = 3, .local = "10.0.0.1",
	    .prefix = 24 } },
	    { ADDRESS, .address = { .index = 3, .peer = "10.0.0.2",
	    .prefix = 24 } } },
	    "3 e0 link 02:01 10.0.0.1/24 10.0.0.2/24\n",
	    "e0: appeared\ne0: addresses\ne0: addresses\n", 0 },
	{ "the same address to two peers is two",
	    { { .link = { E0 } },
	    { ADDRESS, .address = { .index = 3, .local = "10.0.0.1",
	    .peer = "10.0.0.8", .prefix = 32 } },
	    { ADDRESS, .address = { .index = 3, .local = "10.0.0.1",
	    .peer = "10.0.0.9", .prefix = 32 } },
	    { NO_ADDRESS, .address = { .index = 3, .local = "10.0.0.1",
	    .peer = "10.0.0.8", .prefix = 32 } } },
	    "3 e0 link 02:01 10.0.0.1/32 peer 10.0.0.9\n",
	    "e0: appeared\ne0: addresses\ne0: addresses\ne0: addresses\n",
	    0 },
	{ "it gets old",
	    { { .link = { E0 } }, { ADDRESS, .address = { TEN } },
	    { ADDRESS, .address = { TEN, .flags = IFA_F_DEPRECATED } } },
	    "3 e0 link 02:01 10.0.0.1/24 [20]\n",
	    "e0: appeared\ne0: addresses\ne0: addresses\n", 0 },
	{ "a primary one is before those that are not",
	    { { .link = { E0 } }, { ADDRESS, .address = { TEN } },
	    { ADDRESS, .address = { .index = 3, .local = "10.0.0.2",
	    .prefix = 24, .flags = IFA_F_SECONDARY } },
	    { ADDRESS, .address = { .index = 3, .local = "10.1.0.1",
	    .prefix = 24 } },
	    { ADDRESS, .address = { .index = 3, .local = "10.0.0.3",
	    .prefix = 24, .flags = IFA_F_SECONDARY } } },
	    "3 e0 link 02:01 10.0.0.1/24 10.1.0.1/24 10.0.0.2/24 [1]"
	    " 10.0.0.3/24 [1]\n",
	    "e0: appeared\ne0: addresses\ne0: addresses\ne0: addresses\n"
	    "e0: addresses\n", 0 },
	{ "one that becomes primary",
	    { { .link = { E0 } },
	    { ADDRESS, .address = { .index = 3, .local = "10.0.0.2",
	    .prefix = 24, .flags = IFA_F_SECONDARY } },
	    { ADDRESS, .address = { .index = 3, .local = "10.0.0.3",
	    .prefix = 24, .flags = IFA_F_SECONDARY } },
	    { ADDRESS, .address = { .index = 3, .local = "10.0.0.3",
	    .prefix = 24 } } },
	    "3 e0 link 02:01 10.0.0.3/24 10.0.0.2/24 [1]\n",
	    "e0: appeared\ne0: addresses\ne0: addresses\ne0: addresses\n",
	    0 },
	{ "an address of a link that is not there",
	    { { ADDRESS, .address = { TEN } } }, "", "", 0 },
	{ "an IPv6 address",
	    { { .link = { E0 } }, { ADDRESS, .address = { TEN,
	    .family = AF_INET6 } } },
	    "3 e0 link 02:01\n", "e0: appeared\n", 0 },

	{ "a link without a name is skipped",
	    { { .link = { .index = 3 } } }, "", "", 1 },
	{ "a link without an index", { { .link = { .name = "e0" } },
	    { .link = { E1 } } }, "4 e1 link 02:02\n", "e1: appeared\n", 1 },
	{ "a name that is too long for one",
	    { { .link = { .index = 3, .name = "sixteen-octets-a" } } },
	    "", "", 1 },
	{ "an altname that is too long for one",
	    { { .link = { E0, .altname = { OCTETS_128 } } } }, "", "", 1 },
	{ "the longest altname",
	    { { .link = { E0, .altname = { OCTETS_127 } } } },
	    "3 e0=" OCTETS_127 " link 02:01\n", "e0: appeared\n", 0 },
	{ "an address of more than 32 bits",
	    { { .link = { E0 } }, { ADDRESS, .address = { .index = 3,
	    .local = "10.0.0.1", .prefix = 33 } } },
	    "3 e0 link 02:01\n", "e0: appeared\n", 1 },
	{ "an address that is none",
	    { { .link = { E0 } }, { ADDRESS, .address = { .index = 3,
	    .prefix = 24 } } },
	    "3 e0 link 02:01\n", "e0: appeared\n", 1 },
	{ "of a type that is not known, and then one that is",
	    { { OCTETS_AS_THEY_ARE, .octets = SPAN_OF("\x10\0\0\0\xff\xff"
	    "\0\0\0\0\0\0\0\0\0\0") }, { .link = { E0 } } },
	    "3 e0 link 02:01\n", "e0: appeared\n", 1 },
	{ "shorter than its header",
	    { { OCTETS_AS_THEY_ARE, .octets = SPAN_OF("\x0f\0\0\0\x10\0\0\0"
	    "\0\0\0\0\0\0\0\0") } }, "", "", 1 },
	{ "longer than what came",
	    { { OCTETS_AS_THEY_ARE, .octets = SPAN_OF("\x14\0\0\0\x10\0\0\0"
	    "\0\0\0\0\0\0\0\0") } }, "", "", 1 },
	{ "an altname of no octets",
	    { { .link = { E0, .altname = { "" } } } }, "", "", 1 },
	{ "a master of eight octets",
	    { { OCTETS_AS_THEY_ARE, .octets = SPAN_OF("\x34\0\0\0\x10\0\0\0"
	    "\0\0\0\0\0\0\0\0" "\0\0\1\0\3\0\0\0\0\0\0\0\0\0\0\0"
	    "\x07\0\x03\0e0\0\0" "\x0c\0\x0a\0\4\0\0\0\4\0\0\0") } },
	    "", "", 1 },
	{ "a second one behind the octets that align it",
	    { { OCTETS_AS_THEY_ARE, .octets = SPAN_OF("\x15\0\0\0\xff\xff"
	    "\0\0\0\0\0\0\0\0\0\0" "12345\0\0\0"
	    "\x28\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\1\0\3\0\0\0\0\0\0\0\0\0\0\0"
	    "\x07\0\x03\0e0\0\0") } }, "3 e0 link\n", "e0: appeared\n",
	    1 },
	{ "a link's header that is cut",
	    { { OCTETS_AS_THEY_ARE, .octets = SPAN_OF("\x14\0\0\0\x10\0\0\0"
	    "\0\0\0\0\0\0\0\0\0\0\0\0") } }, "", "", 1 },
	{ "an attribute that is longer than its message",
	    { { OCTETS_AS_THEY_ARE, .octets = SPAN_OF("\x28\0\0\0\x10\0\0\0"
	    "\0\0\0\0\0\0\0\0" "\0\0\1\0\3\0\0\0\0\0\0\0\0\0\0\0"
	    "\x09\0\x03\0e0\0\0") } }, "", "", 1 },
	{ "an attribute inside another that is longer than it",
	    { { OCTETS_AS_THEY_ARE, .octets = SPAN_OF("\x34\0\0\0\x10\0\0\0"
	    "\0\0\0\0\0\0\0\0" "\0\0\1\0\3\0\0\0\0\0\0\0\0\0\0\0"
	    "\x07\0\x03\0e0\0\0" "\x0c\0\x12\0\x09\0\x01\0veth") } },
	    "", "", 1 },
	{ "a name that does not end",
	    { { OCTETS_AS_THEY_ARE, .octets = SPAN_OF("\x28\0\0\0\x10\0\0\0"
	    "\0\0\0\0\0\0\0\0" "\0\0\1\0\3\0\0\0\0\0\0\0\0\0\0\0"
	    "\x08\0\x03\0e0e0") } }, "", "", 1 },
};

enum { CRAFTED = sizeof(crafted) / sizeof(crafted[0]) };

static void
say(struct span_writer *w, const struct said *said)
{
	switch (said->what) {
	case LINK:
		craft_link(w, RTM_NEWLINK, 0, 0, &said->link);
		break;
	case NO_LINK:
		craft_link(w, RTM_DELLINK, 0, 0, &said->link);
		break;
	case ADDRESS:
		craft_address(w, RTM_NEWADDR, 0, 0, &said->address);
		break;
	case NO_ADDRESS:
		craft_address(w, RTM_DELADDR, 0, 0, &said->address);
		break;
	default:
		write_octets(w, said->octets);
		break;
	}
}

static bool
is_said(const struct said *said)
{
	return said->what != LINK || said->link.index != 0 ||
	    said->link.name != NULL;
}

START_TEST(test_crafted)
{
	struct links *links = links_open();
	struct heard heard = { 0 };

	heard.to = fmemopen(heard.text, sizeof(heard.text), "w");
	ck_assert(links != NULL && heard.to != NULL);
	for (unsigned i = 0; i < 6 && is_said(&crafted[_i].said[i]); i++) {
		uint8_t octets[ROOM];
		struct span_writer w = { octets, sizeof(octets), 0, false };

		say(&w, &crafted[_i].said[i]);
		ck_assert(!w.full);
		take_copy(links, writer_span(&w), &heard);
	}
	fclose(heard.to);
	expect(links, crafted[_i].what, crafted[_i].table);
	ck_assert_msg(strcmp(heard.text, crafted[_i].news) == 0,
	    "%s: heard\n%s\nnot\n%s", crafted[_i].what, heard.text,
	    crafted[_i].news);
	ck_assert_msg(heard.skipped == crafted[_i].skipped,
	    "%s: %u were skipped", crafted[_i].what, heard.skipped);
	links_close(links);
}
END_TEST

/*
 * Dumps.
 */

enum step {
	END_OF_STEPS,
	ASK,		/* it wants to, and does */
	WANTS_NOTHING,
	HEAR_E0, HEAR_E1, HEAR_TEN,	/* as answers to what was asked last */
	HEAR_E0_INTERRUPTED,
	DONE, DONE_INTERRUPTED, DONE_FAILED, DONE_OF_ANOTHER, REFUSED,
	OVERRUN, LOST, CANNOT_ASK,
	EVENT_NO_E1,
};

static const struct {
	const char *what;
	enum step step[24];
	bool whole;
	const char *table;
} dumps[] = {
	{ "links, then addresses", { ASK, HEAR_E0, DONE, ASK, HEAR_TEN, DONE,
	    WANTS_NOTHING }, true, "3 e0 link 02:01 10.0.0.1/24\n" },
	{ "not whole before the addresses are there", { ASK, HEAR_E0, DONE,
	    ASK }, false, "3 e0 link 02:01\n" },
	{ "the end of somebody else's dump", { ASK, HEAR_E0,
	    DONE_OF_ANOTHER }, false, "3 e0 link 02:01\n" },
	{ "interrupted: the links again", { ASK, HEAR_E0, DONE_INTERRUPTED,
	    ASK, HEAR_E0, HEAR_E1, DONE, ASK, DONE, WANTS_NOTHING }, true,
	    "3 e0 link 02:01\n4 e1 link 02:02\n" },
	{ "interrupted in the midst of it", { ASK, HEAR_E0_INTERRUPTED, DONE,
	    ASK, HEAR_E0, DONE, ASK, DONE, WANTS_NOTHING }, true,
	    "3 e0 link 02:01\n" },
	{ "interrupted: nothing is taken for gone", { ASK, HEAR_E0, HEAR_E1,
	    DONE, ASK, DONE, LOST, ASK, HEAR_E0, DONE_INTERRUPTED }, false,
	    "3 e0 link 02:01\n4 e1 link 02:02\n" },
	{ "interrupted: the addresses again", { ASK, HEAR_E0, DONE, ASK,
	    DONE_INTERRUPTED, ASK, HEAR_TEN, DONE, WANTS_NOTHING }, true,
	    "3 e0 link 02:01 10.0.0.1/24\n" },
	{ "failed", { ASK, DONE_FAILED, ASK, HEAR_E0, DONE, ASK, DONE,
	    WANTS_NOTHING }, true, "3 e0 link 02:01\n" },
	{ "refused", { ASK, REFUSED, ASK, HEAR_E0, DONE, ASK, DONE,
	    WANTS_NOTHING }, true, "3 e0 link 02:01\n" },
	{ "it could not be asked for", { ASK, CANNOT_ASK, ASK, HEAR_E0, DONE,
	    ASK, CANNOT_ASK, ASK, HEAR_TEN, DONE, WANTS_NOTHING }, true,
	    "3 e0 link 02:01 10.0.0.1/24\n" },
	{ "messages were lost", { ASK, HEAR_E0, HEAR_E1, DONE, ASK, HEAR_TEN,
	    DONE, WANTS_NOTHING, LOST, ASK, HEAR_E1, DONE, ASK, DONE,
	    WANTS_NOTHING }, true, "4 e1 link 02:02\n" },
	{ "an address was lost", { ASK, HEAR_E0, DONE, ASK, HEAR_TEN, DONE,
	    LOST, ASK, HEAR_E0, DONE, ASK, DONE, WANTS_NOTHING }, true,
	    "3 e0 link 02:01\n" },
	{ "lost while links were dumped", { ASK, HEAR_E0, LOST, WANTS_NOTHING,
	    DONE, ASK, HEAR_E1, DONE, ASK, DONE, WANTS_NOTHING }, true,
	    "4 e1 link 02:02\n" },
	{ "lost while addresses were dumped: the links too", { ASK, HEAR_E0,
	    DONE, ASK, HEAR_TEN, OVERRUN, DONE, ASK, HEAR_E1, DONE, ASK, DONE,
	    WANTS_NOTHING }, true, "4 e1 link 02:02\n" },
	{ "gone while it was dumped", { ASK, HEAR_E0, HEAR_E1, EVENT_NO_E1,
	    DONE, ASK, DONE, WANTS_NOTHING }, true, "3 e0 link 02:01\n" },
};

enum { DUMPS = sizeof(dumps) / sizeof(dumps[0]) };

static void
step(struct links *links, enum step step, uint32_t *number,
    struct heard *heard)
{
	static const struct craft_link e0 = { E0 }, e1 = { E1 };
	static const struct craft_address ten = { TEN };
	static const struct span well = SPAN_OF("\0\0\0\0"),
	    ill = SPAN_OF("\xf0\xff\xff\xff");
	const uint16_t multi = NLM_F_MULTI,
	    cut = NLM_F_MULTI | NLM_F_DUMP_INTR;
	uint8_t octets[ROOM];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	switch (step) {
	case ASK:
		*number = ask(links);
		break;
	case WANTS_NOTHING:
		ck_assert(!links_wants(links));
		break;
	case HEAR_E0:
		craft_link(&w, RTM_NEWLINK, multi, *number, &e0);
		break;
	case HEAR_E0_INTERRUPTED:
		craft_link(&w, RTM_NEWLINK, cut, *number, &e0);
		break;
	case HEAR_E1:
		craft_link(&w, RTM_NEWLINK, multi, *number, &e1);
		break;
	case HEAR_TEN:
		craft_address(&w, RTM_NEWADDR, multi, *number, &ten);
		break;
	case DONE:
		craft_message(&w, NLMSG_DONE, multi, *number, well);
		break;
	case DONE_INTERRUPTED:
		craft_message(&w, NLMSG_DONE, cut, *number, well);
		break;
	case DONE_FAILED:
		craft_message(&w, NLMSG_DONE, multi, *number, ill);
		break;
	case DONE_OF_ANOTHER:
		craft_message(&w, NLMSG_DONE, multi, *number + 7, well);
		break;
	case REFUSED:
		craft_message(&w, NLMSG_ERROR, 0, *number, ill);
		break;
	case OVERRUN:
		craft_message(&w, NLMSG_OVERRUN, 0, 0, (struct span){ 0 });
		break;
	case LOST:
		links_lost(links);
		break;
	case CANNOT_ASK:
		links_cannot_ask(links);
		break;
	case EVENT_NO_E1:
		craft_link(&w, RTM_DELLINK, 0, 0, &e1);
		break;
	case END_OF_STEPS:
		break;
	}
	ck_assert(!w.full);
	take(links, writer_span(&w), heard);
}

START_TEST(test_dumps)
{
	struct links *links = links_open();
	struct heard heard = { 0 };
	uint32_t number = 0;

	ck_assert(links != NULL);
	for (unsigned i = 0; dumps[_i].step[i] != END_OF_STEPS; i++)
		step(links, dumps[_i].step[i], &number, &heard);
	ck_assert_msg(links_whole(links) == dumps[_i].whole, "%s: whole %d",
	    dumps[_i].what, links_whole(links));
	expect(links, dumps[_i].what, dumps[_i].table);
	links_close(links);
}
END_TEST

/*
 * After a dump addresses are in its order, whatever was known before; and the
 * same dump once more is no news.
 */

static void
dump_addresses(struct links *links, const char *const order[3],
    struct heard *heard)
{
	uint8_t octets[ROOM];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	uint32_t number = 0;

	links_lost(links);
	step(links, ASK, &number, heard);
	step(links, HEAR_E0, &number, heard);
	step(links, DONE, &number, heard);
	step(links, ASK, &number, heard);
	for (unsigned i = 0; i < 3; i++)
		craft_address(&w, RTM_NEWADDR, NLM_F_MULTI, number,
		    &(struct craft_address){ .index = 3, .local = order[i],
		    .prefix = 24 });
	take(links, writer_span(&w), heard);
	step(links, DONE, &number, heard);
}

START_TEST(test_dump_order)
{
	static const char table[] =
	    "3 e0 link 02:01 10.0.0.3/24 10.0.0.1/24 10.0.0.2/24\n";
	static const char *const order[] = { "10.0.0.3", "10.0.0.1",
	    "10.0.0.2" };
	static const struct craft_link e0 = { E0 };
	struct links *links = links_open();
	struct heard heard = { 0 };
	uint8_t octets[ROOM];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	ck_assert(links != NULL);
	craft_link(&w, RTM_NEWLINK, 0, 0, &e0);
	for (unsigned i = 0; i < 3; i++)
		craft_address(&w, RTM_NEWADDR, 0, 0, &(struct craft_address){
		    .index = 3, .local = order[2 - i], .prefix = 24 });
	take(links, writer_span(&w), &heard);
	dump_addresses(links, order, &heard);
	expect(links, "order of a dump", table);
	heard.last = 0;
	dump_addresses(links, order, &heard);
	expect(links, "order of the same dump", table);
	ck_assert_uint_eq(heard.last, 0);
	links_close(links);
}
END_TEST

/*
 * Which link's frames come in on another one.
 */

static const struct craft_link stack[] = {
	{ .index = 1, .name = "e0" },
	{ .index = 2, .name = "e1" },
	{ .index = 3, .name = "br0", .kind = "bridge" },
	{ .index = 4, .name = "port", .master = 3 },
	{ .index = 5, .name = "e0.7", .kind = "vlan", .parent = 1 },
	{ .index = 6, .name = "br0.7", .kind = "vlan", .parent = 3 },
	{ .index = 7, .name = "bond0", .kind = "bond", .master = 3 },
	{ .index = 8, .name = "slave", .master = 7 },
	{ .index = 9, .name = "mac0", .kind = "macvlan", .parent = 5 },
	{ .index = 10, .name = "vrf0", .kind = "vrf" },
	{ .index = 11, .name = "routed", .master = 10 },
	{ .index = 12, .name = "veth", .kind = "veth", .parent = 1 },
	{ .index = 13, .name = "a", .kind = "vlan", .parent = 14 },
	{ .index = 14, .name = "b", .kind = "vlan", .parent = 13 },
};

static const struct {
	const char *what;
	const char *from, *to;
	bool passes;
} passes[] = {
	{ "two that have nothing to do with one another", "e0", "e1", false },
	{ "a link and itself", "e0", "e0", false },
	{ "a port and its bridge", "port", "br0", true },
	{ "a bridge and its port", "br0", "port", false },
	{ "a link and its VLAN", "e0", "e0.7", true },
	{ "a VLAN and its link", "e0.7", "e0", false },
	{ "a port and the VLAN of its bridge", "port", "br0.7", true },
	{ "a bond's port and the bridge that the bond is in", "slave", "br0",
	    true },
	{ "a link and the macvlan of its VLAN", "e0", "mac0", true },
	{ "two ports of one bridge", "port", "bond0", false },
	{ "a link of a VRF", "routed", "vrf0", false },
	{ "the two ends of a veth", "e0", "veth", false },
	{ "links in a ring", "e0", "a", false },
};

enum { PASSES = sizeof(passes) / sizeof(passes[0]) };

START_TEST(test_pass_on)
{
	struct links *links = links_open();
	struct heard heard = { 0 };
	uint8_t octets[ROOM];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	ck_assert(links != NULL);
	for (size_t i = 0; i < sizeof(stack) / sizeof(stack[0]); i++)
		craft_link(&w, RTM_NEWLINK, 0, 0, &stack[i]);
	take(links, writer_span(&w), &heard);
	ck_assert_msg(links_pass_on(links,
	    links_by_name(links, passes[_i].from),
	    links_by_name(links, passes[_i].to)) == passes[_i].passes,
	    "%s", passes[_i].what);
	links_close(links);
}
END_TEST

/*
 * Asking.
 */

START_TEST(test_names)
{
	static const struct craft_link link = { E0, .altname = { "enp1s0",
	    "eno1" } };
	struct links *links = links_open();
	struct heard heard = { 0 };
	uint8_t octets[ROOM];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	ck_assert(links != NULL);
	craft_link(&w, RTM_NEWLINK, 0, 0, &link);
	take(links, writer_span(&w), &heard);
	ck_assert(links_by_name(links, "e0") == links_by_index(links, 3));
	ck_assert(links_by_name(links, "enp1s0") == links_by_index(links, 3));
	ck_assert(links_by_name(links, "eno1") == links_by_index(links, 3));
	ck_assert(links_by_name(links, "eno") == NULL);
	ck_assert(links_by_name(links, "eno11") == NULL);
	ck_assert(links_by_name(links, "") == NULL);
	ck_assert(links_by_index(links, 3) != NULL);
	ck_assert(links_by_index(links, 4) == NULL);
	ck_assert(links_by_index(links, 0) == NULL);
	links_close(links);
}
END_TEST

/* A mark stays with the link, and goes with it. */
START_TEST(test_mark)
{
	static const struct craft_link e0 = { E0 };
	struct links *links = links_open();
	struct heard heard = { 0 };
	uint32_t number = 0;
	uint8_t octets[ROOM];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	ck_assert(links != NULL);
	step(links, HEAR_E0, &number, &heard);
	ck_assert_uint_eq(links_by_index(links, 3)->user, 0);
	links_mark(links, 3, 7);
	links_mark(links, 4, 8);
	step(links, HEAR_E0, &number, &heard);
	ck_assert_uint_eq(links_by_index(links, 3)->user, 7);
	craft_link(&w, RTM_DELLINK, 0, 0, &e0);
	take(links, writer_span(&w), &heard);
	ck_assert_uint_eq(heard.last, LINKS_GONE);
	step(links, HEAR_E0, &number, &heard);
	ck_assert_uint_eq(links_by_index(links, 3)->user, 0);
	links_close(links);
}
END_TEST

/* What links_addresses() has, from all but the loopback link. */
START_TEST(test_addresses)
{
	static const struct craft_link lo = { .index = 1, .name = "lo",
	    .loopback = true }, e0 = { E0 };
	static const struct craft_address addresses[] = {
		{ .index = 1, .local = "127.0.0.1", .prefix = 8 },
		{ .index = 3, .local = "10.0.0.1", .prefix = 24 },
		{ .index = 3, .local = "169.254.0.1", .prefix = 16 },
	};
	struct links *links = links_open();
	struct heard heard = { 0 };
	uint8_t octets[ROOM];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	const struct in_addr *all;
	size_t n;

	ck_assert(links != NULL);
	ck_assert(links_addresses(links, &n) == NULL);
	ck_assert_uint_eq(n, 0);
	craft_link(&w, RTM_NEWLINK, 0, 0, &lo);
	craft_link(&w, RTM_NEWLINK, 0, 0, &e0);
	for (unsigned i = 0; i < 3; i++)
		craft_address(&w, RTM_NEWADDR, 0, 0, &addresses[i]);
	take(links, writer_span(&w), &heard);
	all = links_addresses(links, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(ntohl(all[0].s_addr), 0x0a000001);
	ck_assert_uint_eq(ntohl(all[1].s_addr), 0xa9fe0001);
	ck_assert(links_addresses(links, &n) == all);
	w.n = 0;
	craft_link(&w, RTM_DELLINK, 0, 0, &e0);
	take(links, writer_span(&w), &heard);
	(void)links_addresses(links, &n);
	ck_assert_uint_eq(n, 0);
	links_close(links);
}
END_TEST

/* A thousand that come and go leave nothing, and indexes only grow. */
START_TEST(test_come_and_go)
{
	struct links *links = links_open();
	struct heard heard = { 0 };

	ck_assert(links != NULL);
	for (unsigned i = 1; i <= 1000; i++) {
		const struct craft_link link = { .index = i, .name = "e0",
		    .altname = { "enp1s0" } };
		const struct craft_address address = { .index = i,
		    .local = "10.0.0.1", .prefix = 24 };
		uint8_t octets[ROOM];
		struct span_writer w = { octets, sizeof(octets), 0, false };

		craft_link(&w, RTM_NEWLINK, 0, 0, &link);
		craft_address(&w, RTM_NEWADDR, 0, 0, &address);
		take(links, writer_span(&w), &heard);
		ck_assert_uint_eq(links_count(links), 1);
		ck_assert(links_by_name(links, "enp1s0") ==
		    links_by_index(links, i));
		w.n = 0;
		craft_link(&w, RTM_DELLINK, 0, 0, &link);
		take(links, writer_span(&w), &heard);
		ck_assert_uint_eq(links_count(links), 0);
	}
	links_close(links);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("links");
	TCase *tc = tcase_create("links");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, test_recording, 0, RECORDINGS);
	tcase_add_loop_test(tc, test_damage, 0, RECORDINGS);
	tcase_add_loop_test(tc, test_crafted, 0, CRAFTED);
	tcase_add_loop_test(tc, test_dumps, 0, DUMPS);
	tcase_add_test(tc, test_dump_order);
	tcase_add_loop_test(tc, test_pass_on, 0, PASSES);
	tcase_add_test(tc, test_names);
	tcase_add_test(tc, test_mark);
	tcase_add_test(tc, test_addresses);
	tcase_add_test(tc, test_come_and_go);
	suite_add_tcase(s, tc);
	return s;
}
