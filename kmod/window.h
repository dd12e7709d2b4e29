/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_WINDOW_H
#define _ZKZ_WINDOW_H

#include <linux/types.h>

struct zkz_session;

/**
 * zkz_windows_around() - may writes make whole chunks dirty in this pass?
 * @session: source, whose pass begins
 *
 * What they add needlessly is sent by the next pass. That matters where the guest will stand still for it, and the
 * next pass may be the last if this one is short. Writers that are to be slowed down must be met at every page.
 *
 * Return: true if they may.
 */
bool zkz_windows_around(const struct zkz_session *session);

/**
 * zkz_windows_make() - harvest a pass and hand it to the streams, window by window
 * @session: source; the caller is its coordinator
 * @final: nothing is written any more
 *
 * Sleeps while the streams have enough to send.
 *
 * Return: false if the session failed.
 */
bool zkz_windows_make(struct zkz_session *session, bool final);

/**
 * zkz_windows_rest() - harvest everything that is left, at once
 * @session: source, about to fetch; the caller is its coordinator
 *
 * The target must know what it is before it may run.
 *
 * Return: false if the session failed.
 */
bool zkz_windows_rest(struct zkz_session *session);

#endif /* _ZKZ_WINDOW_H */
