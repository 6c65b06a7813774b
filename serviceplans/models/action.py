"""Who does what by when, and with how much help."""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import RelatedPerson
from serviceplans.models.goal import Objective
from serviceplans.models.plan import ServicePlan


class ActionQuerySet(ScopedQuerySet):
    def open(self):
        """A NULL done_on means still to do."""
        return self.filter(done_on=None)

    def awake(self):
        """Without those whose goal rests or has ended (REQ-91)."""
        return self.filter(objective__goal__paused_on=None, objective__goal__ended_on=None)


class PlanAction(AgencyOwned):
    """Who does what by when (REQ-118)."""

    class LedBy(models.TextChoices):
        CLIENT = "client", worded("{Client}")
        WORKER = "worker", worded("{Worker}")
        FAMILY = "family", _("Family or friends")
        AGENCY = "agency", _("Another agency")

    class Help(models.TextChoices):
        INFORMED = "informed", _("Told how")
        HELPED = "helped", _("Helped to do it")
        WENT_ALONG = "along", _("Went along")
        DONE_FOR = "done_for", _("Done for them")

    path = "objective__goal__plan__enrollment"

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="actions")
    text = models.CharField(_("what"), max_length=300)
    who = models.CharField(_("who"), max_length=150)
    led_by = models.CharField(_("who leads"), max_length=8, choices=LedBy, blank=True)
    staff = models.ForeignKey(
        StaffMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("colleague")
    )
    related_person = models.ForeignKey(
        RelatedPerson, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("close person")
    )
    help = models.CharField(_("our help"), max_length=8, choices=Help, blank=True)
    due_on = models.DateField(_("by"))
    done_on = models.DateField(_("done on"), null=True, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["due_on", "pk"]

    def __str__(self):
        return self.text

    @transaction.atomic
    def put(self):
        """Write an action of a draft. Raises Refused without somebody who does it, or once the plan is signed."""
        plan = ServicePlan.hold_draft(self.objective.goal.plan_id)
        person = self.related_person
        if person is not None and person.client_id != plan.enrollment.client_id:
            raise Refused(_("This close person is somebody else’s."))
        self.who = self.who.strip() or str(self.staff or person or "")
        if not self.who:
            raise Refused(_("Say who does it."))
        self.save()

    @transaction.atomic
    def remove(self):
        """Take an action out of a draft; history keeps it. Raises Refused once the plan is signed."""
        ServicePlan.hold_draft(self.objective.goal.plan_id)
        self.delete()

    def copy_to(self, objective):
        """The same action for an objective of a newer plan."""
        kept = ("text", "who", "led_by", "staff", "related_person", "help", "due_on")
        return PlanAction.objects.create(objective=objective, **{name: getattr(self, name) for name in kept})

    def finish(self, *, by, on=None):
        """It is done, also in a signed plan; done twice is done once."""
        if self.done_on is None:
            self.done_on = on or timezone.localdate()
            self.save()

    def reopen(self, *, by):
        """It was not done after all."""
        if self.done_on is not None:
            self.done_on = None
            self.save()
