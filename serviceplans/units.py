"""From minutes to units, by the rule of each payer (PR-15): arithmetic without a database."""

from decimal import ROUND_HALF_UP, Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitRule(models.TextChoices):
    """How a payer rounds; none of them is the law everywhere, so that a funding source names its own."""

    MIDPOINT = "midpoint", _("From the middle of a unit (8 of 15 minutes)")
    FIRST_MINUTE = "first", _("The first from one minute, each later one from its middle")
    FULL = "full", _("Full units only")
    STARTED = "ceil", _("Every unit that was begun")
    MINUTES = "minutes", _("Each minute")
    HOURS = "hours", _("Hundredths of an hour")
    ENCOUNTER = "encounter", _("One for each contact")
    CONTACT_DAY = "day", _("One for a day with enough minutes")
    MONTHLY = "monthly", _("One for a month with enough contacts")


class Together(models.TextChoices):
    """Which minutes are added up before they are rounded."""

    CONTACT = "contact", _("Each contact alone")
    DAY = "day", _("The contacts of one day")
    MONTH = "month", _("The contacts of one month")


def units(minutes, rule, *, unit_minutes=15, least_minutes=60, contacts=1, least_contacts=1):
    """Units for these minutes as a Decimal, never negative (PR-15; the vectors of UNIT_RULES are in the tests).

    `least_minutes` is what a contact day needs, `least_contacts` what a month needs.
    """
    if contacts < 1 or minutes < 0:
        return Decimal(0)
    # Half a unit is enough: 8 of 15 minutes, 15 of 30.
    from_the_middle = (minutes + unit_minutes // 2) // unit_minutes
    match rule:
        case UnitRule.MIDPOINT:
            found = from_the_middle
        case UnitRule.FIRST_MINUTE:
            found = max(1, from_the_middle) if minutes else 0
        case UnitRule.FULL:
            found = minutes // unit_minutes
        case UnitRule.STARTED:
            found = -(-minutes // unit_minutes)
        case UnitRule.MINUTES:
            found = minutes
        case UnitRule.HOURS:
            return (Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
        case UnitRule.ENCOUNTER:
            found = contacts
        case UnitRule.CONTACT_DAY:
            found = int(minutes >= least_minutes)
        case UnitRule.MONTHLY:
            found = int(contacts >= least_contacts)
    return Decimal(found)


def together_by(rule, together):
    """Which minutes are added up: some rules leave no choice."""
    alone = {
        UnitRule.ENCOUNTER: Together.CONTACT,
        UnitRule.CONTACT_DAY: Together.DAY,
        UnitRule.MONTHLY: Together.MONTH,
    }
    return alone.get(rule, together)


def minutes_of_a_unit(rule, unit_minutes):
    """How much worked time one unit stands for; None where a unit is no time at all (PR-14)."""
    fixed = {
        UnitRule.MINUTES: 1,
        UnitRule.HOURS: 60,
        UnitRule.ENCOUNTER: None,
        UnitRule.CONTACT_DAY: None,
        UnitRule.MONTHLY: None,
    }
    return fixed.get(rule, unit_minutes)


def at_most(units, left, rule):
    """So many of the units as still fit into what is left, in whole units (or hundredths of an hour)."""
    if units <= left:
        return units
    step = Decimal("0.01") if rule == UnitRule.HOURS else Decimal(1)
    return max(Decimal(left), Decimal(0)) // step * step
