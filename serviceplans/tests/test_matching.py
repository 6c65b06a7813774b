"""From a need to a service of the directory: nearest first, nothing asked that is known, nothing twice."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.domains import Domain, Rating
from assessments.models import Need
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import assess, enroll, give_consent, list_resource, make_client
from clients.models import Consent
from serviceplans.matching import places_of
from serviceplans.models import ServiceReferral


def url(name, pk, **query):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk}, query=query)


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.fixture
def enrolled(cast):
    client = make_client(cast.riverside, address="12 Forbes Avenue, Pittsburgh, PA 15213", language="Spanish")
    row = enroll(client, cast.ccm, cast.wendy)
    assess(row, by=cast.wendy, ratings={Domain.FOOD: Rating.URGENT})
    return row


@pytest.fixture
def need(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        yield Need.objects.get(enrollment=enrolled, domain="food")


@pytest.fixture
def directory(cast):
    def at(name, city, postcode, **fields):
        return list_resource(
            cast.riverside,
            by=cast.wendy,
            name=name,
            needs=["food"],
            place={"city": city, "postcode": postcode},
            **fields,
        )

    return {
        "far": at("Alpha Kitchen", "Erie", "16501"),
        "town": at("Beta Kitchen", "Pittsburgh", "15222"),
        "near": at("Gamma Kitchen", "Pittsburgh", "15213"),
        "speaks": at("Delta Kitchen", "Erie", "16501", languages=["Spanish"]),
        "closed": at("Old Kitchen", "Pittsburgh", "15213", closed_on=timezone.localdate()),
    }


def names(page):
    return [row["service"].name for row in page.context["rows"]]


def test_the_nearest_come_first_then_those_who_speak_the_language(wendy, need, directory):
    page = wendy.get(url("resource-find", need.enrollment_id, need=need.pk))
    assert names(page) == ["Gamma Kitchen", "Beta Kitchen", "Delta Kitchen", "Alpha Kitchen"]
    assert [bool(row["near"]) for row in page.context["rows"]] == [True, True, False, False]


def test_an_address_kept_secret_tells_nothing(enrolled):
    assert places_of(enrolled.client, shows_address=False) == []
    assert places_of(enrolled.client, shows_address=True) == ["15213", "Pittsburgh"]


def test_what_is_typed_is_looked_for_instead(wendy, need, directory):
    page = wendy.get(url("resource-find", need.enrollment_id, need=need.pk, place="Erie"))
    assert names(page) == ["Alpha Kitchen", "Delta Kitchen"]


def test_another_need_finds_nothing_here(cast, wendy, need, directory):
    need.domain = "housing"
    need.save()
    page = wendy.get(url("resource-find", need.enrollment_id, need=need.pk))
    assert names(page) == []
    assert "Nothing found" in page.text


def test_what_the_directory_knows_nobody_types(wendy, need, directory):
    near = directory["near"]
    page = wendy.get(url("referral-create", need.enrollment_id, need=need.pk, resource=near.pk))
    known = {name: page.context["form"][name].value() for name in ("service", "resource", "need")}
    assert known == {"service": "Gamma Kitchen", "resource": near.pk, "need": need.pk}


def refer(browser, need, resource, **fields):
    said = {
        "submit_key": str(uuid.uuid4()),
        "service": resource.name,
        "provider": resource.name,
        "resource": resource.pk,
        "need": need.pk,
        "status": "asked",
        "asked_on": timezone.localdate(),
    }
    return browser.post(url("referral-create", need.enrollment_id, need=need.pk), said | fields)


def test_a_referral_keeps_the_service_and_the_need(wendy, need, directory):
    assert refer(wendy, need, directory["near"]).status_code == 302
    row = ServiceReferral.objects.get()
    assert (row.resource, row.need) == (directory["near"], need)
    page = wendy.get(url("resource-find", need.enrollment_id, need=need.pk))
    marked = {row["service"].name for row in page.context["rows"] if row["referral"]}
    assert marked == {"Gamma Kitchen"}


def test_the_same_entry_under_another_name_is_a_second_one(wendy, need, directory):
    refer(wendy, need, directory["near"])
    again = refer(wendy, need, directory["near"], service="Meals")
    assert again.status_code == 422
    assert "all_the_same" in again.context["form"].fields


def test_a_consent_is_asked_for_and_leads_back(cast, wendy, need, directory):
    here = url("referral-create", need.enrollment_id, need=need.pk, resource=directory["near"].pk)
    ask = wendy.get(here).context["ask_url"]
    form = wendy.get(ask)
    assert form.context["form"]["recipient"].value() == directory["near"].organization or "Gamma Kitchen"
    fields = {bound.name: bound.value() for bound in form.context["form"] if bound.value() is not None}
    fields |= {
        "submit_key": str(uuid.uuid4()),
        "recipient": "Gamma Kitchen",
        "information": "Name and phone",
        "purpose": "Food",
        "said_all": "on",
        "signed_name": need.enrollment.client.name,
        "text": getattr(fields.get("text"), "pk", fields.get("text")) or "",
    }
    answer = wendy.post(ask, fields)
    consent = Consent._base_manager.get()
    assert answer.url == f"{here}&consent={consent.pk}"
    assert wendy.get(answer.url).context["form"]["consent"].value() == str(consent.pk)


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"]
)
def test_a_way_back_leads_to_no_other_site(cast, wendy, need, back):
    from_form = wendy.get(
        reverse("clients:consent-give", kwargs={"pk": need.enrollment.client_id}), {"next": back}
    )
    assert from_form.status_code == 200
    fields = {
        "submit_key": str(uuid.uuid4()),
        **{b.name: b.value() for b in from_form.context["form"] if b.value() is not None},
        "recipient": "Hope",
        "information": "Name",
        "purpose": "Food",
        "said_all": "on",
        "signed_name": need.enrollment.client.name,
    }
    fields["text"] = getattr(fields.get("text"), "pk", fields.get("text")) or ""
    answer = wendy.post(
        reverse("clients:consent-give", kwargs={"pk": need.enrollment.client_id}, query={"next": back}),
        fields,
    )
    assert answer.url.startswith("/consents/")


def test_the_consent_that_names_the_provider_stands_first(cast, wendy, need, directory):
    for whom in ("Aardvark", "Gamma Kitchen"):
        give_consent(need.enrollment.client, by=cast.wendy, kind="disclosure", recipient=whom)
    page = wendy.get(url("referral-create", need.enrollment_id, resource=directory["near"].pk))
    offered = [c.recipient for c in page.context["form"].fields["consent"].queryset]
    provider = page.context["form"]["provider"].value()
    assert offered[0] == ("Gamma Kitchen" if provider == "Gamma Kitchen" else "Aardvark")


def test_the_persons_page_leads_from_a_need_to_the_services(wendy, need):
    page = wendy.get(reverse("workspace:client", kwargs={"pk": need.enrollment.client_id}))
    assert url("resource-find", need.enrollment_id, need=need.pk) in page.text


def test_more_services_ask_no_more_of_the_database(cast, wendy, need, directory):
    address = url("resource-find", need.enrollment_id, need=need.pk)
    wendy.get(address)
    with CaptureQueriesContext(connection) as few:
        wendy.get(address)
    for n in range(4):
        list_resource(cast.riverside, by=cast.wendy, name=f"Kitchen {n}", needs=["food"])
    with CaptureQueriesContext(connection) as many:
        wendy.get(address)
    assert len(many) == len(few)
