# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The known risk of a hybrid migration: a host is lost while memory is still to come. A guest without a part of its memory
# must not go on, it is said what became of it, and it can be booted where it belongs. Last of all cases, because not
# every one brings its host back.

# source_dies PERCENT
source_dies() {
	writing a
	begin_fetch a b -c none --fetch-timeout 3
	fetch_to a "$1"
	lab kill a
	trap - EXIT
	wait_for 60 is_installed b
	on b zkz status z1 | tee "$WORK/out"
	grep -q 'have never come from' "$WORK/out"
	on b zkz log z1 | grep 'have never come from'
	onhost b nothing 30
	# As after a loss of power.
	on b zkz boot z1
	guest_wait
}

source_comes_back() {
	source_dies "$1"
	host_again a
	given_up a
	runs_on b a z1
	# The other way again.
	guest mem start size=32M rate=0
	migrate b a z1 --mode hybrid
	guest mem verify
	guest mem stop
	runs_on a b z1
}

# target_dies PERCENT
target_dies() {
	writing a
	begin_fetch a b -c none --fetch-timeout 3
	fetch_to a "$1"
	lab kill b
	trap - EXIT
	onhost a restore
	ends_with a 1
	grep -q MEMORY_LOST "$WORK/out"
	given_up a
	host_again b
	is_installed b
	given_up a
	zone_boot b z1
	runs_on b a z1
	migrate b a z1 --mode hybrid
	runs_on a b z1
}

for percent in 10 50 90; do
	full_case "hybrid: the target dies at $percent %, the zone can be booted there again" target_dies $percent
	full_case "hybrid: the source dies at $percent %, the zone ends with a record and comes back" source_comes_back $percent
done
turn_case "hybrid: the source dies, the zone ends with a record" source_dies 10
