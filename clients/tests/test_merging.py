"""The pages by which two records become one person, and two again."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client
from casemgmt.tests.world import filled, inputs
from clients.models import Client, EmergencyAccess, IncomingReferral, Merge, OtherName, RestrictedTo

pytestmark = pytest.mark.django_db
WHY = "Same birth date; Rosa says so herself."


@pytest.fixture
def pair(cast):
    """Rosa as Wendy knows her, and Rosa as Walt does."""
    said = {"given_name": "Rosa", "family_name": "Tamayo", "born_on": "1980-05-04"}
    one = make_client(cast.riverside, by=cast.wendy, phone="412 555 0111", contact_note="Mornings.", **said)
    walts = said | {"family_name": "Tamaio", "phone": "412 555 0199", "contact_note": "Never call."}
    other = make_client(cast.riverside, by=cast.walt, **walts)
    enroll(one, cast.ccm, cast.wendy)
    enrollment = enroll(other, cast.ccm, cast.walt)
    log_visit(enrollment, by=cast.walt, note="Walt met her at the library.")
    return one, other


def compare_url(kept, gone):
    return f"{reverse('clients:merge', kwargs={'pk': kept.pk})}?with={gone.pk}"


def merge(browser, kept, gone, **said):
    url = compare_url(kept, gone)
    return browser.post(url, filled(inputs(browser.get(url).text), reason=WHY, **said))


def page(client):
    return reverse("workspace:client", kwargs={"pk": client.pk})


def test_the_double_is_offered_and_compared_side_by_side(as_, pair):
    one, other = pair
    sam = as_("sam")
    found = sam.get(reverse("clients:merge-find", kwargs={"pk": one.pk}))
    assert compare_url(one, other) in found.text
    text = sam.get(compare_url(one, other)).text
    for word in ("412 555 0111", "412 555 0199", "Tamayo", "Tamaio", "Both, one after the other"):
        assert word in text


def test_a_search_finds_the_double_by_its_number(as_, pair):
    one, other = pair
    answer = as_("sam").get(reverse("clients:merge-find", kwargs={"pk": one.pk}), {"q": other.number})
    assert compare_url(one, other) in answer.text


def test_two_records_become_one_with_what_was_chosen(as_, pair):
    one, other = pair
    sam = as_("sam")
    answer = merge(sam, one, other, phone="gone", contact_note="both")
    assert answer.headers["Location"] == page(one)
    one.refresh_from_db()
    assert (one.phone, one.contact_note) == ("412 555 0199", "Mornings. / Never call.")
    text = sam.get(page(one)).text
    assert "Walt met her at the library." in text
    assert reverse("clients:merge-list", kwargs={"pk": one.pk}) in text


def test_a_reason_is_needed_and_the_choices_stay(as_, pair):
    sam = as_("sam")
    url = compare_url(*pair)
    answer = sam.post(url, filled(inputs(sam.get(url).text), reason=" ", phone="gone"))
    assert answer.status_code == 422
    (phone,) = [one for one in inputs(answer.text)["phone"] if "checked" in one]
    assert phone["value"] == "gone"
    assert not Merge.objects.exists()


def test_a_link_to_the_other_record_still_leads_to_the_person(as_, pair):
    one, other = pair
    merge(as_("sam"), one, other)
    for name in ("workspace:client", "workspace:client-history", "clients:client-edit"):
        old, new = (reverse(name, kwargs={"pk": row.pk}) for row in (other, one))
        answer = as_("walt").get(f"{old}?before=2026-01-01")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{new}?before=2026-01-01")
    answer = as_("walt").get("/intakes/new/", {"client": other.pk})
    assert answer.headers["Location"] == f"/intakes/new/?client={one.pk}"


@pytest.mark.parametrize("who, status", [("mo", 403), ("eve", 403), ("olive", 404)])
def test_for_who_does_not_see_the_person_the_link_answers_as_the_person_would(as_, pair, who, status):
    one, other = pair
    merge(as_("sam"), one, other)
    browser = as_(who)
    answers = [browser.get(page(row)) for row in (other, one)]
    assert [a.status_code for a in answers] == [status, status]
    if who == "mo":
        assert reverse("workspace:emergency", kwargs={"pk": one.pk}) in answers[0].text


def test_a_form_for_the_other_record_is_not_lost(as_, pair):
    one, other = pair
    walt = as_("walt")
    url = reverse("clients:client-edit", kwargs={"pk": other.pk})
    data = filled(inputs(walt.get(url).text), address="Behind the library")
    merge(as_("sam"), one, other)
    answer = walt.post(url, data)
    assert answer.status_code == 409
    assert "Behind the library" in answer.text
    assert page(one) in answer.text


def test_a_note_saved_while_the_record_is_merged_arrives(as_, pair, cast, monkeypatch):
    """The form was opened and checked before the merge; its row is written after it."""
    one, other = pair
    walt = as_("walt")
    url = reverse("clients:referral-create")
    data = filled(
        inputs(walt.get(url, {"client": other.pk}).text),
        known_client=other.pk,
        id_number=None,
        reason="Sleeps outside.",
    )
    save = IncomingReferral.save

    def late(row, *args, **kwargs):
        with acting_as(cast.riverside, by=cast.dana):
            Merge.of(one, other, by=cast.dana, reason=WHY)
        monkeypatch.undo()
        save(row, *args, **kwargs)

    monkeypatch.setattr(IncomingReferral, "save", late)
    assert walt.post(url, data).status_code == 302
    assert IncomingReferral.objects.get(reason="Sleeps outside.").client_id == one.pk


def test_emergency_access_leads_to_the_person_too(as_, pair):
    one, other = pair
    merge(as_("sam"), one, other)
    urls = [reverse("workspace:emergency", kwargs={"pk": row.pk}) for row in (other, one)]
    answer = as_("mo").get(urls[0])
    assert (answer.status_code, answer.headers["Location"]) == (302, urls[1])


def test_both_records_pasts_are_told_as_one(as_, pair):
    one, other = pair
    with acting_as(other.agency, by=None):
        other.pronouns = "she/her"
        other.save()
    sam = as_("sam")
    merge(sam, one, other, pronouns="kept")
    text = sam.get(reverse("workspace:client-history", kwargs={"pk": one.pk})).text
    assert "she/her" in text
    assert WHY in text
    assert "Walt met her at the library." in text


def test_a_move_of_a_hundred_rows_is_one_line_in_the_history(as_, pair, cast):
    one, other = pair
    with acting_as(other.agency, by=cast.walt):
        for n in range(60):
            OtherName.objects.create(client=other, name=f"Rosa {n}")
    sam = as_("sam")
    before = sam.get(reverse("workspace:client-history", kwargs={"pk": one.pk})).text.count("<tr>")
    merge(sam, one, other)
    text = sam.get(reverse("workspace:client-history", kwargs={"pk": one.pk})).text
    assert text.count(WHY) < 8
    assert before < text.count("<tr>")


def test_an_undo_asks_why_and_makes_two_of_one(as_, pair):
    one, other = pair
    sam = as_("sam")
    merge(sam, one, other, phone="gone")
    row = Merge.objects.get()
    url = reverse("clients:merge-undo", kwargs={"pk": row.pk})
    assert url in sam.get(reverse("clients:merge-list", kwargs={"pk": one.pk})).text
    data = filled(inputs(sam.get(url).text), why=" ")
    assert sam.post(url, data).status_code == 422
    assert sam.post(url, data | {"why": "Two sisters.", "submit_key": str(uuid.uuid4())}).status_code == 302
    one.refresh_from_db()
    assert one.phone == "412 555 0111"
    assert sam.get(page(other)).status_code == 200
    text = sam.get(reverse("clients:merge-list", kwargs={"pk": one.pk})).text
    assert "Two sisters." in text


@pytest.mark.parametrize("who", ["wendy", "quinn"])
def test_a_merge_is_read_but_not_undone_by_who_may_not_merge(as_, pair, who):
    one, other = pair
    merge(as_("sam"), one, other)
    answer = as_(who).get(reverse("clients:merge-list", kwargs={"pk": one.pk}))
    assert answer.status_code == 200
    assert "/undo/" not in answer.text


@pytest.mark.parametrize("said", ["", "x", "0", "9" * 40, "-1", "\x00", "²"])
def test_garbage_for_the_other_record_is_no_fault(as_, pair, said):
    url = reverse("clients:merge", kwargs={"pk": pair[0].pk})
    assert as_("sam").get(url, {"with": said}).status_code in (302, 404)


def test_a_choice_that_there_is_not_is_an_error_beside_the_field(as_, pair):
    answer = merge(as_("sam"), *pair, phone="both")
    assert answer.status_code == 422
    assert not Merge.objects.exists()


def test_a_record_changed_meanwhile_is_not_merged_unseen(as_, pair, cast):
    one, other = pair
    sam = as_("sam")
    url = compare_url(one, other)
    data = filled(inputs(sam.get(url).text), reason=WHY)
    with acting_as(cast.riverside, by=cast.walt):
        Client.objects.get(pk=other.pk).save()
    assert sam.post(url, data).status_code == 409
    assert not Merge.objects.exists()


def test_a_hidden_record_is_not_there_to_be_merged(as_, pair, cast):
    one, other = pair
    with acting_as(cast.riverside, by=cast.dana):
        row = Client.objects.get(pk=other.pk)
        row.restricted_on = timezone.localdate()
        row.save()
        RestrictedTo.objects.create(client=row, staff=cast.dana)
    sam = as_("sam")
    assert sam.get(compare_url(one, other)).status_code == 404
    assert compare_url(one, other) not in sam.get(reverse("clients:merge-find", kwargs={"pk": one.pk})).text


def test_an_emergency_opens_a_record_but_not_a_merge(as_, pair, cast):
    """Else an hour's look would last for ever."""
    one, other = pair
    with acting_as(cast.riverside, by=cast.ada):
        for link in cast.walt.supervision.all():
            link.ended_on = timezone.localdate()
            link.save()
    reason = PickItem.objects.get(agency=cast.riverside, pick_list="emergency", code="CRISIS")
    with acting_as(cast.riverside, by=cast.sam):
        EmergencyAccess.begin(other, by=cast.sam, reason=reason, detail="They called.")
    sam = as_("sam")
    assert sam.get(page(other)).status_code == 200
    assert sam.get(compare_url(one, other)).status_code == 403
