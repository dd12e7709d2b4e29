/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One log per process: standard error by default, a file for the keeper.
 * Lines carry a UTC time stamp, a level and a tag; in the journal of systemd
 * a priority as well, so that "journalctl -p err" finds errors.
 */
#ifndef ZKZ_LIB_LOG_H
#define ZKZ_LIB_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_NOTE, LOG_DEBUG };

/**
 * log_init() - choose where the log goes
 * @tag:   program or "program[zone]", copied
 * @fd:    descriptor that stays open as long as the process, normally 2
 * @level: most talkative level that is written
 */
void log_init(const char *tag, int fd, enum log_level level);

/** log_msg() - write one line; errno is kept, line ends are added */
void log_msg(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...)	log_msg(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)	log_msg(LOG_WARN, __VA_ARGS__)
#define log_note(...)	log_msg(LOG_NOTE, __VA_ARGS__)
#define log_debug(...)	log_msg(LOG_DEBUG, __VA_ARGS__)

#endif
