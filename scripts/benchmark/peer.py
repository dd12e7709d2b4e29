# SPDX-License-Identifier: GPL-2.0
"""The peer: QEMU's own migrations, with the very machine that zkz builds.

Its command line is taken from a running zone's QEMU, so that processor, devices,
addresses, disk and kernel are the same; only what a hypervisor host provides is
replaced: memory (anonymous, with transparent huge pages, which is what suits
QEMU's migration best), tap device, monitor and console.
"""
import secrets

from wire import RemoteError

# A bandwidth that nothing here reaches stands for "unlimited".
PARAMS = {"max-bandwidth": 100 << 30, "downtime-limit": 300}
CHANNELS = 2
PORT = 4444
TRACED = ("postcopy_ram_fault_thread_request", "postcopy_place_page", "postcopy_place_page_zero")


class Refused(Exception):
    """QEMU or the host does not offer this mode; the text says why."""


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

    def __init__(self, argv, patience, bridge="br0"):
        self.argv, self.patience, self.bridge = machine(argv), patience, bridge
        self.key = "qemu:" + secrets.token_hex(32)

    def start(self, host, mode, incoming=False):
        argv = list(self.argv)
        if incoming:
            argv += ["-incoming", "defer"]
        if mode.traced and incoming:
            argv += ["-msg", "timestamp=on", "-D", "/run/zkz-bench/trace.log", "-d",
                     ",".join("trace:" + name for name in TRACED)]
        host.agent.call("qemu_start", argv=argv, bridge=self.bridge, tap="bench0")

    def prepare(self, host, mode, endpoint):
        caps = ("events", *mode.caps)
        params = dict(PARAMS)
        if "multifd" in caps:
            params["multifd-channels"] = CHANNELS
        if mode.tls:
            folder = host.agent.call("key", text=self.key)
            host.agent.call("qmp_cmd", name="object-add",
                            args={"qom-type": "tls-creds-psk", "id": "tls0", "dir": folder, "endpoint": endpoint})
            params["tls-creds"] = "tls0"
        # What is refused may depend on which was set first: all are set before anything is sent.
        host.agent.call("qmp_cmd", name="migrate-set-parameters", args=params)
        host.agent.call("qmp_cmd", name="migrate-set-capabilities",
                        args={"capabilities": [{"capability": c, "state": True} for c in caps]})

    def boot(self, host, mode):
        self.start(host, mode)

    def halt(self, host):
        host.agent.call("qemu_stop")

    clean = halt

    def migrate(self, src, dst, mode):
        """Returns when the guest runs on dst and dst has all of it; times are of the clocks of src or dst."""
        begin = src.agent.call("now")
        self.start(dst, mode, incoming=True)
        try:
            self.prepare(dst, mode, "server")
            self.prepare(src, mode, "client")
        except RemoteError as e:
            raise Refused(str(e)) from e
        dst.agent.call("qmp_cmd", name="migrate-incoming", args={"uri": f"tcp:0.0.0.0:{PORT}"})
        went = src.agent.call("migrate", uri=f"tcp:{dst.address}:{PORT}", postcopy=mode.postcopy,
                              patience=self.patience)
        if went["status"] != "ok":
            return went
        resume = dst.agent.call("qmp_event", name="RESUME")
        dst.agent.call("qmp_event", name="MIGRATION", data={"status": "completed"})
        self.halt(src)
        ram = went["info"]["ram"]
        return {"status": "ok", "begin": begin, "send": went["begin"], "stop": went["stop"], "resume": resume,
                "done": went["done"] if mode.postcopy else None, "passes": ram["dirty-sync-count"],
                "own_downtime_ms": went["info"].get("downtime"), "faults": ram.get("postcopy-requests"),
                "phases": ""}

    def faults(self, dst, mode):
        """After all is over: the seconds that pages took, where QEMU was told to write them down."""
        return dst.agent.call("trace") if mode.traced else []
