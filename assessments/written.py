"""How somebody who is no developer writes down answers, lists of questions and bands: lines of text, both ways."""

import re
from itertools import pairwise

from django.utils.text import slugify
from django.utils.translation import gettext as _

NUMBER = r"-?\d{1,9}(?:[.,]\d{1,6})?"
OPTION = re.compile(rf"^\s*({NUMBER})\s*[=:]\s*(.+?)\s*$")
BAND = re.compile(
    rf"^\s*({NUMBER})\s*(?:(?:-|–|\.\.)\s*({NUMBER})\s*)?[=:]\s*(.+?)\s*(?:\(\s*([0-4])\s*\))?\s*$"
)
BULLET = re.compile(r"^\s*(?:\(?\d{1,3}[.)]|[-–•*])\s+")


class Unreadable(ValueError):
    """A line that says nothing we know; its text is a sentence."""


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def number(text):
    """What this says in figures, whole where it can be. Raises ValueError."""
    value = float(text.replace(",", "."))
    return int(value) if value == int(value) else value


# --- Answers to choose from: “0 = Never” ------------------------------------------------------------------------------


def options_of(text, known=()):
    """The answers in these lines; one that was known by its words keeps the value that is stored for it."""
    by_label = {option.get("label"): option for option in known}
    options, values = [], set()
    for line in lines(text):
        found = OPTION.match(line)
        score, label = (number(found[1]), found[2]) if found else (None, line)
        before = by_label.get(label)
        value = before["value"] if before else label if score is None or str(score) in values else score
        values.add(str(value))
        option = {"value": value, "label": label}
        if score is not None and score != value:
            option["score"] = score
        options.append(option)
    return options


def text_of_options(options):
    """The lines that say these answers."""
    return "\n".join(
        option["label"] if counts is None else f"{counts} = {option['label']}"
        for option, counts in ((option, _counts(option)) for option in options)
    )


def _counts(option):
    score = option.get("score")
    if score is None and not isinstance(option["value"], str):
        return option["value"]
    return score


# --- Which questions: “1-6, 9” ----------------------------------------------------------------------------------------


def codes_of(text, known):
    """The codes that are meant, in order; one that does not exist stays, so that it can be named."""
    found = []
    for part in re.split(r"[,;\n]+", text):
        part = part.strip()
        if not part:
            continue
        if part in known:
            found.append(part)
            continue
        span = _span(part, known)
        if span is None and re.search(r"\s", part) and not re.search(r"\s[-–]\s", part):
            found += [code for piece in part.split() for code in (_span(piece, known) or [piece])]
        else:
            found += span or [part]
    return list(dict.fromkeys(found))


def _span(part, known):
    """“2-6” as the numbers from one to the other that there are; None when it is none."""
    found = re.fullmatch(r"(\d{1,9})\s*[-–]\s*(\d{1,9})", part)
    if found is None or int(found[1]) > int(found[2]):
        return None
    first, last = int(found[1]), int(found[2])
    inside = [n for n in _numbers(known) if first < n < last]
    return [str(n) for n in dict.fromkeys([first, *inside, last])]


def _numbers(codes):
    return sorted(int(code) for code in codes if re.fullmatch(r"0|[1-9]\d{0,8}", code))


def text_of_codes(codes, known):
    """The shortest way to write these codes down; what it says stays the same when questions change places."""
    numbers, said, rest = _numbers(known), [], list(codes)
    after = {str(n): str(later) for n, later in pairwise(numbers)}
    while rest:
        run = 1
        while run < len(rest) and after.get(rest[run - 1]) == rest[run]:
            run += 1
        said += [f"{rest[0]}-{rest[run - 1]}"] if run > 2 else rest[:run]
        rest = rest[run:]
    return ", ".join(said)


# --- Bands: “0-4 = minimal (1)” ---------------------------------------------------------------------------------------


def bands_of(text):
    """The bands in these lines. Raises Unreadable with the first that says nothing."""
    bands = []
    for line in lines(text):
        found = BAND.match(line)
        if found is None:
            raise Unreadable(_("“%(line)s” is not like “0-4 = minimal”.") % {"line": line[:60]})
        low = number(found[1])
        high = low if found[2] is None else number(found[2])
        band = {"low": low, "high": high, "label": found[3]}
        bands.append(band | ({"severity": int(found[4])} if found[4] else {}))
    return bands


def text_of_bands(bands):
    return "\n".join(
        f"{_stretch(band)} = {band['label']}" + (f" ({band['severity']})" if "severity" in band else "")
        for band in bands
    )


def _stretch(band):
    return f"{band['low']}" if band["low"] == band["high"] else f"{band['low']}-{band['high']}"


# --- Questions, one to a line -----------------------------------------------------------------------------------------


def questions_of(text):
    """The questions that were pasted, without the numbers that stood before them."""
    return [BULLET.sub("", line).strip() for line in lines(text)]


def next_code(codes):
    """The number for a new question: one more than the highest, so that no code is ever used again."""
    return str(1 + max((int(code) for code in codes if code.isdecimal() and len(code) < 10), default=0))


def code_from(title, codes):
    """A code for a scale, made of its title, that no other has."""
    base = slugify(title)[:40] or "scale"
    code, n = base, 1
    while code in codes:
        n += 1
        code = f"{base}-{n}"
    return code
