// SPDX-License-Identifier: GPL-2.0
/* The drawing of a migration. */
#include <stdlib.h>

#include "unit.h"
#include "zkz/report.c"

#define SECOND	UINT64_C(1000000000)

static void hear(struct report *r, uint64_t ns, json_t *msg)
{
	report_line(r, msg, ns);
	json_decref(msg);
}

static json_t *progress(int pass, long long done, long long dirty)
{
	return json_pack("{s:s, s:i, s:I, s:I, s:I, s:I}", "type", "progress", "pass", pass,
			 "done", (json_int_t)done << 20, "total", (json_int_t)128 << 20,
			 "send-rate", (json_int_t)100 << 20, "dirty-rate", (json_int_t)dirty << 20);
}

static json_t *result(const char *zone)
{
	return json_pack("{s:s, s:s, s:s, s:f, s:f, s:s, s:{s:f, s:f}}", "type", "result", "zone", zone,
			 "text", "Total 2 s.", "downtime-ms", 40.0, "downtime-error-ms", 0.5,
			 "downtime-figure", "any-vcpu", "phases", "stop-ms", 10.0, "last-pass-ms", 30.0);
}

TEST(draws_everything)
{
	static struct report r;
	char *text;

	hear(&r, 5 * SECOND, progress(0, 0, 0));
	hear(&r, 6 * SECOND, progress(0, 100, 8));
	hear(&r, 7 * SECOND, progress(1, 127, 8));
	hear(&r, 8 * SECOND, result("web1"));
	CHECK_INT(r.nr, 3);
	text = report_draw(&r, false);
	NEED(text);
	CHECK(!strncmp(text, "<svg ", 5));
	CHECK_GOLDEN("report.svg", text);
	free(text);
	text = report_draw(&r, true);
	CHECK_HAS(text, "<!DOCTYPE html>");
	CHECK_HAS(text, "</svg>\n</body>");
	free(text);
	report_fini(&r);
}

TEST(a_fetch_is_called_so)
{
	static struct report r;
	json_t *last = progress(1, 127, 8);
	char *text;

	json_object_set_new(last, "phase", json_string("fetch"));
	hear(&r, 5 * SECOND, progress(0, 0, 0));
	hear(&r, 6 * SECOND, json_incref(last));
	hear(&r, 7 * SECOND, last);
	hear(&r, 8 * SECOND, result("web1"));
	text = report_draw(&r, false);
	NEED(text);
	CHECK_HAS(text, ">fetch</text>");
	CHECK(!strstr(text, ">2</text>"));
	free(text);
	report_fini(&r);
}

TEST(text_cannot_leave_its_element)
{
	static struct report r;
	char *text;

	hear(&r, SECOND, result("<script>&"));
	text = report_draw(&r, true);
	NEED(text);
	CHECK(!strstr(text, "<script"));
	CHECK_HAS(text, "&#60;script&#62;&#38;");
	free(text);
	report_fini(&r);
}

TEST(nonsense_is_drawn_within_bounds)
{
	static struct report r;
	unsigned int i;
	char *text;

	for (i = 0; i < REPORT_SAMPLES + 10; i++)
		hear(&r, 5 * SECOND, json_pack("{s:s, s:i, s:I}", "type", "progress", "pass", -3,
					       "done", (json_int_t)INT64_MAX));
	hear(&r, 5 * SECOND, json_pack("{s:s, s:[i], s:s}", "type", "result", "phases", 1, "downtime-ms", "x"));
	CHECK_INT(r.nr, REPORT_SAMPLES);
	text = report_draw(&r, false);
	CHECK_HAS(text, "</svg>");
	CHECK(!strstr(text, "nan") && !strstr(text, "inf"));
	free(text);
	report_fini(&r);
}
