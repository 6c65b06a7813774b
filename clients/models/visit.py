"""Any dated service interaction or attempt, whatever its mode, and who took part."""

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    Addendum,
    AgencyOwned,
    FromElsewhere,
    ScopedQuerySet,
    ServiceType,
    Signature,
    StaffMember,
    through,
)
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused, Signed
from clients.models.enrollment import Enrollment


class VisitQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        """Through the enrollment; who took part (a mentor, a new hire) sees that one visit, too."""
        took_part = VisitParticipant.objects.filter(agency_id=staff.agency_id, staff=staff)
        return self.filter(Q(enrollment__in=through(Enrollment, staff)) | Q(pk__in=took_part.values("visit")))

    def of_care(self, staff):
        """Those that come with the enrollment, without the ones seen only as a participant."""
        return self.filter(enrollment__in=through(Enrollment, staff))

    def kept(self):
        """The person (or the one it was about) was reached."""
        return self.filter(outcome=Visit.Outcome.KEPT)

    def drafts(self):
        """A NULL signed_at means not signed; what came from another system is not ours to sign."""
        return self.filter(signed_at=None, source="")


MINUTES = [MinValueValidator(0), MaxValueValidator(24 * 60)]


class Visit(AgencyOwned, FromElsewhere, Signed):
    """A dated service interaction or attempt; minutes are kept apart, because payers count them apart."""

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", _("In person")
        PHONE = "phone", _("Phone")
        VIDEO = "video", _("Video")
        MESSAGE = "message", _("Message")

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
    note = models.TextField(_("note"), blank=True)
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
        ]
        indexes = [
            models.Index(fields=["enrollment", "-started_at", "-id"], name="visit_latest"),
            models.Index(fields=["agency", "-started_at"], name="visit_by_day"),
        ]

    def __str__(self):
        return f"{self.get_mode_display()} {timezone.localtime(self.started_at):%Y-%m-%d}"

    @property
    def ended_at(self):
        return self.started_at + timedelta(minutes=self.direct_minutes)

    @property
    def note_due_at(self):
        """When the program wants the note signed (REQ-150)."""
        return self.ended_at + timedelta(hours=self.enrollment.program.note_due_hours)

    @property
    def is_late_entry(self):
        """Signed after the program's time, counted from the end of the service."""
        return self.signed_at is not None and self.signed_at > self.note_due_at

    def lead(self):
        """Who led it. One query."""
        row = self.participants.filter(role=VisitParticipant.Role.LEAD).select_related("staff").first()
        return row.staff if row else None

    @transaction.atomic
    def sign(self, *, by, typed_name=""):
        """Sign and lock the note. Raises Refused unless `by` led the visit and the note says something."""
        self.require_draft()
        if not self.participants.filter(staff=by, role=VisitParticipant.Role.LEAD).exists():
            raise Refused(worded(_("Only who led the {visit} signs its note.")))
        if self.outcome == self.Outcome.KEPT and not self.note.strip():
            raise Refused(_("Write a few words before signing: what happened, and what comes next."))
        self._mark_signed()
        VisitSignature.objects.create(
            visit=self, staff=by, typed_name=typed_name or by.name, signed_at=self.signed_at
        )


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


class VisitSignature(Signature):
    """A signature under a visit's note."""

    path = "visit__enrollment"
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="signatures")


class VisitAddendum(Addendum):
    """What was added to a signed note."""

    path = "visit__enrollment"
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="addenda")
