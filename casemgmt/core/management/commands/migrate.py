"""Django's own `migrate`, which makes the tables of an empty database at once."""

from contextlib import nullcontext

from django.apps import apps
from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from casemgmt.core.db import finish_tables

NARROWER = ("app_label", "migration_name", "fake", "fake_initial", "plan", "check_unapplied", "prune")


class Command(migrate.Command):
    """Where nothing stands yet, the tables come as the models want them, and all migrations count as applied.

    Django draws its picture of all models anew at each step of a migration: step by step an empty database takes
    minutes. That both ways end in the same database is proved by casemgmt/tests/schema.py. A database that holds
    anything, and every option that asks for less than all, goes Django's way; so does `--step-by-step`.
    """

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--step-by-step", action="store_true", help="Go through every migration.")

    def handle(self, *args, **options):
        connection = connections[options["database"]]
        narrower = options.pop("step_by_step", False) or any(options.get(name) for name in NARROWER)
        if not narrower and not connection.introspection.table_names():
            self.verbosity = options["verbosity"]
            # Whoever is interrupted here finds the database as empty as before; SQLite allows no such bracket.
            whole = transaction.atomic(connection.alias) if connection.vendor != "sqlite" else nullcontext()
            with whole:
                self._at_once(connection)
        super().handle(*args, **options)

    def _at_once(self, connection):
        self.sync_apps(connection, {app.label for app in apps.get_app_configs()})
        loader = MigrationLoader(connection)
        finish_tables(connection, loader.disk_migrations)
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for app, name in loader.graph.nodes:
            recorder.record_applied(app, name)
