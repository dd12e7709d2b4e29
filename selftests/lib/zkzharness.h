/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's harness, with time for each test that also an emulated host has which is not alone on
 * its machine. Who waits for something has deadlines of its own.
 */
#ifndef ZKZ_SELFTESTS_HARNESS_H
#define ZKZ_SELFTESTS_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 240

#endif
