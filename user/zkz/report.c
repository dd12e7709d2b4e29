// SPDX-License-Identifier: GPL-2.0
#include "zkz/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/jsonl.h"

#define WIDTH	900
#define HEIGHT	560
/* Where the time line begins and how wide it is. */
#define LEFT	90
#define SPAN	780
#define MIB	1048576.0

static const char *const colors[] = { "#4477aa", "#66ccee", "#228833", "#ccbb44", "#ee6677", "#aa3377" };

#define COLOR(i)	colors[(i) % (sizeof(colors) / sizeof(colors[0]))]

void report_line(struct report *r, const json_t *msg, uint64_t ns)
{
	const char *type = json_str(msg, "type");
	struct report_sample *s = r->sample + r->nr;

	if (type && !strcmp(type, "result") && !r->result)
		r->result = json_incref((json_t *)msg);
	if (!type || strcmp(type, "progress") || r->nr == REPORT_SAMPLES)
		return;
	if (!r->nr)
		r->start = ns;
	s->s = (double)(ns - r->start) / 1e9;
	s->pass = json_int(msg, "pass", 0);
	s->fetch = json_str(msg, "phase") && !strcmp(json_str(msg, "phase"), "fetch");
	s->left = (double)json_int(msg, "total", 0) - (double)json_int(msg, "done", 0);
	s->sent = (double)json_int(msg, "send-rate", 0);
	s->dirty = (double)json_int(msg, "dirty-rate", 0);
	r->nr++;
}

static double left(const struct report_sample *s)
{
	return s->left;
}

static double sent(const struct report_sample *s)
{
	return s->sent;
}

static double dirty(const struct report_sample *s)
{
	return s->dirty;
}

static double end_of(const struct report *r)
{
	return r->nr && r->sample[r->nr - 1].s > 0 ? r->sample[r->nr - 1].s : 1;
}

static double highest(const struct report *r, double (*value)(const struct report_sample *))
{
	double top = MIB;
	unsigned int i;

	for (i = 0; i < r->nr; i++)
		if (value(r->sample + i) > top)
			top = value(r->sample + i);
	return top;
}

static void label(FILE *f, double x, double y, const char *anchor, const char *text)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	for (; *text; text++) {
		if (*text == '<' || *text == '>' || *text == '&')
			fprintf(f, "&#%d;", *text);
		else
			fputc(*text, f);
	}
	fputs("</text>\n", f);
}

static void curve(FILE *f, const struct report *r, double (*value)(const struct report_sample *),
		  double top, double bottom, double height, const char *color)
{
	double end = end_of(r);
	unsigned int i;

	fprintf(f, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"", color);
	for (i = 0; i < r->nr; i++) {
		double v = value(r->sample + i);

		fprintf(f, "%.1f,%.1f ", LEFT + r->sample[i].s / end * SPAN,
			bottom - (v > 0 ? v : 0) / top * height);
	}
	fputs("\"/>\n", f);
}

static void frame(FILE *f, double bottom, double height, const char *name, const char *top)
{
	fprintf(f, "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" fill=\"none\" stroke=\"#999\"/>\n",
		LEFT, bottom - height, SPAN, height);
	label(f, LEFT, bottom - height - 6, "start", name);
	label(f, LEFT - 6, bottom - height + 10, "end", top);
	label(f, LEFT - 6, bottom, "end", "0");
}

static void passes(FILE *f, const struct report *r, double top)
{
	double end = end_of(r);
	unsigned int i = 0;
	char text[16];

	label(f, LEFT, top - 6, "start", "Passes over the memory");
	while (i < r->nr) {
		unsigned int pass = r->sample[i].pass;
		double from = r->sample[i].s, to;
		bool fetch = false;

		for (; i < r->nr && r->sample[i].pass == pass; i++)
			fetch |= r->sample[i].fetch;
		to = i < r->nr ? r->sample[i].s : end;
		fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"24\" fill=\"%s\"/>\n",
			LEFT + from / end * SPAN, top, (to - from) / end * SPAN, COLOR(pass));
		snprintf(text, sizeof(text), "%u", pass + 1);
		if (fetch)
			snprintf(text, sizeof(text), "fetch");
		if ((to - from) / end * SPAN > (fetch ? 40 : 14))
			label(f, LEFT + (from + to) / 2 / end * SPAN, top + 16, "middle", text);
	}
}

static void rates(FILE *f, const struct report *r)
{
	double top = highest(r, sent);
	char text[40];

	if (highest(r, dirty) > top)
		top = highest(r, dirty);
	snprintf(text, sizeof(text), "%.1f MiB/s", top / MIB);
	frame(f, 230, 100, "Sent (blue) and dirtied by the guest (red), bytes a second", text);
	curve(f, r, sent, top, 230, 100, COLOR(0));
	curve(f, r, dirty, top, 230, 100, COLOR(4));
}

static void remaining(FILE *f, const struct report *r)
{
	double top = highest(r, left);
	char text[40];

	snprintf(text, sizeof(text), "%.1f MiB", top / MIB);
	frame(f, 370, 100, "Left to send in the pass", text);
	curve(f, r, left, top, 370, 100, COLOR(2));
	snprintf(text, sizeof(text), "%.2f s", end_of(r));
	label(f, LEFT, 386, "middle", "0");
	label(f, LEFT + SPAN, 386, "end", text);
}

/* The downtime alone, as wide as all the rest: what takes part in it can be seen. */
static void phases(FILE *f, const struct report *r, double top)
{
	double total = json_number_value(json_object_get(r->result, "downtime-ms")), x = LEFT;
	json_t *all = json_object_get(r->result, "phases"), *ms;
	unsigned int i = 0;
	const char *name;
	char text[120];

	snprintf(text, sizeof(text), "Downtime, %.1f ms (+- %.1f), %s", total,
		 json_number_value(json_object_get(r->result, "downtime-error-ms")),
		 json_str(r->result, "downtime-figure") ? json_str(r->result, "downtime-figure") : "unknown");
	label(f, LEFT, top - 6, "start", text);
	json_object_foreach(all, name, ms) {
		double width = total > 0 ? json_number_value(ms) / total * SPAN : 0;

		if (width < 0)
			width = 0;
		fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"24\" fill=\"%s\"/>\n",
			x, top, width, COLOR(i));
		fprintf(f, "<rect x=\"%d\" y=\"%.1f\" width=\"10\" height=\"10\" fill=\"%s\"/>\n",
			LEFT + (int)(i % 3) * 260, top + 36 + 18 * (i / 3), COLOR(i));
		snprintf(text, sizeof(text), "%.*s %.1f ms",
			 (int)(strlen(name) > 3 ? strlen(name) - 3 : 0), name, json_number_value(ms));
		label(f, LEFT + 16 + (i % 3) * 260, top + 46 + 18 * (i / 3), "start", text);
		x += width;
		i++;
	}
}

static void draw(FILE *f, const struct report *r)
{
	const char *zone = json_str(r->result, "zone"), *text = json_str(r->result, "text");

	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n",
		WIDTH, HEIGHT, WIDTH, HEIGHT);
	fputs("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n", f);
	label(f, LEFT, 20, "start", zone ? zone : "");
	label(f, LEFT, 38, "start", text ? text : "");
	passes(f, r, 72);
	rates(f, r);
	remaining(f, r);
	phases(f, r, 440);
	fputs("</svg>\n", f);
}

char *report_draw(const struct report *r, bool html)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	if (html)
		fputs("<!DOCTYPE html>\n<html lang=\"en\">\n"
		      "<head><meta charset=\"utf-8\"><title>zkz migrate</title></head>\n<body>\n", f);
	draw(f, r);
	if (html)
		fputs("</body>\n</html>\n", f);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

void report_fini(struct report *r)
{
	json_decref(r->result);
	r->result = NULL;
}
