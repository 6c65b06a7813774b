"""Enrollments, households and exits of an export."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from casemgmt.agencies.models import PickItem
from casemgmt.agencies.models.program import PickList
from casemgmt.core.models import create_many, update_many
from casemgmt.interchange.hmis import facts, lists
from casemgmt.interchange.hmis.batches import LONGEST_KEY, Fault, Wanted, by_the_batch, put, what_differs
from casemgmt.interchange.hmis.facts import Happened
from casemgmt.interchange.hmis.telling import Telling, Told
from clients.models import Discharge, Enrollment, Household, HouseholdMember, KeyEvent
from clients.pipeline import Stage


@dataclass(slots=True)
class Exit:
    """What Exit.csv says of one enrollment."""

    line: int
    key: str
    enrollment: str
    person: str
    day: date
    fields: dict
    event: str = ""


class Stays(Telling):
    """Enrollment.csv and Exit.csv."""

    def _take_stays(self):
        self.dispositions = dict(
            self._scoped(PickItem).filter(pick_list=PickList.DISPOSITION).values_list("code", "pk")
        )
        self._read_exits()
        self._take_enrollments()
        self._write_members()
        self._write_exits()

    def _take_enrollments(self):
        batches = self._batches(
            "Enrollment", "EnrollmentID", [Enrollment], self._enrollment, needs=["PersonalID"]
        )
        for batch in batches:
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
            self._tell_of_enrollments(batch, rows)

    def _enrollment(self, row, key):
        client = self._parent(row, "PersonalID", self.clients, "Client.csv")
        program = self._parent(row, "ProjectID", self.programs, "Project.csv")
        entry = self._service_day(row, "EntryDate")
        left = self._exit_of(row, entry)
        # Open there says nothing of an assessment or a plan here: what is due is counted from today.
        first = {"stage": Stage.ENROLLED, "staged_on": self.today}
        if left is not None:
            first = {"stage": Stage.CLOSED, "staged_on": left.day, "ended_on": left.day}
        relation = row["RelationshipToHoH"]
        if relation and relation != "99" and relation not in lists.RELATIONS:
            self._warn(row, "RelationshipToHoH", _("This code is on no list; left out."))
        fields = {"client_id": client, "program_id": program, "enrolled_on": entry}
        return Wanted(row, key, fields, first, relation=lists.RELATIONS.get(relation, ""))

    def _exit_of(self, row, entry):
        """The exit that fits this enrollment, if there is one; one that does not is refused in its own turn."""
        kept = self.scratch.get("exit", row["EnrollmentID"])
        left = _as_exit(kept) if kept else None
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
        for wanted in batch:
            if len(wanted.row["HouseholdID"]) > LONGEST_KEY:
                self._warn(wanted.row, "HouseholdID", _("There is no usable key here."))
        keys = {w.row["HouseholdID"] for w in batch if len(w.row["HouseholdID"]) <= LONGEST_KEY} - {""}
        self.households = self._keys(Household, keys)
        made = create_many(
            Household,
            [
                Household(agency=self.agency, source=self.source, source_key=key)
                for key in sorted(keys - self.households.keys())
            ],
        )
        self.households |= {row.source_key: row.pk for row in made}
        self.report.also("Household").created += len(made)

    def _remember_member(self, enrollment, wanted):
        """One place for each person in each household, however many enrollments tell of it."""
        place = f"{enrollment.household_id} {enrollment.client_id}"
        relation, entry = self.scratch.get("member", place) or ("", enrollment.enrolled_on.isoformat())
        entry = min(entry, enrollment.enrolled_on.isoformat())
        self.scratch.put("member", place, [wanted.relation or relation, entry])

    def _write_members(self):
        tally = self.report.also("HouseholdMember")
        for places in by_the_batch(self.scratch.items("member")):
            pairs = {tuple(map(int, place.split())): said for place, said in places}
            held = self._scoped(HouseholdMember).filter(household__in={household for household, _c in pairs})
            known = {(row.household_id, row.client_id): row for row in held}
            new, changed = [], []
            for (household, client), (relation, started_on) in pairs.items():
                fields = {"relation": relation, "started_on": date.fromisoformat(started_on)}
                row = known.get((household, client))
                if row is None:
                    row = HouseholdMember(agency=self.agency, household_id=household, client_id=client)
                    new.append(row)
                elif what_differs(row, fields):
                    changed.append(row)
                else:
                    tally.unchanged += 1
                put(row, what_differs(row, fields))
            create_many(HouseholdMember, new)
            update_many(HouseholdMember, changed, ["relation", "started_on"])
            tally.created += len(new)
            tally.updated += len(changed)

    def _tell_of_enrollments(self, batch, enrollments):
        """Where people had lived before, and when they moved into a home."""
        told = []
        for wanted in batch:
            enrollment = enrollments.get(wanted.key)
            if enrollment is None:
                continue
            row = wanted.row
            said = list(facts.before_entry(row, lambda column, why, row=row: self._warn(row, column, why)))
            kept = (enrollment.pk, enrollment.client_id)
            occasion = str(facts.STAGES["1"])
            told.append(Told(row, wanted.key, *kept, enrollment.enrolled_on, occasion, said))
            moved_in = self._day(row, "MoveInDate")
            if moved_in and not enrollment.enrolled_on <= moved_in <= self.today:
                self._warn(row, "MoveInDate", _("It is before the entry or in the future; left out."))
            elif moved_in:
                event = Happened(KeyEvent.Kind.HOUSED, "", "MoveInDate")
                told.append(Told(row, wanted.key, *kept, moved_in, "", [event]))
        self._write_told(told)

    def _read_exits(self):
        for _batch in self._batches("Exit", "ExitID", [Discharge], self._exit):
            """Each is kept aside, until its enrollment stands."""

    def _exit(self, row, key):
        enrollment = row["EnrollmentID"]
        day = self._service_day(row, "ExitDate")
        if not enrollment:
            raise Fault("EnrollmentID", _("This must not be empty."))
        if self.scratch.get("exit", enrollment) is not None:
            raise Fault("EnrollmentID", _("Another row has ended this enrollment already."))
        fields = self._exit_fields(row)
        code, _subsidy = lists.living_situation(row["Destination"])
        event = str(facts.EXIT_EVENTS.get(code, ""))
        kept = [row.line, key, enrollment, row["PersonalID"], day.isoformat(), fields, event]
        self.scratch.put("exit", enrollment, kept)
        return kept

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
        for kept in by_the_batch(self.scratch.items("exit")):
            batch = [_as_exit(left) for _enrollment, left in kept]
            self.clients = self._people({left.person for left in batch} - {""})
            found = self._mine(Enrollment).filter(source_key__in=[left.enrollment for left in batch])
            enrollments = {row.source_key: row for row in found}
            held = self._scoped(Discharge).filter(enrollment__in=found)
            discharges = {row.enrollment_id: row for row in held}
            keyed = self._mine(Discharge).filter(source_key__in=[left.key for left in batch])
            owners = dict(keyed.values_list("source_key", "enrollment"))
            tally = self.report.tally("Exit.csv")
            ended, new, changed, events = [], [], [], []
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
                elif what_differs(discharge, fields):
                    changed.append(discharge)
                    tally.updated += 1
                elif moves:
                    tally.updated += 1
                else:
                    tally.unchanged += 1
                put(discharge, what_differs(discharge, fields))
                if left.event:
                    told = Happened(left.event, _("At the end of a stay."))
                    where = (enrollment.pk, enrollment.client_id)
                    events.append((f"Exit:{left.key}", told, *where, left.day))
            if ended:
                Enrollment.record_exits(ended)
            self._write_events(events)
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


def _as_exit(kept):
    """An exit as it was kept aside."""
    line, key, enrollment, person, day, fields, event = kept
    return Exit(line, key, enrollment, person, date.fromisoformat(day), fields, event)
