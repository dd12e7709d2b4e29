// SPDX-License-Identifier: GPL-2.0
#include "storage/places.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hex.h"

#define DUMP_LINE	16

/* Numbers that look like chance and are the same everywhere (splitmix64). */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Insert in order, once. */
static size_t put(uint64_t *at, size_t nr, uint64_t place)
{
	size_t i = nr;

	while (i > 0 && at[i - 1] > place)
		i--;
	if (i > 0 && at[i - 1] == place)
		return nr;
	memmove(&at[i + 1], &at[i], (nr - i) * sizeof(*at));
	at[i] = place;
	return nr + 1;
}

size_t places_choose(uint64_t size, uint64_t *at)
{
	/* Partition tables; file systems of the first partition and its superblock of XFS, LVM, btrfs (64 KiB). */
	static const uint64_t known[] = {
		0, 4096, 65536, 1 << 20, (1 << 20) + 4096, (1 << 20) + 65536, 2 << 20,
	};
	uint64_t blocks = size / PLACE_ALIGN, state = size, span;
	size_t i, nr = 0;

	/* What is shorter than a piece is compared by its size only. */
	if (!blocks)
		return 0;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] / PLACE_ALIGN < blocks)
			nr = put(at, nr, known[i]);
	nr = put(at, nr, (blocks - 1) * PLACE_ALIGN);
	/* Each time from a part of the disk: all of it, a half, a quarter ... an eighth of a thousandth. */
	for (i = 0; nr < PLACES_MAX && i < 4 * PLACES_MAX; i++) {
		span = blocks >> (i % 14);
		if (span)
			nr = put(at, nr, next(&state) % span * PLACE_ALIGN);
	}
	return nr;
}

/* "00000010:  00 01 ... 0f  ................"; return what follows, or NULL. */
static const char *take_line(const char *p, uint64_t want, unsigned char *out)
{
	char *end;
	int i;

	if (strtoull(p, &end, 16) != want || strncmp(end, ":  ", 3))
		return NULL;
	for (p = end + 3, i = 0; i < DUMP_LINE; i++, p += 3) {
		char byte[3] = { p[0], p[0] ? p[1] : '\0' };

		if (hex_decode(byte, out + i, 1) || p[2] != ' ')
			return NULL;
	}
	p = strchr(p, '\n');
	return p ? p + 1 : NULL;
}

/* "read 2048/2048 bytes at offset 4096", and a line of how fast that was. */
static const char *take_summary(const char *p, uint64_t at)
{
	char want[80];
	int i;

	snprintf(want, sizeof(want), "read %d/%d bytes at offset %" PRIu64 "\n", PLACE_LEN, PLACE_LEN, at);
	if (strncmp(p, want, strlen(want)))
		return NULL;
	for (i = 0; p && i < 2; i++) {
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	return p;
}

int places_from_dump(const char *text, const uint64_t *at, size_t nr, unsigned char *buf)
{
	size_t i, off;

	for (i = 0; i < nr; i++) {
		for (off = 0; off < PLACE_LEN; off += DUMP_LINE, buf += DUMP_LINE) {
			text = take_line(text, at[i] + off, buf);
			if (!text)
				return -1;
		}
		text = take_summary(text, at[i]);
		if (!text)
			return -1;
	}
	return 0;
}
