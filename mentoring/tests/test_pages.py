from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client
from clients.models import VisitParticipant
from mentoring.forms import ActivityForm
from mentoring.models import ActivityType, MentoringActivity, Pairing

LIST = reverse("mentoring:pairing-list")


def send(browser, name, pk=None, **data):
    url = reverse(f"mentoring:{name}", kwargs={"pk": pk} if pk else None)
    return browser.post(url, {"submit_key": uuid4()} | data)


def page(browser, name, pk):
    return browser.get(reverse(f"mentoring:{name}", kwargs={"pk": pk}))


def check_in(cast, **fields):
    """What Mo writes down about half an hour with Nia."""
    with acting_as(cast.riverside, by=cast.mo):
        kinds = ActivityType.objects.filter(agency=cast.riverside, code="CHECK_IN")
        fields = {"by": cast.mo, "held_on": timezone.localdate(), "minutes": 30} | fields
        return MentoringActivity.log(cast.pairing, types=kinds, **fields)


@pytest.fixture
def asked(cast):
    """Sam has asked Wendy to be Walt's mentor."""
    with acting_as(cast.riverside, by=cast.sam):
        return Pairing.propose(mentor=cast.wendy, mentee=cast.walt, by=cast.sam, learning_needs="Appeals.")


@pytest.fixture
def observed(cast):
    """Nia led a visit, Mo watched; it waits for him."""
    client = make_client(cast.riverside, by=cast.nia, given_name="Zebedee", family_name="Canary")
    enrollment = enroll(client, cast.ccm, cast.nia)
    visit = log_visit(enrollment, by=cast.nia, others={cast.mo: VisitParticipant.Role.OBSERVING})
    with acting_as(cast.riverside, by=cast.nia):
        return MentoringActivity.from_joint_visit(visit, by=cast.nia)


def test_a_proposal_waits_on_top_of_the_page_of_both(as_, asked):
    for name in ("wendy", "walt"):
        text = as_(name).get(LIST).content.decode()
        assert "Waits for you" in text
        assert reverse("mentoring:pairing-accept", kwargs={"pk": asked.pk}) in text


def test_accepting_twice_with_one_key_is_accepting_once(as_, asked):
    key, wendy = uuid4(), as_("wendy")
    first = send(wendy, "pairing-accept", asked.pk, submit_key=key)
    again = send(wendy, "pairing-accept", asked.pk, submit_key=key)
    assert first.status_code == again.status_code == 302
    asked.refresh_from_db()
    assert asked.mentor_accepted_at
    assert asked.state == Pairing.State.PROPOSED


def test_not_now_ends_a_proposal_without_a_reason(as_, asked):
    assert send(as_("walt"), "pairing-end", asked.pk).status_code == 302
    asked.refresh_from_db()
    assert asked.state == Pairing.State.ENDED
    assert asked.end_reason == ""


def test_a_button_without_its_key_does_nothing_and_says_so(as_, asked):
    walt = as_("walt")
    answer = walt.post(reverse("mentoring:pairing-accept", kwargs={"pk": asked.pk}), follow=True)
    assert "did not arrive" in answer.content.decode()
    asked.refresh_from_db()
    assert asked.mentee_accepted_at is None


def test_a_supervisor_cannot_accept_for_somebody(as_, asked):
    assert send(as_("sam"), "pairing-accept", asked.pk).status_code == 409


def test_a_supervisor_proposes_two_people(cast, as_):
    data = {"mentor": cast.wendy.pk, "mentee": cast.walt.pk, "weekly_minutes": 90}
    assert send(as_("sam"), "pairing-create", **data).status_code == 302
    with acting_as(cast.riverside, by=None):
        pairing = Pairing.objects.get(mentee=cast.walt)
    assert (pairing.mentor, pairing.weekly_minutes, pairing.proposed_by) == (cast.wendy, 90, cast.sam)


def test_what_a_rule_refuses_comes_back_with_all_that_was_typed(cast, as_):
    data = {
        "mentor": cast.sam.pk,
        "mentee": cast.walt.pk,
        "weekly_minutes": 90,
        "learning_needs": "Appeals.",
    }
    answer = send(as_("sam"), "pairing-create", **data)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "is not the supervisor" in text
    assert "Appeals." in text


def test_only_people_who_work_with_clients_here_are_offered(cast, as_):
    form = as_("sam").get(reverse("mentoring:pairing-create")).context["form"]
    offered = {s.name for s in form.fields["mentor"].queryset}
    assert offered == {cast.sam.name, cast.wendy.name, cast.walt.name, cast.mo.name, cast.nia.name}


def test_time_is_logged_with_a_kind_and_minutes(cast, as_):
    with acting_as(cast.riverside, by=None):
        crisis = ActivityType.objects.get(agency=cast.riverside, code="CRISIS")
    data = {"kinds": [crisis.pk], "minutes": 45, "held_on": timezone.localdate()}
    answer = send(as_("mo"), "activity-create", cast.pairing.pk, **data)
    assert answer.status_code == 302
    with acting_as(cast.riverside, by=None):
        activity = MentoringActivity.objects.get(pairing=cast.pairing)
    assert (activity.minutes, activity.logged_by) == (45, cast.mo)
    assert activity.confirmed_at


def test_another_number_of_minutes_wins_over_the_chips(cast, as_):
    with acting_as(cast.riverside, by=None):
        kind = ActivityType.objects.filter(agency=cast.riverside).first()
    data = {"kinds": [kind.pk], "minutes": 45, "other_minutes": 75, "held_on": timezone.localdate()}
    send(as_("nia"), "activity-create", cast.pairing.pk, **data)
    with acting_as(cast.riverside, by=None):
        assert MentoringActivity.objects.get(pairing=cast.pairing).minutes == 75


def test_time_without_minutes_or_kind_is_asked_for_again(cast, as_):
    answer = send(
        as_("mo"), "activity-create", cast.pairing.pk, held_on=timezone.localdate(), note="Went well."
    )
    assert answer.status_code == 422
    assert {"kinds", "minutes"} <= set(answer.context["form"].errors)
    assert "Went well." in answer.content.decode()


def test_crisis_and_going_along_come_first_in_their_group(cast):
    with acting_as(cast.riverside, by=cast.mo):
        groups = list(ActivityForm(staff=cast.mo).fields["kinds"].choices)
        codes = [value.instance.code for value, _label in groups[0][1]]
    assert codes[:4] == ["CRISIS", "SHADOW", "OBSERVE", "CO_VISIT"]
    assert len(groups) == 3


def test_a_quick_link_has_the_kind_chosen_already(cast, as_):
    mo = as_("mo")
    quick = page(mo, "pairing-detail", cast.pairing.pk).context["quick"]
    form = mo.get(quick[0]["url"]).content.decode()
    assert form.count('type="checkbox"') > form.count("checked") == 1


def test_the_mentor_confirms_a_joint_visit_with_one_button(cast, as_, observed):
    mo = as_("mo")
    assert reverse("mentoring:activity-confirm", kwargs={"pk": observed.pk}) in mo.get(LIST).content.decode()
    assert send(mo, "activity-confirm", observed.pk).status_code == 302
    observed.refresh_from_db()
    assert observed.confirmed_at


def test_the_new_hire_cannot_confirm_for_the_mentor(as_, observed):
    assert send(as_("nia"), "activity-confirm", observed.pk).status_code == 409


def test_no_page_of_mentoring_names_the_client_of_a_joint_visit(cast, as_, observed):
    for name in ("mo", "nia", "sam", "dana"):
        browser = as_(name)
        for url in (LIST, reverse("mentoring:pairing-detail", kwargs={"pk": cast.pairing.pk})):
            answer = browser.get(url)
            assert answer.status_code == 200
            text = answer.content.decode()
            assert "Canary" not in text
            assert "Zebedee" not in text
            assert observed.visit.note not in text


def test_the_new_hire_says_with_one_tap_how_helpful_it_was(cast, as_):
    activity = check_in(cast)
    assert send(as_("nia"), "activity-rate", activity.pk, helpfulness=5).status_code == 302
    activity.refresh_from_db()
    assert activity.helpfulness == 5
    assert "helpful 5 of 5" in page(as_("mo"), "pairing-detail", cast.pairing.pk).content.decode()


@pytest.mark.parametrize("value", ["0", "6", "", "five"])
def test_helpfulness_is_one_to_five(cast, as_, value):
    activity = check_in(cast)
    send(as_("nia"), "activity-rate", activity.pk, helpfulness=value)
    activity.refresh_from_db()
    assert activity.helpfulness is None


def test_a_supervisor_sees_the_figures_but_neither_note_nor_rating(cast, as_):
    activity = check_in(cast, note="A hard week at home.")
    with acting_as(cast.riverside, by=cast.nia):
        activity.rate(2, by=cast.nia)
    for name, reads in (("nia", True), ("mo", True), ("sam", False), ("dana", False)):
        text = page(as_(name), "pairing-detail", cast.pairing.pk).content.decode()
        assert ("A hard week at home." in text) == reads
        assert ("helpful 2 of 5" in text) == reads
        assert "30 min" in text


@pytest.mark.parametrize(
    "name, status", [("wendy", 404), ("olive", 404), ("lars", 404), ("quinn", 403), ("eve", 403)]
)
def test_a_pair_is_absent_for_whoever_has_no_part_in_it(cast, as_, name, status):
    assert page(as_(name), "pairing-detail", cast.pairing.pk).status_code == status


@pytest.mark.parametrize("name", ["sam", "wendy", "olive"])
def test_nobody_else_logs_time_for_the_two(cast, as_, name):
    assert page(as_(name), "activity-create", cast.pairing.pk).status_code == 404


def test_the_list_takes_as_many_queries_for_many_pairs_as_for_one(cast, as_, django_assert_max_num_queries):
    sam = as_("sam")
    check_in(cast)

    def count():
        with django_assert_max_num_queries(40) as queries:
            sam.get(LIST)
        return len(queries)

    sam.get(LIST)
    before = count()
    with acting_as(cast.riverside, by=cast.sam):
        for mentor, mentee in ((cast.wendy, cast.walt), (cast.mo, cast.walt), (cast.wendy, cast.nia)):
            Pairing.propose(mentor=mentor, mentee=mentee, by=cast.sam)
    assert count() == before


def test_a_pairs_page_takes_as_many_queries_for_many_activities_as_for_one(
    cast, as_, django_assert_max_num_queries
):
    nia = as_("nia")
    check_in(cast)

    def count():
        with django_assert_max_num_queries(40) as queries:
            page(nia, "pairing-detail", cast.pairing.pk)
        return len(queries)

    page(nia, "pairing-detail", cast.pairing.pk)
    before = count()
    for _n in range(5):
        check_in(cast)
    assert count() == before
