"""Nothing goes out past the gate: the share page, the paper, the copy of the plan, the referral to a service."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import consent_elements, enroll, give_consent, make_client, plan_for, respond
from casemgmt.tests.world import filled, inputs
from clients.models import Consent, Disclosure
from serviceplans.models import ServiceReferral

Kind = Consent.Kind
STANDS = ("none", "active", "expired", "withdrawn", "not yet")


@pytest.fixture
def enrollment(cast):
    client = make_client(
        cast.riverside, by=cast.wendy, given_name="Ines", address="3 Canal Road", phone="412 555 0177"
    )
    return enroll(client, cast.ccm, cast.wendy)


@pytest.fixture
def sealed(cast):
    return enroll(make_client(cast.riverside, by=cast.walt, given_name="Ines"), cast.recovery, cast.walt)


def standing(cast, client, how, kind=Kind.DISCLOSURE, **said):
    """A consent to tell the food bank that stands so today; None for none."""
    today = timezone.localdate()
    days = {
        "active": {},
        "expired": {"given_on": today - timedelta(days=90), "expires_on": today - timedelta(days=1)},
        "withdrawn": {"given_on": today - timedelta(days=9), "withdrawn_on": today},
        "not yet": {"given_on": today + timedelta(days=1)},
    }
    if how == "none":
        return None
    with acting_as(cast.riverside, by=cast.walt):
        elements = consent_elements(client, kind) | said | days[how]
        return Consent.objects.create(client=client, kind=kind, **elements)


def share(browser, client, **said):
    url = f"/clients/{client.pk}/share/"
    sent = {"submit_key": str(uuid4()), "parts": ["summary"], "to": "person", "way": "on paper"}
    return browser.post(url, sent | said)


# --- The matrix: how a consent stands, and what asks for it -----------------------------------------------------------


@pytest.mark.parametrize("how", STANDS)
def test_sharing_asks_for_a_consent_that_holds(cast, as_, enrollment, how):
    consent = standing(cast, enrollment.client, how)
    to = f"c{consent.pk if consent else 0}"
    answer = share(as_("wendy"), enrollment.client, to=to, enrollments=[enrollment.pk])
    assert (answer.status_code, Disclosure.objects.count()) == ((302, 1) if how == "active" else (422, 0))


@pytest.mark.parametrize("how", STANDS)
def test_a_referral_tells_the_provider_on_a_consent_that_holds(cast, as_, enrollment, how):
    consent = standing(cast, enrollment.client, how)
    wendy, url = as_("wendy"), f"/enrollments/{enrollment.pk}/services/new/"
    sent = filled(inputs(wendy.get(url).text), service="Food bank", provider="Hope Food Bank")
    answer = wendy.post(url, sent | {"consent": consent.pk if consent else 987})
    assert (answer.status_code, Disclosure.objects.count()) == ((302, 1) if how == "active" else (422, 0))
    assert ServiceReferral.objects.count() == (how == "active")


@pytest.mark.parametrize("how", STANDS)
def test_a_paper_prints_again_while_its_consent_holds(cast, as_, enrollment, how):
    consent = standing(cast, enrollment.client, "active")
    wendy = as_("wendy")
    paper = share(wendy, enrollment.client, to=f"c{consent.pk}", enrollments=[enrollment.pk])["Location"]
    today = timezone.localdate()
    with acting_as(cast.riverside, by=cast.wendy):
        consent.given_on -= timedelta(days=9)
        if how == "expired":
            consent.expires_on = today - timedelta(days=1)
        elif how == "withdrawn":
            consent.withdrawn_on = today
        elif how == "not yet":
            consent.given_on = today + timedelta(days=1)
        consent.save()
    pages = [wendy.get(url).status_code for url in (paper, paper.replace("/paper/", "/file/"))]
    assert pages == ([200, 200] if how in ("active", "none") else [302, 302])


@pytest.mark.parametrize("how", STANDS)
def test_a_colleague_sees_a_sealed_program_on_a_consent_that_holds(cast, as_, sealed, how):
    standing(cast, sealed.client, how, Kind.PART2_TPO, program=cast.recovery)
    page = as_("dana").get(f"/clients/{sealed.client_id}/")
    assert page.status_code == (200 if how == "active" else 404)


# --- Sharing --------------------------------------------------------------------------------------------------------


def test_what_goes_out_is_what_was_chosen_and_is_accounted_for(cast, as_, enrollment):
    plan_for(enrollment, by=cast.wendy)
    wendy = as_("wendy")
    answer = share(wendy, enrollment.client, parts=["plan"], enrollments=[enrollment.pk])
    page = wendy.get(answer["Location"])
    assert "A quiet place of my own" in page.text
    assert "Canal Road" not in page.text
    made = Disclosure.objects.get()
    assert (made.basis, made.parts, made.with_part_2) == ("person", ["plan"], False)
    assert "42 CFR" not in page.text


def test_the_file_holds_the_same_as_the_page(cast, as_, enrollment):
    wendy = as_("wendy")
    url = share(wendy, enrollment.client, enrollments=[enrollment.pk])["Location"]
    file = wendy.get(url.replace("/paper/", "/file/"))
    assert file["Content-Disposition"].startswith("attachment")
    assert "3 Canal Road" in file.text


def test_answers_go_out_with_their_scores_and_as_a_fhir_file(cast, as_, enrollment):
    respond(enrollment, "PHQ-9", {str(n): 1 for n in range(1, 10)} | {"9": 0}, by=cast.wendy)
    wendy = as_("wendy")
    url = share(wendy, enrollment.client, parts=["answers"], enrollments=[enrollment.pk])["Location"]
    page = wendy.get(url).text
    assert "PHQ-9" in page
    assert "8 mild" in " ".join(page.split())
    file = wendy.get(url.replace("/paper/", "/answers/"))
    assert file["Content-Disposition"].startswith("attachment")
    (entry,) = file.json()["entry"]
    assert entry["resource"]["resourceType"] == "QuestionnaireResponse"
    assert len(entry["resource"]["item"]) == 9


def test_answers_that_were_not_chosen_do_not_go_out(cast, as_, enrollment):
    respond(enrollment, "PHQ-9", {str(n): 1 for n in range(1, 10)}, by=cast.wendy)
    wendy = as_("wendy")
    url = share(wendy, enrollment.client, enrollments=[enrollment.pk])["Location"]
    assert "PHQ-9" not in wendy.get(url).text
    assert wendy.get(url.replace("/paper/", "/answers/")).status_code == 404


def test_a_protected_address_stands_on_no_paper(cast, as_, enrollment):
    client = enrollment.client
    with acting_as(cast.riverside, by=cast.wendy):
        client.address_protected = True
        client.save()
    wendy = as_("wendy")
    page = wendy.get(share(wendy, client, enrollments=[enrollment.pk])["Location"])
    assert "Canal Road" not in page.text


def test_a_part_2_summary_is_blocked_without_a_part_2_consent_and_carries_the_notice_with_it(
    cast, as_, sealed
):
    """REQ-169."""
    walt, client = as_("walt"), sealed.client
    plain = give_consent(client, by=cast.walt, kind=Kind.DISCLOSURE)
    blocked = share(walt, client, to=f"c{plain.pk}", enrollments=[sealed.pk])
    assert blocked.status_code == 422
    assert "42 CFR Part 2" in blocked.text
    named = give_consent(client, by=cast.walt, kind=Kind.PART2_SPECIFIC, program=cast.recovery)
    page = walt.get(share(walt, client, to=f"c{named.pk}", enrollments=[sealed.pk])["Location"])
    assert "42 CFR part 2 prohibits unauthorized" in page.text
    assert Disclosure.objects.get().with_part_2


def test_without_a_consent_it_takes_a_ground_and_a_reason(cast, as_, enrollment):
    wendy, client = as_("wendy"), enrollment.client
    said = {"to": "other", "ground": "law", "recipient": "County court", "enrollments": [enrollment.pk]}
    assert share(wendy, client, **said).status_code == 422
    assert share(wendy, client, **said, purpose="Order 17").status_code == 302


def test_a_directive_is_read_before_anything_goes_out(cast, as_, enrollment):
    wendy, client = as_("wendy"), enrollment.client
    consent = give_consent(client, by=cast.wendy, kind=Kind.DISCLOSURE, directive="Not my diagnosis.")
    said = {"to": f"c{consent.pk}", "enrollments": [enrollment.pk]}
    stopped = share(wendy, client, **said)
    assert stopped.status_code == 422
    assert "Not my diagnosis." in stopped.text
    assert share(wendy, client, **said, heeded="on").status_code == 302


def test_nobody_shares_an_enrollment_that_they_do_not_see(cast, as_, enrollment, sealed):
    answer = share(as_("wendy"), enrollment.client, enrollments=[sealed.pk])
    assert answer.status_code == 422


def test_a_paper_of_yesterday_is_made_anew(cast, as_, enrollment):
    url = share(as_("wendy"), enrollment.client, enrollments=[enrollment.pk])["Location"]
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert as_("wendy").get(url).status_code == 302


# --- The person's copy of the plan ----------------------------------------------------------------------------------


def test_the_copy_of_the_plan_is_a_preview_until_it_is_given(cast, as_, enrollment):
    plan = plan_for(enrollment, by=cast.wendy)
    wendy, url = as_("wendy"), f"/plans/{plan.pk}/print/"
    assert "Preview. Not given to anybody." in wendy.get(url).text
    assert not Disclosure.objects.exists()
    given = wendy.post(f"/plans/{plan.pk}/give/", {"submit_key": str(uuid4())})
    assert "Preview" not in wendy.get(given["Location"]).text
    made = Disclosure.objects.get()
    assert (made.basis, made.recipient) == ("person", enrollment.client.name)


@pytest.mark.parametrize("copy", ["0", "x", "9" * 30, "²"])
def test_another_number_in_the_address_is_a_preview(cast, as_, enrollment, copy):
    plan = plan_for(enrollment, by=cast.wendy)
    assert "Preview" in as_("wendy").get(f"/plans/{plan.pk}/print/?copy={copy}").text


# --- A referral to a service ----------------------------------------------------------------------------------------


@pytest.fixture
def told(cast, enrollment):
    """A referral of which the provider was told."""
    consent = give_consent(enrollment.client, by=cast.wendy, kind=Kind.DISCLOSURE)
    with acting_as(cast.riverside, by=cast.wendy):
        row = ServiceReferral(enrollment=enrollment, service="Food bank", provider="Hope Food Bank")
        row.put(by=cast.wendy, consent=consent)
    return row


def test_without_a_consent_the_person_goes_themselves(cast, as_, enrollment):
    wendy, url = as_("wendy"), f"/enrollments/{enrollment.pk}/services/new/"
    page = wendy.get(url)
    assert "Nothing: they go themselves" in page.text
    wendy.post(url, filled(inputs(page.text), service="Food bank", provider="Hope"))
    assert ServiceReferral.objects.get().disclosure is None
    assert not Disclosure.objects.exists()


def test_a_provider_that_the_consent_does_not_name_is_not_told(cast, as_, enrollment):
    consent = give_consent(enrollment.client, by=cast.wendy, kind=Kind.DISCLOSURE)
    wendy, url = as_("wendy"), f"/enrollments/{enrollment.pk}/services/new/"
    sent = filled(inputs(wendy.get(url).text), service="Food bank", provider="The Porch")
    answer = wendy.post(url, sent | {"consent": consent.pk})
    assert answer.status_code == 422
    assert "not with The Porch" in answer.text


def test_the_referral_page_shows_a_withdrawal_at_once(cast, as_, told):
    """REQ-132."""
    wendy, url = as_("wendy"), f"/services/{told.pk}/edit/"
    assert "was told on" in wendy.get(url).text
    assert "Tell them nothing more" not in wendy.get(url).text
    with acting_as(cast.riverside, by=cast.wendy):
        told.disclosure.consent.withdraw(by=cast.wendy, why="Called.")
    page = wendy.get(url)
    assert "It was withdrawn" in page.text
    assert "Tell them nothing more" in page.text


def test_the_provider_is_told_once(cast, as_, told):
    wendy, url = as_("wendy"), f"/services/{told.pk}/edit/"
    page = wendy.get(url)
    assert 'name="consent"' not in page.text
    wendy.post(url, filled(inputs(page.text), ended_on=None))
    assert Disclosure.objects.count() == 1
