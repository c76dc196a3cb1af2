#include <check.h>

#include "config/value.h"
#include "unit/octets.h"
#include "unit/suite.h"

/*
 * check_value.c - each reader of the configuration's values, with what it
 * takes and what it refuses.
 */

enum { ROOM = 512 };

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X250 X50 X50 X50 X50 X50
#define HEX50 "00010203040506070809" "00010203040506070809" \
	"00010203040506070809" "00010203040506070809" "00010203040506070809"

/* Hardware addresses: value and mask, or NULL for what is none. */
static const struct {
	const char *text;
	const char *value, *mask;
} macs[] = {
	{ "52:54:00:12:34:56", "525400123456", "ffffffffffff" },
	{ "52-54-00-12-34-56", "525400123456", "ffffffffffff" },
	{ "Ab:cD:eF:00:ff:FF", "abcdef00ffff", "ffffffffffff" },
	{ "5254.0012.3456", "525400123456", "ffffffffffff" },
	{ "5254-0012-3456", "525400123456", "ffffffffffff" },
	{ "525400123456", "525400123456", "ffffffffffff" },
	{ "52:54:00", "525400000000", "ffffff000000" },
	{ "525400", "525400000000", "ffffff000000" },
	{ "525400*", "525400000000", "ffffff000000" },
	{ "5254.00*", "525400000000", "ffffff000000" },
	{ "5254-*", "525400000000", "ffff00000000" },
	{ "5254001234*", "525400123400", "ffffffffff00" },
	{ "52-54-00", "525400000000", "ffffff000000" },
	{ "52:54:00:*", "525400000000", "ffffff000000" },
	{ "52:54:00:07:*", "525400070000", "ffffffff0000" },
	{ "52:54:00:12:34:*", "525400123400", "ffffffffff00" },
	{ "*", "000000000000", "000000000000" },
	{ "*:*:*:*:*:*", "000000000000", "000000000000" },
	{ "*:54:*:12:34:56", "005400123456", "00ff00ffffff" },
	{ "*:*:*:*:*:99", "000000000099", "0000000000ff" },
	{ "52:54:00:12:34:56:78", NULL, NULL },
	{ "52:54:00:12:34", NULL, NULL },
	{ "52:54:00:12", NULL, NULL },
	{ "52:54", NULL, NULL },
	{ "52", NULL, NULL },
	{ "", NULL, NULL },
	{ ":", NULL, NULL },
	{ "52:54:00:", NULL, NULL },
	{ "52:54:00:12:34:56:", NULL, NULL },
	{ "52:54:00:12:34:5", NULL, NULL },
	{ "5:54:00:12:34:56", NULL, NULL },
	{ "52:54:00:12:34:5g", NULL, NULL },
	{ "52.54.00.12.34.56", NULL, NULL },
	{ "5254.0012.345", NULL, NULL },
	{ "5254.0012.3456.", NULL, NULL },
	{ "5254.0012", NULL, NULL },
	{ "525*", NULL, NULL },
	{ "525400*1", NULL, NULL },
	{ "52540012", NULL, NULL },
	{ "5254.00.*", NULL, NULL },
	{ "52540012345", NULL, NULL },
	{ "5254001234567", NULL, NULL },
	{ "5254.00123456", NULL, NULL },
	{ "52:54:00:5*", NULL, NULL },
	{ "52:54:00:**", NULL, NULL },
	{ " 52:54:00:12:34:56", NULL, NULL },
	{ "52:54:00:12:34:56 ", NULL, NULL },
};

START_TEST(test_mac)
{
	struct match_mac mac;
	const char *text = macs[_i].text;
	const char *fault = value_mac(text, &mac);

	if (macs[_i].value == NULL) {
		ck_assert_msg(fault != NULL, "\"%s\" was taken", text);
		return;
	}
	ck_assert_msg(fault == NULL, "\"%s\" %s", text, fault);
	ck_assert_str_eq(octets_hex((struct span){ mac.value, FRAME_MAC }),
	    macs[_i].value);
	ck_assert_str_eq(octets_hex((struct span){ mac.mask, FRAME_MAC }),
	    macs[_i].mask);
}
END_TEST

static const struct {
	const char *text;
	bool good;
} uuids[] = {
	{ "00112233-4455-6677-8899-aabbccddeeff", true },
	{ "00112233-4455-6677-8899-AABBCCDDEEFF", true },
	{ "00112233445566778899aabbccddeeff", true },
	{ "001122334455-66778899aabbccddeeff", true },
	{ "", false },
	{ "00112233-4455-6677-8899-aabbccddeef", false },
	{ "00112233-4455-6677-8899-aabbccddeeff0", false },
	{ "00112233-4455-6677-8899-aabbccddeeff-", false },
	{ "-00112233-4455-6677-8899-aabbccddeeff", false },
	{ "0011-2233-4455-6677-8899-aabbccddeeff", false },
	{ "00112233--4455-6677-8899-aabbccddeeff", false },
	{ "{00112233-4455-6677-8899-aabbccddeeff}", false },
	{ "00112233-4455-6677-8899-aabbccddeefg", false },
};

START_TEST(test_uuid)
{
	uint8_t uuid[MATCH_UUID_OCTETS];
	const char *fault = value_uuid(uuids[_i].text, uuid);

	ck_assert_msg((fault == NULL) == uuids[_i].good, "\"%s\"",
	    uuids[_i].text);
	if (uuids[_i].good)
		ck_assert_str_eq(octets_hex((struct span){ uuid,
		    sizeof(uuid) }), "00112233445566778899aabbccddeeff");
}
END_TEST

static const struct {
	const char *text;
	bool good;
} addresses[] = {
	{ "10.1.0.2", true }, { "255.255.255.255", true },
	{ "0.0.0.1", true },
	{ "0.0.0.0", false }, { "", false }, { "10.1.0", false },
	{ "10.1.0.256", false }, { "10.1.0.2.3", false },
	{ "10.1.0.2 ", false }, { "boot.example.com", false },
	{ "::1", false }, { "0x0a010002", false }, { "10.1.0.2/24", false },
};

START_TEST(test_address)
{
	struct in_addr address;
	const char *text = addresses[_i].text;

	ck_assert_msg((value_address(text, &address) == NULL) ==
	    addresses[_i].good, "\"%s\"", text);
	if (addresses[_i].good && strcmp(text, "10.1.0.2") == 0)
		ck_assert_uint_eq(ntohl(address.s_addr), 0x0a010002);
}
END_TEST

/* With variables: what is wrong with it, or NULL. */
static const char not_address[] = "is not an IPv4 address, whatever its "
    "variables stand for";
static const char of_itself[] = "cannot be made of ${next-server}, which it "
    "says itself";

static const struct {
	const char *text, *fault;
} made_addresses[] = {
	{ "${relay}", NULL }, { "${ip:-10.0.0.1}", NULL },
	{ "10.${vlan}.0.1", NULL }, { "10.${vlan:-7}.${vlan}.1", NULL },
	{ "${vlan}.0.0.1", NULL }, { "10.0.0.${vlan}", NULL },
	{ "10.1${vlan}.0.1", NULL }, { "10.0.0.1", NULL },
	{ "10.${vlan}0.1", not_address }, { "10.300${vlan}.0.1", not_address },
	{ "10.${vlan}.0.1.", not_address }, { "${relay} ", not_address },
	{ "${relay}${vlan}.example.org", not_address },
	{ "boot.${vlan}", not_address }, { "${vlan", not_address },
	{ "10.0.0.${vlan", not_address },
	/* Longer than an address, before and behind a variable. */
	{ "boot.example.org.${vlan}", not_address },
	{ "boot.example.org.${vlan}${vlan}", not_address },
	{ "${vlan}boot.example.org.${vlan}", not_address },
	{ "${next-server}", of_itself },
	{ "${next-server:-10.0.0.1}", of_itself },
	{ "10.0.0.${next-server}", of_itself },
	{ "${next-servers}", NULL },
};

START_TEST(test_made_address)
{
	const char *fault = value_address_of(made_addresses[_i].text);

	ck_assert_msg(fault == made_addresses[_i].fault || (fault != NULL &&
	    made_addresses[_i].fault != NULL &&
	    strcmp(fault, made_addresses[_i].fault) == 0), "\"%s\" %s",
	    made_addresses[_i].text, fault);
}
END_TEST

/* Sizes from 1 MiB to 1 GiB: mebibytes and octets, or 0: refused. */
static const struct {
	const char *text;
	unsigned long octets;
} sizes[] = {
	{ "1M", 1UL << 20 }, { "1MiB", 1UL << 20 }, { "64 MiB", 64UL << 20 },
	{ "1048576", 1UL << 20 }, { "2048K", 2UL << 20 },
	{ "1024KiB", 1UL << 20 }, { "1G", 1UL << 30 }, { "1GiB", 1UL << 30 },
	{ "010M", 10UL << 20 },
	{ "2G", 0 }, { "1048575", 0 }, { "1025M", 0 }, { "0", 0 }, { "", 0 },
	{ "M", 0 }, { "1T", 0 }, { "1MB", 0 }, { "1m", 0 }, { "-1M", 0 },
	{ "0x100000", 0 }, { "1M ", 0 }, { "99999999999999999999M", 0 },
	{ "18446744073709551616", 0 }, { "17592186044416M", 0 },
};

START_TEST(test_size)
{
	unsigned long octets = 0;
	const char *fault = value_size(sizes[_i].text, 1UL << 20, 1UL << 30,
	    &octets);

	ck_assert_msg((fault == NULL) == (sizes[_i].octets != 0) &&
	    octets == sizes[_i].octets, "\"%s\": %lu", sizes[_i].text,
	    octets);
}
END_TEST

static const struct {
	const char *text;
	int number;		/* -1: refused */
} archs[] = {
	{ "x86-bios", 0 }, { "x64-uefi", 7 }, { "ebc", 9 },
	{ "x64-uefi-http", 16 }, { "arm-rpiboot", 41 },
	{ "0", 0 }, { "7", 7 }, { "65535", 65535 }, { "0x10", 16 },
	{ "0xFFFF", 65535 }, { "010", 10 }, { "08", 8 },
	{ "65536", -1 }, { "-1", -1 }, { "+7", -1 }, { " 7", -1 },
	{ "7 ", -1 }, { "7x", -1 }, { "0x", -1 }, { "", -1 }, { "0x-1", -1 },
	{ "X64-UEFI", -1 }, { "x64", -1 }, { "uefi", -1 },
	{ "toaster", -1 }, { "99999999999999999999999", -1 },
};

START_TEST(test_arch)
{
	uint16_t number = 4711;
	const char *fault = value_arch(archs[_i].text, &number);

	ck_assert_msg((fault == NULL) == (archs[_i].number >= 0), "\"%s\"",
	    archs[_i].text);
	if (fault == NULL)
		ck_assert_msg(number == archs[_i].number, "\"%s\" is %u",
		    archs[_i].text, number);
}
END_TEST

static const struct {
	const char *text;
	bool good;
} files[] = {
	{ "a", true }, { "BOOTX64.EFI", true }, { "/srv/a b.efi", true },
	{ "http://10.0.0.1/boot.ipxe?mac=${mac}&uuid=${uuid}", true },
	{ "${ip}${ip-hex}${vlan}${arch}${mac-hyphen}", true },
	{ "\\windows\\boot.efi", true }, { "caf\xc3\xa9", true },
	{ "$mac", true }, { "{mac}", true }, { "$", true }, { "a${", true },
	{ "a${mac", true },
	{ X250 "4444", true },
	{ X250 "55555", false },
	{ "", false },
	{ "a\n", false }, { "a\tb", false }, { "\x7f", false },
	{ "\x1b[2J", false },
	{ "${hostname}/${uuid:-none}", true },
	{ "${host}", false }, { "${host:-none}", false },
	{ "${}", false }, { "${MAC}", false },
	{ "${mac }", false }, { "${mac}/${mac_}", false },
};

START_TEST(test_file)
{
	ck_assert_msg((value_file(files[_i].text) == NULL) == files[_i].good,
	    "\"%s\"", files[_i].text);
}
END_TEST

/*
 * Further options: their number, and their octets in hexadecimal; NULL for
 * what is refused.
 */
static const struct {
	const char *text;
	unsigned code;
	const char *octets;
} options[] = {
	{ "209 text a.cfg", 209, "612e636667" },
	{ "209 a.cfg", 209, "612e636667" },
	{ "209 a b", 209, "612062" },
	{ "209 text text a", 209, "746578742061" },
	{ "66 hexagon", 66, "68657861676f6e" },
	{ "43 hex 010203", 43, "010203" },
	{ "43 hex 01:02:fF", 43, "0102ff" },
	{ "175 hex 01", 175, "01" },
	{ "66 address 10.1.0.2", 66, "0a010002" },
	{ "66 text 10.1.0.2", 66, "31302e312e302e32" },
	{ "66 address 0.0.0.0", 66, "00000000" },
	{ "2 hex 00000000", 2, "00000000" },
	{ "11 address 10.1.0.21, 10.1.0.22", 11, "0a0100150a010016" },
	{ "11 address 10.1.0.21,10.1.0.22", 11, "0a0100150a010016" },
	{ "tftp-server-address 10.1.0.2, 10.1.0.3", 150, "0a0100020a010003" },
	{ "tftp-server-name 10.1.0.2", 66, "31302e312e302e32" },
	{ "config-file a.cfg", 209, "612e636667" },
	{ "vendor-specific 01:02", 43, "0102" },
	{ "root-path hex 61", 17, "61" },
	{ "254 text x", 254, "78" },
	{ "9 x", 9, "78" },

	{ "", 0, NULL }, { "209", 0, NULL }, { "209 ", 0, NULL },
	{ "209 text ", 0, NULL }, { "text 209", 0, NULL },
	{ "209=x", 0, NULL }, { "-1 x", 0, NULL }, { " 209 x", 0, NULL },
	{ "2090 x", 0, NULL }, { "256 x", 0, NULL }, { "999 x", 0, NULL },
	{ "0xd1 x", 0, NULL }, { "0 x", 0, NULL }, { "255 x", 0, NULL },
	{ "1 x", 0, NULL }, { "3 x", 0, NULL }, { "13 hex 0001", 0, NULL },
	{ "28 x", 0, NULL }, { "50 x", 0, NULL }, { "51 x", 0, NULL },
	{ "52 x", 0, NULL }, { "53 x", 0, NULL }, { "54 x", 0, NULL },
	{ "55 x", 0, NULL }, { "57 x", 0, NULL }, { "58 x", 0, NULL },
	{ "59 x", 0, NULL }, { "60 x", 0, NULL }, { "61 x", 0, NULL },
	{ "67 x", 0, NULL }, { "82 x", 0, NULL }, { "93 x", 0, NULL },
	{ "94 x", 0, NULL }, { "97 x", 0, NULL },
	{ "43 hex ", 0, NULL }, { "43 hex 0", 0, NULL },
	{ "43 hex 0g", 0, NULL }, { "43 hex 01 02", 0, NULL },
	{ "43 hex :01", 0, NULL }, { "43 hex 01:", 0, NULL },
	{ "43 hex 01::02", 0, NULL },
	{ "66 address 10.1.0", 0, NULL }, { "66 address ", 0, NULL },
	{ "66 address 10.1.0.2 10.1.0.3", 0, NULL },
	{ "66 address 10.1.0.2,", 0, NULL },
	{ "66 address ,10.1.0.2", 0, NULL },
	{ "66 address 10.1.0.2,,10.1.0.3", 0, NULL },
	{ "43 hex 01*", 0, NULL }, { "43 hex *", 0, NULL },
	{ "root-pat x", 0, NULL }, { "root-path", 0, NULL },
	{ "vendor-class x", 0, NULL }, { "arch 0007", 0, NULL },
	{ "tftp-server-address tftp.example", 0, NULL },
	{ "209 text " X250 "123456", 0, NULL },
	{ "43 hex " HEX50 HEX50 HEX50 HEX50 HEX50 "010203040506", 0, NULL },
};

START_TEST(test_option)
{
	uint8_t octets[ROOM];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct policy_option option = { 0 };
	const char *text = options[_i].text;
	const char *fault = value_option(text, &room, &option);

	if (options[_i].octets == NULL) {
		ck_assert_msg(fault != NULL, "\"%s\" was taken", text);
		return;
	}
	ck_assert_msg(fault == NULL, "\"%s\" %s", text, fault);
	ck_assert_uint_eq(option.code, options[_i].code);
	ck_assert_str_eq(octets_hex(option.value), options[_i].octets);
}
END_TEST

/* The longest ones. */
START_TEST(test_option_longest)
{
	uint8_t octets[ROOM];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct policy_option option;

	ck_assert_ptr_null(value_option("209 text " X250 "12345", &room,
	    &option));
	ck_assert_uint_eq(option.value.n, 255);
	ck_assert_ptr_null(value_option("43 hex " HEX50 HEX50 HEX50 HEX50
	    HEX50 "0102030405", &room, &option));
	ck_assert_uint_eq(option.value.n, 255);
}
END_TEST

/* Octets that do not fit into the room are refused, never written. */
START_TEST(test_room)
{
	struct heap heap = heap_of("\xee\xee", 2);
	struct value_room room = { heap.p, 1, 0 };
	struct policy_option option;

	ck_assert_ptr_nonnull(value_option("43 hex 0102", &room, &option));
	ck_assert_uint_eq(heap.p[1], 0xee);
	room.n = 0;
	ck_assert_ptr_nonnull(value_option("66 address 1.2.3.4", &room,
	    &option));
	ck_assert_uint_eq(heap.p[1], 0xee);
	heap_free(heap);
}
END_TEST

/* Values of conditions: is the text taken? */
static const struct {
	enum match_key key;
	const char *text;
	bool good;
} values[] = {
	{ MATCH_CLIENT, "pxe", true }, { MATCH_CLIENT, "http", true },
	{ MATCH_CLIENT, "ipxe", true }, { MATCH_CLIENT, "other", true },
	{ MATCH_CLIENT, "iPXE", false }, { MATCH_CLIENT, "", false },
	{ MATCH_CLIENT, "all", false },
	{ MATCH_ARCH, "uefi", true }, { MATCH_ARCH, "bios", true },
	{ MATCH_ARCH, "uboot", true }, { MATCH_ARCH, "x64-uefi", true },
	{ MATCH_ARCH, "7", true },
	{ MATCH_ARCH, "other", false }, { MATCH_ARCH, "UEFI", false },
	{ MATCH_ARCH, "", false }, { MATCH_ARCH, "65536", false },
	{ MATCH_MAC, "52:54:00:*", true }, { MATCH_MAC, "52:54:0", false },
	{ MATCH_UUID, "00112233445566778899aabbccddeeff", true },
	{ MATCH_UUID, "0011", false },
	{ MATCH_UUID, "52506934-*", true }, { MATCH_UUID, "5250*", true },
	{ MATCH_UUID, "52506934-1122-*", true },
	{ MATCH_UUID, "*", false }, { MATCH_UUID, "525*", false },
	{ MATCH_UUID, "52506934-**", false },
	{ MATCH_UUID, "00112233445566778899aabbccddeeff*", false },
	{ MATCH_CLIENT_ID, "rack7", true }, { MATCH_CLIENT_ID, "rack*", true },
	{ MATCH_CLIENT_ID, "hex:ff:00:*", true },
	{ MATCH_CLIENT_ID, "", false }, { MATCH_CLIENT_ID, "hex:f", false },
	{ MATCH_OPTION, "12 text rack*", true },
	{ MATCH_OPTION, "93 hex 0007", true },
	{ MATCH_OPTION, "host-name rack7", true },
	{ MATCH_OPTION, "50 address 10.1.0.50", true },
	{ MATCH_OPTION, "55 hex 01:03*", true },
	{ MATCH_OPTION, "12", false }, { MATCH_OPTION, "0 x", false },
	{ MATCH_OPTION, "255 x", false },
	{ MATCH_OPTION, "50 address 10", false },
	{ MATCH_RELAY_ADDRESS, "10.2.0.0/16", true },
	{ MATCH_RELAY_ADDRESS, "10.2.0.1/16", false },
	{ MATCH_VENDOR_CLASS, "P", true }, { MATCH_VENDOR_CLASS, "", false },
	{ MATCH_VENDOR_CLASS, X250 "12345", true },
	{ MATCH_VENDOR_CLASS, X250 "123456", false },
	{ MATCH_USER_CLASS, "iPXE", true }, { MATCH_USER_CLASS, "", false },
	{ MATCH_USER_CLASS, X250 "123456", false },
	{ MATCH_IPXE_FEATURE, "http", true },
	{ MATCH_IPXE_FEATURE, "bzimage", true },
	{ MATCH_IPXE_FEATURE, "efi", true },
	{ MATCH_IPXE_FEATURE, "1", true },
	{ MATCH_IPXE_FEATURE, "254", true },
	{ MATCH_IPXE_FEATURE, "0x13", true },
	{ MATCH_IPXE_FEATURE, "0", false },
	{ MATCH_IPXE_FEATURE, "255", false },
	{ MATCH_IPXE_FEATURE, "HTTP", false },
	{ MATCH_IPXE_FEATURE, "", false },
	{ MATCH_RELAY, "10.2.0.1", true }, { MATCH_RELAY, "10.2.0.0/16", true },
	{ MATCH_RELAY, "0.0.0.0/0", true },
	{ MATCH_RELAY, "10.2.0.1/32", true },
	{ MATCH_RELAY, "128.0.0.0/1", true },
	{ MATCH_RELAY, "10.2.0.1/16", false },
	{ MATCH_RELAY, "10.2.0.0/33", false },
	{ MATCH_RELAY, "10.2.0.0/-1", false },
	{ MATCH_RELAY, "10.2.0.0/", false },
	{ MATCH_RELAY, "10.2.0.0/255.255.0.0", false },
	{ MATCH_RELAY, "10.2.0.0/16 ", false },
	{ MATCH_RELAY, "10.2/16", false }, { MATCH_RELAY, "/16", false },
	{ MATCH_RELAY, "", false },
	{ MATCH_RELAY, "255.255.255.255.255/8", false },
	{ MATCH_CLIENT_NETWORK, "10.2.0.0/16", true },
	{ MATCH_CLIENT_NETWORK, "10.2.0.1/16", false },
	{ MATCH_CIRCUIT_ID, "eth0", true }, { MATCH_CIRCUIT_ID, "eth*", true },
	{ MATCH_CIRCUIT_ID, "*", true },
	{ MATCH_CIRCUIT_ID, "hex:0004000a", true },
	{ MATCH_CIRCUIT_ID, "hex:00:04:00:0A", true },
	{ MATCH_CIRCUIT_ID, "", false }, { MATCH_CIRCUIT_ID, "hex:", false },
	{ MATCH_CIRCUIT_ID, "hex:0", false },
	{ MATCH_CIRCUIT_ID, "hex:00*", true },
	{ MATCH_CIRCUIT_ID, "hex:00:04:*", true },
	{ MATCH_CIRCUIT_ID, "hex:*", false },
	{ MATCH_CIRCUIT_ID, "hex:0*", false },
	{ MATCH_REMOTE_ID, "rack7", true },
	{ MATCH_REMOTE_ID, "hex:zz", false },
	{ MATCH_VLAN, "0", true }, { MATCH_VLAN, "1", true },
	{ MATCH_VLAN, "4094", true }, { MATCH_VLAN, "0x64", true },
	{ MATCH_VLAN, "10-20", true }, { MATCH_VLAN, "5-5", true },
	{ MATCH_VLAN, "20-10", false }, { MATCH_VLAN, "0-10", false },
	{ MATCH_VLAN, "10-", false }, { MATCH_VLAN, "-10", false },
	{ MATCH_VLAN, "10-4095", false }, { MATCH_VLAN, "1-2-3", false },
	{ MATCH_VLAN, "4095", false }, { MATCH_VLAN, "-1", false },
	{ MATCH_VLAN, "eth0.10", false }, { MATCH_VLAN, "", false },
	{ MATCH_INTERFACE, "eth0", true }, { MATCH_INTERFACE, "eth0.10", true },
	{ MATCH_INTERFACE, "fifteen-octets-", true },
	{ MATCH_INTERFACE, "with a blank", false },
	{ MATCH_INTERFACE, "", false },
	/* The reader of a whole file is elsewhere. */
	{ MATCH_HOSTS, "hosts", false },
};

START_TEST(test_value)
{
	uint8_t octets[ROOM];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct match_value value = { 0 };
	const char *fault = value_match(values[_i].key, values[_i].text,
	    &room, &value);

	ck_assert_msg((fault == NULL) == values[_i].good, "%s \"%s\" %s",
	    match_key_name(values[_i].key), values[_i].text,
	    fault != NULL ? fault : "was taken");
	if (fault == NULL)
		ck_assert_ptr_eq(value.text, values[_i].text);
}
END_TEST

/* What the values mean. */
START_TEST(test_meaning)
{
	uint8_t octets[ROOM];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct match_value v = { 0 };

	ck_assert_ptr_null(value_match(MATCH_ARCH, "uefi", &room, &v));
	ck_assert(v.is.arch.is_family && v.is.arch.family == ARCH_UEFI);
	ck_assert_ptr_null(value_match(MATCH_ARCH, "9", &room, &v));
	ck_assert(!v.is.arch.is_family && v.is.arch.number == 9);
	ck_assert_ptr_null(value_match(MATCH_CLIENT, "ipxe", &room, &v));
	ck_assert_uint_eq(v.is.client, MATCH_CLIENT_IPXE);
	ck_assert_ptr_null(value_match(MATCH_IPXE_FEATURE, "http", &room,
	    &v));
	ck_assert_uint_eq(v.is.number, 0x13);
	ck_assert_ptr_null(value_match(MATCH_VLAN, "0x64", &room, &v));
	ck_assert(v.is.range.low == 100 && v.is.range.high == 100);
	ck_assert_ptr_null(value_match(MATCH_VLAN, "10-20", &room, &v));
	ck_assert(v.is.range.low == 10 && v.is.range.high == 20);
	ck_assert_ptr_null(value_match(MATCH_UUID, "52506934-*", &room, &v));
	ck_assert_uint_eq(v.is.uuid.n, 4);
	ck_assert_ptr_null(value_match(MATCH_VENDOR_CLASS, "PXEClient*",
	    &room, &v));
	ck_assert_uint_eq(v.is.text_or_hex.octets.n, 9);
	ck_assert_ptr_null(value_match(MATCH_OPTION, "12 text rack*", &room,
	    &v));
	ck_assert(v.is.text_or_hex.open && v.is.text_or_hex.code == 12);
	ck_assert_str_eq(octets_hex(v.is.text_or_hex.octets), "7261636b");
	ck_assert_ptr_null(value_match(MATCH_CIRCUIT_ID, "hex:00:04:*", &room,
	    &v));
	ck_assert(v.is.text_or_hex.open);
	ck_assert_str_eq(octets_hex(v.is.text_or_hex.octets), "0004");

	ck_assert_ptr_null(value_match(MATCH_RELAY, "10.2.0.0/15", &room,
	    &v));
	ck_assert_uint_eq(ntohl(v.is.network.address.s_addr), 0x0a020000);
	ck_assert_uint_eq(ntohl(v.is.network.mask.s_addr), 0xfffe0000);
	ck_assert_ptr_null(value_match(MATCH_RELAY, "0.0.0.0/0", &room, &v));
	ck_assert_uint_eq(v.is.network.mask.s_addr, 0);
	ck_assert_ptr_null(value_match(MATCH_RELAY, "10.2.0.1", &room, &v));
	ck_assert_uint_eq(ntohl(v.is.network.mask.s_addr), 0xffffffff);

	ck_assert_ptr_null(value_match(MATCH_CIRCUIT_ID, "eth*", &room, &v));
	ck_assert(v.is.text_or_hex.open);
	ck_assert_str_eq(octets_hex(v.is.text_or_hex.octets), "657468");
	ck_assert_ptr_null(value_match(MATCH_CIRCUIT_ID, "eth0", &room, &v));
	ck_assert(!v.is.text_or_hex.open);
	ck_assert_ptr_null(value_match(MATCH_REMOTE_ID, "hex:00:0fE2", &room,
	    &v));
	ck_assert(!v.is.text_or_hex.open);
	ck_assert_str_eq(octets_hex(v.is.text_or_hex.octets), "000fe2");
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("value");
	TCase *tc = tcase_create("value");

	tcase_add_loop_test(tc, test_mac, 0, ROWS(macs));
	tcase_add_loop_test(tc, test_uuid, 0, ROWS(uuids));
	tcase_add_loop_test(tc, test_address, 0, ROWS(addresses));
	tcase_add_loop_test(tc, test_made_address, 0, ROWS(made_addresses));
	tcase_add_loop_test(tc, test_size, 0,
	    sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_loop_test(tc, test_arch, 0, ROWS(archs));
	tcase_add_loop_test(tc, test_file, 0, ROWS(files));
	tcase_add_loop_test(tc, test_option, 0, ROWS(options));
	tcase_add_test(tc, test_option_longest);
	tcase_add_test(tc, test_room);
	tcase_add_loop_test(tc, test_value, 0, ROWS(values));
	tcase_add_test(tc, test_meaning);
	suite_add_tcase(s, tc);
	return s;
}
