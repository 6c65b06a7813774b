"""From dated values to the geometry of a picture of change: lines, named stretches, marks. No database, no HTML.

Days are drawn as far apart as they were. Numbers are rounded to a tenth of a pixel.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

WIDTH, HEIGHT = 360, 206
LEFT, TOP, BASE = 30, 20, 158
LEAST_RIGHT = 28
INSET = 10  # so that the first number stands on none beside the scale
CHARACTER = 6.6  # how wide a letter of a picture is, about
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MANY = 24  # from so many values on, dots are small and few have their number


@dataclass(frozen=True)
class Stretch:
    """A named part of a scale, where it is drawn; `words` are (y, text), none where it is too narrow for them."""

    y: float
    height: float
    severity: int = 0
    words: tuple = ()


@dataclass(frozen=True)
class Dot:
    """One value; `text` is its number, "" where there is no room for it."""

    x: float
    y: float
    radius: float
    text: str = ""
    text_x: float = 0
    text_y: float = 0


@dataclass(frozen=True)
class Drawn:
    """One line: all its dots, and how it looks beside others (0: the first, full; 1: the second, dashed)."""

    name: str
    dots: tuple
    look: int = 0

    @property
    def points(self):
        """The `points` of a polyline."""
        return " ".join(f"{d.x},{d.y}" for d in self.dots)

    @property
    def is_dense(self):
        return len(self.dots) >= MANY


@dataclass(frozen=True)
class Mark:
    """Something that happened meanwhile, by its sign; `until_x` is where a stretch of time ends, else None."""

    x: float
    sign: str
    until_x: float | None = None


@dataclass(frozen=True)
class Picture:
    """All that templates/workspace/_change_picture.html draws."""

    lines: list
    stretches: list = field(default_factory=list)
    numbers: list = field(default_factory=list)  # (y, text) beside the left edge
    ticks: list = field(default_factory=list)  # (x, day, anchor) below
    by_day: bool = False  # whether a tick names its day, or only its month
    marks: list = field(default_factory=list)
    breaks: list = field(default_factory=list)  # (x, text) where another version begins
    right: float = WIDTH - LEAST_RIGHT
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    top: int = TOP
    base: int = BASE

    @property
    def across(self):
        """How wide the scale itself is drawn."""
        return self.right - self.left


@dataclass(frozen=True)
class Happening:
    """What is marked on the time axis: a letter for an event, a number for a review."""

    day: date
    sign: str
    until: date | None = None


def plain(value):
    """A number as people write it: at most two decimals, and no zeros at the end."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def letters(n):
    """The nth sign of an event, from 0: A, B … Z, AA, AB …"""
    return (letters(n // 26 - 1) if n >= 26 else "") + LETTERS[n % 26]


def draw(lines, *, start, end, span=None, bands=(), happened=(), breaks=()):
    """The picture of [(name, [(day, value), …]), …] from `start` to `end`.

    `span` is (lowest, highest) of the scale, and grows where a value lies outside; `breaks` are (day, text).
    """
    values = [value for _name, points in lines for _day, value in points]
    low, high = min([*values, *(span or ())[:1]]), max([*values, *(span or ())[1:]])
    if low == high:
        low, high = low - 1, high + 1
    words = {band: _wrapped(band.label) for band in bands}
    right = WIDTH - _margin(words.values())

    def across(day):
        share = (day - start).days / (end - start).days if end > start else 0.5
        return round(LEFT + INSET + min(max(share, 0), 1) * (right - LEFT - INSET), 1)

    def up(value):
        return round(BASE - (value - low) / (high - low) * (BASE - TOP), 1)

    ticks, by_day = _ticks(start, end, right - LEFT)
    return Picture(
        lines=_lines(lines, across, up, right),
        stretches=_stretches(bands, words, up, high),
        numbers=_numbers([b.low for b in bands] + [high] if bands else [low, (low + high) / 2, high], up),
        ticks=[(across(day), day, _anchor(day, start, end)) for day in ticks],
        by_day=by_day,
        marks=_marks(happened, start, end, across),
        breaks=[(across(day), text) for day, text in breaks],
        right=right,
    )


def _wrapped(label, most=12):
    """The name of a stretch on one or two lines; what is longer is cut, and stands in full in the table."""
    first, rest = "", label.split(":")[0].split()
    while rest and len(f"{first} {rest[0]}".strip()) <= most:
        first = f"{first} {rest.pop(0)}".strip()
    second = " ".join(rest)
    return [_cut(text, most) for text in (first, second) if text]


def _cut(text, most):
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _margin(names):
    longest = max((len(line) for lines in names for line in lines), default=0)
    return max(LEAST_RIGHT, round(longest * CHARACTER) + 7)


def _stretches(bands, words, up, high):
    found = []
    for n, band in enumerate(bands):
        # A score between two whole-numbered stretches belongs to the lower one, so that they touch.
        top = up(bands[n + 1].low if n + 1 < len(bands) else max(band.high, high))
        bottom = up(band.low)
        height = round(bottom - top, 1)
        lines = words[band][: max(int((height + 3) // 11), 0)]
        first = (top + bottom) / 2 + 4 - 5.5 * (len(lines) - 1)
        placed = tuple((round(first + 11 * n, 1), text) for n, text in enumerate(lines))
        found.append(Stretch(top, height, band.severity, placed))
    return found


def _numbers(values, up):
    """The numbers beside the scale, without those that would stand on each other; both ends stay."""
    ordered = sorted(set(values))
    kept = [ordered[0], ordered[-1]]
    for value in ordered[1:-1]:
        if all(abs(up(value) - up(other)) >= 11 for other in kept):
            kept.append(value)
    return [(up(value), plain(value)) for value in sorted(kept)]


def _lines(lines, across, up, right):
    """Every line with its dots; numbers stand by the ends and the extremes first, then where there is room."""
    places = [[(across(day), up(value)) for day, value in points] for _name, points in lines]
    taken, texts = [], {}
    for n, (_name, points) in enumerate(lines):
        values = [value for _day, value in points]
        for at in _in_order_of_interest(values):
            x, y = places[n][at]
            text = plain(values[at])
            heights = [y + 16, y - 8] if n else [y - 8, y + 16]
            # Only the ends and the extremes may cross to the other side of the line.
            heights = heights if at in _ends(values) else heights[:1]
            found = _room(x, heights, text, taken, right)
            if found is not None:
                taken.append(found[1])
                texts[n, at] = (text, *found[0])
    drawn = []
    for n, (name, points) in enumerate(lines):
        small = 1.8 if len(points) >= MANY else 3.2
        dots = [
            Dot(x, y, 4.4 if at == len(points) - 1 else small, *texts.get((n, at), ("", 0, 0)))
            for at, (x, y) in enumerate(places[n])
        ]
        drawn.append(Drawn(name, tuple(dots), n))
    return drawn


def _in_order_of_interest(values):
    """Places of the last, first, highest and lowest value, and of the others unless they are many."""
    if not values:
        return []
    return list(dict.fromkeys([*_ends(values), *(range(len(values)) if len(values) < MANY else ())]))


def _ends(values):
    return [len(values) - 1, 0, values.index(max(values)), values.index(min(values))]


def _room(x, heights, text, taken, right):
    """Where the number of a dot stands (x, y) and the box that it takes; None where others stand."""
    half = len(text) * CHARACTER / 2 + 1.5
    # Where bands have names, these begin at the right edge.
    edge = right if right < WIDTH - LEAST_RIGHT else WIDTH
    middle = min(max(x, LEFT + half + 2), edge - half)
    for text_y in heights:
        box = (middle - half, text_y - 10, middle + half, text_y + 2)
        if box[1] >= 2 and box[3] <= BASE + 2 and not any(_overlap(box, other) for other in taken):
            return (round(middle, 1), round(text_y, 1)), box
    return None


def _overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ticks(start, end, width):
    """Days to write below, and whether the day itself is worth saying: the ends of a short time, else months."""
    if (end - start).days <= 70:
        return ([start, end] if end > start else [start]), True
    months = (end.year - start.year) * 12 + end.month - start.month
    most = max(int(width // 64), 1)
    step = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120) if months / n <= most), 240)
    count = start.year * 12 + start.month - 1 + (start.day > 1)
    count += -count % step
    found = []
    while (day := date(count // 12, count % 12 + 1, 1)) <= end:
        found.append(day)
        count += step
    return found or [start], not found


def _anchor(day, start, end):
    """Which way the words of a tick grow, so that none leaves the picture."""
    share = (day - start).days / max((end - start).days, 1)
    return "start" if share < 0.06 else "end" if share > 0.94 else "middle"


def _marks(happened, start, end, across):
    """What lies within the picture, side by side; signs that would stand on each other share one place."""
    within = sorted(
        (h for h in happened if (h.until or h.day) >= start and h.day <= end), key=lambda h: (h.day, h.sign)
    )
    groups = []
    for one in within:
        x = across(one.day)
        if groups and x - groups[-1][-1][0] < 6 + CHARACTER * len(_signs(groups[-1])):
            groups[-1].append((x, one))
        else:
            groups.append([(x, one)])
    marks = []
    for group in groups:
        for n, (x, one) in enumerate(group):
            until = across(min(one.until, end)) if one.until else None
            marks.append(Mark(x, _signs(group) if n == 0 else "", until))
    return marks


def _signs(group):
    signs = [one.sign for _x, one in group]
    return ",".join(signs) if len(signs) <= 3 else f"{signs[0]}…{signs[-1]}"


def time_shown(days, today):
    """From the first day that is drawn to today, at least a month: the same for all pictures of a person."""
    start = min([*days, today])
    end = max([*days, today])
    return min(start, end - timedelta(days=28)), end
