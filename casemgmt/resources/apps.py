from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    """Floor 1, above agencies: the directory of community services."""

    name = "casemgmt.resources"
