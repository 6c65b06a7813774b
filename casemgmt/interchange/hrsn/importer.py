"""Social-needs screenings of other agencies become answered questionnaires in the records of people here.

Everything is read and checked first, and waits in a scratch file until all questions of the run are known; then each
screening is written by itself, so that one that cannot be taken holds up no other. Found again by its source and key,
the same screening changes nothing, and a corrected one takes the place of the one before, which is set aside.
"""

from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.definition import Malformed
from assessments.models import Concern, Instrument, InstrumentVersion, Response
from assessments.models.answered import scores_of
from casemgmt.agencies.models import Agency, StaffMember, acting_as
from casemgmt.core import db
from casemgmt.core.models import Refused
from casemgmt.interchange.hmis.batches import Fault, by_the_batch
from casemgmt.interchange.hmis.reader import Unusable
from casemgmt.interchange.hrsn import codes
from casemgmt.interchange.hrsn.bundle import BundleReading
from casemgmt.interchange.hrsn.flat import FlatReading
from casemgmt.interchange.hrsn.people import Finder
from casemgmt.interchange.hrsn.questionnaire import (
    PREFIX,
    Union,
    answers_in,
    compose,
    lacks,
)
from casemgmt.interchange.hrsn.reader import ANSWERS, PATIENTS, open_sending
from casemgmt.interchange.hrsn.report import ScreeningReport
from casemgmt.interchange.hrsn.screening import Person, Said
from clients.models import Client, IncomingReferral

BATCH = 50
MOST_SCREENINGS = 50  # kinds of them in one run
PROGRESS_EVERY = 200
RECENT = timedelta(days=90)  # what was said longer ago alarms nobody by itself
URGENCY = {"urgent": "soon", "asap": "soon", "stat": "urgent"}
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


def no_progress(file, done, total):
    """Tell nobody."""


def import_hrsn(path, agency, *, source="", with_protected=False, dry_run=False, progress=no_progress):
    """Take screenings into the agency and report on every row; raises Unusable when nothing could be done.

    `with_protected` also takes what is marked as 42 CFR Part 2, OMH or OPWDD outside a sealed program: whoever says so
    answers for a consent that covers it.
    """
    with open_sending(path) as sending, db.Scratch() as scratch:
        report = ScreeningReport(
            agency=agency.slug,
            export=sending.name,
            source=f"hrsn:{source}"[:400] if source else "hrsn",
            version="SHIN-NY",
            dry_run=dry_run,
            not_read=sending.not_read,
        )
        with acting_as(agency, by=None, reason=_("Screenings from %(file)s") % {"file": sending.name}):
            # Two imports at once wait for each other; people go on working.
            Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
            run = _Import(agency, report, scratch, progress)
            run.with_protected = with_protected
            run.read(sending)
            run.write()
            if dry_run:
                transaction.set_rollback(True)
            else:
                db.refresh_statistics(Response, Client)
    return report


class _Import:
    with_protected = False

    def __init__(self, agency, report, scratch, progress):
        self.agency, self.report, self.scratch, self.progress = agency, report, scratch, progress
        self.source = report.source
        self.today = timezone.localdate()
        self.finder = Finder(agency, self.source)
        self.spaces, self.patient_files, self.unions, self.versions, self.here = [], set(), {}, {}, {}
        self.read_versions = {}

    # --- Reading -------------------------------------------------------------------------------------------------

    def read(self, sending):
        """Read every set and bundle. Raises Unusable where none of them can be."""
        faults = []
        for at, flat in enumerate(sending.sets):
            for file, column in flat.unknown_columns():
                self.report.warn(file, 1, column, "", _("Nobody here knows this column; it is not read."))
            if flat.faults:
                faults += flat.faults
                continue
            space = f"set {at}"
            try:
                FlatReading(flat, space, self.report, self.scratch, self.progress).read()
            except Unusable as error:
                faults.append((flat.tables[ANSWERS].name, "", str(error)))
                continue
            self.patient_files |= {t.name for kind, t in flat.tables.items() if kind == PATIENTS}
            self.spaces.append(space)
        for at, bundle in enumerate(sending.bundles):
            space = f"bundle {at}"
            try:
                BundleReading(bundle, space, self.report, self.scratch).read()
            except Unusable as error:
                faults.append((bundle.name, "", str(error)))
                continue
            self.spaces.append(space)
            if at % PROGRESS_EVERY == 0:
                self.progress(bundle.name, at + 1, len(sending.bundles))
        if not self.spaces:
            raise Unusable(
                "; ".join(f"{file}: {why}" if file not in why else why for file, _c, why in faults)
            )
        for file, column, why in faults:
            self.report.refuse(file, 0, column, "", why)

    # --- Which questionnaires ------------------------------------------------------------------------------------

    def _settle_versions(self):
        """One version for each kind of screening that holds all its questions of this run."""
        for space in self.spaces:
            for _key, record in self.scratch.items(f"{space} encounters"):
                for code, screen in {} if record["refused"] else record["screens"].items():
                    union = self.unions.setdefault(code, Union(code))
                    union.title = union.title or screen["title"]
                    for said in screen["answers"].values():
                        union.add(Said(**said))
        for at, (code, union) in enumerate(self.unions.items()):
            if at >= MOST_SCREENINGS:
                self.versions[code] = _(
                    "There are too many kinds of screenings: is this the column of their codes?"
                )
            elif union.questions:
                self.versions[code] = self._own_version(union) or self._version_from_file(union)

    def _own_version(self, union):
        """The agency's own questionnaire, where it asks the same questions by the same codes."""
        if all(asked.is_number for asked in union.questions.values()):
            return None
        offered = Instrument.objects.filter(agency=self.agency, audience=Instrument.Audience.CLIENT).offered()
        rows = InstrumentVersion.objects.filter(agency=self.agency, instrument__in=offered)
        rows = rows.exclude(instrument__code__startswith=PREFIX).select_related("instrument").answered()
        for version in rows:
            try:
                if union.fits(version.parsed, own=True):
                    return version
            except Malformed:
                continue
        return None

    def _version_from_file(self, union):
        """The questionnaire made of what files brought; a new edition where this one asks or answers more.

        Returns the sentence that says why there can be none.
        """
        code = f"{PREFIX}{union.code}"[:60]
        rows = InstrumentVersion.objects.filter(agency=self.agency, instrument__code=code).exclude(
            published_on=None
        )
        before = rows.select_related("instrument").order_by("-pk").first()
        if before is not None and union.fits(before.parsed):
            return before
        edition = str(rows.count() + 1)
        raw = compose(union, before.definition if before else None, version=edition)
        try:
            with transaction.atomic():
                version = InstrumentVersion.take_in(self.agency, raw)
                if version.is_draft:
                    version.publish()
                    self.report.also("InstrumentVersion").created += 1
                if before is None and version.instrument.ended_on is None:
                    # Nobody asks these questions here: they only keep what was answered elsewhere.
                    version.instrument.ended_on = self.today
                    version.instrument.save()
        except (Malformed, Refused) as error:
            return _("No questionnaire can be made of its questions: %(why)s") % {"why": str(error)[:300]}
        return version

    # --- Writing ---------------------------------------------------------------------------------------------------

    def write(self):
        """Write what was read: referrals first, because they bring the people they are about."""
        self._settle_versions()
        done = 0
        for space in self.spaces:
            for _key, asked in self.scratch.items(f"{space} referrals"):
                self._refer(asked)
            for batch in by_the_batch(self.scratch.items(f"{space} encounters"), BATCH):
                self._look_up(batch)
                for _key, record in batch:
                    self._write_record(record)
                    done += 1
                    if done % PROGRESS_EVERY == 0:
                        self.progress(record["file"], done, done)
        for file in self.patient_files:
            tally = self.report.tally(file)
            tally.looked_up = tally.read - tally.created - tally.unchanged - tally.repeated - tally.refused

    def _look_up(self, batch, *, keep=False):
        """What is here already of these screenings and people; with `keep` beside what was known."""
        keys = [key_of(r, code) for _key, r in batch for code in r["screens"]]
        mine = Response.objects.filter(agency=self.agency, source=self.source)
        rows = mine.filter(source_key__in=keys).select_related("client", "instrument_version__instrument")
        self.here = {key: row for key, row in self.here.items() if key not in keys} if keep else {}
        for row in rows:
            # Each version is read once for the whole run, however many screenings were answered on it.
            row.instrument_version = self.read_versions.setdefault(
                row.instrument_version_id, row.instrument_version
            )
            self.here[row.source_key] = row
        self.finder.prepare({r["person"]["key"] for _key, r in batch if r["person"]}, keep=keep)

    def _write_record(self, record):
        """One encounter: its screenings, each in the questionnaire of its code."""
        if record["withdrawn"]:
            self._withdraw(record)
        if record["refused"]:
            self._refuse_lines(record, "", record["refused"])
            return
        answered = {code: s for code, s in record["screens"].items() if s["answers"]}
        if not answered:
            self._say_empty(record)
            return
        try:
            with transaction.atomic():
                outcomes, is_new = self._take(record, answered)
        except Fault as fault:
            self._forget(record)
            self._refuse_record(record, answered, fault.column, fault.why)
            return
        except DatabaseError:
            self._forget(record)
            self._refuse_record(record, answered, "", _("The database does not take it."))
            return
        if is_new:
            self.report.also("Client").created += 1
            self.report.also("IncomingReferral").created += 1
        for code, outcome in outcomes.items():
            self._count(answered[code]["file"], outcome, _rows_of(answered[code]))
            self._count_beside("Response", outcome)
        if record["lines"]:
            whole = next(o for o in (CREATED, UPDATED, UNCHANGED) if o in outcomes.values())
            self._count(record["file"], whole, len(record["lines"]))
            self._count_person(record["person"], is_new)

    def _forget(self, record):
        """What was written and taken back again is looked up anew."""
        self._look_up([(record["key"], record)], keep=True)

    def _say_empty(self, record):
        if not record["screens"]:
            self._refuse_lines(record, "", _("There is no answer of it."))
        for line in record["lines"] if record["screens"] else ():
            self.report.warn(record["file"], line, "", "", _("Nothing is left of it that could be taken."))
            self.report.tally(record["file"]).unanswered += 1

    def _refuse_lines(self, record, column, why):
        for line in record["lines"]:
            self.report.refuse(record["file"], line, column, "", why)

    def _refuse_record(self, record, answered, column, why):
        """The row of the screening is told, and its answers are counted with it."""
        if record["lines"]:
            self._refuse_lines(record, column, why)
            for screen in answered.values():
                self.report.tally(screen["file"]).refused += _rows_of(screen)
            return
        self.report.refuse(record["file"], record["person"]["line"], column, "", why)
        self.report.tally(record["file"]).refused += sum(map(_rows_of, answered.values())) - 1

    def _count(self, file, outcome, rows):
        tally = self.report.tally(file)
        setattr(tally, outcome, getattr(tally, outcome) + rows)

    def _count_beside(self, name, outcome):
        tally = self.report.also(name)
        setattr(tally, outcome, getattr(tally, outcome) + 1)

    def _count_person(self, person, is_new):
        """The row of a patient says something once, however many screenings they have."""
        place = f"{person['file']}:{person['line']}"
        if person["file"] and self.scratch.get("counted", place) is None:
            self.scratch.put("counted", place, 1)
            self._count(person["file"], CREATED if is_new else UNCHANGED, 1)

    # --- One screening ---------------------------------------------------------------------------------------------

    def _take(self, record, answered):
        """Write what is new or corrected of one encounter: (what became of each code, whether the person is new)."""
        outcomes, todo, old_ones = {}, {}, {}
        start = record["start"] or record["began"]
        if not start:
            raise Fault("SCREENING_START_DATETIME", _("Nobody says when they were asked."))
        begun = datetime.fromisoformat(start)
        ended = max(begun, datetime.fromisoformat(record["end"] or start))
        held_on = timezone.localtime(begun).date()
        for code, screen in answered.items():
            said = {question: Said(**one) for question, one in screen["answers"].items()}
            old = self.here.get(key_of(record, code))
            if old is not None and _is_same(old, held_on, said):
                outcomes[code] = UNCHANGED
            elif self._was_here(record, code, held_on, said):
                words = _("It was here like this before and was set aside since: nothing changes.")
                self.report.warn(record["file"], (record["lines"] or [0])[0], "", "", words)
                outcomes[code] = UNCHANGED
            else:
                todo[code], old_ones[code] = said, old
        if not todo:
            return outcomes, False
        client, enrollment, is_new = self._whose(record)
        for code, said in todo.items():
            row = self._response(record, code, said)
            row.client, row.enrollment_id, row.held_on = client, enrollment, held_on
            row.started_at, row.completed_at = begun, ended
            if old := old_ones[code]:
                _put_aside(old, _("The sender corrected it."))
            row.save()
            self.here[row.source_key] = row
            if row.definition.alerts and held_on >= self.today - RECENT:
                Concern.raise_for(row)
            outcomes[code] = UPDATED if old else CREATED
        return outcomes, is_new

    def _whose(self, record):
        """(person, enrollment or None, whether they are new here). Raises Fault where it is doubtful or not allowed."""
        person = Person(**record["person"])
        before = next(
            (self.here[k] for code in record["screens"] if (k := key_of(record, code)) in self.here),
            None,
        )
        client = before.client if before else self.finder.find(person)
        stays = self.finder.open_stays(client) if client else []
        enrollment = stays[0][0] if len(stays) == 1 else None
        if record["protected"]:
            sealed = [pk for pk, is_sealed in stays if is_sealed]
            enrollment = sealed[0] if len(sealed) == 1 else None
            if enrollment is None:
                column = "VISIT_PART_2_FLAG" if record["lines"] else "meta.security"
                self._refuse_unless_hidden(client, record["protected"], column)
        if client is not None:
            return client, enrollment, False
        client = self.finder.make(
            person,
            reason=_("Came with an import of a social-needs screening; nobody has met them here yet."),
            source_contact=record["place"][:200],
        )
        if record["protected"]:
            self._hide(client, record["protected"])
        return client, None, True

    def _refuse_unless_hidden(self, client, marks, column):
        """What is specially protected goes to nobody whose record colleagues without a part in it can open (PR-40)."""
        if self.with_protected or client is None or client.restricted_on is not None:
            return
        words = _(
            "It is marked as specially protected (%(marks)s), and no sealed program here serves them: not taken."
        )
        raise Fault(column, words % {"marks": ", ".join(marks)})

    def _hide(self, client, marks):
        """A person who comes with something specially protected is seen by who leads, until they say who else is."""
        if self.with_protected:
            return
        leads = [
            row
            for row in StaffMember.objects.filter(agency=self.agency).working()
            if row.may("record.restrict")
        ]
        if not leads:
            words = _(
                "It is marked as specially protected (%(marks)s), and nobody here may hold it: not taken."
            )
            raise Fault("VISIT_PART_2_FLAG", words % {"marks": ", ".join(marks)})
        words = _("Came with something specially protected: %(marks)s.") % {"marks": ", ".join(marks)}
        client.restrict(leads, by=leads[0], reason=words)

    def _was_here(self, record, code, held_on, said):
        """Whether this screening said just this once: an older file changes nothing back."""
        mine = Response.objects.filter(agency=self.agency, source=self.source).exclude(set_aside_on=None)
        rows = mine.filter(source_key__startswith=f"{key_of(record, code)}~")
        return any(
            _is_same(row, held_on, said) for row in rows.select_related("instrument_version__instrument")
        )

    def _response(self, record, code, said):
        version = self.versions[code]
        if not isinstance(version, InstrumentVersion):
            raise Fault("SCREENING_CODE", version)
        answers, left = answers_in(version.parsed, said)
        if lost := lacks(version.parsed, said, left):
            raise Fault(
                "QUESTION_CODE",
                _("Answers that fit no question: %(codes)s.") % {"codes": ", ".join(lost[:10])},
            )
        if left:
            words = _("“%(what)s” has no place for sums and marks that came along; left out.")
            self.report.warn(record["file"], 0, "", "", words % {"what": version})
        scores = scores_of(version.parsed, answers)
        self._compare_sums(record, said, scores)
        note = [_("Asked by %(place)s.") % {"place": record["place"]} if record["place"] else ""]
        note.append(
            _("Language: %(language)s.") % {"language": record["language"]} if record["language"] else ""
        )
        return Response(
            agency=self.agency,
            instrument_version=version,
            mode=Response.Mode.ALONE if record["alone"] else Response.Mode.PAPER,
            informant=Response.Informant.CLIENT,
            note=" ".join(filter(None, note)),
            answers=answers,
            scores=scores,
            source=self.source,
            source_key=key_of(record, code),
        )

    def _compare_sums(self, record, said, scores):
        for question, scale in codes.TOTALS.items():
            ours = (scores.get(scale) or {}).get("value")
            theirs = said[question].number if question in said else None
            if ours is not None and theirs is not None and ours != theirs:
                words = _("The sum that came along is %(theirs)s; the answers make %(ours)s.")
                self.report.warn(
                    record["file"],
                    (record["lines"] or [0])[0],
                    "",
                    "",
                    words % {"theirs": theirs, "ours": ours},
                )

    def _withdraw(self, record):
        """What came earlier of this encounter no longer counts."""
        mine = Response.objects.filter(agency=self.agency, source=self.source, set_aside_on=None)
        for row in mine.filter(source_key__startswith=f"{record['key']}/"):
            _put_aside(row, record["withdrawn"])
            self.report.also("Response").updated += 1

    # --- Referrals ---------------------------------------------------------------------------------------------------

    def _refer(self, asked):
        """Somebody asks for a service: a referral of a person known here, or of a new one."""
        person = Person(**asked["person"])
        self.finder.prepare([person.key])
        received_on = timezone.localtime(datetime.fromisoformat(asked["on"])).date() if asked["on"] else None
        fields = {
            "reason": _("%(what)s (ServiceRequest %(id)s)")
            % {"what": asked["what"] or _("Referral"), "id": asked["id"]},
            "source_contact": asked["from"][:200],
            "urgency": URGENCY.get(asked["priority"], "routine"),
        }
        try:
            with transaction.atomic():
                outcome = self._take_referral(person, received_on, asked["protected"], fields)
        except Fault as fault:
            self.report.refuse(asked["file"], asked["line"], fault.column, "", fault.why)
            return
        except DatabaseError:
            self.report.refuse(asked["file"], asked["line"], "", "", _("The database does not take it."))
            return
        self._count(asked["file"], outcome, 1)

    def _take_referral(self, person, received_on, protected, fields):
        client = self.finder.find(person)
        if protected:
            self._refuse_unless_hidden(client, protected, "meta.security")
        if client is None:
            client = self.finder.make(person, received_on=received_on, **fields)
            if protected:
                self._hide(client, protected)
            self.report.also("Client").created += 1
            self.report.also("IncomingReferral").created += 1
            return CREATED
        same = IncomingReferral.objects.filter(agency=self.agency, client=client, reason=fields["reason"])
        if same.exists():
            return UNCHANGED
        when = {"received_on": received_on} if received_on else {}
        IncomingReferral.objects.create(agency=self.agency, client=client, **when, **fields)
        self.report.also("IncomingReferral").created += 1
        return CREATED


def key_of(record, code):
    """By what a screening is found again: its encounter, and which screening it is."""
    return f"{record['key']}/{code}"


def _rows_of(screen):
    return sum(said["rows"] for said in screen["answers"].values())


def _is_same(response, held_on, said):
    """Whether a screening that is here says just this."""
    if response.held_on != held_on:
        return False
    definition = response.instrument_version.parsed
    answers, left = answers_in(definition, said)
    return answers == response.answers and not lacks(definition, said, left)


def _put_aside(response, why):
    """It stays in the record with the reason; its key is free for the one that takes its place."""
    response.source_key = f"{response.source_key}~{response.pk}"
    if response.set_aside_on is None:
        response.set_aside(str(why), by=None)
    else:
        response.save()
