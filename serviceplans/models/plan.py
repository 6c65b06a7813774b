"""The plan: what person and worker agreed, from a draft through its signature to the plan that replaces it."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.domains import OPEN_RATINGS, Rating
from assessments.models import Need
from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import Enrollment, Milestone
from serviceplans import smart
from serviceplans.models.signing import SignedTogether


@dataclass(frozen=True)
class Lack:
    """Something to mend: in words, and which row it is about, so that a page can lead there."""

    text: str
    kind: str  # plan, goals, goal, agreement, steps (of a goal), objective, action (of an objective) or need
    pk: int

    def __str__(self):
        return self.text

    @property
    def anchor(self):
        """The id of the row on the plan's page."""
        kind = {"steps": "goal", "agreement": "goal", "action": "objective"}.get(self.kind, self.kind)
        return f"{kind}-{self.pk}"


class PlanQuerySet(ScopedQuerySet):
    def in_force(self, at=None):
        """Signed and not replaced; a NULL signed_at means a draft, a NULL ended_on that it runs on."""
        day = at or timezone.localdate()
        return self.exclude(signed_at=None).filter(Q(ended_on=None) | Q(ended_on__gt=day), starts_on__lte=day)

    def drafts(self):
        return self.filter(signed_at=None)

    def waiting(self):
        """Ready, and somebody still has to sign."""
        return self.filter(signed_at=None, presented_at__isnull=False)

    def to_cosign(self, by):
        """What this colleague may sign as the second person: waiting for it, and not their own."""
        asked = self.waiting().filter(cosigned_at=None, enrollment__program__cosigns_plans=True)
        return asked.exclude(by=by).exclude(presented_by=by)

    def returned_to(self, author):
        """Drafts of theirs that came back before they were in force."""
        return self.filter(by=author, signed_at=None, presented_at=None).exclude(returned_note="")

    def review_due(self, at=None):
        return self.in_force(at).filter(review_on__lte=at or timezone.localdate(), enrollment__ended_on=None)


class ServicePlan(AgencyOwned, SignedTogether):
    """What the person and the worker agreed to do, until it is replaced by a newer one."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField(_("number"), default=1, editable=False)
    starts_on = models.DateField(_("starts on"), default=timezone.localdate)
    review_on = models.DateField(_("review on"), null=True, blank=True)
    ended_on = models.DateField(_("replaced on"), null=True, editable=False)
    vision = models.TextField(_("what the person wants, in their words"), blank=True)
    took_part = models.CharField(
        _("who took part"),
        max_length=300,
        blank=True,
        help_text=_("Who made it together, such as the person, a sister, a doctor."),
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

    def clean(self):
        """Say in words what the database would refuse."""
        if self.review_on and self.starts_on and self.review_on < self.starts_on:
            raise ValidationError({"review_on": _("The review cannot be before the start.")})

    @property
    def is_in_force(self):
        """Signed, begun, and not replaced before tomorrow: what one works by today."""
        today = timezone.localdate()
        lasts = self.ended_on is None or self.ended_on > today
        return self.signed_at is not None and lasts and self.starts_on <= today

    @classmethod
    def hold_draft(cls, pk):
        """Lock the plan, so that nobody signs it while a part of it is written; raises Refused once it is signed."""
        plan = cls.objects.select_for_update(of=("self",)).get(pk=pk)
        plan.require_draft()
        return plan

    def missing(self):
        """What keeps the plan from being signed (REQ-119, 120, 138): `Lack`s, each with its place. A few queries."""
        goals = list(self.goals.select_related("template").prefetch_related("objectives", "needs"))
        if not goals:
            yield Lack(str(_("Add at least one goal.")), "goals", self.pk)
        wants_outcome = self.enrollment.program.require_outcome_indicator
        # Where the assessment found no need, a goal cannot answer one.
        wants_need = Need.objects.filter(enrollment=self.enrollment_id).exists()
        for goal in goals:
            for text, kind, pk in goal.missing(wants_outcome=wants_outcome, wants_need=wants_need):
                yield Lack(text, kind, pk)
        for need in self.unaddressed_needs():
            words = _("%(need)s has no goal yet: add one, or say why not now.")
            if need.severity == Rating.URGENT:
                words = _("%(need)s is urgent: add a goal for it, or say why not now.")
            yield Lack(words % {"need": need}, "need", need.pk)

    def warnings(self):
        """What could be better but does not keep the plan from being signed: `Lack`s."""
        goals = list(self.goals.select_related("template").prefetch_related("objectives__actions"))
        frame = self.frame()
        if goals and not any(g.strength_id for g in goals):
            yield Lack(str(_("No goal builds on a strength yet.")), "goal", goals[0].pk)
        for goal in goals:
            for text, kind, pk in goal.warnings(frame):
                yield Lack(text, kind, pk)
        if not self.took_part.strip():
            yield Lack(str(_("It does not say who took part.")), "plan", self.pk)

    def frame(self):
        """What its objectives have to fit into: for a program of fixed length its planned end, too (REQ-55)."""
        ends_on = self.enrollment.ended_on or Milestone.objects.last_day(self.enrollment)
        return smart.Frame(today=timezone.localdate(), starts_on=self.starts_on, ends_on=ends_on)

    def unaddressed_needs(self):
        """Open needs without a goal here and without a reason for leaving them (REQ-138)."""
        left = NeedLeft.objects.filter(plan=self, need=OuterRef("pk"))
        wanting = Need.objects.filter(enrollment=self.enrollment_id, severity__in=OPEN_RATINGS).open()
        return wanting.exclude(goals__goal__plan=self).filter(~Exists(left))

    def revise(self):
        """Save what was changed in a draft; raises Refused once it is signed."""
        self.hold_draft(self.pk)
        self.save()

    @transaction.atomic
    def leave(self, need, *, why, note=""):
        """Say why a need waits; said again, the newer reason stands. Raises Refused once signed."""
        self.hold_draft(self.pk)
        if need.enrollment_id != self.enrollment_id:
            raise Refused(_("This need belongs to somebody else."))
        row = NeedLeft.objects.filter(plan=self, need=need).first() or NeedLeft(plan=self, need=need)
        row.why, row.note = why, note
        row.save()
        return row

    @classmethod
    @transaction.atomic
    def begin(cls, enrollment, *, by):
        """A draft; a later one starts from the goals of the plan in force. Returns the draft that exists, if one does.

        Raises Refused when service has ended.
        """
        Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
        draft = cls.objects.filter(enrollment=enrollment).drafts().first()
        if draft is not None:
            return draft
        if not enrollment.is_open:
            raise Refused(worded(_("Service has ended: there is nothing to plan in this {enrollment}.")))
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
            for criterion in before.criteria.all():
                DischargeCriterion.objects.create(plan=plan, text=criterion.text, met_on=criterion.met_on)
        return plan


class DischargeCriterion(AgencyOwned):
    """What has to be so before service ends, as agreed with this person (REQ-178)."""

    path = "plan__enrollment"

    plan = models.ForeignKey(ServicePlan, models.PROTECT, related_name="criteria")
    text = models.CharField(_("service can end when"), max_length=300)
    met_on = models.DateField(_("met on"), null=True, blank=True)

    class Meta:
        verbose_name = _("criterion for the discharge")
        verbose_name_plural = _("criteria for the discharge")
        ordering = ["pk"]

    def __str__(self):
        return self.text

    @transaction.atomic
    def put(self):
        """Write it in a draft. Raises Refused once the plan is signed."""
        ServicePlan.hold_draft(self.plan_id)
        self.save()

    @transaction.atomic
    def remove(self):
        """Take it out of a draft; history keeps it. Raises Refused once the plan is signed."""
        ServicePlan.hold_draft(self.plan_id)
        self.delete()

    def meet(self, *, by, on=None):
        """It is so, or, said again, it is not after all; also in a signed plan."""
        self.met_on = None if self.met_on else on or timezone.localdate()
        self.save()


class NeedLeft(AgencyOwned):
    """A need that the plan leaves for now, and why (REQ-138)."""

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
