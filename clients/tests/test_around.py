"""Who and what is around a person: what the models allow, and what the pages show."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.core.models import Refused
from casemgmt.demo import builders
from casemgmt.workspace.worklists import items_of
from clients.forms.around import AlertForm, BenefitForm, RepresentativeForm
from clients.forms.signing import SignerField
from clients.models import (
    AccessLog,
    Alert,
    Benefit,
    CaseAssignment,
    Client,
    ConflictOfInterest,
    HouseholdMember,
    Identifier,
    LegalRepresentative,
    LivingArrangement,
    RelatedPerson,
    RestrictedTo,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(cast):
    """Somebody whom Wendy works with."""
    client = builders.make_client(cast.riverside, by=cast.wendy, given_name="Ana", phone="412 555 0111")
    builders.enroll(client, cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        yield client


def sent(**said):
    return {"submit_key": str(uuid4()), **said}


def today(days=0):
    return timezone.localdate() + timedelta(days=days)


# --- Benefits and alerts on the work list ---


@pytest.mark.parametrize("days, told", [(-3, True), (0, True), (30, True), (31, False)])
def test_a_benefit_is_announced_thirty_days_before_its_renewal(cast, person, days, told):
    Benefit.objects.create(client=person, name="SSI", renew_on=today(days))
    assert ("benefit" in {i.kind for i in items_of(cast.wendy)}) is told


@pytest.mark.parametrize("more", [{"status": "applied"}, {"ended_on": date(2026, 1, 1)}, {"renew_on": None}])
def test_a_benefit_that_is_not_received_is_not_announced(cast, person, more):
    Benefit.objects.create(client=person, name="SSI", **({"renew_on": today(5)} | more))
    assert "benefit" not in {i.kind for i in items_of(cast.wendy)}


def test_the_reminder_of_a_benefit_leads_to_the_page_on_which_it_is_renewed(cast, as_, person):
    row = Benefit.objects.create(client=person, name="SSI", renew_on=today(9))
    url = f"/clients/{person.pk}/around/benefit/{row.pk}/"
    assert url in as_("wendy").get("/today/").text
    assert as_("wendy").get(url).status_code == 200


def test_an_alert_past_its_day_is_on_the_work_list(cast, person):
    Alert.objects.create(client=person, kind="access", text="Buzzer broken", review_on=today(-1))
    assert [i.due_on for i in items_of(cast.wendy) if i.kind == "alert"] == [today(-1)]


@pytest.mark.parametrize("typed, cents", [("943.00", 943_00), ("$1,200", 1200_00), ("0.07", 7), ("", None)])
def test_an_amount_is_typed_in_dollars_and_kept_in_cents(cast, person, typed, cents):
    form = BenefitForm(
        sent(name="SSI", status="active", monthly_cents=typed),
        instance=Benefit(client=person),
        staff=cast.wendy,
    )
    assert form.is_valid(), form.errors
    assert form.save().monthly_cents == cents


@pytest.mark.parametrize("typed", ["-1", "9.999", "abc", "1e99", "100000.01", "NaN"])
def test_an_amount_that_is_none_is_refused_beside_its_field(cast, person, typed):
    form = BenefitForm(
        sent(name="SSI", status="active", monthly_cents=typed),
        instance=Benefit(client=person),
        staff=cast.wendy,
    )
    assert list(form.errors) == ["monthly_cents"]


def test_an_amount_comes_back_as_it_was_typed(cast, person):
    row = Benefit.objects.create(client=person, name="SSI", monthly_cents=943_05)
    assert BenefitForm(instance=row, staff=cast.wendy)["monthly_cents"].value() == "943.05"


# --- Alerts ---


def alert_form(cast, person, **said):
    return AlertForm(
        sent(**({"kind": "health", "text": "Diabetes", "review_on": today(30)} | said)),
        instance=Alert(client=person),
        staff=cast.wendy,
    )


def test_the_day_to_look_at_an_alert_again_is_proposed(cast, person):
    form = AlertForm(instance=Alert(client=person), staff=cast.wendy)
    assert form["review_on"].value() == today(settings.ALERT_REVIEW_DAYS)


def test_a_warning_about_safety_needs_facts(cast, person):
    assert list(alert_form(cast, person, kind="safety").errors) == ["basis"]
    assert alert_form(cast, person, kind="safety", basis="Seen by Sam on 3 May.").is_valid()


def test_an_alert_is_not_to_be_looked_at_in_the_past(cast, person):
    assert list(alert_form(cast, person, review_on=today(-1)).errors) == ["review_on"]


def test_the_banner_shows_an_alert_and_when_a_warning_ends(as_, person):
    Alert.objects.create(
        client=person, kind="safety", text="Dog bites", basis="Seen.", review_on=date(2099, 3, 4)
    )
    page = as_("wendy").get(f"/clients/{person.pk}/").text
    assert "Safety of workers: Dog bites (until 4 Mar 2099)" in page


def test_a_warning_about_safety_falls_silent_after_its_day(as_, person):
    Alert.objects.create(client=person, kind="safety", text="Dog bites", basis="Seen.", review_on=today(-1))
    assert "Dog bites" not in as_("wendy").get(f"/clients/{person.pk}/").text


def test_the_banner_shows_three_alerts_and_says_how_many_there_are(as_, person):
    for n in range(5):
        Alert.objects.create(client=person, kind="health", text=f"Alert number {n}", review_on=today(9))
    page = as_("wendy").get(f"/clients/{person.pk}/history/").text
    strip = page.partition("<main")[0]
    assert strip.count("Alert number") == 3
    assert "2 more" in strip


def test_the_banner_names_whom_to_call_in_an_emergency(as_, person):
    RelatedPerson.objects.create(
        client=person, name="Ines", relation="friend", phone="412 555 0199", is_emergency_contact=True
    )
    assert "In an emergency: Ines" in as_("wendy").get(f"/clients/{person.pk}/").text


# --- Before one calls ---


def test_the_dial_link_says_no_voicemail(as_, person):
    person.no_voicemail = True
    person.save()
    page = as_("wendy").get(f"/clients/{person.pk}/").text
    assert page.count('aria-label="Call 412 555 0111, no voicemail"') == 2
    assert page.count("No voicemail") >= 2


def test_what_is_to_know_before_calling_stands_before_every_number(as_, person):
    person.contact_note = "Ask for Jo first"
    person.save()
    strip = as_("wendy").get(f"/clients/{person.pk}/about/").text
    for link in [n for n in range(len(strip)) if strip.startswith('href="tel:', n)]:
        assert "Ask for Jo first" in strip[max(link - 700, 0) : link]


# --- Names and birth ---


def test_one_name_in_any_script_is_enough(as_, person):
    browser = as_("wendy")
    data = sent(version=person.version, chosen_name="Надежда", born_precision="exact", name_quality="full")
    assert browser.post(f"/clients/{person.pk}/edit/", data).status_code == 302
    assert "Надежда" in browser.get(f"/clients/{person.pk}/about/").text


def test_the_year_of_birth_alone_is_enough(as_, person):
    browser = as_("wendy")
    data = sent(
        version=person.version,
        given_name="Ana",
        born_precision="exact",
        name_quality="full",
        born_on_year="1962",
    )
    assert browser.post(f"/clients/{person.pk}/edit/", data).status_code == 302
    person.refresh_from_db()
    assert (person.born_on, person.born_precision) == (date(1962, 7, 1), "year")
    page = browser.get(f"/clients/{person.pk}/edit/").text
    assert 'value="1962"' in page
    assert "Born 1962" in page


def test_a_month_without_a_day_is_refused_beside_the_date(as_, person):
    data = sent(
        version=person.version,
        given_name="Ana",
        born_precision="exact",
        name_quality="full",
        born_on_month="3",
        born_on_year="1962",
    )
    answer = as_("wendy").post(f"/clients/{person.pk}/edit/", data)
    assert answer.status_code == 422
    assert "only the year" in answer.text


# --- Homes and households ---


def test_two_living_arrangements_stand_with_their_dates(as_, person):
    LivingArrangement.objects.create(
        client=person, kind="shelter", started_on=date(2025, 1, 5), ended_on=date(2025, 6, 1)
    )
    LivingArrangement.objects.create(client=person, kind="own", started_on=date(2025, 6, 1))
    page = as_("wendy").get(f"/clients/{person.pk}/about/").text
    assert page.index("since 1 Jun 2025") < page.index("5 Jan 2025 to 1 Jun 2025")


@pytest.fixture
def other(cast, person):
    somebody = builders.make_client(cast.riverside, by=cast.wendy, given_name="Bruno")
    builders.enroll(somebody, cast.ccm, cast.wendy)
    return somebody


def test_two_people_live_together_in_a_new_household(person, other):
    HouseholdMember.live_together(person, other, relation="child", on=today(-5))
    mine, theirs = (HouseholdMember.objects.get(client=one) for one in (person, other))
    assert mine.household == theirs.household
    assert (mine.relation, theirs.relation) == ("child", "head")


def test_who_joins_another_household_leaves_the_one_before(cast, person, other):
    third = builders.make_client(cast.riverside, by=cast.wendy)
    HouseholdMember.live_together(person, other, relation="child", on=today(-90))
    HouseholdMember.live_together(third, builders.make_client(cast.riverside, by=cast.wendy), relation="head")
    HouseholdMember.live_together(person, third, relation="other", on=today(-5))
    assert [m.household for m in HouseholdMember.objects.filter(client=person).now()] == [
        HouseholdMember.objects.get(client=third).household
    ]
    assert HouseholdMember.objects.filter(client=person).count() == 2


def test_nobody_joins_a_household_twice(person, other):
    HouseholdMember.live_together(person, other, relation="child")
    with pytest.raises(Refused):
        HouseholdMember.live_together(other, person, relation="child")


def test_who_lives_with_somebody_is_searched_and_chosen(as_, person, other):
    browser, url = as_("wendy"), f"/clients/{person.pk}/household/?q=bruno"
    assert f'value="{other.pk}"' in browser.get(url).text
    data = sent(other=other.pk, relation="partner", started_on="2026-01-05")
    assert browser.post(url, data).status_code == 302
    assert "Bruno" in browser.get(f"/clients/{person.pk}/about/").text
    assert f'value="{other.pk}"' not in browser.get(url).text


def test_a_household_shows_only_members_whom_one_may_see(cast, as_, person):
    stranger = builders.make_client(cast.riverside, by=cast.walt, given_name="Zebulon")
    builders.enroll(stranger, cast.ccm, cast.walt)
    with acting_as(cast.riverside, by=cast.sam):
        HouseholdMember.live_together(person, stranger, relation="child")
    assert "Zebulon" not in as_("wendy").get(f"/clients/{person.pk}/about/").text
    assert "Zebulon" in as_("sam").get(f"/clients/{person.pk}/about/").text


# --- Addresses that name two things ---


def test_a_row_of_somebody_else_is_as_if_it_were_not_there(cast, as_, person, other):
    row = Benefit.objects.create(client=other, name="SSI")
    stranger = builders.make_client(cast.riverside, by=cast.walt)
    builders.enroll(stranger, cast.ccm, cast.walt)
    with acting_as(cast.riverside, by=cast.walt):
        theirs = Benefit.objects.create(client=stranger, name="SSI")
    for pk in (row.pk, theirs.pk, 2**70):
        assert as_("wendy").get(f"/clients/{person.pk}/around/benefit/{pk}/").status_code == 404


def test_a_kind_that_is_none_is_as_if_it_were_not_there(as_, person):
    assert as_("wendy").get(f"/clients/{person.pk}/around/nonsense/new/").status_code == 404
    assert as_("wendy").get(f"/clients/{person.pk}/around/member/new/").status_code == 404


def test_a_row_does_not_end_before_it_began(as_, person):
    answer = as_("wendy").post(
        f"/clients/{person.pk}/around/living/new/",
        sent(kind="own", started_on="2026-05-01", ended_on="2026-04-01"),
    )
    assert answer.status_code == 422
    assert "before it began" in answer.text


# --- Identity numbers ---


def test_a_number_is_shown_on_purpose_alone_and_the_access_log_says_so(as_, person):
    row = Identifier.objects.create(client=person, kind="medicaid", number="9911223344")
    browser = as_("wendy")
    for page in ("about/", "", "history/", f"around/number/{row.pk}/"):
        assert "9911223344" not in browser.get(f"/clients/{person.pk}/{page}").text
    assert "9911223344" in browser.post(f"/clients/{person.pk}/numbers/{row.pk}/", sent()).text
    assert AccessLog.objects.filter(page="clients:number-show", people__holds=person.pk).count() == 1


def test_a_number_left_empty_stays_as_it_is(as_, person):
    row = Identifier.objects.create(client=person, kind="medicaid", number="9911223344")
    url = f"/clients/{person.pk}/around/number/{row.pk}/"
    assert as_("wendy").post(url, sent(version=row.version, kind="state", number="")).status_code == 302
    row.refresh_from_db()
    assert (row.kind, row.number) == ("state", "9911223344")


# --- Who may sign ---


def representative(person, **said):
    given = {"name": "Vera", "kind": "guardian", "for_health": True, "document_seen_on": today(-99)}
    return LegalRepresentative.objects.create(client=person, **(given | said))


def offered(cast, person, what="service"):
    field = SignerField()
    field.offer(person, what, cast.wendy)
    return field


def test_the_person_and_who_may_sign_today_are_offered(cast, person):
    may = representative(person)
    representative(person, name="Money", for_health=False, for_money=True)
    representative(person, name="Former", ended_on=today(-1))
    field = offered(cast, person)
    assert [label for _key, label in field.choices] == [person.name, "Vera (Guardian)"]
    assert field.clean(str(may.pk)).representative == may
    assert field.clean("client").representative is None


@pytest.mark.parametrize(
    "said, sentence",
    [
        ({"ended_on": date(2026, 1, 2)}, "ended on 2 Jan 2026"),
        ({"started_on": date(2099, 1, 2)}, "begins on 2 Jan 2099"),
        ({"for_health": False, "for_money": True}, "about other things"),
        ({"document_seen_on": None}, "nobody has seen the paper"),
    ],
)
def test_who_may_not_sign_is_refused_with_the_reason(cast, person, said, sentence):
    row = representative(person, **said)
    with pytest.raises(Exception, match=sentence):
        offered(cast, person).clean(str(row.pk))


def test_a_guardian_may_sign_through_the_last_day(cast, person):
    row = representative(person, ended_on=today())
    assert offered(cast, person).clean(str(row.pk)).name == "Vera"


def test_an_expired_representative_says_so_on_the_page(as_, person):
    representative(person, ended_on=today(-1))
    assert "Ended: may not sign" in as_("wendy").get(f"/clients/{person.pk}/about/").text


def test_a_representative_decides_about_something(cast, person):
    form = RepresentativeForm(
        sent(name="Vera", kind="guardian"), instance=LegalRepresentative(client=person), staff=cast.wendy
    )
    assert list(form.errors) == ["for_health"]


# --- Who does not see the record ---


def test_a_restricted_record_is_seen_by_who_is_named_and_by_who_works_with_the_person(cast, person):
    person.restrict([cast.dana], by=cast.sam)
    assert {r.staff for r in RestrictedTo.objects.filter(client=person)} == {cast.dana, cast.sam, cast.wendy}
    assert not Client.objects.visible_to(cast.quinn).filter(pk=person.pk).exists()
    assert Client.objects.visible_to(cast.wendy).filter(pk=person.pk).exists()


def test_the_colleague_who_is_the_reason_is_left_out(cast, person):
    person.restrict([], by=cast.sam, because_of=cast.wendy)
    assert not Client.objects.visible_to(cast.wendy).filter(pk=person.pk).exists()


def test_a_restriction_that_nobody_could_lift_is_refused(cast, person):
    with pytest.raises(Refused):
        person.restrict([cast.walt], by=cast.sam, because_of=cast.sam)


def test_a_restriction_is_lifted_again(cast, as_, person):
    person.restrict([], by=cast.sam)
    data = sent(reason="The trial is over.")
    assert as_("sam").post(f"/clients/{person.pk}/restrict/lift/", data).status_code == 302
    assert Client.objects.visible_to(cast.quinn).filter(pk=person.pk).exists()
    assert "The trial is over." in as_("sam").get(f"/clients/{person.pk}/history/").text


def test_a_case_manager_restricts_nothing(as_, person):
    assert as_("wendy").get(f"/clients/{person.pk}/restrict/").status_code == 403


def test_who_declares_a_conflict_loses_sight_at_once(cast, as_, person):
    browser = as_("wendy")
    assert browser.post(f"/clients/{person.pk}/conflict/", sent(sure="on")).status_code == 302
    assert browser.get(f"/clients/{person.pk}/").status_code == 404
    assert not CaseAssignment.objects.filter(enrollment__client=person).in_force().exists()


def test_a_conflict_is_not_declared_by_mistake(cast, as_, person):
    assert as_("wendy").post(f"/clients/{person.pk}/conflict/", sent()).status_code == 422
    assert not ConflictOfInterest.objects.filter(client=person).exists()


def test_a_case_manager_declares_no_colleagues_conflict(cast, as_, person):
    as_("wendy").post(f"/clients/{person.pk}/conflict/", sent(sure="on", colleague=cast.walt.pk))
    assert ConflictOfInterest.objects.get(client=person).staff == cast.wendy


def test_a_supervisor_declares_a_colleagues_conflict_and_ends_it(cast, as_, person):
    browser = as_("sam")
    browser.post(f"/clients/{person.pk}/conflict/", sent(sure="on", colleague=cast.walt.pk))
    row = ConflictOfInterest.objects.get(client=person)
    assert row.staff == cast.walt
    browser.post(f"/clients/{person.pk}/conflict/{row.pk}/", sent(reason="A mix-up."))
    row.refresh_from_db()
    assert row.ended_on == today()


def test_nobody_is_given_a_person_whom_they_know(cast, person):
    ConflictOfInterest.declare(person, cast.walt)
    with pytest.raises(Refused, match="conflict of interest"):
        person.enrollments.get().assign(cast.walt, by=cast.sam)


def test_nobody_is_given_a_restricted_record_that_they_may_not_see(cast, person):
    person.restrict([], by=cast.sam)
    person.refresh_from_db()
    with pytest.raises(Refused, match="restricted"):
        person.enrollments.get().assign(cast.walt, by=cast.sam)
