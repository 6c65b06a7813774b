"""The person's page, what happened to the record, and the steps from stage to stage."""

from django.db.models import Max
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from assessments import rows as assessed
from assessments.due import questionnaires_due
from assessments.models import Concern, InstrumentVersion, Need, Response, Strength
from casemgmt.agencies.models import LevelOfCare
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from casemgmt.workspace import verbs
from casemgmt.workspace.changes import changes
from casemgmt.workspace.crisis.views import crisis_with_debriefing
from casemgmt.workspace.forms import (
    MoveForm,
    TransferForm,
)
from casemgmt.workspace.looked import page_name
from casemgmt.workspace.nextstep import next_step, stage_path
from casemgmt.workspace.timeline import timeline
from casemgmt.workspace.worklists import NOTICE, items_of_enrollments
from clients import pipeline
from clients.banner import banner
from clients.models import (
    AccessLog,
    AftercareFollowUp,
    CaseAssignment,
    Client,
    Consent,
    Discharge,
    Enrollment,
    Lifeline,
    Merge,
    Milestone,
    StageChange,
)
from clients.pipeline import Stage
from clients.rows import glance
from serviceplans import linked
from serviceplans.models import ServicePlan, ServiceReferral
from serviceplans.progress import active_goals

READ = ("GET", "HEAD")


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
