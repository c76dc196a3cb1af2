#include "config/checks.h"

#include "config/earlier.h"

#include <stdio.h>
#include <string.h>

enum { SENTENCE = 400, SHOWN = 100 };

/* What a check looks at. */
struct scene {
	const struct policy *policy;
	const struct policy_rule *rule;
	size_t number;			/* of the rule */
	const char *file;		/* that it gives, or NULL */
	struct earlier *earlier;
};

/*
 * Clients of a kind: what a rule can do with all of them.
 */

enum kind {
	KIND_ROM,		/* a PXE ROM or UEFI: TFTP alone */
	KIND_IPXE,		/* a whole iPXE, as one that was loaded is */
	KIND_HTTP,		/* HTTP Boot of the firmware */
};

static const char *
class_of(enum kind kind)
{
	return kind == KIND_HTTP ? "HTTPClient" : "PXEClient";
}

static bool
is_ipxe_class(const struct match_value *value)
{
	struct span text = SPAN_OF("iPXE");

	return value->is.text_or_hex.open ?
	    span_begins(text, value->is.text_or_hex.octets) :
	    span_equal(text, value->is.text_or_hex.octets);
}

static bool
fits_arch(const struct match_value *value, const struct arch *arch)
{
	return value->is.arch.is_family ?
	    value->is.arch.family == arch->family :
	    value->is.arch.number == arch->number;
}

/* Does the value hold for every client of this kind and architecture? */
static bool
holds_for_all(enum match_key key, const struct match_value *value,
    enum kind kind, const struct arch *arch)
{
	struct span class = span_text(class_of(kind));

	switch (key) {
	case MATCH_CLIENT:
		if (value->is.client == MATCH_CLIENT_IPXE)
			return kind == KIND_IPXE;
		return value->is.client == (kind == KIND_HTTP ?
		    MATCH_CLIENT_HTTP : MATCH_CLIENT_PXE);
	case MATCH_ARCH:
		return fits_arch(value, arch);
	case MATCH_VENDOR_CLASS:
		return span_begins(class, value->is.text_or_hex.octets);
	case MATCH_USER_CLASS:
		return kind == KIND_IPXE && is_ipxe_class(value);
	case MATCH_IPXE_FEATURE:
		return kind == KIND_IPXE;
	default:
		return false;
	}
}

/* Can the value hold for a client of this kind and architecture? */
static bool
can_hold(enum match_key key, const struct match_value *value, enum kind kind,
    const struct arch *arch)
{
	struct span class = span_text(class_of(kind));

	switch (key) {
	case MATCH_CLIENT:
	case MATCH_ARCH:
	case MATCH_IPXE_FEATURE:
		return holds_for_all(key, value, kind, arch);
	case MATCH_VENDOR_CLASS:
		return span_begins(class, value->is.text_or_hex.octets) ||
		    span_begins(value->is.text_or_hex.octets, class);
	case MATCH_USER_CLASS:
		return kind == KIND_IPXE || !is_ipxe_class(value);
	default:
		return true;
	}
}

/* Can the condition hold for such a client, as far as that tells? */
static bool
lets_in(const struct match *match, enum kind kind, const struct arch *arch)
{
	for (size_t i = 0; i < match->n; i++) {
		if (!match->negated &&
		    can_hold(match->key, &match->value[i], kind, arch))
			return true;
		if (match->negated &&
		    holds_for_all(match->key, &match->value[i], kind, arch))
			return false;
	}
	return match->negated;
}

/* Does the condition hold for every such client? */
static bool
lets_all_in(const struct match *match, enum kind kind,
    const struct arch *arch)
{
	for (size_t i = 0; i < match->n; i++) {
		if (!match->negated &&
		    holds_for_all(match->key, &match->value[i], kind, arch))
			return true;
		if (match->negated &&
		    can_hold(match->key, &match->value[i], kind, arch))
			return false;
	}
	return match->negated;
}

static bool
rule_lets_in(const struct policy_rule *rule, enum kind kind,
    const struct arch *arch)
{
	for (size_t i = 0; i < rule->n_match; i++)
		if (!lets_in(&rule->match[i], kind, arch))
			return false;
	return true;
}

/* Of which architectures clients of a kind are. */
static bool
is_of_kind(const struct arch *arch, enum kind kind)
{
	return (arch->family == ARCH_BIOS || arch->family == ARCH_UEFI) &&
	    (arch->transport == ARCH_HTTP) == (kind == KIND_HTTP);
}

/* A question to the rules before one: do they take such clients from it? */
struct question {
	const struct policy_rule *rule;		/* all of them */
	const struct policy_rule *of;
	enum kind kind;
	const struct arch *arch;
};

static bool
takes_them(void *with, size_t earlier)
{
	const struct question *question = with;
	const struct policy_rule *rule = &question->rule[earlier];

	for (size_t i = 0; i < rule->n_match; i++) {
		bool holds = lets_all_in(&rule->match[i], question->kind,
		    question->arch);

		for (size_t j = 0; !holds && j < question->of->n_match; j++)
			holds = match_covers(&rule->match[i],
			    &question->of->match[j]);
		if (!holds)
			return false;
	}
	return true;
}

/*
 * Does a client of this kind come to the rule, of an architecture whose
 * programs have that ending?  NULL: of any.
 */
static bool
reaches(const struct scene *scene, enum kind kind, bool (*suits)(
    const struct arch *arch, const char *file))
{
	size_t archs;
	const struct arch *arch = arch_table(&archs);

	for (size_t i = 0; i < archs; i++) {
		struct question question = { scene->policy->rule,
		    scene->rule, kind, &arch[i] };

		if (is_of_kind(&arch[i], kind) &&
		    (suits == NULL || suits(&arch[i], scene->file)) &&
		    rule_lets_in(scene->rule, kind, &arch[i]) &&
		    !earlier_find(scene->earlier, scene->number, takes_them,
		    &question))
			return true;
	}
	return false;
}

/*
 * Files.
 */

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool
ends(const char *text, const char *with)
{
	size_t n = strlen(text), m = strlen(with);

	return n >= m && strcmp(text + n - m, with) == 0;
}

/* The name behind the last slash or backslash. */
static const char *
name_of(const char *file)
{
	const char *slash = strrchr(file, '/'), *back = strrchr(file, '\\');

	if (slash == NULL || (back != NULL && back > slash))
		slash = back;
	return slash != NULL ? slash + 1 : file;
}

/* Such as undionly.kpxe and ipxe-arm64.efi; boot.ipxe is a script. */
static bool
is_ipxe_itself(const char *file)
{
	static const char *const beginnings[] = { "ipxe", "undionly",
	    "snponly", "snp." };
	static const char *const endings[] = { ".efi", ".pxe", ".kpxe",
	    ".kkpxe", ".0" };
	const char *name = name_of(file);
	bool begun = false;

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]);
	    i++)
		begun |= begins(name, beginnings[i]);
	for (size_t i = 0; begun && i < sizeof(endings) / sizeof(endings[0]);
	    i++)
		if (ends(name, endings[i]))
			return true;
	return false;
}

/* EFI programs are for UEFI, all others for a BIOS. */
static bool
suits_program(const struct arch *arch, const char *file)
{
	return (arch->family == ARCH_UEFI) == ends(file, ".efi");
}

static bool
is_web(const char *file)
{
	return begins(file, "http://") || begins(file, "https://");
}

/*
 * The checks: true, and the sentence behind 'rule "x" ', where there is
 * something to tell.
 */

static bool
gives_ipxe_to_ipxe(const struct scene *scene, char out[SENTENCE])
{
	if (scene->file == NULL || !is_ipxe_itself(scene->file) ||
	    scene->rule->ignore || scene->rule->menu != NULL ||
	    !reaches(scene, KIND_IPXE, suits_program))
		return false;
	(void)snprintf(out, SENTENCE, "gives iPXE to iPXE, which starts it "
	    "again and again: put a rule with client = \"ipxe\" and its "
	    "script before it");
	return true;
}

static bool
gives_url_to_rom(const struct scene *scene, char out[SENTENCE])
{
	if (scene->file == NULL || !is_web(scene->file) ||
	    scene->rule->ignore || !reaches(scene, KIND_ROM, NULL))
		return false;
	(void)snprintf(out, SENTENCE, "gives a URL to clients that fetch by "
	    "TFTP alone: limit it to those that understand one, such as "
	    "client = { \"ipxe\", \"http\" }");
	return true;
}

static bool
gives_http_what_is_no_url(const struct scene *scene, char out[SENTENCE])
{
	bool is_tftp = scene->file != NULL && begins(scene->file, "tftp://");

	if (scene->file == NULL || scene->rule->ignore ||
	    (!is_tftp && strchr(scene->file, ' ') == NULL) ||
	    !reaches(scene, KIND_HTTP, NULL))
		return false;
	(void)snprintf(out, SENTENCE, "gives HTTP Boot clients %s: %s",
	    is_tftp ? "a tftp:// URL" : "a name with a blank in it",
	    is_tftp ? "they take http:// and https:// alone" :
	    "in a URL that is %20");
	return true;
}

static bool
has_http_for_pxe(const struct scene *scene, char out[SENTENCE])
{
	const struct policy_rule *rule = scene->rule;

	for (size_t i = 0; rule->form == FORM_HTTP && i < rule->n_match;
	    i++) {
		const struct match *match = &rule->match[i];

		if (match->key != MATCH_ARCH || match->negated)
			continue;
		for (size_t j = 0; j < match->n; j++) {
			const struct match_value *value = &match->value[j];
			const struct arch *arch = value->is.arch.is_family ?
			    NULL : arch_by_number(value->is.arch.number);

			if (arch == NULL || arch->transport != ARCH_PXE)
				continue;
			(void)snprintf(out, SENTENCE, "has the form http, but "
			    "clients of arch %.*s boot by PXE: those of HTTP "
			    "Boot have names that end in -http", SHOWN,
			    value->text);
			return true;
		}
	}
	return false;
}

/* Do two conditions of the rule contradict each other? */
static bool
contradict(const struct match *a, const struct match *b)
{
	struct match positive = *a;

	/* Whatever b takes, a refuses. */
	positive.negated = false;
	return a->negated && !b->negated && match_covers(&positive, b);
}

/* Has the rule a condition of that key which is no not-?  Or NULL. */
static const struct match *
positive(const struct policy_rule *rule, enum match_key key)
{
	for (size_t i = 0; i < rule->n_match; i++)
		if (rule->match[i].key == key && !rule->match[i].negated)
			return &rule->match[i];
	return NULL;
}

/* Can a text have both beginnings? */
static bool
go_together(struct span a, struct span b)
{
	return span_begins(a, b) || span_begins(b, a);
}

/* Can a client of this kind have a vendor class with that beginning? */
static bool
can_have_class(const struct policy *policy, enum match_client client,
    struct span class)
{
	if (client == MATCH_CLIENT_HTTP)
		return go_together(class, SPAN_OF("HTTPClient"));
	if (client != MATCH_CLIENT_PXE ||
	    go_together(class, SPAN_OF("PXEClient")))
		return true;
	for (size_t i = 0; i < policy->classes.n; i++)
		if (go_together(class, policy->classes.prefix[i]))
			return true;
	return false;
}

/* Has none of the kinds of client one of the vendor classes? */
static bool
are_classes_apart(const struct scene *scene)
{
	const struct match *client = positive(scene->rule, MATCH_CLIENT);
	const struct match *class = positive(scene->rule, MATCH_VENDOR_CLASS);

	if (client == NULL || class == NULL)
		return false;
	for (size_t i = 0; i < client->n; i++)
		for (size_t j = 0; j < class->n; j++)
			if (can_have_class(scene->policy,
			    client->value[i].is.client,
			    class->value[j].is.text_or_hex.octets))
				return false;
	return true;
}

static bool
contradicts_itself(const struct scene *scene, char out[SENTENCE])
{
	const struct policy_rule *rule = scene->rule;
	const char *key = NULL;

	for (size_t i = 0; i < rule->n_match; i++)
		for (size_t j = 0; j < rule->n_match; j++)
			if (contradict(&rule->match[i], &rule->match[j]))
				key = match_key_name(rule->match[i].key);
	if (key != NULL)
		(void)snprintf(out, SENTENCE, "can never match: %s and not-%s "
		    "exclude each other", key, key);
	else if (are_classes_apart(scene))
		(void)snprintf(out, SENTENCE, "can never match: client and "
		    "vendor-class exclude each other");
	else
		return false;
	return true;
}

static bool
is_plain_for_everybody(const struct scene *scene, char out[SENTENCE])
{
	const struct policy_rule *rule = scene->rule;

	if (!form_row(rule->form)->takes_others)
		return false;
	for (size_t i = 0; i < rule->n_match; i++)
		if (!rule->match[i].negated &&
		    rule->match[i].key != MATCH_CLIENT)
			return false;
	(void)snprintf(out, SENTENCE, "has the form %s and no condition that "
	    "says who it is for: every machine that asks for an address would "
	    "get an OFFER; give it one, such as vendor-class = \"U-Boot\"",
	    form_name(rule->form));
	return true;
}

static bool
has_not_alone(const struct scene *scene, char out[SENTENCE])
{
	const struct policy_rule *rule = scene->rule;

	for (size_t i = 0; i < rule->n_match; i++)
		if (!rule->match[i].negated)
			return false;
	if (rule->n_match == 0 || form_row(rule->form)->takes_others)
		return false;
	(void)snprintf(out, SENTENCE, "has not- conditions alone: it matches "
	    "all others, and those that do not say what is asked for");
	return true;
}

static bool
is_covering(void *with, size_t earlier)
{
	const struct question *question = with;

	return policy_covers(&question->rule[earlier], question->of);
}

/* Remembers the rule that covers. */
struct covering {
	struct question question;
	size_t by;
};

static bool
find_covering(void *with, size_t earlier)
{
	struct covering *covering = with;

	if (!is_covering(&covering->question, earlier))
		return false;
	covering->by = earlier;
	return true;
}

static bool
is_never_reached(const struct scene *scene, char out[SENTENCE])
{
	struct covering covering = { { scene->policy->rule, scene->rule,
	    KIND_ROM, NULL }, 0 };

	if (!earlier_find(scene->earlier, scene->number, find_covering,
	    &covering))
		return false;
	(void)snprintf(out, SENTENCE, "can never match: \"%.*s\" stands "
	    "before it and takes all that it would", SHOWN,
	    scene->policy->rule[covering.by].name);
	return true;
}

/* Only a relay's own messages have option 82; port 4011 sees none. */
static bool
needs_option_82_on_4011(const struct scene *scene, char out[SENTENCE])
{
	const struct policy_rule *rule = scene->rule;
	bool needs = false;

	for (size_t i = 0; i < rule->n_match; i++)
		needs |= !rule->match[i].negated &&
		    (rule->match[i].key == MATCH_CIRCUIT_ID ||
		    rule->match[i].key == MATCH_REMOTE_ID);
	if (!needs || rule->ignore || !form_row(rule->form)->asks_4011)
		return false;
	(void)snprintf(out, SENTENCE, "matches option 82, which requests on "
	    "port 4011 do not have: it needs a form without them, such as "
	    "direct, or a twin with client-network");
	return true;
}

static bool
has_only_the_local_disk(const struct scene *scene, char out[SENTENCE])
{
	const struct form_menu *menu = scene->rule->menu;

	if (menu == NULL)
		return false;
	for (size_t i = 0; i < menu->n; i++)
		if (menu->item[i].file != NULL)
			return false;
	(void)snprintf(out, SENTENCE, "has a menu of the local disk alone, "
	    "whose list of servers is empty: some firmware drops such an "
	    "OFFER; form = \"local\" is for machines that boot from their "
	    "disk");
	return true;
}

static bool
has_answer_for_the_local_disk(const struct scene *scene, char out[SENTENCE])
{
	const struct policy_rule *rule = scene->rule;

	if (rule->form != FORM_LOCAL || (rule->file == NULL &&
	    !rule->has_next_server && rule->next_server_text == NULL &&
	    rule->http_root == NULL))
		return false;
	(void)snprintf(out, SENTENCE, "has the form local and a %s, which no "
	    "client is given: it boots from its own disk",
	    rule->file != NULL ? "bootfile-name" :
	    rule->http_root != NULL ? "http-root" : "next-server");
	return true;
}

static const struct {
	enum problem_severity severity;
	bool of_built_in;	/* of rules that are built in, too */
	bool (*check)(const struct scene *scene, char out[SENTENCE]);
} checks[] = {
	{ PROBLEM_ERROR, false, is_plain_for_everybody },
	{ PROBLEM_WARNING, true, gives_ipxe_to_ipxe },
	{ PROBLEM_WARNING, true, gives_url_to_rom },
	{ PROBLEM_WARNING, true, gives_http_what_is_no_url },
	{ PROBLEM_WARNING, false, has_http_for_pxe },
	{ PROBLEM_WARNING, false, contradicts_itself },
	{ PROBLEM_WARNING, false, has_not_alone },
	{ PROBLEM_WARNING, false, is_never_reached },
	{ PROBLEM_WARNING, false, needs_option_82_on_4011 },
	{ PROBLEM_WARNING, false, has_only_the_local_disk },
	{ PROBLEM_WARNING, false, has_answer_for_the_local_disk },
};

enum { CHECKS = sizeof(checks) / sizeof(checks[0]) };

/* The file that a rule gives by itself; NULL: it depends. */
static const char *
file_of(const struct policy *policy, const struct policy_rule *rule)
{
	if (rule->menu != NULL || rule->hosts != NULL)
		return NULL;
	return rule->file != NULL ? rule->file : policy->file;
}

bool
checks_run(const struct policy *policy, size_t n, struct memory *memory,
    const struct checks_teller *teller)
{
	struct scene scene = { .policy = policy };
	bool told[CHECKS] = { false };	/* of a built-in rule: once */
	char sentence[SENTENCE];

	scene.earlier = earlier_make(memory, policy->rule, policy->n);
	if (scene.earlier == NULL)
		return false;
	for (scene.number = 0; scene.number < policy->n; scene.number++) {
		bool is_built_in = scene.number >= n;

		scene.rule = &policy->rule[scene.number];
		scene.file = file_of(policy, scene.rule);
		for (size_t i = 0; i < CHECKS; i++) {
			if ((is_built_in && (!checks[i].of_built_in ||
			    told[i])) || !checks[i].check(&scene, sentence))
				continue;
			told[i] |= is_built_in;
			teller->tell(teller->with, checks[i].severity,
			    scene.number, sentence);
		}
	}
	return !earlier_gave_up(scene.earlier);
}
