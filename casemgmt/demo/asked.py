# ruff: noqa: E501  (a sentence stays on its line)
"""What people in the demo answered: questionnaires over months, what had to be acted upon, and what staff say."""

import random
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator

from assessments import scoring
from assessments.domains import Domain
from assessments.models import (
    Answer,
    Concern,
    InstrumentVersion,
    ProgramInstrument,
    Response,
    ResponseSignature,
    StaffResponse,
    scores_of,
)
from casemgmt.agencies.models import Notice
from casemgmt.core.models import create_many
from clients.models import Alert, KeyEvent
from clients.pipeline import Stage

SEED = 9
# program: questionnaire, days from enrolling to the first, days until the next
USES = {
    "ccm": [("PHQ-9", 30, 90), ("QOL", 30, 180), ("SSM", 30, 180), ("CF-5", 90, 180)],
    "act": [("PHQ-9", 30, 90), ("QOL", 30, 180), ("SSM", 30, 180), ("CF-5", 90, 180)],
    "rapid": [("QOL", 14, None), ("CF-5", 45, None)],
    "recovery": [("QOL", 30, 180), ("CF-5", 90, 180)],
    "outreach": [("QOL", 30, 180), ("CF-5", 90, 180)],
}
# Sums of the PHQ-9 and GAD-7 from the first time to the last.
SUMS = {
    "Marisol Vega": {"PHQ-9": (18, 16, 12, 9), "GAD-7": (14, 11, 6)},
    "Beatriz Lemos": {"PHQ-9": (17, 11), "GAD-7": (16, 12)},
    "Gloria Benitez": {"PHQ-9": (14, 12, 17), "GAD-7": (12, 13)},
    "Isaiah Thornton": {"PHQ-9": (15, 19, 12, 10)},
    "Vincent Ashby": {"PHQ-9": (9, 15)},
}
# Name: which time the last question of the PHQ-9 was answered with more than “not at all”, and what was done.
SAFETY = {
    "Beatriz Lemos": (
        0,
        "Stayed until she was calm. She has no plan and no means at home. Went through the safety plan, called her sister together; the crisis line is in her phone. Seen again the next morning.",
    ),
    "Gloria Benitez": (2, ""),
}
UNHAPPY = {
    "Tyrell Jamison": "Talked with him and with Wendy: two visits were cancelled at short notice. From now on he gets a text the day before."
}
EVENTS = {
    "Marisol Vega": [(KeyEvent.Kind.HOUSED, 64, None, "One-bedroom on Alder Street.")],
    "Isaiah Thornton": [(KeyEvent.Kind.HOSPITAL_MH, 150, 139, "County hospital.")],
    "Dwayne Prescott": [(KeyEvent.Kind.EMERGENCY, 120, None, "Shortness of breath.")],
}
COMMENTS = (
    "They call back. That is new for me.",
    "More evening hours would help.",
    "I like that I decide what comes first.",
    "",
    "",
)
STAFF = ("dana", "sam", "wendy", "walt", "mo", "nia", "quinn", "ada")


def tell_answers(house, lives):
    """Everybody's questionnaires, as far as their program asks for them."""
    asked = _Asked(house)
    for name, life in lives.items():
        if life.worker is not None and Stage.ASSESSED in life.days:
            asked.tell(name, life)
        for kind, begin, end, note in EVENTS.get(name, ()):
            day, today = life.diary.ago(begin), life.diary.today
            house.add(
                KeyEvent(
                    client=life.client,
                    enrollment=life.enrollment,
                    kind=kind,
                    started_on=day,
                    ended_on=end and today - timedelta(days=end),
                    note=note,
                ),
                by=life.lead(day),
                at=life.at(day),
            )
    if house.pairing:
        asked.of_staff()


def notify(house):
    """The line to the supervisor about what is still open; it names rows by key, so that it comes after them."""
    create_many(
        Notice,
        [
            Notice(
                agency=house.agency,
                staff=house.staff("sam"),
                kind="concern",
                subject=concern.subject,
                text="An answer to a questionnaire must be acted upon now.",
                url=reverse("assessments:response-detail", kwargs={"pk": concern.response_id}),
                created_at=concern.raised_at,
            )
            for concern in house.ledger.rows[Concern]
            if concern.handled_on is None
        ],
    )


class _Asked:
    """Writes answered questionnaires into the house's ledger; its chance is its own, so that others keep theirs."""

    def __init__(self, house):
        self.house, self.rng = house, random.Random(SEED)
        rows = InstrumentVersion.objects.filter(agency=house.agency).select_related("instrument")
        self.versions = {row.instrument.code: row for row in rows}
        today = house.diary.today
        for name, uses in USES.items():
            program = house.program(name)
            for code, within, every in uses if program.agency_id == house.agency.pk else ():
                house.add(
                    ProgramInstrument(
                        program=program,
                        instrument=self.versions[code].instrument,
                        within_days=within,
                        every_days=every,
                    ),
                    by=house.staff("ada") if house.pairing else house.staff("olive"),
                    at=house.diary.at(today - timedelta(days=300), 10),
                )

    def tell(self, name, life):
        uses = next(USES[n] for n in USES if self.house.program(n) == life.program)
        if Domain.MENTAL_HEALTH in life.domains and ("PHQ-9", 30, 90) in uses:
            uses = [*uses, ("GAD-7", 30, 90)]
        for code, within, every in uses:
            told = SUMS.get(name, {}).get(code)
            days = self._spread(life, len(told)) if told else self._days(life, code, within, every)
            for n, day in enumerate(days):
                answers = self._answers(code, name, n, len(days))
                self._write(name, life, code, day, answers)

    def _spread(self, life, times):
        """So many days from the assessment to yesterday."""
        first = life.days[Stage.ASSESSED]
        last = life.diary.today - timedelta(days=1)
        return [life.diary.workday(first + (last - first) * n / (times - 1)) for n in range(times)]

    def _days(self, life, code, within, every):
        """The first time with the assessment, of our help when there is some to speak of; then as the program asks."""
        first = life.days[Stage.ASSESSED]
        if code == "CF-5":
            first = max(first, life.enrollment.enrolled_on + timedelta(days=within - 8))
        days, day = [], first
        end = life.ended or life.diary.today - timedelta(days=1)
        while day <= end:
            days.append(life.diary.workday(day))
            if every is None:
                break
            day += timedelta(days=every - self.rng.randint(2, 14))
        if len(days) > 1 and life.person.hard_to_reach:
            days.pop()
        return days

    # --- What is said -------------------------------------------------------------------------------------------------

    def _answers(self, code, name, n, times):
        items = self.versions[code].parsed.items
        share = n / max(times - 1, 1)
        if code in ("PHQ-9", "GAD-7"):
            told = SUMS.get(name, {}).get(code)
            start = self.rng.choice((7, 10, 12, 14)) if n == 0 else None
            if start is not None:
                self._start = start
            total = told[min(n, len(told) - 1)] if told else round(self._start * (1 - 0.45 * share)) - n % 2
            return self._sum(items, total, name, n)
        if code == "QOL":
            level = 3.2 + 2.6 * share
            return {i.code: self._near(level, 0, 10, 1.3) for i in items}
        if code == "SSM":
            level = 2.2 + 0.9 * share
            return {i.code: "na" if self.rng.random() < 0.12 else self._near(level, 1, 5, 0.8) for i in items}
        return self._feedback(items, name, n)

    def _sum(self, items, total, name, n):
        """Points over the questions, so that they add up; the last of the PHQ-9 only where it is told so."""
        codes = [i.code for i in items if i.code != "9"]
        said = dict.fromkeys(codes, 0)
        time, _done = SAFETY.get(name, (None, ""))
        if len(items) == 9:
            said["9"] = int(time == n)
            total -= said["9"]
        for _point in range(min(max(total, 0), 3 * len(codes))):
            said[self.rng.choice([c for c in codes if said[c] < 3])] += 1
        return said

    def _feedback(self, items, name, n):
        said = {i.code: self.rng.choice((3, 4, 4, 5, 5)) for i in items if i.options}
        if name in UNHAPPY and n == 0:
            said["1"] = 2
        comment = self.rng.choice(COMMENTS)
        return said | ({"comment": comment} if comment else {})

    def _near(self, level, low, high, spread):
        return min(max(round(self.rng.gauss(level, spread)), low), high)

    # --- What is written ----------------------------------------------------------------------------------------------

    def _write(self, name, life, code, day, answers):
        house, version, by = self.house, self.versions[code], life.lead(day)
        begun, done = house.diary.at(day, 11), house.diary.at(day, 11, 9)
        alone = code == "CF-5"
        row = house.add(
            Response(
                client=life.client,
                enrollment=life.enrollment,
                instrument_version=version,
                held_on=day,
                mode=Response.Mode.ALONE if alone else Response.Mode.TOGETHER,
                informant=Response.Informant.OBSERVED if code == "SSM" else Response.Informant.CLIENT,
                by=by,
                answers=answers,
                scores=scores_of(version.parsed, answers),
                started_at=begun,
                completed_at=done,
                signed_at=done,
            ),
            by=by,
            at=done,
        )
        house.add(ResponseSignature(response=row, staff=by, typed_name=by.name, signed_at=done))
        for item, value in answers.items():
            house.add(Answer(response=row, item=item, value=value, by=None if alone else by, at=begun))
        for alert in scoring.alerts(version.parsed, answers):
            self._raise(name, life, row, alert, day, done)

    def _raise(self, name, life, response, alert, day, at):
        """What must be acted upon: handled on the day, or still open where nothing is told of it."""
        house, by = self.house, life.lead(day)
        grave = "banner" in alert.actions
        done = SAFETY.get(name, (None, ""))[1] if grave else UNHAPPY.get(name, "")
        who = by if grave else house.staff("sam")
        line = None
        if grave:
            words = Truncator(f"{self.versions['PHQ-9'].instrument}: {alert.text}").chars(200)
            review = day + timedelta(days=settings.CONCERN_REVIEW_DAYS)
            line = Alert(client=life.client, kind=Alert.Kind.HEALTH, text=words, review_on=review)
            line.started_on, line.ended_on = day, day if done else None
            house.add(line, by=by, at=at)
        concern = Concern(
            response=response,
            text=alert.text,
            severity=alert.severity,
            actions=list(alert.actions),
            raised_at=at,
            alert=line,
        )
        if done:
            concern.done, concern.handled_on, concern.handled_by = done, day, who
        house.add(concern, by=who if done else by, at=at)

    def of_staff(self):
        """Job satisfaction and role clarity, each in the name of whoever said it."""
        day = self.house.diary.ago(26)
        for n, login in enumerate(STAFF):
            staff = self.house.staff(login)
            for code in ("JSF", "RCP"):
                version = self.versions[code]
                at = self.house.diary.at(day, 9 + n % 8)
                pay = 2.6 if code == "JSF" else 4
                answers = {
                    i.code: self._near(pay if "pay" in i.code else 3.9, 1, 5, 0.7)
                    for i in version.parsed.items
                }
                self.house.add(
                    StaffResponse(
                        staff=staff,
                        instrument_version=version,
                        held_on=day,
                        answers=answers,
                        scores=scores_of(version.parsed, answers),
                        started_at=at,
                        completed_at=at,
                    ),
                    by=staff,
                    at=at,
                )
