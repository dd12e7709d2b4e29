# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Hosts are upgraded one after the other, with zones on them: host a has the last release (run --pair previous), host b
# this tree. Zones move between the two, both ways; and the programs of a host, or its module, are exchanged under what
# runs there. What has to hold is told in Documentation/control.rst, "Upgrades".

NEW=$TOP/build/$STAGE

# reboots HOST: zkz reboot, and the guest comes up again
reboots() {
	local boot

	boot=$(guest_boot)
	on "$1" zkz reboot z1
	wait_for 300 booted_anew "$boot"
}

# moves FROM TO MODE: with memory and disk at work
moves() {
	guest mem start size=32M rate=5M
	guest disk start size=8M rate=1M
	migrate_tight "$1" "$2" z1 --mode "$3"
	runs_on "$2" "$1" z1
	guest mem verify
	guest disk verify
	guest mem stop
	guest disk stop
}

# old_new_old_new MODE: from the last release to this tree, back, and there again, and rebooted on each
old_new_old_new() {
	zone_remove z1
	z1_on a
	moves a b "$1"
	reboots b
	moves b a "$1"
	reboots a
	moves a b "$1"
	reboots b
}

# The other way round: what this tree has booted, without a reboot in between.
from_new() {
	zone_remove z1
	z1_on b
	moves b a "$1"
	moves a b "$1"
}

# A case before this one may have failed when there was none.
no_zkzd() {
	! on a zkz list >/dev/null 2>&1 || onhost a kill zkzd
}

# programs STAGE: host a gets these, and zkzd is started anew, as the packages do it; what runs there is left alone
programs() {
	lab install a "$1"
	no_zkzd
	onhost a start
}

unload() {
	on a sh -c '! mountpoint -q /run/zkz/mem || umount /run/zkz/mem; [ ! -d /sys/module/zkz ] || rmmod zkz'
}

# module FOLDER: host a gets the module that was built there; no zone may be on it
module() {
	no_zkzd
	wait_for 30 unload
	lab built a "$1"
	lab insmod a
	onhost a start
}

# As it is to be for the next case.
as_before() {
	zone_remove z1 || true
	programs "$(stage_of a)"
}

altogether_as_before() {
	as_before
	module "${BUILT[a]}"
}

# under FIRST SECOND: z1 was booted under the former programs, and runs on under the latter
under() {
	local run

	zone_remove z1
	programs "$1"
	z1_on a
	run=$(number_of a)
	programs "$2"
	[ "$(zone_state a z1)" = running ] || fail "the zone is '$(zone_state a z1)'"
	[ "$(number_of a)" = "$run" ] || fail "the zone is not that of before: $(on a zkz log z1 | tail -n 5)"
	guest ping
}

# lives FIRST SECOND MODE: it is seen, has its console, and moves away; and comes back, to a keeper of the latter
lives() {
	trap as_before EXIT
	under "$1" "$2"
	on a zkz status z1 | tee "$WORK/out"
	grep -q 'guest: running' "$WORK/out"
	onhost a console z1 "net stat" "console ok rebinds="
	moves a b "$3"
	moves b a "$3"
	reboots a
}

# obeys FIRST SECOND: it is rebooted, shut down, and booted again; and halted
obeys() {
	trap as_before EXIT
	under "$1" "$2"
	reboots a
	on a zkz shutdown z1
	wait_for 60 is_installed a
	onhost a nothing 60
	under "$1" "$2"
	on a zkz halt z1
	wait_for 60 is_installed a
	onhost a nothing 60
	zone_boot a z1
}

all_as_before() {
	both restore
	as_before
}

# remembers FIRST SECOND: a migration to host a broke off after GO, and the former programs have written that the zone
# arrived. The latter are asked what became of it: the guest cannot have run, because the last byte of its devices has
# never left.
remembers() {
	trap all_as_before EXIT
	zone_remove z1
	programs "$1"
	z1_on b
	guest mem start size=16M rate=2M
	onhost b hold source.devices-sent
	onhost b begin z1 ssh://root@a -c none --max-downtime 60000
	onhost b held source.devices-sent
	onhost a owner z1 arrived
	programs "$2"
	onhost b kill zkzd
	onhost b restore
	onhost b owner z1 here
	runs_on b a z1
	guest mem verify
	guest mem stop
}

# All of host a is upgraded while its zone is on b, and gets it back; then it is downgraded in the same way. What the
# one has written of the zone, the other reads.
altogether() {
	trap altogether_as_before EXIT
	zone_remove z1
	z1_on a
	moves a b precopy
	programs "$NEW"
	module "$TOP/build"
	moves b a hybrid
	reboots a
	moves a b precopy
	programs "$(stage_of a)"
	module "${BUILT[a]}"
	on a zkz list -c | grep -qx z1
	moves b a hybrid
	reboots a
}

# The module alone is newer than the programs, as between an upgrade of zkz-dkms and that of zkz.
newer_module() {
	trap altogether_as_before EXIT
	zone_remove z1
	module "$TOP/build"
	z1_on a
	moves a b precopy
	moves b a hybrid
}

# rolling_case NAME FUNCTION [ARGUMENT...]: these hosts have their turn with a third of all commits, 2, 5 and 8
# (scripts/check), of which each has a third of the cases.
rolling_case() {
	if [[ -z $KTAP_TURN || $((KTAP_TURN / 3)) = $((ROLLING++ % 3)) ]]; then
		ktap_case "$@"
	else
		ktap_case "$1 # SKIP it is the turn of others"
	fi
}

rolling_cases() {
	local old ROLLING=0

	if [ -z "${BUILT[a]:-}" ]; then
		ktap_case "rolling upgrade # SKIP only between the last release and this tree (--pair previous)"
		return
	fi
	old=$(stage_of a)
	rolling_case "rolling upgrade: old, new, old, new by pre-copy" old_new_old_new precopy
	rolling_case "rolling upgrade: old, new, old, new in hybrid mode" old_new_old_new hybrid
	rolling_case "rolling upgrade: new, old, new by pre-copy" from_new precopy
	rolling_case "rolling upgrade: new, old, new in hybrid mode" from_new hybrid
	rolling_case "new programs, old keeper and module: the zone lives on" lives "$old" "$NEW" precopy
	rolling_case "new programs, old keeper and module: the zone obeys" obeys "$old" "$NEW"
	rolling_case "old programs, new keeper: the zone lives on" lives "$NEW" "$old" hybrid
	rolling_case "old programs, new keeper: the zone obeys" obeys "$NEW" "$old"
	rolling_case "old programs left a zone arrived, new ones are asked" remembers "$old" "$NEW"
	rolling_case "new programs left a zone arrived, old ones are asked" remembers "$NEW" "$old"
	rolling_case "old programs, new module" newer_module
	rolling_case "the whole host is upgraded, and downgraded" altogether
}

rolling_cases
