"""What an element of the record is made of, and the period that it looks at. No database."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Row:
    """One line of evidence; `source` names the row of the record that says so."""

    what: str
    source: str
    on: date | None = None
    who: str = ""
    detail: str = ""
    units: str = ""


@dataclass
class Element:
    """One of the eight elements, with what there is of it in the period."""

    number: int
    title: str
    rows: list = field(default_factory=list)


@dataclass(frozen=True)
class Period:
    """From a day to a day, both counted."""

    start: date
    end: date

    def holds(self, day):
        return day is not None and self.start <= day <= self.end

    def __str__(self):
        return _("%(start)s to %(end)s") % {"start": shown(self.start), "end": shown(self.end)}


def shown(day):
    """A day as people read it."""
    return date_format(day, "j M Y")


def source_of(row):
    """Which row of the record it is."""
    return f"{row._meta.verbose_name} {row.pk}"


def _quarter(day):
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def presets(today):
    """The periods one tap away, what they are called; the last whole quarter first, which is what is asked for most."""
    month, quarter = today.replace(day=1), _quarter(today)
    last_month, last_quarter = month - timedelta(days=1), quarter - timedelta(days=1)
    return [
        (_("Last quarter"), Period(_quarter(last_quarter), last_quarter)),
        (_("This quarter"), Period(quarter, today)),
        (_("Last month"), Period(last_month.replace(day=1), last_month)),
        (_("This month"), Period(month, today)),
        (_("This year"), Period(today.replace(month=1, day=1), today)),
    ]
