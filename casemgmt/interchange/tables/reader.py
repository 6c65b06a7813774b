"""A CSV file or a workbook as rows of plain text, told apart by what is in it. No database.

Nothing in a cell is ever evaluated: of a formula the workbook's own last result is read. A row that cannot be read
right keeps its place with a fault, so that all others are not lost.
"""

import codecs
import csv
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from casemgmt.core.cells import plain

MAX_BYTES = 10 * 1024**2
MAX_ROWS = 20_000
MAX_LINES = 200_000  # with the empty ones between and below
MAX_COLUMNS = 200
# A sheet of 20,000 rows unpacks to some 20 MB; beyond these a workbook is a mistake or an attack.
MAX_PART = 64 * 1024**2
MAX_UNPACKED = 128 * 1024**2
HEADER_WITHIN = 15

SIGNS = {
    b"\xd0\xcf\x11\xe0": gettext_lazy("an old Excel file or one with a password"),
    b"%PDF": gettext_lazy("a PDF"),
    b"\x89PNG": gettext_lazy("a picture"),
    b"\xff\xd8\xff": gettext_lazy("a picture"),
    b"GIF8": gettext_lazy("a picture"),
    b"{\\rtf": gettext_lazy("a text document"),
    b"\x1f\x8b": gettext_lazy("a compressed file"),
}
EXCEL_ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
_UNSEEN = {n: None for n in range(32) if n not in (9, 10, 13)} | {127: None}


class Unreadable(Exception):
    """This is no table we can read; the message says why, for the person who sent it."""


@dataclass(slots=True)
class Record:
    """One row: where it stands in the file, its cells in the order of the header, and what is wrong with it."""

    line: int
    cells: list
    fault: str = ""
    column: int | None = None  # where the fault is; None: the whole row


@dataclass
class Sheet:
    """What was read of a file."""

    header: list
    header_line: int
    rows: list
    delimiter: str = ","
    remarks: list = field(default_factory=list)


def read_table(data, is_known):
    """The table in these bytes; `is_known(name)` tells the names of columns, to find the header under a title.

    Raises Unreadable.
    """
    if not data.strip(b"\x00 \r\n\t"):
        raise Unreadable(_("The file is empty."))
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The file is larger than 10 MB. Send it in parts."))
    for sign, what in SIGNS.items():
        if data.startswith(sign):
            raise Unreadable(
                _("This is %(what)s. Save the table as CSV or as Excel workbook (.xlsx).") % {"what": what}
            )
    if data.startswith(b"PK"):
        return _read_workbook(data, is_known)
    return _read_text(data, is_known)


def _tabulate(records, is_known, remarks, delimiter=",", *, wants_all_cells):
    """Find the header, bring all rows to its width, and count."""
    begin, rows = [], []
    for record in records:
        if any(cell.strip() for cell in record.cells):
            (begin if len(begin) < HEADER_WITHIN else rows).append(record)
            if len(rows) > MAX_ROWS:
                raise Unreadable(
                    _("The file has more than %(n)s rows. Send it in parts.") % {"n": f"{MAX_ROWS:,}"}
                )
    if not begin:
        raise Unreadable(_("The file is empty."))
    at = _header_among(begin, is_known)
    header, rows = begin[at], begin[at + 1 :] + rows
    if not rows:
        raise Unreadable(_("There is no row under the names of the columns."))
    width = max((n for n, cell in enumerate(header.cells, 1) if cell.strip()), default=0)
    if not wants_all_cells:
        # A workbook has no ragged rows: a column without a name is still a column.
        width = max(width, *(_filled(row.cells) for row in rows))
    if width > MAX_COLUMNS:
        raise Unreadable(_("The table has more than %(n)s columns.") % {"n": MAX_COLUMNS})
    for row in rows:
        if not row.fault and wants_all_cells and (len(row.cells) < width or _filled(row.cells) > width):
            row.fault = _("This row has %(n)s cells and the header has %(width)s.") % {
                "n": len(row.cells),
                "width": width,
            }
        # What is too much stays in the last cell, so that nothing of the row is lost.
        extra = [cell for cell in row.cells[width:] if cell.strip()]
        row.cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
        if extra:
            row.cells[-1] = " ".join([row.cells[-1], *extra])
    if len(begin) > 1 and at:
        remarks.append(
            _("The names of the columns were found in line %(n)s; what is above is left out.")
            % {"n": header.line}
        )
    names = [" ".join(cell.split())[:100] for cell in [*header.cells, *[""] * width][:width]]
    return Sheet(names, header.line, rows, delimiter, remarks)


def _filled(cells):
    """How many cells, up to the last that is not empty."""
    return next((n for n in range(len(cells), 0, -1) if cells[n - 1].strip()), 0)


def _header_among(records, is_known):
    """Where the header is: the row in which most names are known, else the first with two cells, else the first.

    One known name is not enough: it may stand in any row.
    """
    known = [sum(1 for cell in row.cells if cell.strip() and is_known(cell)) for row in records]
    if max(known) > 1:
        return known.index(max(known))
    filled = [sum(1 for cell in row.cells if cell.strip()) for row in records]
    return next((n for n, count in enumerate(filled) if count > 1), 0)


# --- Text ---------------------------------------------------------------------------------------------------------


def _read_text(data, is_known):
    remarks = []
    text = _decoded(data)
    if text.lstrip("\ufeff \r\n\t")[:200].lower().startswith(("<!doctype", "<html", "<?xml", "{", "[")):
        raise Unreadable(
            _("This is a web page, XML or JSON. Save the table as CSV or as Excel workbook (.xlsx).")
        )
    shown = text.translate(_UNSEEN)
    if len(text) - len(shown) > len(text) // 20:
        raise Unreadable(_("This is no table. Save it as CSV or as Excel workbook (.xlsx)."))
    if len(shown) != len(text):
        remarks.append(_("Characters that cannot be shown were taken out."))
    lines = list(io.StringIO(shown.removeprefix("\ufeff"), newline=""))
    if len(lines) > MAX_LINES:
        raise Unreadable(_too_long())
    first = 0
    if found := re.fullmatch(r"sep=([,;\t|])\s*", lines[0]):
        delimiter, first = found[1], 1
    else:
        delimiter = _delimiter_of(lines[:30])
    return _tabulate(_records(lines, first, delimiter), is_known, remarks, delimiter, wants_all_cells=True)


def _too_long():
    return _("The table is longer than %(n)s lines. Take out the empty ones, or send it in parts.") % {
        "n": f"{MAX_LINES:,}"
    }


def _decoded(data):
    """UTF-8 or UTF-16 where it is marked or fits, else Windows-1252."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return data.decode("utf-32", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    start = data[:4000]
    for encoding, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(start) > 3 and start[at::2].count(0) > len(start) // 5:
            return data.decode(encoding, "replace")
    text = data.decode("utf-8-sig", "replace")
    broken = text.count("\ufffd")
    # A few broken bytes in UTF-8 are not another encoding.
    if not broken or sum(1 for c in text if c > "\x7f") > 10 * broken:
        return text
    return data.decode("cp1252", "replace")


def _delimiter_of(lines):
    """The sign that cuts most of these lines into the same number of cells."""

    def score(sign):
        widths = [len(cells) for cells in csv.reader(lines, delimiter=sign) if any(cells)]
        most, times = Counter(w for w in widths if w > 1).most_common(1)[0] if max(widths) > 1 else (1, 0)
        return times, most

    def tried(sign):
        try:
            return score(sign)
        except (csv.Error, ValueError):
            return (0, 0)

    return max(",;\t|", key=tried)


def _records(lines, at, delimiter):
    """Rows with the line they begin in; an open quotation mark ends with its line, not with the file."""
    while at < len(lines):
        reader = csv.reader(islice(lines, at, None), delimiter=delimiter, strict=True)
        fault = ""
        try:
            cells, used = next(reader), reader.line_num
        except csv.Error:
            cells, used = _of_one_line(lines[at], delimiter), 1
            if lines[at].count('"') % 2:
                fault = _("A quotation mark is not closed.")
        yield Record(at + 1, [plain(cell) for cell in cells], fault)
        at += used


def _of_one_line(line, delimiter):
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.rstrip("\r\n").split(delimiter)


# --- Workbooks ----------------------------------------------------------------------------------------------------


def _read_workbook(data, is_known):
    has_formulas = _check_archive(data)
    try:
        return _tabulate_workbook(data, is_known, has_formulas)
    except Unreadable:
        raise
    except Exception as error:
        # A damaged workbook fails in as many ways as there are parts in it; none of them is our fault.
        raise Unreadable(_damaged()) from error


def _damaged():
    return _("This workbook is damaged. Open it, save it again as .xlsx, and send that.")


def _check_archive(data):
    """Raise Unreadable unless this is a workbook of a sane size; tells whether it holds formulas."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
        names = {info.filename for info in infos}
        if "xl/workbook.xml" not in names:
            raise Unreadable(
                _("This is no Excel workbook. Save the table as CSV or as Excel workbook (.xlsx).")
            )
        sizes = [info.file_size for info in infos]
        if max(sizes) > MAX_PART or sum(sizes) > MAX_UNPACKED or len(infos) > 2000:
            raise Unreadable(_("This workbook unpacks to an absurd size."))
        return any(
            _holds_formula(archive, info) for info in infos if info.filename.startswith("xl/worksheets/")
        )
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise Unreadable(_damaged()) from error


def _holds_formula(archive, info):
    with archive.open(info) as part:
        tail = b""
        while chunk := part.read(1 << 20):
            if re.search(rb"<(?:\w+:)?f[ >/]", tail + chunk):
                return True
            tail = chunk[-16:]
    return False


def _tabulate_workbook(data, is_known, has_formulas):
    remarks = []
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    full = [sheet for sheet in sheets if _has_rows(sheet)]
    if not full:
        raise Unreadable(_("The workbook is empty."))
    sheet, *others = full
    if others:
        remarks.append(
            _("Only the sheet “%(one)s” is read, not: %(others)s.")
            % {"one": sheet.title, "others": ", ".join(other.title for other in others)}
        )
    rows = _rows_of(sheet)
    if has_formulas:
        formulas = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)[sheet.title]
        rows = zip(rows, _rows_of(formulas), strict=False)
    else:
        rows = ((row, row) for row in rows)
    return _tabulate(_records_of(rows), is_known, remarks, wants_all_cells=False)


def _has_rows(sheet):
    return any(value not in (None, "") for row in islice(_rows_of(sheet), 200) for value in row)


def _rows_of(sheet):
    sheet.reset_dimensions()  # what a sheet says of its own size may be anything
    return sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)


def _records_of(rows):
    for line, (values, formulas) in enumerate(rows, 1):
        if line > MAX_LINES:
            raise Unreadable(_too_long())
        cells = [_text_of(value) for value in values]
        record = Record(line, [plain(cell) for cell in cells])
        for at, (value, formula) in enumerate(zip(values, formulas, strict=False)):
            if value is None and formula is not None:
                record.fault, record.column = _("This formula has no result in the file."), at
            elif cells[at] in EXCEL_ERRORS:
                record.fault, record.column = _("This cell holds an error of Excel."), at
        yield record


def _text_of(value):
    """A cell as text: days with the year first, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value).translate(_UNSEEN)


def name_of_column(at):
    """What to call a column without a name: as a spreadsheet does."""
    return _("Column %(letter)s") % {"letter": get_column_letter(at + 1)}
