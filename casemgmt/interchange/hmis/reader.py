"""HMIS CSV exports as rows, from a folder or a zip, whatever the case, order or bytes of their headers. No database.

Nothing is unpacked to disk: files are read from the archive as they are needed, one row at a time.
"""

import codecs
import csv
import io
import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

# A whole state's export stays below 4 GiB, and CSV packs 10 to 40 times: beyond these a zip is a mistake or an attack.
MAX_UNPACKED = 4 * 1024**3
MAX_RATIO = 200
RATIO_MATTERS_FROM = 50 * 1024**2

FILES = (
    "Export",
    "Project",
    "User",
    "Client",
    "Enrollment",
    "Exit",
    "Services",
    "CurrentLivingSituation",
)
REQUIRED = ("Project", "Client", "Enrollment")
COLUMNS = {
    "Project": ("ProjectID",),
    "User": ("UserID",),
    "Client": ("PersonalID",),
    "Enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate"),
    "Exit": ("ExitID", "EnrollmentID", "ExitDate"),
    "Services": ("ServicesID", "EnrollmentID", "DateProvided", "RecordType"),
    "CurrentLivingSituation": ("CurrentLivingSitID", "EnrollmentID", "InformationDate"),
}


class Unusable(Exception):
    """This is no export we can read; the message says why, for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its file, its first and last physical line, and its cells by the name of the column."""

    file: str
    columns: dict
    cells: list
    line: int
    last_line: int

    def __getitem__(self, column):
        """The cell without surrounding space; empty where the file has no such column."""
        at = self.columns.get(column.casefold())
        if at is None or at >= len(self.cells):
            return ""
        return self.cells[at].replace("\x00", "").strip()

    @property
    def is_ragged(self):
        """Fewer cells than headers, or more, unless what is too much is empty."""
        width = len(self.columns)
        return len(self.cells) < width or any(cell.strip() for cell in self.cells[width:])


class Table:
    """One CSV file: its columns, and its rows as often as they are asked for."""

    def __init__(self, name, open_bytes):
        self.name = f"{name}.csv"
        self._open_bytes = open_bytes
        with self._failing_clearly():
            self.encoding, self.lines = self._scan()
            self.delimiter, header = self._header()
        while header and not header[-1].strip():
            header.pop()
        self.columns = {}
        for at, column in enumerate(header):
            # A column without a name, or named twice, still has its place.
            column = column.strip().removeprefix("\ufeff").removeprefix("ï»¿").strip(' "').casefold()
            self.columns[column if column and column not in self.columns else f"\x00{at}"] = at

    def __iter__(self):
        with self._failing_clearly(), self._text() as text:
            reader = csv.reader(text, delimiter=self.delimiter)
            next(reader, None)
            line = reader.line_num + 1
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield Row(self.name, self.columns, cells, line, reader.line_num)
                line = reader.line_num + 1

    def lacks(self, columns):
        return [column for column in columns if column.casefold() not in self.columns]

    def _text(self):
        raw = self._open_bytes()
        return io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")

    def _scan(self):
        """The encoding that fits every byte, and about how many records there are."""
        lines, fits, decoder = 0, True, codecs.getincrementaldecoder("utf-8")()
        with self._open_bytes() as raw:
            start = chunk = raw.read(1 << 16)
            while chunk:
                lines += chunk.count(b"\n")
                if fits:
                    try:
                        decoder.decode(chunk)
                    except UnicodeDecodeError:
                        fits = False
                chunk = raw.read(1 << 16)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", max(lines - 1, 0)
        return "utf-8-sig" if fits else "cp1252", max(lines - 1, 0)

    def _header(self):
        with self._text() as text:
            first = text.readline()
        delimiter = max(",;\t|", key=first.count)
        return delimiter, next(csv.reader([first], delimiter=delimiter), [])

    @contextmanager
    def _failing_clearly(self):
        try:
            yield
        except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error, csv.Error) as error:
            raise Unusable(
                _("%(file)s cannot be read: %(error)s") % {"file": self.name, "error": error}
            ) from error


class Export:
    """The files of one export; `table(name)` is None for one that is not there."""

    def __init__(self, path, members):
        self.name = Path(path).resolve().name
        self.others = sorted(name for key, (name, _opener) in members.items() if key not in _OURS)
        self._tables = {
            name: Table(name, members[name.casefold()][1]) for name in FILES if name.casefold() in members
        }
        missing = [name for name in REQUIRED if name not in self._tables]
        if missing:
            raise Unusable(
                _("%(path)s is not an HMIS CSV export: it has no %(files)s.")
                % {"path": path, "files": ", ".join(f"{name}.csv" for name in missing)}
            )
        for name, table in self._tables.items():
            lacking = table.lacks(COLUMNS.get(name, ()))
            if lacking and (table.columns or name in REQUIRED):
                raise Unusable(
                    _("%(file)s has no column %(columns)s.")
                    % {"file": table.name, "columns": ", ".join(lacking)}
                )

    def table(self, name):
        return self._tables.get(name)

    def about(self):
        """The one row of Export.csv, as far as it is there."""
        table = self.table("Export")
        first = next(iter(table), None) if table is not None else None
        return first or Row("", {}, [], 0, 0)


_OURS = {name.casefold() for name in FILES}


@contextmanager
def open_export(path):
    """The export in this folder or zip. Raises Unusable with the reason."""
    path = Path(path)
    if path.is_dir():
        yield Export(path, _by_name(files_of_folder(path)))
    elif not path.exists():
        raise Unusable(_("%(path)s does not exist.") % {"path": path})
    elif not zipfile.is_zipfile(path):
        raise Unusable(_("%(path)s is neither a folder nor a zip file.") % {"path": path})
    else:
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Unusable(
                _("%(path)s is a damaged zip file: %(error)s") % {"path": path, "error": error}
            ) from error
        with archive:
            yield Export(path, _by_name(files_of_zip(path, archive)))


def files_of_folder(path):
    """(name, how to open it) of every file here and one folder further in."""
    try:
        files = [p for p in (*path.glob("*"), *path.glob("*/*")) if p.is_file()]
    except OSError as error:
        raise Unusable(_("%(path)s cannot be read: %(error)s") % {"path": path, "error": error}) from error
    return [(p.relative_to(path).as_posix(), partial(open, p, "rb")) for p in files]


def files_of_zip(path, archive):
    """(name, how to open it) of every file in the archive, which is refused where it is dangerous to unpack."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    for info in infos:
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts:
            raise Unusable(_("%(path)s is refused: a name in it leads out of the archive.") % {"path": path})
        if info.flag_bits & 0x1:
            raise Unusable(_("%(path)s is encrypted; unpack it with its password first.") % {"path": path})
        if info.file_size > max(RATIO_MATTERS_FROM, info.compress_size * MAX_RATIO):
            raise Unusable(_("%(path)s is refused: it unpacks to an absurd size.") % {"path": path})
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise Unusable(_("%(path)s is refused: it unpacks to an absurd size.") % {"path": path})
    return [(info.filename.replace("\\", "/"), partial(archive.open, info)) for info in infos]


def _by_name(files):
    """CSV files by their folded name; what an operating system adds beside them is passed over."""
    found = {}
    for path, opener in files:
        parts = PurePosixPath(path).parts
        name = parts[-1].strip()
        if "__MACOSX" in parts or name.startswith(".") or not name.casefold().endswith(".csv"):
            continue
        key = name[:-4].strip().casefold()
        if key in found and key in _OURS:
            raise Unusable(_("There is more than one %(file)s: which is meant?") % {"file": name})
        found[key] = (name, opener)
    return found


# --- Cells ------------------------------------------------------------------------------------------------------------

_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME, re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME, re.ASCII)


def parse_date(text, today):
    """The day, from year first or American month first; a two-digit year is the latest one that has begun.

    Raises ValueError for anything else: a day that could only be day-first makes the whole file doubtful.
    """
    if found := _YEAR_FIRST.fullmatch(text):
        year, _sign, month, day = found.groups()
        return date(int(year), int(month), int(day))
    if found := _MONTH_FIRST.fullmatch(text):
        month, _sign, day, year = found.groups()
        full = int(year) if len(year) == 4 else 2000 + int(year)
        if len(year) == 2 and full > today.year:
            full -= 100
        return date(full, int(month), int(day))
    raise ValueError(text)


_HEX = re.compile(r"[0-9a-f]{32,}", re.ASCII | re.IGNORECASE)
_BASE64 = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9+/_-]{27,}={0,2}", re.ASCII)


def looks_hashed(name, *, declared=False):
    """Whether this is a hash and not a name.

    Export.HashStatus alone is no evidence (vendors set it on exports with clear names); it only widens what counts.
    """
    return bool(_HEX.fullmatch(name) or (declared and _BASE64.fullmatch(name)))
