"""Referrals that come in: somebody asks us to serve a person."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, PickItem, Program, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import access
from clients.models.person import Client


def nobodys_q(at):
    """A `Q`: nobody has taken it, or who had it has left."""
    return Q(assigned_to=None) | Q(assigned_to__left_on__lte=at or timezone.localdate())


class ReferralQuerySet(access.FrontDoorQuerySet):
    def open(self):
        """Nobody has met the person yet; a NULL closed_on means open."""
        return self.filter(closed_on=None)

    def nobodys(self, at=None):
        """Open, and no colleague who works here has it."""
        return self.open().filter(nobodys_q(at), intake=None)


class IncomingReferral(AgencyOwned):
    """Somebody asks us to serve a person."""

    class Urgency(models.TextChoices):
        ROUTINE = "routine", _("Routine")
        SOON = "soon", _("Within days")
        URGENT = "urgent", _("Today")

    class Ending(models.TextChoices):
        MET = "met", _("Met for the intake")
        UNREACHED = "unreached", _("Could not be reached")
        NOT_WANTED = "not_wanted", _("Did not want the service")
        ELSEWHERE = "elsewhere", _("Is helped elsewhere")
        MISTAKE = "mistake", _("Was a mistake")

    path = "client"

    client = models.ForeignKey(
        Client, models.PROTECT, related_name="referrals", verbose_name=worded("{client}")
    )
    program = models.ForeignKey(
        Program, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("program asked for")
    )
    received_on = models.DateField(_("received on"), default=timezone.localdate)
    source = models.ForeignKey(
        PickItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who refers")
    )
    source_contact = models.CharField(_("their name and phone"), max_length=200, blank=True)
    reason = models.TextField(_("reason for the referral"))
    presenting_need = models.TextField(_("what the person says they need, in their words"), blank=True)
    urgency = models.CharField(_("how urgent"), max_length=8, choices=Urgency, default=Urgency.ROUTINE)
    assigned_to = models.ForeignKey(
        StaffMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who takes it")
    )
    closed_on = models.DateField(null=True, editable=False)
    closed_why = models.CharField(
        _("how it ended"), max_length=10, choices=Ending, blank=True, editable=False
    )
    closed_note = models.CharField(_("note"), max_length=300, blank=True, editable=False)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering = ["received_on", "pk"]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.received_on}"

    def close(self, why, *, note="", on=None):
        """End it without a first meeting, in words (REQ-31). Raises Refused with what is missing."""
        why = self.Ending(why)
        problems = []
        if self.closed_on:
            problems.append(_("This referral is closed already."))
        if why == self.Ending.UNREACHED and not self.outreach.failed().exists():
            problems.append(_("Write down at least one try to reach them first."))
        if why not in (self.Ending.UNREACHED, self.Ending.MET) and not note.strip():
            problems.append(_("Say in a few words why."))
        if problems:
            raise Refused(*problems)
        self.closed_on, self.closed_why, self.closed_note = on or timezone.localdate(), why, note
        self.save()

    def reopen(self):
        """Somebody called back. Raises Refused for one that is open, or that led to a first meeting."""
        if self.closed_on is None:
            raise Refused(_("This referral is open."))
        if getattr(self, "intake", None) is not None:
            raise Refused(_("They were met: go on with the intake."))
        self.closed_on, self.closed_why, self.closed_note = None, "", ""
        self.save()
