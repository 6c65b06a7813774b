"""What an answered questionnaire adds up to, as a page shows it."""

from types import SimpleNamespace

from assessments import results
from assessments.definition import parse
from assessments.models import scores_of
from assessments.shipped import shipped


def answered(code, answers):
    """An answered questionnaire without a database."""
    definition = parse(shipped()[code])
    version = SimpleNamespace(instrument=SimpleNamespace(code=code))
    return SimpleNamespace(
        definition=definition,
        answers=answers,
        said=answers,
        scores=scores_of(definition, answers),
        instrument_version=version,
        held_on=None,
    )


def phq(*values):
    return answered("PHQ-9", {str(n): value for n, value in enumerate(values, start=1)})


def boxes(letters):
    return answered("TEMPERAMENT", {str(n): letter for n, letter in enumerate(letters, start=1)})


def test_a_score_comes_with_its_band_and_its_place_on_the_bar():
    (total,) = results.results(phq(3, 3, 3, 1, 0, 0, 0, 0, 0))
    assert (total["value"], total["high"], total["band"], total["look"]) == (10, 27, "moderate", "warn")
    drawing = total["drawing"]
    assert drawing["at"] == round(10 / 27 * 100, 2)
    assert [band["label"] for band in drawing["bands"] if band["is_here"]] == ["moderate"]
    assert drawing["bands"][0]["x"] == 0
    assert sum(band["width"] for band in drawing["bands"]) > 99.9


def test_what_is_missing_is_told_from_what_does_not_apply():
    (total,) = results.results(phq(3, 3, 3, 1, 0, 0, 0, 0))
    assert (total["missing"], total["left_out"]) == (1, 0)
    definition = parse(shipped()["SSM"])
    answers = {item.code: "na" if n < 3 else 3 for n, item in enumerate(definition.items)}
    (mean,) = results.results(answered("SSM", answers))
    assert (mean["value"], mean["missing"], mean["left_out"]) == (3, 0, 3)


def test_a_change_within_chance_is_about_the_same():
    before = phq(3, 3, 3, 1, 0, 0, 0, 0, 0)
    now = results.results(phq(3, 3, 0, 0, 0, 0, 0, 0, 0), before)[0]["change"]
    assert now["label"] == "about the same"
    now = results.results(phq(3, 0, 0, 0, 0, 0, 0, 0, 0), before)[0]["change"]
    assert (now["code"], now["label"]) == ("better", "better, beyond chance")


def test_letters_are_counted_with_the_first_the_second_and_what_they_stand_for():
    (letters,) = results.results(boxes("HHHHHHHRRRRCCCV"))
    assert (letters["primary"], letters["secondary"], letters["is_tied"]) == ("H", "R", False)
    assert [str(profile.name) for _letter, profile in letters["profiles"]] == ["Hard drive"]


def test_a_tie_is_told_as_a_tie():
    (letters,) = results.results(boxes("RRRRRRCCCCCCHHV"))
    assert set(letters["primary"].split("/")) == {"R", "C"}
    assert letters["is_tied"]
    assert letters["secondary"] == ""
    assert len(letters["profiles"]) == 2


def test_without_every_box_there_is_no_letter():
    (letters,) = results.results(boxes("HHH"))
    assert (letters["primary"], letters["missing"], letters["profiles"]) == ("", 12, [])


def test_every_answer_stands_beside_the_one_before():
    before, now = phq(0, 3, 0, 0, 0, 0, 0, 0, 0), phq(0, 1, 0, 0, 0, 0, 0, 0, 0)
    rows = results.answers(now, before)[0]["rows"]
    changed = [(row["said"], row["was"]) for row in rows if row["is_changed"]]
    assert changed == [("Several days", "Nearly every day")]
