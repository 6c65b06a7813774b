"""The Needs & Strengths Review: its sixteen domains, its ratings, and what they add up to. No database.

Our own instrument (DOMAIN 3.3): worker and client each rate every domain, in their own column.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Domain(models.TextChoices):
    """The sixteen parts of life that are looked at."""

    HOUSING = "housing", _("Housing")
    FOOD = "food", _("Food")
    MONEY = "money", _("Money and benefits")
    LEGAL = "legal", _("Legal and immigration")
    PHYSICAL_HEALTH = "physical_health", _("Physical health")
    MENTAL_HEALTH = "mental_health", _("Mental health")
    SUBSTANCE_USE = "substance_use", _("Substance use")
    TREATMENT = "treatment", _("Medication and treatment")
    SAFETY = "safety", _("Safety")
    DAILY_LIVING = "daily_living", _("Daily living")
    EMPLOYMENT = "employment", _("Employment")
    EDUCATION = "education", _("Education")
    TRANSPORT = "transport", _("Transport")
    FAMILY = "family", _("Family and caregiving")
    SOCIAL = "social", _("Social support and community")
    CULTURE = "culture", _("Culture, language and spirituality")


class Rating(models.IntegerChoices):
    """How things stand in a domain."""

    NONE = 0, _("No need")
    MET = 1, _("Need met by current support")
    UNMET = 2, _("Unmet need")
    URGENT = 3, _("Urgent or unsafe")
    UNKNOWN = 8, _("Not known or declined")


class Priority(models.IntegerChoices):
    """What the person wants to be worked on first (REQ-33)."""

    FIRST = 1, _("First")
    NEXT = 2, _("Next")
    LATER = 3, _("Later")


# What stands on a button as wide as a thumb, and in a table.
SHORT = {
    Rating.NONE: _("None"),
    Rating.MET: _("Met"),
    Rating.UNMET: _("Unmet"),
    Rating.URGENT: _("Urgent"),
    Rating.UNKNOWN: _("Unknown"),
}
OPEN_RATINGS = (Rating.UNMET, Rating.URGENT)
COVERED = (Rating.NONE, Rating.MET)


class Change(models.TextChoices):
    """How a domain moved from one assessment to the next."""

    BETTER = "better", _("Better")
    SAME = "same", _("Same")
    WORSE = "worse", _("Worse")


def counts(ratings):
    """How many domains are met, unmet and urgent, from one rater's ratings (0, 1, 2, 3, 8 or None)."""
    given = list(ratings)
    return {
        "met": sum(r == Rating.MET for r in given),
        "unmet": sum(r == Rating.UNMET for r in given),
        "urgent": sum(r == Rating.URGENT for r in given),
    }


def agreement(pairs):
    """Share of domains, 0 to 1, that worker and client rated alike; None when no domain has both ratings."""
    both = [(w, c) for w, c in pairs if w not in (None, Rating.UNKNOWN) and c not in (None, Rating.UNKNOWN)]
    return sum(w == c for w, c in both) / len(both) if both else None


def severity(worker, client):
    """The graver of two ratings, 0 to 3; None when neither says anything."""
    said = [r for r in (worker, client) if r is not None and r != Rating.UNKNOWN]
    return max(said) if said else None


def change(before, now):
    """Whether less, as much or more help is missing than before; None when one of the two ratings says nothing.

    No need and a need that is met lack nothing: between them nothing gets better or worse.
    """
    lacks = [None if r in (None, Rating.UNKNOWN) else max(r, Rating.MET) for r in (before, now)]
    if None in lacks:
        return None
    was, is_now = lacks
    if was == is_now:
        return Change.SAME
    return Change.BETTER if is_now < was else Change.WORSE


def conversion(pairs):
    """How many needs that were open at the first of two assessments are met at the last: the key outcome of a program.

    `pairs` are (first, last) ratings of one domain of one person. A last rating that says nothing leaves the need out.
    """
    ends = [last for first, last in pairs if first in OPEN_RATINGS and last not in (None, Rating.UNKNOWN)]
    met = sum(last in COVERED for last in ends)
    return {"open": len(ends), "met": met, "share": met / len(ends) if ends else None}
