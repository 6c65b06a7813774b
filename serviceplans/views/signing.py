"""Signing a plan: on the worker's device, by everybody who has a say, and by a second person where the program asks."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from serviceplans.forms.signing import HearForm, ReopenForm, SecondForm, SignForm
from serviceplans.rows import goal_rows
from serviceplans.signed import standing, wanted_names
from serviceplans.views.finding import back_to, mendable, plan_of, strip_of
from serviceplans.views.versions import changes_since


def _after(request, plan):
    """Back to the plan, which is in force or waits for somebody."""
    names = wanted_names(plan)
    if plan.signed_at:
        said = worded(_("The {plan} is in force."))
    elif names:
        said = _("Written down. Still wanted: %(who)s.") % {"who": ", ".join(names)}
    else:
        said = _("Written down.")
    return done(request, "serviceplans:plan-detail", pk=plan.pk, message=said)


@page("plan.write", records=True)
def plan_sign(request, pk):
    """What is missing; when nothing is, everybody's answer on one page."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    if plan.is_locked and request.method != "POST":
        return redirect("serviceplans:plan-detail", pk=plan.pk)
    rows = goal_rows(request.staff, plan)
    form = SignForm(request.POST or None, staff=request.staff, plan=plan, goals=[row["goal"] for row in rows])
    if form.is_valid():
        try:
            plan.present(
                by=request.staff,
                typed_name=form.cleaned_data["typed_name"],
                answers=form.answers(),
                agreements=form.agreements(),
            )
            return _after(request, plan)
        except Refused as refused:
            form.refuse(refused)
            plan = plan_of(request, pk)
    for row in rows:
        row["agrees"] = form.agreement_of(row["goal"])
    earlier, changes = changes_since(request.staff, plan)
    return form_page(
        request,
        form,
        "serviceplans/plan_sign.html",
        banner=strip,
        plan=plan,
        goals=rows,
        earlier=earlier,
        changes=changes,
        title=worded(_("Sign the {plan}")),
        # Whether they agree with each goal is asked here.
        missing=mendable(plan, [lack for lack in plan.missing() if lack.kind != "agreement"]),
        warnings=mendable(plan, plan.warnings()),
        submit=_("Sign"),
        cancel_url=back_to(plan),
        back_label=capfirst(plan),
    )


@page("plan.write", records=True)
def plan_hear(request, pk):
    """What one of them answers later: the person, or who represents them."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    form = HearForm(request.POST or None, staff=request.staff, plan=plan)
    if form.is_valid():
        try:
            plan.hear(by=request.staff, **form.heard())
            return _after(request, plan_of(request, pk))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/plan_hear.html",
        banner=strip,
        plan=plan,
        goals=goal_rows(request.staff, plan),
        title=worded(_("What they say to the {plan}")),
        submit=_("Write it down"),
        cancel_url=back_to(plan),
        back_label=capfirst(plan),
    )


@page("plan.approve", records=True)
def plan_approve(request, pk):
    """The whole plan, and below it one's name as the second person or a question that goes back with it."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    form = SecondForm(request.POST or None, staff=request.staff)
    back = "back" in request.POST
    if form.is_valid():
        try:
            if back:
                plan.send_back(by=request.staff, note=form.cleaned_data["note"])
                said = _("Sent back with your question.")
            else:
                plan.cosign(by=request.staff, typed_name=form.cleaned_data["typed_name"])
                said = _("Signed.")
            return done(request, "workspace:review-list", message=said)
        except Refused as refused:
            form.refuse(refused)
            plan = plan_of(request, pk)
    earlier, changes = changes_since(request.staff, plan)
    return form_page(
        request,
        form,
        "serviceplans/plan_approve.html",
        banner=strip,
        plan=plan,
        goals=goal_rows(request.staff, plan),
        earlier=earlier,
        changes=changes,
        signed=standing(request.staff, plan),
        own=request.staff.pk in (plan.by_id, plan.presented_by_id),
        waits=plan.is_waiting and plan.cosigned_at is None,
        title=worded(_("Approve the {plan}")),
        cancel_url=reverse("workspace:review-list"),
        back_label=_("To review"),
    )


@page("plan.write", records=True)
def plan_reopen(request, pk):
    """Open a plan that waits for signatures again, because something has to change."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    form = ReopenForm(request.POST or None, staff=request.staff)
    if form.is_valid():
        try:
            plan.send_back(by=request.staff, note=form.cleaned_data["note"])
            said = worded(_("The {plan} is a draft again."))
            return done(request, "serviceplans:plan-detail", pk=plan.pk, message=said)
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        banner=strip,
        title=worded(_("Change the {plan} before it is in force")),
        intro=_("What was signed so far is kept, and everybody signs again."),
        submit=_("Open it again"),
        cancel_url=back_to(plan),
        back_label=capfirst(plan),
    )
