"""Questions that other floors ask of plans: goals to report on, plans that are due, what came of the goals."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from clients.models import Enrollment
from serviceplans import outcomes
from serviceplans.models import Goal, GoalProgress, Objective, ServicePlan


def active_goals(enrollment, staff, at=None):
    """What a visit can report on: rows of goal, `last_step`, and `objectives`, each with `last_value` (else baseline).

    Only goals that `staff` may see, of the plan in force on this day. Two queries.
    """
    told = GoalProgress.objects.visible_to(staff).latest_first()
    steps = told.filter(goal=OuterRef("pk"))
    goals = list(
        Goal.objects.visible_to(staff)
        .active(at)
        .filter(plan__enrollment=enrollment)
        .annotate(last_step=Subquery(steps.values("step")[:1]))
    )
    values = told.filter(objective=OuterRef("pk")).exclude(value=None)
    objectives = (
        Objective.objects.visible_to(staff)
        .filter(goal__in=[g.pk for g in goals])
        .annotate(last_value=Subquery(values.values("value")[:1]))
    )
    rows = {goal.pk: {"goal": goal, "last_step": goal.last_step, "objectives": []} for goal in goals}
    for objective in objectives if goals else ():
        last = objective.baseline if objective.last_value is None else objective.last_value
        rows[objective.goal_id]["objectives"].append(
            {"objective": objective, "unit": objective.unit or objective.measure, "last_value": last}
        )
    return list(rows.values())


def plan_due(enrollments, at=None):
    """The day by which each open enrollment without a plan in force needs one, by its key. One query."""
    signed = ServicePlan.objects.in_force(at).filter(enrollment=OuterRef("pk"))
    rows = Enrollment.objects.filter(pk__in=[e.pk for e in enrollments]).open().filter(~Exists(signed))
    return {
        row.pk: row.counted_from + timedelta(days=row.program.plan_within_days)
        for row in rows.select_related("program")
    }


def goal_results(programs, *, since=None, until=None):
    """How the goals that ended in this time turned out: `outcomes.Results` by program key. One query.

    Figures without names, for programs that the caller may see; a NULL ended_on is still worked on.
    """
    day = until or timezone.localdate()
    goals = Goal.objects.filter(plan__enrollment__program__in=programs, ended_on__lte=day)
    if since:
        goals = goals.filter(ended_on__gte=since)
    found = {_key(program): [] for program in programs}
    for program, result in goals.order_by().values_list("plan__enrollment__program", "result"):
        found[program].append(result)
    return {program: outcomes.results(ended) for program, ended in found.items()}


def measure_changes(programs, *, until=None):
    """How outcome measures changed from the baseline to the last value: lists of `outcomes.Change` by program key.

    One query; figures without names.
    """
    day = until or timezone.localdate()
    rows = GoalProgress.objects.filter(
        goal__plan__enrollment__program__in=programs,
        objective__indicator=Objective.Indicator.OUTCOME,
        value__isnull=False,
        visit__started_at__date__lte=day,
    ).in_time()
    found = {_key(program): [] for program in programs}
    fields = ("measure", "unit", "baseline")
    for program, *observation in rows.values_list(
        "goal__plan__enrollment__program",
        "goal__plan__enrollment",
        *(f"objective__{name}" for name in fields),
        "value",
    ):
        found[program].append(observation)
    return {program: outcomes.mean_changes(seen) for program, seen in found.items()}


def _key(program):
    return getattr(program, "pk", program)
