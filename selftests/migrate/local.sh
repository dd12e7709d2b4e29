# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Zones with disks that only their host has.

LOCAL=/var/lib/zkz/images

# local_zone HOST: z1 there, with a raw and a qcow2 file that zkz makes, and one that is only read
local_zone() {
	zone_remove z1
	on a sh -c "rm -rf $LOCAL/*"
	on b sh -c "rm -rf $LOCAL/*"
	zone_make "$1" z1 256M 1 "file:$LOCAL/z1.img"
	on "$1" zkz config z1 "select device 0; set create-size=24M; end;
		add device; set storage=file:$LOCAL/z1.qcow2; set format=qcow2; set create-size=32M; end"
	on "$1" zkz install z1
	on "$1" zkz config z1 "add device; set storage=file:$LOCAL/tools.img; set read-only=true; end"
	on "$1" sh -c "head -c 2000100 /dev/urandom >$LOCAL/tools.img"
	zone_boot "$1" z1
}

# files HOST: what there is
files() {
	on "$1" sh -c "cd $LOCAL 2>/dev/null && ls" | xargs
}
