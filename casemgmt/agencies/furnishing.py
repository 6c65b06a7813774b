"""What a database needs beside its tables, after each migrate."""

from django.apps import apps
from django.core.management import call_command

from casemgmt.core import db
from casemgmt.core.models import AppendOnly


def furnish(sender, **kwargs):
    """Give the cache its table, and the application's role all tables, of logs and histories only to append."""
    call_command("createcachetable", verbosity=0)
    db.grant_app_role(
        m._meta.db_table for m in apps.get_models() if issubclass(m, AppendOnly) or hasattr(m, "history_id")
    )
