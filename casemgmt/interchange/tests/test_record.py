"""A person's whole record in one file: complete, of them alone, logged, and readable by everybody and everything."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.core.cells import FORMULA
from casemgmt.core.models import create_many
from casemgmt.demo import builders
from casemgmt.interchange.record.contents import LEFT_OUT, TECHNICAL, hidden_from, tables
from casemgmt.interchange.record.package import pack
from casemgmt.tests.test_house import our_models
from casemgmt.tests.world import CANARY, SEES, Browser, standing, undone
from clients.models import AccessLog, Client, Disclosure, Merge, RelatedPerson, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with standing(django_db_blocker) as world:
        yield world


def packed(world, client, by=None):
    """The archive of somebody's record."""
    file = io.BytesIO()
    by = by or world.walt
    with acting_as(client.agency, by=by):
        pack(client, file, by=by, recipient=client.name)
    return zipfile.ZipFile(file)


@pytest.fixture(scope="module")
def archive(world):
    return packed(world, world.people["wendy"].client)


@pytest.fixture(scope="module")
def record(archive):
    return json.loads(archive.read("record.json"))


def rows_of(archive, name):
    return list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


# --- Complete -------------------------------------------------------------------------------------------------------


def leads_to_a_person(model, seen=()):
    """Whether any chain of foreign keys goes from here to a person."""
    for field in model._meta.concrete_fields:
        target = field.related_model
        if target is Client or (
            target is not None and target not in seen and leads_to_a_person(target, (*seen, target))
        ):
            return True
    return False


def test_every_table_that_leads_to_a_person_is_in_the_record():
    held = {model for model, _lookup in tables()}
    wanted = {m for m in our_models() if m is Client or leads_to_a_person(m)}
    missing = {m._meta.label for m in wanted - held} - LEFT_OUT.keys()
    assert not missing, (
        "give the model a path to its person, or say in LEFT_OUT why it is no part of the record"
    )


def test_nothing_is_left_out_that_is_not_there():
    held = {model._meta.label for model, _lookup in tables()}
    assert LEFT_OUT.keys() <= {m._meta.label for m in our_models()} - held


def test_every_row_and_every_field_of_a_person_is_in_the_data(world, record):
    client = world.people["wendy"].client
    for model, lookup in tables():
        kept = model.objects.filter(**{f"{lookup}__in": client.all_keys()})
        told = record["tables"].get(model._meta.label_lower, [])
        assert {row["id"] for row in told} == set(kept.values_list("pk", flat=True)), model._meta.label
        fields = {f.name for f in model._meta.concrete_fields} - TECHNICAL
        assert all(set(row) == fields for row in told), model._meta.label


def test_every_table_is_a_file_of_its_own_and_a_part_of_the_page(archive, record):
    page = archive.read("record.html").decode()
    for label, rows in record["tables"].items():
        sheet = rows_of(archive, f"tables/{label}.csv")
        assert len(sheet) == len(rows) + 1, label
        assert all(f'id="{label}-{row["id"]}"' in page for row in rows), label


def test_documents_are_in_it_as_they_were_taken_in(world, archive):
    person = world.people["wendy"]
    name = next(n for n in archive.namelist() if n.startswith(f"documents/{person.document.pk}/"))
    assert archive.read(name) == b"hello"


def test_changes_are_in_it_with_who_and_why(archive, world):
    lines = rows_of(archive, "history.csv")
    assert lines[0][:5] == ["when", "who", "table", "row", "change"]
    tables_told = {line[2] for line in lines[1:]}
    assert {"clients.client", "clients.visit", "serviceplans.goal", "clients.consent"} <= tables_told
    assert "Wendy Nakamura" in {line[1] for line in lines[1:]}


def test_what_was_taken_out_is_in_the_changes(world):
    person = world.people["wendy"]
    with undone():
        with acting_as(world.riverside, by=world.wendy):
            key = person.goal.pk
            person.goal.remove()
        lines = rows_of(packed(world, person.client), "history.csv")
    told = [line for line in lines if line[2:4] == ["serviceplans.goal", str(key)]]
    assert told[-1][4] == "taken out"


def test_who_looked_is_in_it_without_whoever_else_was_on_the_page(world):
    client, other = world.people["wendy"].client, world.people["walt"].client
    with undone():
        with acting_as(world.riverside, by=world.sam):
            AccessLog.objects.create(
                staff=world.sam,
                page="workspace:today",
                method="GET",
                status=200,
                people=[client.pk, other.pk],
            )
        archive = packed(world, client)
        lines = rows_of(archive, "access.csv")
    assert lines[1][1:4] == ["Samir Haddad", "Today", "care"]
    assert f"{other.pk}]" not in archive.read("access.csv").decode()


# --- Of nobody else -------------------------------------------------------------------------------------------------


def test_no_word_of_anybody_else_is_in_it(world, archive):
    client = world.people["wendy"].client
    found = set()
    for name in archive.namelist():
        found |= {(tag, int(pk)) for _agency, tag, pk in CANARY.findall(archive.read(name).decode())}
    assert {tag for tag, _pk in found} == {"wendy"}
    assert {pk for _tag, pk in found} <= {client.pk}
    assert "wendy" in SEES


def test_a_related_person_is_named_without_their_own_record(world):
    client, other = world.people["wendy"].client, world.people["walt"].client
    with undone():
        with acting_as(world.riverside, by=world.wendy):
            RelatedPerson.objects.create(client=client, name="Walt's", relation="friend", same_as=other)
        told = json.loads(packed(world, client).read("record.json"))["tables"]["clients.relatedperson"]
    assert [row["same_as"] for row in told if row["name"] == "Walt's"] == [None]


def test_others_of_a_household_are_not_in_it(world):
    client, other = world.people["wendy"].client, world.people["walt"].client
    with undone():
        with acting_as(world.riverside, by=world.wendy):
            home = client.households.get().household
            home.members.create(client=other, agency=world.riverside)
        told = json.loads(packed(world, client).read("record.json"))["tables"]["clients.householdmember"]
    assert [row["client"]["key"] for row in told] == [client.pk]


@pytest.fixture
def twins(world):
    with undone():
        yield _merged(world)


def _merged(world):
    made = [
        builders.make_client(world.riverside, by=world.dana, given_name=name, phone=phone)
        for name, phone in (("Ines", "412 555 0101"), ("Inez", "412 555 0202"))
    ]
    for client in made:
        builders.enroll(client, world.ccm, world.wendy)
    with acting_as(world.riverside, by=world.dana):
        return made, Merge.of(*made, by=world.dana, reason="The same birth date.")


def test_a_record_that_was_merged_into_it_is_in_it(world, twins):
    (kept, gone), _merge = twins
    told = json.loads(packed(world, kept, by=world.dana).read("record.json"))["tables"]
    assert {row["id"] for row in told["clients.client"]} == {kept.pk, gone.pk}
    assert len(told["clients.enrollment"]) == 2


def test_after_the_merge_is_undone_nothing_of_the_other_is_in_it(world, twins):
    (kept, _gone), merge = twins
    with acting_as(world.riverside, by=world.dana):
        merge.undo(by=world.dana, why="Two people after all.")
        kept.refresh_from_db()
    archive = packed(world, kept, by=world.dana)
    told = json.loads(archive.read("record.json"))["tables"]
    assert {row["id"] for row in told["clients.client"]} == {kept.pk}
    assert len(told["clients.enrollment"]) == 1
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Inez" not in everything
    assert b"412 555 0202" not in everything


# --- Safe to open ---------------------------------------------------------------------------------------------------


def test_no_cell_is_a_formula(world):
    person = world.people["wendy"]
    with undone():
        with acting_as(world.riverside, by=world.wendy):
            RelatedPerson.objects.create(client=person.client, name="=1+1", relation="friend", note="@now")
        archive = packed(world, person.client)
    cells = [
        cell
        for name in archive.namelist()
        if name.endswith(".csv")
        for row in rows_of(archive, name)
        for cell in row
    ]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(FORMULA)]


def test_the_page_shows_what_was_typed_and_runs_none_of_it(world):
    person = world.people["wendy"]
    with undone():
        with acting_as(world.riverside, by=world.wendy):
            RelatedPerson.objects.create(client=person.client, name="<script>x</script>", relation="friend")
        page = packed(world, person.client).read("record.html").decode()
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script" not in page


def test_a_part_2_record_carries_the_notice(world):
    assert (
        "42 CFR part 2 prohibits" in packed(world, world.people["sealed"].client).read("record.html").decode()
    )
    assert "42 CFR part 2" not in packed(world, world.people["wendy"].client).read("record.html").decode()


# --- The page -------------------------------------------------------------------------------------------------------


def ask_for(world, who, client):
    client.refresh_from_db()  # the canaries came later
    browser = Browser(getattr(world, who).user)
    sent = {"submit_key": str(uuid4()), "to": client.name, "known": "on"}
    return browser, browser.post(f"/clients/{client.pk}/record/", sent)


def test_one_action_gives_the_file_and_logs_it(world):
    client = world.people["wendy"].client
    with undone():
        browser, answer = ask_for(world, "dana", client)
        made = Disclosure.objects.filter(client=client).latest("pk")
        assert (made.basis, made.by, made.purpose) == ("person", world.dana, "Right of access")
        file = browser.get(answer["Location"])
        assert file["Content-Type"] == "application/zip"
        assert "record.html" in zipfile.ZipFile(io.BytesIO(file.content)).namelist()
        looked = AccessLog.objects.latest("pk")
        assert (looked.page, looked.purpose, looked.people) == ("record:file", "release", [client.pk])


def test_who_does_not_see_all_of_it_cannot_release_it(world):
    """A program under Part 2 is sealed from the director; the refusal names neither it nor what it is."""
    client = world.people["wendy"].client
    with undone():
        builders.enroll(client, world.recovery, world.walt)
        _browser, answer = ask_for(world, "dana", client)
        assert answer.status_code == 422
        assert "Parts of this record are not open to you" in answer.text
        assert "Part 2" not in answer.text
        assert not Disclosure.objects.filter(client=client, purpose="Right of access").exists()


def test_the_file_is_for_who_made_it_on_that_day(world):
    client = world.people["wendy"].client
    with undone():
        _browser, answer = ask_for(world, "dana", client)
        other = Browser(world.sam.user).get(answer["Location"])
        assert (other.status_code, other["Location"]) == (302, f"/clients/{client.pk}/record/")


def test_a_director_sees_all_of_an_ordinary_record(world):
    client = world.people["wendy"].client
    with acting_as(world.riverside, by=world.dana):
        assert not hidden_from(world.dana, client)


def test_a_long_record_is_written_a_few_hundred_rows_at_a_time(world):
    with undone():
        client = builders.make_client(world.riverside, by=world.wendy)
        enrollment = builders.enroll(client, world.ccm, world.wendy)
        with acting_as(world.riverside, by=world.wendy):
            now = timezone.now()
            create_many(
                Visit,
                [
                    Visit(agency=world.riverside, enrollment=enrollment, started_at=now - timedelta(hours=n))
                    for n in range(650)
                ],
            )
        assert len(rows_of(packed(world, client, by=world.wendy), "tables/clients.visit.csv")) == 651
