/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel attached to the answer that ends a request: the sentence of
 * its refusal, and the attribute of the request to blame. Does no I/O.
 */
#ifndef ZKZ_KERNEL_EXTACK_H
#define ZKZ_KERNEL_EXTACK_H

#include <linux/netlink.h>

/**
 * struct extack - answer to a request
 * @error: positive errno, 0: it was done
 * @text:  the sentence, points into the answer; NULL: none
 * @attr:  number of the attribute that is wrong, or that is missing; 0: none
 */
struct extack {
	int error;
	const char *text;
	unsigned int attr;
};

/**
 * extack_read() - read an answer
 * @answer:  message of type NLMSG_ERROR, of which nothing but its length was looked at
 * @request: what it answers, of generic netlink
 * @ack:     filled
 *
 * Return: 0, or -1 if the answer is malformed.
 */
int extack_read(struct nlmsghdr *answer, struct nlmsghdr *request, struct extack *ack);

#endif
