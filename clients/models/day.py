"""The day of a case manager: visits agreed upon, check-in and check-out, and what is put off for a while."""

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models.enrollment import Enrollment
from clients.models.person import Client
from clients.models.visit import Visit


class PlannedVisitQuerySet(ScopedQuerySet):
    def ahead(self):
        """Neither held nor called off; a NULL visit and a NULL cancelled_at mean so."""
        return self.filter(visit=None, cancelled_at=None)

    def between(self, start, end):
        """Those that begin from one moment up to another, in order of time."""
        return self.filter(starts_at__gte=start, starts_at__lt=end).order_by("starts_at", "pk")

    def beside(self, row):
        """What else the same colleague has agreed upon at that time; no visit is longer than a day."""
        near = self.ahead().filter(staff=row.staff_id).exclude(pk=row.pk)
        near = near.between(row.starts_at - timedelta(days=1), row.ends_at)
        return [other for other in near if other.ends_at > row.starts_at]


class PlannedVisit(AgencyOwned):
    """A visit that somebody has agreed upon: with whom, when, where."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="planned_visits")
    staff = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="+", verbose_name=worded(_("{worker}"))
    )
    starts_at = models.DateTimeField(_("when"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=45, validators=[MinValueValidator(5), MaxValueValidator(24 * 60)]
    )
    mode = models.CharField(_("how"), max_length=12, choices=Visit.Mode, default=Visit.Mode.IN_PERSON)
    place = models.CharField(_("where"), max_length=200, blank=True, help_text=_("Empty: their own address."))
    note = models.CharField(_("what for"), max_length=200, blank=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, editable=False, related_name="+")
    # What came of it; NULL: nothing yet.
    visit = models.OneToOneField(Visit, models.PROTECT, null=True, editable=False, related_name="planned_as")
    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancelled_why = models.CharField(_("why it is called off"), max_length=200, blank=True)

    objects = PlannedVisitQuerySet.as_manager()

    class Meta:
        verbose_name = worded(_("planned {visit}"))
        verbose_name_plural = worded(_("planned {visits}"))
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["staff", "starts_at"], name="planned_of_staff"),
            models.Index(fields=["enrollment", "starts_at"], name="planned_of_enrollment"),
        ]

    def __str__(self):
        return f"{self.get_mode_display()} {timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"

    @property
    def ends_at(self):
        return self.starts_at + timedelta(minutes=self.minutes)

    @transaction.atomic
    def agree(self, *, by):
        """Write it down, new or moved.

        Raises Refused for a day that is over or two years away, after the end of service, and once it was held or
        called off.
        """
        if self.pk:
            now = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
            if now.visit_id or now.cancelled_at:
                raise Refused(_("This was held or called off already."))
        else:
            self.by = by
        today, problems = timezone.localdate(), []
        day = timezone.localtime(self.starts_at).date()
        if day < today:
            problems.append(_("This day is over."))
        elif day > today + timedelta(days=730):
            problems.append(_("Choose a day within the next two years."))
        enrollment = Enrollment.objects.select_for_update(of=("self",)).get(pk=self.enrollment_id)
        if not enrollment.is_open or (enrollment.ended_on and day > enrollment.ended_on):
            problems.append(_("Service has ended."))
        if problems:
            raise Refused(*problems)
        self.save()
        return self

    @transaction.atomic
    def cancel(self, why, *, by):
        """Call it off. Raises Refused without a reason, and when it was held or called off already."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.visit_id or locked.cancelled_at:
            raise Refused(_("This was held or called off already."))
        if not why.strip():
            raise Refused(_("Say why it is called off."))
        locked.cancelled_at, locked.cancelled_why = timezone.now(), why.strip()
        locked.save()
        return locked


class CheckInQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        """One's own, of the people one supervises, for a director all: it is about the colleague, not the person."""
        if staff.sees_all():
            return self
        theirs = StaffMember.objects.filter(agency_id=staff.agency_id).supervised_by(staff)
        return self.filter(Q(staff=staff) | Q(staff__in=theirs))

    def running(self):
        """Not checked out; a NULL ended_at means so."""
        return self.filter(ended_at=None)

    def overdue(self, at=None):
        """Should have been back, by the time that the colleague gave; the program's grace is not counted here."""
        return self.running().filter(expected_at__lt=at or timezone.now())


class CheckIn(AgencyOwned):
    """A colleague is out alone: since when, where about, and when they will be back (PR-51)."""

    parent = "staff"

    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="check_ins")
    # With whom, for those who may see the enrollment; NULL: not at a visit.
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, null=True, blank=True, related_name="check_ins"
    )
    place = models.CharField(_("where you will be"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    expected_at = models.DateTimeField(_("back by"))
    ended_at = models.DateTimeField(null=True, editable=False)
    # Since when the supervisor knows that nobody checked out; NULL: no alarm.
    alarmed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, editable=False, related_name="+")
    closing_note = models.CharField(_("what came of it"), max_length=300, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["staff"], condition=Q(ended_at=None), name="out_once_at_a_time"),
            models.CheckConstraint(condition=Q(expected_at__gt=F("started_at")), name="back_after_leaving"),
        ]

    def __str__(self):
        return f"{self.staff} {timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"

    def alarm_at(self):
        """When somebody is told that this colleague did not come back."""
        grace = self.enrollment.program.check_in_grace_minutes if self.enrollment_id else 15
        return self.expected_at + timedelta(minutes=grace)

    @classmethod
    @transaction.atomic
    def begin(cls, *, by, minutes, enrollment=None, place=""):
        """Go out; who is out already says anew until when. Raises Refused outside 5 minutes to 24 hours."""
        if not 5 <= minutes <= 24 * 60:
            raise Refused(_("Say when you will be back: 5 minutes to 24 hours from now."))
        StaffMember.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        back = timezone.now() + timedelta(minutes=minutes)
        row = cls.objects.filter(staff=by).running().first() or cls(staff=by)
        row.enrollment, row.place, row.expected_at = enrollment, place, back
        row.alarmed_at = None
        row.save()
        return row

    def later(self, *, minutes):
        """Stay out so many minutes from now. Raises Refused when it is over."""
        if self.ended_at is not None:
            raise Refused(_("This check-out was made already."))
        return type(self).begin(by=self.staff, minutes=minutes, enrollment=self.enrollment, place=self.place)

    @transaction.atomic
    def end(self, *, by, note=""):
        """Back; somebody else says so only with a word on how they know. Raises Refused when it is over."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.ended_at is not None:
            raise Refused(_("This check-out was made already."))
        if by.pk != locked.staff_id and not note.strip():
            raise Refused(_("Say how you know that they are safe."))
        locked.ended_at, locked.closed_by, locked.closing_note = timezone.now(), by, note.strip()
        locked.save()
        return locked


class SnoozeQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        """One's own, and of the people one supervises: what rests must not be out of everybody's sight."""
        rows = super()._seen_by(staff)
        if staff.sees_all():
            return rows
        theirs = StaffMember.objects.filter(agency_id=staff.agency_id).supervised_by(staff)
        return rows.filter(Q(staff=staff) | Q(staff__in=theirs))

    def of(self, staff):
        return self.filter(staff=staff)

    def resting(self, at=None):
        """Put off beyond this day."""
        return self.filter(until__gt=at or timezone.localdate())


class Snooze(AgencyOwned):
    """Something on somebody's list that rests until a day, and why; `kind` and `subject` say what it is."""

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="snoozes")
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    until = models.DateField(_("until"))
    why = models.CharField(_("why"), max_length=200)

    objects = SnoozeQuerySet.as_manager()

    class Meta:
        verbose_name = _("what is put off")
        verbose_name_plural = _("what is put off")
        constraints = [
            models.UniqueConstraint(fields=["agency", "staff", "kind", "subject"], name="snoozed_once")
        ]

    def __str__(self):
        return f"{self.kind} {self.until}"

    @classmethod
    @transaction.atomic
    def put_off(cls, client, *, staff, kind, subject, until, why, longest):
        """Let it rest, `longest` days from now at most. Raises Refused for another day or without a reason."""
        today = timezone.localdate()
        problems = []
        if not today < until <= today + timedelta(days=longest):
            problems.append(_("Choose a day within the next %(n)d days.") % {"n": longest})
        if not why.strip():
            problems.append(_("Say why it waits."))
        if problems:
            raise Refused(*problems)
        row = cls.objects.filter(agency=staff.agency_id, staff=staff, kind=kind, subject=subject).first()
        row = row or cls(client=client, staff=staff, kind=kind, subject=subject)
        row.until, row.why = until, why.strip()
        row.save()
        return row
