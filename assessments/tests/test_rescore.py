import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments.management.commands.rescore import _Run
from assessments.models import Response
from assessments.shipped import take_shipped
from casemgmt.agencies.models import acting_as
from casemgmt.core.models import update_many
from casemgmt.demo.builders import enroll, make_client


@pytest.fixture
def answered(cast):
    cache.clear()
    enrolled = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        (version,) = take_shipped(cast.riverside, ["PHQ-2"])
        rows = []
        for n in range(5):
            row = Response.begin(version, enrolled.client, enrollment=enrolled, by=cast.wendy)
            row.say("1", n % 4)
            row.say("2", 1)
            row.complete(by=cast.wendy)
            rows.append(row)
        for row in rows[:3]:
            row.scores = {"total": {"value": 99}}
        update_many(Response, rows[:3], ["scores"])
    return rows


def totals(cast):
    with acting_as(cast.riverside, by=None):
        return [row.scores["total"]["value"] for row in Response.objects.order_by("pk")]


def test_what_differs_is_scored_again_with_its_history(cast, answered, capsys):
    call_command("rescore", "--batch", "2")
    assert totals(cast) == [1, 2, 3, 4, 1]
    assert "5 scored again, 3 came out differently." in capsys.readouterr().out
    last = answered[0].history.first()
    assert last.history_change_reason == "Scored again from the answers."
    assert answered[4].history.count() < answered[0].history.count()


def test_a_dry_run_writes_nothing(cast, answered, capsys):
    call_command("rescore", "--dry-run", "--agency", "riverside")
    assert totals(cast)[:3] == [99, 99, 99]
    assert "3 came out differently" in capsys.readouterr().out


def test_it_goes_on_where_it_was_interrupted(cast, answered, monkeypatch, capsys):
    score, calls = _Run._score, []

    def dies_at_the_second_batch(self, rows):
        calls.append(len(rows))
        if len(calls) == 2:
            raise KeyboardInterrupt
        score(self, rows)

    monkeypatch.setattr(_Run, "_score", dies_at_the_second_batch)
    with pytest.raises(KeyboardInterrupt):
        call_command("rescore", "--batch", "2", "--agency", "riverside")
    monkeypatch.setattr(_Run, "_score", score)
    assert totals(cast) == [1, 2, 99, 4, 1]
    call_command("rescore", "--batch", "2", "--agency", "riverside")
    assert totals(cast) == [1, 2, 3, 4, 1]
    assert "3 scored again, 1 came out differently." in capsys.readouterr().out


def test_an_unknown_agency_is_named(db):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("rescore", "--agency", "nowhere")


def test_drafts_are_left_alone(cast, answered):
    with acting_as(cast.riverside, by=cast.wendy):
        version = answered[0].instrument_version
        draft = Response.begin(version, answered[0].client, enrollment=answered[0].enrollment, by=cast.wendy)
    call_command("rescore")
    with acting_as(cast.riverside, by=cast.wendy):
        draft.refresh_from_db()
        assert draft.scores == {}
        assert draft.started_at <= timezone.now()
