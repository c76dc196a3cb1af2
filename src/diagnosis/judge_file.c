#include "diagnosis/judge.h"

/*
 * Why the file does not come, or does not start, and what its next stage
 * lacks.
 */

enum {
	FOLLOWS = JUDGE_FOLLOWS,
	TOO_SOON = 500,			/* for a program that was fetched */
	STARTS = 30 * JUDGE_SECOND,	/* a program that is refused: sooner */
	STARTS_AGAIN = 6 * JUDGE_SECOND,	/* less than any reset takes */
	AT_ONCE = 15 * JUDGE_SECOND,
	LARGE_BLOCK = 1024,		/* of TFTP: needs frames above 1,000
					 * octets */
	NOT_FOUND = 1,			/* TFTP's error code (RFC 1350) */
	ABORTED = 8,
	HTTP_NOT_FOUND = 404,
	HTTP_HEAD = 1024,		/* octets of an answer's, at most */
	HTTP_PATIENCE = 60 * JUDGE_SECOND,	/* with a server that thinks */
	REPEATS = 2,
	STANDS = 3 * JUDGE_SECOND,	/* a transfer, for longer than a loss */
};

static bool
is_last(const struct judgement *j)
{
	return judge_is_over(j, FOLLOWS);
}

/* The last file, by TFTP, where nothing before explains what it met. */
static const struct machine_file *
tftp_file(const struct judgement *j)
{
	return j->found > 0 || j->file == NULL || j->file->is_http ? NULL :
	    j->file;
}

static void
show(const struct machine_file *f, struct machine_finding *out)
{
	out->address[0] = f->server;
	out->name[0] = f->name;
	out->evidence[0] = f->number;
	out->evidence[1] = f->last_number;
}

/* Is it the boot file itself, and not what a later stage asks for? */
static bool
is_boot_file(const struct judgement *j, const struct machine_file *f)
{
	const char *name = judge_name(j, f->name);

	for (size_t i = 0; i < j->b->n_proxies; i++)
		if (j->b->proxy[i].file != 0 && (j->b->proxy[i].file ==
		    f->name || (f->is_http && *name != '\0' &&
		    machine_name_ends(judge_name(j, j->b->proxy[i].file),
		    name))))
			return true;
	return j->lease != NULL && j->lease->file != 0 &&
	    j->lease->file == f->name;
}

static const struct machine_file *
whole_boot_file(const struct judgement *j)
{
	for (size_t i = 0; i < j->b->n_files; i++)
		if (is_boot_file(j, &j->b->file[i]) &&
		    j->b->file[i].state == FILE_WHOLE)
			return &j->b->file[i];
	return NULL;
}

/* The address that it misses, if any, and nothing came after that. */
static const struct machine_look *
missed(const struct judgement *j)
{
	const struct machine_look *look = j->b->n_looks == 0 ? NULL :
	    &j->b->look[j->b->n_looks - 1];

	if (look == NULL || !judge_is_missed(j, look) ||
	    (j->file != NULL && j->file->at > look->last_at) ||
	    same_address(look->address, j->m->address))
		return NULL;
	return look;
}

static void
show_look(const struct machine_look *look, struct machine_finding *out)
{
	out->address[0] = look->address;
	out->value = look->count;
	out->evidence[0] = look->number;
	out->evidence[1] = look->last_number;
}

static bool
is_named_server(const struct judgement *j, struct in_addr address)
{
	for (size_t i = 0; i < j->b->n_proxies; i++)
		if (same_address(judge_server_of(j, &j->b->proxy[i]), address))
			return true;
	return j->lease != NULL && same_address(j->lease->next, address);
}

/* It asks on and on where there is no TFTP server, or nobody answers. */
static bool
asks_in_vain(const struct machine_file *f)
{
	return !f->is_http && f->asks >= JUDGE_ROUNDS &&
	    (f->state == FILE_REFUSED || f->state == FILE_ASKED);
}

/* And nothing comes of it, which is no search for a configuration. */
static bool
ends_in_vain(const struct judgement *j, const struct machine_file *f)
{
	return !judge_is_fetching(f) &&
	    (asks_in_vain(f) || (is_last(j) && !j->b->searched));
}

/*
 * Behind a relay, where the lease is not seen: what was started asks a server
 * that no boot server named.
 */
static enum finding_sureness
asks_elsewhere(const struct judgement *j, const struct machine_file *f,
    struct machine_finding *out)
{
	if (!j->b->is_relayed || j->b->n_files < 2 || f->is_http ||
	    j->b->client == MACHINE_IPXE ||
	    same_address(f->server, j->b->file[0].server) ||
	    is_named_server(j, f->server) || !ends_in_vain(j, f))
		return FINDING_NOT;
	show(f, out);
	out->address[1] = j->b->file[0].server;
	out->address[2] = j->b->chosen;
	return FINDING_LIKELY;
}

/* A second stage is asked of the server that the lease names. */
enum finding_sureness
judge_shim_server(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_lease *lease = j->lease;
	const struct machine_look *look = missed(j);
	const struct machine_file *f = j->file;
	bool differs = lease != NULL && is_set(lease->next) &&
	    j->told != NULL && !same_address(lease->next, j->told->next);

	if (lease == NULL && f != NULL)
		return asks_elsewhere(j, f, out);
	if (!differs)
		return FINDING_NOT;
	out->address[1] = j->told->next;
	out->address[2] = lease->server;
	/* The firmware itself was told of another server. */
	if (f == NULL && look != NULL && j->told->answered > 0 &&
	    same_address(look->address, lease->next)) {
		show_look(look, out);
		return FINDING_CERTAIN;
	}
	if (f == NULL)
		return FINDING_NOT;
	if (look != NULL && same_address(look->address, lease->next) &&
	    judge_is_fetching(&j->b->file[0])) {
		show_look(look, out);
		return FINDING_CERTAIN;
	}
	if (j->b->n_files > 1 && same_address(f->server, lease->next) &&
	    !same_address(j->b->file[0].server, lease->next) &&
	    ends_in_vain(j, f)) {
		show(f, out);
		return FINDING_CERTAIN;
	}
	return FINDING_NOT;
}

/*
 * Its lease went past us: but it looks for a neighbour that nobody named, and
 * its server is no neighbour.
 */
static bool
needs_gateway(const struct judgement *j, const struct machine_look *look)
{
	struct in_addr next = judge_next(j);

	return j->b->n_files == 0 && is_set(next) &&
	    !judge_is_neighbour(j, next) &&
	    judge_is_neighbour(j, look->address) &&
	    !is_named_server(j, look->address) &&
	    !diagnosis_is_ours(j->d, look->address);
}

/* Who gave it its address: by its REQUEST, where the lease went past us. */
static struct in_addr
address_server(const struct judgement *j)
{
	return j->lease != NULL ? j->lease->server : j->b->chosen;
}

enum finding_sureness
judge_gateway(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_look *look = missed(j);

	if (look == NULL || (j->lease == NULL ? !needs_gateway(j, look) :
	    !same_address(look->address, j->lease->router)))
		return FINDING_NOT;
	show_look(look, out);
	out->address[1] = address_server(j);
	out->address[2] = judge_next(j);
	return j->lease == NULL ? FINDING_LIKELY : FINDING_CERTAIN;
}

enum finding_sureness
judge_next_absent(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_look *look = missed(j);

	/* U-Boot's lease went past us, and it asks for nobody else. */
	bool is_of_lease = j->b->client == MACHINE_UBOOT && j->lease == NULL;

	if (j->found > 0 || look == NULL ||
	    (!is_named_server(j, look->address) && !is_of_lease) ||
	    diagnosis_is_ours(j->d, look->address))
		return FINDING_NOT;
	show_look(look, out);
	out->address[1] = is_of_lease ? j->b->chosen : j->told != NULL ?
	    j->told->server : j->lease != NULL ? j->lease->server :
	    j->m->address;
	return FINDING_CERTAIN;
}

/*
 * Where a TFTP server answers from an address that is not there, EDK2 looks
 * for that one: so soon after it looked for the server itself that no program
 * can have come from there.
 */
static bool
answers_elsewhere(const struct judgement *j, const struct machine_look *look)
{
	const struct machine_look *server;

	if (j->file != NULL && same_address(j->file->other, look->address))
		return true;
	if (j->b->client != MACHINE_UEFI || j->b->n_files > 0 ||
	    j->told == NULL || j->told->answered == 0)
		return false;
	server = judge_look(j, j->told->next);
	return server != NULL && look->at >= server->at &&
	    look->at - server->at < TOO_SOON;
}

/* A host that neither we nor the pool named: a script did. */
enum finding_sureness
judge_host_absent(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_look *look = missed(j);

	if (j->found > 0 || look == NULL ||
	    is_named_server(j, look->address) ||
	    answers_elsewhere(j, look) ||
	    diagnosis_is_ours(j->d, look->address) ||
	    (j->lease != NULL &&
	    (same_address(look->address, j->lease->router) ||
	    same_address(look->address, j->lease->dns) ||
	    same_address(look->address, j->lease->server))))
		return FINDING_NOT;
	show_look(look, out);
	if (j->file != NULL && judge_is_fetching(j->file)) {
		out->name[0] = j->file->name;
		return FINDING_CERTAIN;
	}
	return FINDING_LIKELY;
}

enum finding_sureness
judge_next_route(const struct judgement *j, struct machine_finding *out)
{
	struct in_addr next = judge_next(j);

	if (j->found > 0 || j->lease == NULL || !is_set(next) ||
	    is_set(j->lease->router) || judge_is_near(j->lease, next) ||
	    j->b->requests == 0 || j->b->n_files > 0 ||
	    (j->told != NULL && j->told->asked == 0 &&
	    (j->told->says & (SAYS_SKIPS | SAYS_PRIORITY)) == 0 &&
	    j->b->client == MACHINE_UEFI) || !judge_is_over(j, FOLLOWS))
		return FINDING_NOT;
	out->address[0] = next;
	out->address[1] = j->lease->address;
	out->address[2] = j->lease->server;
	out->evidence[0] = j->b->ack_number != 0 ? j->b->ack_number :
	    j->lease->number;
	return FINDING_CERTAIN;
}

/* A router says that there is no way to the server. */
enum finding_sureness
judge_no_way_to_file(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = j->file;

	if (j->found > 0 || f == NULL || f->state != FILE_UNREACHABLE ||
	    !is_last(j))
		return FINDING_NOT;
	show(f, out);
	out->address[1] = f->other;
	out->value = f->code;
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_tftp_refused(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = tftp_file(j);

	if (f == NULL || !((f->state == FILE_REFUSED && is_last(j)) ||
	    (f->is_broken_off && asks_in_vain(f))))
		return FINDING_NOT;
	show(f, out);
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_tftp_address(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = tftp_file(j);
	const struct machine_look *look = missed(j);

	/* The question and the answer are not seen here. */
	if (j->found == 0 && look != NULL && j->b->n_files == 0 &&
	    !is_named_server(j, look->address) &&
	    answers_elsewhere(j, look)) {
		show_look(look, out);
		out->address[0] = j->told->next;
		out->address[1] = look->address;
		out->name[0] = j->told->file;
		return FINDING_LIKELY;
	}
	if (f == NULL || !is_set(f->other) || f->acked ||
	    f->state == FILE_WHOLE || f->state == FILE_UNREACHABLE ||
	    (f->asks < REPEATS && f->repeats < REPEATS && !is_last(j)))
		return FINDING_NOT;
	show(f, out);
	out->address[1] = f->other;
	return FINDING_CERTAIN;
}

/* Its options are told again and again, and nobody confirms them. */
enum finding_sureness
judge_answers_lost(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = tftp_file(j);

	if (f == NULL || is_set(f->other) || f->state != FILE_OPEN ||
	    f->acked || f->options_acked || f->was_sized ||
	    (f->repeats < REPEATS && f->asks < JUDGE_ROUNDS))
		return FINDING_NOT;
	show(f, out);
	out->value = f->server_port;
	return FINDING_LIKELY;
}

/* Small datagrams arrive, large ones do not. */
enum finding_sureness
judge_blocks_lost(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = tftp_file(j);
	bool stands;

	if (f == NULL || f->state == FILE_WHOLE || f->acked ||
	    f->block_size < LARGE_BLOCK || (!f->options_acked &&
	    !f->was_sized) || f->block > 4 || is_set(f->other))
		return FINDING_NOT;
	stands = f->asks >= REPEATS || (f->repeats >= REPEATS &&
	    judge_lasts(j, f->at, j->now, STANDS));
	if (!stands)
		return FINDING_NOT;
	/* Without an answer to the question proper it may be anything. */
	if (f->state == FILE_ASKED)
		return FINDING_NOT;
	show(f, out);
	out->value = f->block_size;
	return FINDING_LIKELY;
}

enum finding_sureness
judge_tftp_silent(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = tftp_file(j);

	if (f == NULL || f->state != FILE_ASKED || f->server_port != 0 ||
	    f->is_broken_off || (f->asks < JUDGE_ROUNDS && !judge_gave_up(j)))
		return FINDING_NOT;
	show(f, out);
	out->value = f->asks;
	return FINDING_CERTAIN;
}

/*
 * By HTTP: the firmware gave up before the last octet.  Live, and in a capture
 * with gaps, some octets were not counted.
 */
static bool
ends_early(const struct judgement *j)
{
	const struct machine_file *f = j->file;

	return j->found == 0 && f != NULL && f->is_http && !j->d->is_live &&
	    f->state == FILE_OPEN && f->size > 0 && judge_gave_up(j) &&
	    (f->is_broken_off || f->octets < f->size / 2);
}

/* No more came than the head of the answer, which is small. */
static bool
lacks_body(const struct judgement *j)
{
	return ends_early(j) && !j->file->is_broken_off &&
	    j->file->octets <= HTTP_HEAD;
}

/* By TFTP.  A machine that was switched off is silent, and says nothing. */
static bool
stands_still(const struct judgement *j)
{
	const struct machine_file *f = tftp_file(j);

	return f != NULL && f->state == FILE_OPEN &&
	    judge_is_over(j, AT_ONCE) && (f->repeated_acks >= REPEATS ||
	    f->is_broken_off || (f->code != 0 && f->code != ABORTED));
}

enum finding_sureness
judge_stopped(const struct judgement *j, struct machine_finding *out)
{
	if (!stands_still(j) && (!ends_early(j) || lacks_body(j)))
		return FINDING_NOT;
	show(j->file, out);
	out->value = j->file->octets;
	return FINDING_LIKELY;
}

static char
small(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

/* The same but for case. */
static bool
is_other_case(const char *a, const char *b)
{
	bool differs = false;

	for (; *a != '\0' && *b != '\0'; a++, b++) {
		if (small(*a) != small(*b))
			return false;
		differs = differs || *a != *b;
	}
	return *a == *b && differs;
}

/* Names that programs look for and do without. */
static bool
is_optional(const char *name)
{
	/* Of shim and GRUB; the others are the ROM's of a Raspberry Pi. */
	static const char *const parts[] = { "revocations",
		"shim_certificate", "grub.cfg-", "armstub", "recover",
		"pieeprom.", "overlay_map", "dt-blob.bin", "bootcfg.txt" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i]) != NULL)
			return true;
	return machine_name_ends(name, ".lst") ||
	    (strstr(name, "pxelinux.cfg/") != NULL &&
	    !machine_name_ends(name, "/default"));
}

/*
 * What decorates a menu; or brings what it does without, if a configuration
 * was found before.
 */
static bool
is_decoration(const struct judgement *j, const char *name)
{
	static const struct {
		const char *end;
		bool by_configuration;
	} kinds[] = {
		{ ".png", false }, { ".jpg", false }, { ".jpeg", false },
		{ ".tga", false }, { ".lss", true }, { ".pf2", true },
		{ ".psf", true }, { ".mo", true }, { ".gmo", true },
		{ ".mo.gz", true }, { "theme.txt", true },
		{ "grubenv", true }, { ".mod", true },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (machine_name_ends(name, kinds[i].end))
			return j->b->is_configured ||
			    !kinds[i].by_configuration;
	return false;
}

/* What only the last of a search tells. */
static bool
is_search(const char *name)
{
	return is_optional(name) || machine_name_ends(name, "grub.cfg") ||
	    machine_name_ends(name, "pxelinux.cfg/default") ||
	    strstr(name, "ldlinux.") != NULL;
}

/* What shim or GRUB asks for as the next program. */
static bool
is_second_stage(const struct judgement *j, const struct machine_file *f)
{
	const char *name = judge_name(j, f->name);

	return j->b->n_files > 1 && !is_boot_file(j, f) &&
	    strstr(name, "grub") != NULL && machine_name_ends(name, ".efi");
}

/* The same by HTTP, 404. */
static bool
is_missed_by_http(const struct judgement *j, const struct machine_file *f)
{
	return f->is_http && f->code == HTTP_NOT_FOUND &&
	    (is_search(judge_name(j, f->name)) || is_second_stage(j, f));
}

/*
 * The last thing that was asked for, and the server has it not.  By HTTP, what
 * a next stage looks for.
 */
static const struct machine_file *
refused_file(const struct judgement *j)
{
	const struct machine_file *f = j->found > 0 ? NULL : j->file;
	const char *name = f == NULL ? "" : judge_name(j, f->name);

	if (f == NULL || f->state != FILE_ERROR || !is_last(j) ||
	    f->name == 0 || is_decoration(j, name))
		return NULL;
	return !f->is_http || is_missed_by_http(j, f) ? f : NULL;
}

static const struct machine_file *
refused_by_tftp(const struct judgement *j)
{
	const struct machine_file *f = refused_file(j);

	return f == NULL || f->is_http ? NULL : f;
}

/* A name that another machine, or this one, had from the same server. */
static const char *
served_name(const struct judgement *j, const struct machine_file *f)
{
	const struct machine_table *table = &j->d->table;
	const char *name = judge_name(j, f->name);

	for (size_t i = 0; i < table->n; i++) {
		const struct machine *m = &table->row[i];

		for (size_t k = 0; k < m->boot.n_files; k++) {
			const struct machine_file *g = &m->boot.file[k];

			if (same_address(g->server, f->server) &&
			    judge_is_fetching(g) &&
			    is_other_case(name, machine_name(m, g->name)))
				return name;
		}
	}
	return NULL;
}

enum finding_sureness
judge_case(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = refused_by_tftp(j);

	if (f == NULL || f->code != NOT_FOUND || served_name(j, f) == NULL)
		return FINDING_NOT;
	show(f, out);
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_missing(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = refused_by_tftp(j);

	if (f == NULL || f->code != NOT_FOUND ||
	    is_search(judge_name(j, f->name)) || is_second_stage(j, f) ||
	    served_name(j, f) != NULL)
		return FINDING_NOT;
	show(f, out);
	return is_boot_file(j, f) ? FINDING_CERTAIN : FINDING_LIKELY;
}

enum finding_sureness
judge_tftp_error(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = refused_by_tftp(j);

	if (f == NULL || f->code == NOT_FOUND ||
	    is_search(judge_name(j, f->name)))
		return FINDING_NOT;
	show(f, out);
	out->value = f->code;
	return FINDING_CERTAIN;
}

static enum finding_sureness
no_config(const struct judgement *j, const char *end,
    struct machine_finding *out)
{
	const struct machine_file *f = refused_file(j);

	if (f == NULL || !machine_name_ends(judge_name(j, f->name), end))
		return FINDING_NOT;
	show(f, out);
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_no_ldlinux(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = refused_file(j);

	if (f == NULL || strstr(judge_name(j, f->name), "ldlinux.") == NULL)
		return FINDING_NOT;
	show(f, out);
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_no_pxelinux_config(const struct judgement *j,
    struct machine_finding *out)
{
	return no_config(j, "pxelinux.cfg/default", out);
}

enum finding_sureness
judge_no_grub_config(const struct judgement *j, struct machine_finding *out)
{
	return no_config(j, "grub.cfg", out);
}

enum finding_sureness
judge_no_second_stage(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = refused_file(j);

	if (f == NULL || !is_second_stage(j, f) || (f->code != NOT_FOUND &&
	    f->code != HTTP_NOT_FOUND))
		return FINDING_NOT;
	show(f, out);
	out->name[1] = j->told != NULL && j->told->file != 0 ?
	    j->told->file : j->b->file[0].name;
	return FINDING_CERTAIN;
}

/* HTTP counts while the firmware, or iPXE, asks; not that of a system. */
static const struct machine_file *
http_file(const struct judgement *j)
{
	if (j->found > 0 || j->file == NULL || !j->file->is_http ||
	    !is_last(j))
		return NULL;
	return j->file;
}

enum finding_sureness
judge_http_refused(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = http_file(j);

	if (f == NULL || f->state != FILE_REFUSED)
		return FINDING_NOT;
	show(f, out);
	out->value = f->server_port;
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_http_silent(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = http_file(j);

	if (f == NULL || f->state != FILE_ASKED || f->acked ||
	    (f->asks < JUDGE_ROUNDS && !judge_gave_up(j)))
		return FINDING_NOT;
	show(f, out);
	out->value = f->server_port;
	return FINDING_CERTAIN;
}

/* The connection was made, and a request is not answered. */
enum finding_sureness
judge_http_unanswered(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = http_file(j);

	if (f == NULL || !(lacks_body(j) || (f->state == FILE_ASKED &&
	    f->name != 0 && f->was_connected && (judge_gave_up(j) ||
	    judge_is_over(j, HTTP_PATIENCE)))))
		return FINDING_NOT;
	show(f, out);
	return FINDING_LIKELY;
}

enum finding_sureness
judge_http_error(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = http_file(j);

	if (f == NULL || f->state != FILE_ERROR || is_missed_by_http(j, f) ||
	    is_decoration(j, judge_name(j, f->name)))
		return FINDING_NOT;
	show(f, out);
	out->value = f->code;
	return FINDING_CERTAIN;
}

/* The part of a URL between its scheme and its path. */
static const char *
host_of(const char *url)
{
	const char *at = strstr(url, "://");

	return at == NULL ? NULL : at + 3;
}

static bool
has_host_name(const char *url)
{
	const char *host = host_of(url);

	if (host == NULL || *host == '[')
		return false;
	for (; *host != '\0' && *host != '/' && *host != ':'; host++)
		if (*host != '.' && (*host < '0' || *host > '9'))
			return true;
	return false;
}

bool
judge_lacks_name_server(const struct judgement *j)
{
	return (j->b->client == MACHINE_HTTP ||
	    j->b->client == MACHINE_IPXE) && j->told != NULL &&
	    j->lease != NULL && !is_set(j->lease->dns) &&
	    has_host_name(judge_name(j, j->told->file));
}

enum finding_sureness
judge_no_name_server(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_proxy *p = j->told;

	if (!judge_lacks_name_server(j) || j->b->lookups > 0 ||
	    j->b->n_files > 0 || !(judge_gave_up(j) ||
	    (j->b->requests > 0 && judge_is_over(j, FOLLOWS)) ||
	    (j->b->client == MACHINE_HTTP && j->b->full_rounds >= 1)))
		return FINDING_NOT;
	out->address[0] = j->lease->server;
	out->name[0] = p->file;
	out->evidence[0] = j->lease->number;
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_unresolved(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;

	/* What it asked for after that came from a host that it knew. */
	if (b->lookups == 0 || b->lookup_answered ||
	    (j->file != NULL && j->file->number > b->lookup_number) ||
	    (!b->lookup_failed && b->lookups < JUDGE_ROUNDS) || !is_last(j))
		return FINDING_NOT;
	out->address[0] = b->name_server;
	out->name[0] = b->lookup;
	out->evidence[0] = b->lookup_number;
	return FINDING_CERTAIN;
}

/*
 * There is one by its address alone.  Where the lease went past us, it is whom
 * the machine looks for that has only a name from us.
 */
enum finding_sureness
judge_name_server_absent(const struct judgement *j,
    struct machine_finding *out)
{
	const struct machine_look *look = missed(j);
	bool has_name = j->told != NULL && j->b->n_files == 0 &&
	    has_host_name(judge_name(j, j->told->file));

	if (j->found > 0 || look == NULL || (j->lease == NULL ? !has_name :
	    !same_address(look->address, j->lease->dns)))
		return FINDING_NOT;
	show_look(look, out);
	out->address[1] = address_server(j);
	return j->lease == NULL ? FINDING_LIKELY : FINDING_CERTAIN;
}

/* The firmware goes on though it has the file: it did not start it. */
static bool
did_not_start(const struct judgement *j, const struct machine_file *f)
{
	uint32_t since = j->b->end_at > f->last_at ?
	    j->b->end_at - f->last_at : 0;

	if (f != j->file || !j->is_timed)
		return false;
	return (j->b->end == END_GAVE_UP && since < STARTS) ||
	    (j->b->end == END_AGAIN && since < STARTS_AGAIN &&
	    j->b->client == MACHINE_UEFI);
}

static bool
is_bios_name(const char *name)
{
	return machine_name_ends(name, ".0") ||
	    machine_name_ends(name, ".kpxe") ||
	    machine_name_ends(name, ".pxe") ||
	    machine_name_ends(name, ".com") ||
	    machine_name_ends(name, ".n12");
}

static bool
is_efi_name(const char *name)
{
	return machine_name_ends(name, ".efi") ||
	    machine_name_ends(name, ".EFI");
}

static bool
is_efi_ipxe(const struct judgement *j)
{
	return j->b->client == MACHINE_IPXE && j->b->has_arch &&
	    j->b->arch != 0;
}

enum finding_sureness
judge_bios_file(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = whole_boot_file(j);

	if (is_efi_ipxe(j) && f != NULL && f == j->file && is_last(j) &&
	    (f->content & CONTENT_BIOS) != 0 &&
	    is_bios_name(judge_name(j, f->name))) {
		show(f, out);
		return FINDING_LIKELY;
	}
	if (j->b->client != MACHINE_UEFI && j->b->client != MACHINE_HTTP)
		return FINDING_NOT;
	if (f != NULL && did_not_start(j, f) &&
	    ((f->content & CONTENT_BIOS) != 0 ||
	    is_bios_name(judge_name(j, f->name)))) {
		show(f, out);
		return FINDING_CERTAIN;
	}
	if (f != NULL || j->told == NULL || !judge_gave_up(j) ||
	    j->b->requests == 0 || judge_is_url(judge_name(j,
	    j->told->file)) || !is_bios_name(judge_name(j, j->told->file)))
		return FINDING_NOT;
	out->address[0] = j->told->next;
	out->name[0] = j->told->file;
	out->evidence[0] = j->told->number;
	return FINDING_LIKELY;
}

enum finding_sureness
judge_efi_file(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = whole_boot_file(j);
	bool is_ipxe = j->b->client == MACHINE_IPXE && j->b->has_arch &&
	    j->b->arch == 0;
	const char *name;

	if ((j->b->client != MACHINE_BIOS && !is_ipxe) ||
	    !judge_is_over(j, is_ipxe && f == NULL ? STARTS : FOLLOWS))
		return FINDING_NOT;
	/* iPXE starts kernels, which may have the head of an EFI program. */
	if (!is_ipxe && f != NULL && f == j->file &&
	    (f->content & CONTENT_PE) != 0) {
		show(f, out);
		return FINDING_CERTAIN;
	}
	if (j->told == NULL || j->b->requests == 0)
		return FINDING_NOT;
	name = judge_name(j, j->told->file);
	if (!is_efi_name(name) || judge_is_url(name) ||
	    (j->file != NULL && j->file->name != j->told->file))
		return FINDING_NOT;
	out->address[0] = j->told->next;
	out->name[0] = j->told->file;
	out->evidence[0] = j->told->number;
	return FINDING_LIKELY;
}

/* Microsoft's numbers of processors, by the architectures of option 93. */
static const struct {
	uint16_t arch;
	uint16_t pe;
} machines[] = {
	{ 6, 0x014c }, { 15, 0x014c },
	{ 7, 0x8664 }, { 9, 0x8664 }, { 16, 0x8664 }, { 17, 0x8664 },
	{ 10, 0x01c2 }, { 18, 0x01c2 },
	{ 11, 0xaa64 }, { 19, 0xaa64 },
	{ 27, 0x5064 }, { 28, 0x5064 },
	{ 39, 0x6264 }, { 40, 0x6264 },
};

enum finding_sureness
judge_architecture(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = whole_boot_file(j);

	if (f == NULL || (f->content & CONTENT_PE) == 0 || !j->b->has_arch ||
	    f != j->file || !judge_is_over(j, FOLLOWS))
		return FINDING_NOT;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (machines[i].arch != j->b->arch)
			continue;
		if (machines[i].pe == f->pe)
			return FINDING_NOT;
		show(f, out);
		out->value = f->pe;
		return FINDING_CERTAIN;
	}
	return FINDING_NOT;
}

/* iPXE starts each script that it has; one that ends may do so on purpose. */
static bool
may_be_script(const struct judgement *j, const char *name)
{
	return j->b->client == MACHINE_IPXE && !is_efi_name(name);
}

static bool
is_right_program(const struct judgement *j, const struct machine_file *f)
{
	struct machine_finding ignored;

	return judge_architecture(j, &ignored) == FINDING_NOT &&
	    judge_bios_file(j, &ignored) == FINDING_NOT && f != NULL &&
	    ((f->content & CONTENT_PE) != 0 ||
	    !may_be_script(j, judge_name(j, f->name))) &&
	    did_not_start(j, f);
}

enum finding_sureness
judge_unsigned(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = whole_boot_file(j);

	if (!is_right_program(j, f) || (f->content &
	    (CONTENT_PE | CONTENT_SIGNED)) != CONTENT_PE)
		return FINDING_NOT;
	show(f, out);
	return FINDING_LIKELY;
}

enum finding_sureness
judge_not_started(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = whole_boot_file(j);

	if (!is_right_program(j, f) || (f->content &
	    (CONTENT_PE | CONTENT_SIGNED)) == CONTENT_PE)
		return FINDING_NOT;
	show(f, out);
	return j->b->end == END_GAVE_UP ? FINDING_CERTAIN : FINDING_LIKELY;
}

/* How long after it knew its file it gave up; and nothing of it was seen. */
static bool
gave_up_unseen(const struct judgement *j, uint32_t *after)
{
	const struct machine_proxy *p = j->told;
	uint32_t knew;

	if (j->found > 0 || p == NULL || !judge_gave_up(j) ||
	    j->b->n_files > 0 || j->b->requests == 0 ||
	    !is_set(judge_server_of(j, p)) ||
	    may_be_script(j, judge_name(j, p->file)))
		return false;
	knew = p->answered > 0 ? p->asked_at : j->b->request_at;
	/* Who must ask on port 4011, and was not heard to, knows nothing. */
	if (p->answered == 0 && j->b->client == MACHINE_UEFI &&
	    (p->says & SAYS_SKIPS) == 0)
		return false;
	*after = j->b->end_at > knew ? j->b->end_at - knew : 0;
	return true;
}

/*
 * When it gave up is not known where its way there was not heard: IPv6, between
 * PXE and HTTP Boot, does not come through a relay.
 */
static bool
is_end_heard(const struct judgement *j)
{
	return j->is_timed && (!j->b->is_relayed || j->b->solicits > 0);
}

static void
show_unseen(const struct judgement *j, struct machine_finding *out)
{
	out->address[0] = judge_server_of(j, j->told);
	out->name[0] = j->told->file;
	out->evidence[0] = j->told->answered_number != 0 ?
	    j->told->answered_number : j->told->number;
	out->evidence[1] = j->b->end_number;
}

enum finding_sureness
judge_not_taken(const struct judgement *j, struct machine_finding *out)
{
	uint32_t after;

	if (!gave_up_unseen(j, &after) || after >= AT_ONCE ||
	    !is_end_heard(j))
		return FINDING_NOT;
	show_unseen(j, out);
	out->value = after / JUDGE_SECOND;
	return FINDING_LIKELY;
}

enum finding_sureness
judge_not_taken_relayed(const struct judgement *j, struct machine_finding *out)
{
	uint32_t after;

	if (!gave_up_unseen(j, &after) || is_end_heard(j))
		return FINDING_NOT;
	show_unseen(j, out);
	return FINDING_LIKELY;
}

enum finding_sureness
judge_file_silent(const struct judgement *j, struct machine_finding *out)
{
	uint32_t after;

	if (!gave_up_unseen(j, &after) || after < AT_ONCE ||
	    !is_end_heard(j))
		return FINDING_NOT;
	show_unseen(j, out);
	out->value = after / JUDGE_SECOND;
	return FINDING_LIKELY;
}

/* GRUB takes its server from the lease alone. */
enum finding_sureness
judge_grub_server(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = j->file;
	const char *name = f == NULL ? "" : judge_name(j, f->name);

	if (j->found > 0 || f == NULL || j->b->grub_asked ||
	    j->lease == NULL || is_set(j->lease->next) || j->b->acks == 0 ||
	    (f->state != FILE_WHOLE && f->state != FILE_OPEN) ||
	    /* The machine was switched off before it was whole. */
	    (f->state == FILE_OPEN && f->repeats > 0) ||
	    !judge_is_over(j, FOLLOWS) ||
	    (strstr(name, "grub") == NULL &&
	    (f->content & CONTENT_GRUB) == 0))
		return FINDING_NOT;
	show(f, out);
	out->address[1] = j->lease->server;
	return FINDING_LIKELY;
}

/* It may be at a prompt, or in a menu: nobody can tell. */
enum finding_sureness
judge_asks_nothing(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_file *f = j->file;

	if (j->found > 0 || f == NULL || j->lease == NULL ||
	    is_set(j->lease->next) || j->b->acks == 0 ||
	    !is_boot_file(j, f) || j->b->client == MACHINE_IPXE ||
	    (f->state != FILE_WHOLE && f->state != FILE_OPEN) ||
	    j->b->end != END_OPEN || j->silent < FOLLOWS)
		return FINDING_NOT;
	show(f, out);
	out->address[1] = j->lease->server;
	return FINDING_NOTE;
}
