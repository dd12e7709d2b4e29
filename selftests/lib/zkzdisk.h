/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A disk for tests that does direct I/O, if wanted a slow one: a request then holds its pages for a known time and
 * moves the data at the very end of it.
 *
 *	fd -> dm-delay (delay_ms) -> loop -> memfd, also mapped at mem
 *
 * Every layer goes away with the last descriptor, so nothing is left behind when a test is killed.
 */
#ifndef _ZKZ_SELFTESTS_ZKZDISK_H
#define _ZKZ_SELFTESTS_ZKZDISK_H

#include <stddef.h>

struct zkzdisk {
	int fd;			/* O_RDWR | O_DIRECT */
	char *mem;		/* the content */
	size_t size;
};

int zkzdisk_open(struct zkzdisk *disk, size_t size, unsigned int delay_ms);
void zkzdisk_close(struct zkzdisk *disk);

#endif
