"""The days of the demo's workers: how they helped, who reads their notes, what is agreed upon, what was reported.

Told in two parts: `tell_days` while rows are still collected, and `tell_reports` once all is written, by the verbs.
"""

import hashlib
import random
import uuid
from datetime import timedelta

from django.urls import reverse

from casemgmt.agencies.models import (
    CalendarFeed,
    DailyMail,
    Indicator,
    KeptForm,
    NotePhrase,
    Notice,
    ReportingDeadline,
    acting_as,
)
from casemgmt.agencies.models.deadline import Counted
from clients.models import (
    Benefit,
    CheckIn,
    Consultation,
    Document,
    DocumentFile,
    IncidentReport,
    KeyEvent,
    MandatedReport,
    PlannedVisit,
    Snooze,
    Visit,
    VisitActivity,
    VisitAddendum,
    VisitCorrection,
    VisitParticipant,
    VisitQuestion,
    VisitSignature,
    VisitValue,
)
from clients.models.incident import Submitted
from serviceplans.billing import make_run
from serviceplans.models import CoveredWork, EnrollmentFunding, FundingSource, WorkedDay
from serviceplans.units import UnitRule

# Said often, typed never.
PHRASES = (
    "Arrived as agreed.",
    "We looked at the week ahead.",
    "Went over the safety plan together.",
    "Left a message without details.",
    "Medicine is taken as prescribed.",
)
LETTER = "Wrote a letter with the day of the appointment, in large print, with the bus line."
SLEEPS = ["Outside", "With somebody", "Shelter", "Own place"]
NEXT_STEPS = (
    "Call the clinic together.",
    "Bring the two missing papers.",
    "Ask how the first week went.",
    "Go to the office together.",
)
# Days ago from, and until (None: it lasts; the same: one day), counted from the day they were enrolled.
EVENTS = {
    "Marisol Vega": [
        (KeyEvent.Kind.HOSPITAL_MH, -320, -292),
        (KeyEvent.Kind.HOSPITAL, -180, -166),
        (KeyEvent.Kind.HOSPITAL_MH, -60, -42),
        (KeyEvent.Kind.EMERGENCY, -90, -90),
        (KeyEvent.Kind.EMERGENCY, -21, -21),
        (KeyEvent.Kind.HOSPITAL_MH, 40, 50),
    ],
    "Calvin Roper": [
        (KeyEvent.Kind.HOMELESS, -210, 14),
        (KeyEvent.Kind.ARREST, -130, -130),
        (KeyEvent.Kind.JAIL, -130, -104),
        (KeyEvent.Kind.EMERGENCY, -40, -40),
    ],
    "Dwayne Prescott": [(KeyEvent.Kind.HOSPITAL, -45, -38), (KeyEvent.Kind.HOSPITAL, 70, 74)],
    "Tyrell Jamison": [(KeyEvent.Kind.JOB_END, -25, -25), (KeyEvent.Kind.EMERGENCY, -12, -12)],
    "Gloria Benitez": [(KeyEvent.Kind.HOSPITAL_MH, -50, -20), (KeyEvent.Kind.CRISIS, 20, 21)],
    "Isaiah Thornton": [
        (KeyEvent.Kind.HOSPITAL_MH, -200, -150),
        (KeyEvent.Kind.JAIL, -80, -68),
        (KeyEvent.Kind.HOSPITAL_MH, 90, 97),
    ],
}


def tell_days(house, lives):
    """Everything that is collected like the rest; returns nothing, adds to the ledger."""
    rng = random.Random(house.agency.slug)
    _set_up(house)
    _help(house, rng)
    _happened(house, lives)
    _agree(house, rng)
    _pay(house)
    if house.pairing:
        _trainee(house)
        _together(house, lives)
        _read_again(house)
        _wait(house, lives)


def _visits(house, *, by=None, days=10_000, kept=True):
    """Visits and who led them, the latest first."""
    leads = {id(p.visit): p.staff for p in house.ledger.rows[VisitParticipant] if p.role == "lead"}
    rows = [
        (row, leads[id(row)])
        for row in house.ledger.rows[Visit]
        if (not kept or row.outcome == Visit.Outcome.KEPT)
        and (by is None or leads[id(row)] == by)
        and row.started_at > house.diary.now - timedelta(days=days)
    ]
    return sorted(rows, key=lambda pair: pair[0].started_at, reverse=True)


def _help(house, rng):
    """How help was given, in which language, over what distance, and what comes next."""
    other = house.service_type("LINKAGE")
    for visit, lead in _visits(house, kept=False):
        if visit.travel_minutes:
            visit.distance_m = visit.travel_minutes * rng.randrange(450, 800, 50)
        if visit.outcome != Visit.Outcome.KEPT:
            visit.not_reached_why = rng.choice(["client", "client", "client", "logistics", "worker"])
            continue
        if visit.held_with == Visit.With.COLLATERAL:
            visit.with_whom = rng.choice(["Sister", "Housing office, Ms. Farrow", "The clinic’s nurse"])
            continue
        visit.help = rng.choice(["informed", "helped", "helped", "along", "done_for"])
        if visit.enrollment.program.asks_acuity:
            visit.acuity = rng.choice([2, 2, 3, 3, 4])
        if visit.mode == Visit.Mode.MESSAGE and rng.random() < 0.2:
            visit.mode, visit.note = Visit.Mode.LETTER, LETTER
        if visit.enrollment.client.needs_interpreter:
            visit.interpreter = rng.choice(["used", "used", "spoke"])
        if rng.random() < 0.3:
            visit.next_step = rng.choice(NEXT_STEPS)
        if visit.direct_minutes > 40 and rng.random() < 0.15 and visit.service_type != other:
            row = VisitActivity(visit=visit, service_type=other, minutes=15)
            house.add(row, by=lead, at=visit.started_at)


def _set_up(house):
    by = house.staff("ada") if house.pairing else house.staff("olive")
    if house.pairing:
        house.cast.act.asks_acuity = True
        house.cast.act.save()
    for position, text in enumerate(PHRASES):
        house.add(NotePhrase(text=text, position=position), by=by)
    _ask_at_visits(house, by)
    example = "Made up for this demo, not the law"
    lines = [
        ("incident", None, 24, Counted.HOURS, 3, Counted.BUSINESS_DAYS, "County behavioral health desk", 90),
        ("incident", "PRIVACY", None, Counted.HOURS, 30, Counted.DAYS, "Our privacy officer", 91),
        ("mandated", None, 24, Counted.HOURS, 2, Counted.DAYS, "County adult services", 92),
        ("mandated", "CHILD", 1, Counted.HOURS, 2, Counted.DAYS, "Child protection line", 93),
    ]
    for kind, code, verbal, counted, written, then, to, phone in lines:
        row = ReportingDeadline(
            kind=kind,
            category=house.pick(kind, code) if code else None,
            recipient=to,
            phone=f"{house.area} 555 01{phone}",
            verbal_within=verbal,
            verbal_counted=counted,
            written_within=written,
            written_counted=then,
            basis=example,
        )
        house.add(row, by=by)


def _ask_at_visits(house, by):
    """Two questions of the agency's own, answered at some visits: a number that falls, and where people sleep."""
    nights = Indicator(
        name="Nights outside in the last week",
        unit="nights",
        minimum=0,
        maximum=7,
    )
    sleeps = Indicator(name="Sleeps now", kind=Indicator.Kind.CHOICE, choices="\n".join(SLEEPS), position=1)
    for row in (nights, sleeps):
        house.add(row, by=by)
    before = {}
    for visit, lead in reversed(_visits(house)):
        if not visit.signed_at or visit.held_with == Visit.With.COLLATERAL:
            continue
        n = before[id(visit.enrollment)] = before.get(id(visit.enrollment), -1) + 1
        if n % 3 == 0:
            answer = VisitValue(visit=visit, indicator=nights, number=max(6 - n // 3, n % 2))
            house.add(answer, by=lead, at=visit.started_at)
        if n % 6 == 0:
            answer = VisitValue(visit=visit, indicator=sleeps, words=SLEEPS[min(n // 6, len(SLEEPS) - 1)])
            house.add(answer, by=lead, at=visit.started_at)


def _happened(house, lives):
    """What brought people here, and what has become of it since."""
    for name, events in EVENTS.items():
        if (life := lives.get(name)) is None:
            continue
        begun, today = life.enrollment.enrolled_on, house.diary.today
        for kind, start, end in events:
            first = begun + timedelta(days=start)
            last = begun + timedelta(days=end) if end is not None and end != start else None
            if first > today or (last and last > today):
                continue
            row = KeyEvent(client=life.client, kind=kind, started_on=first, ended_on=last)
            house.add(row, by=life.lead(begun), at=house.diary.at(max(first, begun), 16))


def _agree(house, rng):
    """Visits agreed upon, where the last one named a day, and a few today."""
    today, now = house.diary.today, house.diary.now
    hours = {}
    for visit, lead in _visits(house):
        if visit.next_on is None or not today <= visit.next_on <= today + timedelta(days=10):
            continue
        n = hours[lead, visit.next_on] = hours.get((lead, visit.next_on), -1) + 1
        if n > 4 or visit.enrollment.ended_on:
            continue
        at = house.diary.at(today, 9) + (visit.next_on - today) + timedelta(hours=n * 1.5)
        place = rng.choice(["", "", "Library, second floor", "At the office"])
        row = PlannedVisit(
            enrollment=visit.enrollment,
            staff=lead,
            starts_at=at.replace(minute=0 if n % 2 == 0 else 30, second=0, microsecond=0),
            minutes=rng.choice([30, 45, 60]),
            mode=visit.mode if visit.mode in ("phone", "video") else "in_person",
            place=place if visit.mode not in ("phone", "video") else "",
            note=rng.choice(NEXT_STEPS),
            by=lead,
        )
        house.add(row, by=lead, at=min(visit.signed_at or visit.started_at, now))


def _pay(house):
    """Who pays: by units, by a grant, and a program in which contacts are only counted."""
    by = house.staff("ada") if house.pairing else house.staff("olive")
    add, pick = house.add, house.pick
    medicaid = FundingSource(
        name="Medicaid case management",
        payer=pick("funding", "MEDICAID"),
        code="T1017",
        unit_rule=UnitRule.MIDPOINT,
        most_a_day=16,
    )
    grant = FundingSource(name="County grant", payer=pick("funding", "COUNTY"), components_only=False)
    counted = FundingSource(
        name="Contacts counted for the state",
        payer=pick("funding", "GRANT"),
        counts_only=True,
        components_only=False,
    )
    house.sources = [add(row, by=by) for row in (medicaid, grant, counted)]
    for code in ("MONITORING", "LINKAGE", "ASSESSMENT", "PLANNING", "COLLATERAL", "ADVOCACY", "CRISIS"):
        add(CoveredWork(source=medicaid, service_type=house.service_type(code)), by=by)
    by_code = {"CCM": medicaid, "ACT": medicaid, "RAPID": grant, "RECOVERY": counted}
    enrollments = {id(row.enrollment): row.enrollment for row in house.ledger.rows[Visit]}
    for enrollment in enrollments.values():
        source = by_code.get(enrollment.program.code, counted)
        row = EnrollmentFunding(
            enrollment=enrollment,
            source=source,
            started_on=enrollment.enrolled_on,
            ended_on=enrollment.ended_on,
        )
        add(row, by=by, at=house.diary.at(enrollment.enrolled_on, 17))
    who = {lead for _visit, lead in _visits(house, days=50)}
    for lead in sorted(who, key=lambda staff: staff.pk):
        for back in range(2, 50):
            day = house.diary.today - timedelta(days=back)
            if day.weekday() < 5 and day >= lead.hired_on:
                add(WorkedDay(staff=lead, on=day, minutes=480, by=house.staff("sam")), by=house.staff("sam"))


def _trainee(house):
    """Nia's notes of this week wait for a second signature, and Sam asks about one of them."""
    cast, now = house.cast, house.diary.now
    cast.nia.notes_cosigned_until = house.diary.today + timedelta(days=60)
    cast.nia.save()
    waiting = [row for row, _lead in _visits(house, by=cast.nia, days=6) if row.signed_at][:3]
    for row in waiting:
        row.cosigner, row.cosign_asked_at = cast.mo, row.signed_at
    if waiting:
        _ask(house, waiting[0], cast.mo, "question", "What did the clinic say about the ride home?")
    _stuck(house, [row for row, _lead in _visits(house, by=cast.nia, days=20)])
    older = [row for row, _lead in _visits(house, by=cast.nia, days=40) if row.signed_at][3:6]
    for row, (kind, text, answer) in zip(
        older,
        [
            ("thanks", "Good that you waited until she was ready to call herself.", ""),
            ("follow_up", "Please look at the lease with them next time.", "Done, the lease is in the file."),
        ],
        strict=False,
    ):
        said = _ask(house, row, cast.sam, kind, text)
        if answer:
            said.answer, said.answered_by = answer, cast.nia
            said.answered_at = min(said.asked_at + timedelta(hours=3), now)


def _stuck(house, visits):
    """The new hire asks her mentor for advice, and her supervisor has answered before."""
    cast, now = house.cast, house.diary.now
    asked = [
        (
            cast.mo,
            timedelta(hours=5),
            "The door opens, but I am never asked to sit down. How did you begin?",
            "",
        ),
        (
            cast.sam,
            timedelta(days=9),
            "The landlord wants to talk to me alone. May I?",
            "Only with consent in writing. Ask first who wants to be there.",
        ),
    ]
    people = [visit.enrollment for visit in visits if visit.enrollment.ended_on is None]
    people = list({id(enrollment): enrollment for enrollment in people}.values())
    for enrollment, (whom, ago, text, answer) in zip(people, asked, strict=False):
        at = now - ago
        row = Consultation(enrollment=enrollment, by=cast.nia, asked_of=whom, text=text, asked_at=at)
        if answer:
            row.answer, row.answered_by, row.answered_at = answer, whom, at + timedelta(hours=4)
        house.add(row, by=cast.nia, at=at)


def _ask(house, visit, by, kind, text):
    at = min(visit.signed_at + timedelta(hours=2), house.diary.now)
    return house.add(VisitQuestion(visit=visit, kind=kind, text=text, by=by, asked_at=at), by=by, at=at)


def _together(house, lives):
    """A couple at one table: one visit of two people, its minutes split."""
    one, other = lives["Gloria Benitez"], lives["Ernesto Benitez"]
    late = max(one.enrollment.enrolled_on, other.enrollment.enrolled_on) + timedelta(days=30)
    for visit, lead in _visits(house, by=house.cast.mo):
        alone = not any(p.visit is visit and p.staff != lead for p in house.ledger.rows[VisitParticipant])
        if (
            visit.enrollment is one.enrollment
            and visit.signed_at
            and alone
            and visit.mode == Visit.Mode.IN_PERSON
            and visit.direct_minutes > 30
            and late < visit.started_at.date() < house.diary.ago(20)
        ):
            break
    half = visit.direct_minutes // 2
    visit.together, visit.direct_minutes = uuid.uuid5(uuid.NAMESPACE_DNS, house.agency.slug), half
    same = ("service_type", "mode", "place", "help", "signed_at", "together", "next_step")
    twin = Visit(enrollment=other.enrollment, started_at=visit.started_at + timedelta(minutes=half))
    for name in same:
        setattr(twin, name, getattr(visit, name))
    twin.note, twin.direct_minutes = visit.note.replace("Gloria", "Ernesto"), half
    twin.own_note, visit.own_note = "Wants to talk about work alone next time.", "Sleeps badly again."
    house.add(twin, by=lead, at=visit.signed_at)
    for row in house.ledger.rows[VisitParticipant]:
        if row.visit is visit:
            row.minutes = half
    house.add(VisitParticipant(visit=twin, staff=lead, minutes=half), by=lead, at=twin.started_at)
    house.add(VisitSignature(visit=twin, staff=lead, typed_name=lead.name, signed_at=twin.signed_at))


def _read_again(house):
    """Something was added to a signed note, and a letter was attached to one."""
    found = [row for row, _lead in _visits(house, by=house.cast.wendy, days=30) if row.signed_at]
    visit, at = found[2], min(found[2].signed_at + timedelta(hours=4), house.diary.now)
    text = "She called after lunch: the letter has come, we read it on Thursday."
    house.add(VisitAddendum(visit=visit, author=house.cast.wendy, text=text, written_at=at))
    data = b"Your file is complete. We write again within three weeks.\n"
    paper = Document(
        client=visit.enrollment.client,
        enrollment=visit.enrollment,
        visit=visit,
        kind=Document.Kind.LETTER,
        title="Letter we read together",
        file_name="letter.txt",
        content_type="text/plain; charset=utf-8",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        added_by=house.cast.wendy,
        added_at=visit.signed_at - timedelta(minutes=1),
    )
    house.add(paper, by=house.cast.wendy, at=paper.added_at)
    house.add(DocumentFile(document=paper, data=data), by=house.cast.wendy, at=paper.added_at)


def _wait(house, lives):
    """Somebody is out at this moment; a calendar fetches a worker's dates; yesterday's e-mail went out."""
    cast, now, today = house.cast, house.diary.now, house.diary.today
    life = next(life for life in lives.values() if life.worker == cast.walt and not life.ended)
    out = CheckIn(
        staff=cast.walt,
        enrollment=life.enrollment,
        place="Their own place, then the clinic",
        started_at=now - timedelta(minutes=35),
        expected_at=now + timedelta(minutes=40),
    )
    house.add(out, by=cast.walt, at=now - timedelta(minutes=35))
    for staff in (cast.wendy, cast.mo):
        secret = f"{staff.pk} {house.agency.slug}"
        row = CalendarFeed(
            staff=staff, digest=CalendarFeed.digest_of(secret), started_at=now - timedelta(days=9)
        )
        house.add(row, by=staff, at=row.started_at)
        sent = house.diary.at(today - timedelta(days=1), 6)
        house.add(DailyMail(staff=staff, on=today - timedelta(days=1), items=4, sent_at=sent))


# --- By the verbs, once everything is written -------------------------------------------------------------------------


def tell_reports(house, lives):
    """Incidents and suspicions with their deadlines; a billing run and what was put right after it."""
    if not house.pairing:
        return
    _report(house, lives)
    _put_off(house)
    _bill(house)
    life = lives["Marisol Vega"]
    KeptForm.objects.create(
        agency=house.agency,
        staff=house.cast.wendy,
        key=uuid.uuid5(uuid.NAMESPACE_DNS, "kept"),
        path=reverse("workspace:visit-log", kwargs={"pk": life.enrollment.pk}),
        typed='{"note": "Went to the housing office together."}',
    )


def _report(house, lives):
    cast, now = house.cast, house.diary.now
    agency = house.agency
    life, other = lives["Calvin Roper"], lives["Fatima Benali"]
    with acting_as(agency, by=cast.wendy):
        late = IncidentReport(
            client=life.client,
            enrollment=life.enrollment,
            category=house.pick("incident", "INJURY"),
            happened_at=now - timedelta(hours=31),
            known_at=now - timedelta(hours=30),
            what="Slipped on the wet steps of the shelter while we carried his bags. Could not move his wrist.",
            done="Called 911 and waited with him. The desk wrote it down, too.",
            injured="Left wrist, maybe broken",
        )
        late.put(by=cast.wendy)
        told = now - timedelta(hours=4)
        doubt = MandatedReport(
            client=other.client,
            enrollment=other.enrollment,
            category=house.pick("mandated", "CHILD"),
            about="A neighbor’s child, about six",
            known_at=told - timedelta(minutes=40),
            supervisor_told_at=told,
            what="Bruises on both arms; the child said, “I fell again.”",
            grounds="The third time within a month that the family hears crying at night.",
        )
        sent = {"how": Submitted.How.VERBAL, "at": told, "to": "Child protection line", "reference": "R-2214"}
        doubt.put(by=cast.wendy)
        doubt.send(by=cast.wendy, **sent)
        Notice.objects.create(
            staff=cast.sam,
            kind="reported",
            subject=f"incidentreport-{late.pk}",
            text=f"{cast.wendy.name} reported an incident.",
            url=reverse("workspace:incident-detail", kwargs={"pk": late.pk}),
        )
    with acting_as(agency, by=cast.walt):
        privacy = IncidentReport(
            category=house.pick("incident", "PRIVACY"),
            known_at=now - timedelta(days=20),
            what="A letter about an appointment went to an old address and came back opened.",
            done="Address changed everywhere. The person was told and was not angry.",
            review="Two addresses stood in the record, and the printer took the first one.",
            corrective="Old addresses are closed with a date on the day of a move.",
        )
        privacy.put(by=cast.walt)
        at = now - timedelta(days=19)
        privacy.send(
            by=cast.walt, how=Submitted.How.WRITTEN, at=at, to="Our privacy officer", reference="P-7"
        )
        privacy.debrief((now - timedelta(days=18)).date(), by=cast.sam)
        privacy.close(by=cast.sam)


def _put_off(house):
    """A renewal that waits for an office to open."""
    row = next(row for row in house.ledger.rows[Benefit] if row.renew_on and row.renew_on > house.diary.today)
    Snooze.put_off(
        row.client,
        staff=house.cast.wendy,
        kind="benefit",
        subject=str(row.pk),
        until=house.diary.today + timedelta(days=3),
        why="The office is closed until Thursday.",
        longest=14,
    )


def _bill(house):
    """Last month was sent; then minutes of one note were put right, and the line was taken back."""
    by, today = house.staff("dana"), house.diary.today
    source = house.sources[0]
    start, end = today - timedelta(days=45), today - timedelta(days=12)
    run = make_run(by, source, start, end)
    line = run.lines.filter(minutes__gt=20).first()
    visit = line.visits.first().visit
    VisitCorrection.objects.create(
        visit=visit, direct_minutes=10, why="The drive was counted with the talk.", by=house.cast.wendy
    )
    make_run(by, source, start, end)
