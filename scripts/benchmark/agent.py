#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Runs in a lab host and does what the benchmark's driver asks.

It starts QEMU (the peer) with the arguments it is given, migrates it by QEMU's own
means, runs 'zkz migrate', reads counters, and compares clocks with the other
host's agent. Every time it reports is the host's CLOCK_REALTIME, which is also
what QEMU stamps its events with.
"""
import json
import os
import resource
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import controls
from load import Sampler
from qmp import Qmp
from stats import latencies
from wire import CLOCK_PORT, PORT, Lines, RemoteError

RUN = "/run/zkz-bench"
TRACE = f"{RUN}/trace.log"
PROBE = struct.Struct("<Qdd")


def pin_memory():
    """Zero-copy sending pins pages, which counts as locked memory."""
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def is_over(event):
    return (event and event["event"] == "MIGRATION" and
            event["data"]["status"] in ("completed", "failed", "cancelled"))


def is_second_pass(event):
    return event["event"] == "MIGRATION_PASS" and event["data"]["pass"] >= 2


def clock_server():
    """Answers probes with the times of arrival and departure."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", CLOCK_PORT))
    while True:
        data, peer = sock.recvfrom(64)
        arrived = time.time()
        if len(data) == PROBE.size:
            sock.sendto(PROBE.pack(PROBE.unpack(data)[0], arrived, time.time()), peer)


class Ops:
    def __init__(self):
        self.qemu = None
        self.qmp = None
        self.tap = None
        self.log = None
        self.sampler = None

    def hello(self):
        return {"kernel": os.uname().release}

    def now(self):
        return time.time()

    def counters(self):
        """What left and reached this host by its network card, in bytes."""
        return {way: int(open(f"/sys/class/net/eth0/statistics/{way}_bytes", encoding="ascii").read())
                for way in ("tx", "rx")}

    def controls(self):
        return controls.local()

    def link(self, peer, seconds):
        return controls.link(peer, seconds)

    def shape(self, rate):
        """Let the network card send so much, queueing what 20 ms take."""
        subprocess.run(["tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "256k",
                        "latency", "20ms"], check=True)

    def sample_start(self):
        self.sample_stop()
        self.sampler = Sampler()

    def sample_stop(self):
        sampler, self.sampler = self.sampler, None
        return sampler.stop() if sampler else []

    def clock(self, peer, probes):
        """Bounds of (peer's clock - this clock): the truth lies in every probe's interval."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.settimeout(1)
        low, high, good = float("-inf"), float("inf"), 0
        for n in range(probes):
            sent = time.time()
            sock.sendto(PROBE.pack(n, 0, 0), (peer, CLOCK_PORT))
            try:
                data = sock.recv(64)
            except TimeoutError:
                continue
            back = time.time()
            number, arrived, left = PROBE.unpack(data)
            if number != n:
                continue
            low, high, good = max(low, left - back), min(high, arrived - sent), good + 1
            time.sleep(0.002)
        if good < probes * 0.9:
            raise RemoteError(f"only {good} of {probes} clock probes came back")
        return {"low": low, "high": high, "probes": good}

    def qemu_start(self, argv, bridge, tap):
        """Start QEMU; '@TAP@' and '@QMP@' in its arguments are filled in."""
        if self.qemu:
            raise RemoteError("QEMU runs already")
        os.makedirs(RUN, exist_ok=True)
        path = f"{RUN}/qmp.sock"
        if os.path.exists(path):
            os.unlink(path)
        self.tap = tap
        for words in (f"tuntap add dev {tap} mode tap vnet_hdr", f"link set {tap} master {bridge}",
                      f"link set {tap} up"):
            subprocess.run(["ip", *words.split()], check=True)
        self.log = open(f"{RUN}/qemu.log", "wb")
        if os.path.exists(TRACE):
            os.unlink(TRACE)
        argv = [a.replace("@TAP@", tap).replace("@QMP@", path) for a in argv]
        self.qemu = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                     preexec_fn=pin_memory)
        try:
            self.qmp = Qmp(path)
        except (OSError, RemoteError) as e:
            self.qemu_stop()
            raise RemoteError(f"{e}: {self.qemu_log()}") from e

    def qemu_log(self):
        with open(f"{RUN}/qemu.log", encoding="utf-8", errors="replace") as f:
            return f.read()[-1000:]

    def qemu_stop(self):
        if self.qemu:
            self.qemu.terminate()
            try:
                self.qemu.wait(20)
            except subprocess.TimeoutExpired:
                self.qemu.kill()
                self.qemu.wait(20)
            subprocess.run(["ip", "link", "del", self.tap], check=True)
        self.qemu = self.qmp = None

    def zone_qemu(self, zone):
        """The command line of the QEMU that zkz started for a zone."""
        with open(f"/run/zkz/zones/{zone}/state", encoding="ascii") as f:
            pid = json.load(f)["qemu"]
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return [word.decode() for word in f.read().rstrip(b"\0").split(b"\0")]

    def data_bytes(self, zone):
        return controls.data_bytes(f"/run/zkz/mem/{zone}")

    def qmp_cmd(self, name, args=None):
        return self.qmp.cmd(name, **(args or {}))

    def qmp_event(self, name, data=None):
        return self.qmp.wait(name, **(data or {}))["time"]

    def key(self, text):
        """The folder of a key for encryption, for both hosts the same."""
        os.makedirs(f"{RUN}/tls", exist_ok=True)
        with open(f"{RUN}/tls/keys.psk", "w", encoding="ascii") as f:
            f.write(text + "\n")
        return f"{RUN}/tls"

    def migrate(self, uri, postcopy, patience):
        """QEMU's own migration; returns its times and statistics. One that does not end is given up."""
        begin = time.time()
        end = time.monotonic() + patience
        self.qmp.cmd("migrate", uri=uri)
        if postcopy and not is_over(self.qmp.until(lambda e: is_over(e) or is_second_pass(e), patience)):
            try:
                self.qmp.cmd("migrate-start-postcopy")
            except RemoteError as e:
                # It may be over by now.
                print(f"agent: {e}", file=sys.stderr, flush=True)
        over = self.qmp.until(is_over, max(end - time.monotonic(), 0.1))
        info = self.qmp.cmd("query-migrate")
        if over is None:
            self.qmp.cmd("migrate_cancel")
            return {"status": "no-convergence", "reason":
                    f"not over after {patience} s and {info['ram']['dirty-sync-count']} passes, "
                    f"{info['ram']['remaining'] / 1e6:.0f} MB were left"}
        if info["status"] != "completed":
            raise RemoteError(f"QEMU says {info['status']}: {info.get('error-desc', 'no reason given')}")
        return {"status": "ok", "begin": begin, "stop": self.qmp.wait("STOP")["time"], "done": over["time"],
                "info": info}

    def trace(self):
        """How long each page that was asked for took to come, in seconds; QEMU writes its trace when it ends."""
        self.qemu_stop()
        with open(TRACE, encoding="utf-8", errors="replace") as f:
            return latencies(f.read())

    def run(self, argv, timeout):
        """Run a command; returns its lines, each with the time it came. Interrupted when its time is over."""
        lines = []
        begin = time.time()
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as p:
            timers = [threading.Timer(timeout, p.send_signal, (signal.SIGINT,)),
                      threading.Timer(timeout + 60, p.kill)]
            for timer in timers:
                timer.start()
            for line in p.stdout:
                lines.append([time.time(), line.decode(errors="replace").rstrip("\n")])
            code = p.wait()
            for timer in timers:
                timer.cancel()
        return {"begin": begin, "end": time.time(), "code": code, "lines": lines}


class Server(socketserver.BaseRequestHandler):
    """One driver at a time; what it started ends with its connection."""

    def handle(self):
        lines, ops = Lines(self.request, None), Ops()
        try:
            while (request := lines.recv()) is not None:
                op = getattr(ops, request.pop("op", ""), None)
                try:
                    lines.send({"value": op(**request)})
                except (RemoteError, OSError, ValueError, subprocess.SubprocessError) as e:
                    lines.send({"error": str(e)})
        finally:
            ops.sample_stop()
            ops.qemu_stop()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Thread(target=clock_server, daemon=True).start()
    threading.Thread(target=controls.sink, daemon=True).start()
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("", PORT), Server) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
