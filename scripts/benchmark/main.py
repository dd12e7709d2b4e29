#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""QEMU's migrations against zkz: the driver. scripts/bench runs it in the lab's network.

For each repetition, workload and mode a fresh guest is booted, loaded, moved and
verified; who goes first changes from repetition to repetition, and so does the
direction. Nothing else runs beside: only one guest exists at a time.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cells
import report
import rows
import stats
from clients import Client, Flood, Pages, Redis
from guest import Guest
from peer import Peer, Refused
from wire import Agent, RemoteError
from zone import Zkz

PROBES = 200
SETTLE_S = 1
BASELINE_S = 2
LINK_S = 2


class Host:
    def __init__(self, name, address):
        self.name, self.address = name, address
        self.agent = Agent(address)


def offset(src, dst):
    """Bounds of dst's clock minus src's, in seconds."""
    c = src.agent.call("clock", peer=dst.address, probes=PROBES)
    return c["low"], c["high"]


class Bench:
    def __init__(self, args, counted):
        self.args, self.counted = args, counted
        self.hosts = [Host("a", "10.77.0.2"), Host("b", "10.77.0.3")]
        self.guest = Guest(args.guest)
        with open(args.config, encoding="utf-8") as f:
            self.zkz = Zkz("bench", f.read(), self.hosts, args.patience)
        self.controls = self.measure_controls()
        self.peer = Peer(self.zkz.command_line(self.hosts[0]), args.patience)
        self.client = None

    def measure_controls(self):
        a, b = self.hosts
        if self.args.link:
            for host in self.hosts:
                host.agent.call("shape", rate=self.args.link)
        return {"link_bytes_per_s": a.agent.call("link", peer=b.address, seconds=LINK_S),
                **a.agent.call("controls")}

    def load(self, workload):
        """Give the guest its work, and look twice at how much it has done."""
        for words in workload.commands(self.args.memory << 20, self.controls["link_bytes_per_s"],
                                       self.guest.available()):
            self.guest.ask(*words)
        if workload.client == "flood":
            self.client = Flood(self.args.guest)
        elif workload.client == "pages":
            self.client = Pages(self.args.guest, int(workload.region * self.args.memory) * (1 << 20) // cells.PAGE)
        elif workload.client == "redis":
            self.client = Redis(self.guest, int(workload.kept * self.args.memory) << 20)
        time.sleep(SETTLE_S)
        first = self.work()
        time.sleep(BASELINE_S)
        last = self.work()
        return first, last

    def work(self):
        """(when, how much of it is done): a client's, or else the guest's own."""
        return self.client.work() if isinstance(self.client, Client) else self.guest.work()

    def move(self, row, system, mode, src, dst, before):
        """The migration itself, between two looks at everything that is counted."""
        for host in self.hosts:
            host.agent.call("sample_start")
        clock = [offset(src, dst)]
        sent = src.agent.call("counters")["tx"]
        began = self.work()
        went = system.migrate(src, dst, mode)
        self.guest.wait()
        ended = self.work()
        row["bytes"] = src.agent.call("counters")["tx"] - sent
        self.lost(row, before, (began, ended))
        row["status"] = went["status"]
        if went["status"] != rows.OK:
            row["reason"] = went["reason"]
            return
        clock.append(offset(src, dst))
        # The clocks may drift apart meanwhile: the bounds are those of both comparisons.
        low, high = min(c[0] for c in clock), max(c[1] for c in clock)
        self.times(row, went, (low + high) / 2)
        row["bound_ms"] = (high - low) / 2 * 1000
        row["link_bytes_per_s"] = self.controls["link_bytes_per_s"]

    def lost(self, row, before, during):
        """Work and, of a client, patience."""
        calm, moving = ((last[0] - first[0], last[1] - first[1]) for first, last in (before, during))
        row["work_per_s"] = calm[1] / calm[0]
        row["lost_s"] = stats.lost_work(calm, moving)
        if isinstance(self.client, Client):
            for key, (first, last) in (("calm_p99_ms", before), ("latency_p99_ms", during)):
                row[key] = stats.quantile(self.client.took(first[0], last[0]) or [0], 0.99) * 1000

    def times(self, row, went, skew):
        """Everything by the clock of the source; the target's is ahead by skew."""
        resume = went["resume"] - skew
        done = max(resume, went["done"] or 0)
        row |= {"command_s": done - went["begin"], "total_s": done - went["send"],
                "downtime_ms": (resume - went["stop"]) * 1000}
        row |= {k: went[k] for k in ("passes", "own_downtime_ms", "phases", "faults", "fault_p50_ms",
                                     "fault_p99_ms") if went.get(k) is not None}
        row["span"] = (went["send"], done, skew)

    def load_of_hosts(self, row, src, dst):
        """Seconds of work from the first byte to the end, without what guests ran."""
        source, target = (host.agent.call("sample_stop") for host in (src, dst))
        begin, end, skew = row.pop("span", (None, None, None))
        if begin is not None:
            row["cpu_source_s"] = stats.interpolate(source, end) - stats.interpolate(source, begin)
            row["cpu_target_s"] = stats.interpolate(target, end + skew) - stats.interpolate(target, begin + skew)

    def verify(self, workload):
        self.guest.wait()
        for words in workload.checks():
            self.guest.ask(*words)

    def one_run(self, workload, mode, rep):
        """Boot, load, move, verify: one row."""
        src, dst = self.hosts if rep % 2 == 0 else self.hosts[::-1]
        system = self.zkz if mode.ours else self.peer
        row = {"rep": rep, "workload": workload.name, "mode": mode.name, "from": src.name, "to": dst.name}
        try:
            system.boot(src, mode)
            self.guest.wait()
            before = self.load(workload)
            if mode.ours and workload.name not in self.counted:
                row["data_bytes"] = self.zkz.data_bytes(src)
                self.counted.add(workload.name)
            self.move(row, system, mode, src, dst, before)
            self.load_of_hosts(row, src, dst)
            self.stop_client()
            self.verify(workload)
            where = dst if row["status"] == rows.OK else src
            faults = system.faults(dst, mode)
            if faults:
                row |= {"fault_p50_ms": stats.quantile(faults, 0.5) * 1000,
                        "fault_p99_ms": stats.quantile(faults, 0.99) * 1000}
            system.halt(where)
            if where is src:
                system.clean(dst)
        except Refused as e:
            row |= {"status": rows.REFUSED, "reason": str(e)}
            self.give_up(system)
        except (RemoteError, OSError, subprocess.SubprocessError) as e:
            row |= {"status": rows.FAILED, "reason": str(e)}
            self.give_up(system)
        row.pop("span", None)
        return row

    def stop_client(self):
        client, self.client = self.client, None
        if client:
            client.stop()

    def give_up(self, system):
        try:
            self.stop_client()
        except (RemoteError, OSError):
            # Something has failed already, and that is what is told.
            self.client = None
        for host in self.hosts:
            host.agent.call("sample_stop")
            system.clean(host)


def say(row):
    what = f"bench: {row['rep']} {row['workload']:8} {row['mode']:18} {row['from']}->{row['to']} "
    if row["status"] == rows.OK:
        what += (f"total {row['total_s']:.2f} s  downtime {row['downtime_ms']:.0f} +- {row['bound_ms']:.1f} ms  "
                 f"{row['bytes'] / 1e6:.1f} MB  lost {row['lost_s'] or 0:.2f} s  "
                 f"CPU {row['cpu_source_s']:.2f}/{row['cpu_target_s']:.2f} s  {row['phases']}")
    else:
        what += f"{row['status']}: {row['reason']}"
    print(what, file=sys.stderr, flush=True)


def skip_reason(workload):
    return Redis.missing() if workload.client == "redis" else None


def run_all(args, chosen, have, log):
    """Runs what is missing, and adds its rows to 'have'."""
    deadline = time.monotonic() + args.seconds if args.seconds else None
    bench = Bench(args, {r["workload"] for r in have if r["data_bytes"]})
    lost = {(r["workload"], r["mode"]) for r in have if rows.hopeless(r)}
    with open(f"{args.out}/controls.jsonl", "a", encoding="utf-8") as f:
        f.write(json.dumps(bench.controls) + "\n")
    for rep in range(args.reps):
        for workload in dict.fromkeys(w for w, _ in chosen):
            for mode in cells.order([m for w, m in chosen if w is workload], rep):
                cell = (workload.name, mode.name)
                if (rep, *cell) in rows.done(have) or cell in lost:
                    continue
                if deadline and time.monotonic() > deadline:
                    return
                reason = skip_reason(workload)
                if reason:
                    row = {"rep": rep, "workload": workload.name, "mode": mode.name, "status": rows.SKIPPED,
                           "reason": reason}
                else:
                    row = bench.one_run(workload, mode, rep)
                    say(row)
                if rows.hopeless(row):
                    lost.add(cell)
                have.append(row)
                log.add(row)


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--config", required=True, help="file with the zone's configuration")
    p.add_argument("--guest", required=True, help="address of the guest")
    p.add_argument("--out", required=True, help="folder of the results")
    p.add_argument("--head", required=True, help="file with what the hosts are, for the report")
    p.add_argument("--memory", type=int, required=True, help="of the guest, MiB")
    p.add_argument("--reps", type=int, default=5)
    p.add_argument("--workloads", default=",".join(cells.SHORT_WORKLOADS))
    p.add_argument("--modes", default=",".join(cells.SHORT_MODES))
    p.add_argument("--select", default="", help="pattern of WORKLOAD/MODE")
    p.add_argument("--link", default="", help="rate of the hosts' network cards, for tc; none: as fast as they are")
    p.add_argument("--patience", type=int, default=40, help="seconds after which a migration does not converge")
    p.add_argument("--seconds", type=int, default=0, help="begin no run after that many")
    p.add_argument("--resume", action="store_true", help="keep what is in the folder, and run what is missing")
    args = p.parse_args()
    try:
        named = [every if chosen == "all" else cells.choose(chosen.split(","), every, what) for chosen, every, what in
                 ((args.workloads, cells.WORKLOADS, "workload"), (args.modes, cells.MODES, "mode"))]
    except ValueError as e:
        p.error(str(e))
    return args, cells.cells(*named, args.select)


def main():
    args, chosen = options()
    path = f"{args.out}/results.csv"
    have = rows.load(path) if args.resume else []
    log = rows.Log(path, have)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not have and os.path.exists(f"{args.out}/controls.jsonl"):
        os.unlink(f"{args.out}/controls.jsonl")
    try:
        run_all(args, chosen, have, log)
    except KeyboardInterrupt:
        print("bench: interrupted; '--resume' goes on", file=sys.stderr)
    finally:
        with open(args.head, encoding="utf-8") as f:
            head = f.read()
        report.write(args.out, head, [rows.parse(r) for r in have])
    sys.exit(1 if any(r["status"] == rows.FAILED for r in have) else 0)


if __name__ == "__main__":
    main()
