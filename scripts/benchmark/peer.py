# SPDX-License-Identifier: GPL-2.0
"""The peer: QEMU's own pre-copy, with the very machine that zkz builds.

Its command line is taken from a running zone's QEMU, so that processor, devices,
addresses, disk and kernel are the same; only what a hypervisor host provides is
replaced: memory (anonymous, with transparent huge pages, which is what suits
pre-copy best), tap device, monitor and console.
"""

CAPS = ("events",)
# A bandwidth that nothing here reaches stands for "unlimited".
PARAMS = {"max-bandwidth": 100 << 30, "downtime-limit": 300}
PORT = 4444


def machine(argv):
    """From the command line of a zone's QEMU to that of the peer."""
    out = []
    pairs = iter(argv[1:])
    for word in pairs:
        if word in ("-S", "-nodefaults", "-no-user-config"):
            if word != "-S":
                out.append(word)
            continue
        value = next(pairs)
        if word in ("-runas", "-incoming", "-sandbox"):
            continue
        if value.startswith("memory-backend-file,") or "mon1" in value:
            continue
        if word == "-machine":
            value = value.replace(",memory-backend=mem", "")
        elif word == "-chardev" and "id=mon0" in value:
            value = "socket,id=mon0,path=@QMP@,server=on,wait=off"
        elif word == "-chardev" and "id=con0" in value:
            value = "null,id=con0"
        elif word == "-netdev":
            value = f"tap,{option(value, 'id')},ifname=@TAP@,script=no,downscript=no"
        out += [word, value]
    return [argv[0], *out]


def option(value, name):
    return next(part for part in value.split(",") if part.startswith(name + "="))


class Peer:
    """One guest under QEMU alone, and its migration."""

    name = "QEMU"

    def __init__(self, argv, bridge="br0"):
        self.argv, self.bridge = machine(argv), bridge

    def start(self, host, incoming=False):
        argv = self.argv + (["-incoming", "defer"] if incoming else [])
        host.agent.call("qemu_start", argv=argv, bridge=self.bridge, tap="bench0")

    def prepare(self, host):
        host.agent.call("qmp_cmd", name="migrate-set-capabilities",
                        args={"capabilities": [{"capability": c, "state": True} for c in CAPS]})
        host.agent.call("qmp_cmd", name="migrate-set-parameters", args=PARAMS)

    def boot(self, host):
        self.start(host)

    def halt(self, host):
        host.agent.call("qemu_stop")

    clean = halt

    def migrate(self, src, dst):
        """Returns when the guest runs on dst: times are of the clock of src or dst, as named."""
        begin = src.agent.call("now")
        self.start(dst, incoming=True)
        self.prepare(dst)
        self.prepare(src)
        dst.agent.call("qmp_cmd", name="migrate-incoming", args={"uri": f"tcp:0.0.0.0:{PORT}"})
        went = src.agent.call("migrate", uri=f"tcp:{dst.address}:{PORT}")
        resume = dst.agent.call("qmp_event", name="RESUME")
        self.halt(src)
        return {"begin": begin, "send": went["begin"], "stop": went["stop"], "resume": resume,
                "passes": went["info"]["ram"]["dirty-sync-count"],
                "own_downtime_ms": went["info"].get("downtime")}
