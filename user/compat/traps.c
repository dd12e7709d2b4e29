// SPDX-License-Identifier: GPL-2.0
#include "compat/traps.h"

#include <stdio.h>
#include <string.h>

#define V(major, minor, micro)	((major) * 1000000L + (minor) * 1000L + (micro))
#define SERIES(version)		((version) / 1000)
#define ANY			V(999, 0, 0)
/* Largest queue that a device of zkz's has had before 10.0.3, and has again since 11.1. */
#define USUAL_QUEUE		256

long traps_version(const char *text)
{
	unsigned int major, minor, micro = 0;

	if (sscanf(text, "%3u.%3u.%3u", &major, &minor, &micro) < 2)
		return -1;
	return V(major, minor, micro);
}

static const struct passport_queue *same_queue(const struct passport *p, const struct passport_queue *q)
{
	uint32_t i;

	for (i = 0; i < p->queues; i++)
		if (p->queue[i].number == q->number && !strcmp(p->queue[i].device, q->device))
			return &p->queue[i];
	return NULL;
}

/*
 * Some QEMUs make every virtio queue one of 1024 entries, whatever the machine type; a later one
 * loads none that is larger than its own. It says so when the guest stands still already:
 * "VQ 0 vring.num 1024 exceeds allocated max 256". A guest that was booted elsewhere has smaller
 * ones until it reboots there.
 */
static int large_queues(const struct passport *s, const struct passport *t, bool likely, struct zkz_err *err)
{
	uint32_t i;

	for (i = 0; i < s->queues; i++) {
		const struct passport_queue *a = &s->queue[i], *b = same_queue(t, a);
		uint32_t most = b ? b->size : USUAL_QUEUE;

		if (a->size > most)
			return err_incompatible_queues(err, a->device, a->size, t->qemu, most);
	}
	if (!s->queues && likely)
		return err_incompatible_queues_unknown(err, s->qemu, t->qemu);
	return 0;
}

/*
 * @from: versions of the source that are known for it, both included
 * @to:   versions of the target in which it shows, likewise
 * @is:   looks at what the hosts have told; @likely is whether the source is one of @from
 *
 * Measured: 10.0.2 and before have no large queues, 10.0.13 has; 11.1.3 has none, and looks. The source of 10.0.13
 * speaks of "qemu <11.1".
 */
static const struct {
	long from[2];
	long to[2];
	int (*is)(const struct passport *s, const struct passport *t, bool likely, struct zkz_err *err);
} traps[] = {
	{ { V(10, 0, 3), V(11, 0, 999) }, { V(11, 1, 0), ANY }, large_queues },
};

/* Tried with machine types that both have, see Documentation/qemu.rst. */
static const struct {
	long from;
	long to;
} ways_back[] = {
	{ SERIES(V(10, 0, 0)), SERIES(V(7, 2, 0)) },
	{ SERIES(V(11, 1, 0)), SERIES(V(10, 0, 0)) },
	{ SERIES(V(11, 1, 0)), SERIES(V(7, 2, 0)) },
};

static bool within(long version, const long *range)
{
	return version >= range[0] && version <= range[1];
}

int traps_find(const struct passport *source, const struct passport *target, struct zkz_err *err)
{
	long from = traps_version(source->qemu), to = traps_version(target->qemu);
	size_t i;

	for (i = 0; i < sizeof(traps) / sizeof(traps[0]); i++)
		if (within(to, traps[i].to) && traps[i].is(source, target, within(from, traps[i].from), err))
			return -1;
	return 0;
}

bool traps_way_back(const char *from, const char *to)
{
	long a = traps_version(from), b = traps_version(to);
	size_t i;

	for (i = 0; i < sizeof(ways_back) / sizeof(ways_back[0]); i++)
		if (SERIES(a) == ways_back[i].from && SERIES(b) == ways_back[i].to)
			return true;
	return false;
}
