# SPDX-License-Identifier: GPL-2.0
"""The guest as the benchmark sees it: its control port, its work, and clients that make it work."""
import os
import random
import socket
import subprocess
import threading
import time

from wire import RemoteError

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ECHO_PORT = 7
CONTROL_PORT = 7700
THINK_S = 0.004
FLOOD_BYTES_PER_S = 8000000
BURST = 65536


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

    def available(self):
        return field(self.ask("uptime"), "available")

    def work(self):
        """(when, pages that the writer has written or read)"""
        begin = time.monotonic()
        said = self.ask("mem", "stat", wait=True)
        return (begin + time.monotonic()) / 2, field(said, "writes")


def field(said, name):
    for word in said.split():
        key, _, value = word.partition("=")
        if key == name:
            return int(value)
    raise RemoteError(f"the guest does not say '{name}': {said.strip()}")


class Flood(threading.Thread):
    """Sends as fast as told to the guest's echo server, and reads what comes back."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.sock = socket.create_connection((address, ECHO_PORT), 30)
        self.over = threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.start()
        self.reader.start()

    def run(self):
        data = bytes(BURST)
        try:
            while not self.over.wait(BURST / FLOOD_BYTES_PER_S):
                self.sock.sendall(data)
        except OSError:
            return

    def read(self):
        try:
            while self.sock.recv(BURST):
                pass
        except OSError:
            return

    def stop(self):
        self.over.set()
        self.sock.shutdown(socket.SHUT_RDWR)
        self.join(30)
        self.sock.close()


class Client(threading.Thread):
    """Asks the guest to use one page after the other, at random, and waits for each answer."""

    def __init__(self, address, pages):
        super().__init__(daemon=True)
        self.sock = socket.create_connection((address, CONTROL_PORT), 30)
        self.sock.settimeout(120)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pages = pages
        self.over = threading.Event()
        self.answers = []      # (when it came, how long it took)
        self.wrong = None
        self.start()

    def run(self):
        rng = random.Random(self.pages)
        try:
            with self.sock.makefile("r", encoding="utf-8") as answers:
                while not self.over.wait(THINK_S) and not self.wrong:
                    begin = time.monotonic()
                    self.sock.sendall(f"mem use page={rng.randrange(self.pages)}\n".encode())
                    said = answers.readline()
                    end = time.monotonic()
                    self.answers.append((end, end - begin))
                    if not said.startswith("ok"):
                        self.wrong = said.strip() or "the connection ended"
        except OSError as e:
            self.wrong = str(e)

    def work(self):
        """(when, answers so far)"""
        return time.monotonic(), len(self.answers)

    def took(self, begin, end):
        """How long each answer between two times took."""
        return [took for when, took in list(self.answers) if begin <= when <= end]

    def stop(self):
        self.over.set()
        self.join(130)
        self.sock.close()
        if self.wrong:
            raise RemoteError(f"a client of the guest was told: {self.wrong}")
