/* SPDX-License-Identifier: GPL-2.0 */
/* Source: what the migration would be like, for a dry run. */
#ifndef ZKZ_MIGRATE_SOURCE_FORECAST_H
#define ZKZ_MIGRATE_SOURCE_FORECAST_H

#include "migrate/source/source.h"

/** source_forecast() - say what the migration would be like; a new object, or NULL */
json_t *source_forecast(struct source *s);

#endif
