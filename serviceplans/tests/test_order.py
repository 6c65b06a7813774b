"""Goals stand in the person's order, rest where they rest, and the end of service is agreed in the plan."""

import uuid

import pytest
from django.urls import reverse

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client, plan_for
from serviceplans.models import DischargeCriterion, Goal


def url(name, pk):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk})


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy)


@pytest.fixture
def draft(cast, enrolled):
    return plan_for(enrolled, by=cast.wendy, goals=3, signed=False)


@pytest.fixture
def in_force(cast, enrolled):
    return plan_for(enrolled, by=cast.wendy)


@pytest.fixture
def seen(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


def titles(browser, plan, page="plan-detail"):
    text = browser.get(url(page, plan.pk)).text
    return sorted(["Goal 1", "Goal 2", "Goal 3"], key=lambda title: text.index(f"{title}:"))


def test_a_goal_goes_up_and_down_and_stays_there_on_paper(wendy, draft, seen):
    first, second, _third = Goal.objects.filter(plan=draft)
    send(wendy, url("goal-move", second.pk), up="1")
    assert [goal.pk for goal in Goal.objects.filter(plan=draft)][:2] == [second.pk, first.pk]
    assert titles(wendy, draft, "plan-print") == ["Goal 2", "Goal 1", "Goal 3"]
    send(wendy, url("goal-move", second.pk), down="1")
    assert [goal.pk for goal in Goal.objects.filter(plan=draft)][:2] == [first.pk, second.pk]


def test_the_first_goal_offers_no_way_up(wendy, draft):
    text = wendy.get(url("plan-detail", draft.pk)).text
    assert text.count('name="up"') == text.count('name="down"') == 2


def test_the_order_of_a_signed_plan_stays(wendy, in_force, seen):
    first, second = Goal.objects.filter(plan=in_force)
    send(wendy, url("goal-move", second.pk), up="1")
    assert list(Goal.objects.filter(plan=in_force)) == [first, second]
    assert 'name="up"' not in wendy.get(url("plan-detail", in_force.pk)).text


def test_a_goal_that_rests_says_since_when_and_why(cast, wendy, in_force, seen):
    Goal.objects.first().pause(why="In hospital", by=cast.wendy)
    assert "In hospital" in wendy.get(url("plan-detail", in_force.pk)).text


# --- When service can end ---------------------------------------------------------------------------------------------


def test_what_has_to_be_so_is_written_in_a_draft_and_taken_out_again(wendy, draft, seen):
    assert send(wendy, url("criterion-create", draft.pk), text="").status_code == 422
    assert send(wendy, url("criterion-create", draft.pk), text="I have a lease.").status_code == 302
    criterion = DischargeCriterion.objects.get()
    assert "I have a lease." in wendy.get(url("plan-detail", draft.pk)).text
    send(wendy, url("criterion-remove", criterion.pk))
    assert not DischargeCriterion.objects.exists()


def test_a_signed_plan_takes_no_other_criterion(wendy, in_force):
    assert send(wendy, url("criterion-create", in_force.pk), text="One more").status_code == 422


def test_a_criterion_is_met_with_one_tap_and_the_discharge_lists_each(wendy, in_force, seen):
    for text in ("I have a lease.", "I know whom to call."):
        DischargeCriterion.objects.create(plan=in_force, text=text)
    lease, _call = DischargeCriterion.objects.all()
    send(wendy, url("criterion-met", lease.pk))
    page = wendy.get(reverse("workspace:discharge", kwargs={"pk": in_force.enrollment_id}))
    assert [(row.text, bool(row.met_on)) for row in page.context["criteria"]] == [
        ("I have a lease.", True),
        ("I know whom to call.", False),
    ]
    assert "not met" in page.text
    send(wendy, url("criterion-met", lease.pk))
    lease.refresh_from_db()
    assert lease.met_on is None
