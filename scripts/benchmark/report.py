# SPDX-License-Identifier: GPL-2.0
"""From the rows of a benchmark to Markdown: medians with ranges, ratios with intervals. Pure but for write()."""
import json
import os
from statistics import median

import cells
import plots
import rows as rowfile
import stats

FIGURES = (
    # key, heading, factor, digits
    ("total_s", "total, s", 1, 2),
    ("downtime_ms", "downtime, ms", 1, 0),
    ("bytes", "on the wire, MB", 1e-6, 1),
    ("cpu_source", "CPU source, s/GiB", 1, 2),
    ("cpu_target", "CPU target, s/GiB", 1, 2),
    ("lost_s", "work lost, s", 1, 2),
    ("command_s", "with preparation, s", 1, 2),
    ("fault_p50_ms", "fault p50, ms", 1, 1),
    ("fault_p99_ms", "fault p99, ms", 1, 1),
    ("calm_p99_ms", "client's p99 before, ms", 1, 1),
    ("latency_p99_ms", "client's p99, ms", 1, 1),
    ("time_limit", "limit / total", 1, 2),
    ("bytes_limit", "limit / bytes", 1, 2),
)
RATIOS = ("total_s", "downtime_ms", "bytes", "cpu_source", "cpu_target", "lost_s", "command_s", "fault_p50_ms",
          "fault_p99_ms", "latency_p99_ms")
BUDGET_MS = 300
# Of fewer runs there is no interval that means anything.
FEWEST = 3

CONTROLS = (
    ("link_bytes_per_s", "one TCP connection between the hosts", 1e-6, "MB/s"),
    ("memcpy_bytes_per_s", "copying memory", 1e-6, "MB/s"),
    ("clear_bytes_per_s", "clearing huge pages", 1e-6, "MB/s"),
    ("faults_per_s", "first touch of small pages", 1e-3, "thousand a second"),
    ("aes_gcm_bytes_per_s", "AES-256-GCM, one process", 1e-6, "MB/s"),
)

NOTES = f"""\
Median (lowest..highest) of the runs of a cell. A run that failed, did not converge or was refused loses its cell,
and the table says why. The ratio is zkz's median over that of the best peer in the same cell, encrypted with
encrypted; in parentheses the 95 % interval by bootstrap of the ratio of medians ({stats.SAMPLES} samples), of cells
with at least {FEWEST} runs.

* *Total*: from the start of sending (QEMU: command `migrate`; zkz: begin of the first pass) until the guest runs at
  the target and all its memory is there.
* *Downtime*: for all modes QEMU's STOP event on the source to its RESUME event on the target; the hosts' clocks are
  compared before and after each run. The largest bound of that comparison's error was {{bound}} ms.
* *On the wire*: what the source host's network card sent, from before the command to its end.
* *CPU*: what the host's processors did in the total time apart from running guests, for each GiB on the wire.
* *Work lost*: the guest's writer counts pages; what it did from before the command until after it, against what it
  did in two seconds before, in seconds of its work. An idle guest touches a page every 10 ms.
* *With preparation*: from the start of the command, QEMU's start at the target included.
* *Fault*: how long a thread waited for a page after the guest had moved. zkz: as the target's module counted it.
  QEMU tells no distribution; where its trace was on, from its request to its placing of the page.
* *Limit*: pages that hold data (counted in zkz's file, before the first of its runs of each workload), each sent
  once, at the measured rate of the link."""


def value(row, key, data):
    if key == "cpu_source":
        return stats.per_gib(row["cpu_source_s"], row)
    if key == "cpu_target":
        return stats.per_gib(row["cpu_target_s"], row)
    if key in ("time_limit", "bytes_limit"):
        return stats.efficiency({**row, "data_bytes": data})[key == "bytes_limit"]
    return row[key]


class Cell:
    """The runs of one mode under one workload."""

    def __init__(self, rows, data):
        self.rows, self.data = rows, data
        self.bad = [r for r in rows if r["status"] != rowfile.OK]

    @property
    def good(self):
        return bool(self.rows) and not self.bad

    def values(self, key):
        found = [value(r, key, self.data) for r in self.rows] if self.good else []
        return [v for v in found if v is not None]

    def runs(self):
        if self.good:
            return f"{len(self.rows)} of {len(self.rows)}"
        if not self.rows:
            return "not run"
        return f"**lost**, {len(self.bad)} of {len(self.rows)}: {self.bad[0]['status']}: {self.bad[0]['reason']}"


def spread(values, factor=1, digits=2):
    if not values:
        return "-"
    low, mid, high = (f"{v * factor:.{digits}f}" for v in (min(values), median(values), max(values)))
    return f"{mid} ({low}..{high})"


def limit(levels, budget):
    """In words: nobody has tried what is above the highest level."""
    found = stats.convergence(levels, budget)
    if found is None:
        return f"below {min(levels):.0f}"
    return f"{found:.0f} or more" if found == max(levels) else f"{found:.0f}"


def line(words):
    return f"| {' | '.join(words)} |"


class Result:
    def __init__(self, rows):
        self.rows = rows
        self.workloads = [w for w in cells.WORKLOADS if any(r["workload"] == w.name for r in rows)]
        self.modes = [m for m in cells.MODES if any(r["mode"] == m.name for r in rows)]

    def data(self, workload):
        counted = [r["data_bytes"] for r in self.rows if r["workload"] == workload.name and r["data_bytes"]]
        return median(counted) if counted else None

    def cell(self, workload, mode):
        return Cell([r for r in self.rows if (r["workload"], r["mode"]) == (workload.name, mode.name)],
                    self.data(workload))

    def best_peer(self, workload, mode, key):
        """(peer, its values): that with the lowest median, encrypted if the mode is."""
        found = []
        for peer in self.modes:
            # What faults cost is known of a traced run only, and only that.
            if peer.ours or peer.tls != mode.tls or peer.traced != key.startswith("fault"):
                continue
            values = self.cell(workload, peer).values(key)
            if values:
                found.append((median(values), peer, values))
        return min(found, key=lambda f: f[0])[1:] if found else None

    def ratio(self, workload, mode, key):
        best = self.best_peer(workload, mode, key)
        ours = self.cell(workload, mode).values(key)
        found = best and stats.ratio(ours, best[1])
        if not found:
            return "-"
        interval = f" ({found[1]:.2f}..{found[2]:.2f})" if min(len(ours), len(best[1])) >= FEWEST else ""
        return f"{found[0]:.2f}{interval} {best[0].title}"

    def table(self, workload):
        modes = [m for m in self.modes if self.cell(workload, m).rows]
        used = [f for f in FIGURES if any(self.cell(workload, m).values(f[0]) for m in modes)]
        out = [line(["mode", *(f[1] for f in used), "moved and verified"]), line(["---"] * (len(used) + 2))]
        for mode in modes:
            cell = self.cell(workload, mode)
            out.append(line([mode.title, *(spread(cell.values(k), f, d) for k, _, f, d in used), cell.runs()]))
        return "\n".join(out)

    def ratios(self, workload):
        ours = [m for m in self.modes if m.ours and self.cell(workload, m).good]
        named = [(k, h) for k, h, _, _ in FIGURES if k in RATIOS]
        body = [[h.partition(",")[0], *(self.ratio(workload, m, k) for m in ours)] for k, h in named]
        body = [words for words in body if any(w != "-" for w in words[1:])]
        if not body:
            return ""
        return "\n".join([line(["zkz / best peer", *(m.title for m in ours)]), line(["---"] * (len(ours) + 1)),
                          *map(line, body)])

    def convergence(self):
        """The highest rate of the sequential writer, in percent of the link, that each mode can move."""
        writers = [w for w in self.workloads if w.name.startswith("seq-")]
        heads = ["mode", "moves up to, % of the link", f"within {BUDGET_MS} ms of downtime up to"]
        out = [line(heads), line(["---"] * 3)]
        for mode in self.modes:
            levels = {w.percent: [r["downtime_ms"] if r["status"] == rowfile.OK else None
                                  for r in self.cell(w, mode).rows]
                      for w in writers if self.cell(w, mode).rows}
            if levels:
                out.append(line([mode.title, *(limit(levels, budget) for budget in (float("inf"), BUDGET_MS))]))
        return "\n".join(out) if len(out) > 2 else ""

    def markdown(self):
        parts = []
        for workload in self.workloads:
            parts += [f"### {workload.name}: {workload.title}", self.table(workload), self.ratios(workload)]
        limits = self.convergence()
        if limits:
            parts += ["### Convergence, without throttling", limits]
        bounds = [r["bound_ms"] for r in self.rows if r["bound_ms"] is not None]
        parts.append(NOTES.format(bound=f"{max(bounds):.2f}" if bounds else "-"))
        return "\n\n".join(p for p in parts if p) + "\n"


def controls(sessions):
    """What the machine can do; of several sessions the median and the range."""
    out = [line(["measured beside", "", ""]), line(["---"] * 3)]
    for key, what, factor, unit in CONTROLS:
        values = [s[key] for s in sessions if s.get(key)]
        out.append(line([what, spread(values, factor, 1), unit]))
    return "\n".join(out)


def write(folder, head, rows):
    """results.md and one SVG for each figure, of everything there is."""
    sessions = []
    if os.path.exists(f"{folder}/controls.jsonl"):
        with open(f"{folder}/controls.jsonl", encoding="utf-8") as f:
            sessions = [json.loads(text) for text in f]
    result = Result(rows)
    with open(f"{folder}/results.md", "w", encoding="utf-8") as f:
        f.write("\n\n".join([head.strip(), controls(sessions), result.markdown()]))
    for key, heading, factor, _ in FIGURES:
        groups = [(w.name, [[v * factor for v in result.cell(w, m).values(key)] for m in result.modes])
                  for w in result.workloads]
        if any(values for _, series in groups for values in series):
            with open(f"{folder}/{key}.svg", "w", encoding="utf-8") as f:
                f.write(plots.bars(heading, groups, [m.title for m in result.modes]))
