/* SPDX-License-Identifier: GPL-2.0 */
/* Target: streams, memory and device state, up to the decision. Each answers on the channel, or fails. */
#ifndef ZKZ_MIGRATE_TARGET_RECEIVE_H
#define ZKZ_MIGRATE_TARGET_RECEIVE_H

#include "migrate/target/target.h"

/** target_streams() - "streams": listen */
int target_streams(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_join() - "join": take those of memory */
int target_join(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_state() - "state": QEMU gets its stream; the source holds the devices back until memory is here */
int target_state(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_rate() - "rate": how much does the first stream carry? */
int target_rate(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_clocks() - "clocks": answer pings, on the connection of GO, in a dry run on that of memory */
int target_clocks(struct target *t, const json_t *msg, struct zkz_err *err);

/** target_start() - "start": receives until the guest is here and GO was said, then commits */
int target_start(struct target *t, const json_t *msg, struct zkz_err *err);

#endif
