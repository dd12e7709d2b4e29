// SPDX-License-Identifier: GPL-2.0
/* The progress bar: what it shows, and that it never runs backwards. */
#include <stdlib.h>

#include "unit.h"
#include "zkz/progress.c"

static json_t *msg(long long pass, long long done, long long total, long long dirty, long long bytes)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "pass", (json_int_t)pass,
			 "done", (json_int_t)done, "total", (json_int_t)total, "dirty", (json_int_t)dirty,
			 "bytes", (json_int_t)bytes, "send-rate", (json_int_t)(200 << 20),
			 "dirty-rate", (json_int_t)(5 << 20), "eta-ms", (json_int_t)1500);
}

TEST(shows_everything)
{
	struct progress p = { .width = 120 };
	json_t *m = msg(2, 96 << 20, 128 << 20, 0, 96 << 20);
	char buf[PROGRESS_LINE];

	progress_line(&p, m, buf);
	CHECK_HAS(buf, "75%");
	CHECK_HAS(buf, "pass 3");
	CHECK_HAS(buf, "left 32 MiB");
	CHECK_HAS(buf, "sent 200 MiB/s");
	CHECK_HAS(buf, "dirty 5.0 MiB/s");
	CHECK_HAS(buf, "ETA 2 s");
	json_decref(m);
}

/* The guest runs on the target: how fast it writes is of no interest, how long it waits is. */
TEST(a_fetch_is_no_pass)
{
	struct progress p = { .width = 120 };
	json_t *m = msg(4, 96 << 20, 128 << 20, 0, 96 << 20);
	char buf[PROGRESS_LINE];

	json_object_set_new(m, "phase", json_string("fetch"));
	progress_line(&p, m, buf);
	CHECK_HAS(buf, "  fetch");
	CHECK(!strstr(buf, "pass"));
	CHECK_HAS(buf, "p99 -");
	json_object_set_new(m, "fetch", json_pack("{s:i}", "p99-us", 2048));
	progress_line(&p, m, buf);
	CHECK_HAS(buf, "p99 2.0 ms");
	CHECK(!strstr(buf, "dirty"));
	json_decref(m);
}

/* Of a copy: each device begins anew. */
TEST(copies)
{
	struct progress p = { .width = 120 };
	json_t *m = json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:i}", "phase", "copy", "device", 0,
			      "bytes", (json_int_t)(96 << 20), "done", (json_int_t)(96 << 20),
			      "total", (json_int_t)(128 << 20), "send-rate", (json_int_t)(64 << 20), "eta-ms", 500);
	char buf[PROGRESS_LINE];

	progress_line(&p, m, buf);
	CHECK_HAS(buf, "75%");
	CHECK_HAS(buf, "device 0");
	CHECK_HAS(buf, "64 MiB/s");
	CHECK_HAS(buf, "ETA 1 s");
	CHECK(!strstr(buf, "dirty"));
	CHECK(!strstr(buf, "pass"));
	json_object_set_new(m, "device", json_integer(1));
	json_object_set_new(m, "done", json_integer(0));
	json_object_set_new(m, "bytes", json_integer(0));
	progress_line(&p, m, buf);
	CHECK_HAS(buf, " 0%");
	json_decref(m);
}

TEST(never_runs_backwards)
{
	struct progress p = { .width = 120 };
	char buf[PROGRESS_LINE];
	unsigned int last = 0;
	int i;

	srand(1);
	for (i = 0; i < 2000; i++) {
		json_t *m = msg(i / 100, rand() % 1000000, rand() % 1000000, rand() % 1000000,
				i * 1000LL);

		progress_line(&p, m, buf);
		json_decref(m);
		CHECK(p.best >= last);
		last = p.best;
	}
	CHECK(last < 1000);
}

TEST(fits_the_terminal)
{
	json_t *m = msg(1000, 1, INT64_MAX / 2, INT64_MAX / 2, 0);
	char buf[PROGRESS_LINE];
	unsigned int width;

	for (width = 1; width < 300; width++) {
		struct progress p = { .width = width };

		CHECK(strlen(progress_line(&p, m, buf)) <= width);
	}
	json_decref(m);
}

TEST(leaves_out_what_has_no_room)
{
	json_t *m = msg(2, 96 << 20, 128 << 20, 0, 96 << 20);
	struct progress p = { .width = 79 };
	char buf[PROGRESS_LINE];

	progress_line(&p, m, buf);
	CHECK_HAS(buf, "dirty 5.0 MiB/s  ETA 2 s");
	CHECK_HAS(buf, "[####..] 75%  pass 3");
	p.width = 39;
	CHECK_STR(progress_line(&p, m, buf), "[######..] 75%  left 32 MiB  ETA 2 s");
	p.width = 30;
	CHECK_STR(progress_line(&p, m, buf), "75%  left 32 MiB  ETA 2 s");
	json_decref(m);
}

TEST(survives_nonsense)
{
	static const char * const texts[] = {
		"{}", "{\"bytes\":-1,\"total\":-5,\"done\":9}", "{\"eta-ms\":\"soon\"}",
		"{\"bytes\":9223372036854775807,\"total\":9223372036854775807,\"eta-ms\":9223372036854775807}",
	};
	struct progress p = { .width = 200 };
	char buf[PROGRESS_LINE];
	unsigned int i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *m = json_loads(texts[i], 0, NULL);

		progress_line(&p, m, buf);
		CHECK_HAS(buf, "pass 1");
		CHECK_HAS(buf, "dirty -");
		json_decref(m);
	}
}
