"""Goals, objectives and actions of a draft, and how goals end."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from serviceplans.forms.goals import ActionForm, GoalBeginForm, GoalEndForm, GoalForm, ObjectiveForm
from serviceplans.models import (
    Goal,
    GoalNeed,
    GoalTemplate,
)
from serviceplans.views.finding import (
    action_of,
    back_to,
    check_url,
    goal_of,
    objective_of,
    open_needs,
    plan_of,
    pressed,
    removed,
    strip_of,
)


@page("plan.write", records=True)
def goal_create(request, pk):
    """A goal with its first objective, started from a need and the wish that was heard with it."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    needs = list(open_needs(request, plan.enrollment).in_order())
    chosen = next((need for need in needs if str(need.pk) == request.GET.get("need")), None)
    template, offered = _templates(request, [chosen] if chosen else needs)
    initial = template.beginning(timezone.localdate()) if template else {}
    if chosen is not None:
        # Their own wish goes before what a library says.
        initial |= {"needs": [chosen.pk], "title": chosen.goal_wish or initial.get("title", "")}
        initial |= {"barriers": [chosen.barrier_id] if chosen.barrier_id else []}
    form = GoalBeginForm(
        request.POST or None,
        instance=Goal(plan=plan, template=template),
        staff=request.staff,
        enrollment=plan.enrollment,
        client=plan.enrollment.client,
        check_url=check_url(plan),
        initial=initial,
    )
    if form.is_valid():
        goal = form.save(commit=False)
        try:
            form.put(goal)
            objective = form.objective()
            if objective is not None:
                objective.goal = goal
                objective.put()
                action = form.action(objective)
                if action is not None:
                    action.put()
            url = back_to(plan, f"goal-{goal.pk}")
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
        chosen=chosen,
        begun_with=template,
        offered=offered,
        title=_("New goal"),
        submit=_("Add the goal"),
        cancel_url=back_to(plan),
    )


def _templates(request, needs):
    """The template that the address names, and those offered for the domains of these needs. One query."""
    rows = GoalTemplate.objects.visible_to(request.staff).offered()
    found = list(rows.filter(domain__in={need.domain for need in needs}))
    wanted = request.GET.get("template")
    return next((row for row in found if str(row.pk) == wanted), None), found


@page("plan.write", records=True)
def goal_edit(request, pk):
    """The goal, its needs and the strength it builds on."""
    goal = goal_of(request, pk)
    strip = strip_of(request, goal.plan.enrollment)
    form = GoalForm(request.POST or None, instance=goal, staff=request.staff, enrollment=goal.plan.enrollment)
    check_version(form, goal)
    if form.is_valid():
        try:
            form.put(form.save(commit=False))
            return done(request, back_to(goal.plan, f"goal-{goal.pk}"), message=_("Saved."))
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
        cancel_url=back_to(goal.plan, f"goal-{goal.pk}"),
    )


@page("plan.write", records=True, methods=("POST",))
def goal_move(request, pk):
    """One place up or down, as the person ranks it."""
    goal = goal_of(request, pk)
    strip_of(request, goal.plan.enrollment)
    if pressed(request):
        try:
            goal.move(1 if "down" in request.POST else -1)
        except Refused as refused:
            messages.error(request, str(refused))
    return redirect(back_to(goal.plan, f"goal-{goal.pk}"))


@page("plan.write", records=True)
def goal_end(request, pk):
    """How a goal turned out, also in a signed plan."""
    goal = goal_of(request, pk)
    strip = strip_of(request, goal.plan.enrollment)
    initial = {"result": goal.result, "ended_on": goal.ended_on} if goal.ended_on else None
    form = GoalEndForm(request.POST or None, staff=request.staff, initial=initial)
    form.fields["version"].initial = goal.version
    check_version(form, goal)
    if form.is_valid():
        try:
            goal.end(result=form.cleaned_data["result"], on=form.cleaned_data["ended_on"], by=request.staff)
            url = back_to(goal.plan, f"goal-{goal.pk}")
            return done(request, url, message=_("The result is written down."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("How did the goal turn out?"),
        intro=goal.title,
        cancel_url=back_to(goal.plan, f"goal-{goal.pk}"),
    )


@page("plan.write", records=True)
def goal_remove(request, pk):
    """Take a goal out of a draft."""
    goal = goal_of(request, pk)
    kept = gettext_lazy("Its objectives and actions go with it. History keeps what was there.")
    return removed(request, goal, goal.plan, _("Remove this goal?"), kept)


@page("plan.write", records=True)
def objective_create(request, pk):
    """One more step to a goal."""
    goal = goal_of(request, pk)
    plan = goal.plan
    strip = strip_of(request, plan.enrollment)
    form = ObjectiveForm(
        request.POST or None, staff=request.staff, check_url=check_url(plan), frame=plan.frame()
    )
    if form.is_valid():
        objective = form.objective()
        objective.goal = goal
        try:
            objective.put()
            url = back_to(plan, f"objective-{objective.pk}")
            return done(request, url, message=_("The objective is added."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request, form, banner=strip, title=_("New objective"), intro=goal.title, cancel_url=back_to(plan)
    )


@page("plan.write", records=True)
def objective_edit(request, pk):
    """Make an objective measurable."""
    objective = objective_of(request, pk)
    plan = objective.goal.plan
    strip = strip_of(request, plan.enrollment)
    form = ObjectiveForm(
        request.POST or None, instance=objective, staff=request.staff, check_url=check_url(plan)
    )
    check_version(form, objective)
    here = back_to(plan, f"objective-{objective.pk}")
    if form.is_valid():
        try:
            form.objective().put()
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
    objective = objective_of(request, pk)
    kept = gettext_lazy("Its actions go with it. History keeps what was there.")
    return removed(request, objective, objective.goal.plan, _("Remove this objective?"), kept)


@page("plan.write", records=True)
def action_create(request, pk):
    """Who does what by when."""
    objective = objective_of(request, pk)
    plan = objective.goal.plan
    strip = strip_of(request, plan.enrollment)
    here = back_to(plan, f"objective-{objective.pk}")
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
def action_edit(request, pk):
    """Another day, somebody else, more or less help."""
    action = action_of(request, pk)
    objective = action.objective
    plan = objective.goal.plan
    strip = strip_of(request, plan.enrollment)
    here = back_to(plan, f"objective-{objective.pk}")
    form = ActionForm(
        request.POST or None, instance=action, staff=request.staff, client=plan.enrollment.client
    )
    check_version(form, action)
    if form.is_valid():
        try:
            form.action(objective).put()
            return done(request, here, message=_("Saved."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/part_edit.html",
        banner=strip,
        title=_("Action"),
        intro=objective.text,
        remove_url=reverse("serviceplans:action-remove", kwargs={"pk": action.pk}),
        remove_label=_("Remove this action"),
        cancel_url=here,
    )


@page("plan.write", records=True)
def action_done(request, pk):
    """One tap: done, or not done after all."""
    action = action_of(request, pk)
    plan = action.objective.goal.plan
    strip_of(request, plan.enrollment)
    if request.method == "POST" and pressed(request):
        if "undo" in request.POST:
            action.reopen(by=request.staff)
        else:
            action.finish(by=request.staff)
    return redirect(back_to(plan, f"objective-{action.objective_id}"))


@page("plan.write", records=True)
def action_remove(request, pk):
    """Take an action out of a draft."""
    action = action_of(request, pk)
    kept = gettext_lazy("History keeps what was there.")
    return removed(request, action, action.objective.goal.plan, _("Remove this action?"), kept)
