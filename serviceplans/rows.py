"""What the plan's pages show, as plain rows: every row is asked for with `visible_to`, in a fixed number of queries."""

from collections import defaultdict

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Visit
from serviceplans import charts
from serviceplans.delivery import delivered_rows
from serviceplans.models import SMART_LABELS, Goal, GoalBarrier, GoalNeed, GoalProgress, Objective, PlanAction
from serviceplans.models.goal import SMART_ADVISED

STEP_LOOKS = {
    GoalProgress.Step.BACK: ("warn", "exclamation-circle"),
    GoalProgress.Step.SAME: ("muted", "arrow-right"),
    GoalProgress.Step.FORWARD: ("info", "graph-up"),
    GoalProgress.Step.MET: ("ok", "check-circle"),
}
RESULT_LOOKS = {
    Goal.Result.MET: "ok",
    Goal.Result.PARTLY: "info",
    Goal.Result.NOT_MET: "warn",
    Goal.Result.DROPPED: "muted",
}


def goal_rows(staff, plan, *, since=None):
    """The goals of a plan with all that hangs on them, and their progress (notes since a day). Ten queries."""
    of_plan = {"goal__plan": plan}
    needs = _grouped(
        GoalNeed.objects.visible_to(staff).filter(**of_plan).select_related("need__barrier").order_by("pk"),
        "goal_id",
    )
    barriers = _grouped(
        GoalBarrier.objects.visible_to(staff).filter(**of_plan).select_related("barrier").order_by("pk"),
        "goal_id",
    )
    actions = _grouped(
        PlanAction.objects.visible_to(staff).filter(objective__goal__plan=plan), "objective_id"
    )
    services = defaultdict(list)
    for row in delivered_rows(staff, plan):
        services[row["planned_service"].objective_id].append(row)
    told = GoalProgress.objects.visible_to(staff).filter(**of_plan).select_related("visit").in_time()
    by_goal, by_objective = defaultdict(list), defaultdict(list)
    for entry in told:
        row = _entry(entry)
        # A value stands until the next one: drawings show them all, only the notes begin with the day.
        by_objective[entry.objective_id].append(row)
        if since is None or row["on"] > since:
            by_goal[entry.goal_id].append(row)
    objectives, frame = defaultdict(list), plan.frame()
    for objective in Objective.objects.visible_to(staff).filter(**of_plan):
        row = _objective(plan, objective, by_objective[objective.pk], actions[objective.pk])
        row["remarks"] = objective.remarks(frame, actions[objective.pk])
        row["services"] = services[objective.pk]
        objectives[objective.goal_id].append(row)
    goals = Goal.objects.visible_to(staff).filter(plan=plan).select_related("strength")
    return [
        _goal(goal, [link.need for link in needs[goal.pk]], objectives[goal.pk], by_goal[goal.pk])
        | {"barriers": [link.barrier.label for link in barriers[goal.pk]]}
        for goal in goals
    ]


def _grouped(rows, key):
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


def _entry(entry):
    kind, icon = STEP_LOOKS[entry.step]
    return {
        "on": timezone.localtime(entry.visit.started_at).date(),
        "visit": entry.visit_id,
        "step": entry.step,
        "label": entry.get_step_display(),
        "kind": kind,
        "icon": icon,
        "value": entry.value,
        "shown": "" if entry.value is None else charts.plain(entry.value),
    }


def _goal(goal, needs, objectives, entries):
    steps = charts.climb((e["on"], e["step"], e["label"]) for e in entries)
    if goal.paused_on is not None:  # nothing of a goal that rests is late (REQ-91)
        for one in (action for step in objectives for action in step["actions"]):
            one["late"] = False
    return {
        "goal": goal,
        "needs": needs,
        "strength": goal.strength,
        "objectives": objectives,
        "entries": entries[::-1],
        "lately": entries[-1] if entries else None,
        "chart": charts.series(steps) if len(steps) > 1 else None,
        "result": goal.get_result_display(),
        "result_kind": RESULT_LOOKS.get(goal.result, "muted"),
    }


def _objective(plan, objective, entries, actions):
    counted = [e for e in entries if e["value"] is not None]
    points = [(e["on"], e["value"]) for e in counted]
    if points and objective.baseline is not None:
        points.insert(0, (min(plan.starts_on, points[0][0]), objective.baseline))
    value = counted[-1]["value"] if counted else objective.baseline
    share = objective.share_done(value)
    return {
        "objective": objective,
        "measure": _measure(objective),
        "smart": list(_smart(objective)),
        "actions": [_action(action) for action in actions],
        "entries": counted[::-1],
        "chart": charts.series(points, target=objective.target) if len(points) > 1 else None,
        "value": "" if value is None else charts.plain(value),
        "percent": None if share is None else round(share * 100),
    }


def _measure(objective):
    """What is counted, from where to where, in one line; a dash where nothing is said yet."""
    now = "–" if objective.baseline is None else charts.plain(objective.baseline)
    target = "–" if objective.target is None else charts.plain(objective.target)
    return {"what": objective.measure, "now": now, "target": target, "unit": objective.unit}


def _smart(objective):
    """One tag where all five criteria are met, else one for each that is not."""
    unmet = [name for name, met in objective.smart().items() if not met]
    for name in unmet:
        advised = name in SMART_ADVISED or name == "specific"
        label = _("not %(criterion)s yet") % {"criterion": SMART_LABELS[name]}
        yield {"label": label, "kind": "warn" if advised else "danger"}
    if not unmet:
        yield {"label": "SMART", "kind": "ok"}


def _action(action):
    late = action.done_on is None and action.due_on < timezone.localdate()
    return {"action": action, "late": late}


def visits_since(staff, enrollment, day):
    """How many visits there were after a day (`tried`), and how many took place (`kept`). One query."""
    rows = Visit.objects.visible_to(staff).filter(enrollment=enrollment, started_at__date__gt=day)
    kept = Count("pk", filter=Q(outcome=Visit.Outcome.KEPT))
    return rows.aggregate(tried=Count("pk"), kept=kept)
