"""Who may see whose record, the exceptions, and the log of who did.

These are the plain sub-queries from which doors 2 and 3 are built (`ClientQuerySet`, `EnrollmentQuerySet`); nothing
else decides about access.
"""

from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    AgencyFact,
    AgencyOwned,
    FactQuerySet,
    PickItem,
    ProgramStaff,
    ScopedQuerySet,
    StaffMember,
    in_force,
    through,
)
from casemgmt.core.acting import because
from casemgmt.core.models import Refused


def _model(name):
    return apps.get_model("clients", name)


class OutsideCaseload(PermissionDenied):
    """The record is a colleague's: emergency access may open it, with a reason."""

    def __init__(self, client_pk):
        self.client_pk = client_pk
        super().__init__("outside the caseload")


class MergedInto(Http404):
    """The record became part of another, which this person sees: whoever asks for it is led there."""

    def __init__(self, gone_pk, kept_pk):
        self.gone_pk, self.kept_pk = gone_pk, kept_pk
        super().__init__("merged")


class EmergencyQuerySet(ScopedQuerySet):
    def live(self, at=None):
        now = at or timezone.now()
        return self.filter(started_at__lte=now, ends_at__gt=now)

    def unreviewed(self):
        """A NULL reviewed_at means that no supervisor has looked at it yet."""
        return self.filter(reviewed_at=None)


class EmergencyAccess(AgencyOwned):
    """Somebody opened a record outside their caseload: why, until when, and who reviewed it (REQ-131)."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="emergencies")
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="emergencies")
    reason = models.ForeignKey(PickItem, models.PROTECT, related_name="+", verbose_name=_("reason"))
    detail = models.TextField(_("what happened"))
    started_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="+")
    review_note = models.TextField(_("note"), blank=True)

    parent = "client"

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("emergency access")
        verbose_name_plural = _("emergency accesses")
        ordering = ["-started_at"]

    def __str__(self):
        return f"{self.staff} · {self.started_at:%Y-%m-%d %H:%M}"

    @classmethod
    def begin(cls, client, *, by, reason, detail):
        """Open a record for the time the agency's settings allow; returns the access that runs already, if one does."""
        live = cls.objects.filter(client=client, staff=by).live().first()
        if live is not None:
            return live
        now = timezone.now()
        return cls.objects.create(
            client=client,
            staff=by,
            reason=reason,
            detail=detail,
            started_at=now,
            ends_at=now + timedelta(minutes=settings.EMERGENCY_ACCESS_MINUTES),
        )

    def review(self, *, by, note=""):
        """A supervisor looked at it. Raises Refused for one's own access, or one that was reviewed already."""
        if by.pk == self.staff_id:
            raise Refused(_("Somebody else reviews your own emergency access."))
        if self.reviewed_at is not None:
            raise Refused(_("This was reviewed already."))
        self.reviewed_at, self.reviewed_by, self.review_note = timezone.now(), by, note
        self.save()


class RestrictedTo(AgencyOwned):
    """Names a colleague who still sees a restricted record."""

    path = "client"

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="restricted_to")
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("colleague who sees a restricted record")
        constraints = [models.UniqueConstraint(fields=["client", "staff"], name="named_once")]

    def __str__(self):
        return str(self.staff)


class ConflictQuerySet(ScopedQuerySet):
    def in_force(self, at=None):
        return self.filter(in_force(at=at))


class ConflictOfInterest(AgencyOwned):
    """A colleague who must not see this record, because they know the person."""

    path = "client"

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="conflicts")
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    started_on = models.DateField(_("from"), default=timezone.localdate)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")

    def __str__(self):
        return str(self.staff)

    @classmethod
    @transaction.atomic
    def declare(cls, client, staff, *, reason=""):
        """From now on this colleague does not see the person, and what they had of them is to be assigned (REQ-125).

        Raises Refused when it was declared already.
        """
        _model("Client").objects.select_for_update(of=("self",)).get(pk=client.pk)
        if cls.objects.filter(client=client, staff=staff).in_force().exists():
            raise Refused(_("%(name)s has declared this already.") % {"name": staff.name})
        today = timezone.localdate()
        with because(reason):
            row = cls.objects.create(client=client, staff=staff)
            for link in (
                _model("CaseAssignment").objects.filter(enrollment__client=client, staff=staff).in_force()
            ):
                link.end(on=today)
            for name in ("IncomingReferral", "Intake"):
                for held in _model(name).objects.filter(client=client, assigned_to=staff).open():
                    held.assigned_to = None
                    held.save()
        return row

    def end(self, *, reason=""):
        """It no longer holds from today; raises Refused when it ended before."""
        if self.ended_on is not None:
            raise Refused(_("This has ended already."))
        self.ended_on = max(timezone.localdate(), self.started_on)
        with because(reason):
            self.save()


class AccessLogQuerySet(FactQuerySet):
    def of(self, client):
        """Who looked at this person, under whatever number they had when it was looked at."""
        looked = Q()
        for key in client.all_keys():
            looked |= Q(people__holds=key)
        return self.filter(looked)


class AccessLog(AgencyFact):
    """A response showed these people's records to this colleague (PHIPA 10.1, 45 CFR 164.312(b)).

    Written in the response's own transaction: no row, no response. It keeps no query string and nothing of a record.
    """

    at = models.DateTimeField(default=timezone.now)
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    page = models.CharField(max_length=100)
    method = models.CharField(max_length=8)
    status = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=20, default="care")
    emergency = models.ForeignKey(EmergencyAccess, models.PROTECT, null=True, related_name="+")
    people = models.JSONField(default=list)

    parent = "staff"

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        indexes = [models.Index(fields=["agency", "-at"], name="access_by_day")]

    def __str__(self):
        return f"{self.staff} · {self.page}"


class FrontDoorQuerySet(ScopedQuerySet):
    """Referrals and intakes name the program that was asked for: where that is sealed, they would tell of it."""

    def _seen_by(self, staff):
        return super()._seen_by(staff).exclude(sealed_programs(staff) & ~Q(assigned_to=staff))


class OfDecisionQuerySet(ScopedQuerySet):
    """What belongs to a decision, for whoever sees the decision."""

    def _seen_by(self, staff):
        decisions = self.model._meta.get_field("decision").related_model
        return self.filter(decision__in=decisions.objects.visible_to(staff))


# --- The sub-queries of doors 2 and 3 ------------------------------------------------------------------------------


def hidden_from(staff, at=None):
    """A `Q` on clients: restricted to others, or a conflict of interest of this person."""
    conflicts = ConflictOfInterest.objects.filter(in_force(at=at), agency_id=staff.agency_id, staff=staff)
    named = RestrictedTo.objects.filter(agency_id=staff.agency_id, staff=staff)
    return Q(pk__in=conflicts.values("client")) | (
        Q(restricted_on__isnull=False) & ~Q(pk__in=named.values("client"))
    )


def refusal_to_serve(client, staff, at=None):
    """Why this colleague may not be given this person, in words; empty when they may (REQ-125)."""
    if ConflictOfInterest.objects.filter(client=client, staff=staff).in_force(at).exists():
        return _("%(name)s declared a conflict of interest with this person.") % {"name": staff.name}
    named = RestrictedTo.objects.filter(client=client, staff=staff)
    if client.restricted_on is not None and not named.exists():
        return _("This record is restricted, and %(name)s is not among those who see it.") % {
            "name": staff.name
        }
    return ""


def accountable_for(client, at=None):
    """The colleagues who are accountable for this person on this day."""
    links = _model("CaseAssignment").objects.filter(enrollment__client=client).accountable().in_force(at)
    return StaffMember.objects.filter(pk__in=links.values("staff")).working(at)


def sealed_programs(staff, at=None, client="client"):
    """A `Q` on enrollments: in a 42 CFR Part 2 program of another team, without consent to disclose.

    Also on whatever else names a program of somebody; `client` is the relation that leads to whom.
    """
    own = ProgramStaff.objects.filter(in_force(at=at), agency_id=staff.agency_id, staff=staff)
    consents = _model("Consent").objects.filter(agency_id=staff.agency_id).to_disclose_within_agency(at=at)
    return (
        Q(program__is_part_2=True)
        & ~Q(program__in=own.values("program"))
        & ~models.Exists(consents.filter(client=models.OuterRef(client), program=models.OuterRef("program")))
    )


def clients_with_sealed(staff):
    """People of whom at least one enrollment is sealed from this person."""
    sealed = _model("Enrollment").objects.filter(sealed_programs(staff), agency_id=staff.agency_id)
    return sealed.values("client")


def only_sealed(staff):
    """A `Q` on clients all of whose enrollments are sealed from this person: for them the record is absent."""
    enrollments = _model("Enrollment").objects.filter(agency_id=staff.agency_id)
    seen = enrollments.exclude(sealed_programs(staff))
    return Q(pk__in=enrollments.values("client")) & ~Q(pk__in=seen.values("client"))


def clients_by_enrollment(staff):
    """People with an enrollment that this person sees."""
    return through(_model("Enrollment"), staff).values("client")


def people_of(staff):
    """The colleagues whose records this person sees because of who they are: themselves, and whom they supervise."""
    supervised = StaffMember.objects.filter(agency_id=staff.agency_id).supervised_by(staff)
    return Q(pk=staff.pk) | Q(pk__in=supervised.values("pk"))


def clients_by_front_door(staff):
    """A `Q` on clients whose referral or intake is this person's or their people's; all for a director."""
    own_programs = ProgramStaff.objects.filter(in_force(), agency_id=staff.agency_id, staff=staff).values(
        "program"
    )
    sealed = Q(program__is_part_2=True) & ~Q(program__in=own_programs) & ~Q(assigned_to=staff)
    seen = Q()
    if not staff.sees_all():
        seen = Q(assigned_to__in=StaffMember.objects.filter(people_of(staff)))
        if staff.may("assignment.write"):
            # Of nobody, or of somebody who has left: to be given to a colleague.
            seen |= Q(assigned_to=None) | Q(assigned_to__left_on__lte=timezone.localdate())
    found = Q()
    for name in ("IncomingReferral", "Intake"):
        rows = _model(name).objects.filter(seen, agency_id=staff.agency_id).exclude(sealed)
        found |= Q(pk__in=rows.values("client"))
    return found


def by_right(staff):
    """A `Q` on clients whom this person sees without an emergency access."""
    enrollments = _model("Enrollment").objects.visible_to(staff).by_right(staff)
    return Q(pk__in=enrollments.values("client")) | clients_by_front_door(staff)


def clients_in_emergency(staff, at=None):
    """People whose record this person has opened in an emergency that still lasts."""
    return EmergencyAccess.objects.filter(agency_id=staff.agency_id, staff=staff).live(at).values("client")
