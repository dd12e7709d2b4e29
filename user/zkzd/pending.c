// SPDX-License-Identifier: GPL-2.0
#include "zkzd/pending.h"

#include "conf/diff.h"
#include "zone/store.h"

void pending_tell(struct request *rq, const struct conf *now)
{
	struct conf_list boot = {
		.w = { "running", "configured" }, .want = CONF_BIT(CONF_MACHINE) | CONF_BIT(CONF_BOOT),
	};
	struct conf_list move = boot;
	struct zkz_err warning = { 0 };
	struct conf *runs = zone_conf_running(rq->zone, NULL);

	if (!runs)
		return;
	move.want = CONF_BIT(CONF_HOST);
	conf_diff(runs, now, conf_list_add, &boot);
	conf_diff(runs, now, conf_list_add, &move);
	conf_free(runs);
	if (boot.nr) {
		err_config_pending_boot(&warning, rq->zone, boot.text);
		out_warning(&rq->out, &warning);
		err_clear(&warning);
	}
	if (move.nr) {
		err_config_pending_move(&warning, rq->zone, move.text);
		out_warning(&rq->out, &warning);
	}
}
