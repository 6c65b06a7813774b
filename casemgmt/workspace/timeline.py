"""Everything that happened with one person, newest first: one merged list from all floors."""

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.models import Administration, Response
from casemgmt.agencies.words import worded
from casemgmt.core.paging import cut
from clients.models import (
    AftercareFollowUp,
    CaseAssignment,
    Consultation,
    Discharge,
    EligibilityDecision,
    IncomingReferral,
    Intake,
    KeyEvent,
    LevelDecision,
    StageChange,
    Visit,
    VisitParticipant,
)
from serviceplans.models import PlanReview, ServiceInterruption, ServicePlan, ServiceReferral

PAGE = 25


def timeline(staff, client, *, before=None, limit=PAGE):
    """The newest `limit` entries before a moment, and whether there are more. One query a kind of entry, bounded."""
    before = before or timezone.now() + timedelta(days=400)
    entries = []
    for source in SOURCES:
        entries += source(staff, client, before, limit + 1)
    entries.sort(key=lambda e: (e["sort"], e["rank"]), reverse=True)
    return cut(entries, limit, lambda entry: entry["sort"])


def _entry(at, title, icon, rank, **more):
    sort = at if isinstance(at, datetime) else timezone.make_aware(datetime.combine(at, time(12)))
    shown = timezone.localtime(at) if isinstance(at, datetime) else at
    return {"at": shown, "sort": sort, "title": title, "icon": icon, "rank": rank, **more}


def _day(before):
    """Dates have no hour: a day counts as its noon."""
    local = timezone.localtime(before)
    return local.date() if local.time() > time(12) else local.date() - timedelta(days=1)


OUTCOME_KIND = {Visit.Outcome.KEPT: "", Visit.Outcome.CANCELLED: "muted"}


def _visits(staff, client, before, limit):
    rows = (
        Visit.objects.visible_to(staff)
        .of_care(staff)
        .filter(enrollment__client=client, started_at__lt=before)
        .select_related("service_type", "enrollment__program")
        .order_by("-started_at", "-pk")[:limit]
    )
    rows = list(rows)
    leads = dict(
        VisitParticipant.objects.visible_to(staff)
        .filter(visit__in=[v.pk for v in rows], role=VisitParticipant.Role.LEAD)
        .values_list("visit", "staff__name")
    )
    for visit in rows:
        tag = None
        if visit.outcome != Visit.Outcome.KEPT:
            tag = {"label": visit.get_outcome_display(), "kind": OUTCOME_KIND.get(visit.outcome, "warn")}
        elif visit.signed_at is None and not visit.source:
            tag = {"label": _("Not signed"), "kind": "warn", "icon": "pencil"}
        title = f"{visit._meta.verbose_name}: {visit.get_mode_display()}"
        if visit.place:
            title += f", {visit.get_place_display()}"
        details = [_("%(n)d min") % {"n": visit.direct_minutes}] if visit.direct_minutes else []
        if visit.service_type:
            details.append(visit.service_type.name)
        yield _entry(
            visit.started_at,
            title[:1].upper() + title[1:],
            {"phone": "telephone", "message": "envelope"}.get(
                visit.mode, "house" if visit.place == "home" else "geo-alt"
            ),
            9,
            url=reverse("workspace:visit-detail", kwargs={"pk": visit.pk}),
            by=leads.get(visit.pk, ""),
            text=visit.note[:280] + ("…" if len(visit.note) > 280 else ""),
            tag=tag,
            late=visit.is_late_entry,
            details=details,
        )


def _assessments(staff, client, before, limit):
    rows = Administration.objects.visible_to(staff).filter(
        enrollment__client=client, held_on__lte=_day(before)
    )
    for row in rows.signed().select_related("by").order_by("-held_on", "-pk")[:limit]:
        url = reverse("assessments:administration-detail", kwargs={"pk": row.pk})
        yield _entry(
            row.held_on,
            _("Assessment"),
            "clipboard-check",
            5,
            url=url,
            by=row.by.name,
            text=row.summary[:280],
        )


def _questionnaires(staff, client, before, limit):
    rows = Response.objects.visible_to(staff).complete().filter(client=client, held_on__lte=_day(before))
    rows = rows.select_related("by", "instrument_version__instrument").order_by("-held_on", "-pk")
    for row in rows[:limit]:
        found = [s for s in row.scores.values() if s["value"] is not None]
        told = ", ".join(f"{s['value']:g} {s['band']}".strip() for s in found[:3])
        url = reverse("assessments:response-detail", kwargs={"pk": row.pk})
        by = row.by.name if row.by else ""
        yield _entry(row.held_on, str(row), "clipboard-data", 5, url=url, by=by, text=told)


def _plans(staff, client, before, limit):
    rows = ServicePlan.objects.visible_to(staff).filter(
        enrollment__client=client, starts_on__lte=_day(before)
    )
    for row in rows.exclude(signed_at=None).select_related("by").order_by("-starts_on", "-pk")[:limit]:
        url = reverse("serviceplans:plan-detail", kwargs={"pk": row.pk})
        title = worded(_("{Plan} %(n)d signed") % {"n": row.number})
        yield _entry(row.starts_on, title, "bullseye", 6, url=url, by=row.by.name, text=row.vision[:280])


def _reviews(staff, client, before, limit):
    rows = PlanReview.objects.visible_to(staff).filter(
        plan__enrollment__client=client, reviewed_on__lte=_day(before)
    )
    for row in rows.select_related("by").order_by("-reviewed_on", "-pk")[:limit]:
        url = reverse("serviceplans:plan-detail", kwargs={"pk": row.plan_id})
        title, said = _("Plan review"), row.get_outcome_display()
        yield _entry(
            row.reviewed_on,
            title,
            "arrow-repeat",
            6,
            url=url,
            by=row.by.name,
            text=row.summary[:280],
            details=[said],
        )


def _stages(staff, client, before, limit):
    rows = StageChange.objects.visible_to(staff).filter(enrollment__client=client, on__lte=_day(before))
    for row in rows.select_related("by", "enrollment__program").order_by("-on", "-pk")[:limit]:
        by = row.by.name if row.by else (_("imported") if row.source else "")
        title = f"{row.enrollment.program}: {row.get_to_stage_display()}"
        yield _entry(row.on, title, "flag", 3, by=by, text=row.note)


def _front_door(staff, client, before, limit):
    day = _day(before)
    rows = (
        IncomingReferral.objects.visible_to(staff)
        .filter(client=client, received_on__lte=day)
        .select_related("source")
    )
    for row in rows.order_by("-received_on", "-pk")[:limit]:
        url = reverse("clients:referral-detail", kwargs={"pk": row.pk})
        by = row.source.label if row.source else ""
        yield _entry(
            row.received_on, _("Referral received"), "inbox", 0, url=url, by=by, text=row.reason[:280]
        )
    rows = (
        Intake.objects.visible_to(staff)
        .filter(client=client, started_on__lte=day)
        .select_related("assigned_to")
    )
    for row in rows.order_by("-started_on", "-pk")[:limit]:
        url = reverse("clients:intake-detail", kwargs={"pk": row.pk})
        by = row.assigned_to.name if row.assigned_to else ""
        yield _entry(row.started_on, _("Intake"), "door-open", 1, url=url, by=by, text=row.reason[:280])
    rows = EligibilityDecision.objects.visible_to(staff).filter(intake__client=client, decided_on__lte=day)
    for row in rows.select_related("decided_by", "program", "reason").order_by("-decided_on", "-pk")[:limit]:
        url = reverse("clients:intake-detail", kwargs={"pk": row.intake_id})
        title = _("Decision: %(what)s") % {"what": row.get_outcome_display()}
        details = [str(x) for x in (row.program, row.reason) if x]
        yield _entry(
            row.decided_on, title, "check-circle", 2, url=url, by=row.decided_by.name, details=details
        )


def _people(staff, client, before, limit):
    rows = CaseAssignment.objects.visible_to(staff).filter(
        enrollment__client=client, started_on__lte=_day(before)
    )
    for row in rows.select_related("staff", "assigned_by").order_by("-started_on", "-pk")[:limit]:
        by = row.assigned_by.name if row.assigned_by else ""
        title = _("%(name)s is accountable") if row.kind == "accountable" else _("%(name)s joined the team")
        yield _entry(row.started_on, title % {"name": row.staff.name}, "people", 4, by=by)


def _services(staff, client, before, limit):
    rows = ServiceReferral.objects.visible_to(staff).filter(
        enrollment__client=client, asked_on__lte=_day(before)
    )
    for row in rows.order_by("-asked_on", "-pk")[:limit]:
        title = _("Linked to %(service)s") % {"service": row.service}
        url = reverse("serviceplans:referral-edit", kwargs={"pk": row.pk}) if staff.may("plan.write") else ""
        yield _entry(
            row.asked_on, title, "arrow-right", 7, url=url, details=[row.provider, row.get_status_display()]
        )


def _stops(staff, client, before, limit):
    rows = ServiceInterruption.objects.visible_to(staff).filter(
        enrollment__client=client, known_on__lte=_day(before)
    )
    for row in rows.select_related("by").order_by("-known_on", "-pk")[:limit]:
        yield _entry(row.known_on, str(row), "exclamation-circle", 7, by=row.by.name, text=row.why)


def _levels(staff, client, before, limit):
    rows = LevelDecision.objects.visible_to(staff).filter(
        enrollment__client=client, decided_on__lte=_day(before)
    )
    for row in rows.select_related("level", "by").order_by("-decided_on", "-pk")[:limit]:
        title = _("Level of care: %(level)s") % {"level": row.level}
        yield _entry(row.decided_on, title, "graph-up", 5, by=row.by.name, text=row.why)


def _closing(staff, client, before, limit):
    day = _day(before)
    rows = Discharge.objects.visible_to(staff).filter(enrollment__client=client, discharged_on__lte=day)
    for row in rows.select_related("disposition").order_by("-discharged_on", "-pk")[:limit]:
        if row.signed_at is None and not row.source:
            continue
        details = [row.disposition.label] if row.disposition else []
        url = reverse("workspace:discharge", kwargs={"pk": row.enrollment_id})
        yield _entry(
            row.discharged_on, _("Discharge"), "flag", 8, url=url, text=row.summary[:280], details=details
        )
    rows = AftercareFollowUp.objects.visible_to(staff).filter(
        discharge__enrollment__client=client, done_on__lte=day
    )
    for row in rows.order_by("-done_on", "-pk")[:limit]:
        said = row.get_outcome_display()
        yield _entry(row.done_on, _("Aftercare follow-up"), "heart", 9, text=row.note[:280], details=[said])


def _advice(staff, client, before, limit):
    """What colleagues asked each other, and what was answered, in their words (REQ-88)."""
    rows = Consultation.objects.visible_to(staff).filter(enrollment__client=client, asked_at__lt=before)
    rows = rows.select_related("by", "asked_of", "answered_by").order_by("-asked_at", "-pk")
    for row in rows[:limit]:
        whom = row.asked_of.name if row.asked_of else _("the team")
        details, tag = [], {"label": _("No answer yet"), "kind": "warn", "icon": "clock"}
        if row.answered_at is not None:
            details, tag = [f"{row.answered_by.name}: {row.answer}"], None
        yield _entry(
            row.asked_at,
            _("Asked %(name)s for advice") % {"name": whom},
            "people",
            5,
            url=reverse("workspace:consultation", kwargs={"pk": row.pk}) if staff.may("today.view") else "",
            by=row.by.name,
            text=row.text[:280],
            details=details,
            tag=tag,
        )


def _events(staff, client, before, limit):
    rows = KeyEvent.objects.visible_to(staff).filter(client=client, started_on__lte=_day(before))
    for row in rows.order_by("-started_on", "-pk")[:limit]:
        until = _("until %(day)s") % {"day": date_format(row.ended_on, "j M Y")} if row.ended_on else ""
        by = _("imported") if row.source else ""
        title = row.get_kind_display()
        yield _entry(row.started_on, title, "star", 5, by=by, text=row.note, details=[until] if until else [])


SOURCES = (
    _visits,
    _assessments,
    _questionnaires,
    _plans,
    _reviews,
    _stages,
    _front_door,
    _people,
    _services,
    _stops,
    _levels,
    _closing,
    _advice,
    _events,
)
