// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU's stream begins with its setup, which names every piece of memory and holds
 * the ROMs. The other QEMU takes that in while the guest still runs in this one. The
 * devices follow when the guest is stopped and its disks are drained, and are the
 * sign of that. They must not be loaded before all
 * memory is there, because a virtio device looks at its rings; so QEMU writes to
 * us, and we pass the devices on when told that the memory is complete.
 * The very last byte waits until QEMU has completed, because one that fails lets the
 * guest run on by itself, and until it is decided that the other may start it: that
 * one does when its stream is complete, without asking anybody.
 *
 * A freeze can be undone, and QEMU begins a new stream for the next one. The other QEMU knows the pieces of
 * memory already: what names them is the same again and goes nowhere. What is in them it gets once more, because this
 * stream's last section goes on where its own parts ended.
 */
#include "qemu/devstate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/io.h"
#include "qemu/setup.h"
#include "qemu/vm.h"

#define WRITE_MS	20000
#define MAX_HEAD	(64U << 20)
/* What QEMU's stream ends with (QEMU_VM_EOF), see qemu/cmdline.c. */
#define END_MARK	0
/* QEMU need not wait for us to write what it has of the devices. */
#define PAIR_BUFFER	(4 << 20)

void devstate_init(struct devstate *st)
{
	memset(st, 0, sizeof(*st));
	st->in = st->out = -1;
}

int devstate_begin(struct devstate *st, struct qmp *q, struct zkz_err *err)
{
	int size = PAIR_BUFFER, sv[2], rc;

	io_close(&st->in);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return err_system_call(err, "socketpair", errno);
	setsockopt(sv[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	st->zone = qmp_zone(q);
	st->in = sv[0];
	st->phase = DEVSTATE_SETUP;
	st->pos = st->rest_len = 0;
	st->begun = false;
	rc = vm_migrate(q, sv[1], err);
	io_close(&sv[1]);
	return rc;
}

static int pass_on(struct devstate *st, const void *buf, size_t len, struct zkz_err *err)
{
	if (io_write_full(st->out, buf, len, deadline_in_ms(WRITE_MS)))
		return err_peer_state_send(err, errno);
	st->sent += len;
	return 0;
}

/* What the first stream begins with is kept, to know it again. */
static int first_head(struct devstate *st, const void *buf, size_t len, struct zkz_err *err)
{
	uint8_t *more;

	if (len > MAX_HEAD - st->head_len)
		return err_qemu_setup_long(err, st->zone, MAX_HEAD >> 20);
	more = realloc(st->head, st->head_len + len);
	if (!more)
		return err_no_memory(err);
	st->head = more;
	memcpy(st->head + st->head_len, buf, len);
	st->head_len += len;
	return pass_on(st, buf, len, err);
}

static int same_head(struct devstate *st, const void *buf, size_t len, struct zkz_err *err)
{
	if (len > st->head_len - st->pos || memcmp(st->head + st->pos, buf, len))
		return err_qemu_setup_differs(err, st->zone);
	st->pos += len;
	return 0;
}

static void drop(struct devstate *st, size_t len)
{
	st->rest_len -= len;
	memmove(st->rest, st->rest + len, st->rest_len);
}

static int take_head(struct devstate *st, struct zkz_err *err)
{
	size_t len = qemu_setup_begun(st->rest, st->rest_len, &st->begun);

	if (st->streams ? same_head(st, st->rest, len, err) : first_head(st, st->rest, len, err))
		return -1;
	drop(st, len);
	return st->begun && st->streams && st->pos != st->head_len ? err_qemu_setup_differs(err, st->zone) : 0;
}

/* Of each stream, and the other QEMU takes all of it: where one part ends and the next begins is never the same. */
static int take_parts(struct devstate *st, struct zkz_err *err)
{
	bool found;
	size_t len = qemu_setup_end(st->rest, st->rest_len, &found);

	if (pass_on(st, st->rest, len, err))
		return -1;
	drop(st, len);
	if (!found)
		return 0;
	st->streams++;
	st->phase = DEVSTATE_HELD;
	st->held_ns = clock_real_ns();
	return 0;
}

static int take_setup(struct devstate *st, struct zkz_err *err)
{
	if (!st->begun && take_head(st, err))
		return -1;
	return st->begun ? take_parts(st, err) : 0;
}

/* Whatever comes may end with the last byte, so one stays here. */
static int take_devices(struct devstate *st, struct zkz_err *err)
{
	size_t len = st->rest_len;

	if (!len || pass_on(st, st->rest, len - 1, err))
		return len ? -1 : 0;
	st->rest[0] = st->rest[len - 1];
	st->rest_len = 1;
	return 0;
}

static int take(struct devstate *st, struct zkz_err *err)
{
	return st->phase == DEVSTATE_SETUP ? take_setup(st, err) : take_devices(st, err);
}

int devstate_pump(struct devstate *st, struct zkz_err *err)
{
	while (st->in >= 0 && st->phase != DEVSTATE_HELD) {
		ssize_t n = recv(st->in, st->rest + st->rest_len, sizeof(st->rest) - st->rest_len,
				 MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_qemu_state_read(err, st->zone, errno);
		/* Whether that was the end or a failure, QEMU says elsewhere. */
		if (!n)
			io_close(&st->in);
		st->rest_len += n > 0 ? n : 0;
		if (n > 0 && take(st, err))
			return -1;
	}
	return 0;
}

int devstate_release(struct devstate *st, struct zkz_err *err)
{
	st->phase = DEVSTATE_DEVICES;
	return take(st, err) || devstate_pump(st, err) ? -1 : 0;
}

int devstate_finish(struct devstate *st, struct zkz_err *err)
{
	if (st->rest_len != 1 || st->rest[0] != END_MARK)
		return err_qemu_state_unmarked(err, st->zone);
	/* What was handed to the socket may arrive, whatever it says. */
	st->phase = DEVSTATE_SENT;
	return pass_on(st, st->rest, st->rest_len, err);
}

void devstate_close(struct devstate *st)
{
	io_close(&st->in);
	io_close(&st->out);
	free(st->head);
	st->head = NULL;
}
