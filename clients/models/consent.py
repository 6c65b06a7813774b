"""What the person agreed to, and what they took back."""

from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ConsentText, Program, ScopedQuerySet, StaffMember
from casemgmt.agencies.models.program import ConsentKind
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients import consents
from clients.models import access
from clients.models.around import LegalRepresentative
from clients.models.document import Document
from clients.models.person import Client


class ConsentLacks(Refused):
    """A consent is not valid yet; `found` says field by field what it lacks."""

    def __init__(self, found):
        self.found = list(found)
        super().__init__(*dict.fromkeys(sentence for _field, sentence in self.found))


class ConsentQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        # A consent names the program: where that is sealed, the consent would tell of it.
        return super()._seen_by(staff).exclude(access.sealed_programs(staff))

    def in_force(self, at=None):
        """Given, not withdrawn, not run out; a NULL expires_on means until withdrawn, a NULL withdrawn_on never."""
        day = at or timezone.localdate()
        return self.filter(
            Q(expires_on=None) | Q(expires_on__gte=day),
            Q(withdrawn_on=None) | Q(withdrawn_on__gt=day),
            given_on__lte=day,
        )

    def outward(self, at=None):
        """In force today, and naming somebody outside to whom information may go."""
        return (
            self.in_force(at)
            .filter(kind__in=consents.USED_BY_THE_GATE)
            .filter(~Q(recipient="") | Q(kind=ConsentKind.PART2_TPO))
        )

    def to_disclose_within_agency(self, at=None):
        """Lets the agency's other staff see what a 42 CFR Part 2 program holds: that program, and no other."""
        # Kept flat: this stands deep inside the doors, and SQLite's parser has a floor.
        return self.in_force(at).filter(kind__in=consents.WITHIN_AGENCY, recipient="")

    def to_expire(self, until, at=None):
        """In force today, running out by this day, and not given anew by now."""
        newer = Consent.objects.in_force(at).filter(
            Q(expires_on=None) | Q(expires_on__gt=until),
            client=OuterRef("client"),
            kind=OuterRef("kind"),
            recipient=OuterRef("recipient"),
        )
        same_program = Q(program=OuterRef("program")) | Q(program=None)
        return self.in_force(at).filter(~Exists(newer.filter(same_program)), expires_on__lte=until)


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
    taken_by = models.ForeignKey(
        StaffMember,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("explained by"),
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

    @property
    def law(self):
        return self.client.agency.privacy_law

    def missing(self):
        """What it lacks to be valid, as pairs of (field, sentence)."""
        return consents.missing(self, self.law)

    def is_in_force(self, at=None):
        """As `in_force` asks it of the database."""
        day = at or timezone.localdate()
        return (
            self.given_on <= day
            and (self.expires_on is None or self.expires_on >= day)
            and (self.withdrawn_on is None or self.withdrawn_on > day)
        )

    def why_ended(self, at=None):
        """In words, why it does not hold on this day; "" while it does."""
        day = at or timezone.localdate()
        if self.withdrawn_on is not None and self.withdrawn_on <= day:
            return _("It was withdrawn on %(day)s.") % {"day": self.withdrawn_on}
        if self.expires_on is not None and self.expires_on < day:
            return _("It ran out on %(day)s.") % {"day": self.expires_on}
        return _("It begins on %(day)s.") % {"day": self.given_on} if self.given_on > day else ""

    def whom(self):
        """Who may see what it lets out, in words."""
        if self.kind == ConsentKind.PART2_TPO:
            return str(consents.TPO_RECIPIENTS)
        if self.recipient:
            return self.recipient
        return _("Colleagues at %(agency)s") % {"agency": self.client.agency.name}

    def lacks(self):
        """What stands against giving it: elements that are missing, dates, and who may not sign."""
        found = list(self.missing())
        today = timezone.localdate()
        if self.given_on > today:
            found.append(("given_on", _("A consent is written down once it is given.")))
        if self.expires_on is not None and self.expires_on < self.given_on:
            found.append(("expires_on", _("It cannot end before it was given.")))
        if self.representative is not None and self.representative.client_id != self.client_id:
            return [*found, ("representative", _("Choose a representative of this person."))]
        scope = LegalRepresentative.SIGNS[consents.SIGNED_AS[self.kind]]
        return found + list(
            consents.signer_lacks(
                self.representative,
                kind=self.kind,
                scope=scope,
                age=self.client.age(self.given_on),
                consent_age=self._consent_age(),
                at=self.given_on,
            )
        )

    def _consent_age(self):
        """From which age people sign for themselves: the program's, else the strictest that serves them (PR-44)."""
        if self.program is not None:
            return self.program.consent_age
        served = Program.objects.filter(agency_id=self.client.agency_id, enrollments__client=self.client_id)
        ages = served.filter(enrollments__ended_on=None).aggregate(most=Max("consent_age"))["most"]
        return Program._meta.get_field("consent_age").default if ages is None else ages

    @classmethod
    @transaction.atomic
    def give(cls, client, *, by, kind, **elements):
        """Write down that somebody agreed; raises ConsentLacks with what the law still asks for."""
        consent = cls(client=client, kind=kind, taken_by=by, **elements)
        if found := consent.lacks():
            raise ConsentLacks(found)
        consent.save()
        return consent

    @transaction.atomic
    def withdraw(self, *, by, why, on=None):
        """It ends at once: whoever uses it from now on is refused. Raises Refused where it cannot be."""
        held = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        day = on or timezone.localdate()
        if held.withdrawn_on is not None:
            raise Refused(_("This was withdrawn on %(day)s already.") % {"day": held.withdrawn_on})
        if held.expires_on is not None and held.expires_on < day:
            raise Refused(held.why_ended(day))
        if not why.strip():
            raise Refused(_("Say how it was withdrawn: what they said, or the letter that came."))
        if not held.given_on <= day <= timezone.localdate():
            raise Refused(_("It ends today, or on the day after it was given on which they said so."))
        held.withdrawn_on, held.withdrawn_why, held.withdrawn_by = day, why.strip(), by
        held.save()
        self.withdrawn_on, self.version = held.withdrawn_on, held.version
