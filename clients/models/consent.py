"""What the person agreed to, what they took back, and what left the agency because of it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ConsentText, Program, ScopedQuerySet, StaffMember
from casemgmt.agencies.models.program import ConsentKind
from casemgmt.agencies.words import worded
from clients.models.around import LegalRepresentative
from clients.models.document import Document
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
        return self.in_force(at).filter(kind__in=Consent.SHARING, recipient="")

    def to_expire(self, until, at=None):
        """In force today, and running out by this day."""
        return self.in_force(at).filter(expires_on__lte=until)


class Consent(AgencyOwned):
    """An agreement with kind, scope, purpose and dates; whether it holds is asked at the moment of use.

    Which elements it must have to be valid (45 CFR 164.508(c), 42 CFR 2.31, PHIPA) is in clients/consents.py.
    """

    Kind = ConsentKind

    class Method(models.TextChoices):
        DEVICE = "device", _("Signed on this device")
        PAPER = "paper", _("Signed on paper")
        SPOKEN = "spoken", _("Said aloud")
        IMPLIED = "implied", _("Implied by asking for the service")

    # Kinds that let information out, and with the empty recipient across the agency's programs.
    SHARING = (ConsentKind.DISCLOSURE, ConsentKind.PART2_TPO, ConsentKind.PART2_SPECIFIC)

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="consents")
    kind = models.CharField(_("to"), max_length=14, choices=Kind)
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
    discloser = models.CharField(_("who may share"), max_length=200, blank=True)
    information = models.CharField(_("what may be shared"), max_length=500, blank=True)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    directive = models.CharField(_("what must not be shared, or with whom not"), max_length=300, blank=True)
    text = models.ForeignKey(
        ConsentText, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("text agreed to")
    )
    told = models.JSONField(default=list, blank=True, editable=False)
    language = models.CharField(_("language it was explained in"), max_length=60, blank=True)
    method = models.CharField(_("how it was given"), max_length=8, choices=Method, default=Method.DEVICE)
    signed_name = models.CharField(_("name, as signed"), max_length=150, blank=True)
    representative = models.ForeignKey(
        LegalRepresentative,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("signed by"),
    )
    client_view = models.CharField(worded(_("what the {client} says about it")), max_length=300, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed paper")
    )
    given_on = models.DateField(_("given on"), default=timezone.localdate)
    expires_on = models.DateField(_("until"), null=True, blank=True)
    expires_with = models.CharField(
        _("or until this happens"), max_length=150, blank=True, help_text=_("For example: end of service.")
    )
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_why = models.CharField(_("how it was withdrawn"), max_length=200, blank=True)
    withdrawn_by = models.ForeignKey(
        StaffMember, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

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


class Disclosure(AgencyOwned):
    """Something about a person left the agency: what, to whom, why, and on what ground (45 CFR 164.528)."""

    class Basis(models.TextChoices):
        PERSON = "person", _("Given to the person")
        CONSENT = "consent", _("The person agreed")
        CARE = "care", _("Treatment, payment or operations")
        EMERGENCY = "emergency", _("Emergency")
        LAW = "law", _("Required by law")

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="disclosures")
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("by"))
    basis = models.CharField(_("ground"), max_length=10, choices=Basis)
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="disclosures")
    recipient = models.CharField(_("to whom"), max_length=200)
    information = models.CharField(_("what"), max_length=500)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    way = models.CharField(_("how"), max_length=60, blank=True)
    with_part_2 = models.BooleanField(_("with substance use records"), default=False)

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(basis="consent") | Q(consent__isnull=False), name="disclosure_names_its_consent"
            )
        ]

    def __str__(self):
        return f"{self.recipient}, {self.at:%Y-%m-%d}"
