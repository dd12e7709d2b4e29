// SPDX-License-Identifier: GPL-2.0
/*
 * Source: the device state on its way from QEMU to the target.
 *
 * QEMU's stream begins with its setup, which names every piece of memory and holds
 * the ROMs. The target's QEMU takes that in while the guest still runs here. The
 * devices follow when the guest is stopped and its disks are drained, and are the
 * sign of that. They must not be loaded before all
 * memory is there, because a virtio device looks at its rings; so QEMU writes to
 * us, and we pass the devices on when the module says that the memory has arrived.
 * The very last byte waits until QEMU has completed, because one that fails lets the
 * guest run on here by itself, and until the target owns the zone: there QEMU starts
 * the guest when its stream is complete, without asking anybody.
 *
 * A freeze can be undone, and QEMU begins a new stream for the next one. The
 * target's QEMU has the setup already: then it is the same again and goes nowhere.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/io.h"
#include "migrate/source/state.h"
#include "qemu/setup.h"
#include "qemu/vm.h"

#define CONNECT_MS	15000
#define ANSWER_MS	30000
#define WRITE_MS	20000
#define MAX_SETUP	(64U << 20)
/* What QEMU's stream ends with (QEMU_VM_EOF), see qemu/cmdline.c. */
#define END_MARK	0
/* QEMU need not wait for us to write what it has of the devices. */
#define PAIR_BUFFER	(4 << 20)

int state_connect(struct state_stream *st, struct link *l, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(CONNECT_MS);
	json_t *ans;

	if (channel_send(&l->ch, "state", NULL, err))
		return -1;
	st->out = stream_connect(&l->plan, STREAM_STATE, l->addr, l->port, l->ch.watch, dl, err);
	if (st->out < 0)
		return -1;
	l->decision.in = stream_connect(&l->plan, STREAM_DECISION, l->addr, l->port, l->ch.watch, dl, err);
	l->decision.out = l->decision.in;
	if (l->decision.in < 0 || channel_recv_type(&l->ch, "state-ok", &ans, deadline_in_ms(ANSWER_MS), err))
		return -1;
	json_decref(ans);
	return 0;
}

int state_begin(struct leaving *v, struct zkz_err *err)
{
	int size = PAIR_BUFFER, sv[2], rc;

	io_close(&v->state.in);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return err_system_call(err, "socketpair", errno);
	setsockopt(sv[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	v->state.zone = qmp_zone(v->qmp);
	v->state.in = sv[0];
	v->state.phase = STATE_SETUP;
	v->state.pos = v->state.rest_len = 0;
	rc = vm_migrate(v->qmp, sv[1], err);
	io_close(&sv[1]);
	return rc;
}

static int pass_on(struct state_stream *st, const void *buf, size_t len, struct zkz_err *err)
{
	if (io_write_full(st->out, buf, len, deadline_in_ms(WRITE_MS)))
		return err_peer_state_send(err, errno);
	st->sent += len;
	return 0;
}

/* The setup of the first stream is kept, to know it again. */
static int first_setup(struct state_stream *st, const void *buf, size_t len, struct zkz_err *err)
{
	uint8_t *more;

	if (len > MAX_SETUP - st->setup_len)
		return err_qemu_setup_long(err, st->zone, MAX_SETUP >> 20);
	more = realloc(st->setup, st->setup_len + len);
	if (!more)
		return err_no_memory(err);
	st->setup = more;
	memcpy(st->setup + st->setup_len, buf, len);
	st->setup_len += len;
	return pass_on(st, buf, len, err);
}

static int same_setup(struct state_stream *st, const void *buf, size_t len, struct zkz_err *err)
{
	if (len > st->setup_len - st->pos || memcmp(st->setup + st->pos, buf, len))
		return err_qemu_setup_differs(err, st->zone);
	st->pos += len;
	return 0;
}

static int take_setup(struct state_stream *st, struct zkz_err *err)
{
	bool found;
	size_t len = qemu_setup_end(st->rest, st->rest_len, &found);

	if (st->streams ? same_setup(st, st->rest, len, err) : first_setup(st, st->rest, len, err))
		return -1;
	st->rest_len -= len;
	memmove(st->rest, st->rest + len, st->rest_len);
	if (!found)
		return 0;
	if (st->streams && st->pos != st->setup_len)
		return err_qemu_setup_differs(err, st->zone);
	st->streams++;
	st->phase = STATE_HELD;
	st->held_ns = clock_real_ns();
	return 0;
}

/* Whatever comes may end with the last byte, so one stays here. */
static int take_devices(struct state_stream *st, struct zkz_err *err)
{
	size_t len = st->rest_len;

	if (!len || pass_on(st, st->rest, len - 1, err))
		return len ? -1 : 0;
	st->rest[0] = st->rest[len - 1];
	st->rest_len = 1;
	return 0;
}

static int take(struct state_stream *st, struct zkz_err *err)
{
	return st->phase == STATE_SETUP ? take_setup(st, err) : take_devices(st, err);
}

int state_pump(struct state_stream *st, struct zkz_err *err)
{
	while (st->in >= 0 && st->phase != STATE_HELD) {
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

int state_release(struct state_stream *st, struct zkz_err *err)
{
	st->phase = STATE_DEVICES;
	return take(st, err) || state_pump(st, err) ? -1 : 0;
}

int state_finish(struct state_stream *st, struct zkz_err *err)
{
	if (st->rest_len != 1 || st->rest[0] != END_MARK)
		return err_qemu_state_unmarked(err, st->zone);
	/* What was handed to the socket may arrive, whatever it says. */
	st->phase = STATE_SENT;
	return pass_on(st, st->rest, st->rest_len, err);
}

void state_close(struct state_stream *st, struct link *l)
{
	channel_fini(&l->decision);
	io_close(&st->in);
	io_close(&st->out);
	free(st->setup);
	st->setup = NULL;
}
