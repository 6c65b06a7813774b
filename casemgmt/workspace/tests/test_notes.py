"""A note after it is written: signed and locked, late or not, signed a second time, asked about, put right."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import Credential, Notice, ServiceType, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, log_visit, make_client
from casemgmt.workspace.worklists import items_of
from clients.files import examine
from clients.models import (
    ConflictOfInterest,
    Document,
    Visit,
    VisitCorrection,
    VisitParticipant,
    VisitQuestion,
)
from clients.models.visit import CRISIS


@pytest.fixture
def enrolled(cast):
    """Nia's, who is new; her supervisor is Sam and her mentor Mo, who does not see the record."""
    return enroll(make_client(cast.riverside, given_name="Terry", family_name="Vance"), cast.rapid, cast.nia)


@pytest.fixture
def new_here(cast):
    with acting_as(cast.riverside, by=None):
        cast.nia.notes_cosigned_until = timezone.localdate() + timedelta(days=60)
        cast.nia.save()
    return cast.nia


@pytest.fixture
def by(cast):
    """Act as a colleague: `with by(cast.sam): …`."""
    return lambda staff: acting_as(cast.riverside, by=staff)


def at(name, pk):
    return reverse(f"workspace:{name}", kwargs={"pk": pk})


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


def page(browser, visit):
    return browser.get(at("visit-detail", visit.pk)).text


# --- Signed, and locked -----------------------------------------------------------------------------------------------


def test_a_draft_is_signed_from_its_page_with_ones_name(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia, signed=False)
    assert 'value="Nia Baptiste"' in page(as_("nia"), visit)
    answer = send(as_("nia"), at("visit-sign", visit.pk), typed_name="N. Baptiste")
    assert (answer.status_code, answer.url) == (302, at("visit-detail", visit.pk))
    assert "Signed by N. Baptiste" in page(as_("nia"), visit)


def test_only_who_led_it_signs(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia, signed=False)
    send(as_("sam"), at("visit-sign", visit.pk), typed_name="Samir Haddad")
    assert Visit.objects.get(pk=visit.pk).signed_at is None


def test_the_form_of_a_signed_note_leads_back_to_the_note_and_changes_nothing(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia)
    answer = send(as_("nia"), at("visit-edit", visit.pk), note="Something else.", version=visit.version)
    assert (answer.status_code, answer.url) == (302, at("visit-detail", visit.pk))
    was = Visit.objects.filter(pk=visit.pk).values().get()
    assert (was["note"], was["version"]) == ("We spoke about next week.", visit.version)


def test_a_signature_names_what_the_signer_was_licensed_for_on_that_day(as_, by, cast, enrolled):
    today = timezone.localdate()
    with by(cast.nia):
        Credential.objects.create(staff=cast.nia, kind="LSW", expires_on=today)
        Credential.objects.create(staff=cast.nia, kind="RN", expires_on=today - timedelta(days=1))
    text = page(as_("nia"), log_visit(enrolled, by=cast.nia))
    assert "(<span>LSW</span>)" in text
    assert "RN" not in text


def test_what_is_added_later_stands_below_the_note_which_stays(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia)
    send(as_("nia"), at("visit-addendum", visit.pk), text="She called back.")
    text = page(as_("nia"), visit)
    assert text.index("We spoke about next week.") < text.index("She called back.")


# --- In time, or late -------------------------------------------------------------------------------------------------


def ended(hours):
    return {"started_at": timezone.now() - timedelta(hours=hours, minutes=45)}


@pytest.mark.parametrize(
    ("hours", "label"), [(47, None), (50, "Late entry, late by 2 hours"), (150, "Late entry, late by 4 days")]
)
def test_a_note_signed_after_the_programs_hours_is_a_late_entry_and_says_by_how_much(
    as_, cast, enrolled, hours, label
):
    text = page(as_("nia"), log_visit(enrolled, by=cast.nia, **ended(hours)))
    assert (label in text) if label else ("Late entry" not in text)


def test_a_note_on_a_crisis_is_late_after_24_hours(as_, cast, enrolled):
    crisis = ServiceType.objects.get(agency=cast.riverside, code=CRISIS)
    visit = log_visit(enrolled, by=cast.nia, service_type=crisis, **ended(30))
    assert "Late entry, late by 6 hours" in page(as_("nia"), visit)


# --- The second name --------------------------------------------------------------------------------------------------


def test_a_new_colleagues_note_waits_for_their_supervisor(as_, cast, enrolled, new_here):
    visit = log_visit(enrolled, by=new_here)
    queue = as_("sam").get("/reviews/").text
    assert "We spoke about next week." in queue
    answer = send(as_("sam"), at("visit-cosign", visit.pk), queue="1")
    assert (answer.status_code, answer.url) == (302, "/reviews/")
    assert "Second signature: Samir Haddad" in page(as_("nia"), visit)
    assert "We spoke about next week." not in as_("sam").get("/reviews/").text


def test_every_form_of_the_queue_may_be_sent(as_, cast, enrolled, new_here):
    log_visit(enrolled, by=new_here)
    queue = as_("sam").get("/reviews/").text
    assert queue.count('name="csrfmiddlewaretoken"') == queue.count('method="post"')


def test_the_oldest_note_stands_first_in_the_queue(as_, by, cast, enrolled, new_here):
    first, second = (log_visit(enrolled, by=new_here, note=words) for words in ("Came first.", "Came next."))
    with by(cast.nia):
        first.cosign_asked_at = second.cosign_asked_at + timedelta(seconds=5)
        first.save()
    queue = as_("sam").get("/reviews/").text
    assert queue.index("Came next.") < queue.index("Came first.")


def test_a_new_colleague_asks_their_mentor_who_sees_that_note_and_no_more(as_, cast, enrolled, new_here):
    visit = log_visit(enrolled, by=new_here, signed=False)
    assert as_("mo").get(at("visit-detail", visit.pk)).status_code in (403, 404)
    send(as_("nia"), at("visit-sign", visit.pk), typed_name="Nia Baptiste", cosigner=cast.mo.pk)
    assert at("visit-detail", visit.pk) in as_("mo").get("/today/").text
    assert "We spoke about next week." in as_("mo").get("/reviews/").text
    assert as_("mo").get(f"/clients/{enrolled.client_id}/").status_code == 403
    assert send(as_("mo"), at("visit-cosign", visit.pk)).status_code == 302
    assert "Second signature: Mohamed Abdi" in page(as_("nia"), visit)


def test_only_the_supervisor_and_the_mentor_are_offered(as_, cast, enrolled, new_here):
    visit = log_visit(enrolled, by=new_here, signed=False)
    form = as_("nia").get(at("visit-sign", visit.pk)).context["form"]
    assert {row.name for row in form.fields["cosigner"].queryset} == {"Samir Haddad", "Mohamed Abdi"}
    refused = send(as_("nia"), at("visit-sign", visit.pk), typed_name="Nia", cosigner=cast.walt.pk)
    assert refused.status_code == 422


def test_the_author_may_ask_somebody_else_while_the_note_waits(as_, cast, enrolled, new_here):
    visit = log_visit(enrolled, by=new_here)
    send(as_("nia"), at("visit-cosigner", visit.pk), cosigner=cast.mo.pk)
    assert "Waits for the second signature of Mohamed Abdi." in page(as_("nia"), visit)


def test_nobody_signs_their_own_note_a_second_time(as_, cast, enrolled, new_here):
    visit = log_visit(enrolled, by=new_here)
    assert send(as_("nia"), at("visit-cosign", visit.pk)).status_code == 422
    assert Visit.objects.get(pk=visit.pk).cosigned_at is None


def test_who_is_not_new_needs_no_second_name(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia)
    assert "cosigner" not in as_("nia").get(at("visit-detail", visit.pk)).text
    assert send(as_("sam"), at("visit-cosign", visit.pk)).status_code == 422


def test_the_queue_takes_as_many_queries_for_eight_notes_as_for_two(as_, cast, enrolled, new_here):
    counts = []
    for _round in range(2):
        for _n in range(2 if not counts else 6):
            log_visit(enrolled, by=new_here)
        with CaptureQueriesContext(connection) as asked:
            as_("sam").get("/reviews/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- Questions, thanks ------------------------------------------------------------------------------------------------


def test_an_open_question_keeps_the_second_name_away_until_it_is_answered(as_, cast, enrolled, new_here):
    visit = log_visit(enrolled, by=new_here)
    send(as_("sam"), at("visit-ask", visit.pk), kind="question", text="Who was there?", queue="1")
    refused = send(as_("sam"), at("visit-cosign", visit.pk))
    assert (refused.status_code, "is answered first" in refused.text) == (422, True)
    question = VisitQuestion.objects.get(visit=visit)
    send(as_("nia"), at("question-answer", question.pk), answer="Her sister.")
    assert "Her sister." in page(as_("sam"), visit)
    assert send(as_("sam"), at("visit-cosign", visit.pk)).status_code == 302


def test_a_question_tells_the_author_without_a_word_of_the_record(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia)
    send(as_("sam"), at("visit-ask", visit.pk), kind="follow_up", text="Ask Terry about the rent.")
    notice = Notice.objects.get(staff=cast.nia)
    assert notice.text == "Samir Haddad asks you to follow something up."
    assert notice.url == at("visit-detail", visit.pk)


def test_an_open_question_stands_on_the_authors_today_until_it_is_answered(as_, by, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia)
    with by(cast.sam):
        question = VisitQuestion.ask(visit, kind="question", text="Who was there?", by=cast.sam)

    def asked():
        return [item.url for item in items_of(cast.nia) if item.kind == "question"]

    with by(cast.nia):
        assert asked() == [at("question-answer", question.pk)]
        question.reply("Her sister.", by=cast.nia)
        assert asked() == []


def test_thanks_are_shown_and_wait_for_nothing(as_, by, cast, enrolled, new_here):
    visit = log_visit(enrolled, by=new_here)
    send(as_("sam"), at("visit-ask", visit.pk), kind="thanks")
    assert "Thank you" in page(as_("nia"), visit)
    with by(cast.nia):
        assert not [item for item in items_of(cast.nia) if item.kind == "question"]
    assert send(as_("sam"), at("visit-cosign", visit.pk)).status_code == 302


def test_nobody_asks_themselves_and_no_colleague_without_a_part_in_it_asks(by, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia)
    for staff in (cast.nia, cast.walt):
        with by(staff), pytest.raises(Refused):
            VisitQuestion.ask(visit, kind="question", text="Why?", by=staff)


def test_a_question_without_words_is_asked_for_beside_the_field(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia)
    answer = send(as_("sam"), at("visit-ask", visit.pk), kind="question", text=" ")
    assert list(answer.context["form"].errors) == ["text"]


def test_a_mentor_who_was_there_comments_on_a_draft(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia, signed=False, others={cast.mo: "mentor_observing"})
    assert (
        send(as_("mo"), at("visit-ask", visit.pk), kind="question", text="And the kids?").status_code == 302
    )
    assert "And the kids?" in page(as_("nia"), visit)


def test_only_the_author_or_who_asked_answers(by, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia)
    with by(cast.sam):
        question = VisitQuestion.ask(visit, kind="question", text="Who was there?", by=cast.sam)
    with by(cast.dana), pytest.raises(Refused):
        question.reply("I know.", by=cast.dana)


def test_a_colleague_outside_the_caseload_sees_nothing_of_it(as_, cast, enrolled, new_here):
    visit = log_visit(enrolled, by=new_here)
    for name, address in (("visit-detail", "get"), ("visit-ask", "get"), ("visit-correct", "get")):
        assert getattr(as_("walt"), address)(at(name, visit.pk)).status_code == 403
    assert "We spoke" not in as_("walt").get("/reviews/").text


# --- Files ------------------------------------------------------------------------------------------------------------


def attach(browser, visit, name="letter.txt"):
    file = SimpleUploadedFile(name, b"Dear Terry", content_type="text/plain")
    return send(browser, at("visit-attach", visit.pk), file=file, kind="letter", title="Letter")


def test_a_file_is_put_to_a_draft_and_shown_with_it(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia, signed=False)
    assert attach(as_("nia"), visit).status_code == 302
    paper = Document.objects.get(visit=visit)
    assert (paper.enrollment_id, paper.client_id) == (enrolled.pk, enrolled.client_id)
    assert "letter.txt" in page(as_("nia"), visit)


def test_files_are_locked_with_the_note(as_, by, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia, signed=False)
    attach(as_("nia"), visit)
    send(as_("nia"), at("visit-sign", visit.pk), typed_name="Nia Baptiste")
    paper = Document.objects.get(visit=visit)
    assert attach(as_("nia"), visit).url == at("visit-detail", visit.pk)
    remove = reverse("clients:document-remove", kwargs={"pk": paper.pk})
    assert send(as_("nia"), remove, why="Wrong one.").status_code == 422
    change = reverse("clients:document-edit", kwargs={"pk": paper.pk})
    assert send(as_("nia"), change, kind="letter", title="New", version=paper.version).status_code == 422
    assert list(Document.objects.filter(visit=visit).values_list("title", "removed_on")) == [("Letter", None)]
    with by(cast.nia), pytest.raises(Refused):
        Document(client=enrolled.client, visit=Visit.objects.get(pk=visit.pk)).keep(
            examine(b"More", "more.txt"), by=cast.nia
        )


# --- What is billed, put right ----------------------------------------------------------------------------------------


def test_the_author_or_their_supervisor_puts_right_what_is_billed_and_the_note_stays(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia)
    send(as_("nia"), at("visit-correct", visit.pk), direct_minutes="30", why="Ended early.")
    send(as_("sam"), at("visit-correct", visit.pk), is_void="on", why="Only a ride.")
    text = page(as_("nia"), visit)
    assert text.index("Only a ride.") < text.index("Ended early.")
    assert Visit.objects.get(pk=visit.pk).direct_minutes == 45


@pytest.mark.parametrize(
    "fields", [{"why": "Hm."}, {"direct_minutes": "30"}, {"direct_minutes": "-1", "why": "Hm."}]
)
def test_a_correction_says_what_is_different_and_why(as_, cast, enrolled, fields):
    visit = log_visit(enrolled, by=cast.nia)
    assert send(as_("nia"), at("visit-correct", visit.pk), **fields).status_code == 422
    assert not VisitCorrection.objects.exists()


def test_a_draft_is_changed_and_not_put_right(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia, signed=False)
    assert send(as_("nia"), at("visit-correct", visit.pk), is_void="on", why="No.").status_code == 302
    assert not VisitCorrection.objects.exists()


# --- The same text once more ------------------------------------------------------------------------------------------

SAID = "Went through the mail together; two letters from the housing authority were answered."


def test_a_note_that_says_what_the_last_one_said_is_signed_after_a_second_look(as_, cast, enrolled):
    log_visit(enrolled, by=cast.nia, note=SAID, days_ago=5)
    visit = log_visit(enrolled, by=cast.nia, note=SAID, signed=False)
    warned = send(as_("nia"), at("visit-sign", visit.pk), typed_name="Nia Baptiste")
    assert (warned.status_code, "alike_ok" in warned.text) == (422, True)
    assert "100 % of this note is the same" in warned.text
    send(as_("nia"), at("visit-sign", visit.pk), typed_name="Nia Baptiste", alike_ok="on")
    assert Visit.objects.get(pk=visit.pk).signed_at is not None


def test_a_note_of_its_own_is_signed_without_being_asked(as_, cast, enrolled):
    log_visit(enrolled, by=cast.nia, note=SAID, days_ago=5)
    visit = log_visit(
        enrolled, by=cast.nia, note="She cooked, and told me of her sister's wedding.", signed=False
    )
    assert "alike_ok" not in as_("nia").get(at("visit-sign", visit.pk)).text
    assert send(as_("nia"), at("visit-sign", visit.pk), typed_name="Nia Baptiste").status_code == 302


def test_the_page_on_which_it_is_written_asks_too_and_keeps_what_was_typed(as_, cast, enrolled):
    log_visit(enrolled, by=cast.nia, note=SAID, days_ago=5)
    address = reverse("workspace:visit-log", kwargs={"pk": enrolled.pk})
    now = timezone.localtime() - timedelta(hours=1)
    said = {"mode": "phone", "outcome": "kept", "held_with": "client", "direct_minutes": "5", "note": SAID}
    said |= {"day": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}"}
    warned = send(as_("nia"), address, **said)
    assert (warned.status_code, "alike_ok" in warned.text, SAID in warned.text) == (422, True, True)
    assert send(as_("nia"), address, **said, draft="1").status_code == 302
    assert Visit.objects.drafts().count() == 1


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_the_page_and_the_signature_take_as_many_queries_however_much_was_written_before(
    as_, by, cast, enrolled, new_here
):
    nia, counts = as_("nia"), []
    nia.get("/today/")
    for _round in range(2):
        for _n in range(3):
            signed = log_visit(enrolled, by=new_here, note=SAID + " " + "x" * 500)
            with by(cast.sam):
                VisitQuestion.ask(signed, kind="thanks", by=cast.sam)
        draft = log_visit(enrolled, by=new_here, signed=False)
        with CaptureQueriesContext(connection) as asked:
            nia.get(at("visit-detail", draft.pk))
            assert send(nia, at("visit-sign", draft.pk), typed_name="Nia Baptiste").status_code == 302
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- Who was there, and must not see it any more ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["visit-detail", "visit-edit", "visit-sign", "visit-attach", "visit-correct"]
)
def test_who_declares_a_conflict_of_interest_sees_no_visit_of_the_person_any_more(
    as_, by, cast, enrolled, name
):
    visit = log_visit(enrolled, by=cast.nia, signed=name in ("visit-detail", "visit-correct"))
    with by(cast.sam):
        ConflictOfInterest.declare(enrolled.client, cast.nia)
    assert as_("nia").get(at(name, visit.pk)).status_code == 404


def test_a_mentor_who_came_along_sees_no_record_that_was_restricted_to_others(as_, by, cast, enrolled):
    visit = log_visit(enrolled, by=cast.nia, others={cast.mo: VisitParticipant.Role.OBSERVING})
    assert as_("mo").get(at("visit-detail", visit.pk)).status_code == 200
    with by(cast.sam):
        enrolled.client.restricted_on = timezone.localdate()
        enrolled.client.save()
    assert as_("mo").get(at("visit-detail", visit.pk)).status_code == 404


def test_who_is_asked_for_the_second_name_and_declares_a_conflict_is_asked_no_more(
    as_, by, cast, enrolled, new_here
):
    visit = log_visit(enrolled, by=new_here)
    with by(new_here):
        visit.ask_cosigner(cast.mo, by=new_here)
    with by(cast.sam):
        ConflictOfInterest.declare(enrolled.client, cast.mo)
    assert not Visit.objects.visible_to(cast.mo).exists()
    assert send(as_("mo"), at("visit-cosign", visit.pk)).status_code == 404
