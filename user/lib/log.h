/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One log per process: standard error by default, a file for the keeper.
 * Lines carry a UTC time stamp, a level and a tag. Where systemd has connected
 * standard error with its journal, lines go there with fields of their own
 * (lib/journald.h), so that "journalctl -p err" or "ZKZ_ZONE=web1" finds them,
 * and to a file besides if there is one.
 */
#ifndef ZKZ_LIB_LOG_H
#define ZKZ_LIB_LOG_H

#include <stdbool.h>

#include "lib/event.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_NOTE, LOG_DEBUG };

/**
 * log_init() - choose where the log goes
 * @tag:   program or "zone NAME", copied
 * @fd:    descriptor that stays open as long as the process, normally 2
 * @level: most talkative level that is written
 */
void log_init(const char *tag, int fd, enum log_level level);

/** log_zone() - which zone this process works for from now on, for the journal; NULL: none */
void log_zone(const char *zone);

/** log_peer() - and with which other host; NULL: none */
void log_peer(const char *host);

/**
 * log_event() - write one line; errno is kept, line ends are added
 * @level: how bad it is
 * @event: what it tells of
 * @fmt:   the text
 */
void log_event(enum log_level level, enum event event, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_msg(level, ...)	log_event(level, EVENT_NONE, __VA_ARGS__)
#define log_error(...)	log_msg(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)	log_msg(LOG_WARN, __VA_ARGS__)
#define log_note(...)	log_msg(LOG_NOTE, __VA_ARGS__)
#define log_debug(...)	log_msg(LOG_DEBUG, __VA_ARGS__)

#endif
