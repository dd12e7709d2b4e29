/* SPDX-License-Identifier: GPL-2.0 */
/* Which pieces of a disk are compared. Pure. */
#ifndef ZKZ_STORAGE_PLACES_H
#define ZKZ_STORAGE_PLACES_H

#include <stddef.h>
#include <stdint.h>

/* So many pieces at most, each so long. */
#define PLACES_MAX	32
#define PLACE_LEN	2048
/* Where they begin. */
#define PLACE_ALIGN	4096

/**
 * places_choose() - choose pieces
 * @size: of the disk
 * @at:   PLACES_MAX numbers, ascending
 *
 * The same size gives the same ones: where partition tables and file systems describe themselves, the end, and
 * others all over the disk, most of them near its beginning, where data comes first.
 * Return: how many.
 */
size_t places_choose(uint64_t size, uint64_t *at);

/**
 * places_from_dump() - from what "qemu-io -c 'read -v ...'" has printed to bytes
 * @text: its output
 * @at:   the pieces, in the order of the text
 * @nr:   how many
 * @buf:  nr * PLACE_LEN bytes
 *
 * Return: 0, or -1 if the text is anything else.
 */
int places_from_dump(const char *text, const uint64_t *at, size_t nr, unsigned char *buf);

#endif
