// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "zkz/client.h"
#include "zkz/cmds.h"

static void line(const char *label, const char *value)
{
	if (!value || !value[0])
		return;
	printf("%20s: ", label);
	client_print(stdout, value);
	putchar('\n');
}

static void number(const json_t *msg, const char *label, const char *key)
{
	long long v = json_int(msg, key, -1);

	if (v >= 0)
		printf("%20s: %lld\n", label, v);
}

static void mebibytes(const json_t *msg, const char *label, const char *key)
{
	long long v = json_int(msg, key, -1);

	if (v >= 0)
		printf("%20s: %.1f MiB\n", label, (double)v / (1024 * 1024));
}

static void show_memory(const json_t *msg)
{
	long long mapped = json_int(msg, "memory-mapped", 0);
	long long big = json_int(msg, "memory-2m", 0);

	mebibytes(msg, "configured memory", "configured-memory");
	mebibytes(msg, "resident memory", "memory-resident");
	if (mapped > 0)
		printf("%20s: %.1f of %.1f MiB (%lld%%)\n", "mapped by 2M pages",
		       (double)big / (1024 * 1024), (double)mapped / (1024 * 1024),
		       big * 100 / mapped);
}

/* The guest runs on the target already, and not all of its memory is there. */
static void show_fetch(const json_t *t)
{
	const char *fetch = json_str(t, "fetch");

	if (!fetch)
		return;
	line("memory", strcmp(fetch, "lost") ? "follows the guest" :
	     "follows the guest, but the link is broken");
	mebibytes(t, "missing", "missing");
	number(t, "waits for a page", "waits");
	if (json_int(t, "waits", 0) > 0)
		printf("%20s: half at most %lld us, 99%% at most %lld us, %lld ms in all\n",
		       "waited", json_int(t, "p50-us", 0), json_int(t, "p99-us", 0),
		       json_int(t, "blocked-ms", 0));
}

/* What the module counts while the zone is under way. */
static void show_transfer(const json_t *t)
{
	bool source = json_str(t, "role") && !strcmp(json_str(t, "role"), "source");

	if (!t)
		return;
	/* As the progress bar counts them. */
	printf("%20s: %lld\n", "pass", json_int(t, "pass", 0) + 1);
	if (source) {
		mebibytes(t, "to send in it", "total");
		mebibytes(t, "sent of that", "done");
		mebibytes(t, "dirty now", "dirty");
	}
	mebibytes(t, source ? "sent in all" : "received in all", "bytes");
	number(t, "pages with content", "pages-data");
	number(t, "pages of zeros", "pages-zero");
	number(t, "pages now holes", "pages-hole");
	if (source) {
		number(t, "pages kept dirty", "pages-sticky");
		number(t, "write faults", "faults");
	}
	show_fetch(t);
}

static void show_links(const json_t *links)
{
	char label[32], text[128], name[16];
	const json_t *l;
	size_t i;

	json_array_foreach(links, i, l) {
		long long dropped = json_int(l, "dropped", -1);

		snprintf(label, sizeof(label), "anet %lld", json_int(l, "id", 0));
		snprintf(name, sizeof(name), "%s", json_str(l, "tap") ? json_str(l, "tap") : "");
		if (dropped < 0)
			snprintf(text, sizeof(text), "%s", name);
		else
			snprintf(text, sizeof(text), "%s, %lld packets of the guest dropped", name, dropped);
		line(label, text);
	}
}

static void show_end(const json_t *end)
{
	const char *text = json_str(end, "text");
	const char *time = json_str(end, "time");
	char both[1200];

	if (!text)
		return;
	snprintf(both, sizeof(both), "%s%s%s", text, time ? " at " : "", time ? time : "");
	line("last run ended", both);
}

static void show_owner(const json_t *msg)
{
	const char *owner = json_str(msg, "owner");
	const char *peer = json_str(msg, "peer");

	if (owner && !strcmp(owner, "elsewhere"))
		line("handed over to", peer ? peer : "another host");
	else if (owner && !strcmp(owner, "incoming"))
		line("coming from", peer ? peer : "another host");
	else if (owner && !strcmp(owner, "in-doubt"))
		line("in doubt with", peer);
	else
		line("last moved from", peer);
}

static void show_aux(const char *aux, const char *why)
{
	char both[160];

	if (!aux)
		return;
	snprintf(both, sizeof(both), "%s%s%s", aux, why && why[0] ? ": " : "", why ? why : "");
	line("auxiliary state", both);
}

static void show_result(const json_t *msg, void *arg)
{
	(void)arg;
	line("zone", json_str(msg, "name"));
	line("state", json_str(msg, "state"));
	show_aux(json_str(msg, "aux"), json_str(msg, "why"));
	line("brand", json_str(msg, "brand"));
	if (json_int(msg, "id", 0) > 0)
		number(msg, "id", "id");
	number(msg, "virtual CPUs", "ncpus");
	line("machine type", json_str(msg, "machine-type"));
	line("QEMU", json_str(msg, "qemu-version"));
	show_memory(msg);
	line("guest", json_str(msg, "run-state"));
	line("running since", json_str(msg, "since"));
	number(msg, "keeper process", "keeper");
	number(msg, "QEMU process", "qemu");
	show_links(json_object_get(msg, "links"));
	number(msg, "epoch", "epoch");
	show_owner(msg);
	show_transfer(json_object_get(msg, "transfer"));
	if (json_bool(msg, "changed-since-boot", false))
		line("configuration", "changed since the zone was booted");
	show_end(json_object_get(msg, "last-end"));
}

int cmd_status(int argc, char **argv)
{
	static const struct client_view view = { .result = show_result };

	if (argc != 2 || argv[1][0] == '-')
		return cmd_wrong_use("the name of one zone is needed");
	return client_run(client_request("status", argv[1]), &view);
}
