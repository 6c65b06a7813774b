"""Files of social-needs screenings in a folder, a zip or alone: sets of CSV files, and FHIR bundles. No database.

A set is the files whose names agree between “SDOH_<kind>_” and “.csv”.
"""

import re
import zipfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from casemgmt.interchange.hmis.reader import Table, Unusable, files_of_folder, files_of_zip

# A bundle is one person's screening; beyond this it is a mistake or an attack.
MAX_JSON = 64 * 1024**2
MAX_UNITS = 100_000

PATIENTS, OFFICES, SCREENINGS, ANSWERS = "PtInfo", "QEadmin", "ScreeningProf", "ScreeningObs"
KINDS = {kind.casefold(): kind for kind in (PATIENTS, OFFICES, SCREENINGS, ANSWERS)}
_NAME = re.compile(rf"sdoh_({'|'.join(KINDS)})[ _-]?(.*)\.csv", re.IGNORECASE)

_SENT = re.compile(r"\d{14}$", re.ASCII)  # when it was sent stands at the end of a set's name

_CODED = "{0}_CODE {0}_CODE_DESCRIPTION {0}_CODE_SYSTEM"
_COMMON = "PATIENT_MR_ID_VALUE FACILITY_ID FACILITY_NAME"
REQUIRED = {
    PATIENTS: ("PATIENT_MR_ID_VALUE", "FAMILY_NAME", "GIVEN_NAME"),
    OFFICES: ("FACILITY_ID", "FACILITY_NAME"),
    SCREENINGS: ("PATIENT_MR_ID_VALUE", "FACILITY_ID", "ENCOUNTER_ID", "CONSENT_STATUS"),
    ANSWERS: ("PATIENT_MR_ID_VALUE", "FACILITY_ID", "ENCOUNTER_ID", "SCREENING_CODE", "QUESTION_CODE", "ANSWER_CODE"),
}  # fmt: skip
COLUMNS = {
    PATIENTS: " ".join(
        (
            f"{_COMMON} PATIENT_MEDICAID_ID PATIENT_SS_ID_VALUE FAMILY_NAME GIVEN_NAME",
            "MIDDLE_NAME PATIENT_BIRTH_DATE ADDRESS1 ADDRESS2 CITY STATE ZIP COUNTY TELECOM_VALUE TELECOM_USE",
            *map(
                _CODED.format, ("ADMINISTRATIVE_SEX", "SEX_AT_BIRTH", "RACE", "ETHNICITY", "GENDER_IDENTITY")
            ),
            *map(_CODED.format, ("PREFERRED_LANGUAGE", "SEXUAL_ORIENTATION")),
            "PERSONAL_PRONOUNS_CODE PERSONAL_PRONOUNS_DESCRIPTION PERSONAL_PRONOUNS_SYSTEM PATIENT_LAST_UPDATED",
            "SEXUAL_ORIENTATION_LAST_UPDATED",
        )
    ),
    OFFICES: f"{_COMMON} ORGANIZATION_TYPE_CODE ORGANIZATION_TYPE_DISPLAY ORGANIZATION_TYPE_CODE_SYSTEM "
    "ENCOUNTER_LOCATION FACILITY_ADDRESS1 FACILITY_ADDRESS2 FACILITY_CITY FACILITY_STATE FACILITY_ZIP FACILITY_COUNTY "
    "FACILITY_LAST_UPDATED",
    SCREENINGS: " ".join(
        (
            f"{_COMMON} ENCOUNTER_ID ENCOUNTER_ID_SYSTEM SCREENING_IDENTIFIER",
            *map(
                _CODED.format, ("ENCOUNTER_CLASS", "ENCOUNTER_STATUS", "ENCOUNTER_TYPE", "SCREENING_STATUS")
            ),
            "ENCOUNTER_START_DATETIME ENCOUNTER_END_DATETIME ENCOUNTER_LOCATION PROCEDURE_STATUS_CODE",
            _CODED.format("PROCEDURE"),
            "PROCEDURE_CODE_MODIFIER CONSENT_STATUS CONSENT_DATE_TIME SCREENING_LAST_UPDATED SCREENING_LANGUAGE_CODE",
            "SCREENING_LANGUAGE_DESCRIPTION SCREENING_LANGUAGE_CODE_SYSTEM SCREENING_ENTITY_ID",
            "SCREENING_ENTITY_ID_CODE_SYSTEM CONSENT_LAST_UPDATED ENCOUNTER_LAST_UPDATED VISIT_PART_2_FLAG",
            "VISIT_OMH_FLAG VISIT_OPWDD_FLAG",
        )
    ),
    ANSWERS: " ".join(
        (
            f"{_COMMON} ENCOUNTER_ID ENCOUNTER_ID_SYSTEM SCREENING_IDENTIFIER",
            *map(_CODED.format, ("SCREENING", "QUESTION", "ANSWER")),
            "OBSERVATION_CATEGORY_SDOH_CODE OBSERVATION_CATEGORY_SDOH_TEXT DATA_ABSENT_REASON_CODE",
            "DATA_ABSENT_REASON_DISPLAY POTENTIAL_NEED_INDICATED SCREENING_START_DATETIME SCREENING_END_DATETIME",
        )
    ),
}
KNOWN = {kind: {name.casefold() for name in names.split()} for kind, names in COLUMNS.items()}


@dataclass
class Bundle:
    """A JSON file, as bytes when asked for."""

    name: str
    open: object

    def read(self):
        """Its bytes. Raises Unusable for one that cannot be read, or is too long."""
        try:
            with self.open() as raw:
                data = raw.read(MAX_JSON + 1)
        except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, ValueError) as error:
            raise Unusable(
                _("%(file)s cannot be read: %(error)s") % {"file": self.name, "error": error}
            ) from error
        if len(data) > MAX_JSON:
            raise Unusable(_("%(file)s is too large to be a bundle.") % {"file": self.name})
        return data


@dataclass
class FlatSet:
    """The CSV files of one sending, by kind; `faults` say why it cannot be taken: (file, column, sentence)."""

    name: str
    openers: dict = field(default_factory=dict)
    tables: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)

    def check(self):
        """Open its tables and say what is missing."""
        for kind, (name, opener) in self.openers.items():
            try:
                table = Table(name[:-4], opener)
            except Unusable as error:
                self.faults.append((name, "", str(error)))
                continue
            lacking = table.lacks(REQUIRED[kind])
            if lacking and table.columns:
                words = _("The column %(columns)s is missing.") % {"columns": ", ".join(lacking)}
                self.faults.append((table.name, lacking[0], words))
            elif not table.columns:
                self.faults.append((table.name, "", _("The file is empty.")))
            self.tables[kind] = table
        for kind in (SCREENINGS, ANSWERS):
            if kind not in self.openers:
                name = f"SDOH_{kind}_{self.name}.csv"
                self.faults.append(
                    (name, "", _("This file is missing: without it nobody knows what was agreed or said."))
                )

    def unknown_columns(self):
        """(file, column) of what nobody here knows."""
        for kind, table in self.tables.items():
            for name in table.header:
                if name and name.casefold() not in KNOWN[kind]:
                    yield table.name, name


@dataclass
class Sending:
    """All that a path holds."""

    name: str
    sets: list
    bundles: list
    not_read: list


@contextmanager
def open_sending(path):
    """What this folder, zip or file holds. Raises Unusable with the reason."""
    path = Path(path)
    with ExitStack() as stack:
        try:
            sending = _sort(path, _files(path, stack))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            words = _("%(path)s cannot be read: %(error)s") % {"path": path, "error": error}
            raise Unusable(words) from error
        yield sending


def _files(path, stack):
    if not path.exists():
        raise Unusable(_("%(path)s does not exist.") % {"path": path})
    if path.is_dir():
        return files_of_folder(path)
    if zipfile.is_zipfile(path):
        return files_of_zip(path, stack.enter_context(zipfile.ZipFile(path)))
    return _alone(path)


def _alone(path):
    """One file; of a set, the other files of the same set beside it, too."""
    asked = _NAME.fullmatch(path.name)
    if asked is None:
        if path.suffix.casefold() == ".json":
            return [(path.name, partial(open, path, "rb"))]
        raise Unusable(
            _("%(path)s is neither a folder, a zip, a bundle (.json) nor one of the SDOH_… files.")
            % {"path": path}
        )
    same = (_NAME.fullmatch(other.name) for other in path.parent.iterdir() if other.is_file())
    beside = [found for found in same if found and found[2].casefold() == asked[2].casefold()]
    return [(found[0], partial(open, path.parent / found[0], "rb")) for found in beside]


def _sort(path, files):
    sets, bundles, not_read = {}, [], []
    for name, opener in sorted(files, key=lambda pair: pair[0]):
        inside = PurePosixPath(name)
        if "__MACOSX" in inside.parts or inside.name.startswith("."):
            continue
        if found := _NAME.fullmatch(inside.name):
            key = (str(inside.parent).casefold(), found[2].casefold())
            one = sets.setdefault(key, FlatSet(found[2]))
            kind = KINDS[found[1].casefold()]
            if kind in one.openers:
                one.faults.append((inside.name, "", _("This file is there twice: which is meant?")))
            one.openers[kind] = (inside.name, opener)
        elif inside.suffix.casefold() == ".json":
            bundles.append(Bundle(inside.name, opener))
        else:
            not_read.append(name)
    if not sets and not bundles:
        raise Unusable(_("%(path)s holds neither SDOH_… files nor FHIR bundles.") % {"path": path})
    if len(sets) + len(bundles) > MAX_UNITS:
        raise Unusable(_("%(path)s holds too many files.") % {"path": path})
    for one in sets.values():
        one.check()
    in_time = sorted(sets.values(), key=lambda one: (_SENT.search(one.name) or [""])[0])
    return Sending(Path(path).resolve().name, in_time, bundles, not_read)
