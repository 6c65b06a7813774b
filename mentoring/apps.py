from django.apps import AppConfig


class MentoringConfig(AppConfig):
    """Floor 4, beside the plans: pairings of mentors and new hires, and what they do together."""

    name = "mentoring"
