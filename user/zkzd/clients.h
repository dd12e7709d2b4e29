/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who is being served, so that some cannot take all places: members of the
 * group zkz may hold connections open for as long as they like ("log -f"), and
 * root must get through all the same. Pure.
 */
#ifndef ZKZ_ZKZD_CLIENTS_H
#define ZKZ_ZKZD_CLIENTS_H

#include <sys/types.h>

#include "lib/err.h"

/*
 * Places in all, those that others than root can take, and one of them. Consoles and
 * migrations of root last: there are more places than a host has zones.
 */
#define CLIENTS_MAX	1024
#define CLIENTS_OTHERS	96
#define CLIENTS_USER	32

/**
 * struct clients - workers that serve somebody
 * @nr:  how many
 * @at:  process, and the user it serves
 */
struct clients {
	unsigned int nr;
	struct {
		pid_t pid;
		uid_t uid;
	} at[CLIENTS_MAX];
};

/** clients_admit() - is there a place for this user? 0, or -1 with the reason */
int clients_admit(const struct clients *c, uid_t uid, struct zkz_err *err);

/** clients_add() - it has been given to @pid; only after clients_admit() */
void clients_add(struct clients *c, pid_t pid, uid_t uid);

/** clients_gone() - a process has ended; does nothing if it is not one of them */
void clients_gone(struct clients *c, pid_t pid);

#endif
