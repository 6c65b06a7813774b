"""What the page of a visit and the queue of second signatures show, as prepared rows."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casemgmt.agencies.models import Credential, StaffMember, SupervisionLink, in_force
from casemgmt.agencies.roles import Role
from casemgmt.workspace.log.moments import from_meters
from casemgmt.workspace.log.parts import said_in
from clients.models import (
    ConflictOfInterest,
    Document,
    Enrollment,
    Visit,
    VisitActivity,
    VisitAddendum,
    VisitCorrection,
    VisitParticipant,
    VisitQuestion,
    VisitSignature,
    VisitValue,
)
from mentoring.models import Pairing
from serviceplans.billing import why_not_billable
from serviceplans.models import GoalProgress

LEAD = VisitParticipant.Role.LEAD
MOST = 50  # notes that the queue shows at once


def lead_of(people):
    """Who led it, among its participants; None for what was imported without one."""
    return next((row.staff for row in people if row.role == LEAD), None)


def late_by(visit):
    """How long after its time a note was signed, in words; "" where it was in time."""
    if not visit.is_late_entry:
        return ""
    hours = int((visit.signed_at - visit.note_due_at).total_seconds() // 3600)
    if hours < 1:
        return _("late by less than an hour")
    if hours < 48:
        return ngettext("late by %(n)d hour", "late by %(n)d hours", hours) % {"n": hours}
    return ngettext("late by %(n)d day", "late by %(n)d days", hours // 24) % {"n": hours // 24}


def note_of(staff, visit):
    """Everything of one visit that this colleague may see. A fixed number of queries."""
    questions = (
        VisitQuestion.objects.visible_to(staff).filter(visit=visit).select_related("by", "answered_by")
    )
    progress = GoalProgress.objects.visible_to(staff).filter(visit=visit).select_related("goal", "objective")
    papers = Document.objects.visible_to(staff).filter(visit=visit, removed_on=None)
    values = VisitValue.objects.visible_to(staff).filter(visit=visit).select_related("indicator")
    corrections = VisitCorrection.objects.visible_to(staff).filter(visit=visit)
    return {
        "visit": visit,
        "told": said_in(visit),
        "details": details_of(visit, staff.agency) + [(row.indicator.name, row.shown()) for row in values],
        "late": late_by(visit),
        "activities": list(
            VisitActivity.objects.visible_to(staff).filter(visit=visit).select_related("service_type")
        ),
        "progress": list(progress),
        "addenda": list(VisitAddendum.objects.visible_to(staff).filter(visit=visit).select_related("author")),
        "signatures": signatures_of(staff, [visit.pk]).get(visit.pk, []),
        "questions": list(questions),
        "papers": list(papers),
        "billable": why_not_billable(staff, visit),
        "corrections": list(corrections.select_related("by", "service_type").order_by("-at", "-pk")),
    }


def details_of(visit, agency):
    """(label, words) of what was said beside the note; only what was."""
    field = visit._meta.get_field
    miles = from_meters(visit.distance_m, agency.distance_unit)
    rows = [
        (_("Not reached because of"), visit.get_not_reached_why_display()),
        (field("with_whom").verbose_name, visit.with_whom),
        (_("Distance"), "" if miles is None else f"{miles} {agency.get_distance_unit_display()}"),
        (field("help").verbose_name, visit.get_help_display()),
        (field("interpreter").verbose_name, visit.get_interpreter_display()),
        (field("interpreter_why").verbose_name, visit.interpreter_why),
        (_("Support needed"), "" if visit.acuity is None else _("%(n)d of 5") % {"n": visit.acuity}),
        (field("attendees").verbose_name, visit.attendees),
        (field("decisions").verbose_name, visit.decisions),
        (field("materials").verbose_name, visit.materials),
    ]
    return [(label, words) for label, words in rows if words]


def signatures_of(staff, visits):
    """By visit: each signature with what its signer was licensed for on that day. Two queries."""
    rows = list(
        VisitSignature.objects.visible_to(staff)
        .filter(visit__in=visits)
        .select_related("staff")
        .order_by("pk")
    )
    held = {}
    for row in (
        Credential.objects.visible_to(staff).filter(staff__in={r.staff_id for r in rows}).order_by("kind")
    ):
        held.setdefault(row.staff_id, []).append(row)
    found = {}
    for row in rows:
        day = timezone.localtime(row.signed_at).date()
        valid = [c.kind for c in held.get(row.staff_id, []) if _held_on(c, day)]
        row.titles = list(dict.fromkeys(valid))
        found.setdefault(row.visit_id, []).append(row)
    return found


def _held_on(credential, day):
    """A NULL day means that nobody wrote it down, or that it does not run out."""
    begun = credential.issued_on is None or credential.issued_on <= day
    return begun and (credential.expires_on is None or credential.expires_on >= day)


def cosigners(author, enrollment):
    """Whom a new colleague may ask for the second name: who supervises them, and their mentor (PR-26). Four queries.

    To be asked opens the note; so nobody is offered whom a conflict of interest keeps out, and of a sealed or
    restricted record only who sees it anyway.
    """
    mentors = Pairing.objects.visible_to(author).running().filter(mentee=author).order_by()
    colleagues = StaffMember.objects.visible_to(author).working().exclude(pk=author.pk)
    links = SupervisionLink.objects.visible_to(author).filter(in_force(), staff=author)
    rows = colleagues.filter(Q(pk__in=links.values("supervisor")) | Q(pk__in=mentors.values("mentor")))
    client = enrollment.client
    kept_out = ConflictOfInterest.objects.visible_to(author).filter(
        client=client, staff__in=rows.values("pk")
    )
    kept_out = set(kept_out.in_force().values_list("staff", flat=True))
    found = [row for row in rows.order_by("name") if row.pk not in kept_out]
    if enrollment.program.is_part_2 or client.restricted_on:
        found = [r for r in found if Enrollment.objects.visible_to(r).filter(pk=enrollment.pk).exists()]
    return found


def to_cosign(staff):
    """Notes that wait for this colleague's second name, the oldest first: asked of them, or of whom they lead."""
    rows = Visit.objects.visible_to(staff).to_cosign()
    led = VisitParticipant.objects.visible_to(staff).filter(role=LEAD)
    own = led.filter(staff=staff)
    theirs = Q(cosigner=staff)
    if staff.has_role(Role.DIRECTOR):
        theirs |= Q(cosigner=None)
    else:
        under = StaffMember.objects.visible_to(staff).supervised_by(staff)
        theirs |= Q(pk__in=led.filter(staff__in=under).values("visit"))
    return rows.filter(theirs).exclude(pk__in=own.values("visit"))


def queue(staff):
    """The notes of `to_cosign` as they are read there. A fixed number of queries."""
    rows = list(
        to_cosign(staff)
        .select_related("enrollment__client", "enrollment__program", "service_type", "cosigner")
        .order_by("cosign_asked_at", "pk")[:MOST]
    )
    keys = [row.pk for row in rows]
    signed = signatures_of(staff, keys)
    asked = {}
    for row in (
        VisitQuestion.objects.visible_to(staff).filter(visit__in=keys).select_related("by", "answered_by")
    ):
        asked.setdefault(row.visit_id, []).append(row)
    for row in rows:
        row.signed, row.told, row.late = signed.get(row.pk, []), said_in(row), late_by(row)
        row.asked = asked.get(row.pk, [])
        row.is_asked = any(q.answered_at is None and q.kind != VisitQuestion.Kind.THANKS for q in row.asked)
    return rows
