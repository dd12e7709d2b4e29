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

#define WIDTH_MOST	8	/* more are for those who ask for them */

/**
 * struct width_in - what is known of the way
 * @source: processors of the source
 * @target: processors of the target, 0 if it does not tell
 * @mbit:   speed of the target's network interface in Mbit/s, 0 unknown
 * @cipher: the streams are encrypted
 */
struct width_in {
	uint32_t source;
	uint32_t target;
	uint32_t mbit;
	bool cipher;
};

/** width() - how many streams, 1 to WIDTH_MOST */
unsigned int width(const struct width_in *in);

/** width_why() - "4 and 8 processors, 25000 Mbit/s" */
void width_why(const struct width_in *in, char *text, int size);

#endif
