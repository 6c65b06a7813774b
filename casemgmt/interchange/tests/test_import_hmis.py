import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments.due import assessment_due
from casemgmt.agencies.models import Agency, PickItem, Program, ServiceType, StaffMember, acting_as
from casemgmt.agencies.models.program import ModelOfPractice
from casemgmt.interchange.hmis.importer import import_hmis
from casemgmt.interchange.tests.conftest import SSN
from clients.models import (
    CaseAssignment,
    Client,
    DatedFact,
    Discharge,
    Enrollment,
    Household,
    HouseholdMember,
    Identifier,
    KeyEvent,
    StageChange,
    Visit,
    VisitParticipant,
)
from clients.pipeline import Stage
from serviceplans.progress import plan_due

MODELS = [
    Program,
    StaffMember,
    Client,
    Household,
    HouseholdMember,
    Enrollment,
    Discharge,
    Visit,
    VisitParticipant,
    PickItem,
    ServiceType,
    DatedFact,
    KeyEvent,
    Identifier,
]


def traces():
    """How much history there is, and every version: nothing may change unseen."""
    return {
        model.__name__: (
            model.history.count(),
            list(model.objects.order_by("pk").values_list("pk", "version")),
        )
        for model in MODELS
    } | {"StageChange": StageChange.objects.count()}


def whys(report):
    return [(remark.file, remark.column, remark.why) for remark in report.refused]


def warned(report):
    return [(remark.file, remark.column, rows) for remark, rows in report.warnings.values()]


def all_text():
    return json.dumps(
        [list(model.objects.values()) + list(model.history.values()) for model in MODELS], default=str
    )


# --- What comes in ------------------------------------------------------------------------------------------------


def test_projects_become_programs(take):
    take()
    outreach, homes = Program.objects.order_by("source_key")
    assert (outreach.name, outreach.code, outreach.model) == ("Harbor Outreach", "SO", ModelOfPractice.BROKER)
    assert (outreach.source, outreach.source_key) == ("hmis:77", "P1")
    assert (outreach.opened_on, outreach.closed_on) == (date(2019, 4, 1), None)
    assert (homes.code, homes.model, homes.caseload_target) == ("PSH", ModelOfPractice.INTENSIVE, 15)
    assert homes.closed_on == date(2022, 12, 31)


def test_users_become_staff_without_login(take):
    take()
    robin, nameless = StaffMember.objects.order_by("source_key")
    assert (robin.name, robin.email, robin.phone) == (
        "Robin Example",
        "robin@example.org",
        "4125550100 x12",
    )
    assert (robin.user, robin.roles) == (None, [])
    assert nameless.name == "HMIS user U2"


def test_people_come_with_names_and_how_sure_their_birth_date_is(take):
    take()
    alma, ben, carl = Client.objects.order_by("source_key")
    assert alma.legal_name == "Alma Q Invented"
    assert (alma.born_on, alma.born_precision) == (date(1988, 2, 3), Client.BirthPrecision.EXACT)
    assert ben.born_precision == Client.BirthPrecision.YEAR
    assert (carl.name, carl.born_on) == ("Carl Made-Up Jr.", None)
    with acting_as(alma.agency, by=None):
        assert Client.objects.search("invented alm").get() == alma


def test_no_social_security_number_comes_in(take):
    report = take()
    assert SSN not in all_text()
    assert SSN not in json.dumps(report.as_dict())


def test_enrollments_come_with_their_household(take):
    take()
    alma, ben = Enrollment.objects.filter(source_key__in=["E1", "E2"]).order_by("source_key")
    assert alma.household == ben.household
    assert alma.household.source_key == "H1"
    assert [
        (m.client.given_name, m.relation, m.started_on) for m in alma.household.members.order_by("client")
    ] == [
        ("Alma", "head", date(2021, 10, 1)),
        ("Ben", "child", date(2021, 10, 1)),
    ]


def test_an_open_enrollment_waits_for_a_worker(take, harbor):
    take()
    waiting = Enrollment.objects.filter(agency=harbor).without_worker()
    assert {(e.source_key, e.stage, e.staged_on, e.ended_on) for e in waiting} == {
        ("E1", Stage.ENROLLED, timezone.localdate(), None),
        ("E2", Stage.ENROLLED, timezone.localdate(), None),
    }


def test_what_is_due_for_somebody_who_came_in_is_counted_from_that_day(take):
    take()
    waiting = Enrollment.objects.select_related("program").with_last_contact().get(source_key="E1")
    due = [waiting.contact_due_on(), assessment_due([waiting])[waiting.pk], plan_due([waiting])[waiting.pk]]
    assert min(due) > timezone.localdate()
    assert waiting.stage_changes.get().on == waiting.enrolled_on == date(2021, 10, 1)


def test_an_exit_closes_the_enrollment_with_an_unsigned_discharge(take):
    take()
    left = Enrollment.objects.get(source_key="E3")
    assert (left.stage, left.ended_on, left.staged_on) == (Stage.CLOSED, date(2022, 6, 30), date(2022, 6, 30))
    change = left.stage_changes.get()
    assert (change.from_stage, change.to_stage, change.source) == ("", Stage.CLOSED, "hmis:77")
    discharge = left.discharge
    assert (discharge.disposition.code, discharge.disposition.label) == (
        "hmis-435",
        "Rents, with ongoing subsidy",
    )
    assert (discharge.was_planned, discharge.signed_at, discharge.source_key) == (True, None, "X3")
    assert discharge.reason == "Housing Choice Voucher"


def test_a_disposition_that_the_agency_has_is_used(take, harbor):
    with acting_as(harbor, by=None):
        own = PickItem.objects.create(pick_list="disposition", code="hmis-435", label="Own lease")
    take()
    assert Discharge.objects.get().disposition == own


def test_an_end_that_nobody_calls_planned_is_not_called_so(made, take):
    made["Exit"][0] |= {"ProjectCompletionStatus": "", "Destination": ""}
    take()
    assert (Discharge.objects.get().was_planned, Discharge.objects.get().disposition) == (None, None)


def test_a_service_becomes_a_visit_at_noon(take, harbor):
    take()
    visits = {visit.source_key: visit for visit in Visit.objects.all()}
    assert visits.keys() == {"Services:1"}
    with acting_as(harbor, by=None):
        at = timezone.localtime(visits["Services:1"].started_at)
    assert (at.date(), at.hour, at.minute) == (date(2021, 10, 5), 12, 0)
    assert visits["Services:1"].service_type.name == visits["Services:1"].note == "SSVF service: outreach"
    assert visits["Services:1"].lead().name == "Robin Example"
    assert not Visit.objects.drafts().exists()


def test_history_gives_the_file_as_the_reason(take):
    take()
    assert {h.history_change_reason for h in Client.history.all()} == {"HMIS import export"}


def test_every_row_read_is_accounted_for(made, take):
    made.row("Client", PersonalID="C4", DateDeleted="2022-01-01")
    made["Client"].append(made["Client"][2])
    made.row("Client", PersonalID="")
    report = take()
    for tally in report.files.values():
        counted = tally.created + tally.updated + tally.unchanged
        assert tally.read == counted + tally.deleted + tally.repeated + tally.refused
    assert report.files["Client.csv"].read == 6


@pytest.mark.parametrize("given", ["", None])
def test_without_a_source_id_the_source_is_hmis(made, take, given):
    if given is None:
        del made["Export"]
    else:
        made["Export"][0]["SourceID"] = given
    assert take().source == "hmis"


def test_an_export_without_its_optional_files_comes_in(made, take):
    for name in ("User", "Exit", "Services", "CurrentLivingSituation"):
        del made[name]
    report = take()
    assert (report.exit_code, Enrollment.objects.open().count()) == (0, 3)


def test_two_agencies_hold_the_same_export_apart(made, take, harbor):
    take()
    other = Agency.objects.create(name="Other House", slug="other")
    before = traces()
    report = import_hmis(made.folder(), other)
    assert report.files["Client.csv"].created == 3
    assert traces()["Client"][1][:3] == before["Client"][1]
    assert Client.objects.filter(agency=other).count() == Client.objects.filter(agency=harbor).count() == 3


# --- Names withheld ---------------------------------------------------------------------------------------------------

HASH = "2cb30d5ef678412db20875ccf25c63ff"


@pytest.mark.parametrize("first, last", [(HASH, HASH), ("", ""), (HASH, "")])
def test_a_hash_or_no_name_is_shown_as_withheld(made, take, first, last):
    made["Client"][0] |= {
        "PersonalID": "0123456789C1",
        "FirstName": first,
        "LastName": last,
        "NameSuffix": HASH,
    }
    made["Enrollment"][0]["PersonalID"] = "0123456789C1"
    take()
    client = Client.objects.get(source_key="0123456789C1")
    assert client.name == "Name withheld 456789C1"
    assert HASH not in all_text()


def test_clear_names_come_in_even_where_the_export_calls_itself_hashed(made, take):
    made["Export"][0]["HashStatus"] = "3"
    take()
    assert Client.objects.get(source_key="C1").name == "Alma Invented"


def test_a_name_that_comes_later_replaces_the_withheld_one(made, take):
    clear = dict(made["Client"][0])
    made["Client"][0] |= {"FirstName": HASH, "MiddleName": HASH, "LastName": HASH}
    take()
    made["Client"][0] = clear | {"LastName": ""}
    take()
    assert Client.objects.get(source_key="C1").legal_name == "Alma Q"


def test_a_hash_never_replaces_a_name_that_is_known(made, take):
    take()
    made["Client"][0] |= {"FirstName": HASH, "MiddleName": HASH, "LastName": HASH}
    take()
    assert Client.objects.get(source_key="C1").name == "Alma Invented"


# --- Again, and newer -----------------------------------------------------------------------------------------------


def test_the_same_export_again_changes_nothing(take):
    take()
    before = traces()
    report = take()
    assert report.changed == 0
    assert traces() == before


def test_a_newer_export_updates_with_history(made, take):
    take()
    made["Client"][0] |= {"LastName": "Renamed", "DOB": "1988-03-02"}
    made["Project"][0]["ProjectName"] = "Harbor Street Outreach"
    made["Services"][0]["UserID"] = "U2"
    made["Enrollment"][1]["RelationshipToHoH"] = "4"
    report = take()
    assert report.changed == 4
    alma = Client.objects.get(source_key="C1")
    assert (alma.name, alma.version, alma.history.count()) == ("Alma Renamed", 2, 2)
    assert alma.history.first().history_change_reason == "HMIS import export"
    with acting_as(alma.agency, by=None):
        assert Client.objects.search("renamed").get() == alma
    assert Program.objects.get(source_key="P1").name == "Harbor Street Outreach"
    assert Visit.objects.get(source_key="Services:1").lead().name == "HMIS user U2"
    assert HouseholdMember.objects.get(client__source_key="C2").relation == "relative"


def test_an_empty_cell_erases_nothing(made, take):
    take()
    made["Client"][0] |= {"MiddleName": "", "DOB": "", "DOBDataQuality": "99"}
    made["Project"][1]["OperatingEndDate"] = ""
    made["User"][0]["UserEmail"] = ""
    assert take().changed == 0


def test_a_row_that_is_gone_from_the_export_is_left_alone_and_counted(made, take):
    take()
    del made["Services"][1]
    report = take()
    assert (report.changed, report.files["Services.csv"].absent) == (0, 1)
    assert report.files["CurrentLivingSituation.csv"].absent == 0
    assert DatedFact.objects.filter(source_key="Services:2").exists()


def test_rows_marked_as_deleted_are_skipped_and_stay_where_they_are_known(made, take):
    take()
    made["Services"][0]["DateDeleted"] = "2022-01-01 10:00:00"
    made.row("Services", ServicesID="9", DateDeleted="2022-01-01")
    report = take()
    assert (report.files["Services.csv"].deleted, report.files["Services.csv"].absent) == (2, 0)
    assert warned(report) == [("Services.csv", "DateDeleted", 1)]
    assert Visit.objects.count() == 1


def test_a_stage_that_people_reached_here_stays(made, take, harbor):
    take()
    with acting_as(harbor, by=None):
        Enrollment.objects.get(source_key="E1").move_to(Stage.CONCLUDING, by=None)
    made["Enrollment"][0]["EntryDate"] = "2021-09-30"
    take()
    enrollment = Enrollment.objects.get(source_key="E1")
    assert (enrollment.stage, enrollment.enrolled_on) == (Stage.CONCLUDING, date(2021, 9, 30))


def test_an_exit_in_a_newer_export_closes_and_ends_the_assignment(made, take, harbor):
    take()
    with acting_as(harbor, by=None):
        worker = StaffMember.objects.create(name="Wendy")
        Enrollment.objects.get(source_key="E1").assign(worker, by=None, on=date(2022, 1, 1))
    made.row("Exit", ExitID="X1", EnrollmentID="E1", PersonalID="C1", ExitDate="2022-05-05")
    report = take()
    assert (report.files["Exit.csv"].created, report.files["Enrollment.csv"].updated) == (1, 0)
    enrollment = Enrollment.objects.get(source_key="E1")
    assert (enrollment.stage, enrollment.ended_on) == (Stage.CLOSED, date(2022, 5, 5))
    assert [(c.from_stage, c.to_stage, c.source) for c in enrollment.stage_changes.all()] == [
        ("", "enrolled", "hmis:77"),
        ("enrolled", "closed", "hmis:77"),
    ]
    assert CaseAssignment.objects.get().ended_on == date(2022, 5, 5)
    assert take().changed == 0


def test_a_corrected_exit_moves_the_end(made, take):
    take()
    made["Exit"][0] |= {"ExitDate": "2022-07-15", "Destination": "24", "DestinationSubsidyType": ""}
    report = take()
    assert report.files["Exit.csv"].updated == 1
    enrollment = Enrollment.objects.get(source_key="E3")
    assert enrollment.ended_on == enrollment.discharge.discharged_on == date(2022, 7, 15)
    assert enrollment.discharge.disposition.label == "Died"
    assert take().changed == 0


def test_a_period_that_moved_as_a_whole_moves_here(made, take):
    take()
    made["Enrollment"][2]["EntryDate"] = "2023-01-01"
    made["Exit"][0]["ExitDate"] = "2023-02-01"
    assert take().exit_code == 0
    enrollment = Enrollment.objects.get(source_key="E3")
    assert (enrollment.enrolled_on, enrollment.ended_on) == (date(2023, 1, 1), date(2023, 2, 1))
    assert enrollment.discharge.discharged_on == date(2023, 2, 1)


def test_an_entry_after_the_known_end_is_refused(made, take):
    take()
    made["Enrollment"][2]["EntryDate"] = "2023-01-01"
    del made["Exit"]
    assert whys(take()) == [("Enrollment.csv", "EntryDate", "The entry is after the end that is known here.")]


def test_a_discharge_that_is_being_written_here_is_not_overtaken(made, take, harbor):
    take()
    with acting_as(harbor, by=None):
        Discharge.objects.create(enrollment=Enrollment.objects.get(source_key="E1"), summary="Ours")
    made.row("Exit", ExitID="X1", EnrollmentID="E1", PersonalID="C1", ExitDate="2022-05-05")
    assert whys(take()) == [("Exit.csv", "ExitID", "A discharge is being written here; finish it first.")]
    assert Enrollment.objects.get(source_key="E1").is_open


def test_a_discharge_signed_here_stays(made, take, harbor):
    take()
    with acting_as(harbor, by=None):
        enrollment = Enrollment.objects.get(source_key="E1")
        Discharge.objects.create(enrollment=enrollment, summary="Ours", signed_at=timezone.now())
        enrollment.move_to(Stage.CONCLUDING, by=None)
        enrollment.move_to(Stage.DISCHARGED, by=None)
    made.row("Exit", ExitID="X1", EnrollmentID="E1", PersonalID="C1", ExitDate="2022-05-05")
    report = take()
    assert (report.changed, report.exit_code) == (0, 0)
    assert warned(report) == [("Exit.csv", "ExitID", 1)]
    assert Enrollment.objects.get(source_key="E1").stage == Stage.DISCHARGED


def test_a_visit_signed_here_stays(made, take, harbor):
    take()
    with acting_as(harbor, by=None):
        visit = Visit.objects.get(source_key="Services:1")
        visit.note, visit.signed_at = "Ours", timezone.now()
        visit.save()
    made["Services"][0] |= {"DateProvided": "2021-10-06", "UserID": "U2"}
    assert take().changed == 0
    visit = Visit.objects.get(source_key="Services:1")
    assert (visit.note, visit.lead().name) == ("Ours", "Robin Example")


def test_nothing_moves_from_one_person_to_another(made, take):
    take()
    made["Enrollment"][0]["PersonalID"] = "C2"
    made["Services"][0] |= {"EnrollmentID": "E2", "PersonalID": "C2"}
    del made["CurrentLivingSituation"]
    report = take()
    assert [(file, column) for file, column, why in whys(report)] == [
        ("Enrollment.csv", "PersonalID"),
        ("Services.csv", "EnrollmentID"),
    ]
    assert report.changed == 0


# --- Faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, at, fields, column, why",
    [
        ("Enrollment", 0, {"PersonalID": "C9"}, "PersonalID", "There is no such row in Client.csv."),
        ("Enrollment", 0, {"ProjectID": "P9"}, "ProjectID", "There is no such row in Project.csv."),
        ("Enrollment", 0, {"PersonalID": ""}, "PersonalID", "This must not be empty."),
        ("Enrollment", 0, {"EntryDate": ""}, "EntryDate", "The date is missing."),
        ("Enrollment", 0, {"EntryDate": "31/12/2021"}, "EntryDate", "This is no date that can be read."),
        (
            "Enrollment",
            0,
            {"EntryDate": "1821-01-01"},
            "EntryDate",
            "The date is in the future, or before 1900.",
        ),
        ("Exit", 0, {"ExitDate": "2021-03-04"}, "ExitDate", "The exit is before the entry."),
        ("Exit", 0, {"EnrollmentID": "E9"}, "EnrollmentID", "There is no such row in Enrollment.csv."),
        ("Exit", 0, {"EnrollmentID": ""}, "EnrollmentID", "This must not be empty."),
        ("Exit", 0, {"PersonalID": "C1"}, "PersonalID", "The enrollment is another person’s."),
        ("Services", 0, {"EnrollmentID": "E9"}, "EnrollmentID", "There is no such row in Enrollment.csv."),
        ("Services", 0, {"PersonalID": "C3"}, "PersonalID", "The enrollment is another person’s."),
        ("Services", 0, {"RecordType": "999"}, "RecordType", "This code is on no list."),
        ("Services", 0, {"ServicesID": "x" * 101}, "ServicesID", "There is no usable key here."),
        ("Client", 2, {"DateDeleted": "yes"}, "DateDeleted", "It is not clear whether this row is deleted."),
        (
            "CurrentLivingSituation",
            0,
            {"InformationDate": "0000-00-00"},
            "InformationDate",
            "This is no date that can be read.",
        ),
    ],
)
def test_a_row_with_a_fault_is_refused_and_says_why(made, take, name, at, fields, column, why):
    made[name][at] |= fields
    report = take()
    assert (f"{name}.csv", column, why) in whys(report)
    assert (report.refused[0].line, report.exit_code) == (at + 2, 1)
    assert Client.objects.filter(source_key="C2").exists()


def test_what_belongs_to_a_refused_or_deleted_row_is_refused_with_it(made, take):
    made["Enrollment"][0]["EntryDate"] = "soon"
    made["Project"][1]["DateDeleted"] = "2022-01-01"
    report = take()
    lost = "Its row in {} was deleted or refused."
    assert whys(report)[1:] == [
        ("Enrollment.csv", "ProjectID", lost.format("Project.csv")),
        ("Exit.csv", "EnrollmentID", lost.format("Enrollment.csv")),
        ("Services.csv", "EnrollmentID", lost.format("Enrollment.csv")),
        ("Services.csv", "EnrollmentID", lost.format("Enrollment.csv")),
        ("CurrentLivingSituation.csv", "EnrollmentID", lost.format("Enrollment.csv")),
    ]


def test_what_is_said_to_happen_tomorrow_is_refused(made, take):
    made["Services"][0]["DateProvided"] = (date.today() + timedelta(days=2)).isoformat()
    assert take().refused[0].column == "DateProvided"


def test_an_exit_that_is_refused_leaves_the_enrollment_open(made, take):
    made["Exit"][0]["ExitDate"] = "2021-03-04"
    take()
    assert Enrollment.objects.get(source_key="E3").is_open


def test_the_same_row_twice_is_taken_once(made, take):
    made["Client"].append(made["Client"][0])
    report = take()
    assert (report.files["Client.csv"].repeated, report.exit_code) == (1, 0)


def test_of_two_rows_with_one_key_the_later_is_refused(made, take):
    made.row("Client", FirstName="Somebody")
    report = take()
    assert whys(report) == [("Client.csv", "PersonalID", "Another row has this key and says something else.")]
    assert report.refused[0].line == 5
    assert Client.objects.get(source_key="C1").given_name == "Alma"


def test_a_second_exit_of_one_enrollment_is_refused(made, take):
    made.row("Exit", ExitID="X4", ExitDate="2022-07-01")
    assert whys(take()) == [("Exit.csv", "EnrollmentID", "Another row has ended this enrollment already.")]
    assert Enrollment.objects.get(source_key="E3").ended_on == date(2022, 6, 30)


def test_a_ragged_row_is_refused_and_an_open_quote_is_named(made, take):
    made.raw["Client"] = (
        b'PersonalID,FirstName,LastName\nC1,Alma,Invented\nC2,Ben\nC3,Carl,Made-Up\nC4,"Dot,Open\nC5,Eve,Open\n'
    )
    report = take()
    assert [(r.line, r.value) for r in report.refused[:2]] == [(3, ""), (5, "")]
    assert "a quote may be open until line 6" in report.refused[1].why


@pytest.mark.parametrize(
    "name, at, fields, column",
    [
        ("Client", 0, {"DOB": "1888-01-01"}, "DOB"),
        ("Client", 0, {"DOB": "2999-01-01"}, "DOB"),
        ("Client", 0, {"DOB": "unknown"}, "DOB"),
        ("Client", 0, {"LastName": "x" * 101}, "LastName"),
        ("User", 0, {"UserEmail": "robin at example"}, "UserEmail"),
        ("User", 0, {"UserPhone": "ask Robin"}, "UserPhone"),
        ("Project", 0, {"ProjectType": "55"}, "ProjectType"),
        ("Project", 0, {"OperatingStartDate": "?"}, "OperatingStartDate"),
        ("Project", 0, {"OperatingEndDate": "2018-01-01"}, "OperatingEndDate"),
        ("Enrollment", 0, {"RelationshipToHoH": "7"}, "RelationshipToHoH"),
        ("Exit", 0, {"Destination": "777"}, "Destination"),
        ("Services", 0, {"UserID": "U9"}, "UserID"),
        ("CurrentLivingSituation", 0, {"CurrentLivingSituation": "999"}, "CurrentLivingSituation"),
    ],
)
def test_a_doubtful_value_that_one_can_do_without_is_left_out(made, take, name, at, fields, column):
    made[name][at] |= fields
    report = take()
    assert warned(report) == [(f"{name}.csv", column, 1)]
    assert (report.exit_code, report.files["Services.csv"].created) == (0, 2)
    assert take().changed == 0


def test_a_closing_before_the_known_opening_is_left_out(made, take):
    take()
    made["Project"][0] |= {"OperatingStartDate": "", "OperatingEndDate": "2018-01-01"}
    report = take()
    assert warned(report) == [("Project.csv", "OperatingEndDate", 1)]
    assert report.changed == 0


def test_the_same_doubt_about_many_rows_is_told_once(made, take):
    for n in range(3, 13):
        made.row("Services", ServicesID=str(n), UserID="U9")
    report = take()
    assert warned(report) == [("Services.csv", "UserID", 10)]
    assert next(iter(report.warnings.values()))[0].line == 4


# --- The command ------------------------------------------------------------------------------------------------------


def run(*args):
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command("import_hmis", *map(str, args), stdout=out, stderr=err)
    except CommandError as error:
        code = error.returncode
    return code, out.getvalue(), err.getvalue()


def test_all_in_is_exit_code_0(made, harbor):
    code, out, err = run(made.zip(), "--agency", "harbor")
    assert code == 0
    assert "Client.csv 3/3" in err
    assert "Client.csv" in out
    assert Client.objects.count() == 3


def test_some_refused_is_exit_code_1_and_the_others_are_in(made, harbor):
    made["Enrollment"][0]["EntryDate"] = "soon"
    code, out, _err = run(made.folder(), "--agency", "harbor")
    assert code == 1
    assert "Enrollment.csv:2 EntryDate: This is no date that can be read." in out
    assert Enrollment.objects.count() == 2


@pytest.mark.parametrize("args", [["{path}", "--agency", "nobody"], ["{path}-not", "--agency", "harbor"]])
def test_what_cannot_be_used_is_exit_code_2_and_writes_nothing(made, harbor, args):
    path = made.folder()
    code, out, _err = run(*(arg.format(path=path) for arg in args))
    assert (code, out) == (2, "")
    assert not Client.objects.exists()


def test_a_file_that_breaks_off_takes_everything_back(made, harbor):
    made.raw["Services"] = next(c for f, c in made.files() if f == "Services.csv") + b'"' + b"x" * 200_000
    code, out, _err = run(made.folder(), "--agency", "harbor", "--json")
    assert code == 2
    assert "Services.csv cannot be read" in json.loads(out)["error"]
    assert not Program.objects.exists()


def test_a_dry_run_tells_all_and_writes_nothing(made, harbor):
    code, out, _err = run(made.folder(), "--agency", "harbor", "--dry-run", "--json")
    report = json.loads(out)
    assert (code, report["dry_run"], report["files"]["Client.csv"]["created"]) == (0, True, 3)
    assert not any(model.objects.exists() or model.history.exists() for model in MODELS)


def test_the_json_report_is_one_object(made, harbor):
    made["Client"][1]["DOB"] = "2999-01-01"
    made["Services"][0]["EnrollmentID"] = "E9"
    code, out, _err = run(made.folder(), "--agency", "harbor", "--json")
    report = json.loads(out)
    assert (code, report["exit_code"], report["source"]) == (1, 1, "hmis:77")
    assert report["refused"] == [
        {
            "file": "Services.csv",
            "line": 2,
            "column": "EnrollmentID",
            "value": "E9",
            "why": "There is no such row in Enrollment.csv.",
        }
    ]
    assert report["warnings"][0] == {
        "file": "Client.csv",
        "line": 3,
        "column": "DOB",
        "value": "",
        "why": "Nobody can be born then; left out.",
        "rows": 1,
    }
    assert report["beside"]["Household"]["created"] == 2
