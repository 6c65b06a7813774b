"""The record of case management of one person in a period: the eight elements that a payer may ask for (PR-4)."""

from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.cells import safe
from casemgmt.interchange.tcm import planned as plans
from casemgmt.interchange.tcm import served as visits
from casemgmt.interchange.tcm.elements import Element

HEAD = ("element", "date", "what", "who", "detail", "units", "source")


def titles():
    """What the eight elements are called, in their order."""
    return [
        _("Name"),
        _("Dates of service"),
        _("Agency and persons who provided it"),
        worded(_("What was done, how long, and whether goals of the {plan} were reached")),
        worded(_("What of the {plan} was declined")),
        worded(_("Coordination with other {workers}: need and occurrences")),
        _("Timeline for getting the services that are needed"),
        worded(_("Timeline for looking at the {plan} again")),
    ]


def record(staff, client, enrollments, period):
    """The eight elements, of these enrollments and what else the colleague sees.

    The same number of queries for any number of rows; four more for the last plan of each enrollment.
    """
    served = visits.Served(staff, enrollments, period)
    planned = plans.Planned(staff, client, enrollments, period)
    rows = [
        visits.names(client, enrollments),
        visits.dates(served),
        visits.providers(served),
        visits.contents(served, planned.goals),
        plans.declined(planned),
        plans.coordination(planned, served),
        plans.obtaining(planned),
        plans.looking_again(planned),
    ]
    return [
        Element(number, str(title), list(found))
        for number, (title, found) in enumerate(zip(titles(), rows, strict=True), 1)
    ]


def lines(elements):
    """The rows of the CSV, each cell guarded; an element without rows says so in one."""
    yield list(HEAD)
    for element in elements:
        name = f"{element.number} {element.title}"
        if not element.rows:
            yield [name, "", _("Nothing in this period."), "", "", "", ""]
        for row in element.rows:
            day = row.on.isoformat() if row.on else ""
            yield [safe(c) for c in (name, day, row.what, row.who, row.detail, row.units, row.source)]
