"""A crisis: what one tap writes, who is told, what rests meanwhile, and how it ends."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import Notice, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, make_client, plan_for
from casemgmt.workspace.crisis.verbs import begin_crisis, end_crisis, undo_crisis
from casemgmt.workspace.worklists import items_of
from clients.models import Alert, Crisis, KeyEvent, SafetyPlan
from serviceplans.models import Goal, PlanAction
from serviceplans.rows import goal_rows


@pytest.fixture
def enrolled(cast):
    """Nia's, whose mentor is Mo and whose supervisor is Sam; her plan has two goals."""
    row = enroll(make_client(cast.riverside, given_name="Terry"), cast.rapid, cast.nia)
    plan_for(row, by=cast.nia)
    return row


@pytest.fixture
def by_nia(cast):
    with acting_as(cast.riverside, by=cast.nia):
        yield


def goals_of(enrollment):
    return list(Goal.objects.filter(plan__enrollment=enrollment))


def notices_of(staff):
    return list(Notice.objects.filter(staff=staff, kind="crisis"))


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


def address(name, enrollment):
    return reverse(f"workspace:{name}", kwargs={"pk": enrollment.pk})


def test_one_tap_leads_from_the_person_to_the_safety_plan(as_, enrolled):
    nia = as_("nia")
    page = nia.get(f"/clients/{enrolled.client_id}/")
    assert f'<form method="post" action="{address("crisis", enrolled)}">' in page.text
    answer = send(nia, address("crisis", enrolled))
    assert (answer.status_code, answer.url) == (302, f"/clients/{enrolled.client_id}/safety/")
    assert Crisis.objects.now().get().by.name == "Nia Baptiste"


def test_goals_are_ticked_before_anybody_taps(as_, enrolled):
    page = as_("nia").get(address("crisis", enrolled))
    assert page.context["form"]["goals"].initial == [g.pk for g in goals_of(enrolled)]


def test_a_goal_that_a_colleague_ended_meanwhile_does_not_hold_up_a_crisis(cast, as_, by_nia, enrolled):
    first, second = goals_of(enrolled)
    first.end(result="met", by=cast.mo)
    assert send(as_("nia"), address("crisis", enrolled), goals=[first.pk, second.pk]).status_code == 302
    second.refresh_from_db()
    assert second.paused_on is not None


def test_how_a_goal_ended_at_the_same_moment_is_not_lost(cast, by_nia, enrolled):
    read_before = goals_of(enrolled)
    Goal.objects.get(pk=read_before[0].pk).end(result="met", by=cast.mo)
    begin_crisis(enrolled, by=cast.nia, pause=read_before)
    assert [(g.result, g.paused_on is not None) for g in goals_of(enrolled)] == [("met", False), ("", True)]


def test_it_is_an_event_and_a_line_in_the_banner(cast, by_nia, enrolled):
    crisis, _new = begin_crisis(enrolled, by=cast.nia)
    assert crisis.event.kind == KeyEvent.Kind.CRISIS
    assert "In crisis since" in Alert.objects.shown().get(client=enrolled.client).text


def test_a_sealed_program_puts_nothing_into_the_banner(cast):
    row = enroll(make_client(cast.riverside), cast.recovery, cast.walt)
    with acting_as(cast.riverside, by=cast.walt):
        crisis, _new = begin_crisis(row, by=cast.walt)
    assert crisis.alert is None
    assert not Alert.objects.exists()


def test_the_supervisor_and_the_mentor_are_told_and_no_name_is_said(cast, by_nia, enrolled):
    begin_crisis(enrolled, by=cast.nia)
    (to_sam,), (to_mo,) = notices_of(cast.sam), notices_of(cast.mo)
    assert to_sam.url.startswith(f"/clients/{enrolled.client_id}/")
    assert to_mo.url == f"/mentoring/{cast.pairing.pk}/"
    assert "Terry" not in to_sam.text + to_mo.text
    assert not notices_of(cast.nia) + notices_of(cast.walt)


def test_a_worker_hears_when_somebody_else_marks_it(cast, enrolled):
    with acting_as(cast.riverside, by=cast.sam):
        begin_crisis(enrolled, by=cast.sam)
    assert len(notices_of(cast.nia)) == 1
    assert not notices_of(cast.sam)


def test_nobody_is_sent_to_a_record_that_is_sealed_from_them(cast):
    row = enroll(make_client(cast.riverside), cast.recovery, cast.walt)
    with acting_as(cast.riverside, by=cast.walt):
        begin_crisis(row, by=cast.walt)
    # Sam is of that program.
    assert [n.url for n in notices_of(cast.sam)] == [f"/clients/{row.client_id}/?enrollment={row.pk}"]


def test_goals_that_are_ticked_rest_with_a_reason(cast, by_nia, enrolled):
    first, second = goals_of(enrolled)
    begin_crisis(enrolled, by=cast.nia, pause=[first])
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.paused_on == timezone.localdate()
    assert "Crisis" in first.paused_why
    assert second.paused_on is None


def test_nothing_of_a_goal_that_rests_is_on_today(cast, by_nia, enrolled):
    assert [i for i in items_of(cast.nia) if i.kind == "action"]
    begin_crisis(enrolled, by=cast.nia, pause=goals_of(enrolled))
    assert not [i for i in items_of(cast.nia) if i.kind == "action"]


def test_two_phones_mark_one_crisis(cast, as_, by_nia, enrolled):
    begin_crisis(enrolled, by=cast.nia)
    _again, is_new = begin_crisis(enrolled, by=cast.sam)
    assert not is_new
    answer = as_("nia").post(address("crisis", enrolled), {}, follow=True)
    assert "has marked it already" in answer.text
    assert Crisis.objects.count() == 1


def test_everybody_who_may_see_the_record_sees_the_strip(cast, as_, by_nia, enrolled):
    begin_crisis(enrolled, by=cast.nia)
    for who in ("nia", "sam", "quinn"):
        page = as_(who).get(f"/clients/{enrolled.client_id}/").text
        assert "In crisis since" in page
        assert (address("crisis-over", enrolled) in page) == (who != "quinn")


def test_the_plan_says_so_too(cast, as_, by_nia, enrolled):
    begin_crisis(enrolled, by=cast.nia)
    plan = enrolled.plans.get()
    assert address("crisis-over", enrolled) in as_("nia").get(f"/plans/{plan.pk}/").text


def test_a_pair_is_led_to_its_debriefing(cast, as_, by_nia, enrolled):
    begin_crisis(enrolled, by=cast.nia)
    page = as_("nia").get(f"/clients/{enrolled.client_id}/").text
    assert f"/mentoring/{cast.pairing.pk}/activities/new/?kind=" in page


def test_the_end_takes_the_line_away_and_wakes_what_is_ticked(cast, by_nia, enrolled):
    first, second = goals_of(enrolled)
    crisis, _new = begin_crisis(enrolled, by=cast.nia, pause=[first, second])
    end_crisis(crisis, by=cast.nia, outcome="Stayed with her sister.", resume=[first])
    assert [g.paused_on is None for g in goals_of(enrolled)] == [True, False]
    assert not Alert.objects.shown().exists()
    crisis.event.refresh_from_db()
    assert crisis.event.ended_on == timezone.localdate()


def test_the_end_asks_how_it_ended(as_, cast, by_nia, enrolled):
    begin_crisis(enrolled, by=cast.nia)
    assert send(as_("nia"), address("crisis-over", enrolled), outcome=" ").status_code == 422
    assert Crisis.objects.now().exists()


def test_after_a_crisis_the_safety_plan_is_looked_at(cast, by_nia, enrolled):
    plan = SafetyPlan.objects.create(client=enrolled.client, own_ways="Walks by the river")
    crisis, _new = begin_crisis(enrolled, by=cast.nia)
    end_crisis(crisis, by=cast.nia, outcome="It passed.")
    plan.refresh_from_db()
    assert plan.review_on == timezone.localdate()


def test_it_ends_once(cast, by_nia, enrolled):
    crisis, _new = begin_crisis(enrolled, by=cast.nia)
    end_crisis(crisis, by=cast.nia, outcome="It passed.")
    with pytest.raises(Refused):
        end_crisis(crisis, by=cast.sam, outcome="It passed.")


def test_a_new_crisis_may_follow(cast, by_nia, enrolled):
    crisis, _new = begin_crisis(enrolled, by=cast.nia)
    end_crisis(crisis, by=cast.nia, outcome="It passed.")
    _next, is_new = begin_crisis(enrolled, by=cast.nia)
    assert is_new


def test_the_safety_plan_is_on_today_after_a_crisis(cast, by_nia, enrolled):
    SafetyPlan.objects.create(client=enrolled.client, own_ways="Walks by the river")
    crisis, _new = begin_crisis(enrolled, by=cast.nia)
    assert not [i for i in items_of(cast.nia) if i.kind == "safety"]
    end_crisis(crisis, by=cast.nia, outcome="It passed.")
    assert [i.due_on for i in items_of(cast.nia) if i.kind == "safety"] == [timezone.localdate()]


def test_a_goal_that_rests_says_so(cast, as_, by_nia, enrolled):
    begin_crisis(enrolled, by=cast.nia, pause=goals_of(enrolled)[:1])
    assert as_("nia").get(f"/clients/{enrolled.client_id}/").text.count("Rests") == 1
    assert as_("nia").get(f"/plans/{enrolled.plans.get().pk}/").text.count("Rests since") == 1


def test_nothing_of_a_goal_that_rests_is_late_on_the_plan(cast, by_nia, enrolled):
    first, second = goals_of(enrolled)
    for action in PlanAction.objects.filter(objective__goal__in=[first, second]):
        action.due_on = timezone.localdate() - timedelta(days=3)
        action.save()
    begin_crisis(enrolled, by=cast.nia, pause=[first])
    rows = goal_rows(cast.nia, enrolled.plans.get())
    assert [row["objectives"][0]["actions"][0]["late"] for row in rows] == [False, True]


def test_goals_are_asked_for_once_it_is_marked(cast, as_, by_nia, enrolled):
    begin_crisis(enrolled, by=cast.nia)
    nia = as_("nia")
    assert address("crisis-goals", enrolled) in nia.get(f"/clients/{enrolled.client_id}/safety/").text
    first = goals_of(enrolled)[0]
    assert send(nia, address("crisis-goals", enrolled), goals=[first.pk]).status_code == 302
    assert [g.paused_on is None for g in goals_of(enrolled)] == [False, True]


def test_a_slip_of_the_finger_is_taken_back_and_those_who_were_told_hear_it(cast, as_, by_nia, enrolled):
    begin_crisis(enrolled, by=cast.nia, pause=goals_of(enrolled))
    nia = as_("nia")
    assert address("crisis-undo", enrolled) in nia.get(f"/clients/{enrolled.client_id}/safety/").text
    assert send(nia, address("crisis-undo", enrolled)).url == f"/clients/{enrolled.client_id}/"
    assert not Crisis.objects.now().exists()
    assert not KeyEvent.objects.filter(kind="crisis").exists()
    assert not Alert.objects.shown().exists()
    assert [g.paused_on for g in goals_of(enrolled)] == [None, None]
    assert [n.text for n in notices_of(cast.sam)] == ["The crisis was marked by mistake."]


def test_only_who_marked_it_takes_it_back(cast, by_nia, enrolled):
    crisis, _new = begin_crisis(enrolled, by=cast.nia)
    with pytest.raises(Refused):
        undo_crisis(crisis, by=cast.sam)


def test_after_a_while_it_is_ended_and_not_taken_back(cast, by_nia, enrolled):
    crisis, _new = begin_crisis(enrolled, by=cast.nia)
    crisis.started_at = timezone.now() - timedelta(minutes=20)
    crisis.save()
    with pytest.raises(Refused):
        undo_crisis(crisis, by=cast.nia)
