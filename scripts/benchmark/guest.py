# SPDX-License-Identifier: GPL-2.0
"""The guest as the benchmark sees it: its control port, its work, and other programs that it is to run."""
import os
import socket
import subprocess
import time

from wire import RemoteError

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM_PORT = 7701


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

    def program(self, path, source, *args, files=None):
        """Bring it a program of this machine with the libraries that it needs, and other files; start it."""
        with socket.create_connection((self.address, PROGRAM_PORT), 60) as sock, sock.makefile("r") as answers:
            def say(line, data=b""):
                sock.sendall(line.encode() + b"\n" + data)
                said = answers.readline().strip()
                if said != "ok":
                    raise RemoteError(f"guest: {line.split()[0]} {path}: {said}")

            for to, name in ((path, source), *((lib, lib) for lib in libraries(source))):
                with open(name, "rb") as f:
                    data = f.read()
                say(f"file 755 {len(data)} {to}", data)
            for to, data in (files or {}).items():
                say(f"file 644 {len(data)} {to}", data)
            say(" ".join(("run", path, *args)))


def libraries(program):
    """What the loader of this machine maps for it, and the loader."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return [word for line in said.splitlines() for word in line.split() if word.startswith("/")]


def field(said, name):
    for word in said.split():
        key, _, value = word.partition("=")
        if key == name:
            return int(value)
    raise RemoteError(f"the guest does not say '{name}': {said.strip()}")
