"""What the import of screenings did: as for HMIS, with the rows that say nothing by themselves."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from casemgmt.interchange.hmis.report import Report, Tally, quotable

QUOTABLE = {
    "SCREENING_CODE",
    "QUESTION_CODE",
    "ANSWER_CODE",
    "DATA_ABSENT_REASON_CODE",
    "ENCOUNTER_TYPE_CODE",
    "SCREENING_START_DATETIME",
    "SCREENING_END_DATETIME",
    "ENCOUNTER_START_DATETIME",
    "code",
    "value",
}


def code_only(column, value):
    """A code or a time of a screening may be quoted; a number, a name or words of a person never."""
    return quotable("ProjectID", value) if column in QUOTABLE else ""


@dataclass
class ScreeningTally(Tally):
    """Rows of one file; `unanswered` say why there is no answer, `looked_up` are read for other rows only."""

    unanswered: int = 0
    looked_up: int = 0


@dataclass
class ScreeningReport(Report):
    """The whole of one import."""

    quote = staticmethod(code_only)
    count = ScreeningTally

    def figures(self):
        return {
            "read": _("read"),
            "created": _("created"),
            "updated": _("updated"),
            "unchanged": _("unchanged"),
            "unanswered": _("no answer"),
            "repeated": _("repeated"),
            "looked_up": _("looked up"),
            "refused": _("refused"),
        }
