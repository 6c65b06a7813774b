"""The period of service: its stage, its people, and the only way from one stage to the next."""

from datetime import timedelta

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    AgencyFact,
    AgencyOwned,
    FromElsewhere,
    LevelOfCare,
    Program,
    ProgramStaff,
    ScopedQuerySet,
    StaffMember,
    in_force,
)
from casemgmt.agencies.words import worded
from casemgmt.core.acting import because
from casemgmt.core.models import Refused, create_many, update_many
from clients import pipeline
from clients.models import access
from clients.models.person import Client, Household
from clients.pipeline import OPEN_STAGES, Stage


class NotReady(Refused):
    """The enrollment may not enter the stage yet; the sentences say what is missing."""


class EnrollmentQuerySet(ScopedQuerySet):
    """Door 3: own assignments (the program's, where it works as a team), own people's, or the whole agency."""

    def _seen_by(self, staff):
        rows = self.exclude(access.sealed_programs(staff)).exclude(
            client__in=Client.objects.filter(access.hidden_from(staff), agency_id=staff.agency_id)
        )
        if staff.sees_all():
            return rows
        return rows.filter(self._by_right(staff) | Q(client__in=access.clients_in_emergency(staff)))

    def by_right(self, staff):
        """Of what is visible, what does not need emergency access."""
        return self if staff.sees_all() else self.filter(self._by_right(staff))

    def _by_right(self, staff):
        assigned = CaseAssignment.objects.filter(agency_id=staff.agency_id).in_force()
        theirs = assigned.filter(staff__in=StaffMember.objects.filter(access.people_of(staff)))
        shared = ProgramStaff.objects.filter(
            in_force(), agency_id=staff.agency_id, staff=staff, program__shares_caseload=True
        )
        seen = Q(pk__in=theirs.values("enrollment")) | Q(program__in=shared.values("program"))
        # A period that went over into one of theirs belongs to it (REQ-141).
        continued = theirs.exclude(enrollment__continues=None)
        seen |= Q(pk__in=continued.values("enrollment__continues"))
        if staff.may("assignment.write"):
            seen |= Q(stage__in=OPEN_STAGES) & ~Exists(
                assigned.still_here().accountable().filter(enrollment=OuterRef("pk"))
            )
        return seen

    def _explain_refusal(self, pk):
        row = self.model.objects.filter(pk=pk, agency_id=self._viewer.agency_id)
        sealed = access.sealed_programs(self._viewer)
        client = row.exclude(sealed).values_list("client", flat=True).first()
        if client is not None and not self.filter(pk=pk).exists():
            Client.objects.visible_to(self._viewer).explain_outside(client)

    def open(self):
        """Being served: from enrolled to concluding."""
        return self.filter(stage__in=OPEN_STAGES)

    def without_worker(self):
        """Open, and nobody who still works here is accountable (PR-33)."""
        accountable = (
            CaseAssignment.objects.accountable().in_force().still_here().filter(enrollment=OuterRef("pk"))
        )
        return self.open().filter(~Exists(accountable))

    def with_last_contact(self):
        """Adds `last_contact_at` (NULL: never reached) and `planned_on`, as agreed at the latest visit."""
        visits = apps.get_model("clients", "Visit").objects.filter(enrollment=OuterRef("pk"))
        newest = visits.order_by("-started_at", "-pk")
        return self.select_related("level").annotate(
            last_contact_at=models.Subquery(newest.filter(outcome="kept").values("started_at")[:1]),
            planned_on=models.Subquery(newest.values("next_on")[:1]),
        )

    def with_worker(self):
        """Adds `worker_id` and `worker_name`: the accountable worker today, NULL when there is none."""
        today = CaseAssignment.objects.accountable().in_force().still_here().filter(enrollment=OuterRef("pk"))
        return self.annotate(
            worker_id=models.Subquery(today.values("staff")[:1]),
            worker_name=models.Subquery(today.values("staff__name")[:1]),
        )


class Enrollment(AgencyOwned, FromElsewhere):
    """A period of service of one person in one program, from enrolling to the end of aftercare."""

    is_door = True
    parent = "client"

    client = models.ForeignKey(
        Client, models.PROTECT, related_name="enrollments", verbose_name=worded("{client}")
    )
    program = models.ForeignKey(
        Program, models.PROTECT, related_name="enrollments", verbose_name=_("program")
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enrollments",
        verbose_name=_("household"),
    )
    # NULL: it began with an intake. Else the period, in another program of ours, that went over into this one.
    continues = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="continued_by"
    )
    # NULL: nobody decided on a level, so that the program's own rhythm holds.
    level = models.ForeignKey(
        LevelOfCare,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("level of care"),
    )
    enrolled_on = models.DateField(_("enrolled on"), default=timezone.localdate)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.ENROLLED, editable=False)
    staged_on = models.DateField(_("in this stage since"), default=timezone.localdate, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, editable=False)

    objects = EnrollmentQuerySet.as_manager()

    class Meta(FromElsewhere.Meta):
        verbose_name = worded("{enrollment}")
        verbose_name_plural = worded("{enrollments}")
        constraints = [
            *FromElsewhere.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("enrolled_on")),
                name="enrollment_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=OPEN_STAGES, ended_on=None)
                | Q(stage__in=[Stage.DISCHARGED, Stage.CLOSED], ended_on__isnull=False),
                name="ended_when_discharged",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "stage", "enrolled_on"], name="enrollment_by_stage"),
            models.Index(fields=["agency", "client"], name="enrollment_by_client"),
        ]

    def __str__(self):
        return f"{self.program}, {self.enrolled_on}"

    @property
    def is_open(self):
        return self.stage in OPEN_STAGES

    def contact_due_on(self):
        """The day of the next contact: as agreed, else by the program's rhythm. Wants `with_last_contact`, program."""
        last = timezone.localtime(self.last_contact_at).date() if self.last_contact_at else None
        if self.planned_on and (last is None or self.planned_on > last):
            return self.planned_on
        since = max(last, self.counted_from) if last and self.source else last or self.counted_from
        return since + timedelta(days=self.rhythm.contact_every_days)

    @property
    def rhythm(self):
        """Whose days between contacts and between reviews hold: those of the level of care, else the program's."""
        return self.level or self.program

    @property
    def counted_from(self):
        """From when its deadlines run: enrolling; for one from another system, since when it is in its stage here."""
        return max(self.enrolled_on, self.staged_on) if self.source else self.enrolled_on

    def worker(self, at=None):
        """The accountable colleague on this day, or None. One query."""
        link = self.assignments.accountable().in_force(at).still_here(at).select_related("staff").first()
        return link.staff if link else None

    @transaction.atomic
    def move_to(self, stage, *, by, note="", on=None):
        """Enter a stage: asks the gates, writes the stage and its change.

        Raises NotReady with what is missing, or when the step does not exist, or when a step back has no reason.
        """
        stage = Stage(stage)
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        here = Stage(locked.stage)
        if stage not in pipeline.STEPS[here]:
            raise NotReady(
                worded(
                    _("This {enrollment} is “%(here)s” and cannot become “%(there)s” from there.")
                    % {"here": here.label, "there": stage.label}
                )
            )
        back = pipeline.is_backward(here, stage)
        if back and not note.strip():
            raise NotReady(_("Going back a stage needs a reason."))
        sentences = [] if back else pipeline.missing(locked, stage)
        if sentences:
            raise NotReady(*sentences)
        day = on or timezone.localdate()
        self.stage = locked.stage = stage
        self.staged_on = locked.staged_on = day
        self.ended_on = locked.ended_on = (locked.ended_on or day) if stage not in OPEN_STAGES else None
        with because(note):
            locked.save()
        self.version = locked.version
        StageChange.objects.create(
            enrollment=locked, from_stage=here, to_stage=stage, on=day, by=by, note=note
        )
        if stage == Stage.CLOSED:
            for link in locked.assignments.in_force():
                link.end(on=day)

    @classmethod
    def record_past(cls, rows):
        """Write enrollments as another system knew them, with their stage; for imports alone, marked by `source`.

        `rows` are unsaved enrollments with stage and dates set and `source` filled. Raises ValueError without one.
        """
        from_here = [row for row in rows if not row.source]
        if from_here:
            raise ValueError("record_past is for rows that came from elsewhere")
        written = create_many(cls, rows)
        StageChange.objects.bulk_create(
            StageChange(
                agency_id=row.agency_id,
                enrollment=row,
                from_stage="",
                to_stage=row.stage,
                on=row.enrolled_on if row.stage == Stage.ENROLLED else row.staged_on,
                by=None,
                source=row.source,
            )
            for row in written
        )
        return written

    @classmethod
    @transaction.atomic
    def record_exits(cls, rows):
        """Close enrollments on the `ended_on` that another system gave them later; for imports alone, like record_past.

        Asks no gate, ends what is assigned. Raises ValueError for an enrollment that is not from elsewhere.
        """
        if any(not row.source or row.ended_on is None for row in rows):
            raise ValueError("record_exits is for rows that came from elsewhere, with the day they ended")
        changes = []
        for row in rows:
            changes.append(
                StageChange(
                    agency_id=row.agency_id,
                    enrollment=row,
                    from_stage=row.stage,
                    to_stage=Stage.CLOSED,
                    on=row.ended_on,
                    by=None,
                    source=row.source,
                )
            )
            row.stage, row.staged_on = Stage.CLOSED, row.ended_on
        update_many(cls, rows, ["stage", "staged_on", "ended_on"])
        StageChange.objects.bulk_create(changes)
        for link in (
            CaseAssignment.objects.filter(enrollment__in=rows).in_force().select_related("enrollment")
        ):
            link.end(on=link.enrollment.ended_on)

    @transaction.atomic
    def assign(self, staff, *, by, on=None):
        """Make `staff` accountable from this day; whoever was before, no longer is (PR-33).

        Raises Refused when they have left, already are, or must not see the person.
        """
        day = on or timezone.localdate()
        type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if staff.left_on and staff.left_on <= day:
            raise Refused(_("%(name)s no longer works here.") % {"name": staff.name})
        reason = access.refusal_to_serve(self.client, staff, day)
        if reason:
            raise Refused(reason)
        current = self.assignments.accountable().in_force(day).select_for_update(of=("self",)).first()
        if current is not None:
            if current.staff_id == staff.pk:
                raise Refused(_("%(name)s is already accountable.") % {"name": staff.name})
            current.end(on=day)
        return CaseAssignment.objects.create(enrollment=self, staff=staff, started_on=day, assigned_by=by)


class AssignmentQuerySet(ScopedQuerySet):
    def in_force(self, at=None):
        return self.filter(in_force(at=at))

    def accountable(self):
        return self.filter(kind=CaseAssignment.Kind.ACCOUNTABLE)

    def still_here(self, at=None):
        """Whose colleague has not left by this day: the people of somebody who left are nobody's, to be assigned."""
        day = at or timezone.localdate()
        return self.filter(Q(staff__left_on=None) | Q(staff__left_on__gt=day))


class CaseAssignment(AgencyOwned):
    """Who works with an enrollment, from when to when; one of them is accountable."""

    class Kind(models.TextChoices):
        ACCOUNTABLE = "accountable", _("Accountable")
        TEAM = "team", _("Team member")

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="assignments")
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ACCOUNTABLE)
    started_on = models.DateField(default=timezone.localdate)
    ended_on = models.DateField(null=True)
    assigned_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="+")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"],
                condition=Q(kind="accountable", ended_on=None),
                name="one_accountable_worker",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("started_on")),
                name="assignment_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(
                fields=["staff", "enrollment"], condition=Q(ended_on=None), name="assignment_in_force"
            )
        ]

    def __str__(self):
        return f"{self.staff} · {self.get_kind_display()}"

    def end(self, *, on):
        """Not assigned any more from this day."""
        self.ended_on = max(on, self.started_on)
        self.save()


class StageChange(AgencyFact):
    """An enrollment entered a stage: when, who moved it, why; the trail that is only ever added to."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="stage_changes")
    from_stage = models.CharField(max_length=12, choices=Stage, blank=True)
    to_stage = models.CharField(max_length=12, choices=Stage)
    on = models.DateField()
    by = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    source = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("stage change")
        ordering = ["at", "pk"]

    def __str__(self):
        return self.get_to_stage_display()
