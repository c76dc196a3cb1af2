#include "net/address.h"
#include "net/links.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * fuzz_links.c - any octets as what the kernel says of links and addresses.
 *
 * They come as datagrams, each as long as its first message claims.  Whatever
 * they say, the table is in order, each link is found by its index and by its
 * name, and each was told of when it appeared and when it went.
 */

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
insist(bool holds, const char *fault)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_links: %s\n", fault);
	abort();
}

/* How many links there are, by what was told. */
struct told {
	unsigned links;
};

static void
count(void *context, const struct link *link, unsigned news)
{
	struct told *told = context;

	insist(link->index != 0, "a link without an index");
	insist(news != 0, "news of nothing");
	if ((news & LINKS_APPEARED) != 0)
		told->links++;
	if ((news & LINKS_GONE) != 0)
		told->links--;
}

static void
look_at(const struct links *links, const struct link *link)
{
	struct address_choice choice;

	insist(memchr(link->name, '\0', sizeof(link->name)) != NULL &&
	    link->name[0] != '\0', "a link without a name");
	insist(links_by_index(links, link->index) == link,
	    "a link that is not found by its index");
	insist(links_by_name(links, link->name) != NULL,
	    "a link that is not found by its name");
	insist(!links_pass_on(links, link, link), "a link that hears itself");
	if (address_choose(link, NULL, &choice))
		insist(choice.fit > 0 && choice.fit <= link->addresses,
		    "an address that is none");
}

static void
check(struct links *links, const struct told *told)
{
	unsigned before = 0;
	size_t n;

	insist(links_count(links) == told->links,
	    "a link that was not told of");
	for (unsigned i = 0; i < links_count(links); i++) {
		const struct link *link = links_at(links, i);

		insist(link->index > before, "links out of order");
		before = link->index;
		look_at(links, link);
	}
	insist(links_addresses(links, &n) != NULL || n == 0,
	    "addresses that are none");
}

static void
ask(struct links *links)
{
	uint8_t octets[LINKS_REQUEST];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	links_request(links, &w);
	insist(!w.full, "a request that does not fit");
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct links *links = links_open();
	struct told told = { 0 };
	struct links_user user = { count, NULL, &told };
	struct span rest = { octets, n };

	if (links == NULL)
		return 0;
	while (rest.n > 0) {
		struct span look = rest, datagram = rest;
		uint32_t length = 0;

		if (links_wants(links))
			ask(links);
		if (span_host32(&look, &length))
			length = (length + 3) & ~(uint32_t)3;
		if (length == 0 || !span_take(&rest, length, &datagram))
			rest = (struct span){ 0 };
		links_take(links, datagram, &user);
	}
	check(links, &told);
	links_close(links);
	return 0;
}
