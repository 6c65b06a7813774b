from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import (
    Answer,
    Concern,
    InstrumentVersion,
    Need,
    Response,
    StaffResponse,
    Unanswered,
)
from assessments.scoring import suggested
from assessments.shipped import shipped, take_shipped
from casemgmt.agencies.models import Credential, Notice, ProgramStaff, SupervisionLink, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, make_client
from clients.models import Alert


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy)


@pytest.fixture
def inside(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


@pytest.fixture
def phq(cast, inside):
    return published(cast.riverside, "PHQ-9")


def published(agency, code):
    return take_shipped(agency, [code])[0]


def begin(version, enrolled, by):
    return Response.begin(version, enrolled.client, enrollment=enrolled, by=by)


def answer(row, by, **said):
    for code in row.definition.by_code:
        row.say(code, said.get(f"q{code}", 0), by=by)


def test_every_answer_is_kept_as_it_is_given_and_the_last_word_counts(cast, enrolled, phq):
    row = begin(phq, enrolled, cast.wendy)
    row.say("1", "2", by=cast.wendy)
    row.say("1", 3, by=cast.wendy)
    row.say("2", 1)
    again = Response.objects.get(pk=row.pk)
    assert again.said == {"1": 3, "2": 1}
    assert list(Answer.objects.values_list("item", "value", "by")) == [
        ("1", 2, cast.wendy.pk),
        ("1", 3, cast.wendy.pk),
        ("2", 1, None),
    ]
    assert begin(phq, enrolled, cast.sam) == row, "a colleague goes on with the draft"


def test_an_answer_is_taken_back_with_nothing(cast, enrolled, phq):
    row = begin(phq, enrolled, cast.wendy)
    row.say("1", 2)
    row.say("1", None)
    assert Response.objects.get(pk=row.pk).said == {}


@pytest.mark.parametrize(("code", "value"), [("1", 7), ("1", "often"), ("99", 1)])
def test_an_answer_outside_the_questions_is_refused(cast, enrolled, phq, code, value):
    row = begin(phq, enrolled, cast.wendy)
    with pytest.raises(Refused):
        row.say(code, value)
    assert not Answer.objects.exists()


def test_finishing_scores_signs_and_locks(cast, enrolled, phq):
    row = begin(phq, enrolled, cast.wendy)
    answer(row, cast.wendy, q1=3, q2=3, q3=3, q4=1)
    row.complete(by=cast.wendy)
    row = Response.objects.get(pk=row.pk)
    assert row.scores["total"] | {"counts": 0, "primary": 0} == {
        "value": 10,
        "missing": 0,
        "band": "moderate",
        "severity": row.scores["total"]["severity"],
        "counts": 0,
        "primary": 0,
    }
    assert row.signed_at
    assert row.signatures.get().staff == cast.wendy
    with pytest.raises(Refused, match="finished"):
        row.say("1", 0)


def test_what_is_missing_is_named(cast, enrolled, inside):
    items = [{"text": "Question", "kind": "yesno", "required": True} for _n in range(3)]
    version = InstrumentVersion.take_in(cast.riverside, {"code": "THREE", "title": "Three", "items": items})
    version.publish()
    row = begin(version, enrolled, cast.wendy)
    row.say("1", 1)
    with pytest.raises(Unanswered) as refused:
        row.complete(by=cast.wendy)
    assert "1" not in refused.value.items
    assert "2" in refused.value.items
    assert not Response.objects.get(pk=row.pk).is_complete


def test_a_safety_answer_acts_before_the_questionnaire_is_finished(cast, enrolled, phq):
    row = begin(phq, enrolled, cast.wendy)
    assert row.say("1", 3) == []
    (concern,) = row.say("9", 1)
    assert "safety_plan" in concern.actions
    assert Alert.objects.filter(client=enrolled.client).now().get() == concern.alert
    assert [n.staff for n in Notice.objects.filter(kind="concern")] == [cast.sam]
    row.say("9", 0)
    row.say("9", 3)
    assert Concern.objects.count() == Alert.objects.count() == Notice.objects.count() == 1


def test_saying_what_was_done_closes_it_and_takes_it_out_of_the_banner(cast, enrolled, phq):
    row = begin(phq, enrolled, cast.wendy)
    (concern,) = row.say("9", 2)
    with pytest.raises(Refused, match="Say what was done"):
        concern.handle(" ", by=cast.wendy)
    concern.handle("Went through the safety plan together.", by=cast.wendy)
    assert not Concern.objects.open().exists()
    assert not Alert.objects.filter(client=enrolled.client).now().exists()


def test_one_answer_costs_the_same_however_many_there_are(cast, enrolled, phq):
    row = begin(phq, enrolled, cast.wendy)
    row.say("1", 1)

    def statements():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            Response.objects.select_related("instrument_version__instrument", "client").get(pk=row.pk).say(
                "2", statements.value
            )
        return len(asked)

    statements.value = 1
    few = statements()
    for n in range(20):
        row.say("3", n % 4)
    statements.value = 2
    assert statements() == few


def test_only_the_credential_that_is_asked_for_may_sign(cast, enrolled, phq):
    phq.instrument.requires = "LCSW"
    phq.instrument.save()
    row = begin(phq, enrolled, cast.wendy)
    answer(row, cast.wendy)
    row.complete(by=cast.wendy)
    assert row.is_complete
    assert row.signed_at is None
    with pytest.raises(Refused, match="LCSW"):
        row.sign(by=cast.wendy)
    Credential.objects.create(
        staff=cast.sam, kind="lcsw", expires_on=timezone.localdate() - timedelta(days=1)
    )
    with pytest.raises(Refused, match="LCSW"):
        row.sign(by=cast.sam)
    Credential.objects.create(staff=cast.sam, kind="lcsw")
    row.sign(by=cast.sam)
    assert row.signed_at


def test_a_published_version_never_changes(phq):
    phq.definition = phq.definition | {"title": "Another"}
    with pytest.raises(Refused, match="never changes"):
        phq.save()


def test_a_withdrawn_version_is_finished_by_who_began_and_begun_by_nobody(cast, enrolled, phq):
    row = begin(phq, enrolled, cast.wendy)
    row.say("1", 2)
    phq.withdraw()
    assert begin(phq, enrolled, cast.sam) == row
    answer(row, cast.wendy)
    row.complete(by=cast.wendy)
    assert row.is_complete
    with pytest.raises(Refused, match="not in use"):
        begin(phq, enrolled, cast.wendy)


def test_another_text_under_a_published_number_is_refused(cast, inside, phq):
    with pytest.raises(Refused, match="new number"):
        InstrumentVersion.take_in(cast.riverside, shipped()["PHQ-9"] | {"title": "Other"})
    newer = InstrumentVersion.take_in(cast.riverside, shipped()["PHQ-9"] | {"version": "2"})
    assert newer.instrument == phq.instrument
    assert phq.instrument.versions.answered().first() == phq
    newer.publish()
    assert phq.instrument.versions.answered().first() == newer


def test_what_staff_say_of_themselves_is_theirs_alone(cast, inside):
    jsf = published(cast.riverside, "JSF")
    row = StaffResponse.begin(jsf, cast.wendy)
    for code in row.definition.by_code:
        row.say(code, 4)
    row.complete()
    assert StaffResponse.objects.visible_to(cast.wendy).get().scores
    for other in (cast.sam, cast.dana, cast.quinn):
        assert not StaffResponse.objects.visible_to(other).exists()


def test_a_suggested_need_is_opened_once(cast, enrolled, inside):
    raw = {
        "code": "SCREEN",
        "title": "Screen",
        "items": [{"code": "1", "text": "Was there enough to eat?", "kind": "yesno"}],
        "needs": [
            {"when": {"item": "1", "op": "=", "value": 0}, "domain": "food", "words": "Not enough to eat"}
        ],
    }
    version = InstrumentVersion.take_in(cast.riverside, raw)
    version.publish()
    row = begin(version, enrolled, cast.wendy)
    row.say("1", 0)
    row.complete(by=cast.wendy)
    (found,) = suggested(row.definition, row.answers)
    need = Need.take_suggestion(row, found)
    assert Need.take_suggestion(row, found) == need
    assert (need.domain, need.words, need.response) == ("food", "Not enough to eat", row)


def test_what_is_set_aside_takes_no_answer_and_no_name(cast, enrolled, phq):
    row = begin(phq, enrolled, cast.wendy)
    row.set_aside("Begun with the wrong person", by=cast.wendy)
    for verb in (lambda: row.say("9", 3, by=cast.wendy), lambda: row.complete(by=cast.wendy)):
        with pytest.raises(Refused, match="set aside"):
            verb()
    assert not Answer.objects.filter(response=row).exists()
    assert not Concern.objects.filter(response=row).exists()


def test_what_was_finished_and_set_aside_is_not_signed(cast, enrolled, phq):
    row = begin(phq, enrolled, cast.wendy)
    answer(row, cast.wendy)
    row.complete()
    row.set_aside("The wrong person", by=cast.wendy)
    with pytest.raises(Refused, match="set aside"):
        row.sign(by=cast.wendy)


def test_what_a_sealed_program_hears_stays_out_of_the_banner_and_somebody_is_told_all_the_same(
    cast, enrolled, phq
):
    cast.ccm.is_part_2 = True
    cast.ccm.save()
    (concern,) = begin(phq, enrolled, cast.wendy).say("9", 1)
    assert concern.alert is None
    assert not Alert.objects.filter(client=enrolled.client).exists()
    assert Notice.objects.filter(kind="concern").exists()


def test_a_sealed_answer_is_told_to_a_supervisor_who_may_read_it(cast, enrolled, phq):
    cast.ccm.is_part_2 = True
    cast.ccm.save()
    cast.dana.roles = ["supervisor"]
    cast.dana.save()
    ProgramStaff.objects.create(staff=cast.dana, program=cast.ccm)
    SupervisionLink.objects.create(supervisor=cast.dana, staff=cast.wendy)
    begin(phq, enrolled, cast.wendy).say("9", 1)
    assert [notice.staff for notice in Notice.objects.filter(kind="concern")] == [cast.dana]
