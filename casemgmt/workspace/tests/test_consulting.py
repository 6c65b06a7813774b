"""Being stuck: whom one may ask with three taps, what they read, and how it closes (REQ-88)."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import Notice, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, make_client
from casemgmt.workspace.consulting.verbs import answer, ask
from casemgmt.workspace.worklists import items_of
from clients.models import AccessLog, CaseAssignment, ConflictOfInterest, Consultation
from clients.pipeline import Stage

WORDS = "The door stays shut. What did you try?"


@pytest.fixture
def enrolled(cast):
    """Nia's, whose mentor is Mo and whose supervisor is Sam."""
    return enroll(make_client(cast.riverside, given_name="Terry"), cast.rapid, cast.nia)


@pytest.fixture
def by_nia(cast):
    with acting_as(cast.riverside, by=cast.nia):
        yield


@pytest.fixture
def asked(cast, by_nia, enrolled):
    return ask(enrolled, by=cast.nia, asked_of=cast.mo, text=WORDS)


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


def ask_url(enrollment):
    return reverse("workspace:consultation-ask", kwargs={"pk": enrollment.pk})


def url_of(row):
    return reverse("workspace:consultation", kwargs={"pk": row.pk})


def notices_of(staff):
    return list(Notice.objects.filter(staff=staff, kind="consult"))


def test_three_taps_lead_from_the_person_to_the_mentors_list(as_, cast, enrolled):
    nia, taps = as_("nia"), 0
    page = nia.get(f"/clients/{enrolled.client_id}/")
    assert f'class="btn btn-secondary" href="{ask_url(enrolled)}"' in page.text  # not behind “More”
    form = nia.get(ask_url(enrolled)).context["form"]
    taps += 1  # the button
    assert [field.name for field in form.visible_fields()] == ["who", "text"]
    taps += 1  # into the field
    answer = send(nia, ask_url(enrolled), who=form["who"].value(), text=WORDS)
    taps += 1  # send
    assert (answer.status_code, taps) == (302, 3)
    [row] = Consultation.objects.all()
    assert row.asked_of == cast.mo
    assert url_of(row) in as_("mo").get("/mentoring/").text
    assert url_of(row) in as_("mo").get(reverse("workspace:today")).text


def test_without_a_mentor_the_supervisor_is_chosen_beforehand(as_, cast):
    row = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    form = as_("wendy").get(ask_url(row)).context["form"]
    assert form["who"].value() == str(cast.sam.pk)


def test_a_mentor_without_the_record_reads_the_words_and_no_name(as_, cast, asked):
    page = as_("mo").get(url_of(asked))
    assert WORDS in page.text
    assert "Terry" not in page.text
    assert f"/clients/{asked.enrollment.client_id}/" not in page.text


def test_that_a_mentor_read_the_words_is_in_the_access_log(as_, cast, asked):
    as_("mo").get(url_of(asked))
    row = AccessLog.objects.get(staff=cast.mo, page="workspace:consultation")
    assert (row.people, row.purpose) == ([asked.enrollment.client_id], "mentoring")


def test_today_of_a_mentor_without_the_record_names_nobody(cast, asked):
    with acting_as(cast.riverside, by=cast.mo):
        [item] = [i for i in items_of(cast.mo) if i.kind == "consult"]
    assert (item.client, item.who) == (None, "You")


def test_a_supervisor_who_is_asked_has_it_on_today(cast, by_nia, enrolled):
    ask(enrolled, by=cast.nia, asked_of=cast.sam, text=WORDS)
    assert [i.client for i in items_of(cast.sam) if i.kind == "consult"] == [enrolled.client_id]


def test_the_team_is_asked_and_nobody_else(cast, by_nia, enrolled):
    CaseAssignment.objects.create(enrollment=enrolled, staff=cast.walt, kind=CaseAssignment.Kind.TEAM)
    ask(enrolled, by=cast.nia, asked_of=None, text=WORDS)
    listed = {
        name
        for name in ("nia", "mo", "walt", "wendy", "sam", "dana")
        if any(i.kind == "consult" for i in items_of(getattr(cast, name)))
    }
    assert listed == {"walt"}
    assert len(notices_of(cast.walt)) == 1


def test_a_notice_says_nothing_of_the_record(cast, asked):
    [notice] = notices_of(cast.mo)
    assert notice.text == "Nia Baptiste asks for your advice."
    assert notice.url == url_of(asked)


def test_nobody_asks_themselves(cast, by_nia, enrolled):
    with pytest.raises(Refused, match="Ask somebody else"):
        ask(enrolled, by=cast.nia, asked_of=cast.nia, text=WORDS)


def test_nothing_is_asked_without_words(cast, by_nia, enrolled):
    with pytest.raises(Refused, match="what you are stuck on"):
        ask(enrolled, by=cast.nia, asked_of=cast.mo, text="  ")


def test_nobody_is_asked_after_the_end_of_service(cast, by_nia, enrolled):
    enrolled.stage, enrolled.ended_on = Stage.DISCHARGED, timezone.localdate()
    enrolled.save()
    with pytest.raises(Refused, match="Service has ended"):
        ask(enrolled, by=cast.nia, asked_of=cast.mo, text=WORDS)


def test_who_has_left_is_not_asked(cast, by_nia, enrolled):
    cast.mo.left_on = timezone.localdate() - timedelta(days=1)
    cast.mo.save()
    with pytest.raises(Refused, match="no longer works here"):
        ask(enrolled, by=cast.nia, asked_of=cast.mo, text=WORDS)


def test_who_knows_the_person_privately_is_neither_asked_nor_offered(as_, cast, by_nia, enrolled):
    ConflictOfInterest.declare(enrolled.client, cast.mo)
    with pytest.raises(Refused, match="conflict of interest"):
        ask(enrolled, by=cast.nia, asked_of=cast.mo, text=WORDS)
    form = as_("nia").get(ask_url(enrolled)).context["form"]
    assert str(cast.mo.pk) not in dict(form.fields["who"].choices)


def test_a_sealed_program_is_told_to_nobody_outside(cast):
    row = enroll(make_client(cast.riverside), cast.recovery, cast.walt)
    with acting_as(cast.riverside, by=cast.walt), pytest.raises(Refused, match="does not see"):
        ask(row, by=cast.walt, asked_of=cast.mo, text=WORDS)


def test_where_nobody_else_works_with_the_person_there_is_no_team(as_, cast, by_nia, enrolled):
    with pytest.raises(Refused, match="Nobody else"):
        ask(enrolled, by=cast.nia, asked_of=None, text=WORDS)
    assert "team" not in dict(as_("nia").get(ask_url(enrolled)).context["form"].fields["who"].choices)


def test_the_answer_closes_it_and_tells_who_asked(as_, cast, asked):
    assert send(as_("mo"), url_of(asked), answer="Write a card first.").status_code == 302
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("Write a card first.", cast.mo)
    [notice] = notices_of(cast.nia)
    assert notice.text == f"{cast.mo.name} answered what you asked."
    assert "Write a card first." in as_("nia").get(url_of(asked)).text


def test_who_asked_closes_it_after_talking(as_, cast, asked):
    assert send(as_("nia"), url_of(asked), answer="We talked.").status_code == 302
    assert not [i for i in items_of(cast.mo) if i.kind == "consult"]
    assert not notices_of(cast.nia)


def test_who_answers_second_keeps_their_words_and_reads_the_first(as_, cast, asked):
    answer(asked, "Write a card first.", by=cast.mo)
    page = send(as_("nia"), url_of(asked), answer="What we said on the phone.")
    assert page.status_code == 422
    assert "What we said on the phone." in page.text
    assert "Write a card first." in page.text


def test_somebody_who_was_not_asked_does_not_answer(as_, asked):
    assert send(as_("sam"), url_of(asked), answer="I know.").status_code == 422
    assert as_("wendy").get(url_of(asked)).status_code in (403, 404)


def test_request_and_answer_stand_on_the_persons_page(as_, cast, asked):
    answer(asked, "Write a card first.", by=cast.mo)
    page = as_("sam").get(f"/clients/{asked.enrollment.client_id}/")
    assert WORDS in page.text
    assert "Write a card first." in page.text
