"""What every request keeps to: one answer per form sent, no work overwritten unseen, all or nothing, and no 500."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from casemgmt.agencies.models import Submission, acting_as
from casemgmt.tests.test_access import ADMIN_FORMS, FORMS, admin_form_of, form_of, row_of, url_of
from casemgmt.tests.world import (
    Browser,
    changed,
    everything,
    filled,
    inputs,
    login_of,
    standing,
    undone,
)
from clients.models import AccessLog, Client, IncomingReferral, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with standing(django_db_blocker) as world:
        yield world


@pytest.fixture
def wendy(world):
    return Browser(login_of(world, "wendy"))


@pytest.fixture
def person(world):
    return world.people["wendy"]


NEW_REFERRAL = "/referrals/new/"


def referral(browser, **said):
    """A form as it was filled in: its answer to everything asked, and a new key."""
    words = {
        "reason": "Sleeps in the bus station.",
        "given_name": "Robin",
        "family_name": "Quick",
        "born_on_month": None,
        "id_number": None,
    }
    return filled(inputs(browser.get(NEW_REFERRAL).text), **(words | said))


# --- One answer for one form ------------------------------------------------------------------------------------------


def test_a_form_sent_twice_is_written_once_and_answered_alike(wendy):
    data = referral(wendy)
    first, second = wendy.post(NEW_REFERRAL, data), wendy.post(NEW_REFERRAL, data)
    assert (first.status_code, first.headers["Location"]) == (302, second.headers["Location"])
    assert IncomingReferral.objects.filter(reason=data["reason"]).count() == 1


def test_the_same_key_with_other_words_is_refused_and_the_words_are_shown(wendy):
    data = referral(wendy)
    wendy.post(NEW_REFERRAL, data)
    other = wendy.post(NEW_REFERRAL, data | {"reason": "Something else entirely."})
    assert other.status_code == 409
    assert "Something else entirely." in other.text
    assert not IncomingReferral.objects.filter(reason="Something else entirely.").exists()


def test_the_same_key_from_a_colleague_is_refused(world, wendy):
    data = referral(wendy)
    wendy.post(NEW_REFERRAL, data)
    assert Browser(login_of(world, "walt")).post(NEW_REFERRAL, data).status_code == 409


def test_another_agency_may_use_the_same_key(world, wendy):
    data = referral(wendy)
    wendy.post(NEW_REFERRAL, data)
    olive = Browser(login_of(world, "olive"))
    assert olive.post(NEW_REFERRAL, referral(olive, submit_key=data["submit_key"])).status_code == 302


@pytest.mark.parametrize("key", [None, "", "no-key", "\x00", "1" * 5000])
def test_without_its_key_a_form_is_shown_again_with_what_was_typed(wendy, key):
    answer = wendy.post(NEW_REFERRAL, referral(wendy, submit_key=key))
    assert answer.status_code == 422
    assert "Your text is kept: please send it again." in answer.text
    assert "Sleeps in the bus station." in answer.text


def test_a_form_shown_again_for_want_of_a_key_goes_through_when_sent_again(wendy):
    again = wendy.post(NEW_REFERRAL, referral(wendy, submit_key=None))
    assert (
        wendy.post(NEW_REFERRAL, filled(inputs(again.text), born_on_month=None, id_number=None)).status_code
        == 302
    )


def test_a_form_with_a_mistake_may_be_sent_again_with_the_same_key(wendy):
    data = referral(wendy)
    refused = wendy.post(NEW_REFERRAL, data | {"reason": ""})
    assert refused.status_code == 422
    assert wendy.post(NEW_REFERRAL, data).status_code == 302


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.name)
def test_every_form_carries_a_key_of_its_own(world, row):
    browser, url, _page, fields = form_of(world, row)
    key, other = fields["submit_key"][0]["value"], inputs(browser.get(url).text)["submit_key"][0]["value"]
    assert key
    assert key != other


# --- Nobody overwrites another's work unseen --------------------------------------------------------------------------

VERSIONED = [
    "clients:client-edit",
    "clients:intake-edit",
    "clients:follow-up",
    "assessments:administration-edit",
    "assessments:concern-handle",
    "assessments:response-answer",
    "assessments:response-set-aside",
    "clients:around-edit",
    "clients:consent-withdraw",
    "clients:document-edit",
    "clients:level",
    "clients:event-edit",
    "clients:safety-edit",
    "resources:contact-edit",
    "resources:place-edit",
    "resources:resource-edit",
    "serviceplans:plan-edit",
    "serviceplans:goal-edit",
    "serviceplans:goal-end",
    "serviceplans:objective-edit",
    "serviceplans:action-edit",
    "serviceplans:referral-edit",
    "serviceplans:referral-step",
    "serviceplans:authorization-edit",
    "serviceplans:funding-edit",
    "serviceplans:planned-edit",
    "serviceplans:interruption-edit",
    "workspace:enrollment-move",
    "workspace:incident-edit",
    "workspace:incident-learned",
    "workspace:mandated-edit",
    "workspace:transfer",
    "workspace:visit-edit",
    "workspace:planned-edit",
    "workspace:planned-cancel",
    "serviceplans:plan-review",
]


def test_every_form_that_edits_a_row_knows_its_version(world):
    knows = [row.name for row in FORMS if form_of(world, row)[3].get("version", [{}])[0].get("value")]
    assert sorted(set(knows)) == sorted(VERSIONED)


@pytest.mark.parametrize("name", VERSIONED)
def test_a_stale_form_overwrites_nothing(world, name):
    row = row_of(name)
    browser, url, _page, fields = form_of(world, row)
    stands = getattr(world.people["wendy"], "safety_plan" if name == "clients:safety-edit" else row.of)
    with acting_as(world.riverside, by=world.sam):
        type(stands).objects.get(pk=stands.pk).save()
    before = everything()
    answer = browser.post(url, filled(fields))
    assert answer.status_code == 409
    assert changed(before, everything()) == []


def test_a_stale_form_shows_both_texts(world, wendy, person):
    url = f"/clients/{person.client.pk}/edit/"
    data = filled(inputs(wendy.get(url).text), chosen_name="What Wendy typed")
    with acting_as(world.riverside, by=world.sam):
        row = Client.objects.get(pk=person.client.pk)
        row.chosen_name = "What Sam saved"
        row.save()
    answer = wendy.post(url, data)
    assert "What Wendy typed" in answer.text
    assert "What Sam saved" in answer.text


def test_a_stale_note_keeps_every_word(world, wendy, person):
    url = f"/visits/{person.draft.pk}/edit/"
    data = filled(inputs(wendy.get(url).text), note="A long note, typed on the bus.")
    with acting_as(world.riverside, by=world.wendy):
        Visit.objects.get(pk=person.draft.pk).save()
    assert "A long note, typed on the bus." in wendy.post(url, data).text


# --- All or nothing ---------------------------------------------------------------------------------------------------


def fail(*args, **kwargs):
    raise ZeroDivisionError("a fault in a view")


def test_after_a_fault_nothing_is_written(wendy, person, monkeypatch):
    url = f"/clients/{person.client.pk}/edit/"
    data = filled(inputs(wendy.get(url).text), chosen_name="Half")
    before, accesses, sent = everything(), AccessLog.objects.count(), Submission.objects.count()
    monkeypatch.setattr("clients.views.people.done", fail)
    assert wendy.post(url, data).status_code == 500
    assert changed(before, everything()) == []
    assert (AccessLog.objects.count(), Submission.objects.count()) == (accesses, sent)


def test_after_a_fault_the_same_form_may_be_sent_again(wendy, person, monkeypatch):
    url = f"/clients/{person.client.pk}/edit/"
    data = filled(inputs(wendy.get(url).text), chosen_name="Whole")
    with monkeypatch.context() as broken:
        broken.setattr("clients.views.people.done", fail)
        wendy.post(url, data)
    assert wendy.post(url, data).status_code == 302
    assert Client.objects.get(pk=person.client.pk).chosen_name == "Whole"


def test_a_fault_page_tells_nothing(wendy, person, monkeypatch):
    monkeypatch.setattr("casemgmt.workspace.views.record.timeline", fail)
    page = wendy.get(f"/clients/{person.client.pk}/")
    assert page.status_code == 500
    assert "CANARY" not in page.text
    assert "fault in a view" not in page.text


def test_without_a_row_in_the_access_log_there_is_no_page(wendy, monkeypatch):
    monkeypatch.setattr("clients.middleware.AccessTrail._write", fail)
    page = wendy.get("/clients/")
    assert page.status_code == 500
    assert "CANARY" not in page.text


def test_a_page_of_records_that_names_nobody_is_a_fault(wendy, monkeypatch):
    monkeypatch.setattr("clients.views.people.show", lambda *args: None)
    page = wendy.get("/clients/")
    assert page.status_code == 500
    assert "CANARY" not in page.text


def test_what_a_rule_refuses_is_said_in_its_words(world, person):
    """A button has no form to show: the sentence stands on a page of its own."""
    dana = Browser(login_of(world, "dana"))
    for _time in range(2):
        answer = dana.post(f"/emergencies/{person.emergency.pk}/review/", {"submit_key": uuid4()})
    assert answer.status_code == 409
    assert "This was reviewed already." in answer.text


def test_what_a_rule_refuses_stands_in_the_form_with_what_was_typed(wendy, person):
    url = f"/enrollments/{person.enrollment.pk}/move/"
    data = filled(inputs(wendy.get(url).text), stage="assessed", note="  ")
    answer = wendy.post(url, data)
    assert answer.status_code == 422
    assert "Going back a stage needs a reason." in answer.text


# --- The session ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes, status", [(-1, 200), (1, 302)])
def test_who_was_away_too_long_is_signed_out(wendy, minutes, status):
    assert wendy.get("/today/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=settings.SESSION_IDLE_MINUTES + minutes)):
        assert wendy.get("/today/").status_code == status


def test_who_works_on_stays_signed_in(wendy):
    start = timezone.now()
    for n in range(4):
        with time_machine.travel(start + timedelta(minutes=n * (settings.SESSION_IDLE_MINUTES - 5))):
            assert wendy.get("/clients/").status_code == 200


def test_a_day_of_work_ends_the_session_however_busy_it_was(wendy):
    start = timezone.now()
    hours = settings.SESSION_COOKIE_AGE // 3600
    for n in range(hours * 2 + 1):
        with time_machine.travel(start + timedelta(minutes=29 * n)):
            assert wendy.get("/referrals/new/").status_code == 200
    with time_machine.travel(start + timedelta(hours=hours, minutes=10)):
        assert wendy.get("/today/").status_code == 302


# --- Garbage is answered, never a fault -------------------------------------------------------------------------------

LONG = "long " * 40_000
NAUGHTY = "{{7*7}} <script>alert(1)</script> \u202eRTL\u202c e\u0301 👩🏽‍🚀 ' \" ; -- %s %00 \\x00 ￥ =1+1"
GARBAGE = [
    "\x00",
    "\ud800",
    NAUGHTY,
    LONG,
    "-1",
    "0",
    "9" * 40,
    "٣",
    "²",
    "9e99",
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    "2026-02-30T10:00:00+00:00",
    "a|" + "9" * 40,
    "\x00|1",
]

# Where a page reads its address, and under whose name. A test finds a parameter that is not here.
PARAMETERS = [
    ("clients:client-list", "q"),
    ("clients:client-list", "after"),
    ("clients:merge-find", "q"),
    ("clients:merge", "with"),
    ("clients:referral-create", "client"),
    ("clients:intake-create", "client"),
    ("clients:intake-create", "referral"),
    ("clients:household-join", "q"),
    ("clients:consent-give", "kind"),
    ("clients:consent-give", "renew"),
    ("clients:consent-give", "text"),
    ("clients:intake-decide", "program"),
    ("serviceplans:plan-print", "copy"),
    ("serviceplans:plan-print-whole", "copy"),
    ("serviceplans:plan-print", "format"),
    ("workspace:share", "part"),
    ("resources:resource-list", "page"),
    ("assessments:response-list", "enrollment"),
    ("assessments:response-list", "before"),
    ("assessments:response-answer", "part"),
    ("workspace:client", "enrollment"),
    ("workspace:client", "before"),
    ("workspace:client-history", "before"),
    ("workspace:notes-choose", "visit"),
    ("workspace:notes-print", "visit"),
    ("workspace:notes-print", "copy"),
    ("workspace:visit-log", "attempt"),
    ("workspace:visit-log", "planned"),
    ("workspace:visit-log", "with"),
    ("workspace:calendar", "view"),
    ("workspace:calendar", "on"),
    ("workspace:calendar", "of"),
    ("workspace:planned-pick", "on"),
    ("workspace:planned-create", "on"),
    ("workspace:snooze", "kind"),
    ("workspace:snooze", "subject"),
    ("serviceplans:need-left", "need"),
    ("serviceplans:goal-create", "need"),
    ("serviceplans:goal-create", "template"),
    ("serviceplans:referral-create", "need"),
    ("serviceplans:referral-create", "resource"),
    ("serviceplans:referral-create", "consent"),
    ("serviceplans:interruption-create", "planned"),
    ("serviceplans:interruption-create", "referral"),
    ("serviceplans:resource-find", "need"),
    ("serviceplans:resource-find", "q"),
    ("serviceplans:resource-find", "place"),
    ("serviceplans:resource-find", "page"),
    ("clients:consent-give", "to"),
    ("clients:consent-give", "next"),
    ("mentoring:activity-create", "kind"),
    ("interchange:import-detail", "page"),
    ("reports:outcomes", "start"),
    ("reports:outcomes", "end"),
    ("tcm:preview", "start"),
    ("tcm:preview", "end"),
    ("serviceplans:hours", "week"),
    ("serviceplans:billing-source", "start"),
    ("tcm:preview", "enrollment"),
    ("tcm:release", "start"),
    ("tcm:release", "enrollment"),
]
ROOT = Path(settings.BASE_DIR)


def test_every_parameter_that_a_page_reads_is_tried():
    read = {
        name
        for path in [*ROOT.glob("**/views.py"), *ROOT.glob("**/views/*.py")]
        if ".venv" not in path.parts
        for name in re.findall(r"""request\.GET\.get\(\s*["'](\w+)["']""", path.read_text())
    }
    assert read <= {parameter for _name, parameter in PARAMETERS}, "add them to PARAMETERS"


def somebody_for(world, name):
    """Who may open the page, and an address of it; a person's own is that of a short record, which is quick."""
    row = row_of(name)
    if row.of == "client":
        return Browser(login_of(world, "dana")), url_of(world, row, name, "nobody")
    who = next(who for who in ("wendy", "nia", "dana") if row.answers[who] == ".")
    return Browser(login_of(world, who)), url_of(world, row, name, "wendy")


def query(**parameters):
    return urlencode(parameters, errors="surrogatepass")


@pytest.mark.parametrize("name, parameter", PARAMETERS)
def test_garbage_in_an_address_is_no_fault(world, name, parameter):
    browser, url = somebody_for(world, name)
    other = {"start": "end", "end": "start"}.get(parameter)
    wrong = []
    for garbage in GARBAGE:
        asked = {parameter: garbage} | ({other: "2026-01-01"} if other else {})
        if len(garbage) > 10_000:  # a server's line is no longer; Django's own is
            asked[parameter] = garbage[:10_000]
        answer = browser.get(f"{url}?{query(**asked)}")
        if answer.status_code >= 500:
            wrong.append(f"{garbage[:40]!r}: {answer.exc_info[1]!r}"[:200])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("pk", [0, 2**31, 2**63 - 1, 2**63, 10**40])
def test_a_key_out_of_range_is_absent(wendy, pk):
    for name in (
        "workspace:client",
        "workspace:visit-log",
        "serviceplans:plan-detail",
        "workspace:visit-detail",
    ):
        assert wendy.get(reverse(name, kwargs={"pk": pk})).status_code == 404, name


TEXTS = {"text", "textarea", "email", "tel", "search", "url"}
NUMBERS, DATES, CHOICES = {"number"}, {"date", "time"}, {"select", "radio", "checkbox", "hidden"}
# Rounds: one kind of field gets garbage, all others what is plausible, so that a form gets as far as it can.
ROUNDS = [
    *((TEXTS, text) for text in ("\x00", "a\ud800b", NAUGHTY, LONG, "-1", "9" * 40)),
    *((DATES, text) for text in ("0001-01-01", "9999-12-31", "1899-12-31", "\x00", "25:61")),
    *((NUMBERS, text) for text in ("-1", "9e99", "NaN", "Infinity", "9" * 40, "1e-400", "\x00")),
    *((CHOICES, text) for text in ("\x00", "-1", "9" * 40, "\ud800", NAUGHTY)),
]
KEPT = {"submit_key", "version", "csrfmiddlewaretoken"}


def garbled(fields, kinds, garbage):
    return {
        name: garbage
        for name, found in fields.items()
        if found[0].get("type", "text") in kinds and name not in KEPT and not name.endswith("_FORMS")
    }


def faults(browser, url, fields):
    """Which rounds of garbage the form answers with a fault."""
    for kinds, garbage in ROUNDS:
        bad = garbled(fields, kinds, garbage)
        if not bad:
            continue
        data = filled(fields, **bad)
        if "submit_key" in data:
            data["submit_key"] = str(uuid4())
        with undone():
            answer = browser.post(url, encoded(data), content_type="application/x-www-form-urlencoded")
        if answer.status_code >= 500:
            yield f"{sorted(bad)[:6]} = {garbage[:20]!r}: {answer.exc_info and answer.exc_info[1]!r}"[:300]


def encoded(data):
    return urlencode(data, doseq=True, errors="surrogatepass")


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.name)
def test_garbage_in_a_form_is_no_fault(world, row):
    browser, url, _page, fields = form_of(world, row)
    browser.raise_request_exception = False
    wrong = list(faults(browser, url, fields))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ADMIN_FORMS)
def test_garbage_in_the_set_up_is_no_fault(world, name):
    browser, url, _page, fields = admin_form_of(world, name)
    browser.raise_request_exception = False
    wrong = list(faults(browser, url, fields))
    assert not wrong, "\n".join(wrong)


def test_a_note_is_kept_as_it_was_written_and_shown_as_text(wendy, person):
    url = f"/enrollments/{person.enrollment.pk}/visits/log/"
    said = {"note": NAUGHTY, "other_kind_1": None, "other_kind_2": None, "phrases": None}
    data = filled(inputs(wendy.get(url).text), **said)
    assert wendy.post(url, data).status_code == 302
    visit = Visit.objects.filter(enrollment=person.enrollment).latest("pk")
    assert visit.note == NAUGHTY
    page = wendy.get(f"/visits/{visit.pk}/").text
    assert escape(NAUGHTY) in page
    assert "<script>alert" not in page
