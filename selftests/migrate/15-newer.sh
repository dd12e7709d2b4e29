# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A zone moves to a host of a newer release: another Debian, a later kernel and QEMU. It may not get back, because its
# processor has features there that the older ones do not know; zkz says so, and which, and the zone stays what it was.

# to_newer MODE: from a, where it was booted, with memory and disk at work
to_newer() {
	zone_remove z1
	z1_on a
	guest mem start size=32M rate=5M
	guest disk start size=8M rate=1M
	migrate_tight a b z1 --mode "$1"
	runs_on b a z1
	guest mem verify
	guest disk verify
	guest mem stop
	guest disk stop
}

# same_machine HOST: it has the machine type that it was booted with
same_machine() {
	on "$1" zkz status z1 | grep -q 'pc-q35-7\.2'
}

machine_stays() {
	local boot

	to_newer precopy
	same_machine b
	boot=$(guest_boot)
	on b zkz reboot z1
	wait_for 300 booted_anew "$boot"
	runs_on b a z1
	guest disk start size=1M rate=1M
	guest disk verify
	guest disk stop
}

way_back() {
	local status=0

	to_newer precopy
	migrate b a z1 -n >"$WORK/back" 2>&1 || status=$?
	cat "$WORK/back"
	if [ $status -eq 0 ]; then
		migrate b a z1
		runs_on a b z1
		same_machine a
	else
		grep -q 'The CPU of the target lacks' "$WORK/back"
		status=0
		migrate b a z1 || status=$?
		[ $status -eq 1 ] || fail "zkz migrate: exit status $status"
		runs_on b a z1
	fi
	guest mem start size=8M rate=1M
	guest mem verify
}

ktap_case "newer host: busy guest, by pre-copy" to_newer precopy
ktap_case "newer host: busy guest, in hybrid mode" to_newer hybrid
ktap_case "newer host: the machine type is kept, also by a reboot" machine_stays
ktap_case "newer host: the way back, or why there is none" way_back

# The newer QEMU is installed under a zone that runs, as apt does it; 'zkz upgrade' puts the zone under that, where it is.
# From here on host a has it, too.
in_place() {
	local layer boot

	layer=$("$TOP/scripts/debian" qemu 12)
	zone_remove z1
	z1_on a
	boot=$(guest_boot)
	guest mem start size=32M rate=5M
	guest disk start size=8M rate=1M
	[ -z "$(on a zkz upgrade --old)" ] || fail "something is old before"
	# What is in use is replaced and not written to, as by dpkg.
	on a sh -c 'tar -C "$1" --exclude=usr/share/doc -cf - usr | tar -C / --no-overwrite-dir --keep-directory-symlink -xf -' \
		sh "$layer"
	on a zkz upgrade --old | tee "$WORK/old"
	grep -q '^  z1: QEMU 7\.2\.[0-9]*, installed is 10\.0' "$WORK/old"
	on a zkz upgrade z1 | tee "$WORK/out"
	grep -q 'Zone upgraded to QEMU 10\.0' "$WORK/out"
	[ -z "$(on a zkz upgrade --old)" ] || fail "something is old after"
	runs_on a b z1
	same_machine a
	guest mem verify
	guest disk verify
	[ "$(guest_boot)" = "$boot" ] || fail "the guest has booted anew"
	migrate_tight a b z1
	runs_on b a z1
	guest mem verify
	guest disk verify
	guest mem stop
	guest disk stop
	on b zkz reboot z1
	wait_for 300 booted_anew "$boot"
}

# shellcheck disable=SC2154 # of 'run'
if [ "$pair" = qemus ]; then
	ktap_case "newer QEMU: in place, then to the other host, then a reboot" in_place
fi
