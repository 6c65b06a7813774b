"""How often a service is planned to happen, from “twice a week for twelve weeks”. No database."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Per(models.TextChoices):
    """What a number of times is counted in."""

    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")
    ONCE = "once", _("whole time")


DAYS = {Per.DAY: 1, Per.WEEK: 7, Per.MONTH: 365.25 / 12}


def planned(times, per, first, last, *, whole_until):
    """How many times from the first to the last day, both counted, rounded; 0 where it has not begun.

    Once for the whole time counts in full from the first day on. `whole_until` is the last day as planned.
    """
    days = (last - first).days + 1
    if days <= 0:
        return 0
    if per == Per.ONCE:
        return times
    if last >= whole_until:
        days = (whole_until - first).days + 1
    return round(times * days / DAYS[per])
