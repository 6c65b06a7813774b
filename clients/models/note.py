"""What is put under and beside a signed note: names, what was added, what a colleague asks, what is put right."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    Addendum,
    AgencyFact,
    AgencyOwned,
    ScopedQuerySet,
    ServiceType,
    Signature,
    StaffMember,
)
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models.visit import MINUTES, Visit, VisitParticipant


class VisitAddendum(Addendum):
    """What was added to a signed note."""

    path = "visit__enrollment"
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="addenda")


class QuestionQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        """Whoever sees the note: also its co-signer, and who took part."""
        return self.filter(visit__in=Visit.objects.visible_to(staff))

    def open(self):
        """Wait for an answer; thanks want none, and a NULL answered_at means that there is none yet."""
        return self.exclude(kind=VisitQuestion.Kind.THANKS).filter(answered_at=None)

    def for_author(self, staff):
        """About notes that this person led."""
        led = VisitParticipant.objects.filter(staff=staff, role=VisitParticipant.Role.LEAD)
        return self.filter(visit__in=led.values("visit"))


class VisitQuestion(AgencyOwned):
    """What a supervisor or co-signer asks, thanks for, or wants followed up about a note; the answer closes it."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("A question")
        FOLLOW_UP = "follow_up", _("Please follow up")
        THANKS = "thanks", _("Thank you")

    path = "visit__enrollment"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="questions")
    kind = models.CharField(_("what it is"), max_length=10, choices=Kind, default=Kind.QUESTION)
    text = models.TextField(_("words"))
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("from"))
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        StaffMember,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question about a note")
        verbose_name_plural = _("questions about notes")
        ordering = ["asked_at", "pk"]
        indexes = [
            models.Index(
                fields=["agency"], condition=Q(answered_at=None) & ~Q(kind="thanks"), name="questions_open"
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.text[:40]}"

    @transaction.atomic
    def reply(self, text, *, by):
        """Answer and so close it. Raises Refused without words, and when somebody has answered already."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.answered_at is not None or locked.kind == self.Kind.THANKS:
            raise Refused(_("This is answered already."))
        if not text.strip():
            raise Refused(_("Write your answer."))
        locked.answer, locked.answered_by, locked.answered_at = text.strip(), by, timezone.now()
        locked.save()
        return locked


class VisitSignature(Signature):
    """A signature under a visit's note."""

    path = "visit__enrollment"
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="signatures")


class VisitCorrection(AgencyFact):
    """What is billed of a signed visit is put right: the note stays, the newest correction counts (PR-19).

    NULL minutes or kind of work: as in the note. `is_void`: nothing of it is billed.
    """

    path = "visit__enrollment"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="corrections")
    direct_minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True, validators=MINUTES)
    service_type = models.ForeignKey(
        ServiceType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind of work")
    )
    is_void = models.BooleanField(_("nothing of it is billed"), default=False)
    why = models.CharField(_("why"), max_length=300)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = worded(_("correction of a {visit}"))
        verbose_name_plural = worded(_("corrections of {visits}"))
        ordering = ["at", "pk"]

    def __str__(self):
        return self.why[:40]
