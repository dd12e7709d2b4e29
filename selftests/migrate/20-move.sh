# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A guest moves between kernels and back: idle, then busy with memory, disk and a connection that is kept.

idle() {
	z1_on a
	migrate a b z1 | tee "$WORK/out"
	grep -q 'Migration successful' "$WORK/out"
	runs_on b a z1
}

# Disk and memory are written all the time; after each move both are verified.
busy() {
	z1_on "$1"
	guest mem start size=32M rate=5M
	guest disk start size=8M rate=1M
	migrate_tight "$1" "$2" z1
	runs_on "$2" "$1" z1
	guest mem verify
	guest disk verify
	guest mem stop
	guest disk stop
}

kept_connection() {
	z1_on a
	keep_begin 50
	guest mem start size=32M rate=5M
	migrate_tight a b z1 -c none
	migrate_tight b a z1 -c none
	guest mem verify
	guest mem stop
	sleep 1
	keep_end
	runs_on a b z1
}

# zkz compares digests of the whole memory of both sides before the guest goes on.
whole_memory() {
	z1_on "$1"
	guest mem start size=32M rate=5M
	migrate "$1" "$2" z1 --mode precopy --verify "${@:3}" | tee "$WORK/out"
	grep -q '0 pages differ' "$WORK/out"
	runs_on "$2" "$1" z1
	guest mem verify
	guest mem stop
}

turn_case "idle guest, a to b" idle
ktap_case "busy guest, b to a, memory and disk verified" busy b a
turn_case "connection kept over a to b to a" kept_connection
not_hybrid turn_case "whole memory compared, a to b" whole_memory a b
not_hybrid turn_case "whole memory compared, b to a" whole_memory b a -c none
