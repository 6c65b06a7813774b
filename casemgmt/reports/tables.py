"""What a report shows: tables of plain words and numbers, the bars beside them, and the same as a file."""

import csv
from dataclasses import dataclass, field
from io import StringIO

from django.utils.translation import gettext as _

from casemgmt.core.cells import safe
from casemgmt.reports import figures

NOTHING = "–"


class Hidden(str):
    """Words for a number that is not shown; `sign` stands for them where there is little room."""

    def __new__(cls, words, sign):
        hidden = super().__new__(cls, words)
        hidden.sign = sign
        return hidden


@dataclass
class Counts:
    """A row before it is shown: numbers by column with their sum last, the people behind each, and other values."""

    label: str
    counts: list
    people: list
    values: list = field(default_factory=list)


@dataclass
class Table:
    """One figure: how it is counted, its rows, and the bars drawn from them."""

    id: str
    title: str
    about: str
    head: list  # words above the columns, the rows' own first
    rows: list = field(default_factory=list)  # {"label", "cells", "total"}
    bars: list = field(default_factory=list)

    def add(self, label, values, total=False):
        """A row of values in the order of the head."""
        cells = [{"label": words, "value": v} for words, v in zip(self.head[1:], values, strict=True)]
        self.rows.append({"label": label, "cells": cells, "total": total})

    def draw(self, bars, longest=None):
        """Bars of (words, number, text), as long as their share of the longest."""
        bars = list(bars)
        longest = longest or max((value for _label, value, _text in bars), default=0) or 1
        self.bars = [
            {"id": f"{self.id}-{n}", "label": label, "value": value, "max": longest, "text": str(text)}
            for n, (label, value, text) in enumerate(bars)
        ]


def fill(table, rows, whole, limit, draw="columns", *, values_of_all=False):
    """Fill a table with `Counts` and their `whole`, small groups hidden; returns the rows that hide nothing.

    Other values of a row are shown only when it hides nothing; those that tell of the row as a whole, such as means,
    when its total is shown (`values_of_all`). `draw` names what the bars are: the totals of the "columns", or of the
    "rows"; None: the caller draws.
    """
    if not rows:
        return []
    lines = [*rows, whole]
    veil = figures.hidden([row.counts[:-1] for row in rows], limit, [row.people for row in lines])
    open_rows = []
    for row, hides in zip(lines, veil, strict=True):
        said = [
            _said(n, people, hide, limit)
            for n, people, hide in zip(row.counts, row.people, hides, strict=True)
        ]
        is_shown = not (hides[-1] if values_of_all else any(hides))
        values = row.values if is_shown else [NOTHING] * len(row.values)
        if row is whole and len(rows) == 1:
            continue
        table.add(row.label, [*said, *values], total=row is whole)
        if not any(hides):
            open_rows.append(row)
    if draw == "columns":
        bars = zip(table.head[1:], whole.counts[:-1], whole.people, veil[-1], strict=False)
    elif draw == "rows":
        bars = ((r.label, r.counts[-1], r.people[-1], v[-1]) for r, v in zip(rows, veil, strict=False))
    else:
        return open_rows
    table.draw((label, 0 if hide else n, _said(n, people, hide, limit)) for label, n, people, hide in bars)
    return open_rows


def _said(count, people, hide, limit):
    if not hide:
        return count
    return few(limit) if figures.is_small(people, limit) else Hidden(_("not shown"), "*")


def few(limit):
    """What stands for a number about too few people."""
    return Hidden(_("fewer than %(n)s") % {"n": limit}, f"<{limit}")


def draw_shares(table, shares):
    """Bars of (label, part, whole), each of a hundred."""
    found = [(label, figures.percent(part, whole)) for label, part, whole in shares if whole]
    table.draw([(label, share, f"{share} %") for label, share in found], longest=100)


def as_csv(tables):
    """All tables one under the other in one shape: table, row, column, value."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Table"), _("Row"), _("Column"), _("Value")])
    for table in tables:
        for row in table.rows:
            for cell in row["cells"]:
                said = [str(words) for words in (table.title, row["label"], cell["label"])]
                writer.writerow([safe(value) for value in (*said, cell["value"])])
    return out.getvalue()
