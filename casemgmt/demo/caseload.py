"""A believable caseload for one agency, written in few statements. The same people each time, dates around today."""

import random
from collections import defaultdict
from datetime import timedelta

from casemgmt.agencies.models import (
    Credential,
    EligibilityCriterion,
    LevelOfCare,
    PickItem,
    Program,
    ServiceType,
)
from casemgmt.demo import stories
from casemgmt.demo.agreements import Agreements
from casemgmt.demo.around import tell_around
from casemgmt.demo.asked import notify, tell_answers
from casemgmt.demo.days import tell_days, tell_reports
from casemgmt.demo.front_door import FrontDoor
from casemgmt.demo.ledger import Diary, Ledger
from casemgmt.demo.life import Life
from casemgmt.demo.people import Knocking
from casemgmt.demo.sealed import seal_plans
from clients.models import (
    AccessLog,
    ConflictOfInterest,
    Consent,
    EmergencyAccess,
    Household,
    HouseholdMember,
    RestrictedTo,
    Visit,
)
from mentoring.models import ActivityKind, ActivityType, MentoringActivity

SEED = 20
CRITERIA = ("Lives in the county", "Is 18 or older", "Wants support with more than one part of life")


class House:
    """One agency while it is being filled: its lists, its people, its ledger. Use inside `acting_as`."""

    def __init__(self, cast, agency, *, area, seed=SEED):
        self.cast, self.agency, self.area = cast, agency, area
        self.rng = random.Random(seed)
        self.diary = Diary(self.rng)
        self.ledger = Ledger(agency)
        self.add = self.ledger.add
        self.pairing = cast.pairing if cast.pairing.agency_id == agency.pk else None
        self.joint_visits = []
        self.agreed = []  # plans in the order in which they were signed, and whose they are
        self.interrupted = 0  # services that paused or ended
        self._picks = defaultdict(dict)
        for item in PickItem.objects.filter(agency=agency):
            self._picks[item.pick_list][item.code] = item
        self._service_types = {row.code: row for row in ServiceType.objects.filter(agency=agency)}
        self.agreements = Agreements(self)
        self.criteria = defaultdict(list)
        for row in EligibilityCriterion.objects.filter(agency=agency).select_related("program"):
            self.criteria[row.program].append(row)
        self._lay_out_levels()

    def _lay_out_levels(self):
        """The usual levels of care in each program, by their numbers."""
        for program in Program.objects.filter(agency=self.agency):
            LevelOfCare.lay_out(program)
        self.levels = defaultdict(dict)
        for level in LevelOfCare.objects.filter(agency=self.agency).select_related("program"):
            self.levels[level.program][level.number] = level

    def ask_second_signature(self, program):
        """Plans of this program wait for a supervisor."""
        program.cosigns_plans = True
        program.save()

    def staff(self, name):
        """A colleague by login; None stays None, and Sam is the director where there is no Sam."""
        if name == "sam" and self.pairing is None:
            name = "olive"
        return getattr(self.cast, name) if name else None

    def program(self, name):
        return getattr(self.cast, name)

    def pick(self, pick_list, code=None, exclude=()):
        items = self._picks[pick_list]
        return items[code or self.rng.choice([c for c in items if c not in exclude])]

    def service_type(self, code):
        return self._service_types[code]

    def fill(self, people):
        """Tell everybody's story and write it; returns how many people and visits there are."""
        door = FrontDoor(self)
        lives = {}
        for person in people:
            if isinstance(person, Knocking):
                door.knock(person)
            else:
                lives[f"{person.given} {person.family}"] = life = Life(self, person, door.admit(person))
                life.tell()
        self._households(lives.values())
        tell_around(self, lives)
        tell_answers(self, lives)
        tell_days(self, lives)
        if self.pairing:
            self._exceptions(lives)
            self._learning()
        self.ledger.write()
        seal_plans(self)
        notify(self)
        tell_reports(self, lives)
        if self.pairing:
            self._log_emergencies()
        return door.count, len(self.ledger.rows[Visit])

    def ask(self, program, questions=CRITERIA):
        """Give a program its eligibility questions."""
        for position, question in enumerate(questions):
            row = EligibilityCriterion(program=program, question=question, position=position)
            self.criteria[program].append(self.add(row, by=self.staff("ada")))

    def _households(self, lives):
        together = defaultdict(list)
        for life in lives:
            if life.person.household:
                together[life.person.household].append(life)
        R = HouseholdMember.Relation
        others = {"benali": R.CHILD, "benitez": R.PARTNER, "lavoie": R.RELATIVE}
        for name, members in together.items():
            first = min(members, key=lambda life: life.enrollment.enrolled_on)
            home = self.add(Household(), by=first.lead(first.enrollment.enrolled_on))
            for life in members:
                day = life.enrollment.enrolled_on
                life.enrollment.household = home
                self.add(
                    HouseholdMember(
                        household=home,
                        client=life.client,
                        relation=R.HEAD if life is members[0] else others[name],
                        started_on=day - timedelta(days=400),
                    ),
                    by=life.lead(day),
                    at=self.diary.at(day, 15),
                )

    def _exceptions(self, lives):
        """What the doors are there for: a restricted record, a conflict of interest, opened in an emergency."""
        cast, diary = self.cast, self.diary
        for life in lives.values():
            if life.person.restricted:
                since = life.enrollment.enrolled_on
                life.client.restricted_on = since
                for staff in (cast.walt, cast.sam, cast.dana):
                    self.add(
                        RestrictedTo(client=life.client, staff=staff), by=cast.sam, at=diary.at(since, 16)
                    )
        known = lives["Peter Grzelak"]
        since = known.enrollment.enrolled_on
        self.add(
            ConflictOfInterest(client=known.client, staff=cast.wendy, started_on=since),
            by=cast.sam,
            at=diary.at(since, 16),
        )
        self._emergency(
            lives["Calvin Roper"].client,
            cast.walt,
            "AT_THE_DOOR",
            "Came to the front desk, cold and without a place; Wendy was on a visit. Looked up the shelter contact.",
            days=2,
        )
        self._emergency(
            lives["Dwayne Prescott"].client,
            cast.mo,
            "PROVIDER_ASKS",
            "The hospital asked for the medicine list while he was being admitted.",
            days=23,
            note="Right to do. Talked about calling me first.",
        )

    def _emergency(self, client, staff, code, detail, *, days, note=""):
        begun = self.diary.at(self.diary.ago(days), 15, 10)
        row = EmergencyAccess(
            client=client,
            staff=staff,
            reason=self.pick("emergency", code),
            detail=detail,
            started_at=begun,
            ends_at=begun + timedelta(hours=1),
        )
        if note:
            row.reviewed_at, row.reviewed_by, row.review_note = (
                begun + timedelta(hours=20),
                self.cast.sam,
                note,
            )
        self.add(row, by=staff, at=begun)

    def _log_emergencies(self):
        """The access log names people by key, so it comes after they are written."""
        AccessLog.objects.bulk_create(
            AccessLog(
                agency=self.agency,
                at=row.started_at + timedelta(minutes=1),
                staff=row.staff,
                page="workspace:client",
                method="GET",
                status=200,
                purpose="emergency",
                emergency=row,
                people=[row.client.pk],
            )
            for row in self.ledger.rows[EmergencyAccess]
        )

    def _learning(self):
        """What Mo and Nia did together, beside clients' records; and who is licensed until when."""
        cast, diary = self.cast, self.diary
        types = {row.code: row for row in ActivityType.objects.filter(agency=self.agency)}
        observed = {}
        for visit, code, lead in self.joint_visits:
            day = visit.started_at.date()
            observed.setdefault(visit.enrollment.client.number, (visit.enrollment.client, day, lead))
            fresh = day >= diary.ago(5) and lead == cast.nia
            confirmed = None if fresh else diary.signed_after(visit.ended_at)
            self._activity(types[code], day, visit.direct_minutes, lead, visit=visit, confirmed_at=confirmed)
        for client, day, lead in observed.values():
            self.agreements.consent(
                client, Consent.Kind.OBSERVER, on=day, by=lead, purpose="Learning of a new colleague"
            )
        day = self.pairing.started_on + timedelta(days=1)
        for n, (code, minutes, note) in enumerate((*stories.MENTORING, *stories.MENTORING[:3])):
            held = diary.workday(day + timedelta(days=round(n * 2.7)))
            if held >= diary.today:
                break
            by = cast.mo if n % 2 else cast.nia
            self._activity(types[code], held, minutes, by, note=note, confirmed_at=diary.at(held, 17))
        for name, kind, left in (
            ("mo", "Certified in Care Coordination", 410),
            ("wendy", "Licensed Social Worker", 38),
            ("walt", "Certified Peer Specialist", 190),
            ("sam", "Licensed Clinical Social Worker", 520),
            ("nia", "First aid and CPR", 700),
        ):
            self.add(
                Credential(
                    staff=self.staff(name),
                    kind=kind,
                    issued_by="State board",
                    issued_on=diary.today + timedelta(days=left - 730),
                    expires_on=diary.today + timedelta(days=left),
                ),
                by=cast.ada,
            )

    def _activity(self, kind, day, minutes, by, *, note="", visit=None, confirmed_at=None):
        recent = day >= self.diary.ago(3)
        row = self.add(
            MentoringActivity(
                pairing=self.pairing,
                held_on=day,
                minutes=max(minutes, 1),
                note=note,
                helpfulness=None if recent else self.rng.choice((3, 4, 4, 5, 5, 5)),
                visit=visit,
                logged_by=by,
                confirmed_at=confirmed_at,
            ),
            by=by,
            at=self.diary.at(day, 17),
        )
        self.add(ActivityKind(activity=row, type=kind), by=by, at=self.diary.at(day, 17))
