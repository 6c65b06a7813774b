"""Finding people by what is known of them, however it was heard or typed, and never anybody who is hidden."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.core import db
from casemgmt.demo.builders import enroll, make_client
from clients.matching import Traits
from clients.models import (
    AccessLog,
    Client,
    ConflictOfInterest,
    Identifier,
    Merge,
    OtherName,
)
from clients.models.identity import digests_of

pytestmark = pytest.mark.django_db

ROSA = {
    "given_name": "Rósa",
    "middle_name": "Inés",
    "family_name": "Tamayo",
    "born_on": date(1988, 4, 3),
    "phone": "(503) 555-0142",
    "number": "R77",
}


@pytest.fixture
def rosa(cast):
    """A person of Walt's, among others of theirs."""
    with acting_as(cast.riverside, by=cast.walt):
        for given, family in (("Peter", "Okafor"), ("Ines", "Marrow"), ("Tam", "Ayo")):
            make_client(cast.riverside, by=cast.walt, given_name=given, family_name=family)
        person = make_client(cast.riverside, by=cast.walt, **ROSA)
        enroll(person, cast.ccm, cast.walt, by=cast.walt)
    return person


@pytest.fixture(params=["index", "walk"])
def either_way(request, monkeypatch):
    """With the database's index, where it has one, and without."""
    if request.param == "walk":
        monkeypatch.setattr(db, "find", lambda *args: None)


def everybody(cast):
    return Client.objects.filter(agency=cast.riverside)


def found(cast, words):
    with acting_as(cast.riverside, by=cast.dana):
        return [c.name for c in everybody(cast).search(words)]


def near(cast, words):
    with acting_as(cast.riverside, by=cast.dana):
        return [c.name for c in everybody(cast).near(words)]


# --- The search -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("rosa", "either_way")
@pytest.mark.parametrize(
    "words",
    [
        "rosa",
        "ROSA tamayo",
        "Tamayo, Rosa",
        "rósa inés",
        "osa may",
        "0142",
        "503-555",
        "R77",
        "r77",
        "rosa 0142",
    ],
)
def test_every_word_is_part_of_a_name_a_number_or_a_phone(cast, words):
    assert found(cast, words) == ["Rósa Tamayo"]


@pytest.mark.usefixtures("rosa", "either_way")
@pytest.mark.parametrize("words", ["rosa okafor", "0199", "R78", "rxsa"])
def test_what_fits_nobody_finds_nobody(cast, words):
    assert found(cast, words) == []


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("words", ["former", "shorty mcgee", "王芳"])
def test_people_are_found_by_their_other_names(cast, rosa, words):
    with acting_as(cast.riverside, by=cast.walt):
        for name in ("Rosa Former", "Shorty McGee", "王芳"):
            OtherName.objects.create(client=rosa, name=name)
    assert found(cast, words) == ["Rósa Tamayo"]


@pytest.mark.usefixtures("rosa", "either_way")
@pytest.mark.parametrize(
    "words", ["rosa tamaio", "roza tamayo", "rsoa tamayo", "rossa tamajo", "tamaoy", "rosa tamy"]
)
def test_a_name_typed_a_little_wrong_finds_the_ones_near_to_it(cast, words):
    assert near(cast, words)[0] == "Rósa Tamayo"


@pytest.mark.usefixtures("rosa", "either_way")
@pytest.mark.parametrize("words", ["quentin zimmerman", "", "0142", "x" * 5000])
def test_nothing_is_near_to_what_is_like_nobody(cast, words):
    assert near(cast, words) == []


def test_the_search_shows_only_whom_one_may_see(cast, rosa, as_):
    assert "Rósa Tamayo" in as_("walt").get(reverse("clients:client-list"), {"q": "tamayo"}).text
    for words in ("tamayo", "tamaio"):
        assert "Rósa Tamayo" not in as_("wendy").get(reverse("clients:client-list"), {"q": words}).text


def test_names_near_to_it_are_shown_and_noted_where_hardly_anybody_is_found(cast, rosa, as_):
    answer = as_("walt").get(reverse("clients:client-list"), {"q": "rosa tamaio"})
    assert "Names much like it" in answer.text
    assert "Rósa Tamayo" in answer.text
    assert rosa.pk in AccessLog.objects.filter(staff=cast.walt).latest("pk").people


# --- Possible matches -------------------------------------------------------------------------------------------------


def possible(cast, traits, number="", staff=None):
    staff = staff or cast.wendy
    with acting_as(cast.riverside, by=staff):
        digests = digests_of(cast.riverside.pk, number) if number else ()
        return Client.objects.to_recognise(staff).possible_matches(traits, digests=digests)


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(
    "traits",
    [
        Traits(given="Rosa", family="Tamayo"),
        Traits(given="Roza", family="Tamaio"),
        Traits(given="Tamayo", family="Rosa"),
        Traits(given="Rosita", family="Tamayo"),
        Traits(chosen="Rosa Tamayo"),
        Traits(given="Rosa", born_on=date(1988, 4, 3)),
        Traits(given="Rosa", born_on=date(1988, 3, 4)),
        Traits(born_on=date(1988, 4, 3)),
        Traits(phones=("+1 503 555 0142",)),
        Traits(given="Rosa", family="Ta"),
    ],
    ids=str,
)
def test_somebody_known_is_found_by_what_was_typed_so_far(cast, rosa, traits):
    assert [c.pk for c in possible(cast, traits)] == [rosa.pk]


def test_the_likeliest_comes_first_with_its_score_and_its_reasons(cast, rosa):
    with acting_as(cast.riverside, by=cast.walt):
        other = make_client(cast.riverside, by=cast.walt, given_name="Rosa", family_name="Tamayo")
    rows = possible(cast, Traits(given="Rosa", family="Tamayo", born_on=date(1988, 3, 4)))
    assert [c.pk for c in rows] == [rosa.pk, other.pk]
    assert rows[0].match.score == 99
    assert rows[0].match.reasons == ["same name", "day and month of birth swapped"]


def test_an_identity_number_finds_its_bearer_and_proves_nothing(cast, rosa):
    with acting_as(cast.riverside, by=cast.walt):
        Identifier.objects.create(client=rosa, kind=Identifier.Kind.SOCIAL, number="512-33-8841")
    (row,) = possible(cast, Traits(given="Peter", family="Vance"), number="512 33 8841")
    assert row.pk == rosa.pk
    assert row.match.score < 50
    assert any("identity number alone says little" in reason for reason in row.match.reasons)
    assert possible(cast, Traits(), number="512-33-8842") == []


def test_another_name_finds_the_person(cast, rosa):
    with acting_as(cast.riverside, by=cast.walt):
        OtherName.objects.create(client=rosa, name="Rosa Okonkwo")
    assert [c.pk for c in possible(cast, Traits(given="Rosa", family="Okonkwo"))] == [rosa.pk]


def test_a_merged_record_is_represented_by_the_one_it_was_merged_into(cast, rosa):
    with acting_as(cast.riverside, by=cast.dana):
        gone = make_client(
            cast.riverside, by=cast.dana, given_name="Luz", family_name="Ferrer", phone="971 555 0177"
        )
        enroll(gone, cast.ccm, cast.walt, by=cast.dana)
        Merge.of(rosa, gone, by=cast.dana, reason="Said so herself.")
    for traits in (Traits(given="Luz", family="Ferrer"), Traits(phones=("9715550177",))):
        assert [c.pk for c in possible(cast, traits)] == [rosa.pk]


def test_a_name_that_its_source_hid_is_like_no_other(cast, rosa):
    with acting_as(cast.riverside, by=cast.walt):
        rosa.name_quality = Client.NameQuality.HASHED
        rosa.save()
    assert possible(cast, Traits(given="Rosa", family="Tamayo")) == []


def test_who_is_hidden_from_somebody_is_never_offered(cast, rosa):
    traits = Traits(given="Rosa", family="Tamayo", born_on=date(1988, 4, 3))
    with acting_as(cast.riverside, by=cast.dana):
        ConflictOfInterest.objects.create(
            client=rosa, staff=cast.wendy, started_on=timezone.localdate() - timedelta(days=1)
        )
    assert possible(cast, traits) == []
    assert possible(cast, traits, staff=cast.sam)


def test_another_agencys_people_are_never_offered(cast, rosa):
    with acting_as(cast.lakeside, by=cast.lars):
        assert not Client.objects.to_recognise(cast.lars).possible_matches(
            Traits(given="Rosa", family="Tamayo")
        )


# --- While somebody types ---------------------------------------------------------------------------------------------

URL = "/clients/matches/"


def test_the_fragment_says_who_how_likely_and_why(cast, rosa, as_):
    answer = as_("wendy").post(
        URL,
        {
            "given_name": "Roza",
            "family_name": "Tamayo",
            "born_on_month": 4,
            "born_on_day": 3,
            "born_on_year": 1988,
        },
    )
    text = re.sub(r"\s+", " ", answer.text)
    assert answer.status_code == 200
    assert "<html" not in text
    assert "Rósa Tamayo" in text
    assert (
        "99 of 100, probably the same person: first name a letter or two off; same last name; same birth date"
        in text
    )
    assert "in a colleague's" in text
    assert "555" not in text
    assert rosa.pk in AccessLog.objects.filter(staff=cast.wendy).latest("pk").people


def test_whom_a_colleague_serves_opens_in_an_emergency_alone(cast, rosa, as_):
    browser = as_("wendy")
    url = reverse("workspace:client", kwargs={"pk": rosa.pk})
    assert f'href="{url}"' in browser.post(URL, {"given_name": "Rosa", "family_name": "Tamayo"}).text
    assert browser.get(url).status_code == 403


@pytest.mark.parametrize("said", [{}, {"given_name": "R"}, {"phone": "5"}, {"born_on_year": "19"}])
def test_too_little_shows_nothing(cast, rosa, as_, said):
    assert "alert" not in as_("wendy").post(URL, said).text


def test_nobody_known_is_said(cast, rosa, as_):
    assert (
        "Nobody like this" in as_("wendy").post(URL, {"given_name": "Quentin", "family_name": "Zuñiga"}).text
    )


@pytest.mark.parametrize("rubbish", ["\x00", "x" * 10_000, "\ud800", "%' OR 1=1 --", "１２３"])
@pytest.mark.parametrize("field", ["given_name", "phone", "born_on_year", "id_number"])
def test_rubbish_finds_nobody(cast, rosa, as_, field, rubbish):
    answer = as_("wendy").post(URL, {field: rubbish.encode("utf-8", "surrogatepass").decode("latin-1")})
    assert answer.status_code == 200


def test_nothing_that_was_typed_goes_into_an_address(cast, as_):
    page = as_("wendy").get("/intakes/new/").text
    assert f'hx-post="{URL}"' in page
    assert "hx-get" not in page


def test_a_number_typed_at_intake_is_kept_with_somebody_new(cast, as_):
    sent = {
        "submit_key": "11111111-1111-4111-8111-111111111111",
        "given_name": "Quentin",
        "family_name": "Zuñiga",
        "id_number": "512-33-8841",
        "id_kind": "social",
        "reason": "Rent.",
        "safe_now": "yes",
        "started_on": "2026-11-02",
    }
    assert as_("wendy").post("/intakes/new/", sent).status_code == 302
    number = Identifier.objects.get(agency=cast.riverside)
    assert (str(number.client), number.kind, number.masked) == ("Quentin Zuñiga", "social", "••••8841")


# --- Many names -------------------------------------------------------------------------------------------------------


def fill(person, count, name_key):
    """Copies of a person by SQL, past the guard of history; the test takes them back."""
    made = {"number": "'B' || n", "name_key": name_key}
    columns = [f.column for f in Client._meta.local_fields if f.column != "id"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO clients_client ({', '.join(columns)}) "  # noqa: S608
            f"SELECT {', '.join(made.get(c, c) for c in columns)} FROM clients_client, generate_series(1, %s) n "
            "WHERE id = %s",
            [count, person.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin; ANALYZE clients_client")


@pytest.mark.postgres
@pytest.mark.parametrize(
    "question",
    [
        "{text} LIKE '%given7 %'",
        "{text} LIKE '% giv%' AND {text} LIKE '%ily1234 %'",
        "{text} OPERATOR(public.%) 'givem7 family1234'",
    ],
    ids=["contains", "patterns", "alike"],
)
def test_no_search_reads_the_whole_table(rosa, question):
    """As the role that asks it, past row-level security, with 20,000 names."""
    fill(rosa, 20_000, "'given' || mod(n, 300) || ' family' || n")
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {db.search_role()}")
        asked = question.format(text="(' ' || name_key || ' ')")
        cursor.execute(
            f"EXPLAIN SELECT id FROM clients_client WHERE agency_id = {rosa.agency_id} AND {asked}"  # noqa: S608
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET ROLE")
    assert "Bitmap Index Scan on find_clients_client_name_key" in plan, plan
    assert "Seq Scan" not in plan, plan


@pytest.mark.postgres
def test_a_common_name_still_finds_ones_own_person(cast, rosa):
    """Where a word has more hits than are worth listing, the rows one may see are walked."""
    fill(rosa, 3_000, "'rosa tamayo'")
    with acting_as(cast.riverside, by=cast.walt):
        assert [c.pk for c in Client.objects.visible_to(cast.walt).search("tamayo")] == [rosa.pk]
        assert [c.pk for c in Client.objects.visible_to(cast.walt).near("roza tamayo")] == [rosa.pk]
        assert len(Client.objects.to_recognise(cast.dana).search("tamayo")) == 3_001
