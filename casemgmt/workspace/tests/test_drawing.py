"""The arithmetic of the picture of change."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from assessments.definition import Band
from casemgmt.workspace.change.drawing import (
    BASE,
    INSET,
    LEFT,
    TOP,
    WIDTH,
    Happening,
    draw,
    letters,
    plain,
    time_shown,
)

DAY = date(2026, 1, 1)
PHQ = (
    Band(0, 4, "minimal", 0),
    Band(5, 9, "mild", 1),
    Band(10, 14, "moderate", 2),
    Band(15, 19, "moderately severe", 3),
    Band(20, 27, "severe", 4),
)


def picture(*points, days=300, **said):
    rows = [(DAY + timedelta(days=day), value) for day, value in points]
    end = DAY + timedelta(days=days)
    return draw([("Total", rows)], **({"start": DAY, "end": end, "span": (0, 27)} | said))


def test_days_are_as_far_apart_as_they_were():
    xs = [dot.x for dot in picture((0, 1), (30, 1), (300, 1)).lines[0].dots]
    assert xs[0] == LEFT + INSET
    assert round((xs[1] - xs[0]) * 10) == pytest.approx(xs[2] - xs[0], abs=1)


def test_a_single_day_stands_in_the_middle_of_no_time():
    assert picture((0, 3), days=0).lines[0].dots[0].x == (LEFT + INSET + picture((0, 3), days=0).right) / 2


def test_the_whole_scale_is_drawn_and_grows_with_a_value_outside_of_it():
    assert [text for _y, text in picture((0, 9)).numbers] == ["0", "13.5", "27"]
    assert picture((0, 0)).lines[0].dots[0].y == BASE
    assert picture((0, 27)).lines[0].dots[0].y == TOP
    assert picture((0, 30)).numbers[-1][1] == "30"


def test_equal_values_without_a_scale_have_room_around_them():
    assert TOP < picture((0, 5), (9, 5), span=None).lines[0].dots[0].y < BASE


def test_stretches_touch_and_fill_the_scale():
    stretches = picture((0, 9), bands=PHQ).stretches
    assert stretches[0].y + stretches[0].height == BASE
    assert stretches[-1].y == TOP
    for below, above in pairwise(stretches):
        assert above.y + above.height == pytest.approx(below.y)


def test_every_stretch_that_has_room_is_named_within_the_picture():
    drawn = picture((0, 9), bands=PHQ)
    said = [" ".join(text for _y, text in s.words) for s in drawn.stretches]
    assert said == ["minimal", "mild", "moderate", "moderately severe", "severe"]
    assert drawn.right + max(len(t) for s in drawn.stretches for _y, t in s.words) * 6.6 <= WIDTH
    narrow = picture((0, 9), span=(0, 100), bands=(Band(0, 1, "none"), Band(2, 100, "some")))
    assert narrow.stretches[0].words == ()


def test_a_long_name_is_cut():
    drawn = picture((0, 1), bands=(Band(0, 27, "extraordinarily-long-name of a stretch"),))
    assert all(len(text) <= 12 for _y, text in drawn.stretches[0].words)


def test_numbers_stand_on_no_other_number():
    crowd = picture(*((day, 10 + day % 3) for day in range(23)), days=23)
    said = [dot for dot in crowd.lines[0].dots if dot.text]
    assert 2 <= len(said) < 23
    for n, one in enumerate(said):
        for other in said[n + 1 :]:
            assert abs(one.x - other.x) > 8 or abs(one.text_y - other.text_y) >= 12


def test_of_two_hundred_values_the_ends_and_extremes_have_their_number():
    many = picture(*((day, 10 + (day == 77) * 9) for day in range(200)), days=200)
    dots = many.lines[0].dots
    assert len(dots) == 200
    assert [d.text for d in dots if d.text].count("19") == 1
    assert all(dots[at].text for at in (0, -1))
    assert sum(bool(d.text) for d in dots) <= 4
    assert dots[5].radius < dots[-1].radius


def test_two_raters_are_two_lines():
    points = [(DAY, 3), (DAY + timedelta(days=100), 1)]
    drawn = draw(
        [("Worker", points), ("Client", points)], start=DAY, end=DAY + timedelta(days=100), span=(0, 6)
    )
    assert [line.look for line in drawn.lines] == [0, 1]
    assert drawn.lines[1].dots[0].text_y > drawn.lines[0].dots[0].text_y


@pytest.mark.parametrize("days", [1, 20, 69, 71, 200, 366, 3650, 36500])
def test_a_few_days_are_named_below(days):
    ticks = picture((0, 1), days=days).ticks
    assert 1 <= len(ticks) <= 6
    assert all(LEFT <= x <= WIDTH for x, _day, _anchor in ticks)


def test_what_happened_is_marked_where_it_happened_and_nothing_outside():
    marks = picture(
        (0, 1),
        (300, 2),
        happened=[
            Happening(DAY + timedelta(days=150), "A", DAY + timedelta(days=180)),
            Happening(DAY - timedelta(days=9), "B"),
            Happening(DAY + timedelta(days=301), "1"),
            Happening(DAY - timedelta(days=9), "C", DAY + timedelta(days=30)),
        ],
    ).marks
    assert [m.sign for m in marks] == ["C", "A"]
    assert marks[0].x == LEFT + INSET
    assert marks[1].until_x > marks[1].x


def test_signs_that_would_stand_on_each_other_share_a_place():
    day = DAY + timedelta(days=9)
    happened = [Happening(day, sign) for sign in "ABCDE"]
    assert [m.sign for m in picture((0, 1), happened=happened[:2]).marks] == ["A,B", ""]
    assert picture((0, 1), happened=happened).marks[0].sign == "A…E"


def test_events_are_lettered_past_z():
    assert [letters(n) for n in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


def test_numbers_are_plain():
    assert [plain(n) for n in (9, 9.0, 11.25, 3.058824, 4.2, 0)] == ["9", "9", "11.25", "3.06", "4.2", "0"]


def test_all_pictures_run_from_the_first_day_to_today():
    assert time_shown([DAY, DAY + timedelta(days=50)], DAY + timedelta(days=90)) == (
        DAY,
        DAY + timedelta(days=90),
    )
    start, end = time_shown([DAY], DAY)
    assert (end - start).days == 28
