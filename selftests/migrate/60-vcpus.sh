# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Guests with several virtual CPUs, writing from all of them.

vcpus() {
	zone_remove z1
	zone_make a z2 256M "$1" "$DISK"
	zone_boot a z2
	guest mem start size=32M rate=20M threads="$1"
	migrate a b z2 -c none
	guest_wait
	guest mem verify
	migrate b a z2 -c none
	runs_on a b z2
	guest mem verify
	zone_remove z2
}

turn_case "2 virtual CPUs, there and back" vcpus 2
turn_case "4 virtual CPUs, there and back" vcpus 4
