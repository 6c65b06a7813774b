"""FHIR Questionnaires come in whole or are refused by item, and what we give out can be taken in again."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.definition import Malformed
from assessments.fhir import ORDINAL, questionnaire, read_questionnaire, response
from assessments.scoring import score


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
        (choice("x", enableWhen=[{"operator": "~"}]), "enableWhen"),
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
