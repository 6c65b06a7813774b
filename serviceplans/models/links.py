"""What a goal is tied to: the needs it answers, and what stands in its way."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.models import Need
from casemgmt.agencies.models import AgencyOwned, PickItem


def link(model, goal, name, wanted):
    """Make these the goal's links of one kind: what is there stays, what is no longer wanted goes."""
    rows = {getattr(link, f"{name}_id"): link for link in model.objects.filter(goal=goal)}
    for row in wanted:
        if rows.pop(row.pk, None) is None:
            model.objects.create(goal=goal, **{name: row})
    for link in rows.values():
        link.delete()


class GoalNeed(AgencyOwned):
    """Which need a goal answers: the golden thread."""

    path = "goal__plan__enrollment"

    goal = models.ForeignKey("serviceplans.Goal", models.PROTECT, related_name="needs")
    need = models.ForeignKey(Need, models.PROTECT, related_name="goals", verbose_name=_("need"))

    class Meta:
        verbose_name = _("need of a goal")
        constraints = [models.UniqueConstraint(fields=["goal", "need"], name="need_once_per_goal")]

    def __str__(self):
        return str(self.need)


class GoalBarrier(AgencyOwned):
    """Something that stands in the way of a goal (REQ-57, 168)."""

    path = "goal__plan__enrollment"

    goal = models.ForeignKey("serviceplans.Goal", models.PROTECT, related_name="barriers")
    barrier = models.ForeignKey(PickItem, models.PROTECT, related_name="+", verbose_name=_("barrier"))

    class Meta:
        verbose_name = _("barrier to a goal")
        verbose_name_plural = _("barriers to goals")
        constraints = [models.UniqueConstraint(fields=["goal", "barrier"], name="barrier_once_per_goal")]

    def __str__(self):
        return self.barrier.label
