// SPDX-License-Identifier: GPL-2.0
#include "migrate/plan/match.h"

#include <string.h>
#include <strings.h>

static int differ(struct zkz_err *err, const char *what)
{
	err_prefix(err, "The configuration on the target differs in %s", what);
	return err_remedy(err, "Correct it there, or delete it there so that the one of the source is imported.");
}

static const struct zone_disk *find_disk(const struct zone_model *z, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < z->nr_disks; i++)
		if (z->disk[i].id == id)
			return &z->disk[i];
	return NULL;
}

static const struct zone_nic *find_nic(const struct zone_model *z, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < z->nr_nics; i++)
		if (z->nic[i].id == id)
			return &z->nic[i];
	return NULL;
}

static int match_disks(const struct zone_model *s, const struct zone_model *t,
		       struct zkz_err *err)
{
	unsigned int i;

	if (s->nr_disks != t->nr_disks) {
		err_set(err, ERR_CONFIG, "%u there, %u here", t->nr_disks, s->nr_disks);
		return differ(err, "the number of devices");
	}
	for (i = 0; i < s->nr_disks; i++) {
		const struct zone_disk *a = &s->disk[i], *b = find_disk(t, a->id);

		if (!b) {
			err_set(err, ERR_CONFIG, "device %u is missing there", a->id);
			return differ(err, "its devices");
		}
		if (strcmp(a->storage, b->storage) || strcmp(a->format, b->format)) {
			err_set(err, ERR_CONFIG, "device %u is %s (%s) there, %s (%s) here",
				a->id, b->storage, b->format, a->storage, a->format);
			return differ(err, "its devices");
		}
	}
	return 0;
}

static int match_nics(const struct zone_model *s, const struct zone_model *t,
		      struct zkz_err *err)
{
	unsigned int i;

	if (s->nr_nics != t->nr_nics) {
		err_set(err, ERR_CONFIG, "%u there, %u here", t->nr_nics, s->nr_nics);
		return differ(err, "the number of anet resources");
	}
	for (i = 0; i < s->nr_nics; i++) {
		const struct zone_nic *a = &s->nic[i], *b = find_nic(t, a->id);

		if (!b || strcasecmp(a->mac, b->mac)) {
			err_set(err, ERR_CONFIG, "anet %u has MAC address %s here, %s there",
				a->id, a->mac, b ? b->mac : "none");
			return differ(err, "its networks");
		}
	}
	return 0;
}

int match_models(const struct zone_model *source, const struct zone_model *target,
		 struct zkz_err *err)
{
	if (source->memory != target->memory) {
		err_set(err, ERR_CONFIG, "%llu MiB there, %llu MiB here",
			(unsigned long long)target->memory >> 20,
			(unsigned long long)source->memory >> 20);
		return differ(err, "capped-memory");
	}
	if (source->ncpus != target->ncpus) {
		err_set(err, ERR_CONFIG, "%u there, %u here", target->ncpus, source->ncpus);
		return differ(err, "virtual-cpu");
	}
	if (match_disks(source, target, err))
		return -1;
	return match_nics(source, target, err);
}
