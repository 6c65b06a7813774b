"""Dates as people type them. Plain functions, no database."""

import re
from datetime import date

_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:[AaPp]\.?[Mm]\.?)?Z?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME, re.ASCII)
_SHORT = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})" + _TIME, re.ASCII)
_MONTH = r"([A-Za-z]{3,9})\.?"
_DAY_NAMED = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?[-/. ]*{_MONTH}[-/., ]*(\d{{4}}|\d{{2}})" + _TIME, re.ASCII
)
_NAMED_DAY = re.compile(
    rf"{_MONTH}[-/. ]*(\d{{1,2}})(?:st|nd|rd|th)?[-/., ]+(\d{{4}}|\d{{2}})" + _TIME, re.ASCII
)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

MONTH_FIRST, DAY_FIRST = "mdy", "dmy"


def parse_day(text, order, today):
    """The day in a cell; `order` says which comes first in 03/04/1980. Raises ValueError.

    A two-digit year is the latest one that has begun.
    """
    text = " ".join(text.split())
    if found := _YEAR_FIRST.fullmatch(text):
        year, _sign, month, day = found.groups()
    elif found := _PACKED.fullmatch(text):
        year, month, day = found.groups()
    elif found := _SHORT.fullmatch(text):
        month, _sign, day, year = found.groups()
        if order == DAY_FIRST:
            month, day = day, month
    elif found := _DAY_NAMED.fullmatch(text):
        day, month, year = found.groups()
    elif found := _NAMED_DAY.fullmatch(text):
        month, day, year = found.groups()
    else:
        raise ValueError(text)
    return date(_year(year, today), _month(month), int(day))


def _year(text, today):
    if len(text) == 4:
        return int(text)
    year = 2000 + int(text)
    return year - 100 if year > today.year else year


def _month(text):
    if text.isdigit():
        return int(text)
    named = text.lower()
    if named == "sept":
        named = "sep"
    found = [n for n, month in enumerate(_MONTHS, 1) if month.startswith(named)]
    if len(found) != 1:
        raise ValueError(text)
    return found[0]


def order_of(texts):
    """Which comes first in dates such as 03/04/1980, and a date that tells; ("", "") where none does.

    Where some dates tell the one and some the other, those that are more decide.
    """
    told = {MONTH_FIRST: [], DAY_FIRST: []}
    for text in texts:
        found = _SHORT.fullmatch(text.strip())
        if found is None:
            continue
        first, second = int(found[1]), int(found[3])
        if first > 12 >= second > 0:
            told[DAY_FIRST].append(text)
        elif second > 12 >= first > 0:
            told[MONTH_FIRST].append(text)
    order = max(told, key=lambda one: len(told[one]))
    return (order, told[order][0].strip()) if told[order] else ("", "")


def has_short_dates(texts):
    """Whether any date is written so that the order matters."""
    return any(_SHORT.fullmatch(text.strip()) for text in texts)
