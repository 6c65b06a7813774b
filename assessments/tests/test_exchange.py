"""Questionnaires come in from files and go out to files by command; a bad file is refused by item, nothing written."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessments.definition import parse, read
from assessments.fhir import questionnaire, read_questionnaire
from assessments.models import Instrument, InstrumentVersion
from assessments.shipped import shipped, take_shipped
from casemgmt.agencies.models import Agency, acting_as

TINY = {
    "code": "TINY",
    "title": "How it went",
    "options": [{"value": 0, "label": "Badly"}, {"value": 1, "label": "Well"}],
    "items": [{"code": "1", "text": "The morning"}, {"code": "2", "text": "The evening"}],
    "scales": [{"code": "total", "title": "Total", "items": ["1", "2"]}],
}


@pytest.fixture
def agency(db):
    return Agency.objects.create(name="Harbor House", slug="harbor")


@pytest.fixture
def file(tmp_path):
    def write(said):
        path = tmp_path / "file.json"
        path.write_bytes(said if isinstance(said, bytes) else json.dumps(said).encode())
        return str(path)

    return write


@pytest.fixture
def run(capsys):
    def command(*args, **options):
        call_command(*args, **options)
        return capsys.readouterr().out

    return command


def refused(*args, **options):
    with pytest.raises(CommandError) as error:
        call_command(*args, **options)
    return error.value.returncode, str(error.value)


def versions():
    return [(v.instrument.code, v.edition, v.is_draft) for v in InstrumentVersion.objects.order_by("pk")]


def test_a_file_becomes_a_draft_and_with_publish_is_answered(agency, file, run):
    assert "2 items, 1 scales" in run("import_instrument", file(TINY))
    assert versions() == [("TINY", "1", True)]
    run("import_instrument", file(TINY), publish=True)
    assert versions() == [("TINY", "1", False)]


def test_the_same_file_again_changes_nothing(agency, file, run):
    run("import_instrument", file(TINY), publish=True)
    before = InstrumentVersion.history.count(), Instrument.history.count()
    assert "unchanged" in run("import_instrument", file(TINY), publish=True)
    assert before == (InstrumentVersion.history.count(), Instrument.history.count())


def test_what_is_published_is_never_replaced_but_may_become_a_new_version(agency, file, run):
    run("import_instrument", file(TINY), publish=True)
    other = file(TINY | {"title": "How it went today"})
    code, said = refused("import_instrument", other)
    assert (code, "new number" in said) == (1, True)
    run("import_instrument", other, edition="2", publish=True)
    assert versions() == [("TINY", "1", False), ("TINY", "2", False)]


def test_a_trial_run_writes_nothing(agency, file, run):
    assert "Nothing was written" in run("import_instrument", file(TINY), dry_run=True, publish=True)
    assert versions() == []
    assert not Instrument.objects.exists()


def choice(code, **more):
    return {"code": code, "text": "Text"} | more


def waits_for(code):
    return {"item": code, "op": "answered"}


@pytest.mark.parametrize(
    "said, says",
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<html>", "not JSON"),
        (json.dumps(TINY).encode("utf-16"), "UTF-8"),
        (json.dumps(TINY).encode("utf-16-le"), "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[" * 100 + b"]" * 100, "nested too deeply"),
        (b"[]", "an object"),
        ({"resourceType": "Bundle", "entry": []}, "Bundle"),
        ({"resourceType": "Questionnaire"}, "no items"),
        (TINY | {"items": [choice("a"), choice("a")], "scales": []}, "item a: This code is used twice."),
        (TINY | {"items": [choice(str(n)) for n in range(5000)]}, "5000 items"),
        (TINY | {"scales": [{"code": "s", "items": ["9"]}]}, "scale s: There is no item 9."),
        (
            TINY | {"items": [choice("1", show_if=waits_for("2")), choice("2", show_if=waits_for("1"))]},
            "wait for each other",
        ),
        (TINY | {"reassess_days": 10**400}, "too large"),
        (json.dumps(TINY).replace('"value": 1', '"value": 1e999').encode(), "too large"),
        (json.dumps(TINY).replace('"value": 1', '"value": NaN').encode(), "too large"),
        (b" " * 1_000_001, "1 MB"),
    ],
)
def test_a_bad_file_is_refused_in_words_and_nothing_is_written(agency, file, said, says):
    code, sentence = refused("import_instrument", file(said))
    assert code == 1
    assert says in sentence
    assert not Instrument.objects.exists()


def test_each_fault_has_its_line(agency, file):
    items = [choice("a", kind="riddle"), choice("b", kind="riddle")]
    _code, said = refused("import_instrument", file(TINY | {"items": items, "scales": []}))
    assert [line.split(":")[0] for line in said.split("\n")] == ["item a", "item b"]


def test_a_mark_at_the_beginning_of_a_windows_file_does_no_harm(agency, file, run):
    run("import_instrument", file(b"\xef\xbb\xbf" + json.dumps(TINY).encode()))
    assert versions() == [("TINY", "1", True)]


def test_what_no_database_keeps_is_left_out(agency, file, run):
    run("import_instrument", file(TINY | {"notice": "Free\x00 \ud800"}))
    assert InstrumentVersion.objects.get().definition["notice"] == "Free ?"


def test_it_goes_to_the_agency_that_is_named_and_else_to_all(agency, file, run):
    Agency.objects.create(name="Mill Street", slug="mill")
    assert refused("import_instrument", file(TINY), agency="nowhere")[0] == 2
    run("import_instrument", file(TINY), agency="mill")
    assert InstrumentVersion.objects.get().agency.slug == "mill"
    said = run("import_instrument", file(TINY))
    assert "harbor: " in said
    assert "mill: " in said
    assert {row.agency.slug for row in InstrumentVersion.objects.all()} == {"harbor", "mill"}


def test_what_one_agency_refuses_another_still_takes(agency, file, run):
    Agency.objects.create(name="Mill Street", slug="mill")
    run("import_instrument", file(TINY), agency="mill", publish=True)
    code, said = refused("import_instrument", file(TINY | {"title": "Changed"}))
    assert (code, said.startswith("mill: ")) == (1, True)
    titles = {row.agency.slug: row.definition["title"] for row in InstrumentVersion.objects.all()}
    assert titles == {"harbor": "Changed", "mill": TINY["title"]}


def test_there_is_something_to_take(agency):
    assert refused("import_instrument")[0] == 2
    assert refused("import_instrument", "/no/such/file")[0] == 2


def test_what_comes_with_the_product_is_taken_once(agency, run):
    assert "PHQ-9" in run("import_instrument", shipped=True)
    assert len(versions()) == len(shipped())
    assert not any(is_draft for _code, _edition, is_draft in versions())
    count = InstrumentVersion.history.count()
    assert "taken" not in run("import_instrument", shipped=True)
    assert InstrumentVersion.history.count() == count


def test_what_an_agency_made_of_a_shipped_one_stays(agency, file, run):
    run("import_instrument", file(TINY | {"code": "CF-5"}))
    run("import_instrument", shipped=True)
    kept = InstrumentVersion.objects.get(instrument__code="CF-5")
    assert (kept.definition["title"], kept.is_draft) == (TINY["title"], True)


@pytest.fixture
def taken(agency):
    with acting_as(agency, by=None):
        return take_shipped(agency, ["MAF"])[0]


def test_our_own_format_goes_out_as_it_stands(taken, run):
    assert json.loads(run("export_instrument", "MAF")) == taken.definition


def test_what_goes_out_as_fhir_comes_in_the_same(taken, tmp_path, run):
    path = tmp_path / "out.json"
    run("export_instrument", "MAF", format="fhir", output=str(path))
    run("import_instrument", str(path), edition="again", publish=True)
    again = InstrumentVersion.objects.get(edition="again")
    assert parse(again.definition | {"version": taken.edition}) == taken.parsed


def test_nothing_goes_out_of_what_is_not_there(agency, tmp_path):
    assert refused("export_instrument", "NONE")[0] == 2


def test_a_file_that_cannot_be_written_is_named(taken, tmp_path):
    code, said = refused("export_instrument", "MAF", output=str(tmp_path))
    assert (code, str(tmp_path) in said) == (2, True)


def test_the_example_in_the_manual_is_a_questionnaire():
    manual = Path(__file__).resolve().parents[2] / "docs" / "instruments.md"
    example = re.search(r"```json\n(.*?)```", manual.read_text(encoding="utf-8"), re.S)[1]
    told = read(example)
    assert read_questionnaire(questionnaire(told))[0] == told


def test_every_sample_comes_in_by_command_and_can_be_published(agency, sample_data, run):
    for path in sorted((sample_data / "instruments").glob("*.json")):
        assert "items" in run("import_instrument", str(path), publish=True), path.name
    assert len(versions()) == 11
    phq4 = InstrumentVersion.objects.get(definition__source_url__endswith="69724-3").parsed
    assert [item.kind for item in phq4.items] == ["single"] * 4
