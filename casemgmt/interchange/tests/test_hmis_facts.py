"""Income, disability, health and violence come in as dated facts and key events; names that are hidden match nobody."""

from datetime import date

import pytest
from django.utils import timezone

from casemgmt.agencies.models import StaffMember, acting_as
from casemgmt.interchange.hmis import facts
from casemgmt.interchange.hmis.reader import common_name, social_number
from casemgmt.interchange.tests.test_import_hmis import HASH, traces, warned, whys
from clients.models import Client, DatedFact, Enrollment, Identifier, KeyEvent, Visit

SSN = "212345678"  # can be one, and is nobody's in this export


def said(prefix=""):
    rows = DatedFact.objects.filter(source_key__startswith=prefix).order_by("source_key")
    return {row.source_key: (row.topic, row.label, row.said, row.cents) for row in rows}


# --- Facts ------------------------------------------------------------------------------------------------------------


def test_income_comes_by_source_and_in_all_with_benefits_and_insurance(full, take):
    take()
    assert said("Income") == {
        "IncomeBenefits:I1": ("income", "Income in all", "Yes", 125050),
        "IncomeBenefits.Earned:I1": ("income", "Wages", "Yes", 125050),
        "IncomeBenefits.SNAP:I1": ("benefit", "SNAP (food)", "Yes", None),
        "IncomeBenefits.InsuranceFromAnySource:I1": ("insurance", "Health insurance", "No", None),
        "IncomeBenefits:I2": ("income", "Income in all", "", None),
    }
    fact = DatedFact.objects.get(source_key="IncomeBenefits:I1")
    assert (fact.on, fact.occasion, fact.enrollment.source_key) == (date(2021, 10, 1), "At entry", "E1")
    assert fact.client.source_key == "C1"


def test_disabilities_come_with_their_kind(full, take):
    take()
    assert said("Disabilities") == {
        "Disabilities:D1": (
            "disability",
            "Mental health disorder",
            "Yes, long-lasting, limits independence",
            None,
        ),
        "Disabilities:D2": ("disability", "Substance use disorder", "Alcohol and drugs", None),
    }


def test_violence_is_a_fact_of_the_day_it_was_told_and_fleeing_an_event(full, take):
    take()
    assert said("HealthAndDV") == {
        "HealthAndDV:V1": ("violence", "Domestic violence", "Yes, within three months before", None),
        "HealthAndDV.CurrentlyFleeing:V1": ("violence", "Fleeing domestic violence", "Yes", None),
        "HealthAndDV.GeneralHealthStatus:V1": ("health", "Health in general", "Fair", None),
    }
    event = KeyEvent.objects.get(kind=KeyEvent.Kind.VIOLENCE)
    assert (event.started_on, event.ended_on) == (date(2021, 10, 1), None)


def test_older_exports_call_the_survivor_a_victim(full, take):
    full["HealthAndDV"][0]["DomesticViolenceVictim"] = full["HealthAndDV"][0].pop("DomesticViolenceSurvivor")
    take()
    assert said("HealthAndDV:")["HealthAndDV:V1"][2] == "Yes, within three months before"


def test_work_school_and_steps_of_coordinated_entry_are_facts(full, take):
    take()
    found = {**said("Employment"), **said("Youth"), **said("Event"), **said("Assessment")}
    assert {key: fact[1:3] for key, fact in found.items()} == {
        "EmploymentEducation:W1": ("Employed", "Yes, part time"),
        "EmploymentEducation.LastGradeCompleted:W1": ("Last grade completed", "Grade 12"),
        "YouthEducationStatus:Y1": ("School", "Enrolled, attends regularly, for an associate’s degree"),
        "Event:S1": ("Referral: permanent supportive housing", "accepted, 2021-12-05"),
        "Assessment:A1": (
            "Coordinated entry assessment",
            "Housing needs, in person, on the priority list",
        ),
    }


def test_where_somebody_lives_and_lived_are_facts(full, take):
    take()
    assert said("CurrentLivingSituation")["CurrentLivingSituation:1"][1:3] == (
        "Living situation",
        "Place not meant for living in, By the river",
    )
    assert said("Enrollment") == {
        "Enrollment.LivingSituation:E1": (
            "housing",
            "Living situation before entry",
            "Place not meant for living in",
            None,
        )
    }


def test_a_bed_night_is_a_fact_and_no_contact(full, take):
    take()
    assert said("Services") == {"Services:2": ("housing", "Bed night", "In the shelter", None)}
    assert Visit.objects.count() == 1
    assert Enrollment.objects.with_last_contact().get(source_key="E3").last_contact_at is None


def test_moving_in_and_leaving_for_hospital_jail_or_death_are_events(full, take):
    take()
    events = set(KeyEvent.objects.values_list("source_key", "kind", "started_on"))
    assert {
        ("Enrollment.MoveInDate:E1", "housed", date(2021, 12, 24)),
        ("Exit:X3", "hospital", date(2022, 6, 30)),
    } < events


@pytest.mark.parametrize("moved_in", ["2021-09-30", "2999-01-01", "soon"])
def test_a_day_of_moving_in_that_cannot_be_is_left_out(full, take, moved_in):
    full["Enrollment"][0]["MoveInDate"] = moved_in
    report = take()
    assert ("Enrollment.csv", "MoveInDate", 1) in warned(report)
    assert not KeyEvent.objects.filter(kind=KeyEvent.Kind.HOUSED).exists()


def test_the_report_says_which_files_have_no_place_and_which_are_missing(full, take):
    del full["Event"]
    report = take()
    assert (report.not_taken, report.missing) == ({"Organization.csv": 1}, ["Event.csv"])
    assert "Organization.csv: 1 rows" in "\n".join(report.lines())


def test_every_row_of_facts_is_accounted_for(full, take):
    full["IncomeBenefits"] += [full["IncomeBenefits"][0], full["IncomeBenefits"][0] | {"EnrollmentID": "E9"}]
    report = take()
    tally = report.files["IncomeBenefits.csv"]
    assert (tally.read, tally.created, tally.repeated, tally.refused) == (4, 2, 1, 1)
    assert report.also("DatedFact").created == DatedFact.objects.count()


# --- Again, and newer -------------------------------------------------------------------------------------------------


def test_the_same_facts_again_change_nothing(full, take):
    take()
    before = traces()
    report = take()
    assert (report.changed, traces() == before) == (0, True)
    assert {tally.absent for tally in report.files.values()} == {0}


def test_a_no_takes_an_older_yes_and_its_amount_away(full, take):
    take()
    full["IncomeBenefits"][0] |= {"Earned": "0", "EarnedAmount": "", "SNAP": ""}
    take()
    wages = DatedFact.objects.get(source_key="IncomeBenefits.Earned:I1")
    assert (wages.said, wages.cents, wages.history.count()) == ("No", None, 2)
    assert DatedFact.objects.get(source_key="IncomeBenefits.SNAP:I1").said == "Yes"


def test_an_answer_that_is_gone_from_a_newer_export_stays(full, take):
    take()
    full["Disabilities"][0]["DisabilityResponse"] = "99"
    assert take().changed == 0


def test_a_fact_does_not_move_to_another_enrollment(full, take):
    take()
    full["Disabilities"][0] |= {"EnrollmentID": "E2", "PersonalID": "C2"}
    report = take()
    why = "Here it belongs to another enrollment; it does not move."
    assert whys(report) == [("Disabilities.csv", "EnrollmentID", why)]
    assert report.changed == 0


def test_what_comes_for_somebody_who_was_merged_goes_to_the_kept_record(full, take, harbor):
    take()
    alma = Client.objects.get(source_key="C1")
    with acting_as(harbor, by=None):
        kept = Client.objects.create(given_name="Alma", family_name="Kept")
        alma.merged_into = kept
        alma.save()
        for row in (*Enrollment.objects.filter(client=alma), *DatedFact.objects.filter(client=alma)):
            row.client = kept
            row.save()
        for row in KeyEvent.objects.filter(client=alma):
            row.client = kept
            row.save()
    full["Client"][0]["LastName"] = "Renamed"
    full.row("Disabilities", DisabilitiesID="D9", DisabilityType="5")
    full.row("Enrollment", EnrollmentID="E9", EntryDate="2022-02-02", MoveInDate="")
    report = take()
    assert report.exit_code == 0
    assert Client.objects.get(pk=alma.pk).family_name == "Invented"
    assert DatedFact.objects.get(source_key="Disabilities:D9").client == kept
    assert Enrollment.objects.get(source_key="E9").client == kept
    assert report.also("DatedFact").updated == 0


# --- Faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, fields, column",
    [
        ("Disabilities", {"DisabilityType": "77"}, "DisabilityType"),
        ("Event", {"Event": ""}, "Event"),
        ("IncomeBenefits", {"InformationDate": "2999-01-01"}, "InformationDate"),
        ("HealthAndDV", {"PersonalID": "C3"}, "PersonalID"),
        ("Assessment", {"EnrollmentID": "E9"}, "EnrollmentID"),
    ],
)
def test_a_row_of_facts_with_a_fault_is_refused(full, take, name, fields, column):
    full[name][0] |= fields
    report = take()
    assert [(r.file, r.line, r.column) for r in report.refused] == [(f"{name}.csv", 2, column)]


@pytest.mark.parametrize(
    "name, column, value",
    [
        ("IncomeBenefits", "EarnedAmount", "lots"),
        ("IncomeBenefits", "TotalMonthlyIncome", "-5"),
        ("IncomeBenefits", "SNAP", "7"),
        ("HealthAndDV", "GeneralHealthStatus", "77"),
        ("Disabilities", "DisabilityResponse", "6"),
        ("EmploymentEducation", "DataCollectionStage", "4"),
        ("Event", "ResultDate", "soon"),
    ],
)
def test_a_doubtful_answer_is_left_out_with_a_remark(full, take, name, column, value):
    full[name][0][column] = value
    report = take()
    assert warned(report) == [(f"{name}.csv", column, 1)]
    assert take().changed == 0


@pytest.mark.parametrize(
    "text, found",
    [("1200", 120000), ("$1,200.5", 120050), ("0", 0), ("142.295", 14230), ("999999999", 99999999900)],
)
def test_amounts_are_read_to_the_cent(text, found):
    assert facts.cents(text) == found


@pytest.mark.parametrize("text", ["-1", "1e9", "NaN", "1,20", "10000000000", "1.2.3", "٣"])
def test_what_is_no_amount_is_not_guessed(text):
    with pytest.raises(ValueError):
        facts.cents(text)


# --- Hidden names and numbers -----------------------------------------------------------------------------------------


def test_a_hidden_name_matches_nobody(full, take):
    full["Client"][0] |= {"FirstName": HASH, "LastName": HASH, "MiddleName": HASH}
    take()
    client = Client.objects.get(source_key="C1")
    assert (client.name_quality, client.sound_key, client.name) == ("hashed", "", "Name withheld C1")


def test_a_name_that_comes_after_all_is_matched_again(full, take):
    clear = dict(full["Client"][0])
    full["Client"][0] |= {"FirstName": HASH, "LastName": HASH, "MiddleName": HASH}
    take()
    full["Client"][0] = clear
    take()
    assert Client.objects.get(source_key="C1").name_quality == "full"


def test_a_partial_name_is_marked(full, take):
    full["Client"][0]["NameDataQuality"] = "2"
    take()
    assert Client.objects.get(source_key="C1").name_quality == "partial"


def test_a_name_that_nearly_everybody_has_is_no_name(full, take):
    for n in range(30):
        full.row("Client", PersonalID=f"Z{n}", FirstName="CLIENT", LastName="HIDDEN")
    take()
    assert Client.objects.filter(name_quality="hashed").count() == 30
    assert Client.objects.get(source_key="C1").name == "Alma Invented"


def test_a_common_name_needs_many_people():
    assert common_name([("A", "B")] * 19) is None
    assert common_name([("A", "B")] * 25 + [("C", str(n)) for n in range(5)]) == ("A", "B")
    assert common_name([("A", str(n)) for n in range(50)]) is None
    assert common_name([]) is None


@pytest.mark.parametrize("text, digits", [("212-34-5678", SSN), ("212 34 5678", SSN), (SSN, SSN)])
def test_a_whole_social_security_number_is_known(text, digits):
    assert social_number(text) == digits


@pytest.mark.parametrize(
    "text", ["", HASH, "xxx-xx-5678", "5678", "000345678", "666345678", "912345678", "212005678", "1" * 9]
)
def test_part_of_a_number_or_one_that_cannot_be_is_not_taken(text):
    assert social_number(text) == ""


def test_social_security_numbers_come_in_only_where_asked_for_and_encrypted(full, take):
    full["Client"][0]["SSN"] = SSN
    take()
    assert not Identifier.objects.exists()
    take(with_ssn=True)
    number = Identifier.objects.get()
    assert (number.client.source_key, number.kind, number.number) == ("C1", "social", SSN)
    assert SSN not in str(list(Identifier.history.values_list("digest")))
    assert take(with_ssn=True).changed == 0
    full["Client"][0]["SSN"] = "212345679"
    assert ("Client.csv", "SSN", 1) in warned(take(with_ssn=True))
    assert Identifier.objects.get().number == SSN


def test_facts_come_in_without_a_worker_being_made_up(full, take):
    full["IncomeBenefits"][0]["UserID"] = "U9"
    report = take()
    assert ("IncomeBenefits.csv", "UserID", 1) in warned(report)
    assert StaffMember.objects.count() == 2


def test_nothing_that_came_in_is_in_the_future(full, take):
    take()
    assert not DatedFact.objects.filter(on__gt=timezone.localdate()).exists()
