"""Questions as rows: on which screen, under which heading, and what of a sent form was touched."""

from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.utils import timezone

from assessments import asking
from assessments.definition import parse
from assessments.shipped import shipped


def told(*items):
    return parse(
        {"code": "X", "title": "X", "items": [{"kind": "text", "text": "?"} | item for item in items]}
    )


@pytest.mark.parametrize(
    ("code", "sizes"),
    [("PHQ-9", [9]), ("CORE-INTAKE", [12]), ("SSM", [9, 8]), ("TEMPERAMENT", [8, 7])],
)
def test_no_screen_asks_more_than_a_dozen(code, sizes):
    screens = asking.screens(asking.parts(parse(shipped()[code]), {}))
    assert [sum(len(part["questions"]) for part in screen) for screen in screens] == sizes


def test_short_parts_share_a_screen_and_long_ones_are_halved():
    groups = ["a"] * 4 + ["b"] * 5 + ["c"] * 14 + ["d"]
    screens = asking.screens(asking.parts(told(*({"group": g} for g in groups)), {}))
    found = [[(part["title"], len(part["questions"])) for part in screen] for screen in screens]
    assert found == [[("a", 4), ("b", 5)], [("c", 7)], [("c", 7), ("d", 1)]]


def test_only_what_was_touched_is_taken():
    definition = told({}, {}, {"kind": "multi", "options": [{"value": "a"}, {"value": "b"}]})
    shown = asking.parts(definition, {"1": "Well.", "3": ["a"]})[0]["questions"]
    data = QueryDict(mutable=True)
    for question, values in zip(shown, (["Well."], ["New."], []), strict=True):
        data[f"{question.name}-was"] = question.was
        data.setlist(question.name, values)
    assert asking.sent(definition, data) == {"2": "New.", "3": []}


def test_an_answer_that_was_left_alone_in_a_group_of_buttons_is_not_taken_back():
    definition = parse(shipped()["PHQ-9"])
    data = QueryDict(mutable=True)
    data["q-0-was"] = asking.mark(2)
    assert asking.sent(definition, data) == {}


def test_last_time_speaks_in_the_words_of_its_own_version():
    earlier = told({"kind": "single", "options": [{"value": 1, "label": "Now and then"}]})
    now = told({"kind": "single", "options": [{"value": 2, "label": "Often"}]})
    before = SimpleNamespace(
        definition=earlier, answers={"1": 1}, held_on=timezone.localdate().replace(day=3, month=1)
    )
    (question,) = asking.parts(now, {}, before=before)[0]["questions"]
    assert question.last_time == "Last time, 3 Jan: Now and then"
    assert question.same == "", "only what can be typed is taken again"


def test_a_name_before_every_input_keeps_two_forms_apart():
    (question,) = asking.parts(told({}), {}, names="preview-")[0]["questions"]
    assert question.name == "preview-q-0"
