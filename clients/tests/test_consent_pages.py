"""Pages on which somebody agrees, takes it back and asks what was shared."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from casemgmt.agencies.models import ConsentText, acting_as
from casemgmt.demo.builders import enroll, give_consent, make_client
from clients.models import Consent, Disclosure

Kind = Consent.Kind


@pytest.fixture
def person(cast):
    client = make_client(cast.riverside, by=cast.wendy, given_name="Ines", language="Spanish")
    enroll(client, cast.ccm, cast.wendy)
    return client


@pytest.fixture
def wendy(as_):
    return as_("wendy")


def agreed(**said):
    return {
        "submit_key": str(uuid4()),
        "said_all": "on",
        "method": "device",
        "recipient": "Hope",
        "information": "Name and phone",
        "purpose": "Food",
        "discloser": "Riverside",
        "language": "English",
        "given_on": timezone.localdate().isoformat(),
        "expires_on": (timezone.localdate() + timedelta(days=90)).isoformat(),
        "signed_name": "Ines",
    } | said


def the_text(cast, kind=Kind.DISCLOSURE):
    return ConsentText.objects.get(agency=cast.riverside, kind=kind)


def give(browser, cast, person, **said):
    url = f"/clients/{person.pk}/consents/give/?kind=disclosure"
    return browser.post(url, agreed(text=the_text(cast).pk, **said))


def test_somebody_agrees_on_one_page(cast, wendy, person):
    assert give(wendy, cast, person).status_code == 302
    given = Consent.objects.get(client=person)
    assert (given.recipient, given.taken_by, given.signed_name) == ("Hope", cast.wendy, "Ines")
    assert given.told == ["revoke", "conditioning", "redisclosure"]


@pytest.mark.parametrize("field", ["recipient", "information", "purpose", "signed_name", "said_all"])
def test_what_is_missing_is_said_beside_its_field_and_the_rest_is_kept(cast, wendy, person, field):
    page = give(wendy, cast, person, **{field: ""})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert "Riverside" in page.text
    assert not Consent.objects.exists()


@pytest.mark.parametrize(("kind", "asks"), [("service", False), ("disclosure", True), ("observer", False)])
def test_only_the_fields_of_that_kind_are_asked(wendy, person, kind, asks):
    page = wendy.get(f"/clients/{person.pk}/consents/give/?kind={kind}")
    assert ('name="recipient"' in page.text) == asks


def test_the_text_is_shown_in_the_persons_language(cast, wendy, person):
    with acting_as(cast.riverside, by=cast.ada):
        ConsentText.objects.create(
            agency=cast.riverside, kind="service", language="Spanish", edition="1", body="Estoy de acuerdo."
        )
    page = wendy.get(f"/clients/{person.pk}/consents/give/?kind=service")
    assert "Estoy de acuerdo." in page.text
    english = the_text_in(cast, "English")
    assert f"text={english.pk}" in page.text
    assert english.body[:30] in wendy.get(f"{page.request['PATH_INFO']}?kind=service&text={english.pk}").text


def the_text_in(cast, language):
    return ConsentText.objects.get(agency=cast.riverside, kind="service", language=language)


def test_a_withdrawal_is_shown_at_once(cast, wendy, person):
    consent = give_consent(person, by=cast.wendy, kind=Kind.DISCLOSURE)
    today = timezone.localdate().isoformat()
    sent = {"submit_key": str(uuid4()), "version": consent.version, "why": "Called.", "on": today}
    assert wendy.post(f"/consents/{consent.pk}/withdraw/", sent).status_code == 302
    page = wendy.get(f"/clients/{person.pk}/consents/")
    assert page.context["in_force"] == []
    assert "withdrawn" in page.text


def test_a_consent_that_runs_out_is_on_the_work_list_and_renewed_from_there(cast, wendy, person):
    old = give_consent(
        person,
        by=cast.wendy,
        kind=Kind.DISCLOSURE,
        expires_on=timezone.localdate() + timedelta(days=20),
        recipient="The Porch",
    )
    url = f"/clients/{person.pk}/consents/give/?renew={old.pk}"
    assert url in wendy.get("/today/").text
    assert wendy.get(url).context["form"]["recipient"].value() == "The Porch"
    wendy.post(url, agreed(text=the_text(cast).pk, recipient="The Porch"))
    assert url not in wendy.get("/today/").text


@pytest.mark.parametrize(("who", "offered"), [("walt", True), ("wendy", False)])
def test_part_2_kinds_are_offered_to_who_sees_such_an_enrollment(cast, as_, person, who, offered):
    enroll(person, cast.recovery, cast.walt)
    page = as_(who).get(f"/clients/{person.pk}/consents/")
    assert ("kind=part2_tpo" in page.text) == offered


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"recipient": ""}, 422),
        ({"recipient": "Dr. Amin", "colleagues": "on"}, 422),
        ({"recipient": "Dr. Amin"}, 302),
        ({"recipient": "", "colleagues": "on"}, 302),
    ],
)
def test_colleagues_see_part_2_records_because_somebody_said_so(cast, as_, person, said, status):
    enroll(person, cast.recovery, cast.walt)
    sent = agreed(text=the_text(cast, Kind.PART2_SPECIFIC).pk, program=cast.recovery.pk, **said)
    answer = as_("walt").post(f"/clients/{person.pk}/consents/give/?kind=part2_specific", sent)
    assert answer.status_code == status


def test_the_account_says_to_whom_what_went_and_why(cast, wendy, person):
    with acting_as(cast.riverside, by=cast.wendy):
        Disclosure.make(
            person,
            by=cast.wendy,
            basis=Disclosure.Basis.LAW,
            recipient="Juvenile court",
            information="Dates of contact",
            purpose="Order 17",
        )
    page = wendy.get(f"/clients/{person.pk}/disclosures/")
    for words in ("Juvenile court", "Dates of contact", "Order 17", "Required by law", "Wendy Nakamura"):
        assert words in page.text


def test_a_text_is_replaced_by_a_new_version_and_never_edited(cast, as_):
    ada, old = as_("ada"), the_text(cast, Kind.SERVICE)
    url = f"/admin/agencies/consenttext/{old.pk}/change/"
    assert 'name="body"' not in ada.get(url).text
    ada.post(
        "/admin/agencies/consenttext/add/",
        {
            "submit_key": str(uuid4()),
            "kind": "service",
            "language": "English",
            "edition": "2",
            "body": "Other words.",
            "started_on": timezone.localdate().isoformat(),
        },
    )
    offered = ConsentText.objects.filter(agency=cast.riverside, kind="service").offered()
    assert [text.edition for text in offered] == ["2"]
