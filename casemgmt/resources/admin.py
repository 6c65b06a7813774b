"""The directory in the set-up; places and tips are kept on the pages, behind their own rules."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.admin import AgencyAdmin, Open, OwnRows
from casemgmt.resources.models import Resource, ResourceContact


class ContactInline(OwnRows):
    model = ResourceContact
    template = "admin/edit_inline/stacked.html"  # side by side they are wider than a screen
    fields = ("name", "role", "phone", "email", "ended_on")


@admin.register(Resource)
class ResourceAdmin(AgencyAdmin):
    list_display = ("name", "organization", "verified_on", "closed_on")
    list_filter = (Open,)
    search_fields = ("name", "organization")
    inlines = (ContactInline,)
    readonly_fields = ("verified_on", "verified_by", "source")
    fieldsets = (
        (None, {"fields": ("name", "organization", "description", "closed_on")}),
        (
            _("For whom, and how"),
            {"fields": ("eligibility", "how_to_apply", "documents", "fees", "capacity")},
        ),
        (_("Reach"), {"fields": ("email", "website", "hours", "area")}),
        (_("Where it comes from"), {"fields": ("verified_on", "verified_by", "source")}),
    )
