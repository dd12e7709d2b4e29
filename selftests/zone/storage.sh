# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: what a zone's disks are opened as, and storage that does not answer.

# disk_zone NAME URI [FORMAT]: a zone that boots nothing from a disk
disk_zone() {
	zkz config "$1" -f - <<-END
	create -b
	add capped-memory; set physical=64M; end
	add virtual-cpu; set ncpus=1; end
	add device; set storage=$2; set format=${3:-raw}; set bootpri=0; end
	END
}

# Whoever may write to the folder of an image cannot have the host open another file in its place.
links_are_not_followed() {
	local before

	mkdir -p /lab/share /lab/private
	chmod 777 /lab/share
	chmod 700 /lab/private
	head -c 1M /dev/zero >/lab/private/shadow
	chmod 600 /lab/private/shadow
	before=$(stat -c '%u %g %a %Z' /lab/private/shadow)
	disk_zone z2 file:/lab/share/web.img
	ln -sf ../private/shadow /lab/share/web.img
	refused STORAGE_LINK boot z2
	ln -sfn /lab/private /lab/share/dir
	zkz config z2 'select device 0; set storage=file:/lab/share/dir/shadow; end'
	refused STORAGE_LINK boot z2
	# No file and no disk.
	rm -f /lab/share/web.img
	mkfifo /lab/share/web.img
	zkz config z2 'select device 0; set storage=file:/lab/share/web.img; end'
	refused STORAGE_KIND boot z2
	rm -f /lab/share/web.img
	[ "$(stat -c '%u %g %a %Z' /lab/private/shadow)" = "$before" ] || fail "the file behind the link was touched"
	# A link that only root can have made is one of the host's own, as those in /dev.
	ln -sfn /lab/private /lab/own
	zkz config z2 'select device 0; set storage=file:/lab/own/shadow; end'
	zkz boot z2
	[ "$(stat -c '%u %g %a' /lab/private/shadow)" = "${before% *}" ]
	zkz halt z2
	zkz config z2 delete -F
}

# An image whose header names other files.
images_stand_alone() {
	qemu-img create -q -f qcow2 /lab/base.img 1M
	qemu-img create -q -f qcow2 -b base.img -F qcow2 /lab/over.img
	disk_zone z2 file:/lab/over.img qcow2
	refused STORAGE_BACKING boot z2
	zkz config z2 'select device 0; set storage=file:/lab/base.img; end'
	zkz boot z2
	zkz halt z2
	zkz config z2 delete -F
}

# A copy of a zone's configuration has its disk and its MAC address.
twins_do_not_run() {
	head -c 1M /dev/zero >"/lab/my disk"
	zkz config z1 export >"$WORK/z1.cfg"
	zkz config z3 -f "$WORK/z1.cfg" 2>&1 | grep 'MAC address of zone z1'
	zkz config z3 delete -F
	disk_zone z2 file:/lab/my%20disk
	disk_zone z3 file:///lab/my%20disk 2>&1 | grep "disk of zone z2's device 0"
	zkz boot z2
	zkz boot z3 2>&1 | grep 'in use by zone z2'
	refused DISK_IN_USE boot z3
	zkz halt z2
	zkz boot z3
	zkz halt z3
	zkz config z2 delete -F
	zkz config z3 delete -F
	# By a network, its server has many names.
	qemu-nbd --fork --persistent --shared=4 -f raw -p 10900 -x disk --pid-file="$WORK/nbd.pid" "/lab/my disk"
	disk_zone z2 nbd://localhost:10900/disk
	disk_zone z3 nbd://127.0.0.1:10900/disk
	zkz boot z2
	refused DISK_IN_USE boot z3
	zkz halt z2
	zkz boot z3
	zkz halt z3
	kill "$(<"$WORK/nbd.pid")"
	zkz config z2 delete -F
	zkz config z3 delete -F
}

# What other disks have printed does not count.
boot_z2() {
	rm -f /var/log/zkz/z2.console
	zkz boot z2
	wait_for booted_disk
}

# boots URI: as the zone z2 whose disk that is
boots() {
	disk_zone z2 "$1"
	boot_z2
	zkz halt z2
	zkz config z2 delete -F
}

# needs PROGRAM...: what a case cannot do without
needs() {
	local p

	for p; do
		command -v "$p" >/dev/null || skip "$p is not installed; 'make deps' installs it"
	done
}

needs_driver() {
	find /usr/lib -name "block-$1.so" | grep -q . || skip "QEMU has no driver for $1; 'make deps' installs it"
}

# What QEMU calls itself on this host.
initiator() {
	sed -n 's/^InitiatorName=//p' /etc/iscsi/initiatorname.iscsi 2>/dev/null | grep . ||
		echo "iqn.2008-11.org.linux-kvm:zkz.$(</var/lib/zkz/host-id)"
}

iscsi_away() {
	set +e
	tgtadm -C 9 --op delete --mode target --tid 1 --force
	tgtadm -C 9 --op delete --mode system
	rm -f /etc/zkz/chap/zkz
}

# tgt is an iSCSI target in user space. Its LUN asks for CHAP, and is for this host alone.
disks_by_iscsi() {
	local uri=iscsi://zkz@127.0.0.1:3261/target.iqn.2026-01.org.example:boot,lun.1 other

	needs tgtd tgtadm
	needs_driver iscsi
	trap iscsi_away EXIT
	tgtd -C 9 --iscsi portal=127.0.0.1:3261
	wait_for tgtadm -C 9 --op show --mode system
	tgtadm -C 9 --op new --mode target --tid 1 -T iqn.2026-01.org.example:boot
	tgtadm -C 9 --op new --mode logicalunit --tid 1 --lun 1 -b /lab/boot.img
	tgtadm -C 9 --op new --mode account --user zkz --password a-secret-of-16-b
	tgtadm -C 9 --op bind --mode account --tid 1 --user zkz
	tgtadm -C 9 --op bind --mode target --tid 1 --initiator-name "$(initiator)"
	disk_zone z2 "$uri"
	refused STORAGE_SECRET boot z2
	mkdir -p /etc/zkz/chap
	echo a-secret-of-16-b >/etc/zkz/chap/zkz
	chmod 644 /etc/zkz/chap/zkz
	refused STORAGE_SECRET_OPEN boot z2
	chmod 600 /etc/zkz/chap/zkz
	# By another way it is the same disk.
	other=${uri/127.0.0.1/localhost}
	disk_zone z3 "${other/boot,/BOOT,}" 2>&1 | grep "disk of zone z2's device 0"
	boot_z2
	refused DISK_IN_USE boot z3
	if grep -l 'a-secret-of-16-[b]' /proc/[0-9]*/cmdline; then
		fail "the secret is in a command line"
	fi
	zkz halt z2
	zkz config z2 delete -F
	zkz config z3 delete -F
	zkz storage check "$uri" | grep "size: $(stat -c %s /lab/boot.img) bytes"
	echo another-secret-b >/etc/zkz/chap/zkz
	refused STORAGE_SERVER storage check "$uri"
	if grep -r -e a-secret-of-16-b -e another-secret-b /var/log/zkz /run/zkz/zones "$WORK/zkzd.log"; then
		fail "a secret is in a log"
	fi
}

# certificates FOLDER: of an authority, and of a server and a client that it has signed
certificates() {
	local who

	mkdir -p "$1"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout "$1/ca-key.pem" -out "$1/ca-cert.pem"
	for who in server client; do
		openssl req -newkey rsa:2048 -nodes -subj "/CN=$who" -keyout "$1/$who-key.pem" |
			openssl x509 -req -days 2 -CA "$1/ca-cert.pem" -CAkey "$1/ca-key.pem" -CAcreateserial \
				-out "$1/$who-cert.pem" -extfile <(echo subjectAltName=IP:127.0.0.1)
	done
	# Without, the server computes some for a quarter of a minute.
	openssl genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out "$1/dh-params.pem"
}

# serve_nbd PORT [FOLDER]: the boot disk, by TLS with the certificates of that folder
serve_nbd() {
	local -a tls=()

	[ -z "${2:-}" ] || tls=(--object "tls-creds-x509,id=tls,endpoint=server,verify-peer=on,dir=$2" --tls-creds tls)
	qemu-nbd --fork --persistent --shared=0 -f raw -p "$1" -x boot --pid-file="$WORK/nbds.$1" "${tls[@]}" /lab/boot.img
}

disks_by_tls() {
	local uri=nbds://127.0.0.1:10901/boot own=/etc/zkz/tls/nbd

	needs qemu-nbd openssl
	trap 'set +e; cat "$WORK"/nbds.* | xargs -r kill; rm -f "$WORK"/nbds.* /etc/zkz/tls/nbd/*' EXIT
	mkdir -p $own
	certificates "$WORK/tls"
	certificates "$WORK/other"
	serve_nbd 10901 "$WORK/tls"
	serve_nbd 10902 "$WORK/other"
	serve_nbd 10903
	disk_zone z2 "$uri"
	refused STORAGE_MISSING boot z2
	zkz config z2 delete -F
	cp "$WORK"/tls/{ca-cert,client-cert,client-key}.pem $own
	chown zkz-qemu $own/*
	chmod 600 $own/*
	boots "$uri"
	zkz storage check "$uri" | grep "size: $(stat -c %s /lab/boot.img) bytes"
	# Without TLS the server lets nobody in, a server without TLS is none, and neither is one of another authority.
	refused STORAGE_SERVER storage check nbd://127.0.0.1:10901/boot
	refused STORAGE_SERVER storage check nbds://127.0.0.1:10903/boot
	refused STORAGE_SERVER storage check nbds://127.0.0.1:10902/boot
	disk_zone z2 nbds://127.0.0.1:10902/boot
	refused QEMU_START boot z2
	zkz config z2 delete -F
}

# NFS-Ganesha, on this host. It needs a file system that has handles, which the root of a lab host is not.
disks_by_nfs() {
	local me rpc uri=nfs://0:0@127.0.0.1/lab/nfs/boot.img

	needs ganesha.nfsd rpcbind rpcinfo
	needs_driver nfs
	mkdir -p /lab/nfs /run/rpcbind /run/ganesha /var/lib/nfs/ganesha
	mount -t tmpfs nfs /lab/nfs
	rpcbind -f &
	rpc=$!
	# shellcheck disable=SC2064 # now: it is this one that is to be ended
	trap "set +e; kill $rpc \$(<'$WORK/ganesha.pid'); sleep 1; umount -l /lab/nfs" EXIT
	cp /lab/boot.img /lab/nfs/boot.img
	me=$(stat -c '%u %g %a %s' /lab/nfs/boot.img)
	cat >"$WORK/ganesha.conf" <<-END
	NFS_CORE_PARAM { Protocols = 3; Enable_NLM = false; Enable_RQUOTA = false; }
	EXPORT {
		Export_Id = 1; Path = "/lab/nfs"; Pseudo = "/nfs"; Protocols = 3;
		Access_Type = RW; Squash = No_Root_Squash; SecType = sys;
		FSAL { Name = VFS; }
	}
	END
	wait_for rpcinfo -p 127.0.0.1
	ganesha.nfsd -L "$WORK/ganesha.log" -f "$WORK/ganesha.conf" -p "$WORK/ganesha.pid" -N NIV_EVENT
	wait_for rpcinfo -t 127.0.0.1 mountd 3
	wait_for rpcinfo -t 127.0.0.1 nfs 3
	boots "$uri"
	zkz storage check "$uri" | grep 'reach: local'
	refused STORAGE_SERVER storage check "${uri%boot.img}missing.img"
	[ "$(stat -c '%u %g %a %s' /lab/nfs/boot.img)" = "$me" ] || fail "owner, mode or size changed"
}

# What is on a host, and new files.
storage_is_told() {
	local loop

	zkz storage create file:/lab/new.img 1M
	[ "$(stat -c '%s %a' /lab/new.img)" = "1048576 600" ]
	refused STORAGE_EXISTS storage create file:/lab/new.img 2M
	[ "$(stat -c %s /lab/new.img)" = 1048576 ]
	zkz storage create --format qcow2 file:/lab/new.qcow2 1G
	zkz storage check file:/lab/new.qcow2 | grep 'format: qcow2'
	zkz storage check file:/lab//new.qcow2 | grep 'size: 1073741824 bytes'
	refused STORAGE_CREATE_KIND storage create nbd://h/x 1M
	disk_zone z2 file:/lab/./new.img
	zkz storage check file:/lab/new.img | grep 'used by zone: z2, device 0'
	zkz config z2 delete -F
	modprobe loop
	loop=$(losetup -f --show /lab/new.img)
	zkz storage lookup "$loop" | grep -x "dev:${loop#/dev/}"
	zkz storage check "dev:${loop#/dev/}" | grep 'reach: local'
	refused CONFIG_URI storage check dev:shm/../null
	losetup -d "$loop"
	rm -f /lab/new.img /lab/new.qcow2
}

# A disk that can be made to answer nobody, until the case ends: /dev/dm-N in $STUCK. It holds what boots_from_disk has
# made.
stuck_disk() {
	local loop

	trap stuck_disk_away EXIT
	modprobe loop
	loop=$(losetup -f --show /lab/boot.img)
	DM_DISABLE_UDEV=1 dmsetup create stuck --table "0 $(blockdev --getsz "$loop") linear $loop 0"
	STUCK=/dev/dm-$(dmsetup info -c --noheadings -o minor stuck)
}

stuck_disk_away() {
	set +e
	DM_DISABLE_UDEV=1 dmsetup resume stuck
	zkz halt z2
	zkz halt z3
	DM_DISABLE_UDEV=1 dmsetup remove --retry stuck
	losetup -D
}

# Storage that does not answer stops the start, and nobody else.
hung_storage_holds_nobody() {
	local boot

	stuck_disk
	disk_zone z2 "file:$STUCK"
	DM_DISABLE_UDEV=1 dmsetup suspend stuck
	zkz boot z2 2>&1 | grep "$STUCK does not answer"
	# What looked at it hangs in the kernel still, and holds no lock.
	zkz boot z2 >"$WORK/boot" 2>&1 &
	boot=$!
	# As soon as it is on its way.
	wait_for zkz halt z2
	wait $boot && fail "the start did not end: $(cat "$WORK/boot")"
	DM_DISABLE_UDEV=1 dmsetup resume stuck
	zkz boot z2
	zkz halt z2
	zkz config z2 delete -F
}

# A QEMU that waits in the kernel outlives its keeper. A second one beside it would be the end of the disk.
stuck_qemu_keeps_its_zone() {
	local qemu keeper

	stuck_disk
	disk_zone z2 "file:$STUCK"
	boot_z2
	qemu=$(zkz --json status z2 | sed -n 's/.*"qemu":\([0-9]*\).*/\1/p')
	keeper=$(zkz --json status z2 | sed -n 's/.*"keeper":\([0-9]*\).*/\1/p')
	DM_DISABLE_UDEV=1 dmsetup suspend stuck
	# It reads its disk again.
	zkz reboot z2
	wait_for grep -q '^State:.*D' /proc/"$qemu"/task/*/status
	kill -9 "$keeper"
	wait_for test ! -e "/proc/$keeper"
	zkz boot z2 2>&1 | grep 'hangs in the kernel'
	refused ZONE_HANGS boot z2
	[ -e /run/zkz/mem/z2 ] || fail "its memory was taken away"
	disk_zone z3 "file:$STUCK"
	# Nobody can look at the disk now. When it answers, it is in use: twins_do_not_run.
	zkz boot z3 2>&1 | grep 'does not answer'
	DM_DISABLE_UDEV=1 dmsetup resume stuck
	wait_for test ! -e "/proc/$qemu"
	zkz boot z2
	zkz halt z2
	zkz config z2 delete -F
	zkz config z3 delete -F
}
