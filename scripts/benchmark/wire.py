# SPDX-License-Identifier: GPL-2.0
"""How the benchmark's driver talks to the agents in the hosts: one JSON object a line."""
import json
import socket
import time

PORT = 7700		# commands, TCP
CLOCK_PORT = 7701	# clock probes, UDP
START_SECONDS = 30


class RemoteError(Exception):
    """The agent could not do what was asked; the text says why."""


class Lines:
    """JSON lines over a connected socket, with a deadline on every wait."""

    def __init__(self, sock, timeout):
        self.sock, self.rest = sock, b""
        sock.settimeout(timeout)

    def send(self, obj, fds=()):
        data = json.dumps(obj).encode() + b"\n"
        if fds:
            socket.send_fds(self.sock, [data], list(fds))
        else:
            self.sock.sendall(data)

    def recv(self):
        """The next object, or None at the end of the connection."""
        while b"\n" not in self.rest:
            data = self.sock.recv(65536)
            if not data:
                return None
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)


class Agent:
    """The driver's end."""

    def __init__(self, address, timeout=180):
        self.address = address
        self.lines = Lines(self._connect(timeout), timeout)

    def _connect(self, timeout):
        """It is started in the background and may need a while to listen."""
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                return socket.create_connection((self.address, PORT), timeout)
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def call(self, op, **args):
        self.lines.send({"op": op, **args})
        answer = self.lines.recv()
        if answer is None:
            raise RemoteError(f"{self.address}: the agent ended during '{op}'")
        if "error" in answer:
            raise RemoteError(f"{self.address}: {op}: {answer['error']}")
        return answer["value"]
