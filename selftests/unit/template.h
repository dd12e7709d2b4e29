/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZKZ_UNIT_TEMPLATE_H
#define ZKZ_UNIT_TEMPLATE_H

#include "conf/session.h"

/** unit_template() - the hook of a session for templates, as zkz has it, but from the tree */
struct conf *unit_template(struct conf_session *s, const char *name, struct zkz_err *err);

#endif
