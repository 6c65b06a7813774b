"""Programs with their rules, and the lists an agency chooses from."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyOwned, FromElsewhere, ScopedQuerySet
from casemgmt.agencies.words import worded


class ModelOfPractice(models.TextChoices):
    """Models of case management (REQ-41); each brings default rules, which an agency changes as it likes."""

    BROKER = "broker", _("Broker")
    CLINICAL = "clinical", _("Clinical")
    ACT = "act", _("Assertive Community Treatment (ACT)")
    INTENSIVE = "intensive", _("Intensive")
    REHABILITATION = "rehabilitation", _("Rehabilitation")
    STRENGTHS = "strengths", _("Strengths-based")
    RAPID = "rapid", _("Rapid (8 to 12 weeks)")
    CUSTOM = "custom", _("Custom")


class NoteFormat(models.TextChoices):
    """The questions under which a note is written (PR-23); the answers lie in the same columns in every format."""

    SHORT = "short", _("Short: what happened, what comes next")
    SOAP = "soap", _("SOAP: said, seen, assessment, next")
    DAP = "dap", _("DAP: data, assessment, next")
    GIRP = "girp", _("GIRP: goal, intervention, response, next")
    BIRP = "birp", _("BIRP: behavior, intervention, response, next")


# People per worker, shared caseload, crisis cover round the clock, days between contacts (DOMAIN 2.7): starting
# values that `Program.with_defaults_of` fills in, not rules.
MODEL_DEFAULTS = {
    ModelOfPractice.BROKER: (50, False, False, 30),
    ModelOfPractice.CLINICAL: (30, False, False, 14),
    ModelOfPractice.ACT: (10, True, True, 3),
    ModelOfPractice.INTENSIVE: (15, False, False, 7),
    ModelOfPractice.REHABILITATION: (20, False, False, 7),
    ModelOfPractice.STRENGTHS: (20, False, False, 7),
    ModelOfPractice.RAPID: (20, False, False, 7),
    ModelOfPractice.CUSTOM: (25, False, False, 30),
}

# The dated steps of models of a fixed length, and the days after enrolling (REQ-78): starting values as well.
MODEL_STEPS = {
    ModelOfPractice.RAPID: (
        (_("Plan agreed"), 14),
        (_("Midpoint review"), 42),
        (_("Closure planned"), 56),
        (_("End of service"), 84),
    )
}


class ProgramQuerySet(ScopedQuerySet):
    def open(self, at=None):
        """Taking part on this day; a NULL closed_on means open, a NULL opened_on that nobody wrote it down."""
        day = at or timezone.localdate()
        return self.filter(
            Q(closed_on=None) | Q(closed_on__gt=day), Q(opened_on=None) | Q(opened_on__lte=day)
        )


def _days(label, default, help_text=""):
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        help_text=help_text,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )


class Program(AgencyOwned, FromElsewhere):
    """A funded line of service with its rules; every number here is the agency's to set."""

    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(_("code"), max_length=40, blank=True)
    model = models.CharField(
        _("model"), max_length=20, choices=ModelOfPractice, default=ModelOfPractice.CUSTOM
    )
    opened_on = models.DateField(_("open from"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    caseload_target = models.PositiveSmallIntegerField(worded(_("people per {worker}")), default=25)
    shares_caseload = models.BooleanField(
        worded(_("the team shares one {caseload}")),
        default=False,
        help_text=_("Everybody in the team sees everybody served."),
    )
    crisis_cover = models.BooleanField(_("crisis cover round the clock"), default=False)
    is_part_2 = models.BooleanField(
        _("under 42 CFR Part 2"),
        default=False,
        help_text=_("Substance use records: hidden from the agency's other staff without consent."),
    )
    contact_every_days = _days(_("days between contacts"), 30)
    assess_within_days = _days(_("days from enrolling to the first assessment"), 30)
    reassess_every_days = _days(_("days between assessments"), 180)
    reassess_after_event_days = _days(
        _("days from a significant event to the next assessment"),
        14,
        _("A stay in hospital, a crisis, an arrest, a lost home, a move."),
    )
    reviews_assessments = models.BooleanField(
        worded(_("a {supervisor} looks at each assessment")), default=False
    )
    plan_within_days = _days(_("days from enrolling to the plan"), 45)
    review_every_days = _days(_("days between plan reviews"), 90)
    cosigns_plans = models.BooleanField(
        worded(_("a {supervisor} signs each {plan}")),
        default=False,
        help_text=_("Nobody signs as the second person what they wrote themselves."),
    )
    confirm_referral_days = _days(
        _("days until somebody asks whether a service began"), 14, _("After a referral to somebody else.")
    )
    interruption_notice_days = _days(
        _("days in which people are told that a service stops"), 10, _("From the day on which we know it.")
    )
    note_due_hours = models.PositiveSmallIntegerField(
        _("hours to sign a note"), default=48, validators=[MinValueValidator(1)]
    )
    crisis_note_due_hours = models.PositiveSmallIntegerField(
        _("hours to sign a note on a crisis"), default=24, validators=[MinValueValidator(1)]
    )
    note_format = models.CharField(
        _("how notes are written"), max_length=5, choices=NoteFormat, default=NoteFormat.SHORT
    )
    asks_acuity = models.BooleanField(
        worded(_("each {visit} says how much support is needed, from 1 to 5")), default=False
    )
    max_billable_staff = models.PositiveSmallIntegerField(
        worded(_("colleagues whose time at one {visit} may be billed")),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text=_("What the payer allows; the time of the others is team or mentoring time."),
    )
    check_in_grace_minutes = models.PositiveSmallIntegerField(
        _("minutes after which a missing check-out alarms somebody"),
        default=15,
        validators=[MaxValueValidator(600)],
    )
    aftercare_days = _days(_("days from discharge to the follow-up"), 30)
    consent_age = models.PositiveSmallIntegerField(
        _("age from which people sign for themselves"),
        default=18,
        validators=[MaxValueValidator(25)],
        help_text=_("What the law here says for this kind of service."),
    )
    requires_notice = models.BooleanField(_("people confirm that they got the privacy notice"), default=True)
    require_outcome_indicator = models.BooleanField(_("each goal needs an outcome indicator"), default=True)

    objects = ProgramQuerySet.as_manager()

    class Meta(FromElsewhere.Meta):
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ["name"]
        constraints = [
            *FromElsewhere.Meta.constraints,
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(opened_on=None) | Q(closed_on__gte=models.F("opened_on")),
                name="program_closes_after_opening",
            ),
        ]

    def __str__(self):
        return self.name

    def take_defaults_of_model(self):
        """Set the numbers that usually go with the chosen model of practice."""
        target, shared, crisis, days = MODEL_DEFAULTS[self.model]
        self.caseload_target, self.shares_caseload = target, shared
        self.crisis_cover, self.contact_every_days = crisis, days

    def take_steps_of_model(self):
        """Write the dated steps that usually go with the model, unless the program has its own."""
        if self.steps.in_use().exists():
            return
        for title, after_days in MODEL_STEPS.get(self.model, ()):
            ProgramStep.objects.create(program=self, title=str(title), after_days=after_days)


class StepQuerySet(ScopedQuerySet):
    def in_use(self, at=None):
        """A NULL ended_on means still used."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()))


class ProgramStep(AgencyOwned):
    """A dated step that everybody enrolled in a program of fixed length goes through (REQ-78)."""

    parent = "program"

    program = models.ForeignKey(Program, models.PROTECT, related_name="steps", verbose_name=_("program"))
    title = models.CharField(_("step"), max_length=150)
    after_days = models.PositiveSmallIntegerField(
        _("days after enrolling"), validators=[MaxValueValidator(3650)]
    )
    ended_on = models.DateField(_("no longer used from"), null=True, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a program")
        verbose_name_plural = _("steps of a program")
        ordering = ["after_days", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "title"], condition=Q(ended_on=None), name="step_once_in_a_program"
            )
        ]

    def __str__(self):
        return self.title


class ConsentKind(models.TextChoices):
    """What people are asked to agree to."""

    SERVICE = "service", _("Receiving service")
    DISCLOSURE = "disclosure", _("Sharing information")
    PART2_TPO = "part2_tpo", _("Substance use records: treatment, payment and operations")
    PART2_SPECIFIC = "part2_specific", _("Substance use records: one recipient")
    SUD_NOTES = "sud_notes", _("Substance use counseling notes")
    LEGAL = "legal", _("Substance use records in legal proceedings")
    ELECTRONIC = "electronic", _("Electronic communication")
    RESEARCH = "research", _("Research")
    OBSERVER = "observer", worded(_("A second colleague at {visits}"))
    NOTICE = "notice", _("Privacy notice received")


class ConsentTextQuerySet(ScopedQuerySet):
    def offered(self, at=None):
        """In use on this day; a NULL ended_on means until a newer version replaces it."""
        day = at or timezone.localdate()
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=day), started_on__lte=day)


class ConsentText(AgencyOwned):
    """The words that people agree to, one row a version and language; what somebody agreed to stays readable."""

    kind = models.CharField(_("for"), max_length=14, choices=ConsentKind)
    language = models.CharField(_("language"), max_length=60, default="English")
    edition = models.CharField(_("version"), max_length=40)
    body = models.TextField(_("text"))
    started_on = models.DateField(_("in use from"), default=timezone.localdate)
    ended_on = models.DateField(_("no longer used from"), null=True, blank=True)

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["kind", "language", "-started_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "kind", "language", "edition"], name="consent_text_edition_once"
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.language}, {self.edition}"

    @transaction.atomic
    def take_the_place_of_others(self):
        """From its first day on the earlier versions of this kind and language are no longer used."""
        others = type(self).objects.filter(
            agency_id=self.agency_id, kind=self.kind, language=self.language, ended_on=None
        )
        for other in others.exclude(pk=self.pk).filter(started_on__lte=self.started_on):
            other.ended_on = self.started_on
            other.save()


class CriterionQuerySet(ScopedQuerySet):
    def asked(self, at=None):
        """Asked on this day; a NULL ended_on means still asked."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()))


class EligibilityCriterion(AgencyOwned):
    """One question a program asks at intake (REQ-1); the wrong answer needs an override with a reason."""

    parent = "program"

    program = models.ForeignKey(Program, models.PROTECT, related_name="criteria", verbose_name=_("program"))
    question = models.CharField(
        _("question"), max_length=200, help_text=_("Answered with yes or no, such as “Lives in the county”.")
    )
    expected = models.BooleanField(_("the answer that fits is yes"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    ended_on = models.DateField(_("no longer asked from"), null=True, blank=True)

    objects = CriterionQuerySet.as_manager()

    class Meta:
        verbose_name = _("eligibility question")
        verbose_name_plural = _("eligibility questions")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.question


class Component(models.TextChoices):
    """The four parts of targeted case management (42 CFR 440.169, PR-1), and what is none of them."""

    ASSESSMENT = "assessment", _("Assessment")
    PLANNING = "planning", _("Care plan")
    REFERRAL = "referral", _("Referral and linkage")
    MONITORING = "monitoring", _("Monitoring and follow-up")
    NONE = "none", _("None of the four")


class ServiceTypeQuerySet(ScopedQuerySet):
    def in_use(self, at=None):
        """A NULL ended_on means still used."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()))


class ServiceType(AgencyOwned):
    """What kind of work a visit was, such as monitoring or linkage."""

    code = models.CharField(_("code"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=120)
    component = models.CharField(
        _("part of targeted case management"), max_length=10, choices=Component, default=Component.NONE
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    ended_on = models.DateField(_("no longer used from"), null=True, blank=True)

    objects = ServiceTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("service type")
        verbose_name_plural = _("service types")
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="service_type_once")]

    def __str__(self):
        return self.name


class PickList(models.TextChoices):
    """Lists of reasons that belong to the agency."""

    DECISION = "decision", _("Reason for an eligibility decision")
    DISPOSITION = "disposition", _("Discharge disposition")
    EMERGENCY = "emergency", _("Reason for emergency access")
    REFERRAL_SOURCE = "referral_source", _("Who refers people to us")
    BARRIER = "barrier", _("Barrier to meeting a need")
    FUNDING = "funding", _("Who pays for a service")
    GAP = "gap", _("Why a service could not be had")
    EXEMPTION = "exemption", _("Reason to move a plan review")
    INCIDENT = "incident", _("Kind of incident")
    MANDATED = "mandated", _("Kind of mandated report")


class PickItemQuerySet(ScopedQuerySet):
    def of(self, pick_list, at=None):
        """What may be chosen on this day; a NULL ended_on means still offered."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()), pick_list=pick_list)


class PickItem(AgencyOwned):
    """One choice of one of the agency's lists."""

    pick_list = models.CharField(_("list"), max_length=20, choices=PickList)
    code = models.CharField(_("code"), max_length=40, help_text=_("Stays the same when the words change."))
    label = models.CharField(_("words"), max_length=150)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    ended_on = models.DateField(_("no longer offered from"), null=True, blank=True)

    objects = PickItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("list item")
        verbose_name_plural = _("list items")
        ordering = ["pick_list", "position", "label"]
        constraints = [models.UniqueConstraint(fields=["agency", "pick_list", "code"], name="pick_item_once")]

    def __str__(self):
        return self.label
