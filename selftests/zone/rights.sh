# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: what others than root may do.

# as_nobody CODE COMMAND...: nobody does it; CODE is ok, or that of the refusal
as_nobody() {
	local out code=0

	out=$(runuser -u nobody -- zkz --json "${@:2}") || code=$?
	if [ "$1" = ok ]; then
		[ $code = 0 ] || fail "nobody may not: $out"
	else
		grep -q "\"code\":\"$1\"" <<<"$out" || fail "zkz ${*:2} said $out, not $1"
		grep -q '"remedy":"[^"]' <<<"$out" || fail "zkz ${*:2} gave no remedy: $out"
	fi
}

# audited RESULT VERB: that nobody did or was denied this is in the audit trail, which is the kernel's log here
audited() {
	dmesg | grep "virt=zkz op=$2 vm=.*z1.* id=$(id -u nobody) .*res=$1"
}

# audit 1|0: the kernel keeps a trail; nothing of it is left out of its log
audit() {
	echo $((5 * !$1)) >/proc/sys/kernel/printk_ratelimit
	/usr/bin/python3 - "$1" <<-END
	import ctypes, sys
	a = ctypes.CDLL("libaudit.so.1")
	sys.exit(a.audit_set_enabled(a.audit_open(), int(sys.argv[1])) <= 0)
	END
}

rights_are_granted() {
	audit 1
	trap 'set +e; audit 0; rm -f /etc/zkz/rights; is installed || zkz halt z1; zkz config z1 "remove -F admin"' EXIT
	usermod -a -G zkz nobody
	as_nobody DENIED_RIGHT boot z1
	# By the zone: this user, and this alone.
	zkz config z1 'add admin; set user=nobody; set auths=manage,login; end'
	zkz config z1 info admin | grep 'auths: "login,manage"'
	as_nobody ok boot z1
	wait_for audited success boot
	as_nobody DENIED_RIGHT migrate z1 ssh://nowhere
	wait_for audited failed migrate
	as_nobody DENIED_RIGHT config z1 'set autoboot=true'
	as_nobody DENIED_OPERATION recover z1
	as_nobody ok halt z1
	zkz config z1 'select admin nobody; set auths=config; end'
	as_nobody DENIED_RIGHT boot z1
	as_nobody ok config z1 'add attr; set name=a; set value=b; end'
	as_nobody ok config z1 'remove attr a'
	# It is not handed on, and no more is taken.
	as_nobody DENIED_ADMIN config z1 'select admin nobody; set auths=manage; end'
	as_nobody DENIED_ADMIN config z1 'add admin; set user=daemon; set auths=login; end'
	as_nobody DENIED_RIGHT config z9 'create -b; add capped-memory; set physical=64M; end;
		add virtual-cpu; set ncpus=1; end; add device; set storage=file:/x; set bootpri=0; end'
	zkz config z1 'remove admin nobody'
	# By the host: to a group, for one zone, for all.
	printf '# rights\n%%zkz solaris.zone.manage z1 z2\n' >/etc/zkz/rights
	as_nobody ok boot z1
	as_nobody ok halt z1
	printf 'nobody manage z2\n' >/etc/zkz/rights
	as_nobody DENIED_RIGHT boot z1
	printf 'nobody fly z1\nnobody manage\n' >/etc/zkz/rights
	as_nobody ok boot z1
	as_nobody DENIED_RIGHT storage check file:/lab/boot.img
	as_nobody ok halt z1
	grep -q '/etc/zkz/rights: line 1 is not understood' "$WORK/zkzd.log"
	# A file that others can write to is nobody's word.
	chmod 666 /etc/zkz/rights
	as_nobody DENIED_RIGHT boot z1
	as_nobody DENIED_OPERATION upgrade --module
}
