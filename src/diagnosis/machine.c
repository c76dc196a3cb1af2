#include "diagnosis/machine.h"

static const uint32_t hash_factor = 0x9e3779b1;	/* 2^32, golden ratio */
enum {
	HASH_SHIFT = 32 - 12,	/* leaves as many bits as MACHINE_HASHES has */
	BITS = 8,		/* in an octet */
};

_Static_assert(MACHINE_HASHES == 1 << 12, "HASH_SHIFT goes with it");

static unsigned
hash(uint32_t word)
{
	return (uint32_t)(word * hash_factor) >> HASH_SHIFT;
}

static unsigned
hash_mac(const uint8_t mac[FRAME_MAC])
{
	uint64_t word = frame_mac_word(mac);

	return hash((uint32_t)word ^ (uint32_t)(word >> 32) * 31);
}

static uint16_t
index_of(const struct machine_table *table, const struct machine *machine)
{
	return (uint16_t)(machine - table->row);
}

void
machine_table_init(struct machine_table *table)
{
	table->n = 0;
	table->breaks = 0;
	table->oldest = table->newest = MACHINE_NONE;
	memset(table->by_mac, 0xff, sizeof(table->by_mac));
	memset(table->by_address, 0xff, sizeof(table->by_address));
	memset(table->server, 0, sizeof(table->server));
}

struct machine *
machine_by_mac(struct machine_table *table, const uint8_t mac[FRAME_MAC])
{
	uint16_t i = table->by_mac[hash_mac(mac)];

	while (i != MACHINE_NONE) {
		if (memcmp(table->row[i].mac, mac, FRAME_MAC) == 0)
			return &table->row[i];
		i = table->row[i].mac_next;
	}
	return NULL;
}

struct machine *
machine_by_address(struct machine_table *table, struct in_addr address)
{
	uint16_t i;

	if (!is_set(address))
		return NULL;
	for (i = table->by_address[hash(address.s_addr)]; i != MACHINE_NONE;
	    i = table->row[i].address_next)
		if (table->row[i].address.s_addr == address.s_addr)
			return &table->row[i];
	return NULL;
}

/* Take a row out of a hash chain. */
static void
unchain(struct machine_table *table, uint16_t *link, uint16_t wanted,
    bool by_mac)
{
	while (*link != MACHINE_NONE && *link != wanted)
		link = by_mac ? &table->row[*link].mac_next :
		    &table->row[*link].address_next;
	if (*link == wanted)
		*link = by_mac ? table->row[wanted].mac_next :
		    table->row[wanted].address_next;
}

static void
forget_address(struct machine_table *table, struct machine *machine)
{
	if (!is_set(machine->address))
		return;
	unchain(table, &table->by_address[hash(machine->address.s_addr)],
	    index_of(table, machine), false);
	machine->address.s_addr = htonl(INADDR_ANY);
}

void
machine_set_address(struct machine_table *table, struct machine *machine,
    struct in_addr address)
{
	uint16_t *head = &table->by_address[hash(address.s_addr)];

	if (machine->address.s_addr == address.s_addr)
		return;
	forget_address(table, machine);
	if (!is_set(address))
		return;
	machine->address = address;
	machine->address_next = *head;
	*head = index_of(table, machine);
}

/* Take a row out of the order of silence. */
static void
unlink_row(struct machine_table *table, struct machine *machine)
{
	if (machine->older != MACHINE_NONE)
		table->row[machine->older].newer = machine->newer;
	else
		table->oldest = machine->newer;
	if (machine->newer != MACHINE_NONE)
		table->row[machine->newer].older = machine->older;
	else
		table->newest = machine->older;
}

static void
link_newest(struct machine_table *table, struct machine *machine)
{
	uint16_t i = index_of(table, machine);

	machine->older = table->newest;
	machine->newer = MACHINE_NONE;
	if (table->newest != MACHINE_NONE)
		table->row[table->newest].newer = i;
	else
		table->oldest = i;
	table->newest = i;
}

struct machine *
machine_oldest(struct machine_table *table)
{
	return table->n < MACHINE_ROWS ? NULL : &table->row[table->oldest];
}

struct machine *
machine_add(struct machine_table *table, const uint8_t mac[FRAME_MAC],
    int64_t now)
{
	struct machine *machine = machine_oldest(table);
	uint16_t *head = &table->by_mac[hash_mac(mac)];

	if (machine == NULL) {
		machine = &table->row[table->n++];
	} else {
		forget_address(table, machine);
		unchain(table, &table->by_mac[hash_mac(machine->mac)],
		    index_of(table, machine), true);
		unlink_row(table, machine);
	}
	/* The steps and the text count by n_steps and n_text. */
	memset(machine, 0, offsetof(struct machine, step));
	memcpy(machine->mac, mac, FRAME_MAC);
	machine->began = machine->seen = now;
	machine->began_breaks = machine->seen_breaks = table->breaks;
	machine->mac_next = *head;
	machine->address_next = MACHINE_NONE;
	table->uuid_tag[index_of(table, machine)] = 0;
	*head = index_of(table, machine);
	link_newest(table, machine);
	return machine;
}

void
machine_touch(struct machine_table *table, struct machine *machine,
    int64_t now)
{
	machine->seen = now;
	machine->seen_breaks = table->breaks;
	if (table->newest == index_of(table, machine))
		return;
	unlink_row(table, machine);
	link_newest(table, machine);
}

void
machine_set_uuid(struct machine_table *table, struct machine *machine,
    const uint8_t uuid[PXE_UUID_OCTETS])
{
	uint64_t word = span_hash((struct span){ uuid, PXE_UUID_OCTETS });

	machine->has_uuid = true;
	memcpy(machine->uuid, uuid, PXE_UUID_OCTETS);
	table->uuid_tag[index_of(table, machine)] = (uint16_t)(word | 1);
}

const struct machine *
machine_sibling(const struct machine_table *table, const struct machine *machine,
    const struct machine *after)
{
	uint16_t i = after == NULL ? 0 :
	    (uint16_t)(index_of(table, after) + 1), tag;

	if (!machine->has_uuid)
		return NULL;
	tag = table->uuid_tag[index_of(table, machine)];
	for (; i < table->n; i++)
		if (table->uuid_tag[i] == tag && &table->row[i] != machine &&
		    memcmp(table->row[i].uuid, machine->uuid,
		    PXE_UUID_OCTETS) == 0)
			return &table->row[i];
	return NULL;
}

struct machine_server *
machine_server_row(struct machine_table *table, struct in_addr server,
    int64_t now)
{
	struct machine_server *oldest = &table->server[0], *row;

	for (size_t i = 0; i < MACHINE_SERVERS; i++) {
		row = &table->server[i];
		if (row->is_used && row->server.s_addr == server.s_addr) {
			row->seen = now;
			return row;
		}
		if (!row->is_used || (oldest->is_used &&
		    row->seen < oldest->seen))
			oldest = row;
	}
	*oldest = (struct machine_server){ .server = server, .seen = now,
	    .is_used = true };
	return oldest;
}

static uint16_t
keep(struct machine *machine, struct span name)
{
	char *out = machine->text + machine->n_text;
	uint16_t at = 0;
	uint8_t octet;
	size_t n = 0;

	if (name.n == 0 || machine->n_text + MACHINE_NAME > MACHINE_TEXT)
		return 0;
	while (n < MACHINE_NAME - 1 && span_u8(&name, &octet)) {
		if (octet < ' ' || octet >= 0x7f)
			octet = '?';
		out[n++] = (char)octet;
	}
	out[n++] = '\0';
	/* A name that is kept already is not kept twice. */
	while (at < machine->n_text) {
		if (strcmp(machine->text + at, out) == 0)
			return (uint16_t)(at + 1);
		at = (uint16_t)(at + strlen(machine->text + at) + 1);
	}
	machine->n_text = (uint16_t)(machine->n_text + n);
	return (uint16_t)(at + 1);
}

/* Copy a name that stays to the new text. */
static void
carry(struct machine *machine, const char *old, uint16_t *name)
{
	if (*name != 0)
		*name = keep(machine, (struct span){
		    (const uint8_t *)(old + *name - 1),
		    strlen(old + *name - 1) });
}

/*
 * Make room for names: those that nothing but a step of the ladder names go.
 */
static void
compact(struct machine *machine)
{
	struct machine_boot *boot = &machine->boot;
	char old[MACHINE_TEXT];
	size_t i;

	memcpy(old, machine->text, sizeof(old));
	machine->n_text = 0;
	for (i = 0; i < machine->n_kept; i++) {
		carry(machine, old, &machine->kept[i].name[0]);
		carry(machine, old, &machine->kept[i].name[1]);
	}
	for (i = 0; i < boot->n_proxies; i++)
		carry(machine, old, &boot->proxy[i].file);
	for (i = 0; i < boot->n_files; i++)
		carry(machine, old, &boot->file[i].name);
	for (i = 0; i < boot->n_leases; i++)
		carry(machine, old, &boot->lease[i].file);
	carry(machine, old, &boot->ack.file);
	carry(machine, old, &boot->rule);
	carry(machine, old, &boot->near_rule);
	carry(machine, old, &boot->lookup);
	for (i = 0; i < MACHINE_STEPS; i++)
		machine->step[i].name = 0;
}

void
machine_begin(struct machine_table *table, struct machine *machine,
    int64_t now)
{
	memset(&machine->boot, 0, sizeof(machine->boot));
	compact(machine);
	machine->began = now;
	machine->began_breaks = table->breaks;
	machine->n_steps = machine->first_step = 0;
	memset(machine->told, 0, sizeof(machine->told));
	memset(machine->waiting, 0, sizeof(machine->waiting));
}

uint16_t
machine_keep(struct machine *machine, struct span name)
{
	if (machine->n_text + MACHINE_NAME > MACHINE_TEXT)
		compact(machine);
	return keep(machine, name);
}

const char *
machine_name(const struct machine *machine, uint16_t number)
{
	return number == 0 ? "" : machine->text + number - 1;
}

uint32_t
machine_name_hash(const char *name)
{
	return (uint32_t)span_hash((struct span){ (const uint8_t *)name,
	    strlen(name) });
}

bool
machine_name_ends(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return m <= n && strcmp(name + (n - m), end) == 0;
}

bool
machine_name_begins(const char *name, const char *begin)
{
	size_t n = strlen(begin);

	return strlen(name) >= n && memcmp(name, begin, n) == 0;
}

size_t
machine_kept(const struct machine *machine, uint8_t finding)
{
	size_t i = 0;

	while (i < machine->n_kept && machine->kept[i].id != finding)
		i++;
	return i;
}

bool
machine_was_told(const struct machine *machine, uint8_t finding)
{
	return (machine->told[finding / BITS] & 1u << finding % BITS) != 0;
}

void
machine_tell(struct machine *machine, uint8_t finding)
{
	machine->told[finding / BITS] |= (uint8_t)(1u << finding % BITS);
}

struct machine_step *
machine_next_step(struct machine *machine)
{
	size_t at = (size_t)(machine->first_step + machine->n_steps) %
	    MACHINE_STEPS;

	if (machine->n_steps < MACHINE_STEPS)
		machine->n_steps++;
	else
		machine->first_step = (uint16_t)((machine->first_step + 1) %
		    MACHINE_STEPS);
	return &machine->step[at];
}

const struct machine_step *
machine_step_at(const struct machine *machine, size_t i)
{
	return &machine->step[(machine->first_step + i) % MACHINE_STEPS];
}
