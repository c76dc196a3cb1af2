#include "diagnosis/judge.h"

/*
 * The table, and how a sentence of it is formed.
 *
 * In a sentence %m is the machine, %c another card, %0 to %2 are addresses, %a
 * and %b names, %n is a number, and %x the same in hexadecimal.  The rows are in the order
 * of what is told first; a row that only guesses looks whether one before it
 * found something.
 */
struct row {
	const char *name;
	const char *sentence;
	const char *remedy;
	judge_function *judge;
	const enum verdict *verdicts;
};

#define VERDICTS(...) (const enum verdict[]){ __VA_ARGS__, 0 }

static const struct row rows[] = {
	/* Why we are silent, or give it what is not meant for it. */
	{ "rule-for-another-card",
	  "%m has no rule of its own and falls under the rule \"%a\"; another "
	  "card of the same machine, %c, has one by its MAC address",
	  "Name both cards in that rule (mac = { \"%c\", \"%m\" }) or the "
	  "machine by its UUID (uuid = ...); or boot from %c.",
	  judge_sibling_rule, VERDICTS(VERDICT_ARCH_NO_FILE,
	  VERDICT_ARCH_UNKNOWN, VERDICT_NO_ARCH, VERDICT_IGNORED) },
	{ "rule-for-another-card",
	  "%m has no rule of its own and falls under the rule \"%a\"; the rule "
	  "\"%b\" is for %c, which may be another card of the same machine",
	  "If it is, name both cards in the rule \"%b\" (mac = { \"%c\", "
	  "\"%m\" }) or the machine by its UUID (uuid = ...).",
	  judge_nearby_rule, VERDICTS(VERDICT_ARCH_NO_FILE,
	  VERDICT_ARCH_UNKNOWN, VERDICT_NO_ARCH, VERDICT_IGNORED) },
	{ "no-file-for-architecture",
	  "%m asks as architecture %n, for which no boot file is configured",
	  "Write a rule with that architecture (arch = ...) and its "
	  "bootfile-name; pxeproxyd explain shows which rules were tried.",
	  judge_verdict, VERDICTS(VERDICT_ARCH_NO_FILE, VERDICT_ARCH_UNKNOWN,
	  VERDICT_NO_ARCH) },
	{ "ignored-by-rule", "the rule \"%a\" says that %m gets no answer",
	  "If this machine is to boot, take its ignore = true away, or put a "
	  "rule for the machine before it.",
	  judge_verdict, VERDICTS(VERDICT_IGNORED) },
	{ "not-allowed", "%m asks from a network that is not allowed",
	  "Add the network of the relay (giaddr) to allow-relay, or that of "
	  "the client to allow-client.",
	  judge_verdict, VERDICTS(VERDICT_RELAY_NOT_ALLOWED,
	  VERDICT_CLIENT_NOT_ALLOWED) },
	{ "rate-limited",
	  "%m is not answered because too many requests came before it",
	  "Look for a machine or a loop that asks without end; raise "
	  "client-rate or total-rate if so many machines start at once.",
	  judge_verdict, VERDICTS(VERDICT_CLIENT_RATE, VERDICT_TOTAL_RATE) },
	{ "answer-not-formed",
	  "the rule \"%a\" has an answer for %m that cannot be formed from "
	  "this request",
	  "pxeproxyd explain shows the variable that has no value, or the "
	  "part that is too long.",
	  judge_verdict, VERDICTS(VERDICT_NO_VALUE, VERDICT_BAD_NEXT_SERVER,
	  VERDICT_FILE_LONG, VERDICT_REPLY_LONG, VERDICT_NO_ITEM) },
	{ "request-not-sound",
	  "the request of %m is not answered because its addresses or ports "
	  "do not go together",
	  "Look at the router or relay between the machine and us: address "
	  "translation is no way for DHCP.",
	  judge_verdict, VERDICTS(VERDICT_BAD_GIADDR, VERDICT_BAD_SOURCE,
	  VERDICT_SOURCE_PORT, VERDICT_SOURCE_NOT_CIADDR) },

	/* Its requests do not come as they should. */
	{ "relay-strips-option-60",
	  "the relay %0 passes the request of %m on without option 60 "
	  "(PXEClient), so nobody can see that it is a PXE client",
	  "Have the relay pass all options on unchanged; on H3C and Cisco "
	  "switches only option 82 is the relay's to add.",
	  judge_strips_class, NULL },
	{ "relay-passes-us-over",
	  "the relay %0 passes the requests of %m to the address server only, "
	  "not to us, %1",
	  "Add our address to the relay. H3C: dhcp relay server-address %1 "
	  "beside the other one; Cisco: a second ip helper-address %1.",
	  judge_relay_passes_over, NULL },

	/* No lease. */
	{ "pool-option-67",
	  "the OFFER of %0 ends with option 67 (%a) without a NUL: UEFI "
	  "firmware loses the end of that OFFER and its server with it",
	  "Take the boot file name out of the pool (H3C: undo bootfile-name; "
	  "Cisco: no option 67, no bootfile), or have any option follow it.",
	  judge_option_67, NULL },
	{ "pool-option-67",
	  "the REQUEST of %m names no address, as UEFI firmware does where an "
	  "OFFER ends with option 67 without a NUL: it loses the end of that "
	  "OFFER; it asked %n times",
	  "Take the boot file name out of the pool behind the relay %0 (H3C: "
	  "undo bootfile-name; Cisco: no option 67, no bootfile), or have any "
	  "option follow it.",
	  judge_option_67_unseen, NULL },
	{ "lease-refused", "the address server %0 refuses %m its address (NAK)",
	  "Look into the log of %0: the address belongs to another network "
	  "or another machine, or the lease is bound elsewhere. H3C: display "
	  "dhcp server conflict; Cisco: show ip dhcp conflict.",
	  judge_refused, NULL },
	{ "address-declined",
	  "%m refuses the address %0 that %1 gave it (DECLINE): another "
	  "machine has it",
	  "Find the machine with that address (arp, display mac-address), or "
	  "take it out of the pool. H3C: dhcp server forbidden-ip; Cisco: ip "
	  "dhcp excluded-address.",
	  judge_declined, NULL },
	{ "address-in-use",
	  "%0, the address of %m, is in use by another machine as well",
	  "Find the machine with that address (arp, display mac-address), or "
	  "take it out of the pool. H3C: dhcp server forbidden-ip; Cisco: ip "
	  "dhcp excluded-address.",
	  judge_in_use, NULL },
	{ "offer-without-ack",
	  "%m asked %n times for the address that it was offered, and the "
	  "address server does not confirm it (no ACK)",
	  "Look into the log of the address server %0. Check that ACKs may "
	  "pass: H3C: dhcp snooping trust, Cisco: ip dhcp snooping trust, on "
	  "the port towards that server.",
	  judge_no_ack, NULL },
	{ "two-address-servers",
	  "two address servers, %0 and %1, give %m addresses of two networks",
	  "One of them is in the wrong network, or should not be there: find "
	  "its port. DHCP snooping keeps it silent (H3C: dhcp snooping "
	  "enable; Cisco: ip dhcp snooping vlan), with our port trusted.",
	  judge_two_servers, NULL },
	{ "pool-silent-for-machine",
	  "the address server %0 serves others, but %m asked %n times and is "
	  "offered no address",
	  "Look into the log of %0: the pool is full, or a rule keeps this "
	  "machine out. H3C: display dhcp server statistics, free-ip; Cisco: "
	  "show ip dhcp pool.",
	  judge_pool_silent, NULL },
	{ "no-address-server",
	  "no address server offers %m an address; it asked %n times",
	  "A ProxyDHCP server gives no addresses: see that a DHCP server "
	  "serves this network and is up, that its port is in this VLAN, and "
	  "trusted (H3C: dhcp snooping trust; Cisco: ip dhcp snooping trust).",
	  judge_no_server, NULL },
	{ "offers-to-relay-lost",
	  "%m behind the relay %0 begins again and again though we, %1, "
	  "answer: our OFFERs do not come back through the relay, or the "
	  "address server's do not",
	  "See that %1 reaches %0 on UDP port 67 (route, firewall), and that "
	  "the relay takes answers of %1: it must be one of its servers (H3C: "
	  "dhcp relay server-address; Cisco: ip helper-address).",
	  judge_relay_lost, NULL },

	/* Somebody else wins. */
	{ "pool-says-pxeclient",
	  "the address server %0 calls itself a PXE server (option 60 "
	  "PXEClient), so %m asks %1 for its boot file and not us",
	  "Take option 60 out of the pool (H3C: undo option 60; Cisco: no "
	  "option 60), or set its next-server to our address, which makes it "
	  "lead to us.",
	  judge_says_pxe, NULL },
	{ "pool-has-pxe-options",
	  "the address server %0 sends PXE options of its own (option 43 with "
	  "60 PXEClient), so %m follows them to %1 and does not ask us",
	  "Take options 43 and 60 out of the pool (H3C: undo option 43, undo "
	  "option 60; Cisco: no option 43, no option 60), or restrict them to "
	  "the telephones or access points that need them.",
	  judge_pool_options, NULL },
	{ "pool-offers-http",
	  "the address server %0 offers HTTP Boot itself (%a), which %m takes "
	  "before ours, and it fails",
	  "Take options 60 and 67 out of the pool, or correct the URL there.",
	  judge_pool_url, NULL },
	{ "our-address-taken",
	  "another machine answers for our address %0, so %m does not reach us",
	  "Find the machine with that address (arp -a, display mac-address, "
	  "show mac address-table) and give one of the two another address.",
	  judge_ours_taken, NULL },
	{ "second-copy",
	  "a second ProxyDHCP server, %0, offers %m the same file (%a from "
	  "%1) before us, and the boot fails there",
	  "Stop the second one, or let it wait as a standby (min-secs = 4).",
	  judge_copy, NULL },
	{ "rival-proxy",
	  "another ProxyDHCP server, %0, answers %m before us (%a from %1), "
	  "and the boot fails there",
	  "Stop that server (dnsmasq, WDS, another pxeproxyd), or let it "
	  "ignore this machine.",
	  judge_rival, NULL },
	{ "ipxe-given-ipxe",
	  "iPXE on %m was given the same program again, %n times: %a",
	  "Give iPXE its script: a rule with client = \"ipxe\" before the "
	  "others. If the file comes from the pool, take it out there.",
	  judge_loop, NULL },
	{ "pool-gives-file",
	  "%m takes the boot file of the address server %0 (%a from %1), not "
	  "ours, and it fails",
	  "Take the boot file and next-server out of the pool (H3C: undo "
	  "bootfile-name, undo next-server; Cisco: no bootfile, no "
	  "next-server), or set them to the same as ours.",
	  judge_pool_file, NULL },
	{ "pool-gives-file",
	  "the address server %0 gives a boot file of its own, from %1, which "
	  "iPXE on %m takes before ours",
	  "Take the boot file and next-server out of the pool (H3C: undo "
	  "bootfile-name, undo next-server; Cisco: no bootfile, no "
	  "next-server), or set them to the same as ours.",
	  judge_pool_file_unseen, NULL },

	/* Our answers do not arrive. */
	{ "our-offer-late",
	  "our OFFER came %n ms after %m began to ask, when it had decided "
	  "already",
	  "Take delay out of the configuration, and see that the host is not "
	  "overloaded: iPXE waits 2 s, a ROM 4 s.",
	  judge_late, NULL },
	{ "no-route-to-us",
	  "%m (%1) cannot reach us: %0 is in another network, and the address "
	  "server %2 gives it no gateway",
	  "Set the gateway in the pool (H3C: gateway-list; Cisco: "
	  "default-router), or give us an address in that network.",
	  judge_no_route, NULL },
	{ "no-route-to-us",
	  "%m cannot reach us, %0: the router %1 says so (ICMP unreachable)",
	  "Give the router %1 a route to %0 (H3C: ip route-static; Cisco: ip "
	  "route), and let UDP to port 4011 pass there; %0 needs a route back.",
	  judge_no_way, NULL },
	{ "offer-form-not-taken",
	  "%m takes no notice of the OFFERs of %0, which have PXE options in "
	  "option 43: UEFI firmware of 2010 to 2017 drops such OFFERs",
	  "Set form = \"binl\" for this machine, or form = \"paired\".",
	  judge_form, NULL },
	{ "our-offers-lost",
	  "%0 answers %m, but our OFFERs do not arrive: it goes on as if there "
	  "were none",
	  "DHCP snooping drops OFFERs on ports that are not trusted: trust "
	  "our port and the uplinks between. H3C: dhcp snooping trust; Cisco: "
	  "ip dhcp snooping trust. Or let the pool redirect to us (form = "
	  "\"redirect\").",
	  judge_offers_lost, NULL },
	{ "no-boot-offer",
	  "no ProxyDHCP OFFER comes to %m through the relay %2, and the "
	  "address server %0 names no boot file",
	  "Have the relay %2 pass the requests on to the ProxyDHCP server, "
	  "too, beside the address server. H3C: dhcp relay server-address; "
	  "Cisco: a second ip helper-address. Its OFFERs must reach %2 on UDP "
	  "port 67.",
	  judge_no_offer_relayed, NULL },
	{ "no-boot-offer",
	  "no ProxyDHCP OFFER reaches %m, and the address server %0 names no "
	  "boot file",
	  "See that the ProxyDHCP server hears the requests of this network "
	  "(VLAN, relay) and that its OFFERs may pass: trust its port (H3C: "
	  "dhcp snooping trust; Cisco: ip dhcp snooping trust).",
	  judge_no_offer, NULL },
	{ "acks-lost",
	  "%m asked us, %0, %n times on port 4011: our answers do not arrive",
	  "Let UDP from port 4011 of %0 pass to the clients (firewall, access "
	  "list; H3C: packet-filter; Cisco: ip access-group).",
	  judge_acks_lost, NULL },
	{ "port-4011-silent",
	  "%m asked %0 %n times on port 4011 and was not answered",
	  "See that the server %0 runs and answers UDP port 4011, and that no "
	  "firewall drops the question or the answer.",
	  judge_4011_silent, NULL },
	{ "request-4011-lost",
	  "%m has its address and looks for us, %0, but its request to port "
	  "4011 does not arrive",
	  "Let UDP to port 4011 of %0 pass (firewall, access list on the "
	  "switch, port security); see that our answers to ARP reach it.",
	  judge_4011_lost, NULL },
	{ "port-not-forwarding",
	  "%m was heard only late (its clock said %n s): the port of the "
	  "switch forwards nothing for half a minute after link-up",
	  "Make the port an edge port. H3C: stp edged-port; Cisco: "
	  "spanning-tree portfast.",
	  judge_late_rounds, NULL },

	/* The file. */
	{ "url-for-rom",
	  "%m is given a URL (%a), but its ROM fetches by TFTP alone",
	  "Give the ROM a file by TFTP, such as ipxe.efi or undionly.kpxe, and "
	  "the URL to iPXE in a rule with client = \"ipxe\".",
	  judge_url, NULL },
	{ "uboot-takes-no-proxy",
	  "U-Boot on %m looks at the address server's answer alone, and %0 "
	  "names no server there",
	  "Set next-server in the pool (H3C and Cisco: next-server), or build "
	  "U-Boot with CONFIG_SERVERIP_FROM_PROXYDHCP.",
	  judge_uboot, NULL },
	{ "second-stage-asks-pool",
	  "the program that %m fetched from %1 asks %0 for its next stage: "
	  "that is the next-server of the address server %2",
	  "Take next-server out of the pool, or set it to %1 (H3C and Cisco: "
	  "next-server).",
	  judge_shim_server, NULL },
	{ "gateway-absent",
	  "%m looks for its gateway %0 %n times by ARP and nobody answers",
	  "Correct the gateway in the pool of %1 (H3C: gateway-list; Cisco: "
	  "default-router), or bring it up.",
	  judge_gateway, NULL },
	{ "next-server-absent",
	  "%m looks for the server %0, which %1 names, %n times by ARP and "
	  "nobody answers",
	  "Correct next-server, or bring that host up; it must be in the "
	  "network and VLAN of the machine.",
	  judge_next_absent, NULL },
	{ "name-not-resolved",
	  "%m looks for its name server %0 %n times by ARP and nobody answers",
	  "Correct the name server in the pool of %1 (H3C: dns-list; Cisco: "
	  "dns-server), bring it up, or write an address into the URL.",
	  judge_name_server_absent, NULL },
	{ "script-host-absent",
	  "%m looks for %0 %n times by ARP and nobody answers; a script or "
	  "configuration names that host",
	  "Correct the address in the script that was fetched before, or "
	  "bring that host up.",
	  judge_host_absent, NULL },
	{ "next-server-no-route",
	  "%m (%1) cannot reach the server %0: it is in another network, and "
	  "the address server %2 gives no gateway",
	  "Set the gateway in the pool (H3C: gateway-list; Cisco: "
	  "default-router), or name a server in that network.",
	  judge_next_route, NULL },
	{ "next-server-no-route",
	  "the router %1 tells %m that the server %0 cannot be reached (ICMP "
	  "code %n), when it asks for %a",
	  "Code 0 and 1: give the router %1 a route to %0 (H3C: ip "
	  "route-static; Cisco: ip route), or bring that host up. Code 9, 10 "
	  "and 13: an access list or firewall refuses it there. Or correct "
	  "next-server.",
	  judge_no_way_to_file, NULL },
	{ "tftp-refused",
	  "%0 has no TFTP server: it answers the request for %a with port "
	  "unreachable",
	  "Start the TFTP server on %0, or correct next-server.",
	  judge_tftp_refused, NULL },
	{ "tftp-other-address",
	  "%m asks %0 for %a, and %1 answers: answers from another address "
	  "are dropped",
	  "Bind the TFTP server to %0 (tftpd-hpa: --address; dnsmasq: "
	  "listen-address), or set next-server to %1.",
	  judge_tftp_address, NULL },
	{ "tftp-answers-lost",
	  "%0 answers the request of %m for %a from port %n, but the answers "
	  "do not arrive",
	  "TFTP answers from a port of its own: let UDP from all ports of %0 "
	  "pass to the clients, or use a firewall that knows TFTP.",
	  judge_answers_lost, NULL },
	{ "large-blocks-lost",
	  "the server %0 and %m agree on blocks of %n octets for %a, and these "
	  "never arrive: small packets pass, large ones do not",
	  "Somewhere the MTU is smaller than 1,500 (tunnel, VLAN, VXLAN): "
	  "raise it, or limit the block size (tftpd-hpa: --blocksize 1024; "
	  "dnsmasq: tftp-mtu).",
	  judge_blocks_lost, NULL },
	{ "tftp-silent",
	  "%m asked %0 %n times for %a by TFTP, and nothing came back",
	  "Start the TFTP server on %0, or let UDP port 69 pass (firewall of "
	  "the server, access list on the way).",
	  judge_tftp_silent, NULL },
	{ "file-wrong-case",
	  "%0 has no file %a, but serves one whose name differs in upper and "
	  "lower case only",
	  "Write the name as the file is called.",
	  judge_case, NULL },
	{ "pxelinux-no-ldlinux",
	  "PXELINUX on %m finds no ldlinux.c32 on %0 (%a)",
	  "Put ldlinux.c32 of the same version beside pxelinux.0.",
	  judge_no_ldlinux, NULL },
	{ "pxelinux-no-config",
	  "PXELINUX on %m finds no configuration on %0: not even %a is there",
	  "Put a configuration at pxelinux.cfg/default beside pxelinux.0.",
	  judge_no_pxelinux_config, NULL },
	{ "grub-no-config",
	  "GRUB on %m finds no configuration on %0: not even %a is there",
	  "Put the configuration at that name, or build the image with "
	  "another prefix (grub-mkimage -p).",
	  judge_no_grub_config, NULL },
	{ "shim-no-second-stage",
	  "%m started %b, and its next stage %a is not on %0",
	  "Put that file beside the first one, in the directory and under "
	  "the name that is asked for.",
	  judge_no_second_stage, NULL },
	{ "file-missing", "%0 has no file %a, which %m asks for",
	  "Put the file into the root of the TFTP server, or correct "
	  "bootfile-name. Upper and lower case differ.",
	  judge_missing, NULL },
	{ "file-refused", "%0 refuses %m the file %a (TFTP error %n)",
	  "See the log of the TFTP server: rights of the file (it must be "
	  "readable for all), or a path outside its root.",
	  judge_tftp_error, NULL },
	{ "transfer-stopped",
	  "the transfer of %a from %0 to %m stopped after %n octets",
	  "Look for loss on the way (a bad cable, half duplex, a full "
	  "disk or a server that ended).",
	  judge_stopped, NULL },
	{ "http-refused",
	  "nothing listens on port %n of %0, where %m asks by HTTP",
	  "Start the HTTP server there, or correct the host and port of the "
	  "URL.",
	  judge_http_refused, NULL },
	{ "http-silent",
	  "%m finds no way to port %n of %0: its connections are not answered",
	  "Bring that host up, or let TCP port %n pass (firewall, access "
	  "list).",
	  judge_http_silent, NULL },
	{ "http-silent",
	  "%0 takes the connection of %m, and its answer to the request for "
	  "%a does not arrive",
	  "See the log of the HTTP server: if it did answer, large packets are "
	  "lost on the way. Raise the MTU there (tunnel, VLAN, VXLAN), or let "
	  "the router lower the MSS. H3C: tcp mss; Cisco: ip tcp adjust-mss.",
	  judge_http_unanswered, NULL },
	{ "http-error", "%0 answers the request of %m for %a with HTTP %n",
	  "404: put the file there, or correct the URL; 401 and 403: let "
	  "everybody read it; 5xx: see the log of the HTTP server.",
	  judge_http_error, NULL },
	{ "no-name-server",
	  "%m is given a URL with a name (%a), but the address server %0 gives "
	  "it no name server",
	  "Write an address into the URL, or set the name server in the pool "
	  "(H3C: dns-list; Cisco: dns-server).",
	  judge_no_name_server, NULL },
	{ "name-not-resolved",
	  "the name server %0 does not tell %m the address of %a",
	  "Enter the name into the DNS, correct it in the URL or script, or "
	  "write an address there.",
	  judge_unresolved, NULL },

	/* What it does with the file. */
	{ "bios-file-for-uefi",
	  "%m is a UEFI machine and is given a program for a BIOS: %a",
	  "Give it an EFI program, by a rule with its architecture (arch = "
	  "\"x64-uefi\").",
	  judge_bios_file, NULL },
	{ "uefi-file-for-bios",
	  "%m starts by a BIOS and is given a program for UEFI: %a",
	  "Give it a BIOS program such as pxelinux.0 or undionly.kpxe, by a "
	  "rule with arch = \"bios\"; or switch the machine to UEFI.",
	  judge_efi_file, NULL },
	{ "wrong-architecture",
	  "%a is a program for another processor (PE machine 0x%x) than %m "
	  "has",
	  "Give each architecture its own file (rules with arch = ...).",
	  judge_architecture, NULL },
	{ "file-not-signed",
	  "%m fetched %a whole and did not start it: the program has no "
	  "signature, which Secure Boot demands",
	  "Serve a signed program (shim), or switch Secure Boot off.",
	  judge_unsigned, NULL },
	{ "file-not-started",
	  "%m fetched %a whole from %0 and did not start it, or the program "
	  "ended at once",
	  "See the machine's console: Secure Boot refuses what its keys did "
	  "not sign; or the file is damaged, or for another architecture.",
	  judge_not_started, NULL },
	{ "grub-no-server",
	  "GRUB (%a) was started on %m and asks nobody: it takes its server "
	  "from the address server %1, which names none",
	  "Set next-server in the pool to %0 (H3C and Cisco: next-server), or "
	  "build the image with it: grub-mkimage -p '(tftp,%0)/grub'.",
	  judge_grub_server, NULL },
	{ "pxe-over-ipv6-only",
	  "%m asks for PXE over IPv6 only (%n times); we serve IPv4",
	  "Switch PXE over IPv4 on in the firmware's network settings, and "
	  "put it before IPv6.",
	  judge_ipv6_only, NULL },
	{ "another-card-asks",
	  "%m is another card of a machine that booted from its other card "
	  "before; this one is in a network where nothing comes of it",
	  "Plug the cable into the other card, or put this card's port into "
	  "the same VLAN; a rule by MAC address must name the card that asks.",
	  judge_other_card, NULL },

	/* Only what is left, from what is not seen here. */
	{ "request-4011-lost",
	  "%m has its address but gave up without a request to port 4011 of "
	  "%0 that arrived here",
	  "Let UDP to port 4011 of %0 pass (firewall, access list, routing "
	  "between the networks). A capture at the machine shows whom it "
	  "asked.",
	  judge_not_asked, NULL },
	{ "request-4011-lost",
	  "%m, behind the relay %1, asked for an address and gave up without a "
	  "request to port 4011 of %0 that arrived here",
	  "Let UDP to port 4011 of %0 pass (firewall, access list, routing "
	  "between the networks). See also that the address server confirms "
	  "the address (ACK, not NAK) and does not call itself PXEClient "
	  "(option 60): that is not seen here, but in a capture at the machine.",
	  judge_not_asked_relayed, NULL },
	{ "file-not-taken",
	  "%m knew its file (%a from %0) and gave up %n s later: %0 refused "
	  "it, or the machine could not start it",
	  "See the log of the TFTP or HTTP server on %0: is the file there, "
	  "under this name? Then Secure Boot and the architecture. A capture "
	  "at the machine tells more.",
	  judge_not_taken, NULL },
	{ "file-not-taken",
	  "%m knew its file (%a from %0) and gave up: the file was refused or "
	  "did not come, or the machine could not start it",
	  "See the log of the TFTP or HTTP server on %0: was the file asked "
	  "for, is it there, under this name? Then Secure Boot and the "
	  "architecture. A capture at the machine tells more.",
	  judge_not_taken_relayed, NULL },
	{ "file-server-silent",
	  "%m knew its file (%a from %0) and gave up %n s later: %0 did not "
	  "answer it",
	  "See that the server on %0 runs and that UDP port 69, and the ports "
	  "above 1023 for its answers, pass between it and the machine.",
	  judge_file_silent, NULL },
	{ "asks-nothing-more",
	  "%m fetched %a and asked for nothing since; if it is GRUB at its "
	  "prompt, it lacks a server, for %1 names none",
	  "If the machine runs, all is well. Else set next-server in the pool "
	  "to %0.",
	  judge_asks_nothing, NULL },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

_Static_assert(ROWS <= 8 * MACHINE_TOLD,
    "a row has a bit");

size_t
finding_count(void)
{
	return ROWS;
}

const char *
finding_name(size_t id)
{
	return rows[id].name;
}

const char *
finding_sureness_name(enum finding_sureness sureness)
{
	static const char *const names[] = {
		[FINDING_NOT] = "not",
		[FINDING_NOTE] = "note",
		[FINDING_POSSIBLE] = "possible",
		[FINDING_LIKELY] = "likely",
		[FINDING_CERTAIN] = "certain",
	};

	return names[sureness];
}

/* A text that grows, cut at its end. */
static void
put_n(struct span_writer *w, const char *text, size_t n)
{
	size_t room = w->size - w->n;

	write_octets(w, (struct span){ (const uint8_t *)text,
	    n < room ? n : room });
}

static void
put(struct span_writer *w, const char *text)
{
	put_n(w, text, strlen(text));
}

static void
put_number(struct span_writer *w, uint32_t number, uint32_t base)
{
	char digits[11];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number > 0);
	put(w, digits + at);
}

static void
put_address(struct span_writer *w, struct in_addr address)
{
	uint8_t octets[sizeof(address.s_addr)];

	memcpy(octets, &address.s_addr, sizeof(octets));
	for (size_t i = 0; i < sizeof(octets); i++) {
		if (i > 0)
			put(w, ".");
		put_number(w, octets[i], 10);
	}
}

static void
put_mac(struct span_writer *w, const uint8_t mac[FRAME_MAC])
{
	for (size_t i = 0; i < FRAME_MAC; i++) {
		if (i > 0)
			put(w, ":");
		if (mac[i] < 16)
			put(w, "0");
		put_number(w, mac[i], 16);
	}
}

static void
put_name(struct span_writer *w, const struct machine *m, uint16_t name)
{
	put(w, name == 0 ? "(no name)" : machine_name(m, name));
}

static void
put_part(struct span_writer *w, char part, const struct machine *m,
    const struct machine_finding *f)
{
	switch (part) {
	case 'm':
		put_mac(w, m->mac);
		break;
	case 'c':
		put_mac(w, f->mac);
		break;
	case '0':
	case '1':
	case '2':
		put_address(w, f->address[part - '0']);
		break;
	case 'a':
		put_name(w, m, f->name[0]);
		break;
	case 'b':
		put_name(w, m, f->name[1]);
		break;
	case 'n':
		put_number(w, f->value, 10);
		break;
	case 'x':
		put_number(w, f->value, 16);
		break;
	default:
		break;
	}
}

static const char *
form(const char *template, const struct machine *m,
    const struct machine_finding *f, char *out, size_t size)
{
	struct span_writer w = { (uint8_t *)out, size - 1, 0, false };
	const char *part;

	while ((part = strchr(template, '%')) != NULL) {
		put_n(&w, template, (size_t)(part - template));
		put_part(&w, part[1], m, f);
		template = part + 2;
	}
	put(&w, template);
	out[w.n] = '\0';
	return out;
}

const char *
finding_sentence(const struct machine *m, const struct machine_finding *f,
    char *out, size_t size)
{
	return form(rows[f->id].sentence, m, f, out, size);
}

const char *
finding_remedy(const struct machine *m, const struct machine_finding *f,
    char *out, size_t size)
{
	return form(rows[f->id].remedy, m, f, out, size);
}

bool
judge_is_near(const struct machine_lease *lease, struct in_addr address)
{
	struct in_addr own = lease->address;

	if (!is_set(lease->mask) || !is_set(own))
		return true;
	return ((own.s_addr ^ address.s_addr) & lease->mask.s_addr) == 0;
}

bool
judge_is_neighbour(const struct judgement *j, struct in_addr address)
{
	const uint32_t mask = 0xffffff00;	/* the usual one */

	return ((address.s_addr ^ j->m->address.s_addr) & htonl(mask)) == 0;
}

const struct machine_look *
judge_look(const struct judgement *j, struct in_addr address)
{
	for (size_t i = 0; i < j->b->n_looks; i++)
		if (same_address(j->b->look[i].address, address))
			return &j->b->look[i];
	return NULL;
}

/* When the boot was last heard of, up to the time at. */
static uint32_t
last_heard(const struct machine_boot *b, uint32_t at)
{
	const uint32_t times[] = { b->last_discover, b->last_request_at,
	    b->ack_at };
	uint32_t last = 0;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] <= at && times[i] > last)
			last = times[i];
	for (size_t i = 0; i < b->n_proxies; i++)
		if (b->proxy[i].asked_at <= at && b->proxy[i].asked_at > last)
			last = b->proxy[i].asked_at;
	for (size_t i = 0; i < b->n_files; i++)
		if (b->file[i].last_at <= at && b->file[i].last_at > last)
			last = b->file[i].last_at;
	return last;
}

/*
 * An operating system asks once a second, firmware more often to begin with.
 * U-Boot takes 5 s.  After a while only the rhythm tells them apart.
 */
static bool
is_of_system(const struct judgement *j, const struct machine_look *look)
{
	enum { SLOW = 1500, LATER = 10 * JUDGE_SECOND };

	return j->b->client != MACHINE_UBOOT && look->third >= SLOW &&
	    look->at - last_heard(j->b, look->at) >= LATER;
}

bool
judge_is_missed(const struct judgement *j, const struct machine_look *look)
{
	return look != NULL && !look->is_answered && look->is_repeated &&
	    !is_of_system(j, look);
}

bool
judge_is_url(const char *name)
{
	return strstr(name, "://") != NULL;
}

/* One octet of an address in decimal digits, and what is behind it. */
static bool
read_octet(const char **text, uint8_t *out)
{
	unsigned value = 0, digits = 0;

	for (; **text >= '0' && **text <= '9' && digits < 3; ++*text) {
		value = value * 10 + (unsigned)(**text - '0');
		digits++;
	}
	*out = (uint8_t)value;
	return digits > 0 && value <= UINT8_MAX;
}

struct in_addr
judge_url_host(const char *url)
{
	const struct in_addr none = { INADDR_ANY };
	const char *at = strstr(url, "://");
	uint8_t octets[sizeof(none.s_addr)];
	struct in_addr host;

	if (at == NULL)
		return none;
	at += strlen("://");
	for (size_t i = 0; i < sizeof(octets); i++) {
		if ((i > 0 && *at++ != '.') || !read_octet(&at, &octets[i]))
			return none;
	}
	if (*at != '/' && *at != ':' && *at != '\0')
		return none;
	memcpy(&host.s_addr, octets, sizeof(octets));
	return host;
}

struct in_addr
judge_server_of(const struct judgement *j, const struct machine_proxy *proxy)
{
	const char *name = judge_name(j, proxy->file);

	return judge_is_url(name) ? judge_url_host(name) : proxy->next;
}

struct in_addr
judge_next(const struct judgement *j)
{
	if (j->told != NULL)
		return judge_server_of(j, j->told);
	if (j->lease != NULL && (j->lease->says & SAYS_FILE) != 0)
		return j->lease->next;
	return (struct in_addr){ INADDR_ANY };
}

static const struct machine_lease *
lease_of(const struct machine_boot *b)
{
	if (b->acks > 0)
		return &b->ack;
	for (size_t i = 0; i < b->n_leases; i++)
		if (same_address(b->lease[i].server, b->chosen))
			return &b->lease[i];
	return b->n_leases > 0 ? &b->lease[0] : NULL;
}

static void
find_proxies(struct judgement *j)
{
	for (size_t i = 0; i < j->b->n_proxies; i++) {
		const struct machine_proxy *p = &j->b->proxy[i];

		/* Asked alone, it is where a pool leads to. */
		if (p->is_ours && j->ours == NULL)
			j->ours = p;
		if (!p->is_ours && p->offers > 0 && j->rival == NULL)
			j->rival = p;
		if (p->answered > 0 && (j->told == NULL ||
		    j->told->answered == 0))
			j->told = p;
	}
	if (j->told == NULL)
		j->told = j->ours != NULL && j->ours->offers > 0 ? j->ours :
		    j->rival;
}

static void
prepare(const struct diagnosis *d, const struct machine *m,
    struct judgement *j)
{
	int64_t now = (d->now - m->began) / 1000,
	    silent = (d->now - m->seen) / 1000;

	*j = (struct judgement){ .d = d, .m = m, .b = &m->boot,
	    .now = now > UINT32_MAX ? UINT32_MAX : (uint32_t)now,
	    .silent = silent > UINT32_MAX ? UINT32_MAX : (uint32_t)silent,
	    .is_timed = m->began_breaks == m->seen_breaks,
	    .lease = lease_of(&m->boot) };
	if (m->seen_breaks != d->table.breaks)
		j->silent = 0;
	if (m->boot.n_files > 0)
		j->file = &m->boot.file[m->boot.n_files - 1];
	find_proxies(j);
}

/* As the frames came; those that are not known are 0, and at the end. */
static void
sort_evidence(struct machine_finding *f)
{
	for (size_t i = 1; i < MACHINE_EVIDENCE; i++)
		for (size_t k = i; k > 0 && f->evidence[k] != 0 &&
		    (f->evidence[k - 1] == 0 ||
		    f->evidence[k] < f->evidence[k - 1]); k--) {
			uint32_t swap = f->evidence[k];

			f->evidence[k] = f->evidence[k - 1];
			f->evidence[k - 1] = swap;
		}
}

size_t
finding_judge(const struct diagnosis *d, const struct machine *m,
    struct machine_finding *out, size_t size)
{
	struct machine_finding found;
	enum finding_sureness sureness;
	struct judgement j;

	size_t n = 0;

	if (m->boot.end == END_SYSTEM || m->boot.end == END_NEXT_STAGE ||
	    m->boot.has_gaps)
		return 0;
	prepare(d, m, &j);
	if (m->boot.is_fallback)
		j.found = m->n_kept;
	for (size_t id = 0; id < ROWS && n < size; id++) {
		found = (struct machine_finding){ .id = (uint8_t)id };
		j.verdicts = rows[id].verdicts;
		sureness = rows[id].judge(&j, &found);
		if (sureness == FINDING_NOT)
			continue;
		found.sureness = (uint8_t)sureness;
		sort_evidence(&found);
		out[n++] = found;
		j.found++;
	}
	return n;
}

bool
finding_has_come_far(const struct diagnosis *d, const struct machine *m)
{
	const struct machine_boot *b = &m->boot;
	struct judgement j;

	if (b->end == END_SYSTEM || b->end == END_NEXT_STAGE)
		return true;
	for (size_t i = 0; i < b->n_files; i++)
		if (b->file[i].state == FILE_WHOLE ||
		    (b->file[i].state == FILE_OPEN && b->n_files > 1))
			return b->end != END_GAVE_UP;
	/* What failed one way is likely to fail the other way, unseen. */
	if (b->is_fallback && m->n_kept > 0)
		return false;
	prepare(d, m, &j);
	/* Its file is fetched elsewhere, unseen, and nothing goes wrong. */
	return b->end == END_OPEN && j.told != NULL && b->requests > 0 &&
	    (j.told->answered > 0 || b->client == MACHINE_IPXE ||
	    b->client == MACHINE_HTTP) && j.silent >= 30 * JUDGE_SECOND;
}

static const struct {
	const char *name;
	const char *words;
} stages[STAGES] = {
	[STAGE_ASKING] = { "asking", "it asks" },
	[STAGE_OFFERED] = { "offered", "it has offers" },
	[STAGE_LEASED] = { "leased", "it has an address" },
	[STAGE_TOLD] = { "told", "it knows its file" },
	[STAGE_FETCHING] = { "fetching", "it asks for its file" },
	[STAGE_FETCHED] = { "fetched", "its file was fetched" },
	[STAGE_NEXT] = { "next-stage", "what it fetched runs" },
	[STAGE_SYSTEM] = { "system", "an operating system runs" },
};

/* It asked for more than the boot file, with or without its size. */
static bool
asks_for_more(const struct machine_boot *b)
{
	for (size_t i = 1; i < b->n_files; i++)
		if (b->file[i].name != b->file[0].name &&
		    b->file[i].name != 0)
			return true;
	return false;
}

enum finding_stage
finding_stage(const struct machine *m)
{
	const struct machine_boot *b = &m->boot;
	const struct machine_file *f = b->n_files == 0 ? NULL :
	    &b->file[b->n_files - 1];

	if (b->end == END_SYSTEM)
		return STAGE_SYSTEM;
	if (b->is_chained || m->stages > 0 || asks_for_more(b))
		return STAGE_NEXT;
	/* What another address answers is dropped. */
	if (f != NULL)
		return f->state == FILE_WHOLE || (f->state == FILE_OPEN &&
		    !is_set(f->other)) ? STAGE_FETCHED : STAGE_FETCHING;
	for (size_t i = 0; i < b->n_proxies; i++)
		if (b->proxy[i].answered > 0)
			return STAGE_TOLD;
	if (b->acks > 0 || b->requests > 0)
		return STAGE_LEASED;
	return b->n_leases > 0 || b->n_proxies > 0 ? STAGE_OFFERED :
	    STAGE_ASKING;
}

const char *
finding_stage_name(enum finding_stage stage)
{
	return stages[stage].name;
}

const char *
finding_progress(const struct machine *m)
{
	return stages[finding_stage(m)].words;
}

const char *
finding_progress_name(const struct machine *m)
{
	return stages[finding_stage(m)].name;
}
