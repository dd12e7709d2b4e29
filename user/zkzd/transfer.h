/* SPDX-License-Identifier: GPL-2.0 */
/* What the module tells about a migration that runs. */
#ifndef ZKZ_ZKZD_TRANSFER_H
#define ZKZ_ZKZD_TRANSFER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * transfer_fetching() - does the guest's new host still fetch its memory from here?
 * @zone:    zone name
 * @missing: bytes that it has not got yet
 */
bool transfer_fetching(const char *zone, uint64_t *missing);

/**
 * transfer_json() - counters of the session of a zone's memory
 * @zone: zone name
 *
 * Return: new object, or NULL if there is no such session.
 */
json_t *transfer_json(const char *zone);

#endif
