from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Floor 3: assessments, and the needs and strengths that come out of them."""

    name = "assessments"

    def ready(self):
        from assessments import gates  # noqa: F401
