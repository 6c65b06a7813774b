"""Files of people with known truth: which records are of one person. For `manage.py match_report`; no database.

CSV, or JSON plain or gzipped. The truth stands in a column (`cluster`, or `rec_id` as in `rec-7-dup-0`), in clusters
that hold the records, or in pairs (`samples` with `data_1` and `data_2`).
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clients.matching import Traits

LARGEST = 512 * 1024 * 1024

# Names of columns without capitals and punctuation, as publishers call them.
COLUMNS = {
    "given": "given givenname givennames firstname first fname forename name1 namefirst",
    "middle": "middle middlename middleinitial namemiddle mname",
    "family": "family familyname surname lastname last lname namelast name2",
    "suffix": "suffix namesuffix generation",
    "chosen": "chosen chosenname nickname preferredname aka alias",
    "whole": "name fullname personname patientname clientname",
    "birth": "birth birthdate birthday dob dateofbirth bornon born bday",
    "phone": "phone phonenumber phoneno telephone tel mobile mobilephone homephone workphone cell cellphone "
    "phone1 phone2",
    "email": "email emailaddress mail",
    "ssn": "ssn socsecid socialsecuritynumber socialsecurity socialsecurityno nationalid nino sin ss",
    "mrn": "mrn mr medicalrecordnumber",
    "licence": "dl driverslicense driverslicence driverlicense driverslicensenumber",
    "number": "identifier idnumber identitynumber",
    "street": "address address1 address2 street streetaddress streetname streetnumber housenumber addressline "
    "addressline1 addressline2 line line1 line2 addr addr1 addr2 unit apartment",
    "city": "city suburb town locality municipality",
    "postcode": "postcode postalcode zip zipcode postal zip5",
    "sex": "sex gender",
    "state": "state province region",
}
_TRAIT_OF = {column: trait for trait, columns in COLUMNS.items() for column in columns.split()}
CLUSTER = "cluster clusterid personid entityid trueid truth groupid externalpersonid"
NUMBERS = ("ssn", "mrn", "licence", "number")


class Unreadable(Exception):
    """Why a file cannot be scored, in words."""


@dataclass
class People:
    """The records of a file: what each says, and whom it is of; pairs with one `whose` are of one person."""

    records: list
    whose: list
    truth: str
    ignored: set
    note: str = ""


def read_people(path, ignore=()):
    """Read a file, leaving out the columns in `ignore` (as the file calls them, or by any name of the same thing)."""
    text = _text(path)
    ignored = {_bare(name) for name in ignore}
    ignored |= {_TRAIT_OF[name] for name in ignored if name in _TRAIT_OF and _TRAIT_OF[name] in NUMBERS}
    if not text.strip():
        raise Unreadable("the file is empty")
    people = _from_json(text, ignored) if text.lstrip()[0] in "[{" else _from_csv(text, ignored)
    if len(people.records) < 2:
        raise Unreadable("there are fewer than two records in it")
    if not any(t != Traits() for t in people.records):
        raise Unreadable("no known column in it: names, birth date, phone, e-mail, address or number")
    return people


def _text(path):
    """The text of a file, unpacked where it is packed."""
    try:
        with Path(path).open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else Path(path).open("rb") as file:
            found = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror or error}") from None
    except (EOFError, zlib.error):
        raise Unreadable("it is packed and ends too early, or is damaged") from None
    if len(found) > LARGEST:
        raise Unreadable("it is larger than 512 MB")
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not text in UTF-8 (byte {error.start})") from None


def _bare(name):
    return re.sub(r"[\W_]+", "", str(name)).casefold()


# --- CSV --------------------------------------------------------------------------------------------------------------


def _from_csv(text, ignored):
    head = text.partition("\n")[0]
    mark = max(",;\t|", key=head.count)
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
            if row
        ]
    except csv.Error as error:
        raise Unreadable(f"it is no CSV: {error}") from None
    header, rows = [_bare(name) for name in rows[0]], rows[1:]
    if not set(header) & _TRAIT_OF.keys():
        raise Unreadable("no known column in it: names, birth date, phone, e-mail, address or number")
    if short := next((n for n, row in enumerate(rows, 2) if len(row) != len(header)), None):
        raise Unreadable(f"row {short} has {len(rows[short - 2])} fields where the header has {len(header)}")
    return _flat([dict(zip(header, row, strict=True)) for row in rows], ignored)


def _flat(rows, ignored):
    """Records side by side, with the truth in a column."""
    if not rows:
        raise Unreadable("there are fewer than two records in it")
    found = set().union(*rows)
    column = next((c for c in CLUSTER.split() if c in found), None)
    if column:
        whose = [str(row.get(column) or "").strip() for row in rows]
        truth = column
    elif "recid" in found:
        marks = [re.match(r"rec-(\d+)", str(row.get("recid") or "")) for row in rows]
        whose, truth = [mark[1] if mark else "" for mark in marks], "rec_id"
    else:
        raise Unreadable(
            "it does not say which records are of one person (rec_id, cluster, or nested clusters)"
        )
    if "" in whose:
        raise Unreadable(f"record {whose.index('') + 1} does not say whose it is ({truth})")
    return People([_traits(row, ignored) for row in rows], whose, truth, _used(found, ignored))


def _used(columns, ignored):
    return {c for c in columns if c in ignored or _TRAIT_OF.get(c) in ignored}


def _traits(row, ignored):
    """What a flat record says."""
    said = {}
    for column, value in row.items():
        trait = _TRAIT_OF.get(column)
        if trait is None or column in ignored or trait in ignored or isinstance(value, dict | list):
            continue
        if value := str("" if value is None else value).strip():
            said.setdefault(trait, []).append(value)
    return _describe(said)


def _describe(said):
    def one(trait):
        return " ".join(said.get(trait, ()))

    born_on = _day(one("birth"))
    return Traits(
        given=one("given"),
        middle=one("middle"),
        family=one("family"),
        suffix=one("suffix"),
        chosen=one("chosen"),
        others=tuple(said.get("whole", ())),
        born_on=born_on,
        born_typed="" if born_on else one("birth"),
        phones=tuple(said.get("phone", ())),
        emails=tuple(said.get("email", ())),
        numbers={kind: one(kind) for kind in NUMBERS if kind in said},
        street=one("street"),
        city=one("city"),
        postcode=one("postcode"),
        sex=one("sex"),
    )


def _day(text):
    """A date written 1988-04-13, 19880413 or 4/13/1988; None where it is none that exists."""
    text = text.strip().partition("T")[0].partition(" ")[0]
    if found := re.fullmatch(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})", text, re.ASCII):
        year, month, day = found.groups()
    elif found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text, re.ASCII):
        month, day, year = found.groups()
        if int(month) > 12:
            month, day = day, month
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


# --- JSON -------------------------------------------------------------------------------------------------------------


def _from_json(text, ignored):
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is no whole JSON: {error}") from None
    if isinstance(whole, dict) and isinstance(whole.get("samples"), list):
        return _nested(
            [[s.get("data_1"), s.get("data_2")] for s in _dicts(whole["samples"])], ignored, "pairs"
        )
    found = whole.get("clusters", whole.get("records")) if isinstance(whole, dict) else whole
    if not isinstance(found, list):
        raise Unreadable("it holds neither clusters nor records")
    groups = [g.get("records") if isinstance(g, dict) and "records" in g else g for g in found]
    if groups and all(isinstance(g, list) for g in groups):
        return _nested(groups, ignored, "clusters")
    return _flat_json(_dicts(groups), ignored)


def _dicts(rows):
    if not all(isinstance(row, dict) for row in rows):
        raise Unreadable("something in it is not a record")
    return rows


def _flat_json(rows, ignored):
    people = _flat([{_bare(k): v for k, v in row.items()} for row in rows], ignored)
    people.records = [_from_record(row, ignored) for row in rows]
    return people


def _nested(groups, ignored, truth):
    """Records inside the cluster of their person."""
    rows = [(place, row) for place, group in enumerate(groups) for row in _dicts(group)]
    records = [_from_record(row, ignored) for _place, row in rows]
    columns = {_bare(k) for _place, row in rows for k in row} | {
        _TRAIT_OF.get(_bare(i.get("type")), "number")
        for _place, row in rows
        for i in _listed(row.get("identifiers"))
        if isinstance(i, dict)
    }
    people = People(records, [place for place, _row in rows], truth, _used(columns, ignored))
    sources = [str(row.get("external_id") or "") for _place, row in rows]
    if all(sources) and not _hold_together(people):
        people.whose, people.truth = sources, "external_id"
        people.note = (
            "The records of a cluster have nothing in common, no name, birth date, phone or number: nobody could tell "
            "from them who is one person. Each record's own external_id is taken for the truth instead."
        )
    return people


def _hold_together(people):
    """Whether at least one record in twenty has something to do with another of its cluster."""
    shared, together = Counter(), 0
    for whose, t in zip(people.whose, people.records, strict=True):
        shared.update((whose, mark) for mark in _marks(t))
    for whose, t in zip(people.whose, people.records, strict=True):
        together += any(shared[whose, mark] > 1 for mark in _marks(t))
    alone = Counter(people.whose)
    in_company = sum(count for count in alone.values() if count > 1)
    return not in_company or together >= in_company / 20


def _marks(t):
    """What two records of one person would hardly both differ in."""
    return {*t.called, t.day, *t.lines, *t.mail, *t.identity.values(), t.home if t.home[1] else ""} - {""}


def _listed(value):
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _from_record(row, ignored):
    """What a record says, flat or as FHIR lays out a patient."""
    row = {_bare(k): v for k, v in row.items()}
    said = {}

    def say(trait, column, *values):
        if trait not in ignored and column not in ignored:
            said.setdefault(trait, []).extend(str(v).strip() for v in values if v not in (None, ""))

    for name in (n for n in _listed(row.get("name")) if isinstance(n, dict)):
        first, *more = [*_listed(name.get("given")), ""]
        say("given", "given", first)
        say("middle", "middle", *more)
        say("family", "family", name.get("family"))
        say("suffix", "suffix", *_listed(name.get("suffix")))
        break
    for name in (n for n in _listed(row.get("name"))[1:] if isinstance(n, dict)):
        say("whole", "name", " ".join(map(str, [*_listed(name.get("given")), name.get("family") or ""])))
    for way in (t for t in _listed(row.get("telecom")) if isinstance(t, dict)):
        if way.get("system") in ("phone", "sms", "email", None):
            trait = "email" if way.get("system") == "email" else "phone"
            say(trait, trait, way.get("value"))
    for home in (a for a in _listed(row.get("address")) if isinstance(a, dict)):
        say("street", "address", *_listed(home.get("line")))
        say("city", "city", home.get("city"))
        say("postcode", "postalcode", home.get("postal_code") or home.get("postalCode"))
        break
    for number in (i for i in _listed(row.get("identifiers", row.get("identifier"))) if isinstance(i, dict)):
        kind = _TRAIT_OF.get(_bare(number.get("type")), "number")
        if kind in NUMBERS:
            say(kind, _bare(number.get("type")), number.get("value"))
    flat = _traits(row, ignored)
    nested = _describe(said)
    found = {name: getattr(nested, name) or getattr(flat, name) for name in Traits.__dataclass_fields__}
    return Traits(**found | {"numbers": {**flat.numbers, **nested.numbers}})
