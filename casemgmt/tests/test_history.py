"""Every write leaves a history row that names the person and the reason, or it is refused; and history stays as it is.

A test tries one way of writing on every audited model and names the models on which it slipped through.
"""

import uuid
from collections import defaultdict
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from assessments.models import Instrument, InstrumentVersion, ProgramInstrument
from casemgmt.agencies.models import (
    ConsentText,
    Credential,
    EligibilityCriterion,
    LoginEvent,
    Notice,
    OperatorEntry,
    ProgramStep,
    Submission,
    User,
    acting_as,
)
from casemgmt.core import acting
from casemgmt.core.models import AppendOnly, Audited, HistoryRequired, create_many, update_many
from casemgmt.demo.builders import list_resource
from casemgmt.demo.cast import build_cast
from casemgmt.interchange.models import ImportRow, ImportRun
from casemgmt.tests.world import undone, whole_record
from clients.models import AccessLog, Client, ConflictOfInterest, CriterionAnswer, RestrictedTo
from mentoring.models import ActivityType, MentoringActivity

pytestmark = pytest.mark.django_db

REASON = "The letter came back."
AUDITED = sorted((m for m in apps.get_models() if issubclass(m, Audited)), key=lambda m: m.__name__)
FACTS = sorted((m for m in apps.get_models() if issubclass(m, AppendOnly)), key=lambda m: m.__name__)


def whole_agency(agency, program, worker, colleague, pairing):
    """At least one row of every model in one agency; returns the record of the person served."""
    person = whole_record(agency, program, worker, opened_by=colleague)
    list_resource(agency, by=worker, place={"city": "Riverside"}, contact={"name": "Jo"}, tip="Ring twice.")
    with acting_as(agency, by=worker):
        asked = Instrument.objects.get(agency=agency, code="OWN")
        ProgramInstrument.objects.create(program=program, instrument=asked, within_days=14)
        # A draft: what is published never changes.
        InstrumentVersion.take_in(
            agency, {"code": "OWN", "version": "2", "title": "Own", "items": [{"text": "?", "kind": "text"}]}
        )
        question = EligibilityCriterion.objects.create(program=program, question="Lives here")
        CriterionAnswer.objects.create(decision=person.decision, criterion=question, answer=True)
        Credential.objects.create(staff=worker, kind="Licence")
        run = ImportRun.objects.create(by=worker, kind="clients", file_name="people.csv")
        ImportRow.objects.create(run=run, line=1, cells=["Robin"])
        ConsentText.objects.create(agency=agency, kind="service", edition="1", body="I agree.")
        ProgramStep.objects.create(program=program, title="Plan", after_days=14)
        Notice.objects.create(staff=worker, kind="plan", subject="1", text="Look at the plan.")
        RestrictedTo.objects.create(client=person.client, staff=worker)
        ConflictOfInterest.objects.create(client=person.client, staff=colleague)
        AccessLog.objects.create(staff=worker, page="a", method="GET", status=200, people=[person.client.pk])
        Submission.objects.create(agency=agency, staff=worker, key=uuid.uuid4(), path="/", digest="0")
        types = ActivityType.objects.filter(agency=agency)[:1]
        MentoringActivity.log(
            pairing,
            by=pairing.mentee,
            held_on=timezone.localdate(),
            minutes=30,
            types=types,
            note="We spoke.",
        )
        OperatorEntry.objects.create(
            user=worker.user, into=agency, reason="A fault.", ends_at=timezone.now() - timedelta(days=1)
        )
        LoginEvent.objects.create(kind="in", username=worker.user.username)
    return person


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The cast, and one row at least of every model at riverside."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = build_cast()
        cast.person = whole_agency(cast.riverside, cast.ccm, cast.wendy, cast.walt, cast.pairing)
        yield cast
        transaction.set_rollback(True)


@pytest.fixture
def wendy_acts(world):
    with acting_as(world.riverside, by=world.wendy, reason=REASON):
        yield world.wendy


def one(model):
    """A row that is there; the newest, so that little hangs on it."""
    return model._base_manager.order_by("-pk").first()


def another(row):
    """An unsaved row like this one; what must be unique gets a new value, or a parent of its own."""
    model = type(row)
    new = model(
        **{
            f.attname: getattr(row, f.attname)
            for f in model._meta.local_concrete_fields
            if not f.primary_key and f.name != "version"
        }
    )
    single = [(f.name,) for f in model._meta.local_concrete_fields if f.unique and not f.primary_key]
    several = [c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    changed = set()
    for names in single + sorted(several, key=len):
        if not changed.intersection(names) and "source_key" not in names:
            changed.add(_make_unique(new, [n for n in names if n != "agency"]))
    return new


def _make_unique(new, names):
    fields = [new._meta.get_field(name) for name in names]
    free = next((f for f in fields if isinstance(f, models.CharField) and not f.choices), None)
    if free:
        setattr(new, free.name, uuid.uuid4().hex[: min(free.max_length, 20)])
        return free.name
    key = next((f for f in fields if isinstance(f, models.UUIDField)), None)
    if key:
        setattr(new, key.name, uuid.uuid4())
        return key.name
    parent = next(f for f in fields if f.is_relation)
    if parent.null:
        setattr(new, parent.name, None)
    else:
        row = another(getattr(new, parent.name))
        row.save()
        setattr(new, parent.name, row)
    return parent.name


def slipped(models_tried, attempt):
    """The models on which `attempt` found something to complain of; each is undone before the next."""
    found = []
    for model in models_tried:
        with undone():
            complaint = attempt(model)
        if complaint:
            found.append(f"{model.__name__}: {complaint}")
    return found


def listed(found):
    return "\n  " + "\n  ".join(found)


def trace(model, pk, kind, person, before=0):
    """What is wrong with the newest history of a row; None when it names kind, person and reason."""
    rows = list(model.history.filter(id=pk).order_by("-history_id"))
    if len(rows) != before + 1:
        return f"{len(rows) - before} history rows instead of 1"
    newest = rows[0]
    said = (newest.history_type, newest.history_user_id, newest.history_change_reason)
    return None if said == (kind, person.pk, REASON) else f"history says {said}"


# --- Writes that leave history ----------------------------------------------------------------------------------------


def test_every_model_has_a_row_to_try(world):
    assert not [m.__name__ for m in [*AUDITED, *FACTS] if one(m) is None], "add one in whole_agency()"


def save(model):
    row = one(model)
    row.save()
    return row.pk, "~"


def save_some_fields(model):
    row = one(model)
    row.save(update_fields=["version"])
    return row.pk, "~"


def update_or_create_old(model):
    row = one(model)
    model.objects.update_or_create(pk=row.pk, defaults={"version": row.version})
    return row.pk, "~"


def update_several(model):
    row = one(model)
    update_many(model, [row], [])
    return row.pk, "~"


def save_new(model):
    row = another(one(model))
    row.save()
    return row.pk, "+"


def create(model):
    return model.objects.create(**values(another(one(model)))).pk, "+"


def get_or_create(model):
    return model.objects.get_or_create(pk=10**9, defaults=values(another(one(model))))[0].pk, "+"


def update_or_create_new(model):
    return model.objects.update_or_create(pk=10**9, defaults=values(another(one(model))))[0].pk, "+"


def create_several(model):
    return create_many(model, [another(one(model))])[0].pk, "+"


def values(row):
    return {f.attname: getattr(row, f.attname) for f in row._meta.local_concrete_fields if not f.primary_key}


@pytest.mark.parametrize(
    "write",
    [
        save,
        save_some_fields,
        update_or_create_old,
        update_several,
        save_new,
        create,
        get_or_create,
        update_or_create_new,
        create_several,
    ],
)
def test_every_write_leaves_one_history_row_with_person_and_reason(wendy_acts, write):
    def attempt(model):
        before = model.history.filter(id=one(model).pk).count()
        pk, kind = write(model)
        return trace(model, pk, kind, wendy_acts, before if kind == "~" else 0)

    found = slipped(AUDITED, attempt)
    assert not found, f"{write.__name__} leaves no such history:" + listed(found)


def delete_row(row):
    row.delete()


def delete_queryset(row):
    type(row).objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize("delete", [delete_row, delete_queryset])
def test_every_deletion_leaves_a_history_row_with_person_and_reason(wendy_acts, delete):
    def attempt(model):
        row = another(one(model))
        row.save()
        pk = row.pk
        delete(row)
        return trace(model, pk, "-", wendy_acts, before=1)

    found = slipped(AUDITED, attempt)
    assert not found, listed(found)


def test_nothing_that_others_hang_on_is_deleted(wendy_acts, world):
    with pytest.raises(models.ProtectedError):
        world.person.client.delete()


def test_every_write_raises_the_version(wendy_acts):
    def attempt(model):
        before = one(model).version
        for n, write in enumerate((save, save_some_fields, update_several), 1):
            write(model)
            if one(model).version != before + n:
                return f"{write.__name__} leaves version {one(model).version}"
        return None

    assert not slipped(AUDITED, attempt)


def test_a_new_row_begins_with_version_1(wendy_acts):
    assert not slipped(AUDITED, lambda model: another(one(model)).version - 1)


# --- Writes that are refused ------------------------------------------------------------------------------------------


def raw_save(row):
    row.save_base(raw=True)


def skip_flag(row):
    row.skip_history_when_saving = True
    row.save()


REFUSED = {
    "QuerySet.update": lambda row: type(row).objects.filter(pk=row.pk).update(version=99),
    "update through the base manager": lambda row: type(row)._base_manager.update(version=99),
    "bulk_update": lambda row: type(row).objects.bulk_update([row], ["version"]),
    "bulk_create": lambda row: type(row).objects.bulk_create([row]),
    "bulk_create with update_conflicts": lambda row: type(row).objects.bulk_create(
        [row], update_conflicts=True, update_fields=["version"], unique_fields=["id"]
    ),
    "_raw_delete": lambda row: type(row).objects.filter(pk=row.pk)._raw_delete("default"),
    "save_base(raw=True)": raw_save,
    "save_without_historical_record": lambda row: row.save_without_historical_record(),
    "skip_history_when_saving": skip_flag,
}


@pytest.mark.parametrize("write", REFUSED)
def test_what_would_leave_no_history_is_refused(wendy_acts, write):
    def attempt(model):
        row = one(model)
        try:
            REFUSED[write](row)
        except HistoryRequired:
            return None
        return "was written"

    found = slipped(AUDITED, attempt)
    assert not found, f"{write} slipped past casemgmt.core.models.Audited:" + listed(found)


def related_managers():
    """(parent model, accessor, child model): the ways from a row to its audited children."""
    for parent in apps.get_models():
        for relation in parent._meta.related_objects:
            name = relation.get_accessor_name()
            if relation.one_to_many and name and issubclass(relation.related_model, Audited):
                yield parent, name, relation.related_model


@pytest.mark.parametrize("verb", ["add", "update", "bulk_create"])
def test_related_managers_are_guarded_too(wendy_acts, verb):
    writes = {
        "add": lambda manager, row: manager.add(row),
        "update": lambda manager, row: manager.update(version=99),
        "bulk_create": lambda manager, row: manager.bulk_create([another(row)]),
    }
    found = []
    for parent, name, child in related_managers():
        with undone():
            try:
                writes[verb](getattr(one(parent), name), one(child))
            except HistoryRequired:
                continue
            except IntegrityError:
                pass  # it went as far as the database
        found.append(f"{parent.__name__}.{name}.{verb}")
    assert not found, listed(found)


# --- PostgreSQL looks at commit ---------------------------------------------------------------------------------------
# All runs in one transaction here, and the guard is asked early (SET CONSTRAINTS), as acting_as does at its end.


def past_the_orm(model):
    """A queryset without our guard: what raw SQL or a careless package would do."""
    return models.QuerySet(model)


def raw_insert(model, row):
    past_the_orm(model).bulk_create([another(row)])


def raw_update(model, row):
    past_the_orm(model).filter(pk=row.pk).update(version=models.F("version") + 1)


def raw_delete(model, row):
    past_the_orm(model).filter(pk=row.pk)._raw_delete("default")


def save_then_update(model, row):
    row.save()
    raw_update(model, row)


GUARDED = [m for m in AUDITED if any(f.name == "agency" for f in m._meta.local_fields)]


@pytest.mark.postgres
@pytest.mark.parametrize("write", [raw_insert, raw_update, raw_delete, save_then_update])
def test_the_database_refuses_what_left_no_history(world, write):
    def attempt(model):
        try:
            with transaction.atomic(), acting_as(world.riverside, by=world.wendy, reason=REASON):
                row = one(model)
                if write is raw_delete:
                    row = another(row)
                    row.save()
                write(model, row)
        except IntegrityError as error:
            return None if "history guard" in str(error) else str(error)
        return "was written"

    found = slipped(GUARDED, attempt)
    assert not found, "no guard (migration operation casemgmt.core.db.Wall):" + listed(found)


@pytest.mark.postgres
def test_the_guard_lets_honest_writes_pass(world):
    """Or the tests above would prove nothing."""

    def attempt(model):
        with acting_as(world.riverside, by=world.wendy, reason=REASON):
            save(model)
            pk, _kind = save_new(model)
            model.objects.get(pk=pk).delete()

    assert not slipped(GUARDED, attempt)


# --- History and facts stay as they are -------------------------------------------------------------------------------


def save_again(row):
    row.save()


def save_over(row):
    """A new row with the key of an old one."""
    type(row)(**{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}).save()


KEEPS = {
    "save": save_again,
    "save_base": lambda row: row.save_base(raw=True),
    "delete": lambda row: row.delete(),
    "QuerySet.update": lambda row: type(row).objects.filter(pk=row.pk).update(pk=row.pk),
    "QuerySet.delete": lambda row: type(row).objects.filter(pk=row.pk).delete(),
    "bulk_update": lambda row: type(row).objects.bulk_update([row], [_any_field(row)]),
    "_raw_delete": lambda row: type(row)._base_manager.filter(pk=row.pk)._raw_delete("default"),
}


def _any_field(row):
    return next(f.name for f in row._meta.concrete_fields if not f.primary_key)


@pytest.mark.parametrize("write", KEEPS)
def test_facts_and_history_are_never_changed(wendy_acts, write):
    def attempt(model):
        try:
            KEEPS[write](one(model))
        except HistoryRequired:
            return None
        return "was changed"

    found = slipped(FACTS, attempt)
    assert not found, listed(found)


def test_a_new_fact_never_replaces_an_old_one(wendy_acts):
    def attempt(model):
        try:
            with transaction.atomic():
                save_over(one(model))
        except IntegrityError:
            return None
        return "was replaced"

    assert not slipped(FACTS, attempt)


def test_the_history_of_a_row_is_not_deleted_through_the_row(wendy_acts):
    row = one(Client)
    for write in (lambda: row.history.all().delete(), lambda: row.history.update(number="9")):
        with pytest.raises(HistoryRequired):
            write()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table}"]
)
def test_the_application_may_only_append_to_facts_and_history(world, statement):
    def attempt(model):
        sql = statement.format(
            table=connection.ops.quote_name(model._meta.db_table),
            column=connection.ops.quote_name(model._meta.concrete_fields[-1].column),
        )
        try:
            with (
                transaction.atomic(),
                acting_as(world.riverside, by=world.wendy),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql)
        except ProgrammingError as error:
            return None if "permission denied" in str(error) else str(error)
        return "was allowed"

    found = slipped(FACTS, attempt)
    assert not found, "casemgmt.core.db.grant_app_role revokes it after each migrate:" + listed(found)


# --- Who and why ------------------------------------------------------------------------------------------------------


def test_the_reason_of_a_part_ends_with_the_part(wendy_acts, world):
    client = world.person.client
    with undone():
        with acting.because("Moved house."):
            client.save()
        client.save()
        newest = client.history.order_by("-history_id").values_list("history_change_reason", flat=True)
        assert list(newest[:2]) == [REASON, "Moved house."]


def test_a_declared_job_has_no_person_but_a_reason(world):
    with undone(), acting_as(world.riverside, by=None, reason="Import of May."):
        one(Client).save()
        newest = one(Client).history.first()
        assert (newest.history_user, newest.history_change_reason) == (None, "Import of May.")


def test_nobody_acts_after_the_work_is_done(world):
    with acting_as(world.riverside, by=world.wendy, reason=REASON):
        pass
    assert acting.current() == acting.NOBODY


def test_every_row_of_the_world_names_who_wrote_it(world):
    """Where a person acted: the record was written by its worker or on their behalf, never by nobody."""
    nameless = [
        m.__name__
        for m in AUDITED
        if hasattr(m, "path")
        and m.path
        and m.history.filter(agency=world.riverside, history_user=None).exists()
    ]
    assert not nameless


@pytest.fixture
def wendys_browser(world):
    browser = Browser()
    browser.force_login(world.wendy.user)
    return browser


def test_a_page_writes_the_person_who_sent_it(world, wendys_browser):
    client = world.person.client
    url = reverse("clients:client-edit", kwargs={"pk": client.pk})
    form = wendys_browser.get(url).context["form"]
    sent = {
        bound.html_name: bound.value()
        for bound in form
        if bound.value() is not None and not isinstance(bound.value(), list | bool)
    }
    answer = wendys_browser.post(url, sent | {"pronouns": "she/her", "submit_key": uuid.uuid4()})
    assert answer.status_code == 302
    newest = client.history.first()
    assert (newest.pronouns, newest.history_user_id) == ("she/her", world.wendy.pk)


def test_a_page_writes_the_reason_that_was_given(world, wendys_browser):
    enrollment = world.person.enrollment
    url = reverse("workspace:enrollment-move", kwargs={"pk": enrollment.pk})
    sent = {"stage": "concluding", "note": "They move away.", "submit_key": uuid.uuid4()}
    assert wendys_browser.post(url, sent).status_code == 302
    newest = enrollment.history.first()
    assert (newest.stage, newest.history_user_id) == ("concluding", world.wendy.pk)
    assert newest.history_change_reason == "They move away."


def test_a_login_has_history_as_well(world):
    user = world.wendy.user
    before = user.history.count()
    user.is_active = False
    user.save()
    assert user.history.count() == before + 1
    assert user.history.first().is_active is False


def test_the_history_of_a_login_keeps_no_password(world):
    assert not {"password", "last_login"} & {f.name for f in User.history.model._meta.fields}


# --- History tells what stands ----------------------------------------------------------------------------------------


def differences(model):
    """Rows whose newest history says something else than the row, or is missing (the audit query of SAFETY.md 6)."""
    names = [f.attname for f in model._meta.local_concrete_fields]
    newest = defaultdict(lambda: None)
    for kept in model.history.order_by("history_id").values("history_type", *names):
        newest[kept["id"]] = kept
    rows = {row["id"]: row for row in models.QuerySet(model).values(*names)}
    for pk in rows.keys() | newest.keys():
        row, kept = rows.get(pk), newest[pk]
        if kept is None:
            yield f"{pk} has no history"
        elif row is None:
            if kept["history_type"] != "-":
                yield f"{pk} is gone and history does not say so"
        elif wrong := [n for n in names if row[n] != kept[n]]:
            yield f"{pk} differs in {', '.join(wrong)}"


def test_history_equals_the_rows_of_the_whole_world(world):
    found = [f"{model.__name__} {one}" for model in AUDITED for one in differences(model)]
    assert not found, listed(found)


@pytest.mark.postgres
def test_the_guards_would_find_nothing_at_commit(world):
    with undone(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
