// SPDX-License-Identifier: GPL-2.0
#include "compat/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/traps.h"

/* The next one, whose sentence the caller makes. */
static struct zkz_err *add(struct findings *f, bool blocks)
{
	struct finding *one;

	if (f->nr == COMPAT_MAX_FINDINGS)
		f->nr--;	/* cannot happen: fewer subjects below, and links */
	one = &f->at[f->nr++];
	memset(one, 0, sizeof(*one));
	one->blocks = blocks;
	return &one->why;
}

static bool word_in(const char *word, size_t len, const char *list)
{
	const char *p = list;

	while ((p = strstr(p, word))) {
		bool starts = p == list || p[-1] == ' ';

		if (starts && (p[len] == ' ' || p[len] == '\0'))
			return true;
		p += len;
	}
	return false;
}

/* Words of @have that @want lacks, as "a b c"; cut off with "..." */
static unsigned int missing_words(const char *have, const char *want,
				  char *text, size_t size)
{
	unsigned int nr = 0;
	size_t used = 0;

	text[0] = '\0';
	while (*have) {
		size_t len = strcspn(have, " ");
		char word[64];

		if (len && len < sizeof(word)) {
			memcpy(word, have, len);
			word[len] = '\0';
			if (!word_in(word, len, want)) {
				nr++;
				if (used + len + 8 < size)
					used += snprintf(text + used, size - used,
							 "%s%s", used ? " " : "", word);
				else if (size - used > 4 && strcmp(text + used - 3, "..."))
					used += snprintf(text + used, size - used, "...");
			}
		}
		have += len;
		have += strspn(have, " ");
	}
	return nr;
}

static void check_cpu(const struct passport *s, const struct passport *t,
		      struct findings *out)
{
	char missing[256];
	unsigned int nr;

	if (strcmp(s->arch, t->arch)) {
		err_incompatible_arch(add(out, true), t->arch, s->arch);
		return;
	}
	if (strcmp(s->vendor, t->vendor)) {
		err_incompatible_vendor(add(out, true), t->vendor, s->vendor);
		return;
	}
	nr = missing_words(s->features ? s->features : "", t->features ? t->features : "",
			   missing, sizeof(missing));
	if (nr)
		err_incompatible_features(add(out, true), nr, missing);
	else if (strcmp(s->model, t->model))
		err_incompatible_model(add(out, false), t->model, s->model);
	/* A guest that knows of more bits may use them, for what it maps of its devices. */
	if (t->phys_bits < s->phys_bits)
		err_incompatible_addresses(add(out, true), t->phys_bits, s->phys_bits);
}

static const struct passport_block *find_block(const struct passport *p, const char *name)
{
	uint32_t i;

	for (i = 0; i < p->blocks; i++)
		if (!strcmp(p->block[i].name, name))
			return &p->block[i];
	return NULL;
}

/* What QEMU would find when it loads the guest: it makes files of its firmware as long as they come, if they fit. */
static bool fits(const struct passport_block *s, const struct passport_block *t)
{
	if (!strncmp(s->name, "/rom@", 5))
		return s->used <= t->max;
	return s->used == t->used;
}

/* Memory of the machine that is not the guest's, and travels with the devices. */
static void check_firmware(const struct passport *s, const struct passport *t, struct findings *out)
{
	char list[384] = "";
	size_t used = 0;
	uint32_t i;

	for (i = 0; i < s->blocks && used < sizeof(list); i++) {
		const struct passport_block *a = &s->block[i], *b = find_block(t, a->name);
		const char *comma = used ? "; " : "";

		if (!b)
			used += snprintf(list + used, sizeof(list) - used, "%s%s is missing on the target", comma,
					 a->name);
		else if (!fits(a, b))
			used += snprintf(list + used, sizeof(list) - used, "%s%s has %llu KiB on the target, %llu KiB on the source",
					 comma, a->name, (unsigned long long)(b->used >> 10),
					 (unsigned long long)(a->used >> 10));
	}
	if (used)
		err_incompatible_firmware(add(out, true), list);
}

static uint32_t mtu_of(const struct passport *p, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < p->links; i++)
		if (p->link[i].id == id)
			return p->link[i].mtu;
	return 0;
}

/* Whether the guest sends frames of that size is its own affair: no obstacle. */
static void check_links(const struct passport *s, const struct passport *t, struct findings *out)
{
	uint32_t i;

	for (i = 0; i < s->links; i++) {
		uint32_t mtu = mtu_of(t, s->link[i].id);

		if (mtu && mtu < s->link[i].mtu)
			err_incompatible_mtu(add(out, false), s->link[i].id, mtu, s->link[i].mtu);
	}
}

/* Device state depends on major and minor only, where there is no trap. */
static void check_qemu(const struct passport *s, const struct passport *t, struct findings *out)
{
	long from = traps_version(s->qemu), to = traps_version(t->qemu);
	struct zkz_err trap = { 0 };

	if (from < 0 || to < 0)
		err_incompatible_qemu_unknown(add(out, true), s->qemu, t->qemu);
	else if (traps_find(s, t, &trap))
		*add(out, true) = trap;
	else if (traps_way_back(s->qemu, t->qemu))
		err_incompatible_qemu_back(add(out, false), t->qemu, s->qemu);
	else if (to / 1000 < from / 1000)
		err_incompatible_qemu_older(add(out, true), t->qemu, s->qemu);
}

static void check_software(const struct passport *s, const struct passport *t,
			   struct findings *out)
{
	if (s->wire != t->wire)
		err_incompatible_streams(add(out, true), t->wire, s->wire);
	/* The target was told, and refused what its QEMU does not have, unless its zkz is older. */
	if (strcmp(s->machine, t->machine))
		err_incompatible_machine(add(out, true), t->machine, s->machine);
	check_qemu(s, t, out);
}

void compat_decide(const struct passport *source, const struct passport *target,
		   struct findings *out)
{
	out->nr = 0;
	check_software(source, target, out);
	check_cpu(source, target, out);
	check_firmware(source, target, out);
	check_links(source, target, out);
}

int compat_verdict(const struct findings *f, struct zkz_err *err)
{
	unsigned int i, nr = 0;

	err_clear(err);
	for (i = 0; i < f->nr; i++) {
		if (!f->at[i].blocks)
			continue;
		err_also(err, &f->at[i].why);
		nr++;
	}
	return nr ? -1 : 0;
}
