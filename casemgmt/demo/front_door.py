"""How people in the demo came to us: the person, the referral, the first meeting, the decision."""

from datetime import timedelta

from assessments.domains import Domain
from casemgmt.demo import stories
from casemgmt.demo.people import PRONOUNS
from clients.models import (
    Client,
    CriterionAnswer,
    EligibilityDecision,
    Enrollment,
    IncomingReferral,
    Intake,
    Milestone,
    OutreachContact,
    ResourceOffered,
)

_Out = EligibilityDecision.Outcome
REASON = {
    _Out.WAITLIST: "NO_PLACE_FREE",
    _Out.REFER_OUT: "OTHER_FITS_BETTER",
    _Out.DECLINE: "DECLINED_SERVICE",
}
STREETS = (
    "Alder Street",
    "Canal Road",
    "Maple Avenue",
    "Third Street",
    "Hill Street",
    "Quarry Lane",
    "Depot Way",
)


def domains_of(person):
    """The domains of a person's needs, in order, and which of them are urgent."""
    words = person.needs.split()
    return [Domain(word.strip("!")) for word in words], {
        Domain(word.strip("!")) for word in words if word.endswith("!")
    }


def say(text, person, **extra):
    """A sentence of a story about this person."""
    words = {"name": person.chosen or person.given, **PRONOUNS[person.pronouns]}
    return text.format_map(words | extra)


class FrontDoor:
    """Writes people as they come in; one per agency, because numbers and phones run on."""

    def __init__(self, house):
        self.house = house
        self.count = 0

    def client(self, person, *, on):
        """The person, as whoever takes the referral writes them down."""
        house, rng = self.house, self.house.rng
        self.count += 1
        born_on = house.diary.today - timedelta(days=person.age * 365 + rng.randint(30, 330))
        exact = rng.random() < 0.9
        client = Client(
            number=str(1000 + self.count),
            given_name=person.given,
            family_name=person.family,
            chosen_name=person.chosen,
            pronouns=person.pronouns,
            born_on=born_on if exact else born_on.replace(month=1, day=1),
            born_precision=Client.BirthPrecision.EXACT if exact else Client.BirthPrecision.YEAR,
            phone=f"{house.area} 555 01{self.count:02}" if person.phone else "",
            contact_way=person.way,
            contact_note=person.contact_note,
            email=f"{person.given}.{person.family}@mail.example".lower().replace(" ", "")
            if rng.random() < 0.4
            else "",
            address=person.address or f"{rng.randint(3, 480)} {rng.choice(STREETS)}",
            language=person.language,
            needs_interpreter=person.interpreter,
        )
        client.fill_keys()
        return house.add(client, by=house.staff("sam"), at=house.diary.at(on, 9))

    def referral(self, client, person, *, on, program, worker=None, closed_on=None, urgency="routine"):
        """The call that brought them."""
        house = self.house
        domains, _urgent = domains_of(person)
        return house.add(
            IncomingReferral(
                client=client,
                program=program,
                received_on=on,
                source=house.pick("referral_source", exclude=("OTHER",)),
                source_contact=f"Front desk, {house.area} 555 01{house.rng.randint(80, 99)}",
                reason=" ".join(stories.REFERRAL_REASONS[d] for d in domains),
                presenting_need=stories.OWN_WORDS[domains[0]],
                urgency=urgency,
                assigned_to=worker,
                closed_on=closed_on,
            ),
            by=house.staff("sam"),
            at=house.diary.at(on, 10),
        )

    def tries(self, person, worker, *, on, referral=None, decision=None):
        """The tries to reach them, a day or two apart; the last says when to try again."""
        house, outcomes = self.house, person.tries.split()
        for n, outcome in enumerate(outcomes):
            at = house.diary.at(min(on + timedelta(days=n + 1), house.diary.today), 10 + n)
            last = n == len(outcomes) - 1
            again = house.diary.today + timedelta(days=1) if last and referral is not None else None
            house.add(
                OutreachContact(
                    client=(referral or decision.intake).client,
                    referral=referral,
                    decision=decision,
                    tried_at=at,
                    outcome=outcome,
                    next_on=again,
                    by=worker,
                ),
                by=worker,
                at=at,
            )

    def milestones(self, enrollment, *, by):
        """The dated steps of the program; those that lie some days back are done."""
        house = self.house
        for step in enrollment.program.steps.in_use():
            due_on = enrollment.enrolled_on + timedelta(days=step.after_days)
            is_done = due_on < house.diary.today - timedelta(days=2)
            house.add(
                Milestone(
                    enrollment=enrollment,
                    title=step.title,
                    due_on=due_on,
                    done_on=house.diary.workday(due_on) if is_done else None,
                    done_by=by if is_done else None,
                ),
                by=by,
                at=house.diary.at(enrollment.enrolled_on, 14),
            )

    def intake(self, referral, person, *, on, worker, closed_on=None):
        """The first meeting."""
        house, rng = self.house, self.house.rng
        domains, urgent = domains_of(person)
        unsafe = Domain.SAFETY in urgent
        yes, no = Intake.Answer.YES, Intake.Answer.NO
        return house.add(
            Intake(
                client=referral.client,
                referral=referral,
                program=referral.program,
                assigned_to=worker,
                started_on=on,
                reason=stories.OWN_WORDS[domains[0]],
                first_help=rng.choice(stories.FIRST_HELP),
                safe_now=no if unsafe else yes,
                safety_note="Safety plan made, advocate called together." if unsafe else "",
                place_tonight=no if Domain.HOUSING in urgent else yes,
                food_today=no if Domain.FOOD in domains and rng.random() < 0.4 else yes,
                medication_low=yes if Domain.TREATMENT in domains else no,
                dependants="Two children at home" if Domain.FAMILY in domains else "",
                helper=rng.choice(stories.HELPERS),
                other_workers=rng.choice(stories.OTHER_WORKERS),
                avoid=rng.choice(stories.AVOID),
                closed_on=closed_on,
            ),
            by=worker,
            at=house.diary.at(on, 13),
        )

    def decision(self, intake, person, outcome, *, on, by, follow_up_on=None):
        """Accept, waitlist, refer out or decline; an acceptance enrolls."""
        house, accepted = self.house, outcome == _Out.ACCEPT
        at = house.diary.at(on, 14)
        enrollment = None
        if accepted:
            enrollment = house.add(
                Enrollment(client=intake.client, program=intake.program, enrolled_on=on, staged_on=on),
                by=by,
                at=at,
            )
        decision = house.add(
            EligibilityDecision(
                intake=intake,
                outcome=outcome,
                program=intake.program if outcome in (_Out.ACCEPT, _Out.WAITLIST) else None,
                reason=house.pick("decision", "MEETS_CRITERIA" if accepted else REASON[outcome]),
                note="" if accepted else say(stories.DECIDED[outcome], person),
                offered=stories.OFFERED if outcome == _Out.REFER_OUT else "",
                follow_up_on=follow_up_on,
                **self._place(person, outcome),
                decided_on=on,
                decided_by=by,
                enrollment=enrollment,
            ),
            by=by,
            at=at,
        )
        for criterion in house.criteria.get(intake.program, []) if accepted else []:
            house.add(CriterionAnswer(decision=decision, criterion=criterion, answer=True), by=by, at=at)
        if accepted:
            self.milestones(enrollment, by=by)
        if outcome == _Out.REFER_OUT:
            house.add(ResourceOffered(decision=decision, name=stories.OFFERED), by=by, at=at)
        if outcome == _Out.WAITLIST:
            self.tries(person, by, on=on, decision=decision)
        return enrollment

    def _place(self, person, outcome):
        """The place on the waitlist."""
        if outcome != _Out.WAITLIST:
            return {}
        expected = person.expected and self.house.diary.today + timedelta(days=person.expected)
        urgent = IncomingReferral.Urgency.URGENT if person.before_others else IncomingReferral.Urgency.ROUTINE
        return {"priority": urgent, "priority_reason": person.before_others, "expected_on": expected}

    def knock(self, person):
        """Somebody who is not enrolled, or not yet."""
        house = self.house
        # What came in today is of today; everything else came on a working day.
        came = house.diary.ago(person.days) if person.days else house.diary.today
        met = house.diary.workday(came + timedelta(days=max(person.days // 3, 1)))
        met = max(came, min(met, house.diary.today))
        decided = max(met, house.diary.ago(person.days // 3))
        worker = house.staff(person.worker)
        is_met, is_closed = person.where != "referred", person.where in (_Out.REFER_OUT, _Out.DECLINE)
        client = self.client(person, on=came)
        referral = self.referral(
            client,
            person,
            on=came,
            program=house.program(person.program),
            worker=worker,
            closed_on=met if is_met else None,
            urgency=person.urgency,
        )
        if not is_met:
            self.tries(person, worker or house.staff("sam"), on=came, referral=referral)
            return
        intake = self.intake(
            referral, person, on=met, worker=worker, closed_on=decided if is_closed else None
        )
        if person.where != "intake":
            follow_up_on = None
            if person.follow_up is not None:
                follow_up_on = house.diary.today + timedelta(days=person.follow_up)
            self.decision(
                intake, person, _Out(person.where), on=decided, by=worker, follow_up_on=follow_up_on
            )

    def admit(self, person):
        """Somebody who is enrolled: everything up to the acceptance. Returns the enrollment."""
        house, rng = self.house, self.house.rng
        enrolled_on = house.diary.ago(person.days)
        came = house.diary.workday(enrolled_on - timedelta(days=rng.randint(6, 15)))
        met = max(came, house.diary.workday(enrolled_on - timedelta(days=rng.randint(0, 4))))
        by = house.staff(person.before or person.worker) or house.staff("sam")
        client = self.client(person, on=came)
        referral = self.referral(
            client, person, on=came, program=house.program(person.program), worker=by, closed_on=met
        )
        intake = self.intake(referral, person, on=met, worker=by, closed_on=enrolled_on)
        return self.decision(intake, person, _Out.ACCEPT, on=enrolled_on, by=by)
