// SPDX-License-Identifier: GPL-2.0
/*
 * A keeper that becomes another version of itself, by execve(2): the parent of a QEMU cannot be replaced in any
 * other way. What it knows is written into a file without a name; descriptors keep their numbers.
 */
#include "keeper/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/hold.h"
#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/log.h"
#include "qemu/user.h"
#include "zone/store.h"

#define IDLE_MS		2000
#define CHECK_MS	20000
#define MAX_CARRIED	65536

static int may_renew(const struct keeper *k, struct zkz_err *err)
{
	if (k->guard_fd >= 0 || k->mode == KEEPER_INCOMING)
		return err_zone_migrating(err, k->z.name);
	if (k->next.vm.pid)
		return err_zone_upgrading(err, k->z.name);
	if (k->stopping || k->vm.ended || !k->vm.qmp || k->unsettled || k->moving != AUX_NONE ||
	    k->plugs.gone_disks || k->plugs.gone_nics)
		return err_keeper_renew_busy(err, k->z.name);
	return 0;
}

/* Nothing of what QEMU said may be lost: half a message waits for the rest. */
static int wait_idle(struct keeper *k, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(IDLE_MS);

	keeper_events(k);
	while (k->vm.qmp && !qmp_idle(k->vm.qmp)) {
		struct pollfd p = { .fd = qmp_fd(k->vm.qmp), .events = POLLIN };

		if (!deadline_left_ms(dl))
			return err_keeper_renew_busy(err, k->z.name);
		poll(&p, 1, deadline_left_ms(dl));
		keeper_events(k);
	}
	return may_renew(k, err);
}

static int hand(const struct keeper *k, int answer_fd, struct zkz_err *err)
{
	json_t *obj = keeper_carry(k, answer_fd);
	int fd = obj ? memfd_create("zkz-keeper", 0) : -1;

	if (fd < 0)
		err_system_call(err, "memfd_create", errno);
	else if (json_dumpfd(obj, fd, JSON_COMPACT))
		err_no_memory(err);
	else
		goto out;
	io_close(&fd);
out:
	json_decref(obj);
	return fd;
}

/* By the program itself: only it knows what it understands. */
static int ask_program(const struct keeper *k, int fd, struct zkz_err *err)
{
	char number[16], said[256] = "";
	char *argv[] = { KEEPER_PROGRAM, (char *)k->z.name, "renewed", number, "check", NULL };
	int rc;

	snprintf(number, sizeof(number), "%d", fd);
	rc = spawn_run(argv, said, sizeof(said), deadline_in_ms(CHECK_MS), err);
	if (rc <= 0)
		return rc;
	said[strcspn(said, "\n")] = '\0';
	return err_keeper_renew_unknown(err, k->z.name, KEEPER_PROGRAM, said);
}

static void keep_on_exec(int fd, int flag)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, flag);
}

int keeper_renew(struct keeper *k, int fd, struct zkz_err *err)
{
	char number[16];
	char *argv[] = { KEEPER_PROGRAM, k->z.name, "renewed", number, NULL };
	int carried;

	if (may_renew(k, err) || wait_idle(k, err))
		return -1;
	carried = hand(k, fd, err);
	if (carried < 0)
		return -1;
	if (!ask_program(k, carried, err)) {
		log_note("becoming %s of now", KEEPER_PROGRAM);
		HOLD("keeper.before-renew");
		snprintf(number, sizeof(number), "%d", carried);
		keeper_each_fd(k, keep_on_exec, 0);
		keep_on_exec(fd, 0);
		execv(KEEPER_PROGRAM, argv);
		err_program_missing(err, KEEPER_PROGRAM);
		keeper_each_fd(k, keep_on_exec, FD_CLOEXEC);
	}
	io_close(&carried);
	return -1;
}

static json_t *read_carried(int fd, struct zkz_err *err)
{
	char text[MAX_CARRIED];
	ssize_t len = pread(fd, text, sizeof(text), 0);

	if (len <= 0 || len == sizeof(text)) {
		err_keeper_carried(err, "text");
		return NULL;
	}
	return jsonl_parse(text, (size_t)len, err);
}

static int take_over(struct keeper *k, const char *zone, int qmp, struct zkz_err *err)
{
	keeper_each_fd(k, keep_on_exec, FD_CLOEXEC);
	k->vm.qmp = qmp_adopt(zone, qmp, err);
	if (!k->vm.qmp)
		return -1;
	log_note("zkz %s keeps the zone now", ZKZ_VERSION);
	keeper_show(k);
	return 0;
}

int keeper_renewed(struct keeper *k, const char *zone, int fd, bool only_check, struct zkz_err *err)
{
	json_t *obj = read_carried(fd, err);
	int qmp = -1, answer = -1, rc;

	/* What is in /etc may have changed since. */
	rc = !obj || keeper_carried(obj, k, &qmp, &answer, err) || zone_load_running(zone, &k->z, err) ||
	     qemu_user(&k->user, err) ? -1 : 0;
	json_decref(obj);
	if (rc || only_check)
		return rc;
	close(fd);
	if (keeper_open_log(k, zone, err) || take_over(k, zone, qmp, err))
		return -1;
	fcntl(answer, F_SETFD, FD_CLOEXEC);
	return answer;
}
