// SPDX-License-Identifier: GPL-2.0
/* Of a description: its network interfaces. */
#include "libvirt/import.h"

#include <stdio.h>
#include <string.h>

#include "conf/multi.h"

/* The bridge; one that libvirt makes for a network is named where the machine ran when it was described. */
static bool take_bridge(struct import *im, xmlNode *interface, struct conf_res *r)
{
	xmlNode *source = xml_child(interface, "source");
	char bridge[XML_TEXT], network[XML_TEXT], text[XML_TEXT];
	struct zkz_err warning = { 0 };

	xml_attr(source, "bridge", bridge);
	if (xml_has(interface, "type", "bridge"))
		return import_set(r, "lower-link", bridge);
	if (!xml_has(interface, "type", "network"))
		return false;
	xml_attr(source, "network", network);
	xml_attr(source, "portid", text);
	if (!bridge[0] && !strcmp(network, "default"))
		snprintf(bridge, sizeof(bridge), "virbr0");
	if (!import_set(r, "lower-link", bridge))
		return false;
	err_import_network(&warning, im->links, network, bridge);
	im->tell(&warning, im->arg);
	return true;
}

static void tell_model(struct import *im, xmlNode *interface)
{
	char type[XML_TEXT];

	if (!xml_attr(xml_child(interface, "model"), "type", type)[0])
		snprintf(type, sizeof(type), "rtl8139");
	import_tell_virtio(im, "anet", im->links, type, "virtio_net");
}

static void take_mtu(xmlNode *interface, struct conf_res *r)
{
	xmlNode *mtu = xml_child(interface, "mtu");
	char size[XML_TEXT];

	if (mtu && !import_set(r, "mtu", xml_attr(mtu, "size", size)))
		xml_left(mtu);
}

/* One tag is the guest's VLAN; a trunk has those that it tags for, and perhaps one for what has no tag. */
static bool take_tags(xmlNode *vlan, bool trunk, struct conf_res *r)
{
	int prop = conf_prop_find(r->type, "allowed-vlan-ids");
	char id[XML_TEXT], list[CONF_MAX_VALUE];
	xmlNode *tag;

	for (tag = xml_first(vlan, "tag"); tag; tag = xml_next(tag, "tag")) {
		bool native = xml_has(tag, "nativeMode", "untagged");

		xml_attr(xml_seen(tag), "id", id);
		if (!trunk || native) {
			if (conf_res_get(r, "vlan-id") || !import_set(r, "vlan-id", id))
				return false;
			continue;
		}
		if (conf_multi_add(&r->type->prop[prop], r->val[prop], id, list, NULL))
			return false;
		conf_res_set(r, prop, list);
	}
	return true;
}

static void take_vlans(xmlNode *interface, struct conf_res *r)
{
	xmlNode *vlan = xml_child(interface, "vlan");

	if (!vlan || take_tags(vlan, xml_has(vlan, "trunk", "yes"), r))
		return;
	import_set(r, "vlan-id", NULL);
	import_set(r, "allowed-vlan-ids", NULL);
	xml_left(vlan);
}

/* libvirt's own filters: what they forbid is what link-protection does. */
static const struct {
	const char *name;
	const char *protection;
} filters[] = {
	{ "clean-traffic", "mac-nospoof,ip-nospoof" },
	{ "no-mac-spoofing", "mac-nospoof" },
	{ "no-ip-spoofing", "ip-nospoof" },
	{ "no-arp-spoofing", "mac-nospoof,ip-nospoof" },
};

static bool take_addresses(xmlNode *filter, struct conf_res *r)
{
	int prop = conf_prop_find(r->type, "allowed-address");
	char list[CONF_MAX_VALUE], value[XML_TEXT];
	xmlNode *p;

	for (p = xml_first(filter, "parameter"); p; p = xml_next(p, "parameter")) {
		if (!xml_has(p, "name", "IP") && !xml_has(p, "name", "IPV6"))
			continue;
		xml_seen(p);
		if (conf_multi_add(&r->type->prop[prop], r->val[prop], xml_attr(p, "value", value), list, NULL))
			return false;
		conf_res_set(r, prop, list);
	}
	return conf_res_get(r, "allowed-address");
}

/* A filter that learns the guest's address is none that can be taken over. */
static void take_filter(xmlNode *interface, struct conf_res *r)
{
	xmlNode *filter = xml_child(interface, "filterref");
	size_t i;

	for (i = 0; filter && i < sizeof(filters) / sizeof(filters[0]); i++) {
		if (!xml_has(filter, "filter", filters[i].name))
			continue;
		if (!strstr(filters[i].protection, "ip-nospoof") || take_addresses(filter, r)) {
			import_set(r, "link-protection", filters[i].protection);
			return;
		}
		break;
	}
	import_set(r, "allowed-address", NULL);
	if (filter)
		xml_left(filter);
}

void import_interface(struct import *im, xmlNode *interface)
{
	struct conf_res *r = conf_res_new(conf_type_find("anet"));
	xmlNode *mac = xml_child(interface, "mac"), *target = xml_child(interface, "target");
	char text[XML_TEXT];

	snprintf(text, sizeof(text), "%u", im->links);
	if (!import_set(r, "id", text) || !take_bridge(im, interface, r)) {
		conf_res_free(r);
		return;
	}
	xml_seen(interface);
	/* The tap's name is made by whoever makes it. */
	xml_attr(target, "dev", text);
	if (mac && !import_set(r, "mac-address", xml_attr(mac, "address", text)))
		xml_left(mac);
	tell_model(im, interface);
	take_mtu(interface, r);
	take_vlans(interface, r);
	take_filter(interface, r);
	conf_insert(im->c, r);
	im->links++;
}
