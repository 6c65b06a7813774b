"""Consent is asked at the moment of use: what stands against a disclosure, and what is written when nothing does."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import consent_elements, enroll, give_consent, make_client
from clients import consents
from clients.models import Client, Consent, DirectiveStands, Disclosure, Enrollment

Kind, Basis = Consent.Kind, Disclosure.Basis
RECIPIENT = "Hope Food Bank"
TODAY = timezone.localdate
# How a consent may stand on the day of use, and what the gate says to it; None: it opens.
STANDS = {
    "none": "Nobody agreed",
    "active": None,
    "expired": "ran out",
    "withdrawn": "withdrawn",
    "not yet": "begins",
    "defective": "not complete",
}


@pytest.fixture
def enrollment(cast):
    return enroll(make_client(cast.riverside, by=cast.wendy, given_name="Ines"), cast.ccm, cast.wendy)


@pytest.fixture
def sealed(cast):
    """Somebody in a program under 42 CFR Part 2, and in another of which Wendy is accountable."""
    client = make_client(cast.riverside, by=cast.walt, given_name="Ines")
    enroll(client, cast.ccm, cast.wendy)
    return enroll(client, cast.recovery, cast.walt)


def standing(cast, client, how, kind=Kind.DISCLOSURE, **said):
    """A consent that stands so today; it is written straight to the table where the verb would refuse."""
    if how == "none":
        return None
    today = TODAY()
    days = {
        "expired": {"given_on": today - timedelta(days=90), "expires_on": today - timedelta(days=1)},
        "withdrawn": {"given_on": today - timedelta(days=9), "withdrawn_on": today},
        "not yet": {"given_on": today + timedelta(days=1)},
        "defective": {"told": []},
    }.get(how, {})
    with acting_as(cast.riverside, by=cast.walt):
        return Consent.objects.create(
            client=client, kind=kind, **consent_elements(client, kind) | said | days
        )


def disclose(cast, client, *, by=None, **said):
    by = by or cast.wendy
    usual = {"basis": Basis.CONSENT, "recipient": RECIPIENT, "information": "Summary", "purpose": "Food"}
    with acting_as(cast.riverside, by=by):
        return Disclosure.make(client, by=by, **usual | said)


# --- How the consent stands today -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", STANDS)
def test_only_a_consent_that_holds_today_opens_the_gate(cast, enrollment, how):
    consent = standing(cast, enrollment.client, how)
    if STANDS[how] is None:
        row = disclose(cast, enrollment.client, consent=consent, enrollments=[enrollment])
        assert (row.consent, row.by, row.with_part_2) == (consent, cast.wendy, False)
        assert row.enrollments == [enrollment.pk]
        return
    with pytest.raises(Refused, match=STANDS[how]):
        disclose(cast, enrollment.client, consent=consent, enrollments=[enrollment])
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("how", STANDS)
@pytest.mark.parametrize("kind", [Kind.PART2_TPO, Kind.PART2_SPECIFIC])
def test_only_a_consent_that_holds_today_shows_a_sealed_program_to_colleagues(cast, sealed, kind, how):
    standing(cast, sealed.client, how, kind, program=cast.recovery, recipient="")
    with acting_as(cast.riverside, by=cast.dana):
        seen = Enrollment.objects.visible_to(cast.dana).filter(pk=sealed.pk).exists()
    # What a consent lacks is refused when it is given; a colleague's view asks for dates and kind.
    assert seen == (how in ("active", "defective"))


def test_a_consent_withdrawn_after_the_page_was_opened_is_withdrawn(cast, enrollment):
    held = give_consent(enrollment.client, by=cast.wendy, kind=Kind.DISCLOSURE)
    with acting_as(cast.riverside, by=cast.wendy):
        Consent.objects.get(pk=held.pk).withdraw(by=cast.wendy, why="Called.")
    with pytest.raises(Refused, match="withdrawn"):
        disclose(cast, enrollment.client, consent=held)


# --- Kind, recipient, program ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.SERVICE, Kind.ELECTRONIC, Kind.RESEARCH, Kind.OBSERVER, Kind.NOTICE])
def test_other_kinds_share_nothing(cast, enrollment, kind):
    consent = give_consent(enrollment.client, by=cast.wendy, kind=kind)
    with pytest.raises(Refused, match="not one to share"):
        disclose(cast, enrollment.client, consent=consent)


def test_a_consent_for_counseling_notes_opens_nothing_that_is_kept_here(cast, sealed):
    consent = give_consent(sealed.client, by=cast.walt, kind=Kind.SUD_NOTES, program=cast.recovery)
    with pytest.raises(Refused, match="not one to share"):
        disclose(cast, sealed.client, consent=consent, enrollments=[sealed])


@pytest.mark.parametrize(
    ("named", "recipient", "holds"),
    [
        ("Hope Food Bank", "hope  food bank.", True),
        ("Hope Food Bank; Dr. Amin", "Dr. Amin", True),
        ("Hope Food Bank", "Hope", False),
        ("Hope Food Bank", "", False),
    ],
)
def test_the_recipient_is_the_one_that_the_consent_names(cast, enrollment, named, recipient, holds):
    consent = give_consent(enrollment.client, by=cast.wendy, kind=Kind.DISCLOSURE, recipient=named)
    if holds:
        assert disclose(cast, enrollment.client, consent=consent, recipient=recipient)
    else:
        with pytest.raises(Refused):
            disclose(cast, enrollment.client, consent=consent, recipient=recipient)


def test_somebody_elses_consent_opens_nothing(cast, enrollment):
    other = make_client(cast.riverside, by=cast.wendy)
    consent = give_consent(other, by=cast.wendy, kind=Kind.DISCLOSURE)
    with pytest.raises(Refused, match="somebody else"):
        disclose(cast, enrollment.client, consent=consent)


def test_nothing_goes_out_of_somebody_elses_enrollment(cast, enrollment, sealed):
    with pytest.raises(Refused, match="somebody else"):
        disclose(cast, enrollment.client, basis=Basis.PERSON, enrollments=[sealed])


def test_a_consent_for_one_program_does_not_cover_another(cast, enrollment):
    consent = give_consent(enrollment.client, by=cast.wendy, kind=Kind.DISCLOSURE, program=cast.act)
    with pytest.raises(Refused, match="does not cover"):
        disclose(cast, enrollment.client, consent=consent, enrollments=[enrollment])


# --- 42 CFR Part 2 --------------------------------------------------------------------------------------------------


def test_a_summary_of_a_sealed_program_does_not_go_out_on_an_ordinary_consent(cast, sealed):
    """REQ-169."""
    consent = give_consent(sealed.client, by=cast.walt, kind=Kind.DISCLOSURE)
    with pytest.raises(Refused, match="42 CFR Part 2"):
        disclose(cast, sealed.client, by=cast.walt, consent=consent, enrollments=[sealed])


@pytest.mark.parametrize("kind", [Kind.PART2_TPO, Kind.PART2_SPECIFIC, Kind.LEGAL])
def test_a_consent_that_names_the_program_lets_it_out(cast, sealed, kind):
    consent = give_consent(sealed.client, by=cast.walt, kind=kind, program=cast.recovery)
    row = disclose(cast, sealed.client, by=cast.walt, consent=consent, enrollments=[sealed])
    assert row.with_part_2


def test_it_lets_out_what_that_program_holds_and_nothing_else(cast, sealed):
    other = Enrollment.objects.get(client=sealed.client, program=cast.ccm)
    consent = give_consent(sealed.client, by=cast.walt, kind=Kind.PART2_SPECIFIC, program=cast.recovery)
    with pytest.raises(Refused, match="does not cover"):
        disclose(cast, sealed.client, by=cast.walt, consent=consent, enrollments=[sealed, other])


@pytest.mark.parametrize("kind", [Kind.DISCLOSURE, Kind.SERVICE])
def test_an_ordinary_consent_does_not_show_a_sealed_program_to_colleagues(cast, sealed, kind):
    standing(cast, sealed.client, "active", kind, program=cast.recovery, recipient="")
    with acting_as(cast.riverside, by=cast.dana):
        assert not Enrollment.objects.visible_to(cast.dana).filter(pk=sealed.pk).exists()


def test_a_consent_for_one_sealed_program_does_not_show_another(cast, sealed):
    with acting_as(cast.riverside, by=cast.ada):
        cast.act.is_part_2 = True
        cast.act.save()
    standing(cast, sealed.client, "active", Kind.PART2_TPO, program=cast.act)
    with acting_as(cast.riverside, by=cast.dana):
        assert not Enrollment.objects.visible_to(cast.dana).filter(pk=sealed.pk).exists()


def test_a_consent_to_one_recipient_does_not_show_it_to_colleagues(cast, sealed):
    standing(cast, sealed.client, "active", Kind.PART2_SPECIFIC, program=cast.recovery)
    with acting_as(cast.riverside, by=cast.dana):
        assert not Enrollment.objects.visible_to(cast.dana).filter(pk=sealed.pk).exists()


def test_neither_a_consent_nor_a_disclosure_tells_of_a_sealed_program(cast, sealed):
    given = give_consent(sealed.client, by=cast.walt, kind=Kind.PART2_SPECIFIC, program=cast.recovery)
    made = disclose(cast, sealed.client, by=cast.walt, consent=given, enrollments=[sealed])
    with acting_as(cast.riverside, by=cast.dana):
        for staff, sees in ((cast.walt, True), (cast.sam, True), (cast.wendy, False), (cast.dana, False)):
            assert Client.objects.visible_to(staff).filter(pk=sealed.client_id).exists()
            assert Consent.objects.visible_to(staff).filter(pk=given.pk).exists() == sees
            assert Disclosure.objects.visible_to(staff).filter(pk=made.pk).exists() == sees


# --- Other grounds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("basis", [Basis.CARE, Basis.LAW, Basis.EMERGENCY])
def test_without_consent_it_takes_a_reason(cast, enrollment, basis):
    assert disclose(cast, enrollment.client, basis=basis, enrollments=[enrollment])
    with pytest.raises(Refused, match="say why"):
        disclose(cast, enrollment.client, basis=basis, purpose=" ")


@pytest.mark.parametrize(
    ("basis", "holds"), [("person", True), ("emergency", True), ("care", False), ("law", False)]
)
def test_a_sealed_program_opens_to_the_person_and_in_an_emergency(cast, sealed, basis, holds):
    if holds:
        assert disclose(cast, sealed.client, by=cast.walt, basis=basis, enrollments=[sealed]).with_part_2
    else:
        with pytest.raises(Refused, match="42 CFR Part 2"):
            disclose(cast, sealed.client, by=cast.walt, basis=basis, enrollments=[sealed])


@pytest.mark.parametrize("said", [{"recipient": ""}, {"information": " "}, {"basis": "because"}])
def test_what_goes_out_to_whom_and_why_is_always_said(cast, enrollment, said):
    with pytest.raises(Refused):
        disclose(cast, enrollment.client, **{"basis": Basis.CARE} | said)


# --- Directives -----------------------------------------------------------------------------------------------------


def test_what_the_person_wants_kept_is_shown_before_anything_goes_out(cast, enrollment):
    consent = give_consent(
        enrollment.client, by=cast.wendy, kind=Kind.DISCLOSURE, directive="Not to my brother."
    )
    with pytest.raises(DirectiveStands, match="Not to my brother"):
        disclose(cast, enrollment.client, consent=consent)
    assert disclose(cast, enrollment.client, consent=consent, heeded=True)
    assert disclose(cast, enrollment.client, basis=Basis.PERSON, recipient="Ines")


# --- The account, the paper, the notice -----------------------------------------------------------------------------


def test_an_account_reaches_six_years_back(cast, enrollment):
    row = disclose(cast, enrollment.client, basis=Basis.CARE)
    six = TODAY().replace(day=min(TODAY().day, 28))
    assert list(Disclosure.objects.accounted(six.replace(year=six.year + 6))) == [row]
    assert not Disclosure.objects.accounted(six.replace(year=six.year + 6) + timedelta(days=1)).exists()


def test_a_paper_is_printed_by_who_made_it_on_its_day_while_the_consent_holds(cast, enrollment):
    consent = give_consent(enrollment.client, by=cast.wendy, kind=Kind.DISCLOSURE)
    row = disclose(cast, enrollment.client, consent=consent, parts=["summary"])
    row.require_printable(by=cast.wendy)
    with pytest.raises(Refused):
        row.require_printable(by=cast.sam)
    with time_machine.travel(timezone.now() + timedelta(days=1)), pytest.raises(Refused):
        row.require_printable(by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        consent.withdraw(by=cast.wendy, why="Called.")
    row.refresh_from_db()
    with pytest.raises(Refused, match="withdrawn"):
        row.require_printable(by=cast.wendy)


def test_papers_of_a_sealed_program_carry_the_notice(cast, sealed, enrollment):
    assert "42 CFR part 2" in consents.redisclosure_notice(sealed)
    assert "42 CFR part 2" in consents.redisclosure_notice(sealed.client)
    assert consents.redisclosure_notice(enrollment) == ""
    assert consents.redisclosure_notice(enrollment.client) == ""
    assert consents.redisclosure_notice(None) == ""
