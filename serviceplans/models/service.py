"""What others do for the person by the plan: how much of it was planned, approved and delivered, and when it stops."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, PickItem, ScopedQuerySet, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.resources.models import Resource
from clients.models import Enrollment
from serviceplans import dosage
from serviceplans.models.goal import Objective
from serviceplans.models.plan import ServicePlan
from serviceplans.models.referral import ServiceReferral, StepLacks

_ONE_UP = [MinValueValidator(1)]


def _units(way):
    """The sum of one relation of an authorization, in a question of its own: a join would count rows twice."""
    rows = Authorization.objects.filter(pk=OuterRef("pk")).order_by().values("pk")
    units = DecimalField(max_digits=12, decimal_places=2)
    found = rows.annotate(found=Sum(way, output_field=units)).values("found")
    return Coalesce(Subquery(found, output_field=units), Decimal(0), output_field=units)


class AuthorizationQuerySet(ScopedQuerySet):
    def in_force(self, at=None):
        """Approved for this day."""
        day = at or timezone.localdate()
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def with_used(self):
        """Adds `used`: the units that others delivered on it, and those that we billed, less what was taken back."""
        return self.annotate(
            used=_units("services__delivered__units") + _units("billed__units"),
        )


class Authorization(AgencyOwned):
    """A payer's approval: so many units of a service from one day to another (PR-21)."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="authorizations")
    number = models.CharField(_("number"), max_length=60)
    payer = models.ForeignKey(PickItem, models.PROTECT, related_name="+", verbose_name=_("who pays"))
    service = models.CharField(_("service"), max_length=150)
    units = models.PositiveIntegerField(_("units approved"), validators=_ONE_UP)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = AuthorizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("authorization")
        verbose_name_plural = _("authorizations")
        ordering = ["-ends_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="authorization_ends_after_start"
            ),
            models.UniqueConstraint(fields=["enrollment", "number"], name="authorization_number_once"),
        ]

    def __str__(self):
        return f"{self.number} ({self.service})"

    def runs_low(self, at=None):
        """Whether somebody should ask for more: nearly used, or soon over (PR-21). Wants `with_used`."""
        day = at or timezone.localdate()
        nearly = (self.used or 0) * 100 >= self.units * settings.AUTHORIZATION_WARN_PERCENT
        return nearly or self.ends_on <= day + timedelta(days=settings.AUTHORIZATION_WARN_DAYS)


class PlannedServiceQuerySet(ScopedQuerySet):
    def running(self, at=None):
        """Planned and not stopped on this day; a NULL stopped_on means that it goes on."""
        return self.filter(Q(stopped_on=None) | Q(stopped_on__gt=at or timezone.localdate()))

    def with_delivered(self):
        """Adds `times_delivered`, over all versions of the plan; NULL: nothing yet."""
        return self.annotate(times_delivered=Sum("delivered__times"))


class PlannedService(AgencyOwned):
    """A service in the plan: who gives it, how much, how often, for how long, and who pays (REQ-140)."""

    path = "objective__goal__plan__enrollment"

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="services")
    service = models.CharField(_("service"), max_length=150)
    provider = models.CharField(
        _("provider"), max_length=150, blank=True, help_text=worded(_("Empty: we ourselves, at {visits}."))
    )
    resource = models.ForeignKey(
        Resource, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("in the directory")
    )
    referral = models.ForeignKey(
        ServiceReferral,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="planned",
        verbose_name=_("referral"),
    )
    times = models.PositiveSmallIntegerField(
        _("how often"), default=1, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    per = models.CharField(_("in a"), max_length=5, choices=dosage.Per, default=dosage.Per.WEEK)
    minutes = models.PositiveSmallIntegerField(
        _("minutes each"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 60)],
    )
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    weeks = models.PositiveSmallIntegerField(
        _("for how many weeks"), default=12, validators=[MinValueValidator(1), MaxValueValidator(520)]
    )
    funding = models.ForeignKey(
        PickItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who pays")
    )
    authorization = models.ForeignKey(
        Authorization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="services",
        verbose_name=_("authorization"),
    )
    stopped_on = models.DateField(_("stopped on"), null=True, editable=False)
    # The same service in the version of the plan before; NULL: new in this one.
    before = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="after")

    objects = PlannedServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service in the plan")
        verbose_name_plural = _("services in the plan")
        ordering = ["starts_on", "pk"]

    def __str__(self):
        return f"{self.service}, {self.provider}" if self.provider else self.service

    @property
    def ends_on(self):
        """The last day of it as planned."""
        return self.starts_on + timedelta(weeks=self.weeks) - timedelta(days=1)

    def planned_times(self, until=None):
        """How often it is planned to happen until a day, or in all."""
        last = min(until or self.ends_on, self.ends_on)
        return dosage.planned(self.times, self.per, self.starts_on, last, whole_until=self.ends_on)

    @transaction.atomic
    def put(self):
        """Write a service of a draft. Raises Refused once the plan is signed, or for what is somebody else's."""
        plan = ServicePlan.hold_draft(self.objective.goal.plan_id)
        for other in (self.referral, self.authorization):
            if other is not None and other.enrollment_id != plan.enrollment_id:
                raise Refused(_("%(what)s is somebody else’s.") % {"what": other})
        if self.referral is not None:
            self.provider, self.resource = self.referral.provider, self.referral.resource
        self.save()

    @transaction.atomic
    def deliver(self, *, by, on=None, times=1, **said):
        """Note that it was given. Raises StepLacks outside the plan's time, and where our visits are counted anyway."""
        plan, day, lacks = self.objective.goal.plan, on or timezone.localdate(), {}
        if not plan.is_in_force:
            lacks[""] = worded(_("This {plan} is not in force: note it where the newest one is."))
        if not self.provider:
            lacks[""] = worded(_("Our own is counted by {visits}."))
        if day > timezone.localdate():
            lacks["on"] = _("It is written down once it was given.")
        if day < self.starts_on:
            lacks["on"] = _("That was before it was to begin.")
        if lacks:
            raise StepLacks(lacks)
        return ServiceDelivered.objects.create(service=self, by=by, on=day, times=times, **said)

    @transaction.atomic
    def remove(self):
        """Take a service out of a draft; history keeps it. Raises Refused once the plan is signed."""
        ServicePlan.hold_draft(self.objective.goal.plan_id)
        self.delete()

    def stop(self, *, by, on=None):
        """It is no longer given, also in a signed plan."""
        if self.stopped_on is None:
            self.stopped_on = on or timezone.localdate()
            self.save()

    def copy_to(self, objective):
        """The same service in a newer version of the plan, counted on from the day on which it began."""
        kept = (
            "service", "provider", "resource", "referral", "times", "per", "minutes", "starts_on", "weeks",
            "funding", "authorization", "stopped_on",
        )  # fmt: skip
        return PlannedService.objects.create(
            objective=objective, before=self, **{name: getattr(self, name) for name in kept}
        )


class ServiceDelivered(AgencyOwned):
    """That a planned service was given on a day (REQ-140); our own visits count without it."""

    path = "service__objective__goal__plan__enrollment"

    service = models.ForeignKey(PlannedService, models.PROTECT, related_name="delivered")
    on = models.DateField(_("on"), default=timezone.localdate)
    times = models.PositiveSmallIntegerField(_("times"), default=1, validators=_ONE_UP)
    units = models.PositiveIntegerField(_("units"), null=True, blank=True)
    confirmed_by = models.CharField(_("known from"), max_length=8, choices=ServiceReferral.Source, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("noted by"))

    class Meta:
        verbose_name = _("service delivered")
        verbose_name_plural = _("services delivered")
        ordering = ["-on", "-pk"]

    def __str__(self):
        return f"{self.service} {self.on}"


class InterruptionQuerySet(ScopedQuerySet):
    def open(self):
        """Nobody has closed it; a NULL closed_on means open."""
        return self.filter(closed_on=None)

    def untold(self):
        """The person was not told yet; a NULL notified_on means so."""
        return self.open().filter(notified_on=None)


class ServiceInterruption(AgencyOwned):
    """A service stops or pauses: since when we know, when the person was told, and how it goes on (REQ-134)."""

    class Kind(models.TextChoices):
        PAUSE = "pause", _("It pauses")
        END = "end", _("It ends")
        CHANGE = "change", _("It is reduced or changes")

    class How(models.TextChoices):
        IN_PERSON = "person", _("In person")
        PHONE = "phone", _("By phone")
        LETTER = "letter", _("By letter")
        MESSAGE = "message", _("By message")

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="interruptions")
    planned = models.ForeignKey(
        PlannedService, models.PROTECT, null=True, blank=True, related_name="interruptions"
    )
    referral = models.ForeignKey(
        ServiceReferral, models.PROTECT, null=True, blank=True, related_name="interruptions"
    )
    service = models.CharField(_("which service"), max_length=300)
    kind = models.CharField(_("what happens"), max_length=8, choices=Kind)
    why = models.CharField(_("why"), max_length=300, blank=True)
    known_on = models.DateField(_("known since"), default=timezone.localdate)
    stops_on = models.DateField(_("from"), default=timezone.localdate)
    notified_on = models.DateField(_("told on"), null=True, blank=True)
    notified_how = models.CharField(_("told how"), max_length=8, choices=How, blank=True)
    continuity = models.TextField(_("how it goes on"), blank=True)
    no_continuity_why = models.CharField(_("why nothing takes its place"), max_length=300, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, editable=False)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("noted by"))

    objects = InterruptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interruption of a service")
        verbose_name_plural = _("interruptions of services")
        ordering = ["closed_on", "stops_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | ~Q(continuity="") | ~Q(no_continuity_why=""),
                name="interruption_closed_with_continuity",
            ),
            models.CheckConstraint(
                condition=Q(notified_on=None) | Q(notified_on__gte=F("known_on")), name="told_after_known"
            ),
        ]

    def __str__(self):
        return f"{self.service}: {self.get_kind_display()}"

    def tell_by(self):
        """The day by which the person has to be told, as the program sets it."""
        return self.known_on + timedelta(days=self.enrollment.program.interruption_notice_days)

    @transaction.atomic
    def put(self, *, by):
        """Write it down; a service of the plan that ends is planned no further. Raises StepLacks for wrong days."""
        lacks = {}
        if self.closed_on is not None:
            lacks[""] = _("This is closed.")
        if self.known_on > timezone.localdate():
            lacks["known_on"] = _("This day has not come yet.")
        if self.notified_on is not None and self.notified_on > timezone.localdate():
            lacks["notified_on"] = _("Say it once they were told.")
        if lacks:
            raise StepLacks(lacks)
        if self._state.adding:
            self.by = by
        self.save()
        if self.planned is not None and self.kind == self.Kind.END:
            self.planned.stop(by=by, on=self.stops_on)

    def close(self, *, by, on=None):
        """Done with it. Raises StepLacks before the person was told, and without a way on or a reason for none."""
        lacks = {}
        if self.notified_on is None:
            lacks["notified_on"] = _("Say when they were told.")
        if not (self.continuity.strip() or self.no_continuity_why.strip()):
            lacks["continuity"] = _("Say how it goes on, or why nothing takes its place.")
        if lacks:
            raise StepLacks(lacks)
        self.closed_on = on or timezone.localdate()
        self.save()
