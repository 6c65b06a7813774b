"""Goals that answer needs, objectives that can be measured, and who does what by when."""

from decimal import Decimal

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Need, Strength
from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from serviceplans.models.plan import NeedLeft, ServicePlan


class GoalQuerySet(ScopedQuerySet):
    def active(self, at=None):
        """Goals of the plan in force that are still worked on; a NULL ended_on means so."""
        return self.filter(plan__in=ServicePlan.objects.in_force(at), ended_on=None)


class Goal(AgencyOwned):
    """A broad result the person wants, in their words, answering needs and building on a strength."""

    class Result(models.TextChoices):
        MET = "met", _("Met")
        PARTLY = "partly", _("Partly met")
        NOT_MET = "not_met", _("Not met")
        DROPPED = "dropped", _("No longer wanted")

    path = "plan__enrollment"

    plan = models.ForeignKey(ServicePlan, models.PROTECT, related_name="goals")
    title = models.CharField(_("goal, in the person's words"), max_length=300)
    strength = models.ForeignKey(
        Strength, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("builds on")
    )
    result = models.CharField(_("result"), max_length=10, choices=Result, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None, result="") | (Q(ended_on__isnull=False) & ~Q(result="")),
                name="ended_goal_has_result",
            )
        ]

    def __str__(self):
        return self.title

    def missing(self, *, wants_outcome=True, wants_need=True):
        """What keeps the goal from being signed: (text, kind, pk) of what to mend. Reads what was prefetched."""
        objectives = list(self.objectives.all())
        if not objectives:
            yield _("“%(goal)s” has no objective yet.") % {"goal": self.title}, "steps", self.pk
        for objective in objectives:
            why = "; ".join(str(sentence) for sentence in objective.not_measurable())
            if why:
                text = _("“%(objective)s”: %(why)s.") % {"objective": objective.text, "why": why}
                yield text, "objective", objective.pk
        outcome = any(o.indicator == Objective.Indicator.OUTCOME for o in objectives)
        if objectives and not outcome and wants_outcome:
            text = _("“%(goal)s” needs an objective that measures an outcome.") % {"goal": self.title}
            yield text, "steps", self.pk
        if wants_need and not self.needs.all():
            yield _("Say which need “%(goal)s” answers.") % {"goal": self.title}, "goal", self.pk

    @transaction.atomic
    def put(self, *, needs):
        """Write a goal of a draft and the needs it answers. Raises Refused once the plan is signed."""
        plan = ServicePlan.hold_draft(self.plan_id)
        foreign = [n for n in (*needs, self.strength) if n and n.enrollment_id != plan.enrollment_id]
        if foreign:
            raise Refused(worded(_("Needs and strengths come from the same {enrollment}.")))
        if self._state.adding:
            self.position = Goal.objects.filter(plan=plan).count()
        self.save()
        wanted = {need.pk for need in needs}
        for link in self.needs.exclude(need__in=wanted):
            link.delete()
        known = set(self.needs.values_list("need", flat=True))
        for need in needs:
            if need.pk not in known:
                GoalNeed.objects.create(goal=self, need=need)
        # A need with a goal is not left for later.
        for left in NeedLeft.objects.filter(plan=plan, need__in=wanted):
            left.delete()

    @transaction.atomic
    def remove(self):
        """Take a goal with all that hangs on it out of a draft; history keeps every row. Raises Refused once signed."""
        ServicePlan.hold_draft(self.plan_id)
        for objective in Objective.objects.filter(goal=self):
            objective.remove()
        for link in GoalNeed.objects.filter(goal=self):
            link.delete()
        self.delete()

    def end(self, *, result, by, on=None):
        """Say how a goal of the plan in force turned out; said again, the newer result stands (REQ-122)."""
        day = on or timezone.localdate()
        if not self.plan.is_in_force:
            raise Refused(worded(_("Only a goal of a {plan} in force ends with a result.")))
        if day > timezone.localdate():
            raise Refused(_("A goal cannot end in the future."))
        if day < self.plan.starts_on:
            raise Refused(worded(_("The goal cannot end before the {plan} starts.")))
        self.result, self.ended_on = result, day
        self.save()

    def copy_to(self, plan):
        """The same goal, its needs and objectives, in a newer plan."""
        copy = Goal.objects.create(
            plan=plan, title=self.title, strength=self.strength, position=self.position
        )
        for link in self.needs.all():
            GoalNeed.objects.create(goal=copy, need_id=link.need_id)
        for objective in self.objectives.all():
            kept = {f.name: getattr(objective, f.name) for f in Objective.COPIED}
            # The newer plan starts from where the person is now; the first baseline stays with the older one.
            kept["baseline"] = objective.last_value()
            again = Objective.objects.create(goal=copy, **kept)
            for action in objective.actions.filter(done_on=None):
                PlanAction.objects.create(
                    objective=again,
                    text=action.text,
                    who=action.who,
                    staff=action.staff,
                    due_on=action.due_on,
                )
        return copy


class GoalNeed(AgencyOwned):
    """Which need a goal answers: the golden thread."""

    path = "goal__plan__enrollment"

    goal = models.ForeignKey(Goal, models.PROTECT, related_name="needs")
    need = models.ForeignKey(Need, models.PROTECT, related_name="goals", verbose_name=_("need"))

    class Meta:
        verbose_name = _("need of a goal")
        constraints = [models.UniqueConstraint(fields=["goal", "need"], name="need_once_per_goal")]

    def __str__(self):
        return str(self.need)


SMART_LABELS = {
    "specific": _("specific"),
    "measurable": _("measurable"),
    "achievable": _("achievable"),
    "relevant": _("relevant"),
    "time_bound": _("time-bound"),
}


# What is missing here turns amber and does not keep a plan from being signed (REQ-120).
SMART_ADVISED = ("achievable", "relevant")


class Objective(AgencyOwned):
    """A step to a goal that can be measured: from a baseline to a target, by a day (REQ-119, 120)."""

    class Indicator(models.TextChoices):
        OUTCOME = "outcome", _("Outcome: what changes for the person")
        OUTPUT = "output", _("Output: what we do")

    path = "goal__plan__enrollment"

    goal = models.ForeignKey(Goal, models.PROTECT, related_name="objectives")
    text = models.CharField(_("objective"), max_length=300, help_text=_("What exactly will be different?"))
    indicator = models.CharField(_("measures"), max_length=8, choices=Indicator, default=Indicator.OUTCOME)
    measure = models.CharField(
        _("what is counted"),
        max_length=150,
        blank=True,
        help_text=_("For example: nights in own place per month."),
    )
    unit = models.CharField(_("unit"), max_length=40, blank=True, help_text=_("For example: nights."))
    baseline = models.DecimalField(_("now"), max_digits=9, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(_("target"), max_digits=9, decimal_places=2, null=True, blank=True)
    target_on = models.DateField(_("by"), null=True, blank=True)
    achievable = models.CharField(_("why it can be done"), max_length=300, blank=True)
    relevant = models.CharField(_("why it matters to the person"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.text

    def not_measurable(self):
        """Why the objective cannot be measured or has no end; nothing means that it can be signed."""
        if not self.measure.strip():
            yield _("say what is counted")
        if self.baseline is None:
            yield _("say how it is now")
        if self.target is None:
            yield _("set a target")
        elif self.baseline is not None and self.target == self.baseline:
            yield _("the target is the same as now")
        if self.target_on is None:
            yield _("set the day by which")

    def last_value(self):
        """The newest value that a visit noted, else the baseline. One query."""
        told = self.progress.exclude(value=None).order_by("-visit__started_at", "-pk")
        value = told.values_list("value", flat=True).first()
        return self.baseline if value is None else value

    def left_open(self):
        """The criteria of SMART that only worry: the words for those not met."""
        return [str(SMART_LABELS[name]) for name in SMART_ADVISED if not self.smart()[name]]

    @transaction.atomic
    def put(self):
        """Write an objective of a draft. Raises Refused once the plan is signed."""
        ServicePlan.hold_draft(self.goal.plan_id)
        if self._state.adding:
            self.position = Objective.objects.filter(goal=self.goal_id).count()
        self.save()

    @transaction.atomic
    def remove(self):
        """Take an objective and its actions out of a draft; history keeps them. Raises Refused once signed."""
        ServicePlan.hold_draft(self.goal.plan_id)
        for action in PlanAction.objects.filter(objective=self):
            action.delete()
        self.delete()

    def step_to(self, value, before=None):
        """What a value says by itself: reached, forward, back or no change since the value before (or the baseline)."""
        before = self.baseline if before is None else before
        if value is None or before is None or self.target is None:
            return ""
        up = self.target >= (self.baseline if self.baseline is not None else before)
        if value == self.target or (value > self.target) == up:
            return "met"
        if value == before:
            return "same"
        return "forward" if (value > before) == up else "back"

    def smart(self):
        """Which of the five criteria are met, by name."""
        return {
            "specific": len(self.text.split()) >= 3,
            "measurable": bool(self.measure.strip())
            and self.baseline is not None
            and self.target is not None,
            "achievable": bool(self.achievable.strip()),
            "relevant": bool(self.relevant.strip()),
            "time_bound": self.target_on is not None,
        }

    def share_done(self, value):
        """How far a value is from baseline to target: 0 to 1, whichever way the target lies; None if not measurable."""
        if value is None or self.baseline is None or self.target is None or self.target == self.baseline:
            return None
        share = (Decimal(value) - self.baseline) / (self.target - self.baseline)
        return float(min(max(share, Decimal(0)), Decimal(1)))


Objective.COPIED = [
    Objective._meta.get_field(name)
    for name in (
        "text", "indicator", "measure", "unit", "baseline", "target", "target_on", "achievable", "relevant", "position",
    )
]  # fmt: skip


class ActionQuerySet(ScopedQuerySet):
    def open(self):
        """A NULL done_on means still to do."""
        return self.filter(done_on=None)


class PlanAction(AgencyOwned):
    """Who does what by when (REQ-118)."""

    path = "objective__goal__plan__enrollment"

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="actions")
    text = models.CharField(_("what"), max_length=300)
    who = models.CharField(_("who"), max_length=150)
    staff = models.ForeignKey(
        StaffMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("colleague")
    )
    due_on = models.DateField(_("by"))
    done_on = models.DateField(_("done on"), null=True, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["due_on", "pk"]

    def __str__(self):
        return self.text

    @transaction.atomic
    def put(self):
        """Write an action of a draft. Raises Refused without somebody who does it, or once the plan is signed."""
        ServicePlan.hold_draft(self.objective.goal.plan_id)
        self.who = self.who.strip() or (self.staff.name if self.staff else "")
        if not self.who:
            raise Refused(_("Say who does it."))
        self.save()

    @transaction.atomic
    def remove(self):
        """Take an action out of a draft; history keeps it. Raises Refused once the plan is signed."""
        ServicePlan.hold_draft(self.objective.goal.plan_id)
        self.delete()

    def finish(self, *, by, on=None):
        """It is done, also in a signed plan; done twice is done once."""
        if self.done_on is None:
            self.done_on = on or timezone.localdate()
            self.save()

    def reopen(self, *, by):
        """It was not done after all."""
        if self.done_on is not None:
            self.done_on = None
            self.save()
