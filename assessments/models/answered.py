"""What every answered questionnaire has, whoever answers it about whom."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from assessments import scoring
from assessments.models.instrument import InstrumentVersion
from casemgmt.core.models import Refused


class Unanswered(Refused):
    """The questionnaire cannot be finished yet; `items` are the codes of the questions that need an answer."""

    def __init__(self, items):
        self.items = [item.code for item in items]
        n = len(self.items)
        words = ngettext("One question still needs an answer.", "%(n)s questions still need an answer.", n)
        super().__init__(words % {"n": n})


class Answered(models.Model):
    """What every answered questionnaire has: the version it is bound to, the answers, and the scores they make.

    A NULL `completed_at` means that somebody is still answering; `answers` and `scores` are final from then on.
    `scores` is derived from the answers and the version: {scale: value, missing, band, severity, counts, primary}.
    """

    instrument_version = models.ForeignKey(
        InstrumentVersion, models.PROTECT, related_name="+", verbose_name=_("questionnaire")
    )
    answers = models.JSONField(default=dict, editable=False)
    scores = models.JSONField(default=dict, editable=False)
    started_at = models.DateTimeField(_("begun"), default=timezone.now, editable=False)
    completed_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.instrument_version.instrument)

    @property
    def definition(self):
        return self.instrument_version.parsed

    @property
    def is_complete(self):
        return self.completed_at is not None

    def _require_open(self):
        if self.is_complete:
            raise Refused(_("This questionnaire is finished. Its answers can no longer be changed."))

    def _clean(self, code, value):
        """The answer as it is kept. Raises Refused when there is no such question, or it takes no such answer."""
        item = self.definition.by_code.get(str(code))
        if item is None:
            raise Refused(_("This questionnaire has no such question."))
        try:
            return scoring.clean(item, value)
        except ValueError as error:
            raise Refused(str(error)) from error

    def _settle(self, said):
        """Take these answers as final: what was not asked is left out, and the scores are worked out."""
        missing = scoring.unanswered(self.definition, said)
        if missing:
            raise Unanswered(missing)
        asked = {item.code for item in scoring.asked(self.definition, said)}
        self.answers = {code: value for code, value in said.items() if code in asked}
        self.scores = scores_of(self.definition, self.answers)
        self.completed_at = timezone.now()


def scores_of(definition, answers):
    """The scores as they are stored; the same answers and version always give the same."""
    return {
        code: {
            "value": score.value,
            "missing": score.missing,
            "band": score.band.label if score.band else "",
            "severity": score.band.severity if score.band else None,
            "counts": [list(pair) for pair in score.counts],
            "primary": list(score.primary),
        }
        for code, score in scoring.score(definition, answers).items()
    }


def without(said, code):
    return {key: value for key, value in said.items() if key != code}
