"""A mentor and a new hire, and what they do together: the staff learning record, apart from clients' records."""

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember, SupervisionLink, in_force
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import Visit
from mentoring.joint import code_of


class PairingQuerySet(ScopedQuerySet):
    """Door 4: the two themselves, their supervisors, and the agency's director."""

    def _seen_by(self, staff):
        if staff.has_role("director"):
            return self
        theirs = StaffMember.objects.filter(agency_id=staff.agency_id).supervised_by(staff)
        own = Q(mentor=staff) | Q(mentee=staff)
        return self.filter(own | Q(mentor__in=theirs) | Q(mentee__in=theirs) | Q(proposed_by=staff))

    def running(self):
        """Accepted by both and not ended; a NULL ended_on means that it runs."""
        return self.filter(mentor_accepted_at__isnull=False, mentee_accepted_at__isnull=False, ended_on=None)

    def waiting_for(self, staff):
        """Proposed, and this person has not answered."""
        return self.filter(
            Q(mentor=staff, mentor_accepted_at=None) | Q(mentee=staff, mentee_accepted_at=None), ended_on=None
        )

    def of(self, staff):
        """This person's own, as mentor or as new hire; a supervisor's sight of others' pairs is left out."""
        return self.filter(Q(mentor=staff) | Q(mentee=staff))

    def partner_of(self, staff):
        """The colleagues whom this person is paired with and may take along on a visit: one query when read.

        Asked as `Pairing.objects.visible_to(staff).running().partner_of(staff)`.
        """
        mentors = self.filter(mentee=staff).order_by().values("mentor")
        mentees = self.filter(mentor=staff).order_by().values("mentee")
        colleagues = StaffMember.objects.visible_to(staff).working()
        return colleagues.filter(Q(pk__in=mentors) | Q(pk__in=mentees))


class Pairing(AgencyOwned):
    """A mentor and a new hire: proposed by somebody, and running once both have said yes."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")

    is_door = True
    parent = "mentor"

    mentor = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="mentor_pairings", verbose_name=worded("{mentor}")
    )
    mentee = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="mentee_pairings", verbose_name=worded("{mentee}")
    )
    weekly_minutes = models.PositiveSmallIntegerField(
        _("protected minutes a week"), default=60, validators=[MinValueValidator(0), MaxValueValidator(2400)]
    )
    learning_needs = models.TextField(worded(_("what the {mentee} wants to learn")), blank=True)
    proposed_by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    mentor_accepted_at = models.DateTimeField(null=True, editable=False)
    mentee_accepted_at = models.DateTimeField(null=True, editable=False)
    started_on = models.DateField(_("from"), null=True, editable=False)
    ended_on = models.DateField(_("until"), null=True, editable=False)
    end_reason = models.CharField(_("why it ended"), max_length=200, blank=True)

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = _("pairing")
        verbose_name_plural = _("pairings")
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(mentor=models.F("mentee")), name="nobody_mentors_themselves"),
            models.UniqueConstraint(
                fields=["mentor", "mentee"], condition=Q(ended_on=None), name="one_open_pairing_of_two"
            ),
        ]

    def __str__(self):
        return f"{self.mentor} · {self.mentee}"

    @property
    def state(self):
        if self.ended_on:
            return self.State.ENDED
        return self.State.RUNNING if self.started_on else self.State.PROPOSED

    def has(self, staff):
        """Whether this person is one of the two."""
        return staff.pk in (self.mentor_id, self.mentee_id)

    def partner(self, staff):
        """The other of the two."""
        return self.mentee if staff.pk == self.mentor_id else self.mentor

    @classmethod
    @transaction.atomic
    def propose(cls, *, mentor, mentee, by, weekly_minutes=60, learning_needs=""):
        """Ask both; whoever proposes and is one of the two has said yes already.

        Raises Refused for oneself, an existing pairing, somebody who has left, two others unless one leads people, or
        a mentor who supervises the new hire (DOMAIN 4.4).
        """
        if mentor.pk == mentee.pk:
            raise Refused(_("Choose two different people."))
        if by.pk not in (mentor.pk, mentee.pk) and not by.has_role(Role.DIRECTOR, Role.SUPERVISOR):
            raise Refused(_("One of the two has to be you."))
        # A second proposal waits here and then finds the first.
        list(StaffMember.objects.select_for_update(of=("self",)).filter(pk=mentor.pk))
        today = timezone.localdate()
        gone = [p.name for p in (mentor, mentee) if p.left_on and p.left_on <= today]
        if gone:
            raise Refused(_("%(name)s no longer works here.") % {"name": gone[0]})
        if cls.objects.filter(mentor=mentor, mentee=mentee, ended_on=None).exists():
            raise Refused(_("These two are already paired, or asked to be."))
        if SupervisionLink.objects.filter(in_force(), supervisor=mentor, staff=mentee).exists():
            raise Refused(
                worded(_("%(name)s supervises %(other)s: a {mentor} is not the {supervisor}."))
                % {"name": mentor.name, "other": mentee.name}
            )
        pairing = cls.objects.create(
            mentor=mentor,
            mentee=mentee,
            proposed_by=by,
            weekly_minutes=weekly_minutes,
            learning_needs=learning_needs,
        )
        if by.pk in (mentor.pk, mentee.pk):
            pairing.accept(by=by)
        return pairing

    @transaction.atomic
    def accept(self, *, by):
        """Say yes for oneself; it runs when both have. Raises Refused for anybody else."""
        if not self.has(by):
            raise Refused(_("Only the two themselves can accept."))
        if self.ended_on is not None:
            raise Refused(_("This pairing has ended."))
        now = timezone.now()
        if by.pk == self.mentor_id:
            self.mentor_accepted_at = self.mentor_accepted_at or now
        else:
            self.mentee_accepted_at = self.mentee_accepted_at or now
        if self.mentor_accepted_at and self.mentee_accepted_at and self.started_on is None:
            self.started_on = timezone.localdate()
        self.save()

    @transaction.atomic
    def end(self, *, by, reason=""):
        """Close it, for any reason and without blame; also how somebody declines."""
        if self.ended_on is not None:
            raise Refused(_("This pairing has ended."))
        self.ended_on, self.end_reason = timezone.localdate(), reason
        self.save()


class ActivityTypeQuerySet(ScopedQuerySet):
    def offered(self, at=None):
        """What may be chosen on this day; a NULL ended_on means still offered."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()))


# Going along with somebody: what helps most and happens least, because nobody pays for it (DOMAIN 4.1).
ACCOMPANIMENT = ("SHADOW", "OBSERVE", "CO_VISIT")


class ActivityType(AgencyOwned):
    """What mentoring is made of: the catalogue of DOMAIN 4.2, which the agency edits."""

    class Group(models.TextChoices):
        PRACTICE = "practice", _("Direct practice")
        SKILL = "skill", _("Skill and paperwork")
        SUPPORT = "support", _("Reflection and support")

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    group = models.CharField(_("group"), max_length=10, choices=Group)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    ended_on = models.DateField(_("no longer used from"), null=True, blank=True)

    objects = ActivityTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("mentoring activity type")
        verbose_name_plural = _("mentoring activity types")
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["agency", "code"], name="activity_type_once")]

    def __str__(self):
        return self.name


class ActivityQuerySet(ScopedQuerySet):
    def to_confirm(self, staff):
        """Came from a joint visit, and this mentor has not looked at it; a NULL confirmed_at means so.

        What the new hire writes down alone needs no confirmation.
        """
        return self.filter(pairing__mentor=staff, confirmed_at=None, visit__isnull=False)

    def to_rate(self, staff):
        """This new hire has not said how helpful it was; a NULL helpfulness means so."""
        return self.filter(pairing__mentee=staff, helpfulness=None)

    def by_pairing(self, at=None):
        """For each pairing its `pairing`, minutes this `week` (from Monday; None without any) and `last` day."""
        today = at or timezone.localdate()
        monday = today - timedelta(days=today.weekday())
        week = models.Sum("minutes", filter=Q(held_on__gte=monday))
        return self.order_by().values("pairing").annotate(week=week, last=models.Max("held_on"))


class MentoringActivity(AgencyOwned):
    """Something the two did together: when, how long, what; a joint visit writes it by itself (REQ-20)."""

    path = "pairing"

    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="activities")
    held_on = models.DateField(_("when"), default=timezone.localdate)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(24 * 60)]
    )
    note = models.TextField(_("note, shared by the two"), blank=True)
    helpfulness = models.PositiveSmallIntegerField(
        _("how helpful"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    logged_by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("mentoring activity")
        verbose_name_plural = _("mentoring activities")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pairing", "visit"],
                condition=Q(visit__isnull=False),
                name="one_activity_per_joint_visit",
            ),
            models.CheckConstraint(
                condition=Q(helpfulness=None) | Q(helpfulness__range=(1, 5)), name="helpfulness_1_to_5"
            ),
        ]

    def __str__(self):
        return f"{self.held_on}, {self.minutes} min"

    @classmethod
    @transaction.atomic
    def log(cls, pairing, *, by, held_on, minutes, types, note="", visit=None):
        """Write an activity of one to three types; raises Refused for a pairing that is not running.

        Only the two write what they did; a joint visit is written by whoever logs it.
        """
        if pairing.state == Pairing.State.ENDED:
            raise Refused(_("This pairing has ended."))
        if pairing.state != Pairing.State.RUNNING:
            raise Refused(_("Both have to accept the pairing first."))
        if visit is None and not pairing.has(by):
            raise Refused(_("Only the two themselves write down what they did."))
        if held_on > timezone.localdate():
            raise Refused(_("This day is in the future."))
        types = list(types)
        if not 1 <= len(types) <= 3:
            raise Refused(_("Choose one to three kinds of activity."))
        activity = cls.objects.create(
            pairing=pairing,
            held_on=held_on,
            minutes=minutes,
            note=note,
            visit=visit,
            logged_by=by,
            confirmed_at=timezone.now() if by.pk == pairing.mentor_id else None,
        )
        for kind in types:
            ActivityKind.objects.create(activity=activity, type=kind)
        return activity

    def confirm(self, *, by):
        """The mentor has looked at it and it is right; raises Refused for anybody else."""
        if by.pk != self.pairing.mentor_id:
            raise Refused(worded(_("Only the {mentor} confirms.")))
        if self.confirmed_at is None:
            self.confirmed_at = timezone.now()
            self.save()

    def rate(self, helpfulness, *, by):
        """The new hire says how helpful it was, 1 to 5. Raises Refused for anybody else."""
        if by.pk != self.pairing.mentee_id:
            raise Refused(worded(_("Only the {mentee} says how helpful it was.")))
        self.helpfulness = helpfulness
        self.save()

    @classmethod
    @transaction.atomic
    def from_joint_visit(cls, visit, *, by, minutes=None):
        """The mentoring side of a visit of two: one activity, however often it is called (REQ-20). None without a pair.

        It is confirmed when the mentor logs the visit, and waits for the mentor when the new hire does. While the note
        is a draft it follows what the draft says, and goes when the visit did not take place with the two. `minutes`:
        of a visit of several people, whose first record stands for all.
        """
        people = (
            {p.staff_id: p for p in visit.participants.all()} if visit.outcome == Visit.Outcome.KEPT else {}
        )
        existing = cls.objects.filter(visit=visit).select_related("pairing").first()
        if existing and not people.keys() >= {existing.pairing.mentor_id, existing.pairing.mentee_id}:
            for row in (*existing.kinds.all(), existing):
                row.delete()
            existing = None
        pairing = existing.pairing if existing else None
        pairing = pairing or Pairing.objects.running().filter(mentor__in=people, mentee__in=people).first()
        if pairing is None:
            return None
        code = code_of(people[pairing.mentor_id].role, people[pairing.mentee_id].role)
        kind = ActivityType.objects.filter(agency=visit.agency_id, code=code).first()
        held_on = timezone.localtime(visit.started_at).date()
        minutes = minutes or max(visit.direct_minutes, 1)
        if existing is not None:
            existing._follow(kind, held_on=held_on, minutes=minutes, by=by)
            return existing
        if kind is None:
            return None
        return cls.log(pairing, by=by, held_on=held_on, minutes=minutes, types=[kind], visit=visit)

    def _follow(self, kind, *, held_on, minutes, by):
        """The draft of the joint visit now says this; what changed waits for the mentor again."""
        kinds = list(self.kinds.all())
        if kind is not None and [k.type_id for k in kinds] != [kind.pk]:
            for old in kinds:
                old.delete()
            ActivityKind.objects.create(activity=self, type=kind)
        elif (self.held_on, self.minutes) == (held_on, minutes):
            return
        self.held_on, self.minutes = held_on, minutes
        self.confirmed_at = timezone.now() if by.pk == self.pairing.mentor_id else None
        self.save()


class ActivityKindQuerySet(ScopedQuerySet):
    def accompaniments(self):
        """Going along with somebody, either way round."""
        return self.filter(type__code__in=ACCOMPANIMENT)

    def by_pairing(self, since):
        """For each pairing its `pairing`, on how many activities from `since` on, and the `last` day ever."""
        lately = models.Count("activity", filter=Q(activity__held_on__gte=since), distinct=True)
        rows = self.order_by().values(pairing=models.F("activity__pairing"))
        return rows.annotate(lately=lately, last=models.Max("activity__held_on"))

    def totals(self):
        """For each type how many `times` and `minutes`; an activity of two types counts in both."""
        rows = self.order_by().values("type", "type__name", "type__group")
        return rows.annotate(times=models.Count("pk"), minutes=models.Sum("activity__minutes"))


class ActivityKind(AgencyOwned):
    """One of the up to three types of an activity."""

    path = "activity__pairing"

    activity = models.ForeignKey(MentoringActivity, models.PROTECT, related_name="kinds")
    type = models.ForeignKey(ActivityType, models.PROTECT, related_name="+")

    objects = ActivityKindQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of activity")
        constraints = [models.UniqueConstraint(fields=["activity", "type"], name="activity_kind_once")]

    def __str__(self):
        return str(self.type)


def waiting_count(staff):
    """How much waits for this person here: pairings to answer and activities to confirm. Two queries."""
    pairings = Pairing.objects.visible_to(staff).waiting_for(staff).count()
    return pairings + MentoringActivity.objects.visible_to(staff).to_confirm(staff).count()
