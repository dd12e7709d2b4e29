# SPDX-License-Identifier: GPL-2.0
"""What the machine itself can do, measured in the same run as the migrations: link, copying, encryption, faults."""
import mmap
import os
import re
import socket
import subprocess
import time

LINK_PORT = 7702
PAGE = 4096
MIB = 1 << 20


def sink():
    """Takes bytes until the other end has no more, and answers how many there were."""
    server = socket.create_server(("", LINK_PORT))
    buf = bytearray(MIB)
    while True:
        sock, _ = server.accept()
        with sock:
            sock.settimeout(60)
            total = 0
            try:
                while n := sock.recv_into(buf):
                    total += n
                sock.sendall(str(total).encode())
            except OSError:
                continue


def link(peer, seconds):
    """Bytes a second of one TCP connection, from the first to the last that arrived."""
    data = bytes(MIB // 4)
    with socket.create_connection((peer, LINK_PORT), 30) as sock:
        sock.settimeout(60)
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        total = int(sock.recv(64))
        return total / (time.monotonic() - begin)


def best(action, amount, times=3):
    """Amount a second, in the fastest of some tries."""
    fastest = None
    for _ in range(times):
        begin = time.perf_counter()
        action()
        took = time.perf_counter() - begin
        fastest = took if fastest is None else min(fastest, took)
    return amount / fastest


def copying(size):
    source, target = bytearray(size), bytearray(size)
    view = memoryview(source)

    def copy():
        target[:] = view
    return best(copy, size)


def faults(size):
    """Pages a second that are touched for the first time: a fault and a cleared page each."""
    def touch():
        with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as area:
            area.madvise(mmap.MADV_NOHUGEPAGE)
            area[::PAGE] = ones
    ones = b"\1" * (size // PAGE)
    return best(touch, size // PAGE)


def clearing(size):
    """Bytes a second that the kernel clears, in huge pages: one fault for each 512 pages."""
    def touch():
        with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as area:
            area.madvise(mmap.MADV_HUGEPAGE)
            area[::512 * PAGE] = ones
    ones = b"\1" * (size // PAGE // 512)
    return best(touch, size)


def encryption():
    """Bytes a second of AES-256-GCM in one process, or None where that cannot be found out."""
    try:
        said = subprocess.run(["openssl", "speed", "-mr", "-seconds", "1", "-bytes", "16384", "-evp",
                               "aes-256-gcm"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"^\+F:\d+:[^:]*:([0-9.]+)", said, re.M)
    return float(found[1]) if found else None


def local(size=64 * MIB):
    return {"memcpy_bytes_per_s": copying(size), "faults_per_s": faults(size),
            "clear_bytes_per_s": clearing(size), "aes_gcm_bytes_per_s": encryption()}


def data_bytes(path):
    """How much of a guest's memory, a file, holds anything but zeros."""
    zeros, found = bytes(PAGE), 0
    with open(path, "rb", buffering=0) as f:
        size, end = os.fstat(f.fileno()).st_size, 0
        while end < size:
            try:
                start = os.lseek(f.fileno(), end, os.SEEK_DATA)
            except OSError:
                break
            end = os.lseek(f.fileno(), start, os.SEEK_HOLE)
            for at in range(start, end, 2 * MIB):
                chunk = os.pread(f.fileno(), min(2 * MIB, end - at), at)
                found += sum(chunk[i:i + PAGE] != zeros for i in range(0, len(chunk), PAGE))
    return found * PAGE
