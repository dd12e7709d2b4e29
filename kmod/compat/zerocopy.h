/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sending pages without copying them.
 *
 * 6.1 has kernel_sendpage(). Later kernels have MSG_SPLICE_PAGES instead, whose flag stable 6.1 defines as well, but
 * its TCP ignores it and would copy silently. So the build looks for kernel_sendpage, never for the flag.
 *
 * MSG_SENDPAGE_NOTLAST is not for us: with it nothing is pushed, and a frame header that then finds the queue full
 * waits for room without pushing either, so for ever. With MSG_MORE alone every call pushes what fills segments.
 */
#ifndef _ZKZ_COMPAT_ZEROCOPY_H
#define _ZKZ_COMPAT_ZEROCOPY_H

#include <linux/bvec.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/uio.h>

/**
 * zkz_send_pages() - queue page content on a socket by reference
 * @sock: connected stream socket
 * @page: first page; the pages lie in one folio
 * @offset: where to begin, from the first page on
 * @len: bytes
 * @more: more will follow at once
 *
 * The socket takes its own references. Content that changes before it is on the wire arrives changed. May sleep up to
 * the socket's send timeout.
 *
 * Return: bytes queued, may be fewer than @len, or a negative error.
 */
static inline int zkz_send_pages(struct socket *sock, struct page *page, size_t offset, size_t len, bool more)
{
#ifdef ZKZ_HAVE_KERNEL_SENDPAGE
	return kernel_sendpage(sock, page, offset, len, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
#else
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL | MSG_SPLICE_PAGES };
	struct bio_vec bv;

	if (more)
		msg.msg_flags |= MSG_MORE;
	bvec_set_page(&bv, page, len, offset);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bv, 1, len);
	return sock_sendmsg(sock, &msg);
#endif
}

#endif /* _ZKZ_COMPAT_ZEROCOPY_H */
