"""One FHIR bundle of the SHIN-NY guide: a person, their consent, what was answered, and what somebody asks for them.

Answers come as Observations under a screening (`hasMember`), as a QuestionnaireResponse, or both; they end in the same
record as those of the flat files. Whatever else is in a bundle is counted and left out.
"""

import json
from dataclasses import asdict

from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.interchange.hmis.batches import BEGINNING, Fault
from casemgmt.interchange.hmis.reader import Unusable
from casemgmt.interchange.hrsn import codes
from casemgmt.interchange.hrsn.flat import PRONOUNS, is_number, is_phone, keep_answer, screen_of, widen
from casemgmt.interchange.hrsn.screening import (
    Person,
    absent_words,
    cleaned,
    moment,
    past_moment,
    short_key,
    understand,
)

DEEPEST = 20
HARMLESS = {"N", "L", "M", "U", ""}  # confidentiality codes that say nothing special
APPROVALS = {"patient-assessment-approval-indicator", "patient-referral-approval"}
ASKED_FOR = {"order", "original-order", "proposal", "plan", "filler-order", "instance-order"}
# Columns of the flat files, as a bundle calls them.
NAMES = {
    "QUESTION_CODE": "code",
    "QUESTION_CODE_DESCRIPTION": "code",
    "ANSWER_CODE": "value",
    "SCREENING_START_DATETIME": "effective",
}


class BundleReading:
    """Reads one bundle into the scratch file; `space` is its own."""

    def __init__(self, bundle, space, report, scratch):
        self.bundle, self.space, self.report, self.scratch = bundle, space, report, scratch
        self.file = bundle.name
        self.found, self.lines, self.places, self.used = {}, {}, {}, set()

    def read(self):
        """Put every encounter and referral where the writer finds it. Raises Unusable for what is no bundle."""
        self._index(self._entries())
        self.protected = sorted(self.labels)
        self.records = {}
        for place, patient in self._of_type("Patient"):
            self._take_patient(place, patient)
        if not self._of_type("Patient"):
            self._refuse("", "", _("There is nobody in it: a bundle is about a person."))
        for record in self.records.values():
            self.scratch.put(f"{self.space} encounters", record["key"], record)
        self._count_rest()

    def _entries(self):
        data = self.bundle.read()
        try:
            raw = json.loads(data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"))
        except (ValueError, RecursionError) as error:
            words = _("%(file)s is not JSON: %(why)s") % {"file": self.file, "why": str(error)[:100]}
            raise Unusable(words) from error
        if not isinstance(raw, dict) or raw.get("resourceType") != "Bundle":
            raise Unusable(_("%(file)s is no FHIR bundle.") % {"file": self.file})
        self.labels = _labels(raw)
        return _rows(raw, "entry")

    def _index(self, entries):
        for line, entry in enumerate(entries, start=1):
            resource = entry.get("resource")
            if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
                continue
            place = f"{resource['resourceType']}/{_text(resource, 'id') or line}"
            if place in self.found:
                place = f"{place}#{line}"
            self.found[place], self.lines[place], self.places[id(resource)] = resource, line, place
            if full := _text(entry, "fullUrl"):
                self.found.setdefault(full, resource)
                self.lines.setdefault(full, line)

    def _of_type(self, kind):
        return [(place, row) for place, row in self.found.items() if place.startswith(f"{kind}/")]

    def _at(self, reference):
        """(place, resource) that a reference points at; None where it is not in this bundle."""
        text = _text(reference, "reference") if isinstance(reference, dict) else ""
        for place in (text, "/".join(text.split("/")[-2:])):
            if place in self.found:
                row = self.found[place]
                return self.places[id(row)], row
        return None

    def _about(self, resource, place, name="subject"):
        found = self._at(resource.get(name))
        return found is not None and found[0] == place

    # --- One person -----------------------------------------------------------------------------------------------

    def _take_patient(self, place, patient):
        self.used.add(place)
        try:
            person = self._person(place, patient)
        except Fault as fault:
            self._refuse(place, fault.column, fault.why)
            return
        answered = self._answered(place)
        asked_for = [(at, row) for at, row in self._of_type("ServiceRequest") if self._about(row, place)]
        why = self._refusal(place)
        if why and (answered or why[1] or any(_is_open(row) for _at, row in asked_for)):
            told, withdrawn, at = why
            for name in sorted(answered):
                self._drop(answered[name])
            self._refuse(at, "provision", told)
            self._withdraw(place, person, withdrawn)
            return
        for (encounter, code), parts in sorted(answered.items()):
            self._take_screening(person, encounter, code, parts)
        for at, row in asked_for:
            self._take_request(at, row, person)

    def _person(self, place, row):
        numbers = {}
        for one in _rows(row, "identifier"):
            for coding in _codings(one.get("type")):
                numbers.setdefault(
                    _text(coding, "code"), (_text(one, "system"), cleaned(_text(one, "value"), 100))
                )
        system, number = numbers.get("MR", ("", ""))
        if not number:
            raise Fault("identifier", _("There is no medical record number (MR)."))
        name = next((n for n in _rows(row, "name") if _text(n, "use") != "old"), {})
        given = [cleaned(part, 100) for part in _list(name, "given") if isinstance(part, str)]
        middle = [
            _text(e, "valueString")
            for e in _rows(name, "extension")
            if _text(e, "url").endswith("middle-name")
        ]
        family = cleaned(_text(name, "family"), 100)
        if not family and not given:
            raise Fault("name", _("There is no name."))
        home = next(iter(_rows(row, "address")), {})
        town = " ".join(filter(None, (_text(home, "state"), _text(home, "postalCode"))))
        lines = [part for part in _list(home, "line") if isinstance(part, str)]
        whole = ", ".join(filter(None, (*lines, _text(home, "city"), town)))
        telecoms = [t for t in _rows(row, "telecom") if _text(t, "use") != "old"]
        phones = [_text(t, "value") for t in telecoms if _text(t, "system") == "phone"]
        medicaid = numbers.get("MA", ("", ""))[1]
        return Person(
            self.file,
            self.lines[place],
            short_key(system.rstrip("/").rsplit("/", 1)[-1] or "fhir", number),
            given_name=given[0] if given else "",
            middle_name=cleaned(" ".join((*given[1:], *middle)), 100),
            family_name=family,
            born_on=self._born(place, _text(row, "birthDate")),
            phone=next((cleaned(p, 40) for p in phones if p and is_phone(p)), ""),
            address=cleaned(whole or _text(home, "text"), 300),
            language=_language(row),
            pronouns=_pronouns(row),
            medicaid=medicaid if medicaid and is_number(medicaid) else "",
            social=numbers.get("SS", ("", ""))[1][:40],
        )

    def _born(self, place, text):
        if not text:
            return ""
        try:
            day = moment(text)[0]
        except (ValueError, OverflowError):
            day = None
        if day is None or not BEGINNING <= day <= timezone.localdate():
            self.report.warn(
                self.file,
                self.lines[place],
                "birthDate",
                "",
                _("This is no date that can be read; left out."),
            )
            return ""
        return day.isoformat()

    def _refusal(self, patient):
        """(sentence, why earlier answers are set aside, place) where no answer may be kept; None where they may."""
        consents = [(at, row) for at, row in self._of_type("Consent") if self._about(row, patient, "patient")]
        self.used |= {at for at, _row in consents}
        for at, row in consents:
            kind = _text(row.get("provision"), "type")
            if kind == "deny" or _text(row, "status") in ("rejected", "inactive"):
                words = _("Consent was refused: nothing of the answers is kept.")
                return words, _("Consent was refused or taken back."), at
        for at, row in self._of_type("QuestionnaireResponse"):
            if self._about(row, patient) and _says_no(row):
                words = _("They did not agree to go on: nothing of the answers is kept.")
                return words, "", at
        allowed = [
            at
            for at, row in consents
            if _text(row.get("provision"), "type") == "permit" and _text(row, "status") == "active"
        ]
        if not allowed:
            return _("Nobody says that they agreed: nothing of the answers is kept."), "", patient
        return None

    def _withdraw(self, patient, person, why):
        """What came earlier from these encounters is set aside, where consent was taken back."""
        for at, row in self._of_type("Encounter"):
            if why and self._about(row, patient):
                record = self._record(person, at)
                record["refused"] = record["withdrawn"] = why

    # --- What was answered --------------------------------------------------------------------------------------------

    def _answered(self, patient):
        """{(encounter, screening code): parts} of this person: screenings with members, and questionnaires."""
        found = {}
        for at, row in self._of_type("Observation"):
            if _rows(row, "hasMember") and self._about(row, patient):
                code = _screening(row)
                self.used.add(at)
                found.setdefault((self._encounter(row), code), []).append((at, row))
        for at, row in self._of_type("QuestionnaireResponse"):
            code = _questionnaire(row)
            if code and self._about(row, patient):
                self.used.add(at)
                found.setdefault((self._encounter(row), code), []).append((at, row))
        return found

    def _encounter(self, row):
        found = self._at(row.get("encounter"))
        return found[0] if found else ""

    def _drop(self, parts):
        """These are read, and nothing of them is kept."""
        for _at, row in parts:
            for member in _rows(row, "hasMember"):
                if found := self._at(member):
                    self.used.add(found[0])

    def _take_screening(self, person, encounter, code, parts):
        if not code:
            for at, row in parts:
                self._refuse(at, "code", _("This is no code of a screening."))
                self._drop([(at, row)])
            return
        record = self._record(person, encounter)
        try:
            screen = screen_of(record, code, self.file)
        except Fault as fault:
            self._refuse(parts[0][0], "code", fault.why)
            return
        for at, row in parts:
            if self._is_mistaken(row):
                record["withdrawn"] = _("The sender calls it a mistake.")
                self._refuse(at, "status", _("The sender calls it a mistake: nothing of it is taken."))
                self._drop([(at, row)])
                record["refused"] = record["withdrawn"]
                return
            record["protected"] = sorted({*record["protected"], *_labels(row)})
            if row.get("resourceType") == "Observation":
                screen["title"] = screen["title"] or _title(row, code)
                self._take_members(record, screen, at, row)
            else:
                self._take_items(record, screen, at, row)

    def _is_mistaken(self, row):
        return _text(row, "status") in ("entered-in-error", "cancelled")

    def _record(self, person, encounter):
        key = short_key(person.key, encounter.rpartition("/")[2] or self.file[:80])
        row = self.found.get(encounter, {})
        period = row.get("period") if isinstance(row.get("period"), dict) else {}
        kinds = {_text(c, "code") for kind in _rows(row, "type") for c in _codings(kind)}
        if encounter:
            self.used.add(encounter)
        return self.records.setdefault(
            key,
            {
                "key": key,
                "file": self.file,
                "lines": [],
                "place": self._office(),
                "alone": codes.SELF_ADMINISTERED in kinds,
                "language": "",
                "protected": sorted({*self.protected, *_labels(row)}),
                "person": asdict(person),
                "refused": "",
                "withdrawn": "",
                "start": "",
                "end": "",
                "began": self._time(encounter, _text(period, "start")),
                "screens": {},
            },
        )

    def _office(self):
        return next((cleaned(_text(row, "name"), 150) for _at, row in self._of_type("Organization")), "")

    def _time(self, place, text):
        try:
            return past_moment(text, "effective") if text else ""
        except Fault as fault:
            self.report.warn(self.file, self.lines.get(place, 0), "effective", text, fault.why)
            return ""

    def _take_members(self, record, screen, at, row):
        began = self._time(at, _text(row, "effectiveDateTime") or _text(row.get("effectivePeriod"), "start"))
        record["began"] = began or record["began"]
        for member in _rows(row, "hasMember"):
            found = self._at(member)
            if found is None:
                self.report.warn(self.file, self.lines[at], "hasMember", "", _("points to nothing"))
                continue
            self.used.add(found[0])
            self._one(found[0], record, screen, self._observed, found[1])

    def _one(self, at, record, screen, read, row):
        """One answer into its screening; a fault refuses this one only."""
        tally = self.report.tally(self.file)
        tally.read += 1
        try:
            said, start, end = read(at, row)
            if said is None:
                tally.unanswered += 1
            elif keep_answer(screen, said):
                widen(record, start, end)
            else:
                tally.repeated += 1
        except Fault as fault:
            self.report.refuse(
                self.file, self.lines.get(at, 0), NAMES.get(fault.column, fault.column), "", fault.why
            )

    def _observed(self, at, row):
        """What one Observation says: an answer with its times, or None where there is none."""
        if self._is_mistaken(row):
            raise Fault("status", _("The sender calls it a mistake: nothing of it is taken."))
        period = row.get("effectivePeriod") if isinstance(row.get("effectivePeriod"), dict) else {}
        begun, ended = _text(row, "effectiveDateTime") or _text(period, "start"), _text(period, "end")
        start = past_moment(begun, "SCREENING_START_DATETIME") if begun else ""
        if row.get("dataAbsentReason"):
            self._say_absent(at, next(iter(_codings(row["dataAbsentReason"])), {}))
            return None, "", ""
        values = [row, *_rows(row, "component")]
        pairs = [pair for value in values for pair in _pairs(value)]
        if [pair[0] for pair in pairs] == [codes.DECLINED]:
            self._say_absent(at, {"code": "asked-declined"})
            return None, "", ""
        categories = [
            _text(c, "code")
            for kind in _rows(row, "category")
            for c in _codings(kind)
            if "sdohcc" in _text(c, "system").casefold()
        ]
        flags = [_text(c, "code") for one in _rows(row, "interpretation") for c in _codings(one)]
        said = understand(
            _loinc(row.get("code")),
            _text(row.get("code"), "text") or _text(next(iter(_codings(row.get("code"))), {}), "display"),
            pairs,
            next(filter(None, map(_words, values)), ""),
            category=next(iter(categories), ""),
            flag=";".join(flags),
        )
        return said, start, self._time(at, ended)

    def _say_absent(self, at, coding):
        why = _("There is no answer: %(why)s.") % {"why": absent_words(_text(coding, "code"))}
        self.report.warn(self.file, self.lines.get(at, 0), "dataAbsentReason", "", why)

    def _take_items(self, record, screen, at, row):
        authored = self._time(at, _text(row, "authored"))
        record["began"] = authored or record["began"]
        for item in _items(row):
            screen["title"] = screen["title"] or cleaned(_text(item, "text"), 200) * (
                not _list(item, "answer")
            )
            if codes.LOINC.fullmatch(_text(item, "linkId")) and _list(item, "answer"):
                self._one(at, record, screen, self._ticked, item)

    def _ticked(self, _at, item):
        """What one item of a QuestionnaireResponse says."""
        answers = _rows(item, "answer")
        pairs = [pair for answer in answers for pair in _pairs(answer)]
        if [pair[0] for pair in pairs] == [codes.DECLINED]:
            self._say_absent(_at, {"code": "asked-declined"})
            return None, "", ""
        words = next(filter(None, map(_words, answers)), "")
        return understand(_text(item, "linkId"), _text(item, "text"), pairs, words), "", ""

    # --- What is asked for them ---------------------------------------------------------------------------------------

    def _take_request(self, at, row, person):
        """Somebody asks for a service: a referral, where it is still open."""
        self.used.add(at)
        tally = self.report.tally(self.file)
        tally.read += 1
        if not _is_open(row):
            self.report.warn(
                self.file,
                self.lines[at],
                "status",
                "",
                _("It is not open any more: no referral is made of it."),
            )
            tally.looked_up += 1
            return
        coding = next(iter(_codings(row.get("code"))), {})
        what = cleaned(_text(coding, "display") or _text(row.get("code"), "text"), 200)
        asks = self._at(row.get("requester"))
        name = _text(asks[1], "name") if asks and isinstance(asks[1].get("name"), str) else ""
        key = short_key(person.key, at)
        self.scratch.put(
            f"{self.space} referrals",
            key,
            {
                "file": self.file,
                "line": self.lines[at],
                "id": cleaned(at.rpartition("/")[2], 64),
                "person": asdict(person),
                "protected": sorted({*self.protected, *_labels(row)}),
                "what": what,
                "on": self._time(at, _text(row, "authoredOn")),
                "priority": _text(row, "priority"),
                "from": cleaned(name, 150) or self._office(),
            },
        )

    # --- The rest ---------------------------------------------------------------------------------------------------

    def _count_rest(self):
        """What nothing here has a place for, by its kind."""
        for place in self.lines:
            row = self.found[place]
            if "://" in place or place.startswith("urn:") or place in self.used:
                continue
            kind = row["resourceType"]
            if kind in ("Organization", "Practitioner", "Location", "Encounter", "Consent"):
                continue
            if kind == "QuestionnaireResponse":
                kind = f"{kind} {cleaned(_text(row, 'questionnaire').rpartition('/')[2], 60)}".strip()
            elif kind == "Observation":
                kind = f"{kind} {_loinc(row.get('code'))}".strip()
            name = f"{self.file}: {kind}"
            self.report.not_taken[name] = (self.report.not_taken.get(name) or 0) + 1

    def _refuse(self, place, column, why):
        self.report.tally(self.file).read += 1
        self.report.refuse(self.file, self.lines.get(place, 0), column, "", why)


# --- Parts of a resource, whatever shape they have --------------------------------------------------------------------


def _text(row, name):
    value = row.get(name) if isinstance(row, dict) else None
    return cleaned(value) if isinstance(value, str) else ""


def _list(row, name):
    value = row.get(name) if isinstance(row, dict) else None
    return value if isinstance(value, list) else []


def _rows(row, name):
    return [one for one in _list(row, name) if isinstance(one, dict)]


def _codings(concept):
    return _rows(concept, "coding")


def _labels(resource):
    """What marks a resource as specially protected: its security labels, without the ordinary ones."""
    meta = resource.get("meta") if isinstance(resource.get("meta"), dict) else {}
    return {_text(one, "code")[:40] for one in _rows(meta, "security")} - HARMLESS


def _loinc(concept):
    """The first LOINC code of a question among the codings."""
    found = [_text(c, "code") for c in _codings(concept)]
    return next((code for code in found if codes.LOINC.fullmatch(code)), next(iter(found), ""))


def _screening(row):
    """Which screening a group of Observations is."""
    found = [codes.screening_code(_text(c, "code")) for c in _codings(row.get("code"))]
    found = [code for code in found if code and code not in codes.REPORT_ONLY]
    return next((code for code in found if code in codes.SCREENINGS), next(iter(found), ""))


def _title(row, code):
    named = {codes.screening_code(_text(c, "code")): _text(c, "display") for c in _codings(row.get("code"))}
    return cleaned(named.get(code, ""), 200)


def _items(row):
    """The items of a QuestionnaireResponse, groups before what is in them."""
    waiting = [(item, 0) for item in reversed(_rows(row, "item"))]
    while waiting:
        item, depth = waiting.pop()
        yield item
        if depth < DEEPEST:
            waiting += [(child, depth + 1) for child in reversed(_rows(item, "item"))]


def _questionnaire(row):
    """Which screening a QuestionnaireResponse is: by its outermost group that is one; empty for any other."""
    for item in _items(row):
        code = codes.screening_code(_text(item, "linkId"))
        if code in codes.SCREENINGS:
            return code
    code = codes.screening_code(_text(row, "questionnaire").partition("|")[0].rpartition("/")[2])
    return code if code in codes.SCREENINGS else ""


def _is_open(request):
    """Whether somebody still asks for this service."""
    return _text(request, "status") == "active" and _text(request, "intent") in ASKED_FOR


def _says_no(row):
    return any(
        _text(item, "linkId") in APPROVALS
        and codes.NO in {code for a in _rows(item, "answer") for code, _l in _pairs(a)}
        for item in _items(row)
    )


def _pairs(value):
    """Codes and words of an answer; a number has none."""
    if isinstance(value.get("valueBoolean"), bool):
        return [(codes.YES, _("Yes")) if value["valueBoolean"] else (codes.NO, _("No"))]
    found = _codings(value.get("valueCodeableConcept"))
    if isinstance(value.get("valueCoding"), dict):
        found = [*found, value["valueCoding"]]
    return [(_text(c, "code"), _text(c, "display")) for c in found if _text(c, "code")]


def _words(value):
    """An answer without a code, as text: a number, or what nobody can count."""
    quantity = value.get("valueQuantity")
    for one in (
        quantity.get("value") if isinstance(quantity, dict) else None,
        value.get("valueInteger"),
        value.get("valueDecimal"),
    ):
        if isinstance(one, int | float) and not isinstance(one, bool):
            return str(one)
    return _text(value.get("valueCodeableConcept"), "text") or _text(value, "valueString")


def _language(row):
    spoken = _rows(row, "communication")
    best = next((one for one in spoken if one.get("preferred") is True), next(iter(spoken), {}))
    coding = next(iter(_codings(best.get("language"))), {})
    return cleaned(_text(coding, "display") or _text(coding, "code"), 60)


def _pronouns(row):
    for one in _rows(row, "extension"):
        if _text(one, "url").endswith("personal-pronouns"):
            for coding in _codings(one.get("valueCodeableConcept")):
                return PRONOUNS.get(_text(coding, "code").upper(), "")
    return ""
