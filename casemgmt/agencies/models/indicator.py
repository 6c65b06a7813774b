"""What an agency wants to know about every visit and this software does not ask: questions of its own."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyOwned, ScopedQuerySet
from casemgmt.agencies.models.program import Program
from casemgmt.agencies.words import worded

LONGEST = 200  # characters of one answer in a list


class IndicatorQuerySet(ScopedQuerySet):
    def offered(self, program, at=None):
        """Asked at visits of this program on this day; a NULL program means all, a NULL ended_on still asked."""
        return self.filter(
            Q(program=None) | Q(program=program),
            Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()),
        )


class Indicator(AgencyOwned):
    """A question of the agency's own on the page of a visit; numbers are drawn over time (REQ-157).

    What it measures stays as it is once it was answered: a better question is a new one, and the old one ends.
    """

    class Kind(models.TextChoices):
        NUMBER = "number", _("A number")
        YES_NO = "yes_no", _("Yes or no")
        CHOICE = "choice", _("One of a list")
        WORDS = "words", _("A few words")

    name = models.CharField(_("question"), max_length=100)
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("program"),
        help_text=_("Empty: all programs."),
    )
    kind = models.CharField(_("answer"), max_length=8, choices=Kind, default=Kind.NUMBER)
    unit = models.CharField(_("unit"), max_length=30, blank=True, help_text=_("Such as hours, $, or nights."))
    minimum = models.DecimalField(_("least"), max_digits=12, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(_("most"), max_digits=12, decimal_places=2, null=True, blank=True)
    decimals = models.PositiveSmallIntegerField(
        _("digits after the point"), default=0, validators=[MaxValueValidator(2)]
    )
    choices = models.TextField(_("list"), blank=True, help_text=_("One answer a line."))
    help_text = models.CharField(_("hint"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    ended_on = models.DateField(_("no longer asked from"), null=True, blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = worded(_("question of one’s own at {visits}"))
        verbose_name_plural = worded(_("questions of one’s own at {visits}"))
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum=None) | Q(maximum=None) | Q(minimum__lt=F("maximum")),
                name="indicator_least_below_most",
                violation_error_message=_("The least has to be below the most."),
            )
        ]

    def __str__(self):
        return self.name

    def listed(self):
        """The answers of the list, each once, in their order."""
        lines = (line.strip() for line in self.choices.splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def is_answered(self):
        """Whether anybody has said something to it; then its kind, unit and decimals stay."""
        return self.values.exists()

    def clean(self):
        if self.kind != self.Kind.CHOICE:
            return
        if len(self.listed()) < 2:
            raise ValidationError({"choices": _("Write at least two answers, one a line.")})
        if max(map(len, self.listed())) > LONGEST:
            raise ValidationError({"choices": _("An answer has at most %(n)d characters.") % {"n": LONGEST}})
