"""How notes are written here: the formats a program may choose, and phrases that nobody types twice."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyOwned, ScopedQuerySet
from casemgmt.agencies.models.program import Program


class PhraseQuerySet(ScopedQuerySet):
    def offered(self, program, at=None):
        """For notes of this program on this day; a NULL program means all, a NULL ended_on still offered."""
        return self.filter(
            Q(program=None) | Q(program=program),
            Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()),
        )


class NotePhrase(AgencyOwned):
    """Words that an agency uses again and again in notes: one tap puts them in."""

    program = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="phrases",
        verbose_name=_("program"),
        help_text=_("Empty: all programs."),
    )
    text = models.CharField(_("words"), max_length=500)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    ended_on = models.DateField(_("no longer offered from"), null=True, blank=True)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        verbose_name = _("phrase for notes")
        verbose_name_plural = _("phrases for notes")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.text[:60]
