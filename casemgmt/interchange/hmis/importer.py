"""An HMIS CSV export becomes programs, staff, people, enrollments, discharges and visits of one agency.

Rows are found again by (agency, source, source_key), so that the same export changes nothing and a newer one updates
with history. What a cell says wins where it differs; an empty cell says nothing. A row with a fault is refused and the
others go in; everything happens in one transaction.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, PickItem, Program, ServiceType, StaffMember, acting_as
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.agencies.models.program import ModelOfPractice, PickList
from casemgmt.core import db
from casemgmt.core.models import create_many, update_many
from casemgmt.interchange.hmis import lists
from casemgmt.interchange.hmis.reader import Row, looks_hashed, open_export, parse_date
from casemgmt.interchange.hmis.report import Report
from clients.models import Client, Discharge, Enrollment, Household, HouseholdMember, Visit, VisitParticipant
from clients.pipeline import Stage

BATCH = 500
PROGRESS_EVERY = 2000
LONGEST_KEY = 100
BEGINNING = date(1900, 1, 1)
HASHED = {"2", "3", "4"}
NAMES = {"given_name", "middle_name", "family_name", "name_suffix"}


class Fault(Exception):
    """Why a row cannot be taken in, and the column to look at."""

    def __init__(self, column, why):
        self.column, self.why = column, why
        super().__init__(why)


@dataclass(slots=True)
class Wanted:
    """What a row asks for: fields that follow the export, and those that only a new row takes from it."""

    row: Row
    key: str
    fields: dict
    first: dict = field(default_factory=dict)
    lead: int | None = None  # a visit's StaffMember
    relation: str = ""  # an enrollment's place in its household


@dataclass(slots=True)
class Exit:
    """What Exit.csv says of one enrollment."""

    line: int
    key: str
    enrollment: str
    person: str
    day: date
    fields: dict


def no_progress(file, done, total):
    """Tell nobody."""


def import_hmis(path, agency, *, dry_run=False, progress=no_progress):
    """Take an export into the agency and report on every row; raises Unusable when nothing could be done.

    `progress(file, done, total)` hears from time to time where it is.
    """
    with open_export(path) as export:
        about = export.about()
        report = Report(
            agency=agency.slug,
            export=export.name,
            source=f"hmis:{about['SourceID']}"[:400] if about["SourceID"] else "hmis",
            version=about["CSVVersion"],
            dry_run=dry_run,
            not_read=export.others,
        )
        with acting_as(agency, by=None, reason=_("HMIS import %(file)s") % {"file": export.name}):
            # Two imports at once wait for each other; people go on working.
            Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
            _Import(export, agency, report, progress, about["HashStatus"] in HASHED).run()
            if dry_run:
                transaction.set_rollback(True)
    return report


class _Import:
    """One run. The maps from keys there to keys here are all that is held of a table; rows pass by the batch."""

    def __init__(self, export, agency, report, progress, declared_hashed):
        self.export, self.agency, self.report, self.progress = export, agency, report, progress
        self.source = report.source
        self.declared_hashed = declared_hashed
        self.today = timezone.localdate()
        self.lost = set()  # (file, key): in the export, and not taken
        self.measured = set()
        self.exits = {}  # Exit by EnrollmentID
        self.members = {}  # [relation, earliest entry] by (household, client)

    def run(self):
        self._take("Project", "ProjectID", Program, self._program, settle=self._settle_program)
        self.programs = self._keys(Program)
        self._take("User", "UserID", StaffMember, self._staff_member)
        self.staff = self._keys(StaffMember)
        self._take("Client", "PersonalID", Client, self._client, settle=self._settle_client)
        self.clients = self._keys(Client)
        self.dispositions = dict(
            self._scoped(PickItem).filter(pick_list=PickList.DISPOSITION).values_list("code", "pk")
        )
        self._read_exits()
        self.households = self._keys(Household)
        self._take_enrollments()
        self._write_members()
        self.enrollments = {
            key: (pk, client)
            for key, pk, client in self._mine(Enrollment).values_list("source_key", "pk", "client")
        }
        self._write_exits()
        self.service_types = dict(self._scoped(ServiceType).values_list("code", "pk"))
        self._take_visits("Services", "ServicesID", "service:", self._service)
        self._take_visits("CurrentLivingSituation", "CurrentLivingSitID", "cls:", self._living_situation)

    def _scoped(self, model):
        return model.objects.filter(agency=self.agency)

    def _mine(self, model):
        """What this source has brought, now or before; an empty key is nobody's."""
        return self._scoped(model).filter(source=self.source).exclude(source_key="")

    def _keys(self, model):
        return dict(self._mine(model).values_list("source_key", "pk"))

    # --- Reading -------------------------------------------------------------------------------------------------

    def _batches(self, name, id_column, model, understand, prefix=""):
        """What `understand` makes of the live rows of a file, by the batch and each key once."""
        table = self.export.table(name)
        if table is None:
            return
        tally = self.report.tally(table.name)
        keys = self._mine(model).filter(source_key__startswith=prefix).values_list("source_key", flat=True)
        absent, seen, batch = set(keys), {}, []
        for row in table:
            tally.read += 1
            if tally.read % PROGRESS_EVERY == 0:
                self.progress(table.name, tally.read, max(table.lines, tally.read))
            key = row[id_column]
            known = prefix + key in absent
            absent.discard(prefix + key)
            try:
                _require_shape(row)
                if self._is_deleted(row):
                    tally.deleted += 1
                    self.lost.add((table.name, key))
                    if known:
                        self._warn(row, "DateDeleted", _("Deleted there; what is here stays."))
                    continue
                _require_key(row, id_column)
                content = hash(tuple(row.cells))
                if seen.get(key) == content:
                    tally.repeated += 1
                    continue
                if key in seen:
                    raise Fault(id_column, _("Another row has this key and says something else."))
                seen[key] = content
                batch.append(understand(row, prefix + key))
            except Fault as fault:
                self._refuse(row, fault)
                self.lost.add((table.name, key))
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch
        tally.absent = len(absent)
        self.progress(table.name, tally.read, tally.read)

    def _is_deleted(self, row):
        text = row["DateDeleted"]
        if not text:
            return False
        try:
            parse_date(text, self.today)
        except ValueError:
            raise Fault("DateDeleted", _("It is not clear whether this row is deleted.")) from None
        return True

    def _refuse(self, row, fault):
        self.report.refuse(row.file, row.line, fault.column, row[fault.column], fault.why)

    def _warn(self, row, column, why):
        self.report.warn(row.file, row.line, column, row[column], why)

    def _day(self, row, column):
        """The day in an optional cell; one that cannot be read is left out."""
        if not row[column]:
            return None
        try:
            return parse_date(row[column], self.today)
        except ValueError:
            self._warn(row, column, _("This is no date that can be read; left out."))
            return None

    def _service_day(self, row, column):
        """The day in a cell that the row cannot do without: something that has happened."""
        if not row[column]:
            raise Fault(column, _("The date is missing."))
        try:
            day = parse_date(row[column], self.today)
        except ValueError:
            raise Fault(column, _("This is no date that can be read.")) from None
        if not BEGINNING <= day <= self.today:
            raise Fault(column, _("The date is in the future, or before 1900."))
        return day

    def _text(self, row, column, longest):
        text = row[column]
        if len(text) > longest:
            self._warn(row, column, _("Too long; cut to %(longest)s characters.") % {"longest": longest})
        return text[:longest].strip()

    def _parent(self, row, column, keys, file):
        """Our key of the row that this one belongs to."""
        key = row[column]
        if not key:
            raise Fault(column, _("This must not be empty."))
        if key not in keys:
            raise Fault(column, self._why_missing(file, key))
        return keys[key]

    def _why_missing(self, file, key):
        if (file, key) in self.lost:
            return _("Its row in %(file)s was deleted or refused.") % {"file": file}
        return _("There is no such row in %(file)s.") % {"file": file}

    # --- Writing -------------------------------------------------------------------------------------------------

    def _take(self, name, id_column, model, understand, settle=None):
        for batch in self._batches(name, id_column, model, understand):
            self._write(model, batch, settle=settle)

    def _measure(self, model):
        """After a table's first rows: plans made for an empty table would slow down every row that follows."""
        if model not in self.measured:
            self.measured.add(model)
            db.refresh_statistics(model)

    def _write(self, model, batch, *, settle=None, create=None):
        """Create the rows that are new, update those that differ; returns the rows by key, and which stayed the same.

        `settle(row, differing, wanted)` may take something out of what is to change, or raise Fault.
        """
        known = {
            row.source_key: row for row in self._mine(model).filter(source_key__in=[w.key for w in batch])
        }
        new, changed, fields, untouched = [], [], set(), set()
        for wanted in batch:
            row = known.get(wanted.key)
            tally = self.report.tally(wanted.row.file)
            if row is None:
                said = {name: value for name, value in wanted.fields.items() if value not in (None, "")}
                row = model(
                    agency=self.agency, source=self.source, source_key=wanted.key, **wanted.first | said
                )
                new.append(row)
                tally.created += 1
                continue
            try:
                differing = _differing(row, wanted.fields)
                if settle and differing:
                    settle(row, differing, wanted)
            except Fault as fault:
                self._refuse(wanted.row, fault)
                del known[wanted.key]
                continue
            if differing:
                _set(row, differing)
                fields |= differing.keys()
                changed.append(row)
                tally.updated += 1
            else:
                untouched.add(wanted.key)
                tally.unchanged += 1
        if model is Client:
            for row in (*new, *changed):
                row.fill_keys()
            fields |= {"name_key", "sound_key"}
        if changed:
            update_many(model, changed, sorted(fields))
        new = create(new) if create and new else create_many(model, new)
        if new:
            self._measure(model)
        return known | {row.source_key: row for row in new}, untouched

    # --- Programs, staff, people -----------------------------------------------------------------------------------

    def _program(self, row, key):
        code, model = "", ModelOfPractice.CUSTOM
        if row["ProjectType"] in lists.PROJECT_TYPES:
            code, model = lists.PROJECT_TYPES[row["ProjectType"]]
        elif row["ProjectType"]:
            self._warn(row, "ProjectType", _("This code is on no list; left out."))
        starting = Program(model=model, name=_("HMIS project %(key)s") % {"key": key})
        starting.take_defaults_of_model()
        names = ("model", "name", "caseload_target", "shares_caseload", "crisis_cover", "contact_every_days")
        opened, closed = self._day(row, "OperatingStartDate"), self._day(row, "OperatingEndDate")
        if opened and closed and closed < opened:
            self._warn(row, "OperatingEndDate", _("It ended before it began; left out."))
            closed = None
        fields = {
            "name": self._text(row, "ProjectName", 200) or self._text(row, "ProjectCommonName", 200),
            "code": code,
            "opened_on": opened,
            "closed_on": closed,
        }
        return Wanted(row, key, fields, {name: getattr(starting, name) for name in names})

    def _settle_program(self, program, differing, wanted):
        opened = differing.get("opened_on", program.opened_on)
        closed = differing.get("closed_on", program.closed_on)
        if opened and closed and closed < opened:
            self._warn(wanted.row, "OperatingEndDate", _("It ended before it began; left out."))
            differing.pop("opened_on", None)
            differing.pop("closed_on", None)

    def _staff_member(self, row, key):
        name = f"{row['UserFirstName']} {row['UserLastName']}".strip()[:150]
        phone = row["UserPhone"]
        if phone and row["UserExtension"]:
            phone = f"{phone} x{row['UserExtension']}"
        fields = {
            "name": name,
            "email": self._checked(row, "UserEmail", row["UserEmail"], validate_email, 254),
            "phone": self._checked(row, "UserPhone", phone, phone_shape, 40),
        }
        return Wanted(row, key, fields, {"name": _("HMIS user %(key)s") % {"key": key}})

    def _checked(self, row, column, text, validate, longest):
        if not text:
            return ""
        try:
            validate(text)
        except ValidationError:
            text = ""
        if not text or len(text) > longest:
            self._warn(row, column, _("This cannot be right; left out."))
            return ""
        return text

    def _client(self, row, key):
        """A person; SSN, race, sex and the rest of Client.csv stay where they are."""
        names = {
            "given_name": self._text(row, "FirstName", 100),
            "middle_name": self._text(row, "MiddleName", 100),
            "family_name": self._text(row, "LastName", 100),
            "name_suffix": self._text(row, "NameSuffix", 50),
        }
        names = {
            field: "" if looks_hashed(name, declared=self.declared_hashed) else name
            for field, name in names.items()
        }
        first = {}
        if not (names["given_name"] or names["family_name"]):
            names, first = {}, {"given_name": _("Name withheld"), "family_name": key[-8:]}
        born_on = self._birth(row)
        fields = {**names, "born_on": born_on}
        if born_on:
            fields["born_precision"] = self._precision(row, born_on)
        return Wanted(row, key, fields, first)

    def _settle_client(self, client, differing, wanted):
        """A name that comes after all takes the whole place of the one that stood in for it."""
        if NAMES & differing.keys() and client.given_name == _("Name withheld"):
            differing.update({name: wanted.fields[name] for name in NAMES})

    def _birth(self, row):
        born_on = self._day(row, "DOB")
        if born_on and not BEGINNING <= born_on <= self.today:
            self._warn(row, "DOB", _("Nobody can be born then; left out."))
            return None
        return born_on

    def _precision(self, row, born_on):
        quality = row["DOBDataQuality"]
        if quality == "2" and (born_on.month, born_on.day) == (1, 1):
            return Client.BirthPrecision.YEAR
        return lists.BIRTH_PRECISION.get(quality, Client.BirthPrecision.EXACT)

    # --- Enrollments, households, exits ------------------------------------------------------------------------------

    def _take_enrollments(self):
        for batch in self._batches("Enrollment", "EnrollmentID", Enrollment, self._enrollment):
            self._make_households(batch)
            for wanted in batch:
                household = wanted.row["HouseholdID"]
                wanted.fields["household_id"] = self.households.get(household)
            rows, _untouched = self._write(
                Enrollment, batch, settle=self._settle_enrollment, create=Enrollment.record_past
            )
            for wanted in batch:
                enrollment = rows.get(wanted.key)
                if enrollment is not None and enrollment.household_id:
                    self._remember_member(enrollment, wanted)

    def _enrollment(self, row, key):
        client = self._parent(row, "PersonalID", self.clients, "Client.csv")
        program = self._parent(row, "ProjectID", self.programs, "Project.csv")
        entry = self._service_day(row, "EntryDate")
        left = self._exit_of(row, entry)
        # Open there says nothing of an assessment or a plan here.
        first = {"stage": Stage.ENROLLED, "staged_on": entry}
        if left is not None:
            first = {"stage": Stage.CLOSED, "staged_on": left.day, "ended_on": left.day}
        relation = row["RelationshipToHoH"]
        if relation and relation != "99" and relation not in lists.RELATIONS:
            self._warn(row, "RelationshipToHoH", _("This code is on no list; left out."))
        fields = {"client_id": client, "program_id": program, "enrolled_on": entry}
        return Wanted(row, key, fields, first, relation=lists.RELATIONS.get(relation, ""))

    def _exit_of(self, row, entry):
        """The exit that fits this enrollment, if there is one; one that does not is refused in its own turn."""
        left = self.exits.get(row["EnrollmentID"])
        if left is None or left.day < entry or left.person not in ("", row["PersonalID"]):
            return None
        return left

    def _settle_enrollment(self, enrollment, differing, wanted):
        if "client_id" in differing:
            raise Fault("PersonalID", _("Here the enrollment is another person’s; it does not move."))
        entry = differing.get("enrolled_on")
        if entry and enrollment.ended_on and entry > enrollment.ended_on:
            left = self._exit_of(wanted.row, entry)
            ours = self._mine(Discharge).filter(enrollment=enrollment).exists()
            if left is None or not ours:
                raise Fault("EntryDate", _("The entry is after the end that is known here."))
            enrollment.ended_on = left.day
            Enrollment.record_exits([enrollment])

    def _make_households(self, batch):
        wanted = {w.row["HouseholdID"] for w in batch} - self.households.keys() - {""}
        wanted = sorted(key for key in wanted if len(key) <= LONGEST_KEY)
        made = create_many(
            Household,
            [Household(agency=self.agency, source=self.source, source_key=key) for key in wanted],
        )
        self.households |= {row.source_key: row.pk for row in made}
        self.report.also("Household").created += len(made)

    def _remember_member(self, enrollment, wanted):
        entry = enrollment.enrolled_on
        member = self.members.setdefault((enrollment.household_id, enrollment.client_id), ["", entry])
        member[0] = wanted.relation or member[0]
        member[1] = min(member[1], entry)

    def _write_members(self):
        tally = self.report.also("HouseholdMember")
        for pairs in _by_the_batch(self.members):
            held = self._scoped(HouseholdMember).filter(household__in={household for household, _c in pairs})
            known = {(row.household_id, row.client_id): row for row in held}
            new, changed = [], []
            for household, client in pairs:
                relation, started_on = self.members[household, client]
                fields = {"relation": relation, "started_on": started_on}
                row = known.get((household, client))
                if row is None:
                    row = HouseholdMember(agency=self.agency, household_id=household, client_id=client)
                    new.append(row)
                elif _differing(row, fields):
                    changed.append(row)
                else:
                    tally.unchanged += 1
                _set(row, _differing(row, fields))
            create_many(HouseholdMember, new)
            update_many(HouseholdMember, changed, ["relation", "started_on"])
            tally.created += len(new)
            tally.updated += len(changed)

    def _read_exits(self):
        for _batch in self._batches("Exit", "ExitID", Discharge, self._exit):
            """Each is kept in self.exits, until its enrollment stands."""

    def _exit(self, row, key):
        enrollment = row["EnrollmentID"]
        day = self._service_day(row, "ExitDate")
        if not enrollment:
            raise Fault("EnrollmentID", _("This must not be empty."))
        if enrollment in self.exits:
            raise Fault("EnrollmentID", _("Another row has ended this enrollment already."))
        self.exits[enrollment] = Exit(
            row.line, key, enrollment, row["PersonalID"], day, self._exit_fields(row)
        )
        return self.exits[enrollment]

    def _exit_fields(self, row):
        """Why and how it ended, as far as the export says."""
        destination, subsidy = lists.living_situation(row["Destination"], row["DestinationSubsidyType"])
        fields = {}
        if destination in lists.LIVING_SITUATIONS:
            fields["disposition_id"] = self._disposition(destination)
        elif destination:
            self._warn(row, "Destination", _("This code is on no list; left out."))
        planned = row["ProjectCompletionStatus"]
        if planned in lists.PLANNED:
            fields["was_planned"] = lists.PLANNED[planned]
        said = (
            lists.SUBSIDIES.get(subsidy, ""),
            row["OtherDestination"],
            lists.EARLY_EXIT.get(row["EarlyExitReason"], ""),
        )
        fields["reason"] = "\n".join(str(part) for part in said if part)
        return fields

    def _disposition(self, code):
        """Our key of the agency's disposition for a destination, made where it is missing."""
        code, label = f"hmis-{code}", lists.LIVING_SITUATIONS[code]
        if code not in self.dispositions:
            # After the agency's own choices.
            item = PickItem(
                agency=self.agency,
                pick_list=PickList.DISPOSITION,
                code=code,
                label=str(label),
                position=500,
            )
            self.dispositions[code] = create_many(PickItem, [item])[0].pk
            self.report.also("PickItem").created += 1
        return self.dispositions[code]

    def _write_exits(self):
        for batch in _by_the_batch(self.exits.values()):
            found = self._mine(Enrollment).filter(source_key__in=[left.enrollment for left in batch])
            enrollments = {row.source_key: row for row in found}
            held = self._scoped(Discharge).filter(enrollment__in=found)
            discharges = {row.enrollment_id: row for row in held}
            keyed = self._mine(Discharge).filter(source_key__in=[left.key for left in batch])
            owners = dict(keyed.values_list("source_key", "enrollment"))
            tally = self.report.tally("Exit.csv")
            ended, new, changed = [], [], []
            for left in batch:
                enrollment = enrollments.get(left.enrollment)
                discharge = discharges.get(enrollment.pk) if enrollment else None
                try:
                    self._check_exit(left, enrollment, discharge, owners.get(left.key))
                except Fault as fault:
                    value = {"ExitDate": left.day.isoformat(), "EnrollmentID": left.enrollment}
                    self.report.refuse(
                        "Exit.csv", left.line, fault.column, value.get(fault.column, ""), fault.why
                    )
                    continue
                if discharge is not None and discharge.source != self.source:
                    self.report.warn(
                        "Exit.csv", left.line, "ExitID", "", _("It was discharged here; that stays.")
                    )
                    tally.unchanged += 1
                    continue
                moves = enrollment.ended_on != left.day
                if moves:
                    enrollment.ended_on = left.day
                    ended.append(enrollment)
                fields = {"source_key": left.key, "discharged_on": left.day, **left.fields}
                if discharge is None:
                    discharge = Discharge(
                        agency=self.agency, source=self.source, enrollment=enrollment, was_planned=None
                    )
                    new.append(discharge)
                    tally.created += 1
                elif _differing(discharge, fields):
                    changed.append(discharge)
                    tally.updated += 1
                elif moves:
                    tally.updated += 1
                else:
                    tally.unchanged += 1
                _set(discharge, _differing(discharge, fields))
            if ended:
                Enrollment.record_exits(ended)
            create_many(Discharge, new)
            update_many(
                Discharge,
                changed,
                ["source_key", "discharged_on", "disposition_id", "was_planned", "reason"],
            )

    def _check_exit(self, left, enrollment, discharge, owner):
        if enrollment is None:
            raise Fault("EnrollmentID", self._why_missing("Enrollment.csv", left.enrollment))
        if left.person and self.clients.get(left.person) != enrollment.client_id:
            raise Fault("PersonalID", _("The enrollment is another person’s."))
        if left.day < enrollment.enrolled_on:
            raise Fault("ExitDate", _("The exit is before the entry."))
        if owner not in (None, enrollment.pk):
            raise Fault("ExitID", _("Here this exit belongs to another enrollment."))
        if discharge is not None and discharge.source != self.source and enrollment.is_open:
            raise Fault("ExitID", _("A discharge is being written here; finish it first."))

    # --- Visits ----------------------------------------------------------------------------------------------------

    def _take_visits(self, name, id_column, prefix, understand):
        for batch in self._batches(name, id_column, Visit, understand, prefix):
            visits, untouched = self._write(Visit, batch, settle=self._settle_visit)
            self._write_leads(batch, visits, untouched)

    def _visit(self, row, key, day_column, code, label, note, **first):
        """A visit at noon, because an export knows no hour; it came from elsewhere and is nobody's to sign."""
        enrollment, client = self._parent(row, "EnrollmentID", self.enrollments, "Enrollment.csv")
        if row["PersonalID"] and self.clients.get(row["PersonalID"]) != client:
            raise Fault("PersonalID", _("The enrollment is another person’s."))
        day = self._service_day(row, day_column)
        fields = {
            "enrollment_id": enrollment,
            "service_type_id": self._service_type(code, label),
            "started_at": datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone()),
            "note": "\n".join(str(part) for part in note if part),
        }
        lead = self.staff.get(row["UserID"])
        if row["UserID"] and lead is None:
            self._warn(row, "UserID", self._why_missing("User.csv", row["UserID"]))
        return Wanted(row, key, fields, first, lead=lead)

    def _service(self, row, key):
        kind, provided = row["RecordType"], row["TypeProvided"]
        label = lists.service_label(kind, provided)
        if label is None:
            raise Fault("RecordType", _("This code is on no list."))
        code = f"hmis-{kind}-{provided}" if provided and kind != lists.BED_NIGHT else f"hmis-{kind}"
        amount = row["FAAmount"]
        note = (
            label,
            row["OtherTypeProvided"],
            row["MovingOnOtherType"],
            amount and _("Amount: %(amount)s") % {"amount": amount},
            lists.REFERRAL_OUTCOMES.get(row["ReferralOutcome"], ""),
        )
        first = {"place": Visit.Place.SHELTER} if kind == lists.BED_NIGHT else {}
        return self._visit(row, key, "DateProvided", code, label, note, **first)

    def _living_situation(self, row, key):
        code, subsidy = lists.living_situation(row["CurrentLivingSituation"], row["CLSSubsidyType"])
        label = lists.LIVING_SITUATIONS.get(code, "")
        if code and not label:
            self._warn(row, "CurrentLivingSituation", _("This code is on no list; left out."))
        kind = _("Current living situation")
        note = (
            f"{kind}: {label}" if label else kind,
            lists.SUBSIDIES.get(subsidy, ""),
            row["LocationDetails"],
        )
        return self._visit(row, key, "InformationDate", "hmis-cls", kind, note)

    def _service_type(self, code, name):
        """Our key of the agency's service type, by code, else by name, else made."""
        code, name = code[:40], name[:120]
        if code not in self.service_types:
            found = self._scoped(ServiceType).filter(name=name).first()
            if found is None:
                found = create_many(
                    ServiceType, [ServiceType(agency=self.agency, code=code, name=name, position=500)]
                )[0]
                self.report.also("ServiceType").created += 1
            self.service_types[code] = found.pk
        return self.service_types[code]

    def _settle_visit(self, visit, differing, wanted):
        if "enrollment_id" in differing:
            raise Fault("EnrollmentID", _("Here it belongs to another enrollment; it does not move."))
        if visit.is_locked:
            self._warn(wanted.row, "", _("It is signed here and stays as it is."))
            differing.clear()

    def _write_leads(self, batch, visits, untouched):
        """Who led each visit, where the export names somebody we know."""
        lead = VisitParticipant.Role.LEAD
        present = {}
        for row in self._scoped(VisitParticipant).filter(visit__in=[v.pk for v in visits.values()]):
            present.setdefault(row.visit_id, []).append(row)
        new, changed = [], []
        for wanted in batch:
            visit = visits.get(wanted.key)
            if visit is None or visit.is_locked or wanted.lead is None:
                continue
            those = present.get(visit.pk, ())
            if wanted.lead in [row.staff_id for row in those]:
                continue
            held = next((row for row in those if row.role == lead), None)
            if held is None:
                new.append(VisitParticipant(agency=self.agency, visit=visit, staff_id=wanted.lead, role=lead))
            else:
                held.staff_id = wanted.lead
                changed.append(held)
            if wanted.key in untouched:
                tally = self.report.tally(wanted.row.file)
                tally.unchanged -= 1
                tally.updated += 1
        if create_many(VisitParticipant, new):
            self._measure(VisitParticipant)
        update_many(VisitParticipant, changed, ["staff_id"])


def _require_shape(row):
    if row.is_ragged:
        where = _("Its cells do not fit the header.")
        if row.last_line > row.line:
            where = _("Its cells do not fit the header; a quote may be open until line %(line)s.") % {
                "line": row.last_line
            }
        raise Fault("", where)


def _require_key(row, column):
    if not row[column] or len(row[column]) > LONGEST_KEY:
        raise Fault(column, _("There is no usable key here."))


def _differing(row, fields):
    """Those of the fields that say something, and something else than the row."""
    return {
        name: value
        for name, value in fields.items()
        if value not in (None, "") and getattr(row, name) != value
    }


def _set(row, fields):
    for name, value in fields.items():
        setattr(row, name, value)


def _by_the_batch(things):
    things = list(things)
    return [things[start : start + BATCH] for start in range(0, len(things), BATCH)]
