// SPDX-License-Identifier: GPL-2.0
#include "lib/event.h"

#include <stddef.h>

/* A new one is from "systemd-id128 new"; what stands here is never changed, nor used for anything else. */
static const char * const ids[EVENTS] = {
	[EVENT_BOOTED] = "dc6fe2947d2f449ebe6c3bdfd8d4da13",
	[EVENT_HALTED] = "8e79bd4b9133471fbcb68e19b4e321a2",
	[EVENT_FAILED] = "01d26e8c48fa40a1a86e0f0369d4e38f",
	[EVENT_ARRIVED] = "744efc0e931e4a65ac5f56b37dee01f0",
	[EVENT_MIGRATION] = "fcce0164549f480a961b4a45d99e74e2",
	[EVENT_MIGRATED] = "9e7400d0fccb4ecabd32a96cb4ea3ad1",
	[EVENT_MIGRATION_FAILED] = "1683ac4e24814ce5883f5962ac73565d",
	[EVENT_FORCED] = "f35883cc58904808b06e809198c656fc",
	[EVENT_UPGRADED] = "5630845d5ba04869a33f15767b5d0654",
	[EVENT_CHANGED] = "162b721f782d4c35bddc73490fee6fae",
	[EVENT_DENIED] = "aa82bce443304741ba76977081062ee6",
};

const char *event_message_id(enum event e)
{
	return e < EVENTS ? ids[e] : NULL;
}
