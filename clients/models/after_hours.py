"""What was said to whoever was on call."""

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, OnCallShift, ScopedQuerySet, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models.access import enrollments_on_call, hidden_from, sealed_programs
from clients.models.enrollment import Enrollment
from clients.models.person import Client


class AfterHoursQuerySet(ScopedQuerySet):
    """For whoever sees the person's period of service, and for who wrote it down."""

    def _seen_by(self, staff):
        hidden = Client.objects.filter(hidden_from(staff), agency_id=staff.agency_id)
        sealed = Enrollment.objects.filter(sealed_programs(staff), agency_id=staff.agency_id)
        own = Q(by=staff) & ~Q(enrollment__client__in=hidden) & ~Q(enrollment__in=sealed)
        return self.filter(own | Q(enrollment__in=Enrollment.objects.visible_to(staff)))

    def unread(self):
        """The worker has not looked at it yet: a NULL read_at means so."""
        return self.filter(read_at=None)


class AfterHoursContact(AgencyOwned):
    """Somebody turned to whoever was on call, or was called back: what it was about and what was done (REQ-177)."""

    class Way(models.TextChoices):
        THEY_CALLED = "in", _("They called")
        WE_CALLED = "out", _("I called")
        MET = "met", _("We met")

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="after_hours")
    # NULL: written down by somebody who was reached although nobody had put them on call.
    shift = models.ForeignKey(OnCallShift, models.PROTECT, null=True, editable=False, related_name="+")
    by = models.ForeignKey(
        StaffMember, models.PROTECT, editable=False, related_name="+", verbose_name=_("who answered")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=10, validators=[MaxValueValidator(24 * 60)]
    )
    way = models.CharField(_("how"), max_length=4, choices=Way, default=Way.THEY_CALLED)
    note = models.TextField(_("what it was about, and what you did"))
    follow_up = models.CharField(_("what somebody has to do next"), max_length=300, blank=True)
    read_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, editable=False, related_name="+")
    read_at = models.DateTimeField(null=True, editable=False)

    objects = AfterHoursQuerySet.as_manager()

    class Meta:
        verbose_name = worded(_("contact after hours"))
        verbose_name_plural = worded(_("contacts after hours"))
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["enrollment", "-at"], name="after_hours_of_enrollment")]

    def __str__(self):
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @classmethod
    def services_of(cls, client, staff):
        """For which open periods of service this person may write a contact down: on call for them, or seeing them.

        Those of the shift come first.
        """
        rows = Enrollment.objects.filter(client=client, agency_id=client.agency_id)
        rows = rows.select_related("program", "client").order_by("-enrolled_on", "-pk")
        of_shift = list(rows.filter(pk__in=enrollments_on_call(staff).values("pk")))
        seen = rows.open().filter(pk__in=Enrollment.objects.visible_to(staff).values("pk"))
        return of_shift + [row for row in seen if row not in of_shift]

    @staticmethod
    def why_not_at(moment, enrollment):
        """Why nobody can have turned to us then, in words; empty when they can."""
        if moment > timezone.now():
            return _("This is in the future.")
        if timezone.localdate(moment) < enrollment.enrolled_on:
            return worded(_("This is before the {enrollment} began."))
        return ""

    @classmethod
    @transaction.atomic
    def write(cls, enrollment, *, by, **said):
        """Write down what happened. Raises Refused for a moment that cannot be, and for whom one does not reach.

        Who is accountable for the person and answered the call themselves has read it.
        """
        if enrollment not in cls.services_of(enrollment.client, by):
            raise Refused(_("You are not on call for this person any more."))
        row = cls(enrollment=enrollment, by=by, **said)
        if sentence := cls.why_not_at(row.at, enrollment):
            raise Refused(sentence)
        shifts = OnCallShift.objects.filter(agency_id=by.agency_id, staff=by).now(row.at)
        row.shift = shifts.filter(Q(program=enrollment.program_id) | Q(program=None)).first()
        if enrollment.worker() == by:
            row.read_by, row.read_at = by, timezone.now()
        row.save()
        return row

    @transaction.atomic
    def read(self, *, by):
        """Somebody who works with the person knows of it now; the first one counts. Raises Refused for who wrote it."""
        row = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if row.by_id == by.pk and row.enrollment.worker() != by:
            raise Refused(_("Somebody else reads what you wrote."))
        if row.read_at is None:
            row.read_by, row.read_at = by, timezone.now()
            row.save()
        return row
