"""Any dated service interaction or attempt, whatever its mode, and who took part."""

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    AgencyOwned,
    FromElsewhere,
    ScopedQuerySet,
    ServiceType,
    Signature,
    StaffMember,
    through,
)
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused, Signed
from clients.models import access
from clients.models.enrollment import Enrollment
from clients.models.person import Client


def seen_by(staff, way=""):
    """A `Q` on visits, or on what leads to one by `way` ("visit__"): the visits that this person sees.

    Through the enrollment; who took part (a mentor, a new hire) or is asked to co-sign sees that one, too. Not past a
    conflict of interest, nor into a record that is restricted to others.
    """
    took_part = VisitParticipant.objects.filter(agency_id=staff.agency_id, staff=staff)
    hidden = Client.objects.filter(access.hidden_from(staff), agency_id=staff.agency_id)
    one_visit = Q(**{f"{way.removesuffix('__') or 'pk'}__in": took_part.values("visit")})
    one_visit |= Q(**{f"{way}cosigner": staff, f"{way}cosign_asked_at__isnull": False})
    theirs = Enrollment.objects.filter(client__in=hidden)
    return Q(**{f"{way}enrollment__in": through(Enrollment, staff)}) | one_visit & ~Q(
        **{f"{way}enrollment__in": theirs}
    )


class VisitQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        return self.filter(seen_by(staff))

    def of_care(self, staff):
        """Those that come with the enrollment, without the ones seen only as a participant."""
        return self.filter(enrollment__in=through(Enrollment, staff))

    def kept(self):
        """The person (or the one it was about) was reached."""
        return self.filter(outcome=Visit.Outcome.KEPT)

    def to_cosign(self):
        """Signed by who needs a second signature, which is not there; a NULL cosign_asked_at means none is needed."""
        return self.filter(cosign_asked_at__isnull=False, cosigned_at=None)

    def drafts(self):
        """A NULL signed_at means not signed; what came from another system is not ours to sign."""
        return self.filter(signed_at=None, source="")


CRISIS = "CRISIS"  # the code of the kind of work whose notes are due sooner
MINUTES = [MinValueValidator(0), MaxValueValidator(24 * 60)]


class Visit(AgencyOwned, FromElsewhere, Signed):
    """A dated service interaction or attempt; minutes are kept apart, because payers count them apart."""

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", _("In person")
        PHONE = "phone", _("Phone")
        VIDEO = "video", _("Video")
        MESSAGE = "message", _("Message")
        LETTER = "letter", _("Letter")

    class Place(models.TextChoices):
        HOME = "home", _("Home")
        COMMUNITY = "community", _("Community")
        OFFICE = "office", _("Office")
        FACILITY = "facility", _("Hospital or facility")
        SHELTER = "shelter", _("Shelter or street")
        OTHER = "other", _("Elsewhere")

    class Outcome(models.TextChoices):
        KEPT = "kept", _("Took place")
        NO_SHOW = "no_show", _("Did not come")
        NOT_REACHED = "not_reached", _("Not reached")
        CANCELLED = "cancelled", _("Cancelled")

    class With(models.TextChoices):
        CLIENT = "client", worded("{Client}")
        COLLATERAL = "collateral", _("Somebody else about them")
        BOTH = "both", _("Both")
        PROVIDER = "provider", _("Another service")
        CONFERENCE = "conference", _("A meeting of several")

    class NotReached(models.TextChoices):
        CLIENT = "client", worded("{Client}")
        WORKER = "worker", worded("{Worker}")
        LOGISTICS = "logistics", _("Ride, time, weather")

    class Help(models.TextChoices):
        INFORMED = "informed", _("Told how")
        HELPED = "helped", _("Helped to do it")
        WENT_ALONG = "along", _("Went along")
        DONE_FOR = "done_for", _("Done for them")

    class Interpreter(models.TextChoices):
        SPOKE = "spoke", _("Spoke their language")
        PROFESSIONAL = "used", _("Interpreter")
        FAMILY = "family", _("Family or friend")
        NONE = "none", _("None")

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="visits")
    service_type = models.ForeignKey(
        ServiceType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind of work")
    )
    started_at = models.DateTimeField(_("when"))
    mode = models.CharField(_("how"), max_length=12, choices=Mode, default=Mode.IN_PERSON)
    place = models.CharField(_("where"), max_length=12, choices=Place, blank=True)
    held_with = models.CharField(_("with"), max_length=12, choices=With, default=With.CLIENT)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, default=Outcome.KEPT)
    direct_minutes = models.PositiveSmallIntegerField(_("minutes"), default=0, validators=MINUTES)
    travel_minutes = models.PositiveSmallIntegerField(_("travel minutes"), default=0, validators=MINUTES)
    documentation_minutes = models.PositiveSmallIntegerField(_("note minutes"), default=0, validators=MINUTES)
    distance_m = models.PositiveIntegerField(
        _("meters driven"), null=True, blank=True, validators=[MaxValueValidator(2_000_000)]
    )
    not_reached_why = models.CharField(_("because of"), max_length=10, choices=NotReached, blank=True)
    with_whom = models.CharField(_("who it was"), max_length=200, blank=True)
    attendees = models.TextField(_("who was there"), blank=True)
    decisions = models.TextField(_("what was decided"), blank=True)
    materials = models.CharField(_("handed out"), max_length=200, blank=True)
    help = models.CharField(_("level of help"), max_length=8, choices=Help, blank=True)
    interpreter = models.CharField(_("interpreter"), max_length=8, choices=Interpreter, blank=True)
    interpreter_why = models.CharField(_("why none"), max_length=200, blank=True)
    acuity = models.PositiveSmallIntegerField(
        _("how much support is needed"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("From 1, doing well alone, to 5, in crisis."),
    )
    # What a note format asks lies in these four columns, whatever the format (PR-23); `note` is the first question.
    note = models.TextField(_("note"), blank=True)
    done = models.TextField(_("what was done"), blank=True)
    response = models.TextField(_("response"), blank=True)
    next_step = models.TextField(_("what comes next"), blank=True)
    # Of a visit of several people: what is about this one alone.
    own_note = models.TextField(_("only about this person"), blank=True)
    # The key that the device gave it, so that however often it is sent it is there once; NULL: not from a form.
    uid = models.UUIDField(null=True, editable=False)
    # The same for all records of one visit of several people; NULL: a visit of one.
    together = models.UUIDField(null=True, editable=False)
    # Who is asked for the second signature, and since when; NULL: whoever supervises, and nobody.
    cosigner = models.ForeignKey(
        StaffMember,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("second signature by"),
    )
    cosign_asked_at = models.DateTimeField(null=True, editable=False)
    next_on = models.DateField(_("next contact"), null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta(FromElsewhere.Meta):
        verbose_name = worded("{visit}")
        verbose_name_plural = worded("{visits}")
        constraints = [
            *FromElsewhere.Meta.constraints,
            models.CheckConstraint(
                condition=Q(
                    direct_minutes__lte=1440, travel_minutes__lte=1440, documentation_minutes__lte=1440
                ),
                name="visit_within_a_day",
            ),
            models.CheckConstraint(condition=Q(started_at__gte="1900-01-01T00:00Z"), name="visit_after_1900"),
            models.CheckConstraint(
                condition=Q(acuity=None) | Q(acuity__gte=1, acuity__lte=5), name="acuity_from_1_to_5"
            ),
            models.UniqueConstraint(fields=["agency", "uid"], name="visit_once_per_key"),
        ]
        indexes = [
            models.Index(fields=["enrollment", "-started_at", "-id"], name="visit_latest"),
            models.Index(fields=["agency", "-started_at"], name="visit_by_day"),
            models.Index(fields=["agency"], condition=Q(signed_at=None, source=""), name="visit_drafts"),
            models.Index(
                fields=["agency"],
                condition=Q(cosign_asked_at__isnull=False, cosigned_at=None),
                name="visits_to_cosign",
            ),
            models.Index(fields=["together"], condition=Q(together__isnull=False), name="visits_together"),
        ]

    def __str__(self):
        return f"{self.get_mode_display()}, {date_format(timezone.localtime(self.started_at), 'j M Y')}"

    @property
    def ended_at(self):
        return self.started_at + timedelta(minutes=self.direct_minutes)

    @property
    def note_due_at(self):
        """When the program wants the note signed (REQ-150, PR-24); a crisis sooner than the rest."""
        program = self.enrollment.program
        is_crisis = self.service_type is not None and self.service_type.code == CRISIS
        hours = program.crisis_note_due_hours if is_crisis else program.note_due_hours
        return self.ended_at + timedelta(hours=hours)

    @property
    def is_late_entry(self):
        """Signed after the program's time, counted from the end of the service."""
        return self.signed_at is not None and self.signed_at > self.note_due_at

    def lead(self):
        """Who led it. One query."""
        row = self.participants.filter(role=VisitParticipant.Role.LEAD).select_related("staff").first()
        return row.staff if row else None

    @transaction.atomic
    def sign(self, *, by, typed_name="", cosigner=None):
        """Sign and lock the note; who is new here has it co-signed (PR-26), by `cosigner` or whoever supervises.

        Raises Refused unless `by` led the visit and the note says something.
        """
        self.require_draft()
        if not self.participants.filter(staff=by, role=VisitParticipant.Role.LEAD).exists():
            raise Refused(worded(_("Only who led the {visit} signs its note.")))
        if self.outcome == self.Outcome.KEPT and not (self.note.strip() or self.own_note.strip()):
            raise Refused(_("Write a few words before signing: what happened, and what comes next."))
        if self.needs_cosigning(by):
            self.cosign_asked_at, self.cosigner = timezone.now(), cosigner or self.cosigner
            if self.cosigner_id == by.pk:
                raise Refused(_("Nobody signs as the second person what they wrote themselves."))
        self._mark_signed()
        self.signatures.create(staff=by, typed_name=typed_name or by.name, signed_at=self.signed_at)

    @transaction.atomic
    def cosign(self, *, by, typed_name=""):
        """Put the second name under a new colleague's note.

        Raises Refused before it is signed, where none is asked for, for its own author, for who neither supervises
        the author nor was named, and while a question about the note is open.
        """
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.cosign_asked_at is None or locked.cosigned_at is not None:
            raise Refused(_("This note waits for no second signature."))
        lead = locked.lead()
        if lead is None or lead.pk == by.pk:
            raise Refused(_("Nobody signs as the second person what they wrote themselves."))
        if not locked.may_be_cosigned_by(by, lead):
            raise Refused(worded(_("The {supervisor} of who wrote it signs, or whoever was asked to.")))
        if locked.questions.open().exists():
            raise Refused(_("A question about this note is open: it is answered first."))
        locked.cosigned_at = timezone.now()
        locked.save()
        locked.signatures.create(
            staff=by,
            kind=Signature.Kind.COSIGNER,
            typed_name=typed_name or by.name,
            signed_at=locked.cosigned_at,
        )
        self.cosigned_at, self.version = locked.cosigned_at, locked.version

    @staticmethod
    def needs_cosigning(author, at=None):
        """Whether what this colleague signs today needs a second name; a NULL date means that it does not."""
        until = author.notes_cosigned_until
        return until is not None and (at or timezone.localdate()) < until

    @transaction.atomic
    def ask_cosigner(self, staff, *, by):
        """Name who signs second; None: whoever supervises. Raises Refused unless it is the author, whose note waits."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.cosign_asked_at is None or locked.cosigned_at is not None:
            raise Refused(_("This note waits for no second signature."))
        lead = locked.lead()
        if lead is None or lead.pk != by.pk:
            raise Refused(_("Who wrote the note asks for its second signature."))
        if staff is not None and staff.pk == lead.pk:
            raise Refused(_("Nobody signs as the second person what they wrote themselves."))
        if locked.cosigner_id != (staff.pk if staff else None):
            locked.cosigner = staff
            locked.save()
        self.cosigner, self.version = locked.cosigner, locked.version

    def may_be_cosigned_by(self, staff, lead):
        """The one who was asked, and who answers for the author's work."""
        return self.cosigner_id == staff.pk or self.is_answered_for_by(staff, lead)

    @staticmethod
    def is_answered_for_by(staff, lead):
        """Who supervises the author, or the director. One query at most."""
        if staff.has_role(Role.DIRECTOR):
            return True
        return lead is not None and StaffMember.objects.filter(pk=lead.pk).supervised_by(staff).exists()


class ParticipantQuerySet(ScopedQuerySet):
    def of_visit(self, staff, visit):
        """Who took part in a visit that this person sees, were it only because they took part themselves."""
        return self.filter(visit__in=Visit.objects.visible_to(staff).filter(pk=visit.pk))


class VisitParticipant(AgencyOwned):
    """A colleague who took part, and as what; one leads, the others learn or help (REQ-20)."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Led it")
        SHADOWING = "mentee_shadowing", _("Watched to learn")
        OBSERVING = "mentor_observing", _("Watched to give feedback")
        CO_LEAD = "co_lead", _("Did it together")

    parent = "visit"
    path = "visit__enrollment"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="participants")
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role, default=Role.LEAD)
    minutes = models.PositiveSmallIntegerField(default=0, validators=MINUTES)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant")
        constraints = [
            models.UniqueConstraint(fields=["visit", "staff"], name="takes_part_once"),
            models.UniqueConstraint(fields=["visit"], condition=Q(role="lead"), name="one_lead"),
        ]
        indexes = [models.Index(fields=["staff", "visit"], name="visits_of_staff")]

    def __str__(self):
        return f"{self.staff} · {self.get_role_display()}"


class OfVisitQuerySet(ScopedQuerySet):
    """Parts of a note: whoever sees the visit sees them, also its co-signer and who took part."""

    def _seen_by(self, staff):
        # Asked of each row's own visit: a list of all visits that somebody sees may hold a million.
        return self.filter(seen_by(staff, "visit__"))


class VisitActivity(AgencyOwned):
    """Some of the minutes of a visit were another kind of work, such as the drive to the store (REQ-43, REQ-171)."""

    path = "visit__enrollment"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="activities")
    service_type = models.ForeignKey(
        ServiceType, models.PROTECT, related_name="+", verbose_name=_("kind of work")
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(24 * 60)]
    )

    objects = OfVisitQuerySet.as_manager()

    class Meta:
        verbose_name = worded(_("other work at a {visit}"))
        constraints = [models.UniqueConstraint(fields=["visit", "service_type"], name="activity_once")]

    def __str__(self):
        return f"{self.service_type} {self.minutes}"
