"""Needs as people read them: in the person's order, with what is in the way, how soon, and how they moved."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments import rows
from assessments.definition import Suggestion
from assessments.domains import Priority, Rating
from assessments.models import Administration, DomainRating, Need, Response
from assessments.shipped import take_shipped
from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.agencies.models.program import PickList
from casemgmt.demo.builders import assess, enroll, make_client, plan_for
from serviceplans.models import ServiceReferral

CALM = {"housing": (Rating.NONE, Rating.NONE), "food": (Rating.UNMET, Rating.UNMET)}


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy)


@pytest.fixture
def barrier(cast):
    return PickItem.objects.filter(agency=cast.riverside, pick_list=PickList.BARRIER).first()


def days_ago(n):
    return timezone.localdate() - timedelta(days=n)


def shown(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        own = Need.objects.visible_to(cast.wendy).filter(enrollment=enrolled).open()
        return {need.shown["label"]: need.shown for need in rows.open_needs(cast.wendy, own)}


def test_the_person_s_order_comes_before_ours(cast, enrolled):
    urgent = {"food": (Rating.UNMET, None), "safety": (Rating.URGENT, None), "money": (Rating.UNMET, None)}
    assess(enrolled, by=cast.wendy, ratings=urgent)
    with acting_as(cast.riverside, by=cast.wendy):
        for domain, priority in (("money", Priority.FIRST), ("food", Priority.LATER)):
            need = Need.objects.get(domain=domain)
            need.priority = priority
            need.save()
    found = shown(cast, enrolled)
    assert list(found) == ["Money and benefits", "Food", "Safety"]
    assert [str(row["wanted"]) for row in found.values()] == ["Wanted first", "Wanted later", ""]


def test_after_the_first_assessment_nothing_is_called_new(cast, enrolled):
    assess(enrolled, by=cast.wendy, ratings=CALM)
    assert shown(cast, enrolled)["Food"]["moved"] is None


def test_what_the_last_assessment_found_is_new_and_what_became_graver_is_worse(cast, enrolled):
    assess(enrolled, by=cast.wendy, ratings=CALM, on=days_ago(90))
    graver = {"housing": (Rating.UNMET, None), "food": (Rating.URGENT, None)}
    assess(enrolled, by=cast.wendy, ratings=graver, on=days_ago(1))
    found = shown(cast, enrolled)
    assert str(found["Housing"]["moved"]["label"]) == "New"
    assert str(found["Food"]["moved"]["label"]) == "Worse than before"


def test_a_need_of_a_questionnaire_is_no_harm_to_any_page(cast, as_, enrolled, phq_need):
    for address in (
        reverse("workspace:client", kwargs={"pk": enrolled.client_id}),
        reverse("serviceplans:plan-begin", kwargs={"pk": enrolled.pk}),
        reverse("workspace:change", kwargs={"pk": enrolled.client_id}),
    ):
        assert as_("wendy").get(address).status_code == 200
    assert phq_need.rating is None


@pytest.fixture
def phq_need(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        version = take_shipped(cast.riverside, ["PHQ-9"])[0]
        row = Response.begin(version, enrolled.client, enrollment=enrolled, by=cast.wendy)
        return Need.take_suggestion(row, Suggestion({}, "mental_health", "Low for weeks."))


def test_how_soon_is_kept_and_travels_to_the_need(cast, as_, enrolled):
    assess(enrolled, by=cast.wendy, ratings=CALM, signed=False)
    row = Administration.objects.get(enrollment=enrolled)
    browser, url = as_("wendy"), reverse("assessments:administration-edit", kwargs={"pk": row.pk})
    page = browser.get(url)
    assert page.text.count("How soon, for the client") == 16
    form = page.context["form"]
    said = {name: field.value() for name, field in ((f.html_name, f) for f in form)}
    said = {name: value for name, value in said.items() if value not in (None, "")}
    said |= {"food-priority": Priority.NEXT, "version": row.version, "sign": "1"}
    answer = browser.post(url, said)
    assert answer.status_code == 302, answer.context["form"].errors
    assert DomainRating.objects.get(domain="food").priority == Priority.NEXT
    assert Need.objects.get(domain="food").priority == Priority.NEXT
    assert "Wanted next" in browser.get(answer.url).text


def test_how_soon_can_be_taken_back_before_signing(cast, as_, enrolled):
    assess(enrolled, by=cast.wendy, ratings=CALM, signed=False)
    row = DomainRating.objects.get(domain="food")
    with acting_as(cast.riverside, by=cast.wendy):
        row.priority = Priority.FIRST
        row.save()
    page = as_("wendy").get(reverse("assessments:administration-edit", kwargs={"pk": row.administration_id}))
    field = page.context["form"]["food-priority"]
    assert field.value() == Priority.FIRST
    assert field.field.clean("") is None


def test_what_is_in_the_way_stands_on_the_need_and_on_its_goal(cast, as_, enrolled, barrier):
    plan = plan_for(enrolled, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        for need in Need.objects.filter(enrollment=enrolled):
            need.barrier = barrier
            need.save()
        need = Need.objects.filter(enrollment=enrolled).first()
        ServiceReferral(enrollment=enrolled, service="Voucher", provider="County", need=need).put(
            by=cast.wendy, all_the_same=True
        )
    wendy = as_("wendy")
    page = wendy.get(reverse("serviceplans:plan-detail", kwargs={"pk": plan.pk}))
    assert page.text.count(f"(in the way: {barrier.label})") > 1
    assert [row["barrier"] for row in page.context["services"]] == [barrier.label]
    assert barrier.label in wendy.get(reverse("workspace:client", kwargs={"pk": enrolled.client_id})).text


def test_the_result_says_what_is_new_since_the_last_time(cast, as_, enrolled):
    assess(enrolled, by=cast.wendy, ratings=CALM, on=days_ago(90))
    row = assess(enrolled, by=cast.wendy, ratings={"housing": (Rating.UNMET, None)}, on=days_ago(1))
    page = as_("wendy").get(reverse("assessments:administration-detail", kwargs={"pk": row.pk}))
    needs = {str(need["label"]): need["moved"] for need in page.context["needs"]}
    assert str(needs["Housing"]["label"]) == "New"
