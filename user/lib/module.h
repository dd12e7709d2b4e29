/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel module zkz: to load it, and why the kernel does not take it. */
#ifndef ZKZ_LIB_MODULE_H
#define ZKZ_LIB_MODULE_H

#include <stdbool.h>

#include "lib/err.h"

/**
 * struct module_host - what of a host decides which modules it takes
 * @secure_boot: its firmware has checked what it boots
 * @locked_down: its kernel does not trust root
 */
struct module_host {
	bool secure_boot;
	bool locked_down;
};

/** module_errno() - the kernel's refusal, as modprobe(8) tells of it; 0 if it tells of something else */
int module_errno(const char *said);

/** module_locked_down() - whether "[none] integrity confidentiality" says that the kernel is */
bool module_locked_down(const char *modes);

/**
 * module_refused() - why the module was not loaded, and what to do
 * @said: what modprobe(8) has said
 * @h:    the host
 * @err:  filled
 *
 * Return: always -1.
 */
int module_refused(const char *said, const struct module_host *h, struct zkz_err *err);

/** module_load() - load it, if the kernel does not have it. Return: 0 or -1. */
int module_load(struct zkz_err *err);

#endif
