# SPDX-License-Identifier: GPL-2.0
"""Reads KTAP as kselftest's runner and unit tests print it, and yields one result per test.

A test program's own results come nested: each level is prefixed by "# " or indented. They are what is counted;
the line of the program itself counts only when it says more than they do (it crashed, timed out, was skipped or
stopped before its plan was fulfilled).
"""

import re
from collections import deque

LEVEL = re.compile(r"(?:# |#$|  )")
RESULT = re.compile(r"(not )?ok (\d+)(?: -)?(?: (.*?))?"
                    r"(?:\s*# ?(SKIP|XFAIL|XPASS|TIMEOUT|TODO|exit=\d+|error)\b[: ]*(.*))?$")
PLAN = re.compile(r"1\.\.(\d+)(?:\s+# ?SKIP\b\s*(.*))?$")
HEADER = re.compile(r"selftests: (.*)$")
CONTEXT_LINES = 30


class Result:
    """One counted test: verdict is "ok", "not ok" or "skip"."""

    def __init__(self, verdict, name, note="", context=()):
        self.verdict = verdict
        self.name = name
        self.note = note
        self.context = list(context)


class Reader:
    """feed() it lines, take results; end() yields what the stream's end reveals."""

    def __init__(self):
        self.plan = {}     # depth -> planned number of tests
        self.seen = {}     # depth -> results seen
        self.failed = {}   # depth -> failures seen
        self.skipped = ""  # reason of a nested plan of nothing
        self.header = ""
        self.any = False   # a result was seen
        self.context = deque(maxlen=CONTEXT_LINES)

    @staticmethod
    def _level(line):
        depth = 0
        while True:
            m = LEVEL.match(line)
            if not m or not m.group():
                return depth, line
            line = line[m.end():]
            depth += 1

    def _name(self, depth, desc):
        return f"{self.header}: {desc}" if depth and self.header else desc

    def feed(self, line):
        line = line.rstrip("\r\n")
        self.context.append(line)
        depth, text = self._level(line)
        m = HEADER.match(text)
        if m and depth == 1:
            self.header = m.group(1)
            return
        m = PLAN.match(text)
        if m:
            if self.seen.get(depth) and depth not in self.plan:  # a plan may also come last
                self.plan[depth] = int(m.group(1))
                return
            if depth == 0:
                yield from self.end_plan()
            self.plan[depth] = int(m.group(1))
            self.seen[depth] = self.failed[depth] = 0
            if self.plan[depth] == 0:
                self.skipped = m.group(2) or ""
            return
        m = RESULT.match(text)
        if m:
            yield from self._result(depth, *m.groups())

    def _result(self, depth, bad, _num, desc, mark, note):
        desc = (desc or "unnamed").removeprefix("selftests: ")
        self.any = True
        self.seen[depth] = self.seen.get(depth, 0) + 1
        inner = [d for d in self.seen if d > depth and (self.seen[d] or d in self.plan)]
        children = sum(self.seen[d] for d in inner)
        missing = sum(max(0, self.plan.get(d, 0) - self.seen[d]) for d in inner)
        inner_failed = sum(self.failed.get(d, 0) for d in inner)
        for d in inner:
            self.plan.pop(d, None)
            self.seen[d] = self.failed[d] = 0
        note = " ".join(x for x in (mark if mark not in ("SKIP", None) else "", note or "") if x)
        name = self._name(depth, desc)
        verdict = None
        if bad and mark not in ("SKIP", "TODO", "XFAIL"):
            self.failed[depth] = self.failed.get(depth, 0) + 1
            if missing:
                note = f"{note}; {missing} of its tests did not run".lstrip("; ")
            if not inner_failed or missing:
                verdict = "not ok"
        elif mark == "SKIP" and (not children or missing):
            verdict, note = "skip", note or self.skipped or "no reason given"
        elif missing:
            self.failed[depth] = self.failed.get(depth, 0) + 1
            verdict, note = "not ok", f"{missing} of its tests did not run"
        elif not children:
            verdict = "ok"
        self.skipped = ""
        if verdict:
            yield Result(verdict, name, note, list(self.context)[:-1] if verdict == "not ok" else ())
        self.context.clear()

    def end_plan(self):
        """A plan ends, by the next one or by the end of the stream: what was planned and never came."""
        missing = sum(max(0, n - self.seen.get(d, 0)) for d, n in self.plan.items())
        if missing:
            yield Result("not ok", f"{self.header or 'tests'}: ended early",
                         f"{missing} planned results missing", self.context)
        self.plan.clear()

    def end(self):
        """The stream has ended."""
        yield from self.end_plan()
        if not self.any:
            yield Result("not ok", "no test ran", "", self.context)
