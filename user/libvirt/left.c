// SPDX-License-Identifier: GPL-2.0
/* What nobody has understood of a description. */
#include "libvirt/import.h"

#include <stdio.h>
#include <string.h>

/**
 * struct plumbing - what libvirt writes into every description, and a zone has by itself
 * @in:   name of the element that it stands in, NULL: any
 * @name: of the element
 * @attr: only where this attribute is @value, or the text of the element, if it is NULL; both NULL: always
 * @value: see there
 */
struct plumbing {
	const char *in;
	const char *name;
	const char *attr;
	const char *value;
};

static const struct plumbing plumbing[] = {
	{ NULL, "address", NULL, NULL },
	{ NULL, "alias", NULL, NULL },
	{ NULL, "privateData", NULL, NULL },
	{ "devices", "emulator", NULL, NULL },
	{ "devices", "controller", NULL, NULL },
	{ "devices", "panic", NULL, NULL },
	{ "devices", "input", "bus", "ps2" },
	{ "devices", "audio", "type", "none" },
	{ "devices", "memballoon", "model", "virtio" },
	{ "devices", "rng", "model", "virtio" },
	{ "features", "acpi", NULL, NULL },
	{ "features", "apic", NULL, NULL },
	{ "features", "pae", NULL, NULL },
	{ "features", "vmport", "state", "off" },
	{ "domain", "clock", "offset", "utc" },
	{ "domain", "on_poweroff", NULL, "destroy" },
	{ "domain", "on_reboot", NULL, "restart" },
	{ "domain", "on_crash", NULL, "preserve" },
	{ "domain", "seclabel", "type", "dynamic" },
	{ "pm", "suspend-to-mem", "enabled", "no" },
	{ "pm", "suspend-to-disk", "enabled", "no" },
	{ "resource", "partition", NULL, "/machine" },
};

/* Elements that only hold others. */
static bool is_folder(const xmlNode *n)
{
	static const char *const names[] = { "devices", "features", "pm", "resource", "os" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (xml_is(n, names[i]))
			return true;
	return false;
}

static bool is_plumbing(xmlNode *n)
{
	char text[XML_TEXT];
	size_t i;

	for (i = 0; i < sizeof(plumbing) / sizeof(plumbing[0]); i++) {
		const struct plumbing *p = plumbing + i;

		if (!xml_is(n, p->name) || (p->in && !xml_is(n->parent, p->in)))
			continue;
		if (!p->value || (p->attr ? xml_has(n, p->attr, p->value) : !strcmp(xml_text(n, text), p->value)))
			return true;
	}
	return false;
}

/* "graphics (spice)": by the attribute that says most */
static void tell_element(struct import *im, xmlNode *n)
{
	static const char *const telling[] = { "device", "type", "model", "mode", "name", "state", "dev" };
	struct zkz_err warning = { 0 };
	char what[96], text[XML_TEXT];
	size_t i;

	snprintf(what, sizeof(what), "%.60s", (const char *)n->name);
	for (i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
		size_t len = strlen(what);

		if (!xml_attr(n, telling[i], text)[0] || xml_is(n, text))
			continue;
		snprintf(what + len, sizeof(what) - len, " (%.24s)", text);
		break;
	}
	err_import_left(&warning, xml_line(n), what);
	im->tell(&warning, im->arg);
}

static void tell_attributes(struct import *im, xmlNode *n)
{
	struct zkz_err warning;
	const xmlAttr *a;
	char what[96];

	for (a = n->properties; a; a = a->next) {
		if (xml_attr_known(a))
			continue;
		memset(&warning, 0, sizeof(warning));
		snprintf(what, sizeof(what), "%.40s of %.40s", (const char *)a->name, (const char *)n->name);
		err_import_left(&warning, xml_line(n), what);
		im->tell(&warning, im->arg);
	}
}

void import_tell_left(struct import *im, xmlNode *n)
{
	xmlNode *c;

	if (xml_mark(n) == XML_SEEN)
		tell_attributes(im, n);
	for (c = xml_first(n, NULL); c; c = xml_next(c, NULL)) {
		if (xml_mark(c) == XML_TAKEN || is_plumbing(c))
			continue;
		if (xml_mark(c) == XML_SEEN || is_folder(c))
			import_tell_left(im, c);
		else
			tell_element(im, c);
	}
}
