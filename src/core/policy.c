#include "core/policy.h"

#include "core/template.h"

/*
 * Which rule?
 */

/*
 * A client that does not say that it is a PXE client may be any machine that
 * wants an address, and some take the first OFFER that comes, ours too.  So
 * a rule must mean it.
 */
static bool
takes_others(const struct policy_rule *rule)
{
	return form_row(rule->form)->takes_others && rule->n_match > 0;
}

static bool
is_meant(const struct policy_rule *rule, const struct pxe_request *request)
{
	return request->client != PXE_CLIENT_OTHER || takes_others(rule);
}

/* The first of n conditions that does not hold, or NULL. */
static const struct match *
find_obstacle(const struct match *match, size_t n,
    const struct pxe_request *request)
{
	for (size_t i = 0; i < n; i++)
		if (!match_holds(&match[i], request))
			return &match[i];
	return NULL;
}

const struct match *
policy_obstacle(const struct policy_rule *rule,
    const struct pxe_request *request)
{
	return find_obstacle(rule->match, rule->n_match, request);
}

bool
policy_matches(const struct policy_rule *rule,
    const struct pxe_request *request)
{
	return is_meant(rule, request) &&
	    policy_obstacle(rule, request) == NULL;
}

struct policy_glance
policy_glance_at(const struct policy_rule *rule)
{
	struct policy_glance glance = { 0, 0, UINT64_MAX, 0 };

	for (size_t i = 0; i < rule->n_match; i++) {
		const struct match *match = &rule->match[i];

		glance.archs &= match_archs(match);
		glance.traits |= match_traits(match);
		if (match->key != MATCH_MAC || match->negated ||
		    match->n != 1)
			continue;
		glance.mac_mask = frame_mac_word(match->value[0].is.mac.mask);
		glance.mac_value = frame_mac_word(match->value[0].is.mac.value);
	}
	return glance;
}

bool
policy_is_by_mac(const struct policy_decision *decision)
{
	const struct policy_rule *rule = decision->rule;

	if (decision->host != NULL && decision->host->n == FRAME_MAC)
		return true;
	for (size_t i = 0; i < rule->n_match; i++)
		if (rule->match[i].key == MATCH_MAC && !rule->match[i].negated)
			return true;
	return false;
}

/* Is it one whole address, close to the other but not the same? */
static bool
is_near(const uint8_t a[FRAME_MAC], const uint8_t b[FRAME_MAC])
{
	int distance = (int)a[FRAME_MAC - 1] - b[FRAME_MAC - 1];

	return memcmp(a, b, FRAME_MAC - 1) == 0 && distance != 0 &&
	    distance >= -POLICY_NEARBY && distance <= POLICY_NEARBY;
}

static bool
hosts_has_near(const struct hosts_table *hosts, const uint8_t mac[FRAME_MAC],
    uint8_t out[FRAME_MAC])
{
	memcpy(out, mac, FRAME_MAC);
	for (int i = -POLICY_NEARBY; i <= POLICY_NEARBY; i++) {
		out[FRAME_MAC - 1] = (uint8_t)(mac[FRAME_MAC - 1] + i);
		if (is_near(out, mac) && hosts_by_key(hosts,
		    (struct span){ out, FRAME_MAC }) != NULL)
			return true;
	}
	return false;
}

static bool
match_has_near(const struct match *match, const uint8_t mac[FRAME_MAC],
    uint8_t out[FRAME_MAC])
{
	static const uint8_t whole[FRAME_MAC] = { 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff };

	for (size_t i = 0; i < match->n && !match->negated; i++) {
		const struct match_value *value = &match->value[i];

		if (match->key == MATCH_HOSTS &&
		    hosts_has_near(value->is.hosts, mac, out))
			return true;
		if (match->key != MATCH_MAC ||
		    memcmp(value->is.mac.mask, whole, FRAME_MAC) != 0 ||
		    !is_near(value->is.mac.value, mac))
			continue;
		memcpy(out, value->is.mac.value, FRAME_MAC);
		return true;
	}
	return false;
}

const struct policy_rule *
policy_nearby(const struct policy *policy, const uint8_t mac[FRAME_MAC],
    uint8_t out[FRAME_MAC])
{
	for (size_t i = 0; i < policy->n && policy->rule[i].is_own; i++)
		for (size_t k = 0; k < policy->rule[i].n_match; k++)
			if (match_has_near(&policy->rule[i].match[k], mac,
			    out))
				return &policy->rule[i];
	return NULL;
}

/* Of a request, what its rules are held against at a glance. */
struct policy_looks {
	uint64_t mac, arch;
	unsigned missing;		/* traits */
};

static struct policy_looks
looks_of(const struct pxe_request *request)
{
	return (struct policy_looks){ frame_mac_word(request->dhcp->chaddr),
		match_arch_bit(request), ~match_request_traits(request) };
}

static bool
passes(const struct policy_glance *glance, const struct policy_looks *looks)
{
	return (looks->mac & glance->mac_mask) == glance->mac_value &&
	    (looks->arch & glance->archs) != 0 &&
	    (looks->missing & glance->traits) == 0;
}

static const struct policy_rule *
find_rule(const struct policy *policy, const struct pxe_request *request)
{
	const struct policy_glance *glance = policy->glance;
	struct policy_looks looks = { 0, 0, 0 };

	if (glance != NULL)
		looks = looks_of(request);
	for (size_t i = 0; i < policy->n; i++) {
		if (glance != NULL && !passes(&glance[i], &looks))
			continue;
		if (policy_matches(&policy->rule[i], request))
			return &policy->rule[i];
	}
	return NULL;
}

/* The first site that matches, or NULL. */
static const struct policy_site *
find_site(const struct policy *policy, const struct pxe_request *request)
{
	for (size_t i = 0; i < policy->n_site; i++)
		if (find_obstacle(policy->site[i].match,
		    policy->site[i].n_match, request) == NULL)
			return &policy->site[i];
	return NULL;
}

/* Is the condition no narrower than one of the rule's? */
static bool
is_implied(const struct match *match, const struct policy_rule *by)
{
	for (size_t i = 0; i < by->n_match; i++)
		if (match_covers(match, &by->match[i]))
			return true;
	return false;
}

bool
policy_covers(const struct policy_rule *rule, const struct policy_rule *other)
{
	if (takes_others(other) && !takes_others(rule))
		return false;
	for (size_t i = 0; i < rule->n_match; i++)
		if (!is_implied(&rule->match[i], other))
			return false;
	return true;
}

/*
 * In which form?
 */

static bool
choose_form(const struct policy_rule *rule, const struct pxe_request *request,
    enum form *out, enum verdict *why)
{
	const struct form_row *form;

	*out = form_choose(rule->form, request);
	form = form_row(*out);
	*why = VERDICT_NOT_HTTP_CLIENT;
	if (form->http_alone && request->client != PXE_CLIENT_HTTP)
		return false;
	*why = VERDICT_LEASE_REQUEST;
	if (request->question == PXE_ASKS_BOOT_SERVER && !request->on_4011 &&
	    !form->has_menu)
		return false;
	*why = VERDICT_LOCAL;
	if (form->no_file && (request->question != PXE_ASKS_OFFER ||
	    !form_can_tell_local(request)))
		return false;
	*why = VERDICT_REDIRECT;
	if (form->no_offer && request->question == PXE_ASKS_OFFER)
		return false;
	/*
	 * Who asks all boot servers for an item must have no answer but from
	 * the one that has it: the first one counts.
	 */
	*why = VERDICT_NO_ITEM;
	return !request->on_4011 || !request->to_group ||
	    (form->has_menu && request->has_item);
}

/* A standby leaves the first rounds to others. */
static bool
is_time(const struct policy_rule *rule, const struct pxe_request *request)
{
	return request->question != PXE_ASKS_OFFER ||
	    request->is_ipxe || pxe_secs(request) >= rule->min_secs;
}

/*
 * Which file, and from where?
 */

/* Where the parts of an answer come from; NULL for what there is not. */
struct policy_sources {
	const struct policy *policy;
	const struct policy_rule *rule;
	const struct policy_site *site;
	const struct hosts_entry *host;
	const struct form_item *item;
	bool is_other_form;		/* than the rule's file is for */
};

/* The chosen item; the first one for a client that names none. */
static const struct form_item *
find_item(const struct form_menu *menu, const struct pxe_request *request)
{
	size_t i = 0;

	if (request->has_item) {
		/* Bit 15 of the layer asks for a signed boot file (BIS). */
		if (request->item_type < FORM_FIRST_ITEM ||
		    (request->item_layer & 0x8000) != 0)
			return NULL;
		i = request->item_type - FORM_FIRST_ITEM;
	}
	if (i >= menu->n || menu->item[i].file == NULL)
		return NULL;
	return &menu->item[i];
}

/* The file that somebody wrote, and where; NULL: nobody did. */
static const char *
find_written(const struct policy_sources *from, enum policy_source *source)
{
	const char *const files[] = {
		[POLICY_FROM_RULE] = from->is_other_form ? NULL :
		    from->rule->file,
		[POLICY_FROM_HOST] = from->host != NULL ? from->host->file :
		    NULL,
		[POLICY_FROM_ITEM] = from->item != NULL ? from->item->file :
		    NULL,
		[POLICY_FROM_TOP] = from->policy->file,
	};
	static const enum policy_source order[] = { POLICY_FROM_ITEM,
	    POLICY_FROM_HOST, POLICY_FROM_RULE, POLICY_FROM_TOP };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (files[order[i]] == NULL)
			continue;
		*source = order[i];
		return files[order[i]];
	}
	return NULL;
}

/* The file for the request, or NULL and why there is none. */
static const char *
find_file(const struct policy_sources *from, const struct pxe_request *request,
    enum policy_source *source, enum verdict *why)
{
	const char *written = find_written(from, source);
	const struct arch *arch;

	if (written != NULL)
		return written;
	*source = POLICY_FROM_ARCH;
	*why = VERDICT_NO_ARCH;
	if (!request->has_arch)
		return NULL;
	*why = VERDICT_ARCH_UNKNOWN;
	if ((arch = arch_by_number(request->arch)) == NULL)
		return NULL;
	*why = VERDICT_ARCH_NO_FILE;
	return arch->file;
}

/* Dotted decimal, strictly; not 0.0.0.0. */
static bool
read_dotted(struct span text, struct in_addr *out)
{
	uint8_t octet[4], c;

	for (size_t i = 0; i < sizeof(octet); i++) {
		struct span look;
		unsigned value = 0, digits = 0;

		if (i > 0 && (!span_u8(&text, &c) || c != '.'))
			return false;
		for (look = text; span_u8(&look, &c) && c >= '0' && c <= '9';
		    digits++, text = look)
			if ((value = value * 10 + (unsigned)(c - '0')) > 255)
				return false;
		if (digits == 0)
			return false;
		octet[i] = (uint8_t)value;
	}
	memcpy(&out->s_addr, octet, sizeof(octet));
	return text.n == 0 && out->s_addr != htonl(INADDR_ANY);
}

static bool
expand_next_server(const char *text, const struct pxe_request *request,
    struct in_addr ours, struct in_addr *out, enum verdict *why)
{
	const struct template_values values = { .request = request,
		.server = ours, .is_last = true };
	uint8_t octets[INET_ADDRSTRLEN];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	switch (template_write(&w, text, &values)) {
	case TEMPLATE_LATER:
	case TEMPLATE_UNKNOWN:
		*why = VERDICT_NO_VALUE;
		return false;
	case TEMPLATE_FULL:
	case TEMPLATE_DONE:
		break;
	}
	*why = VERDICT_BAD_NEXT_SERVER;
	return !w.full && read_dotted(writer_span(&w), out);
}

static bool
find_next_server(const struct policy_sources *from,
    const struct pxe_request *request, struct in_addr ours,
    struct policy_decision *out, enum verdict *why)
{
	const char *text = NULL;

	if (from->item != NULL && from->item->has_next_server) {
		out->next_server_from = POLICY_FROM_ITEM;
		out->next_server = from->item->next_server;
	} else if (from->host != NULL && from->host->has_next_server) {
		out->next_server_from = POLICY_FROM_HOST;
		out->next_server = from->host->next_server;
	} else if (from->rule->next_server_text != NULL ||
	    from->rule->has_next_server) {
		out->next_server_from = POLICY_FROM_RULE;
		out->next_server = from->rule->next_server;
		text = from->rule->next_server_text;
	} else if (from->site != NULL && (from->site->has_next_server ||
	    from->site->next_server_text != NULL)) {
		out->next_server_from = POLICY_FROM_SITE;
		out->next_server = from->site->next_server;
		text = from->site->next_server_text;
	} else {
		out->next_server_from = from->policy->has_next_server ?
		    POLICY_FROM_TOP : POLICY_FROM_US;
		out->next_server = from->policy->has_next_server ?
		    from->policy->next_server : ours;
	}
	return text == NULL ||
	    expand_next_server(text, request, ours, &out->next_server,
	    why);
}

/* What a URL begins with, and where it comes from; NULL: our own scheme. */
static const char *
find_http_root(const struct policy_sources *from, enum policy_source *source)
{
	*source = POLICY_FROM_RULE;
	if (from->rule->http_root != NULL)
		return from->rule->http_root;
	*source = POLICY_FROM_SITE;
	if (from->site != NULL && from->site->http_root != NULL)
		return from->site->http_root;
	*source = from->policy->http_root != NULL ? POLICY_FROM_TOP :
	    POLICY_FROM_SERVER;
	return from->policy->http_root;
}

/*
 * The beginning of a URL, with one slash between it and the file, of which
 * *file is what is left.
 */
static enum template_outcome
write_root(struct span_writer *w, const struct policy_sources *from,
    const struct template_values *values, struct policy_decision *out,
    const char **file)
{
	const char *root = out->http_root = find_http_root(from,
	    &out->http_root_from);
	enum template_outcome outcome = TEMPLATE_DONE;

	if (root != NULL) {
		outcome = template_write(w, root, values);
	} else {
		template_write_text(w, "http://");
		template_write_dotted(w, out->next_server);
	}
	if ((*file)[0] == '/')
		(*file)++;
	if (root == NULL || root[strlen(root) - 1] != '/')
		write_u8(w, '/');
	return outcome;
}

/*
 * The name as it goes out; an HTTP Boot client's becomes a URL.
 *
 * Where a value is known on port 4011 only, the OFFER goes without the name
 * and in the form that makes the client ask there.
 */
static bool
compose_file(const struct policy_sources *from, struct policy_decision *out,
    const char *file, const struct pxe_request *request, struct in_addr ours,
    enum verdict *why)
{
	const struct template_values values = { .request = request,
		.server = ours, .has_next_server = true,
		.next_server = out->next_server,
		.is_last = request->on_4011 ||
		    !form_row(out->form)->file_may_wait };
	struct span_writer w = { (uint8_t *)out->file, POLICY_FILE_MAX, 0,
	    false };
	enum template_outcome outcome = TEMPLATE_DONE;

	if (out->form == FORM_HTTP && strstr(file, "://") == NULL)
		outcome = write_root(&w, from, &values, out, &file);
	if (outcome == TEMPLATE_DONE)
		outcome = template_write(&w, file, &values);
	switch (outcome) {
	case TEMPLATE_DONE:
		break;
	case TEMPLATE_LATER:
		out->form = FORM_BINL;
		w.n = 0;
		break;
	case TEMPLATE_UNKNOWN:
		*why = VERDICT_NO_VALUE;
		return false;
	case TEMPLATE_FULL:
		*why = VERDICT_FILE_LONG;
		return false;
	}
	out->file[w.n] = '\0';
	out->n = w.n;
	return true;
}

/* A menu's OFFER names no file; its ACK that of the chosen item. */
static bool
choose_item(struct policy_sources *from, const struct pxe_request *request,
    struct policy_decision *out, enum verdict *why)
{
	*why = VERDICT_NO_ITEM;
	out->menu = from->rule->menu;
	if (request->question == PXE_ASKS_OFFER)
		return true;
	from->item = find_item(out->menu, request);
	if (from->item != NULL)
		out->item = (uint16_t)(FORM_FIRST_ITEM +
		    (from->item - out->menu->item));
	return from->item != NULL;
}

bool
policy_decide(const struct policy *policy, const struct pxe_request *request,
    struct in_addr ours, struct policy_decision *out, enum verdict *why)
{
	struct policy_sources from = { .policy = policy };
	const char *file;

	from.rule = out->rule = find_rule(policy, request);
	out->policy = policy;
	out->site = NULL;
	out->host = NULL;
	out->file_from = out->next_server_from = POLICY_FROM_RULE;
	out->http_root_from = POLICY_SOURCES;
	out->http_root = NULL;
	out->menu = NULL;
	out->item = 0;
	out->n = 0;
	out->file[0] = '\0';
	*why = VERDICT_NOT_PXE;
	if (from.rule == NULL)
		return false;
	*why = VERDICT_IGNORED;
	if (from.rule->ignore)
		return false;
	if (!choose_form(from.rule, request, &out->form, why))
		return false;
	*why = VERDICT_TOO_SOON;
	if (!is_time(from.rule, request))
		return false;

	from.is_other_form = out->form != from.rule->form &&
	    form_row(from.rule->form)->file_is_its;
	from.site = out->site = find_site(policy, request);
	if (from.rule->hosts != NULL)
		from.host = out->host = hosts_find(from.rule->hosts, request);
	*why = VERDICT_IGNORED;
	if (from.host != NULL && from.host->ignore)
		return false;
	if (form_row(out->form)->has_menu &&
	    !choose_item(&from, request, out, why))
		return false;
	if (!find_next_server(&from, request, ours, out, why))
		return false;
	if (form_row(out->form)->no_file || (out->menu != NULL &&
	    request->question == PXE_ASKS_OFFER))
		return true;
	if ((file = find_file(&from, request, &out->file_from, why)) != NULL)
		return compose_file(&from, out, file, request, ours, why);
	/* Options alone are an answer: Power firmware reads 209 and 210. */
	return form_row(out->form)->file_may_lack || from.rule->n_option > 0;
}

const struct policy_option *
policy_options(const struct policy_decision *decision, unsigned i, size_t *n)
{
	const struct policy_rule *rule = decision->rule;
	const struct policy_site *site = decision->site;
	const struct policy *policy = decision->policy;

	*n = 0;
	if (i == 0 && rule != NULL)
		return *n = rule->n_option, rule->option;
	if (i == 1 && site != NULL)
		return *n = site->n_option, site->option;
	if (i == 2 && policy != NULL)
		return *n = policy->n_option, policy->option;
	return NULL;
}

bool
policy_has_option(const struct policy_decision *decision, unsigned before,
    uint8_t code)
{
	const struct policy_option *option;
	size_t n;

	for (unsigned i = 0; i < before; i++) {
		option = policy_options(decision, i, &n);
		for (size_t j = 0; j < n; j++)
			if (option[j].code == code)
				return true;
	}
	return false;
}

const char *
policy_source_name(enum policy_source source)
{
	static const char *const names[POLICY_SOURCES] = {
		[POLICY_FROM_RULE] = "rule",
		[POLICY_FROM_HOST] = "hosts-file",
		[POLICY_FROM_ITEM] = "item",
		[POLICY_FROM_SITE] = "site",
		[POLICY_FROM_TOP] = "top",
		[POLICY_FROM_ARCH] = "architecture",
		[POLICY_FROM_US] = "own-address",
		[POLICY_FROM_SERVER] = "next-server",
	};

	return names[source];
}

static bool
is_in_one(const struct policy_networks *networks, struct in_addr address)
{
	for (size_t i = 0; i < networks->n; i++)
		if (match_in_network(&networks->network[i], address))
			return true;
	return networks->n == 0;
}

bool
policy_allows(const struct policy *policy, const struct pxe_request *request,
    enum verdict *why)
{
	struct in_addr giaddr = request->dhcp->giaddr;

	*why = VERDICT_RELAY_NOT_ALLOWED;
	/* On port 4011 giaddr means nothing: the client asks us itself. */
	if (!request->on_4011 && giaddr.s_addr != 0 &&
	    !is_in_one(&policy->allow_relay, giaddr))
		return false;
	*why = VERDICT_CLIENT_NOT_ALLOWED;
	return request->question == PXE_ASKS_OFFER ||
	    is_in_one(&policy->allow_client, request->dhcp->ciaddr);
}
