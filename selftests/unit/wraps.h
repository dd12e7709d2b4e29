/* SPDX-License-Identifier: GPL-2.0 */
/* System calls that the linker leads through test_record.c (ld --wrap), and what they were. */
#ifndef ZKZ_SELFTESTS_WRAPS_H
#define ZKZ_SELFTESTS_WRAPS_H

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_mkostemp(char *template, int flags);
int __wrap_mkostemp(char *template, int flags);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_renameat2(int a, const char *from, int b, const char *to, unsigned int flags);
int __wrap_renameat2(int a, const char *from, int b, const char *to, unsigned int flags);

#endif
