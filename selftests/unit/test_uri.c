// SPDX-License-Identifier: GPL-2.0
/* Storage URIs and the block devices they become. */
#include <stdlib.h>

#include "storage/uri.h"
#include "unit.h"

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
	CHECK_STR(u.host, "h.example");
	CHECK_INT(u.port, 10810);
	CHECK_STR(u.path, "d1");
	CHECK_INT(uri_parse("nbd://10.0.0.1", &u, NULL), 0);
	CHECK_INT(u.port, 10809);
	CHECK_STR(u.path, "");
	CHECK_INT(uri_parse("nbd://[fe80::1]:7/x", &u, NULL), 0);
	CHECK_STR(u.host, "fe80::1");
	CHECK_INT(u.port, 7);
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

static void check_blockdev(const char *uri, const char *format, int set, const char *want)
{
	struct storage_uri u;
	json_t *obj;
	char *text;

	NEED(!uri_parse(uri, &u, NULL));
	obj = uri_blockdev(&u, format, "disk0", set);
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
