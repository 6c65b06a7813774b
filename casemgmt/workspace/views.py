"""Where people work across floors: Today, caseload, the person's page, visits, discharge, emergency access."""

from statistics import median

from django.db.models import Count, Exists, Max, OuterRef
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from assessments import rows as assessed
from assessments.due import questionnaires_due
from assessments.models import Administration, Concern, InstrumentVersion, Need, Response, Strength
from casemgmt.agencies.models import LevelOfCare, Notice, StaffMember
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page, show
from casemgmt.workspace import verbs
from casemgmt.workspace.changes import changes
from casemgmt.workspace.crisis.views import crisis_with_debriefing
from casemgmt.workspace.forms import (
    AddendumForm,
    AssignForm,
    DischargeForm,
    EmergencyForm,
    MoveForm,
    ReviewForm,
    TransferForm,
    VisitForm,
)
from casemgmt.workspace.looked import page_name
from casemgmt.workspace.nextstep import next_step, stage_path
from casemgmt.workspace.timeline import timeline
from casemgmt.workspace.worklists import NOTICE, SOON, items_of, items_of_enrollments, own_enrollments
from clients import pipeline
from clients.banner import banner
from clients.models import (
    AccessLog,
    AftercareFollowUp,
    CaseAssignment,
    Client,
    Consent,
    Discharge,
    EmergencyAccess,
    Enrollment,
    IncomingReferral,
    Intake,
    Lifeline,
    Merge,
    Milestone,
    StageChange,
    Visit,
    VisitAddendum,
    VisitParticipant,
    VisitSignature,
)
from clients.pipeline import Stage
from clients.rows import glance
from mentoring.models import Pairing, waiting_count
from serviceplans import linked
from serviceplans.models import DischargeCriterion, GoalProgress, ServicePlan, ServiceReferral
from serviceplans.progress import active_goals

READ = ("GET", "HEAD")


# --- Today and the caseload ---


@page("today.view", records=True, methods=READ)
def today(request):
    """What is late, what is due, and whom to see."""
    at = timezone.localdate()
    items = items_of(request.staff, at)
    show(request, {i.client for i in items})
    for item in items:
        item.when = item.said(at)
    todo = [i for i in items if i.kind != "contact"]
    groups = [
        {"title": _("Late"), "key": "late", "items": [i for i in todo if i.due_on < at]},
        {"title": _("Today"), "key": "today", "items": [i for i in todo if i.due_on == at]},
        {
            "title": _("Within a week"),
            "key": "soon",
            "items": [i for i in todo if at < i.due_on <= at + SOON],
        },
        {"title": _("After that"), "key": "later", "items": [i for i in todo if i.due_on > at + SOON]},
    ]
    to_see = sorted(
        (e for e in own_enrollments(request.staff).open() if e.contact_due_on() <= at + SOON),
        key=lambda e: e.contact_due_on(),
    )
    when = {i.client: i for i in items if i.kind == "contact"}
    for enrollment in to_see:
        item = when.get(enrollment.client_id)
        enrollment.when, enrollment.is_late = (item.when, item.due_on < at) if item else ("", False)
    show(request, {e.client_id for e in to_see})
    context = {
        "groups": groups,
        "count": len(todo),
        "to_see": to_see,
        "at": at,
        "waiting": waiting_count(request.staff),
        "notices": _notices(request.staff),
    }
    return render(request, "workspace/today.html", context)


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
    show(request, [])
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
    return render(request, "workspace/caseload_of.html", {"worker": worker, "rows": enrollments})


@page("assessment.review", records=True, methods=READ)
def review_list(request):
    """What a program has somebody look at a second time, the oldest first: assessments, questionnaires, plans."""
    staff = request.staff
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
    show(request, {row["client"].pk for row in rows})
    return render(request, "workspace/review_list.html", {"rows": sorted(rows, key=lambda r: r["on"])})


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


# --- The person ---


@page("client.view", records=True, methods=READ)
def client(request, pk):
    """Who they are, where they stand, the one next step, who does what, and everything that happened."""
    staff = request.staff
    person = Client.objects.visible_to(staff).fetch(pk)
    enrollments = list(
        Enrollment.objects.visible_to(staff)
        .filter(client=person)
        .select_related("program")
        .with_worker()
        .with_last_contact()
        .order_by("-enrolled_on", "-pk")
    )
    wanted = request.GET.get("enrollment", "")
    chosen = next((e for e in enrollments if str(e.pk) == wanted), None)
    chosen = (
        chosen
        or next((e for e in enrollments if e.is_open), None)
        or (enrollments[0] if enrollments else None)
    )
    strip = banner(request, person, chosen)
    context = {"client": person, "banner": strip, "enrollments": enrollments, "enrollment": chosen}
    if chosen is not None:
        chosen.client = person
        context |= _standing(staff, chosen)
        context["crisis"] = crisis_with_debriefing(staff, chosen)
    context |= _questionnaires(staff, person, chosen)
    before = _moment(request.GET.get("before", ""))
    entries, more = timeline(staff, person, before=before)
    context["entries"] = entries
    if more:
        last = entries[-1]["sort"].isoformat()
        tab = f"enrollment={chosen.pk}&" if chosen is not None else ""
        context["page"] = {"next_url": f"?{tab}before={last}".replace("+", "%2B")}
    context["consents"] = list(Consent.objects.visible_to(staff).filter(client=person).in_force())
    context["glance"] = list(glance(staff, person, timezone.localdate()))
    in_emergency = strip["emergency_until"] is not None
    context["shows_address"] = person.shows_address_to(staff, in_emergency=in_emergency)
    merges = Merge.objects.visible_to(staff).filter(kept=person).standing()
    context["merges"] = list(merges.select_related("gone", "merged_by"))
    return render(request, "workspace/client.html", context)


def _questionnaires(staff, person, enrollment):
    """Answers to act upon, what was begun, and what is to be asked soon: one tap each."""
    concerns = Concern.objects.visible_to(staff).open().filter(response__client=person)
    if not staff.may("assessment.review"):
        concerns = concerns.tasks()
    own = Response.objects.visible_to(staff).filter(client=person)
    asks = []
    if enrollment is not None and enrollment.is_open and staff.may("assessment.write"):
        at = timezone.localdate()
        due = questionnaires_due([enrollment], at=at)[enrollment.pk]
        versions = (
            InstrumentVersion.objects.visible_to(staff).answered().one_each(person.language) if due else {}
        )
        asks = [
            {"version": versions[ask.instrument.pk], "due_on": ask.due_on, "is_late": ask.due_on < at}
            for ask in due
            if ask.due_on <= at + NOTICE and ask.instrument.pk in versions
        ]
    drafts = list(own.drafts().select_related("instrument_version__instrument"))
    begun = {row.instrument_version.instrument_id for row in drafts}
    return {
        "concerns": list(concerns.select_related("response__instrument_version__instrument")),
        "begun": drafts,
        "asks": [ask for ask in asks if ask["version"].instrument_id not in begun],
    }


def _review_count(staff):
    if not staff.may("assessment.review"):
        return 0
    reviews = Administration.objects.visible_to(staff).to_review().exclude(by=staff)
    plans = ServicePlan.objects.visible_to(staff).to_cosign(staff)
    return reviews.count() + _to_review(staff).count() + plans.count()


def _to_review(staff):
    """Questionnaires that wait for a supervisor's look; not what this person asked themselves."""
    return Response.objects.visible_to(staff).to_review().exclude(by=staff)


def _moment(said):
    """The moment that an address names, to go on from there; None for anything else."""
    try:
        moment = parse_datetime(said[:40].replace(" ", "+"))
    except ValueError:
        return None
    if moment is None or timezone.is_naive(moment) or not 1900 <= moment.year <= 2200:
        return None
    return moment


def _with_the_one_before(enrollment):
    """The period and the one that it continues: what was needed there is still needed."""
    return [pk for pk in (enrollment.pk, enrollment.continues_id) if pk]


def _find_url(staff, enrollment, need):
    """Where the services for a need are; nowhere for who may not link anybody to them."""
    if not (enrollment.is_open and staff.may("plan.write")):
        return ""
    return reverse("serviceplans:resource-find", kwargs={"pk": enrollment.pk}) + f"?need={need.pk}"


def _standing(staff, enrollment):
    """Stage, gates, plan, needs, services and people of one enrollment, as prepared rows."""
    plans = list(
        ServicePlan.objects.visible_to(staff)
        .filter(enrollment=enrollment, ended_on=None)
        .values_list("pk", "signed_at", "review_on")
    )
    draft = next((pk for pk, signed, _on in plans if signed is None), None)
    plan = next((pk for pk, signed, _on in plans if signed is not None), None)
    at, due = timezone.localdate(), None
    if enrollment.stage == Stage.ACTIVE:
        due = min(items_of_enrollments([enrollment], at, viewer=staff), key=lambda item: item.due_on)
    draft_discharge, follow_up = False, None
    if enrollment.is_open:
        discharges = Discharge.objects.visible_to(staff).filter(enrollment=enrollment)
        draft_discharge = discharges.filter(signed_at=None, source="").exists()
    else:
        follow_up = (
            AftercareFollowUp.objects.visible_to(staff)
            .open()
            .filter(discharge__enrollment=enrollment)
            .values_list("pk", flat=True)
            .first()
        )
    entered = dict(
        StageChange.objects.visible_to(staff)
        .filter(enrollment=enrollment)
        .values_list("to_stage")
        .annotate(on=Max("on"))
    )
    entered[Stage.ENROLLED] = enrollment.enrolled_on
    own = Need.objects.visible_to(staff).filter(enrollment__in=_with_the_one_before(enrollment))
    needs = [
        need.shown | {"find_url": _find_url(staff, enrollment, need)}
        for need in assessed.open_needs(staff, own.open())
    ]
    strengths = [s.text for s in Strength.objects.visible_to(staff).filter(enrollment=enrollment).current()]
    team = (
        CaseAssignment.objects.visible_to(staff)
        .filter(enrollment=enrollment)
        .in_force()
        .select_related("staff")
    )
    services = ServiceReferral.objects.visible_to(staff).filter(enrollment__client=enrollment.client_id)
    services = services.open().select_related("need__barrier", "resource", "enrollment__program")
    services = [linked.shown(row) for row in services]
    lifelines = []
    if not enrollment.is_open:
        lifelines = list(Lifeline.objects.visible_to(staff).filter(discharge__enrollment=enrollment))
    milestones = list(Milestone.objects.visible_to(staff).filter(enrollment=enrollment))
    return {
        "milestones": milestones,
        "has_levels": enrollment.is_open
        and LevelOfCare.objects.visible_to(staff).filter(program=enrollment.program_id).in_use().exists(),
        "stages": stage_path(enrollment, entered),
        "next_step": next_step(
            enrollment,
            draft_plan=draft,
            draft_discharge=draft_discharge,
            due=due,
            follow_up=follow_up,
            at=at,
            may=staff.may,
        ),
        "plan": plan,
        "draft_plan": draft,
        "review_on": next((on for _pk, signed, on in plans if signed is not None), None),
        "goals": active_goals(enrollment, staff),
        "needs": needs,
        "strengths": strengths,
        "team": list(team),
        "services": services,
        "lifelines": lifelines,
        "today": at,
    }


@page("client.history", records=True, methods=READ)
def client_history(request, pk):
    """Who changed what in this person's record, field by field."""
    person = Client.objects.visible_to(request.staff).fetch(pk)
    strip = banner(request, person)
    before = _moment(request.GET.get("before", ""))
    shows_address = person.shows_address_to(request.staff, in_emergency=strip["emergency_until"] is not None)
    rows, more = changes(request.staff, person, before=before, shows_address=shows_address)
    context = {"banner": strip, "rows": rows}
    if more:
        context["page"] = {"next_url": "?before=" + rows[-1]["at"].isoformat().replace("+", "%2B")}
    return render(request, "workspace/client_history.html", context)


@page("access.audit", records=True, methods=READ)
def client_access(request, pk):
    """Who looked at this person's record."""
    person = Client.objects.visible_to(request.staff).fetch(pk)
    strip = banner(request, person, purpose="audit")
    rows = AccessLog.objects.visible_to(request.staff).of(person).select_related("staff", "emergency__reason")
    rows = list(rows.order_by("-at", "-pk")[:200])
    for row in rows:
        row.what = page_name(row.page)
    return render(request, "workspace/client_access.html", {"banner": strip, "rows": rows})


@page("enrollment.move", records=True)
def enrollment_move(request, pk):
    """Go to another stage; says in words what is missing for each."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    # Discharge has its own page, which moves the stage when it is signed.
    steps = pipeline.STEPS[Stage(enrollment.stage)] - {Stage.DISCHARGED}
    initial = {"version": enrollment.version}
    form = MoveForm(request.POST or None, staff=request.staff, steps=steps, initial=initial)
    if form.is_bound and form.is_valid():
        check_version(form, enrollment)
        try:
            enrollment.move_to(form.cleaned_data["stage"], by=request.staff, note=form.cleaned_data["note"])
        except Refused as refused:
            form.refuse(refused)
        else:
            message = _("Now: %(stage)s.") % {"stage": enrollment.get_stage_display()}
            return done(request, strip["url"], message=message)
    missing = [
        {"label": s.label, "sentences": pipeline.missing(enrollment, s)}
        for s in Stage
        if s in steps and not pipeline.is_backward(enrollment.stage, s)
    ]
    return form_page(
        request,
        form,
        "workspace/enrollment_move.html",
        banner=strip,
        enrollment=enrollment,
        missing=[m for m in missing if m["sentences"]],
        title=_("Change the stage"),
        submit=_("Change"),
        cancel_url=strip["url"],
    )


@page("enrollment.move", records=True)
def transfer(request, pk):
    """Move to another program of the agency, without a new intake."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    initial = {"version": enrollment.version}
    form = TransferForm(request.POST or None, staff=request.staff, enrollment=enrollment, initial=initial)
    if form.is_bound and form.is_valid():
        check_version(form, enrollment)
        said = {name: form.cleaned_data[name] for name in ("program", "worker", "reason")}
        try:
            following = verbs.transfer(enrollment, by=request.staff, **said)
        except Refused as refused:
            form.refuse(refused)
        else:
            message = _("Goes on in %(program)s.") % {"program": following.program}
            if Enrollment.objects.visible_to(request.staff).filter(pk=following.pk).exists():
                return done(request, "workspace:client", pk=enrollment.client_id, message=message)
            return done(request, "workspace:today", message=message)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Move to another program"),
        intro=_("%(program)s ends today. The record stays, and nothing is asked again.")
        % {"program": enrollment.program},
        submit=_("Move"),
        cancel_url=strip["url"],
    )


# --- Visits ---


def _goals_to_tap(enrollment, staff):
    """The goals of the plan in force, each with its objectives and what they counted last."""
    goals = []
    for row in active_goals(enrollment, staff):
        goal, goal.shown_objectives = row["goal"], []
        for shown in row["objectives"]:
            objective = shown["objective"]
            if objective.target is None:
                continue
            objective.help = _("last %(last)s, target %(target)s %(unit)s") % {
                "last": _plain(shown["last_value"]),
                "target": _plain(objective.target),
                "unit": objective.unit,
            }
            goal.shown_objectives.append(objective)
        goals.append(goal)
    return goals


def _plain(number):
    return "–" if number is None else f"{number.normalize():f}"


def _progress_rows(staff, visit):
    return list(
        GoalProgress.objects.visible_to(staff).filter(visit=visit).select_related("goal", "objective")
    )


def _visit_form(request, enrollment, visit=None):
    staff = request.staff
    goals = _goals_to_tap(enrollment, staff)
    partners = StaffMember.objects.visible_to(staff).working().exclude(pk=staff.pk)
    partners = partners.with_role(Role.CASE_MANAGER, Role.SUPERVISOR)
    pair = Pairing.objects.visible_to(staff).running().partner_of(staff)
    partners = partners.annotate(is_pair=Exists(pair.filter(pk=OuterRef("pk")))).order_by("-is_pair", "name")
    initial = {"direct_minutes": 30, "travel_minutes": 0}
    if visit is None:
        last = (
            Visit.objects.visible_to(staff)
            .of_care(staff)
            .filter(enrollment=enrollment, source="")
            .order_by("-started_at", "-pk")
            .first()
        )
        if last is not None:
            initial |= {
                n: getattr(last, n) for n in ("mode", "place", "held_with", "service_type", "travel_minutes")
            }
            initial["direct_minutes"] = last.direct_minutes or 30
        if request.GET.get("attempt"):
            initial |= {"outcome": Visit.Outcome.NOT_REACHED, "mode": Visit.Mode.PHONE, "direct_minutes": 0}
    else:
        initial = _said_before(staff, visit)
    return VisitForm(
        request.POST or None,
        instance=visit or Visit(enrollment=enrollment),
        staff=staff,
        goals=goals,
        partners=partners,
        initial=initial,
    )


def _said_before(staff, visit):
    """What a draft already says about goals and who came along."""
    initial = {}
    partner = (
        VisitParticipant.objects.visible_to(staff)
        .filter(visit=visit)
        .exclude(role=VisitParticipant.Role.LEAD)
        .first()
    )
    if partner is not None:
        initial = {"partner": partner.staff_id, "partner_role": partner.role}
    for row in _progress_rows(staff, visit):
        initial[f"goal_{row.goal_id}"] = row.step
        if row.objective_id and row.value is not None:
            initial[f"value_{row.objective_id}"] = row.value
    return initial


@page("visit.log", records=True)
def visit_log(request, pk):
    """Write down a visit or an attempt, with progress on the goals, and sign it."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    form = _visit_form(request, enrollment)
    if form.is_bound and form.is_valid():
        sign = "draft" not in request.POST
        try:
            visit = verbs.log_visit(enrollment, by=request.staff, draft=form.draft(), sign=sign)
        except Refused as refused:
            form.refuse(refused)
        else:
            message = (
                worded(_("{Visit} signed."))
                if sign
                else worded(_("{Visit} saved as a draft. Sign it when it is done."))
            )
            if visit.outcome != Visit.Outcome.KEPT:
                message = _("Attempt written down.")
            return done(request, strip["url"], message=message)
    return form_page(
        request,
        form,
        "workspace/visit_form.html",
        banner=strip,
        title=worded(_("Log a {visit}")),
        submit=_("Sign"),
        second=_("Save as draft"),
        cancel_url=strip["url"],
    )


@page("visit.log", records=True)
def visit_edit(request, pk):
    """Go on with a draft."""
    rows = Visit.objects.visible_to(request.staff).select_related("enrollment__client", "enrollment__program")
    visit = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    enrollment = visit.enrollment
    if visit.is_locked or visit.source:
        return redirect("workspace:visit-detail", pk=pk)
    lead = VisitParticipant.objects.visible_to(request.staff).filter(
        visit=visit, staff=request.staff, role=VisitParticipant.Role.LEAD
    )
    if not lead.exists():
        return redirect("workspace:visit-detail", pk=pk)
    strip = banner(request, enrollment.client, enrollment)
    form = _visit_form(request, enrollment, visit)
    if form.is_bound:
        check_version(form, visit)
        if form.is_valid():
            sign = "draft" not in request.POST
            try:
                verbs.log_visit(enrollment, by=request.staff, draft=form.draft(), visit=visit, sign=sign)
            except Refused as refused:
                form.refuse(refused)
            else:
                message = worded(_("{Visit} signed.")) if sign else _("Draft saved.")
                return done(request, strip["url"], message=message)
    return form_page(
        request,
        form,
        "workspace/visit_form.html",
        banner=strip,
        title=worded(_("{Visit}, not signed yet")),
        submit=_("Sign"),
        second=_("Save as draft"),
        cancel_url=reverse("workspace:visit-detail", kwargs={"pk": pk}),
    )


@page("client.view", records=True, methods=READ)
def visit_detail(request, pk):
    """One visit: what happened, who was there, what was added later."""
    staff = request.staff
    visit = (
        Visit.objects.visible_to(staff)
        .select_related("enrollment__client", "enrollment__program", "service_type")
        .fetch(pk)
    )
    own = Enrollment.objects.visible_to(staff).filter(pk=visit.enrollment_id).exists()
    strip = banner(request, visit.enrollment.client, visit.enrollment, purpose="care" if own else "mentoring")
    people = list(VisitParticipant.objects.of_visit(staff, visit).select_related("staff"))
    leads = any(p.staff_id == staff.pk and p.role == VisitParticipant.Role.LEAD for p in people)
    if not own:
        strip["url"] = ""
    context = {
        "visit": visit,
        "banner": strip,
        "own": own,
        "people": people,
        "progress": _progress_rows(staff, visit),
        "addenda": VisitAddendum.objects.visible_to(staff).filter(visit=visit).select_related("author"),
        "signatures": VisitSignature.objects.visible_to(staff).filter(visit=visit),
        "can_sign": leads and not visit.is_locked and not visit.source,
        "can_add": own and visit.is_locked and staff.may("visit.log"),
    }
    return render(request, "workspace/visit_detail.html", context)


@page("visit.log", records=True, methods=("POST",))
def visit_sign(request, pk):
    """Sign a draft as it stands."""
    rows = Visit.objects.visible_to(request.staff).select_related("enrollment__client", "enrollment__program")
    visit = rows.select_for_update(of=("self",)).fetch(pk)
    show(request, [visit.enrollment.client_id])
    form = ConfirmForm(request.POST, staff=request.staff)
    if form.is_valid():
        visit.sign(by=request.staff)
        return done(request, "workspace:visit-detail", pk=pk, message=_("Signed."))
    return redirect("workspace:visit-detail", pk=pk)


@page("visit.log", records=True)
def visit_addendum(request, pk):
    """Add to a signed note; the note itself stays."""
    visit = (
        Visit.objects.visible_to(request.staff)
        .of_care(request.staff)
        .select_related("enrollment__client")
        .fetch(pk)
    )
    strip = banner(request, visit.enrollment.client, visit.enrollment)
    form = AddendumForm(
        request.POST or None, instance=VisitAddendum(visit=visit, author=request.staff), staff=request.staff
    )
    if not visit.is_locked:
        return redirect("workspace:visit-edit", pk=pk)
    if form.is_bound and form.is_valid():
        form.save()
        return done(request, "workspace:visit-detail", pk=pk, message=_("Added."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Add to the note"),
        intro=str(visit),
        submit=_("Add"),
        cancel_url=reverse("workspace:visit-detail", kwargs={"pk": pk}),
    )


# --- Discharge ---


@page("discharge.write", records=True)
def discharge(request, pk):
    """End service well: disposition, summary from the record, lifelines, signature."""
    staff = request.staff
    enrollment = Enrollment.objects.visible_to(staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    rows = Discharge.objects.visible_to(staff).select_related("disposition")
    row = (
        (rows.select_for_update(of=("self",)) if request.method == "POST" else rows)
        .filter(enrollment=enrollment)
        .first()
    )
    if row is not None and (row.is_locked or row.source or not enrollment.is_open):
        context = {
            "banner": strip,
            "row": row,
            "enrollment": enrollment,
            "lifelines": Lifeline.objects.visible_to(staff).filter(discharge=row),
            "follow_ups": AftercareFollowUp.objects.visible_to(staff)
            .filter(discharge=row)
            .select_related("assigned_to"),
            "criteria": _criteria(staff, enrollment),
        }
        return render(request, "workspace/discharge.html", context)
    if row is None:
        initial = {
            "summary": verbs.discharge_summary(enrollment),
            "unmet_needs": verbs.unmet_needs(enrollment),
            "reentry": _("Call us at any time. No new referral is needed."),
        }
        services = ServiceReferral.objects.visible_to(staff).filter(enrollment=enrollment).open()
        lifelines = [
            {"name": s.contact or s.provider, "phone": s.phone, "purpose": s.service} for s in services[:3]
        ]
    else:
        initial = {}
        lifelines = list(
            Lifeline.objects.visible_to(staff)
            .filter(discharge=row)
            .order_by("pk")
            .values("name", "phone", "purpose", "confirmed_on")
        )
    instance = row or Discharge(enrollment=enrollment)
    form = DischargeForm(
        request.POST or None, instance=instance, staff=staff, lifelines=lifelines, initial=initial
    )
    if form.is_bound:
        if row is not None:
            check_version(form, row)
        if form.is_valid():
            sign = "draft" not in request.POST
            fields = {name: form.cleaned_data[name] for name in form._meta.fields}
            if row is not None:
                row.refresh_from_db()
            try:
                verbs.discharge(
                    enrollment, by=staff, fields=fields, lifelines=form.lifelines(), row=row, sign=sign
                )
            except Refused as refused:
                form.refuse(refused)
            else:
                message = _("Discharged. Aftercare is on the list.") if sign else _("Draft saved.")
                return done(request, strip["url"], message=message)
    return form_page(
        request,
        form,
        "workspace/discharge_form.html",
        banner=strip,
        enrollment=enrollment,
        criteria=_criteria(staff, enrollment),
        title=_("Discharge"),
        submit=_("Sign and discharge"),
        second=_("Save as draft"),
        cancel_url=strip["url"],
    )


def _criteria(staff, enrollment):
    """What was agreed to be so before service ends, in the last signed plan (REQ-178)."""
    rows = DischargeCriterion.objects.visible_to(staff).filter(plan__enrollment=enrollment)
    return list(rows.filter(plan__ended_on=None, plan__signed_at__isnull=False))


# --- Emergency access ---


@page("emergency.use", records=True)
def emergency(request, pk):
    """Open a colleague's record: why, for how long; a supervisor reviews it."""
    staff = request.staff
    show(request, [])
    if Client.objects.visible_to(staff).filter(pk=pk).exists():
        return redirect("workspace:client", pk=pk)
    person = Client.objects.visible_to(staff).outside(pk)
    form = EmergencyForm(request.POST or None, staff=staff)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        EmergencyAccess.begin(person, by=staff, reason=said["reason"], detail=said["detail"])
        return done(
            request, "workspace:client", pk=pk, message=_("The record is open. This is written down.")
        )
    return form_page(
        request,
        form,
        title=_("Emergency access"),
        intro=worded(
            _("This record is in a colleague's {caseload}. A {supervisor} will review why you opened it.")
        ),
        submit=_("Open the record"),
        danger=True,
    )


@page("emergency.review", records=True, methods=READ)
def emergency_list(request):
    """Emergency accesses that nobody has reviewed, and those reviewed lately."""
    rows = EmergencyAccess.objects.visible_to(request.staff).select_related(
        "client", "staff", "reason", "reviewed_by"
    )
    waiting = list(rows.unreviewed())
    reviewed = list(rows.exclude(reviewed_at=None)[:20])
    seen = set(
        Client.objects.visible_to(request.staff)
        .filter(pk__in={r.client_id for r in waiting + reviewed})
        .values_list("pk", flat=True)
    )
    show(request, seen)
    for row in waiting + reviewed:
        row.who = row.client.name if row.client_id in seen else worded("{client}") + f" {row.client_id}"
        row.is_own = row.staff_id == request.staff.pk
    return render(request, "workspace/emergency_list.html", {"waiting": waiting, "reviewed": reviewed})


@page("emergency.review", methods=("POST",))
def emergency_review(request, pk):
    """A supervisor looked at it."""
    row = EmergencyAccess.objects.visible_to(request.staff).select_for_update(of=("self",)).fetch(pk)
    form = ReviewForm(request.POST, staff=request.staff)
    if form.is_valid():
        row.review(by=request.staff, note=form.cleaned_data["note"])
        return done(request, "workspace:emergency-list", message=_("Reviewed."))
    return redirect("workspace:emergency-list")
