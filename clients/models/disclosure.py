"""What left the agency, and the one gate through which it goes."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients import consents
from clients.models import access
from clients.models.consent import Consent
from clients.models.person import Client


class DisclosureQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        # What was shared of a sealed program would tell of it.
        return (
            super()
            ._seen_by(staff)
            .exclude(Q(with_part_2=True) & ~Q(by=staff) & Q(client__in=access.clients_with_sealed(staff)))
        )

    def accounted(self, at=None):
        """What a person may ask an account of: six years back (45 CFR 164.528), or as the settings say."""
        day = at or timezone.localdate()
        first = day.replace(day=min(day.day, 28), year=day.year - settings.DISCLOSURE_YEARS)
        return self.filter(at__date__gte=first)


class DirectiveStands(Refused):
    """The person said what must not be shared; whoever shares says that they heeded it."""


class Disclosure(AgencyOwned):
    """Something about a person left the agency: what, to whom, why, and on what ground (45 CFR 164.528).

    `make` is the one gate through which anything goes out. `parts` and `enrollments` are what the paper held, so that
    it can be shown again as it was; an empty list of parts is something that was not made here.
    """

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
    parts = models.JSONField(_("parts of the paper"), default=list, editable=False)
    enrollments = models.JSONField(worded(_("{enrollments} it was taken from")), default=list, editable=False)

    objects = DisclosureQuerySet.as_manager()

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

    @classmethod
    @transaction.atomic
    def make(
        cls,
        client,
        *,
        by,
        basis,
        recipient,
        information,
        purpose="",
        consent=None,
        enrollments=(),
        parts=(),
        way="",
        heeded=False,
    ):
        """The gate: asked at the moment of use and in its transaction, it writes the disclosure or raises Refused.

        `enrollments` are those of which something goes out. `heeded` says that the worker read the person's directives;
        without it they are raised as DirectiveStands, save where the person gets it themselves.
        """
        enrollments = list(enrollments)
        part_2 = [e.program for e in enrollments if e.program.is_part_2]
        if any(e.client_id != client.pk for e in enrollments):
            raise Refused(worded(_("This {enrollment} is somebody else's.")))
        if not recipient.strip() or not information.strip():
            raise Refused(_("Say what goes out, and to whom."))
        if basis == cls.Basis.CONSENT:
            consent = cls._asked(consent, client, recipient, enrollments)
        else:
            consent = None
            cls._check_ground(basis, purpose, part_2)
        if basis != cls.Basis.PERSON and not heeded:
            cls._show_directives(client, by)
        return cls.objects.create(
            client=client,
            by=by,
            basis=basis,
            consent=consent,
            recipient=recipient.strip(),
            information=information.strip()[:500],
            purpose=(purpose or (consent.purpose if consent else "")).strip(),
            way=way,
            with_part_2=bool(part_2),
            parts=list(parts),
            enrollments=[e.pk for e in enrollments],
        )

    @staticmethod
    def _asked(consent, client, recipient, enrollments):
        """The consent as it stands now, locked, for somebody may be withdrawing it; Refused when it does not reach."""
        if consent is None:
            raise Refused(_("Nobody agreed to this: there is no consent to share it."))
        held = (
            Consent.objects.select_for_update(of=("self",))
            .select_related("program", "client__agency")
            .get(pk=consent.pk)
        )
        if held.client_id != client.pk:
            raise Refused(_("This is somebody else's consent."))
        if not held.is_in_force():
            raise Refused(_("This consent does not hold today."), held.why_ended())
        if held.kind not in consents.USED_BY_THE_GATE:
            raise Refused(
                _("This consent is not one to share information: %(kind)s.")
                % {"kind": held.get_kind_display()}
            )
        if lacking := held.missing():
            raise Refused(
                _("This consent is not complete, so nothing may be shared on it."),
                *[sentence for _field, sentence in lacking],
            )
        if not consents.names_recipient(held, recipient):
            raise Refused(
                _("This consent is to share with %(whom)s, not with %(recipient)s.")
                % {"whom": held.whom(), "recipient": recipient or _("somebody else")}
            )
        outside = [e.program for e in enrollments if not consents.covers_program(held, e.program)]
        for program in dict.fromkeys(outside):
            if program.is_part_2:
                raise Refused(
                    _(
                        "%(program)s is under 42 CFR Part 2: a consent to share substance use records must name it, "
                        "and this one does not."
                    )
                    % {"program": program}
                )
            raise Refused(_("This consent does not cover what %(program)s holds.") % {"program": program})
        return held

    @classmethod
    def _check_ground(cls, basis, purpose, part_2):
        if basis not in cls.Basis.values:
            raise Refused(_("Say on what ground it may be shared."))
        if basis != cls.Basis.PERSON and not purpose.strip():
            raise Refused(_("Without a consent, say why it may be shared all the same."))
        if part_2 and basis not in (cls.Basis.PERSON, cls.Basis.EMERGENCY):
            raise Refused(
                _(
                    "%(program)s is under 42 CFR Part 2: only a consent that names it, or an emergency, opens this."
                )
                % {"program": part_2[0]}
            )

    @staticmethod
    def _show_directives(client, by):
        """What the person said must not go out; only what this worker may know of."""
        said = Consent.objects.visible_to(by).filter(client=client).in_force().exclude(directive="")
        if directives := list(dict.fromkeys(said.values_list("directive", flat=True))):
            raise DirectiveStands(*[_("They said: “%(words)s”") % {"words": words} for words in directives])

    def require_printable(self, *, by, at=None):
        """Raise Refused unless its paper may still be printed: by who made it, on its day, while the consent holds."""
        now = at or timezone.now()
        if self.by_id != by.pk or timezone.localdate(self.at) != timezone.localdate(now) or not self.parts:
            raise Refused(
                _("This was shared before. To share it again, begin anew: it is asked and logged again.")
            )
        if self.consent is not None and not self.consent.is_in_force(timezone.localdate(now)):
            raise Refused(_("This consent does not hold today."), self.consent.why_ended())
