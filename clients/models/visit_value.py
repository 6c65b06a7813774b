"""What was answered at a visit to the questions of the agency's own."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, Indicator
from casemgmt.agencies.words import worded
from clients.models.visit import OfVisitQuerySet, Visit


class VisitValue(AgencyOwned):
    """An answer to a question of the agency's own: a number, or words (yes, no, one of a list, free); never both."""

    path = "visit__enrollment"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="values")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="values", verbose_name=_("question")
    )
    number = models.DecimalField(_("number"), max_digits=12, decimal_places=2, null=True, blank=True)
    words = models.CharField(_("words"), max_length=500, blank=True)

    objects = OfVisitQuerySet.as_manager()

    class Meta:
        verbose_name = worded(_("answer at a {visit}"))
        verbose_name_plural = worded(_("answers at {visits}"))
        ordering = ["indicator__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "indicator"], name="indicator_answered_once"),
            models.CheckConstraint(
                condition=Q(number=None) & ~Q(words="") | Q(number__isnull=False, words=""),
                name="value_is_number_or_words",
            ),
        ]

    def __str__(self):
        return f"{self.indicator}: {self.shown()}"

    def shown(self):
        """As people read it, with its unit."""
        if self.number is None:
            if self.indicator.kind == Indicator.Kind.YES_NO:
                return str(_("Yes") if self.words == "yes" else _("No"))
            return self.words
        number = f"{self.number:.{self.indicator.decimals}f}"
        return f"{number} {self.indicator.unit}".strip()
