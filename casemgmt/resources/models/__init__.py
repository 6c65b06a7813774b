from casemgmt.resources.models.service import Resource, ResourceContact, ResourcePlace, ResourceTip
from casemgmt.resources.models.word import ResourceWord

__all__ = ["Resource", "ResourceContact", "ResourcePlace", "ResourceTip", "ResourceWord"]
