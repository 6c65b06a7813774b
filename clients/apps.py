from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Floor 2: people, intake, enrollments, visits, consent, discharge and who looked."""

    name = "clients"

    def ready(self):
        from clients import gates  # noqa: F401
