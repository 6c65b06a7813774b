"""Who and what is around the people of the demo: family, representatives, other workers, benefits, homes, alerts.

Days count back from today; negative ones are still to come.
"""

import hashlib
from datetime import timedelta

from clients.models import (
    Alert,
    Benefit,
    Document,
    DocumentFile,
    Identifier,
    LegalPaper,
    LegalRepresentative,
    LivingArrangement,
    OtherName,
    OtherWorker,
    RelatedPerson,
    SafetyPlan,
)

R, L, B, A, H, N = (
    RelatedPerson.Relation,
    LegalRepresentative.Kind,
    Benefit.Status,
    Alert.Kind,
    LivingArrangement.Kind,
    OtherName.Kind,
)

SUPPORT, EMERGENCY = {"is_support": True}, {"is_support": True, "is_emergency_contact": True}
HEALTH = {"for_health": True, "for_information": True}

# Name: what is changed on the person.
PEOPLE = {
    "Alexander Moreau": {
        "no_voicemail": True,
        "helps": "Texts the day before. Meeting outside, walking.",
        "avoids": "The old first name, also in letters.",
    },
    "Beatriz Lemos": {
        "no_voicemail": True,
        "address": "118 Alder Court, Apt 4",
        "address_protected": True,
        "avoids": "Any question while her son is in the room.",
        "wishes": "A woman; never at home.",
    },
    "Renata Kovacs": {
        "no_voicemail": True,
        "address": "Second floor, 9 Orchard Lane",
        "address_protected": True,
    },
    "Thuy Linh Pham": {
        "culture": "Vietnamese; the parents are asked before big decisions.",
        "helps": "Letters in Vietnamese, numbers written down.",
    },
    "Fatima Benali": {
        "culture": "Muslim; not on Fridays at noon, and Ramadan changes the hours.",
        "wishes": "A woman, mornings, at the library.",
    },
    "Henry Okonkwo": {
        "helps": "Large print. His daughter on the phone for appointments.",
        "avoids": "Waiting rooms with a television.",
    },
    "Nadezhda Orlova": {"culture": "Russian Orthodox.", "helps": "An interpreter by phone, not a neighbor."},
}

OTHER_NAMES = {
    "Nadezhda Orlova": [("Надежда Орлова", N.SCRIPT), ("Nadia", N.ALIAS)],
    "Fatima Benali": [("فاطمة بن علي", N.SCRIPT)],
    "Alexander Moreau": [("Lexi M.", N.ALIAS)],
    "Thuy Linh Pham": [("Phạm Thùy Linh", N.SCRIPT)],
    "Hyacinth Bowen": [("Hyacinth Clarke", N.FORMER)],
}

RELATED = {
    "Marisol Vega": [
        ("Ana Vega", R.SIBLING, EMERGENCY | {"may_be_told": "Appointments, nothing about health"}),
        ("Mr. Doyle", R.LANDLORD, {"may_be_told": "That rent is being arranged"}),
    ],
    "Dwayne Prescott": [
        ("Loretta Prescott", R.PARTNER, EMERGENCY | {"lives_with": True}),
        ("Pastor Reed", R.FRIEND, SUPPORT),
    ],
    "Henry Okonkwo": [
        ("Grace Okonkwo", R.CHILD, EMERGENCY | {"may_be_told": "Everything about appointments and medicine"})
    ],
    "Beatriz Lemos": [("Tiago Lemos", R.CHILD, {"lives_with": True}), ("Inês Faria", R.FRIEND, EMERGENCY)],
    "Rosalind Achterberg": [("Mrs. Novak, next door", R.NEIGHBOUR, EMERGENCY)],
    "Calvin Roper": [("Mill Street desk", R.OTHER, SUPPORT | {"note": "First name only."})],
    "Arthur Penhaligon": [("June Penhaligon", R.CHILD, EMERGENCY)],
}

# name, kind, scope, paper seen (days ago; None: not), from, until
REPRESENTATIVES = {
    "Henry Okonkwo": [("Grace Okonkwo", L.HEALTH_AGENT, HEALTH, 200, 240, None)],
    "Rosalind Achterberg": [
        ("Paul Achterberg", L.POA_PROPERTY, {"for_money": True}, 150, 400, None),
        ("Vera Lindt", L.GUARDIAN, HEALTH, 180, 900, 40),
    ],
    "Owen Fairchild": [("Helen Fairchild", L.GUARDIAN, HEALTH, 30, 700, None)],
    "Calvin Roper": [("Riverside Payee Services", L.PAYEE, {"for_money": True}, None, 120, None)],
}

WORKERS = {
    "Thuy Linh Pham": [("Lan Nguyen", "Welcome Center", "Employment counselor", False)],
    "Henry Okonkwo": [
        ("", "Lakeview Dialysis", "Nurse", False),
        ("D. Marsh", "County Aging Services", "Care coordination", True),
    ],
    "Dwayne Prescott": [("Dr. Osei", "Eastside Clinic", "Doctor", False)],
    "Nadezhda Orlova": [("M. Katz", "Refugee Services", "Caseworker", True)],
}

# name, status, cents a month, renewal in days
BENEFITS = {
    "Marisol Vega": [("Food stamps (SNAP)", B.ACTIVE, 29_100, 18), ("Rental help", B.APPLIED, None, None)],
    "Dwayne Prescott": [("SSDI", B.ACTIVE, 146_200, None), ("Medicare", B.ACTIVE, None, None)],
    "Henry Okonkwo": [("SSI", B.ACTIVE, 94_300, 25), ("Medicaid", B.ACTIVE, None, 70)],
    "Priya Raman": [("Medicaid", B.ACTIVE, None, 9)],
    "Calvin Roper": [("SSI", B.ACTIVE, 94_300, 120), ("Food stamps (SNAP)", B.TO_APPLY, None, None)],
    "Fatima Benali": [("Food stamps (SNAP)", B.ACTIVE, 76_800, 4)],
    "Tyrell Jamison": [("Unemployment insurance", B.DENIED, None, None)],
}

# kind, with whom, from, until
HOMES = {
    "Marisol Vega": [(H.OWN, "", 160, None), (H.SHARED, "her sister Ana", 420, 160)],
    "Calvin Roper": [(H.SHELTER, "", 90, None), (H.STREET, "", 300, 90)],
    "Alexander Moreau": [(H.SHARED, "a friend, on the couch", 120, None)],
    "Dwayne Prescott": [(H.OWN, "his wife Loretta", 3000, None)],
    "Imani Waters": [(H.OWN, "her two children", 20, None), (H.HOTEL, "her two children", 75, 20)],
    "Beatriz Lemos": [(H.OWN, "her son", 95, None)],
}

# kind, words, on what it rests, looked at again in days
ALERTS = {
    "Henry Okonkwo": [(A.HEALTH, "Dialysis Monday, Wednesday, Friday: back home at two, tired.", "", 60)],
    "Dwayne Prescott": [(A.HEALTH, "Allergic to penicillin.", "", 80)],
    "Beatriz Lemos": [
        (
            A.LEGAL,
            "Protection order against a former partner; call 911 if he is near.",
            "Order of the county court, copy seen",
            75,
        ),
        (A.ACCESS, "Never come to the door. Meet at the library.", "", 45),
    ],
    "Calvin Roper": [
        (
            A.SAFETY,
            "Dog in the tent area bit a visitor: meet at the desk.",
            "Seen by the desk on a visit in the spring, reported the same day",
            40,
        )
    ],
    "Tyrell Jamison": [(A.ACCESS, "Buzzer is broken: text on arrival.", "", -3)],
}

NUMBERS = {
    "Henry Okonkwo": [(Identifier.Kind.MEDICAID, "4410098823")],
    "Marisol Vega": [(Identifier.Kind.SOCIAL, "900-55-0142")],
}


# Name: the steps of a safety plan, in their words.
SAFETY = {
    "Marisol Vega": {
        "warning_signs": "I stop opening my mail.\nI sleep in my clothes.",
        "own_ways": "I walk to the river and back.\nThe radio, loud.",
        "company": "The church kitchen on Saturdays.",
        "people_to_ask": "My sister Ana, any time.",
        "professionals": "My worker by day.",
        "safer_place": "Ana keeps my old pills.",
        "worth_living": "My niece's first communion.",
    },
    "Dwayne Prescott": {
        "warning_signs": "I snap at Loretta over nothing.",
        "own_ways": "The garage. Sorting screws.",
        "people_to_ask": "Loretta. Pastor Reed.",
        "safer_place": "The hunting rifle is at my brother's.",
    },
    "Calvin Roper": {
        "warning_signs": "I count exits.",
        "company": "The Mill Street desk, they know me.",
        "safer_place": "Not under the bridge when I am like that.",
    },
}

# Name: kind of paper, what it says, where it is.
PAPERS = {
    "Henry Okonkwo": [("health", "Grace decides when I cannot.", "With Grace, and at Mercy Hospital")],
    "Imani Waters": [
        ("custody", "Shared with the father; the children live with her.", "Family court, 2024")
    ],
}

# Name: kind of document, title, text.
DOCUMENTS = {
    "Marisol Vega": [("letter", "Letter of the housing office", "You are number 41 on the list.\n")],
    "Dwayne Prescott": [("report", "Discharge letter of the hospital", "Back home since Monday.\n")],
}


def tell_around(house, lives):
    """Write down what stands around these people, in the name of who works with them, on the day after they began."""
    today = house.diary.today
    ago = lambda days: None if days is None else today - timedelta(days=days)  # noqa: E731 (said six times below)
    ahead = lambda days: None if days is None else today + timedelta(days=days)  # noqa: E731

    for name, life in lives.items():
        client, begun = life.client, life.enrollment.enrolled_on
        by = life.lead(begun) or house.staff("sam")
        at = house.diary.at(min(house.diary.workday(begun + timedelta(days=3)), today), 15)

        def add(row, client=client, by=by, at=at):
            row.client = client
            return house.add(row, by=by, at=at)

        for field, value in PEOPLE.get(name, {}).items():
            setattr(client, field, value)
        for said, kind in OTHER_NAMES.get(name, ()):
            add(OtherName(name=said, kind=kind)).fill_keys()
        for n, (said, relation, more) in enumerate(RELATED.get(name, ())):
            phone = "" if relation == R.OTHER else f"{house.area} 555 01{60 + n:02}"
            add(RelatedPerson(name=said, relation=relation, phone=phone, **more))
        for said, kind, scope, seen, start, end in REPRESENTATIVES.get(name, ()):
            add(
                LegalRepresentative(
                    name=said,
                    kind=kind,
                    document_seen_on=ago(seen),
                    started_on=ago(start),
                    ended_on=ago(end),
                    **scope,
                )
            )
        for said, where, what, is_case_manager in WORKERS.get(name, ()):
            add(OtherWorker(name=said, organisation=where, discipline=what, is_case_manager=is_case_manager))
        for said, status, cents, renew in BENEFITS.get(name, ()):
            add(Benefit(name=said, status=status, monthly_cents=cents, renew_on=ahead(renew)))
        for kind, whom, start, end in HOMES.get(name, ()):
            add(LivingArrangement(kind=kind, lives_with=whom, started_on=ago(start), ended_on=ago(end)))
        for kind, words, basis, review in ALERTS.get(name, ()):
            add(Alert(kind=kind, text=words, basis=basis, started_on=begun, review_on=ahead(review)))
        for kind, number in NUMBERS.get(name, ()):
            add(Identifier(kind=kind, number=number)).fill_digest()
        if name in SAFETY:
            add(SafetyPlan(written_on=at.date(), review_on=ahead(40), **SAFETY[name]))
        for kind, says, where in PAPERS.get(name, ()):
            add(LegalPaper(kind=kind, says=says, where_kept=where))
        for kind, title, text in DOCUMENTS.get(name, ()):
            data = text.encode()
            paper = Document(
                kind=kind,
                title=title,
                file_name=f"{title}.txt",
                content_type="text/plain; charset=utf-8",
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                added_by=by,
                added_at=at,
            )
            house.add(DocumentFile(document=add(paper), data=data))
