# SPDX-License-Identifier: GPL-2.0
"""Runs as lines of a CSV file: written as soon as they are over, read again to go on or to report."""
import csv
import os

# Of these a run that succeeded has a number, or nothing where the mode has no such figure.
NUMBERS = ("command_s", "total_s", "downtime_ms", "bound_ms", "bytes", "passes", "own_downtime_ms", "cpu_source_s",
           "cpu_target_s", "work_per_s", "lost_s", "fault_p50_ms", "fault_p99_ms", "faults", "latency_p99_ms",
           "calm_p99_ms", "data_bytes", "link_bytes_per_s")
FIELDS = ("rep", "workload", "mode", "from", "to", "status", *NUMBERS, "phases", "reason")

# ok: moved, and every page verified. Anything else loses the cell.
OK, NO_CONVERGENCE, REFUSED, SKIPPED, FAILED = "ok", "no-convergence", "refused", "skipped", "failed"


def parse(record):
    """From strings to a row; ValueError if it is none."""
    row = {k: "" if record.get(k) is None else record[k] for k in FIELDS}
    row["rep"] = int(row["rep"])
    for name in NUMBERS:
        row[name] = float(row[name]) if row[name] != "" else None
    if row["status"] not in (OK, NO_CONVERGENCE, REFUSED, SKIPPED, FAILED):
        raise ValueError(f"status '{row['status']}'")
    return row


def load(path):
    """Rows of a file; a last line that was cut off by an interruption is left out."""
    rows = []
    if not os.path.exists(path):
        return rows
    with open(path, encoding="utf-8", newline="") as f:
        for record in csv.DictReader(f):
            try:
                rows.append(parse(record))
            except ValueError:
                continue
    return rows


class Log:
    """The file, open for more rows."""

    def __init__(self, path, rows):
        with open(path + ".new", "w", encoding="utf-8", newline="") as f:
            out = csv.DictWriter(f, FIELDS)
            out.writeheader()
            out.writerows(rows)
        os.rename(path + ".new", path)
        self.file = open(path, "a", encoding="utf-8", newline="")
        self.out = csv.DictWriter(self.file, FIELDS)

    def add(self, row):
        self.out.writerow(row)
        self.file.flush()


def done(rows):
    """What need not be run again: what was measured, and what is refused each time."""
    return {(r["rep"], r["workload"], r["mode"]) for r in rows}


def hopeless(row):
    """More runs of this cell would say the same, and it is lost."""
    return row["status"] in (REFUSED, SKIPPED, NO_CONVERGENCE)
