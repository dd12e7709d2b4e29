/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which version of the control channel two hosts speak. Pure.
 *
 * A host speaks a range of versions, the greeting tells it, and the source picks the newest that both have. Hosts from
 * before there was a range tell one version, in the place of the oldest: such a source takes the other's oldest one if
 * that is its own, and so it works together with whoever still speaks it.
 */
#ifndef ZKZ_WIRE_PROTOCOL_H
#define ZKZ_WIRE_PROTOCOL_H

#include <jansson.h>

/* Of the frames' content. That of the last release is kept: hosts are upgraded one after the other. */
#define PROTOCOL_NEWEST		8
#define PROTOCOL_OLDEST		8
/* What a source speaks that does not tell. */
#define PROTOCOL_UNTOLD		8

/** protocol_tell() - put the range of this host into its greeting */
void protocol_tell(json_t *hello);

/** protocol_newest() - of a host, from its greeting; 0 if it tells none */
long long protocol_newest(const json_t *hello);

/** protocol_pick() - the newest version that both speak, from the other's greeting; 0 if there is none */
long long protocol_pick(const json_t *hello);

/** protocol_picked() - what a source has picked, from its first request; 0 if this host does not speak that */
long long protocol_picked(const json_t *request);

#endif
