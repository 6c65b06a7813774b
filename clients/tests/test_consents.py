"""What a consent must have under each law, who may sign it, and that taking it back acts at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from casemgmt.agencies.models import Agency, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import consent_elements, enroll, give_consent, make_client
from clients import consents
from clients.models import Consent, ConsentLacks, LegalRepresentative

Kind, Law = Consent.Kind, Agency.PrivacyLaw

HIPAA_AUTHORISATION = {
    "information": "",
    "recipient": "",
    "purpose": "",
    "discloser": "",
    "signed_name": "",
    "text": None,
    "language": "",
}
PART_2_CONSENT = HIPAA_AUTHORISATION | {"program": None}


@pytest.fixture
def person(cast):
    return make_client(cast.riverside, by=cast.wendy, given_name="Ines")


@pytest.fixture
def sealed(cast):
    return enroll(make_client(cast.riverside, by=cast.walt), cast.recovery, cast.walt).client


@pytest.fixture
def under(cast):
    """`under("phipa")`: from now on the agency is under this law."""

    def change(law):
        with acting_as(cast.riverside, by=cast.ada):
            cast.riverside.privacy_law = law
            cast.riverside.save()

    return change


def give(cast, client, kind, *, by=None, **said):
    by = by or cast.wendy
    client.agency = cast.riverside
    with acting_as(cast.riverside, by=by):
        return Consent.give(client, by=by, kind=kind, **consent_elements(client, kind) | said)


def lacking(cast, client, kind, **said):
    """The fields that stand against it."""
    with pytest.raises(ConsentLacks) as refused:
        give(cast, client, kind, **said)
    return [field for field, _sentence in refused.value.found]


# --- The elements ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", Law)
@pytest.mark.parametrize("kind", [k for k in Kind if k not in consents.PART_2])
def test_a_consent_with_all_its_elements_is_given(cast, person, under, law, kind):
    under(law)
    assert give(cast, person, kind).is_in_force()


@pytest.mark.parametrize("kind", consents.PART_2)
def test_a_part_2_consent_with_all_its_elements_is_given(cast, sealed, kind):
    given = give(cast, sealed, kind, program=cast.recovery, by=cast.walt)
    assert given.missing() == []


@pytest.mark.parametrize("field", HIPAA_AUTHORISATION)
def test_hipaa_asks_for_every_element_of_an_authorization(cast, person, field):
    assert lacking(cast, person, Kind.DISCLOSURE, **{field: HIPAA_AUTHORISATION[field]}) == [field]


@pytest.mark.parametrize("kind", [Kind.SUD_NOTES, Kind.LEGAL])
@pytest.mark.parametrize("field", PART_2_CONSENT)
def test_part_2_asks_for_every_element(cast, sealed, kind, field):
    said = {"program": cast.recovery, field: PART_2_CONSENT[field]}
    assert lacking(cast, sealed, kind, **said) == [field]


@pytest.mark.parametrize("kind", [Kind.DISCLOSURE, Kind.LEGAL])
def test_an_authorization_ends_on_a_day_or_with_an_event(cast, sealed, kind):
    program = cast.recovery if kind == Kind.LEGAL else None
    said = {"program": program, "expires_on": None, "expires_with": ""}
    assert lacking(cast, sealed, kind, **said) == ["expires_on"]
    assert give(cast, sealed, kind, **said | {"expires_with": "End of service"})


def test_treatment_payment_and_operations_may_name_a_class_and_no_end(cast, sealed):
    said = {"program": cast.recovery, "expires_on": None, "expires_with": "none"}
    given = give(cast, sealed, Kind.PART2_TPO, **said)
    assert given.whom() == consents.TPO_RECIPIENTS
    assert lacking(cast, sealed, Kind.PART2_TPO, **said, recipient="Dr. Amin") == ["recipient"]


@pytest.mark.parametrize(
    ("law", "kind"),
    [(Law.HIPAA, Kind.DISCLOSURE), (Law.PHIPA, Kind.DISCLOSURE), (Law.HIPAA, Kind.SERVICE)],
)
def test_everything_that_must_be_said_was_said(cast, person, under, law, kind):
    under(law)
    told = list(consents.statements(kind, law))
    assert lacking(cast, person, kind, told=told[:-1]) == ["told"]


@pytest.mark.parametrize("words", ["everything", "All", " any ", "records"])
def test_who_agrees_to_everything_does_not_know_to_what(cast, person, words):
    assert lacking(cast, person, Kind.DISCLOSURE, information=words) == ["information"]


@pytest.mark.parametrize(
    ("law", "method", "told", "holds"),
    [
        (Law.HIPAA, "device", (), True),
        (Law.HIPAA, "paper", (), True),
        (Law.HIPAA, "spoken", (), False),
        (Law.HIPAA, "implied", (), False),
        (Law.PHIPA, "spoken", (), True),
        (Law.PHIPA, "implied", (), False),
        (Law.PHIPA, "implied", ("care",), True),
        (Law.OTHER, "spoken", (), True),
    ],
)
def test_hipaa_asks_for_a_signature_and_phipa_for_words_unless_it_is_for_care(
    cast, person, under, law, method, told, holds
):
    under(law)
    said = {"method": method, "told": [*consents.statements(Kind.DISCLOSURE, law), *told]}
    if holds:
        assert give(cast, person, Kind.DISCLOSURE, **said)
    else:
        assert lacking(cast, person, Kind.DISCLOSURE, **said) == ["method"]


def test_a_part_2_consent_is_for_a_part_2_program_and_no_other_kind_is(cast, sealed):
    assert lacking(cast, sealed, Kind.PART2_SPECIFIC, program=cast.ccm) == ["program"]
    assert lacking(cast, sealed, Kind.DISCLOSURE, program=cast.recovery) == ["program"]


def test_a_consent_begins_today_at_the_latest_and_ends_after_that(cast, person):
    today = timezone.localdate()
    assert lacking(cast, person, Kind.SERVICE, given_on=today + timedelta(days=1)) == ["given_on"]
    assert lacking(cast, person, Kind.SERVICE, expires_on=today - timedelta(days=1)) == ["expires_on"]


# --- Who signs ------------------------------------------------------------------------------------------------------


def represented(cast, client, **fields):
    kind = fields.pop("kind", LegalRepresentative.Kind.GUARDIAN)
    given = {"for_information": True, "document_seen_on": timezone.localdate()} | fields
    with acting_as(cast.riverside, by=cast.wendy):
        return LegalRepresentative.objects.create(client=client, name="Ruth", kind=kind, **given)


def test_a_guardian_signs_and_the_person_is_heard(cast, person):
    guardian = represented(cast, person)
    said = {"representative": guardian, "signed_name": "Ruth"}
    assert lacking(cast, person, Kind.DISCLOSURE, **said) == ["client_view"]
    assert give(cast, person, Kind.DISCLOSURE, **said, client_view="Fine with me.")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ended_on": -1}, "ended on"),
        ({"started_on": 1}, "begins on"),
        ({"for_information": False, "for_money": True}, "does not cover this"),
        ({"document_seen_on": None}, "Nobody has seen the paper"),
    ],
)
def test_who_has_no_authority_today_cannot_sign_and_is_told_why(cast, person, fields, words):
    days = {
        name: timezone.localdate() + timedelta(days=value)
        if isinstance(value, int) and not isinstance(value, bool)
        else value
        for name, value in fields.items()
    }
    guardian = represented(cast, person, **days)
    with pytest.raises(ConsentLacks, match=words):
        give(cast, person, Kind.DISCLOSURE, representative=guardian, client_view="Fine.")


def test_another_persons_guardian_cannot_sign(cast, person):
    guardian = represented(cast, make_client(cast.riverside, by=cast.wendy))
    assert lacking(cast, person, Kind.DISCLOSURE, representative=guardian, client_view="Fine.") == [
        "representative"
    ]


@pytest.mark.parametrize(
    ("age", "consent_age", "parent", "holds"),
    [
        (13, 14, False, False),
        (13, 14, True, True),
        (14, 14, False, True),
        (14, 14, True, False),
        (17, 18, False, False),
        (12, 0, False, True),
        (None, 18, False, True),
        (None, 18, True, False),
    ],
)
def test_the_programs_age_decides_whether_a_parent_signs(cast, age, consent_age, parent, holds):
    with acting_as(cast.riverside, by=cast.ada):
        cast.ccm.consent_age = consent_age
        cast.ccm.save()
    born_on = None
    if age is not None:
        today = timezone.localdate()
        born_on = today.replace(year=today.year - age, day=min(today.day, 28)) - timedelta(days=1)
    child = make_client(cast.riverside, by=cast.wendy, born_on=born_on)
    enroll(child, cast.ccm, cast.wendy)
    said = {}
    if parent:
        mother = represented(cast, child, kind=LegalRepresentative.Kind.PARENT, for_health=True)
        said = {"representative": mother, "client_view": "OK."}
    if holds:
        assert give(cast, child, Kind.SERVICE, **said)
    else:
        assert lacking(cast, child, Kind.SERVICE, **said) == ["representative"]


# --- Taking it back, and giving it anew -----------------------------------------------------------------------------


@pytest.fixture
def shared(cast, person):
    return give_consent(person, by=cast.wendy, kind=Kind.DISCLOSURE)


def withdraw(cast, consent, **said):
    with acting_as(cast.riverside, by=cast.wendy):
        consent.withdraw(by=cast.wendy, **{"why": "Said so on the phone."} | said)


def test_taking_it_back_acts_at_once(cast, shared):
    withdraw(cast, shared)
    kept = Consent.objects.get(pk=shared.pk)
    assert (kept.is_in_force(), kept.withdrawn_by) == (False, cast.wendy)
    assert not Consent.objects.in_force().filter(pk=shared.pk).exists()


@pytest.mark.parametrize("said", [{"why": " "}, {"on": timezone.localdate() - timedelta(days=1)}])
def test_taking_it_back_says_how_and_not_before_it_was_given(cast, shared, said):
    with pytest.raises(Refused):
        withdraw(cast, shared, **said)


def test_it_is_taken_back_once(cast, shared):
    withdraw(cast, shared)
    with pytest.raises(Refused, match="already"):
        withdraw(cast, shared)


def running_out():
    return Consent.objects.to_expire(timezone.localdate() + timedelta(days=30))


def test_what_runs_out_soon_is_found_until_it_is_given_anew(cast, person):
    soon = timezone.localdate() + timedelta(days=9)
    old = give(cast, person, Kind.DISCLOSURE, expires_on=soon)
    give(cast, person, Kind.ELECTRONIC)
    assert list(running_out()) == [old]
    give(cast, person, Kind.DISCLOSURE, recipient="Somebody else")
    assert list(running_out()) == [old]
    give(cast, person, Kind.DISCLOSURE)
    assert list(running_out()) == []
