"""The front door: somebody meets the person, and one dated decision is taken."""

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
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
from casemgmt.resources.models import Resource
from clients.models import access
from clients.models.around import OtherWorker, RelatedPerson
from clients.models.enrollment import Enrollment
from clients.models.milestones import Milestone
from clients.models.person import Client
from clients.models.referral import IncomingReferral, nobodys_q


class IntakeQuerySet(access.FrontDoorQuerySet):
    def open(self):
        """No decision yet, or waiting; a NULL closed_on means open."""
        return self.filter(closed_on=None)

    def nobodys(self, at=None):
        """Open, and no colleague who works here has it."""
        return self.open().filter(nobodys_q(at))


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

    def lacks(self):
        """What must be answered before a decision, in words; it was saved half-done."""
        if not self.reason.strip():
            yield _("what brings them")
        if not self.safe_now:
            yield _("whether they are safe")
        if self.safe_now == self.Answer.NO and not self.safety_note.strip():
            yield _("what was done about their safety")

    def unasked(self):
        """What else nobody has asked yet, in words."""
        if not (self.place_tonight and self.food_today and self.medication_low):
            yield _("immediate needs")
        if not self.first_help.strip():
            yield _("what would help first")

    def pass_on(self):
        """Keep with the person what was said about people around them, so that nobody asks again (PR-7).

        The words stay as they were said, one entry for each piece between semicolons; what is known is left alone.
        """
        client = self.client
        avoids = _pieces(client.avoids, known=())
        new = _pieces(self.avoid, known=avoids)
        if new:
            client.avoids = "; ".join([*avoids, *new])[:300]
            client.save()
        workers = set(OtherWorker.objects.filter(client=client).now().values_list("organisation", flat=True))
        for said in _pieces(self.other_workers, known=workers):
            OtherWorker.objects.create(client=client, organisation=said, started_on=self.started_on)
        people = set(RelatedPerson.objects.filter(client=client).now().values_list("name", flat=True))
        for said in _pieces(self.helper, known=people):
            RelatedPerson.objects.create(
                client=client,
                name=said,
                relation=RelatedPerson.Relation.OTHER,
                is_support=True,
                started_on=self.started_on,
            )

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
        resources=(),
        follow_up_on=None,
        priority=IncomingReferral.Urgency.ROUTINE,
        priority_reason="",
        expected_on=None,
        worker=None,
    ):
        """Take the one dated decision (REQ-114): accept, waitlist, refer out or decline.

        `answers` maps each eligibility question of the program to True or False. One that does not fit refuses the
        acceptance, unless somebody with the permission eligibility.override gives the reason in `override`. Referring
        out wants `resources` of the directory, or in `offered` one a line named by hand, or a note why there is none,
        and a follow-up date (REQ-115). Who goes before others on a waitlist does so for a reason (REQ-77). Accepting
        enrolls, lays out the program's milestones and makes `worker` accountable. A waiting intake may be decided
        again. Raises Refused; returns the decision.
        """
        on = on or timezone.localdate()
        outcome = EligibilityDecision.Outcome(outcome)
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.closed_on:
            raise Refused(_("This intake has its decision already."))
        problems = [_("First finish the intake: %(what)s.") % {"what": what} for what in locked.lacks()]
        resources = list(dict.fromkeys(resources))
        wants_program = outcome in (EligibilityDecision.Outcome.ACCEPT, EligibilityDecision.Outcome.WAITLIST)
        if wants_program and program is None:
            problems.append(_("Choose the program."))
        if outcome != EligibilityDecision.Outcome.ACCEPT and reason is None and not note.strip():
            problems.append(_("Say why, with a reason from the list or in a note."))
        if outcome == EligibilityDecision.Outcome.REFER_OUT:
            if not resources and not offered.strip() and not note.strip():
                problems.append(
                    _("Name at least one resource that was offered, or say in the note why there is none.")
                )
            if follow_up_on is None:
                problems.append(_("Set a day on which somebody asks how the referral went."))
            elif follow_up_on < on:
                problems.append(_("The day to ask how the referral went is in the past."))
        if outcome == EligibilityDecision.Outcome.WAITLIST:
            if priority != IncomingReferral.Urgency.ROUTINE and not priority_reason.strip():
                problems.append(_("Say why they go before others."))
            if expected_on is not None and expected_on < on:
                problems.append(_("The day on which a place is expected is in the past."))
        else:
            priority, priority_reason, expected_on = IncomingReferral.Urgency.ROUTINE, "", None
        if outcome != EligibilityDecision.Outcome.REFER_OUT:
            resources, offered, follow_up_on = [], "", None
        by_hand = [line.strip()[:300] for line in offered.splitlines() if line.strip()]
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
            offered="\n".join([*map(str, resources), *by_hand]),
            follow_up_on=follow_up_on,
            priority=priority,
            priority_reason=priority_reason,
            expected_on=expected_on,
            override_reason=override if unfit else "",
            decided_on=on,
            decided_by=by,
        )
        for question in [q for q in EligibilityCriterion.objects.filter(pk__in=answers, program=program)]:
            if answers[question.pk] is not None:
                CriterionAnswer.objects.create(
                    decision=decision, criterion=question, answer=answers[question.pk]
                )
        for resource in resources:
            ResourceOffered.objects.create(decision=decision, resource=resource, name=str(resource)[:300])
        for name in by_hand:
            ResourceOffered.objects.create(decision=decision, name=name)
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


def _pieces(words, known):
    """What stands between semicolons or lines, each once, without what is known."""
    pieces = [piece.strip()[:150] for piece in words.replace("\n", ";").split(";")]
    return [piece for piece in dict.fromkeys(pieces) if piece and piece not in known]


class DecisionQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        sealed = access.sealed_programs(staff, client="intake__client")
        return super()._seen_by(staff).exclude(sealed & ~Q(intake__assigned_to=staff))

    def waiting(self):
        """On a waitlist: decided so last, and the intake is still open."""
        later = self.model.objects.filter(intake=OuterRef("intake"), pk__gt=OuterRef("pk"))
        return self.filter(outcome=EligibilityDecision.Outcome.WAITLIST, intake__closed_on=None).exclude(
            Exists(later)
        )

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

    class CameOfIt(models.TextChoices):
        HELPED = "helped", _("Got help there")
        WAITS = "waits", _("Waits there")
        WENT_NOT = "went_not", _("Did not go")
        TURNED_AWAY = "turned_away", _("Was turned away")
        UNREACHED = "unreached", _("Could not be reached")

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
    came_of_it = models.CharField(_("what came of it"), max_length=12, choices=CameOfIt, blank=True)
    came_of_it_note = models.CharField(_("note"), max_length=300, blank=True)
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

    @property
    def is_waiting(self):
        return type(self).objects.waiting().filter(pk=self.pk).exists()

    def ask(self, came_of_it, *, note="", again_on=None):
        """Somebody asked how the referral out went; with `again_on` it is asked again on that day.

        Raises Refused when it was asked already, and for a day in the past.
        """
        if self.outcome != self.Outcome.REFER_OUT or self.followed_up_on is not None:
            raise Refused(_("This was asked already."))
        today = timezone.localdate()
        if again_on is not None and again_on <= today:
            raise Refused(_("The day to ask again must lie ahead."))
        self.came_of_it, self.came_of_it_note = self.CameOfIt(came_of_it), note
        if again_on is None:
            self.followed_up_on = today
        else:
            self.follow_up_on = again_on
        self.save()

    def enroll(self, *, worker, by):
        """Start the period of service that an acceptance stands for, with the dated steps of its program."""
        self.enrollment = Enrollment.objects.create(
            client=self.intake.client,
            program=self.program,
            enrolled_on=self.decided_on,
            staged_on=self.decided_on,
        )
        self.save()
        Milestone.lay_out(self.enrollment)
        if worker is not None:
            self.enrollment.assign(worker, by=by, on=self.decided_on)
        return self.enrollment


class CriterionAnswer(AgencyOwned):
    """What was answered to one eligibility question when the decision was taken."""

    path = "decision__intake__client"

    decision = models.ForeignKey(EligibilityDecision, models.PROTECT, related_name="answers")
    criterion = models.ForeignKey(EligibilityCriterion, models.PROTECT, related_name="+")
    answer = models.BooleanField()

    objects = access.OfDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("eligibility answer")
        constraints = [models.UniqueConstraint(fields=["decision", "criterion"], name="answered_once")]

    def __str__(self):
        return f"{self.criterion}: {self.answer}"


class ResourceOffered(AgencyOwned):
    """What somebody was offered elsewhere when we referred them out (REQ-115)."""

    path = "decision__intake__client"

    decision = models.ForeignKey(EligibilityDecision, models.PROTECT, related_name="resources")
    # NULL: named by hand, because the directory does not have it.
    resource = models.ForeignKey(Resource, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("resource"), max_length=300)

    objects = access.OfDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("resource offered")
        verbose_name_plural = _("resources offered")
        ordering = ["pk"]

    def __str__(self):
        return self.name
