# SPDX-License-Identifier: GPL-2.0
"""Bars with ranges as SVG. Pure: numbers in, text out."""
from html import escape
from math import floor, log10
from statistics import median

COLORS = ("#9aa5b1", "#6b7a8c", "#3e4c5a", "#b08968", "#2f80ed", "#27ae60", "#c9d1d9", "#a3b1c2", "#7d8b99",
          "#d9bf9f", "#85b8f7", "#83d6a5", "#e0a800")
BAR, GAP, LEFT, TOP, HEIGHT, BELOW, LINE = 14, 26, 60, 40, 240, 40, 18


def step(highest):
    """Distance of the grid's lines: 1, 2 or 5 times a power of ten, at most six of them."""
    if highest <= 0:
        return 1
    power = 10 ** floor(log10(highest / 5))
    return next(power * n for n in (1, 2, 5, 10) if power * n * 6 >= highest)


def number(value):
    return f"{value:.6g}"


def bars(title, groups, names):
    """One group of bars for each (label, [values of each name]): the median, a line from lowest to highest.
    A cross stands for what has no values."""
    highest = max((v for _, series in groups for values in series for v in values), default=0)
    grid = step(highest)
    top = max(grid, highest * 1.02)
    group = BAR * len(names) + GAP
    width = max(LEFT + group * len(groups) + 20, 420)
    legend = TOP + HEIGHT + BELOW
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{legend + LINE * len(names) + 10}" '
           'font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>']

    def y(value):
        return TOP + HEIGHT * (1 - value / top)

    at = 0
    while at <= top:
        out.append(f'<line x1="{LEFT}" x2="{width - 10}" y1="{y(at):.1f}" y2="{y(at):.1f}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y(at) + 4:.1f}" text-anchor="end">{number(at)}</text>')
        at += grid
    for n, (label, series) in enumerate(groups):
        left = LEFT + GAP / 2 + n * group
        out.append(f'<text x="{left + BAR * len(names) / 2:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">'
                   f'{escape(label)}</text>')
        for i, values in enumerate(series):
            out.append(bar(left + i * BAR, values, COLORS[i % len(COLORS)], y, f"{names[i]}, {label}"))
    for i, name in enumerate(names):
        below = legend + LINE * i
        out.append(f'<rect x="{LEFT}" y="{below}" width="12" height="12" fill="{COLORS[i % len(COLORS)]}"/>'
                   f'<text x="{LEFT + 18}" y="{below + 11}">{escape(name)}</text>')
    return "\n".join([*out, "</svg>", ""])


def bar(x, values, color, y, what):
    middle = x + BAR / 2
    if not values:
        return f'<text x="{middle}" y="{y(0) - 3:.1f}" text-anchor="middle" fill="#c00">×</text>'
    mid = median(values)
    return (f'<g><title>{escape(what)}: {number(mid)} ({number(min(values))}..{number(max(values))})</title>'
            f'<rect x="{x + 1}" y="{y(max(mid, 0)):.1f}" width="{BAR - 2}" height="{y(0) - y(max(mid, 0)):.1f}" '
            f'fill="{color}"/><line x1="{middle}" x2="{middle}" y1="{y(max(min(values), 0)):.1f}" '
            f'y2="{y(max(max(values), 0)):.1f}" stroke="black"/></g>')
