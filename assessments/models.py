"""Assessments, and the needs and strengths that come out of them."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.domains import OPEN_RATINGS, Domain, Rating, severity
from casemgmt.agencies.models import AgencyOwned, PickItem, ScopedQuerySet, Signature, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused, Signed
from clients.models import Enrollment
from clients.pipeline import Stage


class AdministrationQuerySet(ScopedQuerySet):
    def signed(self):
        """A NULL signed_at means a draft."""
        return self.exclude(signed_at=None)

    def drafts(self):
        return self.filter(signed_at=None)


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

    def previous(self):
        """The signed assessment before this one, for the comparison (REQ-117); None for the first."""
        before = Administration.objects.filter(enrollment__client=self.enrollment.client_id).signed()
        return before.exclude(pk=self.pk).filter(held_on__lte=self.held_on).first()

    @transaction.atomic
    def sign(self, *, by, typed_name=""):
        """Sign and lock: needs and strengths are brought up to date and the enrollment becomes assessed.

        Raises Refused while a domain has no rating of the worker.
        """
        self.require_draft()
        ratings = list(self.ratings.all())
        rated = {r.domain for r in ratings if r.worker_rating is not None}
        left = [d.label for d in Domain if d not in rated]
        if left:
            raise Refused(
                _("Not rated yet: %(domains)s.") % {"domains": ", ".join(str(label) for label in left)}
            )
        urgent = [r for r in ratings if r.severity == Rating.URGENT and not r.comment.strip()]
        if urgent:
            raise Refused(
                _("Say what is done about what is urgent: %(domains)s.")
                % {"domains": ", ".join(r.get_domain_display() for r in urgent)}
            )
        self._mark_signed()
        AdministrationSignature.objects.create(
            administration=self, staff=by, typed_name=typed_name or by.name, signed_at=self.signed_at
        )
        for rating in ratings:
            Need.take_from(rating)
            Strength.take_from(rating)
        if self.enrollment.stage == Stage.ENROLLED:
            self.enrollment.move_to(Stage.ASSESSED, by=by)


class AdministrationSignature(Signature):
    """A signature under an assessment."""

    path = "administration__enrollment"
    administration = models.ForeignKey(Administration, models.PROTECT, related_name="signatures")


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


class NeedQuerySet(ScopedQuerySet):
    def open(self):
        """Still unmet; a NULL met_on means not met."""
        return self.filter(met_on=None)

    def high(self):
        """Open and urgent: a plan must take it up or say why not (REQ-138)."""
        return self.open().filter(severity=Rating.URGENT)


class Need(AgencyOwned):
    """A gap in one domain of a person's life, from the day it was seen to the day it was met."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="needs")
    domain = models.CharField(_("domain"), max_length=20, choices=Domain)
    severity = models.PositiveSmallIntegerField(_("how grave"), choices=Rating)
    words = models.CharField(_("in words"), max_length=300, blank=True)
    goal_wish = models.CharField(_("what they wish for"), max_length=300, blank=True)
    is_risk = models.BooleanField(_("a risk"), default=False)
    seen_on = models.DateField(_("seen on"))
    met_on = models.DateField(_("met on"), null=True, blank=True)
    rating = models.ForeignKey(DomainRating, models.PROTECT, related_name="+")

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ["-severity", "seen_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "domain"], condition=Q(met_on=None), name="one_open_need_per_domain"
            )
        ]

    def __str__(self):
        return self.get_domain_display()

    @classmethod
    def take_from(cls, rating):
        """Open, change or close the need of a domain after a signed rating; unknown leaves it as it was."""
        enrollment, day = rating.administration.enrollment, rating.administration.held_on
        need = cls.objects.filter(enrollment=enrollment, domain=rating.domain).open().first()
        grave = rating.severity
        if grave is None:
            return need
        if grave not in OPEN_RATINGS:
            if need is not None:
                need.met_on = max(day, need.seen_on)
                need.save()
            return None
        if need is None:
            need = cls(enrollment=enrollment, domain=rating.domain, seen_on=day)
        need.severity, need.rating, need.is_risk = grave, rating, rating.is_risk
        need.words, need.goal_wish = rating.comment[:300], rating.goal_wish
        need.save()
        return need


class StrengthQuerySet(ScopedQuerySet):
    def current(self):
        """A NULL ended_on means that it still holds."""
        return self.filter(ended_on=None)


class Strength(AgencyOwned):
    """Something the person can build on (REQ-107); plans say which they use."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="strengths")
    domain = models.CharField(_("domain"), max_length=20, choices=Domain)
    text = models.CharField(_("strength"), max_length=300)
    seen_on = models.DateField(_("seen on"))
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = StrengthQuerySet.as_manager()

    class Meta:
        verbose_name = _("strength")
        verbose_name_plural = _("strengths")
        ordering = ["domain", "pk"]

    def __str__(self):
        return self.text

    @classmethod
    def take_from(cls, rating):
        """Keep a strength that a signed rating names, once; the words of an earlier one are replaced."""
        text = rating.strength.strip()
        if not text:
            return None
        enrollment = rating.administration.enrollment
        row = cls.objects.filter(enrollment=enrollment, domain=rating.domain).current().first()
        if row is None:
            row = cls(enrollment=enrollment, domain=rating.domain, seen_on=rating.administration.held_on)
        elif row.text == text:
            return row
        row.text = text
        row.save()
        return row
