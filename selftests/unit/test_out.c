// SPDX-License-Identifier: GPL-2.0
/* Answer lines to a client that does not read. */
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/out.h"
#include "unit.h"

#define PROGRESS	20000
#define STEPS		30

TEST(a_stopped_client_gets_the_result)
{
	struct out out = { .zone = "z1" };
	int sv[2], i, progress = 0, steps = 0;
	struct jsonl in;
	json_t *msg;

	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	out.fd = sv[0];
	for (i = 0; i < PROGRESS; i++)
		out_progress(&out, json_pack("{s:i, s:s}", "pass", i, "padding",
					     "about as long as the line of a migration is, give or take"));
	CHECK(!out.gone);
	for (i = 0; i < STEPS; i++)
		out_step(&out, "Step %d.", i);
	out_result(&out, NULL, "Done.");
	CHECK(!out.gone);
	close(sv[0]);

	jsonl_init(&in, sv[1]);
	for (;;) {
		const char *type;

		NEED(!jsonl_read(&in, &msg, deadline_in_ms(5000), NULL));
		NEED(msg);
		type = json_str(msg, "type");
		progress += !strcmp(type, "progress");
		steps += !strcmp(type, "step");
		i = !strcmp(type, "result");
		json_decref(msg);
		if (i)
			break;
	}
	CHECK(progress > 0 && progress < PROGRESS);
	CHECK_INT(steps, STEPS);
	NEED(!jsonl_read(&in, &msg, deadline_in_ms(5000), NULL));
	CHECK(!msg);
	jsonl_fini(&in);
	close(sv[1]);
}

TEST(a_client_that_hung_up_is_gone)
{
	struct out out = { .zone = "z1" };
	int sv[2];

	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	out.fd = sv[0];
	close(sv[1]);
	out_progress(&out, json_object());
	CHECK(out.gone);
	out_result(&out, NULL, "Done.");
	close(sv[0]);
}

TEST(a_warning_has_its_id_and_remedy)
{
	struct zkz_err warning = { 0 };
	struct out out = { .zone = "z1" };
	struct jsonl in;
	json_t *msg;
	int sv[2];

	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	out.fd = sv[0];
	err_zone_not_running(&warning, "z1");
	err_guest_may_be_stopped(&warning, "z1");
	out_warning(&out, &warning);
	CHECK(!out.ended);
	close(sv[0]);

	jsonl_init(&in, sv[1]);
	NEED(!jsonl_read(&in, &msg, deadline_in_ms(5000), NULL));
	NEED(msg);
	CHECK_STR(json_str(msg, "type"), "warning");
	CHECK_STR(json_str(msg, "code"), "GUEST_MAY_BE_STOPPED");
	CHECK_STR(json_str(msg, "severity"), "warning");
	CHECK_STR(json_str(msg, "zone"), "z1");
	CHECK_STR(json_str(msg, "text"), "The guest may be stopped on this host: Zone z1 is not running");
	CHECK_STR(json_str(msg, "remedy"), "'zkz recover z1' on this host tries again.");
	json_decref(msg);
	jsonl_fini(&in);
	close(sv[1]);
}
