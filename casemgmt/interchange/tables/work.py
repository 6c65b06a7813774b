"""The way of a table into the records: read, look at every row, let them in; each step can stop and go on anywhere.

A row and its record are one transaction: the row goes when its record is written, so that none goes in twice.
"""

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.core.acting import because
from casemgmt.core.models import Refused
from casemgmt.interchange.models import ImportRow, ImportRun
from casemgmt.interchange.tables.clients import Clients
from casemgmt.interchange.tables.columns import guess, named, reason_header
from casemgmt.interchange.tables.dates import order_of
from casemgmt.interchange.tables.kind import Doubtful
from casemgmt.interchange.tables.reader import name_of_column, read_table
from casemgmt.interchange.tables.staff import Staff
from clients import names

KINDS = {ImportRun.Kind.CLIENTS: Clients, ImportRun.Kind.STAFF: Staff}
CHECKED_AT_ONCE = 1000
DATES_FROM = 2000  # rows, which tell in what order the file writes its dates
# A colleague's new login is a letter, and letters take their time.
TAKEN_AT_ONCE = {ImportRun.Kind.CLIENTS: 100, ImportRun.Kind.STAFF: 20}
FILE = "file"  # a problem of the file itself, whatever its columns are


def begin(staff, kind, file_name, data):
    """Read what was sent and keep its rows for the way in; returns the run. Raises Unreadable."""
    fields = KINDS[kind].fields
    known = named(fields)
    sheet = read_table(data, lambda name: names.fold(name.replace("_", " ")) in known)
    header = [name or name_of_column(at) for at, name in enumerate(sheet.header)]
    if len(header) > 1 and names.fold(header[-1]) == names.fold(reason_header()):
        # Our own file of refused rows comes back: what we wrote into it is not theirs.
        header.pop()
        for row in sheet.rows:
            row.cells.pop()
    ImportRun.drop_old(staff.agency)
    run = ImportRun.objects.create(
        agency=staff.agency,
        kind=kind,
        file_name=file_name[:200],
        by=staff,
        delimiter=sheet.delimiter,
        remarks=[str(remark) for remark in sheet.remarks],
        columns=guess(header, fields),
        total=len(sheet.rows),
    )
    kept = {"agency": staff.agency, "run": run}
    rows = [ImportRow(**kept, line=sheet.header_line, cells=header, state=ImportRow.State.HEADER)]
    for row in sheet.rows:
        where = f"{header[row.column]}: " if row.column is not None and row.column < len(header) else ""
        problems = [[FILE, f"{where}{row.fault}"]] if row.fault else []
        rows.append(ImportRow(**kept, line=row.line, cells=row.cells, problems=problems))
    ImportRow.objects.bulk_create(rows, batch_size=500)
    return run


def header_of(run):
    return ImportRow.objects.get(run=run, state=ImportRow.State.HEADER).cells


def rows_of(run):
    return ImportRow.objects.filter(run=run).exclude(state=ImportRow.State.HEADER)


def date_order_of(run):
    """Which comes first in the file's dates, and a date that tells; ("", "") where none does."""
    rows = rows_of(run).order_by("line").values_list("cells", flat=True)[:DATES_FROM]
    return order_of(cell for row in rows for cell in row if 5 < len(cell) < 30)


def columns_of(run):
    """Each column: its name, and some of what stands in it."""
    sample = list(rows_of(run).order_by("line").values_list("cells", flat=True)[:200])
    for at, name in enumerate(header_of(run)):
        said = dict.fromkeys(" ".join(row[at].split())[:40] for row in sample if row[at].strip())
        yield {"at": at, "name": name, "sample": list(said)[:3]}


@transaction.atomic
def go_on(run, staff):
    """Do the next part of the work; returns the jobs whose owners are to be told of a login."""
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if not run.is_open or run.mapped_at is None:
        return []
    if run.checked_at is None:
        _check_some(run, staff)
    elif run.started_at is not None:
        return _take_some(run, staff)
    return []


def _check_some(run, staff):
    kind = KINDS[run.kind](run, staff)
    waiting = rows_of(run).filter(state=ImportRow.State.READ).order_by("line")
    rows = list(waiting[:CHECKED_AT_ONCE])
    for row in rows:
        kind.understand(row)
        row.matches, row.state = [], ImportRow.State.CHECKED
    kind.compare_known(rows)
    ImportRow.objects.bulk_update(rows, ["wanted", "problems", "matches", "state"], batch_size=100)
    if len(rows) < CHECKED_AT_ONCE or not waiting.exists():
        _finish_check(run, kind)


def _finish_check(run, kind):
    rows = list(rows_of(run).defer("cells").order_by("line"))
    before = {row.line: row.turn for row in rows}
    changed = list(kind.compare_within(rows))
    kind.order_rows(rows)
    changed += [row for row in rows if row.turn != before[row.line] or row.problems]
    unique = {row.pk: row for row in changed}
    ImportRow.objects.bulk_update(unique.values(), ["problems", "matches", "turn"], batch_size=200)
    run.checked_at = timezone.now()
    run.save()


def _take_some(run, staff):
    kind = KINDS[run.kind](run, staff)
    waiting = rows_of(run).waiting().order_by("turn", "line")
    rows = list(waiting[: TAKEN_AT_ONCE[run.kind]])
    kind.prepare([row for row in rows if not row.problems])
    done, refused = [], []
    with because(_("Import of a table (%(file)s)") % {"file": run.file_name}):
        for row in rows:
            outcome, row.reason = _take(kind, row)
            setattr(run, outcome, getattr(run, outcome) + 1)
            if outcome == "refused":
                row.state = ImportRow.State.REFUSED
                refused.append(row)
            else:
                done.append(row.pk)
    ImportRow.objects.bulk_update(refused, ["state", "reason"], batch_size=100)
    ImportRow.objects.filter(pk__in=done).delete()
    if not waiting.exists():
        run.finished_at = timezone.now()
    run.save()
    return kind.written_to


def _take(kind, row):
    """What became of a row, and why it was refused; whatever it had begun is undone then."""
    if row.problems:
        return "refused", kind.words_of(row.problems)
    told = len(kind.written_to)
    try:
        with transaction.atomic():
            return kind.take(row), ""
    except Doubtful as doubt:
        reason = str(doubt)
    except (Refused, ValidationError) as error:
        reason = " ".join(getattr(error, "sentences", None) or error.messages)
    except DatabaseError:
        # Somebody wrote the same a moment ago, or a rule of the database that no sentence of ours foresaw.
        reason = _("This row does not fit what is in the records. Look at it and send it again.")
    del kind.written_to[told:]
    return "refused", reason


def answer(run, answers):
    """Keep what was decided about rows that may be known: {key of the row: answer}."""
    run.require_before_start()
    rows = list(rows_of(run).filter(pk__in=answers).exclude(matches=[]))
    for row in rows:
        row.answer = answers[row.pk] if answers[row.pk] in allowed_answers(row) else ""
    ImportRow.objects.bulk_update(rows, ["answer"])


def allowed_answers(row):
    """What may be answered: somebody new, or one of those who were shown; "" holds the row back."""
    pks = [match["pk"] for match in row.matches if "pk" in match]
    return {"", "new", "skip:", *(f"{verb}:{pk}" for verb in ("skip", "fill") for pk in pks)}
