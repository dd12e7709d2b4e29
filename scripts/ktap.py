# SPDX-License-Identifier: GPL-2.0
"""Reads KTAP as kselftest's runner and unit tests print it, and yields one result per test.

A test program's own results come nested: each level is prefixed by "# " or indented. They are what is counted;
the line of the program itself counts only when it says more than they do (it crashed, timed out, was skipped or
stopped before its plan was fulfilled).

  ktap.py --self-test    TAP
"""

import re
import sys
from collections import deque

LEVEL = re.compile(r"(?:# |#$|  )")
RESULT = re.compile(r"(not )?ok (\d+)(?: -)?(?: (.*?))?"
                    r"(?:\s*# ?(SKIP|XFAIL|XPASS|TIMEOUT|TODO|exit=\d+|error)\b[: ]*(.*))?$")
PLAN = re.compile(r"1\.\.(\d+)(?:\s+# ?SKIP\b\s*(.*))?$")
HEADER = re.compile(r"selftests: (.*)$")
CONTEXT_LINES = 60


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


# What is said, and what must be read from it.
CASES = [
    ("plain results", "TAP version 13\n1..2\nok 1 a\nnot ok 2 - b # exit=1", "ok a; not ok b"),
    ("a plan that comes last", "ok 1 a\nok 2 b\n1..2", "ok a; ok b"),
    ("results that never came", "1..3\nok 1 a", "ok a; not ok tests: ended early"),
    ("nothing at all", "hello\nnot okay\nok", "not ok no test ran"),
    ("nested results are counted, not their program",
     "1..1\n# selftests: s: p\n# 1..2\n# ok 1 a\n# ok 2 b\nok 1 selftests: s: p", "ok s: p: a; ok s: p: b"),
    ("a nested failure is counted once",
     "1..1\n# selftests: s: p\n# 1..2\n# ok 1 a\n# not ok 2 b\nnot ok 1 selftests: s: p # exit=1",
     "ok s: p: a; not ok s: p: b"),
    ("a program that crashed",
     "1..1\n# selftests: s: p\n# 1..2\n# ok 1 a\nnot ok 1 selftests: s: p # exit=139", "ok s: p: a; not ok s: p"),
    ("a program that stopped early and said it passed",
     "1..1\n# selftests: s: p\n# 1..2\n# ok 1 a\nok 1 selftests: s: p", "ok s: p: a; not ok s: p"),
    ("skipped tests and programs",
     "1..2\n# selftests: s: p\n# 1..1\n# ok 1 a # SKIP no device\nok 1 selftests: s: p\n"
     "# selftests: s: q\nok 2 selftests: s: q # SKIP", "skip s: p: a; skip s: q"),
    ("a timeout", "1..1\n# selftests: s: p\nnot ok 1 selftests: s: p # TIMEOUT 45 seconds", "not ok s: p"),
    ("two suites, the first cut off", "1..2\nok 1 a\nTAP version 13\n1..1\nok 1 b",
     "ok a; not ok tests: ended early; ok b"),
]


def self_test():
    """Reads what CASES say."""
    bad = 0
    print(f"TAP version 13\n1..{len(CASES)}")
    for number, (name, said, want) in enumerate(CASES, 1):
        reader = Reader()
        results = [r for line in said.split("\n") for r in reader.feed(line)] + list(reader.end())
        got = "; ".join(f"{r.verdict} {r.name}" for r in results)
        if got != want:
            bad = 1
            print(f"# read '{got}', not '{want}'")
        print(f"{'ok' if got == want else 'not ok'} {number} {name}")
    return bad


if __name__ == "__main__":
    sys.exit(self_test())
