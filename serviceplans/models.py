"""Plans: goals that answer needs, objectives that can be measured, progress seen in visits, and services of others."""

from datetime import timedelta
from decimal import Decimal

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Need, Strength
from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, Signature, StaffMember
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused, Signed
from clients.models import Enrollment, Visit
from clients.pipeline import Stage


class PlanQuerySet(ScopedQuerySet):
    def in_force(self, at=None):
        """Signed and not replaced; a NULL signed_at means a draft, a NULL ended_on that it runs on."""
        day = at or timezone.localdate()
        return self.exclude(signed_at=None).filter(Q(ended_on=None) | Q(ended_on__gt=day), starts_on__lte=day)

    def drafts(self):
        return self.filter(signed_at=None)

    def review_due(self, at=None):
        return self.in_force(at).filter(review_on__lte=at or timezone.localdate(), enrollment__ended_on=None)


class ServicePlan(Signed, AgencyOwned):
    """What the person and the worker agreed to do, until it is replaced by a newer one."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField(_("number"), default=1, editable=False)
    starts_on = models.DateField(_("starts on"), default=timezone.localdate)
    review_on = models.DateField(_("review on"), null=True, blank=True)
    ended_on = models.DateField(_("replaced on"), null=True, editable=False)
    vision = models.TextField(_("what the person wants, in their words"), blank=True)
    agreed_by = models.CharField(
        _("agreed with"),
        max_length=150,
        blank=True,
        help_text=_("Who agreed to it besides us, such as the person."),
    )
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("written by"))

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = worded("{plan}")
        verbose_name_plural = worded("{plans}")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "number"], name="plan_number_once"),
            models.UniqueConstraint(
                fields=["enrollment"], condition=Q(signed_at=None), name="one_draft_plan_per_enrollment"
            ),
            models.CheckConstraint(
                condition=Q(review_on=None) | Q(review_on__gte=models.F("starts_on")),
                name="review_after_start",
            ),
        ]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.number}"

    def missing(self):
        """What keeps the plan from being signed, in words (REQ-119, 120, 138). A few queries."""
        goals = list(self.goals.prefetch_related("objectives", "needs"))
        if not goals:
            yield _("Add at least one goal.")
        for goal in goals:
            objectives = list(goal.objectives.all())
            if not objectives:
                yield _("“%(goal)s” has no objective yet.") % {"goal": goal.title}
            for objective in objectives:
                for sentence in objective.not_measurable():
                    yield _("“%(objective)s”: %(why)s") % {"objective": objective.text, "why": sentence}
            outcome = any(o.indicator == Objective.Indicator.OUTCOME for o in objectives)
            if objectives and not outcome and self.enrollment.program.require_outcome_indicator:
                yield _("“%(goal)s” needs at least one objective that measures an outcome.") % {
                    "goal": goal.title
                }
            if not goal.needs.all():
                yield _("Say which need “%(goal)s” answers.") % {"goal": goal.title}
        for need in self.unaddressed_needs():
            yield _("%(need)s is urgent: add a goal for it, or say why not now.") % {"need": need}

    def warnings(self):
        """What could be better but does not keep the plan from being signed."""
        goals = list(self.goals.prefetch_related("objectives"))
        if goals and not any(g.strength_id for g in goals):
            yield _("No goal builds on a strength yet.")
        for goal in goals:
            for objective in goal.objectives.all():
                for name, met in objective.smart().items():
                    if not met and name in ("achievable", "relevant"):
                        yield _("“%(objective)s”: %(what)s is not filled in.") % {
                            "objective": objective.text,
                            "what": SMART_LABELS[name],
                        }

    def unaddressed_needs(self):
        """Urgent open needs without a goal here and without a reason for leaving them."""
        taken = GoalNeed.objects.filter(goal__plan=self, need=OuterRef("pk"))
        left = NeedLeft.objects.filter(plan=self, need=OuterRef("pk"))
        return Need.objects.filter(enrollment=self.enrollment).high().filter(~Exists(taken), ~Exists(left))

    @transaction.atomic
    def sign(self, *, by, typed_name=""):
        """Finalise: replaces the plan in force and makes the enrollment planned. Raises Refused with what is missing."""
        self.require_draft()
        sentences = list(self.missing())
        if sentences:
            raise Refused(*sentences)
        for older in ServicePlan.objects.filter(enrollment=self.enrollment, ended_on=None).exclude(
            signed_at=None
        ):
            older.ended_on = max(self.starts_on, older.starts_on)
            older.save()
        if self.review_on is None:
            self.review_on = self.starts_on + timedelta(days=self.enrollment.program.review_every_days)
        self._mark_signed()
        PlanSignature.objects.create(
            plan=self, staff=by, typed_name=typed_name or by.name, signed_at=self.signed_at
        )
        if self.enrollment.stage == Stage.ASSESSED:
            self.enrollment.move_to(Stage.PLANNED, by=by)

    @classmethod
    @transaction.atomic
    def begin(cls, enrollment, *, by):
        """A draft; a later one starts from the goals of the plan in force. Returns the draft that exists, if one does."""
        Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
        draft = cls.objects.filter(enrollment=enrollment).drafts().first()
        if draft is not None:
            return draft
        before = cls.objects.filter(enrollment=enrollment).first()
        plan = cls.objects.create(
            enrollment=enrollment,
            number=before.number + 1 if before else 1,
            vision=before.vision if before else "",
            by=by,
        )
        if before is not None:
            for goal in before.goals.filter(ended_on=None):
                goal.copy_to(plan)
        return plan


class PlanSignature(Signature):
    """A signature under a plan."""

    path = "plan__enrollment"
    plan = models.ForeignKey(ServicePlan, models.PROTECT, related_name="signatures")


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

    def copy_to(self, plan):
        """The same goal, its needs and objectives, in a newer plan."""
        copy = Goal.objects.create(
            plan=plan, title=self.title, strength=self.strength, position=self.position
        )
        for link in self.needs.all():
            GoalNeed.objects.create(goal=copy, need_id=link.need_id)
        for objective in self.objectives.all():
            kept = {f.name: getattr(objective, f.name) for f in Objective.COPIED}
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


class NeedLeft(AgencyOwned):
    """An urgent need that the plan leaves for now, and why (REQ-138)."""

    class Why(models.TextChoices):
        DECLINED = "declined", _("The person does not want to work on it now")
        OTHER_PROVIDER = "other", _("Somebody else works on it")
        LATER = "later", _("Agreed for later")

    path = "plan__enrollment"

    plan = models.ForeignKey(ServicePlan, models.PROTECT, related_name="needs_left")
    need = models.ForeignKey(Need, models.PROTECT, related_name="+", verbose_name=_("need"))
    why = models.CharField(_("why not now"), max_length=10, choices=Why)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("need left for now")
        constraints = [models.UniqueConstraint(fields=["plan", "need"], name="need_left_once")]

    def __str__(self):
        return f"{self.need}: {self.get_why_display()}"


SMART_LABELS = {
    "specific": _("specific"),
    "measurable": _("measurable"),
    "achievable": _("achievable"),
    "relevant": _("relevant"),
    "time_bound": _("time-bound"),
}


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
            yield _("say what is counted.")
        if self.baseline is None:
            yield _("say how it is now.")
        if self.target is None:
            yield _("set a target.")
        elif self.baseline is not None and self.target == self.baseline:
            yield _("the target is the same as now.")
        if self.target_on is None:
            yield _("set the day by which.")

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


class ProgressQuerySet(ScopedQuerySet):
    def latest_first(self):
        return self.order_by("-visit__started_at", "-pk")


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
                fields=["visit", "goal", "objective"], name="progress_once_per_visit", nulls_distinct=False
            )
        ]

    def __str__(self):
        return self.get_step_display()


class PlanReview(AgencyOwned):
    """A scheduled look at the plan: does it work, does it go on, when is the next (PR-29)."""

    class Outcome(models.TextChoices):
        CONTINUE = "continue", _("Goes on as it is")
        CHANGE = "change", _("Needs a new plan")
        CONCLUDE = "conclude", _("Goals reached: conclude")

    path = "plan__enrollment"

    plan = models.ForeignKey(ServicePlan, models.PROTECT, related_name="reviews")
    reviewed_on = models.DateField(_("reviewed on"), default=timezone.localdate)
    outcome = models.CharField(_("what follows"), max_length=10, choices=Outcome)
    summary = models.TextField(_("what was found"))
    client_view = models.TextField(_("what the person says"), blank=True)
    next_on = models.DateField(_("next review"), null=True, blank=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("plan review")
        verbose_name_plural = _("plan reviews")
        ordering = ["-reviewed_on", "-pk"]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.reviewed_on}"

    @classmethod
    @transaction.atomic
    def hold(cls, plan, *, by, outcome, summary, client_view="", next_on=None, reviewed_on=None):
        """Write the review and move the plan's next review on; raises Refused for a plan that is not in force."""
        if plan.signed_at is None or plan.ended_on is not None:
            raise Refused(worded(_("Only a {plan} in force is reviewed.")))
        day = reviewed_on or timezone.localdate()
        next_on = next_on or day + timedelta(days=plan.enrollment.program.review_every_days)
        review = cls.objects.create(
            plan=plan,
            reviewed_on=day,
            outcome=outcome,
            summary=summary,
            client_view=client_view,
            next_on=next_on,
            by=by,
        )
        plan.review_on = next_on
        plan.save()
        return review


class ServiceReferralQuerySet(ScopedQuerySet):
    def open(self):
        """Asked for or running; a NULL ended_on means so."""
        return self.filter(ended_on=None)


class ServiceReferral(AgencyOwned):
    """A service of somebody else that we linked the person to: provider, contact, status, next date (REQ-30)."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked for")
        WAITING = "waiting", _("On their waitlist")
        RUNNING = "running", _("Receiving it")
        DONE = "done", _("Completed")
        FAILED = "failed", _("Did not work out")

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="service_referrals")
    service = models.CharField(
        _("service"), max_length=150, help_text=_("For example: food bank, psychiatrist.")
    )
    provider = models.CharField(_("provider"), max_length=150)
    contact = models.CharField(_("contact person"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True, validators=[phone_shape])
    need = models.ForeignKey(
        Need, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("for need")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ASKED)
    asked_on = models.DateField(_("asked on"), default=timezone.localdate)
    next_on = models.DateField(_("next date"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ServiceReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("service of others")
        verbose_name_plural = _("services of others")
        ordering = ["ended_on", "service", "pk"]

    def __str__(self):
        return f"{self.service}, {self.provider}"

    def duplicates(self):
        """Open referrals of the same person for the same service, in any enrollment (REQ-112)."""
        others = ServiceReferral.objects.filter(
            enrollment__client=self.enrollment.client_id, service__iexact=self.service.strip()
        )
        return others.open().exclude(pk=self.pk)
