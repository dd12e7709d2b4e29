// SPDX-License-Identifier: GPL-2.0
#include "migrate/source/mirror.h"

#include <stdio.h>
#include <string.h>

#include "lib/io.h"
#include "migrate/source/source.h"
#include "qemu/mirror.h"
#include "storage/create.h"
#include "zone/twins.h"

void mirror_init(struct mirror *m)
{
	unsigned int i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < ZONE_MAX_DISKS; i++)
		m->relay[i] = -1;
}

bool source_mirror_by_job(const struct source *s, unsigned int i)
{
	return s->mirror.disk[i] && !s->model.disk[i].read_only;
}

const char *source_mirror_job(const struct source *s, unsigned int i, char *name)
{
	return mirror_name(s->commit.migration, s->model.disk[i].id, name);
}

int source_mirror_check(const struct source *s, struct zkz_err *err)
{
	return s->mirror.failed ? err_qemu_mirror(err, s->rq->zone, s->mirror.why) : 0;
}

int source_mirror_end(struct source *s, struct zkz_err *err)
{
	char name[MIRROR_NAME];
	unsigned int i;

	if (!s->mirror.begun || s->mirror.over)
		return 0;
	if (source_mirror_check(s, err))
		return -1;
	for (i = 0; i < s->model.nr_disks; i++)
		if (source_mirror_by_job(s, i) && mirror_end(s->vm.qmp, source_mirror_job(s, i, name), err))
			return err_device(err, s->model.disk[i].id);
	s->mirror.over = true;
	return 0;
}

void source_mirror_drop(struct source *s, const struct zkz_err *why)
{
	char name[MIRROR_NAME];
	unsigned int i;

	(void)why;
	for (i = 0; i < s->model.nr_disks; i++) {
		if (source_mirror_by_job(s, i) && s->mirror.begun && s->vm.qmp)
			mirror_drop(s->vm.qmp, source_mirror_job(s, i, name));
		io_close(&s->mirror.relay[i]);
	}
}

void source_mirror_hear(struct source *s, const struct qmp_event *ev)
{
	char name[MIRROR_NAME];
	unsigned int i;

	for (i = 0; s->mirror.begun && !s->mirror.over && i < s->model.nr_disks; i++) {
		const char *why = source_mirror_by_job(s, i) ? mirror_why(ev, source_mirror_job(s, i, name)) : NULL;

		if (!why || s->mirror.failed)
			continue;
		snprintf(s->mirror.why, sizeof(s->mirror.why), "%s", why);
		s->mirror.failed = true;
	}
}

/* Another zone that has it configured may need it, whatever it is there for. */
static void remove_disk(struct source *s, const struct zone_disk *d)
{
	struct zkz_err warning = { 0 };
	char other[64];

	if (zone_other_user(s->rq->zone, d->storage, other, &warning))
		err_copy_of_disk_left(&warning, d->storage);
	else if (other[0])
		err_copy_of_disk_kept(&warning, d->storage, other);
	else if (storage_remove(d->storage, NULL, &warning))
		err_copy_of_disk_left(&warning, d->storage);
	if (warning.id)
		out_warning(&s->rq->out, &warning);
}

/* Others may read what is only read, too. */
void source_mirror_remove(struct source *s)
{
	unsigned int i;

	for (i = 0; i < s->model.nr_disks; i++) {
		const struct zone_disk *d = &s->model.disk[i];

		io_close(&s->mirror.relay[i]);
		if (s->mirror.disk[i] && (!d->read_only || d->seed))
			remove_disk(s, d);
	}
}
