"""The builder: a goal, its objective and its first step at one go, and what is said while somebody types."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.domains import Domain, Rating
from assessments.models import Need
from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.demo.builders import assess, enroll, make_client
from clients.models import Milestone, RelatedPerson
from serviceplans.models import Goal, Objective, PlanAction, ServicePlan


def url(name, pk):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk})


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.fixture
def draft(cast):
    row = enroll(make_client(cast.riverside, given_name="Terry"), cast.ccm, cast.wendy)
    assess(row, by=cast.wendy, ratings={Domain.HOUSING: Rating.URGENT, Domain.MONEY: Rating.UNMET})
    with acting_as(cast.riverside, by=cast.wendy):
        return ServicePlan.begin(row, by=cast.wendy)


@pytest.fixture
def seen(cast, draft):
    """Look at rows as Wendy, from outside of a request."""
    with acting_as(cast.riverside, by=cast.wendy):
        yield


@pytest.fixture
def housing(draft, seen):
    return Need.objects.get(enrollment=draft.enrollment, domain="housing")


OBJECTIVE = {
    "text": "Sleeps in her own place 28 nights a month",
    "measure": "nights a month",
    "unit": "nights",
    "baseline": "0",
    "target": "28",
}


def fields(**given):
    return OBJECTIVE | {"target_on": str(in_days(90))} | given


def whole(need, **given):
    goal = {"title": "A door I can close", "why": "To sleep", "needs": need.pk, "agreement": "agrees"}
    return fields() | goal | {"step": "Send the papers", "doer": "client", "due": "7"} | given


# --- At one go -------------------------------------------------------------------------------------------------------


def test_goal_objective_and_first_step_are_written_on_one_page(wendy, draft, housing):
    cost = PickItem.objects.get(agency=draft.agency, pick_list="barrier", code="COST")
    answer = send(wendy, url("goal-create", draft.pk), **whole(housing, barriers=cost.pk, help="along"))
    assert answer.status_code == 302
    goal, action = Goal.objects.get(), PlanAction.objects.get()
    assert (goal.title, goal.why, goal.agreement) == ("A door I can close", "To sleep", "agrees")
    assert [link.barrier for link in goal.barriers.all()] == [cost]
    assert action.objective.goal == goal
    assert (action.led_by, action.help, action.due_on) == ("client", "along", in_days(7))


def test_the_page_asks_for_their_words_and_why_before_anything_else(wendy, draft, housing):
    page = wendy.get(url("goal-create", draft.pk), {"need": housing.pk}).text
    asked = [page.index(f'name="{name}"') for name in ("title", "why", "needs", "text", "step", "agreement")]
    assert asked == sorted(asked)


def test_a_day_that_is_likely_stands_there_already(wendy, draft):
    form = wendy.get(url("goal-create", draft.pk)).context["form"]
    assert form["target_on"].value() == in_days(90)
    assert (form["due"].value(), form["doer"].value()) == ("14", "me")


def test_a_step_without_its_objective_asks_for_it(wendy, draft, housing):
    answer = send(wendy, url("goal-create", draft.pk), **whole(housing, text=""))
    assert answer.status_code == 422
    assert "text" in answer.context["form"].errors
    assert not Goal.objects.exists()


def test_the_objective_may_come_later(wendy, draft, housing):
    bare = {"title": "Later", "needs": housing.pk, "target_on": str(in_days(90)), "due": "14", "doer": "me"}
    assert send(wendy, url("goal-create", draft.pk), **bare).status_code == 302
    assert not Objective.objects.exists()


# --- Levels of attainment --------------------------------------------------------------------------------------------

LEVELS = {f"level_{n}": f"Level {n}" for n in range(1, 6)}


def test_attainment_is_scaled_with_five_levels_or_none(wendy, draft, housing):
    address = url("goal-create", draft.pk)
    some = send(wendy, address, **whole(housing, **LEVELS | {"level_4": ""}))
    assert some.status_code == 422
    assert list(some.context["form"].errors) == ["level_4"]
    assert '<details class="fold" open><summary>Levels' in some.text
    assert send(wendy, address, **whole(housing, weight="3", **LEVELS)).status_code == 302
    objective = Objective.objects.get()
    assert (objective.scale, objective.weight) == (list(LEVELS.values()), 3)
    page = wendy.get(url("objective-edit", objective.pk))
    assert page.context["form"]["level_5"].value() == "Level 5"
    empty = fields(version=objective.version) | dict.fromkeys(LEVELS, "")
    assert send(wendy, url("objective-edit", objective.pk), **empty).status_code == 302
    objective.refresh_from_db()
    assert objective.scale == []


def test_an_objective_is_measured_at_each_visit_unless_somebody_says_how_often(wendy, draft, housing):
    send(wendy, url("goal-create", draft.pk), **whole(housing))
    assert Objective.objects.get().every_days is None
    objective = Objective.objects.get()
    objective.every_days = 45
    objective.put()
    page = wendy.get(url("objective-edit", objective.pk))
    assert "Every 45 days" in page.text
    said = fields(every_days="7", direction="limit", version=objective.version)
    assert send(wendy, url("objective-edit", objective.pk), **said).status_code == 302
    objective.refresh_from_db()
    assert (objective.every_days, objective.direction) == (7, "limit")


# --- Who does it -----------------------------------------------------------------------------------------------------


def test_a_close_person_of_the_record_can_do_a_step(cast, wendy, draft, housing):
    person = draft.enrollment.client
    aunt = RelatedPerson.objects.create(client=person, name="Aunt Bea", relation="relative", is_support=True)
    landlord = RelatedPerson.objects.create(client=person, name="Mr Hill", relation="landlord")
    page = wendy.get(url("goal-create", draft.pk))
    assert "Aunt Bea" in page.text
    assert "Mr Hill" not in page.text
    send(wendy, url("goal-create", draft.pk), **whole(housing, doer=f"close-{aunt.pk}"))
    action = PlanAction.objects.get()
    assert (action.related_person, action.who, action.led_by) == (aunt, "Aunt Bea", "family")
    other = send(wendy, url("goal-create", draft.pk), **whole(housing, doer=f"close-{landlord.pk}"))
    assert other.status_code == 422


def test_another_agency_has_a_name(wendy, draft, housing):
    nameless = send(wendy, url("goal-create", draft.pk), **whole(housing, doer="agency"))
    assert list(nameless.context["form"].errors) == ["who"]
    send(wendy, url("goal-create", draft.pk), **whole(housing, doer="agency", who="Housing office"))
    assert PlanAction.objects.get().led_by == "agency"


def test_a_step_is_changed_as_it_was_said(cast, wendy, draft, housing):
    send(wendy, url("goal-create", draft.pk), **whole(housing))
    action = PlanAction.objects.get()
    form = wendy.get(url("action-edit", action.pk)).context["form"]
    assert (form["doer"].value(), form["due_on"].value()) == ("client", in_days(7))
    later = {
        "text": "Send them",
        "doer": "me",
        "due": "",
        "due_on": str(in_days(30)),
        "version": action.version,
    }
    assert send(wendy, url("action-edit", action.pk), **later).status_code == 302
    action.refresh_from_db()
    assert (action.text, action.staff, action.due_on) == ("Send them", cast.wendy, in_days(30))


# --- The live check --------------------------------------------------------------------------------------------------


def remarks(browser, draft, **typed):
    """What is said beside each field while this is typed."""
    answer = browser.post(url("objective-check", draft.pk), typed)
    assert answer.status_code == 200
    return {name: [r.text for r in said] for name, said in answer.context["places"] if said}


def test_while_somebody_types_it_is_said_beside_the_field_what_is_missing(wendy, draft):
    said = remarks(wendy, draft, text="Better", measure="days per week", baseline="", target="9")
    assert set(said) == {"text", "baseline", "target_on"}
    assert said["baseline"] == ["Say how it is now; 0 is an answer."]
    assert remarks(wendy, draft, **fields(baseline="28"))["target"] == [
        "It is so already. If it is to stay so, choose “Keep”."
    ]
    assert remarks(wendy, draft, **fields(baseline="28", direction="maintain")) == {}


def test_nothing_is_asked_for_before_anything_is_typed(wendy, draft):
    assert remarks(wendy, draft, text=" ", target_on=str(in_days(90))) == {}


def test_nobody_responsible_is_said_where_steps_are_typed(wendy, draft):
    assert remarks(wendy, draft, **fields(step=""))["actions"] == ["There is no next step."]
    assert remarks(wendy, draft, **fields(step="Call", doer="me", due="14")) == {}
    nobody = remarks(wendy, draft, **fields(step="Call", doer="agency", due="14"))
    assert nobody["actions"] == ["Nobody is named for one of the steps."]
    late = remarks(wendy, draft, **fields(step="Call", doer="me", due_on=str(in_days(99))))
    assert late["actions"] == ["A step comes after the day of the objective."]
    assert remarks(wendy, draft, **fields()) == {}, "its steps stand on another page"


@pytest.mark.parametrize("text", ["\x00", "9" * 400, "0001-01-01", "9999-12-31", "NaN", "1e999"])
def test_what_cannot_be_read_counts_as_not_said(wendy, draft, text):
    names = (
        "measure",
        "unit",
        "baseline",
        "target",
        "target_on",
        "every_days",
        "due_on",
        "due",
        "doer",
        "who",
    )
    remarks(wendy, draft, text="Sleeps well at home", step="Call", **dict.fromkeys(names, text))


def test_the_check_keeps_nothing(wendy, draft, seen):
    remarks(wendy, draft, **fields())
    assert not Objective.objects.exists()


def test_what_blocks_while_typing_is_what_keeps_the_plan_from_being_signed(wendy, draft, housing):
    typed = fields(measure="", target_on="")
    said = {text for texts in remarks(wendy, draft, **typed).values() for text in texts}
    send(wendy, url("goal-create", draft.pk), **whole(housing, measure="", target_on="", step=""))
    objective = Objective.objects.get()
    assert set(objective.not_measurable()) == said
    page = wendy.get(url("plan-detail", draft.pk)).text
    assert "Say what is counted." in page
    assert "There is no next step." in page


def test_in_a_program_of_fixed_length_an_objective_ends_with_it(cast, wendy, draft):
    last = in_days(30)
    Milestone.objects.create(enrollment=draft.enrollment, title="End of service", due_on=last)
    form = wendy.get(url("goal-create", draft.pk)).context["form"]
    assert form["target_on"].value() == last
    late = send(
        wendy, url("objective-check", draft.pk), text="Sleeps in his own place", target_on=in_days(31)
    )
    assert "This is after the enrollment ends." in late.text


def test_what_is_said_has_its_place_on_the_page_that_asks(wendy, draft):
    typed = {"text": "Sleeps in his own place"}
    assert "#remark-actions" not in send(wendy, url("objective-check", draft.pk), **typed).text
    assert "#remark-actions" in send(wendy, url("objective-check", draft.pk), **typed, step="").text
