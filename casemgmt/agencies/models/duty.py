"""Who can be reached when nobody is at work."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyOwned, ScopedQuerySet, phone_shape
from casemgmt.agencies.models.people import StaffMember
from casemgmt.agencies.models.program import Program


class OnCallQuerySet(ScopedQuerySet):
    def now(self, at=None):
        """The shifts that run at this moment, of colleagues who still work here."""
        at = at or timezone.now()
        working = StaffMember.objects.working(timezone.localdate(at))
        return self.filter(starts_at__lte=at, ends_at__gt=at, staff__in=working)

    def between(self, start, end):
        """Shifts that touch a span of time, in order."""
        return self.filter(starts_at__lt=end, ends_at__gt=start).order_by("starts_at", "pk")


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
