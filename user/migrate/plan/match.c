// SPDX-License-Identifier: GPL-2.0
#include "migrate/plan/match.h"

#define MACHINE	CONF_BIT(CONF_MACHINE)

struct conf *match_machine(const struct conf *running, const struct conf *now)
{
	struct conf *c = conf_copy(now);

	conf_keep_machine(c, running);
	if (conf_same(c, now)) {
		conf_free(c);
		return NULL;
	}
	if (!conf_check(c, NULL))
		return c;
	/* Two disks change places in the order of booting, and one of them was added: then nothing changes. */
	conf_free(c);
	return conf_copy(running);
}

int match_running(const struct conf *running, const struct conf *now, struct zkz_err *err)
{
	struct conf_list l = { .w = { "running", "configured" }, .want = MACHINE };

	conf_diff(running, now, conf_list_add, &l);
	if (!l.nr)
		return 0;
	return err_config_changed_since_boot(err, l.text);
}

int match_target(struct conf *theirs, const struct conf *own, bool its_zone,
		 struct conf_list *changed, struct zkz_err *err)
{
	struct conf_list machine = { .w = { "on the target", "on the source" }, .want = MACHINE };

	*changed = (struct conf_list){ .w = { "there", "here" }, .want = CONF_ANY };
	conf_keep_host(theirs, own);
	if (!own)
		return 0;
	conf_diff(own, theirs, conf_list_add, changed);
	conf_diff(own, theirs, conf_list_add, &machine);
	if (!its_zone || !machine.nr)
		return 0;
	return err_config_other_machine(err, machine.text);
}
