/* SPDX-License-Identifier: GPL-2.0 */
/* Hot-plug ports of a zone's machine: who is at which. Pure. */
#ifndef ZKZ_CONF_PORTS_H
#define ZKZ_CONF_PORTS_H

#include "conf/model.h"

/** conf_ports_check() - are the ports there that devices and interfaces are to be at, and has each one of its own? */
int conf_ports_check(const struct conf *c, struct zkz_err *err);

/** conf_ports_assign() - give a free port to what is to be at any; fails where there is none */
int conf_ports_assign(struct conf *c, struct zkz_err *err);

#endif
