"""Screenings in flat files: what comes in, what comes in again, and what is refused with words. All people invented."""

import csv
import io
import json
import zipfile
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Concern, Instrument, InstrumentVersion, Need, Response
from assessments.scoring import suggested
from casemgmt.agencies.models import Agency, acting_as
from casemgmt.demo.builders import enroll, make_client
from casemgmt.interchange.hmis.reader import Unusable
from casemgmt.interchange.hrsn.importer import import_hrsn
from clients.models import Client, Identifier, IncomingReferral

HITS = ("95618-5", "95617-7", "95616-9", "95615-1")
PERSON = {
    "PATIENT_MR_ID_VALUE": "M1",
    "FACILITY_NAME": "ELM",
    "PATIENT_MEDICAID_ID": "ZZ98765Q",
    "PATIENT_SS_ID_VALUE": "",
    "FAMILY_NAME": "Invented",
    "GIVEN_NAME": "Alma",
    "MIDDLE_NAME": "Q",
    "PATIENT_BIRTH_DATE": "1988-02-03",
    "ADDRESS1": "1 Elm St",
    "CITY": "Riverside",
    "STATE": "NY",
    "ZIP": "10000",
    "TELECOM_VALUE": "412 555 0100",
    "TELECOM_USE": "mobile",
    "PERSONAL_PRONOUNS_CODE": "LA29519-8",
    "PREFERRED_LANGUAGE_CODE": "es",
    "PREFERRED_LANGUAGE_CODE_DESCRIPTION": "Spanish",
}
OFFICE = {"PATIENT_MR_ID_VALUE": "M1", "FACILITY_ID": "ELM", "FACILITY_NAME": "Elm Clinic"}
SCREENING = {
    "PATIENT_MR_ID_VALUE": "M1",
    "FACILITY_ID": "ELM",
    "FACILITY_NAME": "Elm Clinic",
    "ENCOUNTER_ID": "E1",
    "SCREENING_IDENTIFIER": "S1",
    "ENCOUNTER_TYPE_CODE": "405672008",
    "ENCOUNTER_START_DATETIME": "2026-01-05T15:00:00Z",
    "CONSENT_STATUS": "permit",
    "SCREENING_STATUS_CODE": "final",
    "SCREENING_LANGUAGE_DESCRIPTION": "Spanish",
    "VISIT_PART_2_FLAG": "no",
}


def said(question, answer, label="", **cells):
    """A row of answers; its words are ours, its codes are LOINC's."""
    row = {
        "PATIENT_MR_ID_VALUE": "M1",
        "FACILITY_ID": "ELM",
        "FACILITY_NAME": "Elm Clinic",
        "ENCOUNTER_ID": "E1",
        "SCREENING_IDENTIFIER": f"O-{question}",
        "SCREENING_CODE": "96777-8",
        "SCREENING_CODE_DESCRIPTION": "A few questions about daily life",
        "QUESTION_CODE": question,
        "QUESTION_CODE_DESCRIPTION": f"Invented wording of {question}",
        "ANSWER_CODE": answer,
        "ANSWER_CODE_DESCRIPTION": label or f"Answer {answer}",
        "OBSERVATION_CATEGORY_SDOH_CODE": "sdoh-category-unspecified",
        "DATA_ABSENT_REASON_CODE": "",
        "POTENTIAL_NEED_INDICATED": "NEG",
        "SCREENING_START_DATETIME": "2026-01-05T15:10:00Z",
        "SCREENING_END_DATETIME": "2026-01-05T15:30:00Z",
    }
    return row | cells


def small():
    """One person, asked about their home, food and safety."""
    return {
        "PtInfo": [dict(PERSON)],
        "QEadmin": [dict(OFFICE)],
        "ScreeningProf": [dict(SCREENING)],
        "ScreeningObs": [
            said("71802-3", "LA31994-9", POTENTIAL_NEED_INDICATED="POS"),
            said("96778-6", "LA28580-1"),
            said("96778-6", "LA31998-0"),
            said("88122-7", "LA28398-8"),
            *(said(code, "LA6270-8") for code in HITS),
            said("95614-4", "", "4"),
        ],
    }


def as_csv(rows, encoding="utf-8", end="\r\n"):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


@pytest.fixture
def sent(tmp_path):
    """Writes files into a folder; `name` is the set's."""

    def write(files, name="Elm_one_20260110000000", folder=tmp_path, **how):
        folder.mkdir(exist_ok=True)
        for kind, rows in files.items():
            (folder / f"SDOH_{kind}_{name}.csv").write_bytes(as_csv(rows, **how))
        return folder

    return write


@pytest.fixture
def take(cast, sent):
    """Writes the files and imports them."""

    def do(files, name="Elm_one_20260110000000", **options):
        return import_hrsn(sent(files, name), cast.riverside, **options)

    return do


def only():
    return Response.objects.get(set_aside_on=None)


def told(report):
    return [(r.file.split("_")[1], r.line, r.column, r.why) for r in report.refused]


def warned(report):
    return [remark.why for remark, _rows in report.warnings.values()]


# --- What comes in ------------------------------------------------------------------------------------------------


def test_a_person_comes_in_with_a_referral_and_what_was_said_of_them(cast, take):
    report = take(small())
    assert report.exit_code == 0, told(report)
    client = Client.objects.get(source="hrsn", source_key="ELM/M1")
    assert (client.given_name, client.family_name, client.born_on) == ("Alma", "Invented", date(1988, 2, 3))
    assert (client.phone, client.language, client.pronouns) == ("412 555 0100", "Spanish", "she/her")
    assert client.address == "1 Elm St, Riverside, NY 10000"
    assert Identifier.objects.get(client=client).kind == Identifier.Kind.MEDICAID
    referral = IncomingReferral.objects.get(client=client)
    assert (referral.source_contact, referral.assigned_to) == ("Elm Clinic", None)


def test_a_screening_becomes_one_answered_questionnaire(cast, take):
    take(small())
    row = only()
    assert (row.held_on, row.mode, row.informant, row.by) == (date(2026, 1, 5), "paper", "client", None)
    assert row.started_at.isoformat() == "2026-01-05T15:10:00+00:00"
    assert row.completed_at.isoformat() == "2026-01-05T15:30:00+00:00"
    assert row.note == "Asked by Elm Clinic. Language: Spanish."
    assert row.answers == {
        "71802-3": "LA31994-9",
        "96778-6": ["LA28580-1", "LA31998-0"],
        "88122-7": "LA28398-8",
        **dict.fromkeys(HITS, "LA6270-8"),
        "95614-4": 4,
    }
    assert row.scores["safety"]["value"] == 4
    assert [n.domain for n in suggested(row.definition, row.answers)] == ["housing"]


def test_the_questionnaire_is_made_of_what_the_file_says_and_is_not_offered(cast, take):
    take(small())
    instrument = Instrument.objects.get(code="hrsn:96777-8")
    assert instrument.title == "A few questions about daily life"
    assert instrument.ended_on == timezone.localdate()
    version = instrument.versions.get()
    assert version.published_on
    assert version.parsed.by_code["71802-3"].text == "Invented wording of 71802-3"
    assert version.parsed.tier == "B"


def test_every_row_is_counted_once(cast, take):
    files = small()
    files["PtInfo"].append(PERSON | {"PATIENT_MR_ID_VALUE": "M9", "FAMILY_NAME": "Unasked"})
    files["ScreeningObs"] += [
        said("88123-5", "LA99999-9"),
        said("93030-5", "", DATA_ABSENT_REASON_CODE="not-asked"),
    ]
    report = take(files)
    for file, tally in report.files.items():
        parts = ("created", "updated", "unchanged", "unanswered", "repeated", "looked_up", "refused")
        assert tally.read == sum(getattr(tally, part) for part in parts), file
    assert not Client.objects.filter(family_name="Unasked").exists(), "nobody asked them anything"


def test_a_screening_done_alone_at_a_screen_says_so(cast, take):
    files = small()
    files["ScreeningProf"][0]["ENCOUNTER_TYPE_CODE"] = "23918007"
    take(files)
    assert only().mode == Response.Mode.ALONE


def test_each_code_of_a_screening_is_a_questionnaire_of_its_own(cast, take):
    files = small()
    files["ScreeningObs"].append(said("76513-1", "LA15832-1", SCREENING_CODE="97023-6"))
    take(files)
    rows = Response.objects.order_by("source_key")
    assert [row.source_key for row in rows] == ["ELM/M1/E1/96777-8", "ELM/M1/E1/97023-6"]
    assert [n.domain for n in suggested(rows[1].definition, rows[1].answers)] == ["money"]


def test_the_mark_of_the_file_counts_where_we_know_nothing_of_a_question(cast, take):
    files = small()
    files["ScreeningObs"].append(
        said(
            "12345-6",
            "LA1-1",
            "Now and then",
            OBSERVATION_CATEGORY_SDOH_CODE="social-connection",
            POTENTIAL_NEED_INDICATED="POS",
        )
    )
    take(files)
    row = only()
    assert row.answers["flagged"] == ["12345-6"]
    assert {n.domain for n in suggested(row.definition, row.answers)} == {"housing", "social"}


def test_a_positive_answer_becomes_a_need_with_one_tap(cast, sent):
    client = make_client(cast.riverside, given_name="Alma", family_name="Invented", born_on=date(1988, 2, 3))
    enrollment = enroll(client, cast.ccm, cast.wendy)
    import_hrsn(sent(small()), cast.riverside)
    row = only()
    assert row.enrollment == enrollment
    with acting_as(cast.riverside, by=cast.wendy):
        need = Need.take_suggestion(row, suggested(row.definition, row.answers)[0])
    assert (need.domain, need.response) == ("housing", row)


def test_violence_told_lately_is_acted_upon_at_once_and_old_news_is_not(cast, take):
    files = small()
    files["ScreeningObs"] = [said(code, "LA10082-8") for code in HITS]
    take(files)
    assert not Concern.objects.exists(), "asked more than ninety days ago"
    lately = f"{timezone.localdate().isoformat()}T00:00:00"
    files["ScreeningProf"][0] |= {"ENCOUNTER_ID": "E2", "SCREENING_IDENTIFIER": "S2"}
    files["ScreeningObs"] = [
        said(code, "LA10082-8", ENCOUNTER_ID="E2", SCREENING_START_DATETIME=lately, SCREENING_END_DATETIME="")
        for code in HITS
    ]
    take(files)
    row = Response.objects.get(source_key="ELM/M1/E2/96777-8")
    assert row.scores["safety"]["value"] == 12
    assert row.scores["safety"]["severity"] == 4
    assert Concern.objects.get().response == row


@pytest.mark.parametrize(("answers", "value", "severity"), [((3, 3, 3, 1), 10, 0), ((3, 3, 3, 2), 11, 4)])
def test_the_line_of_safety_belongs_to_what_is_not_safe(cast, take, answers, value, severity):
    code_of = {1: "LA6270-8", 2: "LA10066-1", 3: "LA10082-8"}
    files = small()
    files["ScreeningObs"] = [said(q, code_of[a]) for q, a in zip(HITS, answers, strict=True)]
    take(files)
    assert (only().scores["safety"]["value"], only().scores["safety"]["severity"]) == (value, severity)


def test_a_sum_that_does_not_agree_is_remarked(cast, take):
    files = small()
    files["ScreeningObs"][-1]["ANSWER_CODE_DESCRIPTION"] = "9"
    assert "The sum that came along is 9; the answers make 4." in warned(take(files))


def test_no_answer_is_none_and_says_why(cast, take):
    files = small()
    files["ScreeningObs"] += [
        said("93030-5", "LA33-6", DATA_ABSENT_REASON_CODE="asked-declined"),
        said("96779-4", "LA30122-8"),
    ]
    report = take(files)
    assert not {"93030-5", "96779-4"} & only().answers.keys()
    assert report.files["SDOH_ScreeningObs_Elm_one_20260110000000.csv"].unanswered == 2
    assert "There is no answer: asked, and not wanted." in warned(report)


def test_the_day_is_that_of_the_agency(cast, take):
    files = small()
    files["ScreeningObs"] = [said("71802-3", "LA31993-1", SCREENING_START_DATETIME="2026-01-06T02:00:00Z")]
    take(files)
    assert only().held_on == date(2026, 1, 5), "still the evening before"


@pytest.mark.parametrize(
    "text", ["2026-01-05", "2026-01-05T10:00", "2026-01-05T10:00:00.000-05:00", "1/5/2026"]
)
def test_a_day_is_read_with_and_without_hour_and_zone(cast, take, text):
    files = small()
    files["ScreeningObs"] = [
        said("71802-3", "LA31993-1", SCREENING_START_DATETIME=text, SCREENING_END_DATETIME="")
    ]
    take(files)
    assert only().held_on == date(2026, 1, 5)


# --- Whose it is ---------------------------------------------------------------------------------------------------


def test_somebody_known_beyond_doubt_is_taken(cast, take):
    known = make_client(cast.riverside, given_name="Alma", family_name="Invented", born_on=date(1988, 2, 3))
    report = take(small())
    assert only().client == known
    assert not IncomingReferral.objects.filter(client=known).exists()
    assert report.exit_code == 0
    known.refresh_from_db()
    assert known.phone == "", "what stands in a record is not changed by a screening"


def twins(cast):
    return [
        make_client(cast.riverside, given_name="Alma", family_name="Invented", born_on=date(1988, 2, 3))
        for _n in range(2)
    ]


def test_of_two_who_are_alike_nobody_is_guessed(cast, take):
    one, other = twins(cast)
    (found,) = told(take(small()))
    assert found[3] == f"May be the same person as number {one.number}, {other.number} here."
    assert not Response.objects.exists()


def test_a_number_that_we_hold_settles_what_a_name_leaves_open(cast, take):
    _one, other = twins(cast)
    with acting_as(cast.riverside, by=None):
        Identifier.objects.create(client=other, kind=Identifier.Kind.MEDICAID, number="zz 98765 q")
    take(small())
    assert only().client == other


def test_a_number_alone_is_not_enough(cast, take):
    sister = make_client(cast.riverside, given_name="Bea", family_name="Invented", born_on=date(1990, 5, 6))
    with acting_as(cast.riverside, by=None):
        Identifier.objects.create(client=sister, kind=Identifier.Kind.MEDICAID, number="ZZ98765Q")
    (found,) = told(take(small()))
    assert sister.number in found[3]


def test_somebody_who_may_be_known_is_not_guessed(cast, take):
    known = make_client(cast.riverside, given_name="Alma", family_name="Invented", born_on=date(1988, 3, 2))
    report = take(small())
    assert told(report) == [
        ("ScreeningProf", 2, "", f"May be the same person as number {known.number} here.")
    ]
    assert not Response.objects.exists()
    assert Client.objects.filter(agency=cast.riverside).count() == 1
    assert report.files["SDOH_ScreeningObs_Elm_one_20260110000000.csv"].refused == len(
        small()["ScreeningObs"]
    )


def test_another_agencys_people_are_nobody_here(cast, take):
    make_client(cast.lakeside, given_name="Alma", family_name="Invented", born_on=date(1988, 2, 3))
    take(small())
    assert only().client.agency == cast.riverside


def test_what_comes_for_somebody_who_was_merged_goes_to_the_record_that_was_kept(cast, take):
    take(small())
    kept = make_client(cast.riverside, family_name="Kept")
    gone = Client.objects.get(source_key="ELM/M1")
    with acting_as(cast.riverside, by=None):
        gone.merged_into = kept
        gone.save()
    files = small()
    files["ScreeningProf"][0] |= {"ENCOUNTER_ID": "E2", "SCREENING_IDENTIFIER": "S2"}
    for row in files["ScreeningObs"]:
        row["ENCOUNTER_ID"] = "E2"
    take(files)
    assert Response.objects.get(source_key="ELM/M1/E2/96777-8").client == kept


def test_two_open_enrollments_leave_the_screening_with_the_person(cast, sent):
    client = make_client(cast.riverside, given_name="Alma", family_name="Invented", born_on=date(1988, 2, 3))
    enroll(client, cast.ccm, cast.wendy)
    enroll(client, cast.act, cast.wendy)
    import_hrsn(sent(small()), cast.riverside)
    assert only().enrollment is None


# --- Again ---------------------------------------------------------------------------------------------------------


def test_the_same_files_again_change_nothing(cast, take):
    take(small())
    before = Response.history.count(), Client.history.count(), InstrumentVersion.objects.count()
    report = take(small())
    assert report.changed == 0
    assert (Response.history.count(), Client.history.count(), InstrumentVersion.objects.count()) == before


def test_a_corrected_screening_takes_the_place_of_the_one_before(cast, take):
    take(small())
    first = only()
    files = small()
    files["ScreeningObs"][0]["ANSWER_CODE"] = "LA31993-1"
    report = take(files)
    first.refresh_from_db()
    assert first.answers["71802-3"] == "LA31994-9", "never changed"
    assert first.set_aside_why == "The sender corrected it."
    assert only().answers["71802-3"] == "LA31993-1"
    assert report.files["SDOH_ScreeningProf_Elm_one_20260110000000.csv"].updated == 1


def test_an_older_file_changes_nothing_back(cast, take):
    take(small())
    files = small()
    files["ScreeningObs"][0]["ANSWER_CODE"] = "LA31993-1"
    take(files)
    report = take(small())
    assert only().answers["71802-3"] == "LA31993-1"
    assert report.changed == 0
    assert any("set aside since" in why for why in warned(report))


def test_more_questions_make_the_next_edition(cast, take):
    take(small())
    files = small()
    files["ScreeningProf"][0] |= {"ENCOUNTER_ID": "E2", "SCREENING_IDENTIFIER": "S2"}
    files["ScreeningObs"] = [
        said("93030-5", "LA33-6", ENCOUNTER_ID="E2"),
        said("71802-3", "LA31995-6", ENCOUNTER_ID="E2"),
    ]
    take(files)
    first, second = InstrumentVersion.objects.filter(instrument__code="hrsn:96777-8").order_by("pk")
    assert [first.edition, second.edition] == ["1", "2"]
    assert set(first.parsed.by_code) < set(second.parsed.by_code)
    assert second.parsed.by_code["71802-3"].values == ["LA31994-9", "LA31995-6"]
    assert len(second.parsed.by_code[HITS[0]].values) == 5, "what a score counts is there as a whole"
    assert Response.objects.get(source_key="ELM/M1/E1/96777-8").instrument_version == first


def test_the_agencys_own_questionnaire_is_used_where_it_asks_the_same(cast, take):
    with acting_as(cast.riverside, by=None):
        own = InstrumentVersion.take_in(
            cast.riverside,
            {
                "code": "OURS",
                "title": "Our own screening",
                "items": [
                    {
                        "code": "71802-3",
                        "text": "Where do you live?",
                        "options": [
                            {"value": v, "label": v} for v in ("LA31993-1", "LA31994-9", "LA31995-6")
                        ],
                    }
                ],
            },
        )
        own.publish()
    files = small()
    files["ScreeningObs"] = [files["ScreeningObs"][0], files["ScreeningObs"][-1]]
    report = take(files)
    assert only().instrument_version == own
    assert only().answers == {"71802-3": "LA31994-9"}
    assert any("no place for sums and marks" in why for why in warned(report))
    assert take(files).changed == 0


def test_two_senders_with_the_same_numbers_are_told_apart(cast, take):
    take(small(), source="north")
    take(small(), source="south")
    assert {row.source for row in Response.objects.all()} == {"hrsn:north", "hrsn:south"}
    assert Client.objects.filter(agency=cast.riverside).count() == 1, (
        "and she is known by name, day and number"
    )


# --- What may not be kept ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("consent", ["deny", "DENY", "", "perhaps"])
def test_without_consent_nothing_of_anybody_is_kept(cast, take, consent):
    files = small()
    files["ScreeningProf"][0]["CONSENT_STATUS"] = consent
    report = take(files)
    assert told(report)[0][:3] == ("ScreeningProf", 2, "CONSENT_STATUS")
    assert not Response.objects.exists()
    assert not Client.objects.filter(agency=cast.riverside).exists()
    assert not Instrument.objects.filter(code__startswith="hrsn:").exists()


def test_a_consent_taken_back_sets_aside_what_was_here(cast, take):
    take(small())
    files = small()
    files["ScreeningProf"][0]["CONSENT_STATUS"] = "deny"
    take(files)
    assert Response.objects.get().set_aside_why == "Consent was refused or taken back."


def test_a_screening_entered_by_mistake_is_set_aside(cast, take):
    take(small())
    files = small()
    files["ScreeningProf"][0]["SCREENING_STATUS_CODE"] = "entered-in-error"
    assert take(files).exit_code == 1
    assert Response.objects.get().set_aside_on


@pytest.mark.parametrize("flag", ["VISIT_PART_2_FLAG", "VISIT_OMH_FLAG", "VISIT_OPWDD_FLAG"])
def test_what_is_specially_protected_makes_a_record_that_only_those_who_lead_see(cast, take, flag):
    files = small()
    files["ScreeningProf"][0][flag] = "Yes"
    assert take(files).exit_code == 0
    with acting_as(cast.riverside, by=cast.sam):
        client = only().client
        assert client.restricted_on
        assert Response.objects.visible_to(cast.sam).exists()
        assert not Response.objects.visible_to(cast.quinn).exists()
    assert take(files).changed == 0


def test_what_is_specially_protected_is_not_put_into_a_record_that_others_open(cast, take):
    client = make_client(cast.riverside, given_name="Alma", family_name="Invented", born_on=date(1988, 2, 3))
    enroll(client, cast.ccm, cast.wendy)
    files = small()
    files["ScreeningProf"][0]["VISIT_PART_2_FLAG"] = "Yes"
    report = take(files)
    assert told(report)[0][2] == "VISIT_PART_2_FLAG"
    assert "specially protected" in told(report)[0][3]
    assert not Response.objects.exists()


def test_what_is_specially_protected_is_not_taken_where_nobody_may_hold_it(cast, sent):
    alone = Agency.objects.create(name="Quay", slug="quay")
    files = small()
    files["ScreeningProf"][0]["VISIT_PART_2_FLAG"] = "Yes"
    assert import_hrsn(sent(files), alone).exit_code == 1
    assert not Client.objects.filter(agency=alone).exists()


def test_what_is_protected_goes_into_the_sealed_program_that_serves_them(cast, sent):
    client = make_client(cast.riverside, given_name="Alma", family_name="Invented", born_on=date(1988, 2, 3))
    sealed = enroll(client, cast.recovery, cast.wendy)
    enroll(client, cast.ccm, cast.wendy)
    files = small()
    files["ScreeningProf"][0]["VISIT_PART_2_FLAG"] = "yes"
    assert import_hrsn(sent(files), cast.riverside).exit_code == 0
    assert only().enrollment == sealed


def test_whoever_answers_for_it_may_take_what_is_protected(cast, take):
    files = small()
    files["ScreeningProf"][0]["VISIT_PART_2_FLAG"] = "yes"
    assert take(files, with_protected=True).exit_code == 0
    assert only().enrollment is None
    assert only().client.restricted_on is None


# --- What is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column", "why"),
    [
        ({"ANSWER_CODE": "LA99999-9"}, "ANSWER_CODE", "This code is on no list of answers to this question."),
        ({"ANSWER_CODE": "LA28397-0"}, "ANSWER_CODE", "This code is on no list of answers to this question."),
        ({"ANSWER_CODE": ""}, "ANSWER_CODE", "The code of the answer is missing."),
        ({"QUESTION_CODE": "soon"}, "QUESTION_CODE", "This is no LOINC code of a question."),
        ({"SCREENING_CODE": ""}, "SCREENING_CODE", "This is no code of a screening."),
        ({"ENCOUNTER_ID": "E7"}, "ENCOUNTER_ID", "Its screening is not among the screenings"),
        ({"PATIENT_MR_ID_VALUE": "M7"}, "ENCOUNTER_ID", "Its screening is not among the screenings"),
        (
            {"SCREENING_START_DATETIME": "2026-02-30"},
            "SCREENING_START_DATETIME",
            "This is no date that can be read.",
        ),
        ({"SCREENING_START_DATETIME": "2199-01-01"}, "SCREENING_START_DATETIME", "The date is in the future"),
        ({"ANSWER_CODE": "LA31993-1; LA31994-9"}, "ANSWER_CODE", "This question takes one answer"),
        ({"ENCOUNTER_ID": ""}, "ENCOUNTER_ID", "There is no usable key here."),
    ],
)
def test_a_bad_answer_is_refused_by_its_place_and_the_others_are_in(cast, take, cells, column, why):
    files = small()
    files["ScreeningObs"][0] |= cells
    report = take(files)
    (found,) = told(report)
    assert found[:3] == ("ScreeningObs", 2, column)
    assert found[3].startswith(why)
    assert report.exit_code == 1
    assert "88122-7" in only().answers


def test_words_instead_of_a_code_are_refused(cast, take):
    files = small()
    files["ScreeningObs"].append(said("12345-6", "", "I sleep at my sister's"))
    (found,) = told(take(files))
    assert "answers in words are not taken" in found[3]


def test_another_answer_to_the_same_question_is_refused_and_the_same_one_is_not(cast, take):
    files = small()
    files["ScreeningObs"] += [said("88122-7", "LA28397-0"), said("88122-7", "LA28398-8")]
    report = take(files)
    assert [found[3] for found in told(report)] == [
        "This question has another answer already in this screening."
    ]
    assert only().answers["88122-7"] == "LA28398-8"
    assert report.files["SDOH_ScreeningObs_Elm_one_20260110000000.csv"].repeated == 1


def test_an_identifier_that_two_screenings_have_is_refused(cast, take):
    files = small()
    files["ScreeningProf"].append(SCREENING | {"ENCOUNTER_ID": "E2"})
    assert told(take(files)) == [
        (
            "ScreeningProf",
            3,
            "SCREENING_IDENTIFIER",
            "Another row has this identifier and says something else.",
        )
    ]


def test_a_screening_of_somebody_who_is_not_among_the_patients_is_refused(cast, take):
    files = small()
    files["PtInfo"][0]["PATIENT_MR_ID_VALUE"] = "M2"
    assert told(take(files))[0][:3] == ("ScreeningProf", 2, "PATIENT_MR_ID_VALUE")
    assert not Response.objects.exists()


def test_without_the_file_of_patients_those_who_are_known_are_found(cast, sent, take):
    take(small())
    files = small()
    del files["PtInfo"]
    files["ScreeningProf"][0] |= {"ENCOUNTER_ID": "E2", "SCREENING_IDENTIFIER": "S2"}
    for row in files["ScreeningObs"]:
        row["ENCOUNTER_ID"] = "E2"
    (sent({}) / "SDOH_PtInfo_Elm_one_20260110000000.csv").unlink()
    assert take(files).exit_code == 0
    assert Response.objects.count() == 2


def test_a_doubtful_birth_date_is_left_out_and_a_missing_name_refused(cast, take):
    files = small()
    files["PtInfo"][0] |= {"PATIENT_BIRTH_DATE": "1988-02-30", "TELECOM_VALUE": "none"}
    report = take(files)
    assert Client.objects.get(agency=cast.riverside).born_on is None
    assert {"This is no date that can be read; left out.", "This cannot be right; left out."} <= set(
        warned(report)
    )
    files["PtInfo"][0] |= {"FAMILY_NAME": "", "GIVEN_NAME": "", "PATIENT_MR_ID_VALUE": "M5"}
    files["ScreeningProf"][0] |= {"PATIENT_MR_ID_VALUE": "M5"}
    assert [found[3] for found in told(take(files))][:2] == [
        "There is no name.",
        "Their row among the patients was refused.",
    ]


def test_what_is_quoted_names_nobody(cast, take):
    files = small()
    files["ScreeningObs"][0]["ANSWER_CODE"] = "LA99999-9"
    files["ScreeningProf"].append(
        SCREENING | {"PATIENT_MR_ID_VALUE": "M77", "ENCOUNTER_ID": "E3", "SCREENING_IDENTIFIER": "S3"}
    )
    report = take(files)
    assert [r.value for r in report.refused] == ["LA99999-9", ""]
    assert "M77" not in json.dumps(report.as_dict())


# --- Files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [{"encoding": "utf-8-sig"}, {"encoding": "utf-16"}, {"encoding": "cp1252"}, {"end": "\r"}, {"end": "\n"}],
)
def test_encodings_and_line_ends_of_all_sorts_are_read(cast, sent, how):
    files = small()
    files["PtInfo"][0]["FAMILY_NAME"] = "Ibáñez"
    files["ScreeningObs"][0]["QUESTION_CODE_DESCRIPTION"] = 'Where, "really",\nno?'
    report = import_hrsn(sent(files, **how), cast.riverside)
    assert report.exit_code == 0, told(report)
    assert only().client.family_name == "Ibáñez"


def test_a_zip_with_and_without_a_folder_inside_is_read(cast, tmp_path):
    for at, prefix in enumerate(("", "inside/")):
        path = tmp_path / f"{at}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for kind, rows in small().items():
                archive.writestr(f"{prefix}SDOH_{kind}_Elm_one_20260110000000.csv", as_csv(rows))
        assert import_hrsn(path, cast.riverside).exit_code == 0
    assert Response.objects.count() == 1


def test_one_file_of_a_set_brings_the_others_and_no_other_set(cast, sent):
    other = small()
    for rows in other.values():
        for row in rows:
            row["PATIENT_MR_ID_VALUE"] = "M2"
    sent(other, "Elm_two_20260111000000")
    folder = sent(small())
    import_hrsn(folder / "SDOH_ScreeningObs_Elm_one_20260110000000.csv", cast.riverside)
    assert only().source_key == "ELM/M1/E1/96777-8"


def test_several_sets_in_one_folder_are_taken_in_the_order_of_their_sending(cast, sent):
    later = small()
    later["ScreeningObs"][0]["ANSWER_CODE"] = "LA31995-6"
    sent(later, "A_later_20260301000000")
    folder = sent(small(), "B_earlier_20260201000000")
    import_hrsn(folder, cast.riverside)
    assert only().answers["71802-3"] == "LA31995-6"
    assert import_hrsn(folder, cast.riverside).changed == 0


def test_a_set_that_lacks_a_file_is_told_and_the_others_are_in(cast, sent):
    sent({"ScreeningObs": small()["ScreeningObs"]}, "Alone_20260301000000")
    report = import_hrsn(sent(small()), cast.riverside)
    assert told(report)[0][:3] == ("ScreeningProf", 0, "")
    assert Response.objects.count() == 1


def test_a_set_that_breaks_off_holds_up_no_other(cast, sent):
    folder = sent(small(), "Torn_20260301000000")
    torn = folder / "SDOH_ScreeningObs_Torn_20260301000000.csv"
    torn.write_bytes(torn.read_bytes() + b'"' + b"x" * 200_000)
    report = import_hrsn(sent(small()), cast.riverside)
    assert [found[:2] for found in told(report)] == [("ScreeningObs", 0)]
    assert Response.objects.count() == 1


def test_a_column_of_codes_that_is_none_makes_no_thousand_questionnaires(cast, take):
    files = small()
    files["ScreeningObs"] = [said("71802-3", "LA31993-1", SCREENING_CODE=f"{n}-1") for n in range(100, 130)]
    report = take(files)
    assert Instrument.objects.filter(code__startswith="hrsn:").count() == 20
    assert len(report.refused) == 10


def test_columns_that_nobody_knows_are_named_once(cast, take):
    files = small()
    for row in files["ScreeningObs"]:
        row["SHOE_SIZE"] = "44"
    report = take(files)
    remarks = [(r.column, n) for r, n in report.warnings.values() if r.column == "SHOE_SIZE"]
    assert remarks == [("SHOE_SIZE", 1)]


@pytest.mark.parametrize("kind", ["ScreeningProf", "ScreeningObs"])
def test_a_missing_column_stops_the_set_with_its_name(cast, sent, kind):
    files = small()
    for row in files[kind]:
        del row["ENCOUNTER_ID"]
    with pytest.raises(Unusable, match="ENCOUNTER_ID"):
        import_hrsn(sent(files), cast.riverside)


@pytest.mark.parametrize("content", [b"", b"\x00\x00", b"PK\x03\x04broken", b'"never closed'])
def test_files_that_are_none_end_with_words(cast, sent, content):
    folder = sent(small())
    (folder / "SDOH_ScreeningObs_Elm_one_20260110000000.csv").write_bytes(content)
    with pytest.raises(Unusable):
        import_hrsn(folder, cast.riverside)


def test_a_dry_run_takes_everything_back(cast, take):
    report = take(small(), dry_run=True)
    assert report.changed
    assert not Response.objects.exists()
    assert not Client.objects.filter(agency=cast.riverside).exists()


def test_each_further_screening_costs_the_same(cast, sent, tmp_path):
    def files(first, last):
        made = {"PtInfo": [], "ScreeningProf": [], "ScreeningObs": []}
        for n in range(first, last):
            who = {"PATIENT_MR_ID_VALUE": f"M{n}"}
            name = chr(97 + n) * 6
            made["PtInfo"].append(
                PERSON
                | who
                | {
                    "FAMILY_NAME": name,
                    "GIVEN_NAME": name[::-1],
                    "PATIENT_MEDICAID_ID": "",
                    "TELECOM_VALUE": "",
                    "PATIENT_BIRTH_DATE": f"19{50 + n}-0{1 + n % 9}-1{n % 9}",
                }
            )
            made["ScreeningProf"].append(SCREENING | who | {"SCREENING_IDENTIFIER": f"S{n}"})
            made["ScreeningObs"] += [row | who for row in small()["ScreeningObs"]]
        return made

    def statements(first, last):
        folder = sent(files(first, last), folder=tmp_path / f"{first}")
        with CaptureQueriesContext(connection) as asked:
            assert import_hrsn(folder, cast.riverside).exit_code == 0
        return len(asked)

    statements(0, 1)
    two, six = statements(1, 3), statements(3, 9)
    assert (six - two) / 4 <= 26, "statements for one more person with a screening"


# --- The command ---------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_did(cast, sent, capsys):
    call_command("import_hrsn", str(sent(small())), agency="riverside", json=True)
    report = json.loads(capsys.readouterr().out)
    assert report["exit_code"] == 0
    assert report["beside"]["Response"]["created"] == 1


@pytest.mark.parametrize(("agency", "code"), [("nowhere", 2), ("", 2)])
def test_the_command_wants_to_know_the_agency_where_there_are_several(cast, sent, agency, code):
    with pytest.raises(CommandError) as error:
        call_command("import_hrsn", str(sent(small())), agency=agency)
    assert error.value.returncode == code


def test_the_command_ends_with_one_where_rows_were_refused(cast, sent, capsys):
    files = small()
    files["ScreeningObs"][0]["ANSWER_CODE"] = "LA99999-9"
    with pytest.raises(CommandError) as error:
        call_command("import_hrsn", str(sent(files)), agency="riverside")
    assert error.value.returncode == 1
    assert "SDOH_ScreeningObs_Elm_one_20260110000000.csv:2 ANSWER_CODE" in capsys.readouterr().out


def test_the_command_ends_with_two_where_there_is_nothing(cast, tmp_path):
    with pytest.raises(CommandError) as error:
        call_command("import_hrsn", str(tmp_path / "gone"), agency="riverside")
    assert error.value.returncode == 2
