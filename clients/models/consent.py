"""What the person agreed to, and what they took back."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, Program, ScopedQuerySet
from casemgmt.agencies.words import worded
from clients.models.person import Client


class ConsentQuerySet(ScopedQuerySet):
    def in_force(self, at=None):
        """Given, not withdrawn, not run out; a NULL expires_on means until withdrawn, a NULL withdrawn_on never."""
        day = at or timezone.localdate()
        return self.filter(
            Q(expires_on=None) | Q(expires_on__gte=day),
            Q(withdrawn_on=None) | Q(withdrawn_on__gt=day),
            given_on__lte=day,
        )

    def to_disclose_within_agency(self, at=None):
        """Lets the agency's other staff see what a 42 CFR Part 2 program holds."""
        return self.in_force(at).filter(kind=Consent.Kind.DISCLOSURE, recipient="")


class Consent(AgencyOwned):
    """An agreement with kind, scope, purpose and dates; whether it holds is asked at the moment of use."""

    class Kind(models.TextChoices):
        SERVICE = "service", _("Receiving service")
        DISCLOSURE = "disclosure", _("Sharing information")
        ELECTRONIC = "electronic", _("Electronic communication")
        RESEARCH = "research", _("Research")
        OBSERVER = "observer", worded(_("A second colleague at {visits}"))

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="consents")
    kind = models.CharField(_("to"), max_length=12, choices=Kind)
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("what this program holds"),
    )
    recipient = models.CharField(
        _("shared with"), max_length=200, blank=True, help_text=_("Empty: with colleagues of the agency.")
    )
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    given_on = models.DateField(_("given on"), default=timezone.localdate)
    expires_on = models.DateField(_("until"), null=True, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=models.F("given_on")),
                name="consent_ends_after_start",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.given_on}"
