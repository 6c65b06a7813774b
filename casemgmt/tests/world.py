"""A small world to be looked at by everybody in the cast, with a canary in every text of every record.

Each person in it is known by a tag: whose record it is (`wendy`, `walt`, `lars`), or why it is hidden (`closed`,
`conflict`, `sealed`). `SEES` says who of the cast may ever read whose canary; it is written by hand, so that the doors
are not asked about themselves.
"""

import hashlib
import io
import re
import uuid
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from html.parser import HTMLParser
from types import SimpleNamespace

from django.apps import apps
from django.core.signals import got_request_exception
from django.db import models, transaction
from django.test import Client
from django.utils import timezone

from assessments.models import Answer, Concern, Need, Response, StaffResponse
from casemgmt.agencies.models import (
    AgencyFact,
    CalendarFeed,
    Credential,
    DailyMail,
    Indicator,
    KeptForm,
    LevelOfCare,
    NotePhrase,
    Notice,
    OperatorEntry,
    PickItem,
    ReportingDeadline,
    ServiceType,
    acting_as,
)
from casemgmt.core.models import update_many
from casemgmt.demo import builders
from casemgmt.demo.cast import build_cast
from casemgmt.interchange.tables import work as table_work
from casemgmt.resources.models import ResourceContact, ResourcePlace, ResourceTip
from casemgmt.workspace.changes import client_lookup, models_of_a_record
from clients.models import (
    AftercareFollowUp,
    Alert,
    Benefit,
    CheckIn,
    ConflictOfInterest,
    Consent,
    Consultation,
    Crisis,
    DatedFact,
    Disclosure,
    Document,
    DocumentFile,
    DocumentOpening,
    EligibilityDecision,
    EmergencyAccess,
    Household,
    HouseholdMember,
    Identifier,
    IncidentReport,
    IncidentSubmitted,
    KeyEvent,
    LegalPaper,
    LegalRepresentative,
    LevelDecision,
    LivingArrangement,
    MandatedReport,
    MandatedSubmitted,
    Merge,
    Milestone,
    OtherName,
    OtherWorker,
    OutreachContact,
    PlannedVisit,
    RelatedPerson,
    RestrictedTo,
    SafetyPlan,
    Snooze,
    VisitActivity,
    VisitAddendum,
    VisitCorrection,
    VisitQuestion,
    VisitValue,
)
from clients.models import (
    Client as Person,
)
from mentoring.models import ActivityType, MentoringActivity, Pairing
from serviceplans.models import (
    Authorization,
    BilledVisit,
    BillingLine,
    BillingRun,
    CoveredWork,
    DischargeCriterion,
    EnrollmentFunding,
    FundingSource,
    GoalBarrier,
    GoalProgress,
    GoalTemplate,
    NeedLeft,
    PlanAddendum,
    PlannedService,
    PlanReview,
    ReviewExemption,
    ServiceDelivered,
    ServiceInterruption,
    ServicePlan,
    ServiceReferral,
    WorkedDay,
)

SEES = {
    "wendy": {"dana", "sam", "wendy", "quinn"},
    "walt": {"dana", "sam", "walt", "quinn"},
    "team": {"dana", "sam", "walt", "mo", "quinn"},  # in a program whose team shares one caseload
    "nobody": {"dana", "sam", "quinn"},  # waits for somebody to be assigned
    "closed": {"walt"},  # restricted to him
    "conflict": {"walt"},  # everybody else declared that they know the person
    "sealed": {"walt", "sam"},  # 42 CFR Part 2: the program's team
    "lars": {"olive"},
    "table": {"sam", "dana"},  # a file that Sam sent
    "olivetable": {"olive"},
    "pair": {"mo", "nia", "sam", "dana"},
    "pairnote": {"mo", "nia"},
    "directory": {"dana", "sam", "wendy", "walt", "mo", "nia", "quinn", "ada"},
    "directorylock": {"dana", "sam"},  # a confidential address
    "olivedirectory": {"olive"},
    "questionnaire": {"dana", "sam", "wendy", "walt", "mo", "nia", "quinn", "eve", "ada"},
    "olivequestionnaire": {"olive"},
    "self": {"wendy"},  # what Wendy says about her own work
    "waltself": {"walt"},
    "larsself": set(),
    "olivepair": {"olive"},
    "olivepairnote": {"olive"},
}
CANARY = re.compile(r"CANARY[-+ ](\w+?)[-+ ](\w+?)[-+ ](\d+)[-+ ]", re.IGNORECASE)
ABSENT = 987_654_321
TECHNICAL = {
    "source",
    "source_key",
    "item",
    "name_key",
    "sound_key",
    "phone_key",
    "number",
    "digest",
    "before",
    "mark",
    "sha256",
    "content_type",
}


def build_world():
    """The cast, one whole record a tag, two pairs, and a canary in each."""
    world = build_cast()
    world.people = people = {
        "wendy": whole_record(world.riverside, world.ccm, world.wendy, opened_by=world.nia),
        "walt": whole_record(world.riverside, world.ccm, world.walt, opened_by=world.nia),
        "closed": whole_record(world.riverside, world.ccm, world.walt),
        "conflict": whole_record(world.riverside, world.ccm, world.walt),
        "sealed": whole_record(world.riverside, world.recovery, world.walt),
        "lars": whole_record(world.lakeside, world.outreach, world.lars, opened_by=world.lars),
        "team": bare_record(world.riverside, world.act, world.walt, by=world.walt),
        "nobody": bare_record(world.riverside, world.ccm, None, by=world.sam),
    }
    _hide(world)
    _write_who_does_not_see(world)
    kin = _write_kin(people["wendy"], world.wendy)
    world.run, world.lakeside_run = table_of(world.sam, "table"), table_of(world.olive, "olivetable")
    people["pair"] = pair_of(world, world.pairing, led_by=world.sam)
    people["olivepair"] = pair_of(world, _pair_at_lakeside(world), led_by=world.olive)
    for agency, staff in ((world.riverside, world.wendy), (world.lakeside, world.lars)):
        OperatorEntry.begin(world.root, agency, "A fault of last week.", minutes=-5)
        with acting_as(agency, by=None):
            Credential.objects.create(agency=agency, staff=staff, kind="Licence")
    for tag in ("wendy", "walt", "closed", "conflict", "sealed", "lars", "team", "nobody"):
        plant(people[tag].client.agency, tag, people[tag].client)
        if hasattr(people[tag], "response"):
            _write_answers(people[tag], tag)
    plant(world.riverside, "wendy", kin)
    return world


# --- Records --------------------------------------------------------------------------------------------------------


def bare_record(agency, program, worker, *, by):
    """Somebody enrolled, and no more."""
    client = builders.make_client(agency, by=by, phone="412 555 0111")
    builders.refer(client, by=by)
    return SimpleNamespace(client=client, enrollment=builders.enroll(client, program, worker, by=by))


def whole_record(agency, program, worker, *, opened_by=None):
    """Somebody who was discharged once, came back, and is served with everything the product has a page for."""
    then = timezone.localdate() - timedelta(days=60)
    client = builders.make_client(
        agency,
        by=worker,
        chosen_name="Jo",
        phone="412 555 0111",
        contact_note="Mornings.",
        email="jo@example.org",
        pronouns="they/them",
        language="Spanish",
    )
    person = SimpleNamespace(client=client, worker=worker)
    person.past = builders.enroll(client, program, worker, on=then)
    builders.discharge(person.past, by=worker, on=then + timedelta(days=30))
    enrollment = person.enrollment = builders.enroll(client, program, worker, on=then + timedelta(days=35))
    person.administration = builders.assess(enrollment, by=worker)
    person.assessment_draft = builders.assess(enrollment, by=worker, signed=False)
    person.plan_signed = builders.plan_for(enrollment, by=worker)
    person.visit = builders.log_visit(enrollment, by=worker, days_ago=3)
    person.draft = builders.log_visit(enrollment, by=worker, days_ago=1, signed=False)
    person.referral = builders.refer(client, by=worker, assigned_to=worker, program=program)
    person.intake = builders.begin_intake(client, by=worker, program=program)
    other = builders.begin_intake(client, by=worker, program=program)
    with acting_as(agency, by=worker):
        enrollment.refresh_from_db()
        person.decision = other.decide(
            EligibilityDecision.Outcome.REFER_OUT,
            by=worker,
            note="Not now.",
            offered="The food bank.",
            follow_up_on=timezone.localdate(),
        )
        _write_plan(person, worker)
        VisitAddendum.objects.create(visit=person.visit, author=worker, text="One thing more.")
        PlanAddendum.objects.create(plan=person.plan_signed, author=worker, text="They called again.")
        person.follow_up = AftercareFollowUp.objects.get(discharge__enrollment=person.past)
        person.discharge = person.follow_up.discharge
        person.service = ServiceReferral(enrollment=enrollment, service="Food bank", provider="Hope")
        person.service.put(by=worker)
        _write_around(person, worker)
        _list_services(person, worker)
        _write_day(person, worker)
        _write_reports(person, worker)
        _write_units(person, worker)
        _ask(person, worker)
        person.member = HouseholdMember.objects.create(
            household=Household.objects.create(agency=agency), client=client
        )
        person.emergency = None
        if opened_by is not None:
            ago = timezone.now() - timedelta(hours=3)
            person.emergency = EmergencyAccess.objects.create(
                client=client,
                staff=opened_by,
                reason=PickItem.objects.get(agency=agency, pick_list="emergency", code="CRISIS"),
                detail="They called.",
                started_at=ago,
                ends_at=ago + timedelta(hours=1),
            )
    return person


def _write_around(person, worker):
    """One row of everything that stands around a person."""
    client, enrollment = person.client, person.enrollment
    today = timezone.localdate()
    paper = person.document = Document.objects.create(
        client=client,
        title="Letter",
        file_name="letter.txt",
        content_type="text/plain",
        size=5,
        sha256=hashlib.sha256(b"hello").hexdigest(),
        added_by=worker,
    )
    DocumentFile.objects.create(document=paper, data=b"hello")
    DocumentOpening.objects.create(document=paper, staff=worker)
    person.consent = Consent.objects.create(client=client, kind=Consent.Kind.SERVICE, purpose="Service")
    person.disclosure = Disclosure.objects.create(
        client=client, by=worker, basis=Disclosure.Basis.PERSON, recipient="Jo", information="A letter"
    )
    person.related = RelatedPerson.objects.create(client=client, name="Sister", relation="sibling")
    person.representative = LegalRepresentative.objects.create(
        client=client, name="Guardian", kind="guardian", for_health=True, document_seen_on=today
    )
    person.other_worker = OtherWorker.objects.create(client=client, organisation="Clinic", name="Nurse")
    person.benefit = Benefit.objects.create(client=client, name="SSI", renew_on=today)
    person.living = LivingArrangement.objects.create(client=client, kind="own", started_on=today)
    person.alert = Alert.objects.create(client=client, kind="health", text="Diabetes", review_on=today)
    person.legal_paper = LegalPaper.objects.create(client=client, kind="custody", says="Shared")
    person.safety_plan = SafetyPlan.objects.create(client=client, warning_signs="I stop sleeping.")
    person.other_name = OtherName.objects.create(client=client, name="Jojo")
    person.identifier = Identifier.objects.create(client=client, kind="medicaid", number=f"77{client.pk}")
    person.key_event = KeyEvent.objects.create(client=client, kind="hospital", started_on=today)
    DatedFact.objects.create(client=client, enrollment=enrollment, topic="income", label="SSI", on=today)
    person.outreach = OutreachContact.objects.create(
        client=client, referral=person.referral, outcome="no_answer", by=worker
    )
    person.milestone = Milestone.objects.create(enrollment=enrollment, title="Plan", due_on=today)
    twin = builders.make_client(client.agency, by=worker)
    with acting_as(client.agency, by=worker):
        twin.merged_into = client
        twin.save()
        person.merge = Merge.objects.create(kept=client, gone=twin, reason="The same.", merged_by=worker)


def _ask(person, worker):
    """A questionnaire that was answered, one that was begun, and two about the worker themselves."""
    agency = worker.agency
    name = "olivequestionnaire" if agency.slug == "lakeside" else "questionnaire"
    said = canary(agency, name, agency.pk)
    items = [{"text": said, "kind": "text"}]
    builders.publish_instrument(agency, "OWN", by=worker, title=said[:200], items=items)
    told = {"reason": "Alone again.", "safe": "no"}
    person.response = builders.respond(person.enrollment, "CORE-INTAKE", told, by=worker)
    person.concern = Concern.objects.get(response=person.response)
    told_to = Notice.objects.filter(agency=agency, subject=person.concern.subject)
    # Where nobody leads the worker, it is the worker's own.
    person.notice = told_to.filter(staff__name__startswith="Sam").first() or Notice.objects.create(
        agency=agency, staff=worker, kind="test", subject=person.concern.subject, text="Look.", url="/"
    )
    person.response_draft = builders.respond(
        person.enrollment, "CORE-INTAKE", told, by=worker, finished=False
    )
    builders.publish_instrument(
        agency, "SELF", by=worker, audience="staff", items=[{"text": "How is it?", "kind": "text"}]
    )
    own = StaffResponse.objects.filter(staff=worker, instrument_version__instrument__code="SELF")
    if not own.exists():
        builders.respond_oneself(worker, "SELF", {"1": "Well."})
        builders.respond_oneself(worker, "SELF", {"1": "Better."}, finished=False)
    person.own_response, person.own_draft = own.order_by("pk")


def _write_answers(person, tag):
    """The person's canary in what they said, and the worker's own in what they said of themselves."""
    client, worker = person.client, person.worker
    token = canary(client.agency, tag, client.pk)
    with acting_as(client.agency, by=None):
        row = Response.objects.get(pk=person.response.pk)
        row.answers = row.answers | {"reason": token}
        row.save()
        own = {"wendy": "self", "walt": "waltself", "lars": "larsself"}[worker.user.username]
        for row in StaffResponse.objects.filter(staff=worker, instrument_version__instrument__code="SELF"):
            row.answers = {"1": canary(client.agency, own, worker.pk)}
            row.save()
    models.QuerySet(Answer).filter(response__client=client, item="reason").update(value=token)


def _write_kin(person, worker):
    """Somebody who lives with the person, and a neighbor, both met at the front door; returns who lives with them."""
    kin, neighbor = (builders.make_client(person.client.agency, by=worker) for _n in range(2))
    for somebody in (kin, neighbor):
        builders.begin_intake(somebody, by=worker)
    with acting_as(person.client.agency, by=worker):
        HouseholdMember.objects.create(household=person.member.household, client=kin)
    return kin


def _write_who_does_not_see(world):
    """A colleague's conflict of interest on every whole record; at Lakeside one that has ended."""
    for tag in ("wendy", "walt", "closed", "conflict", "sealed", "lars"):
        person = world.people[tag]
        agency, today = person.client.agency, timezone.localdate()
        staff, ended_on = (world.eve, None) if agency == world.riverside else (world.lars, today)
        with acting_as(agency, by=None):
            person.conflict = ConflictOfInterest.objects.create(
                client=person.client, staff=staff, started_on=today - timedelta(days=9), ended_on=ended_on
            )


def _list_services(person, worker):
    """A service in the directory of the worker's agency, and one whose address is confidential."""
    agency = worker.agency
    name = "olivedirectory" if agency.slug == "lakeside" else "directory"
    said = canary(agency, name, person.client.pk)
    person.resource = builders.list_resource(
        agency,
        by=worker,
        name=f"{said}name",
        description=said,
        place={"address": said, "city": "Riverside"},
        contact={"name": f"{said}contact"},
        tip=said,
    )
    person.place = ResourcePlace.objects.get(resource=person.resource)
    person.contact = ResourceContact.objects.get(resource=person.resource)
    person.tip = ResourceTip.objects.get(resource=person.resource)
    if name == "directory":
        hidden = {"address": canary(agency, "directorylock", person.client.pk)}
        builders.list_resource(agency, by=worker, name="Safe House", is_confidential=True, place=hidden)


def _write_plan(person, worker):
    running = person.goal_running = person.plan_signed.goals.first()
    objective = running.objectives.first()
    GoalProgress.record(
        person.draft, [{"goal": running, "objective": objective, "step": "forward", "value": 3}], by=worker
    )
    person.reviewed = PlanReview.hold(
        person.plan_signed,
        by=worker,
        outcome="change",
        summary="It moves.",
        goals=[{"goal": running, "decision": "continue", "why": "Soon.", "levels": {objective.pk: 1}}],
    )
    _write_services(person, objective, worker)
    person.plan_signed.refresh_from_db()
    reasons = PickItem.objects.filter(agency=worker.agency)
    person.exemption = ReviewExemption.grant(
        person.plan_signed,
        reason=reasons.get(pick_list="exemption", code="HOSPITAL"),
        moved_to=person.plan_signed.review_on + timedelta(days=10),
        note="Until June.",
        by=worker,
    )
    LevelOfCare.lay_out(person.enrollment.program)
    level = person.enrollment.program.levels.get(number=3)
    person.level = LevelDecision.make(person.enrollment, level, why="It goes better.", by=worker)
    person.crisis = Crisis.objects.create(enrollment=person.enrollment, note="Since the night.", by=worker)
    # Of the time before: in one period of service only one plan is being written or waits.
    person.plan_waiting = ServicePlan.objects.create(
        enrollment=person.past, presented_at=timezone.now(), presented_by=worker, by=worker
    )
    person.template = GoalTemplate.objects.get_or_create(
        agency=worker.agency,
        domain="food",
        title="Eat well",
        defaults={"objective": "Cooks", "measure": "meals"},
    )[0]
    plan = person.plan = ServicePlan.begin(person.enrollment, by=worker)
    for goal in plan.goals.all():
        goal.agreement = goal.Agreement.AGREES
        goal.save()
    person.criterion = DischargeCriterion.objects.create(plan=plan, text="Has a lease.")
    person.goal = plan.goals.first()
    person.objective = person.goal.objectives.first()
    person.action = person.objective.actions.first()
    person.planned = person.objective.services.first()
    barrier = reasons.get(pick_list="barrier", code="COST")
    GoalBarrier.objects.create(goal=person.goal, barrier=barrier)
    need = Need.objects.filter(enrollment=person.enrollment).open().first()
    NeedLeft.objects.create(plan=plan, need=need, why=NeedLeft.Why.LATER, note="Agreed.")


def _write_services(person, objective, worker):
    """What others do by the signed plan: approved, delivered, and about to stop."""
    payer = PickItem.objects.get(agency=worker.agency, pick_list="funding", code="MEDICAID")
    person.authorization = Authorization.objects.create(
        enrollment=person.enrollment,
        number="A-1",
        payer=payer,
        service="Peer support",
        units=48,
        starts_on=timezone.localdate(),
        ends_on=timezone.localdate() + timedelta(days=90),
        note="By fax.",
    )
    person.planned_running = PlannedService.objects.create(
        objective=objective,
        service="Peer group",
        provider="Hope",
        times=2,
        funding=payer,
        authorization=person.authorization,
    )
    person.delivered = ServiceDelivered.objects.create(
        service=person.planned_running, units=2, note="Went.", by=worker
    )
    person.interruption = ServiceInterruption.objects.create(
        enrollment=person.enrollment,
        planned=person.planned_running,
        service="Peer group",
        kind=ServiceInterruption.Kind.PAUSE,
        why="Summer.",
        continuity="Calls.",
        by=worker,
    )


def _write_day(person, worker):
    """What a worker's day leaves behind: what is agreed upon, out alone, put off, half typed, asked and answered."""
    visit, today = person.visit, timezone.localdate()
    other = ServiceType.objects.filter(agency=worker.agency).exclude(pk=visit.service_type_id).first()
    VisitActivity.objects.create(visit=visit, service_type=other, minutes=5)
    person.question = VisitQuestion.objects.create(visit=visit, text="Did they call back?", by=worker)
    person.correction = VisitCorrection.objects.create(
        visit=visit, direct_minutes=20, why="They left early.", by=worker
    )
    person.planned_visit = PlannedVisit.objects.create(
        enrollment=person.enrollment,
        staff=worker,
        starts_at=timezone.now() + timedelta(hours=3),
        place="Library",
        note="Forms.",
        by=worker,
    )
    person.check_in = CheckIn.objects.create(
        staff=worker,
        enrollment=person.enrollment,
        place="Mill Street",
        expected_at=timezone.now() + timedelta(hours=1),
        ended_at=timezone.now(),
    )
    person.snooze = Snooze.objects.create(
        client=person.client,
        staff=worker,
        kind="benefit",
        subject=str(person.benefit.pk),
        until=today + timedelta(days=3),
        why="The office is closed.",
    )
    person.kept = KeptForm.objects.create(
        agency=worker.agency,
        staff=worker,
        key=uuid.uuid4(),
        path=f"/enrollments/{person.enrollment.pk}/",
        typed="{}",
    )
    CalendarFeed.open(worker)
    DailyMail.objects.get_or_create(staff=worker, on=today, defaults={"agency": worker.agency})
    person.phrase = NotePhrase.objects.create(
        program=person.enrollment.program, text="We looked at the week."
    )
    _ask_and_answer(person, worker)


def _ask_and_answer(person, worker):
    """What somebody is stuck on, and what the agency asks at a visit."""
    person.consultation = Consultation.objects.create(
        enrollment=person.enrollment, text="They do not open the door.", by=worker
    )
    person.indicator = Indicator.objects.create(name="Nights outside", unit="nights", maximum=7)
    VisitValue.objects.create(visit=person.visit, indicator=person.indicator, number=2)


def _write_reports(person, worker):
    """An incident and a mandated report, each reported once."""
    agency = worker.agency
    kinds = {
        name: PickItem.objects.filter(agency=agency, pick_list=name).first()
        for name in ("incident", "mandated")
    }
    person.deadline = ReportingDeadline.objects.create(
        kind=ReportingDeadline.Kind.INCIDENT,
        program=person.enrollment.program,
        recipient="County",
        verbal_within=24,
        written_within=3,
    )
    told = timezone.now() - timedelta(hours=2)
    about = {"client": person.client, "enrollment": person.enrollment, "known_at": told}
    person.incident = IncidentReport(category=kinds["incident"], what="They fell.", **about)
    person.incident.put(by=worker)
    person.incident.send(by=worker, how="verbal", at=told, to="County", reference="C-1")
    person.mandated = MandatedReport(category=kinds["mandated"], what="Bruises.", about="A child", **about)
    person.mandated.put(by=worker)
    person.mandated.send(by=worker, how="verbal", at=told, to="Child line", reference="M-1")
    person.suspicion = MandatedReport(category=kinds["mandated"], what="Bruises.", about="A child", **about)
    person.suspicion.put(by=worker)


def _write_units(person, worker):
    """Who pays, and what was sent to them."""
    agency, today = worker.agency, timezone.localdate()
    payer = PickItem.objects.get(agency=agency, pick_list="funding", code="MEDICAID")
    source, _new = FundingSource.objects.get_or_create(
        agency=agency, name="Medicaid", defaults={"payer": payer, "code": "T1017"}
    )
    person.source = source
    CoveredWork.objects.get_or_create(
        agency=agency, source=source, service_type=ServiceType.objects.filter(agency=agency).first()
    )
    person.funding = EnrollmentFunding.objects.create(
        enrollment=person.enrollment, source=source, authorization=person.authorization, started_on=today
    )
    WorkedDay.objects.get_or_create(
        staff=worker, on=today, defaults={"agency": agency, "minutes": 480, "by": worker}
    )
    person.run = BillingRun.objects.create(source=source, starts_on=today, ends_on=today, by=worker)
    line = BillingLine.objects.create(
        run=person.run,
        enrollment=person.enrollment,
        staff=worker,
        on=today,
        code="T1017",
        minutes=30,
        units=2,
    )
    BilledVisit.objects.create(line=line, visit=person.visit)
    person.sent = person.run  # in the table of test_access, a run is one of imports


def _hide(world):
    """Three ways in which a record is as if it were not there."""
    with acting_as(world.riverside, by=None):
        closed = world.people["closed"].client
        closed.restricted_on = timezone.localdate()
        closed.save()
        RestrictedTo.objects.create(client=closed, staff=world.walt)
        for name in ("dana", "sam", "wendy", "mo", "nia", "quinn"):
            ConflictOfInterest.objects.create(
                client=world.people["conflict"].client, staff=getattr(world, name)
            )


# --- Tables ---------------------------------------------------------------------------------------------------------


def table_of(staff, tag):
    """A file of people that was sent and checked, with canaries in what is in it; nothing of it has gone in."""
    token = canary(staff.agency, tag, staff.pk)
    text = f"First name,Last name,Phone\nRobin,{token}\nKim,{token},{token}\nAlex,{token}b,412 555 0100\n"
    with acting_as(staff.agency, by=staff):
        run = table_work.begin(staff, "clients", "people.csv", text.encode())
        run.map_columns(run.columns, source="a spreadsheet", date_order="mdy")
        table_work.go_on(run, staff)
        run.refresh_from_db()
    return run


# --- Pairs ----------------------------------------------------------------------------------------------------------


def _pair_at_lakeside(world):
    with acting_as(world.lakeside, by=world.olive):
        pairing = Pairing.propose(mentor=world.lars, mentee=world.olive, by=world.olive)
        pairing.accept(by=world.lars)
    return pairing


def pair_of(world, pairing, *, led_by):
    """A running pair with an activity that waits for its mentor; canaries in what both wrote."""
    agency = pairing.agency
    name = "pair" if agency == world.riverside else "olivepair"
    with acting_as(agency, by=pairing.mentee):
        pairing.learning_needs = canary(agency, name, pairing.pk)
        pairing.save()
        activity = MentoringActivity.log(
            pairing,
            by=pairing.mentee,
            held_on=timezone.localdate(),
            minutes=30,
            types=ActivityType.objects.filter(agency=agency)[:1],
            note=canary(agency, f"{name}note", pairing.pk),
        )
    return SimpleNamespace(pairing=pairing, activity=activity)


# --- Canaries -------------------------------------------------------------------------------------------------------


def canary(agency, tag, pk, field=""):
    return f"CANARY-{agency.slug}-{tag}-{pk}-{field}"


def plant(agency, tag, client):
    """Put the person's canary into every text of every row of their record, facts and history included."""
    token = canary(agency, tag, client.pk)
    for model, lookup in _tables_of_a_record():
        names = [f.name for f in model._meta.concrete_fields if _holds_words(f)]
        if not names:
            continue
        with acting_as(agency, by=None):
            rows = list(model.objects.filter(**{lookup: client.pk}))
        if issubclass(model, AgencyFact):
            # Facts are never changed; but this is not the product, and the test's own role may do it.
            words = {name: token + name[: _room(model, name, token)] for name in names}
            models.QuerySet(model).filter(pk__in=[row.pk for row in rows]).update(**words)
            continue
        for row in rows:
            for name in names:
                if getattr(row, name) != "" or model is Person:
                    setattr(row, name, token + name[: _room(model, name, token)])
            if model is Person:
                row.fill_keys()
                names = [*names, "name_key", "sound_key", "phone_key"]
        with acting_as(agency, by=None):
            update_many(model, rows, list(dict.fromkeys(names)))


def _tables_of_a_record():
    yield from models_of_a_record()
    for model in apps.get_models():
        if issubclass(model, AgencyFact) and (lookup := client_lookup(model)):
            yield model, lookup
    # Not of the record, because most who see it do not see these; the canary is in them all the same.
    yield from ((IncidentReport, "client"), (MandatedReport, "client"))
    yield from ((IncidentSubmitted, "of__client"), (MandatedSubmitted, "of__client"))


def _holds_words(field):
    if not isinstance(field, models.CharField | models.TextField) or field.choices:
        return False
    return field.name not in TECHNICAL and (field.max_length or 999) >= 40


def _room(model, name, token):
    length = model._meta.get_field(name).max_length
    return max((length or 999) - len(token), 0)


# --- Going back to before -------------------------------------------------------------------------------------------


@contextmanager
def standing(blocker):
    """A world that stands for a whole module and then never was."""
    with blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@contextmanager
def undone():
    """What happens inside did not happen."""
    mark = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(mark)


class Browser(Client):
    """The test client without what slows it down: it keeps no templates and contexts. An error becomes a page."""

    def __init__(self, user=None):
        super().__init__(raise_request_exception=False)
        if user is not None:
            self.force_login(user)

    def request(self, **request):
        self.exc_info = None
        got_request_exception.connect(self.store_exc_info)
        try:
            response = self.handler(self._base_environ(**request))
        finally:
            got_request_exception.disconnect(self.store_exc_info)
        response.exc_info = self.exc_info
        self.cookies.update(response.cookies)
        return response


def login_of(world, name):
    """The login of somebody in the cast; None for a stranger."""
    if name == "out":
        return None
    person = getattr(world, name)
    return getattr(person, "user", person)


# --- Forms as a browser sees them -------------------------------------------------------------------------------------


class Forms(HTMLParser):
    """The forms of a page: for each the inputs by name, as lists of their attributes."""

    def __init__(self, html):
        super().__init__()
        self.forms, self.select, self.area = [], None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = {name: value if value is not None else "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif not self.forms or ("name" not in found and tag != "option"):
            return
        elif tag == "input":
            self.forms[-1].setdefault(found["name"], []).append(found)
        elif tag == "textarea":
            self.area = found | {"type": "textarea", "value": ""}
            self.forms[-1].setdefault(found["name"], []).append(self.area)
        elif tag == "select":
            self.select = found | {"type": "select", "options": []}
            self.forms[-1].setdefault(found["name"], []).append(self.select)
        elif tag == "option" and self.select is not None:
            self.select["options"].append((found.get("value", ""), "selected" in found))

    def handle_data(self, data):
        if self.area is not None:
            self.area["value"] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None


def inputs(html):
    """The inputs of the form that the page is about: the one with the most of them."""
    return max(Forms(html).forms, key=len, default={})


def filled(fields, **said):
    """What somebody would send: what stands there already, something plausible where nothing does, and `said`."""
    sent = {}
    for name, found in fields.items():
        value = _plausible(found)
        if value not in (None, []):
            sent[name] = value
    return {name: value for name, value in (sent | said).items() if value is not None}


SENSIBLE = {"tel": "412 555 0100", "email": "jo@example.org"}


def _plausible(found):
    kind, first = found[0].get("type", "text"), found[0]
    if kind in SENSIBLE:
        return SENSIBLE[kind]
    if kind in ("radio", "checkbox"):
        values = [one.get("value", "on") for one in found if one.get("value", "on")]
        ticked = [one.get("value", "on") for one in found if "checked" in one]
        if kind == "radio":
            return (ticked or values or [None])[0]
        return ticked or (values[:1] if len(found) > 1 else [])
    if kind == "select":
        chosen = [value for value, selected in first["options"] if selected and value]
        if chosen or "multiple" in first:
            return chosen if "multiple" in first else chosen[0]
        return next((value for value, _selected in first["options"] if value), None)
    value = first.get("value", "").strip("\n")
    if value or kind == "hidden":
        return value
    if kind == "date":
        return timezone.localdate().isoformat()
    if kind == "number":
        return first.get("min") or "5"
    if kind in ("text", "textarea") and first.get("inputmode") not in ("numeric", "decimal"):
        return "Some words"
    return None


def text_of(answer):
    """All that left the system, as text; what is packed is unpacked, so that nothing hides in it."""
    if not answer.content.startswith(b"PK"):
        return answer.content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        return "\n".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


def everything():
    """Every row of every agency's table, to see afterwards what changed: {(table, key): row}."""
    return {(model, row["id"]): row for model in tables() for row in models.QuerySet(model).values()}


def tables():
    for model in apps.get_models():
        named = {field.name for field in model._meta.concrete_fields}
        if (
            "agency" in named
            and "history_id" not in named
            and model.__name__ not in ("AccessLog", "KeptForm", "Submission")
        ):
            yield model


def changed(before, after):
    """What is new and what differs, without keys of new rows and without the time of day."""
    new = {(model._meta.label, key) for model, key in after.keys() - before.keys()}
    told = []
    for (model, key), row in after.items():
        old = before.get((model, key), {})
        if row == old:
            continue
        line = {name: _still(model, name, row[name], new) for name in row if row[name] != old.get(name)}
        told.append((model._meta.label, None if not old else key, sorted(line.items())))
    told += [(model._meta.label, key, "gone") for model, key in before.keys() - after.keys()]
    return sorted(told, key=repr)


def _still(model, name, value, new):
    field = next(f for f in model._meta.concrete_fields if f.attname == name)
    # A notice says what it is about by its key, and keys are not given twice.
    if model.__name__ == "Notice" and name in ("subject", "url"):
        return re.sub(r"\d+", "#", value)
    # A mark is a digest of the time, too.
    if name in ("id", "mark") or isinstance(field, models.DateTimeField):
        return "new" if value else value
    if field.is_relation and (field.related_model._meta.label, value) in new:
        return "new"
    # PostgreSQL hands bytes out as a memoryview, which compares by its address.
    return repr(bytes(value) if isinstance(value, memoryview) else value)
