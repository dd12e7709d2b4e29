# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Ways to send: several streams, with and without encryption; a budget that cannot be met.

with_options() {
	z1_on "$1"
	guest mem start size=32M rate=5M
	migrate "$1" "$2" z1 "${@:3}"
	runs_on "$2" "$1" z1
	guest mem verify
	guest mem stop
}

# Writing all of its set faster than the link sends it, the guest never fits into 50 ms.
over_budget() {
	z1_on a
	guest mem start size=96M rate=0
	! migrate a b z1 --max-downtime 100 --max-passes 4 >"$WORK/out" 2>&1 || fail "it went over the budget"
	cat "$WORK/out"
	grep -q 'more than the allowed' "$WORK/out"
	runs_on a b z1
	guest mem verify
	guest mem stop
}

ktap_case "one stream, not encrypted" with_options a b -c none --streams 1
ktap_case "four streams, encrypted" with_options b a --streams 4
ktap_case "four streams, not encrypted" with_options a b -c none --streams 4
ktap_case "one stream, encrypted" with_options b a
ktap_case "budget cannot be met: said, guest unharmed" over_budget
