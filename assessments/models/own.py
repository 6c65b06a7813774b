"""Questionnaires that staff answer about their own work."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.answered import Answered, without
from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.core.models import Refused


class StaffResponseQuerySet(ScopedQuerySet):
    """What staff say about themselves is read by whoever said it, and by nobody else (REQ-50)."""

    def _seen_by(self, staff):
        return self.filter(staff=staff)

    def complete(self):
        return self.exclude(completed_at=None)

    def drafts(self):
        return self.filter(completed_at=None)

    def before(self, response):
        """What the same person answered earlier, in whatever version, the latest first."""
        earlier = Q(held_on__lt=response.held_on) | Q(held_on=response.held_on, pk__lt=response.pk)
        kind = response.instrument_version.instrument_id
        rows = self.complete().filter(earlier, staff=response.staff_id)
        return rows.filter(instrument_version__instrument=kind).order_by("-held_on", "-pk")


class StaffResponse(AgencyOwned, Answered):
    """A questionnaire that somebody answered about their own work: private to them, counted only in groups."""

    parent = "staff"

    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("answered by"))
    held_on = models.DateField(_("date"), default=timezone.localdate)

    objects = StaffResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("answered questionnaire of staff")
        verbose_name_plural = _("answered questionnaires of staff")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "instrument_version"],
                condition=Q(completed_at=None),
                name="one_staff_draft_of_a_version",
            )
        ]

    @property
    def said(self):
        return self.answers

    @classmethod
    @transaction.atomic
    def begin(cls, version, staff):
        """Start a questionnaire about oneself, or find the draft there is."""
        StaffMember.objects.select_for_update(of=("self",)).get(pk=staff.pk)
        drafts = cls.objects.drafts().filter(
            staff=staff, instrument_version__instrument=version.instrument_id
        )
        draft = drafts.select_related("instrument_version__instrument").first()
        if draft is not None:
            return draft
        if version.is_draft or version.is_withdrawn or not version.instrument.is_about_staff:
            raise Refused(_("This questionnaire is not in use."))
        return cls.objects.create(instrument_version=version, staff=staff)

    @transaction.atomic
    def say(self, code, value, *, by=None):
        """Keep one answer; nobody else is told, whatever it is."""
        self.answers = StaffResponse.objects.select_for_update(of=("self",)).get(pk=self.pk)._open_answers()
        value, code = self._clean(code, value), str(code)
        if self.answers.get(code) != value:
            self.answers = without(self.answers, code) | ({} if value is None else {code: value})
            self.save()
        return []

    def _open_answers(self):
        self._require_open()
        return self.answers

    @transaction.atomic
    def complete(self, *, by=None):
        """Lock and score the answers. Raises Unanswered while a needed answer is missing."""
        StaffResponse.objects.select_for_update(of=("self",)).get(pk=self.pk)._require_open()
        self._settle(self.said)
        self.save()
