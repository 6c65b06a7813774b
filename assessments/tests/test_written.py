"""What an agency admin types becomes what the engine asks, and stands there the same when the page is opened again."""

import pytest

from assessments.shipped import shipped
from assessments.written import (
    Unreadable,
    bands_of,
    code_from,
    codes_of,
    next_code,
    options_of,
    questions_of,
    text_of_bands,
    text_of_codes,
    text_of_options,
)

TEN = [str(n) for n in range(1, 11)]


def test_a_number_before_an_answer_is_what_it_counts():
    assert options_of("0 = Never\n 1,5: Often \n\nDoes not apply") == [
        {"value": 0, "label": "Never"},
        {"value": 1.5, "label": "Often"},
        {"value": "Does not apply", "label": "Does not apply"},
    ]


def test_two_answers_that_count_the_same_stay_two_answers():
    values = [option["value"] for option in options_of("0 = No\n0 = Never asked")]
    assert values == [0, "Never asked"]


def test_an_answer_whose_words_stay_keeps_what_is_stored_for_it():
    known = [{"value": "LA6568-5", "label": "Not at all", "score": 0}]
    assert options_of("1 = Not at all", known) == [{"value": "LA6568-5", "label": "Not at all", "score": 1}]


@pytest.mark.parametrize("code", shipped())
def test_every_shipped_answer_is_written_and_read_the_same(code):
    for item in shipped()[code]["items"]:
        options = item.get("options", [])
        again = options_of(text_of_options(options), options)
        assert [o | {"score": o.get("score", o["value"])} for o in again] == [
            o | {"score": o.get("score", o["value"])} for o in options
        ]


@pytest.mark.parametrize(
    "text, codes",
    [
        ("1-6, 9", ["1", "2", "3", "4", "5", "6", "9"]),
        ("1 – 3; 5", ["1", "2", "3", "5"]),
        ("1 2 3", ["1", "2", "3"]),
        ("1-3 5", ["1", "2", "3", "5"]),
        ("2, 2", ["2"]),
        ("11, 3-1", ["11", "3-1"]),
        ("9-12", ["9", "10", "12"]),
        ("", []),
    ],
)
def test_questions_are_named_by_number_and_from_to(text, codes):
    assert codes_of(text, TEN) == codes


def test_a_code_with_a_hyphen_is_itself():
    assert codes_of("a-b, 2-3, c", ["a-b", "2-3", "c"]) == ["a-b", "2-3", "c"]


def test_from_to_means_the_numbers_in_whatever_order_they_stand():
    assert codes_of("1-3", ["3", "1", "2"]) == ["1", "2", "3"]
    assert text_of_codes(["1", "2", "4"], ["4", "1", "2"]) == "1-4"


@pytest.mark.parametrize("codes", [TEN, ["1", "2"], ["3", "4", "5", "9"], ["5", "4"], []])
def test_what_is_read_is_what_was_written(codes):
    assert codes_of(text_of_codes(codes, TEN), TEN) == codes


def test_bands_are_lines_with_how_grave_they_are():
    text = "0-4 = minimal (0)\n5–9 = mild\n10 = ten (3)\n-5--1 = below"
    bands = bands_of(text)
    assert bands == [
        {"low": 0, "high": 4, "label": "minimal", "severity": 0},
        {"low": 5, "high": 9, "label": "mild"},
        {"low": 10, "high": 10, "label": "ten", "severity": 3},
        {"low": -5, "high": -1, "label": "below"},
    ]
    assert bands_of(text_of_bands(bands)) == bands


@pytest.mark.parametrize("line", ["mild", "4-x = mild", "= mild", "1-2-3 = mild"])
def test_a_band_that_says_nothing_is_quoted(line):
    with pytest.raises(Unreadable, match=line):
        bands_of(line)


def test_pasted_questions_lose_the_numbers_before_them():
    assert questions_of("1. One?\n\n 2) Two?\n- Three?\n4 walls?") == ["One?", "Two?", "Three?", "4 walls?"]


def test_codes_are_made_once_and_never_twice():
    assert next_code([]) == "1"
    assert next_code(["1", "7", "q", "9" * 30]) == "8"
    assert code_from("How we feel", ["how-we-feel"]) == "how-we-feel-2"
    assert code_from("情緒", []) == "scale"
