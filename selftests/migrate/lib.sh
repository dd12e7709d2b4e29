# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the migration tests, the demonstration and the benchmark share: two hosts with zkz, and a zone whose
# guest is asked over its control port.
#
#	 machine 10.77.0.1 (disks by NBD, clients)
#	    |
#	   br0 ------ host a 10.77.0.2 (br0: zone) ------ host b 10.77.0.3 (br0: zone)

MIGRATE_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$MIGRATE_DIR/../.." && pwd)
LAB_NAME=${LAB_NAME:-migrate}
GUEST_ADDR=10.77.0.100
GUEST_KERNEL=/run/guest-kernel
WORK=
KEEP_PID=
DISK_FORMAT=raw
STAGE=stage # what hosts get: stage, or stage-test with hold points
declare -A BUILT=() # but for those that have another zkz than this tree's (lab up --built): where that was built
MIGRATE_MODE=precopy # how zones are moved by cases that do not say it themselves

lab() {
	"$TOP/scripts/lab/lab" -n "$LAB_NAME" "$@"
}

# on HOST COMMAND...: run in a host
on() {
	lab exec "$@"
}

# onhost HOST VERB...: a verb of the script of that name, in a host
onhost() {
	if [ "$2" = begin ]; then
		on "$1" "$MIGRATE_DIR/onhost" "${@:2:3}" --mode "$MIGRATE_MODE" "${@:5}"
	else
		on "$1" "$MIGRATE_DIR/onhost" "${@:2}"
	fi
}

# both VERB...: in both hosts at the same time
both() {
	local job status=0

	onhost a "$@" &
	job=$!
	onhost b "$@" || status=$?
	wait "$job" || status=$?
	return $status
}

# wait_for SECONDS COMMAND...: poll until it succeeds; prints only what it printed last
wait_for() {
	local end=$((SECONDS + $1)) said

	shift
	until said=$("$@" 2>&1); do
		[ $SECONDS -lt $end ] || {
			echo "$said"
			return 1
		}
		sleep 0.5
	done
	echo "$said"
}

need_built() {
	local f

	for f in build/guest/initrd "build/$STAGE/usr/sbin"; do
		[ -e "$TOP/$f" ] || {
			echo "$f is missing; run 'make all stage stage-test'" >&2
			return 1
		}
	done
}

# stage_of HOST: what is installed there
stage_of() {
	if [ -n "${BUILT[$1]:-}" ]; then
		echo "${BUILT[$1]}/stage"
	else
		echo "$TOP/build/$STAGE"
	fi
}

# host_fit HOST: module and programs
host_fit() {
	lab insmod "$1"
	lab install "$1" "$(stage_of "$1")"
}

# lab_begin UP-OPTION...: a folder for scratch files, two hosts with zkz running
lab_begin() {
	need_built
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/zkz-$LAB_NAME.XXXXXX")
	lab_hosts "$@"
}

# lab_hosts UP-OPTION...: the hosts alone
lab_hosts() {
	local h

	for h in "${!BUILT[@]}"; do
		set -- "$@" --built "$h=${BUILT[$h]}"
	done
	lab up --hosts a,b "$@"
	for h in a b; do
		host_fit "$h"
		host_ready "$h"
	done
}

# A host that has just been booted, with everything installed.
host_ready() {
	# The tree is mounted without a cache: from there each boot would read all of the kernel again.
	on "$1" cp "$TOP/build/guest/kernel" "$GUEST_KERNEL"
	onhost "$1" start
}

# The power was cut, and comes back.
host_again() {
	lab boot "$1"
	host_fit "$1"
	host_ready "$1"
}

# Takes the lab down; fails if a host had failed.
lab_end() {
	local status=0

	lab down || status=$?
	[ -z "$WORK" ] || rm -rf "$WORK"
	return $status
}

# zone_text MEMORY NCPUS DISK-URI [INTERFACE-BRIDGE]: configuration of the test zone
zone_text() {
	cat <<-END
	create -b
	set brand=kernel-zone
	set kernel=$GUEST_KERNEL
	set initrd=$TOP/build/guest/initrd
	set bootargs="console=ttyS0 quiet panic=-1 cryptomgr.notests zguest.ip=$GUEST_ADDR/24"
	add capped-memory
	set physical=$1
	end
	add virtual-cpu
	set ncpus=$2
	end
	add anet
	set lower-link=${4:-br0}
	set mac-address=52:54:00:77:01:01
	end
	add device
	set storage=$3
	set format=$DISK_FORMAT
	end
	END
}

# zone_make HOST ZONE MEMORY NCPUS DISK-URI
zone_make() {
	zone_text "${@:3}" | on -i "$1" zkz config "$2" -f -
}

# zone_huge HOST ZONE: how much of what its QEMU maps it maps by 2M pages, in percent
zone_huge() {
	on "$1" zkz status "$2" | sed -n 's/.*mapped by 2M pages: .*(\([0-9]*\)%)/\1/p'
}

# zone_state HOST ZONE: "running", "installed", "configured:migrating-in", "" if unknown
zone_state() {
	on "$1" zkz list -cp | awk -F: -v zone="$2" '$2 == zone { print $3 }'
}

zone_boot() {
	on "$1" zkz boot "$2"
	guest_wait
}

# Takes a zone away from both hosts, whatever its state.
zone_remove() {
	both remove "$1"
}

# Host that runs z1 in $here, the other one in $there; boots it if no host does.
# shellcheck disable=SC2034 # the caller declares and uses both
z1_anywhere() {
	here=a
	there=b
	if [[ $(zone_state b z1) == running ]]; then
		here=b
		there=a
	fi
	z1_on "$here"
}

# Makes sure that z1 runs, well, on this host and not on the other one.
z1_on() {
	if [ "$(zone_state "$1" z1)" = running ] && GUEST_SECONDS=5 guest ping >/dev/null 2>&1; then
		return
	fi
	zone_remove z1
	zone_make "$1" z1 256M 1 "$DISK"
	zone_boot "$1" z1
}

# The same, and it has one virtual CPU: other cases may have left it with more.
z1_single_on() {
	on "$1" zkz config z1 export 2>/dev/null | grep -qx "set ncpus=1" || zone_remove z1
	z1_on "$1"
}

# number_of HOST: of z1's run, which another QEMU would change
number_of() {
	on "$1" zkz list -p | sed -n 's/:z1:.*//p'
}

# guest COMMAND...: ask its control port; prints the answer, fails if it is an error
guest() {
	lab ns "$TOP/build/guest/zguestctl" -t "${GUEST_SECONDS:-240}" "$GUEST_ADDR" "$@"
}

guest_wait() {
	lab ns "$TOP/build/guest/zguestctl" -w -t 300 "$GUEST_ADDR" ping
}

# Which boot of the guest this is.
guest_boot() {
	guest uptime | grep -o 'boot=[^ ]*'
}

# booted_anew BOOT: it is another one
booted_anew() {
	local now

	now=$(GUEST_SECONDS=20 guest_boot) && [ "$now" != "$1" ]
}

# migrate FROM TO ZONE [OPTION...]: with a budget that no machine is too slow for, unless options set another
migrate() {
	on "$1" zkz migrate --max-downtime 60000 --mode "$MIGRATE_MODE" "${@:4}" "$3" "ssh://root@$2"
}

# The same within a budget that takes several passes; a machine too slow for that gets the other one.
migrate_tight() {
	local status=0

	migrate "${@:1:3}" --max-downtime 1000 "${@:4}" >"$WORK/tight" 2>&1 || status=$?
	cat "$WORK/tight"
	[ $status -ne 0 ] || return 0
	grep -q 'more than the allowed' "$WORK/tight"
	runs_on "$1" "$2" "$3"
	migrate "$@"
}

# says_no HOST PATTERN VERB...: zkz refuses that of z1, and says this
says_no() {
	local status=0

	on "$1" zkz "${@:3}" z1 >"$WORK/no" 2>&1 || status=$?
	cat "$WORK/no"
	[ $status -eq 1 ] || fail "zkz ${*:3}: exit status $status"
	grep -q -- "$2" "$WORK/no" || fail "zkz ${*:3} does not say '$2'"
}

# narrow HOST RATE [BURST]
narrow() {
	onhost "$1" narrow "${@:2}"
}

# writes_now: pages that the guest's writer has written so far
writes_now() {
	local said

	said=$(guest mem stat)
	[[ $said =~ writes=([0-9]+) ]]
	echo "${BASH_REMATCH[1]}"
}

# outpaced HOST [MAX]: its link carries a quarter of what the guest writes now, and from 1 to 24 Mbit/s, or MAX kbit/s. While the guest's writes
# are tracked, and its host is busy with sending, it is slower by far.
outpaced() {
	local before after began=$EPOCHREALTIME writes kbit max=${2:-24000}

	before=$(writes_now)
	sleep 3
	after=$(writes_now)
	# Pages of 4 KiB in microseconds.
	writes=$(((after - before) * 4096 * 8 * 1000 / (${EPOCHREALTIME/[.,]/} - ${began/[.,]/})))
	kbit=$((writes / 4))
	kbit=$((kbit > max ? max : kbit))
	[ "$kbit" -ge 1000 ] || fail "the guest is too slow for any link: $((after - before)) pages in 3 s"
	echo "the guest wrote $((after - before)) pages in 3 s; the link carries $kbit kbit/s"
	narrow "$1" "${kbit}kbit"
}

# runs_on HOST OTHER ZONE: the guest answers, HOST runs it, OTHER holds nothing of it
runs_on() {
	guest_wait
	[ "$(zone_state "$1" "$3")" = running ] || fail "host $1 does not run $3: '$(zone_state "$1" "$3")'"
	onhost "$2" nothing 60 || fail "something of $3 is left on host $2"
}

# ns_begin FILE COMMAND...: a program of this machine in the lab's network, in the background. Its output goes to FILE, its
# number to FILE.pid, because the process to be signalled is not the one that is started here.
ns_begin() {
	# shellcheck disable=SC2016,SC2094
	lab ns sh -c 'echo $$ >"$0.pid"; exec "$@"' "$@" >"$1" 2>&1 &
	NS_JOB=$!
}

# A kept connection from this machine to the guest's echo server, a message every $1 ms.
keep_begin() {
	ns_begin "$WORK/keep" "$TOP/build/guest/zguesttcp" -d 0 -i "${1:-50}" "$GUEST_ADDR"
	KEEP_JOB=$NS_JOB
	until grep -q connected "$WORK/keep"; do
		kill -0 "$KEEP_JOB" || fail "no connection to the guest's echo server: $(cat "$WORK/keep")"
		sleep 0.1
	done
	KEEP_PID=$(cat "$WORK/keep.pid")
}

# Ends it; fails if a message was lost.
keep_end() {
	local status=0

	kill "$KEEP_PID"
	wait "$KEEP_JOB" || status=$?
	KEEP_PID=
	cat "$WORK/keep"
	return $status
}

# keep_field NAME: sent, lost, longest-gap-ms ... of the report
keep_field() {
	sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" "$WORK/keep"
}
