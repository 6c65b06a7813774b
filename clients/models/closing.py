"""The end of service, and what stays in place afterwards."""

from datetime import timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    AgencyOwned,
    FromElsewhere,
    PickItem,
    ScopedQuerySet,
    Signature,
    StaffMember,
)
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.core.models import Refused, Signed
from clients.models.enrollment import Enrollment
from clients.pipeline import Stage


class Discharge(AgencyOwned, FromElsewhere, Signed):
    """Why and how service ended, what was achieved, and who the person can turn to (PR-66, PR-67)."""

    path = "enrollment"

    enrollment = models.OneToOneField(Enrollment, models.PROTECT, related_name="discharge")
    discharged_on = models.DateField(_("discharged on"), default=timezone.localdate)
    disposition = models.ForeignKey(
        PickItem, models.PROTECT, null=True, related_name="+", verbose_name=_("disposition")
    )
    # NULL: another system did not say.
    was_planned = models.BooleanField(_("planned together"), null=True, default=True)
    reason = models.TextField(_("reason"), blank=True)
    summary = models.TextField(_("summary"), blank=True)
    unmet_needs = models.TextField(_("needs that remain"), blank=True)
    client_comment = models.TextField(_("in the person's own words"), blank=True)
    reentry = models.TextField(_("how to come back"), blank=True)
    no_lifeline_reason = models.TextField(
        _("why there is no lifeline"),
        blank=True,
        help_text=_("Only if the person refused one or cannot be found."),
    )

    class Meta(FromElsewhere.Meta):
        verbose_name = _("discharge")
        verbose_name_plural = _("discharges")
        constraints = [*FromElsewhere.Meta.constraints]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.discharged_on}"

    def missing(self):
        """What stands between this draft and a signature, in words."""
        if self.disposition is None:
            yield _("Choose how service ended.")
        if not self.summary.strip():
            yield _("Write the summary.")
        if not self.lifelines.exists() and not self.no_lifeline_reason.strip():
            yield _("Name at least one lifeline: somebody the person can turn to. Or say why there is none.")
        if self.discharged_on < self.enrollment.enrolled_on:
            yield _("The discharge cannot be before the day of enrolling.")
        if self.discharged_on > timezone.localdate():
            yield _("The discharge cannot be in the future.")

    @transaction.atomic
    def sign(self, *, by, typed_name="", follow_up=True):
        """Sign, end the enrollment and set the day of the aftercare follow-up. Raises Refused with what is missing.

        Without `follow_up` nobody asks afterwards: service goes on in another program of ours.
        """
        self.require_draft()
        sentences = list(self.missing())
        if sentences:
            raise Refused(*sentences)
        self._mark_signed()
        DischargeSignature.objects.create(
            discharge=self, staff=by, typed_name=typed_name or by.name, signed_at=self.signed_at
        )
        if self.enrollment.stage != Stage.CONCLUDING:
            self.enrollment.move_to(Stage.CONCLUDING, by=by, on=self.discharged_on)
        self.enrollment.move_to(Stage.DISCHARGED, by=by, on=self.discharged_on)
        if not follow_up:
            return
        AftercareFollowUp.objects.create(
            discharge=self,
            due_on=self.discharged_on + timedelta(days=self.enrollment.program.aftercare_days),
            assigned_to=self.enrollment.worker() or by,
        )


class DischargeSignature(Signature):
    """A signature under a discharge."""

    path = "discharge__enrollment"
    discharge = models.ForeignKey(Discharge, models.PROTECT, related_name="signatures")


class Lifeline(AgencyOwned):
    """Somebody the person can turn to after discharge: who, how, for what (REQ-180)."""

    path = "discharge__enrollment"

    discharge = models.ForeignKey(Discharge, models.PROTECT, related_name="lifelines")
    name = models.CharField(_("who"), max_length=150)
    phone = models.CharField(_("phone"), max_length=40, blank=True, validators=[phone_shape])
    purpose = models.CharField(_("for what"), max_length=200)
    confirmed_on = models.DateField(_("they agreed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("lifeline")
        verbose_name_plural = _("lifelines")

    def __str__(self):
        return self.name


class FollowUpQuerySet(ScopedQuerySet):
    def open(self):
        """A NULL done_on means still to do."""
        return self.filter(done_on=None)

    def due(self, at=None):
        return self.open().filter(due_on__lte=at or timezone.localdate())


class AftercareFollowUp(AgencyOwned):
    """Somebody asks, some time after discharge, how the person is and whether the lifelines hold."""

    class Outcome(models.TextChoices):
        WELL = "well", _("Doing well, lifelines hold")
        NEEDS_HELP = "needs_help", _("Needs some help")
        RETURNS = "returns", _("Wants to come back")
        NOT_REACHED = "not_reached", _("Not reached")

    path = "discharge__enrollment"

    discharge = models.ForeignKey(Discharge, models.PROTECT, related_name="follow_ups")
    assigned_to = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    outcome = models.CharField(_("how are they"), max_length=12, choices=Outcome, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("aftercare follow-up")
        verbose_name_plural = _("aftercare follow-ups")
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on=None) | ~Q(outcome=""), name="follow_up_done_has_outcome"
            )
        ]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.due_on}"

    @transaction.atomic
    def complete(self, *, by, outcome, note="", done_on=None):
        """Write down how it went; closes the enrollment when nothing else is open. Raises Refused the second time."""
        if type(self).objects.select_for_update(of=("self",)).get(pk=self.pk).done_on is not None:
            raise Refused(_("This follow-up is done already."))
        self.done_on, self.outcome, self.note = done_on or timezone.localdate(), outcome, note
        self.save()
        enrollment = self.discharge.enrollment
        if not self.discharge.follow_ups.open().exists() and enrollment.stage == Stage.DISCHARGED:
            enrollment.move_to(Stage.CLOSED, by=by, on=self.done_on)
