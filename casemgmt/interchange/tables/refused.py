"""The rows that were not taken in, as a file to correct and send again: as they came, and why in a last column."""

import csv
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from casemgmt.core.cells import safe
from casemgmt.interchange.tables.columns import reason_header

BOM = "\ufeff"  # or Excel takes UTF-8 for something else
SHEET = "Rows"


def as_csv(header, rows, delimiter):
    """`rows` are (cells, reason); cut by the sign by which the sent file was cut."""
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    for line in _lines(header, rows):
        writer.writerow(line)
    return BOM + out.getvalue()


def as_workbook(header, rows):
    """The same as an Excel workbook in which every cell is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    for line in _lines(header, rows):
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell)[:32_767] for cell in line])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _lines(header, rows):
    width = len(header)
    yield [safe(name) for name in (*header, reason_header())]
    for cells, reason in rows:
        yield [safe(cell) for cell in (*[*cells, *[""] * width][:width], reason)]
