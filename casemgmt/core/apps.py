from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The ground: audited rows, scoped querysets, forms. It has no table and no word of the field."""

    name = "casemgmt.core"
