"""Who can be reached when nobody is at work."""

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyOwned, ScopedQuerySet, phone_shape
from casemgmt.agencies.models.people import StaffMember
from casemgmt.agencies.models.program import Program
from casemgmt.core.models import Refused


class OnCallQuerySet(ScopedQuerySet):
    def now(self, at=None):
        """The shifts that run at this moment, of colleagues who still work here."""
        at = at or timezone.now()
        working = StaffMember.objects.working(timezone.localdate(at))
        return self.filter(starts_at__lte=at, ends_at__gt=at, staff__in=working)

    def between(self, start, end):
        """Shifts that touch a span of time, in order."""
        return self.filter(starts_at__lt=end, ends_at__gt=start).order_by("starts_at", "pk")

    def for_programs(self, programs):
        """Shifts that answer for one of these programs, also those for all."""
        return self.filter(Q(program__in=programs) | Q(program=None))


class OnCallShift(AgencyOwned):
    """Somebody answers for a program's people from one moment to another, also for colleagues (REQ-177).

    While it runs they reach the people of that program who are being served; a NULL program means all programs.
    """

    staff = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="on_call_shifts", verbose_name=_("who is on call")
    )
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="on_call_shifts",
        verbose_name=_("program"),
        help_text=_("Empty: all programs."),
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    phone = models.CharField(
        _("reached at"),
        max_length=40,
        blank=True,
        validators=[phone_shape],
        help_text=_("Empty: their own telephone."),
    )

    objects = OnCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift on call")
        verbose_name_plural = _("shifts on call")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="on_call_ends_after_start",
                violation_error_message=_("The end has to be after the start."),
            )
        ]
        indexes = [models.Index(fields=["staff", "ends_at"], name="on_call_of_staff")]

    def __str__(self):
        return f"{self.staff} {timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"

    @property
    def reached_at(self):
        """The telephone that rings: that of the shift, else their own."""
        return self.phone or self.staff.phone

    def in_the_way(self):
        """A shift of the same person for the same program that touches this one, or None."""
        rows = OnCallShift.objects.filter(staff=self.staff_id, program=self.program_id)
        return rows.exclude(pk=self.pk).between(self.starts_at, self.ends_at).first()

    @classmethod
    @transaction.atomic
    def put(cls, shifts):
        """Write shifts, all or none. Raises Refused where one overlaps another of the same person and program."""
        for staff in sorted({shift.staff_id for shift in shifts}):
            StaffMember.objects.select_for_update(of=("self",)).get(pk=staff)
        for shift in shifts:
            if other := shift.in_the_way():
                raise Refused(overlap(other))
            shift.save()

    @transaction.atomic
    def withdraw(self):
        """It does not take place; one that runs ends now. Raises Refused for one that is over."""
        row = OnCallShift.objects.select_for_update(of=("self",)).get(pk=self.pk)
        now = timezone.now()
        if row.ends_at <= now:
            raise Refused(_("This shift is over."))
        if row.starts_at < now:
            row.ends_at = now
            row.save()
        else:
            row.delete()


def overlap(other):
    """What stands in the way, in words."""
    start, end = timezone.localtime(other.starts_at), timezone.localtime(other.ends_at)
    said = {"name": other.staff.name, "start": f"{start:%Y-%m-%d %H:%M}", "end": f"{end:%Y-%m-%d %H:%M}"}
    return _("%(name)s is on call from %(start)s to %(end)s already.") % said
