"""A plan in full, field by field in words: what the whole plan prints, and what two versions are compared by."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from serviceplans.charts import plain
from serviceplans.models import (
    DischargeCriterion,
    Goal,
    GoalBarrier,
    GoalNeed,
    NeedLeft,
    Objective,
    PlanAction,
    PlannedService,
)


@dataclass
class Part:
    """A goal, an objective, an action …: what it is, its name, what is agreed of it, and what hangs on it."""

    kind: str
    name: str
    agreed: list = field(default_factory=list)  # (label, text) that was signed
    since: list = field(default_factory=list)  # (label, text) of how it goes on
    parts: list = field(default_factory=list)
    alike: tuple = ()  # what it may be known by besides its name
    over: str = ""  # why a newer version does not have it


def read(staff, plan):
    """The plan as one `Part` with all its parts. Nine queries."""
    needs = _names(GoalNeed.objects.visible_to(staff).filter(goal__plan=plan).select_related("need"))
    barriers = GoalBarrier.objects.visible_to(staff).filter(goal__plan=plan).select_related("barrier")
    barriers = _names(barriers)
    below = defaultdict(list)
    actions = PlanAction.objects.visible_to(staff).filter(objective__goal__plan=plan)
    for row in actions:
        below[row.objective_id].append(_action(row))
    services = PlannedService.objects.visible_to(staff).filter(objective__goal__plan=plan)
    for row in services.select_related("funding", "authorization"):
        below[row.objective_id].append(_service(row))
    objectives = defaultdict(list)
    for row in Objective.objects.visible_to(staff).filter(goal__plan=plan):
        objectives[row.goal_id].append(_objective(row, below[row.pk]))
    goals = Goal.objects.visible_to(staff).filter(plan=plan).select_related("strength")
    left = NeedLeft.objects.visible_to(staff).filter(plan=plan).select_related("need").order_by("pk")
    criteria = DischargeCriterion.objects.visible_to(staff).filter(plan=plan)
    return Part(
        kind=str(worded("{Plan}")),
        name=str(plan),
        agreed=_said(
            (_("From"), _day(plan.starts_on)),
            (_("What the person wants"), plan.vision),
            (_("Who took part"), plan.took_part),
        ),
        since=_said((_("Review on"), _day(plan.review_on)), (_("Replaced on"), _day(plan.ended_on))),
        parts=[
            *(_goal(row, needs[row.pk], barriers[row.pk], objectives[row.pk]) for row in goals),
            *(_left(row) for row in left),
            *(_criterion(row) for row in criteria),
        ],
    )


def _names(rows):
    """The names of what is linked to each goal, in order."""
    found = defaultdict(list)
    for row in rows:
        found[row.goal_id].append(str(row))
    return defaultdict(list, {pk: sorted(names) for pk, names in found.items()})


def _said(*pairs):
    """Those of which something is said."""
    return [(str(label), str(text)) for label, text in pairs if text not in ("", None)]


def _day(day):
    return date_format(day, "j M Y") if day else ""


def _number(value, unit=""):
    return "" if value is None else f"{plain(value)} {unit}".strip()


def _goal(goal, needs, barriers, objectives):
    over = goal.get_result_display()
    return Part(
        kind=_("Goal"),
        name=goal.title,
        agreed=_said(
            (_("Why it matters"), goal.why),
            (_("Answers"), ", ".join(needs)),
            (_("In the way"), ", ".join(barriers)),
            (_("Builds on"), goal.strength or ""),
        ),
        since=_said(
            (worded(_("The {client}")), goal.get_agreement_display()),
            (_("Result"), f"{over}, {_day(goal.ended_on)}" if over else ""),
            (_("Resting since"), _day(goal.paused_on)),
        ),
        parts=objectives,
        alike=tuple(needs),
        over=over,
    )


def _objective(row, parts):
    scale = [f"{n:+d}: {words}" if n else f"0: {words}" for n, words in enumerate(row.scale or [], -2)]
    return Part(
        kind=_("Objective"),
        name=row.text,
        agreed=_said(
            (_("Measures"), row.get_indicator_display()),
            (_("What is counted"), row.measure),
            (_("Now"), _number(row.baseline, row.unit)),
            (_target_label(row), _number(row.target, row.unit)),
            (_("By"), _day(row.target_on)),
            (_("Measured every"), _("%(n)s days") % {"n": row.every_days} if row.every_days else ""),
            (_("Levels"), "; ".join(scale)),
            (_("Why it can be done"), row.achievable),
            (_("Why it matters to the person"), row.relevant),
        ),
        parts=parts,
        alike=(row.measure,) if row.measure else (),
    )


def _target_label(row):
    return row.get_direction_display() if row.maintains else _("Target")


def _action(row):
    done = _("Done on %(day)s") % {"day": _day(row.done_on)} if row.done_on else ""
    return Part(
        kind=_("Action"),
        name=row.text,
        agreed=_said(
            (_("Who"), row.who),
            (_("Who leads"), row.get_led_by_display()),
            (_("Our help"), row.get_help_display()),
            (_("By"), _day(row.due_on)),
        ),
        since=_said((_("Done"), _day(row.done_on))),
        over=done,
    )


def _service(row):
    often = {"n": row.times, "unit": row.get_per_display(), "minutes": row.minutes}
    if row.minutes:
        amount = _("%(n)s × %(minutes)s minutes in a %(unit)s") % often
    else:
        amount = _("%(n)s × in a %(unit)s") % often
    stopped = _("Stopped on %(day)s") % {"day": _day(row.stopped_on)} if row.stopped_on else ""
    return Part(
        kind=_("Service"),
        name=row.service,
        agreed=_said(
            (_("Provider"), row.provider),
            (_("How much"), amount),
            (_("From"), _day(row.starts_on)),
            (_("Until"), _day(row.ends_on)),
            (_("Times planned"), row.planned_times()),
            (_("Who pays"), row.funding or ""),
            (_("Authorization"), row.authorization or ""),
        ),
        since=_said((_("Stopped"), _day(row.stopped_on))),
        alike=(row.provider,) if row.provider else (),
        over=stopped,
    )


def _left(row):
    return Part(
        kind=_("Need left for now"),
        name=str(row.need),
        agreed=_said((_("Why"), row.get_why_display()), (_("Note"), row.note)),
    )


def _criterion(row):
    return Part(kind=_("Service can end when"), name=row.text, since=_said((_("Met on"), _day(row.met_on))))
