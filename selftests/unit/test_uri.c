// SPDX-License-Identifier: GPL-2.0
/* Storage URIs and the block devices they become. */
#include <stdlib.h>

#include "storage/blockdev.h"
#include "storage/initiator.h"
#include "storage/lun.h"
#include "storage/uri.h"
#include "unit.h"
#include "zone/paths.h"

static void refuse(const char *text, const char *part)
{
	struct storage_uri u;
	struct zkz_err err;

	err_clear(&err);
	CHECK_INT(uri_parse(text, &u, &err), -1);
	CHECK_HAS(err.text, part);
	CHECK(err.remedy[0]);
}

TEST(files)
{
	struct storage_uri u;

	CHECK_INT(uri_parse("file:/a/b.img", &u, NULL), 0);
	CHECK_INT(u.kind, URI_FILE);
	CHECK_STR(u.path, "/a/b.img");
	CHECK_INT(uri_parse("file:///a", &u, NULL), 0);
	CHECK_STR(u.path, "/a");
}

TEST(nbd)
{
	struct storage_uri u;

	CHECK_INT(uri_parse("nbd://h.example:10810/d1", &u, NULL), 0);
	CHECK_INT(u.kind, URI_NBD);
	CHECK_STR(u.at.host, "h.example");
	CHECK_INT(u.at.port, 10810);
	CHECK_STR(u.path, "d1");
	CHECK_INT(uri_parse("nbd://10.0.0.1", &u, NULL), 0);
	CHECK_INT(u.at.port, 10809);
	CHECK_STR(u.path, "");
	CHECK_INT(uri_parse("nbd://[fe80::1]:7/x", &u, NULL), 0);
	CHECK_STR(u.at.host, "fe80::1");
	CHECK_INT(u.at.port, 7);
}

/* Every name that a file or an export can have. */
TEST(percent)
{
	struct storage_uri u;

	CHECK_INT(uri_parse("nbd://h/my%20disk%2f1", &u, NULL), 0);
	CHECK_STR(u.path, "my disk/1");
	CHECK_INT(uri_parse("nbd://h/%3f%23%25", &u, NULL), 0);
	CHECK_STR(u.path, "?#%");
	CHECK_INT(uri_parse("file:/my%20disks/%C3%A4.img", &u, NULL), 0);
	CHECK_STR(u.path, "/my disks/\xc3\xa4.img");
	CHECK_INT(uri_parse("file:%2Fa", &u, NULL), 0);
	CHECK_STR(u.path, "/a");
	refuse("nbd://h/a%", "'%25'");
	refuse("nbd://h/a%2", "'%25'");
	refuse("nbd://h/a%zz", "'%25'");
	refuse("nbd://h/a%00b", "'%00'");
	refuse("file:/a%ff", "UTF-8");
	refuse("file:/a%2f", "folder");
	refuse("file:%2f%2fa", "absolute");
}

TEST(malformed)
{
	refuse("", "unknown scheme");
	refuse("/a", "unknown scheme");
	refuse("http://a/b", "unknown scheme");
	refuse("file:a", "absolute");
	refuse("file:", "absolute");
	refuse("file://host/a", "absolute");
	refuse("file:/a/", "folder");
	refuse("file:/a b", "blanks");
	refuse("file:/\x7f", "blanks");
	refuse("nbd://", "host");
	refuse("nbd:///x", "host");
	refuse("nbd://a b/x", "blanks");
	refuse("nbd://h:/x", "port");
	refuse("nbd://h:0/x", "port");
	refuse("nbd://h:65536/x", "port");
	refuse("nbd://h:99999999999/x", "port");
	refuse("nbd://h:1x", "'/' is expected");
	refuse("nbd://[::1/x", "host");
	refuse("nbd://h/x?y", "export");
	refuse("nbd://h,port=1/x", "host");
}

/* Forms, and what each is in the canonical one. */
TEST(canonical)
{
	static const struct {
		const char *text;
		const char *want;
	} forms[] = {
		{ "file:/a/b.img", "file:/a/b.img" },
		{ "FILE:///a//b/./c", "file:/a/b/c" },
		{ "file:/my%20disks/%c3%a4%41", "file:/my%20disks/%C3%A4A" },
		{ "file:/a%3Fb?c#d", "file:/a%3Fb%3Fc%23d" },
		{ "dev:sda", "dev:sda" },
		{ "dev:/dev/sda", "dev:sda" },
		{ "dev:///dev//disk/./by-id/x", "dev:disk/by-id/x" },
		{ "dev:dsk/c0t0d0s0", "dev:dsk/c0t0d0s0" },
		{ "lu:luname.naa.600144F0AF8AF1900005582F1C90007A", "lu:luname.naa.600144f0af8af1900005582f1c90007a" },
		{ "LU:luname.NAA.5000C5000ABCDEF0", "lu:luname.naa.5000c5000abcdef0" },
		{ "lu:luname.eui.0025385B71B00A1C", "lu:luname.eui.0025385b71b00a1c" },
		{ "lu:initiator.naa.2100001B32810B1C,target.naa.2100001378ac0123,luname.naa.5000c5000abcdef0",
		  "lu:initiator.naa.2100001b32810b1c,target.naa.2100001378ac0123,luname.naa.5000c5000abcdef0" },
		{ "iscsi://House/luname.naa.600144f068d1cd00000053ecd3d20001",
		  "iscsi://house/luname.naa.600144f068d1cd00000053ecd3d20001" },
		{ "iscsi:///luname.naa.5000c5000abcdef0", "iscsi:///luname.naa.5000c5000abcdef0" },
		{ "iscsi://h:3260/target.iqn.2026-01.org.Example:D1", "iscsi://h/target.iqn.2026-01.org.example:d1,lun.0" },
		{ "iscsi://[FE80:0::1]:860/target.eui.02004567a425678d,lun.007",
		  "iscsi://[fe80::1]:860/target.eui.02004567a425678d,lun.7" },
		{ "iscsi://iqn.x%3ay@h/target.iqn.a:b,lun.1", "iscsi://iqn.x%3Ay@h/target.iqn.a:b,lun.1" },
		{ "nfs://h/a//b", "nfs://h/a/b" },
		{ "nfs://0:00@H:2049/x%20y", "nfs://0:0@h/x%20y" },
		{ "nfs://1000@[::1]/x", "nfs://1000@[::1]/x" },
		{ "nbd://H.Example:10809/d1", "nbd://h.example/d1" },
		{ "nbd://10.0.0.1", "nbd://10.0.0.1/" },
		{ "nbds://[fe80::1%eth0]:7/a/%2fb", "nbds://[fe80::1%25eth0]:7/a//b" },
		{ "nbd://[fe80::1%25eth0]/", "nbd://[fe80::1%25eth0]/" },
	};
	char text[URI_TEXT_SIZE];
	struct storage_uri u;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		CHECK_INT(uri_parse(forms[i].text, &u, NULL), 0);
		CHECK_STR(uri_print(&u, text), forms[i].want);
		CHECK_INT(uri_parse(text, &u, NULL), 0);
		CHECK_STR(uri_print(&u, text), forms[i].want);
	}
}

static bool same(const char *x, const char *y)
{
	struct storage_uri a, b;

	CHECK(!uri_parse(x, &a, NULL) && !uri_parse(y, &b, NULL));
	CHECK(uri_same(&a, &b) == uri_same(&b, &a));
	return uri_same(&a, &b);
}

TEST(equal)
{
	CHECK(same("file:/dev/sda", "dev:sda"));
	CHECK(same("iscsi://h/luname.naa.5000c5000abcdef0", "lu:luname.naa.5000C5000ABCDEF0"));
	CHECK(same("iscsi://h/target.iqn.a:b,lun.0", "iscsi://u@other:860/target.iqn.A:B"));
	CHECK(same("nfs://h/a", "nfs://1:2@H/a"));
	CHECK(same("nbd://h/a", "nbds://h:10809/a"));
	CHECK(!same("file:/dev/sda", "dev:sdb"));
	CHECK(!same("lu:luname.naa.5000c5000abcdef0", "lu:luname.eui.5000c5000abcdef0"));
	CHECK(!same("lu:luname.naa.5000c5000abcdef0", "dev:sda"));
	CHECK(!same("iscsi://h/target.iqn.a:b,lun.0", "iscsi://h/target.iqn.a:b,lun.1"));
	CHECK(!same("nfs://h/a", "nbd://h/a"));
	CHECK(!same("nfs://h/a", "file:/a"));
	CHECK(!same("nbd://h/a", "nbd://h:1/a"));
}

TEST(malformed_parts)
{
	refuse("file:/a/../b", "'..'");
	refuse("file:/a/..", "'..'");
	refuse("file:/a/.", "folder");
	refuse("file:/", "folder");
	refuse("dev:", "folder");
	refuse("dev:/etc/passwd", "/dev");
	refuse("dev:../etc/passwd", "'..'");
	refuse("dev:%2e%2e/etc/passwd", "'..'");
	refuse("lu:naa.5000c5000abcdef0", "'luname.'");
	refuse("lu:luname.naa.5000c5000abcdef", "hexadecimal");
	refuse("lu:luname.naa.6000c5000abcdef0", "hexadecimal");
	refuse("lu:luname.naa.5000c5000abcdef0,x", "hexadecimal");
	refuse("lu:initiator.naa.5000c5000abcdef0,luname.naa.5000c5000abcdef0", "'initiator.naa.ID");
	refuse("iscsi:///target.iqn.a:b", "host");
	refuse("iscsi://h", "'target.'");
	refuse("iscsi://h/iqn.a:b/1", "'target.'");
	refuse("iscsi://h/target.x:b", "'target.'");
	refuse("iscsi://h/target.iqn.", "'target.'");
	refuse("iscsi://h/target.iqn.a:b,lun.", "lun");
	refuse("iscsi://h/target.iqn.a:b,lun.16384", "lun");
	refuse("iscsi://h/target.iqn.a:b,lun.1x", "lun");
	refuse("iscsi://h:0/target.iqn.a:b", "port");
	refuse("iscsi://a%2Fb@h/target.iqn.a:b", "'@'");
	refuse("iscsi://..@h/target.iqn.a:b", "'@'");
	refuse("iscsi://@h/target.iqn.a:b", "'@'");
	refuse("iscsi://u@h/luname.naa.5000c5000abcdef0", "initiator");
	refuse("nfs://h", "absolute");
	refuse("nfs:///a", "host");
	refuse("nfs://root@h/a", "numbers");
	refuse("nfs://1:@h/a", "numbers");
	refuse("nfs://4294967295@h/a", "numbers");
	refuse("nfs://h:111/a", "2049");
	refuse("nbd://u@h/a", "no user");
	refuse("nbd://[1.2.3.4]/a", "host");
	refuse("nbd://[::1%]/a", "host");
	refuse("nbd://-h/a", "host");
}

/* What may be a secret is in no message. */
TEST(secrets_are_not_repeated)
{
	static const char *const texts[] = {
		"iscsi://u:tellnobody@h/target.iqn.a:b", "iscsi://u%tellnobody@h/target.iqn.a:b",
		"iscsi://u:p@tellnobody@h/target.iqn.a:b", "iscsi://u:tellnobody@h/x",
		"iscsi://u:tell/tellnobody@h/target.iqn.a:b",
	};
	struct storage_uri u;
	struct zkz_err err;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		err_clear(&err);
		CHECK_INT(uri_parse(texts[i], &u, &err), -1);
		CHECK(!strstr(err.text, "tellnobody") && !strstr(err.remedy, "tellnobody"));
		CHECK_HAS(err.text, "iscsi://...@h");
	}
}

TEST(portals)
{
	char text[URI_TEXT_SIZE];
	struct storage_uri u;

	CHECK(lun_from_portal("ip-10.0.0.1:3260-iscsi-iqn.2026-01.org.example:d1-lun-0", &u));
	CHECK_STR(uri_print(&u, text), "iscsi://10.0.0.1/target.iqn.2026-01.org.example:d1,lun.0");
	CHECK(lun_from_portal("ip-[fe80::1]:860-iscsi-iqn.a:b-lun-1-lun-2", &u));
	CHECK_STR(uri_print(&u, text), "iscsi://[fe80::1]:860/target.iqn.a:b-lun-1,lun.2");
	CHECK(!lun_from_portal("ip-10.0.0.1:3260-iscsi-iqn.a:b-lun-0-part1", &u));
	CHECK(!lun_from_portal("pci-0000:00:1f.2-ata-1", &u));
	CHECK(!lun_from_portal("ip-10.0.0.1:3260-iscsi-", &u));
	/* As initiators write IPv6 addresses. */
	CHECK(lun_from_portal("ip-2001:db8::1:3260-iscsi-iqn.a:b-lun-0", &u));
	CHECK_STR(uri_print(&u, text), "iscsi://[2001:db8::1]/target.iqn.a:b,lun.0");
	CHECK(!lun_from_portal("ip--iscsi-iqn.a:b-lun-0", &u));
	CHECK(!lun_from_portal("ip-iscsi-iqn.a:b-lun-0", &u));
}

TEST(initiators)
{
	char name[INITIATOR_SIZE] = "";

	CHECK(initiator_parse("## comment\nInitiatorName=iqn.1993-08.org.debian:01:abc\n", name));
	CHECK_STR(name, "iqn.1993-08.org.debian:01:abc");
	CHECK(initiator_parse("\n InitiatorName= eui.02004567A425678D \r\n", name));
	CHECK_STR(name, "eui.02004567A425678D");
	CHECK(!initiator_parse("GenerateName=yes\n#InitiatorName=iqn.a:b\n", name));
	CHECK(!initiator_parse("InitiatorName=iqn.a:b,lun=1\n", name));
	CHECK(!initiator_parse("InitiatorName=iqn.", name));
	CHECK(!initiator_parse("", name));
	CHECK(initiator_from_id("00112233445566778899aabbccddeeff\n", name));
	CHECK_STR(name, "iqn.2008-11.org.linux-kvm:zkz.00112233445566778899aabbccddeeff");
	CHECK(!initiator_from_id("0011\n", name));
	CHECK_STR(INITIATOR_HOST_ID, ZKZ_HOST_ID);
}

TEST(lun_links)
{
	char link[LUNAME_LINK_SIZE], name[LUNAME_SIZE];

	CHECK(luname_link("naa.5000c5000abcdef0", 0, link));
	CHECK_STR(link, "dm-uuid-mpath-35000c5000abcdef0");
	CHECK(luname_link("naa.5000c5000abcdef0", 1, link));
	CHECK_STR(link, "wwn-0x5000c5000abcdef0");
	CHECK(!luname_link("naa.5000c5000abcdef0", 3, link));
	CHECK(luname_link("eui.0025385b71b00a1c", 2, link));
	CHECK_STR(link, "nvme-eui.0025385b71b00a1c");
	CHECK(luname_from_link("scsi-3600144F068D1CD00000053ECD3D20001", name));
	CHECK_STR(name, "naa.600144f068d1cd00000053ecd3d20001");
	CHECK(luname_from_link("nvme-eui.0025385b71b00a1c", name));
	CHECK_STR(name, "eui.0025385b71b00a1c");
	CHECK(!luname_from_link("wwn-0x5000c5000abcdef0-part1", name));
	CHECK(!luname_from_link("scsi-SATA_disk", name));
	CHECK(!luname_from_link("", name));
	CHECK(luname_is_unique("naa.600144f068d1cd00000053ecd3d20001"));
	CHECK(!luname_is_unique("naa.3000000100000001"));
}

/* How the drivers of QEMU that reach a server themselves are told. */
static void check_node(const char *uri, const char *want, const char *object)
{
	struct storage_uri u;
	json_t *dev, *obj;
	char *text;

	NEED(!uri_parse(uri, &u, NULL));
	strcpy(u.initiator, "iqn.me");
	dev = uri_blockdev(&u, "raw", "disk0", -1, true);
	text = json_dumps(json_object_get(dev, "file"), JSON_SORT_KEYS | JSON_COMPACT);
	CHECK_HAS(text, want);
	free(text);
	json_decref(dev);
	obj = uri_object(&u, "disk0", 9);
	text = obj ? json_dumps(obj, JSON_SORT_KEYS | JSON_COMPACT) : strdup("");
	CHECK_STR(text, object);
	free(text);
	json_decref(obj);
}

TEST(servers)
{
	check_node("nbds://h/e", "\"server\":{\"host\":\"h\",\"port\":\"10809\",\"type\":\"inet\"},"
		   "\"tls-creds\":\"disk0-tls\"}",
		   "{\"dir\":\"/etc/zkz/tls/nbd\",\"endpoint\":\"client\",\"id\":\"disk0-tls\","
		   "\"qom-type\":\"tls-creds-x509\",\"verify-peer\":true}");
	check_node("iscsi://[::1]/target.iqn.a:b,lun.3",
		   "\"driver\":\"iscsi\",\"initiator-name\":\"iqn.me\",\"lun\":3,"
		   "\"node-name\":\"disk0-file\",\"portal\":\"[::1]:3260\",\"target\":\"iqn.a:b\","
		   "\"transport\":\"tcp\"}", "");
	check_node("iscsi://me@h:1/target.iqn.a:b",
		   "\"password-secret\":\"disk0-secret\",\"portal\":\"h:1\",\"target\":\"iqn.a:b\","
		   "\"transport\":\"tcp\",\"user\":\"me\"}",
		   "{\"file\":\"/proc/self/fd/9\",\"id\":\"disk0-secret\",\"qom-type\":\"secret\"}");
	check_node("nfs://5:6@h/a/b", "\"driver\":\"nfs\",\"group\":6,\"node-name\":\"disk0-file\","
		   "\"path\":\"/a/b\",\"server\":{\"host\":\"h\",\"type\":\"inet\"},\"user\":5}", "");
	check_node("nfs://h/a", "\"path\":\"/a\",\"server\":{\"host\":\"h\",\"type\":\"inet\"}}", "");
}

static void check_blockdev(const char *uri, const char *format, int set, const char *want)
{
	struct storage_uri u;
	json_t *obj;
	char *text;

	NEED(!uri_parse(uri, &u, NULL));
	obj = uri_blockdev(&u, format, "disk0", set, true);
	text = json_dumps(obj, JSON_SORT_KEYS | JSON_COMPACT);
	CHECK_STR(text, want);
	free(text);
	json_decref(obj);
}

TEST(blockdevs)
{
	check_blockdev("file:/a,b.img", "qcow2", -1,
		       "{\"cache\":{\"direct\":true,\"no-flush\":false},\"discard\":\"unmap\",\"driver\":\"qcow2\","
		       "\"file\":{\"cache\":{\"direct\":true,\"no-flush\":false},\"discard\":\"unmap\","
		       "\"driver\":\"file\",\"filename\":\"/a,b.img\",\"locking\":\"on\",\"node-name\":\"disk0-file\"},"
		       "\"node-name\":\"disk0\"}");
	check_blockdev("file:/a.img", "raw", 100,
		       "{\"cache\":{\"direct\":true,\"no-flush\":false},\"discard\":\"unmap\",\"driver\":\"raw\","
		       "\"file\":{\"cache\":{\"direct\":true,\"no-flush\":false},\"discard\":\"unmap\","
		       "\"driver\":\"file\",\"filename\":\"/dev/fdset/100\",\"locking\":\"on\","
		       "\"node-name\":\"disk0-file\"},\"node-name\":\"disk0\"}");
	check_blockdev("nbd://h/e", "raw", -1,
		       "{\"cache\":{\"direct\":true,\"no-flush\":false},\"discard\":\"unmap\",\"driver\":\"raw\","
		       "\"file\":{\"cache\":{\"direct\":true,\"no-flush\":false},\"discard\":\"unmap\","
		       "\"driver\":\"nbd\",\"export\":\"e\",\"node-name\":\"disk0-file\",\"reconnect-delay\":30,"
		       "\"server\":{\"host\":\"h\",\"port\":\"10809\",\"type\":\"inet\"}},\"node-name\":\"disk0\"}");
}
