"""The pages of the directory."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import list_resource
from casemgmt.demo.cast import PASSWORD
from casemgmt.resources.models import Resource, ResourceContact, ResourcePlace, ResourceTip
from casemgmt.resources.rows import dial
from casemgmt.tests.plugin import axe
from casemgmt.tests.world import filled, inputs

LANE = "9 Hidden Lane"


@pytest.fixture
def pantry(cast):
    return list_resource(
        cast.riverside,
        by=cast.wendy,
        name="Elm Pantry",
        phones=[{"number": "412 555 0100", "about": "front desk"}],
        place={"address": "1 Elm St", "city": "Riverside"},
        contact={"name": "Pat Invented", "phone": "412 555 0101"},
        tip="Ring at the side door.",
    )


@pytest.fixture
def shelter(cast):
    return list_resource(
        cast.riverside,
        by=cast.sam,
        name="Safe House",
        is_confidential=True,
        place={"address": LANE, "city": "Ashford"},
    )


def url(name, row):
    return reverse(f"resources:{name}", kwargs={"pk": row.pk})


def send(browser, name, row, /, **said):
    """Fill in the form of this page and send it."""
    address = url(name, row) if row else reverse(f"resources:{name}")
    return browser.post(address, filled(inputs(browser.get(address).text), **said))


def test_the_page_of_a_service_says_all_one_needs(as_, pantry):
    text = as_("wendy").get(url("resource-detail", pantry)).text
    for said in (
        "1 Elm St, Riverside",
        "tel:4125550100",
        "front desk",
        "Pat Invented",
        "Ring at the side door.",
    ):
        assert said in text


def test_still_correct_is_one_tap(as_, pantry, cast):
    browser = as_("wendy")
    page = browser.get(url("resource-detail", pantry)).text
    assert "Nobody has verified this yet" in page
    answer = browser.post(
        url("resource-confirm", pantry), {"submit_key": "0b0f8a60-0000-4000-8000-000000000001"}
    )
    assert answer.status_code == 302
    pantry.refresh_from_db()
    assert (pantry.verified_on, pantry.verified_by) == (timezone.localdate(), cast.wendy)


@pytest.mark.parametrize("days, late", [(180, False), (181, True)])
def test_an_entry_is_marked_after_180_days(as_, pantry, cast, days, late):
    with acting_as(cast.riverside, by=cast.wendy):
        pantry.confirm(by=cast.wendy, on=timezone.localdate() - timedelta(days=days))
    assert ("To verify" in as_("wendy").get(reverse("resources:resource-list")).text) is late
    assert list(Resource.objects.unverified()) == [pantry] * late


def test_the_number_of_days_is_a_setting(pantry, cast, settings):
    settings.RESOURCE_VERIFY_DAYS = 30
    with acting_as(cast.riverside, by=cast.wendy):
        pantry.confirm(by=cast.wendy, on=timezone.localdate() - timedelta(days=31))
    assert pantry.is_unverified


def test_a_closed_service_is_not_confirmed(pantry, cast):
    pantry.closed_on = timezone.localdate()
    with pytest.raises(Refused):
        pantry.confirm(by=cast.wendy)


def test_a_worker_writes_a_service_down(as_, cast):
    answer = send(
        as_("wendy"),
        "resource-create",
        None,
        name="Maple Rides",
        phones="412 555 0109, dispatcher\n211",
        needs=["transport"],
        languages="Spanish\nUrdu",
        populations=[],
    )
    row = Resource.objects.get(name="Maple Rides")
    assert answer.url == url("resource-detail", row)
    assert row.phones == [{"number": "412 555 0109", "about": "dispatcher"}, {"number": "211", "about": ""}]
    assert (row.needs, row.languages, row.verified_by) == (["transport"], ["Spanish", "Urdu"], cast.wendy)


@pytest.mark.parametrize(
    "said",
    [
        {"phones": "ring twice"},
        {"name": ""},
        {"phones": "1\x002"},
        {"languages": "x" * 41},
        {"needs": ["moon"]},
    ],
)
def test_what_cannot_be_stays_in_the_form_with_a_message(as_, cast, said):
    answer = send(as_("wendy"), "resource-create", None, **({"name": "Maple Rides", "phones": ""} | said))
    assert answer.status_code == 422
    assert not Resource.objects.exists()


def test_an_edit_keeps_what_was_not_touched(as_, pantry):
    browser = as_("wendy")
    send(browser, "resource-edit", pantry, fees="Free", closed_on="", is_confidential=None)
    pantry.refresh_from_db()
    assert (pantry.fees, pantry.phones) == ("Free", [{"number": "412 555 0100", "about": "front desk"}])


def test_the_phone_of_a_form_is_read_as_it_is_shown(as_, pantry):
    assert "412 555 0100, front desk" in as_("wendy").get(url("resource-edit", pantry)).text


@pytest.mark.parametrize(
    "name, said, model",
    [
        ("place-create", {"city": "Millbrook", "hours": ""}, ResourcePlace),
        ("contact-create", {"name": "Lee Invented"}, ResourceContact),
        ("tip-create", {"text": "Come early."}, ResourceTip),
    ],
)
def test_a_worker_adds_to_a_service(as_, pantry, name, said, model):
    answer = send(as_("wendy"), name, pantry, **said)
    assert answer.status_code == 302
    assert model.objects.filter(resource=pantry).count() == 2


def test_a_service_is_found_by_a_town_that_was_added(as_, pantry):
    browser = as_("wendy")
    send(browser, "place-create", pantry, city="Millbrook")
    assert "Elm Pantry" in browser.get(reverse("resources:resource-list"), {"place": "millbrook"}).text


def test_a_place_needs_something_to_go_by(as_, pantry):
    answer = send(as_("wendy"), "place-create", pantry, name="", address="", city="")
    assert answer.status_code == 422


def test_a_tip_that_is_no_longer_true_goes(as_, pantry):
    tip = ResourceTip.objects.get()
    browser = as_("walt")
    browser.post(url("tip-end", tip), {"submit_key": "0b0f8a60-0000-4000-8000-000000000002"})
    assert "side door" not in browser.get(url("resource-detail", pantry)).text


@pytest.mark.parametrize("who, sees", [("dana", True), ("sam", True), ("wendy", False), ("quinn", False)])
def test_a_confidential_address_is_for_those_who_lead(as_, shelter, who, sees):
    browser = as_(who)
    assert (LANE in browser.get(url("resource-detail", shelter)).text) is sees
    place = ResourcePlace.objects.get(resource=shelter)
    if who == "wendy":
        assert browser.get(url("place-edit", place)).status_code == 404


def test_who_may_not_see_the_address_cannot_uncover_it(as_, shelter):
    browser = as_("wendy")
    assert "is_confidential" not in browser.get(url("resource-edit", shelter)).text
    send(browser, "resource-edit", shelter, fees="Free", phones="", closed_on="")
    shelter.refresh_from_db()
    assert (shelter.fees, shelter.is_confidential) == ("Free", True)


def test_a_confidential_address_has_no_map(as_, shelter):
    assert "openstreetmap" not in as_("sam").get(url("resource-detail", shelter)).text


def test_quality_reads_and_does_not_write(as_, pantry):
    text = as_("quinn").get(url("resource-detail", pantry)).text
    assert "Still correct" not in text
    assert "Add a tip" not in text


@pytest.mark.parametrize(
    "sent", ["page=0", "page=99999999999", "page=-1", "page=x", "q=%00&need=%FF", "page=2"]
)
def test_a_list_answers_whatever_is_asked(as_, pantry, sent):
    assert as_("wendy").get(reverse("resources:resource-list") + f"?{sent}").status_code == 200


def test_a_long_list_has_pages(as_, cast):
    for _n in range(21):
        list_resource(cast.riverside, by=cast.wendy)
    browser = as_("wendy")
    first = browser.get(reverse("resources:resource-list")).text
    assert "page=2" in first
    assert "page=1" in browser.get(reverse("resources:resource-list") + "?page=2").text


@pytest.mark.parametrize(
    "website, link",
    [
        ("maple.example", "https://maple.example"),
        ("http://maple.example/a", "http://maple.example/a"),
        ("javascript:alert(1)", ""),
        ("see our page", ""),
        ("", ""),
    ],
)
def test_a_website_becomes_a_link_only_where_a_browser_may_open_it(website, link):
    assert Resource(website=website).link == link


@pytest.mark.parametrize(
    "number, dialled",
    [("(412) 555-0100", "4125550100"), ("+1 412 555 0100 x12", "+14125550100,12"), ("211", "211")],
)
def test_a_number_is_dialled(number, dialled):
    assert dial(number) == dialled


@pytest.mark.browser
def test_the_list_follows_what_is_typed_and_nothing_bars_the_way(cast, pantry, phone):
    phone.goto(reverse("account_login"))
    phone.fill("[name=login]", "wendy")
    phone.fill("[name=password]", PASSWORD)
    phone.press("[name=password]", "Enter")
    phone.wait_for_url(lambda address: "/accounts/" not in address)
    phone.goto(reverse("resources:resource-list"))
    phone.fill("#id_q", "panrty")
    phone.get_by_text("Shown instead").wait_for()
    axe(phone)
    phone.get_by_role("link", name="Elm Pantry", exact=True).tap()
    phone.wait_for_url("**/resources/*/")
    axe(phone)
    phone.get_by_role("button", name="Still correct").tap()
    phone.get_by_text("Verified today").wait_for()
    for address in (url("resource-detail", pantry), url("resource-edit", pantry)):
        phone.goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    axe(phone)
