"""HMIS CSV exports as rows, from a folder or a zip, whatever the case, order or bytes of their headers. No database.

Nothing is unpacked to disk: files are read from the archive as they are needed, one row at a time.
"""

import codecs
import csv
import io
import re
import shutil
import tempfile
import zipfile
import zlib
from contextlib import ExitStack, contextmanager, nullcontext
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
    "IncomeBenefits",
    "Disabilities",
    "HealthAndDV",
    "EmploymentEducation",
    "YouthEducationStatus",
    "CurrentLivingSituation",
    "Event",
    "Assessment",
)
REQUIRED = ("Project", "Client", "Enrollment")
COLUMNS = {
    "Project": ("ProjectID",),
    "User": ("UserID",),
    "Client": ("PersonalID",),
    "Enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate"),
    "Exit": ("ExitID", "EnrollmentID", "ExitDate"),
    "Services": ("ServicesID", "EnrollmentID", "DateProvided", "RecordType"),
    "IncomeBenefits": ("IncomeBenefitsID", "EnrollmentID", "InformationDate"),
    "Disabilities": ("DisabilitiesID", "EnrollmentID", "InformationDate", "DisabilityType"),
    "HealthAndDV": ("HealthAndDVID", "EnrollmentID", "InformationDate"),
    "EmploymentEducation": ("EmploymentEducationID", "EnrollmentID", "InformationDate"),
    "YouthEducationStatus": ("YouthEducationStatusID", "EnrollmentID", "InformationDate"),
    "CurrentLivingSituation": ("CurrentLivingSitID", "EnrollmentID", "InformationDate"),
    "Event": ("EventID", "EnrollmentID", "EventDate", "Event"),
    "Assessment": ("AssessmentID", "EnrollmentID", "AssessmentDate"),
}
# No row is longer: what is, has lost its line breaks or is no text.
LONGEST_LINE = 1 << 20


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
    header: tuple = ()  # the names of the columns as they stand there

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

    @property
    def first_misfit(self):
        """The first column that has no cell; of cells too many, the number of the first (“#12”)."""
        at, width = len(self.cells), len(self.columns)
        return self.header[at] if at < len(self.header) else f"#{width + 1}"

    def broken(self):
        """Column and cell of what could not be read in the encoding of the file."""
        for column, cell in zip(self.header, self.cells, strict=False):
            if "\ufffd" in cell:
                yield column, cell


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
        self.columns, names = {}, []
        for at, column in enumerate(header):
            # A column without a name, or named twice, still has its place.
            name = column.strip().removeprefix("\ufeff").removeprefix("ï»¿").strip(' "')
            folded = name.casefold()
            self.columns[folded if folded and folded not in self.columns else f"\x00{at}"] = at
            names.append(name[:60])
        self.header = tuple(names)

    def __iter__(self):
        with self._failing_clearly(), self._text() as text:
            lines = _Lines(text, self.name)
            reader = csv.reader(lines, delimiter=self.delimiter)
            line = 1
            try:
                next(reader, None)
                line = lines.begin_record()
                for cells in reader:
                    if any(cell.strip() for cell in cells):
                        yield Row(self.name, self.columns, cells, line, reader.line_num, self.header)
                    line = lines.begin_record()
            except csv.Error as error:
                raise Unusable(
                    _("%(file)s cannot be read from line %(line)s on, column %(column)s: %(error)s.")
                    % {
                        "file": self.name,
                        "line": line,
                        "column": self._column_of(lines.first),
                        "error": _(
                            "a quotation mark that opens there is never closed, or the cell is too long"
                        ),
                    }
                ) from error

    def _column_of(self, line):
        """The column in which this line, the first of its record, ends."""
        cells = next(csv.reader([line[:100_000]], delimiter=self.delimiter), [""])
        at = len(cells) - 1
        return self.header[at] if at < len(self.header) else f"#{at + 1}"

    def lacks(self, columns):
        return [column for column in columns if column.casefold() not in self.columns]

    def _text(self):
        raw = self._open_bytes()
        return io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")

    def _scan(self):
        """The encoding that fits best, and about how many records there are."""
        lines, good, bad, last = 0, 0, 0, b""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with self._open_bytes() as raw:
            start = chunk = raw.read(1 << 16)
            while chunk:
                lines += chunk.count(b"\n")
                last = chunk[-4:]
                if not chunk.isascii():
                    text = decoder.decode(chunk)
                    broken = text.count("\ufffd")
                    bad += broken
                    good += sum(not c.isascii() for c in text) - broken
                else:
                    decoder.reset()
                chunk = raw.read(1 << 16)
        self.is_empty = not start
        self.ends_in_a_line = last.rstrip(b"\x00").endswith((b"\n", b"\r"))
        return _encoding(start, good, bad), max(lines - 1, 0)

    def _header(self):
        with self._text() as text:
            first = next(_Lines(text, self.name), "")
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


def _encoding(start, good, bad):
    """By the mark at the start, by the zero bytes between Latin letters, else by what of UTF-8 is whole."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[:2000:2].count(0), start[1:2000:2].count(0)
    if max(even, odd) > len(start[:2000]) // 4:
        return "utf-16-be" if even > odd else "utf-16-le"
    # A single bad byte among many whole characters does not make the file something else.
    return "utf-8-sig" if good >= bad else "cp1252"


class _Lines:
    """The physical lines of a text, none of them absurdly long; remembers where the record began that is being read."""

    def __init__(self, text, name):
        self.text, self.name, self.count, self.first, self._is_new = text, name, 0, "", True

    def __iter__(self):
        return self

    def __next__(self):
        line = self.text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.count += 1
        if len(line) == LONGEST_LINE:
            raise Unusable(
                _("%(file)s cannot be read: line %(line)s is too long to be a row.")
                % {"file": self.name, "line": self.count}
            )
        if self._is_new:
            self.first, self._is_new = line, False
        return line

    def begin_record(self):
        """The next line is the first of a record; returns its number."""
        self._is_new = True
        return self.count + 1


class Export:
    """The files of one export; `table(name)` is None for one that is not there."""

    def __init__(self, path, members):
        self.name = Path(path).resolve().name
        self.renamed = {
            name: there
            for name in FILES
            if (there := members.get(name.casefold(), ("",))[0]) and _is_odd(there, name)
        }
        self._others = {name: opener for key, (name, opener) in sorted(members.items()) if key not in _OURS}
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

    def not_taken(self):
        """The files that nothing here has a place for, and how many rows they have; None where that cannot be told."""
        return {name: _count(name, opener) for name, opener in self._others.items()}

    def missing(self):
        """The files that belong to an export and are not in this one."""
        return [f"{name}.csv" for name in FILES if name not in self._tables]

    def doubts(self):
        """File, line and what is odd about a file as a whole."""
        for name, table in self._tables.items():
            if name in self.renamed:
                yield table.name, 0, _("It is called “%(name)s” there.") % {"name": self.renamed[name]}
            if table.is_empty:
                yield table.name, 0, _("The file is empty.")
            elif not table.ends_in_a_line:
                line = table.lines + 2
                yield table.name, line, _("The file ends amid a line; its end may be missing.")

    def about(self):
        """The one row of Export.csv, as far as it is there."""
        table = self.table("Export")
        first = next(iter(table), None) if table is not None else None
        return first or Row("", {}, [], 0, 0)


def _count(name, opener):
    try:
        return sum(1 for _row in Table(name[:-4], opener))
    except Unusable:
        return None


_OURS = {name.casefold() for name in FILES}


@contextmanager
def open_export(path):
    """The export in this folder or zip. Raises Unusable with the reason."""
    path = Path(path)
    if path.is_dir():
        with ExitStack() as stack:
            yield Export(path, _members(path, files_of_folder(path), stack))
    elif not path.exists():
        raise Unusable(_("%(path)s does not exist.") % {"path": path})
    else:
        with ExitStack() as stack:
            archive = stack.enter_context(_archive(path, path))
            yield Export(path, _members(path, files_of_zip(path, archive), stack))


def _archive(path, file):
    """The zip in this file, opened; `path` is what to call it."""
    try:
        if zipfile.is_zipfile(file):
            return zipfile.ZipFile(file)
        with nullcontext(file) if hasattr(file, "read") else open(file, "rb") as raw:
            raw.seek(0)
            is_cut = raw.read(2) == b"PK"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unusable(
            _("%(path)s is a damaged zip file: %(error)s") % {"path": path, "error": error}
        ) from error
    if is_cut:
        raise Unusable(_("%(path)s is a damaged zip file: its end is missing.") % {"path": path})
    raise Unusable(_("%(path)s is neither a folder nor a zip file.") % {"path": path})


def _members(path, files, stack):
    """The CSV files by name; where there are none but a zip inside, those of that zip."""
    members = _by_name(files)
    inner = [(name, opener) for name, opener in files if name.casefold().endswith(".zip")]
    if members or not inner:
        return members
    if len(inner) > 1:
        raise Unusable(_("%(path)s holds more than one zip file: which is meant?") % {"path": path})
    name, opener = inner[0]
    try:
        copy = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
        with opener() as raw:
            shutil.copyfileobj(raw, copy)
    except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise Unusable(_("%(file)s cannot be read: %(error)s") % {"file": name, "error": error}) from error
    archive = stack.enter_context(_archive(name, copy))
    return _by_name(files_of_zip(name, archive))


def files_of_folder(path):
    """(name, how to open it) of every file here and up to two folders further in."""
    try:
        files = [p for deep in ("*", "*/*", "*/*/*") for p in path.glob(deep) if p.is_file()]
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
    """CSV files by their folded name; what an operating system adds beside them is passed over.

    “FY2024_Client.csv” or “Client (1).csv” is Client.csv where there is no other.
    """
    found, like = {}, {}
    for path, opener in files:
        parts = PurePosixPath(path).parts
        name = parts[-1].strip()
        if "__MACOSX" in parts or name.startswith(".") or not name.casefold().endswith(".csv"):
            continue
        key = name[:-4].strip().casefold()
        if key in found and key in _OURS:
            raise Unusable(_("There is more than one %(file)s: which is meant?") % {"file": name})
        found[key] = (name, opener)
        words = re.split(r"[\W\d_]+", key)
        for word in {word for word in words if word in _OURS and key not in _OURS}:
            like.setdefault(word, []).append(key)
    for word, keys in like.items():
        if word in found:
            continue
        if len(keys) > 1:
            names = ", ".join(found[key][0] for key in sorted(keys))
            raise Unusable(_("There is more than one %(file)s: which is meant?") % {"file": names})
        found[word] = found.pop(keys[0])
    return found


def _is_odd(there, name):
    """Whether a file is called otherwise than by its name in another case."""
    return there[:-4].strip().casefold() != name.casefold()


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


ENOUGH_NAMES = 20


def common_name(names):
    """The name that some three in four of at least twenty people share, which is then no name; else None.

    An export may hide every name behind one value that looks like nothing in particular.
    """
    candidate, ahead, counted = None, 0, 0
    for name in names:
        counted += 1
        if ahead == 0:
            candidate = name
        ahead += 1 if name == candidate else -1
    return candidate if counted >= ENOUGH_NAMES and ahead * 2 > counted else None


def social_number(text):
    """The nine digits of a whole social security number that can have been given to somebody; else nothing."""
    digits = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"\d{9}", digits, re.ASCII):
        return ""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    never = area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000"
    return "" if never or len(set(digits)) == 1 or digits == "123456789" else digits
