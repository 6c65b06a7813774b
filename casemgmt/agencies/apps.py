from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.models.signals import post_migrate


def _furnish(sender, **kwargs):
    """After each migrate: the cache has its table, and the application's role may use all, but only append to logs."""
    from casemgmt.core import db, models

    call_command("createcachetable", verbosity=0)
    append_only = [
        m._meta.db_table
        for m in apps.get_models()
        if issubclass(m, models.AppendOnly) or hasattr(m, "history_id")
    ]
    db.grant_app_role(append_only)


class AgenciesConfig(AppConfig):
    """Floor 1: agencies, programs, staff, roles, credentials, notices."""

    name = "casemgmt.agencies"

    def ready(self):
        from casemgmt.agencies import checks, signals  # noqa: F401

        post_migrate.connect(_furnish, sender=apps.get_app_config("demo"))
