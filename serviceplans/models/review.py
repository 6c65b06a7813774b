"""The scheduled look at a plan."""

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from serviceplans.models.plan import ServicePlan


class PlanReview(AgencyOwned):
    """A scheduled look at the plan: does it work, does it go on, when is the next (PR-29)."""

    class Outcome(models.TextChoices):
        CONTINUE = "continue", _("Goes on as it is")
        CHANGE = "change", _("Needs a new plan")
        CONCLUDE = "conclude", _("Goals reached: conclude")

    path = "plan__enrollment"

    plan = models.ForeignKey(ServicePlan, models.PROTECT, related_name="reviews")
    reviewed_on = models.DateField(_("reviewed on"), default=timezone.localdate)
    outcome = models.CharField(_("what follows"), max_length=10, choices=Outcome)
    summary = models.TextField(_("what was found"))
    client_view = models.TextField(_("what the person says"), blank=True)
    next_on = models.DateField(_("next review"), null=True, blank=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("plan review")
        verbose_name_plural = _("plan reviews")
        ordering = ["-reviewed_on", "-pk"]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.reviewed_on}"

    @classmethod
    @transaction.atomic
    def hold(cls, plan, *, by, outcome, summary, client_view="", next_on=None, reviewed_on=None):
        """Write the review and move the plan's next review on; raises Refused for a plan that is not in force."""
        if plan.signed_at is None or plan.ended_on is not None:
            raise Refused(worded(_("Only a {plan} in force is reviewed.")))
        day = reviewed_on or timezone.localdate()
        if day > timezone.localdate():
            raise Refused(_("The review cannot be in the future."))
        if day < plan.starts_on:
            raise Refused(worded(_("The review cannot be before the {plan} starts.")))
        if next_on is not None and next_on <= day:
            raise Refused(_("The next review comes after this one."))
        next_on = next_on or day + timedelta(days=plan.enrollment.program.review_every_days)
        review = cls.objects.create(
            plan=plan,
            reviewed_on=day,
            outcome=outcome,
            summary=summary,
            client_view=client_view,
            next_on=next_on,
            by=by,
        )
        plan.review_on = next_on
        plan.save()
        return review
