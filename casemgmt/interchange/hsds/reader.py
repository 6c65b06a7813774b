"""A directory of services as tables, from a folder, a zip, one CSV or one JSON file. No database.

HSDS 1.1 and 3.0, Ohana's CSV layout and raw sheets with other headers all come out as the same tables: `services`,
`organizations`, `locations` and what hangs on them. Nested JSON is laid out flat first.
"""

import json
import re
import zipfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from casemgmt.interchange.hmis.reader import Row, Table, Unusable, files_of_folder, files_of_zip

# JSON is read in one piece.
MAX_JSON = 256 * 1024**2

# What each table may be called; HSDS changed some names from 1.1 to 3.0.
TABLES = {
    "services": ("service",),
    "organizations": ("organization",),
    "locations": ("location",),
    "programs": ("program",),
    "service_at_location": ("services_at_location", "service_at_locations", "services_at_locations"),
    "phones": ("phone",),
    "contacts": ("contact",),
    "addresses": ("address", "physical_addresses", "physical_address"),
    "schedules": ("schedule", "regular_schedules", "regular_schedule"),
    "eligibility": ("eligibilities",),
    "languages": ("language",),
    "service_areas": ("service_area",),
    "required_documents": ("required_document",),
    "cost_options": ("cost_option",),
    "accessibility": ("accessibility_for_disabilities",),
    "taxonomy_terms": ("taxonomy", "taxonomy_term"),
    "services_taxonomy": ("service_taxonomy", "service_taxonomies"),
    "attributes": ("attribute", "service_attributes", "service_attribute"),
}
NAMES = {other: name for name, others in TABLES.items() for other in (name, *others)}
RAW = {
    "services": {
        "id": "Services-ID",
        "name": "Title",
        "organization_id": "Organization ID",
        "location_id": "Location ID",
        "url": "Website address",
        "phone": "Phone number",
        "fees": "Income eligibility and fees",
        "eligibility": "An individual must be one of these to qualify",
        "application_process": "Application process",
        "keywords": "Service type",
        "open": "Is this service open?",
        "hours": "Hours of operation",
        "geolocation": "Geolocation",
        "description": "Featured content",
    },
    "organizations": {
        "id": "Organization ID",
        "name": "Title",
        "description": "Body",
        "url": "Website address",
        "phone": "Phone number",
    },
    "locations": {
        "id": "Location_id",
        "name": "Field 2",
        "organization_id": "Organization ID",
        "phone": "Phone number",
        "hours": "Hours of operation",
        "cities": "Cities",
        "counties": "Counties",
        "zips": "Zip codes",
    },
}


class Renamed:
    """A raw sheet under the names of HSDS."""

    def __init__(self, table, names):
        self.table, self.name = table, table.name
        self.columns = {
            ours: table.columns[theirs.casefold()]
            for ours, theirs in names.items()
            if theirs.casefold() in table.columns
        }

    def __iter__(self):
        for row in self.table:
            # The width by which a row is ragged is that of the sheet.
            yield RawRow(row.file, self.columns, row.cells, row.line, row.last_line, row.is_ragged)


class RawRow(Row):
    __slots__ = ("_ragged",)

    def __init__(self, file, columns, cells, line, last_line, ragged):
        super().__init__(file, columns, cells, line, last_line)
        object.__setattr__(self, "_ragged", ragged)

    @property
    def is_ragged(self):
        return self._ragged


class Records:
    """Rows of one table that came out of nested JSON; the place of a row is its number there."""

    def __init__(self, name):
        self.name, self.columns, self._rows = name, {}, {}

    def add(self, file, row):
        """One more row; one that is told several times is one, with all that was told."""
        links = () if self.name in ONE.values() else tuple(v for k, v in row.items() if k.endswith("_id"))
        mark = (row["id"], *links) if row.get("id") else len(self._rows)
        for column in row:
            self.columns.setdefault(column, len(self.columns))
        number = len(self._rows) + 1
        known = self._rows.setdefault(mark, Record(f"{file} {self.name}", self.columns, [], number, number))
        known.cells.extend([""] * (len(self.columns) - len(known.cells)))
        for column, value in row.items():
            known.cells[self.columns[column]] = known.cells[self.columns[column]] or value

    def __iter__(self):
        return iter(self._rows.values())


class Record(Row):
    """A row of JSON: what is not said is not missing."""

    __slots__ = ()

    @property
    def is_ragged(self):
        return False


class Directory:
    """The tables of one directory; `table(name)` is None for one that is not there."""

    def __init__(self, name, layout, tables, not_read=()):
        self.name, self.layout, self.not_read = name, layout, sorted(not_read)
        self._tables = tables

    def table(self, name):
        return self._tables.get(name)

    def rows(self, name):
        return iter(self._tables.get(name) or ())

    def says(self, table, *columns):
        """Whether there is such a table with one of these columns."""
        found = self._tables.get(table)
        return found is not None and (not columns or any(column in found.columns for column in columns))


@contextmanager
def open_directory(path):
    """The directory in this folder, zip or file. Raises Unusable with the reason."""
    path = Path(path)
    if not path.exists():
        raise Unusable(_("%(path)s does not exist.") % {"path": path})
    if path.is_dir():
        yield _of_files(path, files_of_folder(path))
    elif zipfile.is_zipfile(path):
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Unusable(
                _("%(path)s is a damaged zip file: %(error)s") % {"path": path, "error": error}
            ) from error
        with archive:
            yield _of_files(path, files_of_zip(path, archive))
    else:
        yield _of_one(path)


def _of_one(path):
    try:
        with open(path, "rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise Unusable(_("%(path)s cannot be read: %(error)s") % {"path": path, "error": error}) from error
    if not start.strip():
        raise Unusable(_("%(path)s is empty.") % {"path": path})
    if start.startswith(b"PK\x03\x04"):
        raise Unusable(_("%(path)s is a damaged zip file: it ends too early.") % {"path": path})
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        return _of_json(path, [(path.name, partial(open, path, "rb"))])
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unusable(_("%(path)s is neither CSV nor JSON nor a zip file.") % {"path": path})
    return _of_tables(path, {"services": _table(path.stem, partial(open, path, "rb"))}, [])


def _of_files(path, files):
    """CSV files where there are services in CSV, else JSON files."""
    folders, beside, jsons = {}, [], []
    for name, opener in files:
        place = PurePosixPath(name)
        if "__MACOSX" in place.parts or place.name.startswith("."):
            continue
        kind = place.suffix.casefold()
        if kind == ".csv":
            folders.setdefault(place.parent, []).append((name, plain_name(place.stem), opener))
        elif kind == ".json":
            jsons.append((name, opener))
        else:
            beside.append(name)
    homes = [folder for folder, found in folders.items() if any(n == "services" for _f, n, _o in found)]
    if homes:
        return _of_csv(path, folders, homes, [*beside, *(name for name, _opener in jsons)])
    jsons = [(name, opener) for name, opener in jsons if PurePosixPath(name).name != "datapackage.json"]
    if jsons:
        return _of_json(path, jsons)
    names = sorted(PurePosixPath(name).name for found in folders.values() for name, _n, _o in found)
    raise Unusable(
        _("%(path)s is no directory of services: it has no services.csv. There are: %(files)s.")
        % {"path": path, "files": ", ".join(names[:12]) or _("no CSV or JSON files")}
    )


def _of_csv(path, folders, homes, not_read):
    """The tables of one folder; of several with services, the one in the layout of HSDS."""
    read = {home: _tables_of(folders[home]) for home in sorted(homes, key=lambda home: len(home.parts))}
    home = max(read, key=lambda home: _is_plain(read[home][0]))
    same = [h for h in read if h != home and _is_plain(read[h][0]) == _is_plain(read[home][0])]
    if same:
        raise Unusable(
            _("There is more than one services.csv, in %(one)s and %(other)s: which is meant?")
            % {"one": home, "other": same[0]}
        )
    tables, beside = read[home]
    for folder, found in folders.items():
        if folder != home:
            beside += [name for name, _n, _o in found]
    return _of_tables(path, tables, [*beside, *not_read])


def _is_plain(tables):
    return {"id", "name"} <= tables["services"].columns.keys()


def _tables_of(found):
    tables, beside = {}, []
    for name, key, opener in found:
        if key not in TABLES:
            beside.append(name)
        elif key in tables:
            raise Unusable(_("There is more than one %(file)s: which is meant?") % {"file": f"{key}.csv"})
        else:
            tables[key] = _table(PurePosixPath(name).stem, opener)
    return tables, beside


def _table(name, opener):
    return Table(name, opener)


def plain_name(stem):
    """`Services (1)`, `regular-schedules` and the like as the table's own name."""
    key = re.sub(r"[\s-]+", "_", re.sub(r"\(\d+\)|\bcopy\b", "", stem.casefold()).strip())
    return NAMES.get(key.strip("_"), key)


def _of_tables(path, tables, not_read):
    services, layout = tables["services"], "HSDS CSV"
    if not services.columns:
        raise Unusable(_("%(file)s is empty.") % {"file": services.name})
    if "services-id" in services.columns:
        layout = "raw"
        for name, names in RAW.items():
            if name in tables:
                tables[name] = Renamed(tables[name], names)
    elif "taxonomy_ids" in services.columns and "keywords" in services.columns:
        layout = "Ohana CSV"
    lacking = [c for c in ("id", "name") if c not in tables["services"].columns]
    if lacking:
        raise Unusable(
            _("%(file)s has no column %(columns)s.") % {"file": services.name, "columns": ", ".join(lacking)}
        )
    return Directory(Path(path).resolve().name, layout, tables, not_read)


# --- JSON -------------------------------------------------------------------------------------------------------------

CHILDREN = {**{name: name for name in TABLES}, **NAMES, "service_at_locations": "service_at_location"}
ONE = {
    "organization": "organizations",
    "location": "locations",
    "service": "services",
    "program": "programs",
    "taxonomy_term": "taxonomy_terms",
}


def _of_json(path, files):
    tables, not_read = {}, []
    for name, opener in sorted(files):
        with opener() as file:
            raw = file.read(MAX_JSON + 1)
        if len(raw) > MAX_JSON:
            raise Unusable(_("%(file)s is too large to be read in one piece.") % {"file": name})
        try:
            said = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            if len(files) == 1:
                raise Unusable(
                    _("%(file)s is no valid JSON: %(error)s") % {"file": name, "error": error}
                ) from error
            not_read.append(name)
            continue
        if not _lay_out(PurePosixPath(name).name, said, tables):
            not_read.append(name)
    if "services" not in tables:
        raise Unusable(_("%(path)s holds no service.") % {"path": path})
    return Directory(Path(path).resolve().name, "HSDS JSON", tables, not_read)


def _lay_out(file, said, tables):
    """Lay one JSON document out as rows of tables; False where it is about something else."""
    if isinstance(said, dict) and isinstance(said.get("contents"), list):
        said = said["contents"]
    if isinstance(said, dict):
        lists = {
            plain_name(key.removesuffix(".csv")): rows for key, rows in said.items() if isinstance(rows, list)
        }
        if "id" not in said and "services" in lists:
            for name, rows in lists.items():
                if name in TABLES:
                    _add_all(file, name, rows, {}, tables)
            return True
    found = False
    for thing in said if isinstance(said, list) else [said]:
        kind = _kind(thing) if isinstance(thing, dict) else None
        if kind:
            _add(file, kind, thing, {}, tables)
            found = True
    return found


def _kind(thing):
    if {"service", "location"} <= thing.keys() or {"service_id", "location_id"} <= thing.keys():
        return "service_at_location"
    if "location_type" in thing or {"latitude", "longitude"} <= thing.keys():
        return "locations"
    if thing.keys() & {
        "services",
        "legal_status",
        "tax_status",
        "organization_identifiers",
        "year_incorporated",
    }:
        return "organizations"
    if thing.keys() & {
        "organization",
        "organization_id",
        "service_at_locations",
        "status",
        "application_process",
    }:
        return "services"
    return None


def _add_all(file, table, things, parents, tables):
    for thing in things:
        if isinstance(thing, dict):
            _add(file, table, thing, parents, tables)


def _add(file, table, thing, parents, tables):
    row = dict(parents)
    row.update((key, _text(value)) for key, value in thing.items() if not isinstance(value, dict | list))
    for key, name in ONE.items():
        if isinstance(thing.get(key), dict):
            inner = thing[key]
            row[f"{key}_id"] = _text(inner.get("id"))
            _add(file, name, inner, {}, tables)
    tables.setdefault(table, Records(table)).add(file, row)
    own = {**_parents(table, row)}
    for key, value in thing.items():
        name = CHILDREN.get(key)
        if isinstance(value, list) and name:
            _add_all(file, name, value, own, tables)


def _parents(table, row):
    key = {
        "services": "service_id",
        "organizations": "organization_id",
        "locations": "location_id",
        "contacts": "contact_id",
        "phones": "phone_id",
        "service_at_location": "service_at_location_id",
    }.get(table)
    found = {key: row.get("id", "")} if key else {}
    if table == "services":
        found["link_id"] = row.get("id", "")
    return found


def _text(value):
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, bool) else str(value)
