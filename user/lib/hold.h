/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hold points: moments with a name, at which a process of the tests' build stops if it
 * is told to, so that a test can act within that moment and not by luck. A release
 * build has none of it; scripts/check-install proves that.
 *
 *   /run/zkz/hold/NAME      made by the test: whoever comes to NAME stops there
 *   /run/zkz/hold/NAME.PID  made by the process that stands there
 *
 * It goes on when the test has removed NAME, or after ten minutes. A process that is killed
 * while it stands leaves its file, which counts as long as PID lives. Only the calling
 * thread stops: a worker's heartbeat goes on. selftests/migrate/holds lists all names.
 */
#ifndef ZKZ_LIB_HOLD_H
#define ZKZ_LIB_HOLD_H

#ifdef ZKZ_TEST_HOLDS

/** hold_at() - stop here for as long as the test wants it */
void hold_at(const char *name);

#define HOLD(name)	hold_at(name)

#else

/* The name is not even in the program. */
#define HOLD(name)	((void)sizeof(name))

#endif

#endif
