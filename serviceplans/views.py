"""Pages of the plan: reading and writing it, signing it, looking at it again, and the services of others."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import rows as assessed
from assessments.models import Need, Strength
from casemgmt.agencies.words import worded
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from clients.banner import banner
from clients.consents import redisclosure_notice
from clients.models import Consent, DirectiveStands, Disclosure, Enrollment
from serviceplans.forms import (
    ActionForm,
    GoalBeginForm,
    GoalEndForm,
    GoalForm,
    NeedLeftForm,
    ObjectiveForm,
    PlanForm,
    ReferralForm,
    ReviewForm,
    SignForm,
)
from serviceplans.models import (
    AlreadyServed,
    Goal,
    GoalNeed,
    NeedLeft,
    Objective,
    PlanAction,
    PlanReview,
    PlanSignature,
    ServicePlan,
    ServiceReferral,
)
from serviceplans.rows import goal_rows, visits_since

# Where each kind of lack is mended.
MENDED_AT = {
    "plan": "serviceplans:plan-edit",
    "goals": "serviceplans:goal-create",
    "goal": "serviceplans:goal-edit",
    "agreement": "serviceplans:goal-edit",
    "steps": "serviceplans:objective-create",
    "objective": "serviceplans:objective-edit",
}


# --- Finding rows ---------------------------------------------------------------------------------------------------


def _fetch(request, model, pk, *related):
    """The row with its people in one query, locked when it is about to be written."""
    rows = model.objects.visible_to(request.staff).select_related(*related)
    if request.method == "POST":
        rows = rows.select_for_update(of=("self",))
    return rows.fetch(pk)


def _enrollment(request, pk):
    return _fetch(request, Enrollment, pk, "client", "program")


def _plan(request, pk):
    return _fetch(request, ServicePlan, pk, "enrollment__client", "enrollment__program", "by")


def _goal(request, pk):
    return _fetch(request, Goal, pk, "plan__enrollment__client", "plan__enrollment__program")


def _objective(request, pk):
    return _fetch(request, Objective, pk, "goal__plan__enrollment__client")


def _action(request, pk):
    return _fetch(request, PlanAction, pk, "objective__goal__plan__enrollment__client")


def _banner(request, enrollment):
    return banner(request, enrollment.client, enrollment)


def _open_needs(request, enrollment):
    return Need.objects.visible_to(request.staff).filter(enrollment=enrollment).open()


def _back_to(plan, anchor=""):
    url = reverse("serviceplans:plan-detail", kwargs={"pk": plan.pk})
    return f"{url}#{anchor}" if anchor else url


def _pressed(request):
    """Whether a button without fields was pressed on a page of ours; else says so."""
    if ConfirmForm(request.POST, staff=request.staff).is_valid():
        return True
    messages.error(request, _("That did not arrive as it should. Please press the button again."))
    return False


# --- The plan -------------------------------------------------------------------------------------------------------


@page("plan.write", records=True)
def plan_begin(request, pk):
    """Begin a draft, or go to the plan there is; without one the page says what a plan can start from."""
    enrollment = _enrollment(request, pk)
    strip = _banner(request, enrollment)
    refused = None
    if request.method == "POST" and _pressed(request):
        try:
            plan = ServicePlan.begin(enrollment, by=request.staff)
        except Refused as no:
            refused = no
        else:
            return redirect("serviceplans:plan-detail", pk=plan.pk)
    plan = ServicePlan.objects.visible_to(request.staff).filter(enrollment=enrollment).first()
    if plan is not None and refused is None:
        return redirect("serviceplans:plan-detail", pk=plan.pk)
    strengths = Strength.objects.visible_to(request.staff).filter(enrollment=enrollment).current()
    return render(
        request,
        "serviceplans/plan_begin.html",
        {
            "banner": strip,
            "enrollment": enrollment,
            "needs": assessed.open_needs(request.staff, _open_needs(request, enrollment)),
            "strengths": list(strengths),
            "refused": refused.sentences if refused else [],
        },
        status=422 if refused else 200,
    )


@page("client.view", records=True, methods=("GET", "HEAD"))
def plan_list(request, pk):
    """Every version of an enrollment's plan."""
    enrollment = _enrollment(request, pk)
    plans = ServicePlan.objects.visible_to(request.staff).filter(enrollment=enrollment).select_related("by")
    return render(
        request,
        "serviceplans/plan_list.html",
        {
            "banner": _banner(request, enrollment),
            "enrollment": enrollment,
            "plans": [_version(plan) for plan in plans],
            "may_write": request.staff.may("plan.write") and enrollment.is_open,
        },
    )


def _version(plan):
    """Which plan it is and where it stands, in words and in a colour."""
    if not plan.is_locked:
        look = (_("Draft"), "warn", "pencil")
    elif plan.ended_on:
        look = (_("Replaced"), "muted", "clock-history")
    elif plan.is_in_force:
        look = (_("In force"), "ok", "check")
    else:
        look = (_("Signed, starts later"), "info", "calendar-event")
    return {"plan": plan, "state": look[0], "kind": look[1], "icon": look[2]}


@page("client.view", records=True, methods=("GET", "HEAD"))
def plan_detail(request, pk):
    """One page to read the plan and, while it is a draft, to write it."""
    plan = _plan(request, pk)
    strip = _banner(request, plan.enrollment)
    staff, draft = request.staff, not plan.is_locked
    may_write = staff.may("plan.write")
    versions = list(ServicePlan.objects.visible_to(staff).filter(enrollment=plan.enrollment_id))
    services = ServiceReferral.objects.visible_to(staff).filter(enrollment=plan.enrollment_id)
    services = services.select_related("need__barrier")
    left = NeedLeft.objects.visible_to(staff).filter(plan=plan).select_related("need").order_by("pk")
    signatures = PlanSignature.objects.visible_to(staff).filter(plan=plan).select_related("staff")
    goals, left = goal_rows(staff, plan), list(left)
    return render(
        request,
        "serviceplans/plan_detail.html",
        {
            "banner": strip,
            "plan": plan,
            "version": _version(plan),
            "draft": draft,
            "editing": draft and may_write,
            "working": plan.is_in_force and plan.enrollment.is_open and may_write,
            "may_write": may_write,
            "review_due": plan.is_in_force and plan.review_on and plan.review_on <= timezone.localdate(),
            "goals": goals,
            "free_needs": _free_needs(request, plan, goals, left) if draft else [],
            "left": left,
            "missing": _mendable(plan, plan.missing()) if draft else [],
            "services": [_service(row) for row in services],
            "reviews": list(PlanReview.objects.visible_to(staff).filter(plan=plan).select_related("by")),
            "signatures": list(signatures.order_by("signed_at")),
            "versions": [_version(row) for row in versions],
            "drafted": any(not row.is_locked for row in versions),
        },
    )


def _mendable(plan, lacks):
    """Each lack with the address where it is mended."""
    return [
        {
            "text": lack.text,
            "url": reverse(MENDED_AT[lack.kind], kwargs={"pk": lack.pk})
            if lack.kind in MENDED_AT
            else _back_to(plan, lack.anchor),
        }
        for lack in lacks
    ]


def _free_needs(request, plan, goals, left):
    """Open needs that no goal answers and that nobody left for later."""
    taken = {need.pk for row in goals for need in row["needs"]} | {row.need_id for row in left}
    found = assessed.open_needs(request.staff, _open_needs(request, plan.enrollment))
    return [need for need in found if need.pk not in taken]


STATUS_LOOKS = {
    ServiceReferral.Status.ASKED: ("muted", "clock"),
    ServiceReferral.Status.WAITING: ("warn", "clock"),
    ServiceReferral.Status.RUNNING: ("ok", "check"),
    ServiceReferral.Status.DONE: ("muted", "check"),
    ServiceReferral.Status.FAILED: ("muted", "x-lg"),
}


def _service(row):
    kind, icon = STATUS_LOOKS[row.status]
    late = row.ended_on is None and row.next_on is not None and row.next_on < timezone.localdate()
    return {
        "service": row,
        "kind": kind,
        "icon": icon,
        "late": late,
        "need": str(row.need or ""),
        "barrier": row.need.barrier.label if row.need and row.need.barrier else "",
    }


@page("disclosure.make", methods=("POST",))
def plan_give(request, pk):
    """Give the person their copy: written down as given, then ready to print."""
    plan = _plan(request, pk)
    if not _pressed(request):
        return redirect("serviceplans:plan-print", pk=plan.pk)
    client = plan.enrollment.client
    made = Disclosure.make(
        client,
        by=request.staff,
        basis=Disclosure.Basis.PERSON,
        recipient=client.name,
        information=worded(_("Copy of the {plan} from %(day)s") % {"day": plan.starts_on}),
        enrollments=[plan.enrollment],
        parts=["plan"],
        way=_("on paper"),
    )
    url = reverse("serviceplans:plan-print", kwargs={"pk": plan.pk})
    return done(request, f"{url}?copy={made.pk}", message=_("Written down as given. Now print it."))


def _is_given(request, plan):
    """Whether the address names this plan's copy, made today by who prints it."""
    wanted = request.GET.get("copy", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
        return False
    made = Disclosure.objects.visible_to(request.staff).filter(
        pk=int(wanted), client=plan.enrollment.client_id, enrollments__holds=plan.enrollment_id
    )
    copy = made.first()
    try:
        return copy is not None and copy.require_printable(by=request.staff) is None
    except Refused:
        return False


@page("client.view", records=True, methods=("GET", "HEAD"))
def plan_print(request, pk):
    """The person's own copy: a preview until it is given, because what goes out is written down first."""
    plan = _plan(request, pk)
    services = ServiceReferral.objects.visible_to(request.staff).filter(enrollment=plan.enrollment_id).open()
    return render(
        request,
        "serviceplans/plan_print.html",
        {
            # Logs whose record is shown; the copy itself has no banner.
            "person": _banner(request, plan.enrollment),
            "plan": plan,
            "given": _is_given(request, plan),
            "may_give": request.staff.may("disclosure.make"),
            "notice": redisclosure_notice(plan.enrollment),
            "goals": goal_rows(request.staff, plan),
            "services": list(services),
        },
    )


@page("plan.write", records=True)
def plan_edit(request, pk):
    """What stands above the goals."""
    plan = _plan(request, pk)
    strip = _banner(request, plan.enrollment)
    form = PlanForm(request.POST or None, instance=plan, staff=request.staff)
    check_version(form, plan)
    if form.is_valid():
        try:
            form.save(commit=False).revise()
            return done(request, "serviceplans:plan-detail", pk=plan.pk, message=_("Saved."))
        except Refused as refused:
            form.refuse(refused)
    title = worded(_("About this {plan}"))
    return form_page(request, form, banner=strip, title=title, cancel_url=_back_to(plan))


@page("plan.write", records=True)
def plan_sign(request, pk):
    """What is missing; when nothing is, one's name signs it."""
    plan = _plan(request, pk)
    strip = _banner(request, plan.enrollment)
    if plan.is_locked and request.method != "POST":
        return redirect("serviceplans:plan-detail", pk=plan.pk)
    form = SignForm(request.POST or None, staff=request.staff)
    if form.is_valid():
        try:
            plan.present(
                by=request.staff,
                typed_name=form.cleaned_data["typed_name"],
                answers=[{"answer": "signed", "typed_name": plan.enrollment.client.name}],
            )
            said = worded(_("The {plan} is signed."))
            return done(request, "serviceplans:plan-detail", pk=plan.pk, message=said)
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/plan_sign.html",
        banner=strip,
        plan=plan,
        title=worded(_("Sign the {plan}")),
        missing=_mendable(plan, plan.missing()),
        warnings=_mendable(plan, plan.warnings()),
        submit=_("Sign"),
        cancel_url=_back_to(plan),
    )


@page("plan.write", records=True)
def plan_review(request, pk):
    """The scheduled look: what moved since the last one, and what follows."""
    plan = _plan(request, pk)
    strip = _banner(request, plan.enrollment)
    if request.method != "POST" and not (plan.is_locked and plan.ended_on is None):
        messages.warning(request, worded(_("Only a {plan} in force is reviewed.")))
        return redirect("serviceplans:plan-detail", pk=plan.pk)
    before = PlanReview.objects.visible_to(request.staff).filter(plan=plan).first()
    # The first review looks at everything from the first day on.
    since = before.reviewed_on if before else plan.starts_on - timedelta(days=1)
    form = ReviewForm(request.POST or None, staff=request.staff)
    if form.is_valid():
        try:
            PlanReview.hold(plan, by=request.staff, **_said(form))
            return done(
                request, "serviceplans:plan-detail", pk=plan.pk, message=_("The review is written down.")
            )
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/plan_review.html",
        banner=strip,
        plan=plan,
        before=before,
        since=before.reviewed_on if before else plan.starts_on,
        visits=visits_since(request.staff, plan.enrollment, since),
        goals=goal_rows(request.staff, plan, since=since),
        title=worded(_("Review the {plan}")),
        cancel_url=_back_to(plan),
    )


def _said(form):
    """What was filled in, without the technical fields."""
    return {name: value for name, value in form.cleaned_data.items() if name not in ("submit_key", "version")}


@page("plan.write", records=True)
def need_left(request, pk):
    """Say why an urgent need waits."""
    plan = _plan(request, pk)
    strip = _banner(request, plan.enrollment)
    waiting = [need.pk for need in plan.unaddressed_needs()]
    said = NeedLeft.objects.visible_to(request.staff).filter(plan=plan).values_list("need", flat=True)
    first = request.GET.get("need") or (waiting[0] if waiting else None)
    form = NeedLeftForm(
        request.POST or None, staff=request.staff, needs=[*waiting, *said], initial={"need": first}
    )
    if form.is_valid():
        try:
            plan.leave(
                form.cleaned_data["need"], why=form.cleaned_data["why"], note=form.cleaned_data["note"]
            )
            return done(request, "serviceplans:plan-detail", pk=plan.pk, message=_("Saved."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(request, form, banner=strip, title=_("Why not now?"), cancel_url=_back_to(plan))


# --- Goals ----------------------------------------------------------------------------------------------------------


@page("plan.write", records=True)
def goal_create(request, pk):
    """A goal with its first objective, started from a need and the wish that was heard with it."""
    plan = _plan(request, pk)
    strip = _banner(request, plan.enrollment)
    needs = list(_open_needs(request, plan.enrollment).in_order())
    chosen = next((need for need in needs if str(need.pk) == request.GET.get("need")), None)
    initial = {"needs": [chosen.pk], "title": chosen.goal_wish} if chosen else {}
    form = GoalBeginForm(
        request.POST or None,
        instance=Goal(plan=plan),
        staff=request.staff,
        enrollment=plan.enrollment,
        initial=initial,
    )
    if form.is_valid():
        goal = form.save(commit=False)
        try:
            goal.put(needs=form.cleaned_data["needs"])
            objective = form.objective()
            if objective is not None:
                objective.goal = goal
                objective.put()
            url = _back_to(plan, f"goal-{goal.pk}")
            return done(request, url, message=_("The goal is added."))
        except Refused as refused:
            form.refuse(refused)
    taken = GoalNeed.objects.visible_to(request.staff).filter(goal__plan=plan).values_list("need", flat=True)
    return form_page(
        request,
        form,
        "serviceplans/goal_create.html",
        banner=strip,
        plan=plan,
        wishes=[need for need in needs if need.goal_wish and need != chosen and need.pk not in set(taken)],
        title=_("New goal"),
        submit=_("Add the goal"),
        cancel_url=_back_to(plan),
    )


@page("plan.write", records=True)
def goal_edit(request, pk):
    """The goal, its needs and the strength it builds on."""
    goal = _goal(request, pk)
    strip = _banner(request, goal.plan.enrollment)
    links = GoalNeed.objects.visible_to(request.staff).filter(goal=goal)
    form = GoalForm(
        request.POST or None,
        instance=goal,
        staff=request.staff,
        enrollment=goal.plan.enrollment,
        initial={"needs": list(links.values_list("need", flat=True))},
    )
    check_version(form, goal)
    if form.is_valid():
        try:
            form.save(commit=False).put(needs=form.cleaned_data["needs"])
            return done(request, _back_to(goal.plan, f"goal-{goal.pk}"), message=_("Saved."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/part_edit.html",
        banner=strip,
        title=_("Goal"),
        remove_url=reverse("serviceplans:goal-remove", kwargs={"pk": goal.pk}),
        remove_label=_("Remove this goal"),
        cancel_url=_back_to(goal.plan, f"goal-{goal.pk}"),
    )


@page("plan.write", records=True)
def goal_end(request, pk):
    """How a goal turned out, also in a signed plan."""
    goal = _goal(request, pk)
    strip = _banner(request, goal.plan.enrollment)
    initial = {"result": goal.result, "ended_on": goal.ended_on} if goal.ended_on else None
    form = GoalEndForm(request.POST or None, staff=request.staff, initial=initial)
    form.fields["version"].initial = goal.version
    check_version(form, goal)
    if form.is_valid():
        try:
            goal.end(result=form.cleaned_data["result"], on=form.cleaned_data["ended_on"], by=request.staff)
            url = _back_to(goal.plan, f"goal-{goal.pk}")
            return done(request, url, message=_("The result is written down."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("How did the goal turn out?"),
        intro=goal.title,
        cancel_url=_back_to(goal.plan, f"goal-{goal.pk}"),
    )


@page("plan.write", records=True)
def goal_remove(request, pk):
    """Take a goal out of a draft."""
    goal = _goal(request, pk)
    kept = gettext_lazy("Its objectives and actions go with it. History keeps what was there.")
    return _remove(request, goal, goal.plan, _("Remove this goal?"), kept)


def _remove(request, row, plan, title, text):
    """Ask once, then take a part out of a draft."""
    strip = _banner(request, plan.enrollment)
    sentences = []
    if request.method == "POST" and _pressed(request):
        try:
            row.remove()
            return done(request, _back_to(plan), message=_("Removed."))
        except Refused as refused:
            sentences = refused.sentences
    return render(
        request,
        "serviceplans/remove.html",
        {
            "banner": strip,
            "title": title,
            "what": str(row),
            "text": text,
            "sentences": sentences,
            "cancel_url": _back_to(plan),
        },
        status=422 if request.method == "POST" else 200,
    )


# --- Objectives and actions -----------------------------------------------------------------------------------------


@page("plan.write", records=True)
def objective_create(request, pk):
    """One more step to a goal."""
    goal = _goal(request, pk)
    plan = goal.plan
    strip = _banner(request, plan.enrollment)
    form = ObjectiveForm(request.POST or None, staff=request.staff)
    if form.is_valid():
        objective = form.save(commit=False)
        objective.goal = goal
        try:
            objective.put()
            url = _back_to(plan, f"objective-{objective.pk}")
            return done(request, url, message=_("The objective is added."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request, form, banner=strip, title=_("New objective"), intro=goal.title, cancel_url=_back_to(plan)
    )


@page("plan.write", records=True)
def objective_edit(request, pk):
    """Make an objective measurable."""
    objective = _objective(request, pk)
    plan = objective.goal.plan
    strip = _banner(request, plan.enrollment)
    form = ObjectiveForm(request.POST or None, instance=objective, staff=request.staff)
    check_version(form, objective)
    here = _back_to(plan, f"objective-{objective.pk}")
    if form.is_valid():
        try:
            form.save(commit=False).put()
            return done(request, here, message=_("Saved."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/part_edit.html",
        banner=strip,
        title=_("Objective"),
        intro=objective.goal.title,
        remove_url=reverse("serviceplans:objective-remove", kwargs={"pk": objective.pk}),
        remove_label=_("Remove this objective"),
        cancel_url=here,
    )


@page("plan.write", records=True)
def objective_remove(request, pk):
    """Take an objective out of a draft."""
    objective = _objective(request, pk)
    kept = gettext_lazy("Its actions go with it. History keeps what was there.")
    return _remove(request, objective, objective.goal.plan, _("Remove this objective?"), kept)


@page("plan.write", records=True)
def action_create(request, pk):
    """Who does what by when."""
    objective = _objective(request, pk)
    plan = objective.goal.plan
    strip = _banner(request, plan.enrollment)
    here = _back_to(plan, f"objective-{objective.pk}")
    form = ActionForm(request.POST or None, staff=request.staff, client=plan.enrollment.client)
    if form.is_valid():
        try:
            form.action(objective).put()
            return done(request, here, message=_("The action is added."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request, form, banner=strip, title=_("New action"), intro=objective.text, cancel_url=here
    )


@page("plan.write", records=True)
def action_done(request, pk):
    """One tap: done, or not done after all."""
    action = _action(request, pk)
    plan = action.objective.goal.plan
    _banner(request, plan.enrollment)
    if request.method == "POST" and _pressed(request):
        if "undo" in request.POST:
            action.reopen(by=request.staff)
        else:
            action.finish(by=request.staff)
    return redirect(_back_to(plan, f"objective-{action.objective_id}"))


@page("plan.write", records=True)
def action_remove(request, pk):
    """Take an action out of a draft."""
    action = _action(request, pk)
    kept = gettext_lazy("History keeps what was there.")
    return _remove(request, action, action.objective.goal.plan, _("Remove this action?"), kept)


# --- Services of others ---------------------------------------------------------------------------------------------


@page("plan.write", records=True)
def referral_create(request, pk):
    """Link the person to a service of somebody else; a second one of the same name is asked about once."""
    enrollment = _enrollment(request, pk)
    strip = _banner(request, enrollment)
    form = ReferralForm(
        request.POST or None,
        instance=ServiceReferral(enrollment=enrollment),
        staff=request.staff,
        enrollment=enrollment,
        initial={"need": request.GET.get("need")},
    )
    if form.is_valid():
        try:
            form.save(commit=False).put(
                by=request.staff,
                all_the_same=form.cleaned_data.get("all_the_same", False),
                **form.sharing(),
            )
            return done(request, _service_page(request, enrollment), message=_("The service is added."))
        except AlreadyServed as refused:
            form.warn(refused)
        except DirectiveStands as refused:
            form.respect(refused)
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/referral_form.html",
        banner=strip,
        said=_agreements(request, enrollment),
        ask_url=_ask_url(enrollment),
        title=_("Service of others"),
        submit=_("Add the service"),
        cancel_url=_service_page(request, enrollment),
    )


@page("plan.write", records=True)
def referral_edit(request, pk):
    """How a service of others goes: its status, the next date, its end."""
    referral = _fetch(request, ServiceReferral, pk, "enrollment__client", "enrollment__program")
    enrollment = referral.enrollment
    strip = _banner(request, enrollment)
    form = ReferralForm(request.POST or None, instance=referral, staff=request.staff, enrollment=enrollment)
    check_version(form, referral)
    if form.is_valid():
        try:
            form.save(commit=False).put(by=request.staff, **form.sharing())
            return done(request, _service_page(request, enrollment), message=_("Saved."))
        except DirectiveStands as refused:
            form.respect(refused)
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/referral_form.html",
        banner=strip,
        told=_told(request, referral),
        said=_agreements(request, enrollment),
        ask_url=_ask_url(enrollment),
        title=_("Service of others"),
        cancel_url=_service_page(request, enrollment),
    )


def _ask_url(enrollment):
    return reverse("clients:consent-give", kwargs={"pk": enrollment.client_id}) + "?kind=disclosure"


def _told(request, referral):
    """What the provider was told, and whether the consent for it still holds (REQ-132)."""
    row = (
        Disclosure.objects.visible_to(request.staff)
        .filter(pk=referral.disclosure_id)
        .select_related("consent")
        .first()
    )
    if row is None:
        return None
    return {"row": row, "ended": row.consent.why_ended() if row.consent else ""}


def _agreements(request, enrollment):
    """Consents to share that hold no longer, newest first: nobody takes one of them for granted."""
    rows = Consent.objects.visible_to(request.staff).filter(client=enrollment.client_id).exclude(recipient="")
    rows = rows.select_related("client__agency").order_by("-given_on", "-pk")
    return [{"consent": row, "ended": row.why_ended()} for row in rows if not row.is_in_force()][:5]


def _service_page(request, enrollment):
    """Where the services are shown: with the newest plan, or on the person's page while there is none."""
    plan = ServicePlan.objects.visible_to(request.staff).filter(enrollment=enrollment).first()
    if plan is None:
        return reverse("workspace:client", kwargs={"pk": enrollment.client_id})
    return _back_to(plan, "services")
