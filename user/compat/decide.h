/* SPDX-License-Identifier: GPL-2.0 */
/*
 * May a running zone go from one host to another? Pure: two passports in,
 * findings out. The same function runs on the source and on the target.
 */
#ifndef ZKZ_COMPAT_DECIDE_H
#define ZKZ_COMPAT_DECIDE_H

#include <stdbool.h>

#include "compat/passport.h"
#include "lib/err.h"

#define COMPAT_MAX_FINDINGS	16

/**
 * struct finding - something about the two hosts
 * @blocks: it makes the migration impossible; otherwise it is worth a warning
 * @why:    the failure, or the warning
 */
struct finding {
	bool blocks;
	struct zkz_err why;
};

/** struct findings - the result; at most one finding a subject, and one for each link */
struct findings {
	unsigned int nr;
	struct finding at[COMPAT_MAX_FINDINGS];
};

/** compat_decide() - compare @source and @target */
void compat_decide(const struct passport *source, const struct passport *target,
		   struct findings *out);

/** compat_verdict() - 0, or -1 with all findings that block, and the remedy of the first */
int compat_verdict(const struct findings *f, struct zkz_err *err);

#endif
