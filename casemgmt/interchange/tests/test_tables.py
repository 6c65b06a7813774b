"""Tables of clients and of staff, from the file to the report and back."""

import csv
import io
from datetime import date
from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from openpyxl import load_workbook

from casemgmt.agencies.models import ProgramStaff, StaffMember, SupervisionLink, User, acting_as
from casemgmt.agencies.roles import Role
from casemgmt.demo import builders
from casemgmt.interchange.models import KEEP_DAYS, ImportRow, ImportRun
from casemgmt.interchange.tables import work
from casemgmt.tests.world import filled, inputs
from clients.models import AccessLog, Client, Enrollment, Identifier, IncomingReferral

pytestmark = pytest.mark.django_db

HEAD = "ID key,First name,Last name,DOB,Phone,Program,Start date,Case manager"
KEY_COLUMN = {"column_0": "key"}


def form(**said):
    return {"submit_key": str(uuid4())} | said


def upload(browser, text, kind="clients", name="people.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return browser.post("/imports/new/", form(kind=kind, file=SimpleUploadedFile(name, data)))


class Import:
    """One file on its way, as somebody takes it there in a browser without a script."""

    def __init__(self, browser, text, kind="clients", **said):
        self.browser = browser
        answer = upload(browser, text, kind)
        assert answer.status_code == 302, answer.text
        self.columns_url = answer.headers["Location"]
        self.url = self.columns_url.removesuffix("columns/")
        fields = inputs(browser.get(self.columns_url).text)
        guessed = {
            name: next((value for value, chosen in found[0]["options"] if chosen), "")
            for name, found in fields.items()
            if found[0]["type"] == "select"
        }
        answer = browser.post(self.columns_url, form(source="test", **guessed) | said)
        assert answer.status_code == 302, answer.text
        self.work()

    def work(self):
        while "/work/" in (page := self.browser.get(self.url).text):
            assert self.browser.post(f"{self.url}work/", form()).status_code == 302
        self.page = page
        return self

    def start(self, **answers):
        assert self.browser.post(f"{self.url}answers/", form(start=1, **answers)).status_code == 302
        return self.work()

    @property
    def run(self):
        return ImportRun.objects.get(pk=self.url.split("/")[-2])

    def counts(self):
        run = self.run
        return run.created, run.updated, run.unchanged, run.skipped, run.refused

    def row(self, line):
        return f"row_{ImportRow.objects.get(run=self.run, line=line).pk}"

    def refused(self):
        text = self.browser.get(f"{self.url}refused.csv").content.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text), delimiter=self.run.delimiter))


@pytest.fixture
def dana(as_):
    return as_("dana")


@pytest.fixture
def ada(as_):
    return as_("ada")


def table(*rows):
    return "\n".join([HEAD, *rows]) + "\n"


# --- People served ----------------------------------------------------------------------------------------------------


def test_people_come_in_enrolled_and_with_their_worker(cast, dana):
    Import(dana, table("7,Zoë,Núñez,3/14/1980,412 555 0100,CCM,1/15/2026,wendy")).start()
    person = Client.objects.get(family_name="Núñez")
    enrollment = Enrollment.objects.get(client=person)
    assert (person.born_on, person.phone, person.source) == (date(1980, 3, 14), "412 555 0100", "table:test")
    assert (enrollment.program, enrollment.enrolled_on) == (cast.ccm, date(2026, 1, 15))
    assert enrollment.worker() == cast.wendy
    assert person.history.get().history_user == cast.dana


def test_who_has_no_program_waits_at_the_front_door(cast, dana):
    Import(dana, "First name,Last name\nZoë,Núñez\n").start()
    person = Client.objects.get(family_name="Núñez")
    assert IncomingReferral.objects.get(client=person).assigned_to is None
    assert Client.objects.visible_to(cast.sam).filter(pk=person.pk).exists()


def test_one_program_may_be_chosen_for_all(cast, dana):
    Import(dana, 'Name\n"Núñez, Zoë Ana"\n', program=cast.ccm.pk, enrolled_on="2026-02-01").start()
    person = Client.objects.get(family_name="Núñez")
    assert (person.given_name, person.middle_name) == ("Zoë", "Ana")
    assert Enrollment.objects.get(client=person).enrolled_on == date(2026, 2, 1)


def test_nothing_goes_in_before_somebody_says_so(dana):
    before = Client.objects.count()
    sent = Import(dana, table("7,Zoë,Núñez,,,CCM,1/15/2026,"))
    assert "Zoë Núñez" in sent.page
    assert Client.objects.count() == before


BAD = {
    "7,Zoë,Núñez,1/1/1800,,CCM,1/15/2026,": "Date of birth: This is before 1900.",
    "7,Zoë,Núñez,1/1/2200,,CCM,1/15/2026,": "Date of birth: This is in the future.",
    "7,Zoë,Núñez,soon,,CCM,1/15/2026,": "Date of birth: This is no date that can be read.",
    f"7,{'x' * 10_000},Núñez,,,CCM,1/15/2026,": "First name: Too long: 10000 characters, at most 100.",
    "7,,,,,CCM,1/15/2026,": "The name is missing.",
    "7,Zoë,Núñez,,call me,CCM,1/15/2026,": "Phone: Use digits",
    "7,Zoë,Núñez,,,Nowhere,1/15/2026,": "Program: There is no such program here.",
    "7,Zoë,Núñez,,,CCM,,": "Enrolled on: The day is missing; the program needs one.",
    "7,Zoë,Núñez,,,CCM,1/15/2026,nobody": "Case manager: Nobody who works here",
    "7,Zoë,Núñez": "This row has 3 cells and the header has 8.",
}


@pytest.mark.parametrize("row", BAD)
def test_a_bad_row_is_refused_with_its_reason_and_the_good_ones_are_in(dana, row):
    sent = Import(dana, table(row, "8,Robin,Good,,,CCM,1/15/2026,")).start()
    header, refused = sent.refused()
    assert sent.counts() == (1, 0, 0, 0, 1)
    assert header == [*HEAD.split(","), "Refused because"]
    assert BAD[row] in refused[-1]
    assert Client.objects.filter(family_name="Good").exists()


def test_other_names_and_identity_numbers_come_in_masked_and_sealed(dana):
    sent = Import(
        dana, "First name,Last name,AKA,Medicaid ID,No voicemail\nZoë,Núñez,Zoë Ortiz,AB123456789,yes\n"
    )
    assert "••••6789" in sent.page
    assert "AB123456789" not in sent.page
    with connection.cursor() as cursor:
        cursor.execute("SELECT cells, wanted FROM interchange_importrow")
        assert "Núñez" not in str(cursor.fetchall())
    sent.start()
    person = Client.objects.get(family_name="Núñez")
    assert person.no_voicemail
    assert person.other_names.get().name == "Zoë Ortiz"
    assert person.identifiers.get().number == "AB123456789"


def test_the_same_identity_number_is_asked_about(cast, dana, known):
    with acting_as(cast.riverside, by=cast.wendy):
        Identifier.objects.create(client=known, kind="medicaid", number="AB123456789")
    sent = Import(dana, "First name,Last name,DOB,Medicaid ID\nZoë,Ortiz,3/14/1980,AB-123456789\n")
    assert f"/clients/{known.pk}/" in sent.page


def test_the_preview_says_line_and_column_of_a_problem(dana):
    sent = Import(dana, table("7,Zoë,Núñez,soon,,CCM,1/15/2026,"))
    for words in ("Line </span>2", "Date of birth", "soon", "This is no date that can be read."):
        assert words in sent.page


def test_refused_rows_are_corrected_and_sent_again(dana):
    first = Import(dana, table("7,Zoë,Núñez,soon,,CCM,1/15/2026,")).start()
    out = io.StringIO()
    csv.writer(out).writerows(
        [[cell.replace("soon", "3/14/1980") for cell in row] for row in first.refused()]
    )
    again = Import(dana, out.getvalue()).start()
    assert again.counts() == (1, 0, 0, 0, 0)


def test_refused_rows_come_as_a_workbook_too(dana):
    sent = Import(dana, table("7,=cmd(),Núñez,soon,,CCM,1/15/2026,")).start()
    book = load_workbook(io.BytesIO(dana.get(f"{sent.url}refused.xlsx").content))
    values = list(book.active.iter_rows(values_only=True))
    assert values[1][1] == "'=cmd()"
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]


def test_refused_rows_come_back_from_a_workbook_as_they_were_sent(dana):
    first = Import(dana, table("7,=cmd(),Núñez,soon,,CCM,1/15/2026,")).start()
    again = Import(dana, dana.get(f"{first.url}refused.xlsx").content).start()
    assert again.refused() == first.refused()


def test_a_formula_is_text_on_the_way_in_and_guarded_on_the_way_out(dana):
    sent = Import(dana, table("7,'=1+1,Núñez,soon,,CCM,1/15/2026,", "8,=2+2,Núñez,,,CCM,1/15/2026,")).start()
    assert sent.refused()[1][1] == "'=1+1"
    assert Client.objects.filter(given_name="=2+2").exists()


# --- Again ------------------------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing_where_it_has_a_key(dana):
    text = table("7,Zoë,Núñez,3/14/1980,,CCM,1/15/2026,wendy")
    Import(dana, text, **KEY_COLUMN).start()
    history = Client.history.count(), Enrollment.history.count()
    assert Import(dana, text, **KEY_COLUMN).start().counts() == (0, 0, 1, 0, 0)
    assert (Client.history.count(), Enrollment.history.count()) == history


def test_a_newer_file_mends_what_differs_and_an_empty_cell_says_nothing(dana):
    Import(dana, table("7,Zoë,Núñez,3/14/1980,412 555 0100,CCM,1/15/2026,"), **KEY_COLUMN).start()
    newer = Import(dana, table("7,Zoe,Núñez,,412 555 0199,CCM,1/15/2026,"), **KEY_COLUMN).start()
    person = Client.objects.get(family_name="Núñez")
    assert newer.counts() == (0, 1, 0, 0, 0)
    assert (person.given_name, person.phone, person.born_on) == ("Zoe", "412 555 0199", date(1980, 3, 14))


def test_the_same_file_again_without_a_key_is_held_back(dana):
    text = table("7,Zoë,Núñez,3/14/1980,412 555 0100,CCM,1/15/2026,")
    Import(dana, text).start()
    again = Import(dana, text).start()
    assert again.counts() == (0, 0, 0, 0, 1)
    assert "Possibly known already" in again.refused()[1][-1]


def test_a_key_that_stands_twice_in_the_file_is_refused_the_second_time(dana):
    rows = ("7,Zoë,Núñez,,,CCM,1/15/2026,", "7,Bo,Ek,,,CCM,1/15/2026,")
    sent = Import(dana, table(*rows), **KEY_COLUMN).start()
    assert sent.counts() == (1, 0, 0, 0, 1)
    assert "Line 2 has this key, too." in sent.refused()[1][-1]


def test_work_that_is_interrupted_goes_on_and_takes_no_row_twice(cast, dana, monkeypatch):
    monkeypatch.setitem(work.TAKEN_AT_ONCE, "clients", 2)
    sent = Import(dana, table(*(f"{n},Ann,Person{n}x{n},,,CCM,1/15/2026," for n in range(5))))
    dana.post(f"{sent.url}answers/", form(start=1))
    dana.post(f"{sent.url}work/", form())
    with monkeypatch.context() as broken:
        broken.setattr(ImportRun, "save", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            dana.post(f"{sent.url}work/", form())
    assert Client.objects.filter(source="table:test").count() == 2
    assert sent.work().counts() == (5, 0, 0, 0, 0)
    assert Client.objects.filter(source="table:test").count() == 5


# --- Known already? ---------------------------------------------------------------------------------------------------


@pytest.fixture
def known(cast):
    person = builders.make_client(
        cast.riverside,
        by=cast.wendy,
        given_name="Zoë",
        family_name="Núñez",
        born_on=date(1980, 3, 14),
        phone="412 555 0100",
    )
    builders.enroll(person, cast.ccm, cast.wendy)
    return person


SAME = "7,Zoe,Nunez,3/14/1980,412 555 0100,CCM,1/15/2026,"


def test_somebody_known_is_shown_and_held_back(dana, known):
    sent = Import(dana, table(SAME))
    assert f"/clients/{known.pk}/" in sent.page
    assert AccessLog.objects.filter(page="interchange:import-detail", people=[known.pk]).exists()
    assert sent.start().counts() == (0, 0, 0, 0, 1)
    assert f"No. {known.number}" in sent.refused()[1][-1]


def test_somebody_known_may_be_somebody_new(dana, known):
    sent = Import(dana, table(SAME))
    assert sent.start(**{sent.row(2): "new"}).counts() == (1, 0, 0, 0, 0)


def test_somebody_known_gets_what_was_missing_and_keeps_what_was_there(dana, known):
    sent = Import(dana, table(SAME).replace("Phone", "Pronouns").replace("412 555 0100", "she/her"))
    assert sent.start(**{sent.row(2): f"fill:{known.pk}"}).counts() == (0, 1, 0, 0, 0)
    known.refresh_from_db()
    assert (known.pronouns, known.given_name) == ("she/her", "Zoë")
    assert Enrollment.objects.filter(client=known).count() == 1


def test_a_row_may_be_left_out(dana, known):
    sent = Import(dana, table(SAME))
    assert sent.start(**{sent.row(2): "skip:"}).counts() == (0, 0, 0, 1, 0)


def test_two_rows_of_one_person_are_noticed(dana):
    sent = Import(dana, table(SAME, SAME)).start()
    assert sent.counts() == (1, 0, 0, 0, 1)
    assert "line 2 of this file" in sent.refused()[1][-1]


def test_an_answer_that_was_not_offered_holds_the_row_back(dana, known):
    other = builders.make_client(known.agency)
    sent = Import(dana, table(SAME))
    assert sent.start(**{sent.row(2): f"fill:{other.pk}"}).counts() == (0, 0, 0, 0, 1)


def test_a_supervisor_fills_no_record_of_somebody_elses_people(cast, as_, known):
    with acting_as(cast.riverside, by=cast.dana):
        for link in SupervisionLink.objects.filter(staff=cast.wendy):
            link.ended_on = link.started_on
            link.save()
    sent = Import(as_("sam"), table(SAME))
    assert "fill:" not in sent.page
    assert sent.start(**{sent.row(2): f"fill:{known.pk}"}).counts() == (0, 0, 0, 0, 1)


def test_a_hidden_person_is_not_recognised(cast, as_, known):
    with acting_as(cast.riverside, by=cast.dana):
        known.restricted_on = timezone.localdate()
        known.save()
    sent = Import(as_("sam"), table(SAME))
    assert str(known.number) not in sent.page
    assert sent.start().counts() == (1, 0, 0, 0, 0)


# --- What is kept, and who sees it ------------------------------------------------------------------------------------


def test_of_rows_that_are_in_nothing_is_kept(dana):
    sent = Import(dana, table("7,Zoë,Núñez,,,CCM,1/15/2026,", "8,Bo,Ek,soon,,CCM,1/15/2026,")).start()
    kept = ImportRow.objects.filter(run=sent.run)
    assert sorted(row.state for row in kept) == ["header", "refused"]


def test_refused_rows_are_thrown_away(dana):
    sent = Import(dana, table("8,Bo,Ek,soon,,CCM,1/15/2026,")).start()
    dana.post(f"{sent.url}drop/", form())
    assert not ImportRow.objects.filter(run=sent.run).exists()
    assert sent.refused() == [["Refused because"]]


def test_rows_that_nobody_fetched_are_thrown_away_in_the_end(cast, dana):
    sent = Import(dana, table("8,Bo,Ek,soon,,CCM,1/15/2026,")).start()
    later = timezone.now() + timezone.timedelta(days=KEEP_DAYS, hours=1)
    with acting_as(cast.riverside, by=None):
        assert ImportRun.drop_old(cast.riverside) == 0
        assert ImportRun.drop_old(cast.riverside, at=later) == 1
    assert not ImportRow.objects.filter(run=sent.run).exists()


def test_a_supervisors_import_is_theirs_and_the_directors(as_, cast):
    sent = Import(as_("sam"), table("8,Bo,Ek,,,CCM,1/15/2026,"))
    answers = {name: as_(name).get(sent.url).status_code for name in ("sam", "dana", "ada", "olive", "wendy")}
    assert answers == {"sam": 200, "dana": 200, "ada": 404, "olive": 404, "wendy": 403}


def test_the_set_up_leads_to_the_import(ada):
    assert 'href="/imports/"' in ada.get("/admin/").text


def test_an_agency_admin_imports_staff_and_nobody_served(ada):
    assert upload(ada, table("8,Bo,Ek,,,CCM,1/15/2026,")).status_code == 422
    assert upload(ada, "Name\nBo Ek\n", "staff").status_code == 302


# --- Bad files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 100, b"PK\x03\x04", b"%PDF-1", b"First name\n", bytes(range(256)) * 9]
)
def test_what_is_no_table_is_said_beside_the_field(dana, data):
    answer = upload(dana, data)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_a_file_that_is_too_large_is_said_beside_the_field(dana, settings):
    settings.UPLOAD_MAX_MB = 1
    assert "larger than 1 MB" in upload(dana, b"First name\n" + b"Ann\n" * 300_000).text


def test_names_of_columns_are_only_text(dana):
    answer = upload(dana, "First name,<script>alert(1)</script>\n<b>Ann</b>,<img src=x>\n")
    page = dana.get(answer.headers["Location"]).text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


def test_a_column_is_one_field_only(dana):
    url = upload(dana, "First name,Last name\nAnn,Lee\n").headers["Location"]
    said = filled(inputs(dana.get(url).text), column_0="given_name", column_1="given_name", program="")
    answer = dana.post(url, said)
    assert answer.status_code == 422
    assert "column_1" in answer.context["form"].errors


# --- Staff ------------------------------------------------------------------------------------------------------------

STAFF = "Employee number,Name,E-mail,Login,Roles,Programs,Supervisor,Hire date\n"


def test_staff_come_in_with_roles_programs_supervisor_and_login(
    cast, ada, django_capture_on_commit_callbacks
):
    row = "E1,Ines Ferro,ines@example.org,ines,case manager; quality reviewer,CCM;ACT Team,Samir Haddad,2/1/2026\n"
    with django_capture_on_commit_callbacks(execute=True):
        Import(ada, STAFF + row, "staff").start()
    job = StaffMember.objects.get(name="Ines Ferro")
    assert sorted(job.roles) == [Role.CASE_MANAGER, Role.QUALITY]
    assert job.user.username == "ines"
    assert not job.user.has_usable_password()
    assert {link.program for link in ProgramStaff.objects.filter(staff=job)} == {cast.ccm, cast.act}
    assert SupervisionLink.objects.get(staff=job).supervisor == cast.sam
    assert [letter.to for letter in mail.outbox] == [["ines@example.org"]]


def test_a_supervisor_further_down_in_the_file_goes_first(cast, ada):
    rows = "E2,Bo Ek,,,case manager,,Cy Fox,\nE3,Cy Fox,,,supervisor,,,\n"
    assert Import(ada, STAFF + rows, "staff").start().counts() == (2, 0, 0, 0, 0)
    assert SupervisionLink.objects.get(staff__name="Bo Ek").supervisor.name == "Cy Fox"


def test_a_circle_of_supervisors_is_refused(ada):
    rows = "E2,Bo Ek,,,,,Cy Fox,\nE3,Cy Fox,,,,,Bo Ek,\n"
    assert Import(ada, STAFF + rows, "staff").start().counts() == (0, 0, 0, 0, 2)


def test_the_same_staff_again_changes_nothing(ada):
    text = STAFF + "E1,Ines Ferro,ines@example.org,ines,case manager,CCM,Samir Haddad,2/1/2026\n"
    Import(ada, text, "staff").start()
    assert Import(ada, text, "staff").start().counts() == (0, 0, 1, 0, 0)
    assert User.objects.filter(username="ines").count() == 1


def test_a_colleague_on_the_list_is_held_back(ada):
    sent = Import(ada, STAFF + "E9,Wendy Nakamura,,,,,,\n", "staff")
    assert "Wendy Nakamura" in sent.page
    assert sent.start().counts() == (0, 0, 0, 0, 1)


def test_a_login_of_somebody_else_is_not_taken(ada):
    sent = Import(ada, STAFF + "E9,Ines Ferro,ines@example.org,olive,,,,\n", "staff").start()
    assert "This user name and e-mail cannot be used." in sent.refused()[1][-1]
    assert not StaffMember.objects.filter(name="Ines Ferro").exists()


def test_a_director_makes_no_agency_admin(dana):
    sent = Import(dana, STAFF + "E9,Ines Ferro,,,agency admin,,,\n", "staff").start()
    assert "Only an agency admin" in sent.refused()[1][-1]


@pytest.mark.parametrize(
    "row, why",
    [
        ("E9,,,,,,,", "The name is missing."),
        ("E9,Bo Ek,,bo,,,,", "A user name needs an e-mail"),
        ("E9,Bo Ek,,,wizard,,,", "There is no such role."),
        ("E9,Bo Ek,,,operator,,,", "There is no such role."),
        ("E9,Bo Ek,,,,Nowhere,,", "There is no such program here."),
        ("E9,Bo Ek,,,,,Nobody,", "is not on the staff list."),
    ],
)
def test_a_bad_row_of_staff_is_refused_with_its_reason(ada, row, why):
    sent = Import(ada, STAFF + row + "\n", "staff").start()
    assert why in sent.refused()[1][-1]
