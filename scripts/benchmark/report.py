# SPDX-License-Identifier: GPL-2.0
"""From the rows of a benchmark to tables: medians, with minimum and maximum."""
from statistics import median

FIGURES = (
    # field, heading, factor, digits
    ("total_s", "total time, s", 1, 2),
    ("downtime_ms", "downtime, ms", 1, 0),
    ("bytes", "on the wire, MB", 1e-6, 1),
    ("command_s", "with preparation, s", 1, 2),
    ("bound_ms", "clock error bound, ms", 1, 2),
)
RATIOS = ("total_s", "downtime_ms", "bytes", "command_s")

NOTES = """\
Median (minimum..maximum) of the runs that succeeded; the ratio is zkz's median over QEMU's, and in parentheses
the lowest and highest ratio of the two runs of one repetition. *Total time*: from the start of sending (QEMU:
command `migrate`; zkz: begin of the first pass) to the guest running at the target. *Downtime*: QEMU's STOP event
on the source to its RESUME event on the target, the hosts' clocks compared before and after each run; the bound
is the largest error that comparison can have. *On the wire*: what the source host's network card sent. *With
preparation*: from the start of the command, QEMU's start at the target included."""


def spread(values, factor, digits):
    low, mid, high = (f"{v * factor:.{digits}f}" for v in (min(values), median(values), max(values)))
    return f"{mid} ({low}..{high})"


def ratio(rows, field):
    """zkz over QEMU: of the medians, and lowest and highest over the repetitions."""
    by = {name: {r["rep"]: r[field] for r in rows if r["ok"] and r["system"] == name} for name in ("zkz", "QEMU")}
    both = [by["zkz"][n] / by["QEMU"][n] for n in by["zkz"] if by["QEMU"].get(n)]
    if not both:
        return "-"
    mid = median(by["zkz"].values()) / median(by["QEMU"].values())
    return f"{mid:.2f} ({min(both):.2f}..{max(both):.2f})"


def table(rows):
    lines = ["| | QEMU pre-copy | zkz | zkz / QEMU |", "|---|---|---|---|"]
    for field, heading, factor, digits in FIGURES:
        cells = []
        for name in ("QEMU", "zkz"):
            values = [r[field] for r in rows if r["ok"] and r["system"] == name]
            cells.append(spread(values, factor, digits) if values else "-")
        cells.append(ratio(rows, field) if field in RATIOS else "")
        lines.append(f"| {heading} | {' | '.join(cells)} |")
    good = [f"{sum(r['ok'] for r in rows if r['system'] == name)} of {sum(r['system'] == name for r in rows)}"
            for name in ("QEMU", "zkz")]
    lines.append(f"| moved and verified | {good[0]} | {good[1]} | |")
    return "\n".join(lines)


def markdown(rows):
    parts = []
    for workload in dict.fromkeys(r["workload"] for r in rows):
        parts.append(f"### {workload}\n\n{table([r for r in rows if r['workload'] == workload])}\n")
    return "\n".join([*parts, NOTES])
