// SPDX-License-Identifier: GPL-2.0
#include "zkz/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/jsonl.h"

#define BAR_MAX		30
#define BAR_MIN		6
/* "[", "] " */
#define BAR_FRAME	3

#define PART_SIZE	40
#define DEFAULT_WIDTH	100

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
	snprintf(buf, size, "%.*f %s", bytes > 0 && bytes < 10 ? 1 : 0, bytes, unit[i]);
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

static bool is_phase(const json_t *msg, const char *name)
{
	const char *phase = json_str(msg, "phase");

	return phase && !strcmp(phase, name);
}

/* The guest runs on the target: it is what it waits for that counts now. */
static bool fetching(const json_t *msg)
{
	return is_phase(msg, "fetch");
}

static void put_waits(char *buf, const json_t *fetch)
{
	double us = number(fetch, "p99-us");

	if (us > 0)
		snprintf(buf, PART_SIZE, "  p99 %.1f ms", us / 1000);
	else
		snprintf(buf, PART_SIZE, "  p99 -");
}

/* What stands beside the bar, in this order. */
enum { PERCENT, PASS, LEFT, SENT, DIRTY, ETA, PARTS };
/* What a narrow terminal has to do without, first to last; then the bar goes. */
static const int dropped[] = { DIRTY, SENT, PASS };

static void fill_parts(char part[][PART_SIZE], const json_t *msg, unsigned int mille)
{
	double left = number(msg, "total") - number(msg, "done");
	char text[24];

	snprintf(part[PERCENT], PART_SIZE, "%2u%%", mille / 10);
	/* The module counts from 0, people and the last line of a migration from 1. */
	snprintf(part[PASS], PART_SIZE, "  pass %lld", json_int(msg, "pass", 0) + 1);
	if (fetching(msg))
		snprintf(part[PASS], PART_SIZE, "  fetch");
	put_size(text, sizeof(text), left < 0 ? 0 : left);
	snprintf(part[LEFT], PART_SIZE, "  left %s", text);
	put_size(text, sizeof(text), number(msg, "send-rate"));
	snprintf(part[SENT], PART_SIZE, "  sent %s/s", text);
	put_size(text, sizeof(text), number(msg, "dirty-rate"));
	snprintf(part[DIRTY], PART_SIZE, "  dirty %s/s", text);
	if (fetching(msg))
		put_waits(part[DIRTY], json_object_get(msg, "fetch"));
	else if (!json_object_get(msg, "dirty-rate"))
		snprintf(part[DIRTY], PART_SIZE, "  dirty -");
	/* A disk is copied once, and nobody writes to it. */
	if (is_phase(msg, "copy")) {
		snprintf(part[PASS], PART_SIZE, "  device %lld", json_int(msg, "device", 0));
		part[DIRTY][0] = '\0';
	}
	put_eta(text, sizeof(text), json_int(msg, "eta-ms", -1));
	snprintf(part[ETA], PART_SIZE, "  ETA %s", text);
}

/*
 * Room for the bar beside the parts that fit; drops the others. Decided by the
 * most that a part usually takes, so that the bar does not change its length
 * with the numbers.
 */
static unsigned int fit(char part[][PART_SIZE], unsigned int width)
{
	static const unsigned int usual[] = {
		[PERCENT] = 3, [PASS] = 9, [LEFT] = 14, [SENT] = 16, [DIRTY] = 17, [ETA] = 11,
	};
	unsigned int i, want = BAR_FRAME;

	for (i = 0; i < PARTS; i++)
		want += usual[i];
	for (i = 0; i < sizeof(dropped) / sizeof(dropped[0]) && want + BAR_MIN > width; i++) {
		part[dropped[i]][0] = '\0';
		want -= usual[dropped[i]];
	}
	if (want + BAR_MIN > width)
		return 0;
	return width - want > BAR_MAX ? BAR_MAX : width - want;
}

const char *progress_line(struct progress *p, const json_t *msg, char *buf)
{
	char part[PARTS][PART_SIZE], bar[BAR_MAX + 1];
	unsigned int now = per_mille(msg), i, room, n = 0;

	if (json_int(msg, "device", p->device) != p->device)
		p->best = 0;
	p->device = json_int(msg, "device", p->device);
	/* Only the end of the migration makes it complete. */
	if (now > 999)
		now = 999;
	if (now > p->best)
		p->best = now;
	fill_parts(part, msg, p->best);
	room = fit(part, p->width);
	if (room) {
		put_bar(bar, room, p->best);
		n = snprintf(buf, PROGRESS_LINE, "[%s] ", bar);
	}
	for (i = 0; i < PARTS; i++)
		n += snprintf(buf + n, PROGRESS_LINE - n, "%s", part[i]);
	if (p->width < n)
		buf[p->width] = '\0';
	return buf;
}

/* Asked for each line: windows are resized. The last column would wrap. */
static unsigned int terminal_width(void)
{
	struct winsize w;

	if (ioctl(1, TIOCGWINSZ, &w) || !w.ws_col)
		return DEFAULT_WIDTH;
	return w.ws_col - 1;
}

void progress_show(const json_t *msg, void *arg)
{
	struct progress *p = arg;
	char buf[PROGRESS_LINE];

	p->width = terminal_width();
	printf("\r%s\033[K", progress_line(p, msg, buf));
	fflush(stdout);
	p->shown = true;
}

void progress_hide(void *arg)
{
	struct progress *p = arg;

	if (p->shown)
		printf("\r\033[K");
	/* What follows may go to standard error. */
	fflush(stdout);
	p->shown = false;
}
