"""What the house itself writes down: notices, sign-ins, and forms already sent."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import Agency, AgencyOwned, ScopedQuerySet
from casemgmt.core.crypt import EncryptedTextField
from casemgmt.core.models import AppendOnly

KEPT_FORMS = 100  # of one person; nobody types more at once


class NoticeQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        return self.filter(staff=staff)

    def unread(self):
        """A NULL read_at means nobody has looked yet."""
        return self.filter(read_at=None)


class Notice(AgencyOwned):
    """A line for one colleague, with a link and without a client's data; unique on what it is about."""

    parent = "staff"

    staff = models.ForeignKey(settings.AUDIT_PERSON_MODEL, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=100)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "staff", "kind", "subject"], name="one_notice_per_subject"
            )
        ]

    def __str__(self):
        return self.text


class LoginEvent(AppendOnly):
    """A sign-in, sign-out or refusal; written outside the request's transaction, so that a refusal stays."""

    at = models.DateTimeField(default=timezone.now)
    username = models.CharField(max_length=150, blank=True)
    kind = models.CharField(max_length=20)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("sign-in event")
        verbose_name_plural = _("sign-in events")

    def __str__(self):
        return f"{self.kind} {self.username}"


class SubmissionQuerySet(models.QuerySet):
    """Receipts belong to who sent the form."""

    def visible_to(self, staff):
        return self.filter(agency_id=staff.agency_id, staff=staff)

    def accepted(self):
        """An empty location: the answer is not there yet."""
        return self.exclude(location="")


class Submission(models.Model):
    """A form that was sent once: the second click, or the retry after a crash, gets the first answer.

    The row is written before the view runs and in its transaction, so that twenty clicks at once queue up on it.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    staff = models.ForeignKey(settings.AUDIT_PERSON_MODEL, models.PROTECT, related_name="+")
    key = models.UUIDField()
    path = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    location = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(default=timezone.now)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "key"], name="sent_once")]

    def __str__(self):
        return str(self.key)


class KeptFormQuerySet(models.QuerySet):
    """Half-typed forms belong to whoever typed them, also towards a supervisor."""

    def visible_to(self, staff):
        return self.filter(agency_id=staff.agency_id, staff=staff)


class KeptForm(models.Model):
    """What somebody has typed into a form and not sent yet: theirs alone, encrypted, and no record before it is sent.

    The device keeps it too; this copy is for the day on which the device is lost. It goes when the form is sent, and
    `forget_kept_forms` takes what is older than DEVICE_DAYS.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    staff = models.ForeignKey(settings.AUDIT_PERSON_MODEL, models.PROTECT, related_name="+")
    key = models.UUIDField()
    path = models.CharField(max_length=300)
    typed = EncryptedTextField()
    kept_at = models.DateTimeField(default=timezone.now)

    objects = KeptFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("form not sent yet")
        verbose_name_plural = _("forms not sent yet")
        constraints = [models.UniqueConstraint(fields=["agency", "staff", "key"], name="kept_once")]
        indexes = [models.Index(fields=["staff", "path"], name="kept_of_page")]

    def __str__(self):
        return str(self.key)

    @classmethod
    def keep(cls, staff, *, key, path, typed):
        """Write down what was typed so far; None where the form was sent meanwhile, or is too many."""
        if Submission.objects.filter(agency_id=staff.agency_id, key=key).exists():
            return None
        mine = cls.objects.visible_to(staff)
        row = mine.filter(key=key).first()
        if row is None:
            if mine.count() >= KEPT_FORMS:
                return None
            row = cls(agency_id=staff.agency_id, staff=staff, key=key)
        row.path, row.typed, row.kept_at = path, typed, timezone.now()
        row.save()
        return row

    @classmethod
    def forget(cls, staff, keys):
        """They were sent, or thrown away by who typed them."""
        return cls.objects.visible_to(staff).filter(key__in=keys).delete()[0]
