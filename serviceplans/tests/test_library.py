"""Goals to start from: a help on an empty page, and nobody's goal before it was made personal."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from assessments.domains import Domain, Rating
from assessments.models import Need
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import assess, enroll, make_client
from serviceplans.library import STARTERS, take_goals
from serviceplans.models import Goal, GoalTemplate, Objective, ServicePlan
from serviceplans.smart import Draft, Frame, check


@pytest.fixture
def as_wendy(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


@pytest.fixture
def draft(cast):
    row = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    assess(row, by=cast.wendy, ratings={Domain.FOOD: Rating.UNMET})
    with acting_as(cast.riverside, by=cast.wendy):
        return ServicePlan.begin(row, by=cast.wendy)


@pytest.fixture
def template(cast, as_wendy):
    return GoalTemplate.objects.filter(agency=cast.riverside, domain="food").first()


def begin(browser, plan, **query):
    return browser.get(reverse("serviceplans:goal-create", kwargs={"pk": plan.pk}), query)


# --- What is delivered -----------------------------------------------------------------------------------------------


def test_every_domain_has_at_least_two(cast, as_wendy):
    assert set(STARTERS) == set(Domain)
    assert all(len(starters) >= 2 for starters in STARTERS.values())
    assert GoalTemplate.objects.filter(agency=cast.riverside).count() == sum(map(len, STARTERS.values()))


@pytest.mark.parametrize(
    "starter", [one for many in STARTERS.values() for one in many], ids=lambda o: o.title
)
def test_a_starter_is_in_the_first_person_and_lacks_only_how_it_is_now(starter):
    assert " I " in f" {starter.title}"
    today = timezone.localdate()
    begun = GoalTemplate(target=starter.target, within_days=starter.within_days).beginning(today)
    said = Draft(
        text=starter.objective,
        measure=starter.measure,
        unit=starter.unit,
        target=starter.target,
        target_on=begun["target_on"],
        maintains=starter.maintains,
        every_days=starter.every_days,
        responsible=("Jo",),
    )
    assert [r.field for r in check(said, Frame(today=today)) if r.blocks] == ["baseline"]


def test_what_an_agency_changed_is_not_given_again(cast, as_wendy, capsys):
    first = GoalTemplate.objects.filter(agency=cast.riverside).first()
    first.title, first.position = "Our own words", 9
    first.save()
    before = GoalTemplate.objects.filter(agency=cast.riverside).count()
    assert take_goals(cast.riverside) == []
    call_command("take_lists", agency="riverside")
    assert GoalTemplate.objects.filter(agency=cast.riverside).count() == before
    assert "0 items added" in capsys.readouterr().out


# --- Beginning with one ----------------------------------------------------------------------------------------------


def test_ideas_are_offered_for_the_domain_of_the_need(as_, draft, template):
    need = Need.objects.get(enrollment=draft.enrollment)
    page = begin(as_("wendy"), draft, need=need.pk)
    assert {row.domain for row in page.context["offered"]} == {"food"}
    assert f"template={template.pk}" in page.text
    form = begin(as_("wendy"), draft, need=need.pk, template=template.pk).context["form"]
    assert form["text"].value() == template.objective
    assert form["step"].value() == template.action
    assert form["baseline"].value() is None


def test_their_own_wish_goes_before_the_words_of_the_library(as_, draft, template):
    need = Need.objects.get(enrollment=draft.enrollment)
    need.goal_wish = "Soup like at home"
    need.save()
    form = begin(as_("wendy"), draft, need=need.pk, template=template.pk).context["form"]
    assert form["title"].value() == "Soup like at home"


def test_what_is_no_longer_offered_or_of_another_agency_is_no_choice(cast, as_, draft, template):
    with acting_as(cast.lakeside, by=cast.olive):
        theirs = GoalTemplate.objects.filter(agency=cast.lakeside, domain="food").first()
    template.ended_on = timezone.localdate()
    template.save()
    for pk in (template.pk, theirs.pk, "x"):
        page = begin(as_("wendy"), draft, template=pk)
        assert page.context["begun_with"] is None
    assert template not in page.context["offered"]


# --- Made personal ---------------------------------------------------------------------------------------------------


def goal_of(plan, template, *, title=None, text=None):
    goal = Goal(plan=plan, template=template, title=title or template.title, agreement="agrees")
    goal.put(needs=list(Need.objects.filter(enrollment=plan.enrollment)))
    Objective(
        goal=goal,
        text=text or template.objective,
        measure="days",
        baseline=1,
        target=5,
        target_on=timezone.localdate() + timedelta(days=60),
    ).put()
    return goal


def library_says(lacks):
    return [lack.kind for lack in lacks if "as the library has it" in str(lack)]


def test_a_goal_that_nobody_made_personal_keeps_the_plan_from_being_signed(draft, template):
    goal_of(draft, template)
    assert library_says(draft.missing()) == ["goal"]
    assert library_says(draft.warnings()) == []


@pytest.mark.parametrize(
    ("own", "kind"),
    [({"title": "Soup like at home"}, "objective"), ({"text": "I cook soup twice a week"}, "goal")],
)
def test_half_of_it_in_their_words_is_only_remarked_upon(draft, template, own, kind):
    goal_of(draft, template, **own)
    assert library_says(draft.missing()) == []
    assert library_says(draft.warnings()) == [kind]


def test_a_plan_needs_nothing_from_the_library(draft, as_wendy, template):
    goal = goal_of(draft, template, title="Soup", text="I cook soup twice a week")
    assert library_says(draft.warnings()) == []
    goal.template = None
    goal.save()
    assert list(draft.missing()) == []


def test_a_template_begun_with_is_kept_with_the_goal(as_, draft, template):
    need = Need.objects.get(enrollment=draft.enrollment)
    address = reverse("serviceplans:goal-create", kwargs={"pk": draft.pk})
    typed = {"submit_key": str(uuid.uuid4()), "title": "Mine", "needs": need.pk}
    assert as_("wendy").post(f"{address}?need={need.pk}&template={template.pk}", typed).status_code == 302
    assert Goal.objects.get().template == template
