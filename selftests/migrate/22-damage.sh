# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Memory of a host fails under a zone: it can still leave, with its damage, and go on from there.

damaged() {
	local page

	z1_on a
	page=$(on a "$MIGRATE_DIR/damage" fail /run/zkz/mem/z1)
	on a "$MIGRATE_DIR/damage" lost /run/zkz/mem/z1 "$page"
	migrate a b z1 "$@" 2>&1 | tee "$WORK/out"
	grep -q "access to 1 page(s) fails" "$WORK/out"
	runs_on b a z1
	on b "$MIGRATE_DIR/damage" lost /run/zkz/mem/z1 "$page"
	migrate b a z1 "$@" 2>&1 | tee "$WORK/out"
	grep -q "access to 1 page(s) fails" "$WORK/out"
	runs_on a b z1
	on a "$MIGRATE_DIR/damage" lost /run/zkz/mem/z1 "$page"
	guest ping
	# The next case gets a sound one.
	zone_remove z1
}

turn_case "memory failed under the guest: a to b to a" damaged --mode precopy
turn_case "the same, fetched" damaged --mode hybrid
