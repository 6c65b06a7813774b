"""How much service somebody gets: the levels of a program, each with its own rhythm (PR-34)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyOwned, ScopedQuerySet
from casemgmt.agencies.models.program import Program

# Number, label, days between contacts, days between reviews, when to step down: starting values, not rules.
LEVELS = (
    (5, _("Crisis"), 2, 7, _("14 days without a crisis")),
    (4, _("Intensive"), 5, 30, _("60 days stable and out of hospital")),
    (3, _("Active"), 14, 90, _("A goal is met, and services are in place")),
    (2, _("Supportive"), 30, 90, _("60 days in which the supports hold")),
    (1, _("Monitoring"), 90, 180, _("What was agreed for the discharge is there")),
)


class LevelQuerySet(ScopedQuerySet):
    def in_use(self, at=None):
        """A NULL ended_on means still used."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()))


class LevelOfCare(AgencyOwned):
    """One level of a program: how often people at it are seen, and how often their plan is looked at."""

    parent = "program"

    program = models.ForeignKey(Program, models.PROTECT, related_name="levels", verbose_name=_("program"))
    number = models.PositiveSmallIntegerField(
        _("level"),
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("The higher, the more service."),
    )
    label = models.CharField(_("name"), max_length=80)
    contact_every_days = models.PositiveSmallIntegerField(
        _("days between contacts"), validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    review_every_days = models.PositiveSmallIntegerField(
        _("days between plan reviews"), validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    hint = models.CharField(_("one level down when"), max_length=200, blank=True)
    ended_on = models.DateField(_("no longer used from"), null=True, blank=True)

    objects = LevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("level of care")
        verbose_name_plural = _("levels of care")
        ordering = ["program", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "number"], condition=Q(ended_on=None), name="level_once_in_a_program"
            )
        ]

    def __str__(self):
        return f"{self.number} {self.label}"

    @classmethod
    def lay_out(cls, program):
        """Write the usual levels, unless the program has its own."""
        if cls.objects.filter(program=program).in_use().exists():
            return
        for number, label, contact, review, hint in LEVELS:
            cls.objects.create(
                program=program,
                number=number,
                label=str(label),
                contact_every_days=contact,
                review_every_days=review,
                hint=str(hint),
            )
