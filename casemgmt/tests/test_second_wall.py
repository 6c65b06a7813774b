"""The second wall: with every filter of the application switched off, PostgreSQL shows one agency nothing of another.

A superuser's connection would make the wall look useless, and an empty table perfect: so the role and the rows behind
the wall are asserted as well.
"""

from threading import Thread

import pytest
from django.apps import apps
from django.db import Error, connection, models, transaction
from django.test import Client as Browser
from django.urls import reverse

from casemgmt.agencies.models import (
    Agency,
    LoginEvent,
    OperatorEntry,
    ScopedQuerySet,
    StaffMember,
    User,
    acting_as,
)
from casemgmt.core import db
from casemgmt.core.models import AppendOnly
from casemgmt.demo import builders
from casemgmt.demo.cast import build_cast
from casemgmt.tests.test_history import whole_agency
from casemgmt.tests.world import plant, undone
from clients.models import Client, Enrollment
from mentoring.models import Pairing

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

OURS = [m for m in apps.get_models() if m.__module__.partition(".")[0] in (
    "casemgmt", "clients", "assessments", "serviceplans", "mentoring"
)]  # fmt: skip
TENANT = sorted(
    (m for m in OURS if any(f.name == "agency" for f in m._meta.local_fields)), key=lambda m: m.__name__
)
ROWS = [m for m in TENANT if not hasattr(m, "history_id")]
CANARY = "CANARY-lakeside"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The cast; every model has rows at lakeside, with a canary in their texts; at riverside Wendy serves somebody."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = build_cast()
        with acting_as(cast.lakeside, by=cast.olive):
            pairing = Pairing.propose(mentor=cast.lars, mentee=cast.olive, by=cast.olive)
            pairing.accept(by=cast.lars)
        cast.theirs = whole_agency(cast.lakeside, cast.outreach, cast.lars, cast.olive, pairing)
        plant(cast.lakeside, "lars", cast.theirs.client)
        client = builders.make_client(cast.riverside, by=cast.wendy)
        cast.enrollment = builders.enroll(client, cast.ccm, cast.wendy)
        # What is still to be checked is checked here, so that it does not fail a test that has nothing to do with it.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield cast
        transaction.set_rollback(True)


def ask(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def everything(model):
    """All rows, as a query that knows nothing of people and agencies would ask for them."""
    return models.QuerySet(model)


def refused(error, write):
    """What is wrong when `write` is not refused with these words; undone either way."""
    with undone():
        try:
            with transaction.atomic():
                write()
                ask("SELECT 1")
        except Error as problem:
            return None if error in str(problem) else str(problem).strip()
    return "was allowed"


def listed(found):
    return "\n  " + "\n  ".join(found)


# --- The wall stands around every table -------------------------------------------------------------------------------


def test_every_table_with_an_agency_is_walled_in():
    open_tables = ask(
        """
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, p.polname
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'agency_id' AND NOT a.attisdropped
        LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'tenant'
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND p.polname IS NOT NULL)
        """
    )
    assert not open_tables, f"add casemgmt.core.db.Wall() to a migration after these: {open_tables}"


def test_no_table_of_ours_lacks_an_agency_unless_it_belongs_to_none():
    """Agencies, logins, sign-ins and the operator's book are the platform's own."""
    platform = {Agency, User, LoginEvent, OperatorEntry}
    platform |= {m.history.model for m in platform if hasattr(m, "history")}
    assert {m for m in OURS if m not in TENANT} == platform


def test_every_policy_asks_for_the_agency_of_the_transaction():
    mine = "(agency_id = ( SELECT (NULLIF(current_setting('app.agency_id'::text, true), ''::text))::bigint"
    loose = [
        (table, name)
        for table, name, command, seen, written in ask(
            "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'"
        )
        if (name == "tenant" and not (seen.startswith(mine) and written.startswith(mine)))
        or (name != "tenant" and (name, command) not in (("own_login", "SELECT"), ("names", "SELECT")))
    ]
    assert not loose


SEARCH = "casemgmt_app_search"
SEARCHED = [
    ("clients_client", "name_key"),
    ("clients_client", "phone_key"),
    ("clients_othername", "name_key"),
]


def test_nothing_looks_over_the_wall():
    """Views and functions that run as their owner would; those of the search belong to a role that can do no more."""
    assert not ask(
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
    )
    over = ask(
        "SELECT proname, proowner::regrole::text FROM pg_proc WHERE prosecdef AND NOT EXISTS "
        "(SELECT 1 FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e') "
        "AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
    )
    assert sorted(over) == sorted((db.search_function(*place), SEARCH) for place in SEARCHED)


def test_the_searchs_role_reads_a_few_columns_and_can_do_nothing_else():
    assert ask(
        "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s",
        SEARCH,
    ) == [(False, False, False, False, False)]
    assert not ask("SELECT relname FROM pg_class WHERE relowner = %s::regrole", SEARCH)
    assert not ask(
        "SELECT roleid::regrole, member::regrole FROM pg_auth_members "
        "WHERE %s::regrole IN (roleid, member) AND (member = %s::regrole OR set_option)"
        if connection.pg_version >= 160000
        else "SELECT roleid, member FROM pg_auth_members WHERE %s::regrole IN (roleid, member) "
        "AND (member = %s::regrole OR NOT admin_option)",
        SEARCH,
        SEARCH,
    )
    assert not ask("SELECT 1 WHERE has_schema_privilege(%s, 'public', 'CREATE')", SEARCH)
    may = ask(
        "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges WHERE grantee = %s",
        SEARCH,
    )
    assert {(table, column) for table, column, _what in may} == {
        *(("clients_client", column) for column in ("id", "agency_id", "name_key", "phone_key")),
        *(("clients_othername", column) for column in ("id", "agency_id", "name_key", "client_id")),
    }
    assert {what for _table, _column, what in may} == {"SELECT"}
    policies = ask("SELECT tablename, roles::text[], qual FROM pg_policies WHERE policyname = 'names'")
    assert sorted(policies) == [
        (table, [SEARCH], "true") for table in sorted({table for table, _field in SEARCHED})
    ]


@pytest.mark.parametrize("place", SEARCHED, ids=" ".join)
def test_the_search_is_asked_by_the_application_alone_and_trusts_no_path(place):
    signature = f"public.{db.search_function(*place)}(text[], text, integer)"
    ((settings, granted),) = ask(
        "SELECT proconfig, proacl::text FROM pg_proc WHERE oid = %s::regprocedure", signature
    )
    assert "search_path=pg_catalog, pg_temp" in settings
    assert granted.startswith("{")
    may = set(granted.strip("{}").split(","))
    assert {entry.partition("=")[0] for entry in may} == {"casemgmt_app", SEARCH}


@pytest.mark.parametrize("how", ["contains", "patterns", "alike"])
@pytest.mark.parametrize("place", SEARCHED, ids=" ".join)
def test_the_search_never_finds_another_agencys_rows(world, place, how):
    """Whatever is asked for: theirs is not found here, and without an agency nothing is."""
    table, field = place
    words = {"contains": ["%"], "patterns": ["a", "%"], "alike": ["canary lakeside"]}[how]
    asked = f"SELECT id FROM public.{db.search_function(table, field)}(%s, %s, 1000)"  # noqa: S608 (our own names)
    key = "client_id" if table == "clients_othername" else "id"
    of_theirs = f"SELECT {key} FROM {table} WHERE agency_id = %s"  # noqa: S608 (our own names)
    theirs = {pk for (pk,) in ask(of_theirs, world.lakeside.pk)}
    assert theirs
    with acting_as(world.lakeside, by=world.lars):
        if how != "alike":
            assert {pk for (pk,) in ask(asked, words, how)} == theirs
    with acting_as(world.riverside, by=world.wendy):
        assert not {pk for (pk,) in ask(asked, words, how)} & theirs
    with db.scope():
        assert not ask(asked, words, how)


def test_what_is_asked_of_the_search_is_never_run(world):
    for word in ("' OR true --", "%L", "\\", "a' UNION SELECT 1, 'x"):
        with acting_as(world.riverside, by=world.wendy):
            for how, words in (
                ("contains", [word]),
                ("patterns", [word, word, f"{word}&{word}"]),
                ("alike", [word]),
            ):
                found = ask("SELECT id FROM public.find_clients_client_name_key(%s, %s, 10)", words, how)
                assert {pk for (pk,) in found} <= {world.enrollment.client_id}


@pytest.mark.parametrize("trigrams", ["public", None], ids=["with pg_trgm", "without"])
def test_an_owner_of_the_tables_without_other_rights_can_build_the_search(trigrams):
    """No superuser, no BYPASSRLS: a role that may create roles and owns the table is enough, as for the other role."""
    with undone():
        ask(
            "CREATE ROLE builder NOLOGIN CREATEROLE; GRANT CREATE ON SCHEMA public TO builder WITH GRANT OPTION; "
            "SET LOCAL ROLE builder; CREATE TABLE toy (id bigint, agency_id bigint, name_key varchar(400)); SELECT 1"
        )
        assert not ask("SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)")
        as_toy(db._search_sql("toy", "name_key", "id", trigrams))
        ask("ALTER TABLE toy ENABLE ROW LEVEL SECURITY; ALTER TABLE toy FORCE ROW LEVEL SECURITY; SELECT 1")
        owner = ask("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'find_toy_name_key'")
        assert owner == [("toy_search",)]
        ask("RESET ROLE; INSERT INTO toy VALUES (1, 7, 'rosa tamayo'), (2, 8, 'rosa tamayo'); SELECT 1")
        ask("SET LOCAL ROLE casemgmt_app; SELECT set_config('app.agency_id', '7', true)")
        found = {
            how: ask("SELECT id FROM find_toy_name_key(ARRAY['tama'], %s, 10)", how)
            for how in ("contains", "alike")
        }
        assert found == {"contains": [(1,)], "alike": [(1,)] if trigrams else []}
        ask("RESET ROLE; SET LOCAL ROLE builder; SELECT 1")
        as_toy(db._no_search_sql("toy", "name_key"))
        assert not ask("SELECT 1 FROM pg_proc WHERE proname = 'find_toy_name_key'")


def as_toy(statements):
    for sql in statements:
        with connection.cursor() as cursor:
            cursor.execute(sql.replace(SEARCH, "toy_search"))


def test_every_foreign_key_between_tables_with_an_agency_carries_the_agency():
    kept = set(
        ask(
            """
            SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
                   (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(num, n)
                    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
                   (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(num, n)
                    JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num)
            FROM pg_constraint c WHERE c.contype = 'f' AND c.convalidated
            """
        )
    )
    missing = [
        f"{model.__name__}.{field.name}"
        for model in ROWS
        for field in model._meta.local_fields
        if field.is_relation and field.related_model in ROWS
        if (
            model._meta.db_table,
            field.related_model._meta.db_table,
            f"agency_id,{field.column}",
            "agency_id,id",
        )
        not in kept
    ]
    assert not missing, "add casemgmt.core.db.Wall() to a migration after these:" + listed(missing)


# --- Who works behind it ----------------------------------------------------------------------------------------------


def test_work_is_done_under_a_role_that_cannot_pass(world):
    with acting_as(world.riverside, by=world.wendy):
        assert ask(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ) == [("casemgmt_app", False, False, False)]


def test_the_role_owns_no_table_and_belongs_to_no_other_role():
    """An owner could switch row-level security off."""
    assert not ask("SELECT relname FROM pg_class WHERE relowner = 'casemgmt_app'::regrole")
    assert not ask("SELECT roleid::regrole FROM pg_auth_members WHERE member = 'casemgmt_app'::regrole")


def test_the_role_cannot_switch_the_wall_off(world):
    def write():
        with acting_as(world.riverside, by=world.wendy):
            ask("SELECT set_config('row_security', 'off', true)")
            everything(Client).count()

    assert refused("would be affected by row-level security", write) is None


def test_every_question_of_a_page_about_an_agency_is_asked_under_that_role(world):
    """From the finding of one's jobs to the last row: nothing of a tenant is read as the owner of the tables."""
    tables, seen, busy = {f'"{m._meta.db_table}"' for m in TENANT}, [], False

    def look(execute, sql, params, many, context):
        nonlocal busy
        if not busy and any(table in sql for table in tables):
            busy = True
            seen.append(ask("SELECT current_user::text")[0][0])
            busy = False
        return execute(sql, params, many, context)

    browser = Browser()
    browser.force_login(world.wendy.user)
    with connection.execute_wrapper(look):
        answer = browser.get(reverse("workspace:client", kwargs={"pk": world.enrollment.client_id}))
    assert answer.status_code == 200
    assert len(seen) > 5
    assert set(seen) == {"casemgmt_app"}


# --- With every filter of the application switched off ----------------------------------------------------------------


@pytest.fixture
def without_filters(monkeypatch):
    """The whole application believes that everybody sees everything."""

    def unscoped(rows, staff):
        rows = rows.all()
        rows._viewer = staff
        return rows

    def doors(cls):
        yield cls
        for child in cls.__subclasses__():
            yield from doors(child)

    for cls in set(doors(ScopedQuerySet)):
        for name in ("visible_to", "_seen_by", "for_figures", "to_recognise", "reachable_by"):
            if name in vars(cls):
                monkeypatch.setattr(cls, name, unscoped)


@pytest.fixture
def at_riverside(world):
    with acting_as(world.riverside, by=world.dana):
        yield world


def test_there_are_rows_behind_the_wall(world):
    empty = [m.__name__ for m in ROWS if not everything(m).filter(agency=world.lakeside).exists()]
    assert not empty, "what is not there cannot leak; add it to test_history.whole_agency():" + listed(empty)


@pytest.mark.usefixtures("without_filters")
def test_nothing_of_another_agency_can_be_read(at_riverside):
    leaks = [
        f"{model.__name__}: {count}"
        for model in TENANT
        for count in [everything(model).exclude(agency=at_riverside.riverside.pk).count()]
        if count
    ]
    assert not leaks, listed(leaks)


@pytest.mark.usefixtures("without_filters")
def test_no_canary_of_another_agency_is_in_any_text(at_riverside):
    leaks = [
        model.__name__
        for model in TENANT
        if any(CANARY in str(value) for row in everything(model).values() for value in row.values())
    ]
    assert not leaks, listed(leaks)


PAGES = {
    "workspace:client": "client",
    "workspace:change": "client",
    "workspace:client-history": "client",
    "workspace:client-access": "client",
    "clients:client-edit": "client",
    "clients:referral-detail": "referral",
    "clients:intake-detail": "intake",
    "workspace:visit-detail": "visit",
    "workspace:visit-edit": "draft",
    "workspace:discharge": "enrollment",
    "serviceplans:plan-detail": "plan_signed",
    "assessments:administration-detail": "administration",
}
LISTS = (
    "clients:client-list",
    "clients:intake-list",
    "workspace:caseload",
    "workspace:assignment-list",
    "reports:outcomes",
)


@pytest.mark.parametrize("name", [*PAGES, *LISTS])
@pytest.mark.usefixtures("without_filters")
def test_no_page_shows_a_canary_of_another_agency(world, name):
    browser = Browser(raise_request_exception=False)
    browser.force_login(world.dana.user)
    with undone():
        pk = {"pk": getattr(world.theirs, PAGES[name]).pk} if name in PAGES else {}
        answer = browser.get(reverse(name, kwargs=pk))
    assert answer.status_code == (404 if name in PAGES else 200)
    assert CANARY not in answer.text


def test_the_switched_off_filters_would_show_it(world, without_filters):
    """Or the tests above would prove nothing: on the near side of the wall the same question finds the canary."""
    with acting_as(world.lakeside, by=world.olive):
        assert Client.objects.visible_to(world.dana).filter(given_name__contains=CANARY).exists()


# --- Writing across ---------------------------------------------------------------------------------------------------


def copy_of(model, agency):
    row = everything(model).filter(agency=agency).order_by("pk").first()
    row.pk = None
    return row


def test_no_row_of_another_agency_can_be_written(world):
    found = []
    for model in TENANT:
        row = copy_of(model, world.lakeside)

        def write(row=row, model=model):
            with acting_as(world.riverside, by=world.wendy):
                everything(model).bulk_create([row])

        if problem := refused("violates row-level security policy", write):
            found.append(f"{model.__name__}: {problem}")
    assert not found, listed(found)


def test_no_row_can_be_given_to_another_agency(world):
    """Nor taken: a row of another agency is not there to be changed."""
    found = []
    for model in (m for m in ROWS if not issubclass(m, AppendOnly)):

        def give(model=model):
            with acting_as(world.lakeside, by=world.lars):
                everything(model).update(agency=world.riverside.pk)

        if problem := refused("violates row-level security policy", give):
            found.append(f"{model.__name__}: {problem}")
        with undone(), acting_as(world.riverside, by=world.wendy):
            theirs = everything(model).filter(agency=world.lakeside.pk)
            if theirs.update(agency=world.riverside.pk) or theirs._raw_delete("default"):
                found.append(f"{model.__name__}: taken")
    assert not found, listed(found)


def test_a_row_never_points_at_another_agencys_row(world):
    """Foreign keys ignore row-level security, and the owner of the tables does, too: the key itself refuses."""

    def write():
        everything(Enrollment).filter(pk=world.enrollment.pk).update(client=world.theirs.client.pk)
        ask("SET CONSTRAINTS ALL IMMEDIATE; SELECT 1")

    assert refused("clients_enrollment_tenant_client_id", write) is None


def test_no_child_is_at_another_agency_than_its_parent(world):
    found = []
    for model in ROWS:
        if not any(f.is_relation and f.related_model in ROWS for f in model._meta.local_fields):
            continue

        def write(model=model):
            everything(model).filter(agency=world.lakeside.pk).update(agency=world.riverside.pk)
            ask("SET CONSTRAINTS ALL IMMEDIATE; SELECT 1")

        if problem := refused("violates foreign key constraint", write):
            found.append(f"{model.__name__}: {problem}")
    assert not found, listed(found)


# --- The scope of a transaction ---------------------------------------------------------------------------------------


def test_no_scope_means_no_rows(world):
    with db.scope():
        shown = [m.__name__ for m in TENANT if everything(m).exists()]
    assert not shown


def test_no_scope_means_no_writing(world):
    row = copy_of(Client, world.lakeside)

    def write():
        with db.scope():
            everything(Client).bulk_create([row])

    assert refused("violates row-level security policy", write) is None


def agencies_seen():
    return set(everything(Client).values_list("agency__slug", flat=True))


def test_a_scope_inside_a_scope_is_put_back(world):
    with acting_as(world.riverside, by=world.wendy):
        with acting_as(world.lakeside, by=world.lars):
            assert agencies_seen() == {"lakeside"}
        assert agencies_seen() == {"riverside"}
    assert agencies_seen() == {"riverside", "lakeside"}


def test_a_scope_that_failed_is_put_back(world):
    with acting_as(world.riverside, by=world.wendy):
        with pytest.raises(ZeroDivisionError), acting_as(world.lakeside, by=world.lars):
            raise ZeroDivisionError
        assert agencies_seen() == {"riverside"}


def test_somebodys_own_jobs_are_seen_by_their_login_alone(world):
    with db.scope(None, world.wendy.user_id):
        assert [s.pk for s in everything(StaffMember)] == [world.wendy.pk]
        others = [m.__name__ for m in TENANT if m is not StaffMember and everything(m).exists()]
    assert not others


def test_a_login_alone_changes_nothing(world):
    """Neither a role of its own job nor the job itself, not even while at work at another agency."""
    for agency in (None, world.lakeside.pk):
        with undone(), db.scope(agency, world.wendy.user_id):
            own = everything(StaffMember).filter(pk=world.wendy.pk)
            assert own.exists()
            assert own.update(roles=["director"]) == 0
            assert own._raw_delete("default") == 0


def test_the_scope_ends_with_its_transaction():
    """On a connection of its own, with a real commit: the next transaction, perhaps another agency's, starts anew."""
    seen = {}

    def work():
        try:
            with db.scope(1, 2):
                seen["during"] = db._settings()
            seen["after"] = db._settings()
            with pytest.raises(ZeroDivisionError), db.scope(1, 2):
                raise ZeroDivisionError
            seen["after failing"] = db._settings()
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()
    nothing = ("none", "", "")
    assert seen == {"during": ("casemgmt_app", "1", "2"), "after": nothing, "after failing": nothing}
