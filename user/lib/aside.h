/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Things that may hang, such as a look at a file of a file server that is gone, are done aside: in a process that
 * nobody waits for. It holds none of our descriptors, so no lock either, and ends by itself.
 */
#ifndef ZKZ_LIB_ASIDE_H
#define ZKZ_LIB_ASIDE_H

#include "lib/err.h"

/** typedef aside_fn - what to do there; @sock is the way to answer */
typedef void (*aside_fn)(int sock, const void *arg);

/**
 * aside() - do something in a process of its own
 * @fn:      what
 * @arg:     for @fn
 * @seconds: it is killed after that
 * @err:     filled on failure
 *
 * The process has our rights, but no descriptors besides @sock. It is init's child, not ours: if it hangs in the
 * kernel nothing of ours waits for it, neither now nor when we end.
 * Return: our end of a stream socket, which ends with the process; or -1.
 */
int aside(aside_fn fn, const void *arg, unsigned int seconds, struct zkz_err *err);

#endif
