"""Tries to reach somebody before they are enrolled, and the dated steps of a program of a fixed length."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from clients.models.enrollment import Enrollment
from clients.models.intake import EligibilityDecision, IncomingReferral
from clients.models.person import Client


class OutreachContact(AgencyOwned):
    """One try to reach a person who was referred or waits, kept or not (REQ-31, REQ-77); no enrollment is needed."""

    class Way(models.TextChoices):
        CALL = "call", _("Call")
        TEXT = "text", _("Text message")
        EMAIL = "email", _("E-mail")
        LETTER = "letter", _("Letter")
        VISIT = "visit", _("Went there")
        THROUGH = "through", _("Through somebody else")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Reached")
        NO_ANSWER = "no_answer", _("No answer")
        MESSAGE = "message", _("Left a message")
        WRONG = "wrong", _("Wrong number or address")
        REFUSED = "refused", _("Does not want contact")

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="outreach")
    referral = models.ForeignKey(
        IncomingReferral, models.PROTECT, null=True, blank=True, related_name="outreach"
    )
    decision = models.ForeignKey(
        EligibilityDecision, models.PROTECT, null=True, blank=True, related_name="outreach"
    )
    tried_at = models.DateTimeField(_("when"), default=timezone.now)
    way = models.CharField(_("how"), max_length=8, choices=Way, default=Way.CALL)
    outcome = models.CharField(_("what came of it"), max_length=10, choices=Outcome)
    note = models.CharField(_("note"), max_length=300, blank=True)
    next_on = models.DateField(_("try again on"), null=True, blank=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = _("try to reach somebody")
        verbose_name_plural = _("tries to reach somebody")
        ordering = ["-tried_at", "-pk"]

    def __str__(self):
        return f"{self.get_way_display()}, {self.get_outcome_display()}"


class MilestoneQuerySet(ScopedQuerySet):
    def open(self):
        """Still to be done; a NULL done_on means not yet."""
        return self.filter(done_on=None, enrollment__ended_on=None)


class Milestone(AgencyOwned):
    """A dated step of a program of fixed length, made when somebody is enrolled (REQ-78)."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="milestones")
    title = models.CharField(_("step"), max_length=150)
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="+", editable=False)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "title"], condition=Q(done_on=None), name="milestone_open_once"
            )
        ]

    def __str__(self):
        return self.title
