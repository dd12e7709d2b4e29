// SPDX-License-Identifier: GPL-2.0
#include "zkz/client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/errjson.h"
#include "lib/io.h"
#include "zkz/cmds.h"
#include "zone/paths.h"

#define CONNECT_MS	10000

bool client_json;
const char *client_name = "zkz";

int client_open(struct zkz_err *err)
{
	int fd = io_connect_unix(ZKZ_SOCKET, deadline_in_ms(CONNECT_MS));

	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ECONNREFUSED)
		return err_daemon_not_running(err);
	if (errno == EACCES)
		return err_denied(err);
	return err_daemon_connect(err, ZKZ_SOCKET, errno);
}

int client_send(int fd, json_t *req, struct zkz_err *err)
{
	int rc = jsonl_write(fd, req, deadline_in_ms(CONNECT_MS), err);
	struct jsonl in;
	json_t *msg;

	json_decref(req);
	if (!rc)
		return 0;
	/* A zkzd that has no place for us says so and does not wait for a request. */
	jsonl_init(&in, fd);
	if (!jsonl_read(&in, &msg, deadline_in_ms(0), NULL) && msg) {
		err_from_json(err, msg, NULL);
		json_decref(msg);
	}
	jsonl_fini(&in);
	return rc;
}

int client_read(struct jsonl *in, json_t **msg, deadline_t dl, struct zkz_err *err)
{
	int rc = jsonl_read(in, msg, dl, err);

	if (!rc && !*msg)
		rc = err_daemon_gone(err);
	return rc ? err_daemon_answer(err) : 0;
}

json_t *client_request(const char *op, const char *zone)
{
	json_t *req = json_object();

	json_object_set_new(req, "op", json_string(op));
	if (zone)
		json_object_set_new(req, "zone", json_string(zone));
	return req;
}

void client_print(FILE *f, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	for (; *c; c++) {
		/* U+0080 to U+009F steer terminals, too. */
		bool c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;

		if (*c >= ' ' && *c != 0x7f && !c1)
			fputc(*c, f);
		else
			fprintf(f, "\\x%02x", c1 ? *++c : *c);
	}
}

static void print_line(FILE *f, const char *zone, const char *label, const char *text)
{
	size_t len = strlen(text);

	fprintf(f, "%s: ", client_name);
	if (zone)
		fprintf(f, "zone '%s': ", zone);
	fputs(label, f);
	client_print(f, text);
	fputs(len && strchr(".!?:", text[len - 1]) ? "\n" : ".\n", f);
	fflush(f);
}

static void print_told(const char *zone, const char *label, const char *text, const char *remedy)
{
	print_line(stderr, zone, label, text);
	if (remedy && remedy[0])
		print_line(stderr, zone, "remedy: ", remedy);
}

static int exit_code(const char *code)
{
	return code && !strncmp(code, "USAGE", strlen("USAGE")) ? EXIT_USAGE : EXIT_FAILED;
}

int client_fail(const char *zone, const struct zkz_err *err)
{
	json_t *obj;

	if (!client_json) {
		print_told(zone, "error: ", err->text, err->remedy);
		return exit_code(err_code(err));
	}
	obj = err_to_json(err);
	if (zone)
		json_object_set_new(obj, "zone", json_string(zone));
	jsonl_write(1, obj, DEADLINE_NONE, NULL);
	json_decref(obj);
	return exit_code(err_code(err));
}

void client_warn(const char *zone, const struct zkz_err *warning)
{
	print_told(zone, "warning: ", warning->text, warning->remedy);
}

void client_result(json_t *obj)
{
	json_object_set_new(obj, "type", json_string("result"));
	jsonl_write(1, obj, DEADLINE_NONE, NULL);
	json_decref(obj);
}

static void show_text(const json_t *msg, const char *type, const struct client_view *v)
{
	const char *zone = json_str(msg, "zone");
	const char *text = json_str(msg, "text");

	if (!strcmp(type, "item")) {
		if (v && v->item)
			v->item(msg, v->arg);
	} else if (!strcmp(type, "progress")) {
		if (v && v->progress)
			v->progress(msg, v->arg);
	} else if (!strcmp(type, "result") && v && v->result) {
		v->result(msg, v->arg);
	} else {
		if (v && v->before)
			v->before(v->arg);
		if (!text)
			text = "no text";
		if (!strcmp(type, "error"))
			print_told(zone, "error: ", text, json_str(msg, "remedy"));
		else if (!strcmp(type, "warning"))
			print_told(zone, "warning: ", text, json_str(msg, "remedy"));
		else
			print_line(stdout, zone, "", text);
	}
}

bool client_show(const json_t *msg, const struct client_view *v, int *code)
{
	const char *type = json_str(msg, "type");

	if (!type)
		return false;
	if (v && v->every)
		v->every(msg, v->every_arg);
	if (client_json)
		jsonl_write(1, msg, DEADLINE_NONE, NULL);
	else
		show_text(msg, type, v);

	if (!strcmp(type, "result")) {
		*code = EXIT_OK;
		return true;
	}
	if (!strcmp(type, "error")) {
		*code = exit_code(json_str(msg, "code"));
		return true;
	}
	return false;
}

static int cancel_fd;

/* zkzd sees that nobody wants the request any more; its answer still arrives. */
static void on_interrupt(int signal)
{
	(void)signal;
	shutdown(cancel_fd, SHUT_WR);
}

static void cancel_by_interrupt(int fd)
{
	struct sigaction sa = { .sa_handler = on_interrupt, .sa_flags = SA_RESETHAND | SA_RESTART };

	cancel_fd = fd;
	sigaction(SIGINT, &sa, NULL);
}

int client_run(json_t *req, const struct client_view *v)
{
	const char *name = json_str(req, "zone");
	struct zkz_err err = { 0 };
	int code = EXIT_FAILED;
	struct jsonl in;
	bool last = false;
	char zone[64];
	int fd;

	snprintf(zone, sizeof(zone), "%s", name ? name : "");
	fd = client_open(&err);
	if (fd < 0)
		json_decref(req);
	if (fd < 0 || client_send(fd, req, &err)) {
		io_close(&fd);
		return client_fail(zone[0] ? zone : NULL, &err);
	}
	if (v && v->cancel)
		cancel_by_interrupt(fd);

	/* Long operations are silent at times; Ctrl-C ends the wait. */
	jsonl_init(&in, fd);
	while (!last) {
		json_t *msg;

		if (client_read(&in, &msg, DEADLINE_NONE, &err)) {
			client_fail(zone[0] ? zone : NULL, &err);
			break;
		}
		last = client_show(msg, v, &code);
		json_decref(msg);
	}
	jsonl_fini(&in);
	io_close(&fd);
	return code;
}

static json_t *read_answer(int fd, struct zkz_err *err)
{
	struct jsonl in;
	json_t *msg = NULL;
	int code;

	jsonl_init(&in, fd);
	while (!client_read(&in, &msg, DEADLINE_NONE, err)) {
		const char *type = json_str(msg, "type");

		if (type && !strcmp(type, "result"))
			break;
		if (type && !strcmp(type, "error"))
			err_from_json(err, msg, NULL);
		else
			client_show(msg, NULL, &code);
		json_decref(msg);
		msg = NULL;
		if (err->id)
			break;
	}
	jsonl_fini(&in);
	return msg;
}

json_t *client_call(json_t *req, struct zkz_err *err)
{
	int fd = client_open(err);
	json_t *answer = NULL;

	if (fd < 0)
		json_decref(req);
	else if (!client_send(fd, req, err))
		answer = read_answer(fd, err);
	io_close(&fd);
	return answer;
}
