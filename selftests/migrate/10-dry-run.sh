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

# What the host's kernel alone knows of its CPU is no matter; what the guest's network would lose is told.
hosts_that_differ() {
	z1_on a
	on a sh -c 'sed "s/^flags.*/& user_shstk sev ibs hfi avic/" /proc/cpuinfo >/run/cpuinfo &&
		mount --bind /run/cpuinfo /proc/cpuinfo'
	on b ip link set br0 mtu 1280
	migrate a b z1 -n 2>&1 | tee "$WORK/out"
	on b ip link set br0 mtu 1500
	on a umount /proc/cpuinfo
	grep -q 'Dry-run migration successful' "$WORK/out"
	grep -q 'anet 0: MTU 1280 on the target, 1500 on the source' "$WORK/out"
}

ktap_case "dry run" dry_run
turn_case "dry run between hosts that differ" hosts_that_differ
