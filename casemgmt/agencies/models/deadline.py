"""By when something must be reported, and to whom: the jurisdiction table, which the agency keeps (PR-48, PR-50)."""

from datetime import datetime, time, timedelta

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyOwned, ScopedQuerySet
from casemgmt.agencies.models.program import PickItem, Program

END_OF_BUSINESS = time(17)


class Counted(models.TextChoices):
    """What a deadline is counted in."""

    HOURS = "hours", _("hours")
    DAYS = "days", _("days")
    BUSINESS_DAYS = "business", _("business days, until 5 pm")


def deadline(since, number, counted):
    """The moment by which something is due; NULL `number`: nothing is asked.

    Days end at midnight in the agency's time zone, business days (Monday to Friday) at 5 pm. Holidays are not known.
    """
    if number is None:
        return None
    if counted == Counted.HOURS:
        return since + timedelta(hours=number)
    day = timezone.localtime(since).date()
    if counted == Counted.DAYS:
        return timezone.make_aware(datetime.combine(day + timedelta(days=number + 1), time(0)))
    while number > 0 or day.weekday() > 4:
        day += timedelta(days=1)
        if day.weekday() < 5:
            number -= 1
    return timezone.make_aware(datetime.combine(day, END_OF_BUSINESS))


class DeadlineQuerySet(ScopedQuerySet):
    def holding(self, kind, *, program=None, category=None, at=None):
        """What holds for this on this day, the most particular first; a NULL program or category means all of them."""
        rows = self.filter(
            Q(program=None) | Q(program=program),
            Q(category=None) | Q(category=category),
            Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()),
            kind=kind,
        )
        narrow = Case(When(category=None, then=Value(0)), default=Value(2)) + Case(
            When(program=None, then=Value(0)), default=Value(1)
        )
        return rows.annotate(narrow=narrow).order_by("-narrow", "pk")


class ReportingDeadline(AgencyOwned):
    """A line of the jurisdiction table: what to report, to whom, how soon. The software reminds, it never decides."""

    class Kind(models.TextChoices):
        INCIDENT = "incident", _("Incident")
        MANDATED = "mandated", _("Mandated report")

    kind = models.CharField(_("for"), max_length=8, choices=Kind)
    category = models.ForeignKey(
        PickItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("Empty: all that have no line of their own."),
    )
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("program"),
        help_text=_("Empty: all programs."),
    )
    recipient = models.CharField(_("report to"), max_length=200)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    verbal_within = models.PositiveSmallIntegerField(
        _("by word of mouth within"), null=True, blank=True, validators=[MaxValueValidator(1000)]
    )
    verbal_counted = models.CharField(_("counted in"), max_length=8, choices=Counted, default=Counted.HOURS)
    written_within = models.PositiveSmallIntegerField(
        _("in writing within"), null=True, blank=True, validators=[MaxValueValidator(1000)]
    )
    written_counted = models.CharField(_("counted in"), max_length=8, choices=Counted, default=Counted.HOURS)
    basis = models.CharField(_("which rule says so"), max_length=200, blank=True)
    ended_on = models.DateField(_("no longer holds from"), null=True, blank=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporting deadline")
        verbose_name_plural = _("reporting deadlines")
        ordering = ["kind", "category__position", "pk"]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.recipient}"
