#ifndef DIAGNOSIS_MACHINE_H
#define DIAGNOSIS_MACHINE_H

#include "core/frame.h"
#include "core/pxe.h"
#include "core/span.h"
#include "core/verdict.h"

/*
 * machine.h - what has been seen of each machine's boot, in a bounded table.
 *
 * A machine is a MAC address.  Of its last boot, or of the last stage of it
 * (ROM, iPXE, HTTP Boot), the table keeps what the findings are judged by,
 * and the steps for a ladder.  Times are milliseconds since the machine's
 * boot began, unless they are called micros.  Pure: the caller's memory, no
 * clock.
 */

enum {
	MACHINE_ROWS = 4096,
	MACHINE_HASHES = 4096,		/* a power of two */
	MACHINE_NONE = 0xffff,		/* no row */
	MACHINE_STEPS = 26,		/* kept of a boot's ladder: the last */
	MACHINE_TEXT = 320,		/* octets of names, with their NULs */
	MACHINE_NAME = 64,		/* octets of one name, with its NUL */
	MACHINE_LEASES = 2,		/* address servers of one boot */
	MACHINE_PROXIES = 3,		/* boot servers of one boot */
	MACHINE_LOOKS = 4,		/* addresses looked for by ARP */
	MACHINE_FILES = 4,		/* the last files that were asked for */
	MACHINE_FINDINGS = 3,		/* kept of earlier boots */
	MACHINE_ADDRESSES = 3,		/* in a finding's sentence */
	MACHINE_WAITING = 4,		/* findings that are about to be told */
	MACHINE_TOLD = 16,		/* octets: a bit for each finding */
	MACHINE_EVIDENCE = 4,		/* frames that show it */
};

/* Who asks: it decides which clock the firmware keeps. */
enum machine_client {
	MACHINE_UEFI,		/* EDK2's PXE, and its like */
	MACHINE_BIOS,		/* a PXE ROM of a BIOS */
	MACHINE_IPXE,
	MACHINE_HTTP,		/* UEFI HTTP Boot */
	MACHINE_UBOOT,
	MACHINE_CLIENTS
};

/* The columns of a ladder. */
enum machine_lane {
	LANE_MACHINE,
	LANE_POOL,		/* address servers */
	LANE_OURS,		/* us, or the ProxyDHCP server that is there */
	LANE_OTHERS,		/* other servers, relays, routers, all */
	LANE_FILES,		/* TFTP, HTTP and DNS servers */
	LANES
};

enum machine_step_kind {
	STEP_DISCOVER,
	STEP_REQUEST,
	STEP_ASK_4011,
	STEP_DECLINE,
	STEP_RELEASE,
	STEP_INFORM,
	STEP_OFFER,		/* of an address */
	STEP_BOOT_OFFER,	/* of a file, without an address */
	STEP_ACK,
	STEP_BOOT_ACK,
	STEP_NAK,
	STEP_SILENT,		/* we do not answer: value is the verdict */
	STEP_LOOK,		/* ARP request; value: how many */
	STEP_LOOK_ANSWER,
	STEP_CONFLICT,		/* two machines with one address */
	STEP_UNREACHABLE,	/* value: the port */
	STEP_READ,		/* TFTP RRQ */
	STEP_READ_SIZE,		/* the same, for the size only */
	STEP_OPEN,		/* TFTP OACK or first block; value: size */
	STEP_WHOLE,		/* value: octets */
	STEP_TFTP_ERROR,	/* value: its code */
	STEP_ABORT,		/* TFTP error by the client */
	STEP_CONNECT,		/* SYN; value: the port */
	STEP_RESET,		/* RST */
	STEP_GET,
	STEP_STATUS,		/* value: HTTP status */
	STEP_LOOKUP,		/* DNS question */
	STEP_RESOLVED,
	STEP_UNRESOLVED,	/* value: DNS code */
	STEP_SOLICIT,		/* DHCPv6 */
	STEP_SYSTEM,		/* DHCP of the operating system */
	STEP_KINDS
};

/* One line of a ladder. */
struct machine_step {
	uint32_t at;		/* milliseconds since the boot began */
	uint32_t number;	/* of the frame; 0: live */
	struct in_addr address;
	uint32_t value;
	uint16_t name;		/* of machine_name(); 0: none */
	uint8_t kind;		/* of enum machine_step_kind */
	uint8_t from;		/* of enum machine_lane */
	uint8_t to;
	uint8_t more;		/* kind of client, or what a server says */
	uint16_t times;		/* so often in a row */
};

/* What a DHCP server said to this machine. */
enum machine_says {
	SAYS_PXE = 0x01,	/* option 60 PXEClient */
	SAYS_HTTP = 0x02,	/* option 60 HTTPClient */
	SAYS_PXE_OPTIONS = 0x04,	/* option 43 with PXE's sub-options */
	SAYS_FILE = 0x08,
	SAYS_HEADER_FILE = 0x10,
	SAYS_67_SPOILS = 0x20,	/* see event.c */
	SAYS_SKIPS = 0x40,	/* option 43: no discovery, no port 4011 */
	SAYS_PRIORITY = 0x80,	/* option 175: before the lease's file */
};

struct machine_lease {
	struct in_addr server, address, next, mask, router, dns;
	uint32_t at, number;
	uint16_t file;		/* a name */
	uint8_t says;
	uint8_t offers;		/* OFFERs of it, up to 255 */
};

struct machine_proxy {
	struct in_addr server;
	struct in_addr next;	/* of the OFFER, then of the ACK */
	uint32_t at;		/* of the first OFFER */
	uint32_t number, last_number;
	uint32_t after_discover;	/* the least, of all OFFERs */
	uint32_t asked_at;	/* first request on port 4011 */
	uint32_t asked_number;
	uint32_t answered_number;
	uint16_t file;
	uint8_t says;
	uint8_t offers;
	uint8_t asked;		/* requests on 4011 */
	uint8_t answered;
	uint8_t refused;	/* ICMP port unreachable for them */
	uint8_t unreachable;	/* the same, of the host or its network */
	struct in_addr teller;	/* who says that */
	uint8_t acks_refused;	/* ICMP unreachable for its answers */
	bool is_ours;
	bool has_menu;
};

/* An address that the machine looks for by ARP. */
struct machine_look {
	struct in_addr address;
	uint32_t at, last_at;
	uint32_t number, last_number;
	uint8_t count;
	uint8_t in_a_row;	/* of them, the last with short pauses */
	uint16_t row_lasts;	/* milliseconds of those, about */
	bool is_repeated;	/* it was asked again and again, in a row */
	bool is_answered;
	uint16_t third;		/* milliseconds from the first request to the
				 * third, at most UINT16_MAX */
};

enum machine_file_state {
	FILE_ASKED,
	FILE_SIZED,		/* asked for the size only, and told */
	FILE_OPEN,		/* octets come */
	FILE_WHOLE,
	FILE_ERROR,		/* the server says no: error, or HTTP status */
	FILE_REFUSED,		/* port unreachable, or connection reset */
	FILE_UNREACHABLE,	/* ICMP: host, network, or prohibited */
};

/* What the octets of a file say of it. */
enum machine_content {
	CONTENT_PE = 0x01,	/* an EFI program, of the machine in pe */
	CONTENT_SIGNED = 0x02,	/* with a certificate table */
	CONTENT_GRUB = 0x04,
	CONTENT_SCRIPT = 0x08,	/* of iPXE */
	CONTENT_SEEN = 0x10,	/* its first block was seen */
	CONTENT_BIOS = 0x20,	/* no EFI program */
};

struct machine_file {
	struct in_addr server;
	struct in_addr other;	/* that answered instead, or says that the
				 * server is unreachable; or 0.0.0.0 */
	uint32_t at, last_at;
	uint32_t number, last_number;
	uint32_t size;		/* as told, or as counted */
	uint32_t octets;	/* that came */
	uint16_t port;		/* the client's */
	uint16_t server_port;
	uint16_t name;
	uint16_t block_size;
	uint16_t block;		/* the last that came */
	uint16_t code;		/* of the error, of ICMP, or the HTTP status */
	uint16_t pe;		/* IMAGE_FILE_MACHINE_... */
	uint8_t state;		/* of enum machine_file_state */
	uint8_t asks;		/* how often it was asked */
	uint8_t repeats;	/* of one block, or of one ACK */
	uint8_t repeated_acks;	/* of the client, for the last block */
	uint16_t acked_block;
	uint8_t content;	/* of enum machine_content */
	bool is_http;
	bool is_size_only;	/* the last question wants the size */
	bool was_sized;
	bool acked;		/* a block was acknowledged; the connection
				 * made */
	bool options_acked;	/* block 0: the server's options */
	bool was_connected;	/* the server took the connection */
	bool is_broken_off;	/* by the server: port unreachable, reset */
};

/* Why a boot, or a stage of it, was over. */
enum machine_end {
	END_OPEN,		/* it is not */
	END_AGAIN,		/* the machine begins anew */
	END_GAVE_UP,		/* the firmware goes on to something else */
	END_NEXT_STAGE,		/* what was fetched asks itself */
	END_SYSTEM,		/* an operating system runs */
};

struct machine_boot {
	uint8_t client;		/* of enum machine_client */
	uint8_t end;		/* of enum machine_end */
	bool has_arch;
	bool is_broadcast;	/* the client wants answers by broadcast */
	bool is_relayed;
	bool lacks_class;	/* PXE options, but no option 60 */
	bool saw_unicast;	/* unicast between it and others than us */
	bool saw_arp;
	bool is_chained;	/* not the ROM: a stage before it was seen */
	bool is_configured;	/* GRUB or PXELINUX found a configuration */
	bool fetched;		/* a server of files gave it one, or its size */
	bool is_fallback;	/* HTTP after PXE, or PXE after HTTP */
	bool address_taken;	/* somebody else has its address */
	bool ours_taken;	/* somebody else has ours */
	bool declined;
	bool relay_lost;	/* ICMP: our OFFER does not reach the relay */
	bool searched;		/* a configuration by names that are many */
	bool grub_asked;	/* for a file of GRUB's */
	bool late_offer;	/* ours came after its REQUEST */
	bool reached_others;	/* relayed to another server than us */
	bool reached_us;
	bool round_lease, round_boot;	/* OFFERs since the last DISCOVER */
	bool heard_v6_first;	/* PXE over IPv6 before any over IPv4 */
	bool has_gaps;		/* live: frames of it may have been lost */
	bool v6_boot_file;	/* a DHCPv6 server gives it one */
	bool is_decided;	/* a rule of ours decided on it */
	bool by_mac;		/* one for its MAC address */
	bool has_near;		/* there is one for an address beside it */
	uint8_t near_mac[FRAME_MAC];
	uint16_t near_rule;	/* a name */
	uint8_t discovers, requests, acks, naks, solicits;
	uint8_t full_rounds;	/* DISCOVERs after a round in which both
				 * OFFERs came in time */
	uint8_t verdict;	/* why we are silent; 0: we are not */
	uint16_t arch;
	uint16_t first_secs, last_secs;
	uint16_t vlan;
	uint16_t rule;		/* a name, of the rule that decided */
	uint16_t lookup;	/* a name: asked of DNS */
	uint8_t lookups;
	bool lookup_failed, lookup_answered;
	uint32_t xid;
	uint32_t first_discover, last_discover;
	uint32_t discover_number, last_discover_number;
	uint32_t request_at, last_request_at;
	uint32_t request_number, last_request_number;
	uint32_t ack_at, ack_number;
	uint32_t nak_number;
	uint32_t verdict_number;
	uint32_t conflict_number;
	uint32_t end_at, end_number;
	uint32_t lookup_number;
	struct in_addr relay;
	struct in_addr reply_relay;	/* of replies on the machine's link */
	struct in_addr chosen;	/* address server of the REQUEST */
	struct in_addr nak_server;
	struct in_addr name_server;
	bool chosen_in_request;	/* the REQUEST names one */
	bool lacks_wanted;	/* the REQUEST names no address */
	uint8_t n_leases, n_proxies, n_looks, n_files;
	struct machine_lease lease[MACHINE_LEASES];
	struct machine_lease ack;
	struct machine_proxy proxy[MACHINE_PROXIES];
	struct machine_look look[MACHINE_LOOKS];
	struct machine_file file[MACHINE_FILES];	/* the last is the
							 * newest */
};

/* A finding that is kept, or told. */
struct machine_finding {
	uint8_t id;		/* of enum finding_id */
	uint8_t sureness;	/* of enum finding_sureness */
	uint16_t name[2];
	uint32_t value;
	struct in_addr address[MACHINE_ADDRESSES];
	uint8_t mac[FRAME_MAC];	/* of another card */
	/* Frames; live, milliseconds since that boot began, and one more; 0:
	 * none. */
	uint32_t evidence[MACHINE_EVIDENCE];
};

/* Live: a finding that is told if it still holds after a while. */
struct machine_wait {
	int64_t since;		/* micros; 0: none waits here */
	uint8_t id;
};

struct machine {
	uint8_t mac[FRAME_MAC];
	bool has_uuid;
	bool has_booted;	/* an earlier stage or boot came so far that
				 * a file was fetched whole */
	uint8_t uuid[PXE_UUID_OCTETS];
	uint16_t mac_next, address_next;	/* in their hash chains */
	uint16_t older, newer;			/* in the order of silence */
	uint16_t boots;
	uint8_t stages;		/* of this boot */
	uint8_t loops;		/* stages that were offered the same file */
	uint32_t loop_file;	/* machine_name_hash() of it */
	struct in_addr address;
	int64_t began, seen;	/* micros */
	uint32_t began_breaks, seen_breaks;	/* table->breaks then */
	uint32_t request_key;	/* of the last request: see follow.c */
	uint32_t requested;	/* milliseconds; only differences count */
	uint8_t n_kept;
	uint8_t told[MACHINE_TOLD];	/* live: a bit for each finding of this
					 * boot that was told */
	struct machine_finding kept[MACHINE_FINDINGS];
	bool kept_told[MACHINE_FINDINGS];	/* live: each of them */
	struct machine_wait waiting[MACHINE_WAITING];	/* live: to be told */
	uint16_t n_steps, first_step;
	uint16_t n_text;
	struct machine_boot boot;
	struct machine_step step[MACHINE_STEPS];
	char text[MACHINE_TEXT];
};

/* What an address server says to all, remembered for machines whose OFFERs
 * are not seen. */
struct machine_server {
	struct in_addr server, next;
	int64_t seen;		/* micros */
	uint32_t offers;
	uint32_t acks;
	uint16_t vlan;		/* where it was heard last */
	uint8_t says;
	bool is_used;
};

enum { MACHINE_SERVERS = 32 };

struct machine_table {
	uint32_t breaks;	/* so often the clock was set */
	uint16_t n;			/* rows in use */
	uint16_t oldest, newest;	/* in the order of silence */
	uint16_t by_mac[MACHINE_HASHES];
	uint16_t by_address[MACHINE_HASHES];
	uint16_t uuid_tag[MACHINE_ROWS];	/* a hash of the row's UUID; 0:
						 * it has none */
	struct machine row[MACHINE_ROWS];
	struct machine_server server[MACHINE_SERVERS];
};


_Static_assert(sizeof(struct machine_table) < 8 * 1024 * 1024,
    "4,096 machines take less than 8 MiB");

void machine_table_init(struct machine_table *table);

/* The row of a MAC address, or NULL. */
struct machine *machine_by_mac(struct machine_table *table,
    const uint8_t mac[FRAME_MAC]);

/* The row of the machine that has, or was last given, an address; or NULL. */
struct machine *machine_by_address(struct machine_table *table,
    struct in_addr address);

/* The row that machine_add() will take: NULL while there are free ones. */
struct machine *machine_oldest(struct machine_table *table);

/* A new row, emptied, in place of the one that was silent for longest. */
struct machine *machine_add(struct machine_table *table,
    const uint8_t mac[FRAME_MAC], int64_t now);

/* It was heard of: now it is the last to go. */
void machine_touch(struct machine_table *table, struct machine *machine,
    int64_t now);

void machine_set_address(struct machine_table *table,
    struct machine *machine, struct in_addr address);

void machine_set_uuid(struct machine_table *table, struct machine *machine,
    const uint8_t uuid[PXE_UUID_OCTETS]);

/* Another row of the same UUID, after this one; NULL: no more. */
const struct machine *machine_sibling(const struct machine_table *table,
    const struct machine *machine, const struct machine *after);

/* The row of an address server, made if need be. */
struct machine_server *machine_server_row(struct machine_table *table,
    struct in_addr server, int64_t now);

/*
 * Begin a new boot in the row: nothing of the old one stays but the names of
 * the findings that are kept.
 */
void machine_begin(struct machine_table *table, struct machine *machine,
    int64_t now);

/* Keep a name, cut to MACHINE_NAME and of printable octets; its number. */
uint16_t machine_keep(struct machine *machine, struct span name);

/* The name of that number; "" for 0. */
const char *machine_name(const struct machine *machine, uint16_t number);

/* A number that differs where two names do, nearly always. */
uint32_t machine_name_hash(const char *name);

/* Has the name this end, or this beginning? */
bool machine_name_ends(const char *name, const char *end);
bool machine_name_begins(const char *name, const char *begin);

/* The place of a finding among those that are kept; n_kept: it is not. */
size_t machine_kept(const struct machine *machine, uint8_t finding);

/* Live: was the finding of that number told of this boot?  It is by now. */
bool machine_was_told(const struct machine *machine, uint8_t finding);
void machine_tell(struct machine *machine, uint8_t finding);

/* Where of a boot a step goes: the next one of the ring. */
struct machine_step *machine_next_step(struct machine *machine);

/* The step of this number from the oldest that is kept, 0 on. */
const struct machine_step *machine_step_at(const struct machine *machine,
    size_t i);

#endif
