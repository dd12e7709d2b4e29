// SPDX-License-Identifier: GPL-2.0
/* What a keeper knows of its guest: which state shows, and a guest that is paused. QEMU is a script. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/io.h"
#include "unit.h"
#include "zone/state.h"

/* Nothing is written: there is no such zone. */
static int no_status_write(const char *zone, const struct zone_status *st, struct zkz_err *err)
{
	(void)zone;
	(void)st;
	(void)err;
	return 0;
}

#define zone_status_write no_status_write

#include "keeper/events.c"
#include "keeper/guest.c"
#include "keeper/pause.c"
#include "keeper/resume.c"

/* What follows from it is plug.c's. */
void keeper_device_deleted(struct keeper *k, const char *name)
{
	(void)k;
	(void)name;
}

/* A QEMU whose storage may be full. A request that has failed waits until it is made again, or forgotten. */
struct fake {
	int fd;
	bool full;
	bool waits;
	const char *status;
	char said[256];
};

struct run {
	struct keeper k;
	struct fake f;
	pthread_t thread;
};

static void send_out(struct fake *f, json_t *obj)
{
	jsonl_write(f->fd, obj, deadline_in_ms(5000), NULL);
	json_decref(obj);
}

static void send_event(struct fake *f, const char *name, json_t *data)
{
	json_t *obj = json_pack("{s:s, s:{s:i, s:i}}", "event", name, "timestamp", "seconds", 1, "microseconds", 2);

	if (data)
		json_object_set_new(obj, "data", data);
	send_out(f, obj);
}

static void stop(struct fake *f)
{
	f->waits = true;
	f->status = "io-error";
	send_event(f, "BLOCK_IO_ERROR",
		   json_pack("{s:s, s:s, s:s, s:b, s:s, s:s}", "device", "", "node-name", "disk3", "operation", "write",
			     "nospace", 1, "action", "stop", "reason", "No space left on device"));
	send_event(f, "STOP", NULL);
}

/* "x-write" and "x-stop" are the test's own: the guest writes, somebody stops it. */
static void obey(struct fake *f, const char *cmd)
{
	if (!strcmp(cmd, "x-write")) {
		stop(f);
	} else if (!strcmp(cmd, "x-stop")) {
		f->status = "paused";
		send_event(f, "STOP", NULL);
	} else if (!strcmp(cmd, "system_reset")) {
		f->waits = false;
		f->status = "prelaunch";
		send_event(f, "RESET", json_pack("{s:b}", "guest", 0));
	} else if (!strcmp(cmd, "cont")) {
		f->status = "running";
		send_event(f, "RESUME", NULL);
		if (f->waits && f->full)
			stop(f);
		else
			f->waits = false;
	}
}

static void *play(void *arg)
{
	struct fake *f = arg;
	struct jsonl in;
	json_t *req, *ret;

	send_out(f, json_pack("{s:{}}", "QMP"));
	jsonl_init(&in, f->fd);
	while (!jsonl_read(&in, &req, deadline_in_ms(20000), NULL) && req) {
		const char *cmd = json_str(req, "execute");

		obey(f, cmd);
		if (!strcmp(cmd, "cont") || !strcmp(cmd, "system_reset"))
			snprintf(f->said + strlen(f->said), sizeof(f->said) - strlen(f->said), "%s ", cmd);
		ret = json_pack("{s:s, s:b}", "status", f->status, "running", !strcmp(f->status, "running"));
		send_out(f, json_pack("{s:o, s:O}", "return", ret, "id", json_object_get(req, "id")));
		json_decref(req);
	}
	jsonl_fini(&in);
	return NULL;
}

static void open_run(struct run *r)
{
	int sv[2];

	memset(r, 0, sizeof(*r));
	r->f.status = "running";
	snprintf(r->k.z.name, sizeof(r->k.z.name), "z1");
	NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	r->f.fd = sv[1];
	NEED(!pthread_create(&r->thread, NULL, play, &r->f));
	r->k.vm.qmp = qmp_open_fd("z1", sv[0], deadline_in_ms(10000), NULL);
	NEED(r->k.vm.qmp);
}

static void close_run(struct run *r)
{
	qmp_close(r->k.vm.qmp);
	pthread_join(r->thread, NULL);
	io_close(&r->f.fd);
}

static void tell(struct run *r, const char *cmd)
{
	NEED(!qmp_exec(r->k.vm.qmp, cmd, NULL, NULL, deadline_in_ms(10000), NULL));
	keeper_events(&r->k);
}

/* As if its time had come. */
static void due(struct run *r)
{
	NEED(keeper_pause_next(&r->k) != DEADLINE_NONE);
	r->k.pause.again = 0;
	keeper_pause_due(&r->k);
	keeper_events(&r->k);
}

TEST(a_full_disk_pauses_and_a_try_finds_room)
{
	struct zkz_err err;
	struct run r;

	open_run(&r);
	r.f.full = true;
	tell(&r, "x-write");
	CHECK_INT(r.k.st.aux, AUX_PAUSED);
	CHECK_STR(r.k.st.why, "no space on device 3");
	CHECK_INT(keeper_paused_error(&r.k, true, &err), -1);
	CHECK_STR(err.text, "Zone z1 is paused (no space on device 3) and cannot be migrated");

	due(&r);
	tell(&r, "x-nothing");
	CHECK_INT(r.k.st.aux, AUX_PAUSED);
	CHECK(!r.k.pause.trying);
	CHECK_INT(r.k.pause.wait_ms, 2000);

	r.f.full = false;
	due(&r);
	CHECK_INT(r.k.st.aux, AUX_PAUSED);
	due(&r);
	CHECK_INT(r.k.st.aux, AUX_NONE);
	CHECK(keeper_pause_next(&r.k) == DEADLINE_NONE);
	close_run(&r);
}

TEST(resume_says_whether_it_helped)
{
	struct zkz_err err = { 0 };
	struct run r;

	open_run(&r);
	CHECK_INT(keeper_resume(&r.k, &err), -1);
	CHECK_STR(err.text, "Zone z1 is not paused");
	r.f.full = true;
	tell(&r, "x-write");
	CHECK_INT(keeper_resume(&r.k, &err), -1);
	CHECK_STR(err.text, "Zone z1 is paused again: no space on device 3");
	r.f.full = false;
	CHECK_INT(keeper_resume(&r.k, &err), 0);
	CHECK_INT(r.k.st.aux, AUX_NONE);
	close_run(&r);
}

TEST(a_guest_stopped_on_purpose_waits_to_be_resumed)
{
	struct run r;

	open_run(&r);
	tell(&r, "x-stop");
	CHECK_INT(r.k.st.aux, AUX_PAUSED);
	CHECK_STR(r.k.st.why, "stopped through the monitor of QEMU");
	CHECK(keeper_pause_next(&r.k) == DEADLINE_NONE);
	CHECK_INT(keeper_resume(&r.k, NULL), 0);
	CHECK_INT(r.k.st.aux, AUX_NONE);
	close_run(&r);
}

TEST(a_reset_lets_a_paused_guest_go_on)
{
	struct run r;

	open_run(&r);
	r.f.full = true;
	tell(&r, "x-write");
	CHECK_INT(keeper_reset(&r.k, NULL), 0);
	keeper_events(&r.k);
	CHECK_STR(r.f.said, "system_reset cont ");
	CHECK_INT(r.k.st.aux, AUX_NONE);
	close_run(&r);
}

TEST(what_a_guest_is_shows_again_after_a_migration)
{
	struct keeper k = { .panicked = true }, next = { .moving = AUX_MIGRATING_IN };
	json_t *about;

	keeper_show(&k);
	CHECK_INT(k.st.aux, AUX_PANICKED);
	keeper_set_aux(&k, AUX_MIGRATING_OUT);
	CHECK_INT(k.st.aux, AUX_MIGRATING_OUT);
	about = keeper_about_guest(&k);
	keeper_set_aux(&k, AUX_NONE);
	CHECK_INT(k.st.aux, AUX_PANICKED);

	keeper_set_aux(&next, AUX_NONE);
	keeper_take_guest(&next, about);
	json_decref(about);
	CHECK_INT(next.st.aux, AUX_PANICKED);
}

TEST(that_a_guest_was_asked_to_shut_down_is_forgotten_in_time)
{
	struct keeper k = { .asked_until = deadline_in_ms(60000) }, next = { 0 };
	json_t *about = keeper_about_guest(&k);

	keeper_take_guest(&next, about);
	json_decref(about);
	CHECK_INT(next.st.aux, AUX_SHUTTING_DOWN);
	CHECK(deadline_left_ms(keeper_asked_next(&next)) <= 60000);
	next.asked_until = 1;
	keeper_asked_due(&next);
	CHECK_INT(next.st.aux, AUX_NONE);
}
