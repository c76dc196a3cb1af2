#include <check.h>
#include <string.h>

#include "report/clients.h"
#include "unit/suite.h"

static const struct policy_rule rule = { .name = "a" };

static void
ask_at(struct clients *clients, unsigned number, unsigned when,
    enum verdict verdict)
{
	static struct responder_exchange x;
	uint8_t mac[DHCP_CHADDR] = { 0x52, 0x54, 0, (uint8_t)(number >> 16),
	    (uint8_t)(number >> 8), (uint8_t)number };

	x.verdict = verdict;
	x.step = RESPONDER_DECISION;
	x.dhcp.hlen = FRAME_MAC;
	memcpy(x.dhcp.chaddr, mac, sizeof(mac));
	x.request.dhcp = &x.dhcp;
	x.request.has_arch = true;
	x.request.arch = 7;
	x.decision.rule = &rule;
	x.decision.form = FORM_BINL;
	x.decision.n = 4;
	memcpy(x.decision.file, "file", 5);
	clients_add(clients, "eth0", (struct timespec){ (time_t)when, 0 }, &x);
}

static void
ask(struct clients *clients, unsigned number, enum verdict verdict)
{
	ask_at(clients, number, number, verdict);
}

static unsigned
number_of(const struct clients_entry *client)
{
	return (unsigned)client->mac[3] << 16 |
	    (unsigned)client->mac[4] << 8 | client->mac[5];
}

/* Newest first, each once. */
static unsigned
count(const struct clients *clients)
{
	unsigned n = 0;
	const struct clients_entry *client = NULL;

	while ((client = clients_older(clients, client)) != NULL) {
		ck_assert_uint_lt(n, CLIENTS_MAX);
		n++;
	}
	return n;
}

START_TEST(test_progress)
{
	static struct clients clients;
	const struct clients_entry *client;

	clients_open(&clients);
	ck_assert(clients_older(&clients, NULL) == NULL);
	ask(&clients, 1, VERDICT_IGNORED);
	client = clients_older(&clients, NULL);
	ck_assert(client->progress == CLIENTS_REFUSED);
	ask(&clients, 1, VERDICT_OFFER);
	ck_assert(client->progress == CLIENTS_OFFERED);
	ck_assert_str_eq(client->file, "file");
	ask(&clients, 1, VERDICT_ACK);
	ck_assert(client->progress == CLIENTS_ASKED_4011);
	/* Refused now, but it has been given something. */
	ask(&clients, 1, VERDICT_NO_ITEM);
	ck_assert(client->progress == CLIENTS_ASKED_4011);
	ck_assert(client->verdict == VERDICT_NO_ITEM);
	/* It boots again. */
	ask(&clients, 1, VERDICT_OFFER);
	ck_assert(client->progress == CLIENTS_OFFERED);
	ck_assert_uint_eq(client->requests, 5);
	ck_assert_uint_eq(count(&clients), 1);
}
END_TEST

START_TEST(test_oldest_gives_way)
{
	static struct clients clients;
	const struct clients_entry *client = NULL;

	clients_open(&clients);
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		ask(&clients, i, VERDICT_OFFER);
	/* 0 is heard again, so 1 is the one that goes. */
	ask(&clients, 0, VERDICT_ACK);
	ask(&clients, 5000, VERDICT_OFFER);
	ck_assert_uint_eq(count(&clients), CLIENTS_MAX);
	client = clients_older(&clients, client);
	ck_assert_uint_eq(number_of(client), 5000);
	ck_assert_uint_eq(client->requests, 1);
	client = clients_older(&clients, client);
	ck_assert_uint_eq(number_of(client), 0);
	for (unsigned i = CLIENTS_MAX - 1; i > 1; i--) {
		client = clients_older(&clients, client);
		ck_assert_uint_eq(number_of(client), i);
	}
	ck_assert(clients_older(&clients, client) == NULL);
}
END_TEST

/* Against the simplest model: who asked last, in that order. */
START_TEST(test_against_model)
{
	static struct clients clients;
	static unsigned model[CLIENTS_MAX + 1];
	const struct clients_entry *client = NULL;
	unsigned n = 0, seed = 1;

	clients_open(&clients);
	for (unsigned i = 0; i < 50000; i++) {
		unsigned number, at;

		seed = seed * 1103515245 + 12345;
		number = (seed >> 16) % (CLIENTS_MAX + CLIENTS_MAX / 2);
		ask(&clients, number, VERDICT_OFFER);
		for (at = 0; at < n && model[at] != number; at++)
			;
		if (at == n && n < CLIENTS_MAX)
			n++;
		memmove(model + 1, model,
		    (at < CLIENTS_MAX ? at : CLIENTS_MAX - 1) *
		    sizeof(model[0]));
		model[0] = number;
	}
	for (unsigned i = 0; i < n; i++) {
		client = clients_older(&clients, client);
		ck_assert(client != NULL);
		ck_assert_uint_eq(number_of(client), model[i]);
	}
	ck_assert(clients_older(&clients, client) == NULL);
}
END_TEST

/* What is no boot client's request is not remembered. */
START_TEST(test_others)
{
	static struct clients clients;
	static struct responder_exchange x;

	clients_open(&clients);
	memset(&x, 0xff, sizeof(x));
	x.verdict = VERDICT_LEASE_REQUEST;
	x.step = RESPONDER_REQUEST;
	clients_add(&clients, "eth0", (struct timespec){ 0 }, &x);
	ck_assert_uint_eq(count(&clients), 0);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("clients");
	TCase *tc = tcase_create("clients");

	tcase_add_test(tc, test_progress);
	tcase_add_test(tc, test_oldest_gives_way);
	tcase_add_test(tc, test_against_model);
	tcase_add_test(tc, test_others);
	suite_add_tcase(s, tc);
	return s;
}
