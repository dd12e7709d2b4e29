# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: how zones come by their disks.

# state_of ZONE
state_of() {
	zkz list -cnp "$1" | awk -F: '{ print $3 }'
}

gone() {
	[ ! -e "$1" ] || fail "$1 is still there"
}

# two_disks NAME: detached, with two disks that are not there
two_disks() {
	zkz config -d "$1" -f - <<-END
	create -b
	set uuid=auto
	add capped-memory; set physical=64M; end
	add virtual-cpu; set ncpus=1; end
	add device; set storage=file:/lab/zones/$1.img; set bootpri=0; end
	add device; set id=1; set storage=file:/lab/zones/data-$1; set format=qcow2; end
	END
}

# From a raw image and from one of qcow2; what the image has not, is made as large as it is said.
installed_from_an_image() {
	# As administrators have them: of root alone.
	mkdir -p /lab/zones
	chmod 755 /lab/zones
	two_disks z2
	[ "$(state_of z2)" = configured ]
	refused INSTALL_SIZE install z2
	zkz config z2 'select device 1; set create-size=5M; end; select device 0; set create-size=4M; end'
	gzip -k -f /lab/boot.img
	refused INSTALL_IMAGE_PACKED install -s /lab/boot.img.gz z2
	refused STORAGE_MISSING install -s /lab/no.img z2
	zkz config z2 'select device 1; set bootpri=1; end'
	refused INSTALL_MIRROR install -s /lab/boot.img z2
	zkz config z2 'select device 1; clear bootpri; end'
	[ "$(state_of z2)" = configured ]
	zkz install -s /lab/boot.img z2 | tee "$WORK/out"
	grep -q "Zone installed in [0-9.]* seconds" "$WORK/out"
	[ "$(state_of z2)" = installed ]
	cmp -n 512 /lab/boot.img /lab/zones/z2.img
	[ "$(stat -c '%s %U %a' /lab/zones/z2.img)" = "4194304 zkz-qemu 600" ]
	zkz storage check file:/lab/zones/data-z2 | grep 'size: 5242880 bytes'
	refused ZONE_INSTALLED install z2
	refused STORAGE_EXISTS install -s /lab/boot.img z2
	boot_z2
	refused ZONE_RUNNING uninstall -F z2
	zkz halt z2
	zkz uninstall z2 </dev/null && fail "nobody was asked"
	zkz uninstall -F z2
	[ "$(state_of z2)" = configured ]
	gone /lab/zones/z2.img
	gone /lab/zones/data-z2
	refused ZONE_NOT_INSTALLED uninstall -F z2
	# In another format, and by the names of Solaris.
	qemu-img convert -O qcow2 /lab/boot.img /lab/boot.qcow2
	(cd /lab && zkz install -s boot.qcow2 z2)
	cmp -n 512 /lab/boot.img /lab/zones/z2.img
	boot_z2
	zkz halt z2
	zoneadm -z z2 uninstall -F
	zoneadm -z z2 install
	[ "$(stat -c %s /lab/zones/z2.img)" = 4194304 ]
	zkz uninstall -F z2
	zkz config z2 delete -F
}

cloned() {
	two_disks z2
	zkz config z2 'select device 1; set create-size=1M; end'
	zkz install -s /lab/boot.img z2
	zkz boot z2
	refused ZONE_RUNNING clone z2 z3
	zkz halt z2
	refused CLONE_ITSELF clone z2 z2
	refused ZONE_NOT_FOUND clone no-such-zone z3
	zkz clone z2 z3 | tee "$WORK/out"
	grep -q "zone 'z3': Zone cloned from z2 in [0-9.]* seconds" "$WORK/out"
	[ "$(state_of z3)" = installed ]
	cmp /lab/zones/z2.img /lab/zones/z3.img
	zkz config z3 info device | grep -q 'storage: file:/lab/zones/data-z3'
	[ "$(zkz list -p -o uuid z2)" != "$(zkz list -p -o uuid z3)" ]
	# Both run: they have nothing in common.
	zkz boot z2
	zkz boot z3
	zkz halt z2
	zkz halt z3
	refused STORAGE_EXISTS clone z2 z3
	zkz uninstall -F z3
	# It is there and is another one.
	echo precious >/lab/zones/z3.img
	refused STORAGE_EXISTS clone z2 z3
	[ "$(cat /lab/zones/z3.img)" = precious ]
	[ "$(state_of z3)" = configured ]
	rm /lab/zones/z3.img
	zkz config z3 'remove device 1'
	refused CLONE_DEVICES clone z2 z3
	zkz config z3 'select device 0; set storage=file:/lab/zones/z2.img; end; add device; set id=1; set storage=file:/lab/zones/x; end'
	refused CLONE_SAME_DISK clone z2 z3
	zkz config z3 delete -F
	# Its disk is used by another zone, which runs.
	zkz config z3 -f - <<-END
	create -b
	add capped-memory; set physical=64M; end
	add virtual-cpu; set ncpus=1; end
	add device; set storage=file:/lab/zones/z2.img; set bootpri=0; end
	END
	zkz boot z3
	refused DISK_IN_USE clone z2 z4
	disk_zone z4 file:/lab/zones/z4.img
	refused DISK_IN_USE install -s /lab/zones/z2.img z4
	gone /lab/zones/z4.img
	zkz config z4 delete -F
	refused ZONE_NOT_FOUND status z4
	# It is a disk of a zone that runs, whatever the configurations say.
	zkz config z3 'select device 0; set storage=file:/lab/zones/other.img; end'
	refused DISK_IN_USE uninstall -F z2
	[ -e /lab/zones/z2.img ]
	zkz config z3 'select device 0; set storage=file:/lab/zones/z2.img; end'
	zkz halt z3
	# A file that two zones have stays.
	zkz uninstall -F z2 2>&1 | grep 'is a disk of zone z3, too'
	[ -e /lab/zones/z2.img ]
	gone /lab/zones/data-z2
	zkz config z3 delete -F
	zkz config z2 delete -F
	rm /lab/zones/z2.img
}

making_is_over() {
	[ ! -e "/proc/$1" ]
}

copying() {
	# It has said so, and so listens for Ctrl-C.
	grep -q Copying "$WORK/out" && [ "$(state_of z3)" = incomplete ] && pgrep -f "[q]emu-img convert -p" >"$WORK/copier"
}

let_nbd_go() {
	set +e
	cat "$WORK"/nbd.*.pid | xargs -r kill -9
	rm -f "$WORK"/nbd.*.pid
	umount /lab/small
}

worker_of_copy() {
	ps -o ppid= -p "$(cat "$WORK/copier")" | tr -d ' '
}

# serve_large PORT [BYTES]: what z2 has, by so many bytes a second at most
serve_large() {
	local node=driver=raw,file.driver=file,file.filename=/lab/large.img
	local -a slow=()

	[ -z "${2:-}" ] || {
		slow=(--object "throttle-group,id=slow,x-bps-total=$2")
		node=driver=throttle,throttle-group=slow,file.driver=raw,file.file.driver=file,file.file.filename=/lab/large.img
	}
	qemu-nbd --fork --persistent --shared=0 -p "$1" -x large --pid-file="$WORK/nbd.$1.pid" "${slow[@]}" \
		--image-opts "$node"
}

# The clone of z2 to z3 begins.
begin_copy() {
	zkz clone z2 z3 >"$WORK/out" 2>&1 &
	client=$!
	wait_for copying
}

# A server that takes a quarter of an hour for what is to be copied holds the copy in the middle of it.
making_breaks_off() {
	trap let_nbd_go EXIT
	needs qemu-nbd
	mkdir -p /lab/small
	mount -t tmpfs -o size=512k,mode=755 small /lab/small
	head -c 32M /dev/urandom >/lab/large.img
	cp /lab/boot.img /lab/zones/boot.raw
	chmod 644 /lab/zones/boot.raw
	serve_large 10904 32768
	serve_large 10906 32768
	serve_large 10905
	disk_zone z2 nbd://127.0.0.1:10904/large
	disk_zone z3 file:/lab/zones/z3.img
	refused CLONE_STORAGE clone z2 z4
	# Ctrl-C: nothing is left.
	begin_copy
	kill -INT "$client"
	wait "$client" && fail "the copy that was given up has succeeded"
	grep 'Cancelled by the user' "$WORK/out"
	gone /lab/zones/z3.img
	[ "$(state_of z3)" = installed ]
	# What was asked of that server is still to be waited for.
	zkz config z2 'select device 0; set storage=nbd://127.0.0.1:10906/large; end'
	# Whoever makes it dies: it is known what there is, and nobody boots that.
	begin_copy
	kill -9 "$(worker_of_copy)"
	wait "$client" || true
	wait_for making_is_over "$(cat "$WORK/copier")"
	[ "$(state_of z3)" = incomplete ]
	[ -e /lab/zones/z3.img ]
	refused ZONE_INCOMPLETE boot z3
	refused ZONE_INCOMPLETE install z3
	refused ZONE_INCOMPLETE clone z2 z3
	refused ZONE_INCOMPLETE config z3 'delete -F'
	refused ZONE_INCOMPLETE detach z3
	zkz uninstall -F z3
	[ "$(state_of z3)" = configured ]
	gone /lab/zones/z3.img
	refused ZONE_NOT_INSTALLED uninstall -F z3
	# And at last, to the end.
	zkz config z2 'select device 0; set storage=nbd://127.0.0.1:10905/large; end'
	zkz clone z2 z3
	[ "$(state_of z3)" = installed ]
	cmp /lab/large.img /lab/zones/z3.img
	zkz uninstall -F z3
	# No room: it is said, and nothing is left.
	zkz config z3 'select device 0; set storage=file:/lab/small/z3.img; end'
	head -c 1M /dev/urandom >/lab/random.img
	refused STORAGE_COPY_WRITE install -s /lab/random.img z3
	gone /lab/small/z3.img
	[ "$(state_of z3)" = configured ]
	# To a device: only if what is there may be lost.
	zkz config z3 'select device 0; set storage=nbd://127.0.0.1:10905/large; end'
	refused STORAGE_OVER install -s /lab/zones/boot.raw z3
	refused STORAGE_DENIED_READ install -F -s /lab/boot.img z3
	# Never one with which a zone runs.
	zkz boot z2
	refused DISK_IN_USE install -F -s /lab/zones/boot.raw z3
	zkz halt z2
	zkz install -F -s /lab/zones/boot.raw z3
	cmp -n 512 /lab/boot.img /lab/large.img
	zkz uninstall -F z3 2>&1 | grep 'stays as it is'
	[ "$(state_of z3)" = configured ]
	zkz config z3 delete -F
	zkz config z2 delete -F
}

# seed_of ZONE FILE: what is in a file of the disk with the first settings of its guest
seed_of() {
	modprobe -a loop isofs
	mkdir -p "$WORK/seed"
	mount -o loop,ro "/lab/zones/$1-seed.iso" "$WORK/seed"
	cat "$WORK/seed/$2"
	umount "$WORK/seed"
}

# What cloud-init in a guest looks for. It is the zone's own, and that of a clone is another one.
seeded() {
	local seed=/lab/zones/z2-seed.iso mac

	two_disks z2
	zkz config z2 'remove -F device id=1'
	printf '#cloud-config\nfqdn: %%{zonename}.example\n' >"$WORK/me"
	echo 'users: []' >"$WORK/no"
	refused PROFILE_KIND install -s /lab/boot.img -c "$WORK/no" z2
	refused PROFILE_LARGE install -s /lab/boot.img -c /lab/boot.img z2
	refused PROFILE_FILE install -s /lab/boot.img -c /bin/true z2
	refused FILE_OPEN install -s /lab/boot.img -c /no/such z2
	refused STORAGE_MISSING install -s /no/such -c "$WORK/me" z2
	! zkz config z2 export | grep seed || fail "a device is left"
	zkz install -s /lab/boot.img -c "$WORK/me" z2
	zkz config z2 export | grep -A9 "storage=file:$seed" | grep 'set seed=true'
	[ "$(blkid -p -o value -s LABEL $seed | tr '[:upper:]' '[:lower:]')" = cidata ]
	[ "$(stat -c '%U %a' $seed)" = "zkz-qemu 600" ]
	[ "$(seed_of z2 user-data | tail -n 1)" = 'fqdn: z2.example' ]
	seed_of z2 meta-data | grep '"local-hostname": "z2"'
	refused STORAGE_EXISTS install -c "$WORK/me" z2
	boot_z2
	zkz halt z2
	refused SEED_MISSING clone z2 z3
	[ -z "$(state_of z3)" ]
	zkz config z2 'add anet; set lower-link=br0; end'
	printf 'joe\nnone\nsecret\n192.0.2.5/24\n192.0.2.1\n' | zkz profile create "$WORK/joe"
	zkz clone -c "$WORK/joe" z2 z3
	mac=$(zkz config z3 'info anet' | sed -n 's/.*mac-address: //p')
	seed_of z3 network-config | tee "$WORK/out"
	grep -q "$mac" "$WORK/out" && grep -q 192.0.2.5/24 "$WORK/out"
	seed_of z3 user-data | grep '"passwd": "$6\$'
	for z in z2 z3; do
		zkz uninstall -F $z
		zkz config $z delete -F
	done
	gone $seed
}

# uefi_shown ZONE: its firmware looks for something to boot, and says so
uefi_shown() {
	tr -d '\r' <"/var/log/zkz/$1.console" | grep -q BdsDxe
}

# A firmware that finds nothing to boot. It keeps its variables with the zone.
boots_by_uefi() {
	local vars=/var/lib/zkz/zones/z2/nvram

	! grep -q 'QEMU TCG' /proc/cpuinfo || skip "a guest's UEFI ends the emulator of this host: Documentation/lab.rst"
	mkdir -p /lab/zones
	two_disks z2
	zkz config z2 'remove -F device id=1; set firmware=uefi; select device 0; set create-size=2M; end'
	zkz install z2
	zkz verify z2
	zkz boot z2
	wait_for uefi_shown z2
	[ "$(stat -c '%U:%a' $vars)" = root:600 ]
	zkz halt z2
	zkz clone z2 z3
	cmp $vars /var/lib/zkz/zones/z3/nvram
	: >/var/log/zkz/z3.console
	zkz boot z3
	wait_for uefi_shown z3
	zkz halt z3
	for z in z2 z3; do
		zkz uninstall -F $z
		gone /var/lib/zkz/zones/$z/nvram
		zkz config $z delete -F
	done
}

booted_cd() {
	tr -d '\r\n' <"/var/log/zkz/$1.console" | grep -q 'Booting from DVD/CD.*C'
}

# An operating system's CD: what is on the disk comes first, and there is nothing yet. Others can have the CD, too, and
# nobody makes, copies or removes it.
boots_from_a_cd() {
	mkdir -p /lab/zones
	"$(dirname "$0")/bootcd" /lab/os.iso
	for z in z2 z3; do
		zkz config -d $z -f - <<-END
		create -b
		add capped-memory; set physical=64M; end
		add virtual-cpu; set ncpus=1; end
		add device; set storage=file:/lab/zones/$z.img; set bootpri=0; set create-size=2M; end
		add device; set id=1; set storage=file:/lab/os.iso; set cdrom=true; set bootpri=1; end
		END
	done
	refused CONFIG_CDROM_ID config z2 'select device 1; set id=6; end'
	mv /lab/os.iso /lab/os
	refused STORAGE_MISSING install z2
	gone /lab/zones/z2.img
	mv /lab/os /lab/os.iso
	chmod 400 /lab/os.iso
	zkz install z2
	zkz verify z2
	zkz boot z2
	wait_for booted_cd z2
	zkz install z3
	zkz boot z3
	wait_for booted_cd z3
	zkz halt z3
	# But not to write to it.
	zkz config z3 'select device 1; clear cdrom; end'
	refused DISK_CLAIMED boot z3
	zkz config z3 'select device 1; set read-only=true; end; select device 0; clear bootpri; end'
	zkz boot z3
	zkz halt z3
	zkz halt z2
	zkz uninstall -F z3 2>&1 | tee "$WORK/out"
	grep -q 'Device 1 stays as it is: .*os.iso is only read' "$WORK/out"
	zkz config z3 delete -F
	zkz clone z2 z3
	zkz config z3 export | grep 'storage=file:/lab/os.iso'
	zkz boot z3
	wait_for booted_cd z3
	zkz halt z3
	for z in z2 z3; do
		zkz uninstall -F $z
		zkz config $z delete -F
	done
	[ -e /lab/os.iso ]
}
