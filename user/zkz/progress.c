// SPDX-License-Identifier: GPL-2.0
#include "zkz/progress.h"

#include <stdio.h>
#include <string.h>

#include "lib/jsonl.h"

#define BAR_MAX		30
#define BAR_MIN		10

/* Columns of the text beside the bar. */
#define TEXT_WIDTH	78

static double number(const json_t *msg, const char *key)
{
	long long v = json_int(msg, key, 0);

	return v < 0 ? 0 : (double)v;
}

/*
 * What was sent, of what was sent and is still to be sent. A guest that dirties
 * memory makes the second number grow; the bar stands still then.
 */
static unsigned int per_mille(const json_t *msg)
{
	double sent = number(msg, "bytes");
	double left = number(msg, "total") - number(msg, "done");
	double dirty = number(msg, "dirty");

	if (dirty > left)
		left = dirty;
	if (left < 0)
		left = 0;
	if (sent + left <= 0)
		return 0;
	return sent / (sent + left) * 1000;
}

static void put_size(char *buf, size_t size, double bytes)
{
	static const char * const unit[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
	unsigned int i = 0;

	bytes /= 1024;
	while (bytes >= 1000 && i < 4) {
		bytes /= 1024;
		i++;
	}
	snprintf(buf, size, "%.*f %s", bytes < 10 ? 1 : 0, bytes, unit[i]);
}

static void put_eta(char *buf, size_t size, long long ms)
{
	if (ms < 0)
		snprintf(buf, size, "-");
	else if (ms < 60000)
		snprintf(buf, size, "%lld s", (ms + 999) / 1000);
	else
		snprintf(buf, size, "%lld:%02lld", ms / 60000, ms / 1000 % 60);
}

static void put_bar(char *buf, unsigned int width, unsigned int mille)
{
	unsigned int full = width * mille / 1000;

	memset(buf, '#', full);
	memset(buf + full, '.', width - full);
	buf[width] = '\0';
}

const char *progress_line(struct progress *p, const json_t *msg, char *buf)
{
	char bar[BAR_MAX + 1], left[24], out[24], in[24], eta[24];
	unsigned int now = per_mille(msg), width = BAR_MIN;

	/* Only the end of the migration makes it complete. */
	if (now > 999)
		now = 999;
	if (now > p->best)
		p->best = now;
	if (p->width > TEXT_WIDTH + BAR_MIN)
		width = p->width - TEXT_WIDTH;
	put_bar(bar, width > BAR_MAX ? BAR_MAX : width, p->best);
	put_size(left, sizeof(left), number(msg, "total") > number(msg, "done") ?
		 number(msg, "total") - number(msg, "done") : 0);
	put_size(out, sizeof(out), number(msg, "send-rate"));
	put_size(in, sizeof(in), number(msg, "dirty-rate"));
	put_eta(eta, sizeof(eta), json_int(msg, "eta-ms", -1));
	snprintf(buf, PROGRESS_LINE, "[%s] %2u%%  pass %lld  left %s  sent %s/s  dirtied %s/s  ETA %s",
		 bar, p->best / 10, json_int(msg, "pass", 0), left, out, in, eta);
	if (p->width && p->width < strlen(buf))
		buf[p->width] = '\0';
	return buf;
}

void progress_show(const json_t *msg, void *arg)
{
	char buf[PROGRESS_LINE];

	printf("\r%s\033[K", progress_line(arg, msg, buf));
	fflush(stdout);
	((struct progress *)arg)->shown = true;
}

void progress_hide(void *arg)
{
	struct progress *p = arg;

	if (p->shown)
		printf("\r\033[K");
	p->shown = false;
}
