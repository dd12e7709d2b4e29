# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What dies, or is cut, while memory still comes to a guest that runs on the target already. Death of a worker loses
# nothing, a link is found again, and a zone whose memory will never come ends with a record. There is never a second
# copy, and the zone can be moved or booted afterwards. In these cases $here is the source and $there the target.

# With one stream, several of them, and encryption; whichever case it is.
fetch_options() {
	case $1 in
	10) echo -c none ;;
	50) echo -c none --streams 4 ;;
	*) echo --streams 2 ;;
	esac
}

# arrives STATUS [PATTERN]: the guest has all of its memory, and migrating has this exit status
arrives() {
	whole_again
	ends_with "$here" "$1"
	grep -q -- "${2:-.}" "$WORK/out" || fail "no '$2'"
	verified "$there" "$here"
	given_up "$here"
}

# perishes PATTERN: the zone has ended at the target, where this is said of it, and can be booted there
perishes() {
	wait_for 60 is_installed "$there"
	# Not before: memory that came all of a sudden would be a success.
	onhost "$there" nothing 60 || fail "something of z1 is left on host $there"
	whole_again
	ends_with "$here" 1
	on "$there" zkz status z1 | tee "$WORK/out"
	grep -q -- "$1" "$WORK/out" || fail "no '$1'"
	given_up "$here"
	zone_boot "$there" z1
	runs_on "$there" "$here" z1
}

# fetch_broken FROM TO PERCENT OPTIONS ACTION END: a migration, with so much of its fetch done when ACTION happens
fetch_broken() {
	local here=$1 there=$2

	writing "$here"
	# shellcheck disable=SC2046,SC2086 # words
	begin_fetch "$here" "$there" $(fetch_options "$3") $4
	trap whole_again EXIT
	fetch_to "$here" "$3"
	eval "$5"
	eval "$6"
}

# loading_broken FROM TO ACTION: what happens while the target's QEMU loads its devices, which need pages: about when GO
# is said. The guest may arrive or stay; it runs once, and whole.
loading_broken() {
	local here=$1 there=$2 began

	writing "$here"
	frozen_dirty "$here" "$there" -c none
	trap whole_again EXIT
	# Less than it needs to load them.
	narrow "$here" 64kbit
	onhost "$here" hold source.after-go
	onhost "$here" letgo source.frozen
	onhost "$here" held source.after-go
	onhost "$here" letgo
	onhost "$there" owner z1 arrived
	eval "$3"
	began=$SECONDS
	whole_again
	onhost "$here" end 150 || true
	echo "ended $((SECONDS - began)) s after the link had come back"
	if is_running "$there"; then
		echo "it arrived"
		verified "$there" "$here"
		given_up "$here"
	else
		echo "it stayed"
		verified "$here" "$there"
	fi
}

# broken NAME TURN OPTIONS ACTION END: at 10, 50 and 90 %, both ways; TURN takes turns, the others run with --full
broken() {
	local percent way kind

	for percent in 10 50 90; do
		for way in "a b" "b a"; do
			[ "$2" = "$way $percent" ] && kind=turn_case || kind=full_case
			# shellcheck disable=SC2086 # two words
			$kind "hybrid, ${way/ / to }, $percent %: $1" fetch_broken $way "$percent" "${@:3}"
		done
	done
}

cut_for() {
	lab cut "$1"
	sleep "$2"
	lab heal "$1"
}

# shellcheck disable=SC2016 # the actions are expanded when the case runs
{
	broken "source worker killed, all memory comes" "" "" 'onhost $here kill worker' 'arrives 1'
	broken "target worker killed, all memory comes" "" "" 'onhost $there kill worker' 'arrives 0 successful'
	broken "zkzd killed on both hosts, all memory comes" "" "" 'both kill zkzd' 'arrives 1'
	broken "source QEMU killed, all memory comes" "a b 50" "" 'onhost $here kill qemu z1' 'arrives 0 successful'
	broken "source keeper killed, all memory comes" "" "" 'onhost $here kill keeper z1' 'arrives 0 successful'
	broken "target QEMU killed, the zone ends" "b a 50" "" 'onhost $there kill qemu z1' 'perishes "killed by signal 9"'
	broken "target keeper killed, the zone ends" "" "" 'onhost $there kill keeper z1' 'perishes "keeper died"'
	broken "zone halted at the target" "" "" 'on $there zkz halt z1' 'perishes "halted"'
	broken "link cut for a moment" "" "" 'cut_for $here 6' 'arrives 0 successful'
	broken "link cut for half a minute, the fetch goes on" "" "" 'cut_for $there 32' \
		'arrives 0 "resumes\": *[1-9]"'
	broken "link cut for too long, the zone ends with a record" "" "--fetch-timeout 3" 'cut_for $here 50' \
		'perishes "have never come"'
	full_case "hybrid, a to b: link cut for a moment while the target loads the guest" loading_broken a b \
		'cut_for $here 6'
	full_case "hybrid, b to a: link cut for half a minute while the target loads the guest" loading_broken b a \
		'cut_for $here 27'
	full_case "hybrid, a to b: streams broken while the target loads the guest" loading_broken a b \
		'on $here ss -K dst $there dport != :22; sleep 3'
}
