/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs of zkzd: which there are, who may use them, what runs. */
#ifndef ZKZ_ZKZD_DISPATCH_H
#define ZKZ_ZKZD_DISPATCH_H

#include <stdbool.h>

#include "lib/request.h"
#include "zkzd/rights.h"

/**
 * struct op - one verb
 * @name:   "boot"
 * @fn:     carries it out, in a process of its own
 * @right:  what it needs
 * @zone:   needs a zone name
 */
struct op {
	const char *name;
	request_fn fn;
	enum right right;
	bool zone;
};

/**
 * dispatch() - find the verb of a request, check the rights, run it
 * @rq:  request with everything but @op and @zone filled
 * @err: filled on failure
 */
int dispatch(struct request *rq, struct zkz_err *err);

/* op-config.c */
int op_config_get(struct request *rq, struct zkz_err *err);
int op_config_put(struct request *rq, struct zkz_err *err);
/* op-apply.c */
int op_apply(struct request *rq, struct zkz_err *err);
/* op-list.c */
int op_list(struct request *rq, struct zkz_err *err);
int op_status(struct request *rq, struct zkz_err *err);
/* op-attach.c */
int op_attach(struct request *rq, struct zkz_err *err);
int op_detach(struct request *rq, struct zkz_err *err);
int op_verify(struct request *rq, struct zkz_err *err);
/* op-install.c, op-uninstall.c, op-clone.c, op-rename.c */
int op_install(struct request *rq, struct zkz_err *err);
int op_uninstall(struct request *rq, struct zkz_err *err);
int op_clone(struct request *rq, struct zkz_err *err);
int op_rename(struct request *rq, struct zkz_err *err);
/* op-run.c */
int op_boot(struct request *rq, struct zkz_err *err);
int op_halt(struct request *rq, struct zkz_err *err);
int op_shutdown(struct request *rq, struct zkz_err *err);
int op_reboot(struct request *rq, struct zkz_err *err);
int op_resume(struct request *rq, struct zkz_err *err);
/* op-abort.c */
int op_abort(struct request *rq, struct zkz_err *err);
/* op-module.c */
int op_module(struct request *rq, struct zkz_err *err);
/* op-downtime.c */
int op_downtime(struct request *rq, struct zkz_err *err);
/* op-storage.c */
int op_storage(struct request *rq, struct zkz_err *err);
/* op-console.c */
int op_login(struct request *rq, struct zkz_err *err);
int op_console(struct request *rq, struct zkz_err *err);
int op_log(struct request *rq, struct zkz_err *err);

#endif
