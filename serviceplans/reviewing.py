"""What the look at a plan brings with it: values, steps, services, visits and answers since the last one."""

from collections import defaultdict

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Response
from assessments.results import results
from assessments.scoring import attainment
from serviceplans import charts
from serviceplans.delivery import delivered_rows
from serviceplans.models import GoalReview, ObjectiveRating, PlanReview, ReviewExemption
from serviceplans.rows import goal_rows, visits_since

STUCK = 3  # so many visits without a step forward suggest a consultation (REQ-93)
SHOWN = 1  # values in the table; all of them are in the drawing
FORWARD = ("forward", "met")


def brought(staff, plan, since):
    """Everything that the page shows beside its questions. A fixed number of queries."""
    said = _said_last(staff, plan)
    rated = _rated_last(staff, plan)
    goals = goal_rows(staff, plan, since=since)
    whole = {row["goal"].pk: row["entries"] for row in goal_rows(staff, plan)}
    for row in goals:
        row["is_stuck"] = is_stuck(whole[row["goal"].pk])
        row["last"] = said.get(row["goal"].pk)
        for step in row["objectives"]:
            step["drawn"] = drawn(plan, step)
            step["rated"] = rated.get(step["objective"].pk)
    return {
        "goals": goals,
        "visits": visits_since(staff, plan.enrollment, since),
        "services": delivered_rows(staff, plan, since=since),
        "answers": answers_since(staff, plan.enrollment, since),
        "attained": attained(staff, plan.enrollment_id),
    }


def held(staff, plan):
    """The reviews of a plan with what they said of its goals, how often they were put off, and what they ask for."""
    goals = defaultdict(list)
    for row in GoalReview.objects.visible_to(staff).filter(review__plan=plan).select_related("goal"):
        goals[row.review_id].append(row)
    reviews = list(
        PlanReview.objects.visible_to(staff).filter(plan=plan).select_related("by", "level__level")
    )
    put_off = ReviewExemption.objects.visible_to(staff).filter(plan=plan).select_related("reason", "by")
    last = reviews[0] if reviews else None
    revised = [row for row in goals[last.pk] if row.decision == GoalReview.Decision.REVISE] if last else []
    return {
        "reviews": [{"review": row, "goals": goals[row.pk]} for row in reviews],
        "put_off": list(put_off),
        "attained": attained(staff, plan.enrollment_id),
        "wants_version": bool(last and (last.outcome == PlanReview.Outcome.CHANGE or revised)),
        "to_revise": revised,
    }


def is_stuck(entries):
    """Whether the last visits that spoke of a goal, the newest first, all saw no step forward."""
    by_visit = defaultdict(list)
    for entry in entries:
        by_visit[entry["visit"]].append(entry["step"])
    lately = list(by_visit.values())[:STUCK]
    return len(lately) == STUCK and not any(step in FORWARD for steps in lately for step in steps)


def drawn(plan, step):
    """An objective from its baseline to today, with its target, and the numbers as rows; None without any value."""
    objective = step["objective"]
    told = [(e["on"], e["value"]) for e in reversed(step["entries"])]
    if objective.baseline is None or not told:
        return None
    start = min([plan.starts_on, *(day for day, _value in told)])
    points = [(start, objective.baseline), *told]
    rows = [{"on": start, "value": charts.plain(objective.baseline), "what": _("At the start")}]
    rows += [{"on": day, "value": charts.plain(value), "what": ""} for day, value in told]
    rows[-1]["what"] = _("Now")
    # The last value stands until somebody measures again.
    if told[-1][0] < timezone.localdate():
        points.append((timezone.localdate(), told[-1][1]))
    return {"chart": charts.series(points, target=objective.target), "rows": rows[:1] + rows[1:][-SHOWN:]}


def _said_last(staff, plan):
    """What the last review said of each goal of this plan, by the goal's key."""
    rows = GoalReview.objects.visible_to(staff).filter(review__plan=plan)
    return {row.goal_id: row for row in rows.order_by("review__reviewed_on", "pk")}


def _rated_last(staff, plan):
    """Where each objective stood on its scale last time, by its key."""
    rows = ObjectiveRating.objects.visible_to(staff).filter(review__plan=plan)
    return dict(rows.order_by("review__reviewed_on", "pk").values_list("objective", "level"))


def attained(staff, enrollment):
    """Goal attainment (T score, 50 is as expected) at each review of any version, with its drawing; None without."""
    rows = (
        ObjectiveRating.objects.visible_to(staff)
        .filter(review__plan__enrollment=enrollment)
        .order_by("review__reviewed_on", "review")
        .values_list("review", "review__reviewed_on", "level", "objective__weight")
    )
    levels = defaultdict(list)
    for review, day, level, weight in rows:
        levels[review, day].append((level, weight))
    found = [
        {"on": day, "review": review, "score": round(attainment(*zip(*rated, strict=True)), 1)}
        for (review, day), rated in levels.items()
    ]
    if not found:
        return None
    points = [(row["on"], row["score"]) for row in found]
    return {
        "rows": found[::-1],
        "last": found[-1],
        "chart": charts.series(points, target=50) if len(found) > 1 else None,
    }


def answers_since(staff, enrollment, since):
    """Questionnaires answered after a day, the newest of each, every score beside the one before. Two queries."""
    rows = (
        Response.objects.visible_to(staff)
        .filter(client=enrollment.client_id)
        .complete()
        .select_related("instrument_version__instrument")
        .order_by("held_on", "pk")
    )
    by_instrument = defaultdict(list)
    for row in rows:
        by_instrument[row.instrument_version.instrument_id].append(row)
    found = []
    for given in by_instrument.values():
        newest = given[-1]
        if newest.held_on <= since:
            continue
        old = [row for row in given[:-1] if row.held_on <= since]
        before = old[-1] if old else given[-2] if len(given) > 1 else None
        scores = [one for one in results(newest, before) if one["value"] is not None]
        found.append({"response": newest, "before": before, "scores": scores})
    return found
