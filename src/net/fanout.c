#include "net/fanout.h"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stddef.h>
#include <sys/socket.h>

enum {
	TAG = 4,		/* octets of a VLAN tag */
	UDP = 8,		/* octets of its header */
	CHADDR = 28,		/* its place in a BOOTP message */
	VENDOR = 2,		/* octets that machines of one make share */
};

/*
 * What follows the Ethernet header and the outer VLAN tag, which the kernel
 * has taken away by then.  These are the kernel's numbers for it, as in a
 * filter's instruction.
 */
#define NET(at) ((unsigned)SKF_NET_OFF + (at))
#define ETHERTYPE ((unsigned)(SKF_AD_OFF + SKF_AD_PROTOCOL))

/* The length of the IPv4 header there into X; then what is found behind it. */
#define LOAD_IP_LENGTH(at) BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, NET(at))
#define LOAD_CLIENT(at) \
	BPF_STMT(BPF_LD | BPF_W | BPF_IND, NET((at) + UDP + CHADDR + VENDOR))

/*
 * A number for each client, which the kernel divides by that of the members
 * to take the rest.  A load from beyond the frame's end ends it with 0.
 */
static struct sock_filter spread[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ETHERTYPE),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 7, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021Q, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021AD, 0, 10),
	/* An inner tag: its number, and the type of what it is before. */
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, NET(2)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 8),
	LOAD_IP_LENGTH(TAG),
	LOAD_CLIENT(TAG),
	BPF_JUMP(BPF_JMP | BPF_JA, 2, 0, 0),
	/* No inner tag. */
	LOAD_IP_LENGTH(0),
	LOAD_CLIENT(0),
	/* Neighbours in a rack have neighbouring addresses: mix them well. */
	BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 2654435761u),
	BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
	BPF_STMT(BPF_RET | BPF_A, 0),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static struct sock_filter gather[] = { BPF_STMT(BPF_RET | BPF_K, 0) };

static bool
become_member(int descriptor, unsigned group, unsigned flags)
{
	unsigned how = group | (PACKET_FANOUT_CBPF | flags) << 16;

	return setsockopt(descriptor, SOL_PACKET, PACKET_FANOUT, &how,
	    sizeof(how)) == 0;
}

int
fanout_found(int descriptor)
{
	int how;
	socklen_t n = sizeof(how);

	if (!become_member(descriptor, 0, PACKET_FANOUT_FLAG_UNIQUEID) ||
	    getsockopt(descriptor, SOL_PACKET, PACKET_FANOUT, &how, &n) < 0)
		return -1;
	return how & 0xffff;
}

bool
fanout_join(int descriptor, unsigned group)
{
	return become_member(descriptor, group, 0);
}

static bool
set_program(int descriptor, struct sock_filter *step, size_t n)
{
	struct sock_fprog program = { (unsigned short)n, step };

	return setsockopt(descriptor, SOL_PACKET, PACKET_FANOUT_DATA,
	    &program, sizeof(program)) == 0;
}

bool
fanout_spread(int descriptor)
{
	return set_program(descriptor, spread,
	    sizeof(spread) / sizeof(spread[0]));
}

bool
fanout_gather(int descriptor)
{
	return set_program(descriptor, gather,
	    sizeof(gather) / sizeof(gather[0]));
}
