"""The pages on which questionnaires are begun, answered and read, with and without a script."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import asking
from assessments.definition import parse
from assessments.models import Answer, Concern, InstrumentVersion, Response, StaffResponse
from assessments.shipped import shipped, take_shipped
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client, refer
from casemgmt.tests.world import filled, inputs

EVERY_KIND = {
    "code": "KINDS",
    "title": "Every kind",
    "items": [
        {"code": "eats", "text": "Did you eat?", "kind": "yesno", "required": True},
        {
            "code": "what",
            "text": "What?",
            "kind": "multi",
            "options": [{"value": "a", "label": "Bread"}, {"value": "b", "label": "Soup"}],
            "show_if": {"item": "eats", "op": "=", "value": 1},
        },
        {"code": "n", "text": "How many times?", "kind": "number", "low": 0, "high": 9},
        {"code": "when", "text": "Since when?", "kind": "date"},
        {"code": "how", "text": "How was it?", "kind": "text"},
        {"code": "good", "text": "How good?", "kind": "scale"},
        {"code": "far", "text": "How far?", "kind": "scale", "low": 0, "high": 100},
        {"code": "note", "text": "Thank you.", "kind": "info"},
    ],
}


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside, language="Spanish"), cast.ccm, cast.wendy)


@pytest.fixture
def wendy(as_):
    return as_("wendy")


def publish(cast, code, **differs):
    with acting_as(cast.riverside, by=cast.wendy):
        if code in shipped() and not differs:
            return take_shipped(cast.riverside, [code])[0]
        version = InstrumentVersion.take_in(
            cast.riverside, (shipped().get(code) or EVERY_KIND) | differs | {"code": code}
        )
        version.publish()
        return version


def begun(cast, enrolled, version, **said):
    with acting_as(cast.riverside, by=cast.wendy):
        row = Response.begin(version, enrolled.client, enrollment=enrolled, by=cast.wendy)
        for code, value in said.items():
            row.say(code.removeprefix("q"), value, by=cast.wendy)
        return row


def answered(cast, enrolled, version, *, days_ago=0, **said):
    row = begun(cast, enrolled, version, **said)
    with acting_as(cast.riverside, by=cast.wendy):
        row.held_on = timezone.localdate() - timedelta(days=days_ago)
        row.save()
        row.complete(by=cast.wendy)
    return row


def phq(**other):
    return {f"q{n}": 0 for n in range(1, 10)} | other


def address(name, row):
    return reverse(f"assessments:{name}", kwargs={"pk": row.pk})


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


def send(browser, row, part=1, own=False, **said):
    """Send a screen as a browser without a script would: what stands there, and `said` by index of the question."""
    url = f"{address('own-answer' if own else 'response-answer', row)}?part={part}"
    fields = inputs(browser.get(url).text)
    data = {name: v for name, found in fields.items() if (v := _stands(found)) not in (None, [])}
    go = said.pop("go", "next")
    return browser.post(url, data | {"go": go} | {name.replace("_", "-"): v for name, v in said.items()})


def _stands(found):
    if found[0].get("type") in ("radio", "checkbox"):
        ticked = [one["value"] for one in found if "checked" in one]
        return ticked if found[0]["type"] == "checkbox" else (ticked or [None])[0]
    if found[0].get("type") == "select":
        return next((value for value, chosen in found[0]["options"] if chosen), None)
    return found[0].get("value", "").strip("\n")


def say(browser, row, code, *values, name="response-say"):
    return browser.post(address(name, row), {"code": code, "value": values})


# --- Beginning ------------------------------------------------------------------------------------------------------


def test_one_tap_begins_and_a_second_goes_on(cast, enrolled, wendy):
    version = publish(cast, "PHQ-9")
    page = wendy.get(address("response-list", enrolled.client))
    assert "Patient Health Questionnaire" in page.text
    sent = {"version": version.pk, "enrollment": enrolled.pk}
    url = address("response-begin", enrolled.client)
    first = wendy.post(url, sent | {"submit_key": uuid.uuid4()})
    assert first.status_code == 302
    second = wendy.post(url, sent | {"submit_key": uuid.uuid4()})
    assert second.headers["Location"] == first.headers["Location"]
    assert Response.objects.get().enrollment == enrolled


@pytest.mark.parametrize("version", ["", "x", "0", "9" * 40, "\x00"])
def test_what_is_no_questionnaire_is_not_begun(cast, enrolled, wendy, version):
    url = address("response-begin", enrolled.client)
    assert wendy.post(url, {"version": version, "submit_key": uuid.uuid4()}).status_code == 302
    assert not Response.objects.exists()


def test_a_withdrawn_version_is_not_begun(cast, enrolled, wendy):
    version = publish(cast, "PHQ-9")
    with acting_as(cast.riverside, by=None):
        version.withdraw()
    assert "(PHQ-9)" not in wendy.get(address("response-list", enrolled.client)).text
    sent = {"version": version.pk, "submit_key": uuid.uuid4()}
    assert wendy.post(address("response-begin", enrolled.client), sent).status_code == 409


def test_the_clients_language_comes_first(cast, enrolled, wendy):
    publish(cast, "QOL")
    spanish = publish(cast, "QOL", language="es", title="Calidad de vida")
    page = wendy.get(address("response-list", enrolled.client)).text
    assert page.index(f'value="{spanish.pk}"') < page.index(">English<")
    assert ">español<" in page


def test_whoever_is_served_twice_is_asked_in_one_of_the_two(cast, enrolled, wendy):
    publish(cast, "PHQ-9")
    other = enroll(enrolled.client, cast.act, cast.wendy)
    page = wendy.get(address("response-list", enrolled.client), {"enrollment": enrolled.pk}).text
    assert f"?enrollment={other.pk}" in page
    assert f'name="enrollment" value="{enrolled.pk}"' in page
    assert f'name="enrollment" value="{other.pk}"' not in page


def test_somebody_who_is_not_enrolled_is_asked_all_the_same(cast, wendy):
    version = publish(cast, "PHQ-9")
    client = make_client(cast.riverside)
    refer(client, assigned_to=cast.wendy)
    sent = {"version": version.pk, "submit_key": uuid.uuid4()}
    answer = wendy.post(address("response-begin", client), sent)
    assert answer.headers["Location"] == address("response-answer", Response.objects.get(enrollment=None))


def test_an_enrollment_of_somebody_else_is_refused(cast, enrolled, wendy):
    version, other = publish(cast, "PHQ-9"), make_client(cast.riverside)
    enroll(other, cast.ccm, cast.wendy)
    sent = {"version": version.pk, "enrollment": enrolled.pk, "submit_key": uuid.uuid4()}
    assert wendy.post(address("response-begin", other), sent).headers["Location"] == address(
        "response-list", other
    )
    assert not Response.objects.exists()


def test_answered_questionnaires_come_with_score_band_and_who(cast, enrolled, wendy):
    answered(cast, enrolled, publish(cast, "PHQ-9"), **phq(q1=3, q2=3, q3=3, q4=2))
    page = wendy.get(address("response-list", enrolled.client)).text
    assert "moderate" in page
    assert ">11<" in page
    assert cast.wendy.name in page


def test_who_may_only_read_begins_nothing(cast, enrolled, as_):
    version = publish(cast, "PHQ-9")
    quinn = as_("quinn")
    assert "response-begin" not in quinn.get(address("response-list", enrolled.client)).text
    sent = {"version": version.pk, "submit_key": uuid.uuid4()}
    assert quinn.post(address("response-begin", enrolled.client), sent).status_code == 403


# --- Answering with a script ------------------------------------------------------------------------------------------


def test_an_answer_is_kept_and_what_hangs_on_it_is_told(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "KINDS"))
    reply = say(wendy, row, "eats", "0").json()
    assert (reply["hidden"], reply["answered"], reply["asked"]) == (["q-1"], 1, 6)
    reply = say(wendy, row, "eats", "1").json()
    assert (reply["hidden"], reply["asked"]) == ([], 7)
    say(wendy, row, "what", "b", "a")
    assert fresh(row).said == {"eats": 1, "what": ["a", "b"]}
    assert {a.by for a in Answer.objects.all()} == {cast.wendy}


def test_a_safety_answer_shows_the_way_to_help_at_once(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "PHQ-9"))
    assert say(wendy, row, "1", "3").json()["alarm"] == ""
    alarm = say(wendy, row, "9", "1").json()["alarm"]
    assert reverse("clients:safety", kwargs={"pk": enrolled.client_id}) in alarm
    assert Concern.objects.get().text.split(":")[0] in alarm
    assert "Safety plan" in wendy.get(address("response-answer", row)).text


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("", ""),
        ("nothing", "1"),
        ("\x00", "1"),
        ("eats", "7"),
        ("eats", "\x00"),
        ("n", "ten"),
        ("n", "9" * 400),
        ("when", "2026-02-30"),
        ("when", "\ud800"),
        ("what", "c"),
        ("good", "NaN"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(cast, enrolled, wendy, code, value):
    row = begun(cast, enrolled, publish(cast, "KINDS"))
    url = address("response-say", row)
    coded = f"code={code.replace(chr(0), '%00')}&value={value.replace(chr(0), '%00').replace(chr(0xD800), '%ED%A0%80')}"
    answer = wendy.post(url, coded, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert not Answer.objects.exists()


def test_a_text_keeps_everything_but_what_no_database_takes(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "KINDS"))
    assert say(wendy, row, "how", "Fine\x00. <b>").status_code == 200
    assert fresh(row).said == {"how": "Fine. <b>"}
    assert "Fine. &lt;b&gt;" in wendy.get(address("response-answer", row)).text


def test_a_finished_questionnaire_takes_no_answer(cast, enrolled, wendy):
    row = answered(cast, enrolled, publish(cast, "PHQ-9"), **phq())
    reply = say(wendy, row, "1", "3")
    assert reply.status_code == 422
    assert "finished" in reply.json()["error"]


# --- Answering without a script ---------------------------------------------------------------------------------------


def test_one_screen_is_sent_and_finished(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "PHQ-9"))
    answer = send(wendy, row, go="finish", **{f"q_{n}": "1" for n in range(9)})
    assert answer.headers["Location"] == address("response-detail", row)
    row = fresh(row)
    assert row.scores["total"]["value"] == 9
    assert row.signed_at
    assert Concern.objects.filter(response=row).exists()


def test_what_is_wrong_comes_back_and_everything_else_is_kept(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "KINDS"))
    answer = send(wendy, row, q_0="1", q_1=["a", "b"], q_2="ninety", q_4="Good enough.", q_5="7")
    assert answer.status_code == 422
    assert "ninety" in answer.text
    assert "Write a number." in answer.text
    assert fresh(row).said == {"eats": 1, "what": ["a", "b"], "how": "Good enough.", "good": 7}


def test_a_text_beyond_all_measure_stays_on_the_page(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "KINDS"))
    long = "x" * 1_000_000
    answer = send(wendy, row, q_0="1", q_4=long)
    assert answer.status_code == 422
    assert long in answer.text
    assert "10,000" in answer.text
    assert fresh(row).said == {"eats": 1}
    kept = inputs(answer.text)
    again = wendy.post(f"{address('response-answer', row)}?part=1", filled(kept, go="next"))
    assert again.status_code == 422, "what could not be kept is refused again, not forgotten"


def test_what_is_missing_is_marked(cast, enrolled, wendy):
    items = [{"text": f"Question {n}", "kind": "yesno", "required": True} for n in range(9)]
    row = begun(cast, enrolled, publish(cast, "NINE", title="Nine", items=items))
    answer = send(wendy, row, go="finish", q_0="1")
    assert answer.status_code == 422
    assert "8 questions still need an answer" in answer.text
    assert answer.text.count("This needs an answer.") == 8, "beside each"
    assert fresh(row).said == {"1": 1}


def test_whoever_declines_a_question_that_counts_finishes_all_the_same(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "PHQ-9"))
    said = {f"q_{n}": "1" for n in range(6)} | {"q_6": "2", "q_7": "2"}
    answer = send(wendy, row, go="finish", **said)
    assert answer.status_code == 422
    assert "One question that counts has no answer" in answer.text
    assert answer.text.count("No answer yet.") == 1, "beside it"
    assert not fresh(row).is_complete
    answer = send(wendy, row, go="finish", anyway="1")
    assert answer.headers["Location"] == address("response-detail", row)
    total = fresh(row).scores["total"]
    assert (total["value"], total["missing"]) == (11.25, 1)
    assert "1 missing" in wendy.get(answer.headers["Location"]).text


def test_a_question_that_an_answer_opens_is_shown_before_the_end(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "KINDS"))
    answer = send(wendy, row, go="finish", q_0="1")
    assert answer.headers["Location"].endswith("?part=1#div_q-1")
    answer = send(wendy, row, go="finish", q_1=["a"])
    assert answer.headers["Location"] == address("response-detail", row)


def test_choosing_nothing_more_takes_the_choices_back(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "KINDS"), eats=1, what=["a"], how="Well.")
    send(wendy, row, q_1=[], q_4="")
    assert fresh(row).said == {"eats": 1}


def test_a_second_tab_overwrites_only_what_was_touched_in_it(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "KINDS"), eats=1, how="Well.")
    url = f"{address('response-answer', row)}?part=1"
    stale = {
        name: v for name, f in inputs(wendy.get(url).text).items() if (v := _stands(f)) not in (None, [])
    }
    say(wendy, row, "how", "Better.")
    wendy.post(url, stale | {"q-2": "4", "go": "next"})
    assert fresh(row).said == {"eats": 1, "how": "Better.", "n": 4}


def test_a_long_questionnaire_comes_in_parts(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "SSM"))
    page = wendy.get(address("response-answer", row)).text
    assert 'value="next"' in page
    assert 'value="finish"' not in page
    answer = send(wendy, row, q_0="1")
    assert answer.headers["Location"].endswith("?part=2")
    last = wendy.get(answer.headers["Location"]).text
    assert 'value="finish"' in last
    assert 'value="back"' in last
    assert send(wendy, row, part=2, go="back").headers["Location"].endswith("?part=1")
    assert send(wendy, row, part=2, go="finish").status_code == 422
    done = send(wendy, row, part=2, go="finish", anyway="1")
    assert done.headers["Location"] == address("response-detail", row)
    assert fresh(row).scores["mean"]["value"] == 1


def test_whoever_finishes_is_led_to_the_part_where_an_answer_is_missing(cast, enrolled, wendy):
    items = [{"text": f"Question {n}", "kind": "yesno", "required": n == 0} for n in range(20)]
    row = begun(cast, enrolled, publish(cast, "TWENTY", title="Twenty", items=items))
    answer = send(wendy, row, part=2, go="finish", q_12="1")
    assert answer.status_code == 422
    assert 'action="?part=1"' in answer.text
    assert "This needs an answer." in answer.text
    assert fresh(row).said == {"13": 1}


def test_when_and_how_are_kept_with_the_answers(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "QOL"))
    day = timezone.localdate() - timedelta(days=2)
    fields = inputs(wendy.get(address("response-answer", row)).text)
    told = {"held_on": day, "mode": "phone", "informant": "family", "informant_name": "Her sister"}
    answer = wendy.post(address("response-answer", row), filled(fields) | told | {"go": "later"})
    assert answer.headers["Location"] == address("response-list", enrolled.client)
    row = fresh(row)
    assert (row.held_on, row.mode, row.informant_name) == (day, "phone", "Her sister")


def test_a_day_before_the_birth_is_refused_beside_the_field(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "QOL"))
    fields = inputs(wendy.get(address("response-answer", row)).text)
    answer = wendy.post(
        address("response-answer", row), filled(fields) | {"held_on": "1800-01-01", "go": "later"}
    )
    assert answer.status_code == 422
    assert "too long ago" in answer.text


def test_a_day_to_come_is_refused_beside_the_field(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "QOL"))
    tomorrow = timezone.localdate() + timedelta(days=1)
    fields = inputs(wendy.get(address("response-answer", row)).text)
    sent = filled(fields) | {"q-0": "5", "held_on": tomorrow, "go": "finish"}
    answer = wendy.post(address("response-answer", row), sent)
    assert answer.status_code == 422
    assert "still to come" in answer.text
    assert fresh(row).said["life"] == 5


def test_finishing_twice_leads_to_the_result(cast, enrolled, wendy):
    row = answered(cast, enrolled, publish(cast, "PHQ-9"), **phq())
    answer = wendy.post(address("response-answer", row), {"go": "finish"})
    assert answer.headers["Location"] == address("response-detail", row)
    assert wendy.get(address("response-answer", row)).status_code == 302


def test_a_version_withdrawn_on_the_way_is_finished(cast, enrolled, wendy):
    version = publish(cast, "PHQ-9")
    row = begun(cast, enrolled, version)
    with acting_as(cast.riverside, by=None):
        version.withdraw()
    assert "This version was withdrawn on" in wendy.get(address("response-answer", row)).text
    assert send(wendy, row, go="finish", **{f"q_{n}": "0" for n in range(9)}).status_code == 302


@pytest.mark.parametrize("part", ["0", "3", "-1", "9" * 40, "x", "²"])
def test_a_part_that_is_none_is_the_first(cast, enrolled, wendy, part):
    row = begun(cast, enrolled, publish(cast, "SSM"))
    assert 'name="q-0"' in wendy.get(address("response-answer", row), {"part": part}).text


@pytest.mark.parametrize("pk", [0, 2**63, 10**40])
def test_a_key_that_is_none_is_absent(wendy, pk):
    for name in ("response-detail", "response-answer", "own-answer", "own-detail", "response-list"):
        assert wendy.get(reverse(f"assessments:{name}", kwargs={"pk": pk})).status_code == 404
    for name in ("response-say", "own-say", "response-begin"):
        assert wendy.post(reverse(f"assessments:{name}", kwargs={"pk": pk})).status_code == 404


# --- Beside last time -----------------------------------------------------------------------------------------------


def test_the_answer_of_last_time_stands_beside_the_question(cast, enrolled, wendy):
    version = publish(cast, "KINDS")
    answered(cast, enrolled, version, days_ago=9, eats=1, how="Cold.", what=["a", "b"])
    page = wendy.get(address("response-answer", begun(cast, enrolled, version))).text
    assert "Yes" in page
    assert ": Bread, Soup" in page
    assert json.dumps("Cold.").replace('"', "&quot;") in page


def test_the_result_tells_how_it_moved(cast, enrolled, wendy):
    version = publish(cast, "PHQ-9")
    answered(cast, enrolled, version, days_ago=30, **phq(q1=3, q2=3, q3=3, q4=3))
    row = answered(cast, enrolled, version, **phq(q1=1, q2=3))
    page = wendy.get(address("response-detail", row)).text
    assert "better, beyond chance" in page
    assert "last time 12" in page
    assert "was: Nearly every day" in page
    assert "not a diagnosis" in page
    assert cast.wendy.name in page


def test_a_draft_is_read_as_a_draft(cast, enrolled, wendy):
    row = begun(cast, enrolled, publish(cast, "PHQ-9"), q1=2)
    page = wendy.get(address("response-detail", row)).text
    assert "Not finished" in page
    assert "More than half the days" in page


# --- About oneself ----------------------------------------------------------------------------------------------------


def test_staff_answer_about_themselves_and_nobody_else_reads_it(cast, wendy, as_):
    version = publish(cast, "TEMPERAMENT")
    assert "How we work together" in wendy.get(reverse("assessments:own-list")).text
    sent = {"version": version.pk, "submit_key": uuid.uuid4()}
    wendy.post(reverse("assessments:own-begin"), sent)
    row = StaffResponse.objects.get()
    assert say(wendy, row, "1", "H", name="own-say").json()["answered"] == 1
    letters = "HHHHHHHRRRRCCCV"
    send(wendy, row, own=True, **{f"q_{n}": letters[n] for n in range(8)})
    answer = send(wendy, row, part=2, own=True, go="finish", **{f"q_{n}": letters[n] for n in range(8, 15)})
    page = wendy.get(answer.headers["Location"]).text
    assert "Hard drive" in page
    for heading in ("Brings", "Watch-outs", "Works best", "Grows"):
        assert heading in page
    assert "Only you see your answers" in page
    for name in ("sam", "dana", "ada", "olive"):
        for url in (address("own-detail", row), address("own-answer", row)):
            assert as_(name).get(url).status_code == 404


def test_the_words_of_a_box_stand_in_an_order_of_ones_own():
    told = parse(shipped()["TEMPERAMENT"])
    order = lambda seed: [  # noqa: E731
        [option.value for option in question.options]
        for part in asking.parts(told, {}, shuffle=seed)
        for question in part["questions"]
    ]
    assert order(1) == order(1)
    assert order(1) != order(2)
    assert {tuple(sorted(box)) for box in order(1)} == {("C", "H", "R", "V")}


# --- As many statements, however much there is ------------------------------------------------------------------------


def statements(act):
    with CaptureQueriesContext(connection) as asked:
        assert act().status_code == 200
    return len(asked)


def test_a_long_form_asks_no_more_with_more_history(cast, enrolled, wendy):
    raw = {
        "title": "Forty",
        "items": [{"text": f"Question {n}", "kind": "scale"} for n in range(40)],
    }
    version = publish(cast, "FORTY", **raw)
    answered(cast, enrolled, version, days_ago=50, q1=3)
    row = begun(cast, enrolled, version, q1=1)
    pages = {
        "list": lambda: wendy.get(address("response-list", enrolled.client)),
        "form": lambda: wendy.get(address("response-answer", row)),
        "say": lambda: say(wendy, row, "2", str(next(numbers))),
    }
    numbers = iter(range(10))
    pages["list"]()  # the first page of a session asks more
    few = {name: statements(act) for name, act in pages.items()}
    with acting_as(cast.riverside, by=cast.wendy):
        for n in range(3, 40):
            row.say(str(n), n % 10, by=cast.wendy)
    other = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    for n in range(1, 4):
        past = begun(cast, other, version, q1=n)
        with acting_as(cast.riverside, by=cast.wendy):
            past.client, past.enrollment, past.held_on = enrolled.client, None, timezone.localdate()
            past.held_on -= timedelta(days=n)
            past.save()
            past.complete(by=cast.wendy)
    assert {name: statements(act) for name, act in pages.items()} == few
