// SPDX-License-Identifier: GPL-2.0
/* Of a description: memory, virtual CPUs, identity, what is booted. */
#include "libvirt/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MiB	(1024ULL * 1024)

/* Units of libvirt; without one it is KiB. */
static uint64_t unit_bytes(const char *unit)
{
	static const char letters[] = "KMGTPE";
	const char *at = unit[0] ? strchr(letters, unit[0] == 'k' ? 'K' : unit[0]) : NULL;
	uint64_t step = unit[0] && unit[1] == 'B' ? 1000 : 1024, n = 1;
	const char *l;

	if (!unit[0])
		return 1024;
	for (l = letters; at && l <= at; l++)
		n *= step;
	return n;
}

/* The size that an element says, in bytes; 0 if it says none that a zone can have. */
static uint64_t size_of(xmlNode *n)
{
	char text[XML_TEXT], unit[XML_TEXT];
	uint64_t size, bytes = unit_bytes(xml_attr(n, "unit", unit));

	if (!conf_parse_number(xml_text(n, text), &size) || size > (1ULL << 60) / bytes)
		return 0;
	return size * bytes;
}

/* A resource of one property, if it can be that. */
static bool add(struct import *im, const char *type, const char *prop, const char *value)
{
	struct conf_res *r = conf_res_new(conf_type_find(type));

	if (!import_set(r, prop, value)) {
		conf_res_free(r);
		return false;
	}
	conf_insert(im->c, r);
	return true;
}

static void take_memory(struct import *im, xmlNode *domain)
{
	xmlNode *memory = xml_child(domain, "memory"), *now = xml_child(domain, "currentMemory");
	uint64_t bytes = memory ? size_of(memory) : 0;
	uint64_t mib = (bytes + 2 * MiB - 1) / (2 * MiB) * 2;
	struct zkz_err warning = { 0 };
	char text[32];

	if (now && size_of(now) != bytes)
		xml_left(now);
	if (!memory)
		return;
	snprintf(text, sizeof(text), "%lluM", (unsigned long long)mib);
	if (!add(im, "capped-memory", "physical", text)) {
		xml_left(memory);
		return;
	}
	if (mib * MiB == bytes)
		return;
	err_import_memory(&warning, mib);
	im->tell(&warning, im->arg);
}

/* All that are defined, whether they are plugged now or not. */
static void take_cpus(struct import *im, xmlNode *domain)
{
	xmlNode *vcpu = xml_child(domain, "vcpu");
	char text[XML_TEXT];

	if (!vcpu)
		return;
	if (!add(im, "virtual-cpu", "ncpus", xml_text(vcpu, text)))
		xml_left(vcpu);
	xml_has(vcpu, "placement", "static");
	/* Of "all but these", and of what does not exist, is told. */
	if (xml_attr(vcpu, "cpuset", text)[0] && !add(im, "dedicated-cpu", "cpus", text))
		xml_left(vcpu);
}

static void take_model(struct import *im, xmlNode *domain)
{
	xmlNode *cpu = xml_child(domain, "cpu");
	struct zkz_err warning = { 0 };
	char mode[XML_TEXT];

	if (!cpu)
		return;
	xml_attr(cpu, "mode", mode);
	xml_has(cpu, "check", "none");
	xml_has(cpu, "migratable", "on");
	if (!strcmp(mode, "host-passthrough"))
		return;
	/* What its features were is of no interest where it is another one. */
	xml_taken(cpu);
	err_import_cpu(&warning, mode[0] ? mode : "custom");
	im->tell(&warning, im->arg);
}

/* Lines and what they begin with become one line. */
static char *unfold(char *text)
{
	char *to = text;
	const char *from;

	for (from = text; *from; from++) {
		if (!strchr(" \t\r\n", *from))
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	*to = '\0';
	return text;
}

static void note(struct import *im, xmlNode *domain, const char *name)
{
	xmlNode *n = xml_child(domain, name);
	char text[XML_TEXT];
	struct conf_res *r;

	if (!n)
		return;
	r = conf_res_new(conf_type_find("attr"));
	if (import_set(r, "name", name) && import_set(r, "value", unfold(xml_text(n, text))) && text[0]) {
		conf_insert(im->c, r);
		return;
	}
	conf_res_free(r);
	xml_left(n);
}

static void take_identity(struct import *im, xmlNode *domain)
{
	xmlNode *uuid = xml_child(domain, "uuid");
	char text[XML_TEXT];

	/* It is called as it is to be called here. */
	xml_child(domain, "name");
	if (uuid && !import_set(&im->c->global, "uuid", xml_text(uuid, text)))
		xml_left(uuid);
	note(im, domain, "title");
	note(im, domain, "description");
}

static void take_boot_file(struct import *im, xmlNode *os, const char *name, const char *prop)
{
	xmlNode *n = xml_child(os, name);
	char text[XML_TEXT];

	if (n && !import_set(&im->c->global, prop, xml_text(n, text)))
		xml_left(n);
}

/* Its variables name the boot loader on the disk: a zone without them finds only what every firmware looks for. */
static void tell_nvram(struct import *im, xmlNode *nvram)
{
	struct zkz_err warning = { 0 };
	char path[XML_TEXT];

	if (!xml_text(nvram, path)[0])
		return;
	xml_taken(nvram);
	err_import_nvram(&warning, path);
	im->tell(&warning, im->arg);
}

static void take_firmware(struct import *im, xmlNode *os)
{
	xmlNode *loader = xml_first(os, "loader"), *nvram = xml_first(os, "nvram");

	xml_has(os, "firmware", "bios");
	if (!xml_has(os, "firmware", "efi") && !xml_has(loader, "type", "pflash"))
		return;
	import_set(&im->c->global, "firmware", "uefi");
	/* With keys of its own, or a machine that has system management: neither is here. */
	if (!xml_has(loader, "secure", "yes"))
		xml_taken(loader);
	tell_nvram(im, nvram);
}

void import_machine(struct import *im, xmlNode *domain)
{
	xmlNode *os = xml_child(domain, "os"), *type = xml_child(os, "type");
	struct zkz_err warning = { 0 };
	char machine[XML_TEXT];

	take_identity(im, domain);
	take_memory(im, domain);
	take_cpus(im, domain);
	take_model(im, domain);
	take_boot_file(im, os, "kernel", "kernel");
	take_boot_file(im, os, "initrd", "initrd");
	take_boot_file(im, os, "cmdline", "bootargs");
	take_firmware(im, os);
	if (!type || !xml_attr(type, "machine", machine)[0])
		return;
	err_import_machine(&warning, machine);
	im->tell(&warning, im->arg);
}

/* Places of disks that have none of their own: the first one is what "hd" means. */
void import_boot(struct import *im, xmlNode *domain)
{
	xmlNode *os = xml_first(domain, "os"), *boot;
	struct conf_res *first = conf_first(im->c, "device"), *r;
	bool wanted = !xml_first(os, "boot"), placed = conf_res_get(&im->c->global, "kernel");

	for (boot = xml_first(os, "boot"); boot; boot = xml_next(boot, "boot")) {
		if (!xml_has(boot, "dev", "hd"))
			continue;
		xml_seen(boot);
		wanted = true;
	}
	for (r = first; r; r = conf_next(r))
		placed = placed || conf_res_get(r, "bootpri");
	if (wanted && !placed && first)
		import_set(first, "bootpri", "0");
}
