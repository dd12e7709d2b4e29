# SPDX-License-Identifier: GPL-2.0
"""The subject: a zone of zkz, booted and migrated by the commands a user types."""
import json

from wire import RemoteError


class Zkz:
    """One zone on both hosts, and its migration."""

    name = "zkz"

    def __init__(self, zone, config, hosts):
        self.zone, self.config, self.hosts = zone, config, hosts

    def run(self, host, *argv, timeout=300):
        done = host.agent.call("run", argv=["zkz", "--json", *argv], timeout=timeout)
        lines = [(when, json.loads(line)) for when, line in done["lines"] if line.startswith("{")]
        if done["code"] or not lines:
            raise RemoteError(f"zkz {argv[0]}: {done['lines'][-1][1] if done['lines'] else 'no output'}")
        return done["begin"], lines

    def command_line(self, host):
        """How zkz starts QEMU for this zone."""
        self.boot(host)
        line = host.agent.call("zone_qemu", zone=self.zone)
        self.halt(host)
        return line

    def boot(self, host):
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

    def migrate(self, src, dst):
        begin, lines = self.run(src, "migrate", "-c", "none", "--mode", "precopy", self.zone, f"ssh://root@{dst.name}")
        r = lines[-1][1]
        # What zkz calls preparation ends where its first pass begins.
        return {"begin": begin, "send": begin + r["prepare-s"], "stop": r["stop-ns"] / 1e9,
                "resume": r["resume-ns"] / 1e9, "passes": r["passes"], "own_downtime_ms": r["downtime-ms"],
                "phases": " ".join(f"{k.removesuffix('-ms')}={v:.0f}" for k, v in r["phases"].items())}
