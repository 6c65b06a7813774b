"""Directories of services: what comes in, what comes in again, and what is told about the rest. All names invented."""

import csv
import io
import json
import zipfile
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from casemgmt.agencies.models import StaffMember, acting_as
from casemgmt.demo.builders import enroll, make_client
from casemgmt.interchange.hmis.reader import Unusable
from casemgmt.interchange.hsds.hours import hours_text
from casemgmt.interchange.hsds.importer import import_hsds
from casemgmt.resources.models import Resource, ResourceContact, ResourcePlace, ResourceTip
from serviceplans.models import ServiceReferral

FILES = {
    "organizations.csv": [
        {"id": "o1", "name": "Maple Neighbors", "url": "maple.example", "email": "hi@maple.example"}
    ],
    "services.csv": [
        {
            "id": "s1",
            "organization_id": "o1",
            "name": "Maple Pantry",
            "description": "Groceries once a week.\\n\\nNo questions.",
            "url": "",
            "email": "",
            "status": "active",
            "application_process": "Walk in",
            "wait_time": "",
            "fees": "Free",
        },
        {"id": "s2", "organization_id": "gone", "name": "Night Shelter", "status": "active", "fees": ""},
        {"id": "s3", "organization_id": "o1", "name": "Rent Help", "status": "active", "fees": ""},
    ],
    "locations.csv": [
        {"id": "l1", "organization_id": "o1", "name": "Hall", "latitude": "40.5", "longitude": "-80.25"}
    ],
    "services_at_location.csv": [{"id": "x1", "service_id": "s1", "location_id": "l1"}],
    "physical_addresses.csv": [
        {
            "id": "a1",
            "location_id": "l1",
            "address_1": "1 Elm St",
            "city": "Riverside",
            "postal_code": "15000",
        }
    ],
    "phones.csv": [
        {"id": "p1", "service_id": "s1", "number": "412 555 0100", "type": "voice", "contact_id": ""}
    ],
    "contacts.csv": [
        {"id": "c1", "service_id": "s1", "name": "Pat Invented", "title": "Coordinator", "email": "x"}
    ],
    "taxonomy.csv": [{"id": "BD-1", "name": "Food Pantries"}],
    "services_taxonomy.csv": [
        {"id": "1", "service_id": "s1", "taxonomy_id": "BD-1"},
        {"id": "2", "service_id": "s1", "taxonomy_id": "nowhere"},
    ],
    "languages.csv": [{"id": "1", "service_id": "s1", "language": "English"}],
    "regular_schedules.csv": [
        {"id": str(n), "service_id": "s1", "weekday": day, "opens_at": "09:00", "closes_at": "17:00"}
        for n, day in enumerate(["Monday", "Tuesday", "Wednesday"])
    ],
    "eligibility.csv": [{"id": "1", "service_id": "s1", "eligibility": "Families with children"}],
}


class Feed(dict):
    """The small directory as a test changes it."""

    def __init__(self, path):
        super().__init__({name: [dict(row) for row in rows] for name, rows in FILES.items()})
        self.path = path

    def folder(self, name="feed"):
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        for file, rows in self.items():
            (folder / file).write_bytes(rows if isinstance(rows, bytes) else as_csv(rows))
        return folder


def as_csv(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def feed(tmp_path):
    return Feed(tmp_path)


@pytest.fixture
def take(feed, harbor):
    return lambda **options: import_hsds(feed.folder(), harbor, **options)


def pantry():
    return Resource.objects.get(source_key="s1")


def history():
    return {m.__name__: m.history.count() for m in (Resource, ResourcePlace, ResourceContact)}


def test_a_service_comes_in_with_all_that_hangs_on_it(take):
    take()
    row = pantry()
    assert (row.name, row.organization, row.fees) == ("Maple Pantry", "Maple Neighbors", "Free")
    assert row.description == "Groceries once a week.\n\nNo questions."
    assert (row.website, row.email) == ("maple.example", "hi@maple.example")
    assert row.phones == [{"number": "412 555 0100", "about": ""}]
    assert (row.categories, row.languages) == (["Food Pantries"], ["English"])
    assert (row.needs, row.populations) == (["food"], ["children", "families"])
    assert row.hours == "Mon–Wed 9:00–17:00"
    place, contact = ResourcePlace.objects.get(), ResourceContact.objects.get()
    assert place.on_one_line == "1 Elm St, Riverside, 15000"
    assert (contact.name, contact.role, contact.email) == ("Pat Invented", "Coordinator", "")


def test_the_search_knows_what_came_in(take, harbor):
    take()
    assert list(Resource.objects.with_words(["pantr"], ["riverside"])) == [pantry()]


def test_the_same_feed_again_changes_nothing(take):
    take()
    before = history()
    report = take()
    assert (report.changed, history()) == (0, before)


def test_a_newer_feed_changes_only_what_it_says_anew(take, feed):
    take()
    before = history()
    feed["services.csv"][0]["fees"] = "One dollar"
    report = take()
    assert report.files["services.csv"].updated == 1
    assert history() == before | {"Resource": before["Resource"] + 1}
    assert pantry().fees == "One dollar"


def test_a_feed_is_known_again_under_another_name(take, feed, harbor):
    take()
    report = import_hsds(feed.folder("february"), harbor)
    assert (report.source, report.changed) == ("hsds:feed", 0)


def test_two_feeds_with_the_same_keys_stay_apart(take, feed, harbor):
    take()
    for row in feed["services.csv"]:
        row["name"] += " of another town"
    report = import_hsds(feed.folder("other"), harbor)
    assert report.source == "hsds:other"
    assert Resource.objects.count() == 6


def test_what_a_colleague_mended_stays_until_the_feed_says_something_new(take, feed, harbor):
    take()
    with acting_as(harbor, by=None):
        row = pantry()
        row.how_to_apply = "Ring at the side door"
        row.save()
    feed["services.csv"][0]["fees"] = "One dollar"
    take()
    assert pantry().how_to_apply == "Ring at the side door"
    feed["services.csv"][0]["application_process"] = "By phone"
    take()
    assert pantry().how_to_apply == "By phone"


def test_a_file_that_is_not_there_empties_nothing(take, feed, harbor):
    take()
    import_hsds(feed.folder() / "services.csv", harbor)
    row = pantry()
    assert (row.organization, row.languages, row.needs) == ("Maple Neighbors", ["English"], ["food"])
    assert ResourcePlace.objects.get().ended_on is None


def test_a_contact_who_is_gone_ends_and_may_come_back(take, feed):
    take()
    gone = feed["contacts.csv"]
    feed["contacts.csv"] = [gone[0] | {"id": "c2", "name": "Lee Invented"}]
    take()
    assert ResourceContact.objects.get(name="Pat Invented").ended_on
    feed["contacts.csv"] = gone
    take()
    assert ResourceContact.objects.get(name="Pat Invented").ended_on is None


def test_dangling_references_are_counted(take):
    report = take()
    assert report.dangling == {"services.csv organization_id": 1, "services_taxonomy.csv taxonomy_id": 1}
    assert report.exit_code == 0


def test_a_bad_row_is_listed_and_the_good_ones_stay(take, feed):
    feed["services.csv"] += [
        {"id": "", "name": "No key"},
        {"id": "s4", "name": ""},
        {"id": "s1", "name": "Twice"},
    ]
    report = take()
    assert [(r.file, r.line, r.column) for r in report.refused] == [
        ("services.csv", 5, "id"),
        ("services.csv", 6, "name"),
        ("services.csv", 7, "id"),
    ]
    assert (report.exit_code, Resource.objects.count()) == (1, 3)


def test_a_ragged_row_is_refused_with_its_line(take, feed):
    feed["services.csv"] = b"id,name,fees\ns1,Maple Pantry,Free\ns2,Broken\ns3,Rent Help,Free\n"
    report = take()
    assert [(r.line, r.why) for r in report.refused] == [(3, "the row does not fit the header")]
    assert Resource.objects.count() == 2


def test_windows_1252_is_read_as_it_was_meant(take, feed):
    feed["services.csv"] = "id,name\ns1,Café “Elm”\n".encode("cp1252")
    take()
    assert pantry().name == "Café “Elm”"


def test_services_that_vanish_stay_and_are_told(take, feed):
    take()
    feed["services.csv"].pop()
    report = take()
    assert (report.files["services.csv"].absent, report.missing) == (1, ["Rent Help"])
    assert Resource.objects.open().count() == 3


def test_services_that_vanish_are_closed_on_demand_and_open_again(take, feed):
    take()
    gone = feed["services.csv"].pop()
    assert take(close_missing=True).closed == 1
    assert not Resource.objects.get(source_key="s3").is_open
    feed["services.csv"].append(gone)
    take()
    assert Resource.objects.get(source_key="s3").is_open


def test_more_than_half_is_closed_only_when_that_is_said(take, feed):
    take()
    feed["services.csv"] = feed["services.csv"][:1]
    with pytest.raises(Unusable, match="2 of the 3"):
        take(close_missing=True)
    assert Resource.objects.open().count() == 3
    assert take(close_missing=True, close_most=True).closed == 2


def test_exactly_half_is_closed_only_when_that_is_said(take, feed):
    feed["services.csv"] = feed["services.csv"][:2]
    take()
    feed["services.csv"] = feed["services.csv"][:1]
    with pytest.raises(Unusable, match="1 of the 2"):
        take(close_missing=True)


def test_links_of_people_to_services_that_vanish_are_listed_without_their_names(feed, cast):
    import_hsds(feed.folder(), cast.riverside)
    with acting_as(cast.riverside, by=cast.wendy):
        gone = Resource.objects.get(source_key="s3")
        enrolled = enroll(make_client(cast.riverside, given_name="Terry"), cast.ccm, cast.wendy)
        referral = ServiceReferral(enrollment=enrolled, service="Rent", provider="Maple", resource=gone)
        referral.put(by=cast.wendy)
    feed["services.csv"].pop()
    report = import_hsds(feed.folder(), cast.riverside)
    assert report.relied_on == {"Rent Help": 1}
    told = "\n".join(report.lines())
    assert "Open links of people to services that are gone: 1" in told
    assert "Terry" not in told


def test_what_was_closed_there_is_closed_here(take, feed):
    feed["services.csv"][2]["status"] = "defunct"
    take()
    assert not Resource.objects.get(source_key="s3").is_open


def test_a_newer_check_there_counts_and_an_older_one_does_not(take, feed):
    for row in feed["services.csv"]:
        row["assured_date"] = "2024-05-01"
    take()
    assert pantry().verified_on == date(2024, 5, 1)
    row = pantry()
    with acting_as(row.agency, by=None):
        row.verified_on = date(2025, 1, 1)
        row.save()
    feed["services.csv"][0]["assured_date"] = "2024-06-01"
    take()
    assert pantry().verified_on == date(2025, 1, 1)


def test_a_dry_run_writes_nothing(take):
    assert take(dry_run=True).changed
    assert not Resource.objects.exists()


def test_tips_are_left_alone(take, harbor):
    take()
    with acting_as(harbor, by=None):
        worker = StaffMember.objects.create(name="Somebody")
        tip = ResourceTip.objects.create(resource=pantry(), text="Side door.", by=worker)
    take()
    tip.refresh_from_db()
    assert tip.version == 1


def test_places_on_no_earth_and_wrong_addresses_are_left_out(take, feed):
    feed["locations.csv"][0]["latitude"] = "140"
    report = take()
    assert ResourcePlace.objects.get().latitude is None
    assert ("locations.csv", "latitude") in {(r.file, r.column) for r, _n in report.warnings.values()}


def nested():
    return {
        "id": "n1",
        "name": "Talking Circle",
        "status": "active",
        "eligibility_description": "Adults",
        "organization": {"id": "o9", "name": "Elm Counseling"},
        "phones": [{"id": "p", "number": "412 555 0111", "languages": [{"id": "l", "name": "Urdu"}]}],
        "schedules": [{"id": "h", "byday": "TH,FR", "opens_at": "10:00:00", "closes_at": "18:00:00"}],
        "service_at_locations": [
            {
                "id": "sl",
                "location": {"id": "l9", "name": "Annex", "addresses": [{"id": "a", "city": "Lakeside"}]},
                "contacts": [
                    {"id": "c", "name": "Kim Invented", "phones": [{"id": "q", "number": "412 555 0112"}]}
                ],
            }
        ],
        "attributes": [{"id": "t", "taxonomy_term": {"id": "tt", "name": "Mental Health Counseling"}}],
    }


@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: [s], lambda s: {"contents": [s], "total_items": 1}])
def test_nested_json_comes_in_as_csv_does(harbor, tmp_path, wrap):
    path = tmp_path / "service.json"
    path.write_text(json.dumps(wrap(nested())))
    report = import_hsds(path, harbor)
    row = Resource.objects.get()
    assert (row.name, row.organization, row.needs) == ("Talking Circle", "Elm Counseling", ["mental_health"])
    assert (row.phones[0]["number"], row.hours) == ("412 555 0111", "Thu–Fri 10:00–18:00")
    assert (ResourcePlace.objects.get().city, ResourceContact.objects.get().phone) == (
        "Lakeside",
        "412 555 0112",
    )
    assert report.dangling == {}


def test_ohana_names_the_place_in_the_service_and_the_keywords_in_a_cell(harbor, tmp_path):
    folder = tmp_path / "ohana"
    folder.mkdir()
    (folder / "services.csv").write_text(
        "id,location_id,name,audience,keywords,languages,taxonomy_ids,service_areas,website\n"
        '1,7,Hot Lunch,Seniors,"Meals, Senior Centers",English,101-01,Elm County,elm.example\n'
    )
    (folder / "locations.csv").write_text("id,organization_id,name\n7,3,Elm Hall\n")
    (folder / "organizations.csv").write_text("id,name\n3,Elm Seniors\n")
    (folder / "taxonomy.csv").write_text("taxonomy_id,name\n101-01,Disaster Response\n")
    import_hsds(folder, harbor)
    row = Resource.objects.get()
    assert row.categories == ["Disaster Response", "Meals", "Senior Centers"]
    assert (row.eligibility, row.area, row.populations) == ("Seniors", "Elm County", ["older"])
    assert ResourcePlace.objects.get().name == "Elm Hall"


# --- What cannot be read says so --------------------------------------------------------------------------------------


def unreadable(path, harbor, **options):
    with pytest.raises(Unusable) as refused:
        import_hsds(path, harbor, **options)
    return str(refused.value)


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("services.csv", b"", "is empty"),
        ("services.csv", b"a,b\n1,2\n", "has no column id, name"),
        ("feed.zip", b"PK\x03\x04 cut off", "damaged zip"),
        ("feed.json", b'{"id": 1,', "no valid JSON"),
        ("feed.json", b'{"hello": "you"}', "holds no service"),
        ("photo.csv", b"\x89PNG\x00\x00\x01", "neither CSV nor JSON"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(harbor, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    assert words in unreadable(tmp_path / name, harbor)


def test_a_folder_without_services_says_what_is_there(harbor, tmp_path):
    (tmp_path / "angebote.csv").write_text("id,name\n1,x\n")
    assert "angebote.csv" in unreadable(tmp_path, harbor)


def test_a_path_that_is_not_there_says_so(harbor, tmp_path):
    assert "does not exist" in unreadable(tmp_path / "nowhere", harbor)


def test_names_that_lead_out_of_a_zip_are_refused(harbor, tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../services.csv", "id,name\n1,x\n")
    assert "leads out" in unreadable(tmp_path / "bad.zip", harbor)


def test_a_zip_that_swells_is_refused(harbor, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("services.csv", b"0" * (60 * 1024**2))
    assert "absurd size" in unreadable(tmp_path / "bomb.zip", harbor)


def test_a_file_named_a_little_otherwise_is_found(feed, harbor):
    folder = feed.folder()
    (folder / "services.csv").rename(folder / "Services (1).CSV")
    import_hsds(folder, harbor)
    assert Resource.objects.count() == 3


def test_the_command_ends_with_a_code_and_no_traceback(db, harbor, tmp_path, capsys):
    with pytest.raises(CommandError) as refused:
        call_command("import_hsds", str(tmp_path), agency="harbor")
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="no agency"):
        call_command("import_hsds", str(tmp_path), agency="nobody")


def test_the_command_reports_as_json(feed, harbor, capsys):
    call_command("import_hsds", str(feed.folder()), agency="harbor", json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["files"]["services.csv"]["created"] == 3
    assert said["dangling"]["services.csv organization_id"] == 1


@pytest.mark.parametrize(
    "rows, text",
    [
        ([("Monday", "9:00am", "5:00pm", ""), ("Tuesday", "9:00am", "5:00pm", "")], "Mon–Tue 9:00am–5:00pm"),
        ([("MO,WE", "09:00:00", "12:00:00", "")], "Mon 9:00–12:00\nWed 9:00–12:00"),
        ([("1", "09:00", "12:00", ""), ("1", "13:00", "15:00", "")], "Mon 9:00–12:00, 13:00–15:00"),
        ([("Friday", "", "", "By appointment"), ("Monday", "", "", "By appointment")], "By appointment"),
        ([("", "", "", "")], ""),
    ],
)
def test_hours_are_told_in_few_lines(rows, text):
    assert hours_text(rows) == text


# --- Real directories that we do not ship -----------------------------------------------------------------------------


def test_miami_comes_in_whole_with_its_dangling_references_counted(sample_data, harbor):
    path = sample_data / "hsds" / "miami_211_HSDS1.1_datapackage.zip"
    report = import_hsds(path, harbor)
    assert (report.files["services.csv"].created, report.exit_code) == (4089, 0)
    assert report.dangling["services.csv organization_id"] == 447
    before = history()
    assert import_hsds(path, harbor).changed == 0
    assert history() == before


@pytest.mark.parametrize(
    "name, services",
    [
        ("ohana_sample_csv", 23),
        ("openreferral_sample_data_v1.1", 13),
        ("ilao_raw_to_hsds1.1", 429),
        ("ilao_raw_to_hsds1.1/input", 429),
        ("spec_v3_examples", 1),
        ("spec_v3_examples/csv", 1),
        ("spec_v3_examples/tabular.json", 1),
        ("spec_v3_examples/organization_full.json", 1),
        ("spec_v3_examples/service_full.json", 1),
        ("spec_v3_examples/service_list.json", 1),
        ("spec_v3_examples/service_at_location_full.json", 1),
    ],
)
def test_every_kind_of_directory_comes_in_twice_as_once(sample_data, harbor, name, services):
    report = import_hsds(sample_data / "hsds" / name, harbor)
    assert sum(tally.created for tally in report.files.values()) == services
    assert import_hsds(sample_data / "hsds" / name, harbor).changed == 0
