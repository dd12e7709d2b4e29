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

/**
 * struct module_versions - which module is which, as the kernel's build tells them apart ("srcversion")
 * @loaded:    empty if it is not loaded
 * @installed: the one that would be loaded
 */
struct module_versions {
	char loaded[64];
	char installed[64];
};

/** module_versions() - look. Return: 0, or -1 if none is installed. */
int module_versions(struct module_versions *v, struct zkz_err *err);

/** module_unload() - remove it, if it is loaded. Return: 0 or -1. */
int module_unload(struct zkz_err *err);

/** module_load() - load it, if the kernel does not have it. Return: 0 or -1. */
int module_load(struct zkz_err *err);

#endif
