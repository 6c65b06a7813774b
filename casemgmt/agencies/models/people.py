"""Logins, jobs, who supervises whom, and what people are licensed for."""

from contextlib import contextmanager
from datetime import timedelta

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyOwned, FromElsewhere, ScopedQuerySet
from casemgmt.agencies.models.program import Program
from casemgmt.agencies.roles import Role, permissions_of, role_label
from casemgmt.agencies.words import worded
from casemgmt.core import acting, db
from casemgmt.core.crypt import digest
from casemgmt.core.models import Audited, AuditedQuerySet, History


def in_force(prefix="", at=None):
    """A `Q` for rows with started_on and ended_on: in force on this day; a NULL ended_on means until further notice."""
    day = at or timezone.localdate()
    return Q(**{f"{prefix}started_on__lte": day}) & (
        Q(**{f"{prefix}ended_on__isnull": True}) | Q(**{f"{prefix}ended_on__gt": day})
    )


class LoginManager(UserManager.from_queryset(AuditedQuerySet)):
    """Django's own manager, whose writes all leave history."""

    use_in_migrations = False  # other packages' migrations update logins as they must


class User(AbstractUser):
    """A login. What somebody may do comes from their jobs (`StaffMember`), never from the login."""

    history = History(inherit=False, excluded_fields=["password", "last_login", "groups", "user_permissions"])

    objects = LoginManager()

    class Meta(AbstractUser.Meta):
        base_manager_name = "objects"
        verbose_name = _("login")
        verbose_name_plural = _("logins")


class StaffQuerySet(ScopedQuerySet):
    def working(self, at=None):
        """Employed on this day; a NULL left_on means still here, a NULL hired_on that nobody wrote it down."""
        day = at or timezone.localdate()
        return self.filter(Q(left_on=None) | Q(left_on__gt=day), Q(hired_on=None) | Q(hired_on__lte=day))

    def jobs_of(self, user):
        """The jobs this login may work in now; the operator's only while their entry lasts."""
        jobs = self.filter(user=user).working().select_related("agency").order_by("pk")
        if not user.is_superuser:
            return jobs
        entered = OperatorEntry.objects.filter(user=user).live()
        return jobs.exclude(Q(roles__holds=Role.OPERATOR.value) & ~Q(agency__in=entered.values("into")))

    def with_role(self, *roles):
        wanted = Q()
        for role in roles:
            wanted |= Q(roles__holds=Role(role).value)
        return self.filter(wanted)

    def supervised_by(self, staff, at=None):
        """The people whose supervisor this is on this day."""
        links = SupervisionLink.objects.filter(in_force(at=at), supervisor=staff)
        return self.filter(pk__in=links.values("staff"))

    def answerable_for(self, agency, workers, may_read):
        """Whom to tell of something urgent: who supervises these colleagues, else the agency's supervisors.

        Those come first for whom `may_read` is true, because a record may be sealed; somebody is told in any case.
        """
        links = SupervisionLink.objects.filter(in_force(), staff__in=workers)
        own = list(self.filter(pk__in=links.values("supervisor")).working())
        others = list(self.filter(agency=agency).with_role(Role.SUPERVISOR).working())
        for group in (filter(may_read, own), filter(may_read, others), own):
            if found := list(group):
                return found
        return others


class DailyMailWhen(models.TextChoices):
    """When somebody wants the e-mail of the day; it holds numbers and links, never a name."""

    ALWAYS = "always", _("On each day with something to do")
    LATE = "late", _("Only when something is late")
    NEVER = "never", _("Never")


class StaffMember(AgencyOwned, FromElsewhere):
    """A job at an agency; one login may hold several and chooses which one is at work."""

    user = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("login"),
        help_text=_("Empty for a colleague who does not sign in."),
    )
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    roles = models.JSONField(_("roles"), default=list, blank=True)
    fte = models.DecimalField(
        _("full-time equivalent"),
        max_digits=3,
        decimal_places=2,
        default=1,
        validators=[MinValueValidator(0), MaxValueValidator(2)],
    )
    hired_on = models.DateField(_("hired on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    notes_cosigned_until = models.DateField(
        _("a second person signs their notes until"),
        null=True,
        blank=True,
        help_text=worded(_("For {mentees}: the {supervisor} or {mentor}. Empty: nobody does.")),
    )
    mail_daily = models.CharField(
        _("daily e-mail"), max_length=6, choices=DailyMailWhen, default=DailyMailWhen.LATE
    )
    mail_without = models.JSONField(_("not in the e-mail"), default=list, blank=True)
    highest_degree = models.CharField(_("highest degree"), max_length=100, blank=True)
    degree_field = models.CharField(_("field of degree"), max_length=100, blank=True)
    experience_years = models.PositiveSmallIntegerField(
        _("years of human-service experience before this job"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(70)],
    )

    objects = StaffQuerySet.as_manager()

    class Meta(FromElsewhere.Meta):
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        ordering = ["name"]
        constraints = [
            *FromElsewhere.Meta.constraints,
            models.UniqueConstraint(fields=["agency", "user"], name="one_job_per_agency"),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(hired_on=None) | Q(left_on__gte=models.F("hired_on")),
                name="left_after_hired",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def device_id(self):
        """By this name a device knows whose drafts it holds; it says nothing to whoever reads the device."""
        return digest("device", self.pk)[:32]

    @property
    def role_names(self):
        return ", ".join(role_label(r) for r in self.roles)

    def has_role(self, *roles):
        return any(r in self.roles for r in roles)

    def may(self, permission):
        """Whether a role of this job opens the permission; see agencies/roles.py."""
        return permission in permissions_of(self.roles)

    def sees_all(self):
        """Director and quality reviewer: the whole agency, save what is restricted."""
        return self.has_role(Role.DIRECTOR, Role.QUALITY)


class SupervisionLink(AgencyOwned):
    """Who supervised whom, from when to when; the supervisor's sight follows it."""

    parent = "staff"

    staff = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="supervision", verbose_name=_("staff member")
    )
    supervisor = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="supervisees", verbose_name=worded(_("{supervisor}"))
    )
    started_on = models.DateField(_("from"), default=timezone.localdate)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("supervision")
        verbose_name_plural = _("supervision")
        constraints = [
            models.CheckConstraint(
                condition=~Q(staff=models.F("supervisor")), name="nobody_supervises_themselves"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("started_on")),
                name="supervision_ends_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.supervisor} → {self.staff}"


class ProgramStaff(AgencyOwned):
    """Who works in a program: its team where the program shares a caseload, its circle where 42 CFR Part 2 applies."""

    parent = "program"

    program = models.ForeignKey(Program, models.PROTECT, related_name="team", verbose_name=_("program"))
    staff = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="programs", verbose_name=_("staff member")
    )
    started_on = models.DateField(_("from"), default=timezone.localdate)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("program team member")
        verbose_name_plural = _("program team")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "staff"], condition=Q(ended_on=None), name="once_in_a_program_team"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("started_on")),
                name="team_ends_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.staff} · {self.program}"


class Credential(AgencyOwned):
    """A licence or certificate and the day it runs out."""

    parent = "staff"

    staff = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="credentials", verbose_name=_("staff member")
    )
    kind = models.CharField(_("licence or certificate"), max_length=150)
    number = models.CharField(_("number"), max_length=80, blank=True)
    issued_by = models.CharField(_("issued by"), max_length=150, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(
        _("expires on"), null=True, blank=True, help_text=_("Empty: it does not run out.")
    )

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")

    def __str__(self):
        return self.kind


class OperatorEntryQuerySet(AuditedQuerySet):
    def live(self, at=None):
        now = at or timezone.now()
        return self.filter(started_at__lte=now, ends_at__gt=now)


class OperatorEntry(Audited):
    """The platform operator entered an agency, why and until when; without a live entry they have no job there."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    into = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    started_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()

    objects = OperatorEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("operator's entry")
        verbose_name_plural = _("operator's entries")

    def __str__(self):
        return f"{self.user} → {self.into}"

    @classmethod
    def begin(cls, user, agency, reason, *, minutes):
        """Enter an agency: writes why and until when, and gives the operator a job there that ends with the entry."""
        with acting_as(agency, by=None, reason=reason):
            job = StaffMember.objects.filter(agency=agency, user=user).first()
            if job is None:
                StaffMember.objects.create(
                    agency=agency,
                    user=user,
                    name=user.get_full_name() or user.username,
                    roles=[Role.OPERATOR.value],
                )
            now = timezone.now()
            return cls.objects.create(
                user=user,
                into=agency,
                reason=reason,
                started_at=now,
                ends_at=now + timedelta(minutes=minutes),
            )


@contextmanager
def acting_as(agency, *, by, reason=""):
    """Run a command or job as this person of this agency (`by=None`: a declared job), in one transaction.

    On PostgreSQL nothing of another agency can be read or written inside.
    """
    zone = agency.time_zone
    actor = acting.Actor(agency, by, reason)
    with db.scope(agency.pk, getattr(by, "user_id", None)), acting.acting(actor), timezone.override(zone):
        yield
