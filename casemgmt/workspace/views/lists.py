"""Lists across people: Today, the caseload, what waits for review, the pipeline, who has nobody."""

from statistics import median

from django.db.models import Count
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from assessments.models import Administration, Response
from casemgmt.agencies.models import Notice, StaffMember
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page, show
from casemgmt.workspace.day.kinds import label_of
from casemgmt.workspace.day.out import overdue
from casemgmt.workspace.forms import (
    AssignForm,
)
from casemgmt.workspace.notes.rows import queue, to_cosign
from casemgmt.workspace.worklists import items_of_enrollments
from clients.banner import banner
from clients.models import (
    CaseAssignment,
    EmergencyAccess,
    Enrollment,
    IncomingReferral,
    Intake,
    Snooze,
    VisitParticipant,
)
from clients.pipeline import Stage
from serviceplans.models import ServicePlan

READ = ("GET", "HEAD")


def _notices(staff):
    """What somebody else wants this person to look at, the latest first."""
    return list(Notice.objects.visible_to(staff).unread()[:20])


@page("caseload.view", records=True, methods=READ)
def caseload(request):
    """Each worker: how many they serve, when they last met somebody, what is late."""
    staff, at = request.staff, timezone.localdate()
    enrollments = list(
        Enrollment.objects.visible_to(staff)
        .open()
        .select_related("client", "program")
        .with_worker()
        .with_last_contact()
    )
    late = {}
    for item in items_of_enrollments(enrollments, at, viewer=staff):
        if item.due_on < at and item.worker:
            late.setdefault(item.worker, []).append(item)
    unsigned = dict(
        VisitParticipant.objects.visible_to(staff)
        .filter(role=VisitParticipant.Role.LEAD, visit__signed_at=None, visit__source="")
        .values_list("staff")
        .annotate(n=Count("pk"))
    )
    rows = {}
    for row in enrollments:
        if row.worker_id is None:
            continue
        line = rows.setdefault(
            row.worker_id,
            {"pk": row.worker_id, "name": row.worker_name, "open": 0, "last": None, "targets": []},
        )
        line["open"] += 1
        line["targets"].append(row.program.caseload_target)
        if row.last_contact_at and (line["last"] is None or row.last_contact_at > line["last"]):
            line["last"] = row.last_contact_at
    own = StaffMember.objects.visible_to(staff).working().with_role(Role.CASE_MANAGER)
    if not staff.sees_all():
        own = own.supervised_by(staff)
    for pk, name in own.values_list("pk", "name"):
        rows.setdefault(pk, {"pk": pk, "name": name, "open": 0, "last": None, "targets": []})
    for pk, line in rows.items():
        kinds = {}
        for item in late.get(pk, []):
            kinds[item.kind] = kinds.get(item.kind, 0) + 1
        line["late"], line["unsigned"] = kinds, unsigned.get(pk, 0)
        line["late_total"] = sum(kinds.values())
        line["target"] = max(line["targets"], default=0)
        line["share"] = round(100 * line["open"] / line["target"]) if line["target"] else 0
    out_late = overdue(staff)
    show(request, {row.client.pk for row in out_late if row.client})
    context = {
        "rows": sorted(rows.values(), key=lambda r: (-r["late_total"], r["name"])),
        "unassigned": sum(1 for e in enrollments if e.worker_id is None),
        "open": len(enrollments),
        "late_total": sum(r["late_total"] for r in rows.values()),
        "to_review": EmergencyAccess.objects.visible_to(staff).unreviewed().exclude(staff=staff).count()
        if staff.may("emergency.review")
        else 0,
        "answers_to_review": _review_count(staff),
        "notices": _notices(staff),
        "overdue": out_late,
    }
    return render(request, "workspace/caseload.html", context)


@page("caseload.view", records=True, methods=READ)
def caseload_of(request, pk):
    """One worker's people: last contact, what is late."""
    staff, at = request.staff, timezone.localdate()
    worker = StaffMember.objects.visible_to(staff).fetch(pk)
    theirs = CaseAssignment.objects.visible_to(staff).filter(staff=worker).accountable().in_force()
    enrollments = list(
        Enrollment.objects.visible_to(staff)
        .open()
        .filter(pk__in=theirs.values("enrollment"))
        .select_related("client", "program")
        .with_last_contact()
    )
    late = {}
    for item in items_of_enrollments(enrollments, at, viewer=staff):
        if item.due_on < at:
            item.when = item.said(at)
            late.setdefault(item.client, []).append(item)
    show(request, {e.client_id for e in enrollments})
    for row in enrollments:
        row.late = late.get(row.client_id, [])
    enrollments.sort(key=lambda e: (-len(e.late), e.client.name_key))
    rests = list(Snooze.objects.visible_to(staff).of(worker).resting(at).select_related("client"))
    for row in rests:
        row.label = label_of(row.kind)
    show(request, {row.client_id for row in rests})
    context = {"worker": worker, "rows": enrollments, "rests": rests}
    return render(request, "workspace/caseload_of.html", context)


@page("note.cosign", records=True, methods=READ)
def review_list(request):
    """What somebody looks at a second time, the oldest first: notes to sign, assessments, questionnaires, plans."""
    staff = request.staff
    notes, leads = queue(staff), staff.may("assessment.review")
    rows = _reviews(staff) if leads else []
    people = {row["client"].pk for row in rows} | {note.enrollment.client_id for note in notes}
    # A mentor sees the one note that they were asked to sign.
    show(request, people, "care" if leads else "mentoring")
    context = {"rows": sorted(rows, key=lambda r: r["on"]), "notes": notes}
    return render(request, "workspace/review_list.html", context)


def _reviews(staff):
    reviews = Administration.objects.visible_to(staff).to_review().exclude(by=staff)
    rows = [
        {
            "client": row.enrollment.client,
            "what": _("Needs and strengths review"),
            "on": row.held_on,
            "by": row.by,
            "url": reverse("assessments:administration-detail", kwargs={"pk": row.pk}),
        }
        for row in reviews.select_related("enrollment__client", "by")[:100]
    ] + [
        {
            "client": row.client,
            "what": str(row),
            "on": row.held_on,
            "by": row.by,
            "url": reverse("assessments:response-detail", kwargs={"pk": row.pk}),
        }
        for row in _to_review(staff).select_related("client", "by", "instrument_version__instrument")[:100]
    ]
    plans = ServicePlan.objects.visible_to(staff).to_cosign(staff)
    rows += [
        {
            "client": row.enrollment.client,
            "what": capfirst(row),
            "on": timezone.localtime(row.presented_at).date(),
            "by": row.by,
            "url": reverse("serviceplans:plan-approve", kwargs={"pk": row.pk}),
        }
        for row in plans.select_related("enrollment__client", "by")[:100]
    ]
    return rows


@page("board.view", records=True, methods=READ)
def board(request):
    """How many people stand in each stage, and for how long (REQ-167)."""
    at = timezone.localdate()
    rows = Enrollment.objects.visible_to(request.staff).values_list("stage", "staged_on", "program__name")
    stages = {stage: {"label": stage.label, "days": [], "programs": {}} for stage in Stage}
    for stage, since, program in rows:
        line = stages[Stage(stage)]
        line["days"].append((at - since).days)
        line["programs"][program] = line["programs"].get(program, 0) + 1
    for line in stages.values():
        days = line["days"]
        line["count"] = len(days)
        line["median"], line["oldest"] = (round(median(days)), max(days)) if days else (None, None)
        line["programs"] = sorted(line["programs"].items())
    show(request, [])
    top = max((line["count"] for line in stages.values()), default=0)
    return render(request, "workspace/board.html", {"stages": list(stages.values()), "top": top})


@page("assignment.write", records=True, methods=READ)
def assignment_list(request):
    """What is nobody's: open enrollments, and at the front door referrals and intakes, also of who has left."""
    staff = request.staff
    rows = Enrollment.objects.visible_to(staff).without_worker().select_related("client", "program")
    rows = list(rows.order_by("enrolled_on", "pk")[:50])
    show(request, {r.client_id for r in rows})
    at_the_door = [
        (row, reverse(f"clients:{name}-give", kwargs={"pk": row.pk}))
        for model, name in ((IncomingReferral, "referral"), (Intake, "intake"))
        for row in model.objects.visible_to(staff).nobodys().select_related("client", "assigned_to")[:50]
    ]
    show(request, {row.client_id for row, _url in at_the_door})
    counts = dict(
        CaseAssignment.objects.visible_to(staff)
        .accountable()
        .in_force()
        .filter(enrollment__ended_on=None)
        .values_list("staff")
        .annotate(n=Count("pk"))
    )
    form = AssignForm(staff=staff)
    workers = [(w.pk, f"{w.name} ({counts.get(w.pk, 0)})") for w in form.fields["worker"].queryset]
    total = Enrollment.objects.visible_to(staff).without_worker().count()
    return render(
        request,
        "workspace/assignment_list.html",
        {"rows": rows, "workers": workers, "total": total, "at_the_door": at_the_door},
    )


@page("assignment.write", records=True)
def assign(request, pk):
    """Make somebody accountable for an enrollment."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    form = AssignForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            enrollment.assign(form.cleaned_data["worker"], by=request.staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            message = _("%(worker)s is accountable now.") % {"worker": form.cleaned_data["worker"]}
            return done(request, "workspace:assignment-list", message=message)
    return form_page(
        request,
        form,
        banner=strip,
        title=worded(_("Assign a {worker}")),
        intro=str(enrollment),
        submit=_("Assign"),
        cancel_url=strip["url"],
    )


def _review_count(staff):
    if not staff.may("assessment.review"):
        return 0
    reviews = Administration.objects.visible_to(staff).to_review().exclude(by=staff)
    plans = ServicePlan.objects.visible_to(staff).to_cosign(staff)
    return reviews.count() + _to_review(staff).count() + plans.count() + to_cosign(staff).count()


def _to_review(staff):
    """Questionnaires that wait for a supervisor's look; not what this person asked themselves."""
    return Response.objects.visible_to(staff).to_review().exclude(by=staff)
