"""The dated steps that somebody goes through in a program of a fixed length (REQ-78)."""

from datetime import timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.core.models import Refused
from clients.models.enrollment import Enrollment


class MilestoneQuerySet(ScopedQuerySet):
    def open(self):
        """Still to be done; a NULL done_on means not yet."""
        return self.filter(done_on=None, enrollment__ended_on=None)

    def last_day(self, enrollment):
        """When a program of fixed length ends for this person, as planned: the day of the last step; else None."""
        return self.filter(enrollment=enrollment).aggregate(last=models.Max("due_on"))["last"]


class Milestone(AgencyOwned):
    """A dated step of a program of fixed length, made when somebody is enrolled (REQ-78)."""

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="milestones")
    title = models.CharField(_("step"), max_length=150)
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="+", editable=False)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "title"], condition=Q(done_on=None), name="milestone_open_once"
            )
        ]

    def __str__(self):
        return self.title

    @classmethod
    def lay_out(cls, enrollment):
        """Write the steps of the program with their days; what stands already, done or not, stays as it is."""
        there = set(cls.objects.filter(enrollment=enrollment).values_list("title", flat=True))
        return [
            cls.objects.create(
                enrollment=enrollment,
                title=step.title,
                due_on=enrollment.enrolled_on + timedelta(days=step.after_days),
            )
            for step in enrollment.program.steps.in_use(enrollment.enrolled_on)
            if step.title not in there
        ]

    @transaction.atomic
    def complete(self, *, by, on=None):
        """It is done. Raises Refused when it was before."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.done_on:
            raise Refused(_("“%(step)s” is done already.") % {"step": locked.title})
        locked.done_on = self.done_on = on or timezone.localdate()
        locked.done_by = self.done_by = by
        locked.save()
