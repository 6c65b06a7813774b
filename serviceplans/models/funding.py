"""Who pays, by which rule, and what was sent to them: written once, put right by a reversal (PR-13 to PR-21)."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    AgencyFact,
    AgencyOwned,
    FactQuerySet,
    PickItem,
    ScopedQuerySet,
    ServiceType,
    StaffMember,
    in_force,
)
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import Enrollment, Visit
from serviceplans.models.service import Authorization
from serviceplans.units import Together, UnitRule


class FundingSourceQuerySet(ScopedQuerySet):
    def in_use(self, at=None):
        """A NULL ended_on means still used."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()))


class FundingSource(AgencyOwned):
    """A payer's rule for one code: what it pays for, how minutes become units, and what must not be exceeded."""

    name = models.CharField(_("name"), max_length=150)
    payer = models.ForeignKey(PickItem, models.PROTECT, related_name="+", verbose_name=_("who pays"))
    code = models.CharField(_("billing code"), max_length=20, blank=True, help_text=_("Such as T1017."))
    modifier = models.CharField(_("modifier"), max_length=20, blank=True)
    # Canada (PR-20): contacts are counted, nothing is billed.
    counts_only = models.BooleanField(_("contacts are counted, not billed"), default=False)
    unit_rule = models.CharField(_("rounding"), max_length=10, choices=UnitRule, default=UnitRule.MIDPOINT)
    unit_minutes = models.PositiveSmallIntegerField(
        _("minutes in a unit"), default=15, validators=[MinValueValidator(1), MaxValueValidator(24 * 60)]
    )
    together = models.CharField(
        _("minutes added up"), max_length=8, choices=Together, default=Together.CONTACT
    )
    least_minutes = models.PositiveSmallIntegerField(
        _("minutes that a contact day needs"), default=60, validators=[MaxValueValidator(24 * 60)]
    )
    least_contacts = models.PositiveSmallIntegerField(
        _("contacts that a month needs"), default=1, validators=[MinValueValidator(1)]
    )
    most_a_day = models.PositiveSmallIntegerField(_("most units in a day"), null=True, blank=True)
    most_a_month = models.PositiveSmallIntegerField(_("most units in a month"), null=True, blank=True)
    components_only = models.BooleanField(
        _("only the four parts of targeted case management"),
        default=True,
        help_text=_(
            "Such as Medicaid; else everything that is in the list below, or all work when it is empty."
        ),
    )
    pays_for_messages = models.BooleanField(_("messages and letters count"), default=False)
    pays_for_collateral = models.BooleanField(_("talks with others about the person count"), default=True)
    needs_authorization = models.BooleanField(_("only with an authorization"), default=False)
    ended_on = models.DateField(_("no longer used from"), null=True, blank=True)

    objects = FundingSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("funding source")
        verbose_name_plural = _("funding sources")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="funding_source_once")]

    def __str__(self):
        return self.name


class CoveredWork(AgencyOwned):
    """A kind of work that a funding source pays for (PR-11: a list for each payer, never one for all)."""

    parent = "source"

    source = models.ForeignKey(FundingSource, models.PROTECT, related_name="covered")
    service_type = models.ForeignKey(
        ServiceType, models.PROTECT, related_name="+", verbose_name=_("kind of work")
    )

    class Meta:
        verbose_name = _("kind of work that is paid")
        verbose_name_plural = _("kinds of work that are paid")
        constraints = [models.UniqueConstraint(fields=["source", "service_type"], name="covered_once")]

    def __str__(self):
        return str(self.service_type)


class FundingQuerySet(ScopedQuerySet):
    def in_force(self, at=None):
        return self.filter(in_force(at=at))


class EnrollmentFunding(AgencyOwned):
    """Who pays for somebody's service, from when to when (REQ-43)."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="funding")
    source = models.ForeignKey(
        FundingSource, models.PROTECT, related_name="+", verbose_name=_("funding source")
    )
    member_number = models.CharField(_("number there"), max_length=60, blank=True)
    authorization = models.ForeignKey(
        Authorization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="funding",
        verbose_name=_("authorization"),
    )
    started_on = models.DateField(_("from"), default=timezone.localdate)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = FundingQuerySet.as_manager()

    class Meta:
        verbose_name = worded(_("funding of an {enrollment}"))
        verbose_name_plural = worded(_("funding of {enrollments}"))
        ordering = ["-started_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="funding_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["enrollment"], condition=Q(ended_on=None), name="one_funding_at_a_time"
            ),
        ]

    def __str__(self):
        return str(self.source)

    @transaction.atomic
    def begin(self):
        """They pay from this day on, in the place of who paid before. Raises Refused where somebody pays later on."""
        rows = EnrollmentFunding.objects.select_for_update(of=("self",)).filter(enrollment=self.enrollment_id)
        for other in rows:
            if other.started_on >= self.started_on:
                raise Refused(_("Somebody pays from that day or later already: end that first."))
            if other.ended_on is None or other.ended_on > self.started_on:
                other.ended_on = self.started_on
                other.save()
        self._require_own()
        self.save()

    def put(self):
        """Write its end and its numbers. Raises Refused for an end before the beginning."""
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise Refused(_("It cannot end before it begins."))
        later = EnrollmentFunding.objects.filter(
            enrollment=self.enrollment_id, started_on__gt=self.started_on
        ).order_by("started_on")
        following = later.first()
        if following and (self.ended_on is None or self.ended_on > following.started_on):
            raise Refused(_("Somebody else pays from then on."))
        self._require_own()
        self.save()

    def _require_own(self):
        if self.authorization is not None and self.authorization.enrollment_id != self.enrollment_id:
            raise Refused(_("%(what)s is somebody else’s.") % {"what": self.authorization})


class WorkedDay(AgencyOwned):
    """The minutes that somebody worked on a day, as a supervisor certifies them: no more units than that (PR-14)."""

    parent = "staff"

    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="worked_days")
    on = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes worked"), validators=[MinValueValidator(0), MaxValueValidator(24 * 60)]
    )
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("certified by"))

    class Meta:
        verbose_name = _("day worked")
        verbose_name_plural = _("days worked")
        ordering = ["-on", "staff"]
        constraints = [models.UniqueConstraint(fields=["staff", "on"], name="worked_once_a_day")]

    def __str__(self):
        return f"{self.staff} {self.on}"

    @classmethod
    @transaction.atomic
    def certify(cls, said, *, by):
        """Write the minutes of (colleague, day); what is the same stays as it is. Returns how many days changed."""
        rows = cls.objects.select_for_update(of=("self",)).filter(
            staff__in={staff for staff, _day in said}, on__in={day for _staff, day in said}
        )
        known, changed = {(row.staff_id, row.on): row for row in rows}, 0
        for (staff, day), minutes in said.items():
            row = known.get((staff.pk, day)) or cls(staff=staff, on=day)
            if row.minutes != minutes:
                row.minutes, row.by = minutes, by
                row.save()
                changed += 1
        return changed


class BillingRun(AgencyFact):
    """What was sent to a payer at one time."""

    parent = "source"

    source = models.ForeignKey(FundingSource, models.PROTECT, related_name="runs")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("made by"))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("billing run")
        verbose_name_plural = _("billing runs")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.source} {self.starts_on} – {self.ends_on}"

    def size(self):
        """How many lines it has, whoever may see them. One query."""
        return self.lines.count()


class BillingLineQuerySet(FactQuerySet):
    def live(self):
        """Stand: neither taken back nor the taking back itself; a NULL reverses means a line of its own."""
        return self.filter(reverses=None, reversed_by=None)


class BillingLine(AgencyFact):
    """Units of one person on one day (or month) that were sent; a reversal takes the whole of an earlier line back."""

    path = "enrollment"

    run = models.ForeignKey(BillingRun, models.PROTECT, related_name="lines")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="billing_lines")
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    authorization = models.ForeignKey(
        Authorization, models.PROTECT, null=True, blank=True, related_name="billed"
    )
    on = models.DateField(_("on"))
    code = models.CharField(_("billing code"), max_length=20, blank=True)
    modifier = models.CharField(_("modifier"), max_length=20, blank=True)
    minutes = models.IntegerField(_("minutes"))
    units = models.DecimalField(_("units"), max_digits=9, decimal_places=2, default=Decimal(0))
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    why = models.CharField(_("why"), max_length=300, blank=True)

    objects = BillingLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a billing run")
        verbose_name_plural = _("lines of billing runs")
        ordering = ["on", "pk"]
        indexes = [models.Index(fields=["enrollment", "on"], name="billed_of_enrollment")]

    def __str__(self):
        return f"{self.on} {self.code} {self.units}"

    @classmethod
    def claimed(cls, agency, first, last, *, without):
        """(colleague, day, rule, minutes of a unit, units) of all that was sent for these days, whoever may see it."""
        rows = cls.objects.filter(agency=agency, on__range=(first, last)).live().exclude(pk__in=without)
        ways = ("staff", "on", "run__source__unit_rule", "run__source__unit_minutes")
        return list(rows.order_by().values_list(*ways).annotate(Sum("units")))


class BilledVisitQuerySet(FactQuerySet):
    def live(self):
        """In lines that stand."""
        return self.filter(line__reverses=None, line__reversed_by=None)


class BilledVisit(AgencyFact):
    """That a visit is in a line."""

    path = "line__enrollment"

    line = models.ForeignKey(BillingLine, models.PROTECT, related_name="visits")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="billed")

    objects = BilledVisitQuerySet.as_manager()

    class Meta:
        verbose_name = worded(_("{visit} in a line"))
        verbose_name_plural = worded(_("{visits} in lines"))
        constraints = [models.UniqueConstraint(fields=["line", "visit"], name="visit_once_in_a_line")]

    def __str__(self):
        return str(self.visit_id)
