"""From dated values to the geometry of a small line drawing: points, a target line, labels. No database, no HTML."""

from dataclasses import dataclass, field
from decimal import Decimal

WIDTH, HEIGHT = 320, 120
LEFT, RIGHT, TOP, BOTTOM = 36, 12, 12, 22


@dataclass(frozen=True)
class Dot:
    """One value where it is drawn."""

    x: float
    y: float
    on: object
    value: object
    label: str = ""


@dataclass(frozen=True)
class Series:
    """All that `serviceplans/_series.html` draws; numbers are rounded to a tenth of a pixel."""

    dots: list = field(default_factory=list)
    ticks: list = field(default_factory=list)  # (y, text) beside the left edge
    target_y: float | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM

    @property
    def line(self):
        """The `points` of a polyline."""
        return " ".join(f"{d.x},{d.y}" for d in self.dots)

    @property
    def first(self):
        return self.dots[0]

    @property
    def last(self):
        return self.dots[-1]


def plain(value):
    """A number as people write it: no zeros at the end, no exponent."""
    value = Decimal(str(value))
    return f"{value.normalize():f}" if value else "0"


def series(points, *, target=None):
    """Draw (day, value) or (day, value, label), in any order; None when there is nothing to draw.

    A target is in the picture, too. A single day stands in the middle, equal values on a line at half height.
    """
    rows = sorted(
        ((p[0], Decimal(str(p[1])), p[2] if len(p) > 2 else "") for p in points), key=lambda r: r[0]
    )
    if not rows:
        return None
    values = [value for _day, value, _label in rows]
    aim = None if target is None else Decimal(str(target))
    low, high = (
        min([*values, *([aim] if aim is not None else [])]),
        max([*values, *([aim] if aim is not None else [])]),
    )
    days = (rows[-1][0] - rows[0][0]).days

    def across(day):
        share = (day - rows[0][0]).days / days if days else 0.5
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def up(value):
        share = float((value - low) / (high - low)) if high != low else 0.5
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    dots = [Dot(across(day), up(value), day, value, label or plain(value)) for day, value, label in rows]
    ticks = [(up(value), plain(value)) for value in sorted({low, high}, reverse=True)]
    return Series(dots, ticks, up(aim) if aim is not None else None)


STEPS = {"back": -1, "same": 0, "forward": 1, "met": 1}


def climb(steps):
    """(day, step, label) in the order of time become (day, height, label): each step goes up, down or on."""
    height, found = 0, []
    for day, step, label in steps:
        height += STEPS[step]
        found.append((day, height, label))
    return found
