# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Every fault at every hold point (the table 'holds'), on either side, in both modes: whatever happens, the guest runs once
# or can be booted on exactly one host, what was in doubt is resolved, its memory is what it wrote, and the zone can be
# moved afterwards. 'make check' has a sample, by turns. 'make check-full' has all of it and goes on where it was
# interrupted: each cell becomes a line of the file FAULTS_DONE, and only those that have not passed are tried again; see
# 'faults-table'.
#
# Faults, of the side that is struck:
#   worker keeper qemu zkzd   killed by signal 9
#   power                     the host loses its power, and boots again
#   cut                       nothing goes from one host to the other, either way, for longer than anybody waits
#   mute                      the same, but only from this host to the other
#   stall                     what this host sends is kept as long as that, and arrives then
#   full error hang           writes to /var/lib/zkz fail (no room; an error of the disk), or wait for ten seconds

FAULTS="worker keeper qemu zkzd power cut mute stall full error hang"
# Longer than the 20 seconds after which a silent peer is given up.
FAULT_SECONDS=25

fault_mend() {
	both restore
}

# A cell that failed leaves hosts that the next one can use.
fault_failed() {
	local h

	fault_done failed
	for h in a b; do on "$h" true || host_again "$h" || true; done
	both restore || true
	for h in "$here" "$there"; do on "$h" zkz recover z1 >/dev/null 2>&1 || true; done
	zone_remove z1 || true
}

# fault_done WHAT: of the cell in ${cell[@]}: failed, or where the guest was found
fault_done() {
	[ -z "${FAULTS_DONE:-}" ] || echo "${cell[*]} $1" >>"$FAULTS_DONE"
}

# side HOST-OF: "source" or "target" as a host
side() {
	[ "$1" = source ] && echo "$here" || echo "$there"
}

# strike FAULT HOST OTHER
strike() {
	case $1 in
	worker | zkzd) onhost "$2" kill "$1" || true ;;
	keeper | qemu) onhost "$2" kill "$1" z1 || true ;;
	power) lab kill "$2" ;;
	cut)
		onhost "$2" mute
		onhost "$3" mute
		;;
	mute | stall) onhost "$2" "$1" ;;
	*) onhost "$2" disk "$1" ;;
	esac
}

# lasts FAULT HOST: until it is over
lasts() {
	case $1 in
	cut | mute | stall) sleep $FAULT_SECONDS ;;
	hang) sleep 10 ;;
	power) host_again "$2" ;;
	esac
}

# The zone's place is known: no host is in doubt, none is on its way in.
known_place() {
	local h state

	for h in a b; do
		on "$h" zkz status z1 2>/dev/null | grep -q "state: in-doubt" &&
			{ on "$h" zkz recover z1 >/dev/null 2>&1 || return 1; }
		state=$(zone_state "$h" z1)
		echo "host $h: '$state'"
		[[ $state =~ ^(running|installed|configured|)$ ]] || return 1
	done
}

runners() {
	local h

	for h in a b; do ! is_running "$h" || echo "$h"; done
}

# The one host that runs z1, or can boot it, in $runner; $booted if it had to be.
# shellcheck disable=SC2034 # the caller declares them
find_runner() {
	local h

	wait_for 150 known_place || fail "nobody knows where the zone belongs"
	runner=$(runners)
	[ "$(wc -w <<<"$runner")" -le 1 ] || fail "two copies run"
	[ -z "$runner" ] || return 0
	booted=1
	for h in a b; do
		on "$h" zkz boot z1 || continue
		[ -z "$runner" ] || fail "both hosts can boot the zone"
		runner=$h
	done
	[ -n "$runner" ] || fail "no host can boot the zone"
}

other_than() {
	[ "$1" = a ] && echo b || echo a
}

# fault_begin MODE POINT, with the options of $mode: in a fetch something has to be missing, and a second pass is made for a guest that is too fast
fault_begin() {
	local budget=60000

	case $2 in
	source.mirror)
		local_zone "$here"
		guest mem start size=16M rate=2M
		;;
	*.fetch)
		guest mem start size=32M rate=0 write=touch
		narrow "$here" 8mbit
		;;
	source.pass)
		guest mem start size=16M rate=0 write=touch
		outpaced "$here"
		budget=100
		;;
	*) guest mem start size=16M rate=2M ;;
	esac
	onhost "$holder" hold "$2"
	onhost "$here" begin z1 "ssh://root@$there" -c none "${mode[@]}" --max-downtime $budget --fetch-timeout 60
	onhost "$holder" held "$2" 120
}

# fault_cell MODE POINT HOLDER FAULT SIDE
fault_cell() {
	local here there holder struck other runner='' booted='' status=0 cell=("$1" "$2" "$4" "$5") mode=(--mode "$1")

	[ "$1" != storage ] || mode=(--mode precopy --with-storage)

	z1_anywhere
	holder=$(side "$3")
	struck=$(side "$5")
	other=$(other_than "$struck")
	# shellcheck disable=SC2064 # the names are local, and gone when a failure ends the shell
	trap "here=$here there=$there cell=(${cell[*]}); fault_failed" EXIT
	# Interrupted is not failed.
	trap 'trap - EXIT; exit 130' INT TERM
	fault_begin "$1" "$2"
	strike "$4" "$struck" "$other"
	[ "$4 $struck" = "power $holder" ] || onhost "$holder" letgo
	lasts "$4" "$struck"
	[[ $4 =~ ^(full|error)$ ]] || fault_mend
	[ "$4 $struck" = "power $here" ] || onhost "$here" end 240 || status=$?
	[ $status -ne 124 ] || fail "the migration hangs"
	fault_mend
	[ "$4" != error ] || again_with_disk "$struck"
	find_runner
	echo "the guest runs on $runner${booted:+, booted anew} (it was on $here)"
	other=$(other_than "$runner")
	runs_on "$runner" "$other" z1
	[ -n "$booted" ] || guest mem verify
	[ -n "$booted" ] || guest mem stop
	[ "$1" != storage ] || nothing_copied "$other"
	echo "second attempt"
	guest mem start size=16M rate=2M
	migrate "$runner" "$other" z1 -c none "${mode[@]}"
	runs_on "$other" "$runner" z1
	guest mem verify
	guest mem stop
	[ "$1" != storage ] || zone_remove z1
	trap - EXIT
	fault_done "$([ "$runner" = "$here" ] && echo stayed || echo moved)${booted:+,booted}"
}

# nothing_copied HOST: what there is of disks that did not come; zkzd may have to undo that when its host is back
nothing_copied() {
	wait_for 60 no_files "$1" || fail "host $1 has $(files "$1")"
}

no_files() {
	local left

	left=$(files "$1")
	# What is only read may have been there.
	[ -z "${left/tools.img/}" ]
}

# After an error its file system takes no more writes until it is mounted again, for which the host has to boot. A guest
# that runs there is looked at before.
again_with_disk() {
	if is_running "$1"; then
		guest_wait
		guest mem verify
	fi
	lab kill "$1"
	host_again "$1"
}

# fault_case MODE POINT HOLDER FAULT SIDE
fault_case() {
	[ -z "${FAULTS_DONE:-}" ] || ! grep -Eqs "^$1 $2 $4 $5 (stayed|moved)" "$FAULTS_DONE" || return 0
	if [ -n "${FAULTS_DONE:-}" ]; then
		ktap_case "fault: $1, $2, $4 at the $5" fault_cell "$@"
	else
		turn_case "fault: $1, $2, $4 at the $5" fault_cell "$@"
	fi
}

# all_faults MODE POINT HOLDER: a link that is cut has no side
all_faults() {
	local fault side

	for fault in $FAULTS; do
		for side in source target; do
			[ "$fault $side" = "cut target" ] || fault_case "$@" "$fault" "$side"
		done
	done
}

every_cell() {
	local point host mode m

	while read -r point host mode _; do
		[[ $point =~ ^[a-z] ]] || continue
		for m in precopy hybrid storage; do
			[[ $mode != "$m" && ($mode != any || $m = storage) ]] || all_faults "$m" "$point" "$host"
		done
	done <"$MIGRATE_DIR/holds"
}

if [ -n "${FAULTS_DONE:-}" ]; then
	every_cell
else
	fault_case precopy target.attached target full target
	fault_case precopy source.before-freeze source cut source
	fault_case precopy source.before-go source mute source
	fault_case precopy target.committed target worker target
	fault_case hybrid keeper.before-adopt target zkzd source
	fault_case hybrid source.fetch source worker source
	fault_case precopy source.after-go source power target
	fault_case storage source.mirror source cut source
fi
