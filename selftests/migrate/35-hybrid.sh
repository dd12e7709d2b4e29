# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Hybrid migration: a guest with two virtual CPUs that writes faster than the link sends runs on the target while its
# memory comes. What breaks meanwhile, and what becomes of the guest then. The guest itself compares all of its memory.

# far_slower HOST: its link carries an eighth of what the dry run has seen the guest change, or less
far_slower() {
	local said changed

	said=$(<"$WORK/dry")
	[[ $said =~ \"dirty-rate\":\ *([0-9]+) ]] && changed=${BASH_REMATCH[1]}
	[[ $said =~ \"send-rate\":\ *([0-9]+) ]]
	[ "$changed" -lt $((8 * BASH_REMATCH[1])) ] || return 0
	[ "$changed" -ge 1000000 ] || fail "the guest changes only $changed bytes a second"
	echo "the link carries $((changed / 1000)) kbit/s now"
	narrow "$1" $((changed / 1000))kbit
}

# The default mode, and what a dry run says before it. One pass: a guest with less of its host's processor than usual might
# write so little in the next ones that none of it need be fetched.
auto_fetches() {
	writing a
	trap unnarrow EXIT
	outpaced a
	on a zkz --json migrate -n -c none --max-downtime 500 --max-passes 1 z1 ssh://root@b | tee "$WORK/dry"
	far_slower a
	grep -q '"verdict": *"hybrid"' "$WORK/dry"
	onhost a begin z1 ssh://root@b -c none --mode auto --max-downtime 500 --max-passes 1
	moved_by a
	unnarrow
	verified b a
	grep -q '"waits":[1-9]' "$WORK/out" || fail "nobody waited for a page"
	grep -q '"p99-us":[1-9]' "$WORK/out"
}

# Where it is forbidden, or would be pointless.
refused_modes() {
	local here there

	z1_anywhere
	on "$here" zkz config z1 'set hybrid=false'
	! on "$here" zkz migrate --mode hybrid z1 ssh://root@10.77.0.9 >"$WORK/out" 2>&1 || fail "it was not refused"
	on "$here" zkz config z1 'clear hybrid'
	cat "$WORK/out"
	grep -q 'forbids hybrid' "$WORK/out"
	! on "$here" zkz migrate --mode hybrid --verify z1 ssh://root@10.77.0.9 >"$WORK/out" 2>&1 ||
		fail "it was not refused"
	grep -q 'cannot be verified' "$WORK/out"
}

# All TCP between the two hosts. Encrypted streams get new keys.
links_break() {
	writing b
	begin_fetch b a --streams 4
	onhost b letgo
	on a zkz status z1 | tee "$WORK/out"
	grep -q 'follows the guest' "$WORK/out"
	! on a zkz migrate z1 ssh://root@b >"$WORK/out" 2>&1 || fail "it was moved on"
	grep -q 'still on its way' "$WORK/out"
	on b ss -K dst a >/dev/null
	both restore
	onhost b until 'goes on over new connections' 60
	moved_by b
	unnarrow
	verified a b
	grep -q '"resumes": *[1-9]' "$WORK/out"
}

# Nobody is left who would look after it: the modules do not need that.
workers_die() {
	writing a
	begin_fetch a b -c none
	onhost a kill worker
	onhost b kill worker
	onhost a end 60 || true
	unnarrow
	verified b a
	zone_remove z1
}

ktap_case "hybrid: a guest faster than the link moves all the same" auto_fetches
turn_case "hybrid: refused where it is forbidden" refused_modes
turn_case "hybrid: links break, the fetch goes on over others" links_break
turn_case "hybrid: both workers die, all memory comes" workers_die
