// SPDX-License-Identifier: GPL-2.0
/* Parsers of text from outside other than the configuration: JSON lines, QMP events, URIs of hosts and storage. */
#include <stdlib.h>

#include "lib/jsonl.h"
#include "qemu/qmp.h"
#include "storage/uri.h"
#include "unit.h"
#include "wire/uri.h"

static void json_file(const char *name, const char *bytes, size_t len)
{
	struct zkz_err err = { 0 };
	json_t *obj = jsonl_parse(bytes, len, &err);

	if (!strncmp(name, "ok-", 3)) {
		unit_check(obj, __FILE__, __LINE__, "%s is refused: %s", name, err.text);
	} else if (!strncmp(name, "bad-", 4)) {
		unit_check(!obj, __FILE__, __LINE__, "%s is accepted", name);
		unit_check(err.code && err.text[0], __FILE__, __LINE__, "%s is refused without a word", name);
	}
	json_decref(obj);
}

TEST(json_corpus)
{
	CHECK(unit_corpus("user/fuzz/corpus/json", json_file) > 20);
}

static void uri_file(const char *name, const char *bytes, size_t len)
{
	struct storage_uri storage;
	struct host_uri host;
	struct zkz_err err = { 0 };
	bool ok = !host_uri_parse(bytes, &host, &err) || !uri_parse(bytes, &storage, &err);

	(void)len;
	if (!strncmp(name, "ok-", 3))
		unit_check(ok, __FILE__, __LINE__, "%s is refused: %s", name, err.text);
	else if (!strncmp(name, "bad-", 4))
		unit_check(!ok, __FILE__, __LINE__, "%s is accepted", name);
}

TEST(uri_corpus)
{
	CHECK(unit_corpus("user/fuzz/corpus/uri", uri_file) > 20);
}

TEST(members_of_the_wrong_type_are_absent)
{
	struct zkz_err err = { 0 };
	const char *line = "{\"op\":7,\"n\":\"x\",\"b\":1,\"s\":\"y\",\"i\":-3,\"t\":true}";
	json_t *obj = jsonl_parse(line, strlen(line), &err);

	NEED(obj);
	CHECK(!json_str(obj, "op"));
	CHECK(!json_str(obj, "none"));
	CHECK_STR(json_str(obj, "s"), "y");
	CHECK_INT(json_int(obj, "n", 42), 42);
	CHECK_INT(json_int(obj, "i", 42), -3);
	CHECK(json_bool(obj, "b", true) && !json_bool(obj, "b", false));
	CHECK(json_bool(obj, "t", false));
	json_decref(obj);
}

static bool event(const char *line, struct qmp_event *ev)
{
	struct zkz_err err = { 0 };
	json_t *obj = jsonl_parse(line, strlen(line), &err);

	if (obj && !qmp_event_parse(obj, ev))
		return true;
	json_decref(obj);
	return false;
}

TEST(qmp_events)
{
	struct qmp_event ev = { 0 };

	if (CHECK(event("{\"timestamp\":{\"seconds\":1700000000,\"microseconds\":25},\"event\":\"STOP\"}", &ev))) {
		CHECK_STR(ev.name, "STOP");
		CHECK_INT(ev.real_ns, 1700000000000025000LL);
		CHECK(!ev.data);
		qmp_event_clear(&ev);
	}
	if (CHECK(event("{\"timestamp\":{\"seconds\":1,\"microseconds\":0},\"event\":\"MIGRATION\","
			"\"data\":{\"status\":\"active\"}}", &ev))) {
		CHECK_STR(json_str(ev.data, "status"), "active");
		qmp_event_clear(&ev);
	}
	CHECK(!event("{\"return\":{}}", &ev));
	CHECK(!event("{\"timestamp\":{\"seconds\":1,\"microseconds\":0},\"event\":7}", &ev));
}

TEST(host_uris)
{
	struct zkz_err err = { 0 };
	struct host_uri u;

	if (CHECK(!host_uri_parse("ssh://root@b:2222", &u, &err))) {
		CHECK_STR(u.user, "root");
		CHECK_STR(u.host, "b");
		CHECK_INT(u.port, 2222);
	}
	if (CHECK(!host_uri_parse("ssh://host", &u, &err))) {
		CHECK_STR(u.user, "");
		CHECK_INT(u.port, 0);
	}
	if (CHECK(!host_uri_parse("ssh://u@[fe80::1%br0]:22", &u, &err)))
		CHECK_STR(u.host, "fe80::1%br0");
	CHECK(host_uri_parse("ssh://", &u, &err));
	CHECK(host_uri_parse("ssh://a@b@c", &u, &err));
	CHECK(host_uri_parse("ssh://h:0", &u, &err));
	CHECK_HAS(err.text, "ssh://h:0");
	CHECK(err.remedy[0]);
}

TEST(storage_uris_become_block_devices)
{
	struct zkz_err err = { 0 };
	struct storage_uri u;
	json_t *dev;
	char *text;

	NEED(!uri_parse("nbd://10.77.0.1/disk1", &u, &err));
	CHECK_INT(u.kind, URI_NBD);
	CHECK_INT(u.port, 10809);
	dev = uri_blockdev(&u, "raw", "disk0");
	text = json_dumps(dev, JSON_SORT_KEYS | JSON_INDENT(1));
	CHECK_GOLDEN("blockdev-nbd.json", text);
	free(text);
	json_decref(dev);

	NEED(!uri_parse("file:/srv/a,b.qcow2", &u, &err));
	dev = uri_blockdev(&u, "qcow2", "disk1");
	text = json_dumps(dev, JSON_SORT_KEYS | JSON_INDENT(1));
	CHECK_GOLDEN("blockdev-file.json", text);
	free(text);
	json_decref(dev);
}
