# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The known risk of a hybrid migration: the source is lost while memory is still to come. Last of all cases, because
# host a is gone after it.

ended() {
	[ "$(zone_state "$1" z1)" = installed ]
}

# A guest without a part of its memory must not go on, and it is said what became of it.
source_dies() {
	zone_remove z1
	begin_fetch a b -c none --fetch-timeout 3
	lab kill a
	trap - EXIT
	wait_for 60 ended b
	on b zkz status z1 | tee "$WORK/out"
	grep -q 'have never come from' "$WORK/out"
	on b zkz log z1 | grep 'have never come from'
	onhost b nothing 30
	# As after a loss of power.
	on b zkz boot z1
	guest_wait
}

ktap_case "hybrid: the source dies, the zone ends with a record" source_dies
