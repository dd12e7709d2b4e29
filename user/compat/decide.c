// SPDX-License-Identifier: GPL-2.0
#include "compat/decide.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Flags of /proc/cpuinfo that describe the host or what its kernel did with
 * the CPU, and that a guest with "-cpu host" does not get to see or rely on.
 * A difference in them is no obstacle.
 */
static const char * const host_only[] = {
	"acpi", "amd_dcm", "aperfmperf", "arat", "arch_perfmon", "art", "bts",
	"cat_l2", "cat_l3", "cdp_l3", "constant_tsc", "cpuid", "cpuid_fault",
	"cqm", "cqm_llc", "cqm_mbm_local", "cqm_mbm_total", "cqm_occup_llc",
	"dtherm", "dts", "ds_cpl", "epb", "ept", "ept_ad", "est", "extapic",
	"extd_apicid", "flexpriority", "hw_pstate", "hwp", "hwp_act_window",
	"hwp_epp", "hwp_notify", "hwp_pkg_req", "ida", "lvtthresh", "mba",
	"mba_l2", "monitor", "mwaitx", "nonstop_tsc", "nopl", "nx_huge_pages",
	"pbe", "pebs", "perfctr_core", "perfctr_llc", "perfctr_nb", "pln",
	"proc_feedback", "pti", "pts", "rdt_a", "rep_good", "retpoline",
	"sme", "smx", "split_lock_detect", "tm", "tm2", "tpr_shadow",
	"tsc_known_freq", "tsc_reliable", "vnmi", "vpid", "xtopology", "xtpr",
};

__attribute__((format(printf, 3, 4)))
static struct finding *add(struct findings *f, bool blocks, const char *fmt, ...)
{
	struct finding *one;
	va_list ap;

	if (f->nr == COMPAT_MAX_FINDINGS)
		f->nr--;	/* cannot happen with as few subjects as below */
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

static bool is_host_only(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(host_only) / sizeof(host_only[0]); i++)
		if (!strcmp(word, host_only[i]))
			return true;
	return false;
}

/* Words of @have that @want lacks, as "a b c"; cut off with "..." */
static unsigned int missing_flags(const char *have, const char *want,
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
			if (!is_host_only(word) && !word_in(word, len, want)) {
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
	nr = missing_flags(s->flags ? s->flags : "", t->flags ? t->flags : "",
			   missing, sizeof(missing));
	if (nr)
		remedy(add(out, true,
			   "The CPU of the target lacks %u feature%s that the zone may be using: %s",
			   nr, nr == 1 ? "" : "s", missing),
		       "Choose a target whose CPU has them.");
	else if (strcmp(s->model, t->model))
		add(out, false, "The CPU of the target is another model: '%s', not '%s'",
		    t->model, s->model);
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
}

int compat_verdict(const struct findings *f, struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; i < f->nr; i++) {
		if (!f->at[i].blocks)
			continue;
		err_set(err, ERR_INCOMPATIBLE, "%s", f->at[i].text);
		return err_remedy(err, "%s", f->at[i].remedy);
	}
	return 0;
}
