# SPDX-License-Identifier: GPL-2.0
"""Programs outside that make a guest work, and see what a migration is like for them."""
import os
import random
import socket
import threading
import time

from wire import RemoteError

ECHO_PORT = 7
CONTROL_PORT = 7700
REDIS_PORT = 6379
# Debian's package redis-tools has the server, too: it is one program with several names.
REDIS = "/usr/bin/redis-check-rdb"
REDIS_CONF = b"""save ""
appendonly no
bind 0.0.0.0
protected-mode no
logfile /dev/null
"""
VALUE = 4000
BATCH = 64
THINK_S = 0.004
FLOOD_BYTES_PER_S = 8000000
BURST = 65536
START_S = 60


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
    """Asks one question after the other and waits for each answer. What it asks is what kinds of it differ in."""

    def __init__(self, address, port):
        super().__init__(daemon=True)
        self.sock = socket.create_connection((address, port), 30)
        self.sock.settimeout(120)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.sock.makefile("rb")
        self.over = threading.Event()
        self.answers = []      # (when it came, how long it took)
        self.wrong = None

    def ask(self, rng):
        """One question; what is wrong with the answer, or None."""
        raise NotImplementedError

    def check(self):
        """At the end: what is wrong with what the guest has kept, or None."""

    def run(self):
        rng = random.Random(1)
        try:
            while not self.over.wait(THINK_S) and not self.wrong:
                begin = time.monotonic()
                self.wrong = self.ask(rng)
                end = time.monotonic()
                self.answers.append((end, end - begin))
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
        try:
            wrong = self.wrong or self.check()
        finally:
            self.file.close()
            self.sock.close()
        if wrong:
            raise RemoteError(f"a client of the guest was told: {wrong}")


class Pages(Client):
    """Has the guest use one page after the other, at random."""

    def __init__(self, address, pages):
        super().__init__(address, CONTROL_PORT)
        self.pages = pages
        self.start()

    def ask(self, rng):
        self.sock.sendall(f"mem use page={rng.randrange(self.pages)}\n".encode())
        said = self.file.readline().decode(errors="replace").strip()
        return None if said.startswith("ok") else said or "the connection ended"


class Redis(Client):
    """Sets random keys of a redis in the guest, and reads all of them at the end."""

    def __init__(self, guest, memory):
        guest.program("/usr/bin/redis-server", REDIS, "/redis.conf", files={"/redis.conf": REDIS_CONF})
        wait_for_port(guest.address, REDIS_PORT)
        super().__init__(guest.address, REDIS_PORT)
        self.version = [0] * (memory // VALUE)
        self.wrong = self.each("SET", range(len(self.version)))
        self.start()

    @staticmethod
    def missing():
        return None if os.path.exists(REDIS) else f"{REDIS} is missing: apt-get install redis-tools"

    def value(self, key):
        return random.Random(key << 32 | self.version[key]).randbytes(VALUE)

    def send(self, command, key):
        words = [command.encode(), b"key:%d" % key, *([self.value(key)] if command == "SET" else [])]
        self.sock.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))

    def answer(self, key):
        """What is wrong with it: a short one is OK, a long one is the value."""
        line = self.file.readline().strip()
        if line == b"+OK":
            return None
        if line != b"$%d" % VALUE:
            return line.decode(errors="replace") or "the connection ended"
        return None if self.file.read(VALUE + 2)[:-2] == self.value(key) else f"key {key} has another value"

    def each(self, command, keys):
        """Several at a time; the first thing that is wrong."""
        for first in range(0, len(keys), BATCH):
            batch = keys[first:first + BATCH]
            for key in batch:
                self.send(command, key)
            wrong = [w for w in map(self.answer, batch) if w]
            if wrong:
                return wrong[0]
        return None

    def ask(self, rng):
        key = rng.randrange(len(self.version))
        self.version[key] += 1
        self.send("SET", key)
        return self.answer(key)

    def check(self):
        return self.each("GET", range(len(self.version)))


def wait_for_port(address, port):
    until = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection((address, port), 5).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
