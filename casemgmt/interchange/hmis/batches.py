"""The rows of an export by the batch: each key once, faults refused with their place, known rows found again."""

from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.core import db
from casemgmt.core.models import create_many, update_many
from casemgmt.interchange.hmis.reader import Row, parse_date
from clients.models import Client, Enrollment

BATCH = 500
PROGRESS_EVERY = 2000
LONGEST_KEY = 100
BEGINNING = date(1900, 1, 1)
ELSEWHERE = ("PersonalID", "EnrollmentID")


class Fault(Exception):
    """Why a row cannot be taken in, and the column to look at."""

    def __init__(self, column, why):
        self.column, self.why = column, why
        super().__init__(why)


@dataclass(slots=True)
class Wanted:
    """What a row asks for: fields that follow the export, and those that only a new row takes from it."""

    row: Row
    key: str
    fields: dict
    first: dict = field(default_factory=dict)
    lead: int | None = None  # a visit's StaffMember
    relation: str = ""  # an enrollment's place in its household
    social: str = ""  # a person's social security number


class Rows:
    """Reading and writing for every kind of row; only programs, staff and lists are held as a whole."""

    def __init__(self, export, agency, report, progress, scratch):
        self.export, self.agency, self.report, self.progress = export, agency, report, progress
        self.scratch = scratch
        self.source = report.source
        self.today = timezone.localdate()
        self.measured = set()
        self.clients = self.enrollments = self.households = {}  # of the batch

    def _scoped(self, model):
        return model.objects.filter(agency=self.agency)

    def _mine(self, model):
        """What this source has brought, now or before; an empty key is nobody's."""
        return self._scoped(model).filter(source=self.source).exclude(source_key="")

    def _keys(self, model, keys=None):
        rows = self._mine(model)
        return dict(
            (rows if keys is None else rows.filter(source_key__in=keys)).values_list("source_key", "pk")
        )

    # --- Reading -------------------------------------------------------------------------------------------------

    def _batches(self, name, id_column, models, understand, *, prefix="", needs=()):
        """What `understand` makes of the live rows of a file, by the batch and each key once.

        `models` are where its rows are found again; `needs` are the columns whose rows are looked up beforehand.
        """
        table = self.export.table(name)
        if table is None:
            return
        tally = self.report.tally(table.name)
        known_before = sum(self._mine(m).filter(source_key__startswith=prefix).count() for m in models)
        rows = iter(table)
        while chunk := list(islice(rows, BATCH)):
            self._look_up(chunk, needs)
            known = set()
            for model in models:
                known |= self._keys(model, [prefix + row[id_column] for row in chunk]).keys()
            batch = []
            for row in chunk:
                tally.read += 1
                if tally.read % PROGRESS_EVERY == 0:
                    self.progress(table.name, tally.read, max(table.lines, tally.read))
                key = row[id_column]
                is_known = prefix + key in known
                if is_known and self.scratch.get("met", f"{name} {key}") is None:
                    self.scratch.put("met", f"{name} {key}", 1)
                    known_before -= 1
                try:
                    wanted = self._live(row, id_column, key, tally, is_known, understand, prefix)
                except Fault as fault:
                    self._refuse(row, fault)
                    self.scratch.put("lost", f"{table.name} {key}", 1)
                    continue
                if wanted is not None:
                    batch.append(wanted)
            if batch:
                yield batch
        tally.absent = max(known_before, 0)
        self.progress(table.name, tally.read, tally.read)

    def _live(self, row, id_column, key, tally, is_known, understand, prefix):
        """What the row asks for; None for one that is deleted there, or was here a moment ago."""
        require_shape(row)
        if self._is_deleted(row):
            tally.deleted += 1
            self.scratch.put("lost", f"{row.file} {key}", 1)
            if is_known:
                self._warn(row, "DateDeleted", _("Deleted there; what is here stays."))
            return None
        require_key(row, id_column)
        content = hash(tuple(row.cells))
        seen = self.scratch.get("seen", f"{row.file} {key}")
        if seen == content:
            tally.repeated += 1
            return None
        if seen is not None:
            raise Fault(id_column, _("Another row has this key and says something else."))
        self.scratch.put("seen", f"{row.file} {key}", content)
        wanted = understand(row, prefix + key)
        for column, cell in row.broken():
            self.report.warn(
                row.file,
                row.line,
                column,
                cell,
                _("It holds characters that cannot be read in this encoding."),
            )
        return wanted

    def _look_up(self, chunk, needs):
        """The people and enrollments that these rows belong to, as they stand here."""
        if "PersonalID" in needs:
            self.clients = self._people({row["PersonalID"] for row in chunk} - {""})
        if "EnrollmentID" in needs:
            rows = self._mine(Enrollment).filter(source_key__in={row["EnrollmentID"] for row in chunk} - {""})
            self.enrollments = {
                key: (pk, client) for key, pk, client in rows.values_list("source_key", "pk", "client")
            }

    def _people(self, keys):
        """Our keys of people by theirs; one who was merged into another record is that other."""
        found = self._mine(Client).filter(source_key__in=keys).values_list("source_key", "pk", "merged_into")
        into = {key: merged or pk for key, pk, merged in found}
        gone = {pk for _key, pk, merged in found if merged}
        while gone:
            further = dict(
                self._scoped(Client)
                .filter(pk__in=set(into.values()), merged_into__isnull=False)
                .values_list("pk", "merged_into")
            )
            into = {key: further.get(pk, pk) for key, pk in into.items()}
            gone = further
        return into

    def _is_deleted(self, row):
        text = row["DateDeleted"]
        if not text:
            return False
        try:
            parse_date(text, self.today)
        except ValueError:
            raise Fault("DateDeleted", _("It is not clear whether this row is deleted.")) from None
        return True

    def _refuse(self, row, fault):
        self.report.refuse(row.file, row.line, fault.column, row[fault.column], fault.why)

    def _warn(self, row, column, why):
        self.report.warn(row.file, row.line, column, row[column], why)

    def _day(self, row, column):
        """The day in an optional cell; one that cannot be read is left out."""
        if not row[column]:
            return None
        try:
            return parse_date(row[column], self.today)
        except ValueError:
            self._warn(row, column, _("This is no date that can be read; left out."))
            return None

    def _service_day(self, row, column):
        """The day in a cell that the row cannot do without: something that has happened."""
        if not row[column]:
            raise Fault(column, _("The date is missing."))
        try:
            day = parse_date(row[column], self.today)
        except ValueError:
            raise Fault(column, _("This is no date that can be read.")) from None
        if not BEGINNING <= day <= self.today:
            raise Fault(column, _("The date is in the future, or before 1900."))
        return day

    def _text(self, row, column, longest):
        text = row[column]
        if len(text) > longest:
            self._warn(row, column, _("Too long; cut to %(longest)s characters.") % {"longest": longest})
        return text[:longest].strip()

    def _parent(self, row, column, keys, file):
        """Our key of the row that this one belongs to."""
        key = row[column]
        if not key:
            raise Fault(column, _("This must not be empty."))
        if key not in keys:
            raise Fault(column, self._why_missing(file, key))
        return keys[key]

    def _of_enrollment(self, row):
        """Our keys of the enrollment and the person that this row is about."""
        enrollment, client = self._parent(row, "EnrollmentID", self.enrollments, "Enrollment.csv")
        if row["PersonalID"] and self.clients.get(row["PersonalID"]) != client:
            raise Fault("PersonalID", _("The enrollment is another person’s."))
        return enrollment, client

    def _why_missing(self, file, key):
        if self.scratch.get("lost", f"{file} {key}"):
            return _("Its row in %(file)s was deleted or refused.") % {"file": file}
        return _("There is no such row in %(file)s.") % {"file": file}

    # --- Writing -------------------------------------------------------------------------------------------------

    def _take(self, name, id_column, model, understand, settle=None):
        for batch in self._batches(name, id_column, [model], understand):
            self._write(model, batch, settle=settle)

    def _measure(self, model):
        """After a table's first rows: plans made for an empty table would slow down every row that follows."""
        if model not in self.measured:
            self.measured.add(model)
            db.refresh_statistics(model)

    def _write(self, model, batch, *, settle=None, create=None):
        """Create the rows that are new, update those that differ; returns the rows by key, and which stayed the same.

        `settle(row, differing, wanted)` may take something out of what is to change, or raise Fault.
        """
        known = {
            row.source_key: row for row in self._mine(model).filter(source_key__in=[w.key for w in batch])
        }
        new, changed, fields, untouched = [], [], set(), set()
        for wanted in batch:
            row = known.get(wanted.key)
            tally = self.report.tally(wanted.row.file)
            if row is None:
                said = {name: value for name, value in wanted.fields.items() if value not in (None, "")}
                row = model(
                    agency=self.agency, source=self.source, source_key=wanted.key, **wanted.first | said
                )
                new.append(row)
                tally.created += 1
                continue
            try:
                differing = what_differs(row, wanted.fields)
                if settle and differing:
                    settle(row, differing, wanted)
            except Fault as fault:
                self._refuse(wanted.row, fault)
                del known[wanted.key]
                continue
            if differing:
                put(row, differing)
                fields |= differing.keys()
                changed.append(row)
                tally.updated += 1
            else:
                untouched.add(wanted.key)
                tally.unchanged += 1
        if model is Client:
            for row in (*new, *changed):
                row.fill_keys()
            fields |= {"name_key", "sound_key"}
        if changed:
            update_many(model, changed, sorted(fields))
        new = create(new) if create and new else create_many(model, new)
        if new:
            self._measure(model)
        return known | {row.source_key: row for row in new}, untouched


def require_shape(row):
    if row.is_ragged:
        where = _("Its cells do not fit the header.")
        if row.last_line > row.line:
            where = _("Its cells do not fit the header; a quote may be open until line %(line)s.") % {
                "line": row.last_line
            }
        raise Fault(row.first_misfit, where)


def require_key(row, column):
    if not row[column] or len(row[column]) > LONGEST_KEY:
        raise Fault(column, _("There is no usable key here."))


def what_differs(row, fields):
    """Those of the fields that say something, and something else than the row."""
    return {
        name: value
        for name, value in fields.items()
        if value not in (None, "") and getattr(row, name) != value
    }


def put(row, fields):
    for name, value in fields.items():
        setattr(row, name, value)


def by_the_batch(things, size=BATCH):
    things = iter(things)
    while batch := list(islice(things, size)):
        yield batch
