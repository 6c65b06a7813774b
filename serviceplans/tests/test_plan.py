from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.domains import Domain, Rating
from assessments.models import Need, Strength
from casemgmt.agencies.models import acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import activate, assess, enroll, log_visit, make_client, plan_for, sign_plan
from clients.pipeline import Stage
from serviceplans.models import (
    AlreadyServed,
    Goal,
    GoalProgress,
    NeedLeft,
    Objective,
    PlanAction,
    PlanReview,
    ServicePlan,
    ServiceReferral,
)
from serviceplans.progress import active_goals, goal_results, measure_changes, plan_due

TODAY = timezone.localdate


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy)


@pytest.fixture
def as_wendy(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


@pytest.fixture
def urgent(cast, enrolled):
    assess(enrolled, by=cast.wendy, ratings={Domain.HOUSING: Rating.URGENT, Domain.MONEY: Rating.UNMET})
    return enrolled


@pytest.fixture
def draft(cast, urgent, as_wendy):
    return ServicePlan.begin(urgent, by=cast.wendy)


@pytest.fixture
def in_force(cast, enrolled):
    return plan_for(enrolled, by=cast.wendy)


def need(plan, domain):
    return Need.objects.get(enrollment=plan.enrollment, domain=domain)


def whole(goal, **fields):
    given = {
        "text": "Sleeps in his own place",
        "measure": "nights a month",
        "unit": "nights",
        "baseline": 0,
        "target": 28,
        "target_on": TODAY() + timedelta(days=90),
    }
    objective = Objective(goal=goal, **(given | fields))
    objective.put()
    return objective


def goal_of(plan, *domains, title="A place of my own"):
    goal = Goal(plan=plan, title=title, agreement="agrees")
    goal.put(needs=[need(plan, domain) for domain in domains])
    return goal


# --- Before signing --------------------------------------------------------------------------------------------------


def test_an_empty_draft_says_what_is_missing_and_where(draft):
    lacks = list(draft.missing())
    assert [str(lack) for lack in lacks] == [
        "Add at least one goal.",
        "Housing is urgent: add a goal for it, or say why not now.",
        "Money and benefits has no goal yet: add one, or say why not now.",
    ]
    assert lacks[1].anchor == f"need-{need(draft, 'housing').pk}"


def test_an_objective_that_cannot_be_measured_or_has_no_day_keeps_the_plan_from_being_signed(cast, draft):
    goal = goal_of(draft, "housing", "money")
    objective = whole(goal, measure="", baseline=None, target_on=None)
    (lack,) = draft.missing()
    assert (
        str(lack)
        == "“Sleeps in his own place”: Say what is counted. Say how it is now; 0 is an answer. Say by which day."
    )
    assert (lack.kind, lack.pk) == ("objective", objective.pk)
    with pytest.raises(Refused):
        sign_plan(draft, by=cast.wendy)


def test_a_goal_needs_a_need_an_objective_and_an_outcome(draft):
    goal_of(draft, "housing")
    bare = goal_of(draft, title="Nothing yet")
    whole(goal_of(draft, "money", title="Only what we do"), indicator=Objective.Indicator.OUTPUT)
    said = [str(lack) for lack in draft.missing()]
    assert "“Nothing yet” has no objective yet." in said
    assert "Say which need “Nothing yet” answers." in said
    assert "“Only what we do” needs an objective that measures an outcome." in said
    assert f"goal-{bare.pk}" in [lack.anchor for lack in draft.missing()]


def test_the_program_decides_whether_an_outcome_is_needed(cast, draft):
    whole(goal_of(draft, "housing", "money"), indicator=Objective.Indicator.OUTPUT)
    draft.enrollment.program.require_outcome_indicator = False
    assert list(draft.missing()) == []


def test_a_missing_reason_only_worries(draft):
    objective = whole(goal_of(draft, "housing", "money"), achievable="Two applications are in.")
    assert list(draft.missing()) == []
    assert objective.smart()["relevant"] is False
    assert "“Sleeps in his own place”: Not filled in: relevant." in [str(w) for w in draft.warnings()]


def test_all_that_worries_about_an_objective_is_one_line(draft):
    whole(goal_of(draft, "housing"), target_on=TODAY() + timedelta(days=400))
    (line,) = [str(w) for w in draft.warnings() if "More than a year ahead" in str(w)]
    assert "Not filled in: achievable, relevant." in line


def test_an_urgent_need_may_wait_with_a_reason_until_a_goal_takes_it_up(draft):
    housing = need(draft, "housing")
    whole(goal_of(draft, "money"))
    draft.leave(housing, why=NeedLeft.Why.LATER)
    draft.leave(housing, why=NeedLeft.Why.DECLINED, note="Not before spring.")
    assert NeedLeft.objects.get(plan=draft).why == NeedLeft.Why.DECLINED
    assert list(draft.missing()) == []
    goal_of(draft, "housing")
    assert not NeedLeft.objects.filter(plan=draft).exists()


def test_a_need_of_somebody_else_cannot_be_chosen(cast, draft):
    other = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    assess(other, by=cast.wendy)
    with pytest.raises(Refused):
        Goal(plan=draft, title="Theirs").put(needs=list(Need.objects.filter(enrollment=other)))


def test_what_is_missing_costs_the_same_for_one_goal_and_for_six(draft):
    whole(goal_of(draft, "housing"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        list(draft.missing())
    for _n in range(5):
        whole(goal_of(draft, "money"))
    with CaptureQueriesContext(connection) as many:
        list(draft.missing())
    assert len(many) == len(few)


# --- Signing and after -----------------------------------------------------------------------------------------------


def test_signing_makes_the_enrollment_planned_and_sets_the_review(cast, draft):
    whole(goal_of(draft, "housing", "money"))
    draft.present(by=cast.wendy, typed_name="Wendy N.", answers=[{"answer": "signed", "typed_name": "Jo"}])
    draft.enrollment.refresh_from_db()
    assert draft.enrollment.stage == Stage.PLANNED
    assert draft.review_on == TODAY() + timedelta(days=draft.enrollment.program.review_every_days)
    assert [name.typed_name for name in draft.signatures.order_by("pk")] == ["Wendy N.", "Jo"]
    assert draft.is_in_force


def test_a_plan_that_starts_later_is_signed_without_moving_the_enrollment(cast, draft):
    whole(goal_of(draft, "housing", "money"))
    draft.starts_on = TODAY() + timedelta(days=5)
    sign_plan(draft, by=cast.wendy)
    draft.enrollment.refresh_from_db()
    assert draft.enrollment.stage == Stage.ASSESSED


def test_a_signed_plan_is_locked_with_all_its_parts(cast, in_force, as_wendy):
    goal = Goal.objects.filter(plan=in_force).first()
    objective = Objective.objects.filter(goal=goal).first()
    action = PlanAction.objects.filter(objective=objective).first()
    for write in (
        in_force.revise,
        lambda: goal.put(needs=[]),
        goal.remove,
        objective.put,
        objective.remove,
        action.put,
        action.remove,
        lambda: in_force.leave(need(in_force, "housing"), why="later"),
        lambda: sign_plan(in_force, by=cast.wendy),
    ):
        with pytest.raises(Refused):
            write()


def test_a_plan_signed_meanwhile_by_somebody_else_is_locked_too(cast, draft):
    goal = goal_of(draft, "housing", "money")
    whole(goal)
    stale = Goal.objects.select_related("plan").get(pk=goal.pk)
    sign_plan(draft, by=cast.wendy)
    with pytest.raises(Refused):
        stale.put(needs=[])


def test_the_next_version_starts_from_open_goals_and_from_where_the_person_is_now(cast, in_force, enrolled):
    visit = log_visit(enrolled, by=cast.wendy, signed=False)
    with acting_as(cast.riverside, by=cast.wendy):
        first, second = Goal.objects.filter(plan=in_force)
        objective = Objective.objects.get(goal=first)
        GoalProgress.record(visit, [{"goal": first, "objective": objective, "value": 12}], by=cast.wendy)
        second.end(result=Goal.Result.MET, by=cast.wendy)
        again = ServicePlan.begin(enrolled, by=cast.wendy)
        assert ServicePlan.begin(enrolled, by=cast.wendy) == again
        (copy,) = Goal.objects.filter(plan=again)
        assert (again.number, copy.title) == (2, first.title)
        assert Objective.objects.get(goal=copy).baseline == 12
        assert copy.agreement == ""
        copy.agreement = "agrees"
        copy.put(needs=[link.need for link in copy.needs.all()])
        for waiting in again.unaddressed_needs():
            again.leave(waiting, why=NeedLeft.Why.LATER)
        sign_plan(again, by=cast.wendy)
        in_force.refresh_from_db()
        assert in_force.ended_on == again.starts_on


def test_removing_a_goal_from_a_draft_leaves_history_of_every_row(cast, draft):
    goal = goal_of(draft, "housing")
    objective = whole(goal)
    PlanAction(objective=objective, text="Call", who="Jo", due_on=TODAY()).put()
    goal.remove()
    assert not Goal.objects.filter(plan=draft).exists()
    last = Goal.history.filter(title=goal.title).first()
    assert (last.history_type, last.history_user) == ("-", cast.wendy)
    assert PlanAction.history.filter(text="Call").first().history_type == "-"


def test_no_plan_begins_when_service_has_ended(cast, draft):
    whole(goal_of(draft, "housing", "money"))
    sign_plan(draft, by=cast.wendy)
    draft.enrollment.stage, draft.enrollment.ended_on = Stage.DISCHARGED, TODAY()
    with pytest.raises(Refused):
        ServicePlan.begin(draft.enrollment, by=cast.wendy)


def test_a_goal_ends_with_a_result_only_in_a_plan_in_force(cast, draft, as_wendy):
    goal = goal_of(draft, "housing", "money")
    with pytest.raises(Refused):
        goal.end(result="met", by=cast.wendy)
    whole(goal)
    sign_plan(draft, by=cast.wendy)
    goal.refresh_from_db()
    with pytest.raises(Refused):
        goal.end(result="met", on=TODAY() + timedelta(days=1), by=cast.wendy)
    goal.end(result="partly", by=cast.wendy)
    assert list(Goal.objects.active()) == []


def test_a_review_moves_the_next_one_and_needs_a_plan_in_force(cast, in_force, as_wendy):
    PlanReview.hold(in_force, by=cast.wendy, outcome="continue", summary="It works.")
    assert in_force.review_on == TODAY() + timedelta(days=in_force.enrollment.program.review_every_days)
    for days in ({"reviewed_on": TODAY() + timedelta(days=1)}, {"next_on": TODAY()}):
        with pytest.raises(Refused):
            PlanReview.hold(in_force, by=cast.wendy, outcome="continue", summary="It works.", **days)


def test_an_action_is_done_once_and_can_be_undone(cast, in_force, as_wendy):
    action = PlanAction.objects.open().first()
    action.finish(by=cast.wendy, on=TODAY() - timedelta(days=2))
    action.finish(by=cast.wendy)
    assert action.done_on == TODAY() - timedelta(days=2)
    action.reopen(by=cast.wendy)
    assert action.done_on is None


# --- Services of others ----------------------------------------------------------------------------------------------


def test_a_second_food_bank_is_asked_about_once(cast, enrolled, as_wendy):
    ServiceReferral(enrollment=enrolled, service="Food bank", provider="Mark’s pantry").put(by=cast.wendy)
    again = ServiceReferral(enrollment=enrolled, service=" food BANK ", provider="Eastside")
    with pytest.raises(AlreadyServed, match="Mark’s pantry"):
        again.put(by=cast.wendy)
    again.put(by=cast.wendy, all_the_same=True)
    assert ServiceReferral.objects.filter(enrollment=enrolled).count() == 2


def test_the_question_names_no_service_of_a_sealed_program(cast):
    person = make_client(cast.riverside)
    ours, sealed = enroll(person, cast.ccm, cast.wendy), enroll(person, cast.recovery, cast.walt)
    with acting_as(cast.riverside, by=cast.walt):
        ServiceReferral(enrollment=sealed, service="Clinic", provider="Hidden").put(by=cast.walt)
    with acting_as(cast.riverside, by=cast.wendy):
        ServiceReferral(enrollment=ours, service="Clinic", provider="Open").put(by=cast.wendy)


def test_a_service_that_is_over_has_an_end_and_the_other_way_round(cast, enrolled, as_wendy):
    row = ServiceReferral(enrollment=enrolled, service="Clinic", provider="Eastside", status="done")
    with pytest.raises(Refused, match="from whom you know"):
        row.put(by=cast.wendy)
    row.confirmed_by = "client"
    row.put(by=cast.wendy)
    assert row.ended_on == TODAY()
    row.status = "running"
    with pytest.raises(Refused):
        row.put(by=cast.wendy)


# --- Progress --------------------------------------------------------------------------------------------------------


@pytest.fixture
def visit(cast, in_force):
    return log_visit(in_force.enrollment, by=cast.wendy, signed=False)


def test_a_visit_reports_on_goals_and_a_value_tells_its_own_step(cast, in_force, visit, as_wendy):
    first, second = Goal.objects.filter(plan=in_force)
    objective = Objective.objects.get(goal=first)
    GoalProgress.record(
        visit,
        [
            {"goal": first.pk, "step": "", "objective": objective.pk, "value": 14},
            {"goal": second, "step": "back"},
            {"goal": second, "step": "", "value": None},
        ],
        by=cast.wendy,
    )
    told = {row.goal_id: (row.step, row.value) for row in GoalProgress.objects.filter(visit=visit)}
    assert told == {first.pk: ("forward", 14), second.pk: ("back", None)}


@pytest.mark.parametrize(
    "baseline, target, before, value, step",
    [
        (0, 28, None, 0, "same"),
        (0, 28, None, 28, "met"),
        (0, 28, 14, 7, "back"),
        (10, 0, None, 6, "forward"),
        (10, 0, 4, 6, "back"),
        (10, 0, 4, -1, "met"),
        (None, 5, None, 3, ""),
    ],
)
def test_whether_a_value_is_better_depends_on_where_the_target_lies(baseline, target, before, value, step):
    assert Objective(baseline=baseline, target=target).step_to(value, before) == step


def test_a_draft_note_recorded_again_says_only_what_it_says_now(cast, in_force, visit, as_wendy):
    first, second = Goal.objects.filter(plan=in_force)
    GoalProgress.record(
        visit, [{"goal": first, "step": "same"}, {"goal": second, "step": "met"}], by=cast.wendy
    )
    GoalProgress.record(visit, [{"goal": first, "step": "forward"}], by=cast.wendy)
    (row,) = GoalProgress.objects.filter(visit=visit)
    assert (row.goal, row.step) == (first, "forward")


def test_progress_on_foreign_or_unsigned_goals_is_refused(cast, in_force, visit, as_wendy):
    mine, other = Goal.objects.filter(plan=in_force)
    stranger = plan_for(enroll(make_client(cast.riverside), cast.ccm, cast.wendy), by=cast.wendy)
    theirs = Goal.objects.filter(plan=stranger).first()
    unsigned = Goal.objects.filter(plan=ServicePlan.begin(in_force.enrollment, by=cast.wendy)).first()
    astray = Objective.objects.get(goal=other)
    for rows in (
        [{"goal": theirs, "step": "same"}],
        [{"goal": unsigned, "step": "same"}],
        [{"goal": mine, "step": "same", "objective": astray}],
        [{"goal": mine, "step": "same", "value": 3}],
        [{"goal": mine, "step": "same"}, {"goal": mine, "step": "back"}],
        [{"goal": 0, "step": "same"}],
    ):
        with pytest.raises(Refused):
            GoalProgress.record(visit, rows, by=cast.wendy)
    visit.sign(by=cast.wendy)
    with pytest.raises(Refused):
        GoalProgress.record(visit, [{"goal": mine, "step": "same"}], by=cast.wendy)


def test_the_visit_form_gets_active_goals_with_last_values_in_two_queries(
    cast, in_force, visit, as_wendy, django_assert_num_queries
):
    first, second = Goal.objects.filter(plan=in_force)
    objective = Objective.objects.get(goal=first)
    GoalProgress.record(visit, [{"goal": first, "objective": objective, "value": 9}], by=cast.wendy)
    with django_assert_num_queries(2):
        rows = active_goals(in_force.enrollment, cast.wendy)
    assert [(row["goal"], row["last_step"]) for row in rows] == [(first, "forward"), (second, None)]
    assert rows[0]["objectives"] == [{"objective": objective, "unit": "nights", "last_value": 9}]
    assert rows[1]["objectives"][0]["last_value"] == 0
    assert active_goals(in_force.enrollment, cast.walt) == []


# --- Lists and figures -----------------------------------------------------------------------------------------------


def test_a_plan_is_due_for_those_without_one_in_force(cast, in_force, as_wendy, django_assert_num_queries):
    without = enroll(make_client(cast.riverside), cast.ccm, cast.wendy, on=TODAY() - timedelta(days=10))
    with django_assert_num_queries(1):
        due = plan_due([in_force.enrollment, without])
    assert due == {without.pk: without.enrolled_on + timedelta(days=cast.ccm.plan_within_days)}


def test_figures_of_a_program_agree_with_its_rows(cast, in_force, visit, as_wendy):
    first, second = Goal.objects.filter(plan=in_force)
    objective = Objective.objects.get(goal=first)
    GoalProgress.record(visit, [{"goal": first, "objective": objective, "value": 14}], by=cast.wendy)
    first.end(result="met", by=cast.wendy)
    second.end(result="dropped", by=cast.wendy)
    found = goal_results([cast.ccm, cast.act])
    assert (found[cast.ccm.pk].met, found[cast.ccm.pk].dropped, found[cast.ccm.pk].n) == (1, 1, 1)
    assert found[cast.act.pk].n == 0
    assert goal_results([cast.ccm], until=TODAY() - timedelta(days=1))[cast.ccm.pk].met == 0
    (change,) = measure_changes([cast.ccm])[cast.ccm.pk]
    assert (change.measure, change.n, change.mean) == ("nights in own place a month", 1, 14)


def test_a_review_is_due_on_its_day(cast, enrolled):
    activate(enrolled, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        plan = ServicePlan.objects.get(enrollment=enrolled)
        assert list(ServicePlan.objects.review_due(plan.review_on)) == [plan]
        assert list(ServicePlan.objects.review_due(plan.review_on - timedelta(days=1))) == []


def test_strengths_of_the_assessment_can_be_built_on(draft):
    goal = Goal(plan=draft, title="See people", strength=Strength.objects.get(enrollment=draft.enrollment))
    goal.put(needs=[])
    assert goal.strength.text == "Knows many people here."
