# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: what zkzd makes of changes to a configuration that do not fit to what is stored.

# put BASE [FILE [delete]]: what zkz asks when it stores; prints the code of the refusal, or "stored"
put() {
	/usr/bin/python3 - "$@" <<-'END'
		import json, socket, sys
		args = sys.argv[1:]
		req = {"op": "config-put", "zone": "z1", "base": args[0], "delete": "delete" in args[2:]}
		if args[1:]:
		    req["config"] = open(args[1]).read()
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(30)
		s.connect("/run/zkz/zkzd.sock")
		f = s.makefile("rw")
		f.write(json.dumps(req) + "\n")
		f.flush()
		for line in f:
		    answer = json.loads(line)
		    if answer["type"] in ("result", "error"):
		        print(answer.get("code", "stored"))
		        break
	END
}

stored() {
	sha256sum </etc/zkz/zones/z1.cfg | cut -d' ' -f1
}

# Of two who edit at once the slower one is told, and nothing of the other is lost.
edits_do_not_meet() {
	local base

	zkz config z1 export >"$WORK/one"
	base=$(stored)
	zkz config z1 'set autoboot=true'
	[ "$(put "$base" "$WORK/one")" = CONFIG_CHANGED ]
	[ "$(put absent "$WORK/one")" = ZONE_EXISTS ]
	[ "$(put "$(stored)")" = CONFIG_REQUEST ]
	zkz config z1 export | grep -qx 'set autoboot=true'
	zkz config z1 'set autoboot=false'
	zkz config z1 export | cmp - "$WORK/one"
}

# What a migration that broke off has replaced is put back before anything else is done with it.
undone_before_changed() {
	local base folder=/var/lib/zkz/zones/z1

	zkz config z1 export >"$WORK/one"
	cp /etc/zkz/zones/z1.cfg $folder/config.before
	zkz config z1 'set autoboot=true'
	zkz config z1 export >"$WORK/two"
	base=$(stored)
	printf '{"undo":"%s","imported":false,"replaced":true,"before":%s}' 00112233445566778899aabbccddeeff \
		"$(cat $folder/owner)" >$folder/journal
	[ "$(put "$base" "$WORK/two")" = CONFIG_CHANGED ]
	[ ! -e $folder/journal ]
	zkz config z1 export | cmp - "$WORK/one"
}

made_anew_at_once() {
	local before

	before=$(stored)
	owner here 41
	echo 'create -b' >"$WORK/bad"
	[ "$(put "$before" "$WORK/bad" delete)" = CONFIG_RESOURCE_MISSING ]
	[ "$(stored)" = "$before" ]
	[ "$(epoch)" = 41 ]
	{ echo 'delete -F'; cat "$WORK/z1.cfg"; } | zkz config z1
	[ "$(epoch)" = 1041 ] || fail "the epoch was 41, and is $(epoch)"
	is installed
	grep -q '^set mac-address=02:' /etc/zkz/zones/z1.cfg
}
