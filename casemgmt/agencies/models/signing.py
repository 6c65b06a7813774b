"""The shapes of signatures and addenda; each app has its own rows."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import AgencyFact


class Signature(AgencyFact):
    """Somebody put their name to a record; written once."""

    class Kind(models.TextChoices):
        AUTHOR = "author", _("Author")
        COSIGNER = "cosigner", _("Co-signer")

    staff = models.ForeignKey(
        settings.AUDIT_PERSON_MODEL, models.PROTECT, related_name="+", verbose_name=_("signed by")
    )
    kind = models.CharField(_("as"), max_length=10, choices=Kind, default=Kind.AUTHOR)
    typed_name = models.CharField(_("name as typed"), max_length=150)
    signed_at = models.DateTimeField(_("signed"), default=timezone.now)

    class Meta:
        abstract = True
        verbose_name = _("signature")

    def __str__(self):
        return f"{self.typed_name}, {self.get_kind_display()}"


class Addendum(AgencyFact):
    """What was added to a signed record afterwards; the record itself stays as it was signed."""

    author = models.ForeignKey(
        settings.AUDIT_PERSON_MODEL, models.PROTECT, related_name="+", verbose_name=_("author")
    )
    text = models.TextField(_("addendum"))
    written_at = models.DateTimeField(_("written"), default=timezone.now)

    class Meta:
        abstract = True
        verbose_name = _("addendum")

    def __str__(self):
        return self.text[:40]
