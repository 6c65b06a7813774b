"""Answered questionnaires: what was said, what it adds up to, and what must be acted upon."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from assessments.models.answered import Answered, without
from assessments.models.concern import Answer, Concern, FactOfResponse
from assessments.models.instrument import ProgramInstrument
from casemgmt.agencies.models import (
    AgencyOwned,
    FromElsewhere,
    Signature,
    StaffMember,
)
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused, Signed
from clients.models import Client, Enrollment
from clients.models.document import MaybeEnrollmentQuerySet


class ResponseQuerySet(MaybeEnrollmentQuerySet):
    def complete(self):
        """Finished and standing; a NULL set_aside_on means that it counts."""
        return self.exclude(completed_at=None).filter(set_aside_on=None)

    def drafts(self):
        return self.filter(completed_at=None, set_aside_on=None)

    def to_finalise(self):
        """Answered, and nobody has put their name to it."""
        return self.complete().filter(signed_at=None)

    def to_review(self):
        """Signed, and waiting for a supervisor because the program wants it."""
        uses = ProgramInstrument.objects.offered().filter(
            needs_review=True,
            program=models.OuterRef("enrollment__program"),
            instrument=models.OuterRef("instrument_version__instrument"),
        )
        return self.complete().exclude(signed_at=None).filter(models.Exists(uses), cosigned_at=None)

    def before(self, response):
        """The person's earlier answers to the same questionnaire, in whatever version, the latest first."""
        earlier = Q(held_on__lt=response.held_on) | Q(held_on=response.held_on, pk__lt=response.pk)
        return (
            self.complete()
            .filter(
                earlier,
                client=response.client_id,
                instrument_version__instrument=response.instrument_version.instrument_id,
            )
            .order_by("-held_on", "-pk")
        )


class Response(AgencyOwned, Signed, Answered, FromElsewhere):
    """One questionnaire answered with or by one person; bound for good to the version that was answered."""

    class Mode(models.TextChoices):
        TOGETHER = "together", _("Together, in person")
        ALONE = "alone", _("Alone, on our device")
        PHONE = "phone", _("By phone")
        VIDEO = "video", _("By video")
        PAPER = "paper", _("From paper or records")

    class Informant(models.TextChoices):
        CLIENT = "client", worded("{Client}")
        REPRESENTATIVE = "representative", _("Their representative")
        FAMILY = "family", _("Family or friend")
        PROVIDER = "provider", _("Another provider")
        OBSERVED = "observed", _("We ourselves, from what we saw")
        RECORDS = "records", _("Records")

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="responses")
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, null=True, blank=True, related_name="responses"
    )
    held_on = models.DateField(_("date"), default=timezone.localdate)
    mode = models.CharField(_("how"), max_length=8, choices=Mode, default=Mode.TOGETHER)
    informant = models.CharField(_("who told us"), max_length=14, choices=Informant, default=Informant.CLIENT)
    informant_name = models.CharField(_("their name, if it is somebody else"), max_length=150, blank=True)
    by = models.ForeignKey(
        StaffMember, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    note = models.TextField(_("note"), blank=True)
    set_aside_on = models.DateField(_("set aside"), null=True, editable=False)
    set_aside_why = models.CharField(_("why it was set aside"), max_length=300, blank=True, editable=False)

    objects = ResponseQuerySet.as_manager()

    class Meta(FromElsewhere.Meta):
        verbose_name = _("answered questionnaire")
        verbose_name_plural = _("answered questionnaires")
        ordering = ["-held_on", "-pk"]
        constraints = [
            *FromElsewhere.Meta.constraints,
            models.UniqueConstraint(
                fields=["client", "enrollment", "instrument_version"],
                condition=Q(completed_at=None, set_aside_on=None),
                name="one_draft_of_a_version",
            ),
        ]
        indexes = [models.Index(fields=["client", "-held_on"], name="response_by_client")]

    @classmethod
    @transaction.atomic
    def begin(cls, version, client, *, enrollment=None, by, **fields):
        """Start a questionnaire with somebody, or find the draft there is. Raises Refused when it is not in use."""
        if enrollment is not None:
            enrollment = Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
            if not enrollment.is_open:
                raise Refused(worded(_("This {enrollment} has ended. Nothing new is assessed in it.")))
        else:
            Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
        drafts = cls.objects.drafts().filter(
            client=client, enrollment=enrollment, instrument_version__instrument=version.instrument_id
        )
        draft = drafts.select_related("instrument_version__instrument").first()
        if draft is not None:
            return draft
        if version.is_draft or version.is_withdrawn or version.instrument.is_about_staff:
            raise Refused(_("This questionnaire is not in use."))
        return cls.objects.create(
            instrument_version=version, client=client, enrollment=enrollment, by=by, **fields
        )

    @cached_property
    def said(self):
        """What has been answered: the last word on each question. One query while it is a draft."""
        if self.is_complete:
            return self.answers
        last = dict(self.given.order_by("pk").values_list("item", "value"))
        return {item: value for item, value in last.items() if value is not None}

    def _require_open(self):
        super()._require_open()
        self._require_standing()

    def _require_standing(self):
        if self.set_aside_on:
            raise Refused(_("This questionnaire is set aside. Begin it again if it is needed."))

    @transaction.atomic
    def say(self, code, value, *, by=None):
        """Keep one answer as it is given; `by` is None where the person answers alone. Returns what must be acted upon.

        A question answered again keeps both answers, and the last one counts. Raises Refused for an answer outside the
        question's options, and once the questionnaire is finished. Five statements, whatever there is already.
        """
        locked = Response.objects.select_for_update(of=("self",)).get(pk=self.pk)
        locked._require_open()
        value = self._clean(code, value)
        code = str(code)
        if self.said.get(code) != value:
            Answer.objects.create(response=self, item=code, value=value, by=by)
            self.said = {**self.said, code: value} if value is not None else without(self.said, code)
        return Concern.raise_for(self)

    @transaction.atomic
    def complete(self, *, by=None):
        """Lock and score the answers; sign at once when `by` may. Raises Unanswered while an answer is missing."""
        Response.objects.select_for_update(of=("self",)).get(pk=self.pk)._require_open()
        if self.held_on > timezone.localdate():
            raise Refused(_("The day of the assessment is still to come."))
        self._settle(self.said)
        self.save()
        Concern.raise_for(self)
        if by is not None and self.may_be_signed_by(by):
            self.sign(by=by)

    def may_be_signed_by(self, staff):
        return self.instrument_version.instrument.may_finish(staff)

    @transaction.atomic
    def sign(self, *, by, typed_name=""):
        """Put one's name to what was answered. Raises Refused without the credential that the agency wants (REQ-38)."""
        if not self.is_complete:
            raise Refused(_("It is not finished yet."))
        self._require_standing()
        if not self.may_be_signed_by(by):
            wanted = self.instrument_version.instrument.requires
            raise Refused(_("Only somebody with “%(what)s” may sign this.") % {"what": wanted})
        self._mark_signed()
        ResponseSignature.objects.create(
            response=self, staff=by, typed_name=typed_name or by.name, signed_at=self.signed_at
        )

    @property
    def is_of_sealed_program(self):
        """Whether only its program's own people may know what was said: the person's banner is read by all (PR-40)."""
        return self.enrollment is not None and self.enrollment.program.is_part_2

    @property
    def has_called_for_help(self):
        """Whether an answer was given that opens the safety plan; said kindly to whoever answers alone."""
        return any("safety_plan" in row.actions for row in self.concerns.all())

    @property
    def wants_review(self):
        """Whether its program has each of these looked at, and nobody has."""
        return Response.objects.filter(pk=self.pk).to_review().exists()

    @transaction.atomic
    def review(self, *, by):
        """A supervisor has looked at it; nobody reviews what they asked or signed themselves."""
        if not self.signed_at or self.cosigned_at:
            raise Refused(_("There is nothing to review here."))
        self._require_standing()
        own = self.signatures.filter(staff=by).exists() or self.by_id == by.pk
        if own:
            raise Refused(_("Somebody else reviews this: you asked or signed it yourself."))
        self.cosigned_at = timezone.now()
        self.save()
        ResponseSignature.objects.create(
            response=self,
            staff=by,
            kind=Signature.Kind.COSIGNER,
            typed_name=by.name,
            signed_at=self.cosigned_at,
        )

    @transaction.atomic
    def set_aside(self, why, *, by):
        """Leave it out of every picture and figure; it stays in the record with the reason."""
        if self.set_aside_on:
            raise Refused(_("This is set aside already."))
        if not why.strip():
            raise Refused(_("Say why it is set aside."))
        self.set_aside_on, self.set_aside_why = timezone.localdate(), why.strip()[:300]
        self.save()


class ResponseSignature(Signature):
    """A name under an answered questionnaire."""

    path = "response__client"

    response = models.ForeignKey(Response, models.PROTECT, related_name="signatures")

    objects = FactOfResponse.as_manager()
