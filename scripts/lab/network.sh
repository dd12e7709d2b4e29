# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The network of a lab: a namespace with a bridge 10.77.0.1/24 and a tap for each host.

network_need() {
	[ -e "/run/netns/$LAB_NS" ] || die "lab '$LAB_NAME' has no network namespace; take it down and up again"
}

network_exec() {
	network_need
	nsenter --net="/run/netns/$LAB_NS" -- "$@"
}

network_become() {
	network_need
	exec nsenter --net="/run/netns/$LAB_NS" -- "$@"
}

network_up() {
	ip netns add "$LAB_NS" || die "cannot make network namespace '$LAB_NS'"
	network_exec ip link set lo up
	network_exec ip link add br0 type bridge stp_state 0 forward_delay 0
	network_exec ip addr add 10.77.0.1/24 dev br0
	network_exec ip link set br0 up
}

# Whatever runs in the namespace was started through this lab ('lab ns ... &'), and ends with it.
network_down() {
	local sig i pids

	[ -e "/run/netns/$LAB_NS" ] || return 0
	for sig in TERM KILL; do
		for ((i = 0; i < 20; i++)); do
			pids=$(ip netns pids "$LAB_NS")
			[ -n "$pids" ] || break 2
			# shellcheck disable=SC2086
			[ $i -ne 0 ] || kill -s $sig $pids 2>/dev/null || true
			sleep 0.1
		done
	done
	ip netns delete "$LAB_NS"
}

# vnet_hdr lets checksum and segmentation offload through, which is worth a factor of three.
network_add_tap() {
	network_exec ip link show "tap-$1" >/dev/null 2>&1 && return
	network_exec ip tuntap add dev "tap-$1" mode tap vnet_hdr
	network_exec ip link set "tap-$1" master br0 up
}

network_cut() {
	network_exec ip link set "tap-$1" down
}

network_heal() {
	network_exec ip link set "tap-$1" up
}
