"""What is put under and beside a signed note: names, what was added, what a colleague asks, what is put right."""

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    Addendum,
    AgencyFact,
    AgencyOwned,
    FactQuerySet,
    Notice,
    ServiceType,
    Signature,
    StaffMember,
)
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models.visit import MINUTES, OfVisitQuerySet, Visit, VisitParticipant


class FactOfVisitQuerySet(FactQuerySet, OfVisitQuerySet):
    """What is written once under a note, for whoever sees the visit."""


class VisitAddendum(Addendum):
    """What was added to a signed note."""

    path = "visit__enrollment"
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="addenda")

    objects = FactOfVisitQuerySet.as_manager()


class QuestionQuerySet(OfVisitQuerySet):
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

    @classmethod
    @transaction.atomic
    def ask(cls, visit, *, kind, text="", by):
        """Ask about a note, or say thanks, and tell its author, without a word of the record.

        Raises Refused about one's own note, for who neither answers for the author nor signs second nor was there,
        and without words where they are needed.
        """
        lead = visit.lead()
        if lead is None or lead.pk == by.pk:
            raise Refused(_("Nobody asks themselves about their own note."))
        was_there = visit.participants.filter(staff=by).exists()
        if not (was_there or visit.may_be_cosigned_by(by, lead)):
            raise Refused(worded(_("The {supervisor} asks, or whoever signs second or was there.")))
        if kind != cls.Kind.THANKS and not text.strip():
            raise Refused(_("Write what you want to know."))
        row = cls.objects.create(visit=visit, kind=kind, text=text.strip(), by=by)
        said = {
            cls.Kind.QUESTION: _("%(name)s asks about a note of yours."),
            cls.Kind.FOLLOW_UP: _("%(name)s asks you to follow something up."),
            cls.Kind.THANKS: _("%(name)s thanks you for a note."),
        }[kind]
        Notice.objects.create(
            staff=lead,
            kind="thanks" if kind == cls.Kind.THANKS else "question",
            subject=f"question-{row.pk}",
            text=said % {"name": by.name},
            url=reverse("workspace:visit-detail", kwargs={"pk": visit.pk}),
        )
        return row

    def may_be_answered_by(self, staff, lead):
        """Who wrote the note; and who asked, to close what was answered by word of mouth."""
        return staff.pk in (self.by_id, lead.pk if lead else None)

    @transaction.atomic
    def reply(self, text, *, by):
        """Answer and so close it.

        Raises Refused without words, for anybody but the author and who asked, and when it is answered already.
        """
        locked = type(self).objects.select_for_update(of=("self",)).select_related("visit").get(pk=self.pk)
        if locked.answered_at is not None or locked.kind == self.Kind.THANKS:
            raise Refused(_("This is answered already."))
        if not locked.may_be_answered_by(by, locked.visit.lead()):
            raise Refused(_("Who wrote the note answers."))
        if not text.strip():
            raise Refused(_("Write your answer."))
        locked.answer, locked.answered_by, locked.answered_at = text.strip(), by, timezone.now()
        locked.save()
        return locked


class VisitSignature(Signature):
    """A signature under a visit's note."""

    path = "visit__enrollment"
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="signatures")

    objects = FactOfVisitQuerySet.as_manager()


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

    objects = FactOfVisitQuerySet.as_manager()

    class Meta:
        verbose_name = worded(_("correction of a {visit}"))
        verbose_name_plural = worded(_("corrections of {visits}"))
        ordering = ["at", "pk"]

    def __str__(self):
        return self.why[:40]

    @classmethod
    def record(cls, visit, *, by, why, direct_minutes=None, service_type=None, is_void=False):
        """Put right what is billed of a signed visit; what was exported before is reversed by the next run.

        Raises Refused for a draft, for anybody but the author and who answers for them, without a reason, and where
        nothing would change.
        """
        if not visit.is_locked:
            raise Refused(_("This is a draft: change it and sign it."))
        lead = visit.lead()
        if not (lead is not None and lead.pk == by.pk) and not visit.is_answered_for_by(by, lead):
            raise Refused(worded(_("Who wrote the note puts it right, or their {supervisor}.")))
        if not why.strip():
            raise Refused(_("Say why."))
        if direct_minutes is None and service_type is None and not is_void:
            raise Refused(
                _("Say what is different: the minutes, the kind of work, or that nothing is billed.")
            )
        return cls.objects.create(
            visit=visit,
            by=by,
            why=why.strip(),
            direct_minutes=direct_minutes,
            service_type=service_type,
            is_void=is_void,
        )
