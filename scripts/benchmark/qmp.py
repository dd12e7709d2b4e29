# SPDX-License-Identifier: GPL-2.0
"""A QEMU monitor client that keeps every event it saw."""
import socket
import time

from wire import Lines, RemoteError


class Qmp:
    def __init__(self, path, timeout=60):
        deadline = time.monotonic() + timeout
        self.timeout = timeout
        self.sock = sock = socket.socket(socket.AF_UNIX)
        while True:
            try:
                sock.connect(path)
                break
            except OSError as e:
                if time.monotonic() > deadline:
                    raise RemoteError(f"no QEMU monitor at {path}: {e}") from e
                time.sleep(0.05)
        self.lines = Lines(sock, timeout)
        self.events = []
        self._read()
        self.cmd("qmp_capabilities")

    def _read(self):
        obj = self.lines.recv()
        if obj is None:
            raise RemoteError("QEMU ended")
        if "event" in obj:
            ts = obj["timestamp"]
            obj["time"] = ts["seconds"] + ts["microseconds"] / 1e6
            self.events.append(obj)
        return obj

    def cmd(self, name, fds=(), **args):
        msg = {"execute": name}
        if args:
            msg["arguments"] = args
        self.lines.send(msg, fds)
        while True:
            obj = self._read()
            if "error" in obj:
                raise RemoteError(f"{name}: {obj['error']['desc']}")
            if "return" in obj:
                return obj["return"]

    def until(self, match, seconds):
        """The first event since the start that match() accepts; None if none came in time."""
        deadline = time.monotonic() + seconds
        seen = 0
        try:
            while True:
                for event in self.events[seen:]:
                    if match(event):
                        return event
                seen = len(self.events)
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self.sock.settimeout(left)
                self._read()
        except TimeoutError:
            return None
        finally:
            self.sock.settimeout(self.timeout)

    def wait(self, name, **data):
        """The first event of that name (and data) since the start; waits for it."""
        event = self.until(lambda e: e["event"] == name and
                           all(e.get("data", {}).get(k) == v for k, v in data.items()), self.timeout)
        if event is None:
            raise RemoteError(f"QEMU did not say {name} within {self.timeout} s")
        return event
