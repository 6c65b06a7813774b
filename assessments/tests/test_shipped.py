"""What we ship can be read, scores as published, and holds nobody's copyrighted items (DOMAIN 3.2)."""

import json
from pathlib import Path

import pytest

from assessments.definition import read
from assessments.scoring import alerts, holds, score, suggested

FOLDER = Path(__file__).resolve().parents[1] / "instruments"
FILES = sorted(FOLDER.glob("*.json"))


def shipped(code):
    return read((FOLDER / f"{code.lower()}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shipped_instrument_is_well_formed_and_says_its_licence(path):
    definition = read(path.read_text(encoding="utf-8"))
    assert definition.notice
    assert definition.tier in ("A", "own")


def test_nothing_is_shipped_under_a_name_that_we_may_not_ship():
    names = {json.loads(path.read_text(encoding="utf-8"))["code"] for path in FILES}
    assert not names & {
        "COSE",
        "DLA-20",
        "CANS",
        "ANSA",
        "PRAPARE",
        "WHODAS",
        "MANSA",
        "CSQ-8",
        "LOCUS",
        "MBI",
        "JDI",
    }


@pytest.mark.parametrize(
    "code, values, value, band",
    [
        ("PHQ-9", [1] * 9, 9, "mild"),
        ("PHQ-9", [3, 3, 2, 1, 1, 0, 0, 0], 11.25, "moderate"),
        ("PHQ-9", [1] * 6, None, None),
        ("GAD-7", [2, 2, 1, 1, 2, 1, 1], 10, "moderate"),
    ],
)
def test_the_published_vectors(code, values, value, band):
    total = score(shipped(code), {str(n): v for n, v in enumerate(values, start=1)})["total"]
    assert (total.value, total.band and total.band.label) == (value, band)


def test_a_thought_of_self_harm_opens_the_safety_plan_at_once():
    found = alerts(shipped("PHQ-9"), {"9": 1})
    assert "safety_plan" in found[0].actions


def test_the_matrix_leaves_out_what_does_not_apply():
    matrix = shipped("SSM")
    answers = {item.code: 3 for item in matrix.items} | {i.code: "na" for i in matrix.items[:3]}
    assert score(matrix, answers)["mean"].value == 3
    assert len(matrix.items) == 17


def test_job_satisfaction_ranks_its_facets():
    facets = {"supervisor": 5, "coworkers": 4.5, "work": 4, "benefits": 3, "pay": 2}
    answers = {f"{f}{n}": round(v) for f, v in facets.items() for n in (1, 2)}
    scores = score(shipped("JSF"), answers)
    assert sorted(facets, key=lambda f: -scores[f].value)[-2:] == ["benefits", "pay"]


def test_helpfulness_is_asked_only_of_what_was_done():
    form = shipped("MAF")
    scores = score(form, {"SHADOW": 3, "SHADOW_HELP": 5, "OBSERVE": 0, "OBSERVE_HELP": 1})
    assert scores["helpful"].value == 5


def test_the_temperament_words_are_fifteen_boxes_of_four():
    boxes = shipped("TEMPERAMENT").items
    assert [len(box.options) for box in boxes] == [4] * 15


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
def test_what_does_not_apply_is_neither_more_nor_less_than_a_number(op):
    definition = shipped("ssm")
    rule = {"item": "food", "op": op, "value": 2}
    assert not holds(rule, {"food": "na"}, definition)


def test_what_is_in_crisis_or_vulnerable_points_at_a_need():
    said = {item.code: 4 for item in shipped("ssm").items} | {"food": 1, "mobility": 2, "legal": "na"}
    assert [row.domain for row in suggested(shipped("ssm"), said)] == ["food", "transport"]
