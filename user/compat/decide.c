// SPDX-License-Identifier: GPL-2.0
#include "compat/decide.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4)))
static struct finding *add(struct findings *f, bool blocks, const char *fmt, ...)
{
	struct finding *one;
	va_list ap;

	if (f->nr == COMPAT_MAX_FINDINGS)
		f->nr--;	/* cannot happen: fewer subjects below, and links */
	one = &f->at[f->nr++];
	one->blocks = blocks;
	one->remedy[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(one->text, sizeof(one->text), fmt, ap);
	va_end(ap);
	return one;
}

static void remedy(struct finding *one, const char *text)
{
	snprintf(one->remedy, sizeof(one->remedy), "%s", text);
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
		remedy(add(out, true, "The target is a %s machine, the source a %s machine",
			   t->arch, s->arch), "Choose a target of the same architecture.");
		return;
	}
	if (strcmp(s->vendor, t->vendor)) {
		remedy(add(out, true, "The CPU of the target is by '%s', that of the source by '%s'",
			   t->vendor, s->vendor),
		       "Choose a target with a CPU of the same vendor.");
		return;
	}
	nr = missing_words(s->features ? s->features : "", t->features ? t->features : "",
			   missing, sizeof(missing));
	if (nr)
		remedy(add(out, true,
			   "The CPU of the target lacks %u feature%s that the guest may be using: %s",
			   nr, nr == 1 ? "" : "s", missing),
		       "Choose a target whose CPU has them.");
	else if (strcmp(s->model, t->model))
		add(out, false, "The CPU of the target is another model: '%s', not '%s'",
		    t->model, s->model);
	/* A guest that knows of more bits may use them, for what it maps of its devices. */
	if (t->phys_bits < s->phys_bits)
		remedy(add(out, true,
			   "The CPU of the target has addresses of %u bits for physical memory, that of the source of %u",
			   t->phys_bits, s->phys_bits),
		       "Choose a target whose CPU has as many (see 'address sizes' in /proc/cpuinfo).");
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
			used += snprintf(list + used, sizeof(list) - used, "%s%s is missing there", comma,
					 a->name);
		else if (!fits(a, b))
			used += snprintf(list + used, sizeof(list) - used, "%s%s has %llu KiB there, %llu KiB here",
					 comma, a->name, (unsigned long long)(b->used >> 10),
					 (unsigned long long)(a->used >> 10));
	}
	if (used)
		remedy(add(out, true, "The firmware of the target is not that of the source: %s", list),
		       "Install the same versions of seabios and QEMU's data on both hosts (Debian: seabios, qemu-system-data), or boot the zone again with theirs.");
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
			add(out, false, "anet %u: MTU %u there, %u here: longer frames of the guest will be lost there",
			    s->link[i].id, mtu, s->link[i].mtu);
	}
}

/* "7.2.19" -> 702: device state depends on major and minor only */
static long qemu_series(const char *version)
{
	unsigned int major, minor;

	if (sscanf(version, "%3u.%3u", &major, &minor) != 2)
		return -1;
	return major * 1000L + minor;
}

static void check_software(const struct passport *s, const struct passport *t,
			   struct findings *out)
{
	long from = qemu_series(s->qemu), to = qemu_series(t->qemu);

	if (s->wire != t->wire)
		remedy(add(out, true, "The target speaks stream format %u, the source %u",
			   t->wire, s->wire), "Install the same version of zkz on both hosts.");
	if (from < 0 || to < 0)
		remedy(add(out, true, "The version of QEMU is not known (source '%s', target '%s')",
			   s->qemu, t->qemu), "Install QEMU on both hosts.");
	else if (to < from)
		remedy(add(out, true, "QEMU %s of the target is older than %s of the source",
			   t->qemu, s->qemu), "Upgrade QEMU on the target.");
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
	const struct finding *first = NULL;
	char text[sizeof(err->text)] = "";
	size_t used = 0;
	unsigned int i;

	for (i = 0; i < f->nr && used < sizeof(text); i++) {
		if (!f->at[i].blocks)
			continue;
		used += snprintf(text + used, sizeof(text) - used, "%s%s", first ? "; " : "", f->at[i].text);
		if (!first)
			first = &f->at[i];
	}
	if (!first)
		return 0;
	err_set(err, ERR_INCOMPATIBLE, "%s", text);
	return err_remedy(err, "%s", first->remedy);
}
