"""What to know and do in a crisis: the safety plan, what the law and the person laid down, and alerts."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet
from clients.models.around import Dated, DatedQuerySet, RelatedPerson, ends_after_start
from clients.models.document import Document
from clients.models.person import Client


class SafetyPlanQuerySet(ScopedQuerySet):
    def current(self):
        """In use; a NULL ended_on means that no newer one replaced it."""
        return self.filter(ended_on=None)

    def to_look_at(self, until):
        """To be looked at again by this day, as after a crisis (PR-47); a NULL review_on is never due."""
        return self.current().filter(review_on__lte=until)


class SafetyPlan(AgencyOwned):
    """What the person does, and whom they call, when a crisis comes; in their own words (PR-46, the generic steps)."""

    SECTIONS = (
        "warning_signs",
        "own_ways",
        "company",
        "people_to_ask",
        "professionals",
        "safer_place",
        "worth_living",
    )

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="safety_plans")
    warning_signs = models.TextField(_("how I notice that it is getting bad"), blank=True)
    own_ways = models.TextField(_("what I can do by myself"), blank=True)
    company = models.TextField(_("people and places that take my mind off it"), blank=True)
    people_to_ask = models.TextField(_("whom I can ask for help"), blank=True)
    professionals = models.TextField(_("services I can call"), blank=True)
    safer_place = models.TextField(_("how we make my surroundings safer"), blank=True)
    worth_living = models.TextField(_("what I want to live for"), blank=True)
    written_on = models.DateField(_("written on"), default=timezone.localdate)
    review_on = models.DateField(_("look at it again on"), null=True, blank=True)
    ended_on = models.DateField(null=True, editable=False)

    objects = SafetyPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("safety plan")
        verbose_name_plural = _("safety plans")
        ordering = ["-written_on", "-pk"]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.written_on}"

    def look_again(self, *, on):
        """It was looked at together on this day and still holds; the next look comes when it usually does."""
        following = on + timedelta(days=settings.SAFETY_PLAN_REVIEW_DAYS)
        if self.review_on is None or self.review_on < following:
            self.review_on = following
            self.save()


class LegalPaper(Dated):
    """An advance directive, a custody or protection order: what it says and where the paper is (REQ-129)."""

    class Kind(models.TextChoices):
        PSYCHIATRIC = "psychiatric", _("Psychiatric advance directive")
        HEALTH = "health", _("Health care directive or living will")
        RESUSCITATION = "resuscitation", _("Order about resuscitation")
        CUSTODY = "custody", _("Custody or parental rights")
        PROTECTION = "protection", _("Protection or no-contact order")
        OTHER = "other", _("Other")

    client = models.ForeignKey(Client, models.PROTECT, related_name="legal_papers")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    says = models.TextField(_("what it says"), blank=True)
    where_kept = models.CharField(_("where the paper is"), max_length=200, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("copy")
    )

    class Meta:
        verbose_name = _("advance directive or order")
        verbose_name_plural = _("advance directives and orders")
        ordering = ["kind", "-pk"]
        constraints = [ends_after_start("legal_paper_ends_after_start")]

    def __str__(self):
        return self.get_kind_display()


class AlertQuerySet(DatedQuerySet):
    def shown(self, at=None):
        """What the banner shows: a warning about workers' safety falls silent on its review date unless renewed."""
        day = at or timezone.localdate()
        return self.now(day).filter(~Q(kind=Alert.Kind.SAFETY) | Q(review_on__gte=day))

    def to_review(self, at=None, until=None):
        """Past their review date, or due by `until`."""
        day = at or timezone.localdate()
        due = Q(review_on__lte=until) if until else Q(review_on__lt=day)
        return self.now(day).filter(due)

    def at_a_glance(self, client, at=None):
        """What the banner says of somebody whom a page may show: (alerts, whom to call). One statement.

        It asks no door, because a colleague who came along on a visit sees the banner and not the record.
        """
        of = {"agency_id": client.agency_id, "client": client}
        alerts = self.filter(**of).shown(at).order_by()
        people = RelatedPerson.objects.filter(**of, is_emergency_contact=True).now(at).order_by()
        no_day = Value(None, output_field=models.DateField())
        rows = alerts.values_list(Value("alert"), "kind", "text", "review_on", Value("")).union(
            people.values_list(Value("call"), "relation", "name", no_day, "phone"), all=True
        )
        found, call = [], []
        for what, kind, words, day, phone in rows:
            if what == "alert":
                found.append(Alert(kind=kind, text=words, review_on=day))
            else:
                call.append(RelatedPerson(relation=kind, name=words, phone=phone))
        found.sort(key=lambda alert: (alert.kind != Alert.Kind.SAFETY, alert.kind, alert.text))
        call.sort(key=lambda person: person.name)
        return found, call


class Alert(Dated):
    """What everybody who opens the record must know at once; each has a day on which somebody looks at it again."""

    class Kind(models.TextChoices):
        HEALTH = "health", _("Health")
        SAFETY = "safety", _("Safety of workers")
        LEGAL = "legal", _("Order of a court")
        ACCESS = "access", _("At the door")
        OTHER = "other", _("Other")

    client = models.ForeignKey(Client, models.PROTECT, related_name="alerts")
    kind = models.CharField(_("about"), max_length=8, choices=Kind)
    text = models.CharField(_("what to know"), max_length=200)
    basis = models.CharField(
        _("what was seen, when and by whom"),
        max_length=300,
        blank=True,
        help_text=_("Facts only. Needed for the safety of workers."),
    )
    review_on = models.DateField(_("look at it again on"))

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["kind", "pk"]
        constraints = [
            ends_after_start("alert_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(kind="safety") | ~Q(basis=""), name="safety_alert_rests_on_facts"
            ),
        ]

    def __str__(self):
        return self.text
