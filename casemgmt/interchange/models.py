"""Tables of clients or staff on their way in: what was sent by whom, and its rows until they are in."""

import json
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, Program, ScopedQuerySet, StaffMember
from casemgmt.agencies.models.agency import OfAgency
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import capital
from casemgmt.core.crypt import EncryptedTextField
from casemgmt.core.models import Refused

KEEP_DAYS = 30


class SealedJSONField(EncryptedTextField):
    """A list or dict that the database itself cannot read: a file may hold any number of any person."""

    def get_prep_value(self, value):
        return super().get_prep_value(json.dumps(value, ensure_ascii=False))

    def from_db_value(self, value, expression, connection):
        return json.loads(super().from_db_value(value, expression, connection))


class ImportQuerySet(ScopedQuerySet):
    """One's own, of the kinds one may import; the director's are all."""

    def _seen_by(self, staff):
        rows = self.filter(kind__in=[kind for kind, may in PERMISSION.items() if staff.may(may)])
        return rows if staff.has_role(Role.DIRECTOR) else rows.filter(by=staff)

    def under_way(self):
        """Neither finished nor given up."""
        return self.filter(finished_at=None, dropped_at=None)


class ImportRun(AgencyOwned):
    """One file on its way in, or what became of it; its rows stand apart and do not stay (see ImportRow)."""

    class Kind(models.TextChoices):
        CLIENTS = "clients", capital("client", plural=True)
        STAFF = "staff", _("Staff")

    parent = "by"

    kind = models.CharField(max_length=8, choices=Kind)
    file_name = models.CharField(max_length=200)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    delimiter = models.CharField(max_length=1, default=",")
    remarks = models.JSONField(default=list, blank=True)
    columns = models.JSONField(default=list, blank=True)  # our field for each column of the file, "" for none
    source = models.CharField(max_length=100, blank=True)  # whose keys the key column holds
    date_order = models.CharField(max_length=3, blank=True)
    program = models.ForeignKey(
        Program, models.PROTECT, null=True, related_name="+"
    )  # for rows that name none
    enrolled_on = models.DateField(null=True)
    total = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    # Each NULL until it happens: the columns were said, every row was looked at, rows go in, all are through.
    mapped_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)  # NULL: its rows are still here; else they were thrown away

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-sent_at", "-pk"]

    def __str__(self):
        return self.file_name

    @property
    def through(self):
        """How many rows have their outcome."""
        return self.created + self.updated + self.unchanged + self.skipped + self.refused

    @property
    def is_open(self):
        return self.finished_at is None and self.dropped_at is None

    @property
    def system(self):
        """Where the rows come from, as records remember it."""
        return f"table:{self.source}"

    def require_before_start(self):
        """Raise Refused once rows go in: then the columns stay as they are."""
        if self.started_at or self.dropped_at:
            raise Refused(_("This import has begun already."))

    def map_columns(self, columns, **said):
        """Say what each column is, and how to read the table; whatever was checked before is checked anew."""
        self.require_before_start()
        for name, value in said.items():
            setattr(self, name, value)
        self.columns, self.mapped_at, self.checked_at = columns, timezone.now(), None
        self.save()
        ImportRow.objects.filter(run=self).exclude(state=ImportRow.State.HEADER).update(
            state=ImportRow.State.READ, wanted={}, matches=[], answer="", turn=0
        )

    def start(self):
        """Let the rows go in from now on; a second time changes nothing."""
        if self.checked_at is None or self.dropped_at:
            raise Refused(_("The rows have to be checked first."))
        if self.started_at is None:
            self.started_at = timezone.now()
            self.save()

    def drop(self):
        """Throw away the rows that are here; what went in stays in."""
        ImportRow.objects.filter(run=self).delete()
        if self.dropped_at is None:
            self.dropped_at = timezone.now()
            self.save()

    @classmethod
    def drop_old(cls, agency, *, at=None):
        """Throw away the rows of imports that nobody touched for 30 days; returns how many imports."""
        edge = (at or timezone.now()) - timedelta(days=KEEP_DAYS)
        old = cls.objects.filter(agency=agency, dropped_at=None, sent_at__lt=edge)
        old = old.filter(
            Q(finished_at=None) | Q(finished_at__lt=edge), Q(started_at=None) | Q(started_at__lt=edge)
        )
        for run in old:
            run.drop()
        return len(old)


PERMISSION = {ImportRun.Kind.CLIENTS: "import.clients", ImportRun.Kind.STAFF: "import.staff"}


class RowQuerySet(models.QuerySet):
    """Rows are written and thrown away freely: they are a copy of a file, and no record."""

    def visible_to(self, staff):
        """The rows of imports that this person sees."""
        return self.filter(agency_id=staff.agency_id)._seen_by(staff)

    def _seen_by(self, staff):
        return self.filter(run__in=ImportRun.objects.visible_to(staff))

    def waiting(self):
        """Not yet in, nor refused."""
        return self.filter(state__in=[ImportRow.State.READ, ImportRow.State.CHECKED])


class ImportRow(OfAgency):
    """A row of a file, while it is not in: it goes when its record is written, and the refused ones within 30 days.

    It has no history on purpose: history would keep what was never taken in, or not by this name, for good.
    """

    class State(models.TextChoices):
        HEADER = "header", _("Names of the columns")
        READ = "read", _("Read")
        CHECKED = "checked", _("Checked")
        REFUSED = "refused", _("Not taken in")

    parent = "run"

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="+")
    line = models.PositiveIntegerField()
    turn = models.PositiveSmallIntegerField(default=0)  # who is pointed at by another row goes first
    cells = SealedJSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.READ)
    wanted = SealedJSONField(default=dict)
    problems = models.JSONField(default=list)  # [our field or column number, sentence]
    matches = models.JSONField(default=list)  # {"pk" or "line", "why"}
    answer = models.CharField(max_length=30, blank=True)  # "", "new", "skip:<pk>", "fill:<pk>"
    reason = models.TextField(blank=True)

    objects = RowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="import_row_once")]
        indexes = [models.Index(fields=["run", "state", "turn", "line"], name="import_row_next")]

    def __str__(self):
        return f"{self.run_id}:{self.line}"
