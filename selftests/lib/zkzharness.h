/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's harness, with time for each test that also an emulated host has which is not alone on
 * its machine. Who waits for something has deadlines of its own.
 *
 * A test is a process and a process group of its own, which ends with the program: else one that hangs would outlive
 * the runner's timeout(1), and the runner wait for ever for whoever has its standard output.
 */
#ifndef ZKZ_SELFTESTS_HARNESS_H
#define ZKZ_SELFTESTS_HARNESS_H

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 240

/* The program forks its test, and that the process with the fixture; what a test forks itself is its own affair. */
#define ZKZ_HARNESS_FORKS 2

static int zkz_forks;

static void zkz_end_with_parent(void)
{
	if (zkz_forks++ < ZKZ_HARNESS_FORKS)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void __attribute__((constructor)) zkz_watch_forks(void)
{
	pthread_atfork(NULL, NULL, zkz_end_with_parent);
}

#endif
