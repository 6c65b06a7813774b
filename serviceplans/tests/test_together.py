"""Two people write one plan: the second sees field by field what the first changed, and loses nothing."""

import uuid

import pytest
from django.urls import reverse

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client, plan_for
from serviceplans.models import Goal, Objective, ServicePlan


def url(name, pk):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk})


@pytest.fixture
def draft(cast):
    return plan_for(enroll(make_client(cast.riverside), cast.ccm, cast.wendy), by=cast.wendy, signed=False)


@pytest.fixture
def seen(cast, draft):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


def opened(browser, address):
    """What the fields of a page hold, as a browser would send them."""
    form = browser.get(address).context["form"]
    said = {name: form[name].value() for name in form.fields if name != "submit_key"}
    return {name: value for name, value in said.items() if value not in (None, "")}


def send(browser, address, typed, **changed):
    return browser.post(address, typed | changed | {"submit_key": str(uuid.uuid4())})


def again(page):
    """What the form on the page of two versions holds."""
    form = page.context["form"]
    said = {name: form[name].value() for name in form.fields if name != "submit_key"}
    return {name: value for name, value in said.items() if value not in (None, "")}


def test_the_second_sees_what_the_first_changed_and_both_changes_stay(as_, draft, seen):
    goal = Goal.objects.filter(plan=draft).first()
    wendy, dana, address = as_("wendy"), as_("dana"), url("goal-edit", goal.pk)
    mine, theirs = opened(wendy, address), opened(dana, address)
    assert send(dana, address, theirs, title="A door with a key").status_code == 302
    page = send(wendy, address, mine, why="So that I can sleep.")
    assert page.status_code == 409
    assert {(row["was"], row["theirs"]) for row in page.context["rows"]} >= {
        (goal.title, "A door with a key")
    }
    assert "theirs is taken over" in page.text
    assert send(wendy, address, again(page)).status_code == 302
    goal.refresh_from_db()
    assert (goal.title, goal.why) == ("A door with a key", "So that I can sleep.")


def test_where_both_changed_the_same_words_the_second_decides_with_both_before_them(as_, draft, seen):
    objective = Objective.objects.filter(goal__plan=draft).first()
    wendy, dana, address = as_("wendy"), as_("dana"), url("objective-edit", objective.pk)
    mine, theirs = opened(wendy, address), opened(dana, address)
    send(dana, address, theirs, target="20")
    page = send(wendy, address, mine, target="25")
    (row,) = page.context["rows"]
    assert (row["was"], row["theirs"], row["yours"], row["is_theirs"]) == ("28", "20", "25", False)
    assert again(page)["target"] == "25"
    assert send(wendy, address, again(page)).status_code == 302
    objective.refresh_from_db()
    assert objective.target == 25


def test_the_words_above_the_goals_are_kept_for_both(as_, draft, seen):
    wendy, dana, address = as_("wendy"), as_("dana"), url("plan-edit", draft.pk)
    mine, theirs = opened(wendy, address), opened(dana, address)
    send(dana, address, theirs, took_part="Jo and her sister")
    page = send(wendy, address, mine, vision="A quiet place")
    assert send(wendy, address, again(page)).status_code == 302
    plan = ServicePlan.objects.get(pk=draft.pk)
    assert (plan.vision, plan.took_part) == ("A quiet place", "Jo and her sister")
