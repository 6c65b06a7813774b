import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.domains import Domain, Rating
from assessments.models import Need
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import assess, enroll, log_visit, make_client, plan_for
from casemgmt.tests.plugin import axe
from clients.models import AccessLog
from serviceplans.models import (
    Goal,
    GoalProgress,
    NeedLeft,
    Objective,
    PlanAction,
    PlanReview,
    ServicePlan,
    ServiceReferral,
)


def url(name, pk):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk})


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


@pytest.fixture
def enrolled(cast):
    row = enroll(make_client(cast.riverside, given_name="Terry"), cast.ccm, cast.wendy)
    assess(row, by=cast.wendy, ratings={Domain.HOUSING: Rating.URGENT, Domain.MONEY: Rating.UNMET})
    return row


@pytest.fixture
def draft(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        return ServicePlan.begin(enrolled, by=cast.wendy)


@pytest.fixture
def in_force(cast, enrolled):
    return plan_for(enrolled, by=cast.wendy)


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.fixture
def seen(cast):
    """Look at rows as Wendy, from outside of a request."""
    with acting_as(cast.riverside, by=cast.wendy):
        yield


def goal_fields(*needs, **fields):
    return {
        "needs": [need.pk for need in needs],
        "title": "A quiet place of my own",
        "agreement": "agrees",
        "text": "Sleeps in her own place",
        "measure": "nights a month",
        "unit": "nights",
        "baseline": "0",
        "target": "28",
        "target_on": str(timezone.localdate() + timedelta(days=90)),
        "indicator": "outcome",
    } | fields


def test_a_plan_is_begun_written_and_signed(cast, wendy, enrolled):
    begin = url("plan-begin", enrolled.pk)
    start = wendy.get(begin)
    assert start.status_code == 200
    assert "Start the service plan" in start.text
    detail = send(wendy, begin).url
    page = wendy.get(detail)
    assert "Add at least one goal." in page.text
    assert wendy.get(begin).url == detail

    plan_pk = page.context["plan"].pk
    form = wendy.get(url("goal-create", plan_pk), {"need": page.context["threads"][0]["need"].pk})
    assert form.context["form"]["needs"].value() == [page.context["threads"][0]["need"].pk]
    answer = send(
        wendy, url("goal-create", plan_pk), **goal_fields(*(row["need"] for row in page.context["threads"]))
    )
    assert answer.status_code == 302
    page = wendy.get(detail)
    assert page.context["missing"] == []
    assert "0 → 28 nights" in page.text

    assert send(wendy, url("plan-sign", plan_pk), typed_name="").status_code == 422
    heard = {"client_answer": "signed", "client_told": "on", "client_name": "Terry"}
    assert send(wendy, url("plan-sign", plan_pk), typed_name="Wendy Nakamura", **heard).url == detail
    page = wendy.get(detail)
    assert "In force" in page.text
    assert url("goal-create", plan_pk) not in page.text
    assert wendy.get(url("plan-sign", plan_pk)).url == detail


def test_the_start_page_sends_to_the_assessment_first_where_there_is_none(cast, wendy):
    row = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    page = wendy.get(url("plan-begin", row.pk))
    assert reverse("assessments:administration-create", kwargs={"pk": row.pk}) in page.text


def test_what_is_missing_leads_to_where_it_is_mended(cast, wendy, draft, seen):
    needs = list(Need.objects.filter(enrollment=draft.enrollment))
    send(wendy, url("goal-create", draft.pk), **goal_fields(*needs, target_on="", measure=""))
    objective = Objective.objects.get()
    page = wendy.get(url("plan-sign", draft.pk))
    assert [row["url"] for row in page.context["missing"]] == [url("objective-edit", objective.pk)]
    refused = send(wendy, url("plan-sign", draft.pk), typed_name="Wendy")
    assert refused.status_code == 422
    assert "Say by which day" in refused.text
    fields = goal_fields(*needs, version=objective.version)
    assert send(wendy, url("objective-edit", objective.pk), **fields).status_code == 302
    assert wendy.get(url("plan-sign", draft.pk)).context["missing"] == []


def test_an_objective_half_typed_with_a_goal_asks_for_its_sentence(wendy, draft, seen):
    need = Need.objects.filter(enrollment=draft.enrollment).first()
    answer = send(wendy, url("goal-create", draft.pk), **goal_fields(need, text=""))
    assert answer.status_code == 422
    assert "Say in a sentence" in answer.text
    assert not Goal.objects.exists()
    alone = {"needs": need.pk, "title": "Only the goal"}
    assert send(wendy, url("goal-create", draft.pk), **alone).status_code == 302
    assert not Objective.objects.exists()


def test_needs_of_somebody_else_are_no_choice(cast, wendy, draft, seen):
    other = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    assess(other, by=cast.wendy)
    theirs = Need.objects.filter(enrollment=other).first()
    answer = send(wendy, url("goal-create", draft.pk), **goal_fields(theirs))
    assert answer.status_code == 422
    assert not Goal.objects.exists()


def test_two_people_cannot_overwrite_each_others_goal(cast, wendy, draft, seen):
    need = Need.objects.filter(enrollment=draft.enrollment).first()
    send(wendy, url("goal-create", draft.pk), **goal_fields(need))
    goal = Goal.objects.get()
    edit = url("goal-edit", goal.pk)
    first = {"needs": need.pk, "title": "Changed", "version": goal.version}
    assert send(wendy, edit, **first).status_code == 302
    stale = send(wendy, edit, **(first | {"title": "Changed too"}))
    assert stale.status_code == 409
    assert "Changed too" in stale.text


def test_an_urgent_need_is_left_with_a_reason(wendy, draft, seen):
    need = Need.objects.get(enrollment=draft.enrollment, domain="housing")
    page = wendy.get(url("need-left", draft.pk), {"need": need.pk})
    assert page.status_code == 200
    assert send(wendy, url("need-left", draft.pk), need=need.pk, why="later").status_code == 302
    assert NeedLeft.objects.get().why == "later"
    assert "Agreed for later" in wendy.get(url("plan-detail", draft.pk)).text


def test_the_review_cannot_be_before_the_start(wendy, draft):
    day = timezone.localdate()
    fields = {"starts_on": day, "review_on": day - timedelta(days=1), "version": draft.version}
    answer = send(wendy, url("plan-edit", draft.pk), **fields)
    assert answer.status_code == 422
    assert "The review cannot be before the start." in answer.text
    assert "review_after_start" not in answer.text
    fields |= {"review_on": "", "vision": "A door to close."}
    assert send(wendy, url("plan-edit", draft.pk), **fields).status_code == 302


@pytest.mark.parametrize("part", ["goal", "objective", "action"])
def test_parts_of_a_draft_are_removed_after_a_question(cast, wendy, enrolled, part, seen):
    plan = plan_for(enrolled, by=cast.wendy, signed=False)
    model = {"goal": Goal, "objective": Objective, "action": PlanAction}[part]
    pk = model.objects.first().pk
    assert "Keep it" in wendy.get(url(f"{part}-remove", pk)).text
    assert model.objects.filter(pk=pk).exists()
    assert send(wendy, url(f"{part}-remove", pk)).url == url("plan-detail", plan.pk)
    assert not model.objects.filter(pk=pk).exists()


def test_nothing_is_removed_from_a_signed_plan(wendy, in_force, seen):
    answer = send(wendy, url("goal-remove", Goal.objects.first().pk))
    assert answer.status_code == 422
    assert "can no longer be changed" in answer.text


def test_who_does_an_action_is_one_tap(cast, wendy, enrolled, seen):
    plan_for(enrolled, by=cast.wendy, signed=False)
    address = url("action-create", Objective.objects.first().pk)
    due = {"due_on": timezone.localdate()}
    send(wendy, address, text="One", doer="me", **due)
    send(wendy, address, text="Two", doer="client", **due)
    send(wendy, address, text="Three", doer="other", who="Her aunt", **due)
    told = {
        row.text: (row.who, row.staff) for row in PlanAction.objects.filter(text__in=["One", "Two", "Three"])
    }
    assert told == {
        "One": ("Wendy Nakamura", cast.wendy),
        "Two": (enrolled.client.name, None),
        "Three": ("Her aunt", None),
    }
    nobody = send(wendy, address, text="Four", doer="other", **due)
    assert nobody.status_code == 422
    assert "Say who does it." in nobody.text


def test_actions_get_done_and_goals_end_in_a_signed_plan(wendy, in_force, seen):
    action, goal = PlanAction.objects.first(), Goal.objects.first()
    send(wendy, url("action-done", action.pk))
    action.refresh_from_db()
    assert action.done_on == timezone.localdate()
    send(wendy, url("action-done", action.pk), undo="1")
    action.refresh_from_db()
    assert action.done_on is None
    assert wendy.post(url("action-done", action.pk)).status_code == 302  # without a key nothing happens
    action.refresh_from_db()
    assert action.done_on is None
    fields = {"result": "met", "ended_on": timezone.localdate(), "version": goal.version}
    assert send(wendy, url("goal-end", goal.pk), **fields).status_code == 302
    assert "Change the result" in wendy.get(url("plan-detail", in_force.pk)).text


def test_a_value_of_a_visit_is_on_the_plan_and_in_the_review(cast, wendy, in_force):
    visit = log_visit(in_force.enrollment, by=cast.wendy, days_ago=0, signed=False)
    with acting_as(cast.riverside, by=cast.wendy):
        objective = Objective.objects.first()
        rows = [{"goal": objective.goal_id, "objective": objective, "value": 21}]
        GoalProgress.record(visit, rows, by=cast.wendy)
    for name in ("plan-detail", "plan-review"):
        page = wendy.get(url(name, in_force.pk))
        assert "21 of 28 nights" in page.text
        assert "<polyline" in page.text
        assert "style=" not in page.text


def test_a_review_is_held_and_a_draft_has_none(cast, wendy, in_force, seen):
    address = url("plan-review", in_force.pk)
    assert "0 of 0 visits took place." in wendy.get(address).text
    assert send(wendy, address, outcome="continue", summary="", reviewed_on="").status_code == 422
    fields = {"outcome": "continue", "summary": "It works.", "reviewed_on": timezone.localdate()}
    fields |= {f"goal_{goal.pk}_decision": "continue" for goal in in_force.goals.all()}
    fields["version"] = ServicePlan.objects.get(pk=in_force.pk).version
    assert send(wendy, address, **fields).status_code == 302
    assert PlanReview.objects.get().by == cast.wendy
    assert "It works." in wendy.get(url("plan-detail", in_force.pk)).text
    again = ServicePlan.begin(in_force.enrollment, by=cast.wendy)
    assert wendy.get(url("plan-review", again.pk)).url == url("plan-detail", again.pk)


def test_the_copy_for_the_person_has_their_words_and_the_crisis_line(wendy, in_force):
    page = wendy.get(url("plan-print", in_force.pk))
    assert "A quiet place of my own." in page.text
    assert "988" in page.text


def test_every_version_is_listed(cast, wendy, in_force, seen):
    newer = ServicePlan.begin(in_force.enrollment, by=cast.wendy)
    page = wendy.get(url("plan-list", in_force.enrollment_id))
    assert [row["state"] for row in page.context["plans"]] == ["Draft", "In force"]
    assert url("plan-detail", newer.pk) in page.text


def test_a_second_service_of_the_same_name_is_asked_about_beside_the_field(wendy, in_force, seen):
    address = url("referral-create", in_force.enrollment_id)
    fields = {
        "service": "Food bank",
        "provider": "Pantry",
        "status": "asked",
        "asked_on": timezone.localdate(),
    }
    assert send(wendy, address, **fields).status_code == 302
    warned = send(wendy, address, **(fields | {"service": "food bank"}))
    assert warned.status_code == 422
    assert "service" in warned.context["form"].errors
    assert "Add it all the same" in warned.text
    again = fields | {"service": "food bank", "all_the_same": "on"}
    assert send(wendy, address, **again).status_code == 302
    assert ServiceReferral.objects.count() == 2


def test_six_services_stand_on_one_page_with_provider_contact_status_and_next_date(
    cast, wendy, in_force, seen
):
    day = timezone.localdate() + timedelta(days=4)
    for n in range(6):
        ServiceReferral(
            enrollment=in_force.enrollment, service=f"Service {n}", provider=f"Provider {n}",
            contact=f"Contact {n}", next_on=day, status="running", confirmed_by="client",
        ).put(by=cast.wendy)  # fmt: skip
    text = wendy.get(url("plan-detail", in_force.pk)).text
    for n in range(6):
        assert all(f"{what} {n}" in text for what in ("Service", "Provider", "Contact"))
    assert text.count("Receiving it") == 6


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_a_quality_reviewer_reads_without_buttons(as_, in_force):
    page = as_("quinn").get(url("plan-detail", in_force.pk))
    assert page.status_code == 200
    assert '<form method="post" action="/actions' not in page.text
    assert as_("quinn").get(url("goal-create", in_force.pk)).status_code == 403


def test_a_colleague_gets_the_emergency_page_and_another_agency_nothing(as_, in_force):
    assert as_("walt").get(url("plan-detail", in_force.pk)).status_code == 403
    assert as_("olive").get(url("plan-detail", in_force.pk)).status_code == 404
    assert as_("eve").get(url("plan-detail", in_force.pk)).status_code == 403


@pytest.mark.parametrize("name", ["plan-detail", "plan-print", "plan-review"])
def test_each_page_of_a_plan_writes_whose_record_was_opened(cast, wendy, in_force, name, seen):
    before = AccessLog.objects.count()
    wendy.get(url(name, in_force.pk))
    assert AccessLog.objects.count() == before + 1
    assert AccessLog.objects.latest("pk").people == [in_force.enrollment.client_id]


@pytest.mark.parametrize("name", ["plan-detail", "plan-review", "plan-print"])
def test_twice_the_goals_cost_no_query_more(cast, wendy, enrolled, name):
    few = plan_for(enrolled, by=cast.wendy, goals=1)
    wendy.get(url(name, few.pk))
    with CaptureQueriesContext(connection) as once:
        wendy.get(url(name, few.pk))
    other = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    many = plan_for(other, by=cast.wendy, goals=5)
    with acting_as(cast.riverside, by=cast.wendy):
        goals = list(Goal.objects.filter(plan=many))
        for n in range(3):
            ServiceReferral(enrollment=other, service=f"S{n}", provider="P").put(by=cast.wendy)
    visit = log_visit(other, by=cast.wendy, signed=False)
    with acting_as(cast.riverside, by=cast.wendy):
        GoalProgress.record(visit, [{"goal": goal, "step": "forward"} for goal in goals], by=cast.wendy)
    with CaptureQueriesContext(connection) as often:
        assert wendy.get(url(name, many.pk)).status_code == 200
    assert len(often) == len(once)


@pytest.mark.browser
def test_the_pages_of_a_plan_have_no_barrier_and_fit_a_phone(cast, phone, in_force, draft_of_another):
    phone.goto("/accounts/login/")
    phone.fill("[name=login]", "wendy")
    phone.fill("[name=password]", "casemgmt-demo")
    phone.click("main button")
    phone.wait_for_load_state()
    for address in (
        url("plan-detail", in_force.pk),
        url("plan-review", in_force.pk),
        url("plan-detail", draft_of_another.pk),
        url("goal-create", draft_of_another.pk),
        url("plan-sign", draft_of_another.pk),
    ):
        phone.goto(address)
        axe(phone)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.fixture
def draft_of_another(cast):
    row = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    return plan_for(row, by=cast.wendy, signed=False)
