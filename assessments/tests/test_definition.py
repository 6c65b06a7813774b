"""A malformed instrument is refused item by item, in words, and never half taken."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.definition import Malformed, is_number, parse, read

YES_NO = [{"value": 1, "label": "Yes"}, {"value": 0, "label": "No"}]

LETTERS = {"code": "s", "items": ["a"], "method": "letters"}
SAID = {"item": "a", "op": "=", "value": 1}


def items(*codes, **more):
    return [{"code": c, "text": "Text", "options": YES_NO} | more for c in codes]


def faults(raw):
    with pytest.raises(Malformed) as error:
        parse({"code": "T", "title": "T"} | raw)
    return [f"{where}: {what}" for where, what in error.value.faults]


@pytest.mark.parametrize(
    "raw, says",
    [
        ({"items": []}, "no items"),
        ({"items": items("a", "a")}, "item a: This code is used twice."),
        (
            {"items": items("a"), "scales": [{"code": "s", "items": ["a", "zz"]}]},
            "scale s: There is no item zz.",
        ),
        ({"items": items(*map(str, range(5000)))}, "5000 items"),
        ({"items": items("a", show_if={"item": "nobody", "op": "=", "value": 1})}, "nobody"),
        ({"items": items("a", show_if={"item": "a", "op": "=", "value": 1})}, "wait for each other"),
        ({"items": items("a", kind="riddle")}, "“kind”"),
        ({"items": items("a", options=[])}, "nothing to choose"),
        ({"items": items("a", options=[{"value": 1}, {"value": 1}])}, "stands twice"),
        ({"items": items("a", kind="text", reverse=True)}, "reverse"),
        ({"items": items("a", kind="text"), "scales": [{"code": "s", "items": ["a"]}]}, "no numbers"),
        (
            {"items": items("a"), "alerts": [{"when": {"item": "b", "op": ">", "value": 0}, "text": "x"}]},
            "alert 1",
        ),
        ({"items": items("a", kind="multi"), "scales": [LETTERS]}, "scale s: Item a is not one choice"),
        ({"items": "many"}, "“items” is a list"),
        ({"items": items("a"), "audience": "dogs"}, "“audience”"),
    ],
)
def test_each_fault_is_named_by_item(raw, says):
    assert any(says in fault for fault in faults(raw)), faults(raw)


@pytest.mark.parametrize(
    "rule",
    [
        {"not": None},
        {"all": [None]},
        {"all": []},
        {"all": [SAID], "any": [SAID]},
        SAID | {"not": SAID},
        SAID | {"scale": []},
        [],
        "always",
    ],
)
def test_a_condition_says_one_thing_and_all_of_it(rule):
    assert faults({"items": items("a") + items("b", show_if=rule)}) == [
        "item b: The condition cannot be read."
    ]


def test_items_that_wait_for_each_other_are_named_as_a_circle():
    a = items("a", show_if={"item": "b", "op": "=", "value": 1})
    b = items("b", show_if={"item": "c", "op": "=", "value": 1})
    c = items("c", show_if={"item": "a", "op": "=", "value": 1})
    assert "→" in faults({"items": a + b + c})[0]


def test_bands_that_overlap_are_refused():
    bands = [{"low": 0, "high": 5, "label": "low"}, {"low": 5, "high": 9, "label": "high"}]
    assert (
        "overlap"
        in faults({"items": items("a"), "scales": [{"code": "s", "items": ["a"], "bands": bands}]})[0]
    )


def test_every_fault_is_told_at_once():
    assert len(faults({"items": items("a", "a") + items("b", kind="riddle")})) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"items": [[]]}', "[" * 100_000])
def test_what_is_no_instrument_is_refused_in_words(text):
    with pytest.raises(Malformed):
        read(text)


def test_items_without_answers_of_their_own_take_the_shared_ones():
    asked = [{"code": "a", "text": "A"}, {"code": "b", "text": "B", "kind": "yesno"}]
    told = parse({"code": "T", "title": "T", "options": [{"value": 7, "label": "Seven"}], "items": asked})
    assert told.by_code["a"].values == [7]
    assert told.by_code["b"].values == [1, 0]


def test_a_fault_in_the_shared_answers_is_said_once():
    said = faults({"options": [{"value": 1}, {"value": 1}], "items": [{"text": "A"}, {"text": "B"}]})
    assert said == ["instrument: The value 1 stands twice."]


def test_a_number_beyond_counting_is_none():
    assert not is_number(10**400)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "code",
                    "title",
                    "items",
                    "text",
                    "kind",
                    "options",
                    "value",
                    "label",
                    "scales",
                    "bands",
                    "low",
                    "high",
                    "alerts",
                    "when",
                    "item",
                    "op",
                    "show_if",
                    "all",
                    "not",
                    "method",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(json_values)
def test_no_json_breaks_it(raw):
    with suppress(Malformed):
        parse(json.loads(json.dumps(raw)))
