#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# First process of a host, in its initramfs: mounts the machine's root read-only under an overlay in memory,
# the source tree at its own path, and hands over to host-init.sh.
export PATH=/bin

fail() {
	echo "lab: init: $*" >/dev/console
	echo "failed $*" >/dev/ttyS1
	poweroff -f
}

mount -t proc proc /proc
mount -t devtmpfs dev /dev
for m in /modules/*.ko; do
	insmod "$m" || fail "cannot load ${m##*/}"
done

tree=
read -r words </proc/cmdline
for word in $words; do
	case $word in
	lab.tree=*) tree=${word#lab.tree=} ;;
	esac
done

# The machine's files do not change under a host, those of the tree do: it is built again and again.
opts=trans=virtio,version=9p2000.L,msize=512000,ro
mount -t 9p -o $opts,cache=loose root /lower || fail "cannot mount the machine's root"
# Another QEMU than the root's, perhaps.
lower=/lower
if mount -t 9p -o $opts,cache=loose layer /layer 2>/dev/null; then
	lower=/layer:/lower
fi
mount -t tmpfs -o size=60%,mode=755 upper /upper || fail "cannot mount a tmpfs"
mkdir /upper/up /upper/work
mount -t overlay -o lowerdir=$lower,upperdir=/upper/up,workdir=/upper/work overlay /root ||
	fail "cannot mount the overlay"
mkdir -p "/root$tree"
mount -t 9p -o $opts,cache=none tree "/root$tree" || fail "cannot mount the source tree"
exec switch_root /root /bin/sh "$tree/scripts/lab/host-init.sh"
