# SPDX-License-Identifier: GPL-2.0
"""What is compared: modes, which move a guest, and workloads, which the guest has. Pure."""
import re
from dataclasses import dataclass

PAGE = 4096
MIB = 1 << 20

# A guest that does nothing else touches one page a hundredth of a second: the work that it can lose.
BEAT = ("mem", "start", "size=64K", "rate=400K", "write=touch")


@dataclass(frozen=True)
class Mode:
    """caps: QEMU's capabilities; zkz: its option --mode; tls: encrypted; traced: faults are logged."""

    name: str
    title: str
    caps: tuple = ()
    zkz: str = ""
    tls: bool = False
    traced: bool = False

    @property
    def ours(self):
        return bool(self.zkz)

    @property
    def postcopy(self):
        return "postcopy-ram" in self.caps


PLAIN = (
    Mode("qemu-precopy", "QEMU pre-copy"),
    Mode("qemu-multifd", "QEMU multifd", caps=("multifd",)),
    Mode("qemu-zerocopy", "QEMU multifd, zero copy", caps=("multifd", "zero-copy-send")),
    Mode("qemu-postcopy", "QEMU post-copy", caps=("postcopy-ram", "postcopy-preempt")),
    Mode("zkz-precopy", "zkz pre-copy", zkz="precopy"),
    Mode("zkz-hybrid", "zkz hybrid", zkz="hybrid"),
)
MODES = (
    *PLAIN,
    *(Mode(m.name + "+tls", m.title + ", encrypted", m.caps, m.zkz, tls=True) for m in PLAIN),
    Mode("qemu-postcopy+trace", "QEMU post-copy, faults traced", PLAIN[3].caps, traced=True),
)
SHORT_MODES = ("qemu-precopy", "zkz-precopy", "zkz-hybrid")


@dataclass(frozen=True)
class Workload:
    """fill: part of memory filled once (1: all there is); set, mode, write and percent: what the writer does,
    rates in percent of the link; client: what runs outside; kept: part of memory that the guest keeps for it."""

    name: str
    title: str
    fill: float = 0
    region: float = 0
    set: float = 0
    order: str = "rand"
    write: str = "touch"
    percent: float = 0
    rate: int = 0
    client: str = ""
    kept: float = 0
    disk: bool = False

    def commands(self, memory, link, available):
        """What the guest is told, in order. memory, available: bytes; link: bytes a second."""
        out = []
        if self.fill:
            size = min(self.fill * memory, available - 32 * MIB)
            out.append(("fill", f"size={int(size) // PAGE * PAGE}"))
        if self.disk:
            out.append(("disk", "start", "direct=1", "mode=read", f"size={4 * MIB}", f"rate={MIB}"))
        if not self.region:
            return [*out, BEAT]
        region = int(self.region * memory) // PAGE * PAGE
        hot = int((self.set or self.region) * memory) // PAGE * PAGE
        rate = int(self.percent / 100 * link) if self.percent else self.rate
        out.append(("mem", "start", f"size={region}", f"ws={hot}", f"rate={rate}", f"mode={self.order}",
                    f"write={self.write}"))
        return out

    def checks(self):
        return [("mem", "verify"), *([("fill", "verify")] if self.fill else []),
                *([("disk", "verify")] if self.disk else [])]


WORKLOADS = (
    Workload("idle", "idle, little memory used"),
    Workload("idle-10", "idle, 10 % of memory filled", fill=0.1),
    Workload("idle-100", "idle, all memory filled", fill=1),
    Workload("busy", "random writer, an eighth of memory at 5 MB/s", region=0.125, rate=5000000, write="page"),
    *(Workload(f"seq-{n}", f"sequential writer at {n} % of the link, a quarter of memory", region=0.25,
               order="seq", percent=n) for n in (25, 50, 80, 120, 200)),
    *(Workload(f"hot-{n}", f"random writer at 50 % of the link, hot set of {n} % of memory, {max(n, 20)} % filled",
               region=max(n, 20) / 100, set=n / 100, percent=50) for n in (2, 10, 30)),
    Workload("scan", "read-only scan of half of memory at twice the link's rate", region=0.5, order="seq",
             write="none", percent=200),
    Workload("client", "a client outside; each of its requests writes a page of a quarter of memory", region=0.25,
             percent=1, client="pages"),
    Workload("redis", "redis in the guest with an eighth of memory; a client outside sets random keys", kept=0.125,
             client="redis"),
    Workload("io", "O_DIRECT reads of the disk, and a flood from the network", client="flood", disk=True),
)
SHORT_WORKLOADS = ("busy", "idle")


def choose(names, items, what):
    """Those of a list with these names, in the list's order; ValueError names one that is not there."""
    known = {i.name for i in items}
    for name in names:
        if name not in known:
            raise ValueError(f"there is no {what} '{name}'; there are: {' '.join(i.name for i in items)}")
    return [i for i in items if i.name in names]


def cells(workloads, modes, pattern=""):
    """Pairs that match: a pattern is searched for in "WORKLOAD/MODE"."""
    return [(w, m) for w in workloads for m in modes if re.search(pattern, f"{w.name}/{m.name}")]


def order(modes, rep):
    """Who goes first changes from repetition to repetition, and every second one is turned round."""
    first = rep % len(modes) if modes else 0
    turned = [*modes[first:], *modes[:first]]
    return turned[::-1] if rep % 2 else turned
