"""Being stuck, and asking somebody who may know."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet, StaffMember
from casemgmt.core.models import Refused
from clients.models.access import hidden_from, sealed_programs
from clients.models.enrollment import CaseAssignment, Enrollment
from clients.models.person import Client


class ConsultationQuerySet(ScopedQuerySet):
    """For whoever sees the person served, and for whom is asked: a mentor may help without seeing the record."""

    def _seen_by(self, staff):
        hidden = Client.objects.filter(hidden_from(staff), agency_id=staff.agency_id)
        sealed = Enrollment.objects.filter(sealed_programs(staff), agency_id=staff.agency_id)
        asked = Q(asked_of=staff) & ~Q(enrollment__client__in=hidden) & ~Q(enrollment__in=sealed)
        return self.filter(asked | Q(enrollment__in=Enrollment.objects.visible_to(staff)))

    def open(self):
        """Nobody has answered: a NULL answered_at means so."""
        return self.filter(answered_at=None)

    def waiting_for(self, staff):
        """Open, asked of this person or of the team in which they work, and not asked by themselves."""
        teams = CaseAssignment.objects.filter(staff=staff).in_force()
        team = Q(asked_of=None, enrollment__in=teams.values("enrollment"))
        return self.open().filter(Q(asked_of=staff) | team).exclude(by=staff)


class Consultation(AgencyOwned):
    """A colleague asks for another's view on somebody they serve; the answer closes it (REQ-88).

    A NULL asked_of means the whole team around the person.
    """

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="consultations")
    by = models.ForeignKey(
        StaffMember, models.PROTECT, editable=False, related_name="+", verbose_name=_("from")
    )
    asked_of = models.ForeignKey(
        StaffMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who is asked")
    )
    text = models.TextField(_("what you are stuck on"))
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        StaffMember,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for consultation")
        verbose_name_plural = _("requests for consultation")
        ordering = ["asked_at", "pk"]
        indexes = [
            models.Index(fields=["asked_of"], condition=Q(answered_at=None), name="consultations_open")
        ]

    def __str__(self):
        return self.text[:40]

    @transaction.atomic
    def reply(self, text, *, by):
        """Answer and so close it; who asked may close it, too, after talking. Raises Refused without words or twice."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if locked.answered_at is not None:
            raise Refused(_("This is answered already."))
        if not text.strip():
            raise Refused(_("Write your answer."))
        locked.answer, locked.answered_by, locked.answered_at = text.strip(), by, timezone.now()
        locked.save()
        return locked
