from django.apps import AppConfig


class ServicePlansConfig(AppConfig):
    """Floor 4: plans, goals, progress and the services of others."""

    name = "serviceplans"

    def ready(self):
        from serviceplans import gates  # noqa: F401
