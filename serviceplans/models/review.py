"""The scheduled look at a plan."""

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, PickItem, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import LevelDecision, SafetyPlan
from serviceplans.models.goal import Goal, Objective
from serviceplans.models.plan import ServicePlan


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
    services_view = models.TextField(_("how the services went"), blank=True)
    safety_plan_seen = models.BooleanField(_("the safety plan was looked at together"), default=False)
    # NULL: the level was not spoken of, or stays.
    level = models.ForeignKey(
        LevelDecision,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("level of care"),
    )
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("plan review")
        verbose_name_plural = _("plan reviews")
        ordering = ["-reviewed_on", "-pk"]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.reviewed_on}"

    @property
    def wants_version(self):
        """Whether the plan as a whole or one of its goals has to be written anew. One query."""
        if self.outcome == self.Outcome.CHANGE:
            return True
        return self.goals.filter(decision=GoalReview.Decision.REVISE).exists()

    @classmethod
    @transaction.atomic
    def hold(
        cls, plan, *, by, outcome, summary, next_on=None, reviewed_on=None, goals=(), level=None, **said
    ):
        """Write the review and what it says of each goal, and move the next look on: at the plan, and the safety plan.

        `goals` are dicts of a GoalReview's fields with `levels` of objectives, by their keys; goals that were achieved
        or discontinued end with it. `level` is (level of care, why). `said` are further fields of the review. Raises
        Refused for a plan that is not in force, and as LevelDecision and GoalReview do.
        """
        if plan.signed_at is None or (plan.ended_on is not None and not plan.is_in_force):
            raise Refused(worded(_("Only a {plan} in force is reviewed.")))
        day = reviewed_on or timezone.localdate()
        if day > timezone.localdate():
            raise Refused(_("The review cannot be in the future."))
        if day < plan.starts_on:
            raise Refused(worded(_("The review cannot be before the {plan} starts.")))
        if next_on is not None and next_on <= day:
            raise Refused(_("The next review comes after this one."))
        decision = None
        if level is not None:
            decision = LevelDecision.make(plan.enrollment, level[0], why=level[1], by=by, on=day)
        next_on = next_on or day + timedelta(days=plan.enrollment.rhythm.review_every_days)
        review = cls.objects.create(
            plan=plan,
            reviewed_on=day,
            outcome=outcome,
            summary=summary,
            next_on=next_on,
            level=decision,
            by=by,
            **said,
        )
        for one in goals:
            GoalReview.write(review, by=by, **one)
        if review.safety_plan_seen:
            for safety_plan in SafetyPlan.objects.filter(client=plan.enrollment.client_id).current():
                safety_plan.look_again(on=day)
        plan.review_on = next_on
        plan.save()
        return review


class GoalReview(AgencyOwned):
    """What a review says of one goal: go on, change it, reached, or given up, and how the person sees it (PR-31)."""

    class Decision(models.TextChoices):
        CONTINUE = "continue", _("Go on")
        REVISE = "revise", _("Change it")
        ACHIEVED = "achieved", _("Reached")
        DISCONTINUED = "stopped", _("Give it up")

        @property
        def needs_reason(self):
            """Going on explains itself, everything else does not (PR-31)."""
            return self != GoalReview.Decision.CONTINUE

    path = "review__plan__enrollment"

    review = models.ForeignKey(PlanReview, models.PROTECT, related_name="goals")
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="reviews")
    decision = models.CharField(_("what now"), max_length=8, choices=Decision)
    why = models.CharField(_("why"), max_length=300, blank=True)
    # From 0, nothing has changed, to 10, all is as it should be. NULL: not asked.
    client_rating = models.PositiveSmallIntegerField(
        _("their own rating, 0 to 10"), null=True, blank=True, validators=[MaxValueValidator(10)]
    )

    class Meta:
        verbose_name = _("review of a goal")
        verbose_name_plural = _("reviews of goals")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["review", "goal"], name="goal_once_in_a_review")]

    def __str__(self):
        return self.get_decision_display()

    @classmethod
    def write(cls, review, *, by, goal, decision, why="", client_rating=None, levels=None, resume=False):
        """Write it; a goal that was reached or given up ends that day, one that rests is worked on again if `resume`.

        Raises Refused for a goal of another plan, an ended one, or a change without a reason.
        """
        decision = cls.Decision(decision)
        if goal.plan_id != review.plan_id or goal.ended_on is not None:
            raise Refused(worded(_("Only goals of this {plan} that have not ended are reviewed.")))
        if decision.needs_reason and not why.strip():
            raise Refused(_("Say why: “%(goal)s”.") % {"goal": goal})
        row = cls.objects.create(
            review=review, goal=goal, decision=decision, why=why.strip(), client_rating=client_rating
        )
        known = {objective.pk: objective for objective in goal.objectives.all()}
        for pk, level in (levels or {}).items():
            if pk not in known:
                raise Refused(_("An objective does not belong to its goal."))
            ObjectiveRating.objects.create(review=review, objective=known[pk], level=level)
        if decision in (cls.Decision.ACHIEVED, cls.Decision.DISCONTINUED):
            result = Goal.Result.MET if decision == cls.Decision.ACHIEVED else Goal.Result.DROPPED
            goal.end(result=result, by=by, on=review.reviewed_on)
        elif resume:
            goal.resume(by=by)
        return row


class ObjectiveRating(AgencyOwned):
    """Where an objective stands on its scale of attainment, from -2 to +2 (PR-35)."""

    path = "review__plan__enrollment"

    review = models.ForeignKey(PlanReview, models.PROTECT, related_name="ratings")
    objective = models.ForeignKey(Objective, models.PROTECT, related_name="ratings")
    level = models.SmallIntegerField(
        _("level of attainment"), validators=[MinValueValidator(-2), MaxValueValidator(2)]
    )

    class Meta:
        verbose_name = _("level of attainment")
        verbose_name_plural = _("levels of attainment")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "objective"], name="objective_once_in_a_review"),
            models.CheckConstraint(
                condition=models.Q(level__gte=-2, level__lte=2), name="attainment_minus_2_to_2"
            ),
        ]

    def __str__(self):
        return f"{self.level:+d}"


class ReviewExemption(AgencyOwned):
    """That a review could not be held when it was due, why, and to which day it moved (PR-29)."""

    path = "plan__enrollment"

    plan = models.ForeignKey(ServicePlan, models.PROTECT, related_name="exemptions")
    reason = models.ForeignKey(PickItem, models.PROTECT, related_name="+", verbose_name=_("reason"))
    was_on = models.DateField(_("was due on"))
    moved_to = models.DateField(_("moves to"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("noted by"))

    class Meta:
        verbose_name = _("review put off")
        verbose_name_plural = _("reviews put off")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(moved_to__gt=models.F("was_on")), name="exemption_moves_on"
            )
        ]

    def __str__(self):
        return f"{self.was_on} → {self.moved_to}"

    @classmethod
    @transaction.atomic
    def grant(cls, plan, *, reason, moved_to, by, note=""):
        """Move the next review of a plan in force to a later day; the day it was due stays readable.

        Raises Refused for a plan that is not in force, without a due day, and for a day that is not later.
        """
        locked = ServicePlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
        if not locked.is_in_force or locked.review_on is None:
            raise Refused(worded(_("Only a {plan} in force is reviewed.")))
        if moved_to <= max(locked.review_on, timezone.localdate()):
            raise Refused(_("Choose a day after today and after the one that was set."))
        row = cls.objects.create(
            plan=plan, reason=reason, was_on=locked.review_on, moved_to=moved_to, note=note.strip(), by=by
        )
        plan.review_on = moved_to
        plan.save()
        return row
