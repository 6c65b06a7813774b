"""The plan to read and to write, its versions, and the copy that is given."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import rows as assessed
from assessments.models import Strength
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from clients.rows import crisis_now
from serviceplans import linked
from serviceplans.forms.plan import NeedLeftForm, PlanForm
from serviceplans.models import (
    DischargeCriterion,
    NeedLeft,
    PlanAddendum,
    ServicePlan,
    ServiceReferral,
)
from serviceplans.reviewing import held
from serviceplans.rows import goal_rows
from serviceplans.signed import standing
from serviceplans.thread import threads
from serviceplans.views.finding import (
    back_to,
    enrollment_of,
    mendable,
    open_needs,
    plan_of,
    pressed,
    strip_of,
    version_of,
)


@page("plan.write", records=True)
def plan_begin(request, pk):
    """Begin a draft, or go to the plan there is; without one the page says what a plan can start from."""
    enrollment = enrollment_of(request, pk)
    strip = strip_of(request, enrollment)
    refused = None
    if request.method == "POST" and pressed(request):
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
            "needs": assessed.open_needs(request.staff, open_needs(request, enrollment)),
            "strengths": list(strengths),
            "refused": refused.sentences if refused else [],
        },
        status=422 if refused else 200,
    )


@page("client.view", records=True, methods=("GET", "HEAD"))
def plan_list(request, pk):
    """Every version of an enrollment's plan."""
    enrollment = enrollment_of(request, pk)
    plans = ServicePlan.objects.visible_to(request.staff).filter(enrollment=enrollment).select_related("by")
    return render(
        request,
        "serviceplans/plan_list.html",
        {
            "banner": strip_of(request, enrollment),
            "enrollment": enrollment,
            "plans": [version_of(plan) for plan in plans],
            "may_write": request.staff.may("plan.write") and enrollment.is_open,
        },
    )


@page("client.view", records=True, methods=("GET", "HEAD"))
def plan_detail(request, pk):
    """One page to read the plan and, while it is a draft, to write it."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    staff, draft = request.staff, not plan.is_locked
    may_write = staff.may("plan.write")
    working = plan.is_in_force and plan.enrollment.is_open and may_write
    versions = list(ServicePlan.objects.visible_to(staff).filter(enrollment=plan.enrollment_id))
    services = ServiceReferral.objects.visible_to(staff).filter(enrollment=plan.enrollment_id)
    services = services.select_related("need__barrier", "resource", "enrollment__program")
    left = NeedLeft.objects.visible_to(staff).filter(plan=plan).select_related("need").order_by("pk")
    goals, left = goal_rows(staff, plan), list(left)
    return render(
        request,
        "serviceplans/plan_detail.html",
        {
            "banner": strip,
            "plan": plan,
            "version": version_of(plan),
            "crisis": crisis_now(staff, plan.enrollment),
            "draft": draft,
            "editing": draft and may_write,
            "working": working,
            "may_write": may_write,
            "review_due": plan.is_in_force and plan.review_on and plan.review_on <= timezone.localdate(),
            "goals": goals,
            "threads": threads(
                plan,
                assessed.open_needs(staff, open_needs(request, plan.enrollment).in_order()),
                goals,
                left,
                editing=draft and may_write,
                working=working,
            ),
            "missing": mendable(plan, _first_lacks(plan)) if draft else [],
            "services": [linked.shown(row) for row in services],
            "criteria": list(DischargeCriterion.objects.visible_to(staff).filter(plan=plan)),
            "held": held(staff, plan),
            "signed": standing(staff, plan),
            "addenda": PlanAddendum.objects.visible_to(staff).filter(plan=plan).select_related("author"),
            "may_approve": staff.may("plan.approve")
            and plan.is_waiting
            and plan.cosigned_at is None
            and staff.pk not in (plan.by_id, plan.presented_by_id),
            "versions": [version_of(row) for row in versions],
            "drafted": any(not row.is_locked for row in versions),
        },
    )


def _first_lacks(plan):
    """What keeps it from being signed; whether they agree with each goal is asked when they sign."""
    return [lack for lack in plan.missing() if lack.kind != "agreement"]


@page("plan.write", records=True)
def plan_edit(request, pk):
    """What stands above the goals."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    form = PlanForm(request.POST or None, instance=plan, staff=request.staff)
    check_version(form, plan)
    if form.is_valid():
        try:
            form.save(commit=False).revise()
            return done(request, "serviceplans:plan-detail", pk=plan.pk, message=_("Saved."))
        except Refused as refused:
            form.refuse(refused)
    title = worded(_("About this {plan}"))
    return form_page(request, form, banner=strip, title=title, cancel_url=back_to(plan))


@page("plan.write", records=True)
def need_left(request, pk):
    """Say why a need waits."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
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
    return form_page(request, form, banner=strip, title=_("Why not now?"), cancel_url=back_to(plan))
