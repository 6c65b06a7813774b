"""Screenings in FHIR bundles, ours and broken ones; and the examples of New York, which we do not ship."""

import json
from copy import deepcopy
from datetime import date

import pytest
from django.utils import timezone

from assessments.models import Instrument, Response
from casemgmt.demo.builders import make_client
from casemgmt.interchange.hmis.reader import Unusable
from casemgmt.interchange.hrsn.importer import import_hrsn
from clients.models import Client, Identifier, IncomingReferral

LOINC = "http://loinc.org"
EXAMPLES = {
    "AHCHRSNQuestionnaireResponse": (2, 6, 1),
    "AHCHRSNScreeningResponse": (2, 29, 1),
    "PatientNegativeConsent": (0, 0, 0),
    "ServiceRequestExample": (0, 1, 1),
    "TaskCompletedExample": (0, 0, 0),
}


def patient(**more):
    return {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [
            {
                "type": {"coding": [{"code": "MR"}]},
                "system": "http://elm.example/facility/ELM",
                "value": "M1",
            },
            {"type": {"coding": [{"code": "MA"}]}, "value": "ZZ98765Q"},
        ],
        "name": [{"family": "Invented", "given": ["Alma"]}],
        "birthDate": "1988-02-03",
        "telecom": [{"system": "phone", "value": "412-555-0100"}],
        "communication": [
            {"language": {"coding": [{"code": "es", "display": "Spanish"}]}, "preferred": True}
        ],
    } | more


def consent(kind="permit", status="active"):
    return {
        "resourceType": "Consent",
        "id": "c1",
        "status": status,
        "patient": {"reference": "Patient/p1"},
        "provision": {"type": kind},
    }


def observed(name, question, *answers, **more):
    row = {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": question}], "text": f"Invented wording of {question}"},
        "subject": {"reference": "Patient/p1"},
        "encounter": {"reference": "Encounter/e1"},
        "effectiveDateTime": "2026-01-05T15:10:00Z",
    }
    if answers:
        row["valueCodeableConcept"] = {
            "coding": [{"system": LOINC, "code": a, "display": f"Said {a}"} for a in answers]
        }
    return row | more


def group(*members, code="96777-8", **more):
    return observed("g1", code, hasMember=[{"reference": f"Observation/{m}"} for m in members], **more)


ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e1",
    "subject": {"reference": "Patient/p1"},
    "type": [{"coding": [{"code": "23918007"}]}],
    "period": {"start": "2026-01-05T15:00:00Z"},
}
OFFICE = {"resourceType": "Organization", "id": "o1", "name": "Elm Clinic"}
FLAGGED = [{"coding": [{"code": "POS"}]}]


def request(**more):
    return {
        "resourceType": "ServiceRequest",
        "id": "r1",
        "status": "active",
        "intent": "order",
        "priority": "urgent",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"display": "Help with groceries"}]},
        "authoredOn": "2026-01-07T15:00:00Z",
        "requester": {"reference": "Organization/o1"},
    } | more


def questionnaire(*items, code="96777-8", **more):
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "questionnaire": "http://elm.example/Questionnaire/ours",
        "subject": {"reference": "Patient/p1"},
        "encounter": {"reference": "Encounter/e1"},
        "authored": "2026-01-05T16:00:00Z",
        "item": [{"linkId": code, "text": "A few questions", "item": list(items)}],
    } | more


def ticked(question, **answer):
    return {"linkId": question, "text": f"Invented wording of {question}", "answer": [answer]}


def coded(code):
    return {"valueCoding": {"system": LOINC, "code": code, "display": f"Said {code}"}}


SMALL = [
    patient(),
    consent(),
    ENCOUNTER,
    OFFICE,
    group("a", "b"),
    observed("a", "71802-3", "LA31994-9", interpretation=FLAGGED),
    observed("b", "88122-7", "LA28398-8"),
]


def bundle(*resources, **more):
    entries = [
        {"fullUrl": f"http://elm.example/{r['resourceType']}/{r['id']}", "resource": r} for r in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries} | more


@pytest.fixture
def take(cast, tmp_path):
    def do(*resources, name="one.json", more=None, **options):
        (tmp_path / name).write_text(json.dumps(bundle(*deepcopy(resources), **(more or {}))))
        return import_hrsn(tmp_path / name, cast.riverside, **options)

    return do


def told(report):
    return [(r.line, r.column, r.why) for r in report.refused]


def only():
    return Response.objects.get(set_aside_on=None)


def test_a_bundle_becomes_a_person_with_a_referral_and_an_answered_questionnaire(cast, take):
    report = take(*SMALL)
    assert report.exit_code == 0, told(report)
    row = only()
    assert row.answers == {"71802-3": "LA31994-9", "88122-7": "LA28398-8"}
    assert (row.held_on, row.mode, row.note) == (date(2026, 1, 5), "alone", "Asked by Elm Clinic.")
    assert (row.client.name, row.client.phone, row.client.language) == (
        "Alma Invented",
        "412-555-0100",
        "Spanish",
    )
    assert row.client.source_key == "ELM/M1", "the same key as in the flat files"
    assert Identifier.objects.get(client=row.client).masked == "••••765Q"
    assert IncomingReferral.objects.get(client=row.client).source_contact == "Elm Clinic"
    assert take(*SMALL).changed == 0


def test_answers_come_as_a_questionnaire_too_and_agree_with_the_observations(cast, take):
    report = take(
        *SMALL, questionnaire(ticked("88122-7", **coded("LA28398-8")), ticked("93030-5", **coded("LA33-6")))
    )
    assert report.exit_code == 0, told(report)
    assert only().answers.keys() == {"71802-3", "88122-7", "93030-5"}
    assert report.files["one.json"].repeated == 1


def test_an_answer_that_the_observations_contradict_is_refused(cast, take):
    report = take(*SMALL, questionnaire(ticked("88122-7", **coded("LA28397-0"))))
    assert [why for _l, _c, why in told(report)] == [
        "This question has another answer already in this screening."
    ]
    assert only().answers["88122-7"] == "LA28398-8"


def test_several_answers_numbers_and_no_answer_are_read(cast, take):
    several = {
        "component": [{"valueCodeableConcept": {"coding": [{"code": "LA28580-1"}, {"code": "LA31998-0"}]}}]
    }
    take(
        *SMALL[:4],
        group("a", "b", "c", "d"),
        observed("a", "96778-6", **several),
        observed("b", "95614-4", valueCodeableConcept={"coding": [{"display": "{Number}"}], "text": "4"}),
        observed("c", "77594-0", valueQuantity={"value": 120}),
        observed("d", "93030-5", dataAbsentReason={"coding": [{"code": "asked-declined"}]}),
    )
    assert only().answers == {"96778-6": ["LA28580-1", "LA31998-0"], "95614-4": 4, "77594-0": 120}


@pytest.mark.parametrize(
    "said",
    [
        [consent("deny", "rejected")],
        [consent("deny")],
        [consent(status="inactive")],
        [],
        [consent(), consent("deny") | {"id": "c2"}],
    ],
)
def test_without_consent_nothing_of_anybody_is_kept(cast, take, said):
    report = take(SMALL[0], *said, *SMALL[2:])
    assert len(report.refused) == 1
    assert "nothing of the answers is kept" in report.refused[0].why
    assert not Client.objects.filter(agency=cast.riverside).exists()
    assert not Instrument.objects.filter(code__startswith="hrsn:").exists()


def test_whoever_said_no_to_going_on_is_heard(cast, take):
    no = questionnaire(
        ticked("patient-assessment-approval-indicator", **coded("LA32-8")), code="approval", id="q2"
    )
    assert take(*SMALL, no).exit_code == 1
    assert not Response.objects.exists()


@pytest.mark.parametrize("said", [consent("deny", "rejected"), consent("permit", "inactive")])
def test_a_consent_taken_back_sets_aside_what_was_here(cast, take, said):
    take(*SMALL)
    take(SMALL[0], said, *SMALL[2:4])
    assert Response.objects.get().set_aside_why == "Consent was refused or taken back."


@pytest.mark.parametrize(("label", "hidden"), [("ETH", True), ("N", False)])
def test_what_a_bundle_labels_as_protected_is_seen_by_those_who_lead(cast, take, label, hidden):
    assert take(*SMALL, more={"meta": {"security": [{"code": label}]}}).exit_code == 0
    client = Client.objects.get(agency=cast.riverside)
    assert (client.restricted_on is not None) is hidden


def test_a_screening_entered_by_mistake_is_not_taken(cast, take):
    take(*SMALL[:4], group("a", status="entered-in-error"), SMALL[5])
    assert not Response.objects.exists()


# --- Referrals ---------------------------------------------------------------------------------------------------


def test_a_request_for_a_service_becomes_a_referral_once(cast, take):
    asked = [patient(), consent(), OFFICE, request()]
    assert take(*asked).exit_code == 0
    assert take(*asked).changed == 0
    row = IncomingReferral.objects.get(client__agency=cast.riverside)
    assert row.reason == "Help with groceries (ServiceRequest r1)"
    assert (row.received_on, row.urgency, row.source_contact) == (date(2026, 1, 7), "soon", "Elm Clinic")


def test_a_request_brings_one_referral_with_the_screening_beside_it(cast, take):
    take(*SMALL, request())
    assert IncomingReferral.objects.filter(client=only().client).count() == 1


def test_a_request_of_somebody_known_is_their_referral(cast, take):
    known = make_client(cast.riverside, given_name="Alma", family_name="Invented", born_on=date(1988, 2, 3))
    take(patient(), consent(), request())
    assert IncomingReferral.objects.get().client == known


@pytest.mark.parametrize("over", [{"status": "completed"}, {"status": "revoked"}, {"intent": "reflex-order"}])
def test_a_request_that_is_over_is_left_out_with_words(cast, take, over):
    report = take(patient(), request(**over))
    assert report.exit_code == 0
    assert [r.why for r, _n in report.warnings.values()] == [
        "It is not open any more: no referral is made of it."
    ]
    assert not Client.objects.filter(agency=cast.riverside).exists()


def test_what_has_no_place_here_is_counted_by_its_kind(cast, take):
    report = take(*SMALL, {"resourceType": "Condition", "id": "x"}, {"resourceType": "Task", "id": "y"})
    assert report.not_taken == {"one.json: Condition": 1, "one.json: Task": 1}


# --- Broken ones --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"resourceType": "Patient"}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"resourceType": 7}',
    ],
)
def test_what_is_no_bundle_ends_with_words(cast, tmp_path, content):
    path = tmp_path / "one.json"
    path.write_bytes(content)
    with pytest.raises(Unusable):
        import_hrsn(path, cast.riverside)


ODD = [None, 7, [None], {"coding": [None, {"code": 5}]}, "\ud800\x00"]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_shape_of_a_resource_ends_in_a_traceback(cast, tmp_path, odd):
    """Each field of each resource in turn is something that nobody expects."""
    everything = [*SMALL, questionnaire(ticked("93030-5", **coded("LA33-6"))), request()]
    for at, resource in enumerate(everything):
        folder = tmp_path / str(at)
        folder.mkdir()
        for n, name in enumerate(resource):
            broken = deepcopy(everything)
            broken[at][name] = odd
            whole = bundle(*everything)
            whole["entry"] = [{"resource": r} for r in broken]
            (folder / f"{n}.json").write_text(json.dumps(whole))
        report = import_hrsn(folder, cast.riverside, dry_run=True)
        assert list(report.lines())


def test_one_broken_bundle_holds_up_no_other(cast, tmp_path):
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text(json.dumps(bundle(*SMALL)))
    report = import_hrsn(tmp_path, cast.riverside)
    assert report.exit_code == 1
    assert Response.objects.count() == 1


def test_a_bundle_about_nobody_is_refused(cast, take):
    assert told(take(*SMALL[1:])) == [(0, "", "There is nobody in it: a bundle is about a person.")]


def test_somebody_without_a_record_number_or_a_name_is_refused(cast, take):
    assert told(take(patient(identifier=[]), *SMALL[1:]))[0][1:] == (
        "identifier",
        "There is no medical record number (MR).",
    )
    assert told(take(patient(name=[]), *SMALL[1:]))[0][1:] == ("name", "There is no name.")


def test_a_member_that_is_not_there_is_remarked_and_a_bad_one_refused(cast, take):
    report = take(*SMALL[:4], group("a", "b", "gone"), SMALL[5], observed("b", "88122-7", "LA99999-9"))
    assert told(report) == [(7, "value", "This code is on no list of answers to this question.")]
    assert "points to nothing" in [r.why for r, _n in report.warnings.values()]
    assert "71802-3" in only().answers


# --- The examples of New York --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "expected"), EXAMPLES.items(), ids=EXAMPLES)
def test_the_published_bundles_are_read(cast, sample_data, name, expected):
    path = sample_data / "hrsn/shinny_fhir" / f"{name}.json"
    report = import_hrsn(path, cast.riverside)
    tally = report.files[path.name]
    people = Client.objects.filter(agency=cast.riverside).count()
    assert (Response.objects.count(), tally.created, people) == expected
    assert report.exit_code == (1 if name == "PatientNegativeConsent" else 0), told(report)
    assert import_hrsn(path, cast.riverside).changed == 0


def test_all_published_bundles_at_once_end_where_they_end_a_second_time(cast, sample_data):
    folder = sample_data / "hrsn/shinny_fhir"
    import_hrsn(folder, cast.riverside)
    assert Client.objects.filter(agency=cast.riverside).count() == 1, "all are about one person"
    assert not Response.objects.filter(set_aside_on=None).exists(), "one of them takes consent back"
    assert import_hrsn(folder, cast.riverside).changed == 0


@pytest.mark.parametrize("name", ["", "/CorrectDataSingleSet.zip"], ids=["folder", "zip"])
def test_the_published_flat_files_are_protected_and_whole(cast, sample_data, name):
    path = f"{sample_data}/hrsn/shinny_flatfile{name}"
    report = import_hrsn(path, cast.riverside)
    assert Client.objects.get(agency=cast.riverside).restricted_on
    assert report.exit_code == 0, told(report)
    core = Response.objects.get(source_key__endswith="/96777-8")
    assert core.held_on == date(2023, 7, 12)
    assert core.scores["safety"]["value"] == 4
    assert "77594-0" in Response.objects.get(source_key__endswith="/97023-6").answers
    assert core.completed_at <= timezone.now()
    assert import_hrsn(path, cast.riverside).changed == 0
