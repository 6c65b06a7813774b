"""Each answer as it was given, and what somebody must act upon because of it."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from assessments import scoring
from casemgmt.agencies.models import (
    AgencyFact,
    AgencyOwned,
    FactQuerySet,
    Notice,
    ScopedQuerySet,
    StaffMember,
    through,
)
from casemgmt.core.models import Refused
from clients.models import Alert, CaseAssignment


class OfResponse(ScopedQuerySet):
    """Rows of an answered questionnaire: whoever sees that, sees them (its program may be sealed, PR-40)."""

    def _seen_by(self, staff):
        response = self.model._meta.get_field("response").related_model
        return self.filter(response__in=through(response, staff))


class FactOfResponse(OfResponse, FactQuerySet):
    """What is only ever added to an answered questionnaire."""


class Answer(AgencyFact):
    """One answer, the moment it was given; a NULL value takes the last one back, a NULL `by` is the person alone."""

    path = "response__client"

    response = models.ForeignKey("assessments.Response", models.PROTECT, related_name="given")
    item = models.CharField(max_length=100)
    value = models.JSONField(null=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = FactOfResponse.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.item}: {self.value}"


class ConcernQuerySet(OfResponse):
    def open(self):
        """Nobody has said what was done; a NULL handled_on means open."""
        return self.filter(handled_on=None)

    def tasks(self):
        """Those that the person's own worker acts upon; what the person says about the service is a supervisor's."""
        return self.filter(actions__holds="task")


class Concern(AgencyOwned):
    """An answer that somebody must act upon at once: a task of the worker's, and a notice to the supervisors.

    It is raised while the person still answers (DOMAIN 3.1), once for each alert of a questionnaire, and stays when
    the answer is changed afterwards.
    """

    path = "response__client"

    response = models.ForeignKey("assessments.Response", models.PROTECT, related_name="concerns")
    text = models.CharField(_("what was said"), max_length=300)
    severity = models.PositiveSmallIntegerField(_("how grave"), default=3)
    actions = models.JSONField(default=list)
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, editable=False, related_name="+")
    handled_on = models.DateField(_("handled on"), null=True, editable=False)
    handled_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, editable=False, related_name="+")
    done = models.TextField(_("what was done"), blank=True)

    objects = ConcernQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer to act upon")
        verbose_name_plural = _("answers to act upon")
        ordering = ["-severity", "raised_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["response", "text"], name="concern_once")]

    def __str__(self):
        return self.text

    @classmethod
    def raise_for(cls, response):
        """Raise what these answers call for and was not raised before; returns all that the response has raised."""
        called = scoring.alerts(response.definition, response.said)
        raised = list(cls.objects.filter(response=response))
        known = {row.text for row in raised}
        for alert in called:
            text = Truncator(alert.text).chars(300)
            if text not in known:
                known.add(text)
                row = cls(response=response, text=text, severity=alert.severity, actions=list(alert.actions))
                if "banner" in alert.actions and not response.is_of_sealed_program:
                    row.alert = Alert.objects.create(
                        client=response.client,
                        kind=Alert.Kind.HEALTH,
                        text=Truncator(f"{response.instrument_version.instrument}: {text}").chars(200),
                        review_on=timezone.localdate() + timedelta(days=settings.CONCERN_REVIEW_DAYS),
                    )
                row.save()
                if "notify" in alert.actions:
                    row._notify()
                raised.append(row)
        return raised

    @transaction.atomic
    def handle(self, done, *, by):
        """Say what was done about it; the line in the banner goes with it."""
        if self.handled_on:
            raise Refused(_("Somebody has said already what was done."))
        if not done.strip():
            raise Refused(_("Say what was done."))
        self.done, self.handled_on, self.handled_by = done.strip(), timezone.localdate(), by
        if self.alert is not None and self.alert.ended_on is None:
            self.alert.ended_on = timezone.localdate()
            self.alert.save()
        self.save()

    @property
    def subject(self):
        """What a notice about it is known by: the questionnaire and a mark of the words, which tell nothing."""
        return f"{self.response_id}-{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    def _notify(self):
        """A line to whoever supervises the person's workers, to the agency's supervisors where nobody does.

        Those come first who may read what was said, which may be sealed; the line itself names nobody.
        """
        rows = type(self.response).objects
        told = StaffMember.objects.answerable_for(
            self.agency_id,
            self._workers(),
            lambda staff: rows.visible_to(staff).filter(pk=self.response_id).exists(),
        )
        for supervisor in told:
            Notice.objects.get_or_create(
                agency_id=self.agency_id,
                staff=supervisor,
                kind="concern",
                subject=self.subject,
                defaults={
                    "text": _("An answer to a questionnaire must be acted upon now."),
                    "url": reverse("assessments:response-detail", kwargs={"pk": self.response_id}),
                },
            )

    def _workers(self):
        own = CaseAssignment.objects.filter(enrollment__client=self.response.client_id)
        return own.accountable().in_force().values("staff")
