"""The tables as the models have them, at once, instead of through every migration one after the other.

Django rebuilds its picture of all models at each step of a migration, which takes minutes by now: tests start from
`build` (pytest.ini: --nomigrations). That both ways lead to the same database is proved by running this file:

    python casemgmt/tests/with_postgres.py python casemgmt/tests/schema.py
"""

import os
import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

OURS = ("casemgmt.", "clients", "assessments", "serviceplans", "mentoring")
# What a database is, in rows that do not tell in which order it came to be.
ASKED = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,
               is_nullable, column_default, is_identity
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal""",
    "policies": """
        SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies
        WHERE schemaname = 'public'""",
    "walls": """
        SELECT relname, relrowsecurity, relforcerowsecurity, relacl::text FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace""",
    "functions": """
        SELECT proname, pg_get_functiondef(p.oid), proowner::regrole::text, proacl::text FROM pg_proc p
        WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
}


def build(connection):
    """What migrations add beyond tables, on tables that stand already: walls, guards, special indexes."""
    from django.apps import apps

    models = {(m._meta.app_label, m._meta.model_name): m for m in apps.get_models()}
    state = SimpleNamespace(apps=apps, models=models)
    with connection.schema_editor() as editor:
        for app in apps.get_app_configs():
            if not app.name.startswith(OURS):
                continue
            for operation in _beyond_tables(app.name):
                operation.database_forwards(app.label, editor, None, state)


def _beyond_tables(name):
    from django.db.migrations.operations.base import Operation

    try:
        package = import_module(f"{name}.migrations")
    except ModuleNotFoundError:
        return
    for found in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        for operation in import_module(f"{name}.migrations.{found}").Migration.operations:
            if isinstance(operation, Operation) and type(operation).__module__ == "casemgmt.core.db":
                yield operation


def after_tables(sender, using, **kwargs):
    """Receives post_migrate, which comes when all tables stand."""
    from django.db import connections

    if sender.label == "agencies":
        build(connections[using])


def told(connection):
    """Everything about a database as sets of rows."""
    with connection.cursor() as cursor:
        found = {}
        for what, question in ASKED.items():
            cursor.execute(question)
            found[what] = set(cursor.fetchall())
    return found


def main():
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgmt.settings")
    os.environ.setdefault("SECRET_KEY", "only-for-tests")

    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.models.signals import post_migrate

    call_command("migrate", verbosity=0)
    migrated = told(connection)
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE at_once")
    connection.close()
    connection.settings_dict["NAME"] = "at_once"

    class NoMigrations:
        __contains__ = lambda self, app: True  # noqa: E731
        __getitem__ = lambda self, app: None  # noqa: E731

    settings.MIGRATION_MODULES = NoMigrations()
    post_migrate.connect(after_tables)
    call_command("migrate", run_syncdb=True, verbosity=0)
    at_once = told(connection)
    lines = []
    for what in ASKED:
        # The log of migrations is only in one, and Django's own tables are not ours to compare.
        ours = lambda rows: {row for row in rows if not str(row[0]).startswith(("django_", "auth_"))}  # noqa: E731
        one, other = ours(migrated[what]), ours(at_once[what])
        lines += [f"only by migrations, {what}: {row}" for row in sorted(one - other, key=repr)]
        lines += [f"only at once, {what}: {row}" for row in sorted(other - one, key=repr)]
    print("\n".join(lines) or "Migrations build the database that the models want.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
