"""Tries to reach somebody before they are enrolled (REQ-31)."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.core.models import Refused
from clients.models.intake import EligibilityDecision
from clients.models.person import Client
from clients.models.referral import IncomingReferral


class OutreachQuerySet(ScopedQuerySet):
    def failed(self):
        """Tries that did not reach the person."""
        return self.filter(outcome__in=OutreachContact.FAILED)


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

    FAILED = (Outcome.NO_ANSWER, Outcome.MESSAGE, Outcome.WRONG)

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

    objects = OutreachQuerySet.as_manager()

    class Meta:
        verbose_name = _("try to reach somebody")
        verbose_name_plural = _("tries to reach somebody")
        ordering = ["-tried_at", "-pk"]

    def __str__(self):
        return f"{self.get_way_display()}, {self.get_outcome_display()}"

    @property
    def failed(self):
        return self.outcome in self.FAILED

    @classmethod
    def log(cls, *, by, outcome, way=Way.CALL, note="", next_on=None, referral=None, decision=None):
        """Write down one try, for an open referral or for somebody who waits.

        Raises Refused for a referral or a waitlist entry that has ended, and for a next try in the past.
        """
        if referral is not None and referral.closed_on:
            raise Refused(_("This referral is closed. Open it again first."))
        if decision is not None and not decision.is_waiting:
            raise Refused(_("They no longer wait for a place."))
        if next_on is not None and next_on < timezone.localdate():
            raise Refused(_("The next try is in the past."))
        return cls.objects.create(
            client=referral.client if referral is not None else decision.intake.client,
            referral=referral,
            decision=decision,
            way=way,
            outcome=outcome,
            note=note,
            next_on=next_on,
            by=by,
        )
