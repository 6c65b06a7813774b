"""Two records become one and two again: of every row of every model that points at a person, nothing is lost.

What points at a person is found by introspection, so a new model is tried without a line here.
"""

from collections import Counter

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from casemgmt.agencies.models import acting_as
from casemgmt.core.models import AppendOnly, Audited, Refused
from casemgmt.demo import builders
from casemgmt.demo.cast import build_cast
from casemgmt.tests.world import undone, whole_record
from clients import merging
from clients.models import (
    AccessLog,
    Alert,
    CaseAssignment,
    Client,
    ConflictOfInterest,
    Disclosure,
    Enrollment,
    HouseholdMember,
    KeyEvent,
    Merge,
    OtherName,
    RelatedPerson,
    RestrictedTo,
)

pytestmark = pytest.mark.django_db
WHY = "The same birth date and the same sister."
NOT = "They came in together: two people."


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Three whole records of one person, and who may merge them; B shares a household and a colleague with A."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = build_cast()
        cast.a, cast.b, cast.c = (
            whole_record(cast.riverside, cast.ccm, worker, opened_by=cast.nia).client
            for worker in (cast.wendy, cast.walt, cast.wendy)
        )
        with acting_as(cast.riverside, by=cast.dana):
            for one, other in ((cast.a, cast.b), (cast.b, cast.c)):
                home = HouseholdMember.objects.filter(client=one).first().household
                HouseholdMember.objects.create(household=home, client=other)
                RelatedPerson.objects.create(client=one, name="Sis", relation="sibling", same_as=other)
            for person in (cast.a, cast.b, cast.c):
                RestrictedTo.objects.create(client=person, staff=cast.dana)
                person.contact_note = f"Mornings, {person.pk}."
                person.pronouns = f"they {person.pk}"
                person.phone = f"412 555 {person.pk:04}"
                person.save()
            ConflictOfInterest.objects.create(client=cast.b, staff=cast.mo)
        yield cast
        transaction.set_rollback(True)


@pytest.fixture
def dana(world):
    with undone(), acting_as(world.riverside, by=world.dana):
        yield world.dana


LINKS = [(model, field) for model, field in merging.links(Client) if (model, field.name) != (Merge, "gone")]
AUDITED = [m for m in apps.get_models() if issubclass(m, Audited) and hasattr(m, "agency_id")]


def everything():
    """Every row of every audited table: {model: {key: values without version}}."""
    found = {}
    for model in AUDITED:
        rows = models.QuerySet(model).values()
        found[model] = {row["id"]: {k: v for k, v in row.items() if k != "version"} for row in rows}
    return found


def differing(before, after):
    """{model: keys} of rows that differ, came or went."""
    return {
        model: wrong
        for model in before
        if (
            wrong := {
                pk
                for pk in before[model].keys() | after[model].keys()
                if before[model].get(pk) != after[model].get(pk)
            }
        )
    }


def rows_of(person):
    """{(model, field): keys} of what points at this record."""
    return {
        (model, field): set(
            models.QuerySet(model).filter(**{field.attname: person.pk}).values_list("pk", flat=True)
        )
        for model, field in LINKS
    }


def plain(row):
    """PostgreSQL gives bytes as a view of them, which is another one each time."""
    return sorted((k, bytes(v) if isinstance(v, memoryview) else v) for k, v in row.items())


def facts():
    return {
        model: Counter(repr(plain(row)) for row in models.QuerySet(model).values())
        for model in apps.get_models()
        if issubclass(model, AppendOnly) and not model.__name__.startswith("Historical")
    }


def histories():
    return {
        model: {row["history_id"]: row for row in model.history.model.objects.values()} for model in AUDITED
    }


def fresh(*people):
    return [Client.objects.get(pk=person.pk) for person in people]


def stayed(merge):
    return {
        (model, field): set(merge.moved["stayed"].get(merging.name_of(model, field), []))
        for model, field in LINKS
    }


# --- Nothing is lost --------------------------------------------------------------------------------------------------


def test_there_is_something_to_move_by_every_link(world):
    """Without this the tests below would prove nothing; a new model gets a row in world.py or here."""
    empty = [
        f"{model.__name__}.{field.name}" for (model, field), rows in rows_of(world.b).items() if not rows
    ]
    assert not empty, f"give whole_record a row of {empty}"


def test_no_fact_points_at_a_person_by_a_key():
    """It could not be moved: what is only ever added to hangs on a row that moves."""
    wrong = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if issubclass(model, AppendOnly) and not hasattr(model, "history_id")
        for field in model._meta.concrete_fields
        if field.related_model is Client
    ]
    assert not wrong


def merge_and_look(kept, gone, by, choices=None):
    """Merge, and check everything that must hold whatever the records are; returns the merge."""
    ours, theirs = rows_of(kept), rows_of(gone)
    before, facts_before, past = everything(), facts(), histories()
    merge = Merge.of(*fresh(kept, gone), by=by, reason=WHY, choices=choices)
    after = everything()
    # Every row is there and says what it said, but for whose it is.
    links = {(model, field.attname) for model, field in LINKS}
    for model in AUDITED:
        if model is Client:
            continue
        for pk, row in before[model].items():
            now = after[model][pk]
            wrong = {k for k in row if row[k] != now[k] and (model, k) not in links}
            assert not wrong, f"{model.__name__} {pk} lost {wrong}"
    # What pointed at the one now points at the other, save what says nothing new, and that is listed.
    left = rows_of(gone)
    for link, rows in theirs.items():
        if link[0] is RestrictedTo:
            continue
        assert left[link] == stayed(merge)[link], f"{link} points at the record that is gone"
        assert rows_of(kept)[link] >= ours[link] | (rows - left[link]) - {gone.pk}
    new = {model: after[model].keys() - before[model].keys() for model in AUDITED}
    new = {model: keys for model, keys in new.items() if keys}
    assert new.keys() <= {Merge, OtherName}
    # Facts are as they were, and history only grew: by one line a row that moved, with person and reason.
    assert facts() == facts_before
    now = histories()
    for model in AUDITED:
        assert past[model].items() <= now[model].items()
        for line in [now[model][key] for key in now[model].keys() - past[model].keys()]:
            assert line["history_user_id"] == by.pk
            assert WHY in line["history_change_reason"]
    return merge


def undo_and_look(merge, by, before):
    """Undo, and find all as it was, save that the merge itself is told."""
    past = histories()
    notes = merge.undo(by=by, why=NOT)
    assert notes == []
    found = differing(before, everything())
    assert found.keys() == {Merge}
    assert merge.pk in found[Merge]
    now = histories()
    for model in AUDITED:
        assert past[model].items() <= now[model].items()
        for line in [now[model][key] for key in now[model].keys() - past[model].keys()]:
            assert line["history_user_id"] == by.pk
            assert NOT in line["history_change_reason"]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_a_merge_loses_nothing_and_its_undo_brings_back_all(world, dana, names):
    kept, gone = (getattr(world, name) for name in names)
    before = everything()
    merge = merge_and_look(kept, gone, dana)
    undo_and_look(merge, dana, before)


def test_a_chain_loses_nothing_and_is_undone_in_reverse(world, dana):
    first = everything()
    one = merge_and_look(world.b, world.c, dana)
    second = everything()
    other = merge_and_look(world.a, world.b, dana)
    assert {row.merged_into_id for row in fresh(world.b, world.c)} == {world.a.pk}
    with pytest.raises(Refused, match="Undo that one first"):
        one.undo(by=dana, why=NOT)
    undo_and_look(other, dana, second)
    assert [row.merged_into_id for row in fresh(world.b, world.c)] == [None, world.b.pk]
    undo_and_look(one, dana, first)


FIELDS = merging.fields(Client)


@settings(max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_chosen_an_undo_restores_both(world, data):
    with undone(), acting_as(world.riverside, by=world.dana):
        order = data.draw(st.permutations([world.a, world.b, world.c]))
        undo_these = []
        for gone in order[1:]:
            kept, gone = fresh(order[0], gone)
            choices = {
                name: data.draw(st.sampled_from(merging.ways(kept, gone, name)), label=name)
                for name in merging.differing(kept, gone)
            }
            before = everything()
            merge = merge_and_look(kept, gone, world.dana, choices)
            for name, way in choices.items():
                said = {"kept": getattr(kept, name), "gone": getattr(gone, name)}
                wanted = said.get(way, f"{said['kept']} / {said['gone']}")
                assert getattr(fresh(kept)[0], name) == wanted
            undo_these.append((merge, before))
        for merge, before in reversed(undo_these):
            undo_and_look(merge, world.dana, before)


@pytest.mark.postgres
def test_the_guards_of_the_database_find_nothing(world, dana):
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        merge.undo(by=dana, why=NOT)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


# --- What is refused --------------------------------------------------------------------------------------------------


def test_a_record_is_not_merged_into_itself(world, dana):
    with pytest.raises(Refused, match="one and the same"):
        Merge.of(world.a, world.a, by=dana, reason=WHY)


def test_a_record_is_merged_once(world, dana):
    Merge.of(world.a, world.b, by=dana, reason=WHY)
    for pair in ((world.c, world.b), (world.b, world.c)):
        with pytest.raises(Refused, match="already"):
            Merge.of(*pair, by=dana, reason=WHY)


def test_who_does_not_see_both_merges_nothing(world, dana):
    with pytest.raises(Refused, match="sees both"):
        Merge.of(world.a, world.b, by=world.mo, reason=WHY)


def test_records_of_two_agencies_are_never_one(world, dana):
    person = builders.make_client(world.lakeside, by=world.lars)
    with acting_as(world.riverside, by=dana), pytest.raises(Refused, match="sees both"):
        Merge.of(world.a, person, by=dana, reason=WHY)


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_takes_a_reason_both_ways(world, dana, reason):
    with pytest.raises(Refused):
        Merge.of(world.a, world.b, by=dana, reason=reason)
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY)
    with pytest.raises(Refused):
        merge.undo(by=dana, why=reason)


def test_it_is_undone_once(world, dana):
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY)
    merge.undo(by=dana, why=NOT)
    with pytest.raises(Refused, match="already"):
        merge.undo(by=dana, why=NOT)


def test_somebody_keeps_a_name(world, dana):
    nameless = builders.make_client(world.riverside, by=dana, given_name="Rosa", family_name="")
    other = builders.make_client(world.riverside, by=dana, given_name="", family_name="", chosen_name="Ro")
    for person in (nameless, other):
        builders.refer(person, by=dana)
    with pytest.raises(Refused, match="name"):
        Merge.of(nameless, other, by=dana, reason=WHY, choices={"given_name": "gone", "chosen_name": "kept"})


def test_an_undo_that_would_double_a_row_says_so(world, dana):
    home = HouseholdMember.objects.filter(client=world.a).first().household
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY)
    assert HouseholdMember.objects.filter(client=world.b, household=home).exists()  # it stayed
    came = HouseholdMember.objects.filter(
        pk__in=merge.moved["moved"]["clients.householdmember.client"]
    ).first()
    theirs = HouseholdMember.objects.filter(client=world.a, household=home).get()
    theirs.delete()
    came.household = home
    came.save()
    with pytest.raises(Refused, match="as well"):
        merge.undo(by=dana, why=NOT)


# --- What is written between the merge and its undo -------------------------------------------------------------------


def test_an_edit_since_is_kept_and_told(world, dana):
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY, choices={"phone": "gone", "pronouns": "gone"})
    kept = Client.objects.get(pk=world.a.pk)
    kept.phone = "412 555 9999"
    kept.save()
    (note,) = merge.undo(by=dana, why=NOT)
    kept.refresh_from_db()
    assert (kept.phone, kept.pronouns) == ("412 555 9999", f"they {kept.pk}")
    assert "phone" in note


def test_what_was_written_since_goes_with_what_it_hangs_on(world, dana):
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY)
    theirs = Enrollment.objects.filter(pk__in=merge.moved["moved"]["clients.enrollment.client"]).last()
    event = KeyEvent.objects.create(client=world.a, enrollment=theirs, kind="jail", started_on="2026-11-01")
    consent = theirs.client.consents.filter(pk__in=merge.moved["moved"]["clients.consent.client"]).first()
    told = Disclosure.objects.create(
        client=world.a, consent=consent, by=dana, basis="consent", recipient="Clinic", information="A letter"
    )
    alert = Alert.objects.create(client=world.a, kind="health", text="Asthma", review_on="2027-01-01")
    (note,) = merge.undo(by=dana, why=NOT)
    for row in (event, told, alert):
        row.refresh_from_db()
    assert (event.client_id, told.client_id, alert.client_id) == (world.b.pk, world.b.pk, world.a.pk)
    assert "1 × alert" in note


def test_what_was_saved_for_the_other_record_at_that_moment_follows(world, dana):
    before = everything()
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY)
    late = Alert.objects.create(client=world.b, kind="health", text="Asthma", review_on="2027-01-01")
    Merge.catch_up(world.riverside.pk)
    late.refresh_from_db()
    assert late.client_id == world.a.pk
    merge.refresh_from_db()
    merge.undo(by=dana, why=NOT)
    late.refresh_from_db()
    assert late.client_id == world.b.pk
    late.delete()
    assert differing(before, everything()).keys() == {Merge}


def test_a_row_that_was_deleted_since_stays_deleted(world, dana):
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY)
    row = OtherName.objects.get(pk=merge.moved["moved"]["clients.othername.client"][0])
    row.delete()
    merge.undo(by=dana, why=NOT)
    assert not OtherName.objects.filter(client=world.b).exists()


# --- Nobody sees more than before -------------------------------------------------------------------------------------


def restrict(person, *colleagues):
    person = Client.objects.get(pk=person.pk)
    for row in RestrictedTo.objects.filter(client=person):
        row.delete()
    person.restricted_on = "2026-01-01"
    person.save()
    for staff in colleagues:
        RestrictedTo.objects.create(client=person, staff=staff)


def named(person):
    return set(RestrictedTo.objects.filter(client=person).values_list("staff__user__username", flat=True))


CASES = [
    # who sees A, who sees B (None: not restricted), who sees the merged one
    (None, {"dana", "walt"}, {"dana", "walt"}),
    ({"dana", "wendy"}, None, {"dana", "wendy"}),
    ({"dana", "wendy", "sam"}, {"dana", "walt", "sam"}, {"dana", "sam"}),
]


@pytest.mark.parametrize("ours, theirs, both", CASES)
def test_a_restricted_record_is_seen_by_who_saw_both(world, dana, ours, theirs, both):
    for person, who in ((world.a, ours), (world.b, theirs)):
        if who:
            restrict(person, *(getattr(world, name) for name in who))
    before = everything()
    merge = Merge.of(*fresh(world.a, world.b), by=dana, reason=WHY)
    assert Client.objects.get(pk=world.a.pk).restricted_on
    assert named(world.a) == both
    undo_and_look(merge, dana, before)


def test_whoever_is_shut_out_since_is_shut_out_of_both(world, dana):
    restrict(world.b, world.dana, world.walt)
    merge = Merge.of(*fresh(world.a, world.b), by=dana, reason=WHY)
    for row in RestrictedTo.objects.filter(client=world.a, staff=world.walt):
        row.delete()
    ConflictOfInterest.objects.create(client=world.a, staff=world.sam)
    merge.undo(by=dana, why=NOT)
    assert named(world.b) == {"dana"}
    assert ConflictOfInterest.objects.filter(client=world.b, staff=world.sam).exists()


def test_a_restriction_since_holds_for_both(world, dana):
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY)
    restrict(world.a, world.dana)
    merge.undo(by=dana, why=NOT)
    assert [bool(row.restricted_on) for row in fresh(world.a, world.b)] == [True, True]
    assert named(world.b) == {"dana"}


def test_a_conflict_of_interest_with_one_holds_for_both(world, dana):
    Merge.of(world.a, world.b, by=dana, reason=WHY)
    assert not Client.objects.visible_to(world.mo).filter(pk=world.a.pk).exists()


def test_nobody_sees_the_record_that_is_gone(world, dana):
    Merge.of(world.a, world.b, by=dana, reason=WHY)
    for staff in (world.dana, world.sam, world.wendy, world.walt, world.quinn):
        assert not Client.objects.visible_to(staff).filter(pk=world.b.pk).exists()


# --- The person is still found ----------------------------------------------------------------------------------------


def test_two_open_periods_in_one_program_are_both_kept(world, dana):
    count = Enrollment.objects.filter(client__in=[world.a, world.b]).count()
    Merge.of(world.a, world.b, by=dana, reason=WHY)
    assert Enrollment.objects.filter(client=world.a).count() == count
    assert Enrollment.objects.filter(client=world.a, program=world.ccm).open().count() == 2
    assert CaseAssignment.objects.filter(enrollment__client=world.a).accountable().in_force().count() >= 2


def test_the_names_and_the_number_of_the_other_record_find_the_person(world, dana):
    old, number = world.b.legal_name, world.b.number
    Merge.of(world.a, world.b, by=dana, reason=WHY)
    assert OtherName.objects.filter(client=world.a, kind="merged", name=old).exists()
    for words in (old, number):
        assert world.a in Client.objects.visible_to(dana).search(words), words


def test_a_key_from_elsewhere_leads_to_the_record_that_was_kept(world, dana):
    Merge.of(world.b, world.c, by=dana, reason=WHY)
    Merge.of(world.a, world.b, by=dana, reason=WHY)
    rows = Client.objects.filter(pk__in=[world.a.pk, world.b.pk, world.c.pk])
    assert set(rows.standing().values()) == {world.a.pk}


def test_who_looked_is_told_under_both_numbers(world, dana):
    AccessLog.objects.create(staff=dana, page="x", method="GET", status=200, people=[world.b.pk])
    of_a, of_b = AccessLog.objects.of(world.a).count(), AccessLog.objects.of(world.b).count()
    merge = Merge.of(world.a, world.b, by=dana, reason=WHY)
    assert AccessLog.objects.of(world.a).count() == of_a + of_b
    merge.undo(by=dana, why=NOT)
    assert AccessLog.objects.of(world.a).count() == of_a


def test_a_name_that_another_system_hid_is_not_kept_as_a_name(world, dana):
    hidden = builders.make_client(world.riverside, by=dana, given_name="9f86d081", name_quality="hashed")
    builders.refer(hidden, by=dana)
    Merge.of(hidden, world.a, by=dana, reason=WHY)
    hidden.refresh_from_db()
    assert (hidden.given_name, hidden.name_quality) == (world.a.given_name, "full")
    assert not OtherName.objects.filter(name__contains="9f86").exists()
