/* SPDX-License-Identifier: GPL-2.0 */
/* Source: progress and the last line. */
#ifndef ZKZ_MIGRATE_SOURCE_REPORT_H
#define ZKZ_MIGRATE_SOURCE_REPORT_H

#include "migrate/source/source.h"

/** source_progress() - a progress line */
void source_progress(struct source *s);

/** source_fetch_progress() - the same while the guest runs on the target */
void source_fetch_progress(struct source *s);

/** source_warn_forecast() - say so, once, if the downtime will exceed the budget */
void source_warn_forecast(struct source *s);

/** source_measure() - collect what is known of the downtime, while both hosts still know */
void source_measure(struct source *s);

/** source_report() - the last line */
void source_report(struct source *s);

#endif
