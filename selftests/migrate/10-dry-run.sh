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

ktap_case "dry run" dry_run
