"""What happened to a person, and what was true of them on a day: dated, and from whom it is known."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, FromElsewhere
from clients.models.document import MaybeEnrollmentQuerySet
from clients.models.enrollment import Enrollment
from clients.models.person import Client


class KeyEvent(AgencyOwned, FromElsewhere):
    """A stay in hospital, an arrest, a move, a crisis: what a life is told by, and outcomes are counted by."""

    class Kind(models.TextChoices):
        HOSPITAL_MH = "hospital_mh", _("Psychiatric hospital stay")
        HOSPITAL = "hospital", _("Hospital stay")
        EMERGENCY = "emergency", _("Emergency room, not admitted")
        CRISIS = "crisis", _("Crisis")
        ARREST = "arrest", _("Arrest")
        JAIL = "jail", _("Jail or prison")
        HOMELESS = "homeless", _("Lost their home")
        HOUSED = "housed", _("Moved into a home")
        MOVE = "move", _("Moved")
        VIOLENCE = "violence", _("Domestic violence")
        JOB_START = "job_start", _("Started work")
        JOB_END = "job_end", _("Lost work")
        SCHOOL = "school", _("School or training")
        BIRTH = "birth", _("Birth of a child")
        DEATH = "death", _("Died")
        OTHER = "other", _("Other")

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="key_events")
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, null=True, blank=True, related_name="key_events"
    )
    kind = models.CharField(_("what happened"), max_length=12, choices=Kind)
    started_on = models.DateField(_("on, or from"))
    ended_on = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = MaybeEnrollmentQuerySet.as_manager()

    class Meta(FromElsewhere.Meta):
        verbose_name = _("key event")
        verbose_name_plural = _("key events")
        ordering = ["-started_on", "-pk"]
        constraints = [
            *FromElsewhere.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="event_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["client", "-started_on"], name="event_by_client")]

    def __str__(self):
        return self.get_kind_display()


class DatedFact(AgencyOwned, FromElsewhere):
    """What was found to be so on a day, such as an income or a disability, as another system recorded it."""

    class Topic(models.TextChoices):
        INCOME = "income", _("Income")
        BENEFIT = "benefit", _("Benefit other than money")
        INSURANCE = "insurance", _("Health insurance")
        DISABILITY = "disability", _("Disability")
        HEALTH = "health", _("Health")
        VIOLENCE = "violence", _("Domestic violence")
        WORK = "work", _("Work and education")
        HOUSING = "housing", _("Housing")
        OTHER = "other", _("Other")

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="facts")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, null=True, blank=True, related_name="facts")
    topic = models.CharField(_("about"), max_length=10, choices=Topic)
    label = models.CharField(_("what"), max_length=150)
    said = models.CharField(_("found"), max_length=200, blank=True)
    cents = models.BigIntegerField(_("amount a month"), null=True, blank=True)
    on = models.DateField(_("on"))
    occasion = models.CharField(_("occasion"), max_length=40, blank=True)

    objects = MaybeEnrollmentQuerySet.as_manager()

    class Meta(FromElsewhere.Meta):
        verbose_name = _("dated fact")
        verbose_name_plural = _("dated facts")
        ordering = ["-on", "topic", "pk"]
        indexes = [models.Index(fields=["client", "topic", "-on"], name="fact_by_client")]

    def __str__(self):
        return f"{self.label}: {self.said}"
