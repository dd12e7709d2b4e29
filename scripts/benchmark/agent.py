#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Runs in a lab host and does what the benchmark's driver asks.

It starts QEMU (the peer) with the arguments it is given, migrates it by QEMU's own
pre-copy, runs 'zkz migrate', reads counters, and compares clocks with the other
host's agent. Every time it reports is the host's CLOCK_REALTIME, which is also
what QEMU stamps its events with.
"""
import json
import os
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from qmp import Qmp
from wire import CLOCK_PORT, PORT, Lines, RemoteError

RUN = "/run/zkz-bench"
PROBE = struct.Struct("<Qdd")


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

    def hello(self):
        return {"kernel": os.uname().release}

    def now(self):
        return time.time()

    def counters(self):
        """What left and reached this host by its network card, in bytes."""
        return {way: int(open(f"/sys/class/net/eth0/statistics/{way}_bytes", encoding="ascii").read())
                for way in ("tx", "rx")}

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
        argv = [a.replace("@TAP@", tap).replace("@QMP@", path) for a in argv]
        self.qemu = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
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

    def qmp_cmd(self, name, args=None):
        return self.qmp.cmd(name, **(args or {}))

    def qmp_event(self, name, data=None):
        return self.qmp.wait(name, **(data or {}))["time"]

    def migrate(self, uri):
        """QEMU's own migration; returns its times and statistics."""
        begin = time.time()
        self.qmp.cmd("migrate", uri=uri)
        while True:
            info = self.qmp.cmd("query-migrate")
            if info.get("status") in ("completed", "failed", "cancelled"):
                break
            # Statistics are asked for rarely: asking costs the peer time.
            time.sleep(0.2)
        if info["status"] != "completed":
            raise RemoteError(f"QEMU says {info['status']}: {info.get('error-desc', 'no reason given')}")
        return {"begin": begin, "stop": self.qmp.wait("STOP")["time"], "info": info}

    def run(self, argv, timeout):
        """Run a command; returns its lines, each with the time it came."""
        lines = []
        begin = time.time()
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as p:
            timer = threading.Timer(timeout, p.kill)
            timer.start()
            for line in p.stdout:
                lines.append([time.time(), line.decode(errors="replace").rstrip("\n")])
            code = p.wait()
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
                except (RemoteError, OSError, subprocess.SubprocessError) as e:
                    lines.send({"error": str(e)})
        finally:
            ops.qemu_stop()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Thread(target=clock_server, daemon=True).start()
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("", PORT), Server) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
