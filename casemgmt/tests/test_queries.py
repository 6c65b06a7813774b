"""Twice the rows, the same number of statements: every list and board, and the pages of one person.

`pytest casemgmt/tests/test_queries.py -s` prints the numbers.
"""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.domains import Domain, Rating
from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.core.models import create_many
from casemgmt.demo import builders
from casemgmt.resources.models import ResourceContact, ResourcePlace, ResourceTip
from casemgmt.tests.world import Browser, bare_record, login_of, standing, whole_record
from clients.models import AccessLog, Consent, EligibilityDecision, EmergencyAccess, Visit, VisitAddendum
from mentoring.models import ActivityType, MentoringActivity, Pairing
from serviceplans.models import (
    Goal,
    GoalNeed,
    GoalProgress,
    Objective,
    PlanAction,
    PlanReview,
    ServiceReferral,
)

pytestmark = pytest.mark.django_db

# who looks, at what; {client}, {plan} and so on are Wendy's person's
PAGES = {
    "today": ("wendy", "/today/"),
    "today of a supervisor": ("sam", "/today/"),
    "caseload": ("sam", "/caseload/"),
    "caseload of the agency": ("dana", "/caseload/"),
    "one worker's caseload": ("sam", "/caseload/{worker}/"),
    "board": ("sam", "/board/"),
    "people": ("wendy", "/clients/"),
    "people of a director": ("dana", "/clients/"),
    "search": ("dana", "/clients/?q=canary"),
    "front door": ("wendy", "/intakes/"),
    "to assign": ("sam", "/assignments/"),
    "person": ("wendy", "/clients/{client}/"),
    "person, for quality": ("quinn", "/clients/{client}/"),
    "change": ("wendy", "/clients/{client}/change/"),
    "history": ("wendy", "/clients/{client}/history/"),
    "who looked": ("dana", "/clients/{client}/access/"),
    "intake": ("wendy", "/intakes/{intake}/"),
    "visit": ("wendy", "/visits/{visit}/"),
    "visit form": ("wendy", "/enrollments/{enrollment}/visits/log/"),
    "draft of a visit": ("wendy", "/visits/{draft}/edit/"),
    "discharge form": ("wendy", "/enrollments/{enrollment}/discharge/"),
    "assessments": ("wendy", "/enrollments/{enrollment}/assessments/"),
    "assessment": ("wendy", "/assessments/{administration}/"),
    "questionnaires": ("wendy", "/clients/{client}/questionnaires/"),
    "questionnaire": ("wendy", "/responses/{response}/"),
    "draft of a questionnaire": ("wendy", "/responses/{response_draft}/answer/"),
    "one's own questionnaires": ("wendy", "/own/questionnaires/"),
    "plan, draft": ("wendy", "/plans/{plan}/"),
    "plan, signed": ("wendy", "/plans/{plan_signed}/"),
    "plan, printed": ("wendy", "/plans/{plan_signed}/print/"),
    "plan review": ("wendy", "/plans/{plan_signed}/review/"),
    "plans": ("wendy", "/enrollments/{enrollment}/plans/"),
    "emergencies": ("sam", "/emergencies/"),
    "pairs": ("mo", "/mentoring/"),
    "pairs of a supervisor": ("sam", "/mentoring/"),
    "pair": ("mo", "/mentoring/{pairing}/"),
    "directory": ("wendy", "/resources/"),
    "directory, with a slip": ("wendy", "/resources/?q=canray&place=rivreside"),
    "service of the directory": ("wendy", "/resources/{resource}/"),
    "imports": ("dana", "/imports/"),
    "reports": ("dana", "/reports/"),
    "how we work": ("dana", "/reports/work/"),
    "billing": ("dana", "/billing/"),
    "hours worked": ("sam", "/billing/hours/"),
    "funding": ("wendy", "/enrollments/{enrollment}/funding/"),
    "set-up: staff": ("ada", "/admin/agencies/staffmember/"),
    "set-up: programs": ("ada", "/admin/agencies/program/"),
    "set-up: supervision": ("ada", "/admin/agencies/supervisionlink/"),
    "set-up: credentials": ("ada", "/admin/agencies/credential/"),
    "set-up: directory": ("ada", "/admin/resources/resource/"),
}


def grow(world):
    """As many rows again: more people with whole records, and more of everything in one record."""
    for worker in (world.wendy, world.walt):
        whole_record(world.riverside, world.ccm, worker, opened_by=world.nia)
    for _n in range(2):
        bare_record(world.riverside, world.ccm, None, by=world.sam)
        builders.refer(builders.make_client(world.riverside), assigned_to=world.wendy)
    _grow_record(world, world.people["wendy"], world.wendy)
    _grow_mentoring(world)


def _grow_record(world, person, worker):
    enrollment, client = person.enrollment, person.client
    for days in (2, 4, 6):
        visit = builders.log_visit(
            enrollment, by=worker, days_ago=days, others={world.nia: "mentee_shadowing"}
        )
        builders.log_visit(enrollment, by=worker, days_ago=days, signed=False)
        builders.respond(enrollment, "PHQ-9", {"9": 1}, by=worker)
        builders.respond_oneself(worker, "MRQ")
        builders.refer(client, by=worker, assigned_to=worker)
        builders.begin_intake(client, by=worker)
        out = builders.begin_intake(client, by=worker)
        with acting_as(world.riverside, by=worker):
            out.decide(
                EligibilityDecision.Outcome.REFER_OUT,
                by=worker,
                offered="The food bank.",
                note="Not now.",
                follow_up_on=timezone.localdate(),
            )
            VisitAddendum.objects.create(visit=visit, author=worker, text="More.")
            VisitAddendum.objects.create(visit=person.visit, author=worker, text="More.")
            ServiceReferral(enrollment=enrollment, service="Ride", provider="Bus").put(
                by=worker, all_the_same=True
            )
            Consent.objects.create(client=client, kind=Consent.Kind.SERVICE, purpose="Service")
            for staff in (world.mo, world.nia):
                EmergencyAccess.objects.create(
                    client=client,
                    staff=staff,
                    reason=PickItem.objects.filter(pick_list="emergency").first(),
                    detail="They called.",
                    ends_at=timezone.now(),
                )
            ResourcePlace.objects.create(resource=person.resource, city="Millbrook")
            ResourceContact.objects.create(resource=person.resource, name="Lee")
            ResourceTip.objects.create(resource=person.resource, text="Come early.", by=worker)
            AccessLog.objects.create(staff=worker, page="x", method="GET", status=200, people=[client.pk])
            for plan in (person.plan, person.plan_signed):
                _grow_plan(plan, person, worker)
            PlanReview.hold(person.plan_signed, by=worker, outcome="change", summary="It moves.")
    # The same domains as before, so that the needs stay as many for each domain; the assessments are more.
    builders.assess(enrollment, by=worker, ratings={Domain.HOUSING: Rating.UNMET, Domain.MONEY: Rating.UNMET})


def _grow_plan(plan, person, worker):
    goal = Goal.objects.create(plan=plan, title="One more")
    GoalNeed.objects.create(goal=goal, need=person.goal.needs.first().need)
    for _n in range(2):
        objective = Objective.objects.create(goal=goal, text="One more", measure="days", baseline=0, target=3)
        for _m in range(2):
            PlanAction.objects.create(
                objective=objective, text="Call", who=worker.name, staff=worker, due_on=timezone.localdate()
            )
    if plan.is_locked:
        visit = Visit.objects.filter(enrollment=person.enrollment).first()
        GoalProgress.objects.create(visit=visit, goal=goal, objective=objective, step="forward", value=1)


def _grow_mentoring(world):
    with acting_as(world.riverside, by=world.sam):
        older = Pairing.objects.filter(mentor=world.walt, ended_on=None).first()
        if older is not None:
            older.end(by=world.sam)
        for mentor, mentee in ((world.walt, world.nia), (world.mo, world.walt)):
            if not Pairing.objects.filter(mentor=mentor, mentee=mentee, ended_on=None).exists():
                pairing = Pairing.propose(mentor=mentor, mentee=mentee, by=world.sam)
                pairing.accept(by=mentor)
        kinds = list(ActivityType.objects.all()[:2])
        for _n in range(3):
            MentoringActivity.log(
                world.pairing, by=world.nia, held_on=timezone.localdate(), minutes=20, types=kinds
            )


def statements(world, browsers, page):
    """What a page asks of the database."""
    who, url = PAGES[page]
    person = world.people["wendy"]
    keys = {name: row.pk for name, row in vars(person).items() if hasattr(row, "pk")}
    url = url.format(**keys | {"worker": world.wendy.pk, "pairing": world.pairing.pk})
    with CaptureQueriesContext(connection) as asked:
        answer = browsers[who].get(url)
    assert answer.status_code == 200, f"{who} {url}: {answer.status_code} {answer.exc_info}"
    return Counter(read_by(query["sql"]) for query in asked.captured_queries)


def read_by(sql):
    """A statement by what it reads, whatever its keys: enough to find it."""
    head, _from, rest = sql.partition(" FROM ")
    return f"{head[:30]}… FROM {rest.split(' ')[0]}"


def _goals(plan, goals, visits, *, like):
    """So many goals with three objectives each, and a value of every objective at each of so many visits."""
    need = like.needs.first().need
    told = []
    for n in range(goals):
        goal = Goal.objects.create(plan=plan, title=f"Goal {n}", position=n + 1, agreement="agrees")
        GoalNeed.objects.create(goal=goal, need=need)
        for m in range(3):
            objective = Objective.objects.create(
                goal=goal, text=f"Step {m}", measure="days", baseline=0, target=30, position=m
            )
            PlanAction.objects.create(
                objective=objective, text="Call", who="Somebody", due_on=timezone.localdate()
            )
            told += [
                GoalProgress(
                    agency=plan.agency, visit=visit, goal=goal, objective=objective, step="forward", value=k
                )
                for k, visit in enumerate(visits)
            ]
    create_many(GoalProgress, told)
    return len(told)


@pytest.mark.timeout(120)
def test_a_plan_of_ten_goals_opens_in_as_many_statements_as_one_of_one(cast, as_):
    client = builders.make_client(cast.riverside, by=cast.wendy)
    enrollment = builders.enroll(client, cast.ccm, cast.wendy)
    plan = builders.plan_for(enrollment, by=cast.wendy, goals=1)
    visits = [builders.log_visit(enrollment, by=cast.wendy, days_ago=n, signed=False) for n in range(17)]
    browser, url = as_("wendy"), f"/plans/{plan.pk}/"

    def asked():
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(url)
        assert answer.status_code == 200
        return Counter(read_by(query["sql"]) for query in queries.captured_queries)

    with acting_as(cast.riverside, by=cast.wendy):
        goal = plan.goals.get()
        GoalProgress.objects.create(
            visit=visits[0], goal=goal, objective=goal.objectives.get(), step="forward", value=1
        )
    asked()  # what is asked once only
    few = asked()
    with acting_as(cast.riverside, by=cast.wendy):
        told = _goals(plan, 9, visits, like=goal)
        told += _goals(plan, 1, visits, like=goal)
    assert told >= 500
    many = asked()
    assert many.total() <= few.total(), (many - few).most_common(5)


# One test for all pages, because the rows take longer than the pages; a busy machine takes minutes for them.
@pytest.mark.timeout(600)
def test_twice_the_rows_ask_no_more_statements(django_db_setup, django_db_blocker):
    with standing(django_db_blocker) as world:
        browsers = {who: Browser(login_of(world, who)) for who, _url in PAGES.values()}
        for browser in browsers.values():
            browser.get("/")  # writes down that they are there
        grow(world)
        once = {page: statements(world, browsers, page) for page in PAGES}
        grow(world)
        twice = {page: statements(world, browsers, page) for page in PAGES}
    wrong = []
    for page in PAGES:
        print(f"{page}: {once[page].total()} statements, with twice the rows {twice[page].total()}")
        # Fewer is no fault: the history looks up names only for the kinds of rows that its page happens to hold.
        if twice[page].total() > once[page].total():
            wrong.append(f"{page} asks again for each row: {(twice[page] - once[page]).most_common(5)}")
    assert not wrong, "\n".join(wrong)
