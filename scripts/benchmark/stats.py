# SPDX-License-Identifier: GPL-2.0
"""Statistics of the benchmark. Pure: numbers in, numbers out."""
import random
from statistics import median

SAMPLES = 4000
SEED = 20251
GIB = 1 << 30


def quantile(values, q):
    """By linear interpolation; of at least one value."""
    values = sorted(values)
    at = q * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def ratio(ours, theirs, confidence=0.95):
    """(ratio of the medians, low, high): the interval by bootstrap, both samples drawn anew each time.
    None if a sample is empty or theirs has a median of 0."""
    if not ours or not theirs or median(theirs) <= 0:
        return None
    rng = random.Random(SEED)
    found = []
    for _ in range(SAMPLES):
        below = median(rng.choices(theirs, k=len(theirs)))
        if below > 0:
            found.append(median(rng.choices(ours, k=len(ours))) / below)
    edge = (1 - confidence) / 2
    return median(ours) / median(theirs), quantile(found, edge), quantile(found, 1 - edge)


def interpolate(series, at):
    """Value at a time, of [time, value] pairs in order; beyond the ends the nearest."""
    if at <= series[0][0]:
        return series[0][1]
    for (t0, v0), (t1, v1) in zip(series, series[1:]):
        if at <= t1:
            return v0 + (v1 - v0) * (at - t0) / (t1 - t0) if t1 > t0 else v1
    return series[-1][1]


def lost_work(before, during):
    """Seconds of the guest's work that are missing: the area between what it did before and what it did.
    Each is (seconds, work done in them)."""
    if before[0] <= 0 or before[1] <= 0:
        return None
    return during[0] - during[1] * before[0] / before[1]


def latencies(text):
    """Of QEMU's log: seconds from the request for a page to when it is placed, of every page asked for."""
    asked, out = {}, []
    for line in text.splitlines():
        head, _, rest = line.partition(":")
        name, _, args = rest.partition(" ")
        try:
            when = float(head.partition("@")[2])
        except ValueError:
            continue
        words = args.replace("=", " ").split()
        for word in words:
            if word.startswith("0x"):
                page = int(word, 16) & ~4095
                break
        else:
            continue
        if name == "postcopy_ram_fault_thread_request":
            asked.setdefault(page, when)
        elif name in ("postcopy_place_page", "postcopy_place_page_zero") and page in asked:
            out.append(when - asked.pop(page))
    return out


def efficiency(row):
    """(of the total time, of the bytes): what the link and the guest's data allow, over what was achieved.
    The least that must go is every page that holds data, once, at the rate of the link."""
    data, link = row.get("data_bytes"), row.get("link_bytes_per_s")
    if not data or not link:
        return None, None
    return data / link / row["total_s"], data / row["bytes"]


def per_gib(seconds, row):
    return None if seconds is None else seconds * GIB / row["bytes"]


def convergence(levels, budget_ms):
    """The highest level at which every run moved within the downtime, with all below it.
    levels: {percent: [downtime in ms, or None for a run that did not move]}. None if there is none."""
    best = None
    for percent in sorted(levels):
        if any(ms is None or ms > budget_ms for ms in levels[percent]):
            break
        best = percent
    return best
