"""Visits: written down, and gone on with while they are drafts."""

from django.db.models import Exists, OuterRef
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from casemgmt.workspace import verbs
from casemgmt.workspace.forms import (
    VisitForm,
)
from clients.banner import banner
from clients.models import (
    Enrollment,
    Visit,
    VisitParticipant,
)
from mentoring.models import Pairing
from serviceplans.models import GoalProgress
from serviceplans.progress import active_goals


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
