"""The look at a plan: what it brings, what it asks of each goal, and what follows from the answers."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import LevelOfCare, PickItem, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, log_visit, make_client, plan_for, respond
from casemgmt.workspace.worklists import items_of
from clients.models import LevelDecision, SafetyPlan
from serviceplans.models import Goal, GoalProgress, GoalReview, Objective, PlanReview, ServicePlan
from serviceplans.reviewing import attained, brought, is_stuck

SCALE = ["Streets", "A shelter", "A room shared", "A room alone", "An own place"]


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside, given_name="Terry"), cast.ccm, cast.wendy)


@pytest.fixture
def plan(cast, enrolled):
    return plan_for(enrolled, by=cast.wendy)


@pytest.fixture
def seen(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.fixture
def levels(cast):
    with acting_as(cast.riverside, by=cast.sam):
        LevelOfCare.lay_out(cast.ccm)
        return {level.number: level for level in LevelOfCare.objects.filter(program=cast.ccm)}


def address(plan):
    return reverse("serviceplans:plan-review", kwargs={"pk": plan.pk})


def send(browser, plan, **fields):
    """The page as it comes, with these answers: a goal's are named after its place, goal_0_decision."""
    goals = list(Goal.objects.filter(plan=plan))
    objectives = list(Objective.objects.filter(goal__plan=plan))
    said = {"submit_key": str(uuid.uuid4()), "summary": "It goes well.", "outcome": "continue"}
    said["version"] = ServicePlan.objects.get(pk=plan.pk).version
    said["reviewed_on"] = str(timezone.localdate())
    said |= {f"goal_{goal.pk}_decision": "continue" for goal in goals}
    for name, value in fields.items():
        kind, place, *part = f"{name}_".split("_")
        if kind == "goal":
            name = f"goal_{goals[int(place)].pk}_{part[0]}"
        elif kind == "attained":
            name = f"level_{objectives[int(place)].pk}"
        said[name] = value
    return browser.post(address(plan), said)


def scaled(plan):
    objective = Objective.objects.filter(goal__plan=plan).first()
    objective.scale = SCALE
    objective.save()
    return objective


def visit_with(cast, enrollment, *steps, ago=0):
    visit = log_visit(enrollment, by=cast.wendy, days_ago=ago, signed=False)
    GoalProgress.record(visit, steps, by=cast.wendy)


def test_a_review_is_one_page_and_one_answer(wendy, plan, seen):
    assert wendy.get(address(plan)).status_code == 200
    assert send(wendy, plan).status_code == 302
    review = PlanReview.objects.get()
    assert [row.decision for row in review.goals.all()] == ["continue", "continue"]


def test_what_was_found_is_written_before_anybody_types(wendy, plan):
    form = wendy.get(address(plan)).context["form"]
    assert "contacts took place" in form["summary"].value()
    assert {row["fields"]["decision"].value() for row in form.asked()} == {"continue"}


@pytest.mark.parametrize("decision", ["revise", "achieved", "stopped"])
def test_every_decision_but_going_on_needs_a_reason(wendy, plan, seen, decision):
    answer = send(wendy, plan, goal_0_decision=decision, client_view="“It helps.”")
    assert answer.status_code == 422
    assert "“It helps.”" in answer.text
    assert not PlanReview.objects.exists()
    assert send(wendy, plan, goal_0_decision=decision, goal_0_why="It is so.").status_code == 302


@pytest.mark.parametrize("decision, result", [("achieved", "met"), ("stopped", "dropped")])
def test_what_was_reached_or_given_up_ends(wendy, plan, seen, decision, result):
    send(wendy, plan, goal_0_decision=decision, goal_0_why="She has the keys.")
    first, second = Goal.objects.filter(plan=plan)
    assert (first.result, second.ended_on) == (result, None)


def test_the_persons_own_rating_is_kept_and_shown_next_time(wendy, plan, seen):
    send(wendy, plan, goal_0_rating="7")
    assert GoalReview.objects.filter(client_rating=7).count() == 1
    assert "(last time 7)" in wendy.get(address(plan)).text


def test_an_objective_is_drawn_with_its_values_in_a_table(cast, wendy, enrolled, plan, seen):
    objective = Objective.objects.filter(goal__plan=plan).first()
    visit_with(cast, enrolled, {"goal": objective.goal, "objective": objective, "value": 12})
    step = brought(cast.wendy, plan, plan.starts_on - timedelta(days=1))["goals"][0]["objectives"][0]
    assert [row["value"] for row in step["drawn"]["rows"]] == ["0", "12"]
    assert step["drawn"]["chart"].target_y is not None
    assert "<svg" in wendy.get(address(plan)).text


def test_attainment_is_a_t_score_over_the_reviews(cast, wendy, plan, seen):
    scaled(plan)
    assert "An own place" in wendy.get(address(plan)).text
    send(wendy, plan, attained_0="1")
    assert attained(cast.wendy, plan.enrollment_id)["last"]["score"] == 60.0
    send(wendy, plan, attained_0="0")
    assert [row["score"] for row in attained(cast.wendy, plan.enrollment_id)["rows"]] == [50.0, 60.0]


def test_new_answers_stand_beside_the_old_ones(cast, wendy, enrolled, plan, seen):
    worst = {str(n): 3 for n in range(1, 10)}
    before = timezone.localdate() - timedelta(days=60)
    respond(enrolled, "PHQ-9", worst, by=cast.wendy, on=before)
    respond(enrolled, "PHQ-9", by=cast.wendy)
    (row,) = brought(cast.wendy, plan, plan.starts_on - timedelta(days=1))["answers"]
    assert (row["scores"][0]["was"], row["scores"][0]["value"]) == (27, 0)
    assert row["scores"][0]["change"]["code"] == "better"
    assert "New answers" in wendy.get(address(plan)).text


def test_a_goal_that_does_not_move_suggests_a_consultation(cast, wendy, enrolled, plan, seen):
    goal = Goal.objects.filter(plan=plan).first()
    for ago in (3, 2):
        visit_with(cast, enrolled, {"goal": goal, "step": "same"}, ago=ago)
    assert "No step forward" not in wendy.get(address(plan)).text
    visit_with(cast, enrolled, {"goal": goal, "step": "back"}, ago=1)
    assert "No step forward" in wendy.get(address(plan)).text


def test_one_step_forward_is_not_stuck():
    entries = [{"visit": n, "step": step} for n, step in enumerate(("same", "forward", "same", "same"))]
    assert not is_stuck(entries)


def test_a_goal_that_rests_goes_on_resting_until_it_is_ticked(cast, wendy, plan, seen):
    goal = Goal.objects.filter(plan=plan).first()
    goal.pause(why="Crisis", by=cast.wendy)
    send(wendy, plan)
    goal.refresh_from_db()
    assert goal.paused_on is not None
    send(wendy, plan, goal_0_resume="on")
    goal.refresh_from_db()
    assert goal.paused_on is None


def test_another_level_changes_the_rhythm(wendy, enrolled, plan, levels, seen):
    send(wendy, plan, level=levels[4].pk, level_why="Out of hospital.")
    enrolled.refresh_from_db()
    plan.refresh_from_db()
    assert enrolled.level == levels[4]
    assert plan.review_on == timezone.localdate() + timedelta(days=30)
    assert PlanReview.objects.get().level.why == "Out of hospital."


def test_another_level_needs_a_reason(wendy, plan, levels, seen):
    answer = send(wendy, plan, level=levels[4].pk)
    assert (answer.status_code, LevelDecision.objects.count()) == (422, 0)
    assert answer.context["form"].errors.keys() == {"level_why"}


def test_the_level_there_is_says_when_one_goes_down(cast, wendy, enrolled, plan, levels, seen):
    LevelDecision.make(enrolled, levels[3], why="Settled.", by=cast.wendy)
    form = wendy.get(address(plan)).context["form"]
    assert form["level"].value() == levels[3].pk
    assert "One level down when" in form["level"].help_text


def test_the_safety_plan_is_looked_at_with_the_plan(wendy, enrolled, plan, seen, settings):
    assert "safety_plan_seen" not in wendy.get(address(plan)).context["form"].fields
    safety = SafetyPlan.objects.create(
        client=enrolled.client, own_ways="Walks", review_on=timezone.localdate()
    )
    send(wendy, plan, safety_plan_seen="on")
    safety.refresh_from_db()
    assert safety.review_on == timezone.localdate() + timedelta(days=settings.SAFETY_PLAN_REVIEW_DAYS)
    assert PlanReview.objects.get().safety_plan_seen


@pytest.mark.parametrize(
    "said", [{"outcome": "change"}, {"goal_0_decision": "revise", "goal_0_why": "Too far."}]
)
def test_a_change_leads_to_the_next_version(wendy, plan, seen, said):
    answer = send(wendy, plan, **said)
    page = wendy.get(answer.url).text
    assert "asks for a new version" in page


@pytest.mark.parametrize("rating", ["11", "-1", "x", "9" * 40])
def test_a_rating_is_a_number_from_0_to_10(wendy, plan, rating):
    assert send(wendy, plan, goal_0_rating=rating).status_code == 422


def test_a_goal_of_another_plan_is_refused(cast, plan, seen):
    other = plan_for(enroll(make_client(cast.riverside), cast.ccm, cast.wendy), by=cast.wendy)
    with pytest.raises(Refused):
        PlanReview.hold(
            plan,
            by=cast.wendy,
            outcome="continue",
            summary="It works.",
            goals=[{"goal": other.goals.first(), "decision": "continue"}],
        )


def test_two_who_review_at_the_same_time_write_one_review(wendy, plan, seen):
    stands = ServicePlan.objects.get(pk=plan.pk).version
    assert send(wendy, plan, version=stands).status_code == 302
    late = send(wendy, plan, version=stands, summary="What the other one typed.")
    assert late.status_code == 409
    assert "What the other one typed." in late.text
    assert PlanReview.objects.count() == 1


def put_off(browser, plan, **said):
    reason = PickItem.objects.get(agency=plan.agency_id, pick_list="exemption", code="HOSPITAL")
    said = {"submit_key": str(uuid.uuid4()), "reason": reason.pk, "note": "Until Easter."} | said
    return browser.post(reverse("serviceplans:review-put-off", kwargs={"pk": plan.pk}), said)


def reviews_on_today(staff):
    return [item.due_on for item in items_of(staff) if item.kind == "review"]


def test_a_review_that_is_put_off_moves_on_today(cast, wendy, plan, seen):
    today = timezone.localdate()
    plan.review_on = today
    plan.save()
    assert reviews_on_today(cast.wendy) == [today]
    later = today + timedelta(days=9)
    assert put_off(wendy, plan, moved_to=str(later)).status_code == 302
    assert reviews_on_today(cast.wendy) == [later]


def test_every_window_stays_to_be_read(cast, wendy, plan, seen):
    first = plan.review_on
    for days in (10, 20):
        put_off(wendy, plan, moved_to=str(first + timedelta(days=days)))
    page = wendy.get(reverse("serviceplans:plan-detail", kwargs={"pk": plan.pk})).text
    assert page.count("Was due") == 2
    assert "In hospital or treatment (Wendy Nakamura)" in page
    assert "Until Easter." in page


@pytest.mark.parametrize("days", [0, -1, -40000])
def test_a_review_moves_to_a_later_day_only(wendy, plan, seen, days):
    answer = put_off(wendy, plan, moved_to=str(plan.review_on + timedelta(days=days)))
    assert answer.status_code == 422
    assert "Until Easter." in answer.text
