/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Client side of a zone's keeper: start one, ask the one that runs.
 *
 * Requests are one JSON object {"op":...}, answers one object with "type"
 * "result" or "error". Operations:
 *   status                    -> state, aux, id, qemu, keeper, run-state, arrived:
 *                             its guest came by a migration, and may run since;
 *                             survives-load: a guest that QEMU cannot load need
 *                             not be its end; qemu-version: of the one that runs it;
 *                             links: [{id, tap, dropped}], packets that the guest must not send
 *   halt                      QEMU quits at once, memory and links go
 *   shutdown {timeout-ms}     asks the guest by ACPI; answers when it is off
 *   reboot                    resets the guest, also a paused one
 *   resume                    lets a paused guest go on
 *   guard {side}              a migration worker takes hold: migrate/guard.h
 *                             -> guest: what the next host is to know of it
 *   inherit {guest}           takes that over
 *   renew                     becomes the installed zkz-keeper, in the same process
 *   plug {type, id, text}     the guest gets a device, of the resource "device" or "anet"; text is
 *                             the configuration of what QEMU is built of then
 *   relink {type, id, text}   another link for the interface that it has
 *   resize {text}             the guest may use more or less of its memory, as that says
 *   memory                    -> current: bytes that it has of it
 *   unplug {type, id}         the guest is asked to let go of a device at a port
 *   plugged {type, id}        -> there: it has not yet
 *   next                      the installed QEMU is started beside the one that
 *                             runs, until the connection ends
 *                             -> qemu, qemu-version: of it
 *   switch                    on the connection of "next", whose monitor answers: it takes the guest
 *                             over -> stop-ns, held-ns, sent-ns, loaded-ns, resume-ns, devices
 *   settle                    brings the zone to where its owner file says it
 *                             belongs -> settled: it was not there yet
 *   lose {why}                QEMU quits at once: the guest's memory will never
 *                             be complete
 *   discard                   incoming: as halt, refused for other zones
 *
 * A zone that runs keeps its keeper when zkz is upgraded, or downgraded. So an
 * operation never changes its meaning, a member that is missing has a default,
 * and one that is not known is ignored. Where ignoring it would be wrong there is
 * a new operation: a keeper that does not have it says so, which here is
 * ERR_KEEPER_OLD.
 */
#ifndef ZKZ_ZONE_KEEPER_H
#define ZKZ_ZONE_KEEPER_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/clock.h"
#include "lib/err.h"

#define KEEPER_PROGRAM	ZKZ_LIBEXECDIR "/zkz-keeper"

enum keeper_mode { KEEPER_BOOT, KEEPER_INCOMING };

/**
 * keeper_start() - start a keeper and wait until its QEMU is ready
 * @zone: zone that has no keeper; the caller holds the zone lock
 * @mode: boot the guest, or wait for it to arrive ("-incoming defer")
 * @machine: machine type of the guest that is to arrive, else NULL
 * @dl:   deadline
 * @err:  what the keeper said, on failure; nothing is left behind then
 */
int keeper_start(const char *zone, enum keeper_mode mode, const char *machine, deadline_t dl,
		 struct zkz_err *err);

/**
 * keeper_call() - one request to the keeper of a zone
 * @zone: zone name
 * @op:   see above
 * @args: further members, consumed; NULL for none
 * @ret:  the result object (new reference) is stored here; may be NULL
 * @dl:   deadline
 * @err:  ERR_ZONE_NOT_RUNNING if the zone has no keeper, or what the keeper said
 */
int keeper_call(const char *zone, const char *op, json_t *args, json_t **ret,
		deadline_t dl, struct zkz_err *err);

/**
 * keeper_heard() - what an answer means
 * @zone:   zone name
 * @op:     what was asked; NULL if it is the keeper's word on its start
 * @answer: the object, consumed; NULL if it has ended without one
 * @ret:    as of keeper_call()
 * @err:    likewise
 */
int keeper_heard(const char *zone, const char *op, json_t *answer, json_t **ret, struct zkz_err *err);

/** keeper_call_for() - the same as keeper_call(), given up when @client (-1: none) hangs up */
int keeper_call_for(int client, const char *zone, const char *op, json_t *args, json_t **ret,
		    deadline_t dl, struct zkz_err *err);

/**
 * keeper_hold() - a request after which the connection stays: it is a hold on the zone
 * @zone: zone name
 * @req:  the request, consumed
 * @ret:  the result object (new reference) is stored here; may be NULL
 * @dl:   deadline
 * @err:  as with keeper_call()
 *
 * Return: descriptor, or -1.
 */
int keeper_hold(const char *zone, json_t *req, json_t **ret, deadline_t dl, struct zkz_err *err);

/**
 * keeper_ask() - one more request on such a connection
 *
 * Also takes the last word of a keeper that takes no request any more.
 */
int keeper_ask(const char *zone, int fd, json_t *req, json_t **ret, deadline_t dl, struct zkz_err *err);

/**
 * keeper_end_start() - kill a keeper that has not brought up its QEMU yet
 *
 * So it goes with all that it has begun; whoever started it hears that it has ended.
 * Return: true if there was one, and it is gone.
 */
bool keeper_end_start(const char *zone);

#endif
