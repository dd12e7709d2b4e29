/* SPDX-License-Identifier: GPL-2.0 */
/*
 * QMP client of one QEMU monitor: commands with deadlines, events kept in
 * order with the time QEMU gave them. Not thread-safe; one owner.
 */
#ifndef ZKZ_QEMU_QMP_H
#define ZKZ_QEMU_QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "lib/jsonl.h"

/* Events kept while nobody asks; beyond that the oldest are dropped. */
#define QMP_MAX_EVENTS	256

/**
 * struct qmp_event - something QEMU said by itself
 * @name:    "STOP", "MIGRATION", ...
 * @data:    its data member, may be NULL; borrowed from @raw
 * @real_ns: CLOCK_REALTIME of the host as QEMU stamped it (microsecond steps)
 * @seen_ns: CLOCK_MONOTONIC when it was read from the socket
 * @raw:     the whole message; owned
 */
struct qmp_event {
	const char *name;
	const json_t *data;
	uint64_t real_ns;
	uint64_t seen_ns;
	json_t *raw;
};

struct qmp;

/**
 * qmp_open() - connect to a monitor socket and leave negotiation mode
 * @zone: whose QEMU it is, for what may fail
 * @path: unix socket of a "-mon mode=control" character device
 * @dl:   deadline for all of it
 * @err:  filled on failure
 *
 * Return: monitor to be closed with qmp_close(), or NULL.
 */
struct qmp *qmp_open(const char *zone, const char *path, deadline_t dl, struct zkz_err *err);

/** qmp_open_fd() - the same on a connected socket, which is taken over */
struct qmp *qmp_open_fd(const char *zone, int fd, deadline_t dl, struct zkz_err *err);

/** qmp_adopt() - go on with a monitor that has left negotiation mode; @fd is taken over */
struct qmp *qmp_adopt(const char *zone, int fd, struct zkz_err *err);

/** qmp_idle() - has all that was read of it been used? Then qmp_adopt() can go on with its descriptor */
bool qmp_idle(const struct qmp *q);

/** qmp_close() - hang up and free; NULL is fine */
void qmp_close(struct qmp *q);

/** qmp_zone() - whose QEMU it is */
const char *qmp_zone(const struct qmp *q);

/** qmp_fd() - descriptor to poll for events; see also qmp_pump() */
int qmp_fd(const struct qmp *q);

/**
 * qmp_exec() - run a command
 * @q:    monitor
 * @cmd:  command name
 * @args: arguments object, consumed; NULL for none
 * @ret:  the "return" value (a new reference) is stored here, may be NULL
 * @dl:   deadline
 * @err:  ERR_QMP with QEMU's own words if it refused; otherwise it may or may
 *        not have carried the command out
 *
 * Events that arrive meanwhile are kept. Return: 0 or -1.
 */
int qmp_exec(struct qmp *q, const char *cmd, json_t *args, json_t **ret,
	     deadline_t dl, struct zkz_err *err);

/**
 * qmp_getfd() - give QEMU a descriptor under a name
 * @q:    monitor
 * @fd:   descriptor; QEMU gets a duplicate, the caller keeps its own
 * @name: for later use as "fd:name" on the same monitor
 * @dl:   deadline
 * @err:  filled on failure
 */
int qmp_getfd(struct qmp *q, int fd, const char *name, deadline_t dl,
	      struct zkz_err *err);

/**
 * qmp_addfd() - give QEMU a descriptor in a set of its own, which it opens as /dev/fdset/N
 * @q:    monitor
 * @fd:   descriptor; QEMU gets a duplicate, the caller keeps its own
 * @name: by which qmp_dropfd() finds it; no two have the same
 * @set:  filled with N
 * @dl:   deadline
 * @err:  filled on failure
 */
int qmp_addfd(struct qmp *q, int fd, const char *name, int *set, deadline_t dl, struct zkz_err *err);

/** qmp_dropfd() - it need not keep the one of that name any more; what is opened stays open */
int qmp_dropfd(struct qmp *q, const char *name, deadline_t dl, struct zkz_err *err);

/** typedef qmp_match_fn - true for the event that is waited for */
typedef bool (*qmp_match_fn)(const struct qmp_event *ev, void *arg);

/**
 * qmp_wait() - take the first kept or coming event that matches
 * @q:     monitor
 * @name:  event name, NULL for any
 * @match: further condition, NULL for none
 * @arg:   for @match
 * @ev:    filled; free with qmp_event_clear(); may be NULL
 * @dl:    deadline
 * @err:   filled on failure; ERR_TIMEOUT when the deadline passed
 *
 * Events that do not match stay in the queue, in order.
 */
int qmp_wait(struct qmp *q, const char *name, qmp_match_fn match, void *arg,
	     struct qmp_event *ev, deadline_t dl, struct zkz_err *err);

/**
 * qmp_pump() - read what has arrived, without waiting, into the queue
 *
 * Return: 0, or -1 when QEMU hung up or talks nonsense.
 */
int qmp_pump(struct qmp *q, struct zkz_err *err);

/** qmp_take() - take the oldest kept event; false if there is none */
bool qmp_take(struct qmp *q, struct qmp_event *ev);

/** qmp_forget() - drop all kept events, before an operation that waits */
void qmp_forget(struct qmp *q);

/** qmp_event_clear() - free what an event holds */
void qmp_event_clear(struct qmp_event *ev);

/**
 * qmp_event_parse() - an event object to struct qmp_event
 * @msg: message; on success its reference is taken over
 * @ev:  filled
 *
 * Pure. Return: 0, or -1 if @msg is not a well-formed event.
 */
int qmp_event_parse(json_t *msg, struct qmp_event *ev);

#endif
