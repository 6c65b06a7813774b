"""What the server says at start-up about a set-up that is not safe for records."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register


@register(Tags.security)
def database_is_fit(app_configs, **kwargs):
    """Warn of SQLite in production: it has no second wall between agencies; casemgmt.wsgi refuses to serve from it."""
    if settings.DEBUG or settings.ALLOW_SQLITE or "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
        return []
    return [
        Warning(
            "SQLite has no second wall between agencies, and DEBUG is off.",
            hint="Set DATABASE_URL to PostgreSQL 15 or newer; for a try-out set DEBUG=on or ALLOW_SQLITE=on.",
            id="casemgmt.W001",
        )
    ]


@register(Tags.security, deploy=True)
def field_keys_are_set(app_configs, **kwargs):
    """Warn where encrypted fields hang on SECRET_KEY: whoever changes that key would lose them."""
    if settings.FIELD_KEYS != [settings.SECRET_KEY]:
        return []
    return [
        Warning(
            "FIELD_KEYS is not set: identity numbers are encrypted with SECRET_KEY and are lost with it.",
            hint="Write a long random FIELD_KEYS into the environment, and keep it with the backups.",
            id="casemgmt.W002",
        )
    ]


@register(Tags.security, deploy=True)
def key_is_set(app_configs, **kwargs):
    """Refuse to deploy with a key that changes at each start."""
    if settings.SECRET_KEY_IS_SET:
        return []
    return [
        Error(
            "SECRET_KEY is not set.", hint="Write a long random one into the environment.", id="casemgmt.E001"
        )
    ]
