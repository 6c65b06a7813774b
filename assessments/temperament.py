"""What the four letters of “How we work together” stand for, in our own words (DOMAIN 3.4). No database.

A start for a conversation between two people who work together: it predicts nothing and is never part of an appraisal.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

CODE = "TEMPERAMENT"


@dataclass(frozen=True)
class Profile:
    """A letter's metaphor and the four headings under which it is told (REQ-98)."""

    name: object
    brings: object
    watch_outs: object
    works_best: object
    grows: object


PROFILES = {
    "R": Profile(
        _("Radio"),
        _("Loyalty, patience and a ready ear."),
        _("Slow to change, and keeps out of conflicts."),
        _("With routine, warmth, and a word of thanks."),
        _("By setting goals and moving sooner."),
    ),
    "C": Profile(
        _("Calculator"),
        _("Order, analysis and accuracy."),
        _("Gets lost in details, and is hard on themselves."),
        _("With time, and with clear expectations."),
        _("By sharing feelings, and by letting good enough be good."),
    ),
    "H": Profile(
        _("Hard drive"),
        _("Decisions, persistence and results."),
        _("Impatient, and overlooks feelings and risks."),
        _("With freedom and a challenge."),
        _("By listening, and by bending a little."),
    ),
    "V": Profile(
        _("Video game"),
        _("Optimism, energy and connection."),
        _("Promises too much, and does not always follow through."),
        _("With people, variety and praise."),
        _("By minding the time, and by finishing."),
    ),
}


def profiles(letters):
    """The profiles of these letters, those that there are: [(letter, profile)]."""
    return [(letter, PROFILES[letter]) for letter in letters if letter in PROFILES]
