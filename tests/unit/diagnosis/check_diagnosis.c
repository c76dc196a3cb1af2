#include <check.h>

#include "diagnosis/diagnosis.h"
#include "diagnosis/finding.h"
#include "unit/diagnosis/scene.h"
#include "unit/suite.h"

/*
 * Each row is a network as it is broken, or is not; and what is found, on the
 * machine's link, on a trunk with its VLAN's tag, and on our link with the
 * machine behind a relay.
 */

#define UEFI "0 discover uefi; 0 offer us; .1 offer pool;"
#define LEASED UEFI "4 request; 4 ack;"
#define TOLD LEASED "4.1 arp us; 4.1 here us; 4.1 ask us; 4.1 told us;"
#define ASKS TOLD "5.1 arp files; 5.1 here files; 5.1 rrq files BOOTX64.EFI;"
#define OPENS ASKS "5.1 oack; 5.1 tack 0;"
#define WHOLE OPENS "5.2 data 1; 5.2 tack 1;"
#define IPXE "0 discover ipxe; 0 offer us file=boot.ipxe next=files;" \
	".01 offer pool; .01 request; .01 ack; .02 arp client;"
#define SCRIPT IPXE "16 arp files; 16 here files; 16 rrq files boot.ipxe;" \
	"16 data 1 script; 16 tack 1;"
#define HTTP "0 discover http; 0 offer us http file=http://10.0.0.3/x.efi;" \
	".1 offer pool; 4 request; 4 ack;"
#define ROUNDS "0 discover uefi; 4 discover uefi secs=4;" \
	"12 discover uefi secs=12; 28 discover uefi secs=28;"
#define OFFERED "0 discover uefi; 0 offer us; 4 discover uefi secs=4;" \
	"4 offer us; 12 discover uefi secs=12; 12 offer us;" \
	"28 discover uefi secs=28; 28 offer us;"
#define HTTP_LATER "70 discover http xid=3; 70 offer us http xid=3 " \
	"file=http://10.0.0.3/x.efi; 70 offer pool xid=3; 71 quiet;"
#define IPXE_STAGE(at, xid) #at ".0 discover ipxe xid=" #xid ";" \
	#at ".0 offer us file=undionly.kpxe next=files;" #at ".0 offer pool;" \
	#at ".1 request ipxe;" #at ".1 ack;" \
	#at ".16 rrq files undionly.kpxe;" #at ".16 data 1;"
#define LOOKS(at, whom) #at ".0 arp " whom ";" #at ".5 arp " whom ";" \
	#at ".9 arp " whom ";" #at ".95 arp " whom ";"
#define NOTHING NULL		/* that place cannot have it */
#define BOOTS ""
#define GOES_ON_1 "the IPv4 round is not heard, HTTP Boot is"
#define GOES_ON_2 "another of its cards boots"

static const struct {
	const char *what;
	const char *scene;
	const char *link;	/* what is found there; "": nothing */
	const char *relay;	/* NULL: it cannot be so behind a relay */
} rows[] = {
	/* No lease. */
	{ "no address server", OFFERED, "no-address-server",
	    "offers-to-relay-lost" },
	{ "no address server, iPXE", "0 discover ipxe; 1 discover ipxe;"
	    "3 discover ipxe; 7 discover ipxe; 15 discover ipxe;",
	    "no-address-server", "no-address-server" },
	{ "an address server that serves others", "0 discover uefi other;"
	    "0 offer pool other; 0 discover uefi; 0 offer us;"
	    "4 discover uefi secs=4; 12 discover uefi secs=12; 13 quiet;",
	    "pool-silent-for-machine", NOTHING },
	{ "NAK", UEFI "4 request; 4 nak; 10 quiet;", "lease-refused",
	    NOTHING },
	{ "a NAK of a server that was not chosen", UEFI
	    "4 request; 4 nak pool2; 4 ack; 4.1 ask us; 4.1 told us; 5 quiet;",
	    BOOTS, NOTHING },
	{ "NAK, and on to IPv6 and HTTP Boot", UEFI
	    "4 request; 4 nak; 5 solicit; 9 solicit; 17 solicit; 33 solicit;"
	    HTTP_LATER, "lease-refused", "request-4011-lost" },
	{ "no ACK", UEFI "4 request; 8 request; 16 request; 17 quiet;",
	    "offer-without-ack", "offer-without-ack" },
	{ "two address servers of two networks",
	    "0 discover uefi; 0 offer us; 0 offer pool2 ip=192.168.7.7 "
	    "mask=255.255.255.0 router=192.168.7.1;"
	    ".1 offer pool mask=255.255.255.0;"
	    "4 request to=pool2 ip=192.168.7.7; 20 quiet;",
	    "two-address-servers", NOTHING },
	{ "DECLINE", LEASED "5 decline; 15 quiet;", "address-declined",
	    "address-declined" },
	{ "the address is in use", TOLD "4.5 claim client; 12 quiet;",
	    "address-in-use", NOTHING },

	/* Our answers. */
	{ "our OFFERs are dropped",
	    "0 discover uefi; 0 offer us; .1 offer pool;"
	    "4 discover uefi secs=4; 4 offer us; 4.1 offer pool;"
	    "12 discover uefi secs=12; 12 offer us; 12.1 offer pool;"
	    "28 discover uefi secs=28; 29 quiet;", "our-offers-lost",
	    "offers-to-relay-lost" },
	{ "our OFFERs are dropped, and the pool has a file of its own",
	    "0 discover uefi; 0 offer us; .1 offer pool next=gone file=x.efi;"
	    "4 request; 4 ack next=gone file=x.efi;" LOOKS(5, "gone")
	    "12 quiet;", "our-offers-lost", NOTHING },
	{ "our OFFERs are dropped on the way, and the pool has a file",
	    "0 discover uefi; .1 offer pool next=gone file=x.efi;"
	    "4 request; 4 ack next=gone file=x.efi;" LOOKS(5, "gone")
	    "12 quiet;", "pool-gives-file", NOTHING },
	{ "our OFFERs are dropped, iPXE",
	    "0 discover ipxe; 0 offer us file=boot.ipxe next=files;"
	    "0 offer pool; 1 discover ipxe; 1 offer us; 3 request; 3 ack;"
	    "3.1 arp gateway; 30 quiet;", "our-offers-lost", NOTHING },
	{ "no ProxyDHCP at all", "0 discover uefi; .1 offer pool;"
	    "4 discover uefi secs=4; 4.1 offer pool;"
	    "12 discover uefi secs=12; 13 quiet;", "no-boot-offer", NOTHING },
	{ "no ProxyDHCP at all, iPXE", "0 discover ipxe; .1 offer pool;"
	    "1 discover ipxe; 3 request; 3 ack; 9 quiet;", "no-boot-offer",
	    NOTHING },
	{ "our OFFERs to the relay meet nobody", "0 discover uefi; 0 offer us;"
	    "0 relay-refuses; 4 discover uefi secs=4;", NOTHING,
	    "offers-to-relay-lost" },
	{ "our ACKs do not arrive", LEASED "4.1 ask us; 4.1 told us;"
	    "5.1 ask us; 5.1 told us; 7.1 ask us; 7.1 told us; 10.1 ask us;"
	    "10.1 told us; 14 quiet;", "acks-lost", "acks-lost" },
	{ "the request to port 4011 does not arrive",
	    LEASED "4.1 arp us; 4.1 here us; 14 quiet;", "request-4011-lost",
	    NOTHING },
	{ "the request to port 4011 is asked, and nobody answers",
	    LEASED "4.1 ask us; 5.1 ask us; 7.1 ask us; 10.1 ask us; 15 quiet;",
	    "port-4011-silent", "port-4011-silent" },
	{ "we are in another network, and there is no gateway",
	    "0 discover uefi; 0 offer us; .1 offer pool ip=192.168.7.7 "
	    "mask=255.255.255.0; 4 request ip=192.168.7.7;"
	    "4 ack ip=192.168.7.7 mask=255.255.255.0; 9 quiet;",
	    "no-route-to-us", NOTHING },
	{ "somebody else has our address", LEASED
	    "4.1 arp us; 4.1 here us mac=other; 14 quiet;",
	    "our-address-taken", NOTHING },
	{ "somebody else has our address, seen from our port", LEASED
	    "4.1 arp us; 5 claim us; 6 quiet; 14 quiet;", "our-address-taken",
	    NOTHING },
	{ "our OFFER is late, iPXE", "0 discover ipxe; 0 offer pool;"
	    "1 discover ipxe; 3 request; 3 ack;"
	    "3.1 offer us file=boot.ipxe next=files; 9 quiet;",
	    "our-offer-late", NOTHING },

	{ "a router has no way to us", LEASED "4.1 ask us;"
	    "4.1 unreachable us 4011 code=0 by=gateway; 5.1 ask us; 7 ask us;"
	    "12 quiet;", "no-route-to-us", NOTHING },
	{ "our OFFER is late, and UEFI takes the pool's file",
	    "0 discover uefi; 0 offer pool next=pool file=z.efi; 4 request;"
	    "4.5 offer us; 4.5 ack next=pool file=z.efi; 5 rrq pool z.efi;"
	    "5 terror 1; 12 solicit;", "our-offer-late", NOTHING },
	{ "our OFFERs are dropped, a ROM of a BIOS", "0 discover bios;"
	    "0 offer us skips file=pxelinux.0; .1 offer pool; 1 arp us other;"
	    "4 discover bios secs=4; 4 offer us skips file=pxelinux.0;"
	    "4.1 offer pool; 12 request; 12 ack; 30 quiet;",
	    "our-offers-lost", NOTHING },

	/* Its requests. */
	{ "only late rounds are heard", "0 discover uefi secs=28; 0 offer us;"
	    "25 quiet;", "port-not-forwarding", NOTHING },
	{ GOES_ON_1,
	    "0 solicit; 4 solicit; 12 solicit; 60 discover http; 66 quiet;",
	    "port-not-forwarding", NOTHING },
	{ "the relay passes it to the address server only",
	    "0 discover uefi relayed at=pool; 4 discover uefi relayed at=pool "
	    "secs=4;", "relay-passes-us-over", NOTHING },
	{ "the relay strips option 60", "0 discover uefi no60;"
	    "4 discover uefi no60 secs=4;", NOTHING,
	    "relay-strips-option-60" },

	/* Somebody else wins. */
	{ "the pool says PXEClient, and asks itself",
	    "0 discover uefi; 0 offer us; .1 offer pool pxe; 4 request;"
	    "4 ack pxe; 4.1 ask pool; 5.1 ask pool; 7.1 ask pool;"
	    "10.1 ask pool; 13 quiet;", "pool-says-pxeclient", NOTHING },
	{ "the same, seen from our port",
	    "0 discover uefi; 0 offer us; .1 offer pool pxe next=gone;"
	    "4 request; 4 ack pxe next=gone;" LOOKS(4, "gone") "12 solicit;",
	    "pool-says-pxeclient", NOTHING },
	{ "the same, port unreachable",
	    "0 discover uefi; 0 offer us; .1 offer pool pxe; 4 request;"
	    "4 ack pxe; 4.1 ask pool; 4.1 unreachable pool 4011; 14 quiet;",
	    "pool-says-pxeclient", NOTHING },
	{ "the same, a ROM of a BIOS from our port", "0 discover bios;"
	    "0 offer us skips file=p.0 next=files; .1 offer pool pxe;"
	    "4 request; 4 ack pxe; 4.1 arp pool; 60 quiet;",
	    "pool-says-pxeclient", NOTHING },
	{ "the same, iPXE from our port", "0 discover ipxe;"
	    "0 offer us file=boot.ipxe next=files; .1 request;"
	    ".2 arp pool; 30 quiet;", "pool-says-pxeclient", NOTHING },
	{ "the pool has PXE options",
	    "0 discover uefi; 0 offer us; .1 offer pool pxe pxeopt; 4 request;"
	    "4 ack pxe pxeopt; 20 solicit;", "pool-has-pxe-options",
	    NOTHING },
	{ "the pool's file wins, iPXE", "0 discover ipxe;"
	    "0 offer us file=boot.ipxe next=files;"
	    ".1 offer pool next=pool file=wrong.0; .2 request;"
	    ".2 ack next=pool file=wrong.0; 1 rrq pool wrong.0; 1 terror 1;"
	    "10 quiet;", "pool-gives-file", NOTHING },
	{ "option 67 spoils the pool's OFFER", "0 discover uefi;"
	    "0 offer pool 67=x.efi; .5 offer us; 4 request no54;"
	    "8 request no54; 16 request no54;", "pool-option-67", NOTHING },
	{ "option 67 spoils it, and the REQUEST shows it",
	    "0 discover uefi; 0 offer pool 67=x.efi; .5 offer us;"
	    "4 request no54 ip=nobody; 8 request no54 ip=nobody;"
	    "16 request no54 ip=nobody; 20 quiet;", "pool-option-67",
	    "pool-option-67" },
	{ "a rival that does not answer",
	    "0 discover uefi; 0 offer rival file=other.efi; 0 offer us;"
	    ".1 offer pool; 4 request; 4 ack; 4.1 ask rival; 5.1 ask rival;"
	    "7.1 ask rival; 10.1 ask rival; 20 solicit;", "rival-proxy",
	    NOTHING },
	{ "a second copy of us, whose file is not there",
	    "0 discover uefi; 0 offer rival; 0 offer us;"
	    ".1 offer pool; 4 request; 4 ack; 4.1 ask rival; 4.1 told rival;"
	    "5 rrq files BOOTX64.EFI; 5 terror 1; 12 quiet;", "second-copy",
	    NOTHING },
	{ "a rival, seen from our port", "0 discover uefi;"
	    "0 offer rival file=other.efi; 0 offer us;"
	    ".1 offer pool; 4 request; 4 ack; 4.1 arp rival; 16 solicit;",
	    "rival-proxy", NOTHING },
	{ "HTTP Boot offers of the pool", "0 discover http;"
	    "0 offer us http file=http://10.0.0.3/x.efi;"
	    ".1 offer pool http file=http://10.0.0.9/y.efi; 4 request;"
	    "4 ack http file=http://10.0.0.9/y.efi; 20 solicit http;",
	    "pool-offers-http", NOTHING },
	{ "iPXE is given iPXE", IPXE
	    "20 discover ipxe; 20 offer us file=boot.ipxe; 20 request; 20 ack;"
	    "40 discover ipxe; 40 offer us file=boot.ipxe; 40 request; 40 ack;"
	    "60 discover ipxe; 60 offer us file=boot.ipxe; 60 request;",
	    "ipxe-given-ipxe", "ipxe-given-ipxe" },

	{ "iPXE is given iPXE, as its name says", IPXE_STAGE(0, 1)
	    IPXE_STAGE(18, 2) IPXE_STAGE(36, 3) "55 quiet;",
	    "ipxe-given-ipxe", "ipxe-given-ipxe" },

	/* What is offered cannot be. */
	{ "a BIOS file for UEFI", "0 discover uefi;"
	    "0 offer us file=pxelinux.0; .1 offer pool; 4 request; 4 ack;"
	    "4.1 ask us; 4.1 told us file=pxelinux.0;"
	    "5 rrq files pxelinux.0; 5 data 1; 5 tack 1; 6 solicit;",
	    "bios-file-for-uefi", "" },
	{ "a BIOS file for iPXE of a UEFI machine", "0 discover efi-ipxe;"
	    "0 offer us file=pxelinux.0 next=files; .1 offer pool;"
	    ".1 request efi-ipxe; .1 ack; 16 rrq files pxelinux.0;"
	    "16 data 1; 16 tack 1; 30 quiet;", "bios-file-for-uefi",
	    "bios-file-for-uefi" },
	{ "a UEFI file for a BIOS", "0 discover bios;"
	    "0 offer us skips next=files file=x.efi; .1 offer pool; 4 request;"
	    "4 ack; 5 rrq files x.efi; 5 data 1 pe=0x8664 n=400; 5 tack 1;"
	    "10 quiet;", "uefi-file-for-bios", "uefi-file-for-bios" },
	{ "a UEFI file for iPXE on a BIOS", "0 discover ipxe;"
	    "0 offer us next=files file=x.efi; .1 offer pool; .1 request ipxe;"
	    ".1 ack; 16 rrq files x.efi; 16 data 1 pe=0x8664 n=400;"
	    "16 tack 1; 30 quiet;", "uefi-file-for-bios",
	    "uefi-file-for-bios" },
	{ "a URL for a ROM", "0 discover uefi;"
	    "0 offer us file=http://10.0.0.3/x.efi; .1 offer pool; 4 request;"
	    "4 ack; 4.1 ask us; 4.1 told us file=http://10.0.0.3/x.efi;"
	    "10 quiet;", "url-for-rom", "url-for-rom" },

	/* The file. */
	{ "the next-server is not there", TOLD LOOKS(5, "files") "10 quiet;",
	    "next-server-absent", NOTHING },
	{ "the gateway is not there",
	    "0 discover uefi; 0 offer us; .1 offer pool router=gateway;"
	    "4 request; 4 ack router=gateway; 4.1 ask us; 4.1 told us next=far;"
	    LOOKS(5, "gateway") "10 quiet;", "gateway-absent", NOTHING },
	{ "the next-server is in another network, without gateway",
	    "0 discover uefi; 0 offer us; .1 offer pool mask=255.255.255.0;"
	    "4 request; 4 ack mask=255.255.255.0; 4.1 ask us;"
	    "4.1 told us next=far; 10 quiet;", "next-server-no-route",
	    NOTHING },
	{ "the host of a URL is not there", HTTP LOOKS(5, "files")
	    "20 solicit http;", "next-server-absent", NOTHING },
	{ "the host of a URL is in another network, without gateway",
	    "0 discover http; 0 offer us http file=http://172.16.0.9/x.efi;"
	    ".1 offer pool mask=255.255.255.0; 4 request;"
	    "4 ack mask=255.255.255.0; 20 solicit http;",
	    "next-server-no-route", NOTHING },
	{ "a router has no way to the next-server", LEASED "4.1 ask us;"
	    "4.1 told us next=far; 5 rrq far BOOTX64.EFI;"
	    "5.1 unreachable far 69 code=1 by=gateway; 12 quiet;",
	    "next-server-no-route", NOTHING },
	{ "no TFTP server", ASKS "5.1 unreachable files 69; 10 quiet;",
	    "tftp-refused", "tftp-refused" },
	{ "TFTP does not answer", ASKS "9 rrq files BOOTX64.EFI;"
	    "13 rrq files BOOTX64.EFI; 17 rrq files BOOTX64.EFI;",
	    "tftp-silent", "tftp-silent" },
	{ "TFTP answers from another address", ASKS "5.1 oack as=gone;"
	    "9 rrq files BOOTX64.EFI; 9 oack as=gone; 15 quiet;",
	    "tftp-other-address", "tftp-other-address" },
	{ "the same, where only what it looks for is heard",
	    TOLD "5 arp files; 5.1 arp gone; 5.5 arp gone; 6 arp gone;"
	    "9 arp gone; 13.5 arp gone; 18 arp gone; 22.5 arp gone;"
	    "28 arp gone; 28.5 arp gone; 29 arp gone; 29.5 solicit http;",
	    "tftp-other-address", NOTHING },
	{ "a host that its program names is not there, likewise",
	    TOLD "5 arp files; 6 arp gone; 6.5 arp gone; 7 arp gone;"
	    "8 arp gone; 20 quiet;", "script-host-absent", NOTHING },
	{ "TFTP's answers do not arrive", ASKS "5.1 oack; 6 oack; 7 oack;"
	    "8 oack; 10 quiet;", "tftp-answers-lost", "tftp-answers-lost" },
	{ "large blocks are lost", OPENS "5.2 data 1 n=1468; 6 data 1 n=1468;"
	    "7 data 1 n=1468; 8 data 1 n=1468; 9 tack 0;",
	    "large-blocks-lost", "large-blocks-lost" },
	{ "large blocks of a window are lost", OPENS "5.2 data 1 n=1468;"
	    "5.2 data 2 n=1468; 5.2 data 3 n=1468; 9 data 1 n=1468;"
	    "9 data 2 n=1468; 9 data 3 n=1468; 13 data 1 n=1468;",
	    "large-blocks-lost", "large-blocks-lost" },
	{ "large blocks are lost, at the machine", OPENS "6 tack 0; 8 tack 0;"
	    "12 tack 0;", "large-blocks-lost", "large-blocks-lost" },
	{ "the file is missing", ASKS "5.1 terror 1; 10 quiet;",
	    "file-missing", "file-missing" },
	{ "the file is missing, and it goes on at once",
	    ASKS "5.1 terror 1; 5.2 solicit;", "file-missing", NOTHING },
	{ "the file is missing, and it goes on to HTTP Boot",
	    ASKS "5.1 terror 1; 6 solicit; 10 solicit;" HTTP_LATER,
	    "file-missing", "file-missing" },
	{ "wrong case", "0 discover uefi other; 0 request other; 1 rrq files bootx64.efi other;"
	    "1 data 1 other;" ASKS "5.1 terror 1; 10 quiet;",
	    "file-wrong-case", "file-wrong-case" },
	{ "access violation", ASKS "5.1 terror 2; 10 quiet;", "file-refused",
	    "file-refused" },
	{ "fetched whole, unsigned, and on to IPv6", OPENS
	    "5.2 data 1 pe=0x8664 n=400; 5.2 tack 1; 6 solicit;",
	    "file-not-signed", NOTHING },
	{ "fetched whole, signed, and on to IPv6", OPENS
	    "5.2 data 1 pe=0x8664 signed n=400; 5.2 tack 1; 6 solicit;",
	    "file-not-started", NOTHING },
	{ "a program for another processor", OPENS
	    "5.2 data 1 pe=0xaa64 signed n=400; 5.2 tack 1; 10 quiet;",
	    "wrong-architecture", "wrong-architecture" },
	{ "HTTP: nobody listens", HTTP "5 syn files 80; 5 rst; 10 quiet;",
	    "http-refused", "http-refused" },
	{ "HTTP: no answer", HTTP "5 syn files 80; 6 syn files 80;"
	    "8 syn files 80; 20 quiet;", "http-silent", "http-silent" },
	{ "HTTP 404", HTTP "5 syn files 80; 5 synack; 5 head /x.efi;"
	    "5 status 404; 12 quiet;", "http-error", "http-error" },
	{ "HTTP: the answer to a request does not arrive", HTTP
	    "5 syn files 80; 5 synack; 5 head /x.efi; 5 status 200;"
	    "5.1 get /x.efi; 40 solicit http;", "http-silent", NOTHING },
	{ "HTTP: no more of an answer than its head arrives", HTTP
	    "5 syn files 80; 5 synack; 5.1 get /x.efi;"
	    "5.1 status 200 size=400000; 10.1 solicit http;", "http-silent",
	    NOTHING },
	{ "HTTP: the same, for what a script asks", SCRIPT "17 syn files 80;"
	    "17 synack; 17 get /kernel; 80 quiet;", "http-silent",
	    "http-silent" },
	{ "GRUB without a configuration, by HTTP", HTTP "5 syn files 80;"
	    "5 synack; 5 get /x.efi; 5 status 200; 8 syn files 80; 8 synack;"
	    "8 get /grub/grub.cfg; 8 status 404; 30 quiet;",
	    "grub-no-config", "grub-no-config" },
	{ "shim without its next stage, by HTTP", HTTP "5 syn files 80;"
	    "5 synack; 5 get /x.efi; 5 status 200; 8 get /grubx64.efi;"
	    "8 status 404; 30 quiet;", "shim-no-second-stage",
	    "shim-no-second-stage" },
	{ "a name server that is not there", "0 discover http;"
	    "0 offer us http file=http://boot.test/x.efi;"
	    ".1 offer pool dns=10.0.0.9; 4 request http; 4 ack dns=10.0.0.9;"
	    LOOKS(5, "10.0.0.9") "20 solicit http;", "name-not-resolved",
	    NOTHING },
	{ "the name server of iPXE is not there", "0 discover ipxe;"
	    "0 offer us file=http://boot.test/x.ipxe next=files;"
	    ".1 offer pool dns=10.0.0.9; .2 request ipxe; .2 ack dns=10.0.0.9;"
	    LOOKS(1, "10.0.0.9") "20 quiet;", "name-not-resolved", NOTHING },
	{ "the gateway of iPXE is not there", "0 discover ipxe;"
	    "0 offer us file=p.0 next=far; .1 offer pool router=gateway;"
	    ".2 request ipxe; .2 ack router=gateway;" LOOKS(1, "gateway")
	    "20 quiet;", "gateway-absent", NOTHING },
	{ "the server of U-Boot is not there", "0 discover uboot;"
	    "0 offer pool next=files; 0 request; 0 ack next=files;"
	    "1 arp files; 6 arp files; 11 arp files; 16 arp files; 40 quiet;",
	    "next-server-absent", NOTHING },
	{ "a URL with a name, no name server", "0 discover http;"
	    "0 offer us http file=http://boot.test/x.efi; .1 offer pool;"
	    "4 request; 4 ack; 12 quiet;", "no-name-server", NOTHING },
	{ "the same: EDK2 takes no such OFFER", "0 discover http;"
	    "0 offer us http file=http://boot.test/x.efi; .1 offer pool;"
	    "4 discover http secs=4; 4 offer us http "
	    "file=http://boot.test/x.efi; 4.1 offer pool;"
	    "12 discover http secs=12; 13 quiet;", "no-name-server",
	    NOTHING },
	{ "a name that is not known", SCRIPT "16.5 dns 1; 16.5 dnsno;"
	    "30 quiet;", "name-not-resolved", "name-not-resolved" },
	{ "a name server that is silent", SCRIPT "16.5 dns 1; 17 dns 1;"
	    "19 dns 1; 23 dns 1; 30 quiet;", "name-not-resolved",
	    "name-not-resolved" },

	/* From our port alone. */
	{ "it knew its file and gave up at once", TOLD "5.1 arp files;"
	    "7 solicit;", "file-not-taken", NOTHING },
	{ "it knew its file and gave up after TFTP's six tries",
	    TOLD "5.1 arp files; 30 solicit;", "file-server-silent",
	    NOTHING },
	{ "it gives up without a question", LEASED "20 solicit;",
	    "request-4011-lost", NOTHING },

	/* The next stage. */
	{ "shim finds no grubx64.efi", WHOLE "6 rrq files revocations.efi;"
	    "6 terror 1; 6 rrq files grubx64.efi; 6 terror 1; 12 quiet;",
	    "shim-no-second-stage", "shim-no-second-stage" },
	{ "shim's next stage may not be read", WHOLE
	    "6 rrq files grubx64.efi; 6 terror 2; 12 quiet;", "file-refused",
	    "file-refused" },
	{ "shim asks the pool's server",
	    "0 discover uefi; 0 offer us; .1 offer pool next=gone file=w.efi;"
	    "4 request; 4 ack next=gone file=w.efi; 4.1 ask us; 4.1 told us;"
	    "5 rrq files BOOTX64.EFI; 5 data 1; 5 tack 1;"
	    LOOKS(7, "gone") "12 quiet;", "second-stage-asks-pool",
	    NOTHING },
	{ "shim asks the pool's server, which has no TFTP",
	    "0 discover uefi; 0 offer us; .1 offer pool next=pool file=w.efi;"
	    "4 request; 4 ack next=pool file=w.efi; 4.1 ask us; 4.1 told us;"
	    "5 rrq files BOOTX64.EFI; 5 data 1; 5 tack 1;"
	    "7 rrq pool grubx64.efi port=2001; 7 unreachable pool 69;"
	    "40 quiet;", "second-stage-asks-pool", "second-stage-asks-pool" },
	{ "GRUB asks the pool's server on and on, which has no TFTP",
	    "0 discover uefi; 0 offer us; .1 offer pool next=pool;"
	    "4 request; 4 ack next=pool; 4.1 ask us; 4.1 told us;"
	    "5 rrq files BOOTX64.EFI; 5 data 1; 5 tack 1;"
	    "7 rrq pool /grub/grub.cfg-01 port=2001; 7 unreachable pool 69;"
	    "7.5 rrq pool /grub/grub.cfg-01 port=2001;"
	    "7.5 unreachable pool 69;"
	    "8 rrq pool /grub/grub.cfg-01 port=2001; 8 unreachable pool 69;"
	    "8.5 rrq pool /grub/grub.cfg-01 port=2001;",
	    "second-stage-asks-pool", "second-stage-asks-pool" },
	{ "a TFTP server that is not there is asked on and on", WHOLE
	    "7 rrq files /grub/grub.cfg-01 port=2001; 7 unreachable files 69;"
	    "7.5 rrq files /grub/grub.cfg-01 port=2001;"
	    "7.5 unreachable files 69;"
	    "8 rrq files /grub/grub.cfg-01 port=2001;"
	    "8 unreachable files 69;"
	    "8.5 rrq files /grub/grub.cfg-01 port=2001;",
	    "tftp-refused", "tftp-refused" },
	{ "GRUB without a server", OPENS "5.2 data 1 pe=0x8664 grub n=500;"
	    "5.2 tack 1; 12 quiet;", "grub-no-server", NOTHING },
	{ "GRUB without a configuration", WHOLE
	    "6 rrq files /grub/grub.cfg-01-52; 6 terror 1;"
	    "6 rrq files /grub/grub.cfg; 6 terror 1; 12 quiet;",
	    "grub-no-config", "grub-no-config" },
	{ "PXELINUX without ldlinux.c32", WHOLE
	    "6 rrq files ldlinux.c32; 6 terror 1; 12 quiet;",
	    "pxelinux-no-ldlinux", "pxelinux-no-ldlinux" },
	{ "PXELINUX without a configuration", WHOLE
	    "6 rrq files pxelinux.cfg/01-52; 6 terror 1;"
	    "6 rrq files pxelinux.cfg/default; 6 terror 1; 12 quiet;",
	    "pxelinux-no-config", "pxelinux-no-config" },
	{ "a script names a host that is not there", SCRIPT
	    LOOKS(17, "gone") "25 quiet;", "script-host-absent", NOTHING },
	{ "U-Boot", "0 discover uboot; 0 offer pool; 0 request; 0 ack;"
	    ".1 discover arm; .1 offer us; .1 offer pool; .1 request; .1 ack;",
	    "uboot-takes-no-proxy", NOTHING },
	{ "U-Boot, seen from our port", "0 discover uboot; 0 request;"
	    ".1 discover arm; .1 offer us; .1 request; 5 arp us other;"
	    "20 quiet;", "uboot-takes-no-proxy", NOTHING },
	{ "IPv6 only", "0 solicit; 4 solicit; 12 solicit; 28 solicit;",
	    "pxe-over-ipv6-only", NOTHING },
	{ "another of its cards asks",
	    "0 discover uefi uuid=5 other; 1 rrq files BOOTX64.EFI other;"
	    "1 data 1 other;"
	    "60 discover uefi uuid=5; 64 discover uefi uuid=5 secs=4;"
	    "72 discover uefi uuid=5 secs=12; 90 quiet;",
	    "no-address-server another-card-asks", NOTHING },
	{ GOES_ON_2,
	    "0 discover uefi uuid=5; 4 discover uefi uuid=5 secs=4;"
	    "12 discover uefi uuid=5 secs=12;"
	    "60 discover uefi uuid=5 other; 60 offer us other;"
	    "60 offer pool other; 64 request uuid=5 other; 64 ack other;"
	    "64 ask us uuid=5 other; 64 told us other;"
	    "65 rrq files BOOTX64.EFI other; 65 data 1 other; 99 quiet;",
	    BOOTS, BOOTS },
	{ "an interrupted transfer", OPENS "5.2 data 1 n=1468; 5.2 tack 1;"
	    "5.2 data 2 n=1468; 6 data 2 n=1468; 8 data 2 n=1468;"
	    "9.2 tack 1; 12 data 2 n=1468; 13.2 tack 1; 17.2 tack 1; 40 quiet;",
	    "transfer-stopped", "transfer-stopped" },
	{ "a TFTP server that ends in a transfer", OPENS "5.2 data 1 n=1468;"
	    "5.2 tack 1; 5.2 unreachable files 69; 6 solicit; 30 quiet;",
	    "transfer-stopped", NOTHING },
	{ "an OFFER in a form that is not taken",
	    "0 discover uefi; 0 offer us pxeopt; .1 offer pool;"
	    "4 discover uefi secs=4; 4 offer us pxeopt; 4.1 offer pool;"
	    "12 discover uefi secs=12; 12 offer us pxeopt; 12.1 offer pool;"
	    "28 discover uefi secs=28; 29 quiet;", "offer-form-not-taken",
	    NOTHING },

	/* Healthy, and easily taken for a fault. */
	{ "a boot", WHOLE "60 quiet;", BOOTS, BOOTS },
	{ "EDK2 waits 4 s before its REQUEST", UEFI "3.9 quiet;", BOOTS,
	    BOOTS },
	{ "EDK2 waits 1 s after our ACK", TOLD "5 quiet;", BOOTS, BOOTS },
	{ "TFTP's question for the size", ASKS "5.1 oack size=9; 5.1 abort;"
	    "5.2 rrq files BOOTX64.EFI; 5.2 oack; 5.2 tack 0; 5.3 data 1;"
	    "5.3 tack 1; 90 quiet;", BOOTS, BOOTS },
	{ "no request on port 4011, by an OFFER that skips it",
	    "0 discover uefi; 0 offer us skips next=files; .1 offer pool;"
	    "4 request; 4 ack; 4.1 arp files; 60 quiet;", BOOTS, BOOTS },
	{ "an ARP request for us, for TFTP", "0 discover uefi;"
	    "0 offer us skips; .1 offer pool; 4 request; 4 ack; 4 arp us;"
	    "4 here us; 4 rrq us BOOTX64.EFI; 4 data 1; 4 tack 1; 60 quiet;",
	    BOOTS, BOOTS },
	{ "iPXE waits for router advertisements", IPXE "15.9 quiet;", BOOTS,
	    BOOTS },
	{ "iPXE asks DHCPv6 beside", IPXE ".1 solicit class; 1 solicit class;"
	    "16 arp files; 90 quiet;", BOOTS, BOOTS },
	{ "a pool that is 3 s late", "0 discover uefi; 0 offer us;"
	    "3 offer pool; 4 request; 4 ack; 4.1 ask us; 4.1 told us; 5 quiet;",
	    BOOTS, BOOTS },
	{ "a second round after a slow pool", "0 discover uefi; 0 offer us;"
	    "4 discover uefi secs=4; 4 offer us; 5 offer pool; 12 request;"
	    "12 ack; 12.1 ask us; 12.1 told us; 13 arp files; 90 quiet;",
	    BOOTS, BOOTS },
	{ "a first DISCOVER that nobody answers", "0 discover uefi;"
	    "4 discover uefi secs=4; 4 offer us; 4 offer pool; 12 request;"
	    "12 ack; 12.1 ask us; 12.1 told us; 90 quiet;", BOOTS, BOOTS },
	{ "a first DISCOVER with secs 12", "0 discover uefi secs=12;"
	    "0 offer us; 0 offer pool; 16 request; 16 ack; 16 ask us;"
	    "16 told us; 90 quiet;", BOOTS, BOOTS },
	{ "a round broken off, by a power cycle", "0 discover uefi xid=5;"
	    "0 offer us xid=5; 0 offer pool xid=5; 3 discover uefi xid=6;"
	    "3 offer us xid=6; 3 offer pool xid=6; 7 request xid=6;"
	    "7 ack xid=6; 7 ask us; 7 told us; 60 quiet;", BOOTS, BOOTS },
	{ "two boots one after the other", WHOLE
	    "60 discover uefi xid=5; 60 offer us xid=5; 60 offer pool xid=5;"
	    "64 request xid=5; 64 ack xid=5; 64 ask us; 64 told us;"
	    "65 rrq files BOOTX64.EFI; 65 data 1; 65 tack 1; 200 quiet;",
	    BOOTS, BOOTS },
	{ "a request on port 4011 asked twice", LEASED "4.1 ask us;"
	    "4.1 told us; 5.1 ask us; 5.1 told us; 6 rrq files BOOTX64.EFI;"
	    "6 data 1; 60 quiet;", BOOTS, BOOTS },
	{ "a second server for the same network says NAK, and nobody listens",
	    UEFI "4 request; 4 nak pool2; 4 ack; 4.1 ask us; 4.1 told us;"
	    "5 rrq files BOOTX64.EFI; 5 data 1; 5 tack 1; 60 quiet;", BOOTS,
	    BOOTS },
	{ "another ProxyDHCP server answers first and serves the same",
	    "0 discover uefi; 0 offer rival; 0 offer us; .1 offer pool;"
	    "4 request; 4 ack; 4.1 arp rival; 60 quiet;", BOOTS, BOOTS },
	{ "the pool leads to us", "0 discover uefi; 0 offer pool pxe next=us;"
	    "4 request; 4 ack pxe next=us; 4.1 ask us; 4.1 told us;"
	    "5 arp files; 60 quiet;", BOOTS, BOOTS },
	{ "the pool's own file is the right one", "0 discover uefi;"
	    "0 offer us; .1 offer pool next=files file=BOOTX64.EFI; 4 request;"
	    "4 ack next=files file=BOOTX64.EFI; 4.1 ask us; 4.1 told us;"
	    "5 rrq files BOOTX64.EFI; 5 data 1; 5 tack 1; 60 quiet;", BOOTS,
	    BOOTS },
	{ "shim's search", WHOLE "6 rrq files revocations_sku.efi; 6 terror 1;"
	    "6 rrq files shim_certificate_0.efi; 6 terror 1;"
	    "6 rrq files grubx64.efi; 6 data 1; 6 rrq files /grub/grub.cfg;"
	    "6 data 1; 60 quiet;", BOOTS, BOOTS },
	{ "shim's search by HTTP, and nothing after it", HTTP "5 syn files 80;"
	    "5 synack; 5 get /x.efi; 5 status 200;"
	    "8 get /revocations_sku.efi; 8 status 404; 60 quiet;", BOOTS,
	    BOOTS },
	{ "shim's search, and nothing after it", WHOLE
	    "6 rrq files revocations_sku.efi; 6 terror 1; 60 quiet;", BOOTS,
	    BOOTS },
	{ "PXELINUX's search", WHOLE "6 rrq files pxelinux.cfg/01-52;"
	    "6 terror 1; 6 rrq files pxelinux.cfg/default; 6 data 1; 60 quiet;",
	    BOOTS, BOOTS },
	{ "iPXE starts iPXE once", WHOLE "9 discover ipxe;"
	    "9 offer us file=boot.ipxe next=files; 9 offer pool; 9 request;"
	    "9 ack; 26 rrq files boot.ipxe; 26 data 1; 60 quiet;", BOOTS,
	    BOOTS },
	{ "a ROM that says iPXE is given iPXE, and that a script",
	    IPXE_STAGE(0, 1) IPXE_STAGE(18, 2) "36 discover ipxe xid=3;"
	    "36 offer us file=boot.ipxe next=files; 36 offer pool;"
	    "36 request; 36 ack; 52 rrq files boot.ipxe; 52 data 1 script;"
	    "90 quiet;", BOOTS, BOOTS },
	{ "an operating system that looks for hosts that are gone", WHOLE
	    "20 arp 10.0.0.50; 21 arp 10.0.0.50; 22 arp 10.0.0.50;"
	    "23 arp 10.0.0.50; 60 quiet;", BOOTS, BOOTS },
	{ "IPv6 first, at the next boot", WHOLE "200 solicit; 204 solicit;"
	    "230 quiet;", BOOTS, BOOTS },
	{ "the operating system's DHCP", WHOLE "30 system; 31 offer pool;"
	    "90 quiet;", BOOTS, BOOTS },
	{ "a machine that is switched off", "0 discover uefi; 0 offer us;"
	    "0 offer pool; 90 quiet;", BOOTS, BOOTS },
	{ "two address servers of two networks, and the right one is taken",
	    "0 discover uefi; 0 offer us; 0 offer pool mask=255.255.255.0;"
	    ".1 offer pool2 ip=192.168.7.7 mask=255.255.255.0;"
	    "4 request; 4 ack mask=255.255.255.0; 4.1 ask us; 4.1 told us;"
	    "5.1 rrq files BOOTX64.EFI; 5.1 oack; 5.1 tack 0; 5.2 data 1;"
	    "5.2 tack 1; 60 quiet;", BOOTS, BOOTS },
	{ "each stage looks for the server itself", TOLD "5.1 arp files;"
	    "5.1 here files; 5.1 rrq files BOOTX64.EFI; 5.2 data 1; 5.2 tack 1;"
	    "20 arp files; 20 here files; 20 rrq files grub.cfg; 20 data 1;"
	    "60 arp files; 60 here files; 60 rrq files kernel; 60 data 1;"
	    "120 quiet;", BOOTS, NOTHING },
	{ "IPv6 comes first in its order, and HTTP Boot is well",
	    "0 solicit; 4 solicit; 60 discover http;"
	    "60 offer us http file=http://10.0.0.3/x.efi; 60.1 offer pool;"
	    "64 request http; 64 ack; 65 syn files 80; 65 synack;"
	    "65 get /x.efi; 65 status 200; 150 quiet;", BOOTS, NOTHING },
	{ "iPXE with a slow pool, and its server behind the gateway",
	    "0 discover ipxe; 0 offer us file=p.0 next=far; 1 discover ipxe;"
	    "1 offer us file=p.0 next=far; 3 discover ipxe;"
	    "3 offer us file=p.0 next=far; 3 offer pool router=gateway;"
	    "3.1 request ipxe; 3.1 ack router=gateway; 3.2 arp gateway;"
	    "3.2 here gateway; 3.3 rrq far p.0; 3.3 data 1; 3.3 tack 1;"
	    "60 quiet;", BOOTS, NOTHING },
	{ "a name that is not known, and the script goes on", SCRIPT
	    "17 dns 1; 17 dnsno; 17.5 rrq files menu.ipxe; 17.6 data 1 script;"
	    "90 quiet;", BOOTS, BOOTS },
	{ "a machine that is switched off in a transfer", OPENS
	    "5.2 data 1 n=1468; 5.2 tack 1; 5.3 data 2 n=1468; 5.3 tack 2;"
	    "5.4 data 3 n=1468; 6.4 data 3 n=1468; 8.4 data 3 n=1468;"
	    "12.4 data 3 n=1468; 20 data 3 n=1468; 90 quiet;", BOOTS, BOOTS },
	{ "the same, in that of GRUB", OPENS
	    "5.2 data 1 pe=0x8664 grub n=1468; 5.2 tack 1;"
	    "5.3 data 2 n=1468; 6.3 data 2 n=1468; 8.3 data 2 n=1468;"
	    "12.3 data 2 n=1468; 90 quiet;", BOOTS, BOOTS },
	{ "a menu of PXELINUX without its picture", WHOLE
	    "6 rrq files pxelinux.cfg/default; 6 data 1;"
	    "6 rrq files vesamenu.c32; 6 data 1; 6 rrq files splash.png;"
	    "6 terror 1; 60 quiet;", BOOTS, BOOTS },
	{ "a menu of GRUB without font, module and language", WHOLE
	    "6 rrq files /grub/grub.cfg; 6 data 1;"
	    "6 rrq files /grub/fonts/unicode.pf2; 6 terror 1;"
	    "6 rrq files /grub/x86_64-efi/all_video.mod; 6 terror 1;"
	    "6.1 rrq files /grub/locale/en.mo.gz; 6.1 terror 1; 60 quiet;",
	    BOOTS, BOOTS },
	{ "iPXE's script sends the machine to the next way of booting", WHOLE
	    "9 discover efi-ipxe; 9 offer pool;"
	    "9 offer us file=http://10.0.0.3/boot.ipxe next=files;"
	    "9 request efi-ipxe; 9 ack; 10 syn files 80; 10 synack;"
	    "10 get /boot.ipxe; 10 status 200; 10.5 solicit; 60 quiet;", BOOTS,
	    BOOTS },
	{ "iPXE in a ROM, and the machine is started four times",
	    IPXE_STAGE(0, 1) IPXE_STAGE(100, 2) IPXE_STAGE(200, 3)
	    IPXE_STAGE(300, 4) "360 quiet;", BOOTS, BOOTS },
	{ "UEFI that asks by IPv6 at the same time", "0 discover uefi;"
	    "0 offer us; .1 offer pool; .5 solicit; 4 request; 4 ack;"
	    "4.1 arp us; 4.1 here us; 4.1 ask us; 4.1 told us; 5 arp files;"
	    "5 here files; 5 rrq files BOOTX64.EFI; 5.1 data 1; 5.1 tack 1;"
	    "60 quiet;", BOOTS, NOTHING },
	{ "a Raspberry Pi, and its kernel takes a while", "0 discover bios;"
	    "0 offer us skips next=files file=x; .1 offer pool; 4 request;"
	    "4 ack; 5 rrq files kernel8.img; 5 data 1; 5 tack 1;"
	    "5.1 rrq files armstub8-gic.bin; 5.1 terror 1; 30 quiet;", BOOTS,
	    BOOTS },
	{ "the address server is a whole PXE server, beside us",
	    "0 discover uefi; 0 offer us; .1 offer pool pxe; 4 request;"
	    "4 ack pxe; 4.1 arp pool; 4.1 here pool; 4.1 ask pool;"
	    "4.1 told pool next=pool file=b.efi; 5 rrq pool b.efi; 5.1 data 1;"
	    "5.1 tack 1; 90 quiet;", BOOTS, NOTHING },
	{ "the same, a ROM of a BIOS, with a menu", "0 discover bios;"
	    "0 offer us skips file=p.0 next=files; .1 offer pool pxe pxeopt;"
	    "4 request; 4 ack pxe pxeopt; 4.1 arp pool; 4.1 here pool;"
	    "4.1 ask pool; 4.1 told pool next=pool file=b.0; 5 rrq pool b.0;"
	    "5.1 data 1; 5.1 tack 1; 90 quiet;", BOOTS, NOTHING },
	{ "iPXE's menu without its picture", SCRIPT "17 syn files 80;"
	    "17 synack; 17 get /menu.ipxe; 17 status 200; 17.2 get /bg.png;"
	    "17.2 status 404; 60 quiet;", BOOTS, BOOTS },
	{ "U-Boot from the pool", "0 discover uboot; 0 offer pool next=files;"
	    "0 request; 0 ack next=files; 1 rrq files boot.scr.uimg; 1 data 1;"
	    "20 quiet;", BOOTS, NOTHING },
};

/*
 * What is found at other places of a network, where that is not what is found
 * on the link: at our own port, and on the machine's link behind a relay.  The
 * relay of SCENE_FAR answers for all that is beyond it.
 */
static const struct {
	const char *what;
	const char *port;
	const char *far;	/* NULL: it cannot be there */
} elsewhere[] = {
	{ "our OFFERs are dropped, and the pool has a file of its own",
	    "our-offers-lost", NOTHING },
	{ "our OFFERs are dropped on the way, and the pool has a file",
	    "pool-gives-file", NOTHING },
	{ "no ProxyDHCP at all, iPXE", BOOTS, "no-boot-offer" },
	{ "the same, where only what it looks for is heard",
	    "tftp-other-address", NOTHING },
	{ "a host that its program names is not there, likewise",
	    "script-host-absent", NOTHING },
	{ "the request to port 4011 does not arrive",
	    "request-4011-lost", NOTHING },
	{ "we are in another network, and there is no gateway",
	    "no-route-to-us", NOTHING },
	{ "somebody else has our address", "our-address-taken", NOTHING },
	{ "somebody else has our address, seen from our port",
	    "our-address-taken", NOTHING },
	{ "a router has no way to us", BOOTS, "no-route-to-us" },
	{ "the relay passes it to the address server only",
	    BOOTS, "relay-passes-us-over" },
	/* It may be a whole PXE server, whose answers are not heard there. */
	{ "the pool says PXEClient, and asks itself", BOOTS, NOTHING },
	{ "the same, port unreachable", BOOTS, NOTHING },
	{ "the same, seen from our port", "pool-says-pxeclient", NOTHING },
	{ "the same, a ROM of a BIOS from our port",
	    "pool-says-pxeclient", NOTHING },
	{ "the same, iPXE from our port", "pool-says-pxeclient", NOTHING },
	{ "the pool's file wins, iPXE", BOOTS, "pool-gives-file" },
	{ "a second copy of us, whose file is not there",
	    BOOTS, "second-copy" },
	{ "a BIOS file for iPXE of a UEFI machine",
	    BOOTS, "bios-file-for-uefi" },
	{ "a UEFI file for iPXE on a BIOS", BOOTS, "uefi-file-for-bios" },
	{ "the next-server is not there", "next-server-absent", NOTHING },
	{ "the next-server is in another network, without gateway",
	    "next-server-no-route", NOTHING },
	{ "the host of a URL is not there", "next-server-absent", NOTHING },
	{ "the host of a URL is in another network, without gateway",
	    "next-server-no-route", NOTHING },
	{ "a router has no way to the next-server",
	    BOOTS, "next-server-no-route" },
	{ "no TFTP server", BOOTS, "tftp-refused" },
	{ "TFTP does not answer", BOOTS, "tftp-silent" },
	{ "TFTP answers from another address", BOOTS, "tftp-other-address" },
	{ "TFTP's answers do not arrive", BOOTS, "tftp-answers-lost" },
	{ "large blocks are lost", BOOTS, "large-blocks-lost" },
	{ "large blocks of a window are lost", BOOTS, "large-blocks-lost" },
	{ "large blocks are lost, at the machine",
	    BOOTS, "large-blocks-lost" },
	{ "the file is missing", BOOTS, "file-missing" },
	{ "the file is missing, and it goes on at once",
	    "file-not-taken", "file-missing" },
	{ "the file is missing, and it goes on to HTTP Boot",
	    "file-not-taken", "file-missing" },
	{ "wrong case", BOOTS, "file-wrong-case" },
	{ "access violation", BOOTS, "file-refused" },
	{ "fetched whole, unsigned, and on to IPv6",
	    "file-not-taken", "file-not-signed" },
	{ "fetched whole, signed, and on to IPv6",
	    "file-not-taken", "file-not-started" },
	{ "a program for another processor", BOOTS, "wrong-architecture" },
	{ "HTTP: nobody listens", BOOTS, "http-refused" },
	{ "HTTP: no answer", BOOTS, "http-silent" },
	{ "HTTP 404", BOOTS, "http-error" },
	{ "a name server that is not there", "name-not-resolved", NOTHING },
	{ "the name server of iPXE is not there", "name-not-resolved",
	    NOTHING },
	{ "the server of U-Boot is not there", "next-server-absent", NOTHING },
	{ "HTTP: the answer to a request does not arrive",
	    "file-server-silent", "http-silent" },
	{ "HTTP: no more of an answer than its head arrives",
	    "file-not-taken", "http-silent" },
	{ "HTTP: the same, for what a script asks", BOOTS, "http-silent" },
	{ "GRUB without a configuration, by HTTP", BOOTS, "grub-no-config" },
	{ "shim without its next stage, by HTTP",
	    BOOTS, "shim-no-second-stage" },
	{ "a name that is not known", BOOTS, "name-not-resolved" },
	{ "a name server that is silent", BOOTS, "name-not-resolved" },
	{ "shim finds no grubx64.efi", BOOTS, "shim-no-second-stage" },
	{ "shim's next stage may not be read", BOOTS, "file-refused" },
	{ "shim asks the pool's server", "second-stage-asks-pool", NOTHING },
	{ "shim asks the pool's server, which has no TFTP",
	    BOOTS, "second-stage-asks-pool" },
	{ "GRUB asks the pool's server on and on, which has no TFTP",
	    BOOTS, "second-stage-asks-pool" },
	{ "a TFTP server that is not there is asked on and on",
	    BOOTS, "tftp-refused" },
	{ "GRUB without a server", BOOTS, "grub-no-server" },
	{ "GRUB without a configuration", BOOTS, "grub-no-config" },
	{ "PXELINUX without ldlinux.c32", BOOTS, "pxelinux-no-ldlinux" },
	{ "PXELINUX without a configuration", BOOTS, "pxelinux-no-config" },
	{ "a script names a host that is not there",
	    "script-host-absent", NOTHING },
	{ "another of its cards asks",
	    "no-address-server", "no-address-server another-card-asks" },
	{ "an interrupted transfer", BOOTS, "transfer-stopped" },
	{ "a TFTP server that ends in a transfer", "file-not-taken",
	    "transfer-stopped" },
};

struct played {
	struct diagnosis diagnosis;
	uint32_t number;
	bool is_watched;	/* as live: findings are asked for all the
				 * time, and their names are kept */
	int64_t last;
	char told[256];
};

static void watch(struct played *played, int64_t until);

static void
take(void *context, struct span octets, int64_t when)
{
	struct played *played = context;

	if (played->is_watched)
		watch(played, when);
	if (octets.n == 0)
		diagnosis_now(&played->diagnosis, when);
	else
		(void)diagnosis_frame(&played->diagnosis, octets, when,
		    ++played->number);
}

static struct machine *
machine_of(struct played *played)
{
	return machine_by_mac(&played->diagnosis.table,
	    (const uint8_t *)"\x52\x54\0\0\0\x07");
}

static struct played *
play_watched(const char *scene, enum scene_place place, bool is_watched)
{
	struct in_addr ours = octets_address(SCENE_OUR_ADDRESS);
	struct played *played = malloc(sizeof(*played));

	ck_assert(played != NULL);
	diagnosis_init(&played->diagnosis, &ours, 1, NULL);
	played->number = 0;
	played->is_watched = is_watched;
	played->last = 0;
	played->told[0] = '\0';
	scene_play(scene, place, take, played);
	return played;
}

static struct played *
play(const char *scene, enum scene_place place)
{
	return play_watched(scene, place, false);
}

/* The names of what was found, with blanks between. */
static const char *
findings(struct played *played, struct machine *machine)
{
	static char names[256];
	struct machine_finding found[8];
	size_t n, at = 0;

	names[0] = '\0';
	if (machine == NULL)
		return names;
	n = diagnosis_findings(&played->diagnosis, machine, found, 8);
	for (size_t i = 0; i < n; i++)
		if (found[i].sureness > FINDING_NOTE)
			at += (size_t)snprintf(names + at, sizeof(names) - at,
			    "%s%s", at == 0 ? "" : " ",
			    finding_name(found[i].id));
	return names;
}

/* Add what is found now to what was told, once. */
static void
look(struct played *played)
{
	char names[256], *rest = NULL, *name;

	(void)snprintf(names, sizeof(names), "%s",
	    findings(played, machine_of(played)));
	for (name = strtok_r(names, " ", &rest); name != NULL;
	    name = strtok_r(NULL, " ", &rest)) {
		size_t n = strlen(played->told);

		if (strstr(played->told, name) == NULL)
			(void)snprintf(played->told + n,
			    sizeof(played->told) - n, "%s ", name);
	}
}

/* Time goes by, and four times a second somebody looks. */
static void
watch(struct played *played, int64_t until)
{
	enum { QUARTER = 250000 };

	if (played->last != 0)
		for (int64_t at = played->last; at < until; at += QUARTER) {
			diagnosis_now(&played->diagnosis, at);
			look(played);
		}
	played->last = until;
}

static void
expect(const char *what, const char *scene, enum scene_place place,
    const char *wanted)
{
	struct played *played = play(scene, place);
	const char *found = findings(played, machine_of(played));

	ck_assert_msg(strcmp(found, wanted) == 0,
	    "%s (place %d): found \"%s\", not \"%s\"", what, (int)place,
	    found, wanted);
	free(played);
}

START_TEST(test_link)
{
	if (rows[_i].link != NULL)
		expect(rows[_i].what, rows[_i].scene, SCENE_LINK,
		    rows[_i].link);
}
END_TEST

START_TEST(test_trunk)
{
	if (rows[_i].link != NULL)
		expect(rows[_i].what, rows[_i].scene, SCENE_TRUNK,
		    rows[_i].link);
}
END_TEST

START_TEST(test_relay)
{
	if (rows[_i].relay != NULL)
		expect(rows[_i].what, rows[_i].scene, SCENE_RELAY,
		    rows[_i].relay);
}
END_TEST

/* A mirror port shows each frame twice, coming in and going out. */
static void
take_twice(void *context, struct span octets, int64_t when)
{
	enum { LATER = 20 };

	take(context, octets, when);
	if (octets.n > 0)
		take(context, octets, when + LATER);
}

START_TEST(test_twice)
{
	struct in_addr ours = octets_address(SCENE_OUR_ADDRESS);
	struct played *played = calloc(1, sizeof(*played));
	const char *found;

	ck_assert(played != NULL);
	diagnosis_init(&played->diagnosis, &ours, 1, NULL);
	scene_play(rows[_i].scene, SCENE_LINK, take_twice, played);
	found = findings(played, machine_of(played));
	ck_assert_msg(rows[_i].link == NULL ||
	    strcmp(found, rows[_i].link) == 0, "%s: found \"%s\", not \"%s\"",
	    rows[_i].what, found, rows[_i].link);
	free(played);
}
END_TEST

/* The row of that scene where it is told from elsewhere; or -1. */
static int
elsewhere_row(const char *what)
{
	for (size_t i = 0; i < ROWS(elsewhere); i++)
		if (strcmp(elsewhere[i].what, what) == 0)
			return (int)i;
	return -1;
}

START_TEST(test_port)
{
	int row = elsewhere_row(rows[_i].what);
	const char *wanted = row < 0 ? rows[_i].link : elsewhere[row].port;

	if (wanted != NULL)
		expect(rows[_i].what, rows[_i].scene, SCENE_PORT, wanted);
	if (rows[_i].link != NULL && strcmp(rows[_i].link, BOOTS) == 0)
		expect(rows[_i].what, rows[_i].scene, SCENE_RELAY_PORT, BOOTS);
}
END_TEST

START_TEST(test_far)
{
	int row = elsewhere_row(rows[_i].what);
	const char *wanted = row < 0 ? rows[_i].link : elsewhere[row].far;

	if (wanted != NULL)
		expect(rows[_i].what, rows[_i].scene, SCENE_FAR, wanted);
}
END_TEST

/* Boots that succeed, as they look in the end at our own port alone. */
static const struct {
	const char *what;
	const char *scene;
} ports[] = {
	{ "an ACK that is late, iPXE", "0 discover ipxe;"
	    "0 offer us file=p.0 next=files; .1 offer pool; .2 request ipxe;"
	    "1.2 request ipxe; 3.2 request ipxe; 7.2 request ipxe; 7.3 ack;"
	    "7.4 arp files; 7.4 here files; 7.4 rrq files p.0; 7.5 data 1;"
	    "7.5 tack 1; 60 quiet;" },
	{ "of two boot servers the first, which is us, has died",
	    "0 discover uefi; 0 offer us; 0 offer rival; .1 offer pool;"
	    "4 request; 4 ack; 4.1 ask us; 5.1 ask us; 7.1 ask us;"
	    "10.1 ask us; 14.1 ask rival; 14.1 told rival;"
	    "15 rrq files BOOTX64.EFI; 15 data 1; 15 tack 1; 60 quiet;" },
	{ "a capture that lacks the request to port 4011", LEASED
	    "4.1 arp us; 4.1 here us; 4.1 told us; 5 arp files; 60 quiet;" },
};

START_TEST(test_boots_at_port)
{
	expect(ports[_i].what, ports[_i].scene, SCENE_PORT, BOOTS);
}
END_TEST

/* An address server that serves others, of another VLAN of the trunk. */
START_TEST(test_server_of_another_vlan)
{
	struct played *played = play("0 discover uefi other;"
	    "0 offer pool other;", SCENE_LINK);

	scene_play("1 discover uefi; 5 discover uefi secs=4;"
	    "13 discover uefi secs=12; 20 quiet;", SCENE_TRUNK, take, played);
	ck_assert_str_eq(findings(played, machine_of(played)),
	    "no-address-server");
	free(played);
}
END_TEST

/* A row of that name is in the table of scenes. */
START_TEST(test_elsewhere)
{
	size_t found = 0;

	for (size_t i = 0; i < ROWS(rows); i++)
		if (strcmp(rows[i].what, elsewhere[_i].what) == 0)
			found++;
	ck_assert_msg(found == 1, "%s: %zu scenes", elsewhere[_i].what, found);
}
END_TEST

/*
 * Live, findings are told as soon as they are sure: what is not so in the end
 * is never told.  Two scenes look like something else until they go on.
 */
START_TEST(test_never_told)
{
	enum scene_place places[] = { SCENE_LINK, SCENE_PORT };
	char *rest, *name;

	for (size_t i = 0; rows[_i].link != NULL && i < ROWS(places); i++) {
		struct played *played = play_watched(rows[_i].scene, places[i],
		    true);
		const char *found;

		watch(played, played->last + 1);
		found = findings(played, machine_of(played));
		rest = NULL;
		for (name = strtok_r(played->told, " ", &rest); name != NULL;
		    name = strtok_r(NULL, " ", &rest))
			ck_assert_msg(strstr(found, name) != NULL ||
			    strcmp(rows[_i].what, GOES_ON_1) == 0 ||
			    strcmp(rows[_i].what, GOES_ON_2) == 0,
			    "%s (place %d): %s was told, and then \"%s\"",
			    rows[_i].what, (int)places[i], name, found);
		free(played);
	}
}
END_TEST

/* What the core says of a request, and what is found by it. */
static const struct {
	enum verdict verdict;
	const char *found;
} verdicts[] = {
	{ VERDICT_ARCH_NO_FILE, "no-file-for-architecture" },
	{ VERDICT_ARCH_UNKNOWN, "no-file-for-architecture" },
	{ VERDICT_NO_ARCH, "no-file-for-architecture" },
	{ VERDICT_IGNORED, "ignored-by-rule" },
	{ VERDICT_RELAY_NOT_ALLOWED, "not-allowed" },
	{ VERDICT_CLIENT_NOT_ALLOWED, "not-allowed" },
	{ VERDICT_CLIENT_RATE, "rate-limited" },
	{ VERDICT_TOTAL_RATE, "rate-limited" },
	{ VERDICT_NO_VALUE, "answer-not-formed" },
	{ VERDICT_BAD_NEXT_SERVER, "answer-not-formed" },
	{ VERDICT_FILE_LONG, "answer-not-formed" },
	{ VERDICT_REPLY_LONG, "answer-not-formed" },
	{ VERDICT_NO_ITEM, "answer-not-formed" },
	{ VERDICT_BAD_GIADDR, "request-not-sound" },
	{ VERDICT_BAD_SOURCE, "request-not-sound" },
	{ VERDICT_SOURCE_PORT, "request-not-sound" },
	{ VERDICT_SOURCE_NOT_CIADDR, "request-not-sound" },
	/* Silence that is no fault. */
	{ VERDICT_TOO_SOON, "" },
	{ VERDICT_REDIRECT, "" },
	{ VERDICT_NOT_FOR_US, "" },
	{ VERDICT_LEASE_REQUEST, "" },
};

START_TEST(test_verdict)
{
	static struct responder_exchange exchange;
	struct played *played = play("0 discover uefi;", SCENE_LINK);
	const char *found;

	exchange.step = RESPONDER_REQUEST;
	exchange.verdict = verdicts[_i].verdict;
	memcpy(exchange.dhcp.chaddr, "\x52\x54\0\0\0\x07", 6);
	diagnosis_verdict(&played->diagnosis, &exchange);
	found = findings(played, machine_of(played));
	ck_assert_msg(strcmp(found, verdicts[_i].found) == 0,
	    "%s: found \"%s\"", verdict_name(exchange.verdict), found);
	/* What is answered after that ends it. */
	exchange.verdict = VERDICT_OFFER;
	diagnosis_verdict(&played->diagnosis, &exchange);
	ck_assert_str_eq(findings(played, machine_of(played)), "");
	free(played);
}
END_TEST

static void
take_live(void *context, struct span octets, int64_t when)
{
	struct played *played = context;

	if (octets.n == 0)
		diagnosis_now(&played->diagnosis, when);
	else
		(void)diagnosis_frame(&played->diagnosis, octets, when, 0);
}

/* Frames without numbers: the evidence are times of the boot, and one more. */
START_TEST(test_live_evidence)
{
	struct played *played = play("", SCENE_LINK);
	const struct machine_step *step;
	struct machine_finding found;
	struct machine *machine;

	scene_play("100 discover uefi; 100 offer us; 100.1 offer pool;"
	    "104 request; 104 ack; 104.1 ask us; 104.2 told us;"
	    "105 rrq files BOOTX64.EFI; 105.25 terror 1; 110 quiet;",
	    SCENE_LINK, take_live, played);
	machine = machine_of(played);
	ck_assert_uint_eq(diagnosis_findings(&played->diagnosis, machine,
	    &found, 1), 1);
	ck_assert_str_eq(finding_name(found.id), "file-missing");
	ck_assert_uint_eq(found.evidence[0], 5001);
	ck_assert_uint_eq(found.evidence[1], 5251);
	step = machine_step_at(machine, machine->n_steps - 1u);
	ck_assert_uint_eq(step->kind, STEP_TFTP_ERROR);
	ck_assert_uint_eq(step->number, 0);
	ck_assert_uint_eq(step->at, 5250);
	free(played);
}
END_TEST

/*
 * Live: all is judged every quarter of a second, and what is news is told.
 */

struct told {
	struct played *played;
	int64_t now;
	char names[512];
};

static void
judge(struct told *told)
{
	struct machine *machine = machine_of(told->played);
	struct machine_finding found[8];
	size_t n, at;

	diagnosis_now(&told->played->diagnosis, told->now);
	if (machine == NULL)
		return;
	n = diagnosis_news(&told->played->diagnosis, machine, found, 8);
	for (size_t i = 0; i < n; i++) {
		at = strlen(told->names);
		(void)snprintf(told->names + at, sizeof(told->names) - at,
		    "%s%s", at == 0 ? "" : " ", finding_name(found[i].id));
	}
}

static void
take_news(void *context, struct span octets, int64_t when)
{
	struct told *told = context;

	for (; told->now < when; told->now += 250000)
		judge(told);
	take_live(told->played, octets, when);
}

static void
expect_news(const char *what, const char *scene, const char *wanted)
{
	struct told told = { .played = play("", SCENE_LINK) };

	diagnosis_live(&told.played->diagnosis);
	scene_play(scene, SCENE_LINK, take_news, &told);
	for (unsigned i = 0; i < 4 * 60; i++, told.now += 250000)
		judge(&told);
	ck_assert_msg(strcmp(told.names, wanted) == 0,
	    "%s: told \"%s\", not \"%s\"", what, told.names, wanted);
	free(told.played);
}

/*
 * What follows is not known yet: where this is told beside what is found at
 * the end.
 */
static const struct {
	const char *what;
	const char *told;
} sooner[] = {
	{ "the IPv4 round is not heard, HTTP Boot is",
	    "pxe-over-ipv6-only port-not-forwarding" },
	{ "another of its cards boots", "no-address-server" },
	/* The octets of a file are not counted. */
	{ "HTTP: no more of an answer than its head arrives", BOOTS },
};

static const char *
wanted_news(const char *what, const char *in_the_end)
{
	for (size_t i = 0; i < ROWS(sooner); i++)
		if (strcmp(sooner[i].what, what) == 0)
			return sooner[i].told;
	return in_the_end;
}

START_TEST(test_news)
{
	if (rows[_i].link != NULL)
		expect_news(rows[_i].what, rows[_i].scene,
		    wanted_news(rows[_i].what, rows[_i].link));
}
END_TEST

/* Boots one after the other, and what is told of them. */
static const struct {
	const char *what;
	const char *scene;
	const char *told;
} lives[] = {
	{ "once a boot", ASKS "5.1 terror 1; 40 quiet;"
	    "100 discover uefi xid=2; 100 offer us; 100 offer pool;"
	    "104 request; 104 ack; 104 ask us; 104 told us;"
	    "105 rrq files BOOTX64.EFI; 105 terror 1; 140 quiet;",
	    "file-missing file-missing" },
	{ "found when the next boot begins, which comes further",
	    OFFERED "60 discover uefi xid=2; 60 offer us; 60 offer pool;"
	    "64 request; 64 ack; 64 ask us; 64 told us;"
	    "65 rrq files BOOTX64.EFI; 65 oack; 65 tack 0;"
	    "65 data 1; 65 tack 1; 120 quiet;", "no-address-server" },
	{ "a boot that is switched off before it is sure", ASKS
	    "5.1 terror 1; 8 discover uefi xid=2; 8 offer us; 8 offer pool;"
	    "12 request; 12 ack; 12 ask us; 12 told us;"
	    "13 rrq files BOOTX64.EFI; 13 oack; 13 tack 0; 13 data 1;"
	    "13 tack 1; 60 quiet;", BOOTS },
	{ "an address server that was heard long ago",
	    "0 discover uefi other; 0 offer pool other; 1000 discover uefi;"
	    "1000 offer us; 1004 discover uefi secs=4; 1004 offer us;"
	    "1012 discover uefi secs=12; 1012 offer us; 1020 quiet;",
	    "no-address-server" },
	{ "some blocks of a long file, and its last one", ASKS "5.1 oack;"
	    "5.1 tack 0; 5.2 data 1 n=1468; 5.2 tack 1; 5.3 data 2 n=1468;"
	    "5.3 tack 2; 6 data 256 n=1468; 6 tack 256;"
	    "40 data 512 n=1468; 40 tack 512; 75 data 600 n=7; 120 quiet;",
	    BOOTS },
};

START_TEST(test_lives)
{
	expect_news(lives[_i].what, lives[_i].scene, lives[_i].told);
}
END_TEST

/* Of what was lost nothing is known, and of the boot after it all. */
START_TEST(test_lost)
{
	struct told told = { .played = play("", SCENE_LINK) };

	diagnosis_live(&told.played->diagnosis);
	scene_play(UEFI "4 request;", SCENE_LINK, take_news, &told);
	diagnosis_lost(&told.played->diagnosis);
	scene_play("8 request; 16 request; 60 quiet;", SCENE_LINK, take_news,
	    &told);
	ck_assert_str_eq(told.names, "");
	scene_play("100 discover uefi xid=2; 100 offer us; 100 offer pool;"
	    "104 request; 108 request; 116 request; 160 quiet;", SCENE_LINK,
	    take_news, &told);
	ck_assert_str_eq(told.names, "offer-without-ack");
	free(told.played);
}
END_TEST

/* How far a file came: its octets, and whether it is whole. */
static const struct {
	const char *what;
	const char *blocks;
	bool is_live;
	enum machine_file_state state;
	uint32_t octets;
} files[] = {
	{ "each block", "5.2 data 1 n=1468; 5.2 data 2 n=1468;"
	    "5.2 data 3 n=4;", false, FILE_WHOLE, 2 * 1468 + 4 },
	{ "live, some of them", "5.2 data 1 n=1468; 5.2 data 256 n=1468;"
	    "5.2 data 300 n=4;", true, FILE_WHOLE, 299 * 1468 + 4 },
	{ "in a capture blocks are missing: sent again or not, who knows",
	    "5.2 data 1 n=1468; 5.2 data 256 n=1468;", false, FILE_OPEN,
	    1468 },
	{ "live, past the last number", "5.2 data 1 n=1468;"
	    "5.2 data 30000 n=1468; 5.2 data 60000 n=1468;"
	    "5.2 data 3 n=1468;", true, FILE_OPEN, 65539 * 1468 },
	{ "live, one again", "5.2 data 1 n=1468; 5.2 data 256 n=1468;"
	    "5.2 data 256 n=1468; 5.2 data 1 n=1468;", true, FILE_OPEN,
	    256 * 1468 },
};

START_TEST(test_files)
{
	struct played *played = play("", SCENE_LINK);
	const struct machine_file *file;
	char scene[512];

	if (files[_i].is_live)
		diagnosis_live(&played->diagnosis);
	(void)snprintf(scene, sizeof(scene), LEASED "5 rrq files x.efi;"
	    "5.1 oack; %s", files[_i].blocks);
	scene_play(scene, SCENE_LINK, take_live, played);
	file = &machine_of(played)->boot.file[0];
	ck_assert_msg(file->state == files[_i].state && file->octets ==
	    files[_i].octets, "%s: state %d, %lu octets", files[_i].what,
	    file->state, (unsigned long)file->octets);
	free(played);
}
END_TEST

/* tcpdump -s 128 */
static void
take_cut(void *context, struct span octets, int64_t when)
{
	struct span head;

	if (octets.n > 1000 && span_take(&octets, 128, &head))
		octets = head;
	take(context, octets, when);
}

/* What a capture lacks of a block it knows the length of. */
START_TEST(test_cut)
{
	struct played *played = play("", SCENE_LINK);

	scene_play(LEASED "5 rrq files x.efi; 5.1 oack; 5.2 data 1 n=1468;"
	    "5.2 data 2 n=1468; 5.2 data 3 n=1000;", SCENE_LINK, take_cut,
	    played);
	ck_assert_int_eq(machine_of(played)->boot.file[0].state, FILE_WHOLE);
	free(played);
	played = play("", SCENE_LINK);
	scene_play(LEASED "5 rrq files x.efi; 5.2 data 1 n=1468;"
	    "5.2 data 2 n=1468;", SCENE_LINK, take_cut, played);
	ck_assert_int_eq(machine_of(played)->boot.file[0].state, FILE_OPEN);
	ck_assert_uint_eq(machine_of(played)->boot.file[0].octets, 2 * 1468);
	free(played);
}
END_TEST

/* A server that knows no options: its blocks are of 512 octets. */
START_TEST(test_no_options)
{
	struct played *played = play(LEASED "5 rrq files x.efi;"
	    "5.1 data 1 n=512;", SCENE_LINK);

	ck_assert_int_eq(machine_of(played)->boot.file[0].state, FILE_OPEN);
	free(played);
	played = play(LEASED "5 rrq files x.efi; 5.1 data 1 n=512;"
	    "5.2 data 2 n=511;", SCENE_LINK);
	ck_assert_int_eq(machine_of(played)->boot.file[0].state, FILE_WHOLE);
	ck_assert_uint_eq(machine_of(played)->boot.file[0].octets, 1023);
	free(played);
}
END_TEST

/* A DISCOVER of the machine of that number. */
static void
take_numbered(void *context, struct span octets, int64_t when)
{
	struct played *played = context;
	uint8_t frame[2048];
	uint32_t n = ++played->number;

	memcpy(frame, octets.p, octets.n);
	for (size_t i = 0; i < 4; i++) {
		frame[8 + i] = (uint8_t)(n >> 8 * i);
		frame[72 + i] = (uint8_t)(n >> 8 * i);
	}
	(void)diagnosis_frame(&played->diagnosis,
	    (struct span){ frame, octets.n }, when + n, n);
}

/* The oldest, silent rows go, and the one that is heard stays. */
START_TEST(test_table_is_bounded)
{
	struct played *played = play("0 discover uefi;", SCENE_LINK);
	const struct machine_table *table = &played->diagnosis.table;
	unsigned chained = 0;

	for (unsigned i = 0; i < 5 * MACHINE_ROWS; i++) {
		scene_play("1 discover uefi;", SCENE_LINK, take_numbered,
		    played);
		if (i % 1000 == 0)
			scene_play("2 discover uefi secs=4;", SCENE_LINK,
			    take, played);
	}
	ck_assert_uint_eq(table->n, MACHINE_ROWS);
	ck_assert_ptr_nonnull(machine_of(played));
	/* Each row is in one chain, and in the order of silence, once. */
	for (size_t i = 0; i < MACHINE_HASHES; i++)
		for (uint16_t k = table->by_mac[i]; k != MACHINE_NONE;
		    k = table->row[k].mac_next)
			chained++;
	ck_assert_uint_eq(chained, MACHINE_ROWS);
	chained = 0;
	for (uint16_t k = table->newest; k != MACHINE_NONE;
	    k = table->row[k].older)
		chained++;
	ck_assert_uint_eq(chained, MACHINE_ROWS);
	free(played);
}
END_TEST

/*
 * Where the clock was set it is not known how long something took, and nothing
 * is found that rests on that.  Days are 86,400 seconds.
 */
static const struct {
	const char *what;
	const char *scene;
	const char *found;
} clocks[] = {
	{ "set back, and then nothing for too short a time",
	    "100 discover uefi; 100 offer us; 100 offer pool; 50 request;"
	    "50 ack; 20 ask us; 0 told us; 0 rrq files BOOTX64.EFI;"
	    "0 terror 1; 2 quiet;", "" },
	{ "set back, and then nothing for long enough",
	    "100 discover uefi; 100 offer us; 100 offer pool; 50 request;"
	    "50 ack; 20 ask us; 0 told us; 0 rrq files BOOTX64.EFI;"
	    "0 terror 1; 10 quiet;", "file-missing" },
	{ "set back after the last frame", "100 discover uefi; 100 offer us;"
	    "100 offer pool; 104 request; 104 ack; 104 ask us; 104 told us;"
	    "105 rrq files BOOTX64.EFI; 105 terror 1; 10 quiet;", "" },
	{ "set forward by a year, with no address server",
	    "0 discover uefi; 31536000 discover uefi secs=4;"
	    "31536000 discover uefi secs=12; 31536001 quiet;", "" },
	{ "forward and back, each time", "0 discover uefi;"
	    "99999999 discover uefi secs=4; 12 discover uefi secs=12;"
	    "99999999 discover uefi secs=28; 60 quiet;", "" },
	{ "set forward after the last frame, in a healthy boot", OPENS
	    "31536000 quiet;", "" },
	{ "all times are the same", "0 discover uefi; 0 discover uefi secs=4;"
	    "0 discover uefi secs=12; 0 discover uefi secs=28;"
	    "0 discover uefi secs=60;", "" },
	{ "a clock that is right, long after 2038",
	    "9999999990 discover uefi; 9999999994 discover uefi secs=4;"
	    "10000000002 discover uefi secs=12; 10000000018 quiet;",
	    "no-address-server" },
	{ "a small step back is two rings' order", "0 discover uefi;"
	    "4 discover uefi secs=4; 3.9 offer us other;"
	    "12 discover uefi secs=12; 13 quiet;", "no-address-server" },
	{ "a weekend without a frame", "0 discover uefi;"
	    "4 discover uefi secs=4; 12 discover uefi secs=12;"
	    "259200 quiet;", "no-address-server" },
	{ "a program is fetched, and the clock is set before the next one",
	    OPENS "5.2 data 1 pe=0x8664 n=400; 5.2 tack 1;"
	    "31536000 solicit;", "" },
};

START_TEST(test_clock)
{
	expect(clocks[_i].what, clocks[_i].scene, SCENE_LINK,
	    clocks[_i].found);
}
END_TEST

/*
 * A rule for the card ...:08 of a machine, and what comes of its card ...:07,
 * which falls under the rule for all.
 */
static const struct {
	const char *what;
	const char *scene;	/* of both; before the verdicts */
	enum verdict verdict;	/* on ...:07 */
	bool is_heard;		/* ...:08 asks, too, before that */
	const char *after;
	const char *found;
	enum finding_sureness sureness;
} cards[] = {
	{ "both were heard, and this one is not answered",
	    "0 discover uefi uuid=5 other; 1 discover uefi uuid=5;",
	    VERDICT_ARCH_NO_FILE, true, "",
	    "rule-for-another-card no-file-for-architecture",
	    FINDING_CERTAIN },
	{ "both were heard, and this one gets a file that is not there",
	    "0 discover uefi uuid=5 other; 1 discover uefi uuid=5;",
	    VERDICT_OFFER, true, "1 offer us; 1 offer pool; 5 request; 5 ack;"
	    "5 ask us uuid=5; 5 told us; 6 rrq files BOOTX64.EFI;"
	    "6 terror 1; 20 quiet;", "rule-for-another-card",
	    FINDING_LIKELY },
	{ "both were heard, and this one boots as all others",
	    "0 discover uefi uuid=5 other; 1 discover uefi uuid=5;",
	    VERDICT_OFFER, true, "1 offer us; 1 offer pool; 5 request; 5 ack;"
	    "5 ask us uuid=5; 5 told us; 6 rrq files BOOTX64.EFI;"
	    "6 data 1; 20 quiet;", "", FINDING_NOT },
	{ "the other one was never heard, and has an address beside it",
	    "1 discover uefi uuid=5;", VERDICT_IGNORED, false, "",
	    "rule-for-another-card ignored-by-rule", FINDING_POSSIBLE },
	{ "the other one is another machine's", "0 discover uefi uuid=6 other;"
	    "1 discover uefi uuid=5;", VERDICT_IGNORED, true, "",
	    "ignored-by-rule", FINDING_CERTAIN },
};

START_TEST(test_cards)
{
	const struct match_value value = { .is.mac = { { 0x52, 0x54, 0, 0, 0,
	    8 }, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } } };
	const struct match match = { MATCH_MAC, false, &value, 1 };
	const struct policy_rule rule[] = {
		{ .name = "node7", .is_own = true, .match = &match,
		    .n_match = 1 },
		{ .name = "all", .is_own = true },
	};
	const struct policy policy = { .rule = rule, .n = ROWS(rule) };
	static struct responder_exchange exchange;
	struct played *played = play(cards[_i].scene, SCENE_LINK);
	struct machine_finding finding[2];
	struct machine *machine;
	const char *found;
	char text[400];

	exchange.step = RESPONDER_RULE;
	exchange.decision.policy = &policy;
	memcpy(exchange.dhcp.chaddr, "\x52\x54\0\0\0\x08", 6);
	exchange.decision.rule = &rule[0];
	exchange.verdict = VERDICT_OFFER;
	if (cards[_i].is_heard)
		diagnosis_verdict(&played->diagnosis, &exchange);
	exchange.dhcp.chaddr[5] = 7;
	exchange.decision.rule = &rule[1];
	exchange.verdict = cards[_i].verdict;
	diagnosis_verdict(&played->diagnosis, &exchange);
	scene_play(cards[_i].after, SCENE_LINK, take, played);
	machine = machine_of(played);
	found = findings(played, machine);
	ck_assert_msg(strcmp(found, cards[_i].found) == 0, "%s: found \"%s\"",
	    cards[_i].what, found);
	if (cards[_i].found[0] != '\0' && diagnosis_findings(
	    &played->diagnosis, machine, finding, 2) > 0) {
		ck_assert_int_eq(finding[0].sureness, cards[_i].sureness);
		(void)finding_remedy(machine, &finding[0], text, sizeof(text));
		ck_assert(strstr(cards[_i].found, "card") == NULL ||
		    strstr(text, "52:54:00:00:00:08") != NULL);
	}
	free(played);
}
END_TEST

static bool
is_expected(const char *name)
{
	for (size_t i = 0; i < ROWS(cards); i++)
		if (strstr(cards[i].found, name) != NULL)
			return true;
	for (size_t i = 0; i < ROWS(rows); i++)
		if ((rows[i].link != NULL &&
		    strstr(rows[i].link, name) != NULL) ||
		    (rows[i].relay != NULL &&
		    strstr(rows[i].relay, name) != NULL))
			return true;
	for (size_t i = 0; i < ROWS(verdicts); i++)
		if (strcmp(verdicts[i].found, name) == 0)
			return true;
	return strcmp(name, "asks-nothing-more") == 0;
}

/* No finding is without a network that has it. */
START_TEST(test_all_are_found)
{
	for (size_t id = 0; id < finding_count(); id++)
		ck_assert_msg(is_expected(finding_name(id)), "%s",
		    finding_name(id));
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("diagnosis");
	TCase *tc = tcase_create("diagnosis");

	tcase_add_loop_test(tc, test_link, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_trunk, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_relay, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_twice, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_port, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_boots_at_port, 0, ROWS(ports));
	tcase_add_test(tc, test_server_of_another_vlan);
	tcase_add_loop_test(tc, test_far, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_elsewhere, 0, ROWS(elsewhere));
	tcase_add_loop_test(tc, test_never_told, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_verdict, 0, ROWS(verdicts));
	tcase_add_loop_test(tc, test_cards, 0, ROWS(cards));
	tcase_add_test(tc, test_all_are_found);
	tcase_add_test(tc, test_live_evidence);
	tcase_add_loop_test(tc, test_news, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_lives, 0, ROWS(lives));
	tcase_add_test(tc, test_lost);
	tcase_add_loop_test(tc, test_files, 0, ROWS(files));
	tcase_add_test(tc, test_no_options);
	tcase_add_test(tc, test_cut);
	tcase_add_test(tc, test_table_is_bounded);
	tcase_add_loop_test(tc, test_clock, 0, ROWS(clocks));
	suite_add_tcase(s, tc);
	return s;
}
