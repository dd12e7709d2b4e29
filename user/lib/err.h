/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Errors that a person can act on: a stable code for scripts, a sentence that
 * names the thing that failed, and the remedy.
 *
 * Functions that can fail return 0 or -1 and fill a struct zkz_err that the
 * caller owns. The first failure wins where it matters: callers that clean up
 * after a failure pass NULL, which every function here accepts.
 */
#ifndef ZKZ_LIB_ERR_H
#define ZKZ_LIB_ERR_H

#include <stdarg.h>

/* Stable codes. Scripts match them, so a code never changes its meaning. */
#define ERR_USAGE		"USAGE"
#define ERR_INTERNAL		"INTERNAL"
#define ERR_NO_MEMORY		"NO_MEMORY"
#define ERR_IO			"IO"
#define ERR_TIMEOUT		"TIMEOUT"
#define ERR_PROTOCOL		"PROTOCOL"
#define ERR_DENIED		"DENIED"
#define ERR_DAEMON_DOWN		"DAEMON_NOT_RUNNING"
#define ERR_UNKNOWN_OP		"UNKNOWN_OPERATION"
#define ERR_CONFIG		"CONFIG_INVALID"
#define ERR_ZONE_NAME		"ZONE_NAME_INVALID"
#define ERR_ZONE_NOT_FOUND	"ZONE_NOT_FOUND"
#define ERR_ZONE_EXISTS		"ZONE_EXISTS"
#define ERR_ZONE_BUSY		"ZONE_BUSY"
#define ERR_ZONE_STATE		"ZONE_STATE"
#define ERR_ZONE_ELSEWHERE	"ZONE_ELSEWHERE"
#define ERR_ZONE_INCOMPLETE	"ZONE_INCOMPLETE"
#define ERR_STORAGE		"STORAGE"
#define ERR_STORAGE_LOCAL	"STORAGE_LOCAL"
#define ERR_NETWORK		"NETWORK"
#define ERR_MODULE_MISSING	"MODULE_NOT_LOADED"
#define ERR_KVM_MISSING		"KVM_NOT_AVAILABLE"
#define ERR_QEMU		"QEMU"
#define ERR_QMP			"QMP"
#define ERR_KEEPER		"KEEPER"
#define ERR_KERNEL		"KERNEL"
#define ERR_PEER		"PEER"
#define ERR_INCOMPATIBLE	"INCOMPATIBLE"
#define ERR_CANCELLED		"CANCELLED"
#define ERR_DOWNTIME		"DOWNTIME_BUDGET"
#define ERR_IN_DOUBT		"ZONE_IN_DOUBT"
#define ERR_MEMORY_DIFFERS	"MEMORY_DIFFERS"
#define ERR_MEMORY_LOST		"MEMORY_LOST"
#define ERR_NOT_STARTED		"GUEST_NOT_STARTED"
#define ERR_GIVEN_BACK		"ZONE_GIVEN_BACK"
#define ERR_PROBE		"PROBE"
#define ERR_HOST_ID		"HOST_ID"

/**
 * struct zkz_err - one failure, ready to be shown
 * @code:   one of ERR_*, or NULL while nothing has failed
 * @text:   sentence that names the thing that failed
 * @remedy: what to do about it, may be empty
 */
struct zkz_err {
	const char *code;
	char text[1024];
	char remedy[512];
};

/**
 * err_set() - record a failure
 * @err:  where to record it, NULL if the caller does not care
 * @code: one of ERR_*
 * @fmt:  sentence, naming the thing that failed
 *
 * Clears the remedy. Return: always -1, so that callers can return it.
 */
int err_set(struct zkz_err *err, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * err_errno() - record a failure and append what errno says
 * @err:    where to record it, may be NULL
 * @code:   one of ERR_*
 * @errnum: value of errno at the time of the failure
 * @fmt:    sentence without the final stop
 *
 * Return: always -1.
 */
int err_errno(struct zkz_err *err, const char *code, int errnum,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/** err_remedy() - add the remedy to a failure just recorded. Return: -1. */
int err_remedy(struct zkz_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** err_prefix() - put context in front of the sentence. Return: -1. */
int err_prefix(struct zkz_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** err_clear() - forget the failure. */
void err_clear(struct zkz_err *err);

/**
 * err_code_intern() - the static string of a code that came over a socket
 * @code: text, may be NULL
 *
 * Return: the matching ERR_* string, or ERR_INTERNAL for anything unknown, so
 * that struct zkz_err never points into a message that is freed.
 */
const char *err_code_intern(const char *code);

#endif
