from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


def _grant(sender, **kwargs):
    """After each migrate: the application's role may use the tables, and only append to logs and histories."""
    from casemgmt.core import db, models

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

        post_migrate.connect(_grant, sender=apps.get_app_config("demo"))
