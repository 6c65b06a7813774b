"""Goals that answer needs, and objectives that can be measured."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Strength
from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from serviceplans import smart
from serviceplans.models.library import GoalTemplate
from serviceplans.models.links import GoalBarrier, GoalNeed, link
from serviceplans.models.plan import NeedLeft, ServicePlan


def _about(row, why):
    return _("“%(what)s”: %(why)s") % {"what": row, "why": why}


class GoalQuerySet(ScopedQuerySet):
    def active(self, at=None):
        """Goals of the plan in force that are still worked on; a NULL ended_on means so."""
        return self.filter(plan__in=ServicePlan.objects.in_force(at), ended_on=None)

    def resting(self):
        """Paused; a NULL paused_on means worked on."""
        return self.filter(paused_on__isnull=False, ended_on=None)


class Goal(AgencyOwned):
    """A broad result the person wants, in their words, answering needs and building on a strength."""

    class Result(models.TextChoices):
        MET = "met", _("Met")
        PARTLY = "partly", _("Partly met")
        NOT_MET = "not_met", _("Not met")
        DROPPED = "dropped", _("No longer wanted")

    class Agreement(models.TextChoices):
        AGREES = "agrees", _("Agrees")
        PARTLY = "partly", _("Agrees in part")
        DECLINES = "declines", _("Does not agree")
        UNABLE = "unable", _("Cannot say at present")

    path = "plan__enrollment"

    plan = models.ForeignKey(ServicePlan, models.PROTECT, related_name="goals")
    title = models.CharField(_("goal, in the person's words"), max_length=300)
    why = models.CharField(_("why it matters to them"), max_length=300, blank=True)
    agreement = models.CharField(
        worded(_("does the {client} agree?")), max_length=8, choices=Agreement, blank=True
    )
    strength = models.ForeignKey(
        Strength, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("builds on")
    )
    result = models.CharField(_("result"), max_length=10, choices=Result, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    # Resting, in a crisis above all (REQ-91): nothing of it is late meanwhile. NULL: worked on.
    paused_on = models.DateField(_("resting since"), null=True, editable=False)
    paused_why = models.CharField(_("why it rests"), max_length=200, blank=True, editable=False)
    # What it was started from; NULL: written freely.
    template = models.ForeignKey(
        GoalTemplate,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("begun with"),
    )
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
            why = " ".join(objective.not_measurable())
            if why:
                yield _about(objective, why), "objective", objective.pk
        outcome = any(o.indicator == Objective.Indicator.OUTCOME for o in objectives)
        if objectives and not outcome and wants_outcome:
            text = _("“%(goal)s” needs an objective that measures an outcome.") % {"goal": self.title}
            yield text, "steps", self.pk
        if not self.agreement:
            text = _("Ask whether they agree with “%(goal)s”.") % {"goal": self.title}
            yield text, "agreement", self.pk
        if len(self.as_delivered()) > 1:
            yield (
                _about(self, _("It is still as the library has it: say it in their words.")),
                "goal",
                self.pk,
            )
        if wants_need and not self.needs.all():
            yield _("Say which need “%(goal)s” answers.") % {"goal": self.title}, "goal", self.pk

    def as_delivered(self):
        """What of it still says what its template says."""
        return self.template.kept_in(self) if self.template else []

    def warnings(self, frame):
        """What could be better and keeps nothing from being signed: (text, kind, pk). Reads what was prefetched."""
        kept = self.as_delivered()
        if len(kept) == 1:
            kind = "goal" if kept[0] is self else "objective"
            yield _about(kept[0], _("It is still as the library has it.")), kind, kept[0].pk
        for objective in self.objectives.all():
            said = [r for r in objective.remarks(frame, objective.actions.all()) if not r.blocks]
            for kind in ("objective", "action"):
                words = [r.text for r in said if (r.field == "actions") == (kind == "action")]
                if kind == "objective" and (left := objective.left_open()):
                    words.append(_("Not filled in: %(what)s.") % {"what": ", ".join(left)})
                if words:
                    yield _about(objective, " ".join(map(str, words))), kind, objective.pk

    @transaction.atomic
    def put(self, *, needs, barriers=None):
        """Write a goal of a draft, the needs it answers and, unless None, the barriers. Raises Refused once signed."""
        plan = ServicePlan.hold_draft(self.plan_id)
        foreign = [n for n in (*needs, self.strength) if n and n.enrollment_id != plan.enrollment_id]
        if foreign:
            raise Refused(worded(_("Needs and strengths come from the same {enrollment}.")))
        if self._state.adding:
            self.position = Goal.objects.filter(plan=plan).count()
        self.save()
        wanted = {need.pk for need in needs}
        link(GoalNeed, self, "need", needs)
        if barriers is not None:
            link(GoalBarrier, self, "barrier", barriers)
        # A need with a goal is not left for later.
        for left in NeedLeft.objects.filter(plan=plan, need__in=wanted):
            left.delete()

    @transaction.atomic
    def remove(self):
        """Take a goal with all that hangs on it out of a draft; history keeps every row. Raises Refused once signed."""
        ServicePlan.hold_draft(self.plan_id)
        for objective in Objective.objects.filter(goal=self):
            objective.remove()
        for row in (*self.needs.all(), *self.barriers.all()):
            row.delete()
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

    def pause(self, *, why, by, on=None):
        """Let a goal of the plan in force rest, with a reason; what hangs on it is not late meanwhile (REQ-91)."""
        if not self.plan.is_in_force or self.ended_on is not None:
            raise Refused(worded(_("Only a goal that is worked on can rest.")))
        if not why.strip():
            raise Refused(_("Say why it rests."))
        if self.paused_on is None:
            self.paused_on, self.paused_why = on or timezone.localdate(), why.strip()
            self.save()

    def resume(self, *, by):
        """Work on it again; one that does not rest stays as it is."""
        if self.paused_on is not None:
            self.paused_on, self.paused_why = None, ""
            self.save()

    @transaction.atomic
    def move(self, places):
        """Change its rank by so many places in a draft: -1 is one up (REQ-139). Raises Refused once signed."""
        ServicePlan.hold_draft(self.plan_id)
        order = list(Goal.objects.filter(plan=self.plan_id))
        here = order.index(self)
        row = order.pop(here)
        order.insert(min(max(here + places, 0), len(order)), row)
        for position, goal in enumerate(order):
            if goal.position != position:
                goal.position = position
                goal.save()

    def copy_to(self, plan):
        """The same goal with all that hangs on it in a newer plan; whether they agree to it there is asked anew."""
        copy = Goal.objects.create(
            plan=plan,
            title=self.title,
            why=self.why,
            strength=self.strength,
            template=self.template,
            paused_on=self.paused_on,
            paused_why=self.paused_why,
            position=self.position,
        )
        for row in self.needs.all():
            GoalNeed.objects.create(goal=copy, need_id=row.need_id)
        for row in self.barriers.all():
            GoalBarrier.objects.create(goal=copy, barrier_id=row.barrier_id)
        for objective in self.objectives.all():
            kept = {f.name: getattr(objective, f.name) for f in Objective.COPIED}
            # The newer plan starts from where the person is now; the first baseline stays with the older one.
            kept["baseline"] = objective.last_value()
            again = Objective.objects.create(goal=copy, **kept)
            for action in objective.actions.filter(done_on=None):
                action.copy_to(again)
            for service in objective.services.running():
                service.copy_to(again)
        return copy


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

    class Direction(models.TextChoices):
        IMPROVE = "improve", _("Change it")
        MAINTAIN = "maintain", _("Keep at least this")
        LIMIT = "limit", _("Keep at most this")

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
    direction = models.CharField(_("aim"), max_length=8, choices=Direction, default=Direction.IMPROVE)
    every_days = models.PositiveSmallIntegerField(
        _("measured every so many days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
    )
    # Goal attainment scaling (PR-35): what each level from -2 to +2 would look like, in this order; [] without it.
    scale = models.JSONField(_("levels of attainment"), default=list, blank=True)
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    achievable = models.CharField(_("why it can be done"), max_length=300, blank=True)
    relevant = models.CharField(_("why it matters to the person"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.text

    def remarks(self, frame=None, actions=()):
        """What `smart.check` says about it with these actions, within a frame (`ServicePlan.frame`)."""
        ahead = [action for action in actions if action.done_on is None]
        draft = smart.Draft(
            text=self.text,
            measure=self.measure,
            unit=self.unit,
            baseline=self.baseline,
            target=self.target,
            target_on=self.target_on,
            maintains=self.maintains,
            every_days=self.every_days,
            responsible=tuple(action.who for action in ahead),
            due=tuple(action.due_on for action in ahead),
        )
        return smart.check(draft, frame or smart.Frame(today=timezone.localdate()))

    def not_measurable(self):
        """Why the objective cannot be measured or has no end, in sentences; none means that it can be signed."""
        return [remark.text for remark in self.remarks() if remark.blocks]

    @property
    def maintains(self):
        """Holding what was reached is the aim (REQ-182)."""
        return self.direction != self.Direction.IMPROVE

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
        for row in (*self.actions.all(), *self.services.all()):
            row.delete()
        self.delete()

    def step_to(self, value, before=None):
        """What a value says by itself: reached, forward, back or no change since the value before (or the baseline)."""
        before = self.baseline if before is None else before
        if value is None or before is None or self.target is None:
            return ""
        if self.maintains:
            return self._step_kept(value)
        up = self.target >= (self.baseline if self.baseline is not None else before)
        if value == self.target or (value > self.target) == up:
            return "met"
        if value == before:
            return "same"
        return "forward" if (value > before) == up else "back"

    def _step_kept(self, value):
        """What is to stay as it is has been kept, or not."""
        kept = value <= self.target if self.direction == self.Direction.LIMIT else value >= self.target
        return "met" if kept else "back"

    def smart(self):
        """Which of the five criteria are met, by name."""
        remarks = self.remarks()
        wanting = {remark.field for remark in remarks if remark.blocks}
        return {
            "specific": not any(remark.field == "text" for remark in remarks),
            "measurable": not wanting & {"measure", "baseline", "target"},
            "achievable": bool(self.achievable.strip()),
            "relevant": bool(self.relevant.strip()),
            "time_bound": "target_on" not in wanting,
        }

    def share_done(self, value):
        """How far a value is from baseline to target: 0 to 1, whichever way the target lies; None if not measurable."""
        if value is None or self.baseline is None or self.target is None:
            return None
        if self.maintains:
            return 1.0 if self._step_kept(Decimal(value)) == "met" else 0.0
        if self.target == self.baseline:
            return None
        share = (Decimal(value) - self.baseline) / (self.target - self.baseline)
        return float(min(max(share, Decimal(0)), Decimal(1)))


Objective.COPIED = [
    Objective._meta.get_field(name)
    for name in (
        "text", "indicator", "measure", "unit", "baseline", "target", "target_on", "direction", "every_days", "scale",
        "weight", "achievable", "relevant", "position",
    )
]  # fmt: skip
