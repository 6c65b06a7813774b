"""Decisions on how much service somebody gets from a day on, and crises, which break into every rhythm."""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, LevelOfCare, ScopedQuerySet, StaffMember
from casemgmt.core.models import Refused
from clients.models.enrollment import Enrollment
from clients.models.events import KeyEvent
from clients.models.safety import Alert


class LevelDecision(AgencyOwned):
    """That somebody is at a level of care from a day on, and why (PR-31, PR-34)."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="level_decisions")
    level = models.ForeignKey(LevelOfCare, models.PROTECT, related_name="+", verbose_name=_("level of care"))
    decided_on = models.DateField(_("from"), default=timezone.localdate)
    why = models.CharField(_("why"), max_length=300)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("decided by"))

    class Meta:
        verbose_name = _("decision on the level of care")
        verbose_name_plural = _("decisions on the level of care")
        ordering = ["-decided_on", "-pk"]

    def __str__(self):
        return str(self.level)

    @classmethod
    @transaction.atomic
    def make(cls, enrollment, level, *, why, by, on=None):
        """Put somebody at a level: contacts and reviews follow its rhythm from now on.

        Raises Refused for a level of another program or one no longer used, after the end of service, for a day in
        the future, and without a reason where the level changes. The same level again is no decision: None.
        """
        locked = Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
        day = on or timezone.localdate()
        if level.program_id != locked.program_id or (
            level.ended_on and level.ended_on <= timezone.localdate()
        ):
            raise Refused(_("Choose one of the levels of this program."))
        if not locked.is_open:
            raise Refused(_("Service has ended."))
        if day > timezone.localdate():
            raise Refused(_("The level holds from today or an earlier day."))
        if locked.level_id == level.pk:
            return None
        if not why.strip():
            raise Refused(_("Say why the level changes."))
        row = cls.objects.create(enrollment=locked, level=level, decided_on=day, why=why.strip(), by=by)
        locked.level = level
        locked.save()
        enrollment.level, enrollment.version = level, locked.version
        return row


class CrisisQuerySet(ScopedQuerySet):
    def now(self):
        """Going on; a NULL ended_at means so."""
        return self.filter(ended_at=None)


class Crisis(AgencyOwned):
    """A time in which staying safe comes before every plan (REQ-91), until somebody says that it is over."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="crises")
    started_at = models.DateTimeField(_("since"), default=timezone.now)
    note = models.TextField(_("what is going on"), blank=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("marked by"))
    # What it wrote elsewhere; no alert for a sealed program, because everybody reads the banner.
    event = models.ForeignKey(KeyEvent, models.PROTECT, null=True, editable=False, related_name="+")
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, editable=False, related_name="+")
    ended_at = models.DateTimeField(_("over since"), null=True, editable=False)
    ended_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, editable=False, related_name="+")
    outcome = models.TextField(_("how it ended"), blank=True)

    objects = CrisisQuerySet.as_manager()

    class Meta:
        verbose_name = _("crisis")
        verbose_name_plural = _("crises")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"], condition=models.Q(ended_at=None), name="one_crisis_at_a_time"
            )
        ]

    def __str__(self):
        return f"{self._meta.verbose_name} {timezone.localtime(self.started_at):%Y-%m-%d}"
