"""Two records turn out to be one person: what was done about it, so that it can be undone."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, StaffMember
from clients.models.person import Client


class Merge(AgencyOwned):
    """`gone` became part of `kept`: which rows moved, and what the chosen fields said before.

    A NULL `undone_at` means that the merge holds.
    """

    path = "kept"

    kept = models.ForeignKey(Client, models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Client, models.PROTECT, related_name="+")
    reason = models.CharField(_("why they are one person"), max_length=300)
    moved = models.JSONField(default=dict, editable=False)
    fields_before = models.JSONField(default=dict, editable=False)
    merged_at = models.DateTimeField(default=timezone.now, editable=False)
    merged_by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="+", editable=False)
    undone_why = models.CharField(_("why they are two people after all"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("merge of two records")
        verbose_name_plural = _("merges of two records")
        ordering = ["-merged_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at=None), name="merged_into_one_record_at_most"
            )
        ]

    def __str__(self):
        return f"{self.gone_id} → {self.kept_id}"
