/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many streams carry memory, where the user does not say. Pure.
 *
 * Each stream is one kernel thread on either host, which copies and, with a cipher,
 * encrypts. More of them than processors only get into each other's way, and the guest
 * on the source needs some of these; more than fill the link gain nothing.
 */
#ifndef ZKZ_MIGRATE_WIDTH_H
#define ZKZ_MIGRATE_WIDTH_H

#include <stdbool.h>
#include <stdint.h>

#define WIDTH_MOST	8	/* more are for those who ask for them, and for what keys protect */
#define WIDTH_ROOM	3	/* times that memory can travel before a key has protected all that it may */

/**
 * struct width_in - what is known of the way
 * @source: processors of the source
 * @target: processors of the target, 0 if it does not tell
 * @mbit:   speed of the target's network interface in Mbit/s, 0 unknown
 * @cipher: the streams are encrypted
 * @memory: bytes of the guest's memory
 * @limit:  bytes that the key of a stream may protect, 0: any number
 */
struct width_in {
	uint32_t source;
	uint32_t target;
	uint32_t mbit;
	bool cipher;
	uint64_t memory;
	uint64_t limit;
};

/** width() - how many streams, 1 to WIDTH_MOST, or what keys need, to ZKZ_MAX_STREAMS */
unsigned int width(const struct width_in *in);

/**
 * width_least() - with fewer streams memory could not even travel once
 * @memory: its bytes
 * @limit:  as in struct width_in
 *
 * Return: how many, at least 1; may be more than there can be.
 */
unsigned int width_least(uint64_t memory, uint64_t limit);

/**
 * width_pages() - how many pages may travel
 * @streams: over so many
 * @limit:   as in struct width_in
 *
 * Chunks are dealt to streams in turn, but a guest may write more to those of one; so this
 * leaves a quarter of it. The module has the last word.
 *
 * Return: pages in all, 0 if there is no limit.
 */
uint64_t width_pages(unsigned int streams, uint64_t limit);

/** width_why() - "4 and 8 processors, 25000 Mbit/s" */
void width_why(const struct width_in *in, char *text, int size);

#endif
