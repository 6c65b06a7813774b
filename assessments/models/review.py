"""The review of needs and strengths: sixteen domains, rated by worker and person."""

from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.domains import Domain, Priority, Rating, severity
from assessments.models.needs import Need, Strength
from casemgmt.agencies.models import AgencyOwned, PickItem, ScopedQuerySet, Signature, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused, Signed
from clients.models import Enrollment
from clients.pipeline import Stage


class NotFinished(Refused):
    """The assessment cannot be signed yet; `problems` are (domain, field, sentence), to be said where it is missing."""

    def __init__(self, sentences, problems):
        self.problems = problems
        super().__init__(*sentences)


class AdministrationQuerySet(ScopedQuerySet):
    def signed(self):
        """A NULL signed_at means a draft."""
        return self.exclude(signed_at=None)

    def drafts(self):
        return self.filter(signed_at=None)

    def to_review(self):
        """Signed, and waiting for a supervisor because the program wants it; a NULL cosigned_at is not reviewed."""
        return self.signed().filter(cosigned_at=None, enrollment__program__reviews_assessments=True)

    def before(self, administration):
        """The person's signed assessments before this one, the latest first, for the comparison (REQ-117)."""
        earlier = Q(held_on__lt=administration.held_on)
        if administration.pk:
            earlier |= Q(held_on=administration.held_on, pk__lt=administration.pk)
        return self.signed().filter(earlier, enrollment__client=administration.enrollment.client_id)


class Administration(AgencyOwned, Signed):
    """One Needs & Strengths Review with one person: sixteen domains, the worker's and the person's own rating."""

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", _("In person")
        PHONE = "phone", _("By phone")
        VIDEO = "video", _("By video")
        RECORDS = "records", _("From records and others")

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="administrations")
    held_on = models.DateField(_("date"), default=timezone.localdate)
    mode = models.CharField(_("how"), max_length=10, choices=Mode, default=Mode.IN_PERSON)
    informants = models.CharField(
        _("who else told us"),
        max_length=200,
        blank=True,
        help_text=_("For example a sister, the shelter, records."),
    )
    summary = models.TextField(_("in short"), blank=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("done by"))

    objects = AdministrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["enrollment", "-held_on"], name="assessment_latest")]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.held_on}"

    @classmethod
    @transaction.atomic
    def begin(cls, enrollment, *, by, **fields):
        """Start an assessment, or find the draft there is: an enrollment has one at a time.

        Raises Refused when the enrollment has ended or the day is still to come.
        """
        # Whoever starts at the same moment waits here, and then finds the draft.
        locked = Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
        draft = cls.objects.filter(enrollment=locked).drafts().first()
        if draft is not None:
            return draft
        if not locked.is_open:
            raise Refused(worded(_("This {enrollment} has ended. Nothing new is assessed in it.")))
        row = cls(enrollment=enrollment, by=by, **fields)
        row._require_past()
        row.save()
        return row

    def _require_past(self):
        if self.held_on > timezone.localdate():
            raise Refused(_("The day of the assessment is still to come."))

    @transaction.atomic
    def record(self, answers):
        """Save a draft as far as it has come; `answers` maps a domain to the fields of its rating.

        Rows that say nothing new are left alone, so that the history tells only of changes. Raises Refused when signed.
        """
        self.require_draft()
        self._require_past()
        self.save()
        known = {r.domain: r for r in self.ratings.all()}
        for domain, fields in answers.items():
            row = known.get(domain) or DomainRating(administration=self, domain=domain)
            changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
            for name, value in changed.items():
                setattr(row, name, value)
            if changed:
                row.save()

    @transaction.atomic
    def fill_in(self, answers, *, sign_by=None):
        """Record, and sign in the same breath when somebody signs; a refusal undoes both."""
        self.record(answers)
        if sign_by is not None:
            self.sign(by=sign_by)

    @transaction.atomic
    def sign(self, *, by, typed_name=""):
        """Sign and lock: needs and strengths are brought up to date and the enrollment becomes assessed.

        Raises NotFinished while a domain has no rating of the worker, or nobody says what is done about an urgent one.
        """
        self.require_draft()
        self._require_past()
        ratings = list(self.ratings.all())
        self._require_complete(ratings)
        self._mark_signed()
        AdministrationSignature.objects.create(
            administration=self, staff=by, typed_name=typed_name or by.name, signed_at=self.signed_at
        )
        if not self._is_overtaken():
            for rating in ratings:
                Need.take_from(rating)
                Strength.take_from(rating)
        if self.enrollment.stage == Stage.ENROLLED:
            self.enrollment.move_to(Stage.ASSESSED, by=by)

    @transaction.atomic
    def review(self, *, by):
        """A supervisor has looked at it; nobody reviews what they did or signed themselves."""
        if not self.signed_at or self.cosigned_at:
            raise Refused(_("There is nothing to review here."))
        if self.by_id == by.pk or self.signatures.filter(staff=by).exists():
            raise Refused(_("Somebody else reviews this: you did or signed it yourself."))
        self.cosigned_at = timezone.now()
        self.save()
        AdministrationSignature.objects.create(
            administration=self,
            staff=by,
            kind=Signature.Kind.COSIGNER,
            typed_name=by.name,
            signed_at=self.cosigned_at,
        )

    def _require_complete(self, ratings):
        rated = {r.domain for r in ratings if r.worker_rating is not None}
        left = [d for d in Domain if d not in rated]
        silent = [Domain(r.domain) for r in ratings if r.severity == Rating.URGENT and not r.comment.strip()]
        sentences = []
        if left:
            sentences.append(_("Not rated yet: %(domains)s.") % {"domains": _listed(left)})
        if silent:
            sentences.append(
                _("Say what is done about what is urgent: %(domains)s.") % {"domains": _listed(silent)}
            )
        if sentences:
            raise NotFinished(
                sentences,
                [(d, "worker_rating", _("Not rated yet.")) for d in left]
                + [(d, "comment", _("This is urgent: say what is done about it.")) for d in silent],
            )

    def _is_overtaken(self):
        """Signed late: a later assessment has said already how things stand."""
        later = Administration.objects.filter(enrollment=self.enrollment_id, held_on__gt=self.held_on)
        return later.signed().exists()


def _listed(domains):
    return ", ".join(str(d.label) for d in domains)


class AdministrationSignature(Signature):
    """A signature under an assessment."""

    path = "administration__enrollment"
    administration = models.ForeignKey(Administration, models.PROTECT, related_name="signatures")


class DomainRatingQuerySet(ScopedQuerySet):
    def first_and_last(self):
        """The worker's (first, last) rating of each domain of enrollments assessed twice or more, for `conversion`."""
        signed = Administration.objects.filter(enrollment=OuterRef("administration__enrollment")).signed()
        first = Subquery(signed.order_by("held_on", "pk").values("pk")[:1])
        last = Subquery(signed.order_by("-held_on", "-pk").values("pk")[:1])
        ends = self.annotate(first=first, last=last).exclude(first=models.F("last"))
        pairs = {}
        for enrollment, domain, rating, is_last in ends.filter(
            Q(administration=models.F("first")) | Q(administration=models.F("last"))
        ).values_list(
            "administration__enrollment",
            "domain",
            "worker_rating",
            models.Case(models.When(administration=models.F("last"), then=1), default=0),
        ):
            pairs.setdefault((enrollment, domain), [None, None])[is_last] = rating
        return [tuple(pair) for pair in pairs.values()]


class DomainRating(AgencyOwned):
    """How one domain stands: rated by the worker and by the person, with strength, wish, barrier and risk (REQ-116)."""

    path = "administration__enrollment"

    administration = models.ForeignKey(Administration, models.PROTECT, related_name="ratings")
    domain = models.CharField(max_length=20, choices=Domain)
    worker_rating = models.PositiveSmallIntegerField(
        worded(_("{worker}'s rating")), choices=Rating, null=True, blank=True
    )
    client_rating = models.PositiveSmallIntegerField(
        worded(_("{client}'s rating")), choices=Rating, null=True, blank=True
    )
    comment = models.TextField(_("what is going on"), blank=True)
    strength = models.CharField(_("strength"), max_length=300, blank=True)
    goal_wish = models.CharField(_("what they wish for"), max_length=300, blank=True)
    barrier = models.ForeignKey(
        PickItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("barrier")
    )
    is_risk = models.BooleanField(_("a risk"), default=False)
    priority = models.PositiveSmallIntegerField(
        worded(_("how soon, for the {client}")), choices=Priority, null=True, blank=True
    )

    objects = DomainRatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        constraints = [
            models.UniqueConstraint(fields=["administration", "domain"], name="domain_rated_once"),
            models.CheckConstraint(
                condition=Q(worker_rating=None) | Q(worker_rating__in=Rating.values),
                name="worker_rating_known",
            ),
            models.CheckConstraint(
                condition=Q(client_rating=None) | Q(client_rating__in=Rating.values),
                name="client_rating_known",
            ),
        ]

    def __str__(self):
        return self.get_domain_display()

    @property
    def severity(self):
        return severity(self.worker_rating, self.client_rating)
