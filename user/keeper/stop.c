// SPDX-License-Identifier: GPL-2.0
/* The end of a run, whatever its cause. */
#include "keeper/keeper.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/io.h"
#include "lib/log.h"
#include "zone/sweep.h"

void keeper_halt(struct keeper *k, const char *why)
{
	if (k->vm.ended || !k->vm.pid)
		return;
	log_note("halting: %s", why);
	k->stopping = true;
	k->why = why;
	keeper_vm_quit(&k->vm);
}

static void describe_end(const struct keeper *k, char *text, size_t size)
{
	int st = k->vm.exit_status;

	if (!k->vm.pid)
		snprintf(text, size, "QEMU was never started");
	else if (!k->vm.ended)
		snprintf(text, size, "QEMU process %d could not be killed", (int)k->vm.pid);
	else if (k->powered_off && WIFEXITED(st) && !WEXITSTATUS(st))
		snprintf(text, size, "the guest has powered off");
	else if (k->stopping)
		snprintf(text, size, "halted: %s", k->why);
	else if (WIFSIGNALED(st))
		snprintf(text, size, "QEMU was killed by signal %d (%s)",
			 WTERMSIG(st), strsignal(WTERMSIG(st)));
	else
		snprintf(text, size, "QEMU ended with status %d%s%s", WEXITSTATUS(st),
			 k->vm.line[0] ? ": " : "", k->vm.line);
}

/* The same, for those who wait. */
static int unasked_end(const struct keeper *k, struct zkz_err *err)
{
	int st = k->vm.exit_status;

	if (!k->vm.ended)
		return err_zone_hangs(err, k->z.name);
	return WIFSIGNALED(st) ? err_zone_qemu_killed(err, k->z.name, WTERMSIG(st), strsignal(WTERMSIG(st))) :
		err_zone_qemu_failed(err, k->z.name, WEXITSTATUS(st), k->vm.line);
}

/* That of a guest: neither one that never was here ends, nor one that goes on elsewhere. */
static enum event end_event(const struct keeper *k, enum event event)
{
	return k->told && !k->handed[0] ? event : EVENT_NONE;
}

void keeper_cleanup(struct keeper *k)
{
	bool crashed = k->vm.pid && !k->stopping && !k->powered_off;
	char text[640];
	struct zkz_err err;

	describe_end(k, text, sizeof(text));
	if (crashed)
		log_event(LOG_ERROR, end_event(k, EVENT_FAILED), "%s", text);
	else if (k->vm.pid)
		log_event(LOG_NOTE, end_event(k, EVENT_HALTED), "%s", text);

	keeper_next_discard(k);
	keeper_vm_close(&k->vm);
	keeper_close_files(k);
	keeper_drop_claims(k);
	io_close(&k->qemu_alive_fd);
	/* Without the mark of life this run does not own these files, and a QEMU that hangs still uses them. */
	if (k->alive_fd >= 0 && (k->vm.ended || !k->vm.pid) && !k->next.vm.pid)
		zone_clear_run(k->z.name, k->vm.pid ? text : NULL, crashed);
	io_close(&k->alive_fd);

	/* Last, so that whoever was waiting finds nothing left. */
	unasked_end(k, &err);
	keeper_answer_waiters(k, crashed ? &err : NULL);
	keeper_last_word(k, &err);
}
