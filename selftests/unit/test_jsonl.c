// SPDX-License-Identifier: GPL-2.0
/* Message lines: bounded, one object each, never more than was sent. */
#include <stdlib.h>
#include <unistd.h>

#include "lib/errjson.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "qemu/qmp.h"
#include "unit.h"

static int rd, wr;

static void open_pipe(void)
{
	int p[2];

	NEED(!pipe(p));
	rd = p[0];
	wr = p[1];
}

static void send_text(const char *text)
{
	NEED(!io_write_full(wr, text, strlen(text), deadline_in_ms(5000)));
}

TEST(lines_and_pieces)
{
	struct zkz_err err;
	struct jsonl j;
	json_t *obj;

	open_pipe();
	jsonl_init(&j, rd);
	send_text("{\"a\":1}\r\n{\"b\":true}\n{\"c\":");
	NEED(!jsonl_read(&j, &obj, deadline_in_ms(5000), &err));
	CHECK_INT(json_int(obj, "a", 0), 1);
	json_decref(obj);
	CHECK(jsonl_pending(&j));
	NEED(!jsonl_read(&j, &obj, deadline_in_ms(5000), &err));
	CHECK(json_bool(obj, "b", false));
	json_decref(obj);
	CHECK(!jsonl_pending(&j));
	send_text("\"x\"}\n");
	NEED(!jsonl_read(&j, &obj, deadline_in_ms(5000), &err));
	CHECK_STR(json_str(obj, "c"), "x");
	json_decref(obj);
	close(wr);
	CHECK_INT(jsonl_read(&j, &obj, deadline_in_ms(5000), &err), 0);
	CHECK(!obj);
	jsonl_fini(&j);
	close(rd);
}

TEST(a_cut_line_is_a_failure)
{
	struct zkz_err err;
	struct jsonl j;
	json_t *obj;

	open_pipe();
	jsonl_init(&j, rd);
	send_text("{\"a\":1}");
	close(wr);
	CHECK_INT(jsonl_read(&j, &obj, deadline_in_ms(5000), &err), -1);
	CHECK_INT(err.id, ERR_MESSAGE_CUT_OFF);
	jsonl_fini(&j);
	close(rd);
}

TEST(silence_ends_by_the_deadline)
{
	struct zkz_err err;
	struct jsonl j;
	json_t *obj;

	open_pipe();
	jsonl_init(&j, rd);
	CHECK_INT(jsonl_read(&j, &obj, deadline_in_ms(20), &err), -1);
	CHECK_INT(err.id, ERR_TIMEOUT);
	jsonl_fini(&j);
	close(rd);
	close(wr);
}

TEST(malformed_lines)
{
	static const char *const bad[] = {
		"", "x", "[]", "1", "null", "{", "{}x", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}", "{'a':1}",
	};
	struct zkz_err err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(!jsonl_parse(bad[i], strlen(bad[i]), &err));
		CHECK(err_is(&err, ERR_JSON_MALFORMED) || err_is(&err, ERR_JSON_NO_OBJECT));
	}
}

/* The writer must not block: what is too long is more than a pipe holds. */
TEST(lines_are_bounded)
{
	size_t len = JSONL_MAX_LINE + 4096;
	char *text = malloc(len);
	struct zkz_err err;
	struct jsonl j;
	json_t *obj;
	pid_t pid;

	NEED(text);
	memset(text, ' ', len);
	open_pipe();
	pid = fork();
	if (!pid) {
		close(rd);
		io_write_full(wr, text, len, deadline_in_ms(20000));
		_exit(0);
	}
	close(wr);
	free(text);
	jsonl_init(&j, rd);
	CHECK_INT(jsonl_read(&j, &obj, deadline_in_ms(20000), &err), -1);
	CHECK_HAS(err.text, "longer than");
	jsonl_fini(&j);
	close(rd);
}

TEST(types_are_checked)
{
	static const char text[] = "{\"n\":1,\"s\":\"t\",\"b\":false}";
	json_t *obj = jsonl_parse(text, strlen(text), NULL);

	NEED(obj);
	CHECK(!json_str(obj, "n"));
	CHECK_INT(json_int(obj, "s", 7), 7);
	CHECK(json_bool(obj, "n", true));
	CHECK(!json_str(NULL, "x"));
	json_decref(obj);
}

static bool parse_event(const char *text, struct qmp_event *ev)
{
	json_t *msg = jsonl_parse(text, strlen(text), NULL);

	if (msg && !qmp_event_parse(msg, ev))
		return true;
	json_decref(msg);
	return false;
}

TEST(qmp_events)
{
	struct qmp_event ev;

	CHECK(parse_event("{\"event\":\"STOP\",\"timestamp\":{\"seconds\":5,\"microseconds\":7}}", &ev));
	CHECK_STR(ev.name, "STOP");
	CHECK_INT(ev.real_ns, 5000007000LL);
	qmp_event_clear(&ev);
	CHECK(parse_event("{\"event\":\"X\",\"timestamp\":{\"seconds\":-1,\"microseconds\":-1}}", &ev));
	CHECK_INT(ev.real_ns, 0);
	qmp_event_clear(&ev);
	CHECK(!parse_event("{\"return\":{}}", &ev));
	CHECK(!parse_event("{\"event\":3}", &ev));
}

TEST(any_text_becomes_json)
{
	json_t *plain = json_text("gr\xc3\xbc\xc3\x9f dich"), *cut = json_text("cut \xc3\xbc, \xc3");

	CHECK_STR(json_string_value(plain), "gr\xc3\xbc\xc3\x9f dich");
	CHECK_STR(json_string_value(cut), "cut ??, ?");
	json_decref(plain);
	json_decref(cut);
}

TEST(failures_travel_whole)
{
	struct zkz_err err, got;
	json_t *obj;

	err_denied_operation(&err, 1000, "a, \xff");
	obj = err_to_json(&err);
	CHECK_STR(json_str(obj, "type"), "error");
	CHECK_INT(err_from_json(&got, obj, "host2"), -1);
	CHECK_INT(got.id, ERR_DENIED_OPERATION);
	CHECK_STR(got.text, "on host2: User 1000 may not use 'a, ?'");
	CHECK_STR(got.remedy, "Ask an administrator of host2, or use sudo.");
	json_object_clear(obj);
	err_from_json(&got, obj, NULL);
	CHECK_INT(got.id, ERR_INTERNAL);
	CHECK_STR(got.text, "No reason was given");
	json_decref(obj);
}
