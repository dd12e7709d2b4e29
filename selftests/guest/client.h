/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CLIENT_H
#define _CLIENT_H

#include <stdint.h>

/* What both programs outside the guest need. Times are CLOCK_MONOTONIC milliseconds. */
uint64_t client_now(void);
int client_wait(int fd, short events, uint64_t deadline);
int client_connect(const char *host, unsigned short port, uint64_t deadline);

#endif
