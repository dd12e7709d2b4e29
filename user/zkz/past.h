/* SPDX-License-Identifier: GPL-2.0 */
/* What a user has typed in earlier sessions, for the arrow keys. */
#ifndef ZKZ_ZKZ_PAST_H
#define ZKZ_ZKZ_PAST_H

/**
 * past_load() - fetch the lines of earlier sessions
 *
 * They are in ~/.local/state/zkz/history, or where XDG_STATE_HOME says, for the user alone.
 * There are none without a home, or in one that is somebody else's.
 */
void past_load(void);

/** past_keep() - keep the lines for later sessions; what fails is no matter to anybody */
void past_keep(void);

#endif
