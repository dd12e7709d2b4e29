/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ZKZ_RESUME_H
#define _ZKZ_RESUME_H

#include <linux/types.h>

struct socket;
struct zkz_session;

int zkz_resume(struct zkz_session *session, struct socket *const *socks, u16 nr, const char **why);

#endif /* _ZKZ_RESUME_H */
