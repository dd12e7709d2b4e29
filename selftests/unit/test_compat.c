// SPDX-License-Identifier: GPL-2.0
/* May a running zone go from one host to another? */
#include <stdio.h>
#include <stdlib.h>

#include "compat/decide.h"
#include "unit.h"

static struct zkz_err why;
static char flags_a[] = "fpu vme sse2 avx avx2 aes";

static struct passport host(char *flags)
{
	struct passport p = {
		.zkz = "1", .kernel = "6.1", .arch = "x86_64", .qemu = "7.2.19", .wire = 1,
		.vendor = "AuthenticAMD", .model = "EPYC", .flags = flags,
	};

	return p;
}

static struct findings decide(const struct passport *s, const struct passport *t)
{
	struct findings f;

	compat_decide(s, t, &f);
	return f;
}

TEST(equal_hosts_are_compatible)
{
	struct passport a = host(flags_a), b = host(flags_a);
	struct findings f = decide(&a, &b);

	CHECK_INT(f.nr, 0);
	CHECK(!compat_verdict(&f, &why));
}

TEST(missing_flags_block_and_are_named)
{
	char less[] = "fpu vme sse2 avx aes";
	struct passport a = host(flags_a), b = host(less);
	struct findings f = decide(&a, &b);

	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "1 feature ");
	CHECK_HAS(why.text, "avx2");
	/* The other way round is fine: the guest does not know about avx2. */
	f = decide(&b, &a);
	CHECK(!compat_verdict(&f, &why));
}

TEST(flag_names_are_compared_whole)
{
	char longer[] = "fpu vme sse2 avx avx2x xavx2 aes";
	struct passport a = host(flags_a), b = host(longer);
	struct findings f = decide(&a, &b);

	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, ": avx2");
}

TEST(flags_of_the_host_do_not_matter)
{
	char more[] = "fpu vme sse2 avx avx2 aes constant_tsc rep_good cpuid";
	struct passport a = host(more), b = host(flags_a);
	struct findings f = decide(&a, &b);

	CHECK(!compat_verdict(&f, &why));
}

TEST(many_missing_flags_fit)
{
	char *many = malloc(70000);
	struct passport a = host(many), b = host(flags_a);
	struct findings f;
	size_t at = 0;
	int i;

	NEED(many);
	for (i = 0; i < 5000; i++)
		at += sprintf(many + at, "flag%d ", i);
	f = decide(&a, &b);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "5000 features");
	CHECK_HAS(why.text, "...");
	free(many);
}

TEST(other_vendor_or_machine_blocks)
{
	struct passport a = host(flags_a), b = host(flags_a);
	struct findings f;

	snprintf(b.vendor, sizeof(b.vendor), "GenuineIntel");
	f = decide(&a, &b);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "GenuineIntel");
	snprintf(b.arch, sizeof(b.arch), "riscv64");
	f = decide(&a, &b);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "riscv64");
}

TEST(other_model_is_worth_a_word)
{
	struct passport a = host(flags_a), b = host(flags_a);
	struct findings f;

	snprintf(b.model, sizeof(b.model), "Opteron");
	f = decide(&a, &b);
	CHECK_INT(f.nr, 1);
	CHECK(!compat_verdict(&f, &why));
	CHECK_HAS(f.at[0].text, "Opteron");
}

TEST(qemu_may_become_newer_not_older)
{
	struct passport a = host(flags_a), b = host(flags_a);
	struct findings f;

	snprintf(b.qemu, sizeof(b.qemu), "10.0.2");
	f = decide(&a, &b);
	CHECK(!compat_verdict(&f, &why));
	f = decide(&b, &a);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "older");
	snprintf(b.qemu, sizeof(b.qemu), "nonsense");
	f = decide(&a, &b);
	CHECK(compat_verdict(&f, &why));
}

TEST(wire_versions_must_agree)
{
	struct passport a = host(flags_a), b = host(flags_a);
	struct findings f;

	b.wire = 2;
	f = decide(&a, &b);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "format 2");
}

/* A host of a zkz that cannot fetch does not say so. */
TEST(fetch_is_off_unless_told)
{
	struct passport a = { .zkz = "1", .kernel = "6.1", .arch = "x86_64", .qemu = "7.2.19",
			      .wire = 1, .fetch = true, .vendor = "V", .model = "M" }, b;
	json_t *obj;

	a.flags = strdup("fpu vme");
	obj = passport_to_json(&a);
	CHECK_INT(passport_from_json(obj, &b, NULL), 0);
	CHECK(b.fetch);
	passport_fini(&b);
	json_object_del(obj, "fetch");
	CHECK_INT(passport_from_json(obj, &b, NULL), 0);
	CHECK(!b.fetch);
	passport_fini(&b);
	passport_fini(&a);
	json_decref(obj);
}

/* What a host does not tell, or tells nonsense of, is not known. */
TEST(processors_and_link_may_be_unknown)
{
	struct passport a = { .zkz = "1", .kernel = "6.1", .arch = "x86_64", .qemu = "7.2.19", .wire = 1,
			      .cpus = 4, .mbit = 25000, .vendor = "V", .model = "M" }, b;
	json_t *obj;

	a.flags = strdup("fpu vme");
	obj = passport_to_json(&a);
	CHECK_INT(passport_from_json(obj, &b, NULL), 0);
	CHECK_INT(b.cpus, 4);
	CHECK_INT(b.mbit, 25000);
	passport_fini(&b);
	json_object_del(obj, "cpus");
	json_object_set_new(obj, "link-mbit", json_integer(-1));
	CHECK_INT(passport_from_json(obj, &b, NULL), 0);
	CHECK_INT(b.cpus, 0);
	CHECK_INT(b.mbit, 0);
	passport_fini(&b);
	json_object_set_new(obj, "cpus", json_integer(1LL << 40));
	CHECK_INT(passport_from_json(obj, &b, NULL), 0);
	CHECK_INT(b.cpus, 0);
	passport_fini(&b);
	passport_fini(&a);
	json_decref(obj);
}
