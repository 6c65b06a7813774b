"""What a person lacks, and what they can build on: rows that come out of assessments and that plans take up."""

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.domains import OPEN_RATINGS, Domain, Priority, Rating, change
from casemgmt.agencies.models import AgencyOwned, PickItem, ScopedQuerySet
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import Enrollment


class NeedQuerySet(ScopedQuerySet):
    def open(self):
        """Still unmet; a NULL met_on means not met."""
        return self.filter(met_on=None)

    def in_order(self):
        """As the person wants them, then the gravest first (REQ-33); a NULL priority was not asked and comes last."""
        return self.order_by(models.F("priority").asc(nulls_last=True), "-severity", "seen_on", "pk")

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
    priority = models.PositiveSmallIntegerField(
        worded(_("how soon, for the {client}")), choices=Priority, null=True, blank=True
    )
    barrier = models.ForeignKey(
        PickItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("barrier")
    )
    # As it stood before the last change; NULL: the need is new.
    severity_before = models.PositiveSmallIntegerField(choices=Rating, null=True, editable=False)
    # Where it was seen: in a domain of an assessment, or in a questionnaire that somebody answered.
    rating = models.ForeignKey("assessments.DomainRating", models.PROTECT, null=True, related_name="+")
    response = models.ForeignKey("assessments.Response", models.PROTECT, null=True, related_name="needs")

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ["-severity", "seen_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "domain"], condition=Q(met_on=None), name="one_open_need_per_domain"
            ),
            models.CheckConstraint(
                condition=~Q(rating=None) | ~Q(response=None), name="need_was_seen_somewhere"
            ),
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
        elif need.severity != grave:
            need.severity_before = need.severity
        need.severity, need.rating, need.is_risk = grave, rating, rating.is_risk
        need.words, need.goal_wish = rating.comment[:300], rating.goal_wish
        need.barrier_id, need.priority = rating.barrier_id, rating.priority or need.priority
        need.save()
        return need

    @classmethod
    @transaction.atomic
    def take_suggestion(cls, response, suggestion, *, urgent=False):
        """Open a need that an answered questionnaire points at (REQ-53), or find the open one of that domain.

        Raises Refused outside an open enrollment.
        """
        enrollment = response.enrollment
        if enrollment is None or not enrollment.is_open:
            raise Refused(worded(_("A need belongs to an open {enrollment}.")))
        Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
        need = cls.objects.filter(enrollment=enrollment, domain=suggestion.domain).open().first()
        if need is None:
            need = cls.objects.create(
                enrollment=enrollment,
                domain=suggestion.domain,
                severity=Rating.URGENT if urgent else Rating.UNMET,
                words=suggestion.words[:300],
                seen_on=response.held_on,
                response=response,
            )
        return need

    @property
    def change(self):
        """Whether the last assessment made it worse or better; None for a need that is new or as it was."""
        return change(self.severity_before, self.severity) if self.severity_before is not None else None


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
