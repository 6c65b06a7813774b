from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Need
from casemgmt.agencies.models import PickItem, ServiceType, acting_as
from casemgmt.agencies.models.program import PickList
from casemgmt.core.models import update_many
from casemgmt.demo import builders
from casemgmt.demo.builders import activate, assess, discharge, enroll, log_visit, make_client, plan_for
from casemgmt.reports.outcomes import Period, outcome_tables, waits
from clients.models import Enrollment, KeyEvent, Visit
from serviceplans.models import Goal, GoalProgress, Objective

PAGE = reverse("reports:outcomes")
FILE = reverse("reports:outcomes-csv")


def today():
    return timezone.localdate()


def lately():
    return Period(today() - timedelta(days=30), today())


def tables(cast, who="eve", period=None, limit=5):
    """Every table by its id, as row: {column: value}."""
    staff = getattr(cast, who)
    with acting_as(staff.agency, by=staff):
        found = outcome_tables(staff, period or lately(), limit)
    return {
        t.id: {row["label"]: {str(c["label"]): c["value"] for c in row["cells"]} for row in t.rows}
        for t in found
    }


def people(cast, how_many, program=None, worker=None, **fields):
    """So many newly enrolled people of one worker."""
    worker = worker or cast.walt
    return [
        enroll(make_client(cast.riverside, by=worker, **fields), program or cast.ccm, worker)
        for _ in range(how_many)
    ]


def test_an_evaluator_counts_people_whom_she_cannot_see(cast):
    people(cast, 6)
    with acting_as(cast.riverside, by=cast.eve):
        assert not Enrollment.objects.visible_to(cast.eve).exists()
        assert Enrollment.objects.for_figures(cast.eve).count() == 6
    assert tables(cast)["stages"]["Community Case Management"]["Enrolled"] == 6


def test_figures_are_for_whoever_may_see_reports_and_for_their_own_agency(cast):
    people(cast, 1)
    with acting_as(cast.riverside, by=None):
        assert not Enrollment.objects.for_figures(cast.wendy).exists()
        assert not Enrollment.objects.for_figures(None).exists()
    with acting_as(cast.lakeside, by=cast.olive):
        assert not Enrollment.objects.for_figures(cast.olive).exists()
    assert tables(cast, "olive")["stages"] == {}


def test_a_part_2_program_is_counted(cast):
    people(cast, 5, cast.recovery)
    assert tables(cast)["stages"]["Recovery Path"]["All"] == 5


def test_fewer_than_five_are_not_shown(cast):
    people(cast, 4)
    row = tables(cast)["stages"]["Community Case Management"]
    assert row["Enrolled"] == row["All"] == "fewer than 5"
    assert tables(cast, limit=4)["stages"]["Community Case Management"]["Enrolled"] == 4


def test_the_agency_says_in_its_settings_how_small_is_small(cast, as_, settings):
    people(cast, 2)
    settings.REPORT_SMALL_GROUP = 2
    rows = as_("eve").get(PAGE).context["tables"][0].rows
    assert rows[0]["cells"][0]["value"] == 2


def test_stages_are_told_by_how_long_people_have_been_in_them(cast):
    enrolled = people(cast, 3)
    old = today() - timedelta(days=60)
    with acting_as(cast.riverside, by=cast.walt):
        enrolled[0].staged_on = old
        enrolled[0].save()
    row = tables(cast, limit=1)["ages"]["Enrolled"]
    assert list(row.values()) == [2, 1, 0, 3]


def test_decisions_of_the_period_are_counted_and_no_others(cast):
    people(cast, 2)
    enroll(make_client(cast.riverside, by=cast.walt), cast.ccm, cast.walt, on=today() - timedelta(days=40))
    assert tables(cast, limit=1)["decisions"]["Community Case Management"]["Accept"] == 2


def test_visits_are_told_apart_from_attempts(cast):
    (enrollment,) = people(cast, 1)
    log_visit(enrollment, by=cast.walt, direct_minutes=90, travel_minutes=30)
    log_visit(enrollment, by=cast.walt, outcome=Visit.Outcome.NO_SHOW, direct_minutes=0, travel_minutes=30)
    row = tables(cast, limit=1)["visits"]["Community Case Management"]
    assert list(row.values()) == [1, 1, 2, 1, 2, 1]


def test_ten_visits_with_one_person_are_one_person(cast):
    (enrollment,) = people(cast, 1)
    for day in range(10):
        log_visit(enrollment, by=cast.walt, days_ago=day)
    assert tables(cast)["visits"]["Community Case Management"]["Took place"] == "fewer than 5"


def test_a_visit_just_before_midnight_belongs_to_that_day_of_the_agency(cast):
    (enrollment,) = people(cast, 1)
    with acting_as(cast.riverside, by=cast.walt):
        midnight = timezone.make_aware(datetime.combine(today() - timedelta(days=3), time.min))
    log_visit(enrollment, by=cast.walt, started_at=midnight - timedelta(minutes=1))
    day = today() - timedelta(days=4)
    assert tables(cast, period=Period(day, day), limit=1)["visits"]
    assert not tables(cast, period=Period(day + timedelta(days=1), today()), limit=1)["visits"]


def test_a_note_is_in_time_until_the_programs_hours_after_the_service_are_over(cast):
    (enrollment,) = people(cast, 1)
    hours = timedelta(hours=cast.ccm.note_due_hours)
    now = timezone.now()
    for signed_late_by in (timedelta(minutes=-1), timedelta(minutes=1)):
        visit = log_visit(enrollment, by=cast.walt, started_at=now - timedelta(days=20), direct_minutes=60)
        with acting_as(cast.riverside, by=cast.walt):
            visit.signed_at = visit.started_at + timedelta(minutes=60) + hours + signed_late_by
            update_many(Visit, [visit], ["signed_at"])
    log_visit(enrollment, by=cast.walt, days_ago=20, signed=False)
    log_visit(enrollment, by=cast.walt, days_ago=0, signed=False)  # not due yet
    row = tables(cast, limit=1)["timeliness"]["Community Case Management"]
    assert list(row.values()) == [1, 2, 3, 33]


@pytest.mark.parametrize("who, names", [("sam", True), ("dana", True), ("quinn", True), ("eve", False)])
def test_workers_are_named_only_to_those_who_may_see_caseloads(cast, who, names):
    (enrollment,) = people(cast, 1)
    log_visit(enrollment, by=cast.walt)
    assert ("workers" in tables(cast, who)) == names
    if names:
        assert list(tables(cast, who)["workers"]) == [cast.walt.name]


def test_a_signed_note_without_a_goal_is_allowed_and_counted_by_worker(cast):
    (enrollment,) = people(cast, 1)
    plan = plan_for(enrollment, by=cast.walt)
    log_visit(enrollment, by=cast.walt)
    log_visit(enrollment, by=cast.walt, outcome="not_reached")
    tied = log_visit(enrollment, by=cast.walt, signed=False)
    with acting_as(cast.riverside, by=cast.walt):
        goal = Goal.objects.filter(plan=plan).first()
        GoalProgress.record(
            tied, [{"goal": goal, "step": "forward", "objective": None, "value": None}], by=cast.walt
        )
        tied.sign(by=cast.walt)
    assert list(tables(cast, "sam")["untied"][cast.walt.name].values()) == [1, 1, 2, 50]


def test_a_note_on_a_crisis_is_in_time_for_fewer_hours(cast):
    (enrollment,) = people(cast, 1)
    crisis = ServiceType.objects.get(agency=cast.riverside, code="CRISIS")
    begun = timezone.now() - timedelta(hours=30)
    log_visit(enrollment, by=cast.walt, started_at=begun)
    log_visit(enrollment, by=cast.walt, started_at=begun, service_type=crisis)
    assert list(tables(cast, "sam")["workers"][cast.walt.name].values()) == [1, 1, 2, 50]


def test_needs_turn_from_unmet_to_met(cast):
    (enrollment,) = people(cast, 1)
    assess(enrollment, by=cast.walt)
    with acting_as(cast.riverside, by=cast.walt):
        need = Need.objects.filter(enrollment=enrollment, domain="housing").get()
        need.met_on = today()
        need.save()
    found = tables(cast, limit=1)
    assert list(found["domains"]["Housing"].values()) == [1, 0, 1, 1, 100]
    assert list(found["needs"]["Community Case Management"].values()) == [1, 1, 2, 1, 50]


def test_goals_are_counted_by_how_they_ended(cast):
    (enrollment,) = people(cast, 1)
    plan = plan_for(enrollment, by=cast.walt, goals=2)
    with acting_as(cast.riverside, by=cast.walt):
        goal = Goal.objects.filter(plan=plan).first()
        goal.result, goal.ended_on = Goal.Result.PARTLY, today()
        goal.save()
    row = tables(cast, limit=1)["goals"]["Community Case Management"]
    assert (row["Partly met"], row["All"]) == (1, 1)


def measured(cast, value, measure="nights in own place a month"):
    (enrollment,) = people(cast, 1)
    activate(enrollment, by=cast.walt)
    visit = log_visit(enrollment, by=cast.walt)
    with acting_as(cast.riverside, by=cast.walt):
        objective = Objective.objects.filter(goal__plan__enrollment=enrollment).first()
        objective.measure = measure
        objective.save()
        GoalProgress.objects.create(
            visit=visit, goal=objective.goal, objective=objective, step=GoalProgress.Step.FORWARD, value=value
        )


def test_a_measure_that_enough_people_share_has_a_mean_change(cast):
    for value in (10, 20):
        measured(cast, value)
    row = tables(cast, limit=2)["measures"]["nights in own place a month (nights)"]
    assert list(row.values()) == [2, 0.0, 15.0, 15.0]


def test_the_words_of_a_measure_that_few_share_are_not_shown(cast, as_):
    measured(cast, 10, measure="calls to aunt Ottilie")
    assert tables(cast)["measures"] == {}
    text = as_("eve").get(PAGE).content.decode()
    assert "Ottilie" not in text
    assert "Left out: 1 measure" in text


def test_discharges_are_counted_once_they_are_signed(cast):
    for signed in (True, False):
        (enrollment,) = people(cast, 1)
        activate(enrollment, by=cast.walt)
        discharge(enrollment, by=cast.walt, signed=signed)
    found = tables(cast, limit=1)
    assert list(found["discharges"]["Community Case Management"].values()) == [1, 0, 0, 1]
    assert list(found["dispositions"]["Goals reached"].values()) == [1, 0, 0, 1]


@pytest.mark.parametrize(
    "who, status", [("dana", 200), ("sam", 200), ("quinn", 200), ("eve", 200), ("wendy", 403), ("ada", 403)]
)
def test_reports_are_for_those_who_lead_review_or_evaluate(cast, as_, who, status):
    browser = as_(who)
    assert browser.get(PAGE).status_code == status
    query = {"start": today(), "end": today()}
    assert browser.get(FILE, query).status_code == status


def test_neither_page_nor_file_names_anybody_served(cast, as_):
    people(cast, 6, given_name="Zebedee", family_name="Canary")
    query = {"start": today() - timedelta(days=9), "end": today()}
    for who in ("eve", "dana", "sam", "quinn"):
        for url in (PAGE, FILE):
            text = as_(who).get(url, query).content.decode()
            assert "Canary" not in text
            assert "Zebedee" not in text


def test_a_period_that_ends_before_it_begins_is_refused_in_words(cast, as_):
    query = {"start": today(), "end": today() - timedelta(days=1)}
    answer = as_("eve").get(PAGE, query)
    assert answer.status_code == 422
    assert "before the beginning" in answer.content.decode()
    assert as_("eve").get(FILE, query).status_code == 302


@pytest.mark.parametrize("start", ["", "yesterday", "0001-01-01", "9999-12-31"])
def test_a_nonsense_period_is_no_error_of_ours(cast, as_, start):
    assert as_("eve").get(PAGE, {"start": start, "end": "9999-12-31"}).status_code in (200, 422)


def test_the_file_says_what_it_is(cast, as_):
    answer = as_("eve").get(FILE, {"start": today(), "end": today()})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f"outcomes-{today()}" in answer["Content-Disposition"]
    assert answer.content.decode().startswith("\ufeffTable,Row,Column,Value")


def test_the_report_takes_as_many_queries_for_many_people_as_for_few(
    cast, as_, django_assert_max_num_queries
):
    dana = as_("dana")

    def count():
        with django_assert_max_num_queries(60) as queries:
            dana.get(PAGE)
        return len(queries)

    for enrollment in people(cast, 1):
        log_visit(activate(enrollment, by=cast.walt), by=cast.walt)
    dana.get(PAGE)
    before = count()
    for enrollment in people(cast, 3):
        log_visit(activate(enrollment, by=cast.walt), by=cast.walt)
    assert count() == before


def test_somebody_referred_on_1_march_and_enrolled_on_29_march_waited_28_days(cast):
    """REQ-77; with fewer than five people the days are not told."""
    came, enrolled_on = date(2026, 3, 1), date(2026, 3, 29)
    for _n in range(5):
        client = builders.make_client(cast.riverside, by=cast.wendy)
        referral = builders.refer(client, by=cast.wendy, assigned_to=cast.wendy, received_on=came)
        intake = builders.begin_intake(client, by=cast.wendy, on=came, referral=referral)
        with acting_as(cast.riverside, by=cast.wendy):
            intake.decide("accept", by=cast.wendy, program=cast.ccm, on=enrolled_on)
    march = Period(date(2026, 3, 1), date(2026, 3, 31))
    with acting_as(cast.riverside, by=cast.dana):
        (row,) = waits(cast.dana, [cast.ccm], march, 5).rows
        assert [cell["value"] for cell in row["cells"]] == [5, 28, 28]
        (row,) = waits(cast.dana, [cast.ccm], march, 6).rows
        assert [cell["value"].startswith(("fewer", "–")) for cell in row["cells"]] == [True] * 3


def test_needs_are_counted_by_what_was_in_the_way(cast):
    barrier = PickItem.objects.filter(agency=cast.riverside, pick_list=PickList.BARRIER).first()
    for row in people(cast, 6):
        assess(row, by=cast.walt, ratings={"housing": (2, 2)})
    with acting_as(cast.riverside, by=cast.walt):
        for need in Need.objects.filter(domain="housing"):
            need.barrier = barrier
            need.save()
    assert tables(cast)["barriers"][barrier.label]["Still unmet"] == 6


def test_stays_in_hospital_are_counted_where_they_began_in_the_period(cast):
    K = KeyEvent.Kind
    for row in people(cast, 6):
        with acting_as(cast.riverside, by=cast.walt):
            for kind, days in ((K.HOSPITAL_MH, 9), (K.HOSPITAL, 5), (K.ARREST, 90), (K.SCHOOL, 2)):
                KeyEvent.objects.create(
                    client=row.client, enrollment=row, kind=kind, started_on=today() - timedelta(days=days)
                )
    row = tables(cast)["events"]["Community Case Management"]
    assert (row["Hospital"], row["Arrest or jail"], row["All"]) == (12, 0, 12)


# --- Before and since -------------------------------------------------------------------------------------------------


def with_us_for(cast, how_many, days, *, admitted):
    """People enrolled so long ago, the first ones of whom were in hospital three times before and once since."""
    begun = today() - timedelta(days=days)
    rows = people(cast, how_many)
    with acting_as(cast.riverside, by=cast.walt):
        for row in rows:
            row.enrolled_on = begun
            row.save()
        for row in rows[:admitted]:
            for start, length in ((-300, 28), (-180, 14), (-60, 18), (100, 10)):
                first = begun + timedelta(days=start)
                KeyEvent.objects.create(
                    client=row.client,
                    kind="hospital_mh",
                    started_on=first,
                    ended_on=first + timedelta(days=length),
                )


def test_hospital_before_and_since_is_made_comparable(cast):
    with_us_for(cast, 5, 400, admitted=5)
    row = tables(cast)["rates-hospital"]["Community Case Management"]
    assert (row["Before"], row["Since"], row["People"]) == (15, 5, 5)
    assert (row["Rate before"], row["Rate since"]) == (30.0, 10.0)
    assert (row["Days before, a person"], row["Days since, a person"]) == (60.0, 10.0)


def test_half_a_year_counts_twice(cast):
    with_us_for(cast, 5, 182, admitted=5)
    assert tables(cast)["rates-hospital"]["Community Case Management"]["Rate since"] == 20.1


def test_stays_of_a_few_people_are_hidden(cast):
    with_us_for(cast, 6, 400, admitted=2)
    row = tables(cast)["rates-hospital"]["Community Case Management"]
    assert row["Before"] == "fewer than 5"
    assert row["Rate before"] == "–"


def test_a_program_of_few_people_says_nothing(cast):
    with_us_for(cast, 3, 400, admitted=3)
    assert tables(cast)["rates-hospital"]["Community Case Management"]["Since"] == "fewer than 5"
