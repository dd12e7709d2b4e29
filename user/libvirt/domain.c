// SPDX-License-Identifier: GPL-2.0
#include "libvirt/domain.h"

#include <stdio.h>
#include <string.h>

#include "libvirt/import.h"

static int check_kind(xmlNode *domain, struct zkz_err *err)
{
	xmlNode *type = xml_first(xml_first(domain, "os"), "type");
	char text[XML_TEXT];

	if (!xml_is(domain, "domain"))
		return err_import_no_domain(err, (const char *)domain->name);
	xml_attr(domain, "type", text);
	if (strcmp(text, "kvm") && strcmp(text, "qemu"))
		return err_import_type(err, text);
	if (type && xml_attr(type, "arch", text)[0] && strcmp(text, "x86_64"))
		return err_import_arch(err, text);
	/* "hvm": with virtual devices of a real machine, as all of KVM are */
	xml_attr(domain, "id", text);
	return 0;
}

/* The first serial line is a zone's console; a description says it twice. */
static void take_console(xmlNode *devices)
{
	xmlNode *serial = xml_first(devices, "serial"), *console = xml_first(devices, "console");

	xml_taken(serial);
	if (console && xml_has(xml_first(console, "target"), "type", "serial"))
		xml_taken(console);
}

/* Of all channels a zone has that of the guest agent. */
static void take_channel(struct import *im, xmlNode *channel)
{
	if (!xml_has(xml_first(channel, "target"), "name", "org.qemu.guest_agent.0"))
		return;
	import_set(&im->c->global, "guest-agent", "true");
	xml_taken(channel);
}

static void import_devices(struct import *im, xmlNode *devices)
{
	xmlNode *n;

	for (n = xml_first(devices, NULL); n; n = xml_next(n, NULL)) {
		if (xml_is(n, "disk"))
			import_disk(im, n);
		else if (xml_is(n, "interface"))
			import_interface(im, n);
		else if (xml_is(n, "channel"))
			take_channel(im, n);
	}
	take_console(devices);
}

static void import(struct import *im, xmlNode *domain)
{
	xml_seen(domain);
	import_machine(im, domain);
	import_devices(im, xml_first(domain, "devices"));
	import_boot(im, domain);
	import_tell_left(im, domain);
}

struct conf *domain_to_conf(const char *text, size_t len, domain_tell_fn tell, void *arg, struct zkz_err *err)
{
	struct import im = { .tell = tell, .arg = arg };
	xmlDoc *doc = xml_parse(text, len, err);
	xmlNode *domain = doc ? xmlDocGetRootElement(doc) : NULL;

	if (domain && !check_kind(domain, err)) {
		im.c = conf_new();
		import(&im, domain);
	}
	xmlFreeDoc(doc);
	return im.c;
}
