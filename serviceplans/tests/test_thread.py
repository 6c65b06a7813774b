"""The golden thread: every open need has a goal or a reason, and the page says where it breaks and how to mend it."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.domains import Domain, Rating
from assessments.models import Need
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import assess, enroll, log_visit, make_client, plan_for
from serviceplans.models import Goal, GoalProgress, NeedLeft, Objective, PlanAction, ServicePlan

TODAY = timezone.localdate


def url(name, pk):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk})


@pytest.fixture
def enrolled(cast):
    row = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    assess(row, by=cast.wendy, ratings={Domain.HOUSING: Rating.URGENT, Domain.MONEY: Rating.UNMET})
    return row


@pytest.fixture
def seen(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


@pytest.fixture
def draft(cast, enrolled, seen):
    return ServicePlan.begin(enrolled, by=cast.wendy)


@pytest.fixture
def in_force(cast, enrolled, seen):
    return plan_for(enrolled, by=cast.wendy)


@pytest.fixture
def shown(as_):
    """The threads on a plan's page, by need."""

    def show(plan):
        rows = as_("wendy").get(url("plan-detail", plan.pk)).context["threads"]
        return {row["need"].domain: row for row in rows}

    return show


def need_of(plan, domain):
    return Need.objects.get(enrollment=plan.enrollment_id, domain=domain)


def gaps(row):
    goals = row["goals"]
    found = [gap for goal in goals for gap in goal["breaks"]]
    return found + [gap for goal in goals for step in goal["steps"] for gap in step["breaks"]]


# --- Enforced --------------------------------------------------------------------------------------------------------


def test_an_unmet_need_waits_for_a_goal_or_a_reason_as_an_urgent_one_does(draft):
    assert [need.domain for need in draft.unaddressed_needs()] == ["housing", "money"]
    Goal(plan=draft, title="A door").put(needs=[need_of(draft, "housing")])
    assert [need.domain for need in draft.unaddressed_needs()] == ["money"]
    draft.leave(need_of(draft, "money"), why=NeedLeft.Why.OTHER_PROVIDER)
    assert not draft.unaddressed_needs().exists()


def test_not_now_is_offered_for_each_need_and_comes_back_as_its_reason(as_, draft, shown):
    money = need_of(draft, "money")
    assert (
        f"{url('need-left', draft.pk)}?need={money.pk}" in as_("wendy").get(url("plan-detail", draft.pk)).text
    )
    fields = {"submit_key": str(uuid.uuid4()), "need": money.pk, "why": "declined", "note": "Not this year."}
    assert as_("wendy").post(url("need-left", draft.pk), fields).status_code == 302
    row = shown(draft)["money"]
    assert (row["left"].why, row["breaks"]) == ("declined", 0)


# --- Where it breaks -------------------------------------------------------------------------------------------------


def test_a_need_with_neither_is_a_break(draft, shown):
    rows = shown(draft)
    assert list(rows) == ["housing", "money"]
    assert all(row["is_open"] and row["breaks"] == 1 for row in rows.values())


def test_a_goal_without_objective_and_an_objective_without_step_lead_to_where_they_are_mended(draft, shown):
    goal = Goal(plan=draft, title="A door")
    goal.put(needs=[need_of(draft, "housing")])
    assert [gap["url"] for gap in gaps(shown(draft)["housing"])] == [url("objective-create", goal.pk)]
    objective = Objective(goal=goal, text="Sleeps in her own place")
    objective.put()
    assert [gap["url"] for gap in gaps(shown(draft)["housing"])] == [url("action-create", objective.pk)]
    PlanAction(objective=objective, text="Call", who="Jo", due_on=TODAY()).put()
    assert shown(draft)["housing"]["breaks"] == 0


def test_a_plan_in_force_is_whole_while_visits_speak_of_it(in_force, shown):
    assert {row["breaks"] for row in shown(in_force).values()} == {0}


def test_a_goal_that_no_visit_mentioned_for_a_month_is_a_break_that_leads_to_a_visit(cast, in_force, shown):
    in_force.starts_on = TODAY() - timedelta(days=31)
    in_force.save()
    row = shown(in_force)["housing"]
    visit_log = reverse("workspace:visit-log", kwargs={"pk": in_force.enrollment_id})
    assert [gap["url"] for gap in gaps(row)] == [visit_log]
    visit = log_visit(in_force.enrollment, by=cast.wendy, days_ago=0, signed=False)
    goal = row["goals"][0]["row"]["goal"]
    with acting_as(cast.riverside, by=cast.wendy):
        GoalProgress.record(visit, [{"goal": goal, "step": "same"}], by=cast.wendy)
    assert shown(in_force)["housing"]["breaks"] == 0


def test_an_objective_that_nobody_measured_in_its_rhythm_is_a_break(in_force, shown):
    objective = Objective.objects.filter(goal__needs__need=need_of(in_force, "housing")).first()
    objective.every_days = 7
    objective.save()
    in_force.starts_on = TODAY() - timedelta(days=8)
    in_force.save()
    (gap,) = gaps(shown(in_force)["housing"])
    assert gap["text"].startswith("Not measured since")


def test_nothing_of_a_goal_that_rests_or_has_ended_is_a_break(cast, in_force, shown):
    in_force.starts_on = TODAY() - timedelta(days=40)
    in_force.save()
    first, second = Goal.objects.filter(plan=in_force)
    first.pause(why="In hospital", by=cast.wendy)
    second.end(result="met", by=cast.wendy)
    assert {row["breaks"] for row in shown(in_force).values()} == {0}


def test_a_need_found_after_the_signature_belongs_into_the_next_version(cast, as_, in_force, shown):
    kept = {Domain.HOUSING: Rating.URGENT, Domain.MONEY: Rating.UNMET, Domain.FOOD: Rating.UNMET}
    assess(in_force.enrollment, by=cast.wendy, ratings=kept)
    assert shown(in_force)["food"]["next_version"]
    assert "take it up in the next version" in as_("wendy").get(url("plan-detail", in_force.pk)).text


def test_who_only_reads_gets_the_thread_without_buttons(as_, in_force):
    page = as_("quinn").get(url("plan-detail", in_force.pk))
    assert "From need to outcome" in page.text
    assert not any(gap for row in page.context["threads"] for gap in gaps(row))
