"""One set of flat files: patients, screenings and answers are put together, and wait on disk by the encounter.

A screening is known by facility, patient and encounter: the identifiers of the answers differ from row to row.
"""

from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models.agency import phone_shape
from casemgmt.interchange.hmis.batches import BEGINNING, Fault, require_shape
from casemgmt.interchange.hmis.reader import parse_date
from casemgmt.interchange.hrsn import codes
from casemgmt.interchange.hrsn.reader import ANSWERS, OFFICES, PATIENTS, SCREENINGS
from casemgmt.interchange.hrsn.screening import (
    Person,
    Said,
    absent_words,
    cleaned,
    past_moment,
    short_key,
    understand,
)

PROGRESS_EVERY = 2000
MOST_SCREENS = 20  # different ones in one encounter
PRONOUNS = {"LA29518-0": "he/him", "LA29519-8": "she/her", "LA29520-6": "they/them"}
PROTECTED = {
    "VISIT_PART_2_FLAG": "42 CFR Part 2",
    "VISIT_OMH_FLAG": "OMH",
    "VISIT_OPWDD_FLAG": "OPWDD",
}
LONGEST = {"given_name": 100, "middle_name": 100, "family_name": 100, "address": 300, "language": 60}


class FlatReading:
    """Reads a set into the scratch file; `space` is the set's own."""

    def __init__(self, flat, space, report, scratch, progress):
        self.flat, self.space, self.report, self.scratch, self.progress = (
            flat,
            space,
            report,
            scratch,
            progress,
        )
        self.offices, self.open_key, self.open = {}, None, None

    def read(self):
        """Put every encounter where the writer finds it; what is refused here is in the report."""
        self._rows(OFFICES, self._office)
        self._rows(PATIENTS, self._patient)
        self._rows(SCREENINGS, self._screening)
        self._rows(ANSWERS, self._answer)
        self._keep()

    def _rows(self, kind, understand_row):
        table = self.flat.tables.get(kind)
        if table is None:
            return
        tally = self.report.tally(table.name)
        for row in table:
            tally.read += 1
            if tally.read % PROGRESS_EVERY == 0:
                self.progress(table.name, tally.read, max(table.lines, tally.read))
            try:
                require_shape(row)
                understand_row(row, tally)
            except Fault as fault:
                self.report.refuse(row.file, row.line, fault.column, row[fault.column], fault.why)
        self.progress(table.name, tally.read, tally.read)

    def _space(self, name):
        return f"{self.space} {name}"

    def _warn(self, row, column, why):
        self.report.warn(row.file, row.line, column, row[column], why)

    # --- Who asked, and who was asked -----------------------------------------------------------------------------

    def _office(self, row, tally):
        tally.looked_up += 1
        if row["FACILITY_ID"] and len(self.offices) < 10_000:
            self.offices.setdefault(row["FACILITY_ID"], cleaned(row["FACILITY_NAME"], 150))

    def _patient(self, row, tally):
        number = self._key(row, "PATIENT_MR_ID_VALUE")
        places = {place for place in (row["FACILITY_ID"], row["FACILITY_NAME"]) if place}
        known = self.scratch.get(self._space("patients"), number) or []
        content = "\x1f".join(row.cells)
        for other in known:
            if other["content"] == content:
                tally.repeated += 1
                return
            if not places or not other["places"] or places & set(other["places"]):
                raise Fault("PATIENT_MR_ID_VALUE", _("Another row has this number and says something else."))
        try:
            person = asdict(self._person(row))
        except Fault:
            person = None
            raise
        finally:
            known.append({"places": sorted(places), "content": content, "person": person})
            self.scratch.put(self._space("patients"), number, known)

    def _person(self, row):
        if not row["GIVEN_NAME"] and not row["FAMILY_NAME"]:
            raise Fault("FAMILY_NAME", _("There is no name."))
        town = " ".join(part for part in (row["STATE"], row["ZIP"]) if part)
        said = {
            "given_name": row["GIVEN_NAME"],
            "middle_name": row["MIDDLE_NAME"],
            "family_name": row["FAMILY_NAME"],
            "address": ", ".join(p for p in (row["ADDRESS1"], row["ADDRESS2"], row["CITY"], town) if p),
            "language": row["PREFERRED_LANGUAGE_CODE_DESCRIPTION"] or row["PREFERRED_LANGUAGE_CODE"],
        }
        for name, longest in LONGEST.items():
            if len(said[name]) > longest:
                self._warn(row, "", _("Too long; cut to %(longest)s characters.") % {"longest": longest})
            said[name] = cleaned(said[name], longest)
        return Person(
            row.file,
            row.line,
            "",
            born_on=self._born(row),
            phone=self._phone(row),
            pronouns=PRONOUNS.get(row["PERSONAL_PRONOUNS_CODE"].upper(), ""),
            medicaid=self._medicaid(row),
            social=row["PATIENT_SS_ID_VALUE"][:40],
            **said,
        )

    def _born(self, row):
        text = row["PATIENT_BIRTH_DATE"]
        if not text:
            return ""
        try:
            born_on = parse_date(text, timezone.localdate())
        except ValueError:
            self._warn(row, "PATIENT_BIRTH_DATE", _("This is no date that can be read; left out."))
            return ""
        if not BEGINNING <= born_on <= timezone.localdate():
            self._warn(row, "PATIENT_BIRTH_DATE", _("Nobody can be born then; left out."))
            return ""
        return born_on.isoformat()

    def _phone(self, row):
        phone = row["TELECOM_VALUE"]
        if not phone or row["TELECOM_USE"].casefold() == "old":
            return ""
        if not is_phone(phone):
            self._warn(row, "TELECOM_VALUE", _("This cannot be right; left out."))
            return ""
        return phone

    def _medicaid(self, row):
        number = row["PATIENT_MEDICAID_ID"]
        if number and not is_number(number):
            self._warn(row, "PATIENT_MEDICAID_ID", _("This cannot be right; left out."))
            return ""
        return number

    # --- Which screenings there are, and whether they may be taken --------------------------------------------------

    def _screening(self, row, tally):
        place, number, encounter = (
            self._key(row, column) for column in ("FACILITY_ID", "PATIENT_MR_ID_VALUE", "ENCOUNTER_ID")
        )
        key = short_key(place, number, encounter)
        content = "\x1f".join(row.cells)
        if (identifier := row["SCREENING_IDENTIFIER"]) and self._seen(
            row, f"{place}/{number}/{identifier}", content
        ):
            tally.repeated += 1
            return
        known = self.scratch.get(self._space("encounters"), key)
        if known and known["content"] == content:
            tally.repeated += 1
            return
        found = {
            "key": key,
            "file": row.file,
            "lines": [row.line],
            "content": content,
            "place": cleaned(self.offices.get(place) or row["FACILITY_NAME"] or place, 150),
            "alone": row["ENCOUNTER_TYPE_CODE"] == codes.SELF_ADMINISTERED,
            "language": cleaned(row["SCREENING_LANGUAGE_DESCRIPTION"] or row["SCREENING_LANGUAGE_CODE"], 60),
            "protected": [
                said
                for column, said in PROTECTED.items()
                if row[column].casefold() in ("yes", "true", "1", "y")
            ],
            "person": None,
            "refused": "",
            "withdrawn": "",
            "start": "",
            "end": "",
            "began": self._optional(row, "ENCOUNTER_START_DATETIME"),
            "screens": {},
        }
        if known:  # more than one screening in one encounter: what forbids one forbids both
            for name in ("refused", "withdrawn", "began"):
                found[name] = known[name] or found[name]
            found["protected"] = sorted({*known["protected"], *found["protected"]})
            found["lines"] = [*known["lines"], row.line]
        try:
            self._agreed(row, found)
            found["person"] = self._whose(row, place, number)
        except Fault as fault:
            found["refused"] = found["refused"] or str(fault.why)
            found["lines"].pop()
            raise
        finally:
            self.scratch.put(self._space("encounters"), key, found)

    def _seen(self, row, key, content):
        """Whether this row was here a moment ago. Raises Fault where another has its identifier."""
        seen = self.scratch.get(self._space("identifiers"), key)
        if seen is not None and seen != content:
            raise Fault("SCREENING_IDENTIFIER", _("Another row has this identifier and says something else."))
        self.scratch.put(self._space("identifiers"), key, content)
        return seen is not None

    def _agreed(self, row, found):
        consent = row["CONSENT_STATUS"].casefold()
        if consent == "deny":
            found["withdrawn"] = _("Consent was refused or taken back.")
            raise Fault("CONSENT_STATUS", _("Consent was refused: nothing of the answers is kept."))
        if consent != "permit":
            raise Fault("CONSENT_STATUS", _("Nobody says that they agreed: nothing of the answers is kept."))
        for column in ("SCREENING_STATUS_CODE", "ENCOUNTER_STATUS_CODE"):
            if row[column].casefold() == "entered-in-error":
                found["withdrawn"] = _("The sender calls it a mistake.")
                raise Fault(column, _("The sender calls it a mistake: nothing of it is taken."))

    def _whose(self, row, place, number):
        rows = self.scratch.get(self._space("patients"), number) or []
        fitting = [p for p in rows if {place, row["FACILITY_NAME"]} & set(p["places"])] or rows
        if len(fitting) > 1:
            raise Fault(
                "PATIENT_MR_ID_VALUE", _("Several patients have this number: it is not clear who is meant.")
            )
        if fitting and fitting[0]["person"] is None:
            raise Fault("PATIENT_MR_ID_VALUE", _("Their row among the patients was refused."))
        key = short_key(place, number)
        if not fitting:
            return {"file": "", "line": 0, "key": key}
        return fitting[0]["person"] | {"key": key}

    # --- What was answered -------------------------------------------------------------------------------------------

    def _answer(self, row, tally):
        key = short_key(*(self._key(row, c) for c in ("FACILITY_ID", "PATIENT_MR_ID_VALUE", "ENCOUNTER_ID")))
        if key != self.open_key:
            self._keep()
            self.open_key, self.open = key, self.scratch.get(self._space("encounters"), key)
        if self.open is None:
            raise Fault(
                "ENCOUNTER_ID",
                _("Its screening is not among the screenings: whether they agreed is not known."),
            )
        if self.open["refused"]:
            raise Fault("", _("Its screening was refused: %(why)s") % {"why": self.open["refused"]})
        code = codes.screening_code(row["SCREENING_CODE"])
        if not code:
            raise Fault("SCREENING_CODE", _("This is no code of a screening."))
        start = (
            past_moment(row["SCREENING_START_DATETIME"], "SCREENING_START_DATETIME")
            if row["SCREENING_START_DATETIME"]
            else ""
        )
        end = self._optional(row, "SCREENING_END_DATETIME")
        screen = screen_of(self.open, code, row.file, cleaned(row["SCREENING_CODE_DESCRIPTION"], 200))
        if row["DATA_ABSENT_REASON_CODE"] or row["ANSWER_CODE"].upper() == codes.DECLINED:
            reason = row["DATA_ABSENT_REASON_CODE"] or "asked-declined"
            why = _("There is no answer: %(why)s.") % {"why": absent_words(reason)}
            self.report.warn(row.file, row.line, "DATA_ABSENT_REASON_CODE", reason, why)
            tally.unanswered += 1
            return
        pairs = _pairs(row["ANSWER_CODE"], row["ANSWER_CODE_DESCRIPTION"])
        said = understand(
            row["QUESTION_CODE"],
            row["QUESTION_CODE_DESCRIPTION"],
            pairs,
            row["ANSWER_CODE_DESCRIPTION"],
            category=row["OBSERVATION_CATEGORY_SDOH_CODE"],
            flag=row["POTENTIAL_NEED_INDICATED"],
        )
        if keep_answer(screen, said):
            widen(self.open, start, end)
        else:
            tally.repeated += 1

    def _keep(self):
        if self.open is not None:
            self.scratch.put(self._space("encounters"), self.open_key, self.open)

    # --- Cells --------------------------------------------------------------------------------------------------------

    def _key(self, row, column):
        if not row[column] or len(row[column]) > 500:
            raise Fault(column, _("There is no usable key here."))
        return row[column]

    def _optional(self, row, column):
        if not row[column]:
            return ""
        try:
            return past_moment(row[column], column)
        except Fault as fault:
            self._warn(row, column, fault.why)
            return ""


def screen_of(record, code, file, title=""):
    """Where the answers to one screening of an encounter are put. Raises Fault where there are absurdly many."""
    if code not in record["screens"] and len(record["screens"]) >= MOST_SCREENS:
        raise Fault("SCREENING_CODE", _("There are too many different screenings in this encounter."))
    return record["screens"].setdefault(code, {"title": title, "file": file, "answers": {}})


def keep_answer(screen, said):
    """Put an answer among those of its screening. Returns False where it was there; raises Fault for another one."""
    known = screen["answers"].get(said.question)
    if known is None:
        screen["answers"][said.question] = asdict(said)
        return True
    before = Said(**known)
    is_new = before.add(said)
    screen["answers"][said.question] = asdict(before)
    return is_new


def widen(record, start, end):
    """The screening lasted from its first answer to its last."""
    record["start"] = min(filter(None, (record["start"], start)), default="")
    record["end"] = max(filter(None, (record["end"], end)), default="")


def _pairs(answered, words):
    """Codes with their words; several codes stand in one cell between semicolons, and their words as many."""
    several = [code.strip() for code in answered.split(";") if code.strip()]
    labels = [label.strip() for label in words.split(";")]
    if len(several) == 1:
        return [(several[0], words)]
    return list(zip(several, labels if len(labels) == len(several) else [""] * len(several), strict=True))


def is_phone(text):
    """Whether this can be a phone number as we keep one."""
    try:
        phone_shape(text)
    except ValidationError:
        return False
    return len(text) <= 40


def is_number(text):
    """Whether this can be an identity number as we keep one."""
    return len(text) <= 40 and any(c.isdigit() for c in text)
