// SPDX-License-Identifier: GPL-2.0
#include "wire/protocol.h"

#include "lib/jsonl.h"

_Static_assert(PROTOCOL_OLDEST <= PROTOCOL_NEWEST, "a range");

void protocol_tell(json_t *hello)
{
	json_object_set_new(hello, "protocol", json_integer(PROTOCOL_OLDEST));
	json_object_set_new(hello, "newest", json_integer(PROTOCOL_NEWEST));
}

long long protocol_newest(const json_t *hello)
{
	long long oldest = json_int(hello, "protocol", 0), newest = json_int(hello, "newest", oldest);

	return newest < oldest ? oldest : newest;
}

long long protocol_pick(const json_t *hello)
{
	long long oldest = json_int(hello, "protocol", 0), pick = protocol_newest(hello);

	if (pick > PROTOCOL_NEWEST)
		pick = PROTOCOL_NEWEST;
	return oldest > 0 && pick >= oldest && pick >= PROTOCOL_OLDEST ? pick : 0;
}

long long protocol_picked(const json_t *request)
{
	long long pick = json_int(request, "protocol", PROTOCOL_UNTOLD);

	return pick >= PROTOCOL_OLDEST && pick <= PROTOCOL_NEWEST ? pick : 0;
}
