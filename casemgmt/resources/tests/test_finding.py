"""Finding a service: by its words, by filters, and in spite of slips."""

import pytest

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import list_resource
from casemgmt.resources.finding import find
from casemgmt.resources.forms import SearchForm
from casemgmt.resources.models import Resource
from casemgmt.resources.needs import Need, needs_of, populations_of
from casemgmt.resources.words import asked, meant


@pytest.fixture
def directory(cast):
    wendy = cast.wendy
    listed = [
        dict(
            name="Elm Street Food Pantry",
            categories=["Food Pantries"],
            languages=["Spanish"],
            eligibility="Families with children",
            populations=["families"],
            place={"address": "1 Elm St", "city": "Riverside", "postcode": "15000"},
        ),
        dict(
            name="Rent Rescue", needs=["housing"], categories=["Rent Payment Assistance"], languages=["Urdu"]
        ),
        dict(
            name="Barracks Kitchen",
            description="Hot food.",
            eligibility="Veterans",
            place={"city": "Millbrook"},
        ),
    ]
    return [list_resource(cast.riverside, by=wendy, **fields) for fields in listed]


@pytest.fixture
def look(cast, directory):
    def ask(**sent):
        found = find(cast.wendy, SearchForm(sent, categories=[], languages=[]))
        return [row.name for row in found.rows], " ".join(found.instead)

    return ask


@pytest.mark.parametrize(
    "sent, names",
    [
        ({"q": "food"}, ["Elm Street Food Pantry", "Barracks Kitchen"]),  # in its own name first
        ({"q": "FOOD, pantry!"}, ["Elm Street Food Pantry"]),
        ({"q": "pant"}, ["Elm Street Food Pantry"]),
        ({"q": "veterans"}, ["Barracks Kitchen"]),
        ({"q": "food millbrook"}, ["Barracks Kitchen"]),
        ({"need": "housing"}, ["Rent Rescue"]),
        ({"language": "urdu"}, ["Rent Rescue"]),
        ({"language": "urdo"}, ["Rent Rescue"]),
        ({"category": "rent"}, ["Rent Rescue"]),
        ({"category": "fod pantries"}, ["Elm Street Food Pantry"]),
        ({"category": "no such thing"}, []),
        ({"place": "15000"}, ["Elm Street Food Pantry"]),
        ({"place": "milbrook"}, ["Barracks Kitchen"]),
        ({"made_for": "families", "q": "food"}, ["Elm Street Food Pantry", "Barracks Kitchen"]),
        ({"made_for": "lgbtq", "q": "food"}, ["Barracks Kitchen"]),
        ({"need": "nonsense", "q": "rent"}, ["Rent Rescue"]),
        ({"q": "\x00 ' \" % _ \\"}, ["Barracks Kitchen", "Elm Street Food Pantry", "Rent Rescue"]),
    ],
)
def test_a_search_finds(look, sent, names):
    assert look(**sent)[0] == names


@pytest.mark.parametrize(
    "typed, meant_",
    [("panrty", "pantry"), ("fodo pantry", "food pantry"), ("vetrans", "veterans"), ("kichen", "kitchen")],
)
def test_a_slip_is_forgiven_and_told(look, typed, meant_):
    names, instead = look(q=typed)
    assert names
    assert instead == meant_


def test_what_nobody_offers_is_not_found(look):
    assert look(q="xylophone") == ([], "")


def test_a_closed_service_is_not_found(look, directory, cast):
    with acting_as(cast.riverside, by=cast.wendy):
        directory[1].closed_on = directory[1].verified_on or "2020-01-01"
        directory[1].save()
    assert look(q="rent")[0] == []


def test_another_agencys_services_are_not_found(look, cast):
    list_resource(cast.lakeside, name="Lakeside Food Shelf")
    assert "Lakeside Food Shelf" not in look(q="food")[0]


def test_of_a_confidential_address_only_the_town_is_found(look, cast):
    list_resource(
        cast.riverside,
        name="Safe House",
        is_confidential=True,
        place={"address": "9 Hidden Lane", "city": "Ashford", "postcode": "15999"},
    )
    assert look(place="ashford")[0] == ["Safe House"]
    assert look(place="15999")[0] == []
    assert look(q="hidden")[0] == []


def test_a_search_asks_the_database_at_most_three_times(look, django_assert_max_num_queries):
    for typed in ("food", "fodo", "xylophone"):
        with django_assert_max_num_queries(3):
            look(q=typed, place="riversid")


def test_words_that_say_nothing_are_passed_over():
    assert asked("a place for the food") == ["place", "food"]
    assert asked("the of") == ["the", "of"]


@pytest.mark.parametrize(
    "word, known, found",
    [
        ("houzing", {"housing", "hoping"}, ["housing"]),
        ("shleter", {"shelter"}, ["shelter"]),
        ("xyz", {"abc"}, []),
        ("12345", {"12346"}, []),
        ("ab", {"abc"}, []),
    ],
)
def test_a_slip_is_compared_with_known_words(word, known, found):
    assert meant(word, known) == found


@pytest.mark.parametrize(
    "category, needs",
    [
        ("Food Pantries", ["food"]),
        ("Small Business Training", ["education"]),
        ("Rent Payment Assistance", ["housing"]),
        ("Substance Abuse Counseling", ["mental_health", "substance_use"]),
        ("Bus Fare", ["transport"]),
    ],
)
def test_a_category_leads_to_needs(category, needs):
    assert needs_of(category) == needs


def test_words_of_eligibility_lead_to_people():
    assert populations_of("Women veterans aged 60 and over") == ["women", "older", "veterans"]


def test_every_need_is_reached_by_some_word():
    assert {need for need in Need.values if needs_of(str(Need(need).label))} >= set(Need.values) - {
        "treatment"
    }


def test_the_directory_remembers_the_words_of_its_services(cast, directory):
    assert Resource.objects.with_words(["elm"]).exists()
