"""Builders for tests: one person, one step at a time, through the verbs of the models, so that their rules hold.

Each runs inside `acting_as(agency, by=…)`: history names the person, and PostgreSQL's walls stand.
"""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from assessments.domains import Domain, Rating
from assessments.models import (
    Administration,
    DomainRating,
    InstrumentVersion,
    Need,
    Response,
    StaffResponse,
)
from assessments.shipped import shipped
from casemgmt.agencies.models import ConsentText, PickItem, acting_as
from casemgmt.agencies.models.program import PickList
from casemgmt.resources.models import Resource, ResourceContact, ResourcePlace, ResourceTip
from clients import consents
from clients.models import (
    Client,
    Consent,
    Discharge,
    EligibilityDecision,
    IncomingReferral,
    Intake,
    Lifeline,
    Visit,
    VisitParticipant,
)
from clients.pipeline import Stage
from serviceplans.models import Goal, GoalNeed, Objective, PlanAction, ServicePlan

_numbers = count(1)


def make_client(agency, *, by=None, **fields):
    """A person; names differ from call to call unless given."""
    n = next(_numbers)
    fields = {"given_name": "Jordan", "family_name": f"Example {n}", "number": f"T{n}"} | fields
    with acting_as(agency, by=by):
        return Client.objects.create(agency=agency, **fields)


def list_resource(agency, *, by=None, place=None, contact=None, tip="", **fields):
    """A service in the directory; `place` and `contact` are their fields, `tip` is what `by` found out."""
    n = next(_numbers)
    fields = {"name": f"Pantry {n}", "organization": "Example Neighbors", "needs": ["food"]} | fields
    with acting_as(agency, by=by):
        resource = Resource.objects.create(**fields)
        if place is not None:
            ResourcePlace.objects.create(resource=resource, **place)
        if contact is not None:
            ResourceContact.objects.create(resource=resource, **contact)
        if tip:
            ResourceTip.objects.create(resource=resource, text=tip, by=by)
    return resource


def consent_elements(client, kind, *, language="English"):
    """Everything that the agency's law asks of a consent of this kind, as somebody would fill it in."""
    law = client.agency.privacy_law
    text = ConsentText.objects.filter(agency=client.agency_id, kind=kind, language=language).offered().first()
    said = {
        "text": text,
        "language": language,
        "signed_name": client.name,
        "told": list(consents.statements(kind, law)),
        "purpose": "Coordination of care",
    }
    if kind in consents.OUTWARD:
        said |= {
            "recipient": "" if kind == Consent.Kind.PART2_TPO else "Hope Food Bank",
            "information": "Name, phone and what is needed",
            "discloser": client.agency.name,
            "expires_on": timezone.localdate() + timedelta(days=365),
        }
    return said


def give_consent(client, *, by, kind, **said):
    """A consent with all its elements; `said` differs from the usual."""
    with acting_as(client.agency, by=by):
        return Consent.give(client, by=by, kind=kind, **consent_elements(client, kind) | said)


def refer(client, *, by=None, assigned_to=None, **fields):
    """A referral that has come in and is still open; without `assigned_to` it is everybody's who assigns."""
    with acting_as(client.agency, by=by):
        return IncomingReferral.objects.create(
            client=client,
            assigned_to=assigned_to,
            **({"reason": "Asks for help with housing and benefits."} | fields),
        )


def begin_intake(client, *, by, on=None, **fields):
    """A first meeting without a decision."""
    start = {
        "assigned_to": by,
        "started_on": on or timezone.localdate(),
        "reason": "“I need somebody to sort this out with me.”",
        "safe_now": Intake.Answer.YES,
    }
    with acting_as(client.agency, by=by):
        return Intake.objects.create(client=client, **(start | fields))


def enroll(client, program, worker=None, *, by=None, on=None):
    """Intake and acceptance: an enrollment in `program`, with `worker` accountable (None: in the assignment list).

    `by` decides, else the worker does; each eligibility question is answered as the program expects.
    """
    by = by or worker
    intake = begin_intake(client, by=by, on=on, program=program)
    with acting_as(client.agency, by=by):
        decision = intake.decide(
            EligibilityDecision.Outcome.ACCEPT,
            by=by,
            program=program,
            on=on,
            answers={question.pk: question.expected for question in program.criteria.all()},
            worker=worker,
        )
    return decision.enrollment


def assess(enrollment, *, by, ratings=None, on=None, signed=True):
    """An assessment; `ratings` gives domain: rating, or domain: (worker's, client's), all others are no need.

    Without `ratings` housing and money are unmet.
    """
    ratings = {Domain.HOUSING: Rating.UNMET, Domain.MONEY: Rating.UNMET} if ratings is None else ratings
    with acting_as(enrollment.agency, by=by):
        administration = Administration.objects.create(
            enrollment=enrollment, by=by, held_on=on or timezone.localdate(), summary="What we talked about."
        )
        for domain in Domain:
            given = ratings.get(domain, Rating.NONE)
            worker, client = given if isinstance(given, tuple) else (given, given)
            urgent = Rating.URGENT in (worker, client)
            DomainRating.objects.create(
                administration=administration,
                domain=domain,
                worker_rating=worker,
                client_rating=client,
                comment="Called the crisis line together." if urgent else "",
                strength="Knows many people here." if domain == Domain.SOCIAL else "",
                is_risk=urgent,
            )
        if signed:
            administration.sign(by=by)
    return administration


def publish_instrument(agency, code, *, by=None, **differs):
    """The agency's version of a questionnaire; where there is none, the one that is shipped, or one of `differs`."""
    with acting_as(agency, by=by):
        rows = InstrumentVersion.objects.filter(agency=agency, instrument__code=code).answered()
        if not rows.exists():
            raw = shipped().get(code, {"code": code, "title": code}) | differs
            InstrumentVersion.take_published(agency, [raw])
        return rows.select_related("instrument").first()


def respond(enrollment, code, answers=None, *, by, on=None, finished=True):
    """A questionnaire that somebody answered; `answers` maps codes of questions to what was said.

    What it asks and `answers` does not tell is answered with the first of its options, or left out.
    """
    version = publish_instrument(enrollment.agency, code, by=by)
    with acting_as(enrollment.agency, by=by):
        row = Response.begin(
            version,
            enrollment.client,
            enrollment=enrollment,
            by=by,
            held_on=on or timezone.localdate(),
        )
        _answer(row, answers or {}, by, finished)
    return row


def respond_oneself(staff, code, answers=None, *, finished=True):
    """A questionnaire that somebody answered about their own work."""
    version = publish_instrument(staff.agency, code, by=staff)
    with acting_as(staff.agency, by=staff):
        row = StaffResponse.begin(version, staff)
        _answer(row, answers or {}, staff, finished)
    return row


def _answer(row, answers, by, finished):
    for item in row.definition.items:
        usual = item.options[0].value if item.options and finished else None
        value = answers.get(item.code, usual)
        if value is not None:
            row.say(item.code, value, by=by)
    if finished:
        row.complete(by=by)


def plan_for(enrollment, *, by, goals=2, signed=True):
    """A plan whose goals answer the open needs; assesses first where there is no need to answer."""
    with acting_as(enrollment.agency, by=by):
        needs = list(Need.objects.filter(enrollment=enrollment).open())
    if not needs:
        assess(enrollment, by=by)
    with acting_as(enrollment.agency, by=by):
        needs = needs or list(Need.objects.filter(enrollment=enrollment).open())
        plan = ServicePlan.begin(enrollment, by=by)
        plan.vision, plan.took_part = "“A quiet place of my own.”", enrollment.client.name
        plan.save()
        for n in range(goals):
            _goal(plan, n, needs[n::goals] or needs[:1])
        if signed:
            sign_plan(plan, by=by)
    return plan


def sign_plan(plan, *, by, answer="signed", view=""):
    """Put the author's name under a plan and the person's answer with it; in force unless others have to sign."""
    with acting_as(plan.agency, by=by):
        plan.present(by=by, answers=[{"answer": answer, "typed_name": "Jordan Example", "view": view}])
    return plan


def _goal(plan, n, needs):
    today = timezone.localdate()
    goal = Goal.objects.create(
        plan=plan,
        title=f"Goal {n + 1}: {needs[0]}",
        why="It is what they asked for first.",
        agreement=Goal.Agreement.AGREES,
        position=n,
    )
    for need in needs:
        GoalNeed.objects.create(goal=goal, need=need)
    objective = Objective.objects.create(
        goal=goal,
        text="Sleeps in a place of their own",
        measure="nights in own place a month",
        unit="nights",
        baseline=0,
        target=28,
        target_on=today + timedelta(days=90),
        achievable="Two applications are in.",
        relevant="It comes first for them.",
    )
    PlanAction.objects.create(
        objective=objective,
        text="Send the papers to the housing office",
        who=plan.by.name,
        staff=plan.by,
        due_on=today + timedelta(days=14),
    )


def activate(enrollment, *, by):
    """Bring an enrollment to active, doing what is still missing on the way."""
    if enrollment.stage in (Stage.ENROLLED, Stage.ASSESSED):
        plan_for(enrollment, by=by)
    with acting_as(enrollment.agency, by=by):
        enrollment.refresh_from_db()
        enrollment.move_to(Stage.ACTIVE, by=by)
    return enrollment


def log_visit(
    enrollment, *, by, days_ago=1, note="We spoke about next week.", signed=True, others=None, **fields
):
    """A visit led by `by`; `others` gives colleague: role for those who came along."""
    seen = {
        "started_at": timezone.now() - timedelta(days=days_ago, hours=1),
        "place": Visit.Place.HOME,
        "direct_minutes": 45,
        "note": note,
    } | fields
    with acting_as(enrollment.agency, by=by):
        visit = Visit.objects.create(enrollment=enrollment, **seen)
        for staff, role in {by: VisitParticipant.Role.LEAD, **(others or {})}.items():
            VisitParticipant.objects.create(visit=visit, staff=staff, role=role, minutes=visit.direct_minutes)
        if signed:
            visit.sign(by=by)
    return visit


def discharge(enrollment, *, by, on=None, disposition="GOALS_ACHIEVED", signed=True):
    """A discharge with a lifeline; signing it ends the enrollment and sets the follow-up."""
    with acting_as(enrollment.agency, by=by):
        row = Discharge.objects.create(
            enrollment=enrollment,
            discharged_on=on or timezone.localdate(),
            disposition=PickItem.objects.filter(agency=enrollment.agency_id)
            .of(PickList.DISPOSITION)
            .get(code=disposition),
            summary="Has a lease and an income, and knows whom to call.",
        )
        Lifeline.objects.create(discharge=row, name="Their sister", phone="412 555 0142", purpose="Company")
        if signed:
            row.sign(by=by)
    return row
