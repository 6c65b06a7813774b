"""The front door: a referral comes in, somebody meets the person, and one dated decision is taken."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    AgencyOwned,
    EligibilityCriterion,
    PickItem,
    Program,
    ScopedQuerySet,
    StaffMember,
)
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models.enrollment import Enrollment
from clients.models.person import Client


class ReferralQuerySet(ScopedQuerySet):
    def open(self):
        """Nobody has met the person yet; a NULL closed_on means open."""
        return self.filter(closed_on=None)


class IncomingReferral(AgencyOwned):
    """Somebody asks us to serve a person."""

    class Urgency(models.TextChoices):
        ROUTINE = "routine", _("Routine")
        SOON = "soon", _("Within days")
        URGENT = "urgent", _("Today")

    class Ending(models.TextChoices):
        MET = "met", _("Met for the intake")
        UNREACHED = "unreached", _("Could not be reached")
        NOT_WANTED = "not_wanted", _("Did not want the service")
        ELSEWHERE = "elsewhere", _("Is helped elsewhere")
        MISTAKE = "mistake", _("Was a mistake")

    path = "client"

    client = models.ForeignKey(
        Client, models.PROTECT, related_name="referrals", verbose_name=worded("{client}")
    )
    program = models.ForeignKey(
        Program, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("program asked for")
    )
    received_on = models.DateField(_("received on"), default=timezone.localdate)
    source = models.ForeignKey(
        PickItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who refers")
    )
    source_contact = models.CharField(_("their name and phone"), max_length=200, blank=True)
    reason = models.TextField(_("reason for the referral"))
    presenting_need = models.TextField(_("what the person says they need, in their words"), blank=True)
    urgency = models.CharField(_("how urgent"), max_length=8, choices=Urgency, default=Urgency.ROUTINE)
    assigned_to = models.ForeignKey(
        StaffMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who takes it")
    )
    closed_on = models.DateField(null=True, editable=False)
    closed_why = models.CharField(
        _("how it ended"), max_length=10, choices=Ending, blank=True, editable=False
    )
    closed_note = models.CharField(_("note"), max_length=300, blank=True, editable=False)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering = ["received_on", "pk"]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.received_on}"


class IntakeQuerySet(ScopedQuerySet):
    def open(self):
        """No decision yet, or waiting; a NULL closed_on means open."""
        return self.filter(closed_on=None)


class Intake(AgencyOwned):
    """The first meeting: what brings the person, whether they are safe, and what would help first (REQ-113)."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        UNKNOWN = "unknown", _("Not known")

    path = "client"

    client = models.ForeignKey(
        Client, models.PROTECT, related_name="intakes", verbose_name=worded("{client}")
    )
    referral = models.OneToOneField(
        IncomingReferral, models.PROTECT, null=True, blank=True, related_name="intake", editable=False
    )
    program = models.ForeignKey(
        Program, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("program")
    )
    assigned_to = models.ForeignKey(
        StaffMember,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who does the intake"),
    )
    started_on = models.DateField(_("first meeting"), default=timezone.localdate)
    reason = models.TextField(_("what brings them, in their words"))
    first_help = models.TextField(_("what would help first"), blank=True)
    safe_now = models.CharField(_("safe right now?"), max_length=8, choices=Answer)
    safety_note = models.TextField(_("what was done about it"), blank=True)
    place_tonight = models.CharField(_("a place to sleep tonight?"), max_length=8, choices=Answer, blank=True)
    food_today = models.CharField(_("food today?"), max_length=8, choices=Answer, blank=True)
    medication_low = models.CharField(_("medication running out?"), max_length=8, choices=Answer, blank=True)
    dependants = models.CharField(_("anyone who depends on them"), max_length=200, blank=True)
    helper = models.CharField(_("someone who helps them"), max_length=200, blank=True)
    other_workers = models.CharField(_("other workers involved"), max_length=300, blank=True)
    avoid = models.CharField(_("anything we should avoid"), max_length=300, blank=True)
    closed_on = models.DateField(null=True, editable=False)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")
        ordering = ["started_on", "pk"]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.started_on}"

    @transaction.atomic
    def decide(
        self,
        outcome,
        *,
        by,
        program=None,
        reason=None,
        note="",
        on=None,
        answers=None,
        override="",
        offered="",
        follow_up_on=None,
        worker=None,
    ):
        """Take the one dated decision (REQ-114): accept, waitlist, refer out or decline.

        `answers` maps each eligibility question of the program to True or False. One that does not fit refuses the
        acceptance, unless somebody with the permission eligibility.override gives the reason in `override`. Referring
        out wants what was `offered` (or a note why nothing was) and a follow-up date (REQ-115). Accepting enrolls and
        makes `worker` accountable. A waiting intake may be decided again. Raises Refused; returns the decision.
        """
        on = on or timezone.localdate()
        outcome = EligibilityDecision.Outcome(outcome)
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.closed_on:
            raise Refused(_("This intake has its decision already."))
        problems = []
        wants_program = outcome in (EligibilityDecision.Outcome.ACCEPT, EligibilityDecision.Outcome.WAITLIST)
        if wants_program and program is None:
            problems.append(_("Choose the program."))
        if outcome != EligibilityDecision.Outcome.ACCEPT and reason is None and not note.strip():
            problems.append(_("Say why, with a reason from the list or in a note."))
        if outcome == EligibilityDecision.Outcome.REFER_OUT:
            if not offered.strip() and not note.strip():
                problems.append(
                    _("Name at least one resource that was offered, or say in the note why there is none.")
                )
            if follow_up_on is None:
                problems.append(_("Set a day on which somebody asks how the referral went."))
            elif follow_up_on < on:
                problems.append(_("The day to ask how the referral went is in the past."))
        answers = answers or {}
        unfit = []
        if outcome == EligibilityDecision.Outcome.ACCEPT and program is not None:
            problems += self._duplicate(program)
            questions = list(program.criteria.filter(Q(ended_on=None) | Q(ended_on__gt=on)))
            unfit = [q for q in questions if answers.get(q.pk) is not None and answers[q.pk] != q.expected]
            unanswered = [q for q in questions if answers.get(q.pk) is None]
            if unanswered:
                problems.append(_("Answer every eligibility question."))
            if unfit and not (override.strip() and by.may("eligibility.override")):
                problems.append(
                    worded(
                        _("Not eligible: %(questions)s. A {supervisor} may accept with a reason.")
                        % {"questions": "; ".join(q.question for q in unfit)}
                    )
                )
        if problems:
            raise Refused(*problems)
        decision = EligibilityDecision.objects.create(
            intake=locked,
            outcome=outcome,
            program=program,
            reason=reason,
            note=note,
            offered=offered,
            follow_up_on=follow_up_on,
            override_reason=override if unfit else "",
            decided_on=on,
            decided_by=by,
        )
        for question in [q for q in EligibilityCriterion.objects.filter(pk__in=answers, program=program)]:
            if answers[question.pk] is not None:
                CriterionAnswer.objects.create(
                    decision=decision, criterion=question, answer=answers[question.pk]
                )
        if outcome != EligibilityDecision.Outcome.WAITLIST:
            locked.closed_on = self.closed_on = on
        locked.program = self.program = program or locked.program
        locked.save()
        if outcome == EligibilityDecision.Outcome.ACCEPT:
            decision.enroll(worker=worker, by=by)
        return decision

    def _duplicate(self, program):
        if Enrollment.objects.filter(client=self.client_id, program=program).open().exists():
            yield worded(_("This {client} already has an open {enrollment} in that program."))


class DecisionQuerySet(ScopedQuerySet):
    def waiting(self):
        """On a waitlist: decided so, and the intake is still open."""
        return self.filter(outcome=EligibilityDecision.Outcome.WAITLIST, intake__closed_on=None)

    def to_follow_up(self):
        """Referred out, and nobody has asked yet how it went; a NULL followed_up_on means not yet."""
        return self.filter(outcome=EligibilityDecision.Outcome.REFER_OUT, followed_up_on=None)


class EligibilityDecision(AgencyOwned):
    """Accept, waitlist, refer out or decline: dated, with a reason, by somebody."""

    class Outcome(models.TextChoices):
        ACCEPT = "accept", _("Accept")
        WAITLIST = "waitlist", _("Waitlist")
        REFER_OUT = "refer_out", _("Refer out")
        DECLINE = "decline", _("Decline")

    path = "intake__client"

    intake = models.ForeignKey(Intake, models.PROTECT, related_name="decisions")
    outcome = models.CharField(_("decision"), max_length=10, choices=Outcome)
    program = models.ForeignKey(Program, models.PROTECT, null=True, related_name="+")
    reason = models.ForeignKey(
        PickItem, models.PROTECT, null=True, related_name="+", verbose_name=_("reason")
    )
    note = models.TextField(_("note"), blank=True)
    offered = models.TextField(_("resources offered"), blank=True)
    follow_up_on = models.DateField(_("ask how it went on"), null=True)
    followed_up_on = models.DateField(_("asked on"), null=True)
    priority = models.CharField(
        _("priority"),
        max_length=8,
        choices=IncomingReferral.Urgency,
        default=IncomingReferral.Urgency.ROUTINE,
    )
    priority_reason = models.CharField(_("why before others"), max_length=300, blank=True)
    expected_on = models.DateField(_("a place is expected on"), null=True)
    override_reason = models.TextField(_("reason for accepting all the same"), blank=True)
    decided_on = models.DateField(_("decided on"), default=timezone.localdate)
    decided_by = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    enrollment = models.OneToOneField(Enrollment, models.PROTECT, null=True, related_name="decision")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("eligibility decision")
        verbose_name_plural = _("eligibility decisions")
        ordering = ["decided_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["intake"], condition=~Q(outcome="waitlist"), name="one_final_decision_per_intake"
            )
        ]

    def __str__(self):
        return self.get_outcome_display()

    def enroll(self, *, worker, by):
        """Start the period of service that an acceptance stands for."""
        self.enrollment = Enrollment.objects.create(
            client=self.intake.client,
            program=self.program,
            enrolled_on=self.decided_on,
            staged_on=self.decided_on,
        )
        self.save()
        if worker is not None:
            self.enrollment.assign(worker, by=by, on=self.decided_on)
        return self.enrollment


class CriterionAnswer(AgencyOwned):
    """What was answered to one eligibility question when the decision was taken."""

    path = "decision__intake__client"

    decision = models.ForeignKey(EligibilityDecision, models.PROTECT, related_name="answers")
    criterion = models.ForeignKey(EligibilityCriterion, models.PROTECT, related_name="+")
    answer = models.BooleanField()

    class Meta:
        verbose_name = _("eligibility answer")
        constraints = [models.UniqueConstraint(fields=["decision", "criterion"], name="answered_once")]

    def __str__(self):
        return f"{self.criterion}: {self.answer}"
