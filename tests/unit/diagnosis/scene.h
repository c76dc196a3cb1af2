#ifndef SCENE_H
#define SCENE_H

#include "unit/octets.h"

/*
 * scene.h - frames of a boot, from words: so that a broken network is a line
 * of a table.  Nothing here uses the code under test.
 *
 * A scene is a list of events with a ";" behind each.  An event is a time in
 * seconds, a verb and its words, in any order:
 *
 *	0 discover uefi		the machine's DISCOVER; also bios, ipxe, http,
 *				uboot, arm, efi-ipxe; secs=N, xid=N, no60
 *	.1 offer pool		of an address; also pool2; without: us, rival.
 *				next=A, file=F, 67=F (at the very end, without
 *				NUL), pxe, http, pxeopt, skips, prio, mask=A,
 *				router=A, dns=A, ip=A
 *	4 request		its REQUEST, to pool; to=A, no54
 *	4 ack, 4 nak		of pool; the words of offer
 *	4 ask us		its request to port 4011; xid=N
 *	4 told us		the answer to it; next=A, file=F
 *	4 decline, 4 system	a DECLINE; an operating system's DISCOVER
 *	4 arp A, 4 here A	who has A?; the answer; mac=other
 *	4 claim A		an ARP request of another machine as A
 *	5 rrq A F		TFTP: reads F from A; port=N, blksize=N
 *	5 oack, 5 data N, 5 tack N, 5 terror N, 5 abort
 *				of the last rrq; as=A: from that address;
 *				size=N, n=N octets; pe=hex: an EFI program of
 *				that machine; signed, grub, script
 *	5 unreachable A N	ICMP: port N of A; its last datagram to there;
 *				code=N, by=A
 *	5 syn A N, 5 synack, 5 rst, 5 get F, 5 head F, 5 status N
 *	5 dns N, 5 dnsok, 5 dnsno
 *	5 solicit		DHCPv6; http, class
 *	9 quiet			nothing, but it is that time
 *
 * An A is an address or one of the names pool, pool2, us, rival, files, gone,
 * client, gateway, relay, far.  Another machine takes part where an event has
 * the word "other".  Behind a relay the client and its gateway, which is the
 * relay, are in a network of their own, and everything passes through the
 * gateway.  Replies are broadcast if the client asked for that.
 */

/* Where the frames were seen. */
enum scene_place {
	SCENE_LINK,		/* on the machine's link */
	SCENE_TRUNK,		/* the same, with the tag of VLAN 7 */
	SCENE_RELAY,		/* on ours; the machine is behind a relay, and
				 * of its frames only those to us are here */
	SCENE_PORT,		/* at our own port of a switch on the machine's
				 * link: broadcasts, and what is ours */
	SCENE_RELAY_PORT,	/* the same, with the machine behind a relay */
	SCENE_FAR,		/* on the machine's link, which is behind a
				 * relay */
};

/* Takes a frame (n 0: none) and its time in micros. */
typedef void scene_take(void *context, struct span octets, int64_t when);

/* Play a scene; ends the test where a word is not understood. */
void scene_play(const char *scene, enum scene_place place, scene_take *take,
    void *context);

#define SCENE_OUR_ADDRESS "10.0.0.2"

#endif
