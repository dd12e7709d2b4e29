/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deadlined input and output on descriptors. All functions return -1 with
 * errno set (ETIMEDOUT when the deadline passed) and retry after EINTR.
 * Descriptors that they make are close-on-exec; those that wait are used
 * non-blocking where that matters, by MSG_DONTWAIT or poll(2) first.
 */
#ifndef ZKZ_LIB_IO_H
#define ZKZ_LIB_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/clock.h"
#include "lib/err.h"

/** io_wait() - wait for poll(2) @events on @fd; returns revents or -1 */
int io_wait(int fd, short events, deadline_t dl);

/**
 * io_wait_watched() - the same, unless somebody gives up meanwhile
 * @fd:     what is waited for
 * @events: poll(2) events of it
 * @watch:  a hang-up of it ends the wait with ECANCELED; -1 for none
 * @dl:     deadline
 *
 * Return: 0, or -1 with errno.
 */
int io_wait_watched(int fd, short events, int watch, deadline_t dl);

/** io_read() - what is there, up to @len bytes; 0 means end of file */
ssize_t io_read(int fd, void *buf, size_t len, deadline_t dl);

/** io_read_full() - all of @len bytes; an earlier end is ECONNRESET */
int io_read_full(int fd, void *buf, size_t len, deadline_t dl);

/**
 * io_write_full() - all of @buf; never raises SIGPIPE on sockets
 *
 * What a socket has room for is written at once, also when poll(2) does not
 * call it writable yet because it is more than a quarter full.
 */
int io_write_full(int fd, const void *buf, size_t len, deadline_t dl);

/** io_connect_unix() - connected stream socket, or -1 */
int io_connect_unix(const char *path, deadline_t dl);

/**
 * io_listen_unix() - listening stream socket with @mode on the file
 *
 * A stale socket file of a dead process is replaced.
 */
int io_listen_unix(const char *path, mode_t mode);

/**
 * io_connect_tcp() - connect to host and port, trying every address
 * @host: name or numeric address
 * @port: decimal port
 * @watch: descriptor whose hang-up ends the wait with ERR_CANCELLED, -1 for none
 * @dl:   deadline for the whole call; name service has its own time limits
 * @err:  filled on failure
 *
 * TCP_NODELAY is set, and a peer that is gone is noticed. Return: descriptor or -1.
 */
int io_connect_tcp(const char *host, const char *port, int watch, deadline_t dl,
		   struct zkz_err *err);

/**
 * io_listen_tcp() - listen on a numeric address
 * @addr: numeric address, NULL for any
 * @port: in: wanted port, 0 for any; out: the port in use
 * @err:  filled on failure
 *
 * As with io_connect_tcp(), also for connections that come.
 */
int io_listen_tcp(const char *addr, uint16_t *port, struct zkz_err *err);

/** io_accept() - next connection of a listening socket */
int io_accept(int fd, deadline_t dl);

/** io_send_fd() - send @buf with one descriptor attached (SCM_RIGHTS) */
int io_send_fd(int sock, int fd, const void *buf, size_t len, deadline_t dl);

/**
 * io_recv_fd() - receive all of @buf, and the descriptor that came with it
 *
 * @fd is -1 if none did. Return: 0 or -1; an end before that is ENODATA.
 */
int io_recv_fd(int sock, int *fd, void *buf, size_t len, deadline_t dl);

/** io_close() - close if open and set to -1; errno is kept */
void io_close(int *fd);

#endif
