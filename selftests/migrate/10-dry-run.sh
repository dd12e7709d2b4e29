# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The dry run checks, starts a receiver, and leaves nothing; the idle guest does not notice.

dry_run() {
	z1_on a
	migrate a b z1 -n | tee "$WORK/out"
	grep -q 'Dry-run migration successful' "$WORK/out"
	grep -q 'Forecast: pre-copy, [1-9][0-9]* passes' "$WORK/out"
	runs_on a b z1
	[ -z "$(zone_state b z1)" ] || fail "the dry run left a configuration on host b"
}

# A guest that rewrites its memory and a budget that this cannot meet: said before anything is moved.
dry_run_of_a_busy_guest() {
	z1_on a
	guest mem start size=96M rate=0
	on a tc qdisc replace dev eth0 root tbf rate 40mbit burst 256k latency 200ms
	trap 'both restore' EXIT
	on a zkz --json migrate -n --max-downtime 1000 z1 ssh://root@b | tee "$WORK/out"
	on a zkz migrate -n --mode precopy --max-downtime 1000 --max-passes 2 z1 ssh://root@b | tee -a "$WORK/out"
	grep -q '"verdict": *"hybrid"' "$WORK/out"
	grep -q 'Forecast: it would be given up' "$WORK/out"
	both restore
	runs_on a b z1
	guest mem stop
}

ktap_case "dry run" dry_run
ktap_case "dry run of a guest that cannot be copied" dry_run_of_a_busy_guest
