from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AgenciesConfig(AppConfig):
    """Floor 1: agencies, programs, staff, roles, credentials, notices."""

    name = "casemgmt.agencies"

    def ready(self):
        from casemgmt.agencies import checks, furnishing, signals  # noqa: F401

        post_migrate.connect(furnishing.furnish, sender=self)
