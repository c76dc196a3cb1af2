#include "core/verdict.h"

static const struct {
	const char *name;
	const char *sentence;
} table[VERDICT_COUNT] = {
	[VERDICT_OFFER] = { "offer",
	    "answered a DISCOVER with an OFFER from port 67" },
	[VERDICT_ACK] = { "ack",
	    "answered a boot server request with an ACK" },

	[VERDICT_FRAME_SHORT] = { "frame-short",
	    "the frame ends inside its Ethernet header or VLAN tag" },
	[VERDICT_OWN_FRAME] = { "own-frame",
	    "the frame comes from our own MAC address" },
	[VERDICT_VLAN_DEPTH] = { "vlan-depth",
	    "the frame has more than two VLAN tags" },
	[VERDICT_NOT_IPV4] = { "not-ipv4",
	    "the frame carries no IPv4" },
	[VERDICT_IP_HEADER] = { "ip-header",
	    "the IPv4 header is malformed" },
	[VERDICT_IP_LENGTH] = { "ip-length",
	    "the IPv4 packet is longer than the frame that carries it: "
	    "the frame was cut" },
	[VERDICT_IP_FRAGMENT] = { "ip-fragment",
	    "the IPv4 packet is a fragment" },
	[VERDICT_NOT_UDP] = { "not-udp",
	    "the IPv4 packet carries no UDP" },
	[VERDICT_UDP_LENGTH] = { "udp-length",
	    "the UDP length is below 8 or beyond the IPv4 packet" },
	[VERDICT_OTHER_PORT] = { "other-port",
	    "the UDP datagram goes neither to port 67 nor to port 4011" },

	[VERDICT_DHCP_SHORT] = { "dhcp-short",
	    "the message is shorter than a DHCP header" },
	[VERDICT_A_REPLY] = { "a-reply",
	    "the message is a server's reply, not a request" },
	[VERDICT_BAD_OP] = { "bad-op",
	    "the op field is neither BOOTREQUEST nor BOOTREPLY" },
	[VERDICT_BAD_HLEN] = { "bad-hlen",
	    "the hardware address is longer than its field" },
	[VERDICT_NO_COOKIE] = { "no-cookie",
	    "the message is BOOTP without DHCP's magic cookie" },
	[VERDICT_OPTION_TRUNCATED] = { "option-truncated",
	    "an option claims more octets than its block has" },
	[VERDICT_OPTIONS_LONG] = { "options-long",
	    "the long options, joined, are more than a message may carry" },
	[VERDICT_NO_TYPE] = { "no-type",
	    "the message has no sound message type (option 53)" },

	[VERDICT_NOT_PXE] = { "not-pxe",
	    "the vendor class (option 60) begins neither with PXEClient "
	    "nor with HTTPClient, nor with what the configuration accepts" },
	[VERDICT_LEASE_REQUEST] = { "lease-request",
	    "a REQUEST on port 67 is between the client and its address "
	    "server" },
	[VERDICT_OTHER_MESSAGE] = { "other-message",
	    "a message of this type on this port asks nothing of a boot "
	    "server" },
	[VERDICT_NOT_FOR_US] = { "not-for-us",
	    "the request was sent to the address of another server" },
	[VERDICT_BAD_GIADDR] = { "bad-giaddr",
	    "the relay address (giaddr) is not the address of another host" },
	[VERDICT_BAD_SOURCE] = { "bad-source",
	    "the source address is not one that this question comes from: "
	    "not a host's, or a host's that sends a DISCOVER to us alone" },
	[VERDICT_SOURCE_PORT] = { "source-port",
	    "a PXE client asks port 4011 from port 68 or 4011 only" },
	[VERDICT_SOURCE_NOT_CIADDR] = { "source-not-ciaddr",
	    "the client's address (ciaddr) is not where the request came "
	    "from: spoofed or translated" },
	[VERDICT_RELAY_NOT_ALLOWED] = { "relay-not-allowed",
	    "the relay (giaddr) is in none of the networks of allow-relay" },
	[VERDICT_CLIENT_NOT_ALLOWED] = { "client-not-allowed",
	    "the client's address is in none of the networks of "
	    "allow-client" },

	[VERDICT_IGNORED] = { "ignored",
	    "the rule says to ignore this client" },
	[VERDICT_LOCAL] = { "local",
	    "the rule says to boot from the local disk, and to a client of "
	    "this kind that is said by no answer" },
	[VERDICT_TOO_SOON] = { "too-soon",
	    "the rule answers only clients that have asked for longer "
	    "(min-secs)" },
	[VERDICT_REDIRECT] = { "redirect",
	    "the rule makes no OFFER: the address server sends the client "
	    "to port 4011" },
	[VERDICT_NO_ARCH] = { "no-arch",
	    "the client names no architecture (option 93 or Arch: in "
	    "option 60), and no rule gives it a file" },
	[VERDICT_ARCH_UNKNOWN] = { "arch-unknown",
	    "the architecture is in no registry, and no rule gives it a "
	    "file" },
	[VERDICT_ARCH_NO_FILE] = { "arch-no-file",
	    "the architecture has no usual boot file, and no rule gives it "
	    "one" },
	[VERDICT_NOT_HTTP_CLIENT] = { "not-http-client",
	    "the rule has the form http, but the client is not an HTTP "
	    "Boot client" },
	[VERDICT_NO_ITEM] = { "no-item",
	    "the client asks for an item that no menu of ours has, or that "
	    "is the local disk" },
	[VERDICT_NO_VALUE] = { "no-value",
	    "the rule uses a variable that this request has no value for" },
	[VERDICT_BAD_NEXT_SERVER] = { "bad-next-server",
	    "the rule's next-server, with its variables replaced, is no "
	    "IPv4 address" },
	[VERDICT_FILE_LONG] = { "file-long",
	    "the URL of the boot file is longer than an option can carry" },
	[VERDICT_REPLY_LONG] = { "reply-long",
	    "the answer would be longer than the client accepts" },

	[VERDICT_CLIENT_RATE] = { "client-rate",
	    "the client has had more answers than client-rate allows" },
	[VERDICT_TOTAL_RATE] = { "total-rate",
	    "all clients have had more answers than total-rate allows" },
};

const char *
verdict_name(enum verdict verdict)
{
	return table[verdict].name;
}

const char *
verdict_sentence(enum verdict verdict)
{
	return table[verdict].sentence;
}

bool
verdict_answered(enum verdict verdict)
{
	return verdict == VERDICT_OFFER || verdict == VERDICT_ACK;
}
