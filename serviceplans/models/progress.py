"""How goals move, seen in visits."""

from decimal import Decimal

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused, create_many, update_many
from clients.models import Visit
from serviceplans.models.goal import Goal, Objective


class ProgressQuerySet(ScopedQuerySet):
    def latest_first(self):
        return self.order_by("-visit__started_at", "-pk")

    def in_time(self):
        return self.order_by("visit__started_at", "pk")


class GoalProgress(AgencyOwned):
    """How a goal moved, seen in a visit: one tap, and a value where the objective counts something (REQ-121)."""

    class Step(models.TextChoices):
        BACK = "back", _("Went back")
        SAME = "same", _("No change")
        FORWARD = "forward", _("Moved forward")
        MET = "met", _("Reached")

    parent = "visit"
    path = "goal__plan__enrollment"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="progress")
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="progress")
    objective = models.ForeignKey(Objective, models.PROTECT, null=True, blank=True, related_name="progress")
    step = models.CharField(_("progress"), max_length=8, choices=Step)
    value = models.DecimalField(_("value now"), max_digits=9, decimal_places=2, null=True, blank=True)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "goal", "objective"], name="objective_progress_once_per_visit"
            ),
            models.UniqueConstraint(
                fields=["visit", "goal"], condition=Q(objective=None), name="goal_progress_once_per_visit"
            ),
        ]

    def __str__(self):
        return self.get_step_display()

    @classmethod
    @transaction.atomic
    def record(cls, visit, rows, *, by):
        """Make these rows the visit's progress; what a draft said before and does not say now is taken away.

        Each row is a dict with `goal` and `step`, and if something is counted `objective` and `value`; rows that say
        nothing are passed over, and a value without a step tells its own. Raises Refused for a goal of another
        enrollment or of an unsigned plan, for a goal twice, and once the note is signed.
        """
        visit.require_draft()
        said = [row for row in rows if row.get("step") or row.get("value") is not None]
        goals = _by_pk(Goal.objects.select_related("plan"), said, "goal")
        objectives = _by_pk(Objective.objects, said, "objective")
        kept = {(row.goal_id, row.objective_id): row for row in cls.objects.filter(visit=visit)}
        before = _values_before(visit, objectives)
        seen = set()
        written = []
        for row in said:
            goal, objective = goals.get(_pk(row["goal"])), objectives.get(_pk(row.get("objective")))
            if goal is None or goal.plan.enrollment_id != visit.enrollment_id or goal.plan.signed_at is None:
                raise Refused(worded(_("A goal does not belong to this {enrollment}’s {plan}.")))
            if row.get("objective") and (objective is None or objective.goal_id != goal.pk):
                raise Refused(_("An objective does not belong to its goal."))
            if row.get("value") is not None and objective is None:
                raise Refused(_("A value needs the objective that it measures."))
            key = (goal.pk, objective.pk if objective else None)
            if key in seen:
                raise Refused(_("“%(goal)s” is there twice.") % {"goal": goal})
            seen.add(key)
            step = row.get("step") or objective.step_to(Decimal(row["value"]), before.get(objective.pk))
            entry = kept.get(key) or cls(
                agency_id=visit.agency_id, visit=visit, goal=goal, objective=objective
            )
            entry.step, entry.value = step or cls.Step.SAME, row.get("value")
            written.append(entry)
        create_many(cls, [entry for entry in written if entry.pk is None])
        update_many(cls, [entry for entry in written if entry in kept.values()], ["step", "value"])
        for key, row in kept.items():
            if key not in seen:
                row.delete()
        return written


def _pk(row_or_key):
    return getattr(row_or_key, "pk", row_or_key)


def _by_pk(rows, said, name):
    """The rows that are meant, one query for all."""
    wanted = {int(_pk(row[name])) for row in said if row.get(name)}
    return {row.pk: row for row in rows.filter(pk__in=wanted)} if wanted else {}


def _values_before(visit, objectives):
    """The last value of each objective before this visit. One query."""
    rows = GoalProgress.objects.filter(objective__in=objectives, visit__started_at__lt=visit.started_at)
    found = rows.exclude(value=None).order_by("visit__started_at", "pk")
    return dict(found.values_list("objective", "value")) if objectives else {}
