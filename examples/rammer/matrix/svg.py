"""Grouped bars as SVG text, without a library; the same bytes each time.

A chart is groups along x, and in each a bar for every series.  Beside a bar's
value there may be, of the same series and group, a published figure (a hollow
circle) and a prediction (a dash across the bar); a published figure that belongs
to no bar is a series without bars.
"""

import math
from xml.sax.saxutils import escape

COLOURS = ["#4c78a8", "#f58518", "#54a24b", "#b279a2", "#e45756", "#72b7b2",
           "#9d755d", "#bab0ac"]
LEFT, RIGHT, TOP, BELOW = 62, 16, 44, 36
PLOT = 260          # height of the field
ROW = 18            # of a line of the legend
BAR = 16            # with the space beside it
GAP = 14            # between groups


class Chart:
    """series: names, in order; groups: names, in order; values, published and
    predicted: {(group, series): number}.  A series with none of them is left
    out."""

    def __init__(self, title, unit, groups, series, log):
        self.title, self.unit, self.log = title, unit, log
        self.groups, self.series = groups, series
        self.values, self.published, self.predicted = {}, {}, {}
        self.line = None        # a horizontal one, as at ratio 1
        self.notes = []

    def holds(self, series):
        return any((g, series) in d for g in self.groups
                   for d in (self.values, self.published))

    def everything(self):
        return [v for d in (self.values, self.published, self.predicted)
                for v in d.values()]


def axis(chart):
    """(low, high, ticks)"""
    found = chart.everything() + ([chart.line] if chart.line else [])
    top = max(found, default=1) or 1
    if chart.log:
        least = min((v for v in found if v > 0), default=top)
        low = 10 ** math.floor(math.log10(least))
        decades = math.log10(top / low) or 1
        high = top * 10 ** (0.04 * decades)
        steps = (1, 2, 5) if decades < 2.5 else (1,)
        ticks = [low * 10 ** e * s for e in range(math.ceil(decades) + 1)
                 for s in steps if low * 10 ** e * s <= high]
        return low, high, ticks
    step = 10 ** math.floor(math.log10(top))
    for finer in (1, 2, 5, 10):
        if top / (step / finer) >= 4:
            step /= finer
            break
    high = step * math.ceil(top * 1.02 / step)
    return 0, high, [i * step for i in range(round(high / step) + 1)]


def number(v):
    """Three digits that tell something."""
    return f"{v:.3g}" if abs(v) < 1000 else f"{v:.0f}"


class Drawing:
    def __init__(self, chart):
        self.c, self.out = chart, []
        chart.series = [s for s in chart.series if chart.holds(s)]
        self.low, self.high, self.ticks = axis(chart)
        self.bars_wide = BAR * len(chart.series)
        self.group = GAP + max([self.bars_wide] +
                               [6.8 * len(g) for g in chart.groups])
        self.field = max(self.group * len(chart.groups) + GAP, 330)
        self.width = LEFT + self.field + RIGHT

    def y(self, v):
        if self.c.log:
            part = math.log(max(v, self.low) / self.low) / \
                math.log(self.high / self.low)
        else:
            part = v / self.high
        return TOP + PLOT * (1 - part)

    def x(self, g, s=0.0):
        margin = (self.group - GAP - self.bars_wide) / 2
        return LEFT + GAP + g * self.group + margin + s * BAR

    def add(self, text):
        self.out.append(text)

    def words(self, x, y, text, anchor="start", more=""):
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>'
                 f'{escape(text)}</text>')

    def across(self, y, x0, x1, style):
        self.add(f'<line x1="{x0:.1f}" y1="{y:.1f}" x2="{x1:.1f}" y2="{y:.1f}" '
                 f'{style}/>')

    def frame(self):
        for t in self.ticks:
            self.across(self.y(t), LEFT, LEFT + self.field, 'stroke="#ddd"')
            self.words(LEFT - 6, self.y(t) + 4, number(t), "end")
        self.words(LEFT, 18, self.c.title, more=' font-weight="bold"')
        self.words(LEFT - 6, TOP - 10, self.c.unit, "end")
        self.across(TOP + PLOT, LEFT, LEFT + self.field, 'stroke="#333"')
        for g, name in enumerate(self.c.groups):
            self.words(self.x(g) + self.bars_wide / 2, TOP + PLOT + 16, name,
                       "middle")

    def bars(self):
        for g, group in enumerate(self.c.groups):
            for s, series in enumerate(self.c.series):
                at = (group, series)
                if at in self.c.values:
                    v = self.c.values[at]
                    self.add(f'<rect x="{self.x(g, s) + 1:.1f}" '
                             f'y="{self.y(v):.1f}" width="{BAR - 2:.1f}" '
                             f'height="{TOP + PLOT - self.y(v):.1f}" '
                             f'fill="{COLOURS[s % 8]}"><title>'
                             f'{escape(f"{group}, {series}: {number(v)}")} '
                             f'{escape(self.c.unit)}</title></rect>')

    def marks(self):
        for g, group in enumerate(self.c.groups):
            for s, series in enumerate(self.c.series):
                at, x = (group, series), self.x(g, s)
                if at in self.c.predicted:
                    self.across(self.y(self.c.predicted[at]), x, x + BAR,
                                'stroke="#000" stroke-width="2"')
                if at in self.c.published:
                    v = self.c.published[at]
                    ring = "#222" if at in self.c.values else COLOURS[s % 8]
                    self.add(f'<circle cx="{x + BAR / 2:.1f}" '
                             f'cy="{self.y(v):.1f}" r="4" fill="#fff" '
                             f'fill-opacity="0.6" stroke="{ring}" '
                             f'stroke-width="2"><title>'
                             f'{escape(f"published, {group}, {series}: {number(v)}")}'
                             f' {escape(self.c.unit)}</title></circle>')

    def entries(self):
        """The legend's: (drawing at x, y; text)."""
        for s, name in enumerate(self.c.series):
            filled = any((g, name) in self.c.values for g in self.c.groups)
            yield (f'<rect x="{{x}}" y="{{y}}" width="11" height="11" '
                   f'fill="{COLOURS[s % 8] if filled else "none"}" '
                   f'stroke="{COLOURS[s % 8]}"/>', name)
        if self.c.predicted:
            yield ('<rect x="{x}" y="{y5}" width="11" height="2"/>', "predicted")
        if self.c.published:
            yield ('<circle cx="{x6}" cy="{y5}" r="4" fill="none" stroke="#333" '
                   'stroke-width="2"/>', "published (Rammer, OSDI 2020, V100)")

    def legend(self):
        """Returns the height below the field."""
        x, y = LEFT, TOP + PLOT + BELOW
        for shape, text in self.entries():
            wide = 30 + 6.6 * len(text)
            if x + wide > self.width and x > LEFT:
                x, y = LEFT, y + ROW
            self.add(shape.format(x=x, y=y, y5=y + 5, x6=x + 6))
            self.words(x + 16, y + 10, text)
            x += wide
        for note in self.c.notes:
            y += ROW
            self.words(LEFT, y + 10, note, more=' fill="#555"')
        return y + ROW + 6

    def text(self):
        self.frame()
        self.bars()
        if self.c.line:
            self.across(self.y(self.c.line), LEFT, LEFT + self.field,
                        'stroke="#333" stroke-dasharray="4 3"')
        self.marks()
        height = self.legend()
        words = [self.c.title] + self.c.notes
        self.width = max(self.width, LEFT + 6.6 * max(map(len, words)) + RIGHT)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" '
                f'width="{self.width:.0f}" height="{height:.0f}" '
                f'viewBox="0 0 {self.width:.0f} {height:.0f}" '
                f'font-family="sans-serif" font-size="12">\n'
                f'<rect width="100%" height="100%" fill="#fff"/>\n' +
                "\n".join(self.out) + "\n</svg>\n")


def draw(chart, path):
    with open(path, "w", encoding="utf-8") as f:
        f.write(Drawing(chart).text())
