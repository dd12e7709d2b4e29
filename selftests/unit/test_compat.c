// SPDX-License-Identifier: GPL-2.0
/* May a running zone go from one host to another? */
#include <stdio.h>
#include <stdlib.h>

#include "compat/decide.h"
#include "unit.h"

static struct zkz_err why;
static char features_a[] = "fpu vme sse2 avx avx2 aes";

static struct passport host(char *features)
{
	struct passport p = {
		.zkz = "1", .kernel = "6.1", .arch = "x86_64", .qemu = "7.2.19", .wire = 1,
		.vendor = "AuthenticAMD", .model = "EPYC", .features = features, .phys_bits = 46,
		.machine = "pc-q35-7.2",
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
	struct passport a = host(features_a), b = host(features_a);
	struct findings f = decide(&a, &b);

	CHECK_INT(f.nr, 0);
	CHECK(!compat_verdict(&f, &why));
}

TEST(missing_features_block_and_are_named)
{
	char less[] = "fpu vme sse2 avx aes";
	struct passport a = host(features_a), b = host(less);
	struct findings f = decide(&a, &b);

	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "lacks 1 of the features");
	CHECK_HAS(why.text, "avx2");
	/* The other way round is fine: the guest does not know about avx2. */
	f = decide(&b, &a);
	CHECK(!compat_verdict(&f, &why));
}

TEST(feature_names_are_compared_whole)
{
	char longer[] = "fpu vme sse2 avx avx2x xavx2 aes";
	struct passport a = host(features_a), b = host(longer);
	struct findings f = decide(&a, &b);

	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, ": avx2");
}

TEST(many_missing_features_fit)
{
	char *many = malloc(70000);
	struct passport a = host(many), b = host(features_a);
	struct findings f;
	size_t at = 0;
	int i;

	NEED(many);
	for (i = 0; i < 5000; i++)
		at += sprintf(many + at, "name%d ", i);
	f = decide(&a, &b);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "5000 of the features");
	CHECK_HAS(why.text, "...");
	free(many);
}

TEST(other_vendor_or_machine_blocks)
{
	struct passport a = host(features_a), b = host(features_a);
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
	struct passport a = host(features_a), b = host(features_a);
	struct findings f;

	snprintf(b.model, sizeof(b.model), "Opteron");
	f = decide(&a, &b);
	CHECK_INT(f.nr, 1);
	CHECK(!compat_verdict(&f, &why));
	CHECK_HAS(f.at[0].why.text, "Opteron");
}

TEST(qemu_may_become_newer_not_older)
{
	struct passport a = host(features_a), b = host(features_a);
	struct findings f;

	snprintf(b.qemu, sizeof(b.qemu), "8.0.2");
	f = decide(&a, &b);
	CHECK(!compat_verdict(&f, &why));
	f = decide(&b, &a);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "older");
	snprintf(b.qemu, sizeof(b.qemu), "nonsense");
	f = decide(&a, &b);
	CHECK(compat_verdict(&f, &why));
}

/* Of what was tried nothing is refused, but a word is said. */
TEST(qemu_may_become_older_where_that_was_tried)
{
	static const char *const ways[][2] = {
		{ "10.0.13", "7.2.22" }, { "11.1.3", "10.0.13" }, { "11.1.3", "7.2.22" },
	};
	struct passport a = host(features_a), b = host(features_a);
	struct findings f;
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		snprintf(a.qemu, sizeof(a.qemu), "%s", ways[i][0]);
		snprintf(b.qemu, sizeof(b.qemu), "%s", ways[i][1]);
		f = decide(&a, &b);
		CHECK_INT(f.nr, 1);
		CHECK(!compat_verdict(&f, &why));
		CHECK_HAS(f.at[0].why.text, "older");
	}
}

/* A target of an older zkz makes what all zones were. */
TEST(machine_types_must_agree)
{
	struct passport a = host(features_a), b = host(features_a), c;
	struct findings f;
	json_t *obj;

	snprintf(a.machine, sizeof(a.machine), "pc-q35-8.2");
	obj = passport_to_json(&b);
	json_object_del(obj, "machine");
	json_object_del(obj, "queues");
	NEED(!passport_from_json(obj, &c, &why));
	CHECK_STR(c.machine, "pc-q35-7.2");
	CHECK_INT(c.queues, 0);
	f = decide(&a, &c);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "type pc-q35-7.2, the zone runs with pc-q35-8.2");
	passport_fini(&c);
	json_decref(obj);
}

TEST(wire_versions_must_agree)
{
	struct passport a = host(features_a), b = host(features_a);
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

	a.features = strdup("fpu vme");
	a.phys_bits = 46;
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

	a.features = strdup("fpu vme");
	a.phys_bits = 46;
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

static void add_block(struct passport *p, const char *name, uint64_t used, uint64_t max)
{
	struct passport_block *b = &p->block[p->blocks++];

	snprintf(b->name, sizeof(b->name), "%s", name);
	b->used = used;
	b->max = max;
}

TEST(firmware_of_another_size_blocks)
{
	struct passport a = host(features_a), b = host(features_a);
	struct findings f;

	add_block(&a, "pc.bios", 256 << 10, 256 << 10);
	add_block(&a, "pc.rom", 128 << 10, 128 << 10);
	add_block(&b, "pc.rom", 128 << 10, 128 << 10);
	add_block(&b, "pc.bios", 256 << 10, 256 << 10);
	f = decide(&a, &b);
	CHECK_INT(f.nr, 0);
	b.block[1].used = b.block[1].max = 512 << 10;
	f = decide(&a, &b);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "firmware");
	CHECK_HAS(why.text, "pc.bios has 512 KiB on the target, 256 KiB on the source");
	CHECK(!strstr(why.text, "pc.rom"));
	/* All of it at once. */
	b.blocks = 0;
	f = decide(&a, &b);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "pc.bios is missing on the target; pc.rom is missing on the target");
}

/* Tables of QEMU's own grow as they come, as far as there is room. */
TEST(tables_may_differ_in_size)
{
	struct passport a = host(features_a), b = host(features_a);
	struct findings f;

	add_block(&a, "/rom@etc/acpi/tables", 128 << 10, 2048 << 10);
	add_block(&b, "/rom@etc/acpi/tables", 64 << 10, 2048 << 10);
	f = decide(&a, &b);
	CHECK_INT(f.nr, 0);
	b.block[0].max = 64 << 10;
	f = decide(&a, &b);
	CHECK(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "acpi");
}

TEST(many_blocks_that_differ_fit)
{
	struct passport a = host(features_a), b = host(features_a);
	struct findings f;
	int i;

	for (i = 0; i < PASSPORT_MAX_BLOCKS; i++)
		add_block(&a, "a-name-that-is-rather-long-for-a-block-of-memory", 4096, 4096);
	f = decide(&a, &b);
	CHECK(compat_verdict(&f, &why));
}

TEST(physical_addresses_may_become_wider_not_narrower)
{
	struct passport a = host(features_a), b = host(features_a);
	struct findings f;

	b.phys_bits = 39;
	f = decide(&a, &b);
	NEED(compat_verdict(&f, &why));
	CHECK_HAS(why.text, "39 bits");
	CHECK_HAS(why.text, "46");
	f = decide(&b, &a);
	CHECK(!compat_verdict(&f, &why));
}

TEST(a_smaller_mtu_is_named)
{
	struct passport a = host(features_a), b = host(features_a);
	struct findings f;

	a.links = b.links = 2;
	a.link[0] = (struct passport_link){ .id = 0, .mtu = 1500 };
	a.link[1] = (struct passport_link){ .id = 3, .mtu = 9000 };
	b.link[1] = (struct passport_link){ .id = 0, .mtu = 1280 };
	b.link[0] = (struct passport_link){ .id = 3, .mtu = 9000 };
	f = decide(&a, &b);
	CHECK_INT(f.nr, 1);
	CHECK(!f.at[0].blocks);
	CHECK_HAS(f.at[0].why.text, "anet 0: MTU 1280 on the target, 1500 on the source");
	f = decide(&b, &a);
	CHECK_INT(f.nr, 0);
	b.link[1].mtu = 0;
	f = decide(&a, &b);
	CHECK_INT(f.nr, 0);
}

static int reads(json_t *obj)
{
	struct passport p;
	int rc = passport_from_json(obj, &p, &why);

	if (!rc)
		passport_fini(&p);
	return rc;
}

TEST(passports_are_whole_and_bounded)
{
	struct passport a = host(features_a), b;
	json_t *obj, *one;
	int i;

	add_block(&a, "pc.bios", 4096, 8192);
	a.links = 1;
	a.link[0] = (struct passport_link){ .id = 3, .mtu = 1280 };
	obj = passport_to_json(&a);
	NEED(!passport_from_json(obj, &b, &why));
	CHECK_STR(b.block[0].name, "pc.bios");
	CHECK_INT(b.block[0].used, 4096);
	CHECK_INT(b.block[0].max, 8192);
	CHECK_INT(b.link[0].id, 3);
	CHECK_INT(b.link[0].mtu, 1280);
	CHECK_INT(b.phys_bits, 46);
	passport_fini(&b);
	one = json_array_get(json_object_get(obj, "blocks"), 0);
	json_object_set_new(one, "used", json_integer(9000));
	CHECK_INT(reads(obj), -1);
	json_object_set_new(one, "used", json_integer(-1));
	CHECK_INT(reads(obj), -1);
	json_object_set_new(one, "used", json_integer(1));
	CHECK_INT(reads(obj), 0);
	for (i = 0; i < PASSPORT_MAX_BLOCKS; i++)
		json_array_append(json_object_get(obj, "blocks"), one);
	CHECK_INT(reads(obj), -1);
	json_object_set_new(obj, "blocks", json_array());
	CHECK_INT(reads(obj), 0);
	json_object_set_new(obj, "phys-bits", json_string("46"));
	CHECK_INT(reads(obj), -1);
	CHECK_HAS(why.remedy, "same version");
	json_decref(obj);
}
