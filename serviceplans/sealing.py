"""What of a plan is signed, in one form that does not depend on the database, and what differs between two of them.

Only what must not change after signing is in it: how goals end, rest and move, and what is done, comes later.
"""

import json

from casemgmt.core import crypt

GOAL = ("title", "why", "agreement", "strength_id", "position")
OBJECTIVE = (
    "text", "indicator", "measure", "unit", "baseline", "target", "target_on", "direction", "every_days", "scale",
    "weight", "achievable", "relevant", "position",
)  # fmt: skip
ACTION = ("text", "who", "led_by", "help", "due_on")
SERVICE = (
    "service",
    "provider",
    "times",
    "per",
    "minutes",
    "starts_on",
    "weeks",
    "funding_id",
    "authorization_id",
)


def content_of(plan):
    """The plan as rows of words and numbers, read from the database. Eight queries."""
    goals = plan.goals.order_by("position", "pk").prefetch_related(
        "needs__need", "barriers", "objectives__actions", "objectives__services"
    )
    return {
        "plan": plan.pk,
        "enrollment": plan.enrollment_id,
        "number": plan.number,
        "starts_on": _said(plan.starts_on),
        "vision": plan.vision,
        "took_part": plan.took_part,
        "goals": [_goal(goal) for goal in goals],
        "needs_left": [_fields(row, ("need_id", "why", "note")) for row in plan.needs_left.order_by("pk")],
        "criteria": [_fields(row, ("text",)) for row in plan.criteria.order_by("pk")],
    }


def _goal(goal):
    return _fields(goal, GOAL) | {
        "needs": sorted([link.need_id, link.need.domain] for link in goal.needs.all()),
        "barriers": sorted(link.barrier_id for link in goal.barriers.all()),
        "objectives": [
            _fields(objective, OBJECTIVE)
            | {
                "actions": [_fields(row, ACTION) for row in _by_key(objective.actions)],
                "services": [_fields(row, SERVICE) for row in _by_key(objective.services)],
            }
            for objective in goal.objectives.all()
        ],
    }


def _by_key(rows):
    return sorted(rows.all(), key=lambda row: row.pk)


def _fields(row, names):
    return {"id": row.pk} | {name: _said(getattr(row, name)) for name in names}


def _said(value):
    """A value as JSON has it, the same from every database; numbers of a plan keep two places."""
    return value if value is None or isinstance(value, str | int | list) else str(value)


def canonical(content):
    """One text for one content."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read(text):
    """The content that a text says; what is no longer such a text says nothing."""
    try:
        return json.loads(text)
    except ValueError:
        return {}


def digest(content, before=""):
    """The keyed digest of a content that follows another."""
    return crypt.digest("plan", before, content)


def differences(was, now, path=""):
    """Where two contents differ, as paths such as `goals.0.title`."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted(was.keys() | now.keys()):
            yield from differences(was.get(key), now.get(key), f"{path}.{key}" if path else key)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for n, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from differences(one, other, f"{path}.{n}")
    elif was != now:
        yield path
