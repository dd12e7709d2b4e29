# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: commands in the guest, by the real guest agent, which is brought there with all that it needs.

BUSYBOX=/bin/busybox

# bring_file FILE PATH...
bring_file() {
	"$TREE/selftests/migrate/bring" "$ADDR" "$@"
}

# bring_agent: qemu-ga, its libraries, a folder for it, and busybox for it to run. The number of its port is the guest's
# affair.
bring_agent() {
	local files=("$(command -v busybox)" "$BUSYBOX" /usr/sbin/qemu-ga /qemu-ga /dev/null /tmp/none) lib

	while read -r lib; do
		files+=("$lib" "/lib/${lib##*/}")
	done < <(ldd /usr/sbin/qemu-ga | grep -o '/[^ ]*')
	cat >"$WORK/agent" <<-END
	#!$BUSYBOX sh
	exec /lib/ld-linux-x86-64.so.2 --library-path /lib /qemu-ga -p /dev/vport*p1 -t /tmp -f /tmp/ga.pid
	END
	chmod 755 "$WORK/agent"
	bring_file "${files[@]}" "$WORK/agent" /agent -- /agent
}

# ends STATUS COMMAND...
ends() {
	local status=0

	"${@:2}" || status=$?
	[ $status -eq "$1" ] || fail "${*:2}: status $status, not $1"
}

agent_answers() {
	[ "$(zkz login z1 $BUSYBOX echo hello)" = hello ]
}

agent_taken() {
	! flock -n /run/zkz/zones/z1/agent.lock true
}

runs_commands() {
	! is running || zkz halt z1
	[ -x /usr/sbin/qemu-ga ] || skip "qemu-guest-agent is not installed"
	up
	refused AGENT_NONE login z1 $BUSYBOX true
	zkz halt z1
	zkz config z1 'set guest-agent=true'
	up
	refused AGENT_SILENT login z1 $BUSYBOX true
	bring_agent
	wait_for agent_answers
	ends 7 zkz login z1 $BUSYBOX sh -c 'echo out; echo err >&2; exit 7' >"$WORK/out" 2>"$WORK/err"
	[ "$(cat "$WORK/out")" = out ] && grep -qx err "$WORK/err"
	ends 137 zkz login z1 $BUSYBOX sh -c 'kill -9 $$'
	[ "$(printf 'a\\nb\\0c' | zkz login -i z1 $BUSYBOX cat | od -c | head -n 1)" = "$(printf 'a\\nb\\0c' | od -c | head -n 1)" ]
	[ "$(zkz login z1 $BUSYBOX head -c 3000000 /dev/zero | wc -c)" = 3000000 ]
	[ "$(zlogin z1 $BUSYBOX echo 'two  words')" = 'two  words' ]
	refused AGENT_SAYS login z1 /no/such
	ends 125 zkz login z1 /no/such
	ends 125 zkz login -t 1 z1 $BUSYBOX sleep 30
	ends 2 zkz login z1
	# Two at once: the second is told.
	zkz login z1 $BUSYBOX sh -c "until [ -e /go ]; do $BUSYBOX sleep 1; done" &
	wait_for agent_taken
	refused AGENT_BUSY login z1 $BUSYBOX true
	bring_file /dev/null /go
	wait $!
	# It is asked to shut down, too.
	guest button ignore
	printf '#!%s sh\n%s poweroff -f\n' $BUSYBOX $BUSYBOX >"$WORK/shutdown"
	chmod 755 "$WORK/shutdown"
	bring_file "$WORK/shutdown" /sbin/shutdown
	zkz shutdown -t 240 z1
	zkz config z1 'clear guest-agent'
}
