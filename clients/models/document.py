"""Papers about a person: kept in the database, so that they live and are backed up with the record that names them."""

import hashlib

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyFact, AgencyOwned, ScopedQuerySet, StaffMember, through
from casemgmt.core.models import Refused
from clients.models.person import Client


class MaybeEnrollmentQuerySet(ScopedQuerySet):
    """Rows of a person that may belong to one enrollment: then only who sees the enrollment sees them (PR-40)."""

    def _seen_by(self, staff):
        enrollment = self.model._meta.get_field("enrollment").related_model
        return (
            super()._seen_by(staff).filter(Q(enrollment=None) | Q(enrollment__in=through(enrollment, staff)))
        )


class Document(AgencyOwned):
    """A paper in the record: what it is, and the file; taken out of sight it stays, with the reason."""

    class Kind(models.TextChoices):
        CONSENT = "consent", _("Consent form")
        IDENTITY = "identity", _("Identity paper")
        LEGAL = "legal", _("Court order or authority")
        DIRECTIVE = "directive", _("Advance directive")
        LETTER = "letter", _("Letter")
        REPORT = "report", _("Report of another service")
        BENEFIT = "benefit", _("Benefit or insurance")
        PHOTO = "photo", _("Photo")
        OTHER = "other", _("Other")

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="documents")
    enrollment = models.ForeignKey(
        "clients.Enrollment", models.PROTECT, null=True, blank=True, related_name="documents"
    )
    # Belongs to the note of this visit and is locked with it; NULL: to the record.
    visit = models.ForeignKey(
        "clients.Visit", models.PROTECT, null=True, blank=True, editable=False, related_name="documents"
    )
    kind = models.CharField(_("what it is"), max_length=10, choices=Kind, default=Kind.OTHER)
    title = models.CharField(_("title"), max_length=150, blank=True)
    dated_on = models.DateField(_("date on the paper"), null=True, blank=True)
    file_name = models.CharField(max_length=150, editable=False)
    content_type = models.CharField(max_length=100, editable=False)
    size = models.PositiveIntegerField(editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    added_by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", editable=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_on = models.DateField(null=True, editable=False)
    removed_why = models.CharField(_("why it is taken out"), max_length=200, blank=True)

    objects = MaybeEnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-added_at", "-pk"]

    def __str__(self):
        return self.title or self.get_kind_display()

    def require_unlocked(self):
        """Raise Refused for what belongs to a signed note: it is locked with it."""
        if self.visit_id is not None:
            self.visit.require_draft()

    @transaction.atomic
    def keep(self, examined, *, by):
        """Put a new document into the record with its bytes, as clients.files.examine gave them.

        Raises Refused when it belongs to a note that is signed.
        """
        self.require_unlocked()
        self.file_name, self.content_type = examined.name, examined.content_type
        self.size, self.sha256 = len(examined.data), hashlib.sha256(examined.data).hexdigest()
        self.added_by = by
        self.save()
        DocumentFile.objects.create(document=self, data=examined.data)

    def take_out(self, why):
        """Out of sight, with the reason; the file stays, because what was once in a record was in it.

        Raises Refused without a reason, and for what is out already.
        """
        if self.removed_on:
            raise Refused(_("This was taken out already."))
        self.require_unlocked()
        if not why.strip():
            raise Refused(_("Say why it is taken out."))
        self.removed_on, self.removed_why = timezone.localdate(), why
        self.save()

    def opened(self, *, by):
        """The file, and the note that this colleague opened it. Raises Refused when the bytes were changed or lost."""
        file = DocumentFile.objects.filter(document=self).first()
        if file is None or not file.is_whole():
            raise Refused(
                _("The file of this document is damaged. Tell your administrator: a backup has it whole.")
            )
        DocumentOpening.objects.create(document=self, staff=by)
        return bytes(file.data)


class DocumentFile(AgencyFact):
    """The bytes of a document, written once."""

    document = models.OneToOneField(Document, models.PROTECT, related_name="file")
    data = models.BinaryField()

    path = "document__client"

    class Meta:
        verbose_name = _("file of a document")
        verbose_name_plural = _("files of documents")

    def __str__(self):
        return str(self.document_id)

    def is_whole(self):
        """Whether the bytes are those that were kept."""
        return hashlib.sha256(self.data).hexdigest() == self.document.sha256


class DocumentOpening(AgencyFact):
    """Somebody opened a document's file."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="openings")
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    path = "document__client"

    class Meta:
        verbose_name = _("opening of a document")
        verbose_name_plural = _("openings of documents")
        ordering = ["-at"]

    def __str__(self):
        return f"{self.staff} · {self.at:%Y-%m-%d %H:%M}"
