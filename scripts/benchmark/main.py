#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""QEMU pre-copy against zkz: the driver. scripts/bench runs it in the lab's network.

For each repetition, workload and system a fresh guest is booted, loaded, moved and
verified; systems alternate within a repetition and directions between repetitions.
Nothing else runs beside: of the two systems only one has a guest at a time.
"""
import argparse
import csv
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from peer import Peer
from report import markdown
from wire import Agent, RemoteError
from zone import Zkz

TOP = os.path.dirname(os.path.dirname(HERE))
PROBES = 200
SETTLE_S = 3


class Host:
    def __init__(self, name, address):
        self.name, self.address = name, address
        self.agent = Agent(address)


class Guest:
    """The test guest, by its control port."""

    def __init__(self, address):
        self.address = address

    def ask(self, *words, timeout=120, wait=False):
        done = subprocess.run([f"{TOP}/build/guest/zguestctl", *(["-w"] if wait else []),
                               "-t", str(timeout), self.address, *words],
                              timeout=timeout + 10, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        if done.returncode:
            raise RemoteError(f"guest: {' '.join(words)}: {done.stdout.strip()}")
        return done.stdout

    def wait(self):
        return self.ask("ping", wait=True)


def offset(src, dst):
    """Bounds of dst's clock minus src's, in seconds."""
    c = src.agent.call("clock", peer=dst.address, probes=PROBES)
    return c["low"], c["high"]


def one_run(system, workload, src, dst, guest, args):
    """Boot, load, move, verify: one row of the table."""
    row = {"system": system.name, "workload": workload, "from": src.name, "to": dst.name, "ok": False}
    try:
        system.boot(src)
        guest.wait()
        if workload == "busy":
            guest.ask("mem", "start", f"size={args.set}M", f"rate={args.rate}M")
        time.sleep(SETTLE_S)
        clock = [offset(src, dst)]
        sent = src.agent.call("counters")["tx"]
        went = system.migrate(src, dst)
        row["bytes"] = src.agent.call("counters")["tx"] - sent
        clock.append(offset(src, dst))
        # The clocks may drift apart meanwhile: the bounds are those of both comparisons.
        low, high = min(c[0] for c in clock), max(c[1] for c in clock)
        resume = went["resume"] - (low + high) / 2
        row |= {"command_s": resume - went["begin"], "total_s": resume - went["send"],
                "downtime_ms": (resume - went["stop"]) * 1000, "bound_ms": (high - low) / 2 * 1000,
                "passes": went["passes"], "own_downtime_ms": went["own_downtime_ms"],
                "phases": went.get("phases", "")}
        guest.wait()
        if workload == "busy":
            guest.ask("mem", "verify")
        row["ok"] = True
        system.halt(dst)
    except (RemoteError, OSError, subprocess.SubprocessError) as e:
        row["error"] = str(e)
        print(f"bench: {system.name} {workload} {src.name}->{dst.name} FAILED: {e}", file=sys.stderr)
        for host in (src, dst):
            system.clean(host)
    return row


def progress(row):
    if row["ok"]:
        print(f"bench: {row['system']:4} {row['workload']:4} {row['from']}->{row['to']}  "
              f"total {row['total_s']:.2f} s  downtime {row['downtime_ms']:.0f} +- {row['bound_ms']:.1f} ms  "
              f"{row['bytes'] / 1e6:.1f} MB  {row['phases']}", file=sys.stderr, flush=True)


FIELDS = ("rep", "system", "workload", "from", "to", "ok", "command_s", "total_s", "downtime_ms", "bound_ms",
          "bytes", "passes", "own_downtime_ms", "phases", "error")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--config", required=True, help="file with the zone's configuration")
    p.add_argument("--guest", required=True, help="address of the guest")
    p.add_argument("--csv", required=True)
    p.add_argument("--reps", type=int, default=5)
    p.add_argument("--set", type=int, default=64, help="MB that the guest writes to")
    p.add_argument("--rate", type=int, default=5, help="MB/s that it writes")
    p.add_argument("--workloads", default="busy,idle")
    args = p.parse_args()

    a, b = Host("a", "10.77.0.2"), Host("b", "10.77.0.3")
    guest = Guest(args.guest)
    with open(args.config, encoding="utf-8") as f:
        zkz = Zkz("bench", f.read(), (a, b))
    peer = Peer(zkz.command_line(a))
    rows = []
    with open(args.csv, "w", encoding="utf-8", newline="") as f:
        out = csv.DictWriter(f, FIELDS)
        out.writeheader()
        for rep in range(args.reps):
            src, dst = (a, b) if rep % 2 == 0 else (b, a)
            for workload in args.workloads.split(","):
                # Who goes first changes too.
                for system in (peer, zkz) if rep % 2 == 0 else (zkz, peer):
                    row = {"rep": rep, **one_run(system, workload, src, dst, guest, args)}
                    rows.append(row)
                    out.writerow(row)
                    f.flush()
                    progress(row)
    print(markdown(rows))
    sys.exit(0 if all(r["ok"] for r in rows) else 1)


main()
