# SPDX-License-Identifier: GPL-2.0
"""The subject: a zone of zkz, booted and migrated by the commands a user types."""
import json

from wire import RemoteError

CIPHER = "aes-256-gcm"
# The guest runs on where it was: it writes too fast, or has done so for longer than the benchmark waits.
NO_CONVERGENCE = ("DOWNTIME_BUDGET", "DOWNTIME_SLOWED", "DOWNTIME_FLOOR", "DOWNTIME_KEYS", "DOWNTIME_FORECAST",
                  "CANCELLED")


class Zkz:
    """One zone on both hosts, and its migration."""

    def __init__(self, zone, config, hosts, patience):
        self.zone, self.config, self.hosts, self.patience = zone, config, hosts, patience

    def call(self, host, argv, timeout):
        """(when it began, exit code, lines with the times they came)"""
        done = host.agent.call("run", argv=["zkz", "--json", *argv], timeout=timeout)
        lines = [(when, json.loads(line)) for when, line in done["lines"] if line.startswith("{")]
        if not lines:
            said = done["lines"][-1][1] if done["lines"] else "no output"
            raise RemoteError(f"zkz {argv[0]}: exit {done['code']}: {said}")
        return done["begin"], done["code"], lines

    def run(self, host, *argv, timeout=100):
        _, code, lines = self.call(host, argv, timeout)
        if code:
            raise RemoteError(f"zkz {argv[0]}: {lines[-1][1].get('text')}")
        return lines

    def command_line(self, host):
        """How zkz starts QEMU for this zone."""
        self.boot(host, None)
        line = host.agent.call("zone_qemu", zone=self.zone)
        self.halt(host)
        return line

    def boot(self, host, _mode):
        """A zone that was never anywhere else, so that every run begins alike."""
        for h in self.hosts:
            self.clean(h)
            self.run(h, "config", self.zone, self.config)
        self.run(host, "boot", self.zone)

    def halt(self, host):
        self.run(host, "halt", self.zone)

    def clean(self, host):
        for words in (("halt", self.zone), ("config", self.zone, "delete", "-F")):
            try:
                self.run(host, *words)
            except RemoteError:
                pass

    def data_bytes(self, host):
        return host.agent.call("data_bytes", zone=self.zone)

    def migrate(self, src, dst, mode):
        argv = ("migrate", "-c", CIPHER if mode.tls else "none", "--mode", mode.zkz, self.zone,
                f"ssh://root@{dst.name}")
        begin, code, lines = self.call(src, argv, self.patience)
        r = lines[-1][1]
        if code and r.get("code") in NO_CONVERGENCE:
            return {"status": "no-convergence", "reason": r.get("text")}
        if code:
            raise RemoteError(f"zkz migrate: {r.get('text')}")
        # What zkz calls preparation ends where its first pass begins.
        send = begin + r["prepare-s"]
        fetch = r.get("fetch", {})
        waited = fetch if fetch.get("waits") else {}
        return {"status": "ok", "begin": begin, "send": send, "stop": r["stop-ns"] / 1e9,
                "resume": r["resume-ns"] / 1e9, "done": send + r["total-s"] if fetch else None,
                "passes": r["passes"], "own_downtime_ms": r["downtime-ms"],
                "faults": fetch.get("waits"), "fault_p50_ms": us(waited.get("p50-us")),
                "fault_p99_ms": us(waited.get("p99-us")),
                "phases": " ".join(f"{k.removesuffix('-ms')}={v:.0f}" for k, v in r["phases"].items())}

    def faults(self, _dst, _mode):
        return []


def us(value):
    return None if value is None else value / 1000
