"""FHIR Questionnaires come in whole or are refused by item, and what we give out can be taken in again."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.definition import Malformed, parse
from assessments.fhir import (
    ORDINAL,
    OUR_ITEM,
    OURS,
    in_our_format,
    questionnaire,
    read_questionnaire,
    response,
)
from assessments.scoring import score
from assessments.shipped import shipped


def option(code, points):
    return {
        "extension": [{"url": ORDINAL, "valueDecimal": points}],
        "valueCoding": {"code": code, "display": code},
    }


def choice(link, **more):
    answers = [option("no", 0), option("some", 0), option("much", 2)]
    return {"linkId": link, "type": "choice", "text": f"Text of {link}", "answerOption": answers} | more


def resource(*items, **more):
    return {"resourceType": "Questionnaire", "name": "Mine", "title": "Mine", "item": list(items)} | more


def test_answers_of_equal_points_stay_different_answers():
    found, _left = read_questionnaire(resource(choice("a"), choice("b")))
    assert score(found, {"a": "some", "b": "much"})["total"].value == 2


def test_a_group_shows_its_items_together_and_hides_them_together():
    rule = {"question": "a", "operator": "=", "answerCoding": {"code": "much"}}
    group = {"linkId": "g", "type": "group", "text": "More", "enableWhen": [rule], "item": [choice("b")]}
    found, _left = read_questionnaire(resource(choice("a"), group))
    assert found.by_code["b"].group == "More"
    assert found.by_code["b"].show_if == {"item": "a", "op": "=", "value": "much"}


def test_a_sum_over_named_items_becomes_a_scale():
    path = "%resource.item.where(linkId in ('a'|'b')).answer.valueCoding.extension.where(url='ordinalValue').sum()"
    total = {
        "linkId": "sum",
        "type": "integer",
        "readOnly": True,
        "text": "Sum",
        "extension": [{"url": "x/calculatedExpression", "valueExpression": {"expression": path}}],
    }
    found, _left = read_questionnaire(resource(choice("a"), choice("b"), choice("c"), total))
    assert [(s.code, s.items) for s in found.scales] == [("sum", ("a", "b"))]
    assert "sum" not in found.by_code


@pytest.mark.parametrize(
    "item, says",
    [
        ({"type": "choice"}, "linkId"),
        ({"linkId": "x", "type": "attachment"}, "attachment"),
        ({"linkId": "x", "type": "choice", "answerValueSet": "http://elsewhere"}, "http://elsewhere"),
        ({"linkId": "x", "type": ["choice"]}, "choice"),
        (choice("x", enableWhen=[{"operator": "~"}]), "enableWhen"),
        (choice("x", enableWhen=[{"operator": ["="]}]), "enableWhen"),
        (choice("x", enableWhen=[{"question": "nobody", "operator": "=", "answerString": "1"}]), "nobody"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_item(item, says):
    with pytest.raises(Malformed) as refused:
        read_questionnaire(resource(item))
    assert says in str(refused.value)


def test_what_goes_out_comes_in_again():
    first, _left = read_questionnaire(resource(choice("a", required=True), choice("b", repeats=True)))
    again, _left = read_questionnaire(json.loads(json.dumps(questionnaire(first))))
    assert again.items == first.items


def test_everything_that_the_shipped_ones_hold_goes_out_and_comes_in_again():
    for raw in shipped().values():
        first = parse(raw)
        again, left_out = read_questionnaire(json.loads(json.dumps(questionnaire(first))))
        assert (again, left_out) == (first, [])


def test_a_condition_beyond_fhir_survives_the_way_through_it():
    rule = {"not": {"any": [{"item": "1", "op": "=", "value": 1}, {"item": "2", "op": "answered"}]}}
    items = [{"code": str(n), "text": "Well?", "kind": "yesno"} for n in (1, 2)]
    first = parse(
        {"code": "X", "title": "X", "items": [*items, {"text": "Why?", "kind": "text", "show_if": rule}]}
    )
    again, _left = read_questionnaire(questionnaire(first))
    assert again == first


def test_what_another_program_changed_wins_over_what_we_wrote():
    rule = {"item": "1", "op": "=", "value": 1}
    items = [{"text": "Well?", "kind": "yesno"}, {"text": "Why?", "kind": "text", "show_if": rule}]
    out = questionnaire(parse({"code": "X", "title": "X", "items": items}))
    out["item"][1]["enableWhen"][0]["answerDecimal"] = 0
    out["item"][1]["text"] = "Why not?"
    again, _left = read_questionnaire(out)
    assert again.items[1].show_if["value"] == 0
    assert again.items[1].text == "Why not?"


@pytest.mark.parametrize(
    "said", ["", "[", "[1]", '{"scales": 5, "tier": {}}', '{"values": 5, "low": "x", "kind": 1}']
)
def test_extensions_of_ours_that_somebody_broke_break_nothing(said):
    more = {"extension": [{"url": url, "valueString": said} for url in (OURS, OUR_ITEM)]}
    with suppress(Malformed):
        read_questionnaire(resource(choice("a", **more), **more))


def test_what_no_database_keeps_does_not_come_in_through_an_extension_of_ours():
    said = '{"needs": [{"when": {"item": "a", "op": "=", "value": "\\u0000"}, "domain": "housing"}]}'
    plain, _left = in_our_format(resource(choice("a"), extension=[{"url": OURS, "valueString": said}]))
    assert "\x00" not in str(plain)
    assert plain["needs"][0]["when"]["value"] == ""


def test_a_calculation_that_cannot_be_read_is_none():
    total = {
        "linkId": "t",
        "type": "integer",
        "extension": [{"url": "calculatedExpression", "valueExpression": [1]}],
    }
    found, _left = read_questionnaire(resource(choice("a"), total))
    assert list(found.by_code) == ["a", "t"]


def test_a_total_is_counted_and_not_asked_even_where_the_file_does_not_say_so():
    answers = [
        {"valueCoding": {"code": c, "display": c}} for c in ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")
    ]
    asked = [{"linkId": link, "type": "choice", "text": link, "answerOption": answers} for link in "ab"]
    total = {"linkId": "sum", "type": "decimal", "text": "Mine, total score"}
    found, left_out = read_questionnaire(resource(*asked, total))
    assert list(found.by_code) == ["a", "b"]
    assert "sum" in left_out[0]
    assert score(found, {"a": "LA6570-1", "b": "LA6571-9"})["sum"].value == 5


def test_a_number_that_is_no_total_is_asked():
    found, _left = read_questionnaire(
        resource(choice("a"), choice("b"), {"linkId": "n", "type": "integer", "text": "How many children?"})
    )
    assert "n" in found.by_code


def test_a_response_names_the_version_and_the_answers():
    found, _left = read_questionnaire(resource(choice("a"), version="3"))
    told = response(found, {"a": "much"})
    assert told["questionnaire"].endswith("|3")
    assert told["item"][0]["answer"] == [{"valueCoding": {"code": "much", "display": "much"}}]


def test_every_sample_comes_in(sample_data):
    files = sorted((sample_data / "instruments").glob("*.json"))
    assert len(files) == 11
    for path in files:
        found, _left = read_questionnaire(json.loads(path.read_text(encoding="utf-8")))
        assert found.items, path.name


keys = st.sampled_from(
    ["linkId", "type", "text", "item", "answerOption", "valueCoding", "code", "enableWhen", "extension"]
)
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.sampled_from(["choice", "group", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)


@given(st.lists(values, max_size=3))
def test_no_questionnaire_breaks_it(items):
    with suppress(Malformed):
        read_questionnaire(resource(*items))
