#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the benchmark's pure parts: statistics, choice of cells, rows, tables and plots. Speaks TAP."""
import os
import sys
import tempfile
import xml.etree.ElementTree as xml

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cells
import plots
import report
import rows
import stats


def near(a, b):
    return abs(a - b) < 1e-9


def row(workload, mode, rep, **figures):
    have = {"rep": rep, "workload": workload, "mode": mode, "status": "ok", "total_s": 2, "downtime_ms": 100,
            "bytes": 1 << 30, "cpu_source_s": 3, "cpu_target_s": 1, "lost_s": 0.5, "command_s": 4, "bound_ms": 0.5}
    return rows.parse({**have, **figures})


def test_quantile():
    assert stats.quantile([5], 0.99) == 5
    assert near(stats.quantile([3, 1, 2], 0.5), 2)
    assert near(stats.quantile([0, 10], 0.25), 2.5)


def test_ratio_of_medians():
    mid, low, high = stats.ratio([1, 1, 1], [2, 2, 2])
    assert (mid, low, high) == (0.5, 0.5, 0.5)
    mid, low, high = stats.ratio([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])
    assert near(mid, 0.5) and low < 0.5 < high
    assert stats.ratio([1, 2, 3, 4, 5], [2, 4, 6, 8, 10]) == (mid, low, high), "not the same twice"
    assert stats.ratio([], [1]) is None and stats.ratio([1], []) is None and stats.ratio([1], [0, 0]) is None


def test_interval_covers():
    """Of samples of the same kind the interval holds 1, of clearly different ones it does not."""
    low, high = stats.ratio([10, 11, 12, 13, 14], [14, 10, 13, 11, 12])[1:]
    assert low < 1 < high
    assert stats.ratio([10, 11, 12], [30, 31, 32])[2] < 0.5


def test_interpolation():
    series = [[0, 0], [1, 10], [3, 30]]
    assert near(stats.interpolate(series, 0.5), 5) and near(stats.interpolate(series, 2), 20)
    assert stats.interpolate(series, -1) == 0 and stats.interpolate(series, 9) == 30


def test_lost_work():
    assert near(stats.lost_work((2, 200), (5, 400)), 1)
    assert stats.lost_work((2, 0), (5, 400)) is None


def test_latencies():
    log = ("1@100.000000:postcopy_ram_fault_thread_request Request for HVA=0x7f0000001000 rb=pc.ram offset=0x1000\n"
           "1@100.500000:postcopy_place_page host=0x7f0000002000\n"
           "1@101.250000:postcopy_place_page host=0x7f0000001000\n"
           "1@101.500000:postcopy_place_page host=0x7f0000001000\n"
           "noise\n1@x:postcopy_place_page host=0x1\n")
    assert stats.latencies(log) == [1.25]


def test_efficiency():
    time, size = stats.efficiency({"data_bytes": 100, "link_bytes_per_s": 50, "total_s": 4, "bytes": 125})
    assert near(time, 0.5) and near(size, 0.8)
    assert stats.efficiency({"data_bytes": None, "link_bytes_per_s": 50}) == (None, None)


def test_convergence():
    assert stats.convergence({25: [100], 50: [200, 299], 80: [200, 301]}, 300) == 50
    assert stats.convergence({25: [100, None]}, 300) is None
    assert stats.convergence({25: [1], 50: [None], 80: [1]}, 300) == 25, "what is above a failure does not count"


def test_cells():
    every = cells.cells(cells.WORKLOADS, cells.MODES)
    assert len(every) == len(cells.WORKLOADS) * len(cells.MODES)
    assert len({(w.name, m.name) for w, m in every}) == len(every)
    only = cells.cells(cells.WORKLOADS, cells.MODES, r"^hot-10/zkz-hybrid$")
    assert [(w.name, m.name) for w, m in only] == [("hot-10", "zkz-hybrid")]
    try:
        cells.choose(["seq-99"], cells.WORKLOADS, "workload")
        raise AssertionError("seq-99 is known")
    except ValueError as e:
        assert "seq-99" in str(e) and "seq-120" in str(e)


def test_order():
    first = {cells.order("abc", rep)[0] for rep in range(6)}
    assert first == set("abc"), "somebody never goes first"
    assert all(sorted(cells.order("abc", rep)) == list("abc") for rep in range(6))


def test_commands():
    named = {w.name: w for w in cells.WORKLOADS}
    assert named["seq-50"].commands(512 << 20, 20_000_000, 0) == [
        ("mem", "start", "size=134217728", "ws=134217728", "rate=10000000", "mode=seq", "write=touch")]
    assert named["hot-2"].commands(100 << 20, 10_000_000, 0)[0][3] == f"ws={2 << 20}"
    fill = named["idle-100"].commands(512 << 20, 1, 400 << 20)
    assert fill == [("fill", f"size={368 << 20}"), cells.BEAT], "more is filled than there is"


def test_rows_survive():
    """What is written is read again; a line that was cut off is not."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/r.csv"
        log = rows.Log(path, [row("idle", "zkz-hybrid", 0, reason='a "quoted", text')])
        log.add(row("idle", "qemu-precopy", 0, status="refused"))
        log.file.write("1,idle,qemu-pre")
        log.file.close()
        back = rows.load(path)
        assert [r["mode"] for r in back] == ["zkz-hybrid", "qemu-precopy"]
        assert back[0] == row("idle", "zkz-hybrid", 0, reason='a "quoted", text')
        assert rows.done(back) == {(0, "idle", "zkz-hybrid"), (0, "idle", "qemu-precopy")}
        assert [rows.hopeless(r) for r in back] == [False, True]


def test_table():
    have = [row("seq-50", "qemu-precopy", n, total_s=4, downtime_ms=301) for n in range(3)]
    have += [row("seq-50", "qemu-multifd", n, total_s=3) for n in range(2)]
    have += [row("seq-50", "qemu-multifd", 2, status="failed", reason="page 7 is torn")]
    have += [row("seq-50", "zkz-hybrid", n, total_s=1) for n in range(3)]
    text = report.Result(have).markdown()
    assert "0.25 (0.25..0.25) QEMU pre-copy" in text, "a lost cell counts as a peer"
    assert "**lost**, 1 of 3: failed: page 7 is torn" in text
    assert "| zkz hybrid | 50 or more | 50 or more |" in text
    assert "| QEMU multifd | below 50 | below 50 |" in text
    assert "| QEMU pre-copy | 50 or more | below 50 |" in text
    assert "3.00 (3.00..3.00)" in text, "CPU for each GiB"


def test_encrypted_with_encrypted():
    have = [row("idle", "qemu-precopy", 0, total_s=1), row("idle", "qemu-precopy+tls", 0, total_s=8),
            row("idle", "zkz-precopy+tls", 0, total_s=4)]
    assert "| 0.50 QEMU pre-copy, encrypted |" in report.Result(have).markdown(), "an interval of single runs"


def test_plot():
    text = plots.bars("a < b", [("x & y", [[1, 2, 3], []]), ("z", [[0.5], [10]])], ["one", "two"])
    tree = xml.fromstring(text)
    rects = [r for r in tree.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(rects) == 1 + 3 + 2, "background, bars, legend"
    assert text.count("×") == 1 and "2 (1..3)" in text
    xml.fromstring(plots.bars("nothing", [("x", [[]])], ["one"]))


def test_grid():
    for highest in (0.03, 1, 7, 99, 100, 12345):
        assert 2 <= highest / plots.step(highest) <= 6, highest


def main():
    tests = [(n[5:].replace("_", " "), f) for n, f in sorted(globals().items()) if n.startswith("test_")]
    bad = 0
    print(f"TAP version 13\n1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} {name}")
        except Exception as e:
            bad = 1
            print(f"# {type(e).__name__}: {e}\nnot ok {number} {name}")
    return bad


if __name__ == "__main__":
    sys.exit(main())
