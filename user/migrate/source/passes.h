/* SPDX-License-Identifier: GPL-2.0 */
/* Source: copying memory while the guest runs. The first three are steps, see steps.c. */
#ifndef ZKZ_MIGRATE_SOURCE_PASSES_H
#define ZKZ_MIGRATE_SOURCE_PASSES_H

#include "migrate/source/source.h"

/** source_ways() - connections for the device state and the decision; how far the clocks are apart */
int source_ways(struct source *s, struct zkz_err *err);

/** source_start() - both modules begin; what QEMU and the journal cost is measured */
int source_start(struct source *s, struct zkz_err *err);

/** source_passes() - copy memory while the guest runs, until a cut-over pays */
int source_passes(struct source *s, struct zkz_err *err);

/** source_pass() - one more pass */
int source_pass(struct source *s, enum policy_verdict *verdict, struct zkz_err *err);

/** source_time_qemu() - shortest round trip of its monitor */
int source_time_qemu(struct qmp *q, uint64_t *ns, struct zkz_err *err);

#endif
