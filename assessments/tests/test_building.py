"""An agency admin builds a questionnaire without a developer."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from assessments.building import Page
from assessments.definition import parse
from assessments.exchange import from_file
from assessments.models import Instrument, InstrumentVersion, Response
from assessments.shipped import shipped
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client
from casemgmt.tests.world import Forms

TWELVE = "\n".join(f"{n}. How was part {n} of the week?" for n in range(1, 13))


def sent(page):
    """What a browser sends of this page."""
    data = MultiValueDict()

    def put(form):
        for field in form:
            value = field.value()
            if value is None or value == "" or value is False:
                continue
            values = value if isinstance(value, list) else ["on" if value is True else value]
            data.setlist(field.html_name, [str(one) for one in values])

    for form in (page.whole, *(rows.management_form for rows in page.sets.values())):
        put(form)
    for rows in page.sets.values():
        for form in rows:
            put(form)
    return data


def through_the_forms(raw, **changes):
    version = InstrumentVersion(definition=raw, edition=raw["version"], language=raw.get("language", "en"))
    data = sent(Page.of(version, None))
    for name, value in changes.items():
        data[name] = value
    page = Page.of(version, None, data)
    page.is_valid()
    return page.definition()[0]


@pytest.mark.parametrize("code", shipped())
def test_opening_and_saving_changes_nothing_of_what_is_asked(code):
    raw = shipped()[code]
    assert parse(through_the_forms(raw)) == parse(raw)


def test_opening_and_saving_changes_nothing_of_a_file(sample_data):
    for path in sorted((sample_data / "instruments").glob("*.json")):
        raw, _left_out = from_file(path.read_bytes())
        assert parse(through_the_forms(raw)) == parse(raw), path.name


def test_a_file_may_leave_out_codes_and_labels():
    items = [
        {"text": 1, "options": [{"value": 1}, {"value": 2, "label": 5}]},
        {"code": 2, "text": "Two", "kind": "text"},
    ]
    raw = {"code": "X", "version": "1", "title": 7, "items": items, "scales": [{"code": 3, "items": [1]}]}
    assert parse(through_the_forms(raw)) == parse(raw)


def test_a_condition_of_several_parts_stays_until_somebody_chooses_another():
    rule = {"any": [{"item": "1", "op": "=", "value": 1}, {"item": "2", "op": "=", "value": 1}]}
    items = [{"code": str(n), "text": "Well?", "kind": "yesno"} for n in (1, 2)]
    raw = {
        "code": "X",
        "version": "1",
        "title": "X",
        "items": [*items, {"code": "3", "text": "Why?", "kind": "text", "show_if": rule}],
    }
    assert through_the_forms(raw)["items"][2]["show_if"] == rule
    changed = through_the_forms(raw, **{"item-2-subject": "item:1", "item-2-op": "=", "item-2-value": "yes"})
    assert changed["items"][2]["show_if"] == {"item": "1", "op": "=", "value": 1}


def test_a_question_moves_to_the_place_that_is_asked_for_and_keeps_its_code():
    raw = shipped()["PHQ-9"]
    moved = through_the_forms(raw, **{"item-8-place": "1"})
    assert [item["code"] for item in moved["items"]] == ["9", *map(str, range(1, 9))]
    assert moved["scales"] == through_the_forms(raw)["scales"]


@pytest.mark.parametrize(
    ("place", "order"), [("1", "213456789"), ("4", "134256789"), ("9", "134567892"), ("99", "134567892")]
)
def test_a_question_stands_where_it_was_moved_to(place, order):
    moved = through_the_forms(shipped()["PHQ-9"], **{"item-1-place": place})
    assert [item["code"] for item in moved["items"]] == list(order)


def test_the_number_of_a_question_taken_out_is_never_given_again():
    without = through_the_forms(shipped()["PHQ-9"], **{"item-8-remove": "on"})
    again = through_the_forms(without, paste="Another?")
    assert again["items"][-1]["code"] == "10"


def test_a_question_taken_out_is_missed_where_it_counts():
    raw = through_the_forms(shipped()["PHQ-9"], **{"item-0-remove": "on"})
    assert len(raw["items"]) == 8
    assert raw["scales"][0]["items"][0] == "1", "the fault is shown at the score"


# --- The page ---------------------------------------------------------------------------------------------------------


def stands(html):
    """What stands in the largest form of a page, as a browser would send it back."""
    fields, data = max(Forms(html).forms, key=len), {}
    for name, found in fields.items():
        if "__prefix__" in name:
            continue
        kind = found[0].get("type", "text")
        if kind in ("checkbox", "radio"):
            values = [one.get("value", "on") for one in found if "checked" in one]
        elif kind == "select":
            values = [value for value, selected in found[0]["options"] if selected] or [
                found[0]["options"][0][0]
            ]
        else:
            values = [found[0].get("value", "").removeprefix("\n")]
        if values:
            data[name] = values
    return data


@pytest.fixture
def ada(as_):
    return as_("ada")


def url(version, verb="change"):
    return reverse(f"admin:assessments_instrumentversion_{verb}", args=[version.pk])


def save(browser, version, button="save", **said):
    """Open the page, type, press a button."""
    address = url(version)
    data = stands(browser.get(f"{address}?rows=3").text)
    return browser.post(
        address, data | {name.replace("__", "-"): v for name, v in said.items()} | {button: "1"}
    )


@pytest.fixture
def draft(ada):
    add = reverse("admin:assessments_instrument_add")
    said = {"title": "How the week went", "code": "WEEK", "audience": "client"}
    ada.post(add, stands(ada.get(add).text) | said)
    return InstrumentVersion.objects.get(instrument__code="WEEK")


FIRST = {
    "shared": "0 = Badly\n1 = So so\n2 = Well",
    "paste": TWELVE,
    "paste_kind": "matrix",
    "scale__0__title": "Body",
    "scale__0__items": "1-6",
    "scale__0__bands": "0-5 = low (2)\n6-12 = high (0)",
    "scale__1__title": "Mind",
    "scale__1__items": "7-11, 12",
    "scale__1__method": "mean",
    "scale__1__higher_is": "better",
    "scale__TOTAL_FORMS": "2",
}


def test_twelve_questions_with_two_scores_are_built_published_answered_and_scored(cast, ada, draft):
    assert save(ada, draft, **FIRST).status_code == 302
    save(ada, draft, alert__0__subject="item:12", alert__0__value="Badly", alert__0__text="Ask why.")
    draft.refresh_from_db()
    assert draft.faults == []
    answer = save(ada, draft, "publish")
    assert answer.url == url(draft, "publish")
    ada.post(answer.url, stands(ada.get(answer.url).text))
    draft.refresh_from_db()
    assert not draft.is_draft
    with acting_as(cast.riverside, by=cast.wendy):
        enrolled = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
        row = Response.begin(draft, enrolled.client, enrollment=enrolled, by=cast.wendy)
        for code in row.definition.by_code:
            row.say(code, 2 if int(code) < 7 else 0, by=cast.wendy)
        row.complete(by=cast.wendy)
    assert row.scores["body"]["value"] == 12
    assert row.scores["body"]["band"] == "high"
    assert row.scores["mind"]["value"] == 0
    assert [concern.text for concern in row.concerns.all()] == ["Ask why."]


def test_codes_stay_when_questions_are_added_and_taken_out(ada, draft):
    save(ada, draft, **FIRST)
    save(ada, draft, item__2__remove="on", paste="One more?", scale__0__items="1-2, 4-6")
    draft.refresh_from_db()
    assert [item["code"] for item in draft.definition["items"]] == ["1", "2", *map(str, range(4, 14))]
    assert [scale["code"] for scale in draft.definition["scales"]] == ["body", "mind"]


def test_a_draft_is_kept_faulty_and_says_beside_each_row_what_is_wrong(ada, draft):
    said = FIRST | {"scale__0__items": "1-6, 99", "item__0__text": "", "item__0__group": "Part one"}
    assert save(ada, draft, **said).status_code == 302
    page = ada.get(url(draft)).text
    problems = dict(re.findall(r'id="problems-([\w-]+)">(.*?)</ul>', page, re.S))
    assert "There is no question 99." in problems["scale-0"]
    assert "Write what it says." in problems["item-0"]
    assert save(ada, draft, "publish").url == url(draft), "it cannot be published"
    draft.refresh_from_db()
    assert draft.is_draft


UNFIT = [
    ({"title": "a\x00b"}, "title"),
    ({"title": ""}, "title"),
    ({"title": "x" * 10_000}, "title"),
    ({"instructions": "x" * 1_000_000}, "instructions"),
    ({"paste": "Well?\n" * 5000}, "paste"),
    ({"paste": "Well?\n" * 101}, "paste"),
    ({"shared": "0 = x\n" * 300}, "shared"),
    ({"edition": "?" * 50}, "edition"),
    ({"reassess_days": "99999999999999999999999"}, "reassess_days"),
    ({"scale-0-title": "S", "scale-0-bands": "mild"}, "scale-0-bands"),
    ({"scale-0-title": "S", "scale-0-least": "x"}, "scale-0-least"),
    ({"item-0-text": "W", "item-0-low": "1e400"}, "item-0-low"),
    ({"item-0-text": "W", "item-0-low": "nan"}, "item-0-low"),
    ({"item-0-text": "W", "item-0-subject": "item:999"}, "item-0-subject"),
    ({"item-0-text": "W", "item-0-code": "c" * 200}, "has at most 100 characters"),
    ({"item-0-text": "W", "item-0-place": str(2**70)}, "item-0-place"),
    ({"alert-0-actions": "dance", "alert-0-text": "W"}, "dance is not one of"),
    ({"alert-0-actions": [], "alert-0-text": "W"}, "alert-0-actions"),
    ({"item-TOTAL_FORMS": "900"}, "at most 100 forms"),
    ({"item-TOTAL_FORMS": "x"}, "ManagementForm"),
]


def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(ada, draft):
    stood = stands(ada.get(url(draft)).text) | {"notice": "Typed words"}
    faults = []
    for said, where in UNFIT:
        answer = ada.post(url(draft), stood | said)
        told = f'id_{where}_error"' in answer.text or where in answer.text
        if answer.status_code != 422 or not told or "Typed words" not in answer.text:
            faults.append(f"{where}: {answer.status_code}, said: {told}")
        shown = ada.post(url(draft, "preview"), stood | said, headers={"HX-Request": "true"})
        faults += [f"{where}: preview {shown.status_code}"] * (shown.status_code != 200)
    assert not faults, "\n".join(faults)
    assert InstrumentVersion.objects.get(pk=draft.pk).definition == draft.definition


def test_a_hundred_questions_fit_on_the_page(ada, draft):
    said = {"shared": "0 = No\n1 = Yes", "paste": "\n".join(f"Part {n}?" for n in range(100))}
    assert save(ada, draft, **said).status_code == 302
    data = stands(ada.get(url(draft)).text)
    assert len(data) < 1500
    assert ada.post(url(draft), data | {"item-99-required": "on"}).status_code == 302
    draft.refresh_from_db()
    assert draft.parsed.items[99].required


def test_more_questions_than_fit_are_shown_and_published_all_the_same(cast, ada):
    items = [{"text": f"Part {n}?", "kind": "yesno"} for n in range(101)]
    with acting_as(cast.riverside, by=cast.ada):
        long = InstrumentVersion.take_in(cast.riverside, {"code": "LONG", "title": "Long", "items": items})
    assert "take it from a file" in ada.get(url(long)).text
    ada.post(url(long, "publish"), stands(ada.get(url(long, "publish")).text))
    long.refresh_from_db()
    assert not long.is_draft


def test_questions_that_wait_for_each_other_are_named(ada, draft):
    save(ada, draft, **FIRST)
    save(
        ada,
        draft,
        item__0__subject="item:2",
        item__0__op="answered",
        item__1__subject="item:1",
        item__1__op="answered",
    )
    page = ada.get(url(draft)).text
    assert "These wait for each other" in page
    assert "How was part 1 of the week?" in page


def test_the_same_code_sent_twice_is_named(ada, draft):
    save(ada, draft, **FIRST)
    save(ada, draft, item__1__code="1")
    assert "This code is used twice." in ada.get(url(draft)).text


def test_the_preview_shows_what_is_typed_and_adds_up_what_is_tried(ada, draft):
    data = stands(ada.get(url(draft)).text) | {n.replace("__", "-"): v for n, v in FIRST.items()}
    tries = {f"try-q-{n}": "2" for n in range(6)}
    answer = ada.post(url(draft, "preview"), data | tries, headers={"HX-Request": "true"})
    assert "How was part 12 of the week?" in answer.text
    assert re.search(r"<dt>Body</dt><dd><b>12</b> high", answer.text)
    assert "6 answers are missing" in answer.text
    draft.refresh_from_db()
    assert draft.definition["items"] == [], "nothing is kept"


def test_somebody_elses_save_is_not_overwritten(cast, ada, draft):
    data = stands(ada.get(url(draft)).text)
    save(ada, draft, **FIRST)
    answer = ada.post(url(draft), data | {"title": "Mine"})
    assert answer.status_code == 409
    assert "Mine" in answer.text


def test_what_is_published_is_shown_and_withdrawn_and_goes_on_as_a_new_version(ada, cast):
    version = InstrumentVersion.objects.get(agency=cast.riverside, instrument__code="PHQ-9")
    page = ada.get(url(version)).text
    assert "never changes" in page
    assert ada.post(url(version), stands(page) | {"title": "Other"}).status_code == 200
    add = f"{reverse('admin:assessments_instrumentversion_add')}?instrument={version.instrument_id}&edition=2"
    answer = ada.post(add, stands(ada.get(add).text))
    newer = InstrumentVersion.objects.get(instrument=version.instrument_id, edition="2")
    assert answer.url == url(newer)
    assert newer.definition == version.definition | {"version": "2", "language": "en"}
    ada.post(url(version, "withdraw"), stands(ada.get(url(version, "withdraw")).text))
    version.refresh_from_db()
    assert version.is_withdrawn


def test_the_history_tells_what_changed_part_by_part(ada, draft):
    save(ada, draft, **FIRST)
    save(ada, draft, item__2__text="How was Wednesday?")
    page = ada.get(url(draft, "history")).text
    assert "items 3 text: <del>How was part 3 of the week?</del> → <ins>How was Wednesday?</ins>" in page
    assert "{&#x27;" not in page


def test_a_questionnaire_is_renamed_with_its_first_draft_until_it_is_published(ada, draft):
    save(ada, draft, **FIRST, title="The week")
    assert Instrument.objects.get(pk=draft.instrument_id).title == "The week"
    draft.refresh_from_db()
    draft.publish()
    newer = InstrumentVersion(instrument=draft.instrument, edition="2", definition=draft.definition)
    newer.save()
    save(ada, newer, title="My week")
    assert Instrument.objects.get(pk=draft.instrument_id).title == "The week"


def test_a_version_that_is_taken_is_refused_beside_its_number(ada, draft):
    InstrumentVersion(instrument=draft.instrument, edition="2", definition={}).save()
    answer = save(ada, draft, edition="2")
    assert answer.status_code == 422
    assert "There is a version of this number" in answer.text


@pytest.mark.parametrize("query", ["", "?format=fhir"])
def test_what_is_downloaded_can_be_taken_in_again(ada, cast, query):
    version = InstrumentVersion.objects.get(agency=cast.riverside, instrument__code="PHQ-9")
    answer = ada.get(url(version, "download") + query)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="phq-9-1-en.json"'
    assert parse(from_file(answer.content)[0]) == version.parsed


def test_a_faulty_draft_is_no_fhir_file_yet(ada, draft):
    assert ada.get(url(draft, "download")).status_code == 200
    assert ada.get(url(draft, "download") + "?format=fhir").url == url(draft)


def test_files_and_ours_are_taken_on_a_page(ada, cast, draft):
    take = reverse("admin:assessments_instrument_take")
    data = stands(ada.get(take).text)
    raw = shipped()["CF-5"] | {"code": "CF-6", "version": "7"}
    file = SimpleUploadedFile("cf.json", json.dumps(raw).encode())
    answer = ada.post(take, data | {"file": file})
    taken = InstrumentVersion.objects.get(instrument__code="CF-6")
    assert answer.url == url(taken)
    assert taken.edition == "7"


def test_a_bad_file_is_refused_beside_the_field(ada, draft):
    take = reverse("admin:assessments_instrument_take")
    stood = stands(ada.get(take).text)
    for content in (b"x", b"{}", b"\xff\xfe", b"[" * 5000, b'{"resourceType": "Bundle"}', b" " * 1_100_000):
        answer = ada.post(take, stood | {"file": SimpleUploadedFile("x.json", content), "code": "Typed"})
        assert answer.status_code == 422
        assert "Typed" in answer.text


@pytest.mark.parametrize("who, status", [("ada", 200), ("wendy", 403), ("sam", 403), ("dana", 403)])
def test_only_who_sets_the_agency_up_builds(as_, cast, who, status):
    version = InstrumentVersion.objects.get(agency=cast.riverside, instrument__code="PHQ-9")
    for verb in ("change", "preview", "publish", "withdraw"):
        assert as_(who).get(url(version, verb)).status_code == status
