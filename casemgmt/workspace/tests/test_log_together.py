"""One visit of several people: a record for each, the shared text in all, no minute counted twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import ServiceType, acting_as
from casemgmt.demo.builders import enroll, make_client
from casemgmt.workspace.log.moments import share_out, shares
from casemgmt.workspace.log.verbs import VisitDraft, log_visit
from clients.models import AccessLog, CaseAssignment, HouseholdMember, Visit, VisitActivity
from mentoring.models import MentoringActivity


@pytest.fixture
def siblings(cast):
    """Ana and Ben live together and are both served; so is Cleo, by a colleague."""
    people = [make_client(cast.riverside, given_name=name) for name in ("Ana", "Ben", "Cleo")]
    with acting_as(cast.riverside, by=cast.wendy):
        for other in people[1:]:
            HouseholdMember.live_together(other, people[0], relation="child")
    since = timezone.localdate() - timedelta(days=30)
    workers = (cast.wendy, cast.wendy, cast.walt)
    return [enroll(who, cast.ccm, worker, on=since) for who, worker in zip(people, workers, strict=True)]


def url_of(enrollment):
    return reverse("workspace:visit-log", kwargs={"pk": enrollment.pk})


def said(other=None, **changed):
    form = {
        "submit_key": str(uuid4()),
        "day": (timezone.localdate() - timedelta(days=1)).isoformat(),
        "time": "10:00",
        "mode": "in_person",
        "place": "home",
        "outcome": "kept",
        "held_with": "client",
        "direct_minutes": "61",
        "travel_minutes": "20",
        "note": "Cooked together.",
        "next_step": "The landlord.",
    }
    if other is not None:
        form |= {f"with_{other.pk}": "on", f"with_note_{other.pk}": "Slept badly."}
    return form | changed


def test_only_people_of_the_household_whom_one_serves_are_offered(as_, siblings):
    ana, ben, cleo = siblings
    page = as_("wendy").get(url_of(ana))
    assert [row.pk for row in page.context["form"].others] == [ben.pk]
    assert cleo.client.name not in page.text
    assert {ana.client_id, ben.client_id} <= set(AccessLog.objects.latest("pk").people)


def test_each_has_a_record_with_the_shared_text_and_a_paragraph_alone(as_, siblings):
    ana, ben, _cleo = siblings
    as_("wendy").post(url_of(ana), said(ben, own_note="Looks forward to school."))
    first, second = Visit.objects.order_by("pk")
    assert first.together == second.together is not None
    assert (first.enrollment, second.enrollment) == (ana, ben)
    assert first.note == second.note == "Cooked together."
    assert (first.own_note, second.own_note) == ("Looks forward to school.", "Slept badly.")
    assert first.signed_at
    assert second.signed_at
    for visit, other in ((first, ben), (second, ana)):
        text = " ".join(str(getattr(visit, f.attname)) for f in visit._meta.concrete_fields)
        assert other.client.given_name not in text


def test_no_minute_is_counted_twice(cast, as_, siblings):
    ana, ben, _cleo = siblings
    ride = ServiceType.objects.filter(agency=cast.riverside, code="TRANSPORT").get()
    as_("wendy").post(
        url_of(ana),
        said(ben, distance="3", documentation_minutes="9", other_kind_1=ride.pk, other_minutes_1="15"),
    )
    rows = list(Visit.objects.all())
    assert sum(v.direct_minutes for v in rows) == 61
    assert sum(v.travel_minutes for v in rows) == 20
    assert sum(v.documentation_minutes for v in rows) == 9
    assert sum(v.distance_m for v in rows) == 4828
    assert sum(a.minutes for a in VisitActivity.objects.all()) == 15
    assert sum(p.minutes for v in rows for p in v.participants.all()) == 61


def test_the_minutes_of_each_may_be_said(as_, siblings):
    ana, ben, _cleo = siblings
    as_("wendy").post(url_of(ana), said(ben, **{f"with_minutes_{ben.pk}": "11"}))
    assert [v.direct_minutes for v in Visit.objects.order_by("pk")] == [50, 11]


def test_minutes_that_do_not_add_up_are_refused_beside_the_field(as_, siblings):
    ana, ben, _cleo = siblings
    answer = as_("wendy").post(url_of(ana), said(ben, own_minutes="30", **{f"with_minutes_{ben.pk}": "11"}))
    assert "own_minutes" in answer.context["form"].errors
    assert not Visit.objects.exists()


def test_a_visit_of_several_does_not_overlap_itself_but_does_others(as_, siblings):
    ana, ben, _cleo = siblings
    browser = as_("wendy")
    assert browser.post(url_of(ana), said(ben)).status_code == 302
    answer = browser.post(url_of(ben), said(time="10:45", direct_minutes="10"))
    assert "11:01" in str(answer.context["form"].errors["time"])


def test_somebody_who_was_not_enrolled_then_is_named_beside_their_box(cast, as_, siblings):
    ana, ben, _cleo = siblings
    with acting_as(cast.riverside, by=cast.wendy):
        ben.enrolled_on = timezone.localdate()
        ben.save()
    answer = as_("wendy").post(url_of(ana), said(ben))
    assert f"with_{ben.pk}" in answer.context["form"].errors


def test_somebody_elses_person_is_not_written_about(as_, siblings):
    ana, _ben, cleo = siblings
    as_("wendy").post(url_of(ana), said(cleo))
    assert [v.enrollment for v in Visit.objects.all()] == [ana]


def test_drafts_stay_drafts_and_text_is_taken_over_only_when_asked(as_, siblings):
    ana, ben, _cleo = siblings
    browser = as_("wendy")
    browser.post(url_of(ana), said(ben, draft="1"))
    first, second = Visit.objects.order_by("pk")
    assert first.signed_at is second.signed_at is None
    edit = reverse("workspace:visit-edit", kwargs={"pk": first.pk})
    page = browser.get(edit)
    assert "tell_others" in page.context["form"].fields
    form = said(direct_minutes="31", note="Cooked soup.", draft="1", version=first.version)
    browser.post(edit, form)
    second.refresh_from_db()
    assert second.note == "Cooked together."
    first.refresh_from_db()
    browser.post(edit, form | {"submit_key": str(uuid4()), "tell_others": "on", "version": first.version})
    second.refresh_from_db()
    assert (second.note, second.own_note) == ("Cooked soup.", "Slept badly.")


def test_text_is_not_taken_over_into_a_record_that_is_a_colleagues_by_now(as_, cast, siblings):
    ana, ben, _cleo = siblings
    as_("wendy").post(url_of(ana), said(ben, draft="1"))
    first, second = Visit.objects.order_by("pk")
    with acting_as(cast.riverside, by=cast.sam):
        CaseAssignment.objects.get(enrollment=ben).end(on=timezone.localdate())
    fields = {name: getattr(first, name) for name in ("started_at", "distance_m")} | {"note": "Cooked soup."}
    with acting_as(cast.riverside, by=cast.wendy):
        log_visit(ana, by=cast.wendy, draft=VisitDraft(fields, tell_others=True), visit=first)
    second.refresh_from_db()
    assert second.note == "Cooked together."


def test_a_pair_with_two_people_went_along_once(cast, as_):
    people = [make_client(cast.riverside) for _n in range(2)]
    with acting_as(cast.riverside, by=cast.nia):
        HouseholdMember.live_together(*people, relation="child")
    since = timezone.localdate() - timedelta(days=3)
    ana, ben = (enroll(who, cast.rapid, cast.nia, on=since) for who in people)
    as_("nia").post(url_of(ana), said(ben, partner=cast.mo.pk, partner_role="mentor_observing"))
    assert MentoringActivity.objects.get(visit__together__isnull=False).minutes == 61
    minutes = [p.minutes for v in Visit.objects.all() for p in v.participants.filter(staff=cast.mo)]
    assert sum(minutes) == 61


@pytest.mark.parametrize("people", [1, 2, 3, 7])
@pytest.mark.parametrize("total", [0, 1, 59, 60, 61, 1440])
def test_shares_add_up(total, people):
    assert sum(share_out(total, [1] * people)) == total
    assert sum(shares(total, [None] * people)) == total


@pytest.mark.parametrize(
    ("total", "among", "parts"),
    [
        (60, [10, None, None], [10, 25, 25]),
        (60, [60, None], [60, 0]),
        (60, [61, None], None),
        (60, [30, 20], None),
    ],
)
def test_what_was_said_stands_and_the_rest_is_even(total, among, parts):
    assert shares(total, among) == parts


def test_no_part_is_longer_than_its_whole():
    for total in range(31):
        assert all(
            part <= whole for part, whole in zip(share_out(total, [10, 1, 19]), [10, 1, 19], strict=True)
        )
