"""Starting points for goals: an agency's library, one row a template."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.domains import Domain
from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet


class TemplateQuerySet(ScopedQuerySet):
    def offered(self, at=None):
        """A NULL ended_on means still offered."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()))


class GoalTemplate(AgencyOwned):
    """A goal with one objective and a first step to start from; it has to be made the person's own (REQ-96)."""

    domain = models.CharField(_("domain"), max_length=20, choices=Domain)
    title = models.CharField(_("goal"), max_length=300)
    objective = models.CharField(_("objective"), max_length=300)
    measure = models.CharField(_("what is counted"), max_length=150)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    baseline = models.DecimalField(_("usual start"), max_digits=9, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(_("usual target"), max_digits=9, decimal_places=2, null=True, blank=True)
    is_outcome = models.BooleanField(_("measures what changes for the person"), default=True)
    maintains = models.BooleanField(_("keeps what is there"), default=False)
    within_days = models.PositiveSmallIntegerField(_("usual days until then"), default=90)
    every_days = models.PositiveSmallIntegerField(_("measured every so many days"), default=30)
    action = models.CharField(_("first step"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    ended_on = models.DateField(_("no longer offered from"), null=True, blank=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal to start from")
        verbose_name_plural = _("goals to start from")
        ordering = ["domain", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["agency", "domain", "title"], name="template_once")]

    def __str__(self):
        return self.title

    def kept_in(self, goal):
        """What of the goal still says it word by word: the goal itself, an objective."""
        kept = [row for row in goal.objectives.all() if row.text == self.objective][:1]
        return [goal, *kept] if goal.title == self.title else kept

    def beginning(self, day):
        """What a goal that is begun with it on this day says before anybody made it their own, by field."""
        indicator, direction = "outcome" if self.is_outcome else "output", "improve"
        if self.maintains:
            numbers = (self.baseline, self.target)
            lower = self.target == 0 or (None not in numbers and self.target < self.baseline)
            direction = "limit" if lower else "maintain"
        return {
            "title": self.title,
            "text": self.objective,
            "measure": self.measure,
            "unit": self.unit,
            "baseline": self.baseline,
            "target": self.target,
            "target_on": day + timedelta(days=self.within_days),
            "indicator": indicator,
            "direction": direction,
            "every_days": self.every_days,
            "step": self.action,
        }
