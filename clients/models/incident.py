"""What went badly, what the law wants reported, by when, the proof that it was, and what was learned (PR-46 to 51)."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import (
    AgencyFact,
    AgencyOwned,
    FactQuerySet,
    PickItem,
    Program,
    ReportingDeadline,
    ScopedQuerySet,
    StaffMember,
    through,
)
from casemgmt.agencies.models.deadline import deadline
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models.document import Document
from clients.models.enrollment import Enrollment
from clients.models.person import Client


def must_see(staff):
    """A `Q`: who wrote it, who supervises them, director and quality reviewer; never past the person's own doors."""
    doors = Q(client=None) | Q(client__in=through(Client, staff))
    sealed = Q(enrollment=None) | Q(enrollment__in=through(Enrollment, staff))
    if staff.sees_all():
        return doors & sealed
    theirs = StaffMember.objects.filter(agency_id=staff.agency_id).supervised_by(staff)
    return doors & sealed & (Q(by=staff) | Q(by__in=theirs))


class ReportableQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        return self.filter(must_see(staff))

    def open(self):
        """Nobody has closed it; a NULL closed_at means so."""
        return self.filter(closed_at=None)

    def unsent(self):
        """A deadline is set and what it asks for was not sent; a NULL date of sending means so."""
        waits = Q(verbal_due_at__isnull=False, verbal_sent_at=None)
        return self.open().filter(waits | Q(written_due_at__isnull=False, written_sent_at=None))

    def late(self, at=None):
        """A deadline has passed, and what it asks for was not sent."""
        now = at or timezone.now()
        late = Q(verbal_due_at__lt=now, verbal_sent_at=None) | Q(written_due_at__lt=now, written_sent_at=None)
        return self.open().filter(late)


class Reportable(AgencyOwned):
    """What incidents and mandated reports share: about whom, since when, by when, to whom, and what was sent."""

    # Which lines of the jurisdiction table hold; the words of a deadline are copied when it is set.
    kind = None
    parent = "by"
    whose = "client"  # a merge of two records takes it along, though its door is another one

    client = models.ForeignKey(
        Client,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=worded("{client}"),
    )
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, null=True, blank=True, related_name="%(class)ss"
    )
    program = models.ForeignKey(
        Program, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("program")
    )
    category = models.ForeignKey(PickItem, models.PROTECT, related_name="+", verbose_name=_("what it is"))
    happened_at = models.DateTimeField(_("when it happened"), null=True, blank=True)
    known_at = models.DateTimeField(_("known since"), default=timezone.now)
    what = models.TextField(_("what happened"))
    done = models.TextField(_("what was done at once"), blank=True)
    by = models.ForeignKey(
        StaffMember, models.PROTECT, editable=False, related_name="+", verbose_name=_("reported by")
    )
    supervisor_told_at = models.DateTimeField(worded(_("{supervisor} told")), null=True, blank=True)
    recipient = models.CharField(_("report to"), max_length=200, blank=True)
    recipient_phone = models.CharField(_("phone"), max_length=60, blank=True)
    basis = models.CharField(_("which rule says so"), max_length=200, blank=True, editable=False)
    verbal_due_at = models.DateTimeField(null=True, editable=False)
    written_due_at = models.DateTimeField(null=True, editable=False)
    verbal_sent_at = models.DateTimeField(null=True, editable=False)
    written_sent_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, editable=False, related_name="+")

    objects = ReportableQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-known_at", "-pk"]

    def __str__(self):
        return str(self.category)

    @property
    def counted_from(self):
        """The moment from which the deadline runs."""
        return self.known_at

    @transaction.atomic
    def put(self, *, by):
        """Write it down with its deadlines by the jurisdiction table. Raises Refused once closed, or for the future."""
        problems = []
        if self.closed_at is not None:
            problems.append(_("This is closed."))
        now = timezone.now()
        if self.known_at > now or (self.happened_at and self.happened_at > now):
            problems.append(_("This moment has not come yet."))
        elif self.happened_at and self.happened_at > self.known_at:
            problems.append(_("Nobody can know of it before it happened."))
        if self.enrollment_id and self.client_id != self.enrollment.client_id:
            problems.append(worded(_("This is another {client}’s {enrollment}.")))
        if problems:
            raise Refused(*map(str, problems))
        if self._state.adding:
            self.by = by
        if self.enrollment_id and self.program_id is None:
            self.program = self.enrollment.program
        self._set_deadlines()
        self.save()

    def _set_deadlines(self):
        lines = ReportingDeadline.objects.filter(agency=self.by.agency_id)
        line = lines.holding(self.kind, program=self.program_id, category=self.category_id).first()
        if line is None:
            self.verbal_due_at = self.written_due_at = None
            return
        # What was typed stays; what came from another line of the table goes with it.
        if not self.recipient or lines.filter(recipient=self.recipient).exclude(pk=line.pk).exists():
            self.recipient, self.recipient_phone = line.recipient, line.phone
        self.recipient_phone = self.recipient_phone or line.phone
        self.basis = line.basis
        self.verbal_due_at = deadline(self.counted_from, line.verbal_within, line.verbal_counted)
        self.written_due_at = deadline(self.counted_from, line.written_within, line.written_counted)

    def duties(self):
        """(how, by when, when it was sent or None) of each report that the jurisdiction table asks for."""
        both = (
            (Submitted.How.VERBAL, self.verbal_due_at, self.verbal_sent_at),
            (Submitted.How.WRITTEN, self.written_due_at, self.written_sent_at),
        )
        return [duty for duty in both if duty[1] is not None]

    def due_at(self):
        """The next deadline that nobody has met; None when nothing is to be sent."""
        return min((due for _how, due, sent in self.duties() if sent is None), default=None)

    def is_late(self, at=None):
        due = self.due_at()
        return due is not None and due < (at or timezone.now())

    @transaction.atomic
    def send(self, *, by, how, at, to="", reference="", note="", document=None):
        """Write down that it was reported, with what proves it. Raises Refused for a moment that has not come yet."""
        if at > timezone.now():
            raise Refused(_("This moment has not come yet."))
        if at < self.known_at:
            raise Refused(_("Nobody can report it before it was known."))
        if document is not None and document.client_id != self.client_id:
            raise Refused(_("This paper is somebody else’s."))
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        sent = locked.submissions.create(
            by=by,
            how=how,
            sent_at=at,
            to=to or locked.recipient,
            reference=reference,
            note=note,
            document=document,
        )
        name = "verbal_sent_at" if how == Submitted.How.VERBAL else "written_sent_at"
        if getattr(locked, name) is None or at < getattr(locked, name):
            setattr(locked, name, at)
            locked.save()
            setattr(self, name, at)
            self.version = locked.version
        return sent

    def lacks(self):
        """Why it cannot be closed yet, in words."""
        missing = []
        if self.verbal_due_at and self.verbal_sent_at is None:
            missing.append(_("Say when it was reported by word of mouth."))
        if self.written_due_at and self.written_sent_at is None:
            missing.append(_("Say when the written report was sent."))
        return missing

    @transaction.atomic
    def close(self, *, by):
        """Done with it. Raises Refused while something is missing, or when it is closed."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.closed_at is not None:
            raise Refused(_("This is closed."))
        if missing := locked.lacks():
            raise Refused(*map(str, missing))
        locked.closed_at, locked.closed_by = timezone.now(), by
        locked.save()
        return locked


class IncidentReport(Reportable):
    """A serious event (PR-49): what happened, who was told by when, why it happened, and what changes because of it."""

    kind = ReportingDeadline.Kind.INCIDENT

    injured = models.CharField(_("who was hurt, and how"), max_length=300, blank=True)
    review = models.TextField(_("why it happened"), blank=True)
    corrective = models.TextField(_("what changes because of it"), blank=True)
    debriefed_on = models.DateField(_("talked through with the colleague on"), null=True, blank=True)

    class Meta(Reportable.Meta):
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")

    @property
    def counted_from(self):
        """From the event itself, where its time is known (PR-50)."""
        return self.happened_at or self.known_at

    @transaction.atomic
    def debrief(self, on, *, by):
        """It was talked through with the colleague. Raises Refused for a day before it was known or still to come."""
        if not timezone.localtime(self.known_at).date() <= on <= timezone.localdate():
            raise Refused(_("Choose a day from when it was known until today."))
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        locked.debriefed_on = on
        locked.save()
        return locked

    def lacks(self):
        missing = super().lacks()
        if not self.review.strip():
            missing.append(_("Say why it happened, as far as is known."))
        return missing


class MandatedQuerySet(ReportableQuerySet):
    def unsent(self):
        """What somebody decided not to report waits for nothing."""
        return super().unsent().filter(not_reported_why="")

    def late(self, at=None):
        return super().late(at).filter(not_reported_why="")

    def undecided(self):
        """Neither reported nor decided against; see `is_undecided`."""
        return self.open().filter(verbal_sent_at=None, written_sent_at=None, not_reported_why="")


class MandatedReport(Reportable):
    """A suspicion that the law wants reported (PR-48): the software records and reminds, the person decides."""

    kind = ReportingDeadline.Kind.MANDATED

    about = models.CharField(_("who may be harmed"), max_length=200)
    grounds = models.TextField(_("what the suspicion rests on"), blank=True)
    # Why nothing was reported, where somebody decided so with a supervisor.
    not_reported_why = models.TextField(_("why it is not reported"), blank=True)

    objects = MandatedQuerySet.as_manager()

    class Meta(Reportable.Meta):
        verbose_name = _("mandated report")
        verbose_name_plural = _("mandated reports")

    def duties(self):
        return [] if self.not_reported_why.strip() else super().duties()

    @property
    def is_undecided(self):
        """Nobody has reported it, and nobody has written down why it is not reported."""
        reported = self.verbal_sent_at or self.written_sent_at
        return self.closed_at is None and not reported and not self.not_reported_why.strip()

    @transaction.atomic
    def leave(self, why, *, told_at, by):
        """Decide with the supervisor that it is not reported. Raises Refused without both, or once it was reported."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        problems = []
        if not locked.is_undecided:
            problems.append(_("This was reported or decided already."))
        if not why.strip():
            problems.append(_("Say why it is not reported."))
        if told_at is None or told_at > timezone.now():
            problems.append(worded(_("Say when you talked with your {supervisor}.")))
        if problems:
            raise Refused(*map(str, problems))
        locked.not_reported_why, locked.supervisor_told_at = why.strip(), told_at
        locked.save()
        return locked

    def lacks(self):
        if self.not_reported_why.strip():
            return [] if self.supervisor_told_at else [worded(_("Say when the {supervisor} was told."))]
        missing = super().lacks()
        if self.verbal_sent_at is None and self.written_sent_at is None and not missing:
            missing.append(_("Say when it was reported, or why it is not."))
        return missing


class SubmittedQuerySet(FactQuerySet):
    def _seen_by(self, staff):
        """Whoever sees what was reported."""
        return self.filter(of__in=self.model._meta.get_field("of").related_model.objects.visible_to(staff))


class Submitted(AgencyFact):
    """Proof that it was reported: how, when, to whom, under which number, with which paper."""

    class How(models.TextChoices):
        VERBAL = "verbal", _("By word of mouth")
        WRITTEN = "written", _("In writing")

    parent = "of"

    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("by"))
    how = models.CharField(_("how"), max_length=8, choices=How)
    sent_at = models.DateTimeField(_("when"))
    to = models.CharField(_("to whom"), max_length=200, blank=True)
    reference = models.CharField(_("their number for it"), max_length=100, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    objects = SubmittedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["sent_at", "pk"]

    def __str__(self):
        return f"{self.get_how_display()} {self.to}"


class IncidentSubmitted(Submitted):
    """That an incident was reported."""

    of = models.ForeignKey(IncidentReport, models.PROTECT, related_name="submissions")

    class Meta(Submitted.Meta):
        verbose_name = _("report of an incident")
        verbose_name_plural = _("reports of incidents")


class MandatedSubmitted(Submitted):
    """That a mandated report was made."""

    of = models.ForeignKey(MandatedReport, models.PROTECT, related_name="submissions")

    class Meta(Submitted.Meta):
        verbose_name = _("making of a mandated report")
        verbose_name_plural = _("making of mandated reports")
