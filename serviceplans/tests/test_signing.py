"""How a plan is signed: by whom, with what, and what nobody can change afterwards."""

import hashlib
import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from casemgmt.agencies.models import acting_as
from casemgmt.core import pdf
from casemgmt.demo.builders import enroll, make_client, plan_for
from casemgmt.workspace.worklists import items_of
from clients.models import Disclosure, LegalRepresentative
from serviceplans.models import Goal, Objective, PlannedService, PlanSignature, ServicePlan

TODAY = timezone.localdate()
Answer = PlanSignature.Answer


def url(name, pk):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk})


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


def now(plan):
    return ServicePlan.objects.get(pk=plan.pk)


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside, given_name="Terry", family_name="Quill"), cast.ccm, cast.wendy)


@pytest.fixture
def draft(cast, enrolled):
    return plan_for(enrolled, by=cast.wendy, signed=False)


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.fixture
def sam(as_):
    return as_("sam")


@pytest.fixture
def seconded(cast):
    """The program asks for a second signature."""
    with acting_as(cast.riverside, by=cast.sam):
        cast.ccm.cosigns_plans = True
        cast.ccm.save()


def guardian(cast, enrolled, **said):
    with acting_as(cast.riverside, by=cast.wendy):
        return LegalRepresentative.objects.create(
            client=enrolled.client,
            name="Gail Ward",
            kind="guardian",
            for_health=True,
            document_seen_on=TODAY - timedelta(days=300),
            **said,
        )


def signs(who="client", name="Terry Quill"):
    return {f"{who}_answer": "signed", f"{who}_told": "on", f"{who}_name": name}


def sign(browser, plan, **fields):
    """Send the sign page, with the author's name and what else is said."""
    return send(browser, url("plan-sign", plan.pk), **({"typed_name": "Wendy Walsh"} | fields))


# --- One page, one sending --------------------------------------------------------------------------------------------


def test_worker_and_person_sign_on_one_page(wendy, draft):
    page = wendy.get(url("plan-sign", draft.pk)).text
    assert "What signing means" in page
    assert "Goal 1" in page
    assert sign(wendy, draft, **signs()).status_code == 302
    assert now(draft).is_in_force
    assert list(draft.signatures.order_by("pk").values_list("kind", "typed_name", "answer")) == [
        ("author", "Wendy Walsh", "signed"),
        ("client", "Terry Quill", "signed"),
    ]


def test_what_they_say_to_each_goal_is_asked_where_it_is_not_said(cast, wendy, draft):
    goal = draft.goals.first()
    with acting_as(cast.riverside, by=cast.wendy):
        goal.agreement = ""
        goal.save()
    page = wendy.get(url("plan-sign", draft.pk)).text
    assert page.count(f'name="agreement_{goal.pk}"') == len(Goal.Agreement)
    assert page.count('name="agreement_') == len(Goal.Agreement)
    assert sign(wendy, draft, **signs()).status_code == 422
    assert now(draft).presented_at is None
    assert sign(wendy, draft, **signs(), **{f"agreement_{goal.pk}": "partly"}).status_code == 302
    goal.refresh_from_db()
    assert goal.agreement == "partly"


@pytest.mark.parametrize(
    "said, field, words",
    [
        ({"client_answer": "signed", "client_told": "on"}, "client_name", "Type the name"),
        ({"client_answer": "signed", "client_name": "Terry"}, "client_told", "Explain it first"),
        ({"client_answer": "agreed"}, "client_told", "Explain it first"),
        ({"client_answer": "refused"}, "client_view", "Write down what they say"),
        ({"client_answer": "unable"}, "client_view", "Say why they could not be asked"),
        ({}, "client_answer", "This field is required"),
    ],
)
def test_an_answer_says_beside_its_field_what_it_lacks(wendy, draft, said, field, words):
    answer = sign(wendy, draft, **said)
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert now(draft).presented_at is None


def test_a_refusal_is_recorded_in_their_words_and_the_plan_goes_on(wendy, draft):
    sign(wendy, draft, client_answer="refused", client_view="I was not asked about the job.")
    row = draft.signatures.get(kind="client")
    assert (row.answer, row.view) == ("refused", "I was not asked about the job.")
    page = wendy.get(url("plan-detail", draft.pk)).text
    assert "I was not asked about the job." in page
    assert "Did not sign" in page


# --- Who decides for the person ---------------------------------------------------------------------------------------


def test_who_decides_for_the_person_signs_on_the_same_page(cast, wendy, enrolled, draft):
    gail = guardian(cast, enrolled)
    assert sign(wendy, draft, **signs()).status_code == 422
    assert sign(wendy, draft, **signs(), **signs(f"rep{gail.pk}", "Gail Ward")).status_code == 302
    assert now(draft).is_in_force
    assert draft.signatures.get(kind="represent").representative == gail


def test_an_authority_that_ended_is_named_with_the_reason_and_cannot_be_chosen(cast, wendy, enrolled, draft):
    gail = guardian(cast, enrolled, ended_on=TODAY - timedelta(days=3))
    page = wendy.get(url("plan-sign", draft.pk)).text
    assert "Gail Ward cannot sign: the authority (Guardian) ended on" in page
    assert f"rep{gail.pk}_answer" not in page


def test_an_expired_guardian_is_refused_beside_the_field_and_everything_typed_is_kept(
    cast, wendy, enrolled, draft
):
    gail = guardian(cast, enrolled, ended_on=TODAY - timedelta(days=3))
    answer = sign(wendy, draft, **signs(), **signs(f"rep{gail.pk}", "Gail of the family"))
    assert answer.status_code == 422
    assert "ended on" in str(answer.context["form"].errors[f"rep{gail.pk}_answer"])
    assert "Gail of the family" in answer.text
    assert not draft.signatures.exists()


def test_the_person_is_heard_where_the_guardian_no_longer_signs(cast, wendy, enrolled, draft):
    guardian(cast, enrolled, ended_on=TODAY - timedelta(days=3))
    sign(wendy, draft, client_answer="agreed", client_told="on", client_view="Yes, but slowly.")
    assert draft.signatures.get(kind="client").view == "Yes, but slowly."


def test_somebody_without_the_authority_for_it_is_refused(cast, wendy, enrolled, draft):
    with acting_as(cast.riverside, by=cast.wendy):
        payee = LegalRepresentative.objects.create(
            client=enrolled.client, name="Pay Ee", kind="payee", for_money=True, document_seen_on=TODAY
        )
    assert "Pay Ee" not in wendy.get(url("plan-sign", draft.pk)).text
    answer = sign(wendy, draft, **signs(), **signs(f"rep{payee.pk}", "Pay Ee"))
    assert "is about other things" in str(answer.context["form"].errors[f"rep{payee.pk}_answer"])


def test_a_guardian_who_refuses_keeps_the_plan_from_being_in_force(cast, wendy, enrolled, draft):
    who = f"rep{guardian(cast, enrolled).pk}"
    sign(wendy, draft, **signs(), **{f"{who}_answer": "refused", f"{who}_view": "Not this housing."})
    assert now(draft).is_waiting
    assert "Who decides for them does not sign." in wendy.get(url("plan-detail", draft.pk)).text


def test_without_a_word_of_the_guardian_the_plan_waits(cast, wendy, enrolled, draft):
    gail = guardian(cast, enrolled)
    who = f"rep{gail.pk}"
    sign(wendy, draft, **signs(), **{f"{who}_answer": "unable", f"{who}_view": "On holiday."})
    assert now(draft).is_waiting
    assert "Still wanted: Gail Ward (Guardian)" in wendy.get(url("plan-detail", draft.pk)).text
    later = send(
        wendy, url("plan-hear", draft.pk), signer=gail.pk, answer="signed", told="on", name="Gail Ward"
    )
    assert later.status_code == 302
    assert now(draft).is_in_force


def test_who_could_not_be_asked_is_asked_later(wendy, draft):
    sign(wendy, draft, client_answer="unable", client_view="In hospital.")
    assert now(draft).is_in_force
    assert url("plan-hear", draft.pk) in wendy.get(url("plan-detail", draft.pk)).text
    send(wendy, url("plan-hear", draft.pk), signer="client", answer="signed", told="on", name="Terry Quill")
    assert list(draft.signatures.filter(kind="client").order_by("pk").values_list("answer", flat=True)) == [
        "unable",
        "signed",
    ]


def test_an_expired_guardian_is_refused_later_too(cast, wendy, enrolled, draft):
    gail = guardian(cast, enrolled, ended_on=TODAY - timedelta(days=3))
    sign(wendy, draft, **signs())
    answer = send(
        wendy, url("plan-hear", draft.pk), signer=gail.pk, answer="signed", told="on", name="Gail Ward"
    )
    assert answer.status_code == 422
    assert "ended on" in str(answer.context["form"].errors["signer"])


def test_an_authority_that_was_renewed_is_no_longer_refused(cast, wendy, enrolled, draft):
    gail = guardian(cast, enrolled, ended_on=TODAY - timedelta(days=3))
    sign(wendy, draft, **signs())
    said = {"signer": gail.pk, "answer": "signed", "told": "on", "name": "Gail Ward"}
    assert send(wendy, url("plan-hear", draft.pk), **said).status_code == 422
    with acting_as(cast.riverside, by=cast.wendy):
        gail.ended_on = None
        gail.save()
    assert send(wendy, url("plan-hear", draft.pk), **said).status_code == 302


def test_a_draft_hears_nobody(wendy, draft):
    said = {"signer": "client", "answer": "signed", "told": "on", "name": "Terry"}
    assert send(wendy, url("plan-hear", draft.pk), **said).status_code == 422


# --- The second person ------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(wendy, seconded, draft):
    sign(wendy, draft, **signs())
    return now(draft)


def test_a_plan_waits_for_the_second_person_and_then_is_in_force(sam, waiting):
    assert waiting.is_waiting
    assert send(sam, url("plan-approve", waiting.pk), typed_name="Sam Soto").status_code == 302
    assert now(waiting).is_in_force
    assert waiting.signatures.get(kind="cosigner").typed_name == "Sam Soto"


def test_nobody_approves_their_own_plan(cast, sam, seconded, enrolled):
    own = plan_for(enrolled, by=cast.sam)
    assert "It is your own service plan" in sam.get(url("plan-approve", own.pk)).text
    answer = send(sam, url("plan-approve", own.pk), typed_name="Sam")
    assert answer.status_code == 422
    assert "Nobody signs their own service plan" in answer.text
    assert now(own).is_waiting


def test_a_case_manager_approves_nothing(wendy, waiting):
    assert wendy.get(url("plan-approve", waiting.pk)).status_code == 403


def test_a_question_goes_back_with_the_plan(sam, wendy, waiting):
    answer = send(sam, url("plan-approve", waiting.pk), back="1", typed_name="")
    assert "Say what has to change" in str(answer.context["form"].errors["note"])
    assert send(sam, url("plan-approve", waiting.pk), back="1", note="Why no job goal?").status_code == 302
    assert not now(waiting).is_locked
    assert "Why no job goal?" in wendy.get(url("plan-detail", waiting.pk)).text


def test_after_it_came_back_everybody_signs_anew(sam, wendy, waiting):
    send(sam, url("plan-approve", waiting.pk), back="1", note="Why no job goal?")
    sign(wendy, waiting, **signs())
    assert now(waiting).is_waiting
    assert waiting.signatures.filter(seal=waiting.seals.last()).count() == 2


def test_its_author_takes_a_plan_back_that_waits(wendy, waiting):
    assert send(wendy, url("plan-reopen", waiting.pk), note="A wrong date.").status_code == 302
    assert not now(waiting).is_locked


def test_a_plan_in_force_is_not_taken_back(wendy, draft):
    sign(wendy, draft, **signs())
    assert send(wendy, url("plan-reopen", draft.pk), note="A wrong date.").status_code == 422


# --- Where the second person finds it, and the author what came back --------------------------------------------------


def test_a_plan_that_waits_stands_on_the_list_to_review(sam, waiting):
    page = sam.get("/reviews/").text
    assert url("plan-approve", waiting.pk) in page
    assert "to review" in sam.get("/caseload/").text


def test_nobody_finds_their_own_plan_there(cast, sam, seconded, enrolled):
    own = plan_for(enrolled, by=cast.sam)
    assert url("plan-approve", own.pk) not in sam.get("/reviews/").text


def test_the_author_finds_on_today_what_came_back(cast, sam, wendy, waiting):
    assert not [item for item in items_of(cast.wendy) if item.kind == "returned"]
    send(sam, url("plan-approve", waiting.pk), back="1", note="Why no job goal?")
    assert "Service plan came back" in wendy.get("/today/").text


# --- What nobody can change unseen ------------------------------------------------------------------------------------


def verify(**said):
    """What the command writes, and whether it ends well."""
    out = StringIO()
    try:
        call_command("verify_plans", stdout=out, **said)
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue(), 0


@pytest.fixture
def signed(wendy, draft):
    sign(wendy, draft, **signs())
    return now(draft)


def tamper(statement, *values):
    """Past every rule of the application; in PostgreSQL even past the trigger that keeps facts."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


def test_what_was_signed_is_whole(signed):
    assert verify() == ("1 seals, 0 broken.\n", 0)


def test_what_goes_on_after_signing_breaks_nothing(cast, signed):
    goal = signed.goals.first()
    with acting_as(cast.riverside, by=cast.wendy):
        goal.objectives.first().actions.first().finish(by=cast.wendy)
        goal.pause(why="In hospital.", by=cast.wendy)
        goal.end(result="met", by=cast.wendy)
    assert verify()[1] == 0


TAMPERED = {
    "signed_at": "UPDATE serviceplans_serviceplan SET signed_at = NULL, presented_at = NULL",
    "signature.cosigner": "UPDATE serviceplans_serviceplan SET cosigned_at = signed_at",
    "goals.1.title": "UPDATE serviceplans_goal SET title = 'Another' WHERE position = 1",
    "goals.0.objectives.0.target": "UPDATE serviceplans_objective SET target = 3 "
    "WHERE id = (SELECT min(id) FROM serviceplans_objective)",
    "signature.{client}": "UPDATE serviceplans_plansignature SET typed_name = 'Somebody' WHERE kind = 'client'",
    "signature.client": "DELETE FROM serviceplans_plansignature WHERE kind = 'client'",
    "digest": "UPDATE serviceplans_planseal SET content = '{}'",
    "before": "UPDATE serviceplans_planseal SET before = 'x'",
}


@pytest.mark.parametrize("path", TAMPERED)
def test_what_was_changed_past_the_application_is_named(signed, path):
    said = path.format(client=signed.signatures.get(kind="client").pk)
    tamper(TAMPERED[path])
    lines, status = verify(agency="riverside")
    assert status == 1
    assert f"riverside: plan {signed.pk} of enrollment {signed.enrollment_id}, version 1: " in lines
    assert said in lines


def test_a_content_and_a_digest_made_to_fit_do_not_fit_the_key(signed):
    seal = signed.seals.get()
    content = seal.content.replace("Goal 1", "Goal X")
    forged = hashlib.sha256(content.encode()).hexdigest()
    tamper("UPDATE serviceplans_planseal SET content = %s, digest = %s", content, forged)
    assert "digest" in verify()[0]


def test_an_agency_that_is_not_there_is_said(cast):
    assert verify(agency="nowhere") == ("There is no agency “nowhere”.", 2)


# --- After signing: an addendum, or a new version ---------------------------------------------------------------------


def test_what_is_added_after_signing_stands_beside_the_plan(wendy, signed):
    assert send(wendy, url("plan-addendum", signed.pk), text="The phone number changed.").status_code == 302
    assert "The phone number changed." in wendy.get(url("plan-detail", signed.pk)).text
    assert "The phone number changed." in wendy.get(url("plan-print", signed.pk)).text
    assert verify()[1] == 0


def test_to_a_draft_nothing_is_added(wendy, draft):
    assert send(wendy, url("plan-addendum", draft.pk), text="One more.").status_code == 422


@pytest.fixture
def second(cast, signed):
    """The next version: one goal in other words, one without its action, one more."""
    with acting_as(cast.riverside, by=cast.wendy):
        plan = ServicePlan.begin(signed.enrollment, by=cast.wendy)
        first, other = plan.goals.all()
        first.title = "A flat near the river"
        first.save()
        other.objectives.first().actions.first().delete()
        more = Goal.objects.create(plan=plan, title="A dog", why="It keeps me going.", position=2)
        more.put(needs=[first.needs.first().need])
    return plan


def test_a_new_version_shows_what_changed(wendy, signed, second):
    told = wendy.get(url("plan-changes", second.pk)).context["changes"]
    assert [(change.how, change.name) for change in told if change.kind == "Goal"] == [
        ("changed", "A flat near the river"),
        ("added", "A dog"),
    ]
    assert ("gone", "Send the papers to the housing office") in [(c.how, c.name) for c in told]
    assert url("plan-changes", second.pk) in wendy.get(url("plan-detail", second.pk)).text
    assert "What changed since version 1" in wendy.get(url("plan-sign", second.pk)).text


def test_the_first_version_changed_nothing(wendy, signed):
    assert "It is the first version." in wendy.get(url("plan-changes", signed.pk)).text


def test_a_new_version_signs_and_replaces_the_one_before(cast, wendy, signed):
    with acting_as(cast.riverside, by=cast.wendy):
        again = ServicePlan.begin(signed.enrollment, by=cast.wendy)
    said = {f"agreement_{goal.pk}": "agrees" for goal in again.goals.all()}
    assert sign(wendy, again, **signs(), **said).status_code == 302
    assert (now(signed).ended_on, now(again).is_in_force) == (TODAY, True)
    assert again.seals.get().before == signed.seals.get().digest
    assert verify() == ("2 seals, 0 broken.\n", 0)


# --- On paper ---------------------------------------------------------------------------------------------------------


def give(browser, plan, **fields):
    """The address of the copy that was given."""
    return send(browser, url("plan-give", plan.pk), **fields).url


def test_the_plain_page_begins_with_their_words_and_says_who_signed(wendy, signed):
    page = wendy.get(give(wendy, signed)).text
    words = [
        "A quiet place of my own",
        "1. Goal 1",
        "Why it matters to me",
        "Made together by",
        "Terry Quill (Client)",
    ]
    places = [page.index(word) for word in words]
    assert places == sorted(places)
    assert f"Copy given on {date_format(TODAY, 'j F Y')}" in page
    assert signed.seals.get().digest[:16] in page


def test_the_whole_plan_has_every_field(cast, wendy, signed):
    with acting_as(cast.riverside, by=cast.wendy):
        PlannedService.objects.create(
            objective=Objective.objects.first(), service="Peer group", provider="Hope", times=2, weeks=10
        )
    page = wendy.get(url("plan-print-whole", signed.pk)).text
    for word in ("What is counted", "28 nights", "Peer group", "Hope", "2 × in a week", "20", "Signatures"):
        assert word in page


@pytest.mark.parametrize("name, fields", [("plan-print", {}), ("plan-print-whole", {"whole": "1"})])
def test_a_copy_goes_out_as_pdf_only_once_it_is_written_down(wendy, signed, name, fields):
    if not pdf.available():
        pytest.skip("no library for PDF")
    preview = wendy.get(url(name, signed.pk), {"format": "pdf"})
    assert preview["Content-Type"].startswith("text/html")
    given = wendy.get(give(wendy, signed, **fields) + "&format=pdf")
    assert given["Content-Type"] == "application/pdf"
    assert given.content.startswith(b"%PDF")
    assert Disclosure.objects.count() == 1


def test_what_was_given_is_the_plain_page_and_not_the_whole_plan(wendy, signed):
    copy = give(wendy, signed).split("?")[1]
    assert wendy.get(f"{url('plan-print-whole', signed.pk)}?{copy}").context["given"] is False


def test_without_its_library_the_page_says_why_there_is_no_pdf(wendy, signed, monkeypatch):
    monkeypatch.setattr(pdf, "_missing", lambda: "package")
    page = wendy.get(give(wendy, signed) + "&format=pdf")
    assert "This server makes no PDF" in page.text


def test_the_page_is_in_their_language_where_there_are_texts(cast, wendy, signed, settings):
    settings.LANGUAGES = [("en-us", "English"), ("es", "Spanish")]
    with acting_as(cast.riverside, by=cast.wendy):
        client = signed.enrollment.client
        client.language = "Español"
        client.save()
    page = wendy.get(url("plan-print", signed.pk)).text
    assert 'lang="es"' in page
    assert "A quiet place of my own" in page


# --- How a program asks for it ----------------------------------------------------------------------------------------


def test_an_agency_admin_says_whether_a_supervisor_signs_each_plan(cast, as_):
    page = as_("ada").get(reverse("admin:agencies_program_change", args=[cast.ccm.pk])).text
    for name in ("cosigns_plans", "confirm_referral_days", "interruption_notice_days"):
        assert f'name="{name}"' in page


def test_two_supervisors_cannot_both_be_the_second_person(as_, sam, waiting):
    send(sam, url("plan-approve", waiting.pk), typed_name="Sam Soto")
    page = send(as_("dana"), url("plan-approve", waiting.pk), typed_name="Dana")
    assert page.status_code == 422
    assert "does not wait for a second signature" in page.text


def test_a_plan_whose_last_signer_is_no_longer_wanted_can_still_come_into_force(cast, wendy, waiting):
    with acting_as(cast.riverside, by=cast.sam):
        cast.ccm.cosigns_plans = False
        cast.ccm.save()
    page = wendy.get(url("plan-detail", waiting.pk)).text
    assert "Nobody else is wanted any more" in page
    assert url("plan-hear", waiting.pk) in page
    said = {"signer": "client", "answer": "signed", "told": "on", "name": "Terry Quill"}
    send(wendy, url("plan-hear", waiting.pk), **said)
    assert now(waiting).is_in_force
