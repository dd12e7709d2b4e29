# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: by which commands a zone is known, whose it is, and as what it is seen.

called_by_other_names() {
	zonecfg -z z2 -f "$WORK/z1.cfg"
	zoneadm -z z2 list -s | grep -q 'z2  *configured  *-'
	zoneadm list -cp | grep -q '^-:z2:configured:'
	refused ZONE_DETACHED boot z2
	zoneadm -z z2 attach | grep -qx "zoneadm: zone 'z2': Zone attached."
	zonecfg -z z2 info virtual-cpu | grep -q 'ncpus: 2'
	zoneadm -z z2 detach
	zonecfg -z z2 'delete -F'
	zoneadm -z z2 fly && fail "zoneadm flies"
	zoneadm -z z2 boot && fail "z2 boots"
	true
}

# Of the machine that the guest sees, and of the processors that all threads of its QEMU have.
sized_and_placed() {
	local uuid task

	! is running || zkz halt z1
	zkz config z1 'set uuid=auto; add dedicated-cpu; set cpus=1023; end; select anet id=0; set mtu=9000; end'
	uuid=$(zkz list -p -o uuid z1)
	[ ${#uuid} = 36 ] || fail "the uuid is '$uuid'"
	refused NETWORK_MTU boot z1
	zkz config z1 'select anet id=0; set mtu=1400; end'
	refused ZONE_CPUS boot z1
	refused ZONE_NOT_VERIFIED verify z1
	zkz config z1 'select dedicated-cpu; set cpus=0; end'
	zkz verify z1
	run
	for task in /proc/"$(pid_of qemu)"/task/*/status; do
		grep -q '^Cpus_allowed_list:	0$' "$task" || fail "$task: $(grep allowed_list "$task")"
	done
	grep -qaz -- "$uuid" /proc/"$(pid_of qemu)"/cmdline
	wait_for ping_guest
	[ "$(guest net mtu)" = "ok mtu=1400" ]
	zkz halt z1
	zkz config z1 'clear uuid; remove dedicated-cpu; select anet id=0; clear mtu; end'
	[ -z "$(zkz list -p -o uuid z1)" ]
}

# What is not taken over is told, and where there is a zone of that name nothing is lost.
described_by_libvirt() {
	local corpus=$TREE/user/fuzz/corpus/domain

	zkz config z2 "import-libvirt -; select anet 0; set lower-link=br0; end" <"$corpus/ok-desktop" >"$WORK/told" 2>&1
	cat "$WORK/told"
	grep -q "zone 'z2': warning: Line [0-9]*: graphics (spice) is not taken over" "$WORK/told"
	zkz config z2 export | grep -qx 'set uuid=4f0a1a52-7c1e-4f57-9c0e-2a6a7f6f3f10'
	zkz config z2 export | grep -qx 'set lower-link=br0'
	refused CONFIG_EXISTS config z2 "import-libvirt $corpus/ok-old"
	zkz config z2 "import-libvirt -F $corpus/ok-old" 2>/dev/null
	zkz config z2 export | grep -qx 'set physical=978M'
	refused IMPORT_NO_XML config z3 "import-libvirt $corpus/bad-entities"
	refused FILE_OPEN config z3 'import-libvirt /no/such.xml'
	zkz config z2 delete -F
}

# Taken to another host by hand: what is here is given up, and taken again only where all is there that it needs.
attached_by_hand() {
	refused ZONE_ATTACHED attach z1
	zkz detach z1
	is configured
	refused ZONE_DETACHED boot z1
	refused ZONE_DETACHED detach z1
	zkz attach -n z1 | grep -q 'can be attached'
	is configured
	zkz config z1 'select anet id=0; set lower-link=nobridge; end'
	refused ZONE_NOT_VERIFIED verify z1
	refused ZONE_NOT_VERIFIED attach z1
	is configured
	zkz config z1 'select anet id=0; set lower-link=br0; end'
	zkz attach z1
	is installed
	zkz verify z1
	run
	refused ZONE_RUNNING detach z1
	is running
}

# Its epoch goes on: hosts that have seen one of the two names are behind.
renamed() {
	local uuid before

	zkz config z2 -f - <<-END
	create -b
	set uuid=auto
	add capped-memory; set physical=64M; end
	add virtual-cpu; set ncpus=1; end
	add device; set storage=file:/lab/boot.img; set bootpri=0; end
	END
	uuid=$(zkz list -p -o uuid z2)
	zkz boot z2
	refused ZONE_RUNNING rename z2 z3
	zkz halt z2
	refused ZONE_NAME_TAKEN rename z2 z1
	refused ZONE_NAME_TAKEN rename z2 z2
	refused ZONE_NAME_INVALID rename z2 global
	zkz rename z2 z3 | grep -qx "zkz: zone 'z2': Zone renamed to z3."
	refused ZONE_NOT_FOUND status z2
	[ "$(zkz list -p -o state,uuid z3)" = "installed:$uuid" ]
	zkz log z3 | grep .
	zkz boot z3
	zkz halt z3
	before=$(zkz list -p -o epoch z3)
	zoneadm -z z3 rename z2
	[ "$(zkz list -p -o epoch z2)" -gt "$before" ]
	# One that is detached stays it.
	zkz detach z2
	zkz rename z2 z3
	[ "$(zkz list -p -o state z3)" = configured ]
	zkz config z3 delete -F
}
