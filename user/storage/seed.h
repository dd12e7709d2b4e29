/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The disk that cloud-init reads a guest's first settings from (its datasource NoCloud): a file system with the label
 * "cidata" and a few texts in it.
 */
#ifndef ZKZ_STORAGE_SEED_H
#define ZKZ_STORAGE_SEED_H

#include <jansson.h>

#include "lib/err.h"

/**
 * seed_image() - draw such a disk
 * @texts: object of texts by the names of their files
 * @err:   filled on failure
 *
 * Return: descriptor of a file in memory, or -1.
 */
int seed_image(const json_t *texts, struct zkz_err *err);

#endif
