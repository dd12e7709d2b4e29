// SPDX-License-Identifier: GPL-2.0
#include "migrate/source/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "migrate/source/wait.h"
#include "qemu/mirror.h"
#include "qemu/user.h"
#include "storage/look.h"
#include "storage/uri.h"
#include "wire/carry.h"
#include "wire/relay.h"

#define CONNECT_MS	15000
#define ANSWER_MS	60000

/* A name without a file: QEMU may not open one of ours, and nobody else's connection is taken. */
static int listen_abstract(const char *name, struct zkz_err *err)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len;

	if (fd < 0)
		return err_system_call(err, "socket", errno);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			  (size_t)snprintf(sa.sun_path + 1, sizeof(sa.sun_path) - 1, "%s", name));
	if (bind(fd, (struct sockaddr *)&sa, len) || listen(fd, 1)) {
		err_daemon_listen(err, name, errno);
		io_close(&fd);
	}
	return fd;
}

/* Nobody writes to it: all that is in it is all there is to do. */
static int begin_file(struct source *s, unsigned int i, int far, const struct spawn_user *user, struct zkz_err *err)
{
	struct look_at at = { .flags = O_RDONLY, .user = user, .either = true };
	struct storage_uri u;
	struct look l;

	if (uri_parse(s->model.disk[i].storage, &u, err))
		return -1;
	at.path = u.path;
	if (look_open(&at, &l, err))
		return -1;
	s->mirror.relay[i] = carry_out(far, l.fd, err);
	s->mirror.bytes += l.size;
	io_close(&l.fd);
	return s->mirror.relay[i] < 0 ? -1 : 0;
}

static int begin_job(struct source *s, unsigned int i, int far, uid_t uid, struct zkz_err *err)
{
	char name[MIRROR_NAME], path[MIRROR_NAME + 8];
	int lsock;

	snprintf(path, sizeof(path), "zkz-%s", source_mirror_job(s, i, name));
	lsock = listen_abstract(path, err);
	s->mirror.relay[i] = lsock < 0 ? -1 : relay_start(far, lsock, true, uid, err);
	io_close(&lsock);
	return s->mirror.relay[i] < 0 ? -1 : mirror_start(s->vm.qmp, name, s->model.disk[i].id, path, err);
}

/* @far: stream to the target, consumed */
static int begin_one(struct source *s, unsigned int i, int far, const struct spawn_user *user, struct zkz_err *err)
{
	int rc = source_mirror_by_job(s, i) ? begin_job(s, i, far, user->uid, err) : begin_file(s, i, far, user, err);

	io_close(&far);
	return rc ? err_device(err, s->model.disk[i].id) : 0;
}

static json_t *ids(const struct source *s)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < s->model.nr_disks; i++)
		if (s->mirror.disk[i])
			json_array_append_new(list, json_integer(s->model.disk[i].id));
	return list;
}

/* One stream for each, in the order of the model. */
static int connect_all(struct source *s, int *fd, struct zkz_err *err)
{
	struct link *l = &s->link;
	unsigned int k;
	json_t *ans;

	if (channel_send(&l->ch, "mirror", json_pack("{s:o}", "disks", ids(s)), err))
		return -1;
	for (k = 0; k < s->mirror.nr; k++) {
		fd[k] = stream_connect(&l->plan, STREAM_DISKS + k, l->addr, l->port, l->ch.watch,
				       deadline_in_ms(CONNECT_MS), err);
		if (fd[k] < 0)
			return -1;
	}
	if (channel_recv_type(&l->ch, "mirror-ok", &ans, deadline_in_ms(ANSWER_MS), err))
		return -1;
	json_decref(ans);
	return 0;
}

static int begin_all(struct source *s, int *fd, struct zkz_err *err)
{
	struct spawn_user user;
	unsigned int i, k = 0;

	mirror_sweep(s->vm.qmp);
	if (qemu_user(&user, err) || connect_all(s, fd, err))
		return -1;
	s->mirror.begun = true;
	for (i = 0; i < s->model.nr_disks; i++) {
		int far;

		if (!s->mirror.disk[i])
			continue;
		far = fd[k];
		fd[k++] = -1;
		if (begin_one(s, i, far, &user, err))
			return -1;
	}
	return 0;
}

static void progress(struct source *s, unsigned int device, const struct mirror_state *st, uint64_t began)
{
	uint64_t ms = (clock_mono_ns() - began) / NSEC_PER_MSEC + 1, rate = st->done * 1000 / ms;
	uint64_t left = st->total > st->done ? st->total - st->done : 0;

	out_progress(&s->rq->out, json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:I}", "phase", "copy",
					    "device", (int)device, "bytes", (json_int_t)st->done,
					    "done", (json_int_t)st->done, "total", (json_int_t)st->total,
					    "send-rate", (json_int_t)rate,
					    "eta-ms", rate ? (json_int_t)(left * 1000 / rate) : (json_int_t)-1));
}

static int wait_carried(struct source *s, unsigned int i, struct zkz_err *err)
{
	int ended;

	while (!(ended = carry_ended(s->mirror.relay[i])))
		if (source_wait(s, err))
			return -1;
	if (ended > 0)
		return 0;
	/* The target knows more. */
	if (!source_look_at_target(s, err))
		err_qemu_mirror(err, s->rq->zone, "");
	return err_device(err, s->model.disk[i].id);
}

/* All of them are under way; who is slowest is shown last. */
static int wait_ready(struct source *s, unsigned int i, uint64_t began, struct zkz_err *err)
{
	struct mirror_state st = { .ready = false };
	char name[MIRROR_NAME];

	source_mirror_job(s, i, name);
	for (;;) {
		if (source_mirror_check(s, err) || mirror_look(s->vm.qmp, name, &st, err))
			return err_device(err, s->model.disk[i].id);
		progress(s, s->model.disk[i].id, &st, began);
		if (st.ready)
			break;
		if (source_wait(s, err))
			return -1;
	}
	s->mirror.bytes += st.total;
	return 0;
}

int source_copy(struct source *s, struct zkz_err *err)
{
	uint64_t began = clock_mono_ns();
	int fd[ZONE_MAX_DISKS], rc;
	unsigned int i;

	if (!s->mirror.nr)
		return 0;
	out_step(&s->rq->out, "Copying disks.");
	for (i = 0; i < ZONE_MAX_DISKS; i++)
		fd[i] = -1;
	rc = begin_all(s, fd, err);
	for (i = 0; i < ZONE_MAX_DISKS; i++)
		io_close(&fd[i]);
	if (rc)
		return -1;
	HOLD("source.mirror");
	for (i = 0; i < s->model.nr_disks; i++)
		if (s->mirror.disk[i] && (source_mirror_by_job(s, i) ? wait_ready(s, i, began, err) :
							       wait_carried(s, i, err)))
			return -1;
	return 0;
}
