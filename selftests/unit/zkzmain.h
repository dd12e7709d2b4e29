/* SPDX-License-Identifier: GPL-2.0 */
/* The main() of zkz under a name that a test program can call: see the Makefile. */
#ifndef ZKZ_SELFTESTS_ZKZMAIN_H
#define ZKZ_SELFTESTS_ZKZMAIN_H

int zkz_main(int argc, char **argv);

#endif
