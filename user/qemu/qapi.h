/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What QEMU's monitor takes, as QEMU tells itself (query-qmp-schema). Pure.
 *
 * Its types have no names that mean anything; what is known of them is how they are reached from a command.
 */
#ifndef ZKZ_QEMU_QAPI_H
#define ZKZ_QEMU_QAPI_H

#include <jansson.h>
#include <stdbool.h>

/**
 * qapi_index() - the schema by name
 * @schema: what query-qmp-schema returned
 *
 * Return: a new reference, or NULL if it is no schema.
 */
json_t *qapi_index(const json_t *schema);

/**
 * qapi_has() - does a command take that?
 * @index:   from qapi_index()
 * @command: name
 * @path:    of an argument, "capabilities.capability"; NULL: is there such a command?
 * @value:   one of the words that it can be; NULL: is there such an argument?
 */
bool qapi_has(const json_t *index, const char *command, const char *path, const char *value);

#endif
