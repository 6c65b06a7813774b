"""Prove that all migrations, one after the other, build what `migrate` makes at once of an empty database.

python casemgmt/tests/with_postgres.py python casemgmt/tests/schema.py
"""

import os
import sys
from pathlib import Path

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
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", step_by_step=True, verbosity=0)
    migrated = told(connection)
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE at_once")
    connection.close()
    connection.settings_dict["NAME"] = "at_once"
    call_command("migrate", verbosity=0)
    at_once = told(connection)
    lines = []
    for what in ASKED:
        # Django's own tables are not ours to compare.
        ours = lambda rows: {row for row in rows if not str(row[0]).startswith(("django_", "auth_"))}  # noqa: E731
        one, other = ours(migrated[what]), ours(at_once[what])
        lines += [f"only by migrations, {what}: {row}" for row in sorted(one - other, key=repr)]
        lines += [f"only at once, {what}: {row}" for row in sorted(other - one, key=repr)]
    print("\n".join(lines) or "Migrations build the database that is made at once.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
