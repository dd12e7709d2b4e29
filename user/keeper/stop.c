// SPDX-License-Identifier: GPL-2.0
/* The end of a run, whatever its cause. */
#include "keeper/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/log.h"
#include "zone/sweep.h"

/* Without a monitor it is on its way out, or stuck. */
#define GONE_MS		500
#define QUIT_MS		10000
#define KILL_MS		30000

void keeper_reap(struct keeper *k)
{
	pid_t pid;

	if (k->ended || !k->st.qemu)
		return;
	pid = waitpid(k->st.qemu, &k->exit_status, WNOHANG);
	if (pid == k->st.qemu || (pid < 0 && errno == ECHILD))
		k->ended = true;
}

static void wait_for_end(struct keeper *k, unsigned int ms)
{
	deadline_t dl = deadline_in_ms(ms);

	/* Its last words must not block it on a full pipe. */
	while (!k->ended && deadline_left_ms(dl) > 0) {
		struct pollfd p[2] = {
			{ .fd = k->exit_fd, .events = POLLIN },
			{ .fd = k->err_fd, .events = POLLIN },
		};

		poll(p, 2, deadline_left_ms(dl));
		if (p[1].revents)
			keeper_stderr(k);
		keeper_reap(k);
	}
}

void keeper_halt(struct keeper *k, const char *why)
{
	struct zkz_err err;

	if (k->ended || !k->st.qemu)
		return;
	log_note("halting: %s", why);
	k->stopping = true;
	k->why = why;
	if (k->qmp && !qmp_exec(k->qmp, "quit", NULL, NULL, deadline_in_ms(2000), &err))
		wait_for_end(k, QUIT_MS);
	else
		wait_for_end(k, GONE_MS);
	if (k->ended)
		return;

	log_warn("QEMU does not end by itself; killing process %d", (int)k->st.qemu);
	kill(k->st.qemu, SIGKILL);
	wait_for_end(k, KILL_MS);
	if (!k->ended)
		log_error("QEMU process %d cannot be killed; it waits in the kernel",
			  (int)k->st.qemu);
}

static void describe_end(const struct keeper *k, char *text, size_t size)
{
	int st = k->exit_status;

	if (!k->st.qemu)
		snprintf(text, size, "QEMU was never started");
	else if (!k->ended)
		snprintf(text, size, "QEMU process %d could not be killed", (int)k->st.qemu);
	else if (k->powered_off && WIFEXITED(st) && !WEXITSTATUS(st))
		snprintf(text, size, "the guest has powered off");
	else if (k->stopping)
		snprintf(text, size, "halted: %s", k->why);
	else if (WIFSIGNALED(st))
		snprintf(text, size, "QEMU was killed by signal %d (%s)",
			 WTERMSIG(st), strsignal(WTERMSIG(st)));
	else
		snprintf(text, size, "QEMU ended with status %d%s%s", WEXITSTATUS(st),
			 k->line[0] ? ": " : "", k->line);
}

/* The same, for those who wait. */
static int unasked_end(const struct keeper *k, struct zkz_err *err)
{
	int st = k->exit_status;

	if (!k->ended)
		return err_zone_hangs(err, k->z.name);
	return WIFSIGNALED(st) ? err_zone_qemu_killed(err, k->z.name, WTERMSIG(st), strsignal(WTERMSIG(st))) :
		err_zone_qemu_failed(err, k->z.name, WEXITSTATUS(st), k->line);
}

/* That of a guest: neither one that never was here ends, nor one that goes on elsewhere. */
static enum event end_event(const struct keeper *k, enum event event)
{
	return k->told && !k->handed[0] ? event : EVENT_NONE;
}

void keeper_cleanup(struct keeper *k)
{
	bool crashed = k->st.qemu && !k->stopping && !k->powered_off;
	char text[640];
	struct zkz_err err;
	size_t i;

	describe_end(k, text, sizeof(text));
	if (crashed)
		log_event(LOG_ERROR, end_event(k, EVENT_FAILED), "%s", text);
	else if (k->st.qemu)
		log_event(LOG_NOTE, end_event(k, EVENT_HALTED), "%s", text);

	qmp_close(k->qmp);
	k->qmp = NULL;
	for (i = 0; i < ZONE_MAX_NICS; i++)
		io_close(&k->tap_fd[i]);
	keeper_close_files(k);
	/* Without the mark of life this run does not own these files, and a QEMU that hangs still uses them. */
	if (k->alive_fd >= 0 && (k->ended || !k->st.qemu))
		zone_clear_run(k->z.name, k->st.qemu ? text : NULL, crashed);
	io_close(&k->alive_fd);

	/* Last, so that whoever was waiting finds nothing left. */
	unasked_end(k, &err);
	keeper_answer_waiters(k, crashed ? &err : NULL);
	keeper_last_word(k, &err);
}
