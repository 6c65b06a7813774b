"""All SQL that one kind of database needs; each piece says what SQLite does instead.

On PostgreSQL every tenant table gets a second wall (row-level security), foreign keys that cannot cross from one
tenant to another, and a guard that refuses a change without a history row. SQLite has none of the three: it is for
trying out, and `casemgmt.wsgi` refuses to serve from it unless ALLOW_SQLITE is on.
"""

import json
import sqlite3
from contextlib import contextmanager
from types import SimpleNamespace

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.migrations.operations.base import Operation

TENANT = "app.agency_id"
LOGIN = "app.user_id"


def is_postgres(using=connection):
    return using.vendor == "postgresql"


@contextmanager
def scope(tenant_id=None, login_id=None):
    """One transaction under the application's role, seeing one tenant's rows (PostgreSQL; SQLite: the transaction).

    The settings end with the transaction; inside a transaction that was already open they are put back.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not is_postgres():
            yield
            return
        before = _settings() if nested else None
        set_scope(tenant_id, login_id)
        yield
        # After a rollback PostgreSQL has put the settings back by itself.
        if before is not None and not connection.needs_rollback:
            _check_deferred()
            _set(*before)


def set_scope(tenant_id=None, login_id=None):
    """Show the rest of this transaction the rows of this tenant, and the jobs of this login."""
    if is_postgres():
        _set(settings.DATABASE_APP_ROLE, str(tenant_id or ""), str(login_id or ""))


def _set(role, tenant_id, login_id):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config(%s, %s, true), set_config(%s, %s, true)",
            [role, TENANT, tenant_id, LOGIN, login_id],
        )


def _check_deferred():
    """Let the history guard look while it still sees this tenant's rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _settings():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('role'), coalesce(current_setting(%s, true), ''), "
            "coalesce(current_setting(%s, true), '')",
            [TENANT, LOGIN],
        )
        return cursor.fetchone()


class Holds(models.Lookup):
    """`field__holds=value`: the JSON list in the field holds this number or string.

    PostgreSQL answers from a GIN index; SQLite walks the list.
    """

    lookup_name = "holds"
    prepare_rhs = False

    def get_prep_lookup(self):
        return self.rhs

    def process_rhs(self, compiler, connection):
        return "%s", [self.rhs]

    def as_postgresql(self, compiler, connection):
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} @> to_jsonb(%s::{'bigint' if isinstance(self.rhs, int) else 'text'})", [
            *params,
            self.rhs,
        ]

    def as_sqlite(self, compiler, connection):
        lhs, params = self.process_lhs(compiler, connection)
        return f"EXISTS (SELECT 1 FROM json_each({lhs}) WHERE json_each.value = %s)", [*params, self.rhs]


models.JSONField.register_lookup(Holds)


def refresh_statistics(*models):
    """Tell PostgreSQL how full these tables and their histories have become, after or amid a great many writes.

    Without it, plans made while the tables were empty stay in use and the checks of each row grow with the table.
    A login that does not own the tables may not; then nothing happens. SQLite needs none of it.
    """
    if not is_postgres():
        return
    tables = {m._meta.db_table for m in models}
    tables |= {m.history.model._meta.db_table for m in models if hasattr(m, "history")}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        role = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('role', 'none', true)")
        cursor.execute("ANALYZE " + ", ".join(f'"{table}"' for table in sorted(tables)))
        cursor.execute("SELECT set_config('role', %s, true)", [role])


class Scratch:
    """Keys and values of one long job: a nameless file that grows on disk and not in memory, and ends with the job.

    It is SQLite's private temporary database, whatever database the rows are in. Values are what JSON can hold.
    """

    def __init__(self):
        self._rows = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4096"):
            self._rows.execute(f"PRAGMA {pragma}")
        self._rows.execute("CREATE TABLE kept (space TEXT, key TEXT, value TEXT, PRIMARY KEY (space, key))")

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._rows.close()

    def get(self, space, key):
        """What was put there, or None."""
        asked = self._rows.execute("SELECT value FROM kept WHERE space = ? AND key = ?", [space, key])
        found = asked.fetchone()
        return None if found is None else json.loads(found[0])

    def put(self, space, key, value):
        """Keep the value, in the place of an earlier one."""
        self._rows.execute(
            "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT (space, key) DO UPDATE SET value = excluded.value",
            [space, key, json.dumps(value)],
        )

    def items(self, space):
        """Pairs of key and value, in the order in which the keys came first."""
        asked = self._rows.execute("SELECT key, value FROM kept WHERE space = ? ORDER BY rowid", [space])
        return ((key, json.loads(value)) for key, value in asked)


# --- The wall ---------------------------------------------------------------------------------------------------------

GUARD = """
CREATE OR REPLACE FUNCTION history_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_now jsonb;
    kept jsonb;
BEGIN
    EXECUTE format('SELECT to_jsonb(t) FROM %I t WHERE t.id = $1', TG_TABLE_NAME) INTO row_now
        USING CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
    EXECUTE format(
        'SELECT to_jsonb(h) FROM %I h WHERE h.id = $1 AND h.txid = pg_current_xact_id() '
        'ORDER BY h.history_id DESC LIMIT 1', TG_ARGV[0]) INTO kept
        USING CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
    IF kept IS NULL THEN
        RAISE EXCEPTION 'history guard: % of % left no history row', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF row_now IS NULL AND kept->>'history_type' <> '-' THEN
        RAISE EXCEPTION 'history guard: a deleted row of % is not marked deleted', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    ELSIF row_now IS NOT NULL AND NOT kept @> row_now THEN
        RAISE EXCEPTION 'history guard: the history of % does not match the row', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""


class Wall(Operation):
    """Put the second wall and the history guard around every tenant table of an app (PostgreSQL only).

    For each model with an `agency` key, history included: row-level security, forced, by the tenant of the transaction;
    foreign keys that carry the tenant; a deferred trigger that wants a history row per change. `own_login` names models
    whose rows a person may see by their login alone, which is how somebody finds their own jobs before choosing one.
    Run it again in a later migration after adding a model: what stands already is left as it is.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, own_login=()):
        self.own_login = own_login

    def deconstruct(self):
        return "Wall", [], {"own_login": self.own_login} if self.own_login else {}

    def describe(self):
        return "Build the wall between tenants"

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return
        run = lambda sql: schema_editor.execute(sql, params=None)  # noqa: E731
        run(GUARD)
        run(_role_sql())
        tenant_models = [m for m in to_state.apps.get_app_config(app_label).get_models() if _has_tenant(m)]
        for model in tenant_models:
            for sql in _policy(model, model.__name__ in self.own_login):
                run(sql)
        for model in tenant_models:
            if not _is_history(model):
                for sql in _tenant_keys(model):
                    run(sql)
        for model in tenant_models:
            history = f"Historical{model.__name__}".lower()
            if (app_label, history) in to_state.models:
                for sql in _guard(model, to_state.apps.get_model(app_label, history)):
                    run(sql)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """Nothing to undo: policies, keys and triggers go with their tables."""


class HoldsIndex(Operation):
    """Let PostgreSQL answer `field__holds` from an index; SQLite walks the rows."""

    reversible = True

    def __init__(self, model, field):
        self.model, self.field = model, field

    def deconstruct(self):
        return "HoldsIndex", [self.model, self.field], {}

    def describe(self):
        return f"Index what {self.model}.{self.field} holds"

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            table = to_state.apps.get_model(app_label, self.model)._meta.db_table
            schema_editor.execute(
                f'CREATE INDEX IF NOT EXISTS "{table}_{self.field}_holds" ON "{table}" '
                f'USING gin ("{self.field}" jsonb_path_ops)',
                params=None,
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """The index goes with its table."""


def finish_tables(connection, migrations):
    """What migrations add beyond tables, on tables that stand already: walls, guards, indexes, functions."""
    models = {(m._meta.app_label, m._meta.model_name) for m in apps.get_models()}
    state = SimpleNamespace(apps=apps, models=models)
    with connection.schema_editor() as editor:
        for key in sorted(migrations):
            for operation in migrations[key].operations:
                if type(operation).__module__ == __name__:
                    operation.database_forwards(key[0], editor, None, state)


def _has_tenant(model):
    return any(f.name == "agency" for f in model._meta.local_fields) and model._meta.managed


def _is_history(model):
    return any(f.name == "history_id" for f in model._meta.local_fields)


def _role_sql():
    role = settings.DATABASE_APP_ROLE
    return f"""
    DO $$ BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
            CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$;
    DO $$ BEGIN
        EXECUTE format('GRANT {role} TO %I', current_user);
    EXCEPTION WHEN OTHERS THEN NULL;
    END $$
    """


def _policy(model, own_login):
    table = model._meta.db_table
    mine = f"agency_id = (SELECT nullif(current_setting('{TENANT}', true), '')::bigint)"
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
    yield f'DROP POLICY IF EXISTS tenant ON "{table}"'
    yield f'CREATE POLICY tenant ON "{table}" USING ({mine}) WITH CHECK ({mine})'
    if own_login:
        own = f"user_id = (SELECT nullif(current_setting('{LOGIN}', true), '')::bigint)"
        yield f'DROP POLICY IF EXISTS own_login ON "{table}"'
        yield f'CREATE POLICY own_login ON "{table}" FOR SELECT USING ({own})'


def _tenant_keys(model):
    """Foreign keys that carry the tenant: a plan of one tenant can never point at another's client."""
    table = model._meta.db_table
    yield _add_constraint(table, "tenant_row", "UNIQUE (agency_id, id)")
    for field in model._meta.local_fields:
        if field.many_to_one or field.one_to_one:
            target = field.remote_field.model
            if field.name == "agency" or not _has_tenant(target):
                continue
            yield _add_constraint(target._meta.db_table, "tenant_row", "UNIQUE (agency_id, id)")
            yield _add_constraint(
                table,
                f"tenant_{field.column}",
                f'FOREIGN KEY (agency_id, {field.column}) REFERENCES "{target._meta.db_table}" (agency_id, id) '
                "DEFERRABLE INITIALLY DEFERRED",
            )


def _add_constraint(table, name, body):
    name = f"{table}_{name}"[:63]
    return f"""
    DO $$ BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{name}') THEN
            ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {body};
        END IF;
    END $$
    """


def _guard(model, history):
    table, kept = model._meta.db_table, history._meta.db_table
    yield f'ALTER TABLE "{kept}" ADD COLUMN IF NOT EXISTS txid xid8 DEFAULT pg_current_xact_id()'
    yield f'DROP TRIGGER IF EXISTS history_guard ON "{table}"'
    yield (
        f'CREATE CONSTRAINT TRIGGER history_guard AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION history_guard('{kept}')"
    )


def grant_app_role(append_only_tables):
    """Let the application's role use all tables, and only append to the logs and histories; after each migrate."""
    if not is_postgres():
        return
    role = settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        cursor.execute(_role_sql())
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        for table in append_only_tables:
            cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {role}')


# --- Finding names ----------------------------------------------------------------------------------------------------
# Under row-level security a page may use no index for LIKE: the policy has to come first, and reads every row of
# the tenant. So names are looked up by a function that belongs to a role of its own. That role cannot log in and owns
# nothing else; it may read the few columns that the function reads, of every row, and the function keeps to the tenant
# of the transaction.

SEARCH = """
CREATE OR REPLACE FUNCTION public.{function}(words text[], how text, most integer)
RETURNS TABLE (id bigint, said text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp {threshold} AS $$
DECLARE
    tenant bigint := nullif(current_setting('{tenant}', true), '')::bigint;
    fits text;
BEGIN
    IF tenant IS NULL OR cardinality(words) = 0 THEN
        RETURN;
    ELSIF how = 'contains' THEN
        SELECT string_agg(format('{text} LIKE %L', '%' || translate(w, chr(92), '') || '%'), ' AND ') INTO fits
            FROM unnest(words) w;
        RETURN QUERY EXECUTE format(
            'SELECT {gives}::bigint, {field}::text FROM public.{table} WHERE agency_id = $1 AND %s LIMIT $2', fits)
            USING tenant, most;{alike}
    END IF;
END $$
"""
# What is near needs pg_trgm; without it nothing is found this way.
SEARCH_ALIKE = """
    ELSIF how = 'patterns' AND cardinality(words) > 1 THEN
        SELECT string_agg('(' || p.fits || ')', ' OR ') INTO fits FROM (
            SELECT (SELECT string_agg(format('{text} LIKE %L', translate(part, chr(92), '')), ' AND ')
                    FROM unnest(string_to_array(pattern, '&')) part) AS fits
            FROM unnest(words[2:]) pattern) p;
        RETURN QUERY EXECUTE format(
            'SELECT {gives}::bigint, {field}::text FROM public.{table} WHERE agency_id = $1 AND (%s) '
            'ORDER BY {schema}.similarity({text}, $3) DESC LIMIT $2', fits) USING tenant, most, words[1];
    ELSIF how = 'alike' THEN
        RETURN QUERY EXECUTE
            'SELECT {gives}::bigint, {field}::text FROM public.{table} '
            'WHERE agency_id = $1 AND {text} OPERATOR({schema}.%) $3 '
            'ORDER BY {schema}.similarity({text}, $3) DESC LIMIT $2' USING tenant, most, words[1];"""
# An owner who may not make the role keeps the function: row-level security then holds for it, too, and it is slower.
SEARCH_ROLE = """
DO $search$
DECLARE
    owned boolean := true;
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
            CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
        END IF;
        EXECUTE format('GRANT {role} TO %I', current_user);
    EXCEPTION WHEN insufficient_privilege THEN
        owned := false;
    END;
    EXECUTE $body${body}$body$;
    REVOKE ALL ON FUNCTION {signature} FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION {signature} TO {app_role};
    IF owned THEN
        BEGIN
            GRANT USAGE, CREATE ON SCHEMA public TO {role};
            ALTER FUNCTION {signature} OWNER TO {role};
            REVOKE CREATE ON SCHEMA public FROM {role};
            GRANT SELECT ({columns}) ON "{table}" TO {role};
            DROP POLICY IF EXISTS names ON "{table}";
            CREATE POLICY names ON "{table}" FOR SELECT TO {role} USING (true);
        EXCEPTION WHEN insufficient_privilege THEN NULL;
        END;
        EXECUTE format('REVOKE {role} FROM %I', current_user);
    END IF;
END $search$
"""


class NameSearch(Operation):
    """Let the application find rows by what a folded text field contains, or nearly contains (PostgreSQL only).

    It makes the function that `find` asks, the role that owns it with its policy on this one table, and, where the
    server has pg_trgm, the index. `gives` is the column that is found: the row's key, or a key that it holds.
    """

    reversible = True

    def __init__(self, model, field, gives="id"):
        self.model, self.field, self.gives = model, field, gives

    def deconstruct(self):
        return "NameSearch", [self.model, self.field], {"gives": self.gives} if self.gives != "id" else {}

    def describe(self):
        return f"Find {self.model} by what {self.field} contains"

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            table = to_state.apps.get_model(app_label, self.model)._meta.db_table
            schema_editor.execute(_role_sql(), params=None)
            with schema_editor.connection.cursor() as cursor:
                schema = _trigram_schema(cursor)
            for sql in _search_sql(table, self.field, self.gives, schema):
                schema_editor.execute(sql, params=None)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            table = from_state.apps.get_model(app_label, self.model)._meta.db_table
            for sql in _no_search_sql(table, self.field):
                schema_editor.execute(sql, params=None)


def search_function(table, field):
    """The function that finds rows of this table by this field; its index has the same name."""
    return f"find_{table}_{field}"


def search_role():
    """The role to which these functions belong."""
    return f"{settings.DATABASE_APP_ROLE}_search"


def _trigram_schema(cursor):
    """Where pg_trgm is, after trying to create it; None where there is none and we may not."""
    cursor.execute(
        "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; EXCEPTION WHEN OTHERS THEN NULL; END $$;"
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'"
    )
    found = cursor.fetchone()
    return found and f'"{found[0]}"'


def _search_sql(table, field, gives, schema):
    function = search_function(table, field)
    # A space on either side, so that the beginning and the end of a word can be asked for.
    text = f"(' ' || {field} || ' ')"
    if schema:
        # Little is left unsorted: a search reads all of that, too.
        yield (
            f'CREATE INDEX IF NOT EXISTS "{function}" ON "{table}" '
            f"USING gin ({text} {schema}.gin_trgm_ops) WITH (gin_pending_list_limit = 256)"
        )
    parts = {
        "table": table,
        "field": field,
        "gives": gives,
        "schema": schema,
        "text": text.replace("'", "''"),
    }
    body = SEARCH.format(
        **parts,
        function=function,
        tenant=TENANT,
        threshold="SET pg_trgm.similarity_threshold = 0.3" if schema else "",
        alike=SEARCH_ALIKE.format(**parts) if schema else "",
    )
    yield SEARCH_ROLE.format(
        table=table,
        body=body,
        role=search_role(),
        app_role=settings.DATABASE_APP_ROLE,
        signature=f"public.{function}(text[], text, integer)",
        columns=", ".join(sorted({"id", "agency_id", field, gives})),
    )


def _no_search_sql(table, field):
    function, role = search_function(table, field), search_role()
    yield f"""
    DO $$ BEGIN
        EXECUTE format('GRANT {role} TO %I', current_user);
        DROP FUNCTION IF EXISTS public.{function}(text[], text, integer);
        EXECUTE format('REVOKE {role} FROM %I', current_user);
    END $$
    """
    yield f'DROP INDEX IF EXISTS "{function}"'


def find(places, how, words, most):
    """[(key, text)] found at the `places`, pairs of a model and its field; None where this database cannot tell.

    `how` is "contains" (every word), "patterns" (the text to be near to, then LIKE patterns, several joined by &), or
    "alike" (the text to be near to, by trigrams). SQLite cannot tell: the caller walks the rows it may see.
    """
    if not is_postgres():
        return None
    functions = [search_function(model._meta.db_table, field) for model, field in places]
    asked = " UNION ALL ".join(f"SELECT id, said FROM public.{name}(%s, %s, %s)" for name in functions)
    with connection.cursor() as cursor:
        cursor.execute(asked, [list(words), how, most] * len(functions))
        return cursor.fetchall()
