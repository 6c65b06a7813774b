"""From need to outcome: per open need the goals, steps, services and reports that hang on it, and where it breaks.

It is made of rows that a page has already fetched with `visible_to`; no query.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded

QUIET_DAYS = 30  # without a word about a goal of a plan in force


def threads(plan, needs, goals, left, *, editing=False, working=False, today=None):
    """One row per need: its `goals`, the reason it was `left` for, `breaks` with where each is mended."""
    today = today or timezone.localdate()
    reasons = {row.need_id: row for row in left}
    return [
        _of_need(
            plan,
            need,
            [row for row in goals if any(one.pk == need.pk for one in row["needs"])],
            reasons.get(need.pk),
            editing,
            working,
            today,
        )
        for need in needs
    ]


def _of_need(plan, need, goals, left, editing, working, today):
    mine = [_of_goal(plan, row, editing, working, today) for row in goals]
    is_open = not mine and left is None
    breaks = sum(len(goal["breaks"]) + sum(len(s["breaks"]) for s in goal["steps"]) for goal in mine)
    return {
        "need": need,
        "goals": mine,
        "left": left,
        "is_open": is_open,
        "breaks": breaks + is_open,
        # Rows of a draft are mended here; a plan in force takes a new need up in its next version.
        "next_version": is_open and working,
    }


def _of_goal(plan, row, editing, working, today):
    goal = row["goal"]
    is_over = goal.ended_on is not None or goal.paused_on is not None
    steps = [_of_step(plan, step, editing, working and not is_over, today) for step in row["objectives"]]
    breaks = []
    if editing and not steps:
        breaks.append(_break(_("No objective yet."), "objective-create", goal.pk))
    if working and not is_over:
        since = row["lately"]["on"] if row["lately"] else plan.starts_on
        if today - since > timedelta(days=QUIET_DAYS):
            words = worded(_("No {visit} has said anything about it since %(day)s."))
            breaks.append(_report(plan, words % {"day": date_format(since, "j M")}))
    return {"row": row, "steps": steps, "breaks": breaks}


def _of_step(plan, step, editing, working, today):
    objective = step["objective"]
    ahead = [one for one in step["actions"] if one["action"].done_on is None]
    breaks = []
    if not ahead and editing:
        breaks.append(_break(_("No next step."), "action-create", objective.pk))
    elif not ahead and working and not step.get("services"):
        breaks.append({"text": _("No next step."), "url": "#signed-title"})
    if working and objective.every_days:
        since = step["entries"][0]["on"] if step["entries"] else plan.starts_on
        if today - since > timedelta(days=objective.every_days):
            words = _("Not measured since %(day)s.") % {"day": date_format(since, "j M")}
            breaks.append(_report(plan, words))
    return {"step": step, "next": ahead[0] if ahead else None, "breaks": breaks}


def _break(text, name, pk):
    return {"text": text, "url": reverse(f"serviceplans:{name}", kwargs={"pk": pk})}


def _report(plan, text):
    return {"text": text, "url": reverse("workspace:visit-log", kwargs={"pk": plan.enrollment_id})}
