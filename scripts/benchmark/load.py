# SPDX-License-Identifier: GPL-2.0
"""Time that a host's processors spend on other things than running guests, sampled all the while."""
import os
import threading
import time

PERIOD_S = 0.1
TICKS = os.sysconf("SC_CLK_TCK")


def busy():
    """Seconds of work since the host booted, without what virtual CPUs ran."""
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system, _, _, irq, softirq, _, guest, guest_nice = map(int, f.readline().split()[1:11])
    return (user + nice + system + irq + softirq - guest - guest_nice) / TICKS


class Sampler(threading.Thread):
    """[time, busy seconds] pairs."""

    def __init__(self):
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.series = [[time.time(), busy()]]
        self.start()

    def run(self):
        while not self.over.wait(PERIOD_S):
            self.series.append([time.time(), busy()])

    def stop(self):
        self.over.set()
        self.join()
        self.series.append([time.time(), busy()])
        return self.series
