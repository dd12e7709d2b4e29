# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The downtime: figures of probes in both kernels, or QEMU's own, and phases that add up to it.

# check_downtime FILE FIGURE...: the last line has these figures, a bound for each, and phases that add up
check_downtime() {
	/usr/bin/python3 - "$@" <<-'END'
	import json, sys
	r = json.loads(open(sys.argv[1]).read().splitlines()[-1])
	figures = r["figures"]
	print({k: v["ms"] for k, v in figures.items()}, r["downtime-figure"], r["phases"])
	missing = set(sys.argv[2:]) - set(figures)
	assert not missing, f"no figure {missing}"
	assert r["downtime-ms"] == figures[r["downtime-figure"]]["ms"]
	assert abs(sum(r["phases"].values()) - r["downtime-ms"]) < 0.01, "phases do not add up"
	for name, f in figures.items():
	    assert f["ms"] > 0 and f["error-ms"] > 0, name
	    assert f["unsure"] == (f["error-ms"] > f["ms"] / 10), name
	if "any-vcpu" in figures:
	    # A guest that is stopped has left before STOP, and enters after RESUME; so much of both is one host's clock.
	    assert figures["any-vcpu"]["ms"] >= figures["stop-bounded"]["ms"]
	    assert figures["stop-bounded"]["ms"] >= figures["stop-resume"]["ms"] - 2 * figures["stop-resume"]["error-ms"]
	END
}

by_probes() {
	z1_on "$1"
	# A guest that computes all the time.
	guest mem start size=4M rate=0
	on "$1" zkz --json migrate --mode "$MIGRATE_MODE" --max-downtime 60000 z1 "ssh://root@$2" >"$WORK/out"
	guest mem stop
	check_downtime "$WORK/out" any-vcpu all-vcpus stop-bounded stop-resume
	grep -q 'Downtime by probes' "$WORK/out"
	runs_on "$2" "$1" z1
}

by_qemu() {
	z1_on "$1"
	on "$1" zkz --json migrate --mode "$MIGRATE_MODE" --max-downtime 60000 --no-probe z1 "ssh://root@$2" >"$WORK/out"
	check_downtime "$WORK/out" stop-resume
	grep -q '"downtime-figure":"stop-resume"' "$WORK/out"
	grep -q "QEMU's STOP to its RESUME: probes are off" "$WORK/out"
	runs_on "$2" "$1" z1
}

# Every millisecond the guest sends a tick to somebody outside, whose clock zkz has nothing to do with. He and the
# kernels of the hosts say for how long the guest was away, and the probes have to agree; see 'outside'. What he hears,
# and when, is not that: a guest that has arrived is slow, and its packets wait for QEMU. Documentation/performance.rst.
seen_outside() {
	z1_on "$1"
	ns_begin "$WORK/tick" "$TOP/build/guest/zguesttick" -a "$WORK/came"
	wait_for 20 grep -q ready "$WORK/tick"
	guest tick start to=10.77.0.1 every-us=1000
	on "$1" "$MIGRATE_DIR/outside" record last
	on "$2" "$MIGRATE_DIR/outside" record first
	sleep 2
	on "$1" zkz --json migrate --mode "$MIGRATE_MODE" --max-downtime 60000 -c none z1 "ssh://root@$2" >"$WORK/out"
	on "$1" "$MIGRATE_DIR/outside" recorded >"$WORK/source"
	on "$2" "$MIGRATE_DIR/outside" recorded >"$WORK/target"
	guest tick stop
	kill "$(cat "$WORK/tick.pid")"
	wait "$NS_JOB"
	tail -n 1 "$WORK/tick"
	runs_on "$2" "$1" z1
	"$MIGRATE_DIR/outside" compare "$WORK/out" "$WORK/came" "$WORK/source" "$WORK/target"
}

turn_case "downtime by probes, a to b" by_probes a b
# The link becomes slow when the guest is stopped. That takes more than two minutes, and less than its user allows.
long_budget() {
	z1_on a
	guest mem start size=96M rate=0 write=touch mode=seq
	trap 'both restore' EXIT
	onhost a hold source.before-freeze source.frozen
	onhost a begin z1 ssh://root@b -c none --mode precopy --max-downtime 600000
	onhost a held source.before-freeze
	wait_for 300 has_dirty a 72
	onhost a letgo source.before-freeze
	onhost a held source.frozen
	narrow a 4mbit
	onhost a letgo
	onhost a end 500 >"$WORK/out" || fail "given up: $(cat "$WORK/out")"
	both restore
	trap - EXIT
	/usr/bin/python3 - "$WORK/out" <<-'END'
	import json, sys
	ms = json.loads(open(sys.argv[1]).read().splitlines()[-1])["downtime-ms"]
	assert ms > 120000, ms
	END
	runs_on b a z1
	guest mem verify
	guest mem stop
}

# A guest that was stopped with too much left is let go. QEMU's next stream is another one then: a slow QEMU puts less
# into its parts, and leaves more for after the stop. The firmware is whole on the other side: the guest boots by it.
stopped_twice() {
	local boot

	z1_on "$1"
	trap 'onhost '"$1"' restore' EXIT
	narrow "$1" 40mbit
	onhost "$1" hold source.before-freeze
	onhost "$1" begin z1 "ssh://root@$2" -c none --mode precopy --max-downtime 10000
	onhost "$1" held source.before-freeze
	guest fill size=72M
	wait_for 300 has_dirty "$1" 64
	onhost "$1" hold source.pass
	onhost "$1" letgo source.before-freeze
	onhost "$1" held source.pass
	onhost "$1" starve z1
	onhost "$1" hold source.frozen
	onhost "$1" letgo source.pass
	onhost "$1" held source.frozen
	onhost "$1" feed
	onhost "$1" letgo
	onhost "$1" end 500 >"$WORK/out" || fail "given up: $(cat "$WORK/out")"
	onhost "$1" restore
	trap - EXIT
	grep 'let go again' "$WORK/out"
	runs_on "$2" "$1" z1
	guest fill verify
	boot=$(guest_boot)
	on "$2" zkz reboot z1
	wait_for 300 booted_anew "$boot"
}

full_case "a last pass of more than two minutes" long_budget
full_case "downtime by probes against a client outside, a to b" seen_outside a b
full_case "downtime by probes against a client outside, b to a" seen_outside b a
turn_case "downtime by QEMU, b to a" by_qemu b a
turn_case "stopped, let go, and stopped again: a to b, and boot there" stopped_twice a b
