// SPDX-License-Identifier: GPL-2.0
/* What a migration asks of QEMU, and in which order: the other end of the monitor is a script. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "qemu/vm.h"
#include "unit.h"

/* A QEMU that answers from a table; the last answer of a command is repeated. */
struct fake {
	int fd;
	const char *migration[4];	/* states, one after the other */
	bool running;
	unsigned int asked;
	char said[512];			/* the commands that change something */
	bool survives;			/* it knows "exit-on-error" */
	const char *why;		/* its migration failed, NULL if it does not tell */
};

static void note(struct fake *f, const char *cmd)
{
	size_t len = strlen(f->said);

	snprintf(f->said + len, sizeof(f->said) - len, "%s%s", len ? " " : "", cmd);
}

static json_t *reply(struct fake *f, const char *cmd)
{
	const char *state;

	if (!strcmp(cmd, "query-migrate")) {
		state = f->migration[f->asked];
		if (f->asked < 3 && f->migration[f->asked + 1])
			f->asked++;
		return json_pack("{s:{s:s, s:s*}}", "return", "status", state, "error-desc", f->why);
	}
	if (!strcmp(cmd, "query-status"))
		return json_pack("{s:{s:b, s:s}}", "return", "running", f->running, "status",
				 f->running ? "running" : "paused");
	if (strcmp(cmd, "qmp_capabilities"))
		note(f, cmd);
	if (!strcmp(cmd, "cont"))
		f->running = true;
	if (!strcmp(cmd, "stop"))
		f->running = false;
	return json_pack("{s:{}}", "return");
}

/* A word that this one does not know is an error, as with QEMU. */
static bool knows(const struct fake *f, const json_t *args)
{
	return f->survives || !json_object_get(args, "exit-on-error");
}

static void *play(void *arg)
{
	struct fake *f = arg;
	struct jsonl in;
	json_t *req, *ans;

	ans = json_pack("{s:{}}", "QMP");
	jsonl_write(f->fd, ans, deadline_in_ms(5000), NULL);
	json_decref(ans);
	jsonl_init(&in, f->fd);
	while (!jsonl_read(&in, &req, deadline_in_ms(20000), NULL) && req) {
		if (knows(f, json_object_get(req, "arguments")))
			ans = reply(f, json_str(req, "execute"));
		else
			ans = json_pack("{s:{s:s}}", "error", "desc", "Parameter 'exit-on-error' is unexpected");
		json_object_set(ans, "id", json_object_get(req, "id"));
		jsonl_write(f->fd, ans, deadline_in_ms(5000), NULL);
		json_decref(ans);
		json_decref(req);
	}
	jsonl_fini(&in);
	return NULL;
}

static struct qmp *begin(struct fake *f, pthread_t *thread)
{
	struct zkz_err err = { 0 };
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return NULL;
	f->fd = sv[1];
	if (pthread_create(thread, NULL, play, f))
		return NULL;
	return qmp_open_fd("z1", sv[0], deadline_in_ms(10000), &err);
}

static void end(struct fake *f, struct qmp *q, pthread_t thread)
{
	qmp_close(q);
	pthread_join(thread, NULL);
	io_close(&f->fd);
}

static void resume(struct fake *f)
{
	struct zkz_err err = { 0 };
	pthread_t thread;
	struct qmp *q = begin(f, &thread);

	NEED(q);
	CHECK_INT(vm_resume(q, &err), 0);
	end(f, q, thread);
}

/* QEMU must not let it run by itself, maybe without its disks, when it is cancelled. */
TEST(a_guest_stands_still_while_its_migration_is_cancelled)
{
	struct fake f = { .migration = { "active", "cancelling", "cancelled" }, .running = true };

	resume(&f);
	CHECK_STR(f.said, "stop migrate_cancel migrate-set-capabilities cont");
	CHECK(f.running);
}

/* It may have been let run on without its disks: "cont" gives them back. */
TEST(a_guest_that_runs_is_told_to_go_on)
{
	struct fake f = { .migration = { "failed" }, .running = true };

	resume(&f);
	CHECK_STR(f.said, "migrate-set-capabilities cont");
}

TEST(a_guest_that_was_migrated_in_vain_is_not_cancelled)
{
	struct fake f = { .migration = { "completed" } };

	resume(&f);
	CHECK_STR(f.said, "migrate-set-capabilities cont");
	CHECK(f.running);
}

TEST(a_qemu_that_can_survives_what_it_cannot_load)
{
	struct fake f = { .migration = { "failed" }, .survives = true, .why = "error while loading state of net0" };
	struct zkz_err err = { 0 };
	char why[ERR_ARG_MAX];
	pthread_t thread;
	struct qmp *q = begin(&f, &thread);

	NEED(q);
	CHECK_INT(vm_incoming(q, 0, true, &err), 0);
	CHECK_STR(vm_why_failed(q, why, sizeof(why)), "error while loading state of net0");
	CHECK_STR(f.said, "getfd migrate-incoming");
	end(&f, q, thread);
}

TEST(a_qemu_that_cannot_is_not_told_to)
{
	struct fake f = { .migration = { "failed" } };
	struct zkz_err err = { 0 };
	char why[ERR_ARG_MAX];
	pthread_t thread;
	struct qmp *q = begin(&f, &thread);

	NEED(q);
	CHECK_INT(vm_incoming(q, 0, false, &err), 0);
	CHECK_STR(vm_why_failed(q, why, sizeof(why)), "");
	CHECK(vm_incoming(q, 0, true, &err));
	end(&f, q, thread);
}
